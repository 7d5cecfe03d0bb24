//! Describes faults of amount cells and suggests corrections, by the habits of
//! spreadsheets, other countries and bookkeepers. A suggestion is given only if the
//! corrected cell can be read.

use rust_decimal::Decimal;

use crate::base::decimal::{self, NumberFault, decimals_written, parse_grouped};
use crate::base::diagnostics::{Message, literal};
use crate::plan::column_format::ColumnFormat;
use crate::plan::{cell_messages, map_hints};

const SIGNS: [char; 4] = ['$', '€', '£', '¥'];
const DASHES: [char; 4] = ['-', '\u{2212}', '–', '—'];
const SEPARATORS: [char; 4] = [',', '\'', ' ', '_'];

/// The fault of a cell; `bare` is the cell without the prefix that the plan allows.
pub(super) fn describe(
    format: &ColumnFormat,
    cell: &str,
    bare: &str,
    problem: NumberFault,
) -> Message {
    let whole = cell;
    let cell = &literal(cell);
    let signed = bare.trim_start_matches(SIGNS);
    let without_sign = bare.trim_matches(|c| SIGNS.contains(&c) || c == ' ');
    if let Some(dash) = only_char(without_sign).filter(|c| DASHES.contains(c)) {
        let dash = if dash == '-' {
            "dash"
        } else {
            "typographic dash"
        };
        cell_messages::amount_is_dash(cell, dash)
    } else if let Some((what, digits)) = with_decimal_comma(signed.trim_start()) {
        cell_messages::amount_with_decimal_comma(cell, what, &digits).suggest(digits)
    } else if let Some(digits) = with_points_between(bare).filter(|_| bare.matches('.').count() > 1)
    {
        cell_messages::amount_with_points(cell, &digits).suggest(digits)
    } else if let Some((hint, decimal)) = zero_first(without_sign) {
        let message = cell_messages::amount_begins_with_zero(cell).hint(hint);
        message.suggest(decimal)
    } else if let Some(decimal) = with_one_comma(bare, format.thousands) {
        cell_messages::amount_with_comma_as_point(cell, &decimal).suggest(decimal)
    } else {
        of_unit(cell, without_sign).unwrap_or_else(|| of_kind(format, (whole, cell), bare, problem))
    }
}

fn of_kind(
    format: &ColumnFormat,
    (whole, cell): (&str, &str),
    bare: &str,
    problem: NumberFault,
) -> Message {
    // A currency sign before groups of three digits is the fault, not the groups.
    let signed = bare.strip_prefix(SIGNS).or(bare.strip_suffix(SIGNS));
    let problem = match problem {
        NumberFault::BadGroups if signed.is_some_and(|rest| is_amount(rest.trim())) => {
            NumberFault::CurrencySign
        }
        other => other,
    };
    let usual = || "write digits, with at most one decimal point, like `1234.56`".to_owned();
    let (message, hint) = match problem {
        NumberFault::TooManyDigits => return cell_messages::amount_with_too_many_digits(cell),
        NumberFault::TooManyDecimals => return cell_messages::amount_with_too_many_decimals(cell),
        NumberFault::Date => return cell_messages::amount_is_date(cell),
        NumberFault::Blank => (cell_messages::amount_blank(cell), None),
        NumberFault::Exponent => (cell_messages::amount_with_exponent(cell), None),
        NumberFault::BarePoint => {
            let digits = match bare.strip_prefix('.') {
                Some(decimals) => format!("0.{decimals}"),
                None => bare.strip_suffix('.').unwrap_or_default().to_owned(),
            };
            let message = cell_messages::amount_with_bare_point(cell);
            (message.suggest(plain(&digits)), None)
        }
        NumberFault::Sign => {
            let amount = bare.strip_prefix('+').and_then(plain);
            let message = cell_messages::amount_signed(cell).suggest(amount);
            (message, of_sign(format, bare))
        }
        NumberFault::CurrencySign => {
            let message = if has_space_after_sign(format, bare) {
                cell_messages::amount_with_space_after_sign(cell)
            } else {
                cell_messages::amount_with_currency_sign(cell)
            };
            let amount = bare.trim_matches(|c: char| SIGNS.contains(&c) || c.is_whitespace());
            // After a point, three digits may be thousands.
            let amount = plain(amount).filter(|amount| decimals_written(amount) != 3);
            (message.suggest(amount), of_currency_sign(format, bare))
        }
        NumberFault::Separator => {
            let message = cell_messages::amount_with_separator(cell).suggest(plain(bare));
            (message, of_separator(format, bare))
        }
        NumberFault::BadGroups => {
            let hint = of_separator(format, bare);
            (cell_messages::amount_with_odd_groups(cell), hint)
        }
        NumberFault::NotANumber => {
            // Words may be another currency or a unit, and letters digits.
            (cell_messages::not_a_number(cell), of_words(format, bare))
        }
    };
    let hint = hint.unwrap_or_else(usual);
    let as_blank = match problem {
        NumberFault::NotANumber => map_hints::as_blank(whole),
        _ => None,
    };
    message.hint(hint + &as_blank.unwrap_or_default())
}

