//! Verifies a run from its plan, its options and the claims alone.
//!
//! 1. [`files`]: the folder holds the files of its manifest and no others, each with
//!    its size and SHA-256; the claims files match, too.
//! 2. The run is recomputed, and every row ([`rows`]) and every figure ([`figures`]) is
//!    compared with the folder.
//! 3. [`tie_out`]: the rows in the folder are added up, and every cent of the fund must
//!    be in exactly one place.
//! 4. [`independent`]: another algorithm, which shares no arithmetic with the first,
//!    recomputes every payout.
//! 5. [`exports`]: payment files are regenerated and compared, and exactly one of them
//!    must pay each payout.
//!
//! Nothing is repaired or guessed: every difference is listed.

pub(crate) mod differences;
pub(crate) mod exports;
pub(crate) mod figures;
pub(crate) mod files;
pub(crate) mod independent;
pub(crate) mod inputs;
pub(crate) mod rows;
pub(crate) mod statements;
pub(crate) mod text;
pub(crate) mod tie_out;
pub(crate) mod workbook;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::allocate::pools::{self, Distribution};
use crate::allocate::{Claims, read_claims};
use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::check::exports::Exports;
use crate::audit::check::tie_out::{BankBalance, TieOut};
use crate::audit::saved_run;
use crate::base::diagnostics::{Failure, first_line};
use crate::base::digest::sha256;
use crate::base::regular_file;
use crate::claims::ReadOptions;
use crate::claims::control_totals::{ControlTotals, EXPECT};
use crate::claims::input::Input;
use crate::plan::Plan;
use crate::run::file_names::{ARCHIVE, MANIFEST, STATEMENTS_LISTED, WORKBOOK};
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::row_tally::RowTally;
use crate::run::statements::StatementMaker;
use crate::run::statements::text::StatementTexts;
use crate::run::workbook::ROWS_OF_A_SHEET;
use crate::run::{self, Progress, Stage, control_totals_check, report, summary, summary_text};

/// The independent recomputation runs by default up to this number of claimants.
pub(crate) const ALWAYS_TWICE: u64 = 1_000_000;

/// The subject and the options of a check.
#[derive(Debug)]
pub struct CheckJob<'a> {
    pub run: &'a Path,
    /// The claims files; if empty, those of the manifest are looked up.
    pub claims: &'a [PathBuf],
    /// All exports of the run, or none.
    pub exports: &'a dyn Exports,
    /// The approved approved plan.
    pub approved: Option<&'a str>,
    /// The recorded seal, in lower-case hexadecimal.
    pub seal: Option<&'a str>,
    /// The account balance, in currency.
    pub balance: Option<&'a str>,
    /// True if the independent recomputation is to run for any number of claimants.
    pub independent: bool,
    pub errors: Option<&'a Path>,
}

