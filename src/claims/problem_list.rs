//! Collects all problems of the claims: the first for the screen, their number, and
//! all of them for `--errors FILE`.

use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::{
    self, ClaimProblem, Failure, InvalidClaims, PROBLEM_STATUS, exit_status,
};
use crate::base::list_file::{ListColumn, ListFile};

/// The columns of a list of problems.
pub(crate) const LIST_COLUMNS: &[ListColumn] = &[
    ListColumn::text("file", 20),
    ListColumn::number("line"),
    ListColumn::text("cell", 10),
    ListColumn::number("row"),
    ListColumn::text("claimant_id", 18),
    ListColumn::text("code", 10),
    ListColumn::text("column", 20),
    ListColumn::text("value", 24),
    ListColumn::text("suggestion", 24),
    ListColumn::text("problem", 100),
];

/// The first line of lists of earlier versions.
pub(crate) const OLD_HEADER: &[u8] = b"file,row,column,value,code,problem\n";

/// Records the problems of the claims, in the order found.
pub struct ProblemList {
    found: InvalidClaims,
    list: Option<ListFile>,
    failed: Option<Failure>,
    /// The row of the last problem, and its columns that have one.
    last: (Option<u64>, Vec<String>),
}

impl ProblemList {
    /// Creates a list, and a file with all problems if one is requested.
    pub fn new(errors: Option<&Path>) -> Result<Self> {
        let mut found = InvalidClaims::default();
        if let Some(path) = errors {
            found.listed_in = Some(path.display().to_string());
        }
        let list = errors.map(|path| ListFile::create(path, LIST_COLUMNS));
        let list = list.transpose()?;
        let failed = None;
        Ok(Self {
            found,
            list,
            failed,
            last: (None, Vec::new()),
        })
    }

    /// Adds a problem. Of a cell, one is enough.
    pub fn add(&mut self, problem: ClaimProblem) {
        if self.last.0 != problem.row {
            self.last = (problem.row, Vec::new());
        }
        if let (Some(_), Some(column)) = (problem.row, &problem.column) {
            if self.last.1.contains(column) {
                return;
            }
            self.last.1.push(column.clone());
        }
        self.list_only(&problem);
        self.found.add(problem);
    }

    /// Adds a row to the list alone: the partner of a row with a problem, where either may
    /// be the one to correct.
    pub(crate) fn list_only(&mut self, problem: &ClaimProblem) {
        if let Some(list) = &mut self.list {
            let number = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
            let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
            let kind = &problem.kind;
            let words = match &kind.hint {
                Some(hint) => format!("{}; {hint}", kind.text),
                None => kind.text.clone(),
            };
            let pushed = list.push(&[
                &problem.file,
                &number(problem.line),
                problem.cell().unwrap_or_default(),
                &number(problem.row),
                &text(&problem.claimant_id),
                problem.code,
                &text(&problem.column),
                &text(&problem.value),
                &text(&problem.suggestion),
                &words,
            ]);
            self.failed = self.failed.take().or(pushed.err());
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
        if let Some(list) = self.list.take() {
            self.failed.map_or(Ok(()), Err)?;
            list.finish()?;
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
