//! Payment files: converts the payouts of a run and columns of its claims file to the
//! formats of banks, mail houses and payment services.
//!
//! 1. The run is recomputed and compared with its files: a run that does not follow
//!    from its plan and claims is not paid.
//! 2. [`selection`] selects the payouts to which a [`layout`] applies. An [`overlay`] has
//!    cells that take the place of those of the claims.
//! 3. [`files`] makes the files from a [`context`], in one of the [`formats`]; each payout
//!    is read back from the written text.
//! 4. [`manifest`] records the run's seal, the choices, counts, totals and digests.
//!
//! An export is outside of the run, which is sealed. It can be regenerated from the
//! content of its folder ([`crate::export::verify`]).

pub(crate) mod banking_day;
pub(crate) mod context;
pub(crate) mod damaged_cells;
mod field_text;
mod files;
pub(crate) mod formats;
pub(crate) mod layout;
pub(crate) mod manifest;
pub(crate) mod messages;
mod nearly_paid;
pub(crate) mod overlay;
pub(crate) mod paid_before;
pub(crate) mod payee_warnings;
pub(crate) mod payments;
pub(crate) mod prior_exports;
pub(crate) mod recipient;
pub(crate) mod reissue;
pub(crate) mod report_text;
pub(crate) mod routing_number;
mod selection;
pub(crate) mod verify;
mod void_payouts;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::allocate::pools::{self, Distribution};
use crate::allocate::{Claims, read_claims};
use crate::audit::check::differences::CheckFindings;
use crate::audit::check::exports::RecomputedForExports;
use crate::audit::check::files as run_files;
use crate::audit::check::sink::ComparingSink;
use crate::audit::saved_run::{self, NamedFiles, SavedRun};
use crate::base::diagnostics::{Message, count, literal, quotable};
use crate::claims::input::Input;
use crate::claims::problem_list::ProblemList;
use crate::claims::{ClaimsFile, ReadOptions};
use crate::export::layout::{Layout, LayoutChoices};
use crate::export::manifest::{ExportManifest, ExportOutput};
use crate::export::overlay::{Overlay, OverlayFile, OverlayKind, OverlaySource};
use crate::export::prior_exports::PriorExport;
use crate::export::reissue::Reissue;
use crate::export::selection::Selection;
use crate::plan::{Plan, PlanSource};
use crate::run::file_names::MANIFEST;
use crate::run::folder::StagingFolder;
use crate::run::manifest::Manifest;
use crate::run::row_tally::RowTally;
use crate::run::{Progress, Stage, write_rows};

/// The files of every export besides its payment files.
pub(crate) const LAYOUT: &str = "layout.toml";
/// The base of a custom layout.
pub(crate) const BASE: &str = "base.toml";
/// The list of payments.
pub(crate) const PAYMENTS: &str = "payments.csv";
/// The copy of the file of `--payees`, by its form.
pub(crate) const PAYEES: [&str; 4] = [
    "payees.csv",
    "payees.csv.gz",
    "payees.csv.zst",
    "payees.xlsx",
];
/// The copy of the file of `--reissue`, by its form.
pub(crate) const REISSUE: [&str; 4] = [
    "reissue.csv",
    "reissue.csv.gz",
    "reissue.csv.zst",
    "reissue.xlsx",
];
/// With `--rest`, the list of those who are left out.
pub(crate) const ALREADY_PAID: &str = "already-paid.csv";

/// The source, the options and the destination of an export.
#[derive(Debug, Clone, Copy)]
pub struct ExportJob<'a> {
    pub run: &'a Path,
    /// The claims files; if empty, those of the manifest are looked up.
    pub named: NamedFiles<'a>,
    pub layout: &'a PlanSource,
    /// The choices for the layout.
    pub choices: &'a LayoutChoices,
    /// A file with cells that take the place of those of the claims.
    pub payees: Option<&'a Path>,
    /// Those who are paid again.
    pub reissue: Option<Reissue<'a>>,
    /// Earlier exports.
    pub after: &'a [PathBuf],
    /// True to leave out whom they have paid.
    pub rest: bool,
    pub out: &'a Path,
    /// The CSV file in which to list every problem.
    pub errors: Option<&'a Path>,
    /// The CSV file in which to list every payee whom a warning concerns.
    pub warnings: Option<&'a Path>,
}

