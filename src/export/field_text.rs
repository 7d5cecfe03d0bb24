//! The texts of a payment's fields.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::{Currency, Money};
use crate::export::context::{ExportContext, ExportPayee};
use crate::export::layout::{Field, FieldCheck, FieldFault, FieldValue, PaymentNumbers};
use crate::export::{damaged_cells, recipient};

/// The content of a payment's field, fitted to the format.
pub(crate) fn of_payment(
    context: &ExportContext<'_>,
    field: &Field,
    payee: &ExportPayee<'_>,
) -> Result<Result<String, FieldFault>> {
    let text = text(context, field, payee)?;
    Ok(text.and_then(|text| field.fit(&text, &context.layout.file)))
}

/// The content of a payment's field.
pub(crate) fn text(
    context: &ExportContext<'_>,
    field: &Field,
    payee: &ExportPayee<'_>,
) -> Result<Result<String, FieldFault>> {
    let currency = context.plan.settlement.currency;
    Ok(match &field.value {
        FieldValue::Text(text) => Ok(text.clone()),
        FieldValue::Column(column) => {
            let cell = payee.cells.text(*column);
            good(cell, context.plan.columns.name(*column), field.check).map(|()| cell.to_owned())
        }
        FieldValue::Id => Ok(payee.id.to_owned()),
        FieldValue::Payout(_) if field.whole => whole(payee.payout, currency),
        FieldValue::Payout(amount) => Ok(amount.text(payee.payout, currency)),
        FieldValue::Number(first) => Ok(PaymentNumbers::plain(*first).text(payee.number, 1)?),
        FieldValue::Count | FieldValue::Total(_) | FieldValue::File => {
            return Err(Bug::new("a row has a field about a file").into());
        }
    })
}

/// Checks that a cell has a value, and that it passes the layout's validation.
fn good(cell: &str, column: &str, check: Option<FieldCheck>) -> Result<(), FieldFault> {
    if let Some(fault) = damaged_cells::of(cell, column) {
        return Err(fault);
    }
    match check {
        Some(FieldCheck::Recipient { venmo }) if !cell.is_empty() => recipient::check(cell, venmo),
        _ => Ok(()),
    }
}

/// A payout without decimals.
fn whole(payout: Money, currency: Currency) -> Result<String, FieldFault> {
    let text = currency.text(payout);
    let Some((whole, decimals)) = text.split_once('.') else {
        return Ok(text);
    };
    if decimals.bytes().all(|digit| digit == b'0') {
        return Ok(whole.to_owned());
    }
    Err(FieldFault::new(
        format!(
            "the payout is {text} {code}, but the receiver accepts {code} only in whole amounts",
            code = currency.code()
        ),
        "leave this claimant out with `--when`, or `when` in the layout, and pay the claimant in another way",
    ))
}

/// Checks the fields that are the same in every row: a text that does not fit is a
/// problem of the layout, not of each claimant.
pub(crate) fn check_constants(context: &ExportContext<'_>) -> Result<()> {
    let layout = context.layout;
    for field in &layout.fields {
        if let FieldValue::Text(text) = &field.value {
            let fit = field.fit(text, &layout.file);
            fit.map_err(|fault| layout.problem(&fault))?;
        }
    }
    Ok(())
}