/// Hint for a separator after a first group that begins with a zero. Numbers with
/// thousands separators never begin with zero, but in many countries `0,500` is one
/// half. Also the number, if it is certain.
fn zero_first(text: &str) -> Option<(String, Option<String>)> {
    let rest = text.strip_prefix('0')?;
    // With a nonzero first digit, the rest must be valid.
    let thousands = format!("1{rest}");
    if decimal::parse(text).is_ok() || !is_amount(&thousands) {
        return None;
    }
    let digits = text.replace(SEPARATORS, "");
    let digits = digits.trim_start_matches('0');
    if text.matches(SEPARATORS).ne([","]) || text.contains('.') || digits.is_empty() {
        let hint = "check the cell, and write the number without separators, like `1234.56`";
        return Some((hint.to_owned(), None));
    }
    let decimal = text.replace(',', ".");
    let hint = format!("write a decimal point: `{decimal}`");
    Some(if rest.starts_with(',') {
        (hint, Some(decimal))
    } else {
        let hint = format!(
            "if the comma is a decimal separator, {hint}; if not, write the number without leading zeros: `{digits}`"
        );
        (hint, None)
    })
}

/// Units after a number, and the number of digits by which they move the decimal
/// point.
const UNITS: [(&[&str], i32); 4] = [
    (&["k", "thousand", "thousands", "thsd", "tsd"], 3),
    (
        &[
            "m", "mm", "mn", "mil", "mill", "mio", "mln", "million", "millions",
        ],
        6,
    ),
    (&["b", "bn", "billion", "billions"], 9),
    (&["ct", "cts", "cent", "cents", "¢"], -2),
];

/// A number followed by a unit or by a credit or debit mark. No hint may drop
/// these.
fn of_unit(cell: &str, text: &str) -> Option<Message> {
    let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '¢' | '%' | '\u{a0}');
    let start = text.trim_end_matches(is_word).len();
    let (number, word) = text.split_at_checked(start)?;
    let word = word.trim_matches([' ', '.', '\u{a0}']).to_lowercase();
    let mark = match word.as_str() {
        _ if !is_amount(number) => text.split(|c: char| !c.is_alphabetic()).next()?,
        word => word,
    };
    let side = match mark.to_lowercase().as_str() {
        "c" | "cr" | "credit" => "credit",
        "d" | "dr" | "debit" => "debit",
        _ => "",
    };
    if !side.is_empty() {
        return Some(cell_messages::amount_marked(cell, side));
    }
    if matches!(word.as_str(), "percent" | "per cent" | "pct") {
        let part = moved(number, -2)?;
        let hint =
            format!("write `{part}`, or `{number}` if the plan multiplies the column by 0.01");
        return Some(cell_messages::amount_with_unit(cell).hint(hint));
    }
    let (_, places) = UNITS
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()))?;
    let full = moved(number, *places)?;
    let hint = format!("write the number in full: `{full}`");
    Some(
        cell_messages::amount_with_unit(cell)
            .hint(hint)
            .suggest(full),
    )
}

/// Moves the decimal point of a number.
fn moved(number: &str, places: i32) -> Option<String> {
    let number = decimal::parse(&number.replace([',', '\'', ' ', '_'], "")).ok()?;
    let unit = match places {
        0.. => Decimal::from(decimal::power_of_ten(places.unsigned_abs())?),
        _ => Decimal::new(1, places.unsigned_abs()),
    };
    decimal::product(number, unit).map(decimal::text)
}

