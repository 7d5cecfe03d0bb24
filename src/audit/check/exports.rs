//! What `check` asks of the exports of a run. The formats of payment files are
//! above this room, so whoever calls `check` brings what looks at them.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::audit::check::differences::CheckFindings;
use crate::plan::Plan;
use crate::run::manifest::RecordedManifest;
use crate::run::row_tally::RowTally;

/// Exports that were named with a run.
pub trait Exports: fmt::Debug {
    /// Opens them; the plan is made to read what their layouts read. What is wrong
    /// with one is noted, and it is left out.
    fn open(
        &self,
        seal: &str,
        plan: &mut Plan,
        findings: &mut CheckFindings,
    ) -> Result<Box<dyn OpenExports>>;
}

/// No exports: only the run is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoExports;

impl Exports for NoExports {
    fn open(&self, _: &str, _: &mut Plan, _: &mut CheckFindings) -> Result<Box<dyn OpenExports>> {
        Ok(Box::new(Self))
    }
}

impl OpenExports for NoExports {
    fn is_empty(&self) -> bool {
        true
    }

    fn compare(
        &self,
        _: RecomputedForExports<'_>,
        _: &mut CheckFindings,
    ) -> Result<Option<ExportsPaid>> {
        Ok(None)
    }
}

/// Exports that can be compared.
pub trait OpenExports: fmt::Debug {
    /// Whether there are none.
    fn is_empty(&self) -> bool;

    /// Compares each with what it should be, and all of them with the payouts.
    fn compare(
        &self,
        recomputed: RecomputedForExports<'_>,
        findings: &mut CheckFindings,
    ) -> Result<Option<ExportsPaid>>;
}

/// The run that exports are checked against, computed anew.
#[derive(Debug, Clone, Copy)]
pub struct RecomputedForExports<'a> {
    /// Its folder.
    pub run: &'a Path,
    pub manifest: &'a RecordedManifest,
    pub seal: &'a str,
    pub plan: &'a Plan,
    /// Its claims, with their cells.
    pub claims: &'a Claims,
    /// Its payments.
    pub distribution: &'a Distribution,
    /// What its files hold.
    pub tally: &'a RowTally,
}

/// What the exports of a run pay.
#[derive(Debug, Serialize)]
pub struct ExportsPaid {
    pub exports: Vec<ExportPaid>,
    /// Payouts of the run.
    pub payouts: u64,
    /// Claimants who are paid by one of the exports, once and what they should
    /// receive; null where none of the exports pays anybody.
    pub paid_once: Option<u64>,
    /// Those of them whose check is only listed as issued: another export has
    /// to print it.
    pub only_listed: u64,
}

/// What an export pays.
#[derive(Debug, Serialize)]
pub struct ExportPaid {
    /// Its folder, as it was named.
    pub folder: String,
    /// The name of its layout.
    pub layout: String,
    /// Whether that is a layout as it is shipped.
    pub shipped: bool,
    /// The SHA-256 of the layout.
    pub layout_sha256: String,
    /// Its payments; null where it pays nobody.
    pub payments: Option<PaymentSum>,
}

/// How many payments, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSum {
    /// How many.
    pub count: u64,
    /// In currency.
    pub total: String,
}
