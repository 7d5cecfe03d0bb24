//! manifest.json of an export: its run, the choices made, and the output files with
//! digests.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::audit::check::exports::RecomputedForExports;
use crate::audit::saved_run;
use crate::base::diagnostics::{Bug, Message};
use crate::base::digest::sha256;
use crate::base::money::{self, Currency, Money};
use crate::base::regular_file;
use crate::export::context::{ExportContext, ExportFile, RestOfPayouts};
use crate::export::layout::{LayoutChoices, LayoutPurpose};
use crate::export::overlay::Overlay;
use crate::export::paid_before::NamedExport;
use crate::export::{PAYMENTS, messages};
use crate::plan::ColumnId;
use crate::run::json;
use crate::run::manifest::{Manifest, ManifestProgram};
use crate::run::summary::PaymentSum;

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportManifest {
    pub program: ManifestProgram,
    pub run: ExportedRun,
    pub layout: ExportedLayout,
    pub choices: LayoutChoices,
    /// The file of `--payees`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payees: Option<ExportedOverlay>,
    /// The file of `--reissue`, and the reconciliation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reissue: Option<ExportedReissue>,
    /// With `--rest`, those who are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<ExportedRest>,
    /// Optional columns of the layout that the claims file does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blank_columns: Vec<String>,
    /// Its payments; null if it contains none.
    pub payments: Option<PaymentSum>,
    pub outputs: Vec<ExportOutput>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedRun {
    /// The SHA-256 of its manifest.
    pub seal: String,
    pub settlement: String,
    pub currency: String,
    pub payouts: PaymentSum,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedLayout {
    pub name: String,
    pub pays: LayoutPurpose,
}

/// A file whose cells take the place of those of the claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedOverlay {
    /// The name of the original, without folders.
    pub name: String,
    /// The copy in the export.
    pub file: String,
    pub rows: u64,
    /// Its columns that the layout reads.
    pub columns: Vec<String>,
    /// The columns of the layout that it does not have, and that are those of the claims
    /// file therefore.
    pub of_claims: Vec<String>,
    /// The columns that it does not read.
    pub not_read: Vec<String>,
    /// The payments whose claimants are in the file.
    pub claimants: u64,
    /// The payments whose claimants keep the cells of the claims file.
    pub others: u64,
}

/// A reissue in the manifest of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedReissue {
    pub reconciliation: NamedExport,
    #[serde(flatten)]
    pub file: ExportedOverlay,
}

/// The claimants who are left out because earlier exports have paid them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedRest {
    pub left_out: PaymentSum,
    pub after: Vec<NamedExport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOutput {
    pub name: String,
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its payments; omitted for files without payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payments: Option<PaymentSum>,
}

fn payment_sum(count: u64, total: Money, currency: Currency) -> PaymentSum {
    let total = currency.text(total);
    PaymentSum { count, total }
}

/// The sum of amounts as texts; `None` if one is not an amount, or the sum too large.
fn sum_of<'a>(mut texts: impl Iterator<Item = &'a String>, currency: Currency) -> Option<Money> {
    texts.try_fold(Money::ZERO, |sum, text| {
        sum.plus(money::from_text(text, currency.decimals())?)
    })
}

/// True if the listed payments have this number and sum.
fn is_of(sum: &PaymentSum, listed: &[ListedPayment], currency: Currency) -> bool {
    let count = u64::try_from(listed.len()).ok();
    let total = sum_of(listed.iter().map(|listed| &listed.payout), currency);
    let found = count.zip(total);
    found.is_some_and(|(count, total)| *sum == payment_sum(count, total, currency))
}

impl ExportOutput {
    pub fn new(file: &ExportFile, sha256: String, currency: Currency) -> Result<Self> {
        let sum = |(count, total)| payment_sum(count, total, currency);
        Ok(Self {
            name: file.name.clone(),
            bytes: u64::try_from(file.bytes.len())?,
            sha256,
            payments: file.payments.map(sum),
        })
    }
}