/// Finds a built-in layout.
pub fn find_shipped(name: &str) -> Option<PlanSource> {
    let text = layout::shipped(name)?;
    Some(PlanSource {
        folder: PathBuf::new(),
        name: format!("{name}.toml"),
        shown: format!("the built-in layout {name}"),
        text: text.to_owned(),
    })
}

/// An export that was written.
#[derive(Debug)]
pub struct Exported {
    /// The SHA-256 of its manifest.
    pub seal: String,
    /// Matters of the payments and the file of `--payees` that are not errors.
    pub warnings: Vec<String>,
}

/// Writes an export, all or nothing.
pub fn export(
    job: &ExportJob<'_>,
    progress: &dyn Progress,
    deliver: &dyn Fn(&ExportManifest) -> Result<()>,
) -> Result<Exported> {
    let SavedRun {
        manifest, mut plan, ..
    } = run_files::open(job.run, progress)?;
    // Payouts that are paid again were computed again when they were paid first.
    if job.reissue.is_none() {
        refuse_version(&manifest)?;
    }
    refuse_draft(&plan)?;
    let layout = Layout::load(job.layout, &find_shipped, job.choices, &mut plan)?;
    saved_run::refuse_inside(job.out)?;
    let staging = StagingFolder::never_replacing(job.out)?;
    let earlier = prior_exports::read(job.after, &layout)?;
    let choices = prior_exports::go_on(&layout, job.choices, &earlier)?;
    let layout = Layout::load(job.layout, &find_shipped, &choices, &mut plan)?;
    let mut overlays = Vec::new();
    let payees = job.payees.map(|path| (path, OverlayKind::Payees));
    let reissue = job
        .reissue
        .map(|reissue| (reissue.file, OverlayKind::Reissue));
    for (path, kind) in payees.into_iter().chain(reissue) {
        let source = OverlaySource::new(path, kind);
        overlays.push(OverlayFile::read(source, &layout, &mut plan, job.errors)?);
    }
    saved_run::follow(&mut plan, job.run, &manifest, job.named.after)?;
    let inputs = saved_run::inputs(job.run, &manifest, &plan, job.named)?;
    let mut claims = read(job, &plan, &manifest, &inputs, progress)?;
    let seal = saved_run::seal(job.run)?;
    let distribution = pools::distribute(&plan, &mut claims)?;
    let tally = compare(job.run, &manifest, &plan, &claims, &distribution, progress)?;
    let run = RecomputedForExports {
        run: job.run,
        manifest: &manifest,
        seal: &seal,
        plan: &plan,
        claims: &claims,
        distribution: &distribution,
        tally: &tally,
    };
    let draft = ExportDraft {
        job,
        layout: &layout,
        choices: &choices,
        earlier: &earlier,
        overlays: &overlays,
        staging: &staging,
    };
    let mut list = ProblemList::new(job.warnings)?;
    let (export, seal, of_payments) = draft.write(run, &mut list)?;
    staging.check()?;
    deliver(&export)?;
    staging.commit()?;
    list.finish()?;
    let warnings = overlays.iter().flat_map(OverlayFile::warnings);
    let warnings = warnings.chain(of_payments).collect();
    Ok(Exported { seal, warnings })
}

/// An export whose sources are known.
struct ExportDraft<'a> {
    job: &'a ExportJob<'a>,
    layout: &'a Layout,
    choices: &'a LayoutChoices,
    earlier: &'a [PriorExport],
    overlays: &'a [OverlayFile],
    staging: &'a StagingFolder,
}

