//! Every message of the program, word for word: each case of the catalogue
//! `messages/*.md` is a test. The comment of `catalogue.rs` says how a page is written.
//!
//! A command that goes wrong prints nothing on standard output, and leaves no file
//! behind and none changed.
//!
//! `PAYOUT_BLESS=1 cargo test --test messages` writes what is printed into the pages.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    dead_code,
    reason = "a test may fail by panicking, and the other tests use more of the helpers"
)]

mod catalogue;
mod golden;
mod markdown;
mod package;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::catalogue::{Case, Command, Page, pages};
use crate::golden::blessing;
use crate::support::{Job, Said, feed, names};

/// A console block to be rewritten: its page, the line of its opening fence, its number
/// of lines, and its new text.
type Edit = (PathBuf, usize, usize, String);

static EDITS: Mutex<Vec<Edit>> = Mutex::new(Vec::new());

fn main() -> ExitCode {
    let pages = pages();
    let mut trials = vec![form(&pages)];
    for page in pages {
        let area = page.path.file_stem().unwrap().to_str().unwrap().to_owned();
        for case in page.sections.into_iter().flat_map(|section| section.cases) {
            let path = page.path.clone();
            let name = format!("{area}::{}", case.name);
            trials.push(Trial::test(name, move || try_case(&path, &case)));
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    bless(&mut EDITS.lock().unwrap());
    conclusion.exit_code()
}

/// The page of messages that need what a case cannot prepare.
const WITHOUT_CASES: &str = "without-a-case.md";

/// That a section says why, and has cases of names that no other has.
fn form(pages: &[Page]) -> Trial {
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    let all = || pages.iter().flat_map(|page| &page.sections);
    let consoles = || {
        all()
            .flat_map(|section| &section.cases)
            .flat_map(|case| &case.console)
    };
    // A message that is shown only after others, or cannot be shown, has no case.
    let unshown = pages
        .iter()
        .filter(|page| page.path.ends_with(WITHOUT_CASES));
    let unshown: Vec<&String> = unshown
        .flat_map(|page| &page.sections)
        .map(|section| &section.title)
        .collect();
    for section in all() {
        let code = section.title.split(' ').next().unwrap_or_default();
        let shown = format!("error[{code}]: ");
        let may_lack = unshown.contains(&&section.title)
            || consoles().any(|console| console.text.contains(&shown));
        if section.why.trim().is_empty() || section.cases.is_empty() && !may_lack {
            wrong.push(format!("`{}` has no reason or no case", section.title));
        }
        for case in &section.cases {
            let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !case.name.chars().all(is_of_name) || !known.insert(&case.name) {
                wrong.push(format!("`{}` is no name, or one twice", case.name));
            }
        }
    }
    let name = "every_section_says_why_and_every_case_has_its_name";
    Trial::test(name, move || nothing(&wrong))
}

/// Runs a case and compares what is printed with its console block, or has the block
/// rewritten.
fn try_case(path: &Path, case: &Case) -> Result<(), Failed> {
    let job = Job::new();
    for (name, content) in &case.files {
        fs::create_dir_all(job.path(name).parent().unwrap()).unwrap();
        job.write(name, content);
    }
    let console = case.console.as_ref().ok_or("it has no command")?;
    let (last, before) = console.commands.split_last().ok_or("it has no command")?;
    for command in before {
        let said = run(&job, command);
        if said.status != 0 || !said.stderr.is_empty() {
            return Err(format!("a command before fails: {}", said.stderr).into());
        }
    }
    let there = files(&job.path("."), "");
    let said = run(&job, last);
    let mut wrong = Vec::new();
    let found = console.with(&said.stderr, said.status);
    if found != console.text && blessing() {
        let lines = console.text.lines().count();
        let edit = (path.to_owned(), console.line, lines, found);
        EDITS.lock().unwrap().push(edit);
    } else if found != console.text {
        let (path, line, expected) = (path.display(), console.line, &console.text);
        wrong.push(format!(
            "{path}:{line}\n--- expected\n{expected}--- found\n{found}"
        ));
    }
    wrong.extend(against_the_rules(&said));
    let left = files(&job.path("."), "");
    if left != there {
        let (left, there) = (list(&left), list(&there));
        wrong.push(format!("it leaves {left}, changed from {there}"));
    }
    nothing(&wrong)
}

/// That nothing is wrong.
fn nothing(wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("\n").into())
}

fn run(job: &Job, command: &Command) -> Said {
    let stdin = command.stdin.as_ref().map(|name| job.path(name));
    let stdin = stdin.map(|path| fs::read(path).unwrap());
    let mut process = job.command();
    feed(process.args(&command.arguments), &stdin.unwrap_or_default())
}

/// What no message may do.
fn against_the_rules(said: &Said) -> Vec<String> {
    let mut wrong = Vec::new();
    // Many problems of claims begin with the number of each kind.
    let (first, _) = said.stderr.split_once('\n').unwrap_or_default();
    let counts = first.starts_with("error: ") && first.ends_with(" in the claims:");
    if !counts && !said.stderr.starts_with("error[") {
        wrong.push("it does not begin with `error[CODE]`".to_owned());
    }
    if !matches!(said.status, 2 | 3) {
        wrong.push(format!("the exit status is {}", said.status));
    }
    if !said.stdout.is_empty() {
        wrong.push(format!("it prints on standard output: {}", said.stdout));
    }
    wrong
}

/// Every file in a folder or below it.
fn files(folder: &Path, within: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(files(&path, &format!("{within}{name}/")));
        } else {
            found.push((format!("{within}{name}"), fs::read(&path).unwrap()));
        }
    }
    found
}

fn list(files: &[(String, Vec<u8>)]) -> String {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

/// Rewrites console blocks in their pages.
fn bless(edits: &mut [Edit]) {
    // From the end, so that the lines of the others stay the same.
    edits.sort();
    for (path, fence, old_lines, text) in edits.iter().rev() {
        let page = fs::read_to_string(path).unwrap();
        let mut lines: Vec<&str> = page.lines().collect();
        lines.splice(*fence..*fence + *old_lines, text.lines());
        fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}
