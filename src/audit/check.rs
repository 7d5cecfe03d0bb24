//! Verifies a run from its plan, its options and the claims alone.
//!
//! 1. [`files`]: the folder holds the files of its manifest and no others, each with
//!    its size and SHA-256; the claims files match, too.
//! 2. The run is computed again, as `payout compute` does it, but into a [`sink`] that
//!    compares every row, figure and line with the folder.
//! 3. [`tie_out`]: the rows in the folder are added up, and every cent of the fund must
//!    be in exactly one place.
//! 4. [`independent`]: another algorithm, which shares no arithmetic with the first,
//!    recomputes every payout.
//! 5. [`exports`]: payment files are regenerated and compared, and exactly one of them
//!    must pay each payout.
//!
//! Without the claims, 2 and 4 are left out: [`footing`] adds up rows and columns, and
//! the files of exports are compared with their manifests.
//!
//! Nothing is repaired or guessed: every difference is listed.

pub(crate) mod differences;
pub(crate) mod exports;
pub(crate) mod files;
pub(crate) mod footing;
pub(crate) mod independent;
pub(crate) mod inputs;
mod json;
pub(crate) mod lines;
pub(crate) mod rows;
pub(crate) mod sink;
pub(crate) mod statements;
pub(crate) mod text;
pub(crate) mod tie_out;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::check::exports::Exports;
use crate::audit::check::sink::ComparingSink;
use crate::audit::check::tie_out::{BankBalance, TieOut};
use crate::audit::saved_run::{self, NamedFiles};
use crate::base::diagnostics::{Failure, PROBLEM_STATUS, exit_status, first_line};
use crate::base::digest::sha256;
use crate::base::regular_file;
use crate::plan::{Plan, PlanSource};
use crate::run::file_names::{HELD, MANIFEST, PAYOUTS, UNPAID};
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::{self, ComputeJob, ComputedRun, Progress, summary};

/// The independent recomputation runs by default up to this number of claimants.
pub(crate) const ALWAYS_TWICE: u64 = 1_000_000;

/// The subject and the options of a check.
#[derive(Debug)]
pub struct CheckJob<'a> {
    pub run: &'a Path,
    /// The claims files; if empty, those of the manifest are looked up.
    pub named: NamedFiles<'a>,
    /// All exports of the run.
    pub exports: Option<&'a dyn Exports>,
    /// The approved plan.
    pub approved: Option<&'a PlanSource>,
    /// The recorded seal, in lower-case hexadecimal.
    pub seal: Option<&'a str>,
    /// The account balance, in currency.
    pub balance: Option<&'a str>,
    /// True if the independent recomputation is to run for any number of claimants.
    pub independent: bool,
    /// True if the claims files are not available.
    pub without_claims: bool,
    pub errors: Option<&'a Path>,
}

impl<'a> CheckJob<'a> {
    /// A check of the run alone, without an approved plan or a seal.
    pub fn new(run: &'a Path, claims: &'a [PathBuf]) -> Self {
        Self {
            run,
            named: NamedFiles {
                claims,
                ..NamedFiles::default()
            },
            exports: None,
            approved: None,
            seal: None,
            balance: None,
            independent: false,
            without_claims: false,
            errors: None,
        }
    }
}

