//! The source of the files of an export: the run, the layout, the payments and the
//! claimants who receive them.

use anyhow::Result;

use crate::audit::check::exports::RecomputedForExports;
use crate::base::money::Money;
use crate::export::layout::Layout;
use crate::export::overlay::{Overlay, PayeeCells};
use crate::export::paid_before::{LeftOut, NamedExport, PaidBefore};
use crate::export::payments::Payment;

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

/// The source of the files of an export.
#[derive(Debug, Clone)]
pub struct ExportContext<'a> {
    pub run: RecomputedForExports<'a>,
    pub layout: &'a Layout,
    /// The exported payouts.
    pub payments: &'a [Payment],
    /// Files whose cells take the place of those of the claims.
    pub(crate) overlays: &'a [Overlay<'a>],
    /// Those whom earlier exports have paid, if they are left out.
    pub(crate) rest: Option<RestOfPayouts<'a>>,
    /// The reconciliation in which the payouts are void, if they are paid again.
    pub(crate) reconciliation: Option<NamedExport>,
}

/// The claimants who are left out because earlier exports have paid them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RestOfPayouts<'a> {
    pub paid_before: &'a PaidBefore,
    pub left_out: &'a [LeftOut],
}

/// The payments of one file.
#[derive(Debug, Clone)]
pub(crate) struct PaymentBatch<'a> {
    pub export: &'a ExportContext<'a>,
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
pub(crate) struct ExportPayee<'a> {
    pub export: &'a ExportContext<'a>,
    /// The row of the claims, counted from 0.
    pub row: u32,
    pub id: &'a str,
    pub cells: PayeeCells<'a>,
    pub payout: Money,
    /// The portions of the claimant's payout, in plan order.
    pub portions: &'a [Money],
    /// The number of the payment in the export, counted from 1.
    pub number: u64,
    /// The number of the file, counted from 1.
    pub file: u64,
}

impl<'a> PaymentBatch<'a> {
    /// The paid claimants, in order.
    pub(crate) fn payees(&self) -> impl Iterator<Item = Result<ExportPayee<'a>>> + use<'a> {
        let Self {
            export,
            before,
            number: file,
            ..
        } = *self;
        (before + 1..)
            .zip(self.payments)
            .map(move |(number, payment)| {
                let cells = PayeeCells::of(export.run, export.overlays, payment.row)?;
                Ok(ExportPayee {
                    export,
                    row: payment.row,
                    id: cells.text(export.run.plan.claims.id),
                    cells,
                    payout: payment.payout,
                    portions: &payment.portions,
                    number,
                    file,
                })
            })
    }
}

impl ExportPayee<'_> {
    /// The number of the payment, if its layout has numbers.
    pub(crate) fn payment_number(&self) -> Result<String> {
        let Some(numbers) = &self.export.layout.numbers else {
            return Ok(String::new());
        };
        Ok(numbers.text(self.number, self.file)?)
    }
}
