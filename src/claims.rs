//! From claims files to validated rows.
//!
//! Each file is read once, in blocks of whole rows that several threads process
//! (`block_worker.rs`). Only the id and the class of a row are kept (see
//! [`classifier`]). Writing results reads nothing again, so standard input needs no
//! copy.

pub(crate) mod aggregate;
mod block_worker;
pub(crate) mod claim_list;
pub(crate) mod classifier;
pub(crate) mod compression;
pub(crate) mod control_counts;
pub(crate) mod control_totals;
pub(crate) mod corrections;
pub(crate) mod csv;
pub(crate) mod find_claimant;
pub(crate) mod header;
pub(crate) mod ids;
pub mod input;
pub(crate) mod likely_columns;
pub(crate) mod mapped_cells;
pub(crate) mod messages;
pub(crate) mod notes_below;
mod packed_cells;
pub(crate) mod prior_ledger;
pub(crate) mod problem_list;
mod reading;
mod row_cache;
pub(crate) mod row_cells;
pub(crate) mod row_lines;
pub(crate) mod row_values;
pub(crate) mod shared_cells;
pub(crate) mod status;
pub(crate) mod too_precise;
pub(crate) mod trades;
pub(crate) mod xlsx;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::base::diagnostics::{Bug, ClaimProblem, OrBug as _, Problem};
use crate::base::parallel;
use crate::claims::aggregate::merged_rows::MergedRows;
use crate::claims::claim_list::{ClaimList, ClaimListPart};
use crate::claims::classifier::{ClaimClassifier, marks_of};
use crate::claims::control_totals::ControlTotals;
use crate::claims::corrections::outcome::CorrectionCounts;
use crate::claims::header::Header;
use crate::claims::input::Input;
use crate::claims::mapped_cells::MappedColumn;
use crate::claims::problem_list::ProblemList;
use crate::claims::reading::ClaimsReader;
use crate::claims::reading::row_places::RowPlaces;
pub(crate) use crate::claims::row_cache::reads_ids;
use crate::claims::row_cells::PackedRow;
use crate::claims::shared_cells::SharedCells;
use crate::claims::too_precise::TooPrecise;
use crate::claims::trades::lot_lines::LotReceiver;
use crate::claims::trades::row_claimants::RowClaimants;
use crate::claims::trades::{TradeBook, TradesOfClaims};
use crate::plan::Plan;

/// The name of the plan by which files other than claims are read, row by row with ids.
pub(crate) const PLAN_OF_IDS: &str = "ids";

/// Blocks of claims with trades are smaller by this factor: the lots of a claim take much
/// more memory than its row.
const LESS_OF_LOTS: usize = 32;

/// Validated claims.
#[derive(Debug)]
pub struct Claims<C> {
    /// The files that were read.
    pub files: Vec<ClaimsFile>,
    /// The header that all of them have.
    pub(crate) header: Header,
    /// The id and the class of every row, in order.
    pub claim_list: ClaimList,
    /// The entitlements of each class.
    pub entitlements: C,
    /// The claimants of rows that are each by itself, as trades are.
    row_claimants: RowClaimants,
    /// The number of distinct ids.
    pub claimants: u64,
    /// With `rows = "sum"`, which rows were added up to which claim.
    merged: Option<MergedRows>,
    /// Positions of rows in the files.
    places: RowPlaces,
    /// By column, the texts that matched no text of the plan, with the number of
    /// rows.
    pub unmatched: Vec<UnmatchedColumn>,
    /// The columns of which the plan may read cells as other texts, and how many it did.
    pub mapped: Vec<MappedColumn>,
    /// Columns of amounts that were added up and are finer than the currency.
    pub(crate) too_precise: TooPrecise,
    /// Claims in the gaps between ranges of portions, by gap.
    pub(crate) portion_gaps: BTreeMap<usize, u64>,
    /// Matters that deserve a warning but are not errors.
    pub warnings: Vec<String>,
    /// Rows that `[[unique]]` flags, by row and then by rule.
    pub flags: Vec<SharedCells>,
    /// Counts of rows for control totals.
    pub controls: control_counts::ControlCounts,
    /// The number of threads for reading and writing.
    pub threads: usize,
    /// The corrections of cells, if there are any.
    pub(crate) corrected: Option<CorrectionCounts>,
    /// The trades of the claimants, if the plan has trades.
    pub(crate) trades: Option<Arc<TradeBook>>,
}

impl<C: ClaimClassifier> Claims<C> {
    pub fn rows(&self) -> u64 {
        self.claim_list.len()
    }

    /// True if the row represents its claimant: the only row, or the first of
    /// several that were added up.
    pub fn leads(&self, row: u32) -> bool {
        let merged = self.merged.as_ref();
        merged.is_none_or(|merged| merged.leads(row))
    }

    /// The row that represents the claimant of a row.
    pub fn lead(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(row, |merged| merged.lead(row))
    }

    /// The place of a row, by index: its cell in a worksheet, or the row number.
    pub(crate) fn place(&self, row: u32, column: &str) -> String {
        self.places.place_or_row(row, column)
    }

    /// Adds the line to a problem, and the cell reference to one in a workbook.
    pub fn locate(&self, problem: ClaimProblem) -> ClaimProblem {
        self.places.locate(problem)
    }

    /// The name of a data row in a sentence; rows count from 1.
    pub fn row_name(&self, row: u64) -> String {
        self.places.row_name(row)
    }

    /// Verifies that every row has a class, and that the rows that represent
    /// claimants belong to the counted classes, among which the fund is divided.
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

