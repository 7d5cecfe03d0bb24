//! Counts of rows for control totals: sums of columns, and statuses.

use std::cell::RefCell;
use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;

use crate::base::decimal::WeightedSum;
use crate::claims::control_totals::{ControlFigure, ControlTotals};
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, Cells, Facts as _};
use crate::plan::claim_view::ClaimView;
use crate::plan::{ColumnId, Plan, RowsRule, StatusRule, ValueId};

#[derive(Debug, Clone, Default)]
pub struct ControlCounts {
    sums: Vec<(ColumnId, WeightedSum)>,
    /// The sums of named values over payable and held claims.
    values: Vec<(ValueId, Ratio<BigInt>)>,
    status_column: Option<ColumnId>,
    statuses: BTreeMap<String, u64>,
}

impl ControlCounts {
    /// Counts the figures of the control totals, if there are any.
    pub fn new(plan: &Plan, expect: Option<&ControlTotals>) -> Self {
        let mut controls = Self::default();
        for total in expect.iter().flat_map(|expect| &expect.totals) {
            match &total.figure {
                ControlFigure::Sum(column) => controls.sums.push((*column, WeightedSum::default())),
                ControlFigure::SumOfValue(value) => controls.values.push((*value, Ratio::zero())),
                ControlFigure::Status(status) => {
                    if let StatusRule::Column { column, .. } = &plan.claims.status {
                        controls.status_column = Some(*column);
                    }
                    controls.statuses.insert(status.clone(), 0);
                }
                _ => {}
            }
        }
        controls
    }

    /// Counts a row. Returns the faults of cells that should be numbers.
    pub fn row(&mut self, plan: &Plan, cells: &impl Cells) -> Vec<CellFault> {
        let mut faults = Vec::new();
        for (column, sum) in &mut self.sums {
            let cell = cells.cell(*column);
            if cell.is_empty() {
                continue;
            }
            match plan.columns.format(*column).number(*column, cell) {
                Ok(number) => sum.add(number, 1),
                Err(fault) => faults.push(of_any_row(fault)),
            }
        }
        if let Some(column) = self.status_column
            && let Some(rows) = self.statuses.get_mut(cells.cell(column))
        {
            *rows += 1;
        }
        if plan.claims.rows == RowsRule::Unique && !self.values.is_empty() {
            let claim_status = status::claim_status(plan, cells, &mut RowFindings::default());
            if claim_status.is_some_and(ClaimStatus::takes_part) {
                self.claim(plan, cells);
            }
        }
        faults
    }

    /// Counts a payable or held claim. A value that cannot be computed is reported with
    /// the claim itself.
    pub fn claim(&mut self, plan: &Plan, cells: &impl Cells) {
        if self.values.is_empty() {
            return;
        }
        let known = RefCell::default();
        let claim = ClaimView::new(plan, cells, &known);
        for (value, sum) in &mut self.values {
            if let Ok(number) = claim.value(*value) {
                *sum += number.ratio();
            }
        }
    }

    /// Adds counts for the same control totals.
    pub fn add(&mut self, other: Self) {
        for ((_, sum), (_, more)) in self.sums.iter_mut().zip(other.sums) {
            sum.join(&more);
        }
        for ((_, sum), (_, more)) in self.values.iter_mut().zip(other.values) {
            *sum += more;
        }
        for (status, rows) in other.statuses {
            *self.statuses.entry(status).or_insert(0) += rows;
        }
    }

    pub fn sum(&self, column: ColumnId) -> Ratio<BigInt> {
        let known = self.sums.iter().find(|(known, _)| *known == column);
        known.map_or_else(Ratio::zero, |(_, sum)| sum.total())
    }

    pub fn sum_of_value(&self, value: ValueId) -> Ratio<BigInt> {
        let known = self.values.iter().find(|(known, _)| *known == value);
        known.map_or_else(Ratio::zero, |(_, sum)| sum.clone())
    }

    /// The number of rows with a status.
    pub fn status(&self, status: &str) -> u64 {
        self.statuses.get(status).copied().unwrap_or(0)
    }

    /// True if there is nothing to count.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty() && self.values.is_empty() && self.statuses.is_empty()
    }
}

/// The fault of a cell that may be in a row which no rule reads.
fn of_any_row(mut fault: CellFault) -> CellFault {
    const WHY: &str =
        "the control totals add up this column over all rows, denied and excluded ones too";
    let message = &mut fault.message;
    if message.hint.is_none() {
        fault.message = fault.message.advice(WHY);
        return fault;
    }
    for hint in [&mut message.hint, &mut message.kind.hint]
        .into_iter()
        .flatten()
    {
        *hint = format!("{hint}; {WHY}");
    }
    fault
}
