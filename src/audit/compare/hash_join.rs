//! Claimants seen on one side only so far: their ids in one block of memory, and a
//! compact hash table that finds them.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::audit::compare::changes::{ClaimantState, OldAndNew, ReasonId};

/// The table has no room for another claimant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JoinFull;

/// A hash of an id. It locates candidates; the ids themselves are compared.
pub(super) fn hash(id: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(id);
    hasher.finish()
}

#[derive(Debug, Clone, Copy)]
struct JoinEntry {
    /// The offset of the id, after a byte with its length.
    place: u32,
    /// `None` on both sides: the entry was taken.
    sides: PackedOldAndNew,
}

/// Both sides, without padding.
#[derive(Debug, Clone, Copy)]
struct PackedOldAndNew([Option<PackedState>; 2]);

#[derive(Debug, Clone, Copy)]
struct PackedState {
    status: crate::audit::compare::changes::ClaimantFile,
    amount: [u8; 16],
    mark: crate::audit::compare::changes::TaxMark,
    reason: ReasonId,
    portions: [u8; 8],
}

impl PackedOldAndNew {
    fn unpack(self) -> OldAndNew {
        self.0.map(|side| {
            side.map(|side| ClaimantState {
                status: side.status,
                amount: i128::from_ne_bytes(side.amount),
                mark: side.mark,
                reason: side.reason,
                portions: u64::from_ne_bytes(side.portions),
            })
        })
    }

    fn pack(sides: OldAndNew) -> Self {
        Self(sides.map(|side| {
            side.map(|side| PackedState {
                status: side.status,
                amount: side.amount.to_ne_bytes(),
                mark: side.mark,
                reason: side.reason,
                portions: side.portions.to_ne_bytes(),
            })
        }))
    }
}

/// Claimants that wait for their other side.
#[derive(Debug, Default)]
pub(super) struct HashJoin {
    table: HashTable<u32>,
    entries: Vec<JoinEntry>,
    ids: Vec<u8>,
    limit: usize,
}

impl HashJoin {
    /// An empty table with a limit in bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Removes a claimant.
    pub(super) fn take(&mut self, id: &[u8], hash: u64) -> Option<OldAndNew> {
        if self.table.is_empty() {
            return None;
        }
        let (entries, ids) = (&self.entries, &self.ids);
        let found = self
            .table
            .find_entry(hash, |&number| id_of(entries, ids, number) == id)
            .ok()?;
        let (number, _) = found.remove();
        let entry = self.entries.get_mut(index(number))?;
        let sides = entry.sides.unpack();
        entry.sides = PackedOldAndNew([None, None]);
        if self.table.is_empty() {
            self.entries.clear();
            self.ids.clear();
        }
        Some(sides)
    }

    /// Adds a claimant who is not in the table.
    pub(super) fn put(&mut self, id: &[u8], hash: u64, sides: OldAndNew) -> Result<(), JoinFull> {
        if self.bytes() >= self.limit {
            // Removed entries are dropped only when that is worth the work.
            if self.table.len() * 2 > self.entries.len() {
                return Err(JoinFull);
            }
            self.compact();
        }
        let length = u8::try_from(id.len()).map_err(|_| JoinFull)?;
        let place = u32::try_from(self.ids.len()).map_err(|_| JoinFull)?;
        let number = u32::try_from(self.entries.len()).map_err(|_| JoinFull)?;
        self.ids.push(length);
        self.ids.extend_from_slice(id);
        self.entries.push(JoinEntry {
            place,
            sides: PackedOldAndNew::pack(sides),
        });
        let (entries, ids) = (&self.entries, &self.ids);
        self.table.insert_unique(hash, number, |&number| {
            crate::audit::compare::hash_join::hash(id_of(entries, ids, number))
        });
        Ok(())
    }

    /// The remaining claimants, in the order of insertion.
    pub(super) fn left(&self) -> impl Iterator<Item = (&[u8], OldAndNew)> {
        let entries = self.entries.iter();
        entries
            .map(|entry| (id_at(&self.ids, entry.place), entry.sides.unpack()))
            .filter(|(_, sides)| *sides != [None, None])
    }

    fn bytes(&self) -> usize {
        let number = size_of::<u32>() + 1;
        self.entries.len() * size_of::<JoinEntry>() + self.ids.len() + self.table.len() * number
    }

    fn compact(&mut self) {
        let mut kept = Self::new(usize::MAX);
        for (id, sides) in self.left() {
            // There is no limit, and no more is kept than before.
            let _ = kept.put(id, hash(id), sides);
        }
        kept.limit = self.limit;
        *self = kept;
    }
}

fn id_of<'a>(entries: &[JoinEntry], ids: &'a [u8], number: u32) -> &'a [u8] {
    let entry = entries.get(index(number));
    entry.map_or(&[], |entry| id_at(ids, entry.place))
}

fn id_at(ids: &[u8], place: u32) -> &[u8] {
    let rest = ids.get(index(place)..).unwrap_or_default();
    let id = rest
        .split_first()
        .and_then(|(length, after)| after.get(..usize::from(*length)));
    id.unwrap_or_default()
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::compare::changes::{ClaimantFile, TaxMark};

    fn sides(amount: i128) -> OldAndNew {
        let (status, mark) = (ClaimantFile::Paid, TaxMark::None);
        let claim_status = ClaimantState {
            status,
            amount,
            mark,
            reason: ReasonId::default(),
            portions: 0,
        };
        [Some(claim_status), None]
    }

    #[test]
    fn ids_of_one_hash_are_kept_apart() {
        let mut pending = HashJoin::new(usize::MAX);
        pending.put(b"a", 7, sides(1)).unwrap();
        pending.put(b"b", 7, sides(2)).unwrap();
        assert_eq!(pending.take(b"c", 7), None);
        assert_eq!(pending.take(b"b", 7), Some(sides(2)));
        assert_eq!(pending.take(b"b", 7), None);
        assert_eq!(pending.take(b"a", 7), Some(sides(1)));
    }

    #[test]
    fn what_was_taken_makes_room() {
        let mut pending = HashJoin::new(1000);
        for number in 0..10_000_i128 {
            let id = number.to_string();
            pending
                .put(id.as_bytes(), hash(id.as_bytes()), sides(number))
                .unwrap();
            if let Some(old) = number.checked_sub(5).filter(|old| *old >= 0) {
                let id = old.to_string();
                let taken = pending.take(id.as_bytes(), hash(id.as_bytes()));
                assert_eq!(taken, Some(sides(old)));
            }
        }
        assert_eq!(pending.left().count(), 5);
        let id = b"x".as_slice();
        let mut room = (0..100).map(|_| pending.put(id, hash(id), sides(1)));
        assert!(room.any(|put| put == Err(JoinFull)));
    }
}