impl ExportDraft<'_> {
    /// Selects the payments and writes all files. Returns the manifest and its SHA-256,
    /// and warnings.
    fn write(
        &self,
        run: RecomputedForExports<'_>,
        list: &mut ProblemList,
    ) -> Result<(ExportManifest, String, Vec<String>)> {
        let (job, layout, earlier) = (self.job, self.layout, self.earlier);
        let mut problems = ProblemList::new(job.errors)?;
        if run.claims.files.len() > 1 {
            problems.several_files();
        }
        if let Some(path) = job.payees {
            problems.among(format!("the claims and {}", path.display()));
        }
        let payouts = payments::all(run)?;
        let mut overlays = Vec::new();
        for overlay in self.overlays {
            overlays.push(overlay.bind(run, &payouts, &mut problems)?);
        }
        let paid_before = if job.rest {
            let paid_before = prior_exports::paid_before(run, layout, &payouts, earlier);
            Some(paid_before?)
        } else {
            None
        };
        let selection = Selection {
            run,
            layout,
            overlays: &overlays,
            paid_before: paid_before.as_ref(),
        };
        let selected = selection.select(&payouts, &mut problems)?;
        prior_exports::refuse_other_amounts(run, &selected.paid_otherwise, earlier)?;
        let mut context = selection.context(&selected);
        context.reconciliation = job.reissue.map(|reissue| reissue.basis.named());
        let context = context;
        if let Some(reissue) = job.reissue {
            void_payouts::check(reissue.basis, &context, &mut problems)?;
        }
        if context.payments.is_empty() && problems.is_empty() && layout.pays.has_payments() {
            return Err(match selected.left_out.as_slice() {
                [] => messages::no_claimant_to_pay(&literal(&layout.name)).into(),
                _ => prior_exports::all_paid(layout, earlier).into(),
            });
        }
        context.check_numbers()?;
        let basis = job.reissue.map(|reissue| reissue.basis);
        prior_exports::refuse_overlap(&context, self.choices, earlier, basis)?;
        let mut outputs = Vec::new();
        context.each_file(&mut problems, &mut |made| {
            prior_exports::refuse_same_file(&made, earlier)?;
            let written = self.staging.write(&made.name, &made.bytes)?;
            let currency = run.plan.settlement.currency;
            outputs.push(ExportOutput::new(&made, written.sha256, currency)?);
            Ok(())
        })?;
        problems.finish()?;
        let export = ExportManifest::new(&context, self.choices, outputs)?;
        let text = export.text()?;
        let written = self.staging.write(MANIFEST, text.as_bytes())?;
        let mut warnings: Vec<String> = overlays.iter().filter_map(Overlay::warning).collect();
        warnings.extend(nearly_paid::warning(&context, earlier)?);
        warnings.extend(payee_warnings::of(&context, list)?);
        Ok((export, written.sha256, warnings))
    }
}

/// Payouts are recomputed before they are paid, by the version that made the run.
fn refuse_version(manifest: &Manifest) -> Result<(), Message> {
    let (made_by, version) = (&manifest.program.version, env!("CARGO_PKG_VERSION"));
    if made_by == version {
        return Ok(());
    }
    Err(messages::run_by_other_version(&quotable(made_by), version))
}

/// A draft must not be paid.
pub(crate) fn refuse_draft(plan: &Plan) -> Result<(), Message> {
    match &plan.settlement.draft {
        None => Ok(()),
        Some(why) => Err(messages::plan_is_draft(&quotable(why))),
    }
}

/// Reads the claims, which must be those of the run.
fn read(
    job: &ExportJob<'_>,
    plan: &Plan,
    manifest: &Manifest,
    inputs: &[Input],
    progress: &dyn Progress,
) -> Result<Claims> {
    progress.begin(Stage::Reading, inputs.iter().map(Input::size).sum());
    let options = ReadOptions {
        errors: job.errors,
        keep_cells: true,
        ..ReadOptions::default()
    };
    let claims = read_claims(inputs, plan, &options, &|bytes| progress.advance(bytes))?;
    progress.end(&count(claims.rows(), "row", "rows"));
    let of_trades = claims.trades.iter().flat_map(|book| book.files());
    let files: Vec<&ClaimsFile> = claims.files.iter().chain(of_trades).collect();
    for (file, listed) in files.iter().zip(&manifest.inputs) {
        if file.sha256 != listed.sha256 {
            return Err(messages::other_claims_file(&file.shown).into());
        }
    }
    if files.len() != manifest.inputs.len() {
        return Err(messages::other_claims_file("the input").into());
    }
    Ok(claims)
}

/// Checks that the rows of the run follow from its plan and claims.
fn compare(
    run: &Path,
    manifest: &Manifest,
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    progress: &dyn Progress,
) -> Result<RowTally> {
    let findings = CheckFindings::new(None)?;
    let currency = plan.settlement.currency;
    let sink = ComparingSink::new((run, manifest, &[]), false, currency, &findings);
    let compared = write_rows(&sink, plan, claims, distribution, progress)?;
    progress.end(&count(claims.rows(), "row", "rows"));
    let (differences, _) = findings.finish()?;
    if differences > 0 {
        return Err(messages::run_does_not_follow(run.display()).into());
    }
    Ok(compared.tally)
}
