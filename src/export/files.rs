//! The files of an export, and which payments are in each.

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem, literal};
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{FileLimits, PaymentNumbers};
use crate::export::payments::Payment;
use crate::export::{ALREADY_PAID, BASE, LAYOUT, PAYMENTS, messages};

impl ExportContext<'_> {
    /// Makes the files one after the other. Cells that do not fit are reported.
    pub fn each_file(
        &self,
        problems: &mut ProblemList,
        give: &mut dyn FnMut(ExportFile) -> Result<()>,
    ) -> Result<()> {
        let layout = self.layout;
        let has_payments = layout.pays.has_payments();
        self.check_numbers()?;
        layout.check_constants()?;
        let batches = self.batches(problems)?;
        if batches.len() > 1 && !layout.file.name.contains("{file}") {
            let (count, name) = (batches.len(), literal(&layout.file.name));
            return Err(messages::files_without_number(count, &name).into());
        }
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(["claimant_id", "payout", "number", "file", "row"])?;
        for batch in &batches {
            let mut files = layout.file.form.files(batch, problems)?;
            if has_payments {
                batch.list(&mut list)?;
                let count = u64::try_from(batch.payments.len())?;
                if let Some(file) = files.first_mut() {
                    file.payments = Some((count, batch.total));
                }
            }
            files.into_iter().try_for_each(&mut *give)?;
        }
        if has_payments {
            let list = list.into_inner().map_err(csv::IntoInnerError::into_error);
            let list = list.map_err(|error| Bug::new(error.to_string()))?;
            give(ExportFile::new(PAYMENTS, list))?;
        }
        give(ExportFile::new(LAYOUT, layout.source.text.as_str()))?;
        if let Some(base) = &layout.base {
            give(ExportFile::new(BASE, base.text.as_str()))?;
        }
        for overlay in self.overlays {
            give(ExportFile::new(overlay.source().kept, overlay.bytes()?))?;
        }
        if let Some(rest) = &self.rest {
            let list = rest.paid_before.list(rest.left_out, self.run)?;
            give(ExportFile::new(ALREADY_PAID, list))?;
        }
        Ok(())
    }

    /// Checks that there is a number for every payment.
    pub fn check_numbers(&self) -> Result<()> {
        let payments = u64::try_from(self.payments.len())?;
        for first in self.layout.first_numbers() {
            PaymentNumbers::plain(first).text(payments + 1, 1)?;
        }
        Ok(())
    }

    /// Assigns payments to files.
    fn batches<'a>(&'a self, problems: &mut ProblemList) -> Result<Vec<PaymentBatch<'a>>> {
        let file = &self.layout.file;
        let limits = file.form.limits(self)?;
        for payment in self.payments {
            let mut exceeded = [limits.largest, limits.total].into_iter().flatten();
            if let Some(limit) = exceeded.find(|limit| payment.payout > *limit) {
                problems.add(self.too_large(payment, limit)?);
            }
        }
        let mut batches = Vec::new();
        let (mut rest, mut before) = (self.payments, 0);
        loop {
            let (count, total) = fitting(rest, limits)?;
            let split = rest.split_at_checked(count);
            let (payments, further) =
                split.ok_or_else(|| Bug::new("a file has payments out of range"))?;
            let number = u64::try_from(batches.len())? + 1;
            batches.push(PaymentBatch {
                export: self,
                name: file.name.replace("{file}", &number.to_string()),
                number,
                payments,
                before,
                total,
            });
            if further.is_empty() {
                return Ok(batches);
            }
            before += u64::try_from(count)?;
            rest = further;
        }
    }

    fn too_large(&self, payment: &Payment, limit: Money) -> Result<ClaimProblem> {
        let currency = self.run.plan.settlement.currency;
        let (payout, limit) = (currency.grouped(payment.payout), currency.grouped(limit));
        let fault = messages::payout_too_large(&payout, &limit);
        let claims = self.run.claims;
        let id = claims
            .claim_list
            .kept_cells(payment.row)?
            .text(self.run.plan.claims.id);
        Ok(ClaimProblem {
            value: Some(payout),
            ..claims.problem(payment.row, id, None, fault)
        })
    }
}

/// The number and the sum of the first payments that one file may have, at least one.
fn fitting(payments: &[Payment], limits: FileLimits) -> Result<(usize, Money)> {
    let mut total = Money::ZERO;
    for (count, payment) in payments.iter().enumerate() {
        let sum = total.plus(payment.payout);
        let sum = sum.ok_or_else(|| Bug::new("the sum of payments is too large"))?;
        let rows = u64::try_from(count)? + 1;
        let is_full = limits.rows.is_some_and(|most| rows > most)
            || limits.total.is_some_and(|most| sum > most);
        if is_full && count > 0 {
            return Ok((count, total));
        }
        total = sum;
    }
    Ok((payments.len(), total))
}

impl PaymentBatch<'_> {
    /// Adds the payments to the list of all.
    fn list(&self, list: &mut csv::Writer<Vec<u8>>) -> Result<()> {
        let currency = self.export.run.plan.settlement.currency;
        for (row, payee) in (1_u64..).zip(self.payees()) {
            let payee = payee?;
            list.write_record([
                payee.id,
                &currency.text(payee.payout),
                &payee.payment_number()?,
                &self.name,
                &row.to_string(),
            ])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments(minor: &[i128]) -> Vec<Payment> {
        let payment = |(row, minor): (u32, &i128)| Payment {
            row,
            payout: Money(*minor),
            portions: Vec::new(),
        };
        (0..).zip(minor).map(payment).collect()
    }

    #[test]
    fn a_file_has_as_many_payments_as_its_limits_allow_and_at_least_one() {
        let fitting = |minor: &[i128], rows, total: Option<i128>| {
            let limits = FileLimits {
                rows,
                total: total.map(Money),
                largest: None,
            };
            let (count, total) = fitting(&payments(minor), limits).unwrap();
            (count, total.0)
        };
        assert_eq!(fitting(&[5, 6, 7], None, None), (3, 18));
        assert_eq!(fitting(&[5, 6, 7], Some(2), None), (2, 11));
        assert_eq!(fitting(&[5, 6, 7], Some(3), Some(18)), (3, 18));
        assert_eq!(fitting(&[5, 6, 7], Some(3), Some(17)), (2, 11));
        assert_eq!(fitting(&[5, 6, 7], None, Some(10)), (1, 5));
        // A larger payment was reported before.
        assert_eq!(fitting(&[50, 6], None, Some(10)), (1, 50));
        assert_eq!(fitting(&[], Some(1), None), (0, 0));
        assert_eq!(fitting(&[0, 0, 1], None, Some(0)), (2, 0));
    }

    #[test]
    fn a_sum_that_is_too_large_is_an_error() {
        let payments = payments(&[i128::MAX, 1]);
        assert!(fitting(&payments, FileLimits::default()).is_err());
    }
}