/// The result of a check.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    /// The folder, as named by the user.
    pub run: String,
    /// True if all checks passed.
    pub holds: bool,
    /// The version of the program that made the run.
    pub made_by: Option<String>,
    /// Files of a run by another version that were compared with the manifest alone.
    pub by_digest_alone: Vec<String>,
    /// The SHA-256 of manifest.json.
    pub seal: Option<String>,
    /// The reason why the plan is a draft; null if it is not.
    pub draft: Option<String>,
    /// True if the seal matches the one provided; null if none was provided.
    pub seal_as_given: Option<bool>,
    /// The SHA-256 of the run's plan.
    pub plan_sha256: Option<String>,
    /// True if the plan is the approved one; null if none was provided.
    pub plan_as_approved: Option<bool>,
    /// The number of files compared with the manifest.
    pub files: usize,
    /// True if the claims were not read, and therefore nothing was recomputed.
    pub without_claims: bool,
    /// The claims files and their rows; null if they could not be read.
    pub claims: Option<Vec<summary::InputFileFacts>>,
    /// Rows of payouts.csv, held.csv and unpaid.csv, compared or, without claims, added
    /// up; null if the run could not be recomputed.
    pub rows: Option<[u64; 3]>,
    /// Statements regenerated and compared; null if the run has none.
    pub statements: Option<u64>,
    /// True if the run has a workbook, which was regenerated and compared.
    pub workbook: bool,
    /// Figures of summary.json compared.
    pub figures: usize,
    /// True if the run has control totals.
    pub control_totals: bool,
    /// The tie-out of the files in the folder.
    pub account: Option<TieOut>,
    /// Claimants recomputed independently; null if that check was skipped.
    pub second: Option<u64>,
    /// True if the independent recomputation could not be run.
    #[serde(skip)]
    pub second_failed: bool,
    /// The account balance compared with payouts and holds; null if no balance was
    /// provided.
    pub balance: Option<BankBalance>,
    /// The payments of the exports; null if none were provided.
    pub exports: Option<exports::ExportsPaid>,
    /// The warnings of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The number of differences.
    pub differences: u64,
    pub first: Vec<CheckFinding>,
    /// The file in which all differences are listed.
    #[serde(skip)]
    pub listed_in: Option<String>,
}

pub fn check(job: &CheckJob<'_>, progress: &dyn Progress) -> Result<Verdict> {
    files::require_run(job.run)?;
    let findings = CheckFindings::new(job.errors)?;
    let mut verdict = Verdict {
        run: job.run.display().to_string(),
        ..Verdict::default()
    };
    if let Some(manifest) = seal(job, &mut verdict, &findings)? {
        verdict.made_by = Some(manifest.program.version.clone());
        let present = files::verify(job.run, &manifest, &findings, progress)?;
        verdict.files = present.len();
        if let Some((mut plan, expect)) = inputs::the_plan(job, &manifest, &mut verdict, &findings)?
        {
            verdict.control_totals = expect.is_some();
            verdict.draft.clone_from(&plan.settlement.draft);
            let seal = verdict.seal.clone().unwrap_or_default();
            let exports = job
                .exports
                .map(|exports| exports.open(&seal, &mut plan, &findings))
                .transpose()?;
            if job.without_claims {
                add_up(job, &plan, exports.as_deref(), &mut verdict, &findings)?;
            } else if files::has_corrections(&manifest, &present) {
                let inputs = saved_run::inputs(job.run, &manifest, &plan, job.named)?;
                files::refuse_streams(&inputs)?;
                files::verify_sheet(&manifest, &findings)?;
                let follows = inputs::follow(job, &manifest, &mut plan, &findings)?;
                if follows {
                    let recomputation = Recomputation {
                        job,
                        manifest: &manifest,
                        again: ComputeJob {
                            expect: expect.as_ref(),
                            keep_cells: exports.is_some(),
                            ..ComputeJob::again(&plan, &inputs, job.run, &manifest)
                        },
                        exports,
                    };
                    recomputation.compare(&present, &mut verdict, &findings, progress)?;
                }
            }
        }
    }
    verdict.listed_in = job.errors.map(|path| path.display().to_string());
    (verdict.differences, verdict.first) = findings.finish()?;
    verdict.holds = verdict.differences == 0;
    Ok(verdict)
}

/// Adds up the files of the run, and compares exports with them.
fn add_up(
    job: &CheckJob<'_>,
    plan: &Plan,
    exports: Option<&dyn exports::OpenExports>,
    verdict: &mut Verdict,
    findings: &CheckFindings,
) -> Result<()> {
    verdict.without_claims = true;
    let rows = footing::of_run(job.run, plan, findings)?;
    verdict.rows = Some([PAYOUTS, HELD, UNPAID].map(|name| rows.of(name).rows));
    if let Some(exports) = exports {
        verdict.exports = exports.compare_lists(job.run, plan, findings)?;
    }
    let claim_rows = footing::claim_rows(job.run).unwrap_or_default();
    verdict.account = tie_out::found(job.run, plan, &rows, claim_rows, findings)?;
    if let Some(balance) = job.balance {
        verdict.balance = Some(tie_out::balance(balance, plan, &rows, findings)?);
    }
    Ok(())
}

