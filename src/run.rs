//! Computes a run: reads the claims, allocates the fund, writes the run folder and
//! proves that it ties out.

pub(crate) mod control_totals_check;
pub(crate) mod file_names;
pub(crate) mod folder;
pub mod hashing_writer;
mod histogram;
pub(crate) mod manifest;
pub(crate) mod payment_sizes;
pub(crate) mod payment_statistics;
pub(crate) mod report;
pub(crate) mod row_tally;
pub mod rows;
pub mod sample;
pub(crate) mod statements;
pub mod summary;
pub(crate) mod summary_text;
pub(crate) mod tax;
pub mod workbook;

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::allocate::pools::{self, Distribution};
use crate::allocate::{Claims, read_claims};
use crate::base::diagnostics::{Bug, Failure, Problem, count, literal, quotable};
use crate::base::digest::sha256;
use crate::base::money::Money;
use crate::base::parallel;
use crate::base::styled_text::StyledText;
use crate::claims::control_totals::{ControlTotals, EXPECT};
use crate::claims::input::Input;
use crate::claims::{ClaimsFile, ReadOptions};
use crate::plan::Plan;
use crate::run::file_names::{ARCHIVE, MANIFEST, REPORT, WORKBOOK};
use crate::run::folder::StagingFolder;
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::{Manifest, ManifestOptions};
use crate::run::row_tally::RowTally;
use crate::run::statements::text::StatementTexts;
use crate::run::statements::{StatementMaker, StatementStorage};
use crate::run::summary::Summary;
use crate::run::workbook::{ROWS_OF_A_SHEET, write_workbook};

/// The inputs, options and destination of a run.
#[derive(Debug, Clone, Copy)]
pub struct ComputeJob<'a> {
    pub plan: &'a Plan,
    pub expect: Option<&'a ControlTotals>,
    /// Claims files, read as one in this order.
    pub inputs: &'a [Input],
    pub out: &'a Path,
    /// True if an existing run may be replaced.
    pub force: bool,
    /// The CSV file in which to list every problem in the claims.
    pub errors: Option<&'a Path>,
    pub threads: usize,
    pub statements: Option<StatementStorage>,
    pub workbook: bool,
}

impl<'a> ComputeJob<'a> {
    /// A job without statements, workbook or control totals.
    pub fn new(plan: &'a Plan, inputs: &'a [Input], out: &'a Path) -> Self {
        Self {
            plan,
            expect: None,
            inputs,
            out,
            force: false,
            errors: None,
            threads: parallel::available(),
            statements: None,
            workbook: false,
        }
    }
}

/// Receives the progress of a run.
pub trait Progress: Sync {
    /// A stage begins; `steps` is its length, if known.
    fn begin(&self, stage: Stage, steps: Option<u64>);
    /// Reports further steps done.
    fn advance(&self, steps: u64);
    /// The stage ended; `outcome` describes the result in a few words.
    fn end(&self, outcome: &str);
}

/// A progress sink that ignores everything.
#[derive(Debug, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: Stage, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self, _: &str) {}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the claims; steps are bytes.
    Reading,
    /// Reading a run to compare its files with its manifest; steps are bytes.
    Verifying,
    /// Searching the claims for one claimant; steps are bytes.
    Looking,
    /// Allocating the fund.
    Dividing,
    /// Writing rows; steps are rows.
    Writing,
    /// Writing statements; steps are rows.
    Statements,
    /// Writing a workbook; steps are rows.
    Workbook,
    /// Comparing rows with those of a run; steps are rows.
    Comparing,
    /// Generating sample claims; steps are rows.
    MakingUp,
}

/// The reports of a run for people and for programs.
#[derive(Debug)]
pub struct RunReport {
    /// The content of summary.txt.
    pub text: StyledText,
    /// The content of summary.json.
    pub json: String,
    /// Unusual facts that are not errors.
    pub warnings: Vec<String>,
    /// Unusual facts about the claims files. They are not part of the run, because its
    /// rows are the same with or without them.
    pub of_files: Vec<String>,
}

/// The maximum number of payment methods.
const METHODS: usize = 100;

/// Refuses a method column with too many values. A column of addresses or account
/// numbers would otherwise be listed in the summary.
fn refuse_methods(plan: &Plan, tally: &RowTally) -> Result<(), Problem> {
    let found = tally.methods.len();
    let Some(column) = plan.payment_method.filter(|_| found > METHODS) else {
        return Ok(());
    };
    let name = literal(plan.columns.name(column));
    let message = format!("column {name} has {found} different methods of payment");
    let hint = format!(
        "in `[payment]`, name the column of payment methods, with at most {METHODS} different values"
    );
    Err(Problem::new(message, hint))
}

