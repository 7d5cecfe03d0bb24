//! The catalogue of messages: each folder of `errors/` is something that goes
//! wrong, with the exact words in which the program says so.
//!
//! A folder holds the files to work on, `args` (by default
//! `compute claims.csv --plan plan.toml`), perhaps `stdin`, perhaps `before` with
//! commands that are carried out first, a line each, and what is expected: `stderr`
//! and `status`. A plan or claims file that it lacks is taken from `errors/` itself, so that a folder shows only what is wrong.
//! `claims.xlsx.parts` is packed to `claims.xlsx`: it has the XML of the parts
//! that matter, each below a line with its name.
//! Nothing may be printed on standard output, and no file may be left behind.
//!
//! `PAYOUT_BLESS=1 cargo test` rewrites `stderr` and `status`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::golden::differs_from_golden;
use crate::support::{Job, feed, names};
use crate::workbook::package::from_text;

const DEFAULT_ARGUMENTS: &str = "compute claims.csv --plan plan.toml";

/// Files of a folder that are not inputs.
const EXPECTATIONS: [&str; 5] = ["args", "before", "stdin", "stderr", "status"];

fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

/// The entries of the catalogue, by name.
fn entries() -> Vec<PathBuf> {
    let catalogue = catalogue();
    let paths = names(&catalogue)
        .into_iter()
        .map(|name| catalogue.join(name));
    paths.filter(|path| path.is_dir()).collect()
}

/// The inputs of an entry: their names and contents.
fn inputs(entry: &Path) -> Vec<(String, Vec<u8>)> {
    let mut inputs = files(entry, "");
    inputs.retain(|(name, _)| !EXPECTATIONS.contains(&name.as_str()));
    for (name, content) in &mut inputs {
        if let Some(workbook) = name.strip_suffix(".parts") {
            *content = from_text(&String::from_utf8_lossy(content));
            *name = workbook.to_owned();
        }
    }
    for shared in ["plan.toml", "claims.csv"] {
        if inputs.iter().all(|(name, _)| name != shared) {
            let content = fs::read(catalogue().join(shared)).unwrap();
            inputs.push((shared.to_owned(), content));
        }
    }
    inputs.sort();
    inputs
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

/// What is wrong with an entry.
fn problem(entry: &Path) -> Option<String> {
    let job = Job::new();
    for (name, content) in inputs(entry) {
        fs::create_dir_all(job.path(&name).parent().unwrap()).unwrap();
        job.write(&name, content);
    }
    let before = fs::read_to_string(entry.join("before")).unwrap_or_default();
    for line in before.lines() {
        let said = job.payout(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(said.status, 0, "{line}: {}", said.stderr);
    }
    let inputs = files(&job.path("."), "");
    let arguments = fs::read_to_string(entry.join("args"));
    let arguments = arguments.unwrap_or_else(|_| DEFAULT_ARGUMENTS.to_owned());
    let stdin = fs::read(entry.join("stdin")).unwrap_or_default();
    let said = feed(job.command().args(arguments.split_whitespace()), &stdin);
    let mut problems: Vec<String> = Vec::new();
    problems.extend(differs_from_golden(&entry.join("stderr"), &said.stderr));
    let status = format!("{}\n", said.status);
    problems.extend(differs_from_golden(&entry.join("status"), &status));
    if !said.stderr.starts_with("error: ") {
        problems.push("it does not begin with `error: `".to_owned());
    }
    if !matches!(said.status, 2 | 3) {
        problems.push(format!("the exit status is {}", said.status));
    }
    if !said.stdout.is_empty() {
        problems.push(format!("it prints on standard output: {}", said.stdout));
    }
    let left = files(&job.path("."), "");
    if left != inputs {
        let names = |files: &[(String, Vec<u8>)]| {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            names.join(", ")
        };
        let (left, before) = (names(&left), names(&inputs));
        problems.push(format!("it leaves {left}, changed from {before}"));
    }
    (!problems.is_empty()).then(|| format!("{}: {}", entry.display(), problems.join("\n")))
}

#[test]
fn every_message_is_in_the_words_of_the_catalogue() {
    let problems: Vec<String> = entries()
        .iter()
        .filter_map(|entry| problem(entry))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
