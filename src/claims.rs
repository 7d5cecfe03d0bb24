//! From claims files to rows whose every cell is good.
//!
//! Each file is read once, in blocks of whole rows that several threads look at
//! (`block_worker.rs`). Of a row stay its id and the number of its class (see
//! [`classes`]); nothing is read again to write the results, so
//! standard input needs no copy.

pub(crate) mod aggregate;
mod block_worker;
pub(crate) mod cells;
pub(crate) mod claim_list;
pub(crate) mod classes;
pub(crate) mod compression;
pub(crate) mod control_counts;
pub(crate) mod control_totals;
pub(crate) mod csv;
pub(crate) mod find_claimant;
pub(crate) mod header;
pub(crate) mod ids;
pub mod input;
pub(crate) mod notes_below;
mod packed_cells;
pub(crate) mod problem_list;
mod reading;
mod row_cache;
pub(crate) mod status;
pub(crate) mod too_precise;
pub(crate) mod xlsx;

use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem};
use crate::base::parallel;
use crate::claims::aggregate::MergedRows;
use crate::claims::claim_list::{ClaimList, ClaimListPart};
use crate::claims::classes::{ClaimClasses, marks_of};
use crate::claims::control_totals::ControlTotals;
use crate::claims::input::Input;
use crate::claims::reading::ClaimsReader;
use crate::claims::reading::sheets::SheetList;
pub(crate) use crate::claims::row_cache::reads_ids;
use crate::plan::Plan;

/// The claims, read and checked.
#[derive(Debug)]
pub struct Claims<C> {
    /// What was read.
    pub files: Vec<ClaimsFile>,
    /// The id and the class of every row, in order.
    pub claim_list: ClaimList,
    /// What each class may draw.
    pub entitlements: C,
    /// How many different ids there are.
    pub claimants: u64,
    /// With `rows = "sum"`, which rows were added up to which claim.
    merged: Option<MergedRows>,
    /// Where rows stand in workbooks.
    sheets: SheetList,
    /// Column by column, the texts that no text of the plan matched, and in
    /// how many rows.
    pub unmatched: Vec<UnmatchedColumn>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
    /// What control totals ask of the rows.
    pub controls: control_counts::ControlCounts,
    /// How many threads read them, and may write them.
    pub threads: usize,
}

impl<C: ClaimClasses> Claims<C> {
    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        self.claim_list.len()
    }

    /// Whether a row stands for its claimant: the only one, or the first of
    /// several that were added up.
    pub fn leads(&self, row: u32) -> bool {
        self.lead(row) == row
    }

    /// The row that stands for the claimant of a row.
    pub fn lead(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(row, |merged| merged.lead(row))
    }

    /// Says where in its sheet a problem is, if it is in a workbook.
    pub fn locate(&self, problem: ClaimProblem) -> ClaimProblem {
        self.sheets.locate(problem)
    }

    /// How a data row is called in a sentence, counted from 1.
    pub fn row_name(&self, row: u64) -> String {
        self.sheets.row_name(row)
    }

    /// Proves that every row has a class, and that the rows that stand for claimants
    /// are of the classes that were counted, among which the fund is divided.
    pub(crate) fn prove(&self) -> Result<(), Bug> {
        let marks = |part: &ClaimListPart| {
            if self.merged.is_none() {
                return marks_of(part.classes.iter().copied());
            }
            let leading = part.classes().filter(|(row, _)| self.leads(*row));
            marks_of(leading.map(|(_, class)| class))
        };
        let marks = self.claim_list.parts().iter().map(marks);
        self.entitlements
            .prove_rows(marks.fold(0, u64::wrapping_add))
    }

    /// How many rows were added up to the claim of a row.
    pub fn rows_of(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(1, |merged| merged.rows(row))
    }
}

/// One claims file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsFile {
    /// Its name without folders, or `-` for standard input.
    pub name: String,
    /// Its name as the user gave it, for messages.
    pub shown: String,
    /// Its size in bytes, as it is (packed, if it is packed).
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its data rows.
    pub rows: u64,
    /// Whether its last row has no line end, though others have.
    pub may_be_cut: bool,
}

impl ClaimsFile {
    /// What was read of an input, with so many rows; `plain` says that it is not
    /// packed.
    pub fn of(input: &Input, seen: &input::FileDigest, plain: bool, rows: u64) -> Self {
        Self {
            name: input.name(),
            shown: input.shown(),
            bytes: seen.bytes,
            sha256: seen.digest(),
            rows,
            may_be_cut: plain && rows > 1 && !seen.ends_a_line(),
        }
    }
}

/// The texts of a column that no text of the plan matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedColumn {
    pub column: String,
    /// Each text and its rows: most rows first, then by text.
    pub values: Vec<(String, u64)>,
}

/// How claims are read. Nothing here bears on what comes of it.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions<'a> {
    /// What is to be counted for control totals.
    pub expect: Option<&'a ControlTotals>,
    /// Where to list everything that is wrong.
    pub errors: Option<&'a Path>,
    /// How many threads look at rows.
    pub threads: usize,
    /// How many bytes a block has, more or less.
    pub block: usize,
    /// Whether the cells of every row are to be kept, for its statement. They
    /// are in any case where payments are counted by method or flagged for tax.
    pub keep_cells: bool,
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            expect: None,
            errors: None,
            threads: parallel::available(),
            block: csv::blocks::BLOCK,
            keep_cells: false,
        }
    }
}

/// Reads claims files as one, in the order given. `progress` hears how many
/// bytes were read of a file since it was last called.
pub(crate) fn read<C: ClaimClasses>(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Claims<C>> {
    let mut reader = ClaimsReader::new(plan, options)?;
    for input in inputs {
        reader.file(input, progress)?;
    }
    reader.finish()
}
