//! `rows = "sum"`: the rows of one claimant become one claim.
//!
//! Each row is excluded, denied, held or accepted on its own. In accepted rows,
//! columns that formulas read as numbers are added up, unless the plan says that
//! they are the same (a blank adds nothing; if all are blank, the sum is blank).
//! All other columns that pools, formulas and subclasses read must have the same
//! value in all rows. Payable and held rows may not be mixed.

pub(crate) mod claimants;
pub(crate) mod merged_rows;
pub(crate) mod same_rows;
mod text_pool;

use std::cell::RefCell;
use std::hint::black_box;

use rust_decimal::Decimal;

use crate::base::compact_column::index;
use crate::base::decimal;
use crate::base::diagnostics::{OrBug, literal};
use crate::base::money::Currency;
use crate::claims::aggregate::claimants::Claimants;
use crate::claims::aggregate::merged_rows::{KeptCells, MergedRows, NONE, UNKNOWN};
use crate::claims::aggregate::same_rows::{RepeatedRows, RowHashes};
use crate::claims::aggregate::text_pool::TextPool;
use crate::claims::claim_list::{ClaimList, ClassId, NO_CLASS};
use crate::claims::ids::duplicates;
use crate::claims::messages;
use crate::claims::row_cells::RowCells;
use crate::claims::row_values;
use crate::claims::status::ClaimStatus;
use crate::claims::too_precise::{TooPrecise, is_too_precise};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::{ColumnId, Plan, ValueId};

/// The treatment of a column when rows are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum MergeRule {
    /// Numbers are added; amounts finer than the currency are counted.
    Added(ColumnFormat, Option<Currency>),
    /// Texts must be the same.
    Agreed,
    /// Texts must be the same and are never shown.
    AgreedUnshown,
    /// No pool, formula or subclass reads the column.
    Unread,
}

impl MergeRule {
    fn is_merged(&self) -> bool {
        *self != Self::Unread
    }
}

/// A column, or a value per row, of all rows of a claimant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MergedCell {
    /// The cells are blank, or none has been read.
    Blank,
    Sum(Decimal),
    /// The number of the text that they have in common.
    Text(u32),
}

/// Adds up rows while they are read.
#[derive(Debug)]
pub(crate) struct RowMerger<'p> {
    plan: &'p Plan,
    roles: Vec<MergeRule>,
    /// The columns that are added up or must agree.
    columns: Vec<ColumnId>,
    claimants: Claimants,
    /// Claimant after claimant, these columns, and then the values per row.
    cells: Vec<MergedCell>,
    /// Claimant after claimant, the texts of these columns that must agree, as they are in
    /// the file, if the plan may read cells as other texts.
    written: Vec<u32>,
    texts: TextPool,
    /// The claimant of each row; `NONE` if the row itself is excluded or denied.
    claimant_of: Vec<u32>,
    hashes: RowHashes,
    /// Columns with amounts finer than the currency: the number of rows, and the
    /// first row.
    pub fine: TooPrecise,
}

/// The cells of a claim whose rows were added up.
#[derive(Debug)]
pub(crate) struct MergedCells<'m> {
    merger: &'m RowMerger<'m>,
    id: &'m str,
    id_column: ColumnId,
    cells: RowCells,
}

impl MergedCells<'_> {
    /// The cells of all columns of the plan; those that were not read are blank.
    pub(crate) fn all(&self) -> &RowCells {
        &self.cells
    }

    /// Reads the cells of a claimant.
    pub(crate) fn read(&mut self, claimant: usize) {
        self.id = self.merger.claimants.id(claimant);
        self.merger
            .fill(claimant, (self.id_column, self.id), &mut self.cells);
    }
}

impl Cells for MergedCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        let role = self.merger.roles.get(column.0);
        let is_read = column == self.id_column || role.is_some_and(MergeRule::is_merged);
        is_read
            .then(|| self.cells.cell(column))
            .or_bug("a column was read but not added up")
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        let sum = self.cells.values.iter().find(|(known, _)| *known == value);
        sum.map(|(_, sum)| *sum)
    }
}

