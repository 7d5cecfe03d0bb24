//! `rows = "sum"`: the rows of one claimant become one claim.
//!
//! Each row is excluded, denied, held or accepted on its own. In accepted rows,
//! columns that formulas read as numbers are added up, unless the plan says that
//! they are the same (a blank adds nothing; if all are blank, the sum is blank).
//! All other columns that pools, formulas and subclasses read must have the same
//! value in all rows. Payable and held rows may not be mixed.

pub(crate) mod merged_rows;
pub(crate) mod same_rows;
mod text_pool;

use hashbrown::HashTable;
use rust_decimal::Decimal;

use crate::base::compact_column::index;
use crate::base::decimal;
use crate::base::diagnostics::{OrBug, literal};
use crate::base::money::Currency;
use crate::claims::aggregate::merged_rows::{KeptCells, MergedRows, NONE, UNKNOWN};
use crate::claims::aggregate::same_rows::{RepeatedRows, RowHashes};
use crate::claims::aggregate::text_pool::{ClaimantIds, TextPool};
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
    fn is_added(&self) -> bool {
        matches!(self, Self::Added(..))
    }

    fn is_agreed(&self) -> bool {
        matches!(self, Self::Agreed | Self::AgreedUnshown)
    }
}

/// Adds up rows while they are read.
#[derive(Debug)]
pub(crate) struct RowMerger<'p> {
    plan: &'p Plan,
    roles: Vec<MergeRule>,
    /// The claimants, with part of the hash of their id, which rules out most other
    /// ids without reading them.
    by_id: HashTable<(u32, u32)>,
    names: ClaimantIds,
    claim_statuses: Vec<Option<ClaimStatus>>,
    added: Vec<Option<Decimal>>,
    agreed: Vec<u32>,
    /// The same as they are in the file, if the plan may read cells as other texts.
    written: Vec<u32>,
    /// The sums of the values per row.
    values: Vec<Decimal>,
    texts: TextPool,
    merged: MergedRows,
    first_rows: Vec<u32>,
    hashes: RowHashes,
    /// Columns with amounts finer than the currency: the number of rows, and the
    /// first row.
    pub fine: TooPrecise,
}

/// The cells of a claim whose rows were added up.
#[derive(Debug)]
pub(crate) struct MergedCells<'a> {
    id: &'a str,
    id_column: ColumnId,
    cells: Vec<(ColumnId, String)>,
    /// The sums of the values per row.
    values: Vec<(ValueId, Decimal)>,
}

impl MergedCells<'_> {
    /// The cells of all columns of a plan; those that were not read are blank.
    pub(crate) fn all(&self, columns: usize) -> RowCells {
        let mut all = RowCells::default();
        all.values.clone_from(&self.values);
        for column in (0..columns).map(ColumnId) {
            let cell = self.cells.iter().find(|(known, _)| *known == column);
            let cell = cell.map_or("", |(_, text)| text);
            let is_id = column == self.id_column;
            all.push_whole(if is_id { self.id } else { cell });
        }
        all
    }
}

