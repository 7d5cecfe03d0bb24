//! The differences found by a check: a count, the first ones for the screen, and all of
//! them for `--errors FILE`.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use serde::Serialize;

use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::{Failure, SHOWN};
use crate::base::parallel::lock;
use crate::claims::problem_list;

/// The header of the list of differences.
pub(crate) const LIST_HEADER: [&str; 5] = ["file", "row", "what", "expected", "found"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckFinding {
    pub file: String,
    /// The data row in the file, counted from 1; 0 is the header.
    pub row: Option<u64>,
    /// The figure or other part of the file.
    pub what: String,
    /// The expected text; may be empty.
    pub expected: String,
    /// The text found; may be empty.
    pub found: String,
}

impl CheckFinding {
    /// A finding about a file as a whole or a figure in it.
    pub fn of_file(file: &str, what: &str, expected: &str, found: &str) -> Self {
        Self {
            file: file.to_owned(),
            row: None,
            what: what.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    /// A missing file.
    pub fn missing(file: &str) -> Self {
        Self::of_file(file, "", "the file", "no such file")
    }
}

/// Collects findings, from several threads.
#[derive(Debug)]
pub struct CheckFindings(Mutex<FindingList>);

#[derive(Debug)]
struct FindingList {
    first: Vec<CheckFinding>,
    count: u64,
    list: Option<(csv::Writer<File>, CleanupGuard)>,
}

impl CheckFindings {
    /// Also lists all findings in a file if one is named.
    pub fn new(errors: Option<&Path>) -> Result<Self> {
        let mut list = None;
        if let Some(path) = errors {
            let (file, unfinished) = problem_list::private_file(path)?;
            let mut writer = csv::Writer::from_writer(file);
            writer.write_record(LIST_HEADER).map_err(broken)?;
            list = Some((writer, unfinished));
        }
        Ok(Self(Mutex::new(FindingList {
            first: Vec::new(),
            count: 0,
            list,
        })))
    }

    pub fn add(&self, finding: CheckFinding) -> Result<()> {
        let mut findings = lock(&self.0);
        if let Some((list, _)) = &mut findings.list {
            let row = finding.row.map_or_else(String::new, |row| row.to_string());
            let [file, what, expected, found] = [
                &finding.file,
                &finding.what,
                &finding.expected,
                &finding.found,
            ]
            .map(|text| problem_list::harmless(text));
            list.write_record([file, row, what, expected, found])
                .map_err(broken)?;
        }
        findings.count += 1;
        if findings.first.len() < SHOWN {
            findings.first.push(finding);
        }
        Ok(())
    }

    pub fn add_all(&self, findings: impl IntoIterator<Item = CheckFinding>) -> Result<()> {
        let mut findings = findings.into_iter();
        findings.try_for_each(|finding| self.add(finding))
    }

    /// Notes one about a file as a whole, or a figure in it.
    pub fn note(&self, file: &str, what: &str, expected: &str, found: &str) -> Result<()> {
        self.add(CheckFinding::of_file(file, what, expected, found))
    }

    /// Notes a file that should be there.
    pub fn missing(&self, file: &str) -> Result<()> {
        self.add(CheckFinding::missing(file))
    }

    /// The number of findings so far.
    pub fn count(&self) -> u64 {
        lock(&self.0).count
    }

    /// The number of findings, and the first of them.
    pub fn finish(self) -> Result<(u64, Vec<CheckFinding>)> {
        let findings = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some((mut list, unfinished)) = findings.list {
            list.flush().map_err(broken)?;
            unfinished.finish();
        }
        Ok((findings.count, findings.first))
    }
}

fn broken(error: impl Into<std::io::Error>) -> Failure {
    Failure::writing("the list of errors", error.into())
}
