//! Words that the source must not use: in its strings, which users read, and in its
//! comments. CONTRIBUTING.md has the style.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of `src` that are checked.
const ROOMS: [&str; 8] = [
    "base", "plan", "claims", "allocate", "run", "audit", "export", "cli",
];

/// Words and phrases, in lower case, and what to write instead.
const FORBIDDEN: [(&str, &str); 35] = [
    ("anew", "again, or re-"),
    ("as it stands", "as written"),
    ("be had", "be obtained"),
    ("beside", "next to, or other than"),
    ("by hand", "manually, or name the caller"),
    ("cannot be seen", "invisible"),
    ("cannot be told", "name the doubt"),
    ("come to together", "total"),
    ("everybody", "each claimant"),
    ("folder of the run", "run folder"),
    ("given twice", "specified twice"),
    ("held against", "compared with"),
    ("left of the", "left in the"),
    ("made up", "generated"),
    ("money of the pool", "the pool's money"),
    ("nobody", "no claimant"),
    ("one too many", "unexpected"),
    ("of the same claimant", "for the same claimant"),
    ("row of totals", "totals row"),
    ("running number", "sequence number"),
    ("somebody", "a claimant"),
    ("so many", "the number of"),
    ("stand for", "represent"),
    ("standing", "name the state"),
    ("stands", "is"),
    ("stands for", "represents"),
    ("takes part", "participates"),
    ("tell", "describe, or report"),
    ("telling", "describing"),
    ("tells", "describes, or reports"),
    ("told", "described, or reported"),
    ("what there is", "name the thing"),
    ("whoever", "name the person"),
    ("worked out", "computed"),
    ("works out", "computes"),
];

/// A comment or a message must not begin with these: it would have no main clause.
const OPENINGS: [&str; 8] = [
    "What ", "Whether ", "How ", "Where ", "Who ", "Whose ", "Why ", "Of which",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The texts of a file, each with its line: string literals, and comments as a whole.
/// The names of tests are code, and are not among them.
fn texts(source: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut rest = source;
    let mut line = 1;
    let mut after_comment = false;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            let text = rest[..end].trim_start_matches(['/', '!']).trim();
            match found.last_mut() {
                Some((_, comment)) if after_comment => {
                    comment.push(' ');
                    comment.push_str(text);
                }
                _ => found.push((line, text.to_owned())),
            }
            after_comment = true;
            end
        } else if first == '"' || rest.starts_with("r#\"") {
            let (open, close) = match first {
                '"' => (1, "\""),
                _ => (3, "\"#"),
            };
            let end = literal_end(&rest[open..], close) + open;
            found.push((line, words(&rest[open..end])));
            after_comment = false;
            end + close.len()
        } else if rest.starts_with("'\"'")
            || rest.starts_with("b'\"'")
            || rest.starts_with("'\\\"'")
        {
            rest.find("\"'").unwrap() + 2
        } else {
            after_comment &= first.is_whitespace();
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

fn literal_end(text: &str, close: &str) -> usize {
    let mut at = 0;
    while !text[at..].starts_with(close) {
        let escaped = close == "\"" && text[at..].starts_with('\\');
        at += usize::from(escaped);
        at += text[at..].chars().next().unwrap().len_utf8();
    }
    at
}

/// A string literal without its line breaks.
fn words(literal: &str) -> String {
    let lines = literal.split("\\\n").map(str::trim_start);
    lines.collect::<Vec<_>>().join("").replace('\n', " ")
}

/// True if the text contains the phrase as whole words.
fn contains(text: &str, phrase: &str) -> bool {
    let is_word = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    };
    text.match_indices(phrase).any(|(at, _)| {
        !is_word(text[..at].chars().next_back())
            && !is_word(text[at + phrase.len()..].chars().next())
    })
}

#[test]
fn strings_and_comments_use_the_words_of_the_field() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for room in ROOMS {
        files.push(source.join(format!("{room}.rs")));
        sources(&source.join(room), &mut files);
    }
    files.sort();
    let mut wrong = Vec::new();
    for file in files {
        let code = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&source).unwrap().display().to_string();
        // Names in JSON are one word, and scripts know them.
        let texts = texts(&code).into_iter();
        for (line, text) in texts.filter(|(_, text)| text.contains(' ')) {
            let lower = text.to_lowercase();
            for (phrase, better) in FORBIDDEN {
                if contains(&lower, phrase) {
                    wrong.push(format!("src/{name}:{line}: `{phrase}` ({better}): {text}"));
                }
            }
            if OPENINGS.iter().any(|opening| text.starts_with(opening)) {
                wrong.push(format!("src/{name}:{line}: no main clause: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn texts_are_found_with_their_lines() {
    let code = "/// A comment\n/// in two lines.\nlet a = \"one \\\n  \\\"text\\\"\"; // After.\nlet b = '\"';\nlet c = r#\"raw \"text\"\"#;\n";
    let expected = [
        (1, "A comment in two lines."),
        (3, "one \\\"text\\\""),
        (4, "After."),
        (6, "raw \"text\""),
    ];
    let expected = expected.map(|(line, text)| (line, text.to_owned()));
    assert_eq!(texts(code), expected);
    assert!(contains("it is anew", "anew") && !contains("renewed", "anew"));
}
