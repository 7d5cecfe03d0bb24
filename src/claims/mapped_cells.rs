//! Counts of cells that were read as other texts.

use std::collections::BTreeMap;

use crate::plan::cell_map::CellChange;
use crate::plan::{ColumnId, Plan};

/// By column, the number of cells that were read as other texts.
#[derive(Debug, Default)]
pub(crate) struct MappedCells(BTreeMap<ColumnId, CellCount>);

#[derive(Debug, Clone, Copy, Default)]
struct CellCount {
    mapped: u64,
    ignored_case: u64,
}

/// The cells of a column that were read as other texts, in all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedColumn {
    pub column: String,
    /// Cells in `map`.
    pub mapped: u64,
    /// Cells that differ from a text of the plan by case or white space, which
    /// `ignore_case` allows.
    pub ignored_case: u64,
}

impl MappedCells {
    /// Adds the cells of some rows that are alike.
    pub(super) fn add(&mut self, changed: &[(ColumnId, CellChange)], rows: u64) {
        for (column, change) in changed {
            let count = self.0.entry(*column).or_default();
            match change {
                CellChange::Mapped => count.mapped += rows,
                CellChange::IgnoredCase => count.ignored_case += rows,
            }
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        for (column, more) in other.0 {
            let count = self.0.entry(column).or_default();
            count.mapped += more.mapped;
            count.ignored_case += more.ignored_case;
        }
    }

    /// The counts of all columns that have a map, in plan order.
    pub(super) fn by_column(&self, plan: &Plan) -> Vec<MappedColumn> {
        let columns = plan.columns.iter();
        let mapped = columns.filter(|(_, column)| !column.map.is_empty());
        let count = |(id, column): (ColumnId, &crate::plan::Column)| {
            let count = self.0.get(&id).copied().unwrap_or_default();
            MappedColumn {
                column: column.name.clone(),
                mapped: count.mapped,
                ignored_case: count.ignored_case,
            }
        };
        mapped.map(count).collect()
    }
}
