//! Reads the catalogue of messages, `messages/*.md`.
//!
//! A page is `# an area`, with `## sections`, each a message and why the program
//! gives it, and in a section `### cases`, each a test by that name. A block is a file
//! to work on if a name follows its language: ```` ```csv claims.csv ````. One that
//! is above the cases of a section, or above the sections of a page, is shared by
//! them, unless a case has a file of that name itself. What is special about a file:
//!
//! - `NAME.xlsx.parts` is packed to `NAME.xlsx`. It has the XML of the parts that matter,
//!   each below a line `=== NAME`.
//! - After `escaped`, as in ```` ```csv claims.csv escaped ````, a backslash begins what
//!   Markdown cannot hold: `\r`, `\t`, `\0`, a byte `\x1f`, a character `\u{200b}`,
//!   `\(…){50}` for fifty repetitions, and `\\`. At the end of a line it takes back the
//!   line break.
//!
//! A `console` block ends a case. It has the command, perhaps after others that prepare
//! its folder, succeed and print nothing, and then what the command prints on standard
//! error, word for word. The exit status is 2 unless a last line, `exit status 3`, says
//! otherwise. A command may go on in lines that begin with `> `, and end with the name
//! of a file that is its standard input, after `<`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::{Block, Part, parts};
use crate::package::packed;
use crate::support::names;

/// That of a command line, a plan or claims that cannot be used.
const USUAL_STATUS: i32 = 2;

pub(crate) struct Page {
    pub path: PathBuf,
    pub sections: Vec<Section>,
}

#[derive(Default)]
pub(crate) struct Section {
    /// The message in words that do not depend on a case.
    pub title: String,
    /// Why the program gives it.
    pub why: String,
    pub cases: Vec<Case>,
}

#[derive(Default)]
pub(crate) struct Case {
    pub name: String,
    /// The files to work on, those that it shares with others too.
    pub files: Files,
    pub console: Option<Console>,
}

type Files = Vec<(String, Vec<u8>)>;

/// What is typed, and what is printed.
pub(crate) struct Console {
    /// The line of its opening fence.
    pub line: usize,
    /// The block as it is written.
    pub text: String,
    /// The number of its lines that are typed.
    typed: usize,
    /// The last one is the one that fails.
    pub commands: Vec<Command>,
}

pub(crate) struct Command {
    pub arguments: Vec<String>,
    /// The file that is its standard input.
    pub stdin: Option<String>,
}

/// Every page, by name.
pub(crate) fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    let paths = names(&folder).into_iter().map(|name| folder.join(name));
    paths.map(page).collect()
}

fn page(path: PathBuf) -> Page {
    let text = fs::read_to_string(&path).unwrap();
    let mut sections: Vec<Section> = Vec::new();
    // The shared files of the page, those of the section, and those of the case.
    let mut files: [Files; 3] = Default::default();
    for part in parts(&text) {
        let section = sections.last_mut();
        match part {
            Part::Line(line) => {
                if let Some(title) = line.strip_prefix("## ") {
                    files[1..].fill(Files::new());
                    sections.push(Section {
                        title: title.to_owned(),
                        ..Section::default()
                    });
                } else if let Some(name) = line.strip_prefix("### ") {
                    files[2].clear();
                    section.unwrap().cases.push(Case {
                        name: name.to_owned(),
                        ..Case::default()
                    });
                } else if let Some(section) = section.filter(|section| section.cases.is_empty()) {
                    section.why += &format!("{line}\n");
                }
            }
            Part::Block(block) if block.kind == "console" => {
                let case = section.unwrap().cases.last_mut().unwrap();
                assert!(case.console.is_none(), "{}: two commands", case.name);
                case.files = merged(&files);
                case.console = Some(Console::new(block));
            }
            Part::Block(block) => {
                let level = match &section {
                    None => 0,
                    Some(section) => 1 + usize::from(!section.cases.is_empty()),
                };
                files[level].push(file(&block));
            }
        }
    }
    Page { path, sections }
}