impl<'p> RowMerger<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let roles = plan.columns.iter().map(|(id, column)| {
            if column.added {
                let is_amount = plan.amount_columns.contains(&id);
                let currency = is_amount.then_some(plan.settlement.currency);
                MergeRule::Added(column.format.clone(), currency)
            } else if plan.unshown_column() == Some(id) {
                MergeRule::AgreedUnshown
            } else if column.same || read_by_claims(plan, id) {
                MergeRule::Agreed
            } else {
                MergeRule::Unread
            }
        });
        let roles: Vec<MergeRule> = roles.collect();
        let columns = (0..).map(ColumnId).zip(&roles);
        let columns = columns.filter(|(_, role)| role.is_merged());
        Self {
            plan,
            columns: columns.map(|(column, _)| column).collect(),
            roles,
            claimants: Claimants::default(),
            cells: Vec::new(),
            written: Vec::new(),
            texts: TextPool::default(),
            claimant_of: Vec::new(),
            hashes: RowHashes::default(),
            fine: TooPrecise::new(),
        }
    }

    /// The number of distinct ids.
    pub(crate) fn claimants(&self) -> usize {
        self.claimants.len()
    }

    /// Every usable id, with its first row.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (u32, &str)> {
        self.claimants.ids()
    }

    /// Adds the next row, if it has a claim status that participates. Returns the
    /// faults that prevent adding it.
    pub(crate) fn row(
        &mut self,
        id: &str,
        claim_status: Option<ClaimStatus>,
        cells: &impl Cells,
    ) -> Vec<CellFault> {
        let row = self.next_row();
        let claimant = self.claimant(id, duplicates::hash(id), row);
        let row_name = |row| format!("row {row}");
        self.row_of(claimant, claim_status, (cells, cells), &row_name)
    }

    /// The claimants of the next rows, whose ids have these hashes. Each look-up mostly
    /// waits for memory, so that one thing is looked up for many rows at a time.
    pub(crate) fn claimants_of(&mut self, rows: &[(&str, u64)]) -> Vec<u32> {
        let likely = rows.iter().map(|(_, hash)| self.claimants.likely(*hash));
        let mut found: Vec<u32> = likely.collect();
        for ((claimant, (id, hash)), row) in found.iter_mut().zip(rows).zip(self.next_row()..) {
            if !self.claimants.has(*claimant, id) {
                *claimant = self.claimant(id, *hash, row);
            }
        }
        // The cells are in the processor's cache when they are added to.
        let width = self.width();
        for &claimant in &found {
            let cell = self.cells.get(index(claimant) * width);
            black_box(cell == Some(&MergedCell::Blank));
        }
        found
    }

    /// The accepted rows that repeat an earlier row of their claimant; none if nothing is
    /// added up, so that they count once.
    pub(crate) fn repeated(&self, threads: usize) -> RepeatedRows {
        let mut roles = self.roles.iter();
        let is_added = roles.any(|role| matches!(role, MergeRule::Added(..)));
        if !is_added && self.plan.row_values.is_empty() {
            return RepeatedRows::default();
        }
        self.hashes.repeated(same_rows::SHOWN, threads)
    }

    fn next_row(&self) -> u32 {
        u32::try_from(self.claimant_of.len()).unwrap_or(NONE)
    }

    /// Like [`Self::row`], for a claimant that was looked up, with the cells as the plan
    /// reads them and as they are in the file. `row_name` returns the name of a row,
    /// counted from 1.
    pub(crate) fn row_of(
        &mut self,
        claimant: u32,
        claim_status: Option<ClaimStatus>,
        cells: (&impl Cells, &impl Cells),
        row_name: &dyn Fn(u64) -> String,
    ) -> Vec<CellFault> {
        let row = self.next_row();
        let Some(claim_status) = claim_status.filter(|claim_status| claim_status.takes_part())
        else {
            self.claimant_of.push(NONE);
            self.hashes.skip();
            return Vec::new();
        };
        self.claimant_of.push(claimant);
        self.hashes.push(claimant, &self.plan.columns, cells.0);
        self.add(index(claimant), row, claim_status, cells, row_name)
    }

    /// The index of the claimant with this id, existing or new.
    fn claimant(&mut self, id: &str, hash: u64, row: u32) -> u32 {
        let claimant = self.claimants.find_or_add(id, hash, row);
        let cells = self.claimants.len() * self.width();
        if self.cells.len() < cells {
            let values = self.plan.row_values.len();
            self.cells.resize(cells - values, MergedCell::Blank);
            self.cells.resize(cells, MergedCell::Sum(Decimal::ZERO));
            if self.plan.columns.have_maps() {
                let columns = self.claimants.len() * self.columns.len();
                self.written.resize(columns, NONE);
            }
        }
        claimant
    }

    /// The number of cells of a claimant.
    fn width(&self) -> usize {
        self.columns.len() + self.plan.row_values.len()
    }

    fn add(
        &mut self,
        claimant: usize,
        row: u32,
        claim_status: ClaimStatus,
        (cells, written): (&impl Cells, &impl Cells),
        row_name: &dyn Fn(u64) -> String,
    ) -> Vec<CellFault> {
        let mut faults = Vec::new();
        let width = self.width();
        let known = self.claimants.get_mut(claimant);
        let (first, rows) = &mut known.claim;
        if *rows == 0 {
            *first = row;
        }
        *rows += 1;
        let first_row = u64::from(*first) + 1;
        if is_held(*known.claim_status.get_or_insert(claim_status)) != is_held(claim_status) {
            let this = held_word(claim_status);
            faults.push(messages::held_and_payable(this, &row_name(first_row)).into());
        }
        let merged = self.cells.get_mut(claimant * width..).or_bug(UNKNOWN);
        let (merged, sums) = merged
            .split_at_mut_checked(self.columns.len())
            .or_bug(UNKNOWN);
        let first_written = claimant * self.columns.len()..;
        for ((&column, merged), place) in self.columns.iter().zip(merged).zip(first_written) {
            let cell = cells.cell(column);
            match self.roles.get(column.0).or_bug(UNKNOWN) {
                MergeRule::Added(format, currency) => {
                    if currency.is_some_and(|currency| is_too_precise(cell, currency)) {
                        let (rows, _) = self.fine.entry(column).or_insert((0, row));
                        *rows += 1;
                    }
                    faults.extend(add_cell(merged, format, column, cell).err());
                }
                MergeRule::Unread => {}
                agreed => {
                    let MergedCell::Text(known) = *merged else {
                        *merged = MergedCell::Text(self.texts.number(cell));
                        if let Some(first) = self.written.get_mut(place) {
                            *first = self.texts.number(written.cell(column));
                        }
                        continue;
                    };
                    if self.texts.get(known) != cell {
                        let first_row = row_name(first_row);
                        let message = if *agreed == MergeRule::Agreed {
                            let other = *self.written.get(place).unwrap_or(&known);
                            let other = literal(self.texts.get(other));
                            let this = literal(written.cell(column));
                            messages::rows_disagree(&this, &other, &first_row)
                        } else {
                            messages::taxpayer_numbers_differ(&first_row)
                        };
                        faults.push(CellFault::at(column, message));
                    }
                }
            }
        }
        faults.extend(add_values(self.plan, sums, cells));
        faults
    }

    /// Every claim that has accepted rows, with its first row, the index of the claimant
    /// and the claim status, in the order in which ids first occur.
    pub(crate) fn claims(&self) -> impl Iterator<Item = (u32, usize, ClaimStatus)> {
        let claimants = self.claimants.iter().enumerate();
        claimants.filter_map(|(number, claimant)| {
            let (first, rows) = claimant.claim;
            let claim_status = (rows > 0).then_some(claimant.claim_status)?;
            Some((first, number, claim_status.or_bug(UNKNOWN)))
        })
    }

    /// The cells of claims, which are read claimant by claimant; first those of the first
    /// claim.
    pub(crate) fn cells(&self, id_column: ColumnId) -> Option<MergedCells<'_>> {
        let (_, claimant, _) = self.claims().next()?;
        let mut cells = MergedCells {
            merger: self,
            id: "",
            id_column,
            cells: RowCells::default(),
        };
        cells.read(claimant);
        Some(cells)
    }

    /// The text that the first row of a claimant has in a column, as it is in the file;
    /// `None` if the plan does not read it as another text.
    pub(crate) fn written(&self, claimant: usize, column: ColumnId) -> Option<&str> {
        let place = self.columns.iter().position(|known| *known == column)?;
        let written = *self.written.get(claimant * self.columns.len() + place)?;
        let MergedCell::Text(read) = *self.cells.get(claimant * self.width() + place)? else {
            return None;
        };
        (written != read).then(|| self.texts.get(written))
    }

    /// Writes the cells of all columns of the plan, and the sums of the values per row.
    fn fill(&self, claimant: usize, (id_column, id): (ColumnId, &str), to: &mut RowCells) {
        to.clear();
        let merged = self.cells.get(claimant * self.width()..).or_bug(UNKNOWN);
        let mut merged = merged.iter();
        for (number, role) in self.roles.iter().enumerate() {
            let cell = if role.is_merged() {
                *merged.next().or_bug(UNKNOWN)
            } else {
                MergedCell::Blank
            };
            match cell {
                _ if ColumnId(number) == id_column => to.push_whole(id),
                MergedCell::Blank => to.push_whole(""),
                MergedCell::Sum(sum) => to.push_number(sum),
                MergedCell::Text(text) => to.push_whole(self.texts.get(text)),
            }
        }
        let sums = merged.map(|sum| match sum {
            MergedCell::Sum(sum) => *sum,
            _ => Decimal::ZERO,
        });
        to.values
            .extend(self.plan.row_values.iter().copied().zip(sums));
    }

    /// Assigns to every row the class of its claim. `classes` holds the classes of
    /// claimants, in the order in which ids first occur.
    pub(crate) fn finish(
        self,
        claim_classes: &[Option<ClassId>],
        claim_list: &mut ClaimList,
        kept: KeptCells,
    ) -> MergedRows {
        let classes = claim_list
            .parts_mut()
            .iter_mut()
            .flat_map(|part| &mut part.classes);
        for (class, claimant) in classes.zip(&self.claimant_of) {
            if *claimant != NONE {
                let of_claim = *claim_classes.get(index(*claimant)).or_bug(UNKNOWN);
                *class = of_claim.unwrap_or(NO_CLASS);
            }
        }
        let claims = self.claimants.iter().map(|claimant| claimant.claim);
        MergedRows::new(kept, self.claimant_of, claims.collect())
    }
}

