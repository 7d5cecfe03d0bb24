//! The counts that a worker keeps over all of its rows.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::claims::control_counts::ControlCounts;
use crate::claims::mapped_cells::MappedCells;
use crate::plan::cell::Cells;
use crate::plan::column::fold;
use crate::plan::unique::is_placeholder;
use crate::plan::{ColumnId, Plan};

/// The number of occurrences of texts that matched no text of the plan, by column.
pub(in crate::claims) type UnmatchedTexts = BTreeMap<ColumnId, HashMap<String, u64, FixedState>>;

#[derive(Debug)]
pub(in crate::claims) struct RowCounts {
    /// Texts that matched no text of the plan.
    pub unmatched: UnmatchedTexts,
    /// Placeholders in columns that `[[unique]]` compares.
    pub placeholders: UnmatchedTexts,
    /// Counts for control totals.
    pub controls: ControlCounts,
    /// Cells that were read as other texts.
    pub mapped: MappedCells,
    /// Claims in the gaps between ranges of portions, by gap.
    pub gaps: BTreeMap<usize, u64>,
}

impl RowCounts {
    pub(super) fn unmatched(&mut self, column: ColumnId, text: &str, rows: u64) {
        count(&mut self.unmatched, column, text, rows);
    }

    /// Counts the placeholders of a payable or held row in columns that `[[unique]]`
    /// compares.
    pub(super) fn note_placeholders(&mut self, plan: &Plan, cells: &impl Cells) {
        let columns = plan.unique.iter().flat_map(|rule| &rule.columns);
        let columns: BTreeSet<ColumnId> = columns.copied().collect();
        for column in columns {
            let cell = cells.cell(column);
            if is_placeholder(&fold(cell)) {
                count(&mut self.placeholders, column, cell, 1);
            }
        }
    }

    /// Counts a payable or held claim in the gaps between ranges of portions.
    pub(in crate::claims) fn note_gaps(&mut self, plan: &Plan, cells: &impl Cells) {
        for gap in plan.portion_gaps(cells) {
            *self.gaps.entry(gap).or_insert(0) += 1;
        }
    }

    pub(in crate::claims) fn add(&mut self, other: Self) {
        for (gap, claims) in other.gaps {
            *self.gaps.entry(gap).or_insert(0) += claims;
        }
        for (column, texts) in other.unmatched {
            for (text, rows) in texts {
                count(&mut self.unmatched, column, &text, rows);
            }
        }
        for (column, texts) in other.placeholders {
            for (text, rows) in texts {
                count(&mut self.placeholders, column, &text, rows);
            }
        }
        self.controls.add(other.controls);
        self.mapped.join(other.mapped);
    }
}

fn count(unmatched: &mut UnmatchedTexts, column: ColumnId, text: &str, rows: u64) {
    let texts = unmatched
        .entry(column)
        .or_insert_with(|| HashMap::with_hasher(FixedState::with_seed(0)));
    match texts.get_mut(text) {
        Some(count) => *count += rows,
        None => {
            texts.insert(text.to_owned(), rows);
        }
    }
}
