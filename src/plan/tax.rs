//! The `[tax]` table: the threshold for tax flags, and the columns read for them.

use rust_decimal::Decimal;

use crate::base::diagnostics::{literal, nearest};
use crate::base::money::Money;
use crate::plan::cell::ColumnId;
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::column::{ColumnUse, column_name};
use crate::plan::columns::Columns;
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::{AmountAboveZero, ColumnName, PlainNumber, Words, kinds};
use crate::plan::messages;
use crate::plan::portion::Portion;
use crate::plan::statement::StatementRules;
use crate::plan::table::{TableKeys as _, keys};

/// Rules for tax flags, which change no payment.
#[derive(Debug, Clone)]
pub struct TaxRules {
    /// The threshold, earlier payments included.
    pub threshold: Money,
    /// The column of the taxpayer number. No other rule reads it, because its cells
    /// are never shown.
    pub number: ColumnId,
    pub earlier: Option<EarlierPayments>,
    /// The portion of the payout that is looked at alone, by index.
    pub portion: Option<usize>,
}

/// Payments to a claimant earlier in the year.
#[derive(Debug, Clone)]
pub struct EarlierPayments {
    pub column: ColumnId,
    pub format: ColumnFormat,
    /// The value of a blank cell; without it, a blank cell is a fault.
    pub blank: Option<Decimal>,
}

keys! {
    struct TaxKeys<'p>: "[tax]", "tax" {
        threshold: AmountAboveZero, Required, "the sum from which a payout is flagged, together with earlier payments";
        number: ColumnName, Required, "the column of the taxpayer number";
        earlier: EarlierColumn, Or("no earlier payments"), "the column of earlier payments to the claimant in the year, or a table";
        portion: Words, Or("the whole payout"), "the portion of the payout that is looked at alone";
    }

    struct EarlierKeys<'p>: "`earlier` of [tax]", "earlier" {
        column: ColumnName, Required, "the column of earlier payments";
        blank: PlainNumber, Or("a blank cell is an error"), "the number for a blank cell";
    }
}

kinds! {<'p>
    EarlierColumn(EarlierName<'p>): "name of a column, or table",
        { "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/$defs/earlier" }] },
        earlier_name;
}

/// The `earlier` of `[tax]`.
#[derive(Debug)]
pub(crate) struct EarlierName<'p> {
    name: String,
    place: Place<'p>,
    blank: Option<Decimal>,
}

fn earlier_name<'p>(value: &TomlValue<'p>) -> Option<EarlierName<'p>> {
    if !value.is_table() {
        return Some(EarlierName {
            name: column_name(value)?,
            place: value.place.clone(),
            blank: None,
        });
    }
    let keys = EarlierKeys::open(value)?;
    Some(EarlierName {
        name: keys.column.value?,
        place: keys.column.at?.place,
        blank: keys.blank.value,
    })
}

/// Reads the table, after everything else that names columns.
pub(super) fn read_tax(
    keys: &TaxKeys<'_>,
    portions: &[Portion],
    statement: Option<&StatementRules>,
    columns: &mut Columns,
) -> Option<TaxRules> {
    let earlier = keys.earlier.value.as_ref();
    let earlier = earlier.and_then(|name| read_earlier(name, columns));
    let number = keys.number.value.as_ref().zip(keys.number.at.as_ref());
    let number = number.and_then(|(name, at)| read_number(name, &at.place, statement, columns));
    let portion = keys.portion.value.as_ref().zip(keys.portion.at.as_ref());
    let portion = portion.and_then(|(name, at)| {
        let mut known = portions.iter();
        let number = known.position(|portion| portion.name == *name);
        if number.is_none() {
            let names = portions.iter().map(|portion| portion.name.as_str());
            let near = nearest(name, names).map(|near| format!("did you mean {}?", literal(near)));
            let message = messages::tax_portion_unknown(&literal(name));
            at.problem(message).perhaps(near).add();
        }
        number
    });
    Some(TaxRules {
        threshold: keys.threshold.value?,
        number: number?,
        earlier,
        portion,
    })
}

/// The column of the taxpayer number may have no other use, because other uses may
/// show its cells.
fn read_number(
    name: &str,
    place: &Place<'_>,
    statement: Option<&StatementRules>,
    columns: &mut Columns,
) -> Option<ColumnId> {
    let before = columns.len();
    let id = columns.beside_rules(name, ColumnUse::Tax);
    if id.0 >= before {
        return Some(id);
    }
    let message = messages::taxpayer_numbers_used_elsewhere(&literal(name));
    let letters = statement.map(|statement| statement.letters_with(id));
    let hint = letters.filter(|files| !files.is_empty()).map(|files| {
        format!(
            "taxpayer numbers are never shown: remove the place {} from {}",
            literal(&format!("{{column.{name}}}")),
            files.join(" and ")
        )
    });
    match hint {
        Some(hint) => place.problem(message).hint(hint).none(),
        None => place.problem(message).none(),
    }
}

/// With `rows = "sum"`, earlier payments are per claimant and the same in every
/// row; a formula would add them up.
fn read_earlier(earlier: &EarlierName<'_>, columns: &mut Columns) -> Option<EarlierPayments> {
    let id = columns.beside_rules(&earlier.name, ColumnUse::Tax);
    if columns.is_added(id) {
        let message = messages::earlier_payments_added(&literal(&earlier.name));
        return earlier.place.problem(message).none();
    }
    Some(EarlierPayments {
        column: id,
        format: columns.format(id),
        blank: earlier.blank,
    })
}
