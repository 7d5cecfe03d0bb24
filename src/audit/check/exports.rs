//! The interface through which `check` verifies exports. The payment formats belong to
//! a higher layer, so the caller supplies the implementation.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::audit::check::differences::CheckFindings;
use crate::plan::Plan;
use crate::run::manifest::Manifest;
use crate::run::row_tally::RowTally;
use crate::run::summary::PaymentSum;

/// Exports named together with a run.
pub trait Exports: fmt::Debug {
    /// Opens the exports and extends the plan by the columns that their layouts read. A
    /// defective export is reported and left out.
    fn open(
        &self,
        seal: &str,
        plan: &mut Plan,
        findings: &CheckFindings,
    ) -> Result<Box<dyn OpenExports>>;
}

/// Exports that can be compared.
pub trait OpenExports: fmt::Debug {
    /// Compares each export with its regenerated content, and all of them with the
    /// payouts.
    fn compare(
        &self,
        recomputed: RecomputedForExports<'_>,
        findings: &CheckFindings,
    ) -> Result<Option<ExportsPaid>>;

    /// Compares the files of each export with its manifest, and the lists of all exports
    /// with payouts.csv. Nothing is regenerated.
    fn compare_lists(
        &self,
        run: &Path,
        plan: &Plan,
        findings: &CheckFindings,
    ) -> Result<Option<ExportsPaid>>;
}

/// The recomputed run that exports are checked against.
#[derive(Debug, Clone, Copy)]
pub struct RecomputedForExports<'a> {
    pub run: &'a Path,
    pub manifest: &'a Manifest,
    pub seal: &'a str,
    pub plan: &'a Plan,
    /// The claims with their cells.
    pub claims: &'a Claims,
    pub distribution: &'a Distribution,
    /// The counts and sums of its files.
    pub tally: &'a RowTally,
}

/// The payments of all exports of a run.
#[derive(Debug, Serialize)]
pub struct ExportsPaid {
    pub exports: Vec<ExportPaid>,
    /// Payouts of the run.
    pub payouts: u64,
    /// Claimants whom exactly one export pays the right amount; null if no export
    /// contains payments.
    pub paid_once: Option<u64>,
    /// Those of them whose check is only listed as issued: another system has to print
    /// it.
    pub only_listed: u64,
    /// Warnings about payees, each with its export.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The payments of an export.
#[derive(Debug, Serialize)]
pub struct ExportPaid {
    /// The folder, as named by the user.
    pub folder: String,
    pub layout: String,
    /// True if the layout is built-in and unmodified.
    pub shipped: bool,
    pub layout_sha256: String,
    /// Its payments; null if it contains none.
    pub payments: Option<PaymentSum>,
}
