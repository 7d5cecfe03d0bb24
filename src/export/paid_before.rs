//! Claimants whom earlier exports have paid: `--rest` leaves them out. An export lists
//! them, so that it can be regenerated without the earlier exports.

use std::collections::HashMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::audit::check::exports::RecomputedForExports;
use crate::base::diagnostics::Bug;
use crate::export::payments::Payment;

const HEADER: [&str; 3] = ["claimant_id", "payout", "export"];

/// An earlier export, as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedExport {
    /// The name of its folder.
    pub name: String,
    /// The SHA-256 of its manifest.
    pub seal: String,
}

#[derive(Debug)]
pub(crate) struct PaidBefore {
    pub exports: Vec<NamedExport>,
    /// By row of the claims.
    by_row: HashMap<u32, EarlierPayment>,
}

/// The payment of a claimant by an earlier export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EarlierPayment {
    /// The index of the export.
    pub export: usize,
    /// True if it paid what is due.
    pub is_due: bool,
}

/// A claimant who is left out.
#[derive(Debug)]
pub(crate) struct LeftOut {
    pub payment: Payment,
    /// The index of the export that paid it.
    pub export: usize,
}

impl PaidBefore {
    /// A list without claimants.
    pub(crate) fn new(exports: Vec<NamedExport>) -> Self {
        Self {
            exports,
            by_row: HashMap::new(),
        }
    }

    pub(crate) fn add(&mut self, row: u32, earlier: EarlierPayment) {
        let known = self.by_row.entry(row).or_insert(earlier);
        if !known.is_due {
            *known = earlier;
        }
    }

    pub(crate) fn of(&self, row: u32) -> Option<EarlierPayment> {
        self.by_row.get(&row).copied()
    }

    /// Reads the list of an export. Rows that do not fit are left out: the regenerated
    /// list then differs.
    pub(crate) fn read(
        list: &[u8],
        exports: &[NamedExport],
        run: RecomputedForExports<'_>,
        payouts: &[(Payment, Vec<bool>)],
    ) -> Result<Self> {
        let mut by_id = HashMap::new();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(list);
        for record in reader.records().filter_map(Result::ok) {
            let place = |name: &str| exports.iter().position(|export| export.name == name);
            if let (Some(id), Some(export)) = (record.get(0), record.get(2).and_then(place)) {
                by_id.insert(id.to_owned(), export);
            }
        }
        let mut before = Self::new(exports.to_vec());
        for (payment, _) in payouts {
            let cells = run.claims.claim_list.kept_cells(payment.row)?;
            if let Some(export) = by_id.get(cells.text(run.plan.claims.id)) {
                let is_due = true;
                let export = *export;
                before.add(payment.row, EarlierPayment { export, is_due });
            }
        }
        Ok(before)
    }

    /// The list of those who are left out.
    pub(crate) fn list(
        &self,
        left_out: &[LeftOut],
        run: RecomputedForExports<'_>,
    ) -> Result<Vec<u8>> {
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(HEADER)?;
        let currency = run.plan.settlement.currency;
        for LeftOut { payment, export } in left_out {
            let cells = run.claims.claim_list.kept_cells(payment.row)?;
            let export = self.exports.get(*export);
            let export = export.ok_or_else(|| Bug::new("an earlier export has no name"))?;
            list.write_record([
                cells.text(run.plan.claims.id),
                &currency.text(payment.payout),
                &export.name,
            ])?;
        }
        let list = list.into_inner().map_err(csv::IntoInnerError::into_error);
        Ok(list.map_err(|error| Bug::new(error.to_string()))?)
    }
}
