//! The files of an export, and which payments are in each.

use anyhow::Result;

use crate::base::diagnostics::{Bug, ClaimProblem, Failure, Problem, literal};
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, ExportPayee, FileLimits, PaymentBatch};
use crate::export::layout::{FieldValue, LayoutFormat, LayoutPurpose};
use crate::export::payments::{self, Payment};
use crate::export::{BASE, LAYOUT, PAYMENTS, journal, nacha, row_files};

impl<'a> ExportContext<'a> {
    /// Makes the files one after the other. Cells that do not fit are reported.
    pub fn each_file(
        self,
        problems: &mut ProblemList,
        give: &mut dyn FnMut(ExportFile) -> Result<()>,
    ) -> Result<()> {
        let layout = self.layout;
        if layout.file.form == LayoutFormat::Journal {
            journal::files(&self)?
                .into_iter()
                .try_for_each(&mut *give)?;
        } else {
            self.payment_files(problems, give)?;
        }
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
        let file = &self.layout.file;
        self.check_numbers()?;
        row_files::check_constants(&self)?;
        let batches = self.batches(problems)?;
        if batches.len() > 1 && !file.name.contains("{file}") {
            let message = format!(
                "the payments need {} files, but all of them would be named {}",
                batches.len(),
                literal(&file.name)
            );
            let hint = "add the file number to the file name in the layout: `payments-{file}.csv`";
            return Err(Problem::new(message, hint).into());
        }
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(["claimant_id", "payout", "number", "file", "row"])?;
        for batch in &batches {
            let name = file.name.replace("{file}", &batch.number.to_string());
            let bytes = match file.form {
                LayoutFormat::Nacha => nacha::file(&self, batch, problems)?,
                _ => row_files::file(&self, batch, problems)?,
            };
            for payee in self.payees(batch) {
                let payee = payee?;
                list.write_record([
                    payee.id,
                    &self.plan.settlement.currency.text(payee.payout),
                    &self.number_of(&payee)?,
                    &name,
                    &payee.in_file.to_string(),
                ])?;
            }
            let count = u64::try_from(batch.payments.len())?;
            give(ExportFile {
                name,
                bytes,
                payments: (self.layout.pays != LayoutPurpose::Nothing)
                    .then_some((count, batch.total)),
            })?;
        }
        if self.layout.pays == LayoutPurpose::Nothing {
            return Ok(());
        }
        let list = list.into_inner();
        let list =
            list.map_err(|error| Failure::new("cannot list the payments", error.into_error()))?;
        give(ExportFile::new(PAYMENTS, list))
    }

    /// The first sequence number, if the layout has sequence numbers.
    fn first_number(&self) -> Option<u64> {
        let mut values = self.layout.fields.iter().map(|field| &field.value);
        values.find_map(|value| match value {
            FieldValue::Number(first) => Some(*first),
            _ => None,
        })
    }

    /// Checks that there is a number for every payment.
    pub fn check_numbers(&self) -> Result<()> {
        let payments = u64::try_from(self.payments.len())?;
        match self.first_number().map(|first| first.checked_add(payments)) {
            Some(None) => Err(Problem::new(
                "the sequence numbers would become too large",
                "start at a smaller number",
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// The sequence number of a payment, if its layout has one.
    pub fn number_of(&self, payee: &ExportPayee<'_>) -> Result<String> {
        if self.layout.file.form == LayoutFormat::Nacha {
            return nacha::trace(self, payee);
        }
        let Some(first) = self.first_number() else {
            return Ok(String::new());
        };
        let number = first.checked_add(payee.number - 1);
        let number = number.ok_or_else(|| Bug::new("a sequence number is too large"))?;
        Ok(number.to_string())
    }

    /// Assigns payments to files.
    fn batches(&self, problems: &mut ProblemList) -> Result<Vec<PaymentBatch<'a>>> {
        let limits = match self.layout.file.form {
            LayoutFormat::Nacha => nacha::limits(self)?,
            _ => FileLimits::of(self.layout),
        };
        let mut batches: Vec<PaymentBatch<'a>> = Vec::new();
        let (mut start, mut total) = (0_usize, Money::ZERO);
        let mut close = |range: std::ops::Range<usize>, total| -> Result<()> {
            let number = u64::try_from(batches.len())? + 1;
            let before = u64::try_from(range.start)?;
            let payments = self.payments.get(range);
            batches.push(PaymentBatch {
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