/// Warns that a file may be truncated within its last cell, which no rule would detect.
fn cut_warning(file: &ClaimsFile) -> Option<String> {
    file.may_be_cut.then(|| {
        format!(
            "{} does not end with a newline and may be truncated; check its last row",
            quotable(&file.shown)
        )
    })
}

/// Computes and writes a run: the whole folder or nothing.
///
/// `deliver` is called when everything is written and proved, just before the folder
/// gets its final name. If the report cannot be delivered, there is no run. Returns the
/// seal of the run: the SHA-256 of its manifest.
pub fn compute(
    job: &ComputeJob<'_>,
    progress: &dyn Progress,
    deliver: &dyn Fn(&RunReport) -> Result<()>,
) -> Result<String> {
    let staging = StagingFolder::new(job.out, job.force)?;
    let claims = read(job, progress)?;
    progress.begin(Stage::Dividing, None);
    let distribution = pools::distribute(job.plan, &claims)?;
    progress.end(&count(
        claims.entitlements.len(),
        "kind of claim",
        "kinds of claim",
    ));
    progress.begin(Stage::Writing, Some(claims.rows()));
    let written = rows::write(
        job.plan,
        &claims,
        &distribution,
        rows::files(&staging)?,
        &|rows| progress.advance(rows),
    )?;
    progress.end(&format!("{} rows in {}", claims.rows(), job.out.display()));
    refuse_methods(job.plan, &written.tally)?;
    prove(job.plan, &claims, &distribution, &written.tally)?;
    let plan_digest = sha256(&job.plan.source.text);
    let summary = summary::summarize(
        job.plan,
        &claims,
        &distribution,
        &written.tally,
        job.expect,
        plan_digest,
    )?;
    let totals = summary.control_totals.as_deref().unwrap_or_default();
    let expect_name = job.expect.map_or(EXPECT, |expect| &expect.source.name);
    if let Some(message) = control_totals_check::missed(totals, expect_name) {
        let hint = "confirm the file with its sender before paying";
        return Err(Problem::new(message, hint).into());
    }
    let report = RunReport {
        text: summary_text::text(&summary),
        json: json(&summary)?,
        warnings: summary.warnings.clone(),
        of_files: claims.files.iter().filter_map(cut_warning).collect(),
    };
    let mut files = written.files;
    files.extend(write_texts(job, &claims, &summary, &report, &staging)?);
    if let Some(form) = job.statements {
        let words = StatementTexts::new(job.plan, &report.json)?;
        let maker = StatementMaker {
            words: &words,
            claims: &claims,
            distribution: &distribution,
        };
        let tally = &written.tally;
        files.push(write_statements(form, maker, tally, &staging, progress)?);
    }
    if job.workbook {
        files.push(make_workbook(
            job.plan, &claims, &summary, &staging, progress,
        )?);
    }
    let options = ManifestOptions {
        plan: job.plan.source.name.clone(),
        sheet: job.inputs.iter().find_map(Input::sheet).map(str::to_owned),
    };
    let manifest = json(&Manifest::new(options, &claims.files, &files))?;
    let seal = staging.write(MANIFEST, manifest.as_bytes())?.sha256;
    staging.check()?;
    deliver(&report)?;
    staging.commit()?;
    Ok(seal)
}

fn write_statements(
    form: StatementStorage,
    maker: StatementMaker<'_>,
    tally: &RowTally,
    staging: &StagingFolder,
    progress: &dyn Progress,
) -> Result<WrittenFile> {
    let rows = maker.claims.rows();
    progress.begin(Stage::Statements, Some(rows));
    let advance = |rows| progress.advance(rows);
    let written = match form {
        StatementStorage::Folder => {
            let (run, shown) = staging.paths();
            statements::folder::write_folder(maker, tally, &advance, run, shown)?
        }
        StatementStorage::Archive => {
            let mut archive = staging.create(ARCHIVE)?;
            statements::archive::write_archive(maker, tally, &advance, &mut archive)?;
            archive.finish()?
        }
    };
    progress.end(&count(tally.paid, "statement", "statements"));
    Ok(written)
}