/// Reads the manifest and compares its digest with the seal.
fn seal(
    job: &CheckJob<'_>,
    verdict: &mut Verdict,
    findings: &CheckFindings,
) -> Result<Option<Manifest>> {
    let path = job.run.join(MANIFEST);
    if let Some(what) = fs::symlink_metadata(&path)
        .ok()
        .and_then(|facts| regular_file::what_instead(&facts))
    {
        findings.note(MANIFEST, "", "a file", what)?;
        return Ok(None);
    }
    let bytes = match regular_file::read_file(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            findings.missing(MANIFEST)?;
            return Ok(None);
        }
        Err(error) => {
            return Err(Failure::reading(path.display(), error).into());
        }
    };
    let digest = sha256(&bytes);
    if let Some(given) = job.seal {
        verdict.seal_as_given = Some(given == digest);
        if given != digest {
            findings.note(MANIFEST, "seal", given, &digest)?;
        }
    }
    verdict.seal = Some(digest);
    match serde_json::from_slice::<Manifest>(&bytes) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => {
            let expected = "the manifest of a run, in JSON";
            findings.note(MANIFEST, "", expected, &error.to_string())?;
            Ok(None)
        }
    }
}

/// A run to be computed again and compared with the folder.
struct Recomputation<'a> {
    job: &'a CheckJob<'a>,
    manifest: &'a Manifest,
    again: ComputeJob<'a>,
    exports: Option<Box<dyn exports::OpenExports>>,
}

impl Recomputation<'_> {
    fn compare(
        &self,
        present: &[WrittenFile],
        verdict: &mut Verdict,
        findings: &CheckFindings,
        progress: &dyn Progress,
    ) -> Result<()> {
        let ComputeJob { plan, inputs, .. } = self.again;
        let currency = plan.settlement.currency;
        let sealed = verdict.seal_as_given == Some(true);
        let sink = ComparingSink::new(
            (self.job.run, self.manifest, present),
            sealed,
            currency,
            findings,
        );
        let Some(run) = self.compute(&sink, findings, progress)? else {
            return Ok(());
        };
        let (rows, by_digest_alone) = sink.into_found();
        verdict.by_digest_alone = by_digest_alone;
        verdict.claims = Some(summary::inputs(&run.claims.files));
        verdict.warnings.clone_from(&run.report.warnings);
        verdict.rows = Some([PAYOUTS, HELD, UNPAID].map(|name| rows.of(name).rows));
        verdict.statements = self.again.statements.map(|_| run.tally.paid);
        verdict.workbook = self.again.workbook;
        verdict.figures = json::count(&run.report.json)?;
        if let Some(exports) = &self.exports {
            let recomputed = exports::RecomputedForExports {
                run: self.job.run,
                manifest: self.manifest,
                seal: verdict.seal.as_deref().unwrap_or_default(),
                plan,
                claims: &run.claims,
                distribution: &run.distribution,
                tally: &run.tally,
            };
            verdict.exports = exports.compare(recomputed, findings)?;
        }
        let claim_rows = run.claims.rows();
        verdict.account = tie_out::found(self.job.run, plan, &rows, claim_rows, findings)?;
        if let Some(balance) = self.job.balance {
            verdict.balance = Some(tie_out::balance(balance, plan, &rows, findings)?);
        }
        if self.job.independent || run.claims.claimants <= ALWAYS_TWICE {
            drop(run);
            verdict.second = independent::compare(self.job.run, plan, inputs, findings)?;
            verdict.second_failed = verdict.second.is_none();
        }
        Ok(())
    }

    /// Computes the run and compares it with the folder. If the claims or the plan are
    /// refused now, they were changed after the run.
    fn compute(
        &self,
        sink: &ComparingSink<'_>,
        findings: &CheckFindings,
        progress: &dyn Progress,
    ) -> Result<Option<ComputedRun>> {
        match run::compute_into(sink, &self.again, progress) {
            Err(error) if exit_status(&error) == PROBLEM_STATUS => {
                for input in self.again.inputs {
                    files::verify_input(self.manifest, input, findings)?;
                }
                findings.note("claims", "", "", &first_line(&error))?;
                Ok(None)
            }
            computed => computed.map(Some),
        }
    }
}
