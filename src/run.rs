//! Computes a run: reads the claims, allocates the fund, hands everything to a sink and
//! proves that it ties out.

pub(crate) mod account;
pub(crate) mod control_totals_check;
pub(crate) mod file_names;
mod flags;
pub(crate) mod folder;
pub mod hashing_writer;
mod histogram;
mod lots;
pub(crate) mod manifest;
pub(crate) mod messages;
pub(crate) mod payment_sizes;
pub(crate) mod payment_statistics;
pub(crate) mod portions;
mod progress;
mod proof;
pub(crate) mod report;
pub(crate) mod row_tally;
pub mod rows;
pub mod sample;
pub(crate) mod sink;
pub(crate) mod statements;
pub mod summary;
pub(crate) mod summary_text;
pub(crate) mod tax;
pub mod workbook;

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::allocate::pools::{self, Distribution};
use crate::allocate::{Claims, read_claims_and_lots};
use crate::base::diagnostics::{Problem, count, literal, quotable};
use crate::base::digest::sha256;
use crate::base::parallel;
use crate::base::styled_text::StyledText;
use crate::claims::control_totals::{ControlTotals, EXPECT};
use crate::claims::input::Input;
use crate::claims::trades::lot_lines::LotReceiver;
use crate::claims::{ClaimsFile, ReadOptions};
use crate::plan::Plan;
use crate::run::file_names::{
    ARCHIVE, FLAGS, HELD, PAYOUTS, PLAN_COPY, REPORT, STATEMENT_PAGE, STATEMENTS_LISTED, SUMMARY,
    SUMMARY_TEXT, TABLES, UNPAID, WORKBOOK,
};
use crate::run::folder::StagingFolder;
use crate::run::hashing_writer::WrittenFile;
use crate::run::lots::LotFiles;
use crate::run::manifest::{Manifest, ManifestOptions, ManifestProgram, SealedFolder};
pub use crate::run::progress::{NoProgress, Progress, Stage};
use crate::run::proof::prove;
use crate::run::row_tally::RowTally;
use crate::run::rows::RowFiles;
use crate::run::sink::{ArchiveKind, Document, DocumentKind, RunSink, StatementSink};
use crate::run::statements::archive::{write_archive, write_page};
use crate::run::statements::text::StatementTexts;
use crate::run::statements::{FolderStatements, StatementMaker, StatementStorage, index};
use crate::run::summary::Summary;
use crate::run::summary::trades::TradesOfRun;
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
    /// True to keep the cells of the claims for a later use.
    pub keep_cells: bool,
    /// True to check the cells of excluded and denied rows, too.
    pub check_all: bool,
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
            keep_cells: false,
            check_all: false,
        }
    }

    /// The job that computes a run again, with every artefact in its manifest.
    pub(crate) fn again(
        plan: &'a Plan,
        inputs: &'a [Input],
        run: &'a Path,
        manifest: &Manifest,
    ) -> Self {
        let lists = |name| manifest.output(name).is_some();
        let forms = [
            (STATEMENTS_LISTED, StatementStorage::Folder),
            (ARCHIVE, StatementStorage::Archive),
            (STATEMENT_PAGE, StatementStorage::Page),
        ];
        let form = forms.into_iter().find(|(name, _)| lists(name));
        Self {
            statements: form.map(|(_, form)| form),
            workbook: lists(WORKBOOK),
            ..Self::new(plan, inputs, run)
        }
    }
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
    Err(messages::too_many_methods(name, found, METHODS).into())
}

/// Warns that a file may be truncated within its last cell, which no rule would detect.
pub(crate) fn cut_warning(file: &ClaimsFile) -> Option<String> {
    file.may_be_cut.then(|| {
        format!(
            "{} does not end with a newline and may be truncated; check its last row",
            quotable(&file.shown)
        )
    })
}

/// A run that went to a sink.
#[derive(Debug)]
pub(crate) struct ComputedRun {
    pub claims: Claims,
    pub distribution: Distribution,
    /// Counts and sums of the rows as written.
    pub tally: RowTally,
    pub report: RunReport,
    /// The SHA-256 of the manifest.
    pub seal: String,
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
    let run = compute_into(&staging, job, progress)?;
    staging.check()?;
    deliver(&run.report)?;
    staging.commit()?;
    Ok(run.seal)
}