    /// The cells of the claim that a row represents, if they were kept.
    pub(crate) fn claim_cells(&self, row: u32) -> Result<PackedRow<'_>, Bug> {
        match &self.merged {
            None => self.claim_list.kept_cells(row),
            Some(merged) => {
                let cells = merged.cells(row);
                cells.ok_or_else(|| Bug::new("the cells of a claim were not kept"))
            }
        }
    }

    /// A problem in a row of a claimant; `cell` has the name of a column, and its text.
    pub(crate) fn problem(
        &self,
        row: u32,
        id: &str,
        cell: Option<(&str, &str)>,
        fault: impl Into<ClaimProblem>,
    ) -> ClaimProblem {
        let row = u64::from(row) + 1;
        let mut before = 0;
        let file = self.files.iter().find(|file| {
            before += file.rows;
            row <= before
        });
        self.locate(ClaimProblem {
            file: file.map_or_else(String::new, |file| file.shown.clone()),
            row: Some(row),
            claimant_id: Some(id.to_owned()),
            column: cell.map(|(name, _)| name.to_owned()),
            value: cell.map(|(_, text)| text.to_owned()),
            ..fault.into()
        })
    }

    /// The number of rows that were added up to the claim of a row.
    pub fn rows_of(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(1, |merged| merged.rows(row))
    }
}

/// A claims file after reading, as a manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "the facts of a claims file")]
pub struct ClaimsFile {
    /// The file name without folders, or `-` for standard input.
    pub name: String,
    /// The file name as the user gave it, for messages.
    #[serde(skip)]
    pub shown: String,
    /// The size in bytes of the file itself, compressed or not.
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
    /// The number of data rows.
    pub rows: u64,
    /// The number of rows that were skipped because all of their cells are blank.
    #[serde(skip)]
    pub empty_rows: u64,
    /// True if the last row has no line end, although others do.
    #[serde(skip)]
    pub may_be_cut: bool,
    /// True for a file of trades.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trades: bool,
}

impl ClaimsFile {
    /// A file with `rows` rows; `plain` is true if it is not compressed.
    pub fn of(input: &Input, seen: &input::FileDigest, plain: bool, rows: u64) -> Self {
        Self {
            name: input.name(),
            shown: input.shown(),
            bytes: seen.bytes,
            sha256: seen.digest(),
            rows,
            empty_rows: 0,
            may_be_cut: plain && rows > 1 && !seen.ends_a_line(),
            trades: false,
        }
    }
}

/// The texts of a column that matched no text of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedColumn {
    pub column: String,
    /// Texts with their number of rows: most rows first, then by text.
    pub values: Vec<(String, u64)>,
}

/// Options for reading. They do not affect results.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions<'a> {
    /// Control totals to count.
    pub expect: Option<&'a ControlTotals>,
    /// The file that lists all problems.
    pub errors: Option<&'a Path>,
    /// The number of threads that process rows.
    pub threads: usize,
    /// The approximate size of a block, in bytes.
    pub block: usize,
    /// True to keep the cells of every row for statements. They are always kept if
    /// payments are counted by method or flagged for tax.
    pub keep_cells: bool,
    /// True to check the cells of excluded and denied rows, too.
    pub check_all: bool,
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            expect: None,
            errors: None,
            threads: parallel::available(),
            block: csv::blocks::BLOCK,
            keep_cells: false,
            check_all: false,
        }
    }
}

/// Reads claims files as one, in the order given, after the trades files among the
/// inputs. `lots` receives the lots of the claims, if the plan has trades, and `progress`
/// the number of bytes read since its last call.
pub(crate) fn read<C: ClaimClassifier>(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    lots: Option<&dyn LotReceiver>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Claims<C>> {
    let (of_trades, of_claims) = input::split(inputs);
    check_trades(plan, !of_trades.is_empty())?;
    let problems = ProblemList::new(options.errors)?;
    let (book, problems) = trades::read(&of_trades, plan, options, problems, progress)?;
    let trades = match (&plan.trades, &book) {
        (_, Some(book)) => TradesOfClaims::Known(book, lots),
        (Some(_), None) => TradesOfClaims::Faulty,
        (None, None) => TradesOfClaims::None,
    };
    let options = ReadOptions {
        block: trades
            .book()
            .map_or(options.block, |_| options.block / LESS_OF_LOTS),
        ..*options
    };
    let (claims, problems) = read_rows(&of_claims, plan, &options, trades, problems, progress)?;
    problems.finish()?;
    let mut claims = claims.or_bug("claims without problems were not read");
    if let Some(book) = &book {
        claims.warnings.extend_from_slice(book.warnings());
    }
    claims.trades = book.map(Arc::new);
    Ok(claims)
}

/// Trades go with a plan that has `[trades]`, and neither without the other.
pub(crate) fn check_trades(plan: &Plan, has_files: bool) -> Result<(), Problem> {
    match (&plan.trades, has_files) {
        (Some(_), false) => Err(messages::plan_without_trades_file().into()),
        (None, true) => Err(messages::trades_file_without_rules(&plan.source.name).into()),
        _ => Ok(()),
    }
}

/// Reads files of one kind, in the order given, and adds what is wrong with them to the
/// problems. There are no rows if there are problems.
pub(crate) fn read_rows<C: ClaimClassifier>(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    trades: TradesOfClaims<'_>,
    problems: ProblemList,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(Option<Claims<C>>, ProblemList)> {
    let mut reader = ClaimsReader::new(plan, options, trades, problems);
    for input in inputs {
        reader.file(input, progress)?;
    }
    let corrections = inputs.iter().find_map(Input::corrections);
    reader.finish(corrections.map(|all| &**all))
}
