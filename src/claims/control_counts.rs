//! Counts of rows for control totals: sums of columns, and statuses.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;

use crate::base::decimal::WeightedSum;
use crate::claims::control_totals::{ControlFigure, ControlTotals};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::{ColumnId, Plan, StatusRule};

#[derive(Debug, Clone, Default)]
pub struct ControlCounts {
    sums: Vec<(ColumnId, WeightedSum)>,
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
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(column) = self.status_column
            && let Some(rows) = self.statuses.get_mut(cells.cell(column))
        {
            *rows += 1;
        }
        faults
    }

    /// Adds counts for the same control totals.
    pub fn add(&mut self, other: Self) {
        for ((_, sum), (_, more)) in self.sums.iter_mut().zip(other.sums) {
            sum.join(&more);
        }
        for (status, rows) in other.statuses {
            *self.statuses.entry(status).or_insert(0) += rows;
        }
    }

    pub fn sum(&self, column: ColumnId) -> Ratio<BigInt> {
        let known = self.sums.iter().find(|(known, _)| *known == column);
        known.map_or_else(Ratio::zero, |(_, sum)| sum.total())
    }

    /// The number of rows with a status.
    pub fn status(&self, status: &str) -> u64 {
        self.statuses.get(status).copied().unwrap_or(0)
    }

    /// True if there is nothing to count.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty() && self.statuses.is_empty()
    }
}