/// True if the text is an amount, possibly with separators.
fn is_amount(text: &str) -> bool {
    plain(text).is_some()
}

/// The digits of an amount, without separators.
fn plain(text: &str) -> Option<String> {
    if decimal::parse(text).is_ok() {
        return Some(text.to_owned());
    }
    let mut separators = SEPARATORS.into_iter();
    let separator = separators.find(|&separator| parse_grouped(text, separator).is_ok())?;
    Some(text.replace(separator, ""))
}

/// True if a space follows a currency sign that the plan does not allow.
fn has_space_after_sign(format: &ColumnFormat, bare: &str) -> bool {
    let amount = bare.strip_prefix(SIGNS);
    amount.is_some_and(|amount| {
        amount.starts_with(char::is_whitespace)
            && is_amount(amount.trim_start())
            && format.prefix.is_none()
    })
}

/// `1.234,56`, `1 234,56` or `1'234,56`: the separator in words, and the number with a
/// decimal point. Three digits after the comma may be decimals or thousands.
fn with_decimal_comma(text: &str) -> Option<(&'static str, String)> {
    let (whole, decimals) = text.split_once(',')?;
    if decimals.len() == 3 {
        return None;
    }
    let separators = [('.', "points"), (' ', "spaces"), ('\'', "apostrophes")];
    let found = separators.into_iter().find(|&(separator, _)| {
        let turned = whole.replace(separator, "_");
        whole.contains(separator) && parse_grouped(&format!("{turned}.{decimals}"), '_').is_ok()
    });
    let (separator, what) = found?;
    Some((what, format!("{}.{decimals}", whole.replace(separator, ""))))
}

/// `80,50`: the number with a decimal point. Where commas separate thousands, two digits
/// after the only comma are cents, and any other number may lack a digit.
fn with_one_comma(text: &str, thousands: Option<char>) -> Option<String> {
    let (_, decimals) = text.split_once(',')?;
    let decimal = text.replace(',', ".");
    let is_point = match thousands {
        Some(',') => decimals.len() == 2,
        _ => decimals.len() != 3,
    };
    (is_point && decimal::parse(&decimal).is_ok()).then_some(decimal)
}

fn of_sign(format: &ColumnFormat, bare: &str) -> Option<String> {
    let mut odd: Vec<char> = [&SIGNS[..], &DASHES, &['(', ')', '+', ' ']].concat();
    odd.extend(format.prefix.iter().flat_map(|prefix| prefix.chars()));
    if !is_amount(bare.trim_matches(odd.as_slice())) {
        return None;
    }
    Some(if bare.contains('+') {
        "write the amount without the sign".to_owned()
    } else {
        "amounts are never negative; put amounts to be subtracted in a separate column, without a sign, and `subtract` that column in the plan".to_owned()
    })
}

fn of_currency_sign(format: &ColumnFormat, bare: &str) -> Option<String> {
    if let Some(prefix) = &format.prefix {
        return Some(format!(
            "the plan allows only `{prefix}` before amounts in this column"
        ));
    }
    let Some(sign) = bare.chars().next().filter(|c| SIGNS.contains(c)) else {
        return is_amount(bare.trim_end_matches(SIGNS).trim_end())
            .then(|| "write the amount without the sign".to_owned());
    };
    let amount = bare.strip_prefix(sign)?.trim_start();
    let grouped = |separator| parse_grouped(amount, separator).is_ok();
    if decimal::parse(amount).is_ok() && has_space_after_sign(format, bare) {
        return Some(format!(
            "remove the sign and the space, or declare the sign in the plan: `prefix = \"{sign}\"` under [column.NAME]"
        ));
    }
    if decimal::parse(amount).is_ok() || format.thousands.is_some_and(grouped) {
        return Some(format!(
            "remove the sign, or declare it in the plan: `prefix = \"{sign}\"` under [column.NAME]"
        ));
    }
    if grouped(',') && has_space_after_sign(format, bare) {
        return Some(format!(
            "remove the sign, the space and the separators, or declare them in the plan: `prefix = \"{sign}\"` and `thousands = \",\"` under [column.NAME]"
        ));
    }
    grouped(',').then(|| {
        format!("remove both, or declare them in the plan: `prefix = \"{sign}\"` and `thousands = \",\"` under [column.NAME]")
    })
}