impl ExportedOverlay {
    fn new(overlay: &Overlay<'_>, context: &ExportContext<'_>) -> Result<Self> {
        let plan = context.run.plan;
        let (columns, not_read) = overlay.columns(plan);
        let mut of_claims = Vec::new();
        let fields = context.layout.fields.iter();
        for column in fields.flat_map(|field| field.value.columns()) {
            let name = plan.columns.name(*column).to_owned();
            let is_elsewhere = overlay.has(*column) || context.run.claims.header.lacks(*column);
            if *column != plan.claims.id && !is_elsewhere && !of_claims.contains(&name) {
                of_claims.push(name);
            }
        }
        let payments = u64::try_from(context.payments.len())?;
        let claimants = u64::try_from(overlay.paid(context.payments))?;
        Ok(Self {
            name: overlay.source().name.clone(),
            file: overlay.source().kept.to_owned(),
            rows: overlay.rows(),
            columns,
            of_claims,
            not_read,
            claimants,
            others: payments - claimants,
        })
    }
}

impl ExportedRest {
    fn new(rest: RestOfPayouts<'_>, currency: Currency) -> Result<Self> {
        let payouts = rest.left_out.iter().map(|left_out| left_out.payment.payout);
        let total: Option<Money> = payouts.sum();
        let total = total.ok_or_else(|| Bug::new("the sum of payments is too large"))?;
        let count = u64::try_from(rest.left_out.len())?;
        Ok(Self {
            left_out: payment_sum(count, total, currency),
            after: rest.paid_before.exports.clone(),
        })
    }
}

/// The optional columns of a layout that the claims file does not have, nor any other
/// file.
fn blank_columns(context: &ExportContext<'_>) -> Vec<String> {
    let ExportContext {
        run,
        layout,
        overlays,
        ..
    } = context;
    let is_absent = |column: &&ColumnId| {
        run.claims.header.lacks(**column) && !overlays.iter().any(|overlay| overlay.has(**column))
    };
    let absent = layout.reads.iter().filter(is_absent);
    absent
        .map(|column| run.plan.columns.name(*column).to_owned())
        .collect()
}

impl ExportManifest {
    /// The manifest of an export whose other files are written. Proves that the files
    /// pay exactly the selected payouts.
    pub fn new(
        context: &ExportContext<'_>,
        choices: &LayoutChoices,
        outputs: Vec<ExportOutput>,
    ) -> Result<Self> {
        let RecomputedForExports {
            plan, tally, seal, ..
        } = context.run;
        let currency = plan.settlement.currency;
        let pays = context.layout.pays;
        let payments = if pays.has_payments() {
            let payouts = context.payments.iter().map(|payment| payment.payout);
            let total: Option<Money> = payouts.sum();
            let total = total.ok_or_else(|| Bug::new("the sum of payments is too large"))?;
            let count = u64::try_from(context.payments.len())?;
            Some(payment_sum(count, total, currency))
        } else {
            None
        };
        let overlay = |is_reissue: bool| {
            let mut overlays = context.overlays.iter();
            let overlay = overlays.find(|overlay| overlay.is_reissue() == is_reissue);
            overlay
                .map(|overlay| ExportedOverlay::new(overlay, context))
                .transpose()
        };
        let reissue = overlay(true)?;
        let export = Self {
            program: ManifestProgram::this(),
            run: ExportedRun {
                seal: seal.to_owned(),
                settlement: plan.settlement.name.clone(),
                currency: currency.code().to_owned(),
                payouts: payment_sum(tally.paid, tally.paid_total, currency),
            },
            layout: ExportedLayout {
                name: context.layout.name.clone(),
                pays,
            },
            choices: choices.clone(),
            payees: overlay(false)?,
            reissue: reissue
                .zip(context.reconciliation.clone())
                .map(|(file, reconciliation)| ExportedReissue {
                    reconciliation,
                    file,
                }),
            rest: match context.rest {
                Some(rest) => Some(ExportedRest::new(rest, currency)?),
                None => None,
            },
            blank_columns: blank_columns(context),
            payments,
            outputs,
        };
        export.prove(currency)?;
        Ok(export)
    }