/// Computes a run, proves it, and hands every artefact to a sink.
pub(crate) fn compute_into(
    sink: &impl RunSink,
    job: &ComputeJob<'_>,
    progress: &dyn Progress,
) -> Result<ComputedRun> {
    let plan = job.plan;
    let lots = LotFiles::open(sink, plan)?;
    let mut claims = read(job, lots.as_ref().map(|lots| lots as _), progress)?;
    let trades_files = take_inputs(sink, &mut claims)?;
    let lots = lots.map(LotFiles::finish).transpose()?.unwrap_or_default();
    progress.begin(Stage::Dividing, None);
    let distribution = pools::distribute(plan, &mut claims)?;
    progress.end(&count(
        claims.entitlements.len(),
        "kind of claim",
        "kinds of claim",
    ));
    let written = write_rows(sink, plan, &claims, &distribution, progress)?;
    let (mut files, tally) = (written.files, written.tally);
    let rows = count(claims.rows(), "row", "rows");
    progress.end(&format!("{rows} in {}", job.out.display()));
    if plan.has_flags() {
        let file = sink.rows(FLAGS, &rows::flag_columns())?;
        files.push(flags::write(plan, &claims, file)?);
    }
    files.extend(lots.files);
    refuse_methods(plan, &tally)?;
    prove(plan, &claims, &distribution, &tally)?;
    let trades = claims.trades.as_deref().map(|book| TradesOfRun {
        book,
        files: &trades_files,
        tally: &lots.tally,
    });
    let expect = (job.expect, sha256(&plan.source.text));
    let summary = summary::with_trades(
        plan,
        &claims,
        &distribution,
        &tally,
        expect,
        trades.as_ref(),
    )?;
    refuse_missed_totals(sink, job, &summary)?;
    let report = RunReport {
        text: summary_text::text(job.plan, &summary),
        json: json(&summary)?,
        warnings: summary.warnings.clone(),
        of_files: claims.files.iter().filter_map(cut_warning).collect(),
    };
    files.extend(write_documents(sink, job, &summary, &report)?);
    let paid = (&claims, &distribution, &tally);
    files.extend(write_statements(sink, job, paid, &report, progress)?);
    if job.workbook {
        files.push(make_workbook(sink, plan, &summary, progress)?);
    }
    let manifest = sink.manifest(manifest(job, &claims, trades_files, files))?;
    Ok(ComputedRun {
        claims,
        distribution,
        tally,
        report,
        seal: manifest.sha256,
    })
}

/// Reports control totals that the run does not match.
fn refuse_missed_totals(
    sink: &impl RunSink,
    job: &ComputeJob<'_>,
    summary: &Summary,
) -> Result<()> {
    let totals = summary.control_totals.as_deref().unwrap_or_default();
    let expect_name = job.expect.map_or(EXPECT, |expect| &expect.source.name);
    match control_totals_check::missed(totals, expect_name) {
        Some(message) => {
            sink.control_totals_missed(messages::control_totals_missed(&message).into())
        }
        None => Ok(()),
    }
}

/// The list of what was read and written.
fn manifest(
    job: &ComputeJob<'_>,
    claims: &Claims,
    trades_files: Vec<ClaimsFile>,
    outputs: Vec<WrittenFile>,
) -> Manifest {
    let options = ManifestOptions {
        plan: job.plan.source.name.clone(),
        sheet: job.inputs.iter().find_map(Input::sheet).map(str::to_owned),
    };
    let of_claims = claims.files.iter().cloned();
    Manifest {
        program: ManifestProgram::this(),
        inputs: of_claims.chain(trades_files).collect(),
        after: job.plan.prior.as_ref().map(|ledger| SealedFolder {
            name: ledger.name.clone(),
            seal: ledger.seal.clone(),
        }),
        options,
        outputs,
    }
}

/// Hands over the files as read, claims first. Returns those of trades.
fn take_inputs(sink: &impl RunSink, claims: &mut Claims) -> Result<Vec<ClaimsFile>> {
    let of_trades = claims.trades.iter().flat_map(|book| book.files());
    let mut files = claims.files.clone();
    let count = files.len();
    files.extend(of_trades.cloned());
    sink.inputs(&mut files)?;
    let of_trades = files.split_off(count);
    claims.files = files;
    Ok(of_trades)
}

/// Begins the stage that hands over the rows, and hands them over.
pub(crate) fn write_rows(
    sink: &impl RunSink,
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    progress: &dyn Progress,
) -> Result<RowFiles> {
    progress.begin(sink.stage(Stage::Writing), Some(claims.rows()));
    let [paid, held, unpaid] = rows::columns(plan);
    let files = [
        sink.rows(PAYOUTS, &paid)?,
        sink.rows(HELD, &held)?,
        sink.rows(UNPAID, &unpaid)?,
    ];
    let advance = |rows| progress.advance(rows);
    rows::write(plan, claims, distribution, files, &advance)
}

