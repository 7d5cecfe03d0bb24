//! Finds the first ids in byte order without sorting or copying all of them.

use crate::base::diagnostics::OrBug;

/// Maximum number of ids that are sorted, unless more share a prefix.
const FEW: u64 = 1 << 16;

/// Number of possible values of the next two bytes of an id, each of which may be
/// the end.
const VALUES: usize = 257 * 257;

/// The id at this index in byte order. `ids` may be in any order; no two are equal.
pub(super) fn id_at<'a, I: Iterator<Item = &'a [u8]>>(
    ids: impl Fn() -> I,
    place: u64,
) -> Option<Vec<u8>> {
    let mut start = common_start(ids())?.to_vec();
    let mut place = place;
    loop {
        // Counts the ids with this prefix by what follows it.
        let mut counts = vec![0_u64; VALUES];
        for rest in ids().filter_map(|id| id.strip_prefix(start.as_slice())) {
            *counts
                .get_mut(value(rest))
                .or_bug("an id cannot be counted") += 1;
        }
        let mut before = 0;
        let found = counts.iter().position(|count| {
            before += count;
            place < before
        })?;
        let count = counts.get(found).copied()?;
        place -= before - count;
        if count <= FEW {
            let of_value = |id: &&[u8]| id.strip_prefix(start.as_slice()).map(value) == Some(found);
            let mut few: Vec<&[u8]> = ids().filter(of_value).collect();
            few.sort_unstable();
            return few.get(usize::try_from(place).ok()?).map(|id| id.to_vec());
        }
        // Several ids continue this way, so none of them ends here.
        let bytes = [found / 257, found % 257].map(|byte| byte.checked_sub(1));
        start.extend(
            bytes
                .into_iter()
                .flatten()
                .filter_map(|byte| u8::try_from(byte).ok()),
        );
    }
}

/// The next two bytes as a number in byte order; the end precedes every byte.
fn value(rest: &[u8]) -> usize {
    let byte = |place: usize| rest.get(place).map_or(0, |byte| usize::from(*byte) + 1);
    byte(0) * 257 + byte(1)
}

/// The common prefix of all ids.
fn common_start<'a>(mut ids: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    let first = ids.next()?;
    Some(ids.fold(first, |start, id| {
        let same = start.iter().zip(id).take_while(|(a, b)| a == b).count();
        start.get(..same).unwrap_or_default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_byte_order() {
        let mut ids: Vec<Vec<u8>> = (0..200_000_u32)
            .map(|n| format!("C-{:08}", n.wrapping_mul(48_271) % 10_000_019).into_bytes())
            .chain(["C-", "C-0", "C-00", "C-00\u{1}", "C-1ö"].map(|id| id.as_bytes().to_vec()))
            .collect();
        let unsorted = ids.clone();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), unsorted.len());
        for place in [0, 1, 2, 3, 4, 5, 77_777, 199_998, 200_003, 200_004] {
            let found = id_at(|| unsorted.iter().map(Vec::as_slice), place);
            let place = usize::try_from(place).expect("small");
            assert_eq!(found.as_ref(), ids.get(place), "place {place}");
        }
        assert_eq!(id_at(|| unsorted.iter().map(Vec::as_slice), 200_005), None);
    }

    #[test]
    fn more_ids_than_are_sorted_may_begin_alike() {
        let mut ids: Vec<Vec<u8>> = (0..70_000_u32)
            .map(|n| format!("A-{:06}", n.wrapping_mul(48_271) % 1_000_003).into_bytes())
            .chain(["B!", "B"].map(|id| id.as_bytes().to_vec()))
            .collect();
        let unsorted = ids.clone();
        ids.sort_unstable();
        for place in [0, 1, 35_000, 69_999, 70_000, 70_001] {
            let found = id_at(|| unsorted.iter().map(Vec::as_slice), place);
            let place = usize::try_from(place).expect("small");
            assert_eq!(found.as_ref(), ids.get(place), "place {place}");
        }
    }
}
