//! Reads `by` and `parts` of a pool: one part of its money for each text of a column.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;
use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::diagnostics::literal;
use crate::plan::cell::ColumnId;
use crate::plan::columns::Columns;
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::table::Key;
use crate::plan::{fund, map_hints, messages};

/// The parts of a pool.
#[derive(Debug, Clone)]
pub struct PoolParts {
    /// The column whose text decides in which part a claimant is.
    pub column: ColumnId,
    pub parts: Vec<PoolPart>,
    /// The position of the pool among those with parts.
    pub number: usize,
    by_text: HashMap<String, u32>,
}

/// One part of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolPart {
    pub text: String,
    /// The part of the pool's money.
    pub ratio: Ratio<BigInt>,
}

impl PoolPart {
    /// The percentage of the pool's money, with two decimals: up to four if it is then
    /// exact, else rounded half up.
    pub fn percent_text(&self) -> String {
        let parts = |decimals: u32| &self.ratio * BigInt::from(100 * 10_i64.pow(decimals));
        let exact = (2..=4).find(|&decimals| parts(decimals).is_integer());
        let decimals = exact.unwrap_or(2);
        let rounded = parts(decimals) + Ratio::new(1.into(), 2.into());
        crate::base::money::decimal_text(&rounded.floor().to_integer(), decimals) + "%"
    }
}

impl PoolParts {
    /// The index of the part with this text.
    pub fn position(&self, text: &str) -> Option<u32> {
        self.by_text.get(text).copied()
    }
}

/// Reads the parts of a pool. The numbers are proportions: if they look like percentages
/// that do not add up to 100, `warnings` says so.
pub(super) fn pool_parts(
    by: &Key<'_, String>,
    parts: &Key<'_, TomlValue<'_>>,
    columns: &mut Columns,
    warnings: &mut Vec<String>,
) -> Option<PoolParts> {
    let (name, place) = (by.value.as_ref()?, &by.at.as_ref()?.place);
    let written = parts.value.as_ref()?;
    let column = columns.id(name);
    let named = match written.value {
        DeValue::String(_) => equal(written, place, name, columns)?,
        _ => named(written)?,
    };
    let texts = named
        .iter()
        .map(|(text, place, _)| (text.clone(), place.clone()));
    columns.name_texts(column, &texts.collect::<Vec<_>>());
    let numbers = named.iter().map(|(_, _, number)| fund::fraction(*number));
    let sum: Ratio<BigInt> = numbers.sum();
    if sum.is_zero() {
        return written.problem(messages::parts_zero()).none();
    }
    warnings.extend(not_one_hundred(&sum, name, written));
    let part = |(text, _, number): (String, Place<'_>, Decimal)| PoolPart {
        text,
        ratio: fund::fraction(number) / &sum,
    };
    let parts: Vec<PoolPart> = named.into_iter().map(part).collect();
    let by_text = (0..).zip(&parts);
    let by_text = by_text.map(|(number, part)| (part.text.clone(), number));
    Some(PoolParts {
        column,
        by_text: by_text.collect(),
        parts,
        number: 0,
    })
}

/// Texts of the plan, each with its place and its number.
type NamedParts<'p> = Vec<(String, Place<'p>, Decimal)>;

fn named<'p>(written: &TomlValue<'p>) -> Option<NamedParts<'p>> {
    let entries = written.entries()?;
    if entries.is_empty() {
        return written.fault(messages::nothing_listed).none();
    }
    all(entries.iter().map(|entry| {
        let number = entry.number()?;
        Some((entry.key.to_owned(), entry.key_place.clone(), number))
    }))
}

/// `parts = "equal"`: the texts are the permitted values of the column.
fn equal<'p>(
    written: &TomlValue<'p>,
    by: &Place<'p>,
    name: &str,
    columns: &Columns,
) -> Option<NamedParts<'p>> {
    written.one_of(&[("equal", ())])?;
    let mut known = columns.iter().map(|(_, column)| column);
    let column = known.find(|column| column.name == name);
    let Some(values) = column.and_then(|column| column.values.as_ref()) else {
        let message =
            messages::equal_parts_of_unknown_texts(&literal(name), &map_hints::heading(name));
        return written.problem(message).none();
    };
    let value = |text: &String| (text.clone(), by.clone(), Decimal::ONE);
    Some(values.iter().map(value).collect())
}

fn not_one_hundred(sum: &Ratio<BigInt>, name: &str, written: &TomlValue<'_>) -> Option<String> {
    let whole = |number: i32| Ratio::from_integer(BigInt::from(number));
    let close = *sum >= whole(90) && *sum <= whole(110) && *sum != whole(100);
    let of_texts = !matches!(written.value, DeValue::String(_));
    (close && of_texts).then(|| {
        let sum = fund::decimal_text(sum);
        format!(
            "line {}: the `parts` by column {} add up to {sum}, not to 100; each text has its proportion of the pool's money",
            written.place.line(),
            literal(name)
        )
    })
}
