//! `[[unique]]`: finds rows of different claimants with the same cells.
//!
//! As for ids that occur twice, workers hash the cells of each row, and only hashes that
//! occur more than once lead to a comparison of the cells.

use crate::claims::claim_list::{ClaimList, ClaimListRow};
use crate::claims::ids::duplicates::{self, IdHashes};
use crate::claims::row_cells::PackedRow;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::Plan;
use crate::plan::unique::UniqueRule;

/// A row with the same cells as the row of another claimant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedCells {
    /// The row, counted from 0.
    pub row: u32,
    /// The rule, by index in plan order.
    pub rule: usize,
    /// The first row with these cells.
    pub first: u32,
}

/// Finds the rows for each rule, by row and then by rule. `hashes` has those of each
/// rule, and `lead` names the row that represents the claimant of a row.
pub(super) fn find(
    plan: &Plan,
    claim_list: &ClaimList,
    hashes: Vec<Vec<IdHashes>>,
    lead: &dyn Fn(u32) -> u32,
    threads: usize,
) -> Vec<SharedCells> {
    let mut found = Vec::new();
    for (number, (rule, hashes)) in plan.unique.iter().zip(hashes).enumerate() {
        let mut suspects = duplicates::suspects(&hashes, threads);
        suspects.sort_unstable();
        if suspects.is_empty() {
            continue;
        }
        let mut rows = suspicious(plan, rule, claim_list, &suspects);
        rows.sort_unstable();
        for same in rows.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((&(_, first), others)) = same.split_first() else {
                continue;
            };
            let others = others.iter().map(|(_, row)| *row);
            let others = others.filter(|&row| lead(row) != lead(first));
            found.extend(others.map(|row| SharedCells {
                row,
                rule: number,
                first,
            }));
        }
    }
    found.sort_unstable();
    found
}

/// The payable and held rows whose cells have one of these hashes.
fn suspicious(
    plan: &Plan,
    rule: &UniqueRule,
    claim_list: &ClaimList,
    suspects: &[u64],
) -> Vec<(String, u32)> {
    let mut key = String::new();
    let mut rows = Vec::new();
    let mut look = |row: &ClaimListRow<'_>, cells: PackedRow<'_>| {
        let is_suspect = |key: &str| suspects.binary_search(&duplicates::hash(key)).is_ok();
        if rule.key(&cells, &mut key) && is_suspect(&key) {
            let status = status::claim_status(plan, &cells, &mut RowFindings::default());
            if status.is_some_and(ClaimStatus::takes_part) {
                rows.push((key.clone(), row.number));
            }
        }
    };
    for part in claim_list.parts() {
        for (place, row) in part.rows().enumerate() {
            look(&row, part.cells.row(place));
        }
    }
    rows
}
