//! What became of payments: `reconcile` joins a run, its exports and what banks report to
//! an account of the fund on a day.
//!
//! A payout is an entitlement, and a payment an attempt to pay it. Everything that is
//! neither cashed nor outstanding is left, and is the fund of a next run.

mod account;
mod account_json;
mod account_text;
mod beginning;
mod book;
mod by_column;
mod chain;
pub(crate) mod check;
pub(crate) mod comparison;
mod court;
mod exports;
pub(crate) mod facts;
pub(crate) mod file_names;
mod find;
mod findings;
pub(crate) mod history;
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
pub(crate) mod reissue;
mod run_rows;
pub(crate) mod saved;
mod states;
mod tally;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::audit::saved_run;
use crate::base::diagnostics::{Message, quotable};
use crate::base::digest::sha256;
use crate::base::regular_file::folder_of;
use crate::export::reissue::ReissueBasis;
use crate::plan::PlanSource;
use crate::reconcile::making::Made;
use crate::reconcile::output::document;
use crate::run::file_names::MANIFEST;
use crate::run::folder::StagingFolder;
use crate::run::json;
use crate::run::manifest::Manifest;

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
    /// By name, the files of outcomes, if they are known.
    pub outcomes: &'a [(String, PathBuf)],
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
    saved_run::refuse_inside(out)?;
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

/// A warning if a run beside a run follows the reconciliation after which its payouts are
/// paid again: in that run, these payouts have lapsed.
pub(crate) fn lapsed_beside(run: &Path, basis: &dyn ReissueBasis) -> Option<String> {
    let named = basis.named();
    let folders = std::fs::read_dir(folder_of(run)).ok()?;
    let mut folders: Vec<PathBuf> = folders.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let follows = |folder: &&PathBuf| {
        let bytes = saved_run::manifest_of(folder).ok().flatten();
        let manifest: Option<Manifest> =
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let after = manifest.and_then(|manifest| manifest.after);
        after.is_some_and(|after| after.seal == named.seal)
    };
    let later = folders.iter().find(follows)?;
    let later = quotable(&saved::name_of(later));
    Some(format!(
        "{later} follows {}, too: in its fund are the payouts that are paid again here, if they were void",
        quotable(&named.name)
    ))
}
