//! The figures of a run by the names of their places, as summary.json has them, with the
//! seal, the sum of the reserves, lists in lines, and rates with few decimals.
//!
//! A figure that the summary gains is a place without another line here. A text with
//! the decimals of the currency is an amount, unless its key is one of those of texts: a
//! pool may be named "2026.00".

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

use crate::audit::fill::lists;
use crate::audit::messages;
use crate::base::dates;
use crate::base::decimal;
use crate::base::diagnostics::{Message, alternatives, literal, nearest};
use crate::base::locale::Locale;
use crate::base::money::{self, Currency, Money, group, group_words};
use crate::plan::Plan;
use crate::run::account::{percent, times_100};

/// Keys by which the entries of a list are named, the first that an entry has.
const NAMES: [&str; 10] = [
    "key", "name", "reason", "method", "text", "to", "rule", "column", "value", "status",
];

/// Keys of texts that are shown as they are.
const TEXTS: [&str; 19] = [
    "key",
    "name",
    "reason",
    "method",
    "text",
    "to",
    "rule",
    "column",
    "value",
    "portion",
    "docket",
    "as_of",
    "currency",
    "draft",
    "source",
    "sha256",
    "kind",
    "rate_exact",
    "warnings",
];

/// Keys of numbers that are no amounts.
const NUMBERS: [&str; 3] = ["shares", "expected", "found"];

/// The names from the summary down to a figure.
pub(crate) type PlacePath = Vec<String>;

/// The figures of a run, each as text for people; `None` if the run has no such figure.
#[derive(Debug)]
pub(crate) struct Places {
    figures: BTreeMap<PlacePath, Option<String>>,
}

impl Places {
    /// The figures of a summary.
    pub(crate) fn new(plan: &Plan, summary: &Value, seal: &str) -> Self {
        let mut reader = FigureReader {
            currency: plan.settlement.currency,
            locale: plan.settlement.locale,
            path: Vec::new(),
            figures: BTreeMap::new(),
        };
        reader.read(summary, "", false);
        let mut figures = reader.figures;
        figures.insert(vec!["seal".to_owned()], Some(seal.to_owned()));
        let reserve = reserve(summary, plan.settlement.currency);
        for (place, list) in lists::all(summary, plan.settlement.currency) {
            figures.insert(place, list);
        }
        let place = ["fund", "reserve"].map(str::to_owned).to_vec();
        figures.insert(
            place,
            reserve.map(|sum| plan.settlement.currency.grouped(sum)),
        );
        Self { figures }
    }

    /// The figure of a place, if the run states it; the error says that there is no such
    /// place.
    pub(crate) fn figure(&self, path: &PlacePath) -> Result<Option<&str>, Message> {
        self.figures
            .get(path)
            .map(Option::as_deref)
            .ok_or_else(|| self.no_such_place(path))
    }

    fn no_such_place(&self, path: &PlacePath) -> Message {
        let place = written(path);
        messages::no_such_place(literal(&place)).hint(self.hint(path, &place))
    }

    fn hint(&self, path: &[String], place: &str) -> String {
        const LIST: &str = "`payout fill RUN --list` lists all places";
        let below = self.figures.keys().filter(|known| known.starts_with(path));
        let below: Vec<String> = below.map(|known| written(known)).collect();
        if !below.is_empty() {
            return format!("name one of its figures, {}; {LIST}", alternatives(&below));
        }
        let known: Vec<String> = self.figures.keys().map(|known| written(known)).collect();
        match nearest(place, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {}? {LIST}", literal(near)),
            None => LIST.to_owned(),
        }
    }

    /// The places as they are written in templates, with their figures.
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, Option<&str>)> {
        let figures = self.figures.iter();
        figures.map(|(path, figure)| (format!("{{{}}}", written(path)), figure.as_deref()))
    }
}

/// The sum of the deductions that are reserves; `None` if the summary has no deductions.
fn reserve(summary: &Value, currency: Currency) -> Option<Money> {
    let deductions = summary.pointer("/fund/deductions")?.as_array()?;
    let reserves = deductions
        .iter()
        .filter(|one| one.get("kind").is_some_and(|kind| kind == "reserve"));
    let mut sums = reserves.map(|one| {
        let amount = one.get("amount")?.as_str()?;
        money::from_text(amount, currency.decimals())
    });
    sums.try_fold(Money::ZERO, |sum, amount| sum.plus(amount?))
}

/// A place as it is written in a template, without braces.
pub(crate) fn written(path: &[String]) -> String {
    let name = |name: &String| {
        let spaced = name.split_whitespace().collect::<Vec<_>>().join(" ") != *name;
        if name.is_empty() || spaced || name.contains(['.', '"', '{', '}', '|']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.clone()
        }
    };
    path.iter().map(name).collect::<Vec<_>>().join(".")
}

struct FigureReader {
    currency: Currency,
    locale: Locale,
    path: PlacePath,
    figures: BTreeMap<PlacePath, Option<String>>,
}

