//! The source of the files of an export, and the distribution of payments to files.

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::ClaimProblem;
use crate::base::money::Money;
use crate::claims::row_cells::PackedRow;
use crate::export::layout::{Field, FieldFault, FieldValue, Layout};
use crate::export::payments::{self, Payment};
use crate::plan::Plan;
use crate::run::row_tally::RowTally;

#[derive(Debug)]
pub struct ExportFile {
    pub name: String,
    pub bytes: Vec<u8>,
    /// The number and the sum of its payments; `None` for a file without payments.
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
#[derive(Debug, Clone)]
pub struct PaymentBatch<'a> {
    /// The name of the file.
    pub name: String,
    /// The number of the file, counted from 1.
    pub number: u64,
    pub payments: &'a [Payment],
    /// The number of payments in earlier files.
    pub before: u64,
    /// The sum of its payments.
    pub total: Money,
}

/// A paid claimant.
#[derive(Debug, Clone, Copy)]
pub struct ExportPayee<'a> {
    /// The row of the claims, counted from 0.
    pub row: u32,
    pub id: &'a str,
    pub cells: PackedRow<'a>,
    pub payout: Money,
    /// The number of the payment in the export, counted from 1.
    pub number: u64,
    /// The number of the payment in its file, counted from 1.
    pub in_file: u64,
    /// The number of the file, counted from 1.
    pub file: u64,
}

/// The source of the files of an export.
#[derive(Debug, Clone, Copy)]
pub struct ExportContext<'a> {
    pub layout: &'a Layout,
    pub plan: &'a Plan,
    /// The claims with their cells.
    pub claims: &'a Claims,
    pub distribution: &'a Distribution,
    /// Counts and sums of the run's files.
    pub tally: &'a RowTally,
    /// The SHA-256 of the run's manifest.
    pub seal: &'a str,
    /// The exported payouts.
    pub payments: &'a [Payment],
}

impl<'a> ExportContext<'a> {
    /// The paid claimants of a file, in order.
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

    /// Reports a field that does not fit.
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
