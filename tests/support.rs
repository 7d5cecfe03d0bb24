//! A folder to work in, and the program run there.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder of its own, gone when the test is over.
pub(crate) struct Job {
    folder: TempDir,
}

/// What the program printed, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

impl Job {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let job = Self::new();
        for (name, content) in files {
            job.write(name, content);
        }
        job
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(name));
        text.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in the folder or below, in order; hidden ones too.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }

    /// Runs the program here.
    pub(crate) fn payout(&self, arguments: &[&str]) -> Said {
        self.payout_fed(arguments, b"")
    }

    /// Computes a run of `claims.csv`, which must succeed.
    pub(crate) fn compute(&self, plan: &str, out: &str) {
        let arguments = ["compute", "claims.csv", "--plan", plan, "--out", out];
        let said = self.payout(&[&arguments[..], &["--quiet"]].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
    }

    /// Runs the program here, with something on its standard input.
    pub(crate) fn payout_fed(&self, arguments: &[&str], input: &[u8]) -> Said {
        feed(self.command().args(arguments), input)
    }

    /// The program, about to run here.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_payout"));
        for name in SURROUNDINGS {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path());
        command
    }

    /// A shell about to carry out a line here, in which `payout` is the program,
    /// wherever that stands.
    pub(crate) fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_payout")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        for name in SURROUNDINGS {
            command.env_remove(name);
        }
        command.env("PATH", format!("{}:{path}", program.display()));
        command.current_dir(self.folder.path()).args(["-c", line]);
        command
    }
}

/// Variables of whoever runs the tests that bear on what the program shows.
const SURROUNDINGS: [&str; 7] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "RUST_BACKTRACE",
];

/// Runs a command to its end.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Said {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input to the end has closed the pipe.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Said {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    }
}

/// Says something that a test that passes should say too.
pub(crate) fn note(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// The SHA-256 of a text in hexadecimal.
pub(crate) fn sha256(text: impl AsRef<[u8]>) -> String {
    payout::internals::base::digest::sha256(text)
}

/// The names in a folder, in order; hidden ones too.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder);
    let mut names: Vec<String> = entries
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The records of a CSV file, its header first.
pub(crate) fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(text.as_bytes());
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader.records().map(|one| record(one.unwrap())).collect()
}

/// Records as a CSV file: cells in quotes only where they need them.
pub(crate) fn csv(records: &[Vec<String>]) -> String {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |record: &Vec<String>| record.iter().map(quoted).collect::<Vec<_>>().join(",");
    records.iter().map(|record| line(record) + "\n").collect()
}
