//! What became of payments: `reconcile` joins a run, its exports and what banks report to
//! an account of the fund on a day.
//!
//! A payout is an entitlement, and a payment an attempt to pay it. Everything that is
//! neither cashed nor outstanding is left, and is the fund of a next run.

mod account;
mod account_json;
mod account_text;
mod book;
mod by_column;
mod chain;
pub(crate) mod check;
mod court;
mod exports;
pub(crate) mod facts;
pub(crate) mod file_names;
mod findings;
mod ledger;
mod links;
mod making;
mod manifest;
mod matching;
pub(crate) mod messages;
mod outcomes;
mod output;
mod page;
mod payment_rows;
mod run_rows;
pub(crate) mod saved;
mod states;
mod tally;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::base::diagnostics::{Message, Problem};
use crate::base::digest::sha256;
use crate::plan::PlanSource;
use crate::reconcile::making::Made;
use crate::reconcile::output::document;
use crate::run::file_names::MANIFEST;
use crate::run::folder::StagingFolder;
use crate::run::json;

/// A reconciliation to make.
#[derive(Debug, Clone, Copy)]
pub struct ReconcileJob<'a> {
    /// The last run of the chain.
    pub run: &'a Path,
    /// The exports that were made since the reconciliation before.
    pub exports: &'a [PathBuf],
    pub facts: &'a PlanSource,
    /// The reconciliation before.
    pub after: Option<&'a Path>,
    /// The claims files of the run, if they are not where the run was made.
    pub claims: &'a [PathBuf],
    /// The file that lists all problems.
    pub errors: Option<&'a Path>,
}

/// A reconciliation that was written.
#[derive(Debug)]
pub struct Reconciled {
    /// account.txt.
    pub text: String,
    /// account.json.
    pub json: String,
    /// The SHA-256 of its manifest.
    pub seal: String,
    pub warnings: Vec<String>,
    /// What happened that must not.
    pub findings: Vec<Message>,
}

/// Makes a reconciliation and writes its folder, whole or not at all. `deliver` receives
/// the result before the folder gets its name.
pub fn reconcile(
    job: &ReconcileJob<'_>,
    out: &Path,
    progress: &(dyn Fn(u64) + Sync),
    deliver: &dyn Fn(&Reconciled) -> Result<()>,
) -> Result<Reconciled> {
    refuse_inside_of_inputs(job, out)?;
    let mut staging = StagingFolder::never_replacing(out)?;
    let made = making::make(job, &mut staging, progress)?;
    let reconciled = finish(made, &mut staging)?;
    deliver(&reconciled)?;
    staging.check()?;
    staging.commit()?;
    Ok(reconciled)
}

fn finish(made: Made, staging: &mut StagingFolder) -> Result<Reconciled> {
    let manifest = json(&made.manifest)?;
    document(staging, MANIFEST, &manifest)?;
    Ok(Reconciled {
        text: made.text,
        json: made.json,
        seal: sha256(manifest.as_bytes()),
        warnings: made.warnings,
        findings: made.findings,
    })
}

/// The folder lies outside of all others, which are complete.
fn refuse_inside_of_inputs(job: &ReconcileJob<'_>, out: &Path) -> Result<(), Problem> {
    let _ = job;
    crate::audit::saved_run::refuse_inside(out)
}
