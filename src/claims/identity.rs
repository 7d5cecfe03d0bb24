//! Claimant ids: kept in one piece of memory, and searched for ids that occur
//! twice or differ only by case.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use unicase::UniCase;

/// The longest id, in bytes.
pub const LONGEST_ID: usize = 128;

/// How many parts the hashes are kept in; each is sorted by itself.
const PARTS: usize = 256;

/// The ids of all rows, in the order of the file.
#[derive(Debug)]
pub struct Ids {
    /// Each id after a byte with its length.
    arena: Vec<u8>,
    count: usize,
    /// Hashes for the search for ids that are alike; empty where another part
    /// of the program looks for them.
    hashes: Vec<Vec<u64>>,
}

/// Ids that are alike.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Alike {
    /// Rows whose id another row before them has: both row numbers from 0, the
    /// earlier first, and the id.
    pub repeated: Vec<(usize, usize, String)>,
    /// Pairs of rows whose ids differ only by case.
    pub by_case: Vec<(usize, usize)>,
}

impl Ids {
    /// No ids yet. `search` says whether ids that are alike will be asked for.
    pub fn new(search: bool) -> Self {
        let hashes = if search {
            vec![Vec::new(); PARTS]
        } else {
            Vec::new()
        };
        Self {
            arena: Vec::new(),
            count: 0,
            hashes,
        }
    }

    /// Adds the id of the next row, and says at which place it is kept. An id
    /// that is not usable is kept as blank, so that rows keep their numbers,
    /// and compared with none.
    pub fn push(&mut self, id: &str) -> usize {
        let place = self.arena.len();
        let length = u8::try_from(id.len())
            .ok()
            .filter(|_| id.len() <= LONGEST_ID)
            .unwrap_or(0);
        self.arena.push(length);
        self.count += 1;
        if length == 0 {
            return place;
        }
        self.arena.extend_from_slice(id.as_bytes());
        if !self.hashes.is_empty() {
            let hash = hash(id);
            if let Some(part) = self.hashes.get_mut(part(hash)) {
                part.push(hash);
            }
        }
        place
    }

    /// The id at a place.
    pub fn at(&self, place: usize) -> &str {
        let rest = self.arena.get(place..).unwrap_or_default();
        let id = rest
            .split_first()
            .and_then(|(length, after)| after.get(..usize::from(*length)));
        std::str::from_utf8(id.unwrap_or_default()).unwrap_or_default()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The ids in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.arena.as_slice();
        std::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (id, after) = after.split_at_checked(usize::from(length))?;
            rest = after;
            // What was pushed was text.
            Some(std::str::from_utf8(id).unwrap_or_default())
        })
    }

    /// Finds ids that are equal, or equal but for case. Hashes only say where
    /// to look: the ids themselves are compared. The hashes are gone then.
    pub fn alike(&mut self) -> Alike {
        let mut suspects: Vec<u64> = Vec::new();
        for part in &mut self.hashes {
            part.sort_unstable();
            suspects.extend(part.windows(2).filter_map(|pair| match pair {
                [a, b] if a == b => Some(*a),
                _ => None,
            }));
            *part = Vec::new();
        }
        if suspects.is_empty() {
            return Alike::default();
        }
        suspects.sort_unstable();
        suspects.dedup();
        let mut found: Vec<(String, &str, usize)> = self
            .iter()
            .enumerate()
            .filter(|(_, id)| !id.is_empty() && suspects.binary_search(&hash(id)).is_ok())
            .map(|(row, id)| (fold(id), id, row))
            .collect();
        found.sort_unstable();
        compare_neighbours(&found)
    }
}

/// Compares ids sorted by what they are without case, then as they are.
fn compare_neighbours(found: &[(String, &str, usize)]) -> Alike {
    let mut alike = Alike::default();
    for pair in found.windows(2) {
        let [(fold_a, a, row_a), (fold_b, b, row_b)] = pair else {
            continue;
        };
        if a == b {
            // Rows of one id are in ascending order.
            alike.repeated.push((*row_a, *row_b, (*b).to_owned()));
        } else if fold_a == fold_b {
            alike.by_case.push((*row_a.min(row_b), *row_a.max(row_b)));
        }
    }
    alike.repeated.sort_unstable_by_key(|(_, row, _)| *row);
    alike.by_case.sort_unstable();
    alike
}

/// The id without case.
pub fn fold(id: &str) -> String {
    UniCase::new(id).to_folded_case()
}

/// A hash of the id without case.
pub fn hash(id: &str) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    if id.is_ascii() && id.len() <= LONGEST_ID {
        let mut lower = [0_u8; LONGEST_ID];
        for (to, from) in lower.iter_mut().zip(id.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        hasher.write(lower.get(..id.len()).unwrap_or_default());
    } else {
        hasher.write(fold(id).as_bytes());
    }
    hasher.finish()
}

fn part(hash: u64) -> usize {
    usize::from(hash.to_be_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_and_ids_that_differ_by_case_are_found() {
        let mut ids = Ids::new(true);
        for id in ["a1", "b", "A1", "c", "b", "", "", "Straße", "STRASSE", "b"] {
            ids.push(id);
        }
        let alike = ids.alike();
        assert_eq!(
            alike.repeated,
            [(1, 4, "b".to_owned()), (4, 9, "b".to_owned())]
        );
        assert_eq!(alike.by_case, [(0, 2), (7, 8)]);
        assert_eq!(ids.iter().nth(7), Some("Straße"));
    }
}
