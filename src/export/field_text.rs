//! The texts of a payment's fields.

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem, Message, OrBug as _};
use crate::base::money::{Currency, Money};
use crate::export::context::ExportPayee;
use crate::export::layout::{Field, FieldCheck, FieldValue, PaymentNumbers};
use crate::export::{damaged_cells, messages, recipient};

impl ExportPayee<'_> {
    /// The content of a field, before it is fitted to the format.
    pub(crate) fn text(&self, field: &Field) -> Result<Result<String, Message>> {
        let plan = self.export.run.plan;
        let currency = plan.settlement.currency;
        Ok(match &field.value {
            FieldValue::Text(text) => Ok(text.clone()),
            FieldValue::Column(column) => {
                let cell = self.cells.text(*column);
                good(cell, plan.columns.name(*column), field.check).map(|()| cell.to_owned())
            }
            FieldValue::Id => Ok(self.id.to_owned()),
            FieldValue::Payout(_) if field.whole => whole(self.payout, currency),
            FieldValue::Payout(amount) => Ok(amount.text(self.payout, currency)),
            FieldValue::Portion(portion, amount) => {
                let portion = self.portions.get(*portion).copied();
                Ok(amount.text(portion.or_bug("a payout has no portions"), currency))
            }
            FieldValue::Payee(portion) => Ok(self.payee(*portion)?),
            FieldValue::Number(first) => Ok(PaymentNumbers::plain(*first).text(self.number, 1)?),
            FieldValue::Count | FieldValue::Total(_) | FieldValue::File => {
                return Err(Bug::new("a row has a field about a file").into());
            }
        })
    }

    /// The payee of a portion, or of the portion that is paid; blank if that is the
    /// claimant, or nothing is paid.
    fn payee(&self, portion: Option<usize>) -> Result<String> {
        let run = self.export.run;
        let Some(number) = portion.or(self.export.layout.portion) else {
            return Ok(String::new());
        };
        let portion = run.plan.portions.get(number);
        let is_paid = self
            .portions
            .get(number)
            .is_some_and(|one| *one > Money::ZERO);
        let cells = run.claims.claim_cells(self.row)?;
        let payee = portion
            .filter(|_| is_paid)
            .and_then(|one| one.payee(&cells));
        Ok(payee.unwrap_or_default().to_owned())
    }

    /// The problem of a field that does not fit.
    pub(crate) fn problem(&self, field: &Field, fault: Message) -> ClaimProblem {
        let cell = match field.value {
            FieldValue::Column(column) => {
                let name = self.export.run.plan.columns.name(column);
                (name, self.cells.text(column))
            }
            _ => (field.name.as_str(), self.id),
        };
        self.export
            .run
            .claims
            .problem(self.row, self.id, Some(cell), fault)
    }
}

/// Checks that a cell has a value, and that it passes the layout's validation.
fn good(cell: &str, column: &str, check: Option<FieldCheck>) -> Result<(), Message> {
    if let Some(fault) = damaged_cells::of(cell, column) {
        return Err(fault);
    }
    match check {
        Some(FieldCheck::Recipient { venmo }) if !cell.is_empty() => recipient::check(cell, venmo),
        _ => Ok(()),
    }
}

/// A payout without decimals.
fn whole(payout: Money, currency: Currency) -> Result<String, Message> {
    let text = currency.text(payout);
    let Some((whole, decimals)) = text.split_once('.') else {
        return Ok(text);
    };
    if decimals.bytes().all(|digit| digit == b'0') {
        return Ok(whole.to_owned());
    }
    Err(messages::payout_not_whole(&text, currency.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_payouts_have_no_decimals_and_others_are_refused() {
        let whole = |minor, code| whole(Money(minor), Currency::from_code(code).unwrap());
        assert_eq!(whole(150_000, "HUF").unwrap(), "1500");
        assert_eq!(whole(1500, "JPY").unwrap(), "1500");
        let problem = whole(150_050, "HUF").unwrap_err().text;
        let expected =
            "the payout is 1500.50 HUF, but the receiver accepts HUF only in whole amounts";
        assert_eq!(problem, expected);
    }

    #[test]
    fn a_column_with_recipients_takes_nothing_else() {
        let check = |venmo| Some(FieldCheck::Recipient { venmo });
        assert!(good("ana@example.com", "email", check(false)).is_ok());
        assert!(good("@ana-smith", "email", check(false)).is_err());
        assert!(good("@ana-smith", "email", check(true)).is_ok());
        assert!(good("@ana-smith", "payee", None).is_ok());
        // A blank cell is a matter of the field.
        assert!(good("", "email", check(false)).is_ok());
        for check in [None, check(true)] {
            assert!(good("#N/A", "email", check).is_err());
        }
    }
}