fn is_held(claim_status: ClaimStatus) -> bool {
    matches!(claim_status, ClaimStatus::Held(_))
}

fn held_word(claim_status: ClaimStatus) -> &'static str {
    if is_held(claim_status) {
        "held"
    } else {
        "payable"
    }
}

fn add_cell(
    sum: &mut MergedCell,
    format: &ColumnFormat,
    column: ColumnId,
    cell: &str,
) -> Result<(), CellFault> {
    if cell.is_empty() {
        return Ok(());
    }
    let number = format.number(column, cell)?;
    let before = match sum {
        MergedCell::Sum(sum) => *sum,
        _ => Decimal::ZERO,
    };
    let total = decimal::sum(before, number)
        .ok_or_else(|| CellFault::at(column, messages::sum_too_large()))?;
    *sum = MergedCell::Sum(total);
    Ok(())
}

/// Adds the values per row of a row to those of its claimant.
fn add_values(plan: &Plan, sums: &mut [MergedCell], cells: &impl Cells) -> Vec<CellFault> {
    let mut worked_out = Vec::new();
    let ids = &plan.row_values;
    if ids.iter().any(|&id| cells.row_value(id).is_none()) {
        let known = RefCell::default();
        if let Err(faults) = row_values::of_row(plan, cells, &known, &mut worked_out) {
            return faults;
        }
    }
    let mut faults = Vec::new();
    for (number, (&id, merged)) in ids.iter().zip(sums).enumerate() {
        let of_row = worked_out.get(number).map(|(_, value)| *value);
        let value = of_row.or_else(|| cells.row_value(id)).or_bug(UNKNOWN);
        let MergedCell::Sum(sum) = merged else {
            continue;
        };
        if let Some(total) = decimal::sum(*sum, value) {
            *sum = total;
        } else {
            let name = plan.values.get(id.0).map_or("", |value| &value.key);
            faults.push(messages::sum_of_value_too_large(&literal(name)).into());
        }
    }
    faults
}

/// True if a subclass, a pool, a formula or a report about payouts reads the
/// column.
pub(crate) fn read_by_claims(plan: &Plan, id: ColumnId) -> bool {
    let earlier = plan.tax.as_ref().and_then(|tax| tax.earlier.as_ref());
    plan.payment_method == Some(id)
        || plan.statement.language() == Some(id)
        || earlier.is_some_and(|earlier| earlier.column == id)
        || id != plan.claims.id && plan.rules_of_claims_read(id)
}
