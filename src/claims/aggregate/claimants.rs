//! The claimants whose rows are added up, found by their ids.

use hashbrown::HashTable;

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug;
use crate::claims::aggregate::merged_rows::{NONE, UNKNOWN};
use crate::claims::status::ClaimStatus;

/// The claimants in the order in which their ids first occur.
#[derive(Debug, Default)]
pub(crate) struct Claimants {
    /// Their indexes, each with part of the hash of the id, which rules out most other
    /// ids without reading them.
    by_id: HashTable<(u32, u32)>,
    list: Vec<Claimant>,
    long_ids: Vec<String>,
}

/// A claimant. Looking one up mostly waits for memory, so all of it is in one line of the
/// processor's cache.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Claimant {
    id: StoredId,
    /// The status of the first accepted row.
    pub claim_status: Option<ClaimStatus>,
    /// The first row with the id.
    first_row: u32,
    /// The first accepted row, and the number of accepted rows.
    pub claim: (u32, u32),
}

/// The length of ids that are stored within a claimant.
const SHORT: usize = 31;

/// The length of an id that is stored elsewhere.
const ELSEWHERE: u8 = u8::MAX;

/// A short id, followed by 0, and its length; or the index of a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StoredId {
    text: [u8; SHORT],
    length: u8,
}

impl StoredId {
    /// `None` if the id is too long.
    fn short(id: &str) -> Option<Self> {
        let mut text = [0; SHORT];
        text.get_mut(..id.len())?.copy_from_slice(id.as_bytes());
        let length = u8::try_from(id.len()).ok()?;
        Some(Self { text, length })
    }

    fn elsewhere(place: usize) -> Self {
        let mut text = [0; SHORT];
        let digits = place.to_le_bytes();
        text.iter_mut()
            .zip(digits)
            .for_each(|(to, from)| *to = from);
        Self {
            text,
            length: ELSEWHERE,
        }
    }
}

impl Claimants {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Claimant> {
        self.list.iter()
    }

    pub(crate) fn get(&self, claimant: usize) -> &Claimant {
        self.list.get(claimant).or_bug(UNKNOWN)
    }

    pub(crate) fn get_mut(&mut self, claimant: usize) -> &mut Claimant {
        self.list.get_mut(claimant).or_bug(UNKNOWN)
    }

    pub(crate) fn id(&self, claimant: usize) -> &str {
        let id = &self.get(claimant).id;
        if id.length == ELSEWHERE {
            return self.long_id(id);
        }
        let text = id.text.get(..usize::from(id.length)).or_bug(UNKNOWN);
        std::str::from_utf8(text).ok().or_bug(UNKNOWN)
    }

    fn long_id(&self, id: &StoredId) -> &str {
        let place = id
            .text
            .first_chunk()
            .map(|digits| usize::from_le_bytes(*digits));
        let text = place.and_then(|place| self.long_ids.get(place));
        text.or_bug(UNKNOWN)
    }

    /// Every usable id, with its first row.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (u32, &str)> {
        let ids = self.list.iter().enumerate();
        ids.map(|(number, claimant)| (claimant.first_row, self.id(number)))
            .filter(|(_, id)| !id.is_empty())
    }

    /// The claimant that has the id, if the hash does not deceive.
    pub(crate) fn likely(&self, hash: u64) -> u32 {
        let tag = tag_of(hash);
        let known = self.by_id.find(spread(tag), |&(_, other)| other == tag);
        known.map_or(NONE, |(claimant, _)| *claimant)
    }

    /// The index of the claimant with this id.
    pub(crate) fn find(&self, id: &str, hash: u64) -> Option<u32> {
        let tag = tag_of(hash);
        let known = self.by_id.find(spread(tag), |&(claimant, other)| {
            other == tag && self.has(claimant, id)
        });
        known.map(|(claimant, _)| *claimant)
    }

    /// True if a claimant has the id.
    pub(crate) fn has(&self, claimant: u32, id: &str) -> bool {
        let Some(known) = self.list.get(index(claimant)) else {
            return false;
        };
        match StoredId::short(id) {
            Some(id) => known.id == id,
            None => known.id.length == ELSEWHERE && self.long_id(&known.id) == id,
        }
    }

    /// The index of the claimant with this id; a new one begins with this row.
    pub(crate) fn find_or_add(&mut self, id: &str, hash: u64, row: u32) -> u32 {
        if let Some(claimant) = self.find(id, hash) {
            return claimant;
        }
        let tag = tag_of(hash);
        let claimant = u32::try_from(self.list.len()).unwrap_or(NONE);
        let stored = StoredId::short(id).unwrap_or_else(|| {
            self.long_ids.push(id.to_owned());
            StoredId::elsewhere(self.long_ids.len() - 1)
        });
        self.list.push(Claimant {
            id: stored,
            claim_status: None,
            first_row: row,
            claim: (row, 0),
        });
        self.by_id
            .insert_unique(spread(tag), (claimant, tag), |&(_, tag)| spread(tag));
        claimant
    }
}

/// Part of the hash of an id.
fn tag_of(hash: u64) -> u32 {
    let [_, _, a, b, c, d, _, _] = hash.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Spreads part of a hash over 64 bits, as the table requires.
fn spread(tag: u32) -> u64 {
    u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_length_are_found_again() {
        let long = [
            "x".repeat(31),
            "x".repeat(32),
            "x".repeat(33),
            "é".repeat(64),
        ];
        let mut ids: Vec<&str> = vec!["", "a", "a\u{0}", "b"];
        ids.extend(long.iter().map(String::as_str));
        let mut claimants = Claimants::default();
        // Equal hashes do not deceive.
        for hash in [7, 7 << 16] {
            for (number, id) in (0..).zip(&ids) {
                let found = claimants.find_or_add(id, hash, number);
                let again = claimants.find_or_add(id, hash, 99);
                assert_eq!(found, again);
                assert_eq!(claimants.id(index(found)), *id);
                assert!(claimants.has(found, id) && !claimants.has(found + 1, id));
            }
        }
        assert_eq!(claimants.len(), 2 * ids.len());
        assert_eq!(claimants.ids().count(), 2 * (ids.len() - 1));
        assert!((8..16).contains(&claimants.likely(7 << 16)));
        assert_eq!(claimants.likely(9 << 16), NONE);
    }
}
