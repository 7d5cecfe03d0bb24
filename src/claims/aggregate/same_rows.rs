//! Rows of one claimant that are the same in every cell that the plan reads: adding them
//! up may count one claim twice.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::claims::ids::duplicates::{self, IdHashes};
use crate::plan::cell::Cells;
use crate::plan::columns::Columns;

/// Number of repeated rows that are shown.
pub(super) const SHOWN: usize = 5;

/// Rows that are part of no claim.
const NONE: u64 = 0;

/// A hash of the claimant and the cells of each row. Claims are not kept in memory, so
/// that hashes are all that can be compared after the last row.
#[derive(Debug, Default)]
pub(super) struct RowHashes(Vec<u64>);

/// Rows that repeat an earlier row of their claimant.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RepeatedRows {
    pub count: usize,
    /// The first of them: the indexes of both rows, the earlier first.
    pub first: Vec<(u32, u32)>,
}

impl RowHashes {
    /// Notes a row that is part of no claim.
    pub(super) fn skip(&mut self) {
        self.0.push(NONE);
    }

    pub(super) fn push(&mut self, claimant: u32, columns: &Columns, cells: &impl Cells) {
        let mut hasher = FixedState::with_seed(0).build_hasher();
        hasher.write_u32(claimant);
        for (column, _) in columns.iter() {
            let cell = cells.cell(column);
            hasher.write(cell.as_bytes());
            hasher.write_usize(cell.len());
        }
        self.0.push(hasher.finish() | 1);
    }

    /// The rows that repeat an earlier one, of which the first `shown` have their place.
    pub(super) fn repeated(&self, shown: usize, threads: usize) -> RepeatedRows {
        let mut all = IdHashes::default();
        let hashes = self.0.iter().filter(|hash| **hash != NONE);
        hashes.for_each(|hash| all.push(*hash));
        let mut twice = duplicates::suspects(&[all.take()], threads);
        twice.sort_unstable();
        let mut first_rows: Vec<Option<u32>> = vec![None; twice.len()];
        let mut repeated = RepeatedRows::default();
        for (row, hash) in (0..).zip(&self.0) {
            let place = twice.binary_search(hash).ok();
            match place.and_then(|place| first_rows.get_mut(place)) {
                Some(Some(first)) => {
                    repeated.count += 1;
                    if repeated.first.len() < shown {
                        repeated.first.push((*first, row));
                    }
                }
                Some(first) => *first = Some(row),
                None => {}
            }
        }
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::cell::ColumnId;

    struct TwoCells<'a>([&'a str; 2]);

    impl Cells for TwoCells<'_> {
        fn cell(&self, column: ColumnId) -> &str {
            self.0[column.0]
        }
    }

    #[test]
    fn rows_of_one_claimant_with_the_same_cells_are_found() {
        let mut columns = Columns::default();
        columns.id("one");
        columns.id("other");
        let mut hashes = RowHashes::default();
        for (claimant, cells) in [
            (0, ["ab", "c"]),
            (1, ["ab", "c"]),
            (0, ["a", "bc"]),
            (0, ["ab", "c"]),
            (1, ["", ""]),
            (0, ["ab", "c"]),
        ] {
            hashes.push(claimant, &columns, &TwoCells(cells));
            hashes.skip();
        }
        let found = hashes.repeated(1, 2);
        assert_eq!(found.first, [(0, 6)]);
        assert_eq!(found.count, 2);
    }
}
