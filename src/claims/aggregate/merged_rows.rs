//! Which rows were added up to which claim, and the claim's cells.

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug as _;
use crate::claims::row_cells::{PackedRow, PackedRows, RowCells};

pub(super) const UNKNOWN: &str = "a row has an unknown claimant";

/// Rows that belong to no claim because they are excluded or denied.
pub(super) const NONE: u32 = u32::MAX;

/// Which rows were added up to which claim.
#[derive(Debug, Default)]
pub(crate) struct MergedRows {
    /// The cells of each claimant, added up, if they are kept.
    kept: KeptCells,
    /// The claimant of each row; `NONE` if the row itself is excluded or denied.
    claimant_of: Vec<u32>,
    /// The first accepted row and the number of rows of each claimant.
    claims: Vec<(u32, u32)>,
    /// By row, whether it is the first accepted row of its claimant, or belongs to none.
    leads: Vec<bool>,
}

/// The number of claimants whose cells are kept together.
const KEPT: usize = 1 << 14;

/// The cells of claimants, added up.
#[derive(Debug, Default)]
pub(crate) struct KeptCells(Vec<PackedRows>);

impl KeptCells {
    /// Keeps the cells of a claimant; claimants come in order, and those without a claim
    /// are left out.
    pub(crate) fn keep(&mut self, claimant: usize, cells: &RowCells) {
        loop {
            let full = self.0.len().saturating_sub(1) * KEPT;
            let is_next = full + self.0.last().map_or(0, PackedRows::len) == claimant;
            let has_room = self.0.last().is_some_and(|kept| kept.len() < KEPT);
            let kept = match self.0.last_mut().filter(|_| has_room) {
                Some(kept) => kept,
                None => self.0.push_mut(PackedRows::default()),
            };
            kept.push(cells);
            if is_next {
                return;
            }
        }
    }

    fn of(&self, claimant: usize) -> Option<PackedRow<'_>> {
        let kept = self.0.get(claimant / KEPT)?;
        Some(kept.row(claimant % KEPT))
    }
}

impl MergedRows {
    pub(super) fn new(kept: KeptCells, claimant_of: Vec<u32>, claims: Vec<(u32, u32)>) -> Self {
        let mut leads: Vec<bool> = claimant_of.iter().map(|one| *one == NONE).collect();
        for (first, _) in claims.iter().filter(|(_, rows)| *rows > 0) {
            *leads.get_mut(index(*first)).or_bug(UNKNOWN) = true;
        }
        Self {
            kept,
            claimant_of,
            claims,
            leads,
        }
    }

    /// True if the row represents its claimant, or belongs to no claim.
    pub(crate) fn leads(&self, row: u32) -> bool {
        *self.leads.get(index(row)).or_bug(UNKNOWN)
    }

    /// The kept cells of the claimant of a row.
    pub(crate) fn cells(&self, row: u32) -> Option<PackedRow<'_>> {
        self.kept.of(index(*self.claimant_of.get(index(row))?))
    }

    /// The first accepted row of the claim to which a row was added, or the row
    /// itself.
    pub(crate) fn lead(&self, row: u32) -> u32 {
        self.claim_of(row).map_or(row, |(first, _)| first)
    }

    /// The number of rows that were added up to the claim of a row.
    pub(crate) fn rows(&self, row: u32) -> u32 {
        self.claim_of(row).map_or(1, |(_, rows)| rows)
    }

    fn claim_of(&self, row: u32) -> Option<(u32, u32)> {
        let claimant = *self.claimant_of.get(index(row)).or_bug(UNKNOWN);
        let claim = (claimant != NONE).then(|| self.claims.get(index(claimant)))?;
        Some(*claim.or_bug(UNKNOWN))
    }
}
