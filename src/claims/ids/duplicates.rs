//! Finds claimant ids that are duplicates, or that differ only by case or by zeros
//! that a spreadsheet adds or removes.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::base::confusables::fold;
use crate::base::diagnostics::OrBug;
use crate::base::parallel;

const LOST: &str = "hashes of ids were lost";

/// The number of groups of hashes; the hashes of one group fit into the processor's
/// cache.
const GROUPS: usize = 256;

/// Sets the bit that distinguishes lower case from upper case in ASCII. Other
/// characters lose a bit, too, which a hash tolerates.
const WITHOUT_CASE: u64 = 0x2020_2020_2020_2020;

/// The hashes of ids, by group.
#[derive(Debug, Default)]
pub(crate) struct IdHashes {
    hashes: Vec<u64>,
    /// The end of each group.
    ends: Vec<u32>,
}

impl IdHashes {
    pub(crate) fn push(&mut self, hash: u64) {
        self.hashes.push(hash);
    }

    /// Takes the hashes, sorted into groups; the memory stays for the next.
    #[must_use]
    pub(crate) fn take(&mut self) -> Self {
        let mut places = vec![0_u32; GROUPS];
        for hash in &self.hashes {
            if let Some(count) = places.get_mut(group(*hash)) {
                *count += 1;
            }
        }
        let mut before = 0;
        for place in &mut places {
            before += std::mem::replace(place, before);
        }
        let mut sorted = vec![0; self.hashes.len()];
        for &hash in &self.hashes {
            if let Some(place) = places.get_mut(group(hash)) {
                let to = usize::try_from(*place).ok();
                if let Some(to) = to.and_then(|to| sorted.get_mut(to)) {
                    *to = hash;
                }
                *place += 1;
            }
        }
        self.hashes.clear();
        Self {
            hashes: sorted,
            // Each position is now after the last of its group.
            ends: places,
        }
    }

    fn group(&self, number: usize) -> &[u64] {
        let end = |number: usize| {
            let end = *self.ends.get(number).or_bug(LOST);
            usize::try_from(end).ok().or_bug(LOST)
        };
        // Without hashes there are no groups.
        if self.ends.is_empty() {
            return &[];
        }
        let start = number.checked_sub(1).map_or(0, end);
        self.hashes.get(start..end(number)).or_bug(LOST)
    }
}

/// Similar ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SimilarIds {
    /// Rows whose id occurs in an earlier row: the indexes of both rows, the
    /// earlier first, and the id.
    pub repeated: Vec<(u32, u32, String)>,
    /// Pairs of rows whose ids differ only by case or Unicode form.
    pub by_case: Vec<(u32, u32)>,
    /// Pairs of rows whose ids differ only by zeros that a spreadsheet removes or
    /// adds: `00123`, `123`, `123.0`.
    pub by_zeros: Vec<(u32, u32)>,
}

/// Finds ids that are equal, or equal except for case or zeros. Hashes only suggest
/// candidates; the ids themselves are compared. `ids` are the usable ids with their
/// rows, and `hashes` those of all ids. Zeros are compared only if they may matter.
pub(crate) fn alike<'i, I>(
    ids: impl Fn() -> I,
    mut hashes: Vec<IdHashes>,
    zeros_matter: bool,
    threads: usize,
) -> SimilarIds
where
    I: Iterator<Item = (u32, &'i str)>,
{
    let as_number =
        |id: &str| Some(without_zeros(id)).filter(|number| zeros_matter && number != id);
    if zeros_matter {
        let mut of_numbers = IdHashes::default();
        let numbers = ids().filter_map(|(_, id)| as_number(id));
        numbers.for_each(|number| of_numbers.push(hash(&number)));
        hashes.push(of_numbers.take());
    }
    let mut suspects = suspects(&hashes, threads);
    if suspects.is_empty() {
        return SimilarIds::default();
    }
    suspects.sort_unstable();
    suspects.dedup();
    let is_suspect = |id: &str| suspects.binary_search(&hash(id)).is_ok();
    let mut found: Vec<SuspectId<'_>> = ids()
        .filter_map(|(row, id)| {
            let number = as_number(id);
            let is_twin = number.as_deref().is_some_and(is_suspect);
            (is_twin || is_suspect(id)).then(|| SuspectId {
                number: fold(number.as_deref().unwrap_or(id)),
                folded: fold(id),
                id,
                row,
            })
        })
        .collect();
    found.sort_unstable();
    compare_neighbours(&found)
}

/// An id that may be similar to another; similar ids are sorted together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SuspectId<'i> {
    number: String,
    folded: String,
    id: &'i str,
    row: u32,
}

