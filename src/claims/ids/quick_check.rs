//! Checks ids quickly, row by row. Most ids are valid at a glance.

use wide::u8x16;

use crate::claims::ids::validity::{LONGEST_ID, fault};

/// The result of a quick check of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdGlance {
    /// True if the id is certainly valid ([`fault`] would return nothing) and needs
    /// no quotes as a cell.
    pub is_plain: bool,
    /// Which other ids may be the same number, or the same except for leading
    /// zeros; see [`crate::claims::ids::duplicates`].
    pub twins: DamagedTwins,
}

/// Which ids may be variants of an id that a spreadsheet has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum DamagedTwins {
    /// None that would not be found through the other id.
    #[default]
    None,
    /// Shorter ids, with fewer leading zeros.
    OfAnotherLength,
    /// Any, such as `00123` and `123.0`.
    OfAnyLength,
}

/// Checks an id, which is the first `length` bytes of `text`.
#[inline]
pub(crate) fn look(text: &[u8], length: usize, column: &str) -> IdGlance {
    glance(text, length, column).unwrap_or_else(|| look_closer(text, length, column))
}

/// Accepts most ids: at most 16 bytes, first a letter or digit, last a digit, no
/// space. No word for a total and no placeholder has this form.
#[inline]
fn glance(text: &[u8], length: usize, column: &str) -> Option<IdGlance> {
    let chunk = text.first_chunk().filter(|_| length <= CHUNK)?;
    let bytes = u8x16::new(*chunk);
    let within = within(length);
    let are = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    let signs = are(b',') | are(b'"') | are(b'+');
    let plain = are_within(bytes, b'!', b'~') & !signs;
    if plain.to_bitmask() & within != within {
        return None;
    }
    let [first, second, ..] = *chunk;
    let last = *chunk.get(length.wrapping_sub(1))?;
    let is_of_column = || {
        let id = text.get(..length);
        id.is_some_and(|id| id.eq_ignore_ascii_case(column.as_bytes()))
    };
    if !last.is_ascii_digit()
        || !first.is_ascii_alphanumeric()
        || second == b'.'
        || chunk.starts_with(b"Err:")
        || (column.as_bytes().last() == Some(&last) && is_of_column())
    {
        return None;
    }
    if last == b'0' && are(b'.').to_bitmask() & within != 0 {
        return None;
    }
    let digits = are_within(bytes, b'0', b'9').to_bitmask() & within;
    let zeros = are(b'0').to_bitmask() & digits & !(digits << 1);
    let twins = if zeros << 1 & digits == 0 {
        DamagedTwins::None
    } else {
        DamagedTwins::OfAnotherLength
    };
    Some(IdGlance {
        is_plain: true,
        twins,
    })
}

/// Checks any id. If it begins with a letter or digit, contains a digit and has no
/// space, it is neither a word for a total nor a placeholder.
#[inline(never)]
fn look_closer(text: &[u8], length: usize, column: &str) -> IdGlance {
    let bytes = IdBytes::of(text, length);
    let id = text.get(..length).unwrap_or_default();
    let begins_well = id.first().is_some_and(u8::is_ascii_alphanumeric);
    let ends_well = id.last().is_some_and(|byte| *byte != b' ');
    let no_word =
        bytes.has_digit && !bytes.has_space && !id.starts_with(b"Err:") && id.get(1) != Some(&b'.');
    let is_plain = bytes.are_plain
        && length <= LONGEST_ID
        && begins_well
        && ends_well
        && !id.eq_ignore_ascii_case(column.as_bytes())
        && (no_word || std::str::from_utf8(id).is_ok_and(|id| fault(id, column).is_none()));
    let is_fraction = matches!(id.last(), Some(b'0' | b'.')) && id.contains(&b'.');
    let twins = if is_fraction {
        DamagedTwins::OfAnyLength
    } else if bytes.has_zeros || id.first() == Some(&b'\'') {
        DamagedTwins::OfAnotherLength
    } else {
        DamagedTwins::None
    };
    IdGlance { is_plain, twins }
}

