//! Reads `prior` in operands and conditions.

use toml::de::DeValue;

use crate::base::diagnostics::{alternatives, literal, nearest};
use crate::plan::cell::ColumnId;
use crate::plan::claim_fact::{PRIOR_STATUS, PriorAmount, prior_column};
use crate::plan::columns::Columns;
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::kinds;
use crate::plan::messages;

kinds! {<'p>
    PriorOperand(PriorAmount): "`\"cashed\"`, `\"paid\"`, `\"void\"`, `\"held\"`",
        { "enum": ["cashed", "paid", "void", "held"] }, amount;
}

fn amount(value: &TomlValue<'_>) -> Option<PriorAmount> {
    let DeValue::String(text) = value.value else {
        return value.wrong_kind("text in quotes").none();
    };
    let words = PriorAmount::ALL;
    if let Some((_, amount)) = words.iter().find(|(word, _)| *word == &**text) {
        return Some(*amount);
    }
    let names = words.iter().map(|(word, _)| *word);
    let hint = match text.as_ref() {
        "stale" | "returned" | "unissued" => "did you mean `void`?".to_owned(),
        _ => match nearest(text, names.clone()) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => format!("it is {}", alternatives(&names.collect::<Vec<_>>())),
        },
    };
    let message = messages::not_a_prior_amount(&literal(text));
    value.problem(message).hint(hint).none()
}

/// The column of an amount in the ledger, which a row or a lot does not have.
pub(crate) fn amount_column(
    amount: PriorAmount,
    of_rows: bool,
    columns: &mut Columns,
    place: &Place<'_>,
) -> Option<ColumnId> {
    if of_rows || columns.lots.is_some() {
        return place.problem(messages::prior_of_row()).none();
    }
    is_known(columns, place)?;
    Some(columns.id(&prior_column(amount)))
}

/// The column of the states that a condition compares under this key.
pub(crate) fn status_column(value: &TomlValue<'_>, columns: &mut Columns) -> Option<ColumnId> {
    if columns.lots.is_some() {
        return value.key_place.problem(messages::prior_of_row()).none();
    }
    is_known(columns, &value.key_place)?;
    Some(columns.id(PRIOR_STATUS))
}

fn is_known(columns: &Columns, place: &Place<'_>) -> Option<()> {
    if columns.facts.prior {
        return Some(());
    }
    place.problem(messages::prior_without_fund()).none()
}
