//! Which ids can be used: what is wrong with one, and what to do.

use wide::u8x16;

use crate::diagnostic::literal;
use crate::lookalike::is_hidden;

/// The longest id, in bytes.
pub const LONGEST_ID: usize = 128;

/// What is wrong with an id of the column of this name, and what to do; of one
/// that is plain, nothing.
pub fn fault(id: &str, column: &str) -> Option<(String, &'static str)> {
    let fault = if id.is_empty() {
        (
            "the id is blank".to_owned(),
            "every row needs the id of its claimant",
        )
    } else if id.len() > LONGEST_ID {
        (
            format!("the id has {} bytes; the most is {LONGEST_ID}", id.len()),
            "check that this is the column of ids",
        )
    } else if id.contains(['\n', '\r']) {
        ("the id has a line break".to_owned(), "write it on one line")
    } else if let Some(hidden) = id.chars().find(|c| is_hidden(*c)) {
        (
            format!(
                "the id {} has a character that cannot be seen, U+{:04X}",
                literal(id),
                u32::from(hidden)
            ),
            "two ids could look the same; write it without",
        )
    } else if id == column {
        (
            format!("the id is {}, the name of its column", literal(id)),
            "a second header stands among the claims; remove it",
        )
    } else if names_total(id) {
        (
            format!(
                "the id {} is that of a total, not of a claimant",
                literal(id)
            ),
            "remove the row, or give the claimant another id",
        )
    } else if says_nothing(id) {
        (
            format!("the id {} says that there is none", literal(id)),
            "every row needs the id of its claimant",
        )
    } else if is_spreadsheet_error(id) {
        (
            format!(
                "the id {} is what a spreadsheet shows where it has no value to show",
                literal(id)
            ),
            "correct it in the spreadsheet and export again",
        )
    } else if is_shortened(id) {
        (
            format!("the id {} was shortened by a spreadsheet", literal(id)),
            "its digits are lost here; export again with the column as text",
        )
    } else if id.starts_with(['=', '+', '-', '@']) {
        (
            format!("the id {} begins like a formula", literal(id)),
            "a spreadsheet would run it; write it without `=`, `+`, `-` or `@` in front",
        )
    } else {
        return None;
    };
    Some(fault)
}

/// `1.23E+05`: how a spreadsheet writes a long number that it has no room for.
fn is_shortened(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| match text.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(text),
    };
    id.split_once("E+")
        .is_some_and(|(before, after)| number(before) && digits(after))
}

/// Whether an id may be a word that [`names_total`] or [`says_nothing`] knows, by
/// its first and its last letter.
#[inline]
fn may_be_word(id: &[u8]) -> bool {
    let letter = |byte: Option<&u8>| byte.map(u8::to_ascii_lowercase);
    matches!(letter(id.first()), Some(b't' | b'g' | b's' | b'n' | b':'))
        || matches!(letter(id.last()), Some(b'l' | b's' | b'm' | b':'))
}

/// Whether a text begins or ends with a word for a total: what stands before the
/// sums in the last row of a spreadsheet.
pub fn names_total(text: &str) -> bool {
    const TOTALS: [&str; 6] = [
        "total",
        "totals",
        "subtotal",
        "subtotals",
        "sub-total",
        "sum",
    ];
    let is_total = |word: &str| {
        let word = word.trim_matches(|letter| matches!(letter, ':' | '(' | ')' | '[' | ']'));
        TOTALS.iter().any(|total| word.eq_ignore_ascii_case(total))
    };
    let grand = |word: &str| word.eq_ignore_ascii_case("grand") || word.eq_ignore_ascii_case("sub");
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else {
        return false;
    };
    is_total(first)
        || text.split_whitespace().next_back().is_some_and(is_total)
        || (grand(first) && words.next().is_some_and(is_total))
}

/// What programs write where there is no value.
fn says_nothing(id: &str) -> bool {
    const WORDS: [&str; 5] = ["null", "none", "nil", "nan", "n/a"];
    WORDS.iter().any(|word| id.eq_ignore_ascii_case(word))
}

