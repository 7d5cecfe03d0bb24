//! The files of an export, and which payments are in each.

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem, Failure, Problem, literal};
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, ExportPayee, PaymentBatch};
use crate::export::field_text::check_constants;
use crate::export::layout::PaymentNumbers;
use crate::export::payments::{self, Payment};
use crate::export::{BASE, LAYOUT, PAYMENTS};

impl<'a> ExportContext<'a> {
    /// Makes the files one after the other. Cells that do not fit are reported.
    pub fn each_file(
        self,
        problems: &mut ProblemList,
        give: &mut dyn FnMut(ExportFile) -> Result<()>,
    ) -> Result<()> {
        self.payment_files(problems, give)?;
        let layout = self.layout;
        let sources = [(LAYOUT, Some(&layout.source)), (BASE, layout.base.as_ref())];
        for (name, source) in sources {
            if let Some(source) = source {
                give(ExportFile::new(name, source.text.as_str()))?;
            }
        }
        Ok(())
    }

    fn payment_files(
        self,
        problems: &mut ProblemList,
        give: &mut dyn FnMut(ExportFile) -> Result<()>,
    ) -> Result<()> {
        let layout = self.layout;
        let has_payments = layout.pays.has_payments();
        self.check_numbers()?;
        check_constants(&self)?;
        let batches = self.batches(problems)?;
        if batches.len() > 1 && !layout.file.name.contains("{file}") {
            let message = format!(
                "the payments need {} files, but all of them would be named {}",
                batches.len(),
                literal(&layout.file.name)
            );
            let hint = "add the file number to the file name in the layout: `payments-{file}.csv`";
            return Err(Problem::new(message, hint).into());
        }
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(["claimant_id", "payout", "number", "file", "row"])?;
        for batch in &batches {
            let mut files = layout.file.form.files(&self, batch, problems)?;
            if has_payments {
                self.list_payments(batch, &mut list)?;
                let count = u64::try_from(batch.payments.len())?;
                if let Some(file) = files.first_mut() {
                    file.payments = Some((count, batch.total));
                }
            }
            files.into_iter().try_for_each(&mut *give)?;
        }
        if !has_payments {
            return Ok(());
        }
        let list = list.into_inner();
        let list =
            list.map_err(|error| Failure::new("cannot list the payments", error.into_error()))?;
        give(ExportFile::new(PAYMENTS, list))
    }

    fn list_payments(
        self,
        batch: &PaymentBatch<'a>,
        list: &mut csv::Writer<Vec<u8>>,
    ) -> Result<()> {
        for payee in self.payees(batch) {
            let payee = payee?;
            list.write_record([
                payee.id,
                &self.plan.settlement.currency.text(payee.payout),
                &self.number_of(&payee)?,
                &batch.name,
                &payee.in_file.to_string(),
            ])?;
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

    /// The number of a payment, if its layout has numbers.
    pub fn number_of(&self, payee: &ExportPayee<'_>) -> Result<String> {
        let Some(numbers) = &self.layout.numbers else {
            return Ok(String::new());
        };
        Ok(numbers.text(payee.number, payee.file)?)
    }

    /// Assigns payments to files.
    fn batches(&self, problems: &mut ProblemList) -> Result<Vec<PaymentBatch<'a>>> {
        let file = &self.layout.file;
        let limits = file.form.limits(self)?;
        let mut batches: Vec<PaymentBatch<'a>> = Vec::new();
        let (mut start, mut total) = (0_usize, Money::ZERO);
        let mut close = |range: std::ops::Range<usize>, total| -> Result<()> {
            let number = u64::try_from(batches.len())? + 1;
            let before = u64::try_from(range.start)?;
            let payments = self.payments.get(range);
            batches.push(PaymentBatch {
                name: file.name.replace("{file}", &number.to_string()),
                number,
                before,
                payments: payments.ok_or_else(|| Bug::new("a file has payments out of range"))?,
                total,
            });
            Ok(())
        };
        for (place, payment) in self.payments.iter().enumerate() {
            for limit in [limits.largest, limits.total].into_iter().flatten() {
                if payment.payout > limit {
                    problems.add(self.claims.locate(self.too_large(payment, limit)));
                    break;
                }
            }
            let sum = total
                .plus(payment.payout)
                .ok_or_else(|| Bug::new("the sum of payments is too large"))?;
            let rows = u64::try_from(place - start)? + 1;
            let full = limits.rows.is_some_and(|most| rows > most)
                || limits.total.is_some_and(|most| sum > most);
            if full && place > start {
                close(start..place, total)?;
                (start, total) = (place, payment.payout);
            } else {
                total = sum;
            }
        }
        close(start..self.payments.len(), total)?;
        Ok(batches)
    }

    fn too_large(&self, payment: &Payment, limit: Money) -> ClaimProblem {
        let currency = self.plan.settlement.currency;
        ClaimProblem {
            problem: format!(
                "the payout of {} exceeds the layout's limit of {}",
                currency.grouped(payment.payout),
                currency.grouped(limit)
            ),
            hint: Some(
                "leave this claimant out with `when`, and pay the claimant in another way"
                    .to_owned(),
            ),
            ..payments::at(self.claims, payment.row)
        }
    }
}