impl FigureReader {
    /// Reads a value of the summary under a key; `of_shares` is true for pools whose rate
    /// is an amount per share.
    fn read(&mut self, value: &Value, key: &str, of_shares: bool) {
        match value {
            Value::Object(entries) => self.object(entries, of_shares),
            Value::Array(entries) => self.list(entries, key, of_shares),
            leaf => {
                let figure = self.figure(leaf, key, of_shares);
                self.figures.insert(self.path.clone(), figure);
            }
        }
    }

    /// Reads the entries of a list by their names, or by their numbers if a name is missing
    /// or is that of several.
    fn list(&mut self, entries: &[Value], key: &str, of_shares: bool) {
        let names: Vec<Option<&str>> = entries.iter().map(name_of).collect();
        let all_differ = names.iter().enumerate().all(|(place, name)| {
            let mut before = names.iter().take(place);
            name.is_some() && !before.any(|other| other == name)
        });
        for (number, (name, entry)) in (1..).zip(names.into_iter().zip(entries)) {
            let name = name.filter(|_| all_differ);
            let number = || number.to_string();
            self.path.push(name.map_or_else(number, str::to_owned));
            self.read(entry, key, of_shares);
            self.path.pop();
        }
    }

    fn object(&mut self, entries: &Map<String, Value>, of_shares: bool) {
        let of_shares = match entries.get("shares") {
            Some(shares) => !shares.is_null(),
            None => of_shares,
        };
        for (key, value) in entries {
            self.path.push(key.clone());
            self.read(value, key, of_shares);
            self.path.pop();
            if key == "rate" {
                let short = value.as_str().and_then(|rate| self.short(rate, of_shares));
                self.path.push("rate_short".to_owned());
                self.figures.insert(self.path.clone(), short);
                self.path.pop();
            }
        }
    }

    /// A rate with few decimals: a percentage with two, or an amount per share in whole
    /// cents.
    fn short(&self, rate: &str, of_shares: bool) -> Option<String> {
        let number = decimal::parse(rate).ok()?;
        if !of_shares {
            let whole = decimal::power_of_ten(number.scale())?;
            return Some(percent(number.mantissa(), whole));
        }
        let decimals = self.currency.decimals();
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        let rounded = number.round_dp_with_strategy(decimals, half_up);
        let amount = |number: Decimal| {
            let places = usize::try_from(decimals).unwrap_or(0);
            self.currency.grouped_text(&format!("{number:.places$}"))
        };
        Some(if rounded.is_zero() && !number.is_zero() {
            format!("less than {}", amount(Decimal::new(1, decimals)))
        } else {
            amount(rounded)
        })
    }

    /// A figure for people.
    fn figure(&self, value: &Value, key: &str, of_shares: bool) -> Option<String> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => return Some(group(number)),
            Value::Bool(true) => return Some("yes".to_owned()),
            Value::Bool(false) => return Some("no".to_owned()),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(match key {
            "rate" if of_shares => self.currency.grouped_text(text),
            "rate" => group(&times_100(text)) + "%",
            key if TEXTS.contains(&key) => text.clone(),
            key if NUMBERS.contains(&key) => group_words(text),
            _ if self.is_amount(text) => self.currency.grouped_text(text),
            _ => match dates::iso_date(text) {
                Some(date) => self.locale.date(date),
                None => text.clone(),
            },
        })
    }

    /// True for digits with at least the decimals of the currency.
    fn is_amount(&self, text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let decimals = usize::try_from(self.currency.decimals()).unwrap_or(usize::MAX);
        !whole.is_empty() && all_digits(whole) && all_digits(fraction) && fraction.len() >= decimals
    }
}

