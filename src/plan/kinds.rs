//! The kinds of values that tables contain: the name of each in the documentation, its
//! JSON Schema, and its reader.

use std::marker::PhantomData;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use toml::de::DeValue;

use crate::base::decimal;
use crate::base::diagnostics::literal;
use crate::base::exact::Exact;
use crate::base::money::Money;
use crate::plan::column::column_name;
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::table::{KindShape, TableKeys, TableShape, TomlKind};
use crate::plan::{ExactPart, common_mistakes, fund, hints, messages};

/// Defines kinds: the name and the type of the value; its name in the documentation, its
/// JSON Schema, and its reader.
macro_rules! kinds {
    (<$p:lifetime> $(
        $(#[$doc:meta])*
        $name:ident($value:ty): $words:expr, $schema:tt, $read:expr;
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl<$p> $crate::plan::table::TomlKind<$p> for $name {
            type Value = $value;

            fn shape() -> $crate::plan::table::KindShape {
                $crate::plan::table::KindShape {
                    words: $words.to_owned(),
                    schema: serde_json::json!($schema),
                }
            }

            fn read(value: &$crate::plan::document::TomlValue<$p>) -> Option<$value> {
                $read(value)
            }
        }
    )*};
}
pub(crate) use kinds;

kinds! {<'p>
    /// Text for people, in one line.
    Words(String): "text", { "type": "string", "pattern": "^.*\\S.*$" }, TomlValue::words;
    AnyText(String): "text", { "type": "string" }, TomlValue::text;
    AnyTexts(Vec<(String, Place<'p>)>):
        "list of texts", { "type": "array", "items": { "type": "string" } }, TomlValue::texts;
    ColumnName(String): "name of a column", { "type": "string", "minLength": 1 }, column_name;
    ColumnNames(Vec<(String, Place<'p>)>):
        "list of columns", { "type": "array", "items": { "type": "string", "minLength": 1 } },
        column_names;
    PlainNumber(Decimal): "number", { "$ref": "#/$defs/number" }, TomlValue::number;
    /// A number, or a fraction in quotes.
    ExactNumber(Exact): "number or fraction", { "$ref": "#/$defs/exact" }, exact_number;
    /// A unit to which values are rounded.
    NumberAboveZero(Decimal): "number, more than 0",
        { "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            { "type": "string", "pattern": "^[0-9]*\\.?[0-9]*[1-9][0-9]*\\.?[0-9]*$" },
        ] },
        number_above_zero;
    WholeNumber(u64):
        "whole number",
        { "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^[0-9]+$" },
        ] },
        TomlValue::whole;
    Flag(bool): "`true` or `false`", { "type": "boolean" }, TomlValue::truth;
    Amount(Money): "money", { "$ref": "#/$defs/number" }, TomlValue::money;
    AmountAboveZero(Money): "money, more than 0",
        { "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            { "type": "string", "pattern": "^[0-9]*\\.?[0-9]*[1-9][0-9]*\\.?[0-9]*$" },
        ] },
        amount_above_zero;
    Percentage(ExactPart): "number", { "$ref": "#/$defs/number" }, percentage;
    Fraction(ExactPart):
        "fraction", { "type": "string", "pattern": "^[0-9]+/0*[1-9][0-9]*$" }, fraction;
    /// A number or a list of steps, which `formula/reader.rs` reads.
    FormulaSteps(TomlValue<'p>): "formula", { "$ref": "#/$defs/formula" }, as_written;
    /// A number or a table, which `formula/reader.rs` reads.
    OperandValue(TomlValue<'p>): "number or operand", { "$ref": "#/$defs/value" }, as_written;
    /// A number for each text, which `formula/reader.rs` reads.
    TextTable(TomlValue<'p>): "table of numbers",
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": { "$ref": "#/$defs/exact" },
        },
        as_written;
    /// Texts, bands or the name of a table, which `formula/reader.rs` and
    /// `lookup_table/reader.rs` read.
    TableValue(TomlValue<'p>): "table of numbers, list of bands, or name of a table",
        {
            "anyOf": [
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": { "$ref": "#/$defs/exact" },
                },
                { "type": "array", "items": { "$ref": "#/$defs/band" }, "minItems": 1 },
                { "type": "string", "minLength": 1 },
            ],
        },
        as_written;
    /// A number for each text, or a word, which `pool_parts.rs` reads.
    PartNumbers(TomlValue<'p>): "table of numbers, or `\"equal\"`",
        { "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": { "$ref": "#/$defs/number" },
            },
            { "const": "equal" },
        ] },
        as_written;
    /// A text for each text, which `column_maps.rs` reads.
    TextMap(TomlValue<'p>): "table of texts",
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": { "type": "string" },
        },
        as_written;
    /// A condition, which `condition.rs` reads.
    When(TomlValue<'p>): "condition", { "$ref": "#/$defs/when" }, as_written;
    /// A condition without subclasses.
    WhenOfRow(TomlValue<'p>): "condition", { "$ref": "#/$defs/when_of_row" }, as_written;
    /// A text or a list of them, which `condition.rs` reads.
    TextOrTexts(TomlValue<'p>): "text or list of texts", { "$ref": "#/$defs/texts" }, as_written;
}

/// Reads a number, or a fraction in quotes.
pub(crate) fn exact_number(value: &TomlValue<'_>) -> Option<Exact> {
    match value.value {
        DeValue::String(text) if ratio(text).is_some() => ratio(text).map(Exact::from),
        _ => value.number().map(Exact::Decimal),
    }
}

fn number_above_zero(value: &TomlValue<'_>) -> Option<Decimal> {
    let number = value.number()?;
    if number.is_zero() {
        return value.fault(messages::round_to_zero).none();
    }
    Some(number)
}

#[expect(clippy::unnecessary_wraps, reason = "other values may be wrong")]
pub(crate) fn as_written<'p>(value: &TomlValue<'p>) -> Option<TomlValue<'p>> {
    Some(value.clone())
}

fn column_names<'p>(value: &TomlValue<'p>) -> Option<Vec<(String, Place<'p>)>> {
    let names = value.list_of_texts()?;
    let name = |name: &TomlValue<'p>| Some((column_name(name)?, name.place.clone()));
    all(names.iter().map(name))
}

fn amount_above_zero(value: &TomlValue<'_>) -> Option<Money> {
    let amount = value.money()?;
    if amount == Money::ZERO {
        return value.fault(messages::amount_zero).none();
    }
    Some(amount)
}

fn percentage(value: &TomlValue<'_>) -> Option<ExactPart> {
    if let DeValue::String(text) = value.value
        && text.contains('/')
    {
        let message = messages::percent_not_decimal(&literal(text));
        let hint = hints::of_part(value.key, text);
        return value.problem(message).hint(hint).none();
    }
    value.number().map(percent_part)
}

/// A percentage as an exact part.
pub(crate) fn percent_part(number: Decimal) -> ExactPart {
    ExactPart {
        ratio: fund::percent(number),
        written: format!("{}%", decimal::text(number)),
    }
}

/// The quotient of two whole numbers, as in `1/3`.
fn ratio(text: &str) -> Option<Ratio<BigInt>> {
    let part = |digits: &str| {
        let number = decimal::parse(digits).ok()?;
        (!digits.contains('.'))
            .then(|| BigInt::from(number.mantissa()) * BigInt::from(10).pow(number.scale()))
    };
    let (above, below) = text.split_once('/')?;
    let (above, below) = (part(above)?, part(below)?);
    (!below.is_zero()).then(|| Ratio::new(above, below))
}

/// Reads `fraction = "1/3"`.
fn fraction(value: &TomlValue<'_>) -> Option<ExactPart> {
    let DeValue::String(text) = value.value else {
        let report = value.wrong_kind("text in quotes");
        return report.hint(hints::FRACTION).none();
    };
    let Some(ratio) = ratio(text) else {
        let hint = hints::of_number("fraction", text).filter(|_| text.ends_with('%'));
        let hint = hint.unwrap_or_else(|| hints::FRACTION.to_owned());
        let message = messages::not_a_fraction(&literal(text));
        return value.problem(message).hint(hint).none();
    };
    Some(ExactPart {
        ratio,
        written: text.to_string(),
    })
}

/// A type whose values have words in the language.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// The words with their meanings, in the order of the documentation.
    const WORDS: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        let word = words.find(|(_, meaning)| *meaning == self);
        word.map_or("", |(word, _)| word)
    }
}

