//! The columns of a file of outcomes: each a name, or a table with the name and how its
//! cells are read.

use crate::base::diagnostics::literal;
use crate::plan::cell_reading::{AmountPrefix, ColumnFormat, DateFormat, ThousandsSeparator};
use crate::plan::column::column_name;
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::{AnyTexts, ColumnName, choices, kinds};
use crate::plan::table::{TableKeys as _, keys};
use crate::reconcile::facts::{OutcomeDate, OutcomeStatus, OutcomeWord};
use crate::reconcile::messages;

keys! {
    struct PaymentColumnKeys<'p>: "a column of ids or numbers", "payment_column" {
        column: ColumnName, Required, "the name of the column";
    }

    struct AmountColumnKeys<'p>: "a column of amounts", "amount_column" {
        column: ColumnName, Required, "the name of the column";
        thousands: ThousandsSeparator, Or("none"), "the separator between groups of three digits, as in `1,234.56`";
        prefix: AmountPrefix, Or("none"), "a sign before an amount, like `\"$\"`, with or without a space between";
    }

    struct DateColumnKeys<'p>: "a column of dates", "date_column" {
        column: ColumnName, Required, "the name of the column";
        format: OutcomeDateForm, Or("\"YYYY-MM-DD\""), "the form of dates";
    }

    struct StatusColumnKeys<'p>: "a column of outcomes", "status_column" {
        column: ColumnName, Required, "the name of the column";
        outstanding: AnyTexts, Or("none"), "the texts for payments that were sent, and of which nothing more is known";
        cashed: AnyTexts, Or("none"), "the texts for payments that the bank paid, or that were deposited or accepted";
        refunded: AnyTexts, Or("none"), "the texts for payments that were cashed, and of which the amount of the row came back";
        stale: AnyTexts, Or("none"), "the texts for payments that were not presented in time";
        returned: AnyTexts, Or("none"), "the texts for payments that came back";
        void: AnyTexts, Or("none"), "the texts for payments that were stopped or canceled";
        skip: AnyTexts, Or("none"), "the texts of rows about something else";
    }
}

choices! {
    OutcomeDateForm(OutcomeDate):
        "YYYY-MM-DD" => OutcomeDate::InPlans(DateFormat::Iso),
        "MM/DD/YYYY" => OutcomeDate::InPlans(DateFormat::MonthFirst),
        "DD/MM/YYYY" => OutcomeDate::InPlans(DateFormat::DayFirst),
        "YYYYMMDD" => OutcomeDate::Digits;
}

kinds! {<'p>
    PaymentColumn(String): "name of a column, or table",
        { "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/$defs/payment_column" }] },
        payment_column;
    AmountColumn((String, ColumnFormat)): "name of a column, or table",
        { "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/$defs/amount_column" }] },
        amount_column;
    DateColumn((String, OutcomeDate)): "name of a column, or table",
        { "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/$defs/date_column" }] },
        date_column;
    StatusColumn(OutcomeStatus): "name of a column, or table",
        { "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/$defs/status_column" }] },
        status_column;
}

fn payment_column(value: &TomlValue<'_>) -> Option<String> {
    if !value.is_table() {
        return column_name(value);
    }
    PaymentColumnKeys::open(value)?.column.value
}

fn amount_column(value: &TomlValue<'_>) -> Option<(String, ColumnFormat)> {
    if !value.is_table() {
        return Some((column_name(value)?, ColumnFormat::default()));
    }
    let keys = AmountColumnKeys::open(value)?;
    let format = ColumnFormat {
        thousands: keys.thousands.value,
        prefix: keys.prefix.value,
        ..ColumnFormat::default()
    };
    Some((keys.column.value?, format))
}

fn date_column(value: &TomlValue<'_>) -> Option<(String, OutcomeDate)> {
    if !value.is_table() {
        return Some((column_name(value)?, OutcomeDate::InPlans(DateFormat::Iso)));
    }
    let keys = DateColumnKeys::open(value)?;
    let format = keys.format.value;
    let format = format.unwrap_or(OutcomeDate::InPlans(DateFormat::Iso));
    Some((keys.column.value?, format))
}

/// A column whose cells are the words of the program.
pub(super) fn plain_status(name: String) -> OutcomeStatus {
    use crate::plan::Choice as _;
    let texts = OutcomeWord::WORDS.iter();
    OutcomeStatus::Column {
        name,
        texts: texts
            .map(|(word, meaning)| ((*word).to_owned(), Some(*meaning)))
            .collect(),
    }
}

fn status_column(value: &TomlValue<'_>) -> Option<OutcomeStatus> {
    if !value.is_table() {
        return column_name(value).map(plain_status);
    }
    let keys = StatusColumnKeys::open(value)?;
    let lists = [
        (&keys.outstanding, Some(OutcomeWord::Outstanding)),
        (&keys.cashed, Some(OutcomeWord::Cashed)),
        (&keys.refunded, Some(OutcomeWord::Refunded)),
        (&keys.stale, Some(OutcomeWord::Stale)),
        (&keys.returned, Some(OutcomeWord::Returned)),
        (&keys.void, Some(OutcomeWord::Void)),
        (&keys.skip, None),
    ];
    let mut texts: Vec<(String, Option<OutcomeWord>)> = Vec::new();
    let mut listed: Vec<(String, &str, Place<'_>)> = Vec::new();
    for (list, word) in lists {
        let Some(at) = &list.at else { continue };
        for (text, place) in list.value.iter().flatten() {
            let text = text.trim().to_owned();
            if let Some((_, first, _)) = listed.iter().find(|(known, ..)| *known == text) {
                let message = messages::text_of_two_words(&literal(&text), first, at.key);
                place.problem(message).add();
            } else {
                listed.push((text.clone(), at.key, place.clone()));
                texts.push((text, word));
            }
        }
    }
    if listed.is_empty() && keys.toml.is_sound() {
        return value.problem(messages::status_without_texts()).none();
    }
    let name = keys.column.value?;
    Some(OutcomeStatus::Column { name, texts })
}