impl<'a> CheckJob<'a> {
    /// A check of the run alone, without an approved plan or a seal.
    pub fn new(run: &'a Path, claims: &'a [PathBuf]) -> Self {
        Self {
            run,
            claims,
            exports: &exports::NoExports,
            approved: None,
            seal: None,
            balance: None,
            independent: false,
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
    /// The claims files and their rows; null if they could not be read.
    pub claims: Option<Vec<summary::InputFileFacts>>,
    /// Rows of payouts.csv, held.csv and unpaid.csv compared; null if the run could not
    /// be recomputed.
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
    /// The number of differences.
    pub differences: u64,
    pub first: Vec<CheckFinding>,
    /// The file in which all differences are listed.
    #[serde(skip)]
    pub listed_in: Option<String>,
}

pub fn check(job: &CheckJob<'_>, progress: &dyn Progress) -> Result<Verdict> {
    files::require_run(job.run)?;
    let mut findings = CheckFindings::new(job.errors)?;
    let mut verdict = Verdict {
        run: job.run.display().to_string(),
        ..Verdict::default()
    };
    if let Some(manifest) = seal(job, &mut verdict, &mut findings)? {
        verdict.made_by = Some(manifest.program.version.clone());
        let present = files::verify(job.run, &manifest, &mut findings, progress)?;
        verdict.files = present.len();
        if let Some((mut plan, expect)) =
            inputs::the_plan(job, &manifest, &mut verdict, &mut findings)?
        {
            verdict.control_totals = expect.is_some();
            verdict.draft.clone_from(&plan.settlement.draft);
            let inputs = saved_run::inputs(job.run, &manifest, job.claims)?;
            files::refuse_streams(&inputs)?;
            files::verify_sheet(&manifest, &mut findings)?;
            let seal = verdict.seal.clone().unwrap_or_default();
            let exports = job.exports.open(&seal, &mut plan, &mut findings)?;
            let recomputed = RecomputedRun {
                job,
                manifest: &manifest,
                present: &present,
                plan: &plan,
                expect: expect.as_ref(),
                inputs: &inputs,
                exports: exports.as_ref(),
            };
            recomputed.compare(&mut verdict, &mut findings, progress)?;
        }
    }
    verdict.listed_in = job.errors.map(|path| path.display().to_string());
    (verdict.differences, verdict.first) = findings.finish()?;
    verdict.holds = verdict.differences == 0;
    Ok(verdict)
}

/// Reads the manifest and compares its digest with the seal.
fn seal(
    job: &CheckJob<'_>,
    verdict: &mut Verdict,
    findings: &mut CheckFindings,
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
            return Err(Failure::new(format!("cannot read {}", path.display()), error).into());
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
            let found = error
                .to_string()
                .replace("struct Recorded", "the facts of a run");
            findings.note(MANIFEST, "", "the manifest of a run, in JSON", &found)?;
            Ok(None)
        }
    }
}

/// The recomputed run, to be compared with the folder.
struct RecomputedRun<'a> {
    job: &'a CheckJob<'a>,
    manifest: &'a Manifest,
    present: &'a [WrittenFile],
    plan: &'a Plan,
    expect: Option<&'a ControlTotals>,
    inputs: &'a [Input],
    exports: &'a dyn exports::OpenExports,
}