/// An id as a spreadsheet would write it as a number: without leading zeros,
/// without zero decimals of an integer, and without the apostrophe that protects
/// them.
pub(crate) fn without_zeros(id: &str) -> String {
    let id = id.strip_prefix('\'').unwrap_or(id);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = id
        .split_once('.')
        .filter(|(whole, rest)| {
            !whole.is_empty() && digits(whole) && rest.bytes().all(|byte| byte == b'0')
        })
        .map_or(id, |(whole, _)| whole);
    let mut number = String::with_capacity(whole.len());
    let mut letters = whole.chars().peekable();
    let mut before_is_digit = false;
    while let Some(letter) = letters.next() {
        let digit_follows = letters.peek().is_some_and(char::is_ascii_digit);
        if letter != '0' || before_is_digit || !digit_follows {
            number.push(letter);
            before_is_digit = letter.is_ascii_digit();
        }
    }
    number
}

/// The hashes that occur more than once.
pub(crate) fn suspects(hashes: &[IdHashes], threads: usize) -> Vec<u64> {
    let mut groups = 0..GROUPS;
    let mut found = Vec::new();
    let mut tables: Vec<Vec<u32>> = vec![Vec::new(); threads.clamp(1, GROUPS)];
    let done = parallel::in_order(
        &mut tables,
        || Ok(groups.next()),
        |table, number| repeated_in_group(hashes, number, table),
        |suspects: Vec<u64>| {
            found.extend(suspects);
            Ok(())
        },
    );
    done.ok().or_bug("threads failed that cannot fail");
    found
}

/// The hashes of a group that occur more than once. One half of each hash is stored
/// in a table at a position derived from the other half; equal halves lead to a
/// comparison of the entire hashes.
fn repeated_in_group(hashes: &[IdHashes], number: usize, table: &mut Vec<u32>) -> Vec<u64> {
    const NONE: u32 = 0;
    let groups = || hashes.iter().map(|hashes| hashes.group(number));
    let size = (2 * groups().map(<[u64]>::len).sum::<usize>()).next_power_of_two();
    table.clear();
    table.resize(size, NONE);
    let mut repeated = Vec::new();
    for &hash in groups().flatten() {
        let (half, mut place) = halves(hash);
        // Few hashes have a half that looks like an empty entry; they are all
        // compared.
        if half == NONE {
            repeated.push(half);
            continue;
        }
        while let Some(known) = table.get_mut(place & (size - 1)) {
            if *known == NONE {
                *known = half;
                break;
            }
            if *known == half {
                repeated.push(half);
                break;
            }
            place += 1;
        }
    }
    if repeated.is_empty() {
        return Vec::new();
    }
    repeated.sort_unstable();
    repeated.dedup();
    let is_repeated = |&hash: &u64| repeated.binary_search(&halves(hash).0).is_ok();
    let mut whole: Vec<u64> = groups().flatten().copied().filter(is_repeated).collect();
    whole.sort_unstable();
    let twice = whole.windows(2).filter_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    twice.collect()
}

/// The half of a hash that the table stores, and the other half as position. The
/// highest bits are the same in a group, and beyond the size of any table.
fn halves(hash: u64) -> (u32, usize) {
    let half = u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0);
    (half, usize::try_from(hash >> 32).unwrap_or(0))
}

