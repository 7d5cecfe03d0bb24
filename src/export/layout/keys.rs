//! Reads single keys of a layout.

use toml::de::DeValue;

use crate::base::diagnostics::literal;
use crate::base::money::{Currency, Money};
use crate::export::formats::FORMATS;
use crate::export::layout::setting::Setting;
use crate::export::layout::{FileRules, LineEnd, QuoteRule};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, given};

pub(super) fn setting(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Setting> {
    let mut table = value.table(format!("[setting.{}]", value.key), problems)?;
    let about = table.require("about", problems);
    let [default, digits, routing, length, one_of] =
        ["default", "digits", "routing", "length", "one_of"].map(|key| table.take(key));
    table.finish(problems);
    let one_of = optional(one_of, problems, TomlValue::texts)?;
    let one_of = one_of.unwrap_or_default().into_iter();
    Some(Setting {
        name: value.key.clone(),
        about: about?.words(problems)?,
        default: optional(default, problems, text_or_digits)?,
        digits: optional(digits, problems, TomlValue::truth)?.unwrap_or(false),
        routing: optional(routing, problems, TomlValue::truth)?.unwrap_or(false),
        length: optional(length, problems, size)?,
        one_of: one_of.map(|(text, _)| text).collect(),
        ..Setting::default()
    })
}

/// Reads the keys of `[file]`.
pub(super) fn file(
    mut table: TomlTable<'_>,
    file: &mut FileRules,
    currency: Currency,
    problems: &mut ProblemCollector,
) {
    let [name, form, delimiter, quote] =
        ["name", "form", "delimiter", "quote"].map(|key| table.take(key));
    let [header, line_end, characters, rows] =
        ["header", "line_end", "characters", "rows"].map(|key| table.take(key));
    let amounts = [table.take("total"), table.take("largest")];
    table.finish(problems);
    set(&mut file.name, name, problems, TomlValue::words);
    set(&mut file.form, form, problems, |value, problems| {
        value.one_of(&FORMATS, problems)
    });
    if file.form.has_delimiter() {
        set(&mut file.delimiter, delimiter, problems, read_delimiter);
        set(&mut file.quote, quote, problems, |value, problems| {
            value.one_of(&QuoteRule::WORDS, problems)
        });
    } else if let Some(value) = delimiter.or(quote) {
        let message = format!(
            "{} is only allowed for delimited files",
            literal(&value.key)
        );
        problems.add(&value.key_span, message);
    }
    set(&mut file.header, header, problems, TomlValue::truth);
    set(&mut file.line_end, line_end, problems, |value, problems| {
        value.one_of(&LineEnd::WORDS, problems)
    });
    let sets = [("any", false), ("ascii", true)];
    set(&mut file.ascii, characters, problems, |value, problems| {
        value.one_of(&sets, problems)
    });
    if let Some(rows) = rows {
        file.limits.rows = at_least_one(&rows, problems).or(file.limits.rows);
    }
    let [total, largest] = amounts;
    let limits = &mut file.limits;
    for (value, into) in [(total, &mut limits.total), (largest, &mut limits.largest)] {
        let Some(value) = value else { continue };
        let amount = value
            .number(problems)
            .map(|number| currency.exact(number.value));
        match amount {
            Some(Some(Money::ZERO)) => {
                let message = format!("{} must be greater than 0", literal(&value.key));
                problems.add(&value.span, message);
            }
            Some(Some(amount)) => *into = Some(amount),
            Some(None) => problems.add(
                &value.span,
                format!(
                    "{} has more decimals than the currency",
                    literal(&value.key)
                ),
            ),
            None => {}
        }
    }
}

fn read_delimiter(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<u8> {
    let words = [
        (",", b','),
        (";", b';'),
        ("|", b'|'),
        ("\t", b'\t'),
        ("tab", b'\t'),
    ];
    value.one_of(&words, problems)
}

fn set<'v, T>(
    into: &mut T,
    value: Option<TomlValue<'v>>,
    problems: &mut ProblemCollector,
    read: impl FnOnce(&TomlValue<'v>, &mut ProblemCollector) -> Option<T>,
) {
    if let Some(read) = value.and_then(|value| read(&value, problems)) {
        *into = read;
    }
}

/// `Some(None)` for a key that is left out, `None` for one that is wrong.
pub(super) fn optional<'v, T>(
    value: Option<TomlValue<'v>>,
    problems: &mut ProblemCollector,
    read: impl FnOnce(&TomlValue<'v>, &mut ProblemCollector) -> Option<T>,
) -> Option<Option<T>> {
    given(value.map(|value| read(&value, problems)))
}

/// A text, or a whole number as text.
pub(super) fn text_or_digits(
    value: &TomlValue<'_>,
    problems: &mut ProblemCollector,
) -> Option<String> {
    match value.value {
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().to_owned()),
        _ => value.text(problems),
    }
}

fn at_least_one(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<u64> {
    let whole = value.whole(problems)?;
    if whole == 0 {
        problems.add(
            &value.span,
            format!("{} must be at least 1", literal(&value.key)),
        );
        return None;
    }
    Some(whole)
}

/// A number of characters; a thousand is enough for any field.
pub(super) fn size(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<usize> {
    const MOST: u64 = 1000;
    let size = at_least_one(value, problems)?;
    if size > MOST {
        problems.add(
            &value.span,
            format!("{} must be at most {MOST}", literal(&value.key)),
        );
        return None;
    }
    usize::try_from(size).ok()
}

pub(super) fn character(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<char> {
    let text = value.text(problems)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_control() => Some(character),
        _ => {
            problems.add(
                &value.span,
                format!("{} must be one character", literal(&value.key)),
            );
            None
        }
    }
}

/// The tables of an array of tables.
pub(super) fn elements<'p>(
    value: Option<&TomlValue<'p>>,
    what: &str,
    problems: &mut ProblemCollector,
) -> Vec<TomlValue<'p>> {
    let Some(value) = value else {
        return Vec::new();
    };
    if value.is_table() {
        let message = format!("{} requires double brackets: {what}", literal(&value.key));
        problems.add(&value.span, message);
        return Vec::new();
    }
    value.list(problems).unwrap_or_default()
}
