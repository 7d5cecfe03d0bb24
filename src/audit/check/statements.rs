//! Compares the statements of a run with the regenerated ones, one folder after the
//! other.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::check::lines;
use crate::base::digest;
use crate::base::parallel::lock;
use crate::base::regular_file::{open_file, read_file};
use crate::run::file_names::{STATEMENTS, STATEMENTS_LISTED};
use crate::run::hashing_writer::WrittenFile;
use crate::run::sink::StatementSink;
use crate::run::statements::Statement;
use crate::run::statements::folder::{StatementLines, StatementList};
use crate::run::statements::index::{self, IndexPart, StatementIndex};
use crate::run::statements::scan;

/// The statements found in a run's folder, for comparison with the manifest. Entries
/// that cannot be statements are reported.
pub(crate) fn listed(run: &Path, findings: &CheckFindings) -> Result<WrittenFile> {
    let folders = scan::folders(run)?;
    let mut list = StatementList::default();
    let mut strange = folders.strange;
    for folder in &folders.names {
        let statements = scan::statements(run, folder)?;
        let mut lines = StatementLines::default();
        for name in &statements.names {
            let path = format!("{STATEMENTS}/{folder}/{name}");
            match read_file(&run.join(&path)) {
                Ok(content) => lines.add(folder, name, &content),
                Err(error) => findings.note(&path, "", "a file", &error.to_string())?,
            }
        }
        list.add(&lines);
        strange.extend(statements.strange);
    }
    if folders.has_index {
        let path = index::path();
        match digest::of_file(&run.join(&path), |_| {}) {
            Ok((bytes, digest)) => list.add_index(bytes, &digest),
            Err(error) => findings.note(&path, "", "a file", &error.to_string())?,
        }
    }
    for (path, what) in &strange {
        findings.add(nobodys(path, what))?;
    }
    Ok(list.written())
}

/// Compares regenerated statements with those in a run's folder.
#[derive(Debug)]
pub(crate) struct StatementComparer<'s> {
    run: &'s Path,
    findings: &'s CheckFindings,
    index: Mutex<StatementIndex>,
    index_found: IndexComparer,
    /// True if only the names are compared, because another version wrote the texts.
    names_alone: bool,
}

/// The result of one folder: its differences, and its part of the index.
#[derive(Debug, Default)]
pub(crate) struct ComparedFolder {
    found: Vec<CheckFinding>,
    index: IndexPart,
}

/// Compares the index line by line.
#[derive(Debug)]
struct IndexComparer {
    /// None after the first difference.
    found: Option<BufReader<File>>,
    line: u64,
}

impl IndexComparer {
    /// Compares the next lines; returns the first difference.
    fn compare(&mut self, expected: &str) -> Option<CheckFinding> {
        for expected in expected.split_inclusive('\n') {
            let found = self.next()?;
            if found != expected.as_bytes() {
                return Some(self.differs(expected, &found));
            }
        }
        None
    }

    /// The next line; blank after the last.
    fn next(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        self.line += 1;
        let read = self.found.as_mut()?.read_until(b'\n', &mut line);
        // A file that cannot be read has been reported.
        read.is_ok().then_some(line)
    }

    fn differs(&mut self, expected: &str, found: &[u8]) -> CheckFinding {
        self.found = None;
        let found = String::from_utf8_lossy(found);
        let [expected, found] = [expected, &found].map(|line| match line {
            "" => "no further lines",
            line => line.trim_end(),
        });
        let what = format!("line {}", self.line);
        CheckFinding::of_file(&index::path(), &what, expected, found)
    }

    fn finish(mut self) -> Option<CheckFinding> {
        let further = self.next()?;
        (!further.is_empty()).then(|| self.differs("", &further))
    }
}

impl<'s> StatementComparer<'s> {
    pub(super) fn new(
        run: &'s Path,
        findings: &'s CheckFindings,
        names_alone: bool,
    ) -> Result<Self> {
        let path = index::path();
        let found = open_file(&run.join(&path));
        if found
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            && !names_alone
        {
            findings.missing(&path)?;
        }
        let index_found = IndexComparer {
            // Something else than a file has been reported.
            found: found.ok().filter(|_| !names_alone).map(BufReader::new),
            line: 0,
        };
        Ok(Self {
            run,
            findings,
            index: Mutex::default(),
            index_found,
            names_alone,
        })
    }
}

impl StatementSink for StatementComparer<'_> {
    type Part = ComparedFolder;

    fn part(
        &self,
        folder: &str,
        statements: &mut dyn Iterator<Item = Result<Statement>>,
    ) -> Result<ComparedFolder> {
        let mut others = scan::statements(self.run, folder)?.names;
        let ComparedFolder {
            mut found,
            mut index,
        } = ComparedFolder::default();
        let mut expected = false;
        for statement in statements {
            let statement = statement?;
            index.push(folder, &statement);
            let Statement { name, text, .. } = statement;
            let path = format!("{STATEMENTS}/{folder}/{name}");
            expected = true;
            if !others.remove(&name) {
                found.push(CheckFinding::missing(&path));
                continue;
            }
            if self.names_alone {
                continue;
            }
            // The unreadable file was reported before.
            if let Ok(content) = read_file(&self.run.join(&path)) {
                let differences = lines::differences(&path, text.as_bytes(), &content);
                found.extend(differences.into_iter().take(1));
            }
        }
        for name in others {
            found.push(nobodys(&format!("{STATEMENTS}/{folder}/{name}"), "a file"));
        }
        let path = format!("{STATEMENTS}/{folder}");
        if !expected && scan::is_folder(&self.run.join(&path)) {
            found.push(nobodys(&path, "a folder"));
        }
        Ok(ComparedFolder { found, index })
    }

    fn add(&self, folder: ComparedFolder) -> Result<()> {
        self.findings.add_all(folder.found)?;
        lock(&self.index).add(folder.index);
        Ok(())
    }

    fn finish(mut self, header: &str) -> Result<WrittenFile> {
        let index = self
            .index
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for line in [header].into_iter().chain(index.lines()) {
            self.findings.add_all(self.index_found.compare(line))?;
        }
        self.findings.add_all(self.index_found.finish())?;
        Ok(WrittenFile::named(STATEMENTS_LISTED))
    }
}

fn nobodys(path: &str, what: &str) -> CheckFinding {
    let expected = "no such file: it belongs to no paid claimant";
    CheckFinding::of_file(path, "", expected, what)
}