/// The name of an entry of a list.
fn name_of(entry: &Value) -> Option<&str> {
    let mut keys = NAMES.iter();
    keys.find_map(|key| entry.get(key)?.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The places of a summary, with their figures.
    fn places(summary: &Value, currency: &str, locale: &str) -> Vec<(String, Option<String>)> {
        let plan = format!(
            "[settlement]\nname = \"Doe\"\ncurrency = \"{currency}\"\nlocale = \"{locale}\"\n\
             [fund]\namount = 9\n[claims]\nstatus = false\n[[pool]]\nname = \"a\"\nshares = 1\n"
        );
        let plan = Plan::from_text("plan.toml", &plan).unwrap();
        let places = Places::new(&plan, summary, "5ea1");
        let all = places.all();
        all.map(|(place, figure)| (place, figure.map(str::to_owned)))
            .collect()
    }

    /// True for the places that no summary has.
    fn is_added(place: &str) -> bool {
        let added = [
            "{seal}",
            "{fund.reserve}",
            "{fund.deductions}",
            "{claims.unpaid_reasons}",
            "{payouts.by_method}",
        ];
        added.contains(&place)
    }

    fn figure(summary: &Value, currency: &str, locale: &str) -> String {
        let mut places = places(summary, currency, locale).into_iter();
        let (_, figure) = places.find(|(place, _)| !is_added(place)).unwrap();
        figure.unwrap_or_else(|| "none".to_owned())
    }

    #[test]
    fn figures_are_written_for_people() {
        for (summary, expected) in [
            (json!({"total": "92000000.00"}), "$92,000,000.00"),
            (json!({"total": "-0.05"}), "-$0.05"),
            (json!({"awards": "1234.5678"}), "$1,234.5678"),
            (json!({"paid": 41_000_000}), "41,000,000"),
            (json!({"met": true}), "yes"),
            (json!({"to": null}), "none"),
            (json!({"name": "2026.00"}), "2026.00"),
            (json!({"shares": "1234567.25"}), "1,234,567.25"),
            (
                json!({"found": "from 1000 to 2000.00"}),
                "from 1,000 to 2,000.00",
            ),
            (json!({"sha256": "0123456789.00"}), "0123456789.00"),
            (json!({"later": "2026"}), "2026"),
            (json!({"day": "2026-10-01"}), "October 1, 2026"),
        ] {
            assert_eq!(figure(&summary, "USD", "en-US"), expected, "{summary}");
        }
        let day = json!({"day": "2026-10-01"});
        assert_eq!(figure(&day, "GBP", "en-GB"), "1 October 2026");
        let total = json!({"total": "1234.50"});
        assert_eq!(figure(&total, "GBP", "en-GB"), "£1,234.50");
        assert_eq!(
            figure(&json!({"total": "35000"}), "JPY", "en-AU"),
            "JPY 35,000"
        );
    }

    #[test]
    fn reserves_are_added_up() {
        let deduction =
            |kind: &str, amount: &str| json!({"name": amount, "kind": kind, "amount": amount});
        let reserve = |deductions: Value| {
            let summary = json!({"fund": {"deductions": deductions}});
            let places = places(&summary, "USD", "en-US");
            let reserve = places
                .into_iter()
                .find(|(place, _)| place == "{fund.reserve}");
            reserve.unwrap().1.unwrap()
        };
        assert_eq!(reserve(json!([])), "$0.00");
        let two = [
            deduction("reserve", "1000.10"),
            deduction("fees", "5.00"),
            deduction("reserve", "0.05"),
        ];
        assert_eq!(reserve(json!(two)), "$1,000.15");
    }

    #[test]
    fn a_rate_is_an_amount_per_share_or_a_percentage() {
        let pool = |shares: Value| {
            let parts = json!({"texts": [{"text": "CA", "rate": "0.5"}]});
            let pool =
                json!({"name": "a", "shares": shares, "rate": "0.926633403175", "by": parts});
            let places = places(&json!({"pools": [pool]}), "USD", "en-US");
            let rates = places
                .into_iter()
                .filter(|(place, _)| place.ends_with("rate}"));
            rates.collect::<Vec<_>>()
        };
        let named = |part: &str, pool: &str| {
            let part = (
                "{pools.a.by.texts.CA.rate}".to_owned(),
                Some(part.to_owned()),
            );
            [part, ("{pools.a.rate}".to_owned(), Some(pool.to_owned()))]
        };
        assert_eq!(pool(json!("3")), named("$0.5", "$0.926633403175"));
        assert_eq!(pool(Value::Null), named("50%", "92.6633403175%"));
    }

    #[test]
    fn short_rates_have_two_decimals() {
        let short = |rate: &str, shares: Value| {
            let pool = json!({"name": "a", "shares": shares, "rate": rate});
            let mut places = places(&json!({"pools": [pool]}), "USD", "en-US").into_iter();
            let place = places.find(|(place, _)| place == "{pools.a.rate_short}");
            place.unwrap().1.unwrap()
        };
        for (rate, of_award, of_share) in [
            ("0.926633403175", "92.66%", "$0.93"),
            ("1", "100.00%", "$1.00"),
            ("0.00004", "less than 0.01%", "less than $0.01"),
            ("12.345", "1,234.50%", "$12.35"),
        ] {
            assert_eq!(short(rate, Value::Null), of_award);
            assert_eq!(short(rate, json!("3")), of_share);
        }
    }

    #[test]
    fn entries_of_lists_are_named_or_numbered() {
        let names = |list: Value| {
            let places = places(&json!({ "list": list }), "USD", "en-US");
            let places = places.into_iter().map(|(place, _)| place);
            places.filter(|place| !is_added(place)).collect::<Vec<_>>()
        };
        let dotted = names(json!([{"name": "No. 1", "n": 1}, {"name": "b \"c\"", "n": 2}]));
        let expected = [
            "{list.\"No. 1\".n}",
            "{list.\"No. 1\".name}",
            "{list.\"b \"\"c\"\"\".n}",
            "{list.\"b \"\"c\"\"\".name}",
        ];
        assert_eq!(dotted, expected);
        let twice = names(json!([{"name": "a"}, {"name": "a"}]));
        assert_eq!(twice, ["{list.1.name}", "{list.2.name}"]);
        assert_eq!(names(json!(["one", "two"])), ["{list.1}", "{list.2}"]);
    }
}
