//! The counts that a worker keeps over all of its rows.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::claims::control_counts::ControlCounts;
use crate::claims::mapped_cells::MappedCells;
use crate::plan::cell::Cells;
use crate::plan::{ColumnId, Plan};

/// The number of occurrences of texts that matched no text of the plan, by column.
pub(in crate::claims) type UnmatchedTexts = BTreeMap<ColumnId, HashMap<String, u64, FixedState>>;

#[derive(Debug)]
pub(in crate::claims) struct RowCounts {
    /// Texts that matched no text of the plan.
    pub unmatched: UnmatchedTexts,
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
