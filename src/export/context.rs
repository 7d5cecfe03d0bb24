//! What the files of an export are made from, and how payments are put into
//! files.

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::{Bug, ClaimProblem};
use crate::base::money::Money;
use crate::claims::cells::PackedRow;
use crate::export::layout::{Field, FieldFault, FieldValue, Layout};
use crate::export::payments::{self, Payment};
use crate::plan::Plan;
use crate::run::row_tally::RowTally;

#[derive(Debug)]
pub struct ExportFile {
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// How many payments, and what they come to; `None` for a file without.
    pub payments: Option<(u64, Money)>,
}

impl ExportFile {
    /// A file without payments.
    pub(crate) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            payments: None,
        }
    }
}

/// The payments of one file.
#[derive(Debug, Clone, Copy)]
pub struct PaymentBatch<'a> {
    /// The number of the file, from 1.
    pub number: u64,
    pub payments: &'a [Payment],
    /// How many payments are in the files before it.
    pub before: u64,
    /// What its payments come to.
    pub total: Money,
}

/// Somebody who is paid.
#[derive(Debug, Clone, Copy)]
pub struct ExportPayee<'a> {
    /// The row of the claims, from 0.
    pub row: u32,
    pub id: &'a str,
    pub cells: PackedRow<'a>,
    /// How much.
    pub payout: Money,
    /// The number of the payment in the export, from 1.
    pub number: u64,
    /// The number of the payment in its file, from 1.
    pub in_file: u64,
    /// The number of the file, from 1.
    pub file: u64,
}

/// What the files of an export are made from.
#[derive(Debug, Clone, Copy)]
pub struct ExportContext<'a> {
    pub layout: &'a Layout,
    pub plan: &'a Plan,
    /// The claims, with their cells.
    pub claims: &'a Claims,
    /// The payments.
    pub distribution: &'a Distribution,
    /// What the files of the run hold.
    pub tally: &'a RowTally,
    /// The SHA-256 of the run's manifest.
    pub seal: &'a str,
    /// The payouts that are exported.
    pub payments: &'a [Payment],
}

impl<'a> ExportContext<'a> {
<<<<<<< HEAD
=======
    /// Makes the files, one after the other. Cells that do not fit are noted.
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
                "the payments take {} files, but all would be called {}",
                batches.len(),
                literal(&file.name)
            );
            let hint =
                "let the name of the file in the layout have its number: `payments-{file}.csv`";
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

    /// The first of the running numbers, where the layout has them.
    fn first_number(&self) -> Option<u64> {
        let mut values = self.layout.fields.iter().map(|field| &field.value);
        values.find_map(|value| match value {
            FieldValue::Number(first) => Some(*first),
            _ => None,
        })
    }

    /// Whether there is a number for every payment.
    pub fn check_numbers(&self) -> Result<()> {
        let payments = u64::try_from(self.payments.len())?;
        match self.first_number().map(|first| first.checked_add(payments)) {
            Some(None) => Err(Problem::new(
                "the running numbers become too large",
                "begin with a smaller one",
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// The number that a payment has among others, where its layout has one.
    pub fn number_of(&self, payee: &ExportPayee<'_>) -> Result<String> {
        if self.layout.file.form == LayoutFormat::Nacha {
            return nacha::trace(self, payee);
        }
        let Some(first) = self.first_number() else {
            return Ok(String::new());
        };
        let number = first.checked_add(payee.number - 1);
        let number = number.ok_or_else(|| Bug::new("a running number is too large"))?;
        Ok(number.to_string())
    }

    /// Which payments are in which file.
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
                payments: payments.ok_or_else(|| Bug::new("a file has payments that are not"))?,
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
                "the payout of {} is more than the layout takes, {}",
                currency.grouped(payment.payout),
                currency.grouped(limit)
            ),
            hint: Some(
                "pay this claimant in another way: leave the claimant out with `when`".to_owned(),
            ),
            ..payments::at(self.claims, payment.row)
        }
    }

>>>>>>> 1d4b944 (Say once what a pool reads, how TOML is read, and how a few files are worked on together)
    /// Those paid in a file, in order.
    pub fn payees(self, batch: &PaymentBatch<'a>) -> impl Iterator<Item = Result<ExportPayee<'a>>> {
        let PaymentBatch { before, number, .. } = *batch;
        let id = self.plan.claims.id;
        (1..).zip(batch.payments).map(move |(in_file, payment)| {
            let cells = self.claims.claim_list.kept_cells(payment.row)?;
            Ok(ExportPayee {
                row: payment.row,
                id: cells.text(id),
                cells,
                payout: payment.payout,
                number: before + in_file,
                in_file,
                file: number,
            })
        })
    }

    /// The problem of a field that does not fit.
    pub fn fault(&self, field: &Field, payee: &ExportPayee<'_>, fault: FieldFault) -> ClaimProblem {
        let (column, value) = match field.value {
            FieldValue::Column(column) => (
                self.plan.columns.name(column).to_owned(),
                payee.cells.text(column).to_owned(),
            ),
            _ => (field.name.clone(), payee.id.to_owned()),
        };
        self.claims.locate(ClaimProblem {
            column: Some(column),
            value: Some(value),
            problem: fault.problem,
            hint: Some(fault.hint),
            ..payments::at(self.claims, payee.row)
        })
    }
}

/// What a file takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileLimits {
    /// Payments.
    pub rows: Option<u64>,
    /// What they come to.
    pub total: Option<Money>,
    /// What one of them is.
    pub largest: Option<Money>,
}

impl FileLimits {
    /// Those of a layout.
    pub(crate) fn of(layout: &Layout) -> Self {
        Self {
            rows: layout.file.rows,
            total: layout.file.total,
            largest: layout.file.largest,
        }
    }

    /// The lower ones of two.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        fn lower<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
            one.into_iter().chain(other).min()
        }
        Self {
            rows: lower(self.rows, other.rows),
            total: lower(self.total, other.total),
            largest: lower(self.largest, other.largest),
        }
    }
}
