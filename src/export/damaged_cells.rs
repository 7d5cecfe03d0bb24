//! Cells without a usable value: placeholders of spreadsheets and programs, and values
//! damaged by them.

use crate::base::diagnostics::{Message, literal};
use crate::claims::ids::validity::{is_spreadsheet_error, kept_for_spreadsheets};
use crate::export::messages;

/// The problem with a cell that a layout writes, and its remedy. `column` is the name
/// of the cell's column.
pub(crate) fn of(cell: &str, column: &str) -> Option<Message> {
    let message = if cell.is_empty() {
        return None;
    } else if is_formula(cell) {
        let text = kept_for_spreadsheets(cell).map(str::to_owned);
        return Some(messages::cell_is_formula(&literal(cell)).suggest(text));
    } else if is_spreadsheet_error(cell) || is_other_error(cell) {
        messages::cell_is_error_value
    } else if is_power(cell) {
        messages::cell_in_scientific_notation
    } else if is_float(cell) {
        let whole = cell.strip_suffix(".0").map(str::to_owned);
        return Some(messages::cell_with_decimal(&literal(cell)).suggest(whole));
    } else if cell.contains('\u{fffd}') {
        messages::cell_with_lost_character
    } else if says_nothing(cell, column) {
        messages::cell_is_placeholder
    } else {
        return None;
    };
    Some(message(&literal(cell)))
}

/// `=A1`, `="00123"`, `+SUM(A1:A9)`, but not a telephone number.
fn is_formula(cell: &str) -> bool {
    let calls = |rest: &str| {
        let name = rest.split_once('(').map(|(name, _)| name);
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase()))
    };
    cell.starts_with('=') || cell.strip_prefix(['+', '-', '@']).is_some_and(calls)
}

/// `#SPILL!`, `#WERT!`, `Err:508`: errors of newer spreadsheets, of localized versions
/// and of `LibreOffice`.
fn is_other_error(cell: &str) -> bool {
    const OTHERS: [&str; 4] = ["#N/A N/A", "#N/D", "#NV", "#GETTING_DATA"];
    let name = cell
        .strip_prefix('#')
        .and_then(|rest| rest.strip_suffix(['!', '?']));
    let of_name = |c: char| c.is_uppercase() || "/_0¡¿".contains(c);
    let code = cell.strip_prefix("Err:");
    OTHERS.contains(&cell)
        || name.is_some_and(|name| !name.is_empty() && name.chars().all(of_name))
        || code.is_some_and(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1.23E+05`. `12E5` and `1E-2` may be apartment numbers.
fn is_power(cell: &str) -> bool {
    let Some((number, power)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let parts = number.split_once(['.', ',']);
    let has_point = parts.is_some_and(|(whole, rest)| is_digits(whole) && is_digits(rest));
    match power.strip_prefix('+') {
        Some(power) => (has_point || is_digits(number)) && is_digits(power),
        None => has_point && is_digits(power.strip_prefix('-').unwrap_or(power)),
    }
}

/// `62701.0`: a bank, telephone or ZIP code that a program converted to a number.
fn is_float(cell: &str) -> bool {
    const SHORTEST: usize = 5;
    let whole = cell.strip_suffix(".0");
    whole.is_some_and(|whole| whole.len() >= SHORTEST && is_digits(whole))
}

/// True if a cell has neither letters nor digits, or only words for a missing value. In
/// title case, `Nan` and `Null` are names; `NA` is the country code of Namibia.
fn says_nothing(cell: &str, column: &str) -> bool {
    const WORDS: [&str; 15] = [
        "null", "NULL", "nan", "NaN", "NAN", "none", "None", "NONE", "nil", "NIL", "NaT", "inf",
        "1.#QNAN", "1.#IND", "1.#INF",
    ];
    const IN_ANY_CASE: [&str; 4] = ["n/a", "n.a.", "undefined", "[object object]"];
    // Within brackets, after a minus or after a backslash, the word is not a name.
    const BETWEEN: [&str; 7] = ["null", "nan", "none", "nil", "na", "n", "blank"];
    let among = |words: &[&str], word: &str| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    let is_word = |word: &str| {
        let inner = word.trim_matches(['<', '>', '(', ')', '[', ']', '-', '\\']);
        WORDS.contains(&inner)
            || among(&IN_ANY_CASE, word)
            || (inner != word && among(&BETWEEN, inner))
    };
    let mut words = cell.split([' ', ',', ';']).filter(|word| !word.is_empty());
    let is_country = column.to_ascii_lowercase().contains("country");
    !cell.contains(char::is_alphanumeric)
        || is_word(cell)
        || words.all(is_word)
        || (cell == "NA" && !is_country)
}

#[cfg(test)]
mod tests {
    use crate::export::damaged_cells::of;

    #[test]
    fn what_stands_where_there_is_no_value_is_refused() {
        for cell in [
            "=HYPERLINK(\"http://x\")",
            "=\"00123\"",
            "+SUM(A1:A2)",
            "#N/A",
            "#REF!",
            "#VALUE!",
            "#SPILL!",
            "#NAME?",
            "#DIV/0!",
            "####",
            "Err:508",
            "#WERT!",
            "#¡REF!",
            "#ÜBERLAUF!",
            "#N/D",
            "#NV",
            "1,23E+05",
            "nan",
            "NaN",
            "NULL",
            "null",
            "None",
            "N/A",
            "n/a",
            "\\N",
            "(null)",
            "(Null)",
            "<NA>",
            "<null>",
            "<none>",
            "NaT",
            "undefined",
            "[object Object]",
            "1.23E+05",
            "1E+05",
            "1.5e-07",
            "1.23E05",
            "62701.0",
            "null null",
            "nan, nan",
            "-",
            "--",
            "?",
            "???",
            ".",
            "*",
            "-nan",
            "-inf",
            "NA",
            "n.a.",
            "(blank)",
            "Mu\u{fffd}oz",
            "undefined undefined",
            "1.#QNAN",
            "None None",
        ] {
            assert!(of(cell, "payee").is_some(), "{cell}");
        }
    }

    #[test]
    fn names_addresses_and_numbers_are_taken() {
        for cell in [
            "",
            "Null",
            "Nan",
            "Nan Goldin",
            "Jennifer Null",
            "None Such Lane 5",
            "Nil Öztürk",
            "Na",
            "Nat",
            "#5",
            "# 12B",
            "Apt 1E-2",
            "12E5",
            "1E-2",
            "E5",
            "+1 (555) 123-4567",
            "+1-555-123-4567",
            "@ana",
            "-Ana",
            "62701",
            "62701-0001",
            "0123456789",
            "1234.50",
            "10.0",
            "李明",
            "O'Neil, Bob",
            "N",
            "A/N",
            "Infinity Lane",
            "St. Inf",
            "C/O Smith (Trustee)",
            "a@example.com",
            "null@example.com",
            "Nina",
            "Napier",
            "Nulla",
            "Err: see note",
        ] {
            // `Nat` is a name, but `NaT` is not.
            assert!(of(cell, "payee").is_none(), "{cell}");
        }
        assert!(of("NA", "country").is_none());
        assert!(of("NA", "mail_Country").is_none());
        assert!(of("N/A", "country").is_some());
    }
}
