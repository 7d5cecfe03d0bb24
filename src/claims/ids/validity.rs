//! Which ids can be used: what is wrong with one, and what to do.

use crate::base::confusables::is_hidden;
use crate::base::diagnostics::literal;

/// The longest id, in bytes.
pub(crate) const LONGEST_ID: usize = 128;

const NEEDS_ID: &str = "every row needs the id of its claimant; remove the row if it is no claim";

/// What is wrong with an id of the column of this name, and what to do; of one
/// that is plain, nothing.
pub(crate) fn fault(id: &str, column: &str) -> Option<(String, &'static str)> {
    let fault = if id.is_empty() {
        ("the id is blank".to_owned(), NEEDS_ID)
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
    } else if id.eq_ignore_ascii_case(column) {
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
    } else if let Some(text) = kept_for_spreadsheets(id) {
        (
            format!(
                "the id {} is a formula that shows {} in a spreadsheet",
                literal(id),
                literal(text)
            ),
            "write the id alone, or export the column as text",
        )
    } else if is_spreadsheet_error(id) {
        (
            format!(
                "the id {} is what a spreadsheet shows where it has no value to show",
                literal(id)
            ),
            "correct it in the spreadsheet and export again",
        )
    } else if is_placeholder(id) {
        (
            format!("the id {} is a placeholder, not an id", literal(id)),
            NEEDS_ID,
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

/// `1.23E+05`, `1.2345678E7`: how a spreadsheet writes a long number that it has no room for.
fn is_shortened(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| match text.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(text),
    };
    // Without a point it may be the code of a building.
    let plus = id.split_once("E+");
    let point = id
        .split_once(['E', 'e'])
        .filter(|(before, _)| before.as_bytes().get(1) == Some(&b'.'));
    plus.or(point)
        .is_some_and(|(before, after)| number(before) && digits(after))
}

/// The text of `="00123"`, by which exports keep a spreadsheet from reading a
/// number.
pub(crate) fn kept_for_spreadsheets(cell: &str) -> Option<&str> {
    cell.strip_prefix("=\"")?.strip_suffix('"')
}

/// Whether a text begins or ends with a word for a total: what stands before the
/// sums in the last row of a spreadsheet.
pub(crate) fn names_total(text: &str) -> bool {
    const TOTALS: [&str; 5] = ["total", "totals", "subtotal", "subtotals", "sub-total"];
    let is = |word: &str, names: &[&str]| {
        let word = word.trim_matches(|letter| matches!(letter, ':' | '(' | ')' | '[' | ']'));
        names.iter().any(|name| word.eq_ignore_ascii_case(name))
    };
    let is_total = |word: &str| is(word, &TOTALS);
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else {
        return false;
    };
    let second = words.next();
    is_total(first)
        || text.split_whitespace().next_back().is_some_and(is_total)
        || (is(first, &["grand", "sub"]) && second.is_some_and(is_total))
        // It is a name too.
        || (is(first, &["sum"]) && second.is_none_or(|second| is(second, &["of"])))
}

/// What programs write where there is no value: words, perhaps in brackets, `\N`,
/// or signs alone.
fn is_placeholder(id: &str) -> bool {
    const WORDS: [&str; 26] = [
        "null",
        "none",
        "nil",
        "nan",
        "nat",
        "na",
        "n/a",
        "n.a",
        "n\\a",
        "#n/a",
        "undefined",
        "unknown",
        "unk",
        "missing",
        "blank",
        "empty",
        "[object object]",
        "not available",
        "not applicable",
        "not provided",
        "not assigned",
        "none given",
        "no id",
        "tbd",
        "dbnull",
        "system.dbnull",
    ];
    /// As long as the longest.
    const LONGEST: usize = 16;
    let is = |text: &str| WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let inner = id.trim_matches(|sign: char| !sign.is_alphanumeric());
    inner.len() <= LONGEST
        && (inner.is_empty() || id.eq_ignore_ascii_case("\\n") || is(id) || is(inner))
}

/// `#N/A`, `#REF!`, `####`, `Err:502`: what a spreadsheet shows instead of a value.
pub(crate) fn is_spreadsheet_error(text: &str) -> bool {
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(code) = text.strip_prefix("Err:") {
        return is_code(code);
    }
    let Some(name) = text.strip_prefix('#') else {
        return false;
    };
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'/' | b'_' | b'0');
        !name.is_empty() && name.bytes().all(allowed)
    };
    let no_value = matches!(name, "N/A" | "GETTING_DATA");
    let hashes = !name.is_empty() && name.bytes().all(|byte| byte == b'#');
    no_value || hashes || name.strip_suffix(['!', '?']).is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "Sumner", "SUM-001", "Totally", "C-1", "grand", "", "summary", "Kim Sum", "Sum Lee",
        ] {
            assert!(!names_total(text), "{text}");
        }
    }
}
