//! The validity of ids, with descriptions of faults.

use crate::base::confusables::is_hidden;
use crate::base::diagnostics::{Message, literal};
use crate::claims::messages;

/// The maximum length of an id, in bytes.
pub(crate) const LONGEST_ID: usize = 128;

/// The fault of an id in the column with this name; `None` if the id is valid.
pub(crate) fn fault(id: &str, column: &str) -> Option<Message> {
    let shown = || literal(id);
    Some(if id.is_empty() {
        messages::id_blank()
    } else if id.len() > LONGEST_ID {
        messages::id_too_long(id.len(), LONGEST_ID)
    } else if id.contains(['\n', '\r']) {
        messages::id_with_line_break()
    } else if let Some(hidden) = id.chars().find(|c| is_hidden(*c)) {
        let visible: String = id.chars().filter(|c| !is_hidden(*c)).collect();
        messages::id_with_invisible_character(&shown(), u32::from(hidden)).suggest(visible)
    } else if id.eq_ignore_ascii_case(column) {
        messages::id_is_column_name(&shown())
    } else if names_total(id) {
        messages::id_names_total(&shown())
    } else if let (Some(_), Some(message)) = (kept_for_spreadsheets(id), formula_fault(id, "id")) {
        message
    } else if is_spreadsheet_error(id) {
        messages::id_is_error_value(&shown())
    } else if is_placeholder(id) {
        messages::id_is_placeholder(&shown())
    } else if is_shortened(id) {
        messages::id_shortened(&shown())
    } else {
        return formula_fault(id, "id");
    })
}

/// The fault of a text of a file that would be a formula in a spreadsheet; `what` names it:
/// `id`.
pub(crate) fn formula_fault(text: &str, what: &str) -> Option<Message> {
    if let Some(inner) = kept_for_spreadsheets(text) {
        let message = messages::protected_by_formula(what, &literal(text), &literal(inner));
        return Some(message.suggest(inner.to_owned()));
    }
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    is_formula.then(|| messages::looks_like_formula(what, &literal(text)))
}

/// Detects `1.23E+05` and `1.2345678E7`, the notation of spreadsheets for long
/// numbers.
fn is_shortened(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| match text.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(text),
    };
    // Without a point, it may be the code of a building.
    let plus = id.split_once("E+");
    let point = id
        .split_once(['E', 'e'])
        .filter(|(before, _)| before.as_bytes().get(1) == Some(&b'.'));
    plus.or(point)
        .is_some_and(|(before, after)| number(before) && digits(after))
}

/// The text of `="00123"`, which exports use so that spreadsheets do not read it as
/// a number.
pub(crate) fn kept_for_spreadsheets(cell: &str) -> Option<&str> {
    cell.strip_prefix("=\"")?.strip_suffix('"')
}

/// True if a text begins or ends with a word for a total, as in the last row of a
/// spreadsheet.
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
        // It may also be a name.
        || (is(first, &["sum"]) && second.is_none_or(|second| is(second, &["of"])))
}

/// Detects the values that programs write if there is none: words, possibly in
/// brackets, `\N`, or only punctuation.
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
    /// The length of the longest.
    const LONGEST: usize = 16;
    let is = |text: &str| WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let inner = id.trim_matches(|sign: char| !sign.is_alphanumeric());
    inner.len() <= LONGEST
        && (inner.is_empty() || id.eq_ignore_ascii_case("\\n") || is(id) || is(inner))
}

/// Detects `#N/A`, `#REF!`, `####`, `Err:502`, which a spreadsheet shows instead of
/// a value.
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
