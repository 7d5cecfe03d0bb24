//! What the files of an export are made from, and how payments are put into
//! files.

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::ClaimProblem;
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