/// Hands over the summaries, the report, the plan and the control totals.
fn write_documents(
    sink: &impl RunSink,
    job: &ComputeJob<'_>,
    summary: &Summary,
    report: &RunReport,
) -> Result<Vec<WrittenFile>> {
    let html = report::html(job.plan, summary);
    let expect = job.expect.map(|expect| expect.source.text.as_str());
    let documents = [
        (SUMMARY_TEXT, DocumentKind::Page, Some(report.text.text())),
        (SUMMARY, DocumentKind::Json, Some(&*report.json)),
        (REPORT, DocumentKind::Page, Some(&html)),
        (PLAN_COPY, DocumentKind::Copy, Some(&job.plan.source.text)),
        (EXPECT, DocumentKind::Copy, expect),
    ];
    let there = documents.into_iter().filter_map(|(name, kind, text)| {
        let text = text?;
        Some(Document { name, kind, text })
    });
    let corrections = job.inputs.iter().find_map(Input::corrections);
    let corrections = corrections.into_iter().flat_map(|all| &all.files);
    let files = job.plan.files();
    let files: Vec<(String, &str)> = files
        .map(|file| (format!("{TABLES}/{}", file.name), &*file.text))
        .chain(corrections.map(|file| (file.name.clone(), &*file.text)))
        .collect();
    let copies = files.iter().map(|(name, text)| Document {
        name,
        kind: DocumentKind::Copy,
        text,
    });
    sink.documents(&there.chain(copies).collect::<Vec<_>>())
}

/// Hands over the statements, if the run has any.
fn write_statements(
    sink: &impl RunSink,
    job: &ComputeJob<'_>,
    (claims, distribution, tally): (&Claims, &Distribution, &RowTally),
    report: &RunReport,
    progress: &dyn Progress,
) -> Result<Option<WrittenFile>> {
    let Some(form) = job.statements else {
        return Ok(None);
    };
    let words = &StatementTexts::new(
        job.plan,
        claims.trades.as_deref(),
        &report.json,
        form != StatementStorage::Page,
    )?;
    let maker = StatementMaker {
        words,
        claims,
        distribution,
    };
    let stage = sink.stage(Stage::Statements);
    progress.begin(stage, Some(claims.rows()));
    let advance = |rows| progress.advance(rows);
    let written = match form {
        StatementStorage::Folder => {
            let folder = sink.statements()?;
            let part =
                |name: &str, statements: &mut FolderStatements<'_>| folder.part(name, statements);
            maker.each_folder(tally, &advance, part, |part| folder.add(part))?;
            folder.finish(&index::header(maker.words.plan))?
        }
        StatementStorage::Archive => sink.archive(ARCHIVE, ArchiveKind::Zip, |file| {
            write_archive(maker, tally, &advance, file)
        })?,
        StatementStorage::Page => sink.archive(STATEMENT_PAGE, ArchiveKind::Page, |file| {
            write_page(maker, tally, &advance, file)
        })?,
    };
    progress.end(&count(tally.paid, "statement", "statements"));
    Ok(Some(written))
}

fn make_workbook(
    sink: &impl RunSink,
    plan: &Plan,
    summary: &Summary,
    progress: &dyn Progress,
) -> Result<WrittenFile> {
    let maker = workbook::WorkbookInput {
        plan,
        summary,
        folder: sink.folder(),
        rows_of_a_sheet: ROWS_OF_A_SHEET,
    };
    let rows = summary.payouts.count + summary.held.count + summary.claims.unpaid_rows;
    progress.begin(sink.stage(Stage::Workbook), Some(rows));
    let written = sink.archive(WORKBOOK, ArchiveKind::Workbook, |file| {
        write_workbook(maker, &|rows| progress.advance(rows), file)
    })?;
    progress.end(&count(rows, "row", "rows"));
    Ok(written)
}

fn read(
    job: &ComputeJob<'_>,
    lots: Option<&dyn LotReceiver>,
    progress: &dyn Progress,
) -> Result<Claims> {
    progress.begin(Stage::Reading, job.inputs.iter().map(Input::size).sum());
    let options = ReadOptions {
        expect: job.expect,
        errors: job.errors,
        threads: job.threads,
        check_all: job.check_all,
        keep_cells: job.keep_cells || job.statements.is_some(),
        ..ReadOptions::default()
    };
    let advance = |bytes| progress.advance(bytes);
    let claims = read_claims_and_lots(job.inputs, job.plan, &options, lots, &advance)?;
    progress.end(&count(claims.rows(), "row", "rows"));
    Ok(claims)
}

/// Serializes a document as indented JSON with a final newline.
pub(crate) fn json(document: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