/// A mask of the lowest bits, one for each byte of the id.
#[inline]
fn within(length: usize) -> u32 {
    match length {
        CHUNK.. => 0xffff,
        _ => (1 << length) - 1,
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct IdBytes {
    /// True if all characters are visible ASCII and need no quotes. `+` may be part
    /// of `1.23E+05` and does not count as plain.
    are_plain: bool,
    has_digit: bool,
    has_space: bool,
    /// True if digits follow a zero that no digit precedes.
    has_zeros: bool,
}

impl IdBytes {
    #[inline]
    fn of(text: &[u8], length: usize) -> Self {
        let mut found = Self {
            are_plain: true,
            ..Self::default()
        };
        // The last byte of the previous chunk, if it is a digit, and whether it is
        // a zero that begins a number.
        let (mut digit_before, mut zero_before) = (0, 0);
        let mut start = 0;
        while start < length {
            let rest = text.get(start..).unwrap_or_default();
            let chunk = rest.first_chunk().copied().unwrap_or_else(|| {
                let mut chunk = [0; CHUNK];
                chunk
                    .iter_mut()
                    .zip(rest)
                    .for_each(|(to, from)| *to = *from);
                chunk
            });
            let bytes = u8x16::new(chunk);
            let within = within(length - start);
            let which = |bytes: u8x16| bytes.to_bitmask() & within;
            let are = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let digits = which(are_within(bytes, b'0', b'9'));
            let signs = are(b',') | are(b'"') | are(b'+');
            let plain = which(are_within(bytes, b' ', b'~') & !signs);
            let begins = digits & !(digits << 1 | digit_before);
            let zeros = begins & which(are(b'0'));
            found.are_plain &= plain == within;
            found.has_digit |= digits != 0;
            found.has_space |= which(are(b' ')) != 0;
            found.has_zeros |= (zeros << 1 | zero_before) & digits != 0;
            digit_before = digits >> (CHUNK - 1);
            zero_before = zeros >> (CHUNK - 1);
            start += CHUNK;
        }
        found
    }
}

/// The number of bytes processed together.
const CHUNK: usize = 16;

/// A mask of the bytes from `first` to `last`.
#[inline]
fn are_within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    let from = bytes - u8x16::splat(first);
    from.min(u8x16::splat(last - first)).simd_eq(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain(id: &str) -> bool {
        let look_at = |text: &[u8]| look(text, id.len(), "id");
        let alone = look_at(id.as_bytes());
        assert_eq!(alone, look_closer(id.as_bytes(), id.len(), "id"), "{id}");
        let in_block = look_at(format!("{id},0\"0 0,+\nTotal 00.0").as_bytes());
        assert_eq!(alone, in_block, "{id}");
        alone.is_plain
    }

    #[test]
    fn bytes_are_what_each_of_them_is() {
        let by_hand = |id: &[u8]| {
            let digit = |at: usize| id.get(at).is_some_and(u8::is_ascii_digit);
            let zero = |at: usize| id[at] == b'0' && digit(at + 1) && (at == 0 || !digit(at - 1));
            IdBytes {
                are_plain: id
                    .iter()
                    .all(|b| (b' '..=b'~').contains(b) && !b"\",+".contains(b)),
                has_digit: id.iter().any(u8::is_ascii_digit),
                has_space: id.contains(&b' '),
                has_zeros: (0..id.len()).any(zero),
            }
        };
        for byte in 0..=u8::MAX {
            for length in 1..=40 {
                for place in 0..length {
                    for filling in *b"x0" {
                        let mut id = vec![filling; length];
                        id[place] = byte;
                        let mut text = id.clone();
                        text.extend_from_slice(b"00,x");
                        assert_eq!(IdBytes::of(&text, length), by_hand(&id), "{id:?}");
                        assert_eq!(IdBytes::of(&id, length), by_hand(&id), "{id:?}");
                    }
                }
            }
        }
    }

    /// Texts that are not valid ids.
    const NO_IDS: &[&str] = &[
        "Total",
        "TOTALS:",
        "Grand Total 5",
        "Report total",
        "sub-total",
        "Sum:",
        ":total 5",
        "NULL",
        "n/a",
        "None",
        "NaN",
        "nil",
        "\\N",
        "(null)",
        "<NA>",
        "[NULL]",
        "undefined",
        "-",
        "?",
        "--",
        "***",
        ".",
        "\u{2014}",
        "NaT",
        "-nan",
        "N/A.",
        "unknown",
        "[object Object]",
        "Not Provided",
        "1.2345678E7",
        "ID",
        "#VALUE!",
        "#SPILL!",
        "#NAME?",
        "#DIV/0!",
        "#N/A",
        "###",
        "Err:502",
        "=\"00123\"",
        "1.23E+05",
        "@x",
        "+1",
        "id",
        "",
    ];

    /// Ids that the glance accepts.
    const PLAIN_IDS: &[&str] = &[
        "T-1",
        "S1",
        "N-77",
        "C-all",
        "SUM-001",
        "nilsson",
        "G5s",
        "1:",
        "Naples",
        "A 17",
        "TTK-07731966",
        "2021-000123",
        "jane.doe@example.com",
        "Jane Doe",
        "123e4567-e89b-12d3-a456-426614174000",
        "O'Brien #2",
        "Err:5021",
        "N-A",
        "null-1",
    ];

    #[test]
    fn no_word_is_plain() {
        for id in NO_IDS {
            assert!(fault(id, "id").is_some(), "{id}");
            assert!(!is_plain(id), "{id}");
        }
        for id in PLAIN_IDS {
            assert_eq!(fault(id, "id"), None, "{id}");
            assert!(is_plain(id), "{id}");
        }
        // Valid, but not at a glance.
        for id in [
            "Doe, Jane",
            "jane+tag@example.com",
            "#17",
            "(17)",
            "M\u{fc}ller",
            "#A!17",
        ] {
            assert_eq!(fault(id, "id"), None, "{id}");
            assert!(!is_plain(id), "{id}");
        }
    }

    #[test]
    fn what_is_plain_has_no_fault() {
        let pieces = [
            "Total", "sum", "null", "N", "A", "0", "1", " ", "-", ".", ":", "E", "+", "#", "!",
            "/", "=", "\"", "@", "id", "\u{e9}", "(", "\\",
        ];
        let mut state = 7_u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..200_000 {
            let id: String = (0..=random(4))
                .map(|_| pieces[random(pieces.len())])
                .collect();
            if id.trim() == id && is_plain(&id) {
                assert_eq!(fault(&id, "id"), None, "{id}");
            }
        }
    }
}