/// Writes the summaries, the report, the plan and the manifest.
fn write_texts(
    job: &ComputeJob<'_>,
    claims: &Claims,
    summary: &Summary,
    report: &RunReport,
    staging: &StagingFolder,
) -> Result<Vec<WrittenFile>> {
    let html = report::html(job.plan, summary, &claims.files);
    let texts = [
        ("summary.txt", Some(report.text.text())),
        ("summary.json", Some(report.json.as_str())),
        (REPORT, Some(html.as_str())),
        ("plan.toml", Some(job.plan.source.text.as_str())),
        (EXPECT, job.expect.map(|expect| expect.source.text.as_str())),
    ];
    let there = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)));
    let there: Vec<_> = there.collect();
    // Each file waits for the disk, so they are written in parallel.
    parallel::each(there.into_iter(), |(name, text)| {
        staging.write(name, text.as_bytes())
    })
}

fn make_workbook(
    plan: &Plan,
    claims: &Claims,
    summary: &Summary,
    staging: &StagingFolder,
    progress: &dyn Progress,
) -> Result<WrittenFile> {
    let (folder, shown) = staging.paths();
    let path = shown.join(WORKBOOK);
    let maker = workbook::WorkbookInput {
        plan,
        summary,
        claims: &claims.files,
        folder,
        version: env!("CARGO_PKG_VERSION"),
        rows_of_a_sheet: ROWS_OF_A_SHEET,
    };
    let rows = summary.payouts.count + summary.held.count + summary.claims.unpaid_rows;
    progress.begin(Stage::Workbook, Some(rows));
    let mut file = staging.create(WORKBOOK)?;
    let made = write_workbook(maker, &|rows| progress.advance(rows), &mut file);
    made.map_err(|error| match error.downcast() {
        Ok(cause) => Failure::new(format!("cannot write {}", path.display()), cause).into(),
        Err(other) => other,
    })?;
    let written = file.finish()?;
    progress.end(&format!("{rows} rows"));
    Ok(written)
}

fn read(job: &ComputeJob<'_>, progress: &dyn Progress) -> Result<Claims> {
    progress.begin(Stage::Reading, job.inputs.iter().map(Input::size).sum());
    let options = ReadOptions {
        expect: job.expect,
        errors: job.errors,
        threads: job.threads,
        keep_cells: job.statements.is_some(),
        ..ReadOptions::default()
    };
    let claims = read_claims(job.inputs, job.plan, &options, &|bytes| {
        progress.advance(bytes);
    })?;
    progress.end(&format!("{} rows", claims.rows()));
    Ok(claims)
}

/// Proves from the rows as written that every cent is in exactly one place,
///
/// fund + interest = deductions + payouts + held + residual,
///
/// and every claim row in exactly one file.
pub(crate) fn prove(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    tally: &RowTally,
) -> Result<(), Bug> {
    let account = &plan.account;
    let bug = |message: String| Err(Bug::new(message));
    let others = [tally.paid_total, tally.held_total, distribution.residual];
    let out = account.deducted();
    let out = out.and_then(|out| others.into_iter().try_fold(out, Money::plus));
    if out.is_none() || account.gross() != out {
        return bug(format!(
            "fund and interest are {:?} minor units, but deductions, written payouts, holds and residual are {out:?}",
            account.gross()
        ));
    }
    let of_pools = |amount: fn(&pools::PoolOutcome) -> Money| -> Option<Money> {
        distribution.pools.iter().map(amount).sum()
    };
    if of_pools(|pool| pool.paid) != Some(tally.paid_total)
        || of_pools(|pool| pool.held) != Some(tally.held_total)
    {
        return bug("the written payouts differ from those of the pools".to_owned());
    }
    let payouts = (tally.paid, Some(tally.paid_total));
    if plan.payment_method.is_some() && together(tally.methods.values()) != payouts {
        return bug("the payouts by method do not add up to all payouts".to_owned());
    }
    if plan.tax.is_some() && together(tally.flags.values()) != payouts {
        return bug("the payouts by tax flag do not add up to all payouts".to_owned());
    }
    if tally.claim_rows != claims.rows() {
        return bug(format!(
            "{} rows were read, but {} were written",
            claims.rows(),
            tally.claim_rows
        ));
    }
    Ok(())
}

/// The number of payouts in all parts, and their sum.
fn together<'a>(parts: impl Iterator<Item = &'a (u64, Money)>) -> (u64, Option<Money>) {
    parts.fold((0, Some(Money::ZERO)), |(rows, sum), (more, total)| {
        (rows + more, sum.and_then(|sum| sum.plus(*total)))
    })
}

/// Serializes a document as indented JSON with a final newline.
pub(crate) fn json(document: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