/// Implements [`Choice`] for enums: each word, and the variant that it means.
macro_rules! words {
    ($($type:ident { $($word:literal $variant:ident),* })*) => {$(
        impl $crate::plan::kinds::Choice for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];
        }
    )*};
}
pub(crate) use words;

/// Defines kinds of words that mean values of other types.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident($value:ty): $($word:literal => $meaning:expr),*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl $crate::plan::table::TomlKind<'_> for $name {
            type Value = $value;

            fn shape() -> $crate::plan::table::KindShape {
                $crate::plan::kinds::words_shape(&[$($word),*])
            }

            fn read(value: &$crate::plan::document::TomlValue<'_>) -> Option<$value> {
                value.one_of(&[$(($word, $meaning)),*])
            }
        }
    )*};
}
pub(crate) use choices;

pub(crate) fn words_shape(words: &[&str]) -> KindShape {
    KindShape {
        words: format!("`\"{}\"`", words.join("\"`, `\"")),
        schema: json!({ "enum": words }),
    }
}

/// A word for a value of the type.
#[derive(Debug)]
pub(crate) struct OneOf<T>(PhantomData<T>);

impl<T: Choice> TomlKind<'_> for OneOf<T> {
    type Value = T;

    fn shape() -> KindShape {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        words_shape(&words)
    }

    fn read(value: &TomlValue<'_>) -> Option<T> {
        value.one_of(T::WORDS)
    }
}