fn of_separator(format: &ColumnFormat, bare: &str) -> Option<String> {
    let grouped = |separator: &char| parse_grouped(bare, *separator).is_ok();
    if let Some(separator) = SEPARATORS.into_iter().find(grouped)
        && format.thousands.is_none()
    {
        return Some(format!(
            "remove the separator, or declare it in the plan: `thousands = \"{separator}\"` under [column.NAME]"
        ));
    }
    // Three digits after a comma may be decimals or thousands.
    if bare.rsplit_once(',').is_none_or(|(_, end)| end.len() == 3) {
        return None;
    }
    let one_comma = bare.matches(',').count() == 1 && !bare.contains('.');
    (one_comma && decimal::parse(&bare.replace(',', ".")).is_ok())
        .then(|| "write a decimal point, like `1234.56`".to_owned())
}

fn of_words(format: &ColumnFormat, bare: &str) -> Option<String> {
    let word = bare.split(|c: char| c.is_ascii_digit()).next()?.trim_end();
    let amount = bare.strip_prefix(word)?.trim_start();
    let may_be_prefix = !word.is_empty() && word.chars().all(char::is_alphabetic);
    if may_be_prefix && format.prefix.is_none() && decimal::parse(amount).is_ok() {
        return Some(format!(
            "remove the prefix, or declare it in the plan: `prefix = \"{word}\"` under [column.NAME]"
        ));
    }
    let amount = bare.trim_matches(|c: char| c.is_alphabetic() || c == ' ');
    // The letters O, l and I are often digits.
    let may_be_digits = |c: char| matches!(c, 'O' | 'o' | 'l' | 'I');
    let words = bare.replace(amount, "");
    let is_doubtful = words.chars().all(may_be_digits);
    (decimal::parse(amount).is_ok() && !is_doubtful)
        .then(|| format!("if this is the amount, write only the number: `{amount}`"))
}

/// `1.234.567` or `1.234,56`, rewritten with a decimal point.
fn with_points_between(text: &str) -> Option<String> {
    let turned = text.replace('.', "_").replace(',', ".");
    let number = text.contains('.') && parse_grouped(&turned, '_').is_ok();
    number.then(|| turned.replace('_', ""))
}

fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use crate::plan::ColumnId;
    use crate::plan::column_format::ColumnFormat;

    #[test]
    fn what_an_accounting_format_writes_is_named() {
        let dollars = ColumnFormat {
            thousands: Some(','),
            prefix: Some("$".to_owned()),
            ..ColumnFormat::default()
        };
        for (cell, problem, hint) in [
            ("$ -", "is a dash", "write `0`"),
            ("-", "is a dash", "write `0`"),
            ("–", "typographic dash", "write `0`"),
            ("$ (1,234.56)", "sign or parentheses", "never negative"),
            ("-$ 80", "sign or parentheses", "never negative"),
            ("80-", "sign or parentheses", "never negative"),
            ("+80", "sign or parentheses", "without the sign"),
            ("1-800-555", "sign or parentheses", "write digits"),
            ("1.234.567", "points as thousands separators", "`1234567`"),
            (
                "1.234,56",
                "points as thousands separators and a decimal comma",
                "`1234.56`",
            ),
            ("80,50", "a decimal comma", "a decimal point: `80.50`"),
            ("$1234,56", "a decimal comma", "a decimal point: `1234.56`"),
            ("80,5", "do not separate groups", "a decimal point"),
            ("1,234,56", "do not separate groups", "write digits"),
            ("1234,567", "do not separate groups", "write digits"),
            ("0,500", "begins with a zero", "`0.500`"),
            ("$0,500", "begins with a zero", "`0.500`"),
            (
                "01,234",
                "begins with a zero",
                "`01.234`; if not, write the number without leading zeros: `1234`",
            ),
            ("0 500", "begins with a zero", "check the cell"),
            ("0,000", "begins with a zero", "check the cell"),
            ("0,500.25", "begins with a zero", "check the cell"),
            ("2M", "a unit", "in full: `2000000`"),
            ("1.5K", "a unit", "in full: `1500`"),
            ("$1.5k", "a unit", "in full: `1500`"),
            ("3 million", "a unit", "in full: `3000000`"),
            ("1,250.5 mm.", "a unit", "in full: `1250500000`"),
            ("50 cents", "a unit", "in full: `0.5`"),
            ("25 percent", "a unit", "write `0.25`, or `25`"),
            ("100.00 CR", "a credit", "`subtract`"),
            ("1,100.00 Cr.", "a credit", "`subtract`"),
            ("$100.00DR", "a debit", "without the mark"),
            ("CR 100.00", "a credit", "`subtract`"),
            ("12 hours", "is not a number", "only the number: `12`"),
            ("1.234,567", "do not separate groups", "write digits"),
        ] {
            let fault = dollars.number(ColumnId(0), cell).expect_err(cell).message;
            assert!(fault.text.contains(problem), "{}", fault.text);
            let found = fault.hint.unwrap_or_default();
            assert!(found.contains(hint), "{cell}: {found}");
        }
    }

    /// After the change to the plan that a hint suggests, the cell can be read.
    #[test]
    fn what_is_advised_can_be_read() {
        let plain = ColumnFormat::default();
        let named = |prefix: Option<&str>, thousands| ColumnFormat {
            thousands,
            prefix: prefix.map(str::to_owned),
            ..ColumnFormat::default()
        };
        for (cell, advised, format) in [
            ("$ 80", "`prefix = \"$\"`", named(Some("$"), None)),
            (
                "$ 1,234.56",
                "the space and the separators",
                named(Some("$"), Some(',')),
            ),
            ("$1,234.56", "remove both", named(Some("$"), Some(','))),
            ("1,234", "`thousands = \",\"`", named(None, Some(','))),
            ("1 234", "`thousands = \" \"`", named(None, Some(' '))),
            ("1'234.5", "`thousands = \"'\"`", named(None, Some('\''))),
            ("USD 80", "`prefix = \"USD\"`", named(Some("USD"), None)),
            ("EUR80", "`prefix = \"EUR\"`", named(Some("EUR"), None)),
        ] {
            let fault = plain.number(ColumnId(0), cell).expect_err(cell);
            let hint = fault.message.hint;
            let hint = hint.unwrap_or_default();
            assert!(hint.contains(advised), "{cell}: {hint}");
            assert!(format.number(ColumnId(0), cell).is_ok(), "{cell}");
        }
        for (cell, hint) in [
            ("80 €", "without the sign"),
            ("80 USD", "only the number: `80`"),
        ] {
            let fault = plain.number(ColumnId(0), cell).expect_err(cell);
            let found = fault.message.hint;
            assert!(found.is_some_and(|found| found.contains(hint)), "{cell}");
        }
    }

    #[test]
    fn the_number_to_write_is_suggested_where_it_is_certain() {
        let plain = ColumnFormat::default();
        for (cell, meant) in [
            ("$ 1,200.00", "1200.00"),
            ("$80", "80"),
            ("80 €", "80"),
            ("1.200,00", "1200.00"),
            ("$1.234.567,5", "1234567.5"),
            ("1 200,00", "1200.00"),
            ("1.234.567", "1234567"),
            ("1,234", "1234"),
            ("80,50", "80.50"),
            ("0,500", "0.500"),
            ("+80", "80"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.5K", "1500"),
            // These may mean several numbers, or none.
            ("$1.200", ""),
            ("1234,567", ""),
            ("01,234", ""),
            ("25 percent", ""),
            ("-80", ""),
            ("(80)", ""),
            ("-", ""),
            ("1e3", ""),
            ("1,23,4", ""),
            ("abc", ""),
            // Words may be another currency or a unit, and letters digits.
            ("USD 80", ""),
            ("12 hours", ""),
            ("12OO", ""),
            ("", ""),
        ] {
            let fault = plain.number(ColumnId(0), cell).expect_err(cell);
            let found = fault.message.suggestion.unwrap_or_default();
            assert_eq!(found, meant, "{cell}");
            assert!(found.is_empty() || plain.number(ColumnId(0), &found).is_ok());
        }
    }
}