impl RecomputedRun<'_> {
    fn compare(
        &self,
        verdict: &mut Verdict,
        findings: &mut CheckFindings,
        progress: &dyn Progress,
    ) -> Result<()> {
        let Some((mut claims, distribution)) = self.compute(findings, progress)? else {
            return Ok(());
        };
        files::verify_inputs(self.manifest, &mut claims.files, findings)?;
        let facts = claims.files.iter().map(|file| summary::InputFileFacts {
            name: file.name.clone(),
            rows: file.rows,
        });
        verdict.claims = Some(facts.collect());
        progress.begin(Stage::Comparing, Some(claims.rows()));
        let compared = rows::compare(
            self.job.run,
            self.plan,
            &claims,
            &distribution,
            findings,
            &|rows| progress.advance(rows),
        )?;
        progress.end(&format!("{} rows", claims.rows()));
        verdict.rows = Some(compared.rows);
        let expected = summary::summarize(
            self.plan,
            &claims,
            &distribution,
            &compared.tally,
            self.expect,
            verdict.plan_sha256.clone().unwrap_or_default(),
        )?;
        let totals = expected.control_totals.as_deref().unwrap_or_default();
        if control_totals_check::missed(totals, EXPECT).is_some() {
            findings.note(
                EXPECT,
                "",
                "control totals that match",
                "control totals that do not match",
            )?;
        }
        let tally = &compared.tally;
        verdict.statements =
            self.compare_statements(&claims, &distribution, tally, &expected, findings)?;
        self.compare_workbook(&claims, &expected, verdict, findings)?;
        verdict.exports = self.compare_exports(verdict, &claims, &distribution, tally, findings)?;
        self.compare_figures(verdict, &claims, &expected, findings)?;
        let found = tie_out::found(self.job.run, self.plan, &compared, claims.rows(), findings)?;
        if let Some(balance) = self.job.balance {
            verdict.balance = Some(tie_out::balance(balance, self.plan, &compared, findings)?);
        }
        verdict.account = found;
        if self.job.independent || claims.claimants <= ALWAYS_TWICE {
            drop(distribution);
            drop(claims);
            verdict.second = independent::compare(self.job.run, self.plan, self.inputs, findings)?;
            verdict.second_failed = verdict.second.is_none();
        }
        Ok(())
    }

    fn compare_figures(
        &self,
        verdict: &mut Verdict,
        claims: &Claims,
        expected: &summary::Summary,
        findings: &mut CheckFindings,
    ) -> Result<()> {
        verdict.figures = figures::compare_summary(
            self.job.run,
            expected,
            figures::ExpectedTexts {
                text: summary_text::text(expected).text(),
                html: &report::html(self.plan, expected, &claims.files),
            },
            findings,
        )?;
        figures::compare_manifest(
            self.job.run,
            self.manifest,
            &claims.files,
            self.present,
            findings,
        )
    }

    /// Regenerates the exports, if there are any, and compares them with the payouts.
    fn compare_exports(
        &self,
        verdict: &Verdict,
        claims: &Claims,
        distribution: &Distribution,
        tally: &RowTally,
        findings: &mut CheckFindings,
    ) -> Result<Option<exports::ExportsPaid>> {
        let recomputed = exports::RecomputedForExports {
            run: self.job.run,
            manifest: self.manifest,
            seal: verdict.seal.as_deref().unwrap_or_default(),
            plan: self.plan,
            claims,
            distribution,
            tally,
        };
        self.exports.compare(recomputed, findings)
    }

    /// True if the manifest lists this file.
    fn has(&self, name: &str) -> bool {
        self.manifest.output(name).is_some()
    }

    /// Regenerates the statements, if there are any, and compares them. Returns their
    /// number.
    fn compare_statements(
        &self,
        claims: &Claims,
        distribution: &Distribution,
        tally: &RowTally,
        summary: &summary::Summary,
        findings: &mut CheckFindings,
    ) -> Result<Option<u64>> {
        if !self.has(STATEMENTS_LISTED) && !self.has(ARCHIVE) {
            return Ok(None);
        }
        let words = StatementTexts::new(self.plan, &run::json(summary)?)?;
        let maker = StatementMaker {
            words: &words,
            claims,
            distribution,
        };
        if self.has(STATEMENTS_LISTED) {
            statements::compare_folder(maker, tally, self.job.run, findings)?;
        }
        let archive = self.present.iter().find(|file| file.name == ARCHIVE);
        if let Some(archive) = archive {
            statements::compare_archive(maker, tally, archive, findings)?;
        }
        Ok(Some(tally.paid))
    }

    /// Regenerates the workbook, if there is one, and compares it.
    fn compare_workbook(
        &self,
        claims: &Claims,
        summary: &summary::Summary,
        verdict: &mut Verdict,
        findings: &mut CheckFindings,
    ) -> Result<()> {
        if !self.has(WORKBOOK) {
            return Ok(());
        }
        let maker = run::workbook::WorkbookInput {
            plan: self.plan,
            summary,
            claims: &claims.files,
            folder: self.job.run,
            version: &self.manifest.program.version,
            rows_of_a_sheet: ROWS_OF_A_SHEET,
        };
        verdict.workbook = true;
        workbook::compare(maker, self.present, findings)
    }

    /// Reads the claims and allocates the fund. If the claims or the plan are refused
    /// now, they were changed after the run.
    fn compute(
        &self,
        findings: &mut CheckFindings,
        progress: &dyn Progress,
    ) -> Result<Option<(Claims, Distribution)>> {
        progress.begin(Stage::Reading, self.inputs.iter().map(Input::size).sum());
        let options = ReadOptions {
            expect: self.expect,
            keep_cells: self.has(STATEMENTS_LISTED)
                || self.has(ARCHIVE)
                || !self.exports.is_empty(),
            ..ReadOptions::default()
        };
        let claims = read_claims(self.inputs, self.plan, &options, &|bytes| {
            progress.advance(bytes);
        });
        let rows = claims.as_ref().map_or(0, Claims::rows);
        progress.end(&format!("{rows} rows"));
        progress.begin(Stage::Dividing, None);
        let result = claims.and_then(|claims| {
            let distribution = pools::distribute(self.plan, &claims)?;
            Ok((claims, distribution))
        });
        progress.end("");
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error)
                if crate::base::diagnostics::exit_status(&error)
                    == crate::base::diagnostics::PROBLEM_STATUS =>
            {
                for input in self.inputs {
                    files::verify_input(self.manifest, input, findings)?;
                }
                findings.note("claims", "", "", &first_line(&error))?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