impl Cells for MergedCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        if column == self.id_column {
            return self.id;
        }
        let cell = self.cells.iter().find(|(known, _)| *known == column);
        let (_, text) = cell.or_bug("a column was read but not added up");
        text
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        let sum = self.values.iter().find(|(known, _)| *known == value);
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
        Self {
            plan,
            roles: roles.collect(),
            by_id: HashTable::new(),
            names: ClaimantIds::default(),
            claim_statuses: Vec::new(),
            added: Vec::new(),
            agreed: Vec::new(),
            written: Vec::new(),
            values: Vec::new(),
            texts: TextPool::default(),
            merged: MergedRows::default(),
            first_rows: Vec::new(),
            hashes: RowHashes::default(),
            fine: TooPrecise::new(),
        }
    }

    /// The number of distinct ids.
    pub(crate) fn claimants(&self) -> usize {
        self.names.len()
    }

    /// Every usable id, with its first row.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (u32, &str)> {
        let ids = (0..self.names.len()).map(|number| self.names.get(number));
        let first_rows = self.first_rows.iter().copied();
        first_rows.zip(ids).filter(|(_, id)| !id.is_empty())
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

    /// The claimants of the next rows, whose ids have these hashes. Many rows are
    /// looked up together, because each lookup mostly waits for memory.
    pub(crate) fn claimants_of<'a>(
        &mut self,
        rows: impl Iterator<Item = (&'a str, u64)>,
    ) -> Vec<u32> {
        let numbers = self.next_row()..;
        rows.zip(numbers)
            .map(|((id, hash), row)| self.claimant(id, hash, row))
            .collect()
    }

    /// The accepted rows that repeat an earlier row of their claimant; none if nothing is
    /// added up, so that they count once.
    pub(crate) fn repeated(&self, threads: usize) -> RepeatedRows {
        if self.count(MergeRule::is_added) == 0 && self.plan.row_values.is_empty() {
            return RepeatedRows::default();
        }
        self.hashes.repeated(same_rows::SHOWN, threads)
    }

    fn next_row(&self) -> u32 {
        u32::try_from(self.merged.claimant_of.len()).unwrap_or(NONE)
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
            self.merged.claimant_of.push(NONE);
            self.hashes.skip();
            return Vec::new();
        };
        self.merged.claimant_of.push(claimant);
        self.hashes.push(claimant, &self.plan.columns, cells.0);
        self.add(index(claimant), row, claim_status, cells, row_name)
    }

    /// The index of the claimant with this id, existing or new.
    fn claimant(&mut self, id: &str, hash: u64, row: u32) -> u32 {
        let names = &self.names;
        let tag = tag_of(hash);
        let known = |claimant: u32| names.get(index(claimant));
        let same = self.by_id.find(hash, |&(claimant, other)| {
            other == tag && known(claimant) == id
        });
        if let Some((claimant, _)) = same {
            return *claimant;
        }
        let claimant = u32::try_from(self.claimants()).unwrap_or(NONE);
        self.names.push(id);
        let names = &self.names;
        self.by_id
            .insert_unique(hash, (claimant, tag), |&(claimant, _)| {
                duplicates::hash(names.get(index(claimant)))
            });
        self.first_rows.push(row);
        self.claim_statuses.push(None);
        self.merged.claims.push((row, 0));
        let count = |role: fn(&MergeRule) -> bool| self.roles.iter().filter(|r| role(r)).count();
        let (added, agreed) = (count(MergeRule::is_added), count(MergeRule::is_agreed));
        self.added.resize(self.added.len() + added, None);
        self.agreed.resize(self.agreed.len() + agreed, NONE);
        if self.plan.columns.have_maps() {
            self.written.resize(self.agreed.len(), NONE);
        }
        let values = self.values.len() + self.plan.row_values.len();
        self.values.resize(values, Decimal::ZERO);
        claimant
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
        let first_row = {
            let (first, rows) = self.merged.claims.get_mut(claimant).or_bug(UNKNOWN);
            if *rows == 0 {
                *first = row;
            }
            *rows += 1;
            u64::from(*first) + 1
        };
        let known = self.claim_statuses.get_mut(claimant).or_bug(UNKNOWN);
        if is_held(*known.get_or_insert(claim_status)) != is_held(claim_status) {
            let this = held_word(claim_status);
            faults.push(messages::held_and_payable(this, &row_name(first_row)).into());
        }
        let (mut added, mut agreed) = (
            claimant * self.count(MergeRule::is_added),
            claimant * self.count(MergeRule::is_agreed),
        );
        for (number, role) in self.roles.iter().enumerate() {
            let column = ColumnId(number);
            let cell = cells.cell(column);
            match role {
                MergeRule::Added(format, currency) => {
                    if currency.is_some_and(|currency| is_too_precise(cell, currency)) {
                        let (rows, _) = self.fine.entry(column).or_insert((0, row));
                        *rows += 1;
                    }
                    let sum = self.added.get_mut(added).or_bug(UNKNOWN);
                    faults.extend(add_cell(sum, format, column, cell).err());
                    added += 1;
                }
                MergeRule::Agreed | MergeRule::AgreedUnshown => {
                    let text = self.texts.number(cell);
                    let known = self.agreed.get_mut(agreed).or_bug(UNKNOWN);
                    if *known == NONE {
                        *known = text;
                        if let Some(first) = self.written.get_mut(agreed) {
                            *first = self.texts.number(written.cell(column));
                        }
                    } else if *known != text {
                        let other = *self.written.get(agreed).unwrap_or(&*known);
                        let other = literal(self.texts.get(other));
                        let first_row = row_name(first_row);
                        let message = if *role == MergeRule::Agreed {
                            let this = literal(written.cell(column));
                            messages::rows_disagree(&this, &other, &first_row)
                        } else {
                            messages::taxpayer_numbers_differ(&first_row)
                        };
                        faults.push(CellFault::at(column, message));
                    }
                    agreed += 1;
                }
                MergeRule::Unread => {}
            }
        }
        faults.extend(self.add_values(claimant, cells));
        faults
    }

    /// Adds the values per row of a row to those of its claimant.
    fn add_values(&mut self, claimant: usize, cells: &impl Cells) -> Vec<CellFault> {
        let ids = &self.plan.row_values;
        let known = ids.iter().map(|&id| Some((id, cells.row_value(id)?)));
        let values = match known.collect::<Option<Vec<_>>>() {
            Some(values) => values,
            None => match row_values::of_row(self.plan, cells) {
                Ok(values) => values,
                Err(faults) => return faults,
            },
        };
        let mut faults = Vec::new();
        for (number, (id, value)) in values.into_iter().enumerate() {
            let place = claimant * ids.len() + number;
            let sum = self.values.get_mut(place).or_bug(UNKNOWN);
            if let Some(total) = decimal::sum(*sum, value) {
                *sum = total;
            } else {
                let name = self.plan.values.get(id.0).map_or("", |value| &value.key);
                faults.push(messages::sum_of_value_too_large(&literal(name)).into());
            }
        }
        faults
    }

    fn count(&self, role: fn(&MergeRule) -> bool) -> usize {
        self.roles.iter().filter(|r| role(r)).count()
    }

    /// Every claim that has accepted rows, with its first row, claim status and
    /// cells, in the order in which ids first occur.
    pub(crate) fn claims(
        &self,
        id_column: ColumnId,
    ) -> impl Iterator<Item = (u32, usize, ClaimStatus, MergedCells<'_>)> {
        self.merged
            .claims
            .iter()
            .enumerate()
            .filter(|(_, (_, rows))| *rows > 0)
            .map(move |(claimant, (first, _))| {
                let claim_status = self.claim_statuses.get(claimant).copied().flatten();
                let claim_status = claim_status.or_bug(UNKNOWN);
                let id = self.names.get(claimant);
                (
                    *first,
                    claimant,
                    claim_status,
                    MergedCells {
                        id,
                        id_column,
                        cells: self.cells(claimant),
                        values: self.values_of(claimant),
                    },
                )
            })
    }

    /// The text that the first row of a claimant has in a column, as it is in the file;
    /// `None` if the plan does not read it as another text.
    pub(crate) fn written(&self, claimant: usize, column: ColumnId) -> Option<&str> {
        let before = self.roles.get(..column.0)?;
        let before = before.iter().filter(|role| role.is_agreed()).count();
        self.roles.get(column.0).filter(|role| role.is_agreed())?;
        let place = claimant * self.count(MergeRule::is_agreed) + before;
        let written = *self.written.get(place)?;
        let read = *self.agreed.get(place)?;
        (written != NONE && written != read).then(|| self.texts.get(written))
    }

    fn values_of(&self, claimant: usize) -> Vec<(ValueId, Decimal)> {
        let ids = &self.plan.row_values;
        let sums = self.values.get(claimant * ids.len()..).or_bug(UNKNOWN);
        ids.iter().copied().zip(sums.iter().copied()).collect()
    }

    fn cells(&self, claimant: usize) -> Vec<(ColumnId, String)> {
        let (mut added, mut agreed) = (
            claimant * self.count(MergeRule::is_added),
            claimant * self.count(MergeRule::is_agreed),
        );
        let mut cells = Vec::new();
        for (number, role) in self.roles.iter().enumerate() {
            let text = match role {
                MergeRule::Added(..) => {
                    added += 1;
                    let sum = *self.added.get(added - 1).or_bug(UNKNOWN);
                    sum.map_or_else(String::new, decimal::text)
                }
                MergeRule::Agreed | MergeRule::AgreedUnshown => {
                    agreed += 1;
                    let text = *self.agreed.get(agreed - 1).or_bug(UNKNOWN);
                    self.texts.get(text).to_owned()
                }
                MergeRule::Unread => continue,
            };
            cells.push((ColumnId(number), text));
        }
        cells
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
        for (class, claimant) in classes.zip(&self.merged.claimant_of) {
            if *claimant != NONE {
                let of_claim = *claim_classes.get(index(*claimant)).or_bug(UNKNOWN);
                *class = of_claim.unwrap_or(NO_CLASS);
            }
        }
        MergedRows {
            kept,
            ..self.merged
        }
    }
}

/// A part of the hash that the table itself does not use first.
fn tag_of(hash: u64) -> u32 {
    let [_, _, a, b, c, d, _, _] = hash.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
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
    sum: &mut Option<Decimal>,
    format: &ColumnFormat,
    column: ColumnId,
    cell: &str,
) -> Result<(), CellFault> {
    if cell.is_empty() {
        return Ok(());
    }
    let number = format.number(column, cell)?;
    let total = decimal::sum(sum.unwrap_or_default(), number)
        .ok_or_else(|| CellFault::at(column, messages::sum_too_large()))?;
    *sum = Some(total);
    Ok(())
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