/// `#N/A`, `#REF!`, `####`
pub fn is_spreadsheet_error(id: &str) -> bool {
    const ERRORS: [&str; 7] = [
        "#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!",
    ];
    id.starts_with('#')
        && (ERRORS.contains(&id) || id.starts_with("##") && id.bytes().all(|byte| byte == b'#'))
}

/// Whether an id has nothing but letters and digits of ASCII, with `-`, `_`,
/// `.`, `/`, `:` or spaces between, and is no word of a header or a total:
/// nothing can be wrong with it.
#[inline]
pub fn is_plain(id: &[u8], column: &str) -> bool {
    let ends = [id.first(), id.last()];
    let column = column.as_bytes();
    id.len() <= LONGEST_ID
        && has_plain_bytes(id)
        && ends.iter().all(|end| end.is_some_and(|byte| *byte != b' '))
        && id.first() != Some(&b'-')
        && (id.first() != column.first() || id != column)
        && !(may_be_word(id) && is_word(id))
}

fn is_word(id: &[u8]) -> bool {
    std::str::from_utf8(id).is_ok_and(|id| names_total(id) || says_nothing(id))
}

#[inline]
fn has_plain_bytes(id: &[u8]) -> bool {
    let plain = |byte: &u8| PLAIN.get(usize::from(*byte)) == Some(&true);
    match (id.first_chunk::<8>(), id.last_chunk::<8>()) {
        // The two overlap, or all is looked at.
        (Some(first), Some(last)) if id.len() <= 16 => {
            let word = |bytes: &[u8; 8]| u128::from(u64::from_le_bytes(*bytes));
            let both = word(first) | word(last) << 64;
            are_plain(u8x16::new(both.to_le_bytes())).to_bitmask() == 0xffff
        }
        _ => id.iter().all(plain),
    }
}

/// The same as [`PLAIN`] says, of sixteen bytes.
fn are_plain(bytes: u8x16) -> u8x16 {
    let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    let within = |bytes: u8x16, first: u8, last: u8| {
        let from = bytes - u8x16::splat(first);
        from.min(u8x16::splat(last - first)).simd_eq(from)
    };
    let letters = within(bytes | u8x16::splat(0x20), b'a', b'z');
    letters | within(bytes, b'-', b':') | is(b'_') | is(b' ')
}

/// Byte by byte, whether nothing can be wrong with it in an id.
#[allow(
    clippy::indexing_slicing,
    reason = "the compiler works this out, and would say that it is wrong"
)]
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b' ');
        byte += 1;
    }
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes_are_plain_as_each_is() {
        for byte in 0..=u8::MAX {
            let plain = PLAIN[usize::from(byte)];
            for length in 8..=17 {
                for place in 0..length {
                    let mut id = vec![b'x'; length];
                    id[place] = byte;
                    assert_eq!(has_plain_bytes(&id), plain, "{byte} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn words_for_totals_are_told_from_names() {
        for text in [
            "Total",
            "TOTALS",
            " grand total ",
            "Grand Total:",
            "Grand total 2021",
            "Sub total",
            "sub-total",
            "Sum",
            "C-1 Total",
            "Total claims",
            "Total (2)",
            "(Total)",
        ] {
            assert!(names_total(text), "{text}");
        }
        for text in [
            "Sumner", "SUM-001", "Totally", "C-1", "grand", "", "summary",
        ] {
            assert!(!names_total(text), "{text}");
        }
    }

    #[test]
    fn no_word_is_plain() {
        for id in [
            "Total",
            "TOTALS:",
            "Grand Total 5",
            "Report total",
            "sub-total",
            "C-1 sum",
            "Sum:",
            ":total 5",
            "NULL",
            "n/a",
            "None",
            "NaN",
            "nil",
        ] {
            assert!(!is_plain(id.as_bytes(), "id"), "{id}");
            assert!(fault(id, "id").is_some(), "{id}");
        }
        for id in [
            "T-1", "S1", "N-77", "C-all", "SUM-001", "nilsson", "G5s", "1:", "Naples",
        ] {
            assert!(is_plain(id.as_bytes(), "id"), "{id}");
            assert_eq!(fault(id, "id"), None);
        }
    }
}
