//! Collects all problems of the claims: the first for the screen, their number, and
//! all of them for `--errors FILE`.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Result;

use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::{
    self, ClaimProblem, Failure, InvalidClaims, PROBLEM_STATUS, SHOWN, exit_status,
};

/// The header of a list of problems.
pub(crate) const LIST_HEADER: [&str; 6] = ["file", "row", "column", "value", "code", "problem"];

/// Records the problems of the claims, in the order found.
pub struct ProblemList {
    found: InvalidClaims,
    list: Option<(csv::Writer<File>, CleanupGuard)>,
    failed: Option<csv::Error>,
}

impl ProblemList {
    /// Creates a list, and a file with all problems if one is requested.
    pub fn new(errors: Option<&Path>) -> Result<Self> {
        let mut found = InvalidClaims::default();
        let mut list = None;
        let mut failed = None;
        if let Some(path) = errors {
            let (file, unfinished) = private_file(path)?;
            let mut writer = csv::Writer::from_writer(file);
            failed = writer.write_record(LIST_HEADER).err();
            found.listed_in = Some(path.display().to_string());
            list = Some((writer, unfinished));
        }
        Ok(Self {
            found,
            list,
            failed,
        })
    }

    pub fn add(&mut self, problem: ClaimProblem) {
        if let Some((list, _)) = &mut self.list {
            let row = problem.row.map_or_else(String::new, |row| row.to_string());
            let mut text = problem.problem.clone();
            if let Some(place) = &problem.place {
                text = format!("{place}: {text}");
            }
            if let Some(hint) = &problem.hint {
                text = format!("{text}; {hint}");
            }
            let cell = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
            let record = [
                harmless(&problem.file),
                row,
                cell(&problem.column),
                cell(&problem.value),
                problem.code.to_owned(),
                harmless(&text),
            ];
            if let Err(error) = list.write_record(record) {
                self.failed.get_or_insert(error);
            }
        }
        self.found.count += 1;
        if self.found.first.len() < SHOWN {
            self.found.first.push(problem);
        }
    }

    /// Records that row numbers count across several files.
    pub fn several_files(&mut self) {
        self.found.several_files = true;
    }

    /// Records which files have the problems, if not the claims alone.
    pub fn among(&mut self, files: String) {
        self.found.among = Some(files);
    }

    /// True if there are no problems so far.
    pub fn is_empty(&self) -> bool {
        self.found.count == 0
    }

    /// Returns an error with all problems, if there are any.
    pub fn finish(mut self) -> Result<()> {
        if let Some((mut list, unfinished)) = self.list.take() {
            let flushed = self.failed.map_or(Ok(()), |error| Err(error.into()));
            let flushed = flushed.and_then(|()| list.flush());
            let path = unfinished.path().display();
            flushed.map_err(|error| Failure::writing(path, error))?;
            unfinished.finish();
        }
        if self.found.count == 0 {
            return Ok(());
        }
        Err(self.found.into())
    }
}

/// Lists the reasons for an error, unless they are listed already or the system
/// failed.
pub(crate) fn list(path: &Path, error: &anyhow::Error) -> Result<()> {
    let is_listed = |claims: &InvalidClaims| claims.listed_in.is_some();
    if exit_status(error) != PROBLEM_STATUS || error.downcast_ref().is_some_and(is_listed) {
        return Ok(());
    }
    let mut problems = ProblemList::new(Some(path))?;
    for reason in diagnostics::problems_of(error) {
        problems.add(reason);
    }
    match problems.finish() {
        Err(failed) if !failed.is::<InvalidClaims>() => Err(failed),
        _ => Ok(()),
    }
}

/// Creates a file for a list that quotes cells of claims, readable only by its
/// owner. An incomplete list must not be mistaken for a complete one.
pub(crate) fn private_file(path: &Path) -> Result<(File, CleanupGuard), Failure> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Failure::writing(path.display(), error))?;
    Ok((file, CleanupGuard::new(path)))
}

/// Prefixes a cell with an apostrophe if a spreadsheet would evaluate it as a
/// formula. A signed number is not a formula.
pub(crate) fn harmless(cell: &str) -> String {
    let number = cell.trim_start_matches(['+', '-']);
    let signed = !number.is_empty()
        && number
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !signed {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
