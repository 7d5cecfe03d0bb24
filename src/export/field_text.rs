//! The texts of a payment's fields.

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem, Message, OrBug as _};
use crate::base::money::{Currency, Money};
use crate::export::context::ExportPayee;
use crate::export::layout::{Field, FieldCheck, FieldValue, PaymentNumbers};
use crate::export::{damaged_cells, messages, recipient};
use crate::plan::ColumnId;
use crate::plan::cell::CellFault;

impl ExportPayee<'_> {
    /// The content of a field, before it is fitted to the format.
    pub(crate) fn text(&self, field: &Field) -> Result<Result<String, CellFault>> {
        let plan = self.export.run.plan;
        let currency = plan.settlement.currency;
        Ok(match &field.value {
            FieldValue::Text(text) => Ok(text.clone()),
            FieldValue::Cells(columns, join) => self.joined(columns, join, field.check),
            FieldValue::Id => Ok(self.id.to_owned()),
            FieldValue::Payout(_) if field.whole => {
                whole(self.payout, currency).map_err(CellFault::from)
            }
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

    /// The cells of columns as one text, without those that are blank.
    fn joined(
        &self,
        columns: &[ColumnId],
        join: &str,
        check: Option<FieldCheck>,
    ) -> Result<String, CellFault> {
        let mut text = String::new();
        for &column in columns {
            let cell = self.cells.text(column);
            let name = self.export.run.plan.columns.name(column);
            if let Some(mut fault) = damaged_cells::of(cell, name) {
                if let Some(hint) = &mut fault.hint
                    && !self.cells.is_overlaid(column)
                {
                    *hint += "; then compute a new run, or give the value with `--payees FILE`";
                }
                return Err(CellFault::at(column, fault));
            }
            if !text.is_empty() && !cell.is_empty() {
                text += join;
            }
            text += cell;
        }
        if let Some(FieldCheck::Recipient { venmo }) = check
            && !text.is_empty()
        {
            recipient::check(&text, venmo)?;
        }
        Ok(text)
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
    pub(crate) fn problem(&self, field: &Field, fault: CellFault) -> ClaimProblem {
        let run = self.export.run;
        let column = fault
            .column
            .or_else(|| field.value.columns().first().copied());
        if let Some(column) = column {
            return self.cells.problem(run, column, fault);
        }
        let cell = (field.name.as_str(), self.id);
        run.claims.problem(self.row, self.id, Some(cell), fault)
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
}
