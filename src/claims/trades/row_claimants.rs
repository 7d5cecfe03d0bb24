//! The claimants of the rows of trades files, found while the rows are read.

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug as _;
use crate::claims::aggregate::claimants::Claimants;
use crate::claims::claim_list::ClaimListPart;

const LOST: &str = "the claimant of a trade is missing";

/// The number of rows whose claimants are looked up together: each look-up mostly waits
/// for memory.
const LOOKED_UP: usize = 512;

/// The claimants, and the one of each row.
#[derive(Debug, Default)]
pub(crate) struct RowClaimants {
    claimants: Claimants,
    of_rows: Vec<u32>,
}

impl RowClaimants {
    /// Adds rows with the hashes of their ids, and takes the ids.
    pub(crate) fn take(&mut self, part: &mut ClaimListPart, hashes: &[u64]) {
        let ids = part.rows().map(|row| row.id_text());
        let rows: Vec<(&str, u64)> = ids.zip(hashes.iter().copied()).collect();
        (rows.len() == part.len()).then_some(()).or_bug(LOST);
        self.add(&rows);
        part.forget_ids();
    }

    /// Adds the next rows, with their ids and the hashes of the ids.
    fn add(&mut self, rows: &[(&str, u64)]) {
        let claimants = &mut self.claimants;
        for rows in rows.chunks(LOOKED_UP) {
            let before = self.of_rows.len();
            let likely = rows.iter().map(|(_, hash)| claimants.likely(*hash));
            self.of_rows.extend(likely);
            let found = self.of_rows.get_mut(before..).or_bug(LOST);
            for (claimant, (id, hash)) in found.iter_mut().zip(rows) {
                if !claimants.has(*claimant, id) {
                    *claimant = claimants.find_or_add(id, *hash, 0);
                }
            }
        }
    }

    /// The claimants; where the rows of each begin, with the end of all; and the rows,
    /// grouped by claimant.
    pub(crate) fn grouped(self) -> (Claimants, Vec<u32>, Vec<u32>) {
        let mut next = vec![0; self.claimants.len()];
        for claimant in &self.of_rows {
            *next.get_mut(index(*claimant)).or_bug(LOST) += 1;
        }
        let mut end: u32 = 0;
        for count in &mut next {
            end += std::mem::replace(count, end);
        }
        let mut starts = next.clone();
        starts.push(end);
        let mut order = vec![0; self.of_rows.len()];
        for (row, claimant) in (0..).zip(&self.of_rows) {
            let place = next.get_mut(index(*claimant)).or_bug(LOST);
            *order.get_mut(index(*place)).or_bug(LOST) = row;
            *place += 1;
        }
        (self.claimants, starts, order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ids::duplicates::hash;

    #[test]
    fn rows_are_grouped_in_their_order() {
        let ids = ["b", "a", "b", "c", "a", "b"];
        let mut rows = RowClaimants::default();
        for ids in ids.chunks(2) {
            let ids: Vec<(&str, u64)> = ids.iter().map(|id| (*id, hash(id))).collect();
            rows.add(&ids);
        }
        let (claimants, starts, order) = rows.grouped();
        assert_eq!(claimants.len(), 3);
        assert_eq!(starts, [0, 3, 5, 6]);
        assert_eq!(order, [0, 2, 5, 1, 4, 3]);
        assert_eq!(claimants.find("c", hash("c")), Some(2));
        assert_eq!(claimants.find("d", hash("d")), None);
    }
}