fn compare_neighbours(found: &[SuspectId<'_>]) -> SimilarIds {
    let mut alike = SimilarIds::default();
    for pair in found.windows(2) {
        let [a, b] = pair else {
            continue;
        };
        let rows = (a.row.min(b.row), a.row.max(b.row));
        if a.id == b.id {
            // Rows with one id are in ascending order.
            alike.repeated.push((a.row, b.row, b.id.to_owned()));
        } else if a.folded == b.folded {
            alike.by_case.push(rows);
        } else if a.number == b.number {
            alike.by_zeros.push(rows);
        }
    }
    alike.repeated.sort_unstable_by_key(|(_, row, _)| *row);
    alike.by_case.sort_unstable();
    alike.by_zeros.sort_unstable();
    alike
}

/// A hash of an id that ignores case and Unicode form.
pub(crate) fn hash(id: &str) -> u64 {
    if id.is_ascii() {
        hash_ascii(id.as_bytes())
    } else {
        hash_ascii(fold(id).as_bytes())
    }
}

/// The same hash for an ASCII id.
#[inline]
pub(crate) fn hash_ascii(bytes: &[u8]) -> u64 {
    const WORD: usize = 8;
    let mut hasher = FixedState::with_seed(0).build_hasher();
    let mut write = |word: &[u8; WORD]| hasher.write_u64(u64::from_le_bytes(*word) | WITHOUT_CASE);
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        // Some bytes may be in both words.
        write(first);
        write(last);
    } else {
        let mut short = [0; WORD];
        for (to, from) in short.iter_mut().zip(bytes) {
            *to = *from;
        }
        write(&short);
    }
    if bytes.len() > 2 * WORD {
        let (words, _) = bytes.as_chunks();
        words.iter().skip(1).for_each(write);
    }
    hasher.write_usize(bytes.len());
    hasher.finish()
}

fn group(hash: u64) -> usize {
    usize::from(hash.to_be_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_are_half_the_same_are_not_repeated() {
        let low = u64::from(u32::MAX);
        // All in one group; two have a half that looks like an empty entry.
        let all = [1, 2 << 32 | 1, 3, 5 << 32, 6 << 32, low, 9 << 32 | low, 3];
        let grouped = |all: &[u64]| {
            let mut hashes = IdHashes::default();
            for &hash in all {
                hashes.push(hash);
            }
            hashes.take()
        };
        let hashes = [grouped(&all)];
        assert_eq!(repeated_in_group(&hashes, 0, &mut Vec::new()), [3]);
        let [first] = hashes;
        let more = grouped(&[5 << 32, 9 << 32 | low]);
        let found = repeated_in_group(&[first, more], 0, &mut Vec::new());
        assert_eq!(found, [3, 5 << 32, 9 << 32 | low]);
    }

    #[test]
    fn equal_ids_and_ids_that_differ_by_case_or_zeros_are_found() {
        let ids = [
            "a1",
            "b",
            "A1",
            "c",
            "b",
            "",
            "",
            "Straße",
            "STRASSE",
            "b",
            "\u{212a}9",
            "k9",
            "00123",
            "123",
            "123.0",
            "C-07",
            "c-7",
        ];
        let (mut hashes, numbered) = (Vec::new(), (0..).zip(ids));
        for ids in ids.chunks(5) {
            let mut of_part = IdHashes::default();
            ids.iter()
                .filter(|id| !id.is_empty())
                .for_each(|id| of_part.push(hash(id)));
            hashes.push(of_part.take());
        }
        for (threads, zeros_matter) in [(1, false), (3, true)] {
            let usable = || numbered.clone().filter(|(_, id)| !id.is_empty());
            let again = hashes.iter().map(|hashes| IdHashes {
                hashes: hashes.hashes.clone(),
                ends: hashes.ends.clone(),
            });
            let alike = alike(usable, again.collect(), zeros_matter, threads);
            assert_eq!(
                alike.repeated,
                [(1, 4, "b".to_owned()), (4, 9, "b".to_owned())]
            );
            assert_eq!(alike.by_case, [(0, 2), (7, 8), (10, 11)]);
            let by_zeros: &[(u32, u32)] = if zeros_matter {
                &[(12, 13), (13, 14), (15, 16)]
            } else {
                &[]
            };
            assert_eq!(alike.by_zeros, by_zeros);
        }
    }

    #[test]
    fn ids_are_read_as_spreadsheets_read_numbers() {
        for (id, number) in [
            ("00123", "123"),
            ("123", "123"),
            ("123.0", "123"),
            ("0123.", "123"),
            ("0", "0"),
            ("000", "0"),
            ("'00123", "123"),
            ("C-007-010", "C-7-10"),
            ("100.10", "100.10"),
            ("a00.0", "a0.0"),
            (".0", ".0"),
            ("\u{e9}01", "\u{e9}1"),
        ] {
            assert_eq!(without_zeros(id), number, "{id}");
        }
    }
}
