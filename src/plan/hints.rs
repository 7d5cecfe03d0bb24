//! Hints for values that cannot be read, based on how people write amounts and
//! dates.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::base::decimal::{self, parse_grouped};
use crate::base::diagnostics::quotable;
use crate::plan::common_mistakes;

pub(crate) const NUMBER: &str = "write digits, with at most one decimal point, like `1234.56`";

pub(super) const FRACTION: &str =
    "write two whole numbers in quotes without spaces: `fraction = \"1/3\"`";

const TYPOGRAPHIC: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// Synonyms of keys. The first key that the table accepts is suggested.
const SYNONYMS: [(&[&str], &[&str]); 7] = [
    (&["minimum", "min", "floor"], &["at_least", "from", "below"]),
    (
        &["maximum", "max", "cap", "ceiling"],
        &["at_most", "up_to", "to"],
    ),
    (&["weight", "weights", "points"], &["shares"]),
    (&["already_paid", "offset"], &["less"]),
    (&["if", "where", "condition"], &["when"]),
    (&["type", "category"], &["kind"]),
    (&["title"], &["name"]),
];

/// The accepted key that means the same as an unknown one.
pub(super) fn synonym(key: &str, taken: &[&'static str]) -> Option<&'static str> {
    let key = key.to_lowercase();
    let (_, meant) = SYNONYMS
        .iter()
        .find(|(others, _)| others.contains(&key.as_str()))?;
    meant.iter().copied().find(|meant| taken.contains(meant))
}

/// Hint for a TOML syntax error at this byte, based on its line.
pub(super) fn of_toml(message: &str, text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next().unwrap_or("");
    let before = line.get(..at - start)?;
    if message.contains("duplicate") && matches!(line.trim(), "[fund]" | "[[fund]]") {
        return Some(common_mistakes::FUNDS.to_owned());
    }
    if message.contains("escape") {
        return Some("double each backslash in quoted text: `\\\\`".to_owned());
    }
    if message.contains("unclosed table") || message.contains("unclosed array table") {
        return of_part_name(line);
    }
    if !before.contains('=') && message.contains("key") {
        return of_key(line, before);
    }
    let written = WrittenValue::at(line, before)?;
    written.hint().or_else(|| generic(message))
}

/// Hint for a faulty value about which the line reveals nothing specific.
fn generic(message: &str) -> Option<String> {
    let of_value = ["float", "number", "integer", "quoted", "digit", "string"]
        .iter()
        .any(|word| message.contains(word));
    let hint = "write text in straight quotes, and numbers as digits with at most one decimal point, without `%`, `$` or commas";
    of_value.then(|| hint.to_owned())
}

/// Hint for a table heading with a missing bracket.
fn of_part_name(line: &str) -> Option<String> {
    let name = line.split('#').next()?.trim();
    let brackets = if name.starts_with("[[") { 2 } else { 1 };
    let (open, close) = ("[".repeat(brackets), "]".repeat(brackets));
    let name = name.trim_matches(['[', ']', ' ']);
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    // `[pool` is an incomplete `[[pool]]`.
    let is_list = matches!(name, "pool" | "deduction" | "exclude");
    if !name.bytes().all(bare) || is_list && brackets == 1 {
        return None;
    }
    Some(format!("write `{open}{name}{close}`"))
}

/// Hint for a line with a missing or misplaced equals sign.
fn of_key(line: &str, before: &str) -> Option<String> {
    let key = before.trim().trim_end_matches(':').trim_end();
    // A line of a claims file has no keys.
    let cells = line.get(before.len()..)?.starts_with(',');
    if cells {
        let hint = "this looks like a row of a CSV file; specify the TOML file of the plan";
        return Some(hint.to_owned());
    }
    if key.starts_with('[') {
        return None;
    }
    let name = line.split('=').next().unwrap_or(line).trim();
    if name.contains([' ', '\t']) && line.contains('=') && !name.contains(['"', '\'', ':']) {
        let joined = name.split_whitespace().collect::<Vec<_>>().join("_");
        return Some(format!(
            "a key is one word, like `{}`; put names with spaces, such as column names, in quotes",
            quotable(&joined)
        ));
    }
    let key = key.split([' ', '\t', ':']).next().unwrap_or(key);
    (!key.is_empty()).then(|| {
        format!(
            "write `=` between a key and its value: `{} = …`",
            quotable(key)
        )
    })
}

struct WrittenValue<'t> {
    key: &'t str,
    value: &'t str,
    /// True if the value is inside a list or a table.
    inside: bool,
}

impl<'t> WrittenValue<'t> {
    /// The faulty value: inside a list or a table, up to the next comma or bracket;
    /// otherwise up to the end of the line.
    fn at(line: &'t str, before: &str) -> Option<Self> {
        let equals = before.rfind('=');
        let key = line.get(..equals.unwrap_or(0))?.trim_end();
        let key = key.rsplit([' ', '\t', '{', ',']).next().unwrap_or(key);
        let inside = equals.is_none() || before.contains(['[', '{']);
        let start = ["=", "[", "{", ", "]
            .iter()
            .filter(|mark| inside || **mark == "=")
            .filter_map(|mark| Some(before.rfind(mark)? + mark.len()))
            .max();
        let rest = line.get(start.unwrap_or(0)..)?.trim_start();
        let value = if rest.starts_with(['"', '\'']) {
            rest
        } else {
            let ends: &[&str] = if inside {
                &[", ", "]", "}", "#"]
            } else {
                &["#"]
            };
            let end = ends.iter().filter_map(|end| rest.find(end)).min();
            rest.get(..end.unwrap_or(rest.len()))?
        };
        Some(Self {
            key,
            value: value.trim_end().trim_end_matches(','),
            inside,
        })
    }

    fn hint(&self) -> Option<String> {
        let Self { key, value, inside } = *self;
        if value.is_empty() {
            return (!key.is_empty()).then(|| "the value after `=` is missing".to_owned());
        }
        if value.contains(TYPOGRAPHIC) && !value.starts_with(['"', '\'']) {
            let straight = value.trim_matches(TYPOGRAPHIC);
            return Some(format!(
                "write straight quotes: `\"{}\"`",
                quotable(straight)
            ));
        }
        if let Some(rest) = value.strip_prefix(['"', '\'']) {
            return of_text(value, rest, inside);
        }
        if decimal::is_date_like(value) {
            // A date in the right format must be a day that does not exist.
            let right = value.split('-').map(str::len).eq([4, 2, 2]);
            return (!right).then(|| common_mistakes::DATE.to_owned());
        }
        // Brackets of a deduction do not accept fractions.
        if matches!(key, "fraction" | "percent") && !inside && value.contains('/') {
            return Some(of_part(key, value));
        }
        of_number(key, value).or_else(|| of_words(value, inside))
    }
}

/// Hint for a text that begins with a quote.
fn of_text(value: &str, rest: &str, inside: bool) -> Option<String> {
    let double = value.starts_with('"');
    let quote = if double { '"' } else { '\'' };
    let Some((text, after)) = rest.split_once(quote) else {
        return Some("use the same quotation mark at both ends of the text".to_owned());
    };
    // In a list, another text may follow.
    if inside || after.trim().is_empty() || after.trim_start().starts_with('#') {
        return None;
    }
    if after.contains('=') {
        return Some("write each key on a separate line".to_owned());
    }
    if double && after.contains('"') && !after.starts_with(',') {
        return Some(
            "put a backslash before each quotation mark inside the text: `\\\"`".to_owned(),
        );
    }
    if double {
        return None;
    }
    // `'Attorneys' fees'`: the apostrophe has ended the text.
    let whole = rest.trim_end().trim_end_matches(quote);
    let shown = if whole.contains('"') { text } else { whole };
    Some(format!(
        "put double quotes around text that contains an apostrophe: `\"{}\"`",
        quotable(shown)
    ))
}

/// Hint for words without quotes.
fn of_words(value: &str, inside: bool) -> Option<String> {
    let switch = value.to_lowercase();
    if switch != value && (switch == "true" || switch == "false") {
        return Some(format!("write it in lower case: `{switch}`"));
    }
    let bare = !value.contains(['"', '\'', '\\', '=', '[', ']', '{', '}']);
    let one = !(inside && value.contains(','));
    (bare && one && value.starts_with(char::is_alphabetic))
        .then(|| format!("put the text in quotes: `\"{}\"`", quotable(value)))
}

/// Hint for a number formatted as in letters and spreadsheets.
pub(super) fn of_number(key: &str, written: &str) -> Option<String> {
    if let Some(hint) = common_mistakes::of_fraction(key, written) {
        return Some(hint);
    }
    let plain = |text: &str| decimal::parse(text).is_ok();
    if let Some(number) = written.strip_suffix('%') {
        return decimal::parse(number.trim_end())
            .ok()
            .and_then(|number| of_percentage(key, number));
    }
    if let Some(number) = written.strip_prefix('-').filter(|number| plain(number)) {
        let turned = match key {
            "add" => "subtract",
            "subtract" => "add",
            _ => return None,
        };
        return Some(format!("write `{turned} = {number}`"));
    }
    if let Some(number) = written.strip_prefix(['$', '€', '£', '¥']) {
        let digits = number.trim_start().replace(',', "");
        return (plain(number.trim_start()) || parse_grouped(number.trim_start(), ',').is_ok())
            .then(|| format!("write only the number: `{digits}`"));
    }
    for separator in [',', '\'', '\u{2019}', ' '] {
        if written.contains(separator) && parse_grouped(written, separator).is_ok() {
            let digits = written.replace(separator, "");
            return Some(format!(
                "write numbers without thousands separators: `{digits}`"
            ));
        }
    }
    let point = written.replacen(',', ".", 1);
    if point != written && plain(&point) {
        return Some(format!("write a decimal point: `{point}`"));
    }
    let whole = format!("0{written}");
    if written.starts_with('.') && plain(&whole) {
        return Some(format!("write a digit before the decimal point: `{whole}`"));
    }
    written
        .strip_suffix('.')
        .filter(|whole| plain(whole))
        .map(|whole| format!("write it without the decimal point: `{whole}`"))
}

/// Hint for a percentage, whose meaning depends on the key.
pub(super) fn of_percentage(key: &str, number: Decimal) -> Option<String> {
    let shown = decimal::text(number);
    match key {
        "percent" => Some(format!("write only the number: `percent = {shown}`")),
        "amount" | "fraction" => Some(format!(
            "in deductions and pools, use the key for percentages: `percent = {shown}`"
        )),
        "rate" | "times" | "reduce" | "raise" => {
            let part = decimal::text(decimal::product(number, Decimal::new(1, 2))?);
            Some(format!("write {shown} percent as `{key} = {part}`"))
        }
        _ => None,
    }
}

/// Hint for a part that is not a decimal number, like `33 1/3%`.
pub(super) fn of_part(key: &str, written: &str) -> String {
    let hundredths = written.ends_with('%');
    let bare = written.trim_end_matches('%').trim();
    let whole = |digits: &str| digits.trim().parse::<u32>().ok().map(BigInt::from);
    let fraction = || {
        let (above, below) = bare.split_once('/')?;
        let below = whole(below).filter(|below| *below != BigInt::ZERO)?;
        match above.trim().rsplit_once(' ') {
            // `percent = "1/3"` may mean a third or a third of a percent.
            None if hundredths || key == "percent" => None,
            None => Some(Ratio::new_raw(whole(above)?, below)),
            // A whole number and a fraction can only be a percentage.
            Some((ones, above)) => {
                let above = whole(ones)? * &below + whole(above)?;
                Some(Ratio::new(above, below * 100))
            }
        }
    };
    match fraction().filter(|part| part.numer() <= part.denom()) {
        None => FRACTION.to_owned(),
        Some(part) => format!(
            "write it as a fraction: `fraction = \"{}/{}\"`",
            part.numer(),
            part.denom()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_with_a_fraction_are_reduced() {
        for (written, fraction) in [
            ("33 1/3%", "\"1/3\""),
            ("66 2/3", "\"2/3\""),
            ("1/3", "\"1/3\""),
            ("2 / 6", "\"2/6\""),
        ] {
            assert!(of_part("fraction", written).ends_with(&format!("{fraction}`")));
        }
        let percentage = of_part("percent", "33 1/3%");
        assert!(percentage.ends_with("\"1/3\"`"), "{percentage}");
        for (key, written) in [
            ("percent", "1/3"),
            ("fraction", "1/3%"),
            ("fraction", "1/0"),
            ("fraction", "4/3"),
        ] {
            assert_eq!(of_part(key, written), FRACTION);
        }
    }

    #[test]
    fn a_percentage_is_a_part_only_where_the_plan_has_parts() {
        let of = |key| of_number(key, "12.5%");
        assert!(of("rate").is_some_and(|hint| hint.contains("`rate = 0.125`")));
        assert!(of("percent").is_some_and(|hint| hint.contains("`percent = 12.5`")));
        assert_eq!(of("at_least"), None);
    }

    #[test]
    fn no_line_is_too_odd() {
        for text in [
            "", "=", "a=", "[", "é = “", "x = [ é", ", = {", "a = 'é", "\n\r\n=",
        ] {
            for at in 0..=text.len() {
                for message in ["key", "string", "escape"] {
                    of_toml(message, text, at);
                }
            }
        }
    }
}