/// A table in single brackets, or within another table.
#[derive(Debug)]
pub(crate) struct Table<T>(PhantomData<T>);

/// Tables in double brackets, or a list within another table.
#[derive(Debug)]
pub(crate) struct Tables<T>(PhantomData<T>);

/// A table whose keys the user chooses, each with a value of the same kind.
#[derive(Debug)]
pub(crate) struct Map<K>(PhantomData<K>);

/// The name of a table in the documentation, and a reference to its schema.
fn table_shape<'p, T: TableKeys<'p>>(otherwise: &str) -> (String, Value) {
    let TableShape { what, id, .. } = T::SHAPE;
    let words = Some(format!("`{what}`")).filter(|_| T::SHAPE.has_header());
    let words = words.unwrap_or_else(|| otherwise.to_owned());
    (words, json!({ "$ref": format!("#/$defs/{id}") }))
}

impl<'p, T: TableKeys<'p>> TomlKind<'p> for Table<T> {
    type Value = T;

    fn shape() -> KindShape {
        let (words, schema) = table_shape::<T>("table");
        KindShape { words, schema }
    }

    fn read(value: &TomlValue<'p>) -> Option<T> {
        let what = T::SHAPE.what;
        let once = T::SHAPE.has_header() && T::SHAPE.placeholder().is_none();
        if once && value.value.is_array() {
            let report = value.problem(messages::in_double_brackets(what));
            return report.perhaps(common_mistakes::of_tables(what)).none();
        }
        T::open(value)
    }
}

impl<'p, T: TableKeys<'p>> TomlKind<'p> for Tables<T> {
    type Value = Vec<T>;

    fn shape() -> KindShape {
        let (words, items) = table_shape::<T>("list of tables");
        let least = usize::from(!T::SHAPE.has_header());
        let schema = json!({ "type": "array", "items": items, "minItems": least });
        KindShape { words, schema }
    }

    fn read(value: &TomlValue<'p>) -> Option<Vec<T>> {
        if T::SHAPE.has_header() && !value.value.is_array() {
            let what = T::SHAPE.called(value.key);
            let report = value.fault(|key| messages::in_single_brackets(key, &what));
            return report.none();
        }
        all(value.list()?.iter().map(T::open))
    }
}

impl<'p, K: TomlKind<'p>> TomlKind<'p> for Map<K> {
    /// Each entry, and its value if it is right.
    type Value = Vec<(TomlValue<'p>, Option<K::Value>)>;

    fn shape() -> KindShape {
        let KindShape { mut words, schema } = K::shape();
        if !words.starts_with("`[") {
            words = format!("table; each entry: {words}");
        }
        let schema = json!({ "type": "object", "additionalProperties": schema });
        KindShape { words, schema }
    }

    fn read(value: &TomlValue<'p>) -> Option<Self::Value> {
        let entries = value.entries()?.into_iter();
        Some(
            entries
                .map(|entry| (entry.clone(), K::read(&entry)))
                .collect(),
        )
    }
}