/// Each file as it is given closest to the case.
fn merged(levels: &[Files; 3]) -> Files {
    let mut merged = Files::new();
    for (name, content) in levels.iter().rev().flatten() {
        if merged.iter().all(|(known, _)| known != name) {
            merged.push((name.clone(), content.clone()));
        }
    }
    merged
}

/// The name and the content of a file.
fn file(block: &Block) -> (String, Vec<u8>) {
    let mut words = block.kind.split(' ').skip(1);
    let name = words.next();
    let name = name.unwrap_or_else(|| panic!("line {}: no file is named", block.line));
    let content = match words.next() {
        None => block.text.clone().into_bytes(),
        Some("escaped") => unescaped(&block.text),
        Some(word) => panic!("line {}: `{word}`", block.line),
    };
    match name.strip_suffix(".parts") {
        None => (name.to_owned(), content),
        Some(workbook) => (workbook.to_owned(), packed(&workbook_parts(&content))),
    }
}

/// The parts of a workbook, each of them below a line `=== NAME`.
fn workbook_parts(content: &[u8]) -> Vec<(&str, String)> {
    let text = std::str::from_utf8(content).unwrap();
    let parts = text.split("=== ").skip(1);
    let parts = parts.map(|part| part.split_once('\n').unwrap());
    parts
        .map(|(name, content)| (name, content.to_owned()))
        .collect()
}

/// The bytes that a text with backslashes means.
fn unescaped(mut text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((before, after)) = text.split_once('\\') {
        bytes.extend(before.as_bytes());
        let (stands_for, rest) = escape(after);
        bytes.extend(stands_for);
        text = rest;
    }
    bytes.extend(text.as_bytes());
    bytes
}

/// What the text after a backslash begins with, and the rest of the text.
fn escape(text: &str) -> (Vec<u8>, &str) {
    let (letter, rest) = text.split_at(1);
    match letter {
        "\n" => (Vec::new(), rest),
        "\\" => (b"\\".to_vec(), rest),
        "0" => (b"\0".to_vec(), rest),
        "r" => (b"\r".to_vec(), rest),
        "t" => (b"\t".to_vec(), rest),
        "x" => {
            let (digits, rest) = rest.split_at(2);
            (vec![u8::from_str_radix(digits, 16).unwrap()], rest)
        }
        "u" => {
            let (digits, rest) = rest[1..].split_once('}').unwrap();
            let code = u32::from_str_radix(digits, 16).unwrap();
            let letter = char::from_u32(code).unwrap();
            (letter.to_string().into_bytes(), rest)
        }
        "(" => {
            let (repeated, rest) = rest.split_once("){").unwrap();
            let (times, rest) = rest.split_once('}').unwrap();
            (unescaped(repeated).repeat(times.parse().unwrap()), rest)
        }
        _ => panic!("no escape: \\{letter}"),
    }
}

impl Console {
    fn new(block: Block) -> Self {
        let lines = block.text.lines();
        let typed = lines.take_while(|line| line.starts_with(['$', '>']));
        let typed: Vec<&str> = typed.collect();
        let joined = typed.join("\n").replace("\\\n>", "");
        Self {
            line: block.line,
            commands: joined.lines().map(Command::new).collect(),
            typed: typed.len(),
            text: block.text,
        }
    }

    /// The block if this is printed.
    pub(crate) fn with(&self, stderr: &str, status: i32) -> String {
        let typed = self.text.split_inclusive('\n').take(self.typed);
        let mut text = typed.collect::<String>() + stderr;
        if status != USUAL_STATUS {
            text += &format!("exit status {status}\n");
        }
        text
    }
}

impl Command {
    fn new(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned).skip(2);
        assert!(line.starts_with("$ payout "), "{line}");
        let arguments = words.by_ref().take_while(|word| word != "<").collect();
        let stdin = words.next();
        Self { arguments, stdin }
    }
}