    fn prove(&self, currency: Currency) -> Result<()> {
        let Some(payments) = &self.payments else {
            return Ok(());
        };
        let outputs = self.outputs.iter();
        let files = outputs.filter_map(|file| file.payments.as_ref());
        let total = sum_of(files.clone().map(|sum| &sum.total), currency);
        let total = total.ok_or_else(|| Bug::new("the sum of files is too large"))?;
        let count = files.map(|sum| sum.count).sum();
        if payment_sum(count, total, currency) == *payments {
            return Ok(());
        }
        Err(Bug::new("the files of an export differ from the selected payments").into())
    }

    pub fn text(&self) -> serde_json::Result<String> {
        json(self)
    }
}

/// Reads the manifest of an export, and returns it with its SHA-256.
pub(crate) fn read(folder: &Path) -> Result<(ExportManifest, String)> {
    let shown = folder.display();
    if !folder.exists() {
        return Err(messages::export_missing(shown).into());
    }
    if !folder.is_dir() {
        return Err(messages::export_is_no_folder(shown).into());
    }
    let bytes = saved_run::manifest_of(folder)?;
    let bytes = bytes.ok_or_else(|| messages::not_an_export(folder.display()))?;
    if serde_json::from_slice::<Manifest>(&bytes).is_ok() {
        return Err(messages::run_instead_of_export(shown).into());
    }
    let export = serde_json::from_slice(&bytes);
    let export = export.map_err(|error| messages::export_damaged(shown, error))?;
    Ok((export, sha256(&bytes)))
}

/// Reads a file of an export, which must match its manifest.
pub(crate) fn output(folder: &Path, file: &ExportOutput) -> Result<Vec<u8>, Message> {
    let path = folder.join(&file.name);
    let bytes = regular_file::read_file(&path).ok();
    let bytes = bytes.filter(|bytes| sha256(bytes) == file.sha256);
    bytes.ok_or_else(|| messages::export_changed(path.display()))
}

/// A payment in the list of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPayment {
    pub id: String,
    /// The payout as written.
    pub payout: String,
    /// The number of a check or other payment; blank if there is none.
    pub number: String,
    /// The row of the list, counted from 1.
    pub row: u64,
}

/// Reads the list of payments of an export, which must match its manifest.
pub(crate) fn payments(folder: &Path, export: &ExportManifest) -> Result<Vec<ListedPayment>> {
    if !export.layout.pays.has_payments() {
        return Ok(Vec::new());
    }
    let path = folder.join(PAYMENTS);
    let changed = || messages::export_changed(path.display());
    let mut outputs = export.outputs.iter();
    let file = outputs.find(|file| file.name == PAYMENTS);
    let listed = listed(&output(folder, file.ok_or_else(changed)?)?).ok_or_else(changed)?;
    let counted = export.payments.as_ref();
    let currency = Currency::from_code(&export.run.currency);
    let is_all = counted.zip(currency);
    if !is_all.is_some_and(|(sum, currency)| is_of(sum, &listed, currency)) {
        return Err(messages::export_miscounted(path.display()).into());
    }
    Ok(listed)
}

/// The payments of a list; `None` if a row cannot be read.
pub(crate) fn listed(list: &[u8]) -> Option<Vec<ListedPayment>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.flexible(true).from_reader(list);
    let mut listed = Vec::new();
    for (row, record) in (1..).zip(reader.records()) {
        let record = record.ok()?;
        let cell = |place| record.get(place).map(str::to_owned);
        listed.push(ListedPayment {
            id: cell(0)?,
            payout: cell(1)?,
            number: cell(2)?,
            row,
        });
    }
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_of_any_size_are_counted() {
        let listed = |payout: &str| ListedPayment {
            id: "a".to_owned(),
            payout: payout.to_owned(),
            number: String::new(),
            row: 1,
        };
        let large = "99999999999999999999999999.99";
        let two = Money(2 * 9_999_999_999_999_999_999_999_999_999);
        let sum = payment_sum(2, two, Currency::USD);
        let is_of = |payouts: &[&str]| {
            let listed: Vec<ListedPayment> = payouts.iter().copied().map(listed).collect();
            is_of(&sum, &listed, Currency::USD)
        };
        assert!(is_of(&[large, large]));
        for other in [&[large][..], &[large, "1.00"], &[large, "1"], &[large; 3]] {
            assert!(!is_of(other), "{other:?}");
        }
    }
}
