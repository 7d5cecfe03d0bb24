//! The differences found by a check: a count, the first ones for the screen, and all of
//! them for `--errors FILE`.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use serde::Serialize;

use crate::base::diagnostics::SHOWN;
use crate::base::list_file::{ListColumn, ListFile};
use crate::base::parallel::lock;

/// The columns of the list of differences.
pub(crate) const LIST_COLUMNS: &[ListColumn] = &[
    ListColumn::text("file", 20),
    ListColumn::number("row"),
    ListColumn::text("claimant_id", 18),
    ListColumn::text("what", 30),
    ListColumn::text("expected", 40),
    ListColumn::text("found", 40),
];

/// The first line of lists of earlier versions.
pub(crate) const OLD_HEADER: &[u8] = b"file,row,what,expected,found\n";

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckFinding {
    pub file: String,
    /// The data row in the file, counted from 1; 0 is the header.
    pub row: Option<u64>,
    /// The claimant, if it is about one.
    pub claimant_id: Option<String>,
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
            claimant_id: None,
            what: what.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    /// The finding about this claimant.
    #[must_use]
    pub fn of_claimant(self, id: &str) -> Self {
        let claimant_id = Some(id.to_owned());
        Self {
            claimant_id,
            ..self
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
    list: Option<ListFile>,
}

impl CheckFindings {
    /// Also lists all findings in a file if one is named.
    pub fn new(errors: Option<&Path>) -> Result<Self> {
        let list = errors.map(|path| ListFile::create(path, LIST_COLUMNS));
        let list = list.transpose()?;
        Ok(Self(Mutex::new(FindingList {
            first: Vec::new(),
            count: 0,
            list,
        })))
    }

    pub fn add(&self, finding: CheckFinding) -> Result<()> {
        let mut findings = lock(&self.0);
        if let Some(list) = &mut findings.list {
            let row = finding.row.map_or_else(String::new, |row| row.to_string());
            let id = finding.claimant_id.as_deref().unwrap_or_default();
            let CheckFinding {
                file,
                what,
                expected,
                found,
                ..
            } = &finding;
            list.push(&[file, &row, id, what, expected, found])?;
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
        if let Some(list) = findings.list {
            list.finish()?;
        }
        Ok((findings.count, findings.first))
    }
}
