//! Verifies the exports of a run: each is correct, and together they pay every claimant
//! once.
//!
//! Each export is regenerated from the run and from its own folder (the layout, and the
//! choices in the manifest) and compared byte by byte. Then the lists of all exports
//! are compared with the payouts, claimant by claimant, to find duplicate and missing
//! payments, wrong amounts and wrong claimants.

mod lists;
mod paid_once;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::exports::{self, ExportPaid, Exports, ExportsPaid, RecomputedForExports};
use crate::audit::check::lines;
use crate::base::diagnostics::{PROBLEM_STATUS, exit_status, first_line, quotable};
use crate::base::digest::sha256;
use crate::base::regular_file::{names_in, read_file, what_instead};
use crate::claims::problem_list::ProblemList;
use crate::export::context::ExportFile;
use crate::export::layout::{Layout, shipped};
use crate::export::manifest::{self, ExportManifest, ExportOutput};
use crate::export::overlay::{OverlayFile, OverlayKind, OverlaySource};
use crate::export::paid_before::PaidBefore;
use crate::export::payments::{self, DuePayout, MemberPayout};
use crate::export::prior_exports::PriorFile;
use crate::export::reissue::{FindBasis, ReissueBasis};
use crate::export::selection::Selection;
use crate::export::{ALREADY_PAID, BASE, LAYOUT, PAYMENTS, messages, payee_warnings, refuse_draft};
use crate::plan::{Plan, PlanSource};
use crate::run::file_names::MANIFEST;

/// An export to be checked.
#[derive(Debug)]
pub(crate) struct OpenExport {
    folder: PathBuf,
    shown: String,
    export: ExportManifest,
    layout: Layout,
    /// Files whose cells take the place of those of the claims.
    overlays: Vec<OverlayFile>,
    seal: String,
    /// The reconciliation in which the payouts that it pays again are void, if it was
    /// found.
    basis: Option<Box<dyn ReissueBasis>>,
}

/// The facts of a file, with the folder of its export.
type FactsInFolder<'a> = (&'a Path, PriorFile);

/// The exports of a run, by their folders.
#[derive(Debug)]
pub struct ExportFolders<'a> {
    folders: &'a [PathBuf],
    /// Finds the reconciliations after which exports pay again.
    find: Option<&'a dyn FindBasis>,
    /// False if payouts may be in no export.
    complete: bool,
}

impl<'a> ExportFolders<'a> {
    /// All exports of a run, which pay every payout once.
    pub fn new(folders: &'a [PathBuf]) -> Self {
        Self {
            folders,
            find: None,
            complete: true,
        }
    }

    /// The same, of which some pay again what a reconciliation has found void.
    pub(crate) fn with_reissues(folders: &'a [PathBuf], find: &'a dyn FindBasis) -> Self {
        Self {
            find: Some(find),
            ..Self::new(folders)
        }
    }

    /// Some exports of a run.
    pub(crate) fn some(folders: &'a [PathBuf]) -> Self {
        Self {
            complete: false,
            ..Self::new(folders)
        }
    }
}

impl Exports for ExportFolders<'_> {
    fn open(
        &self,
        seal: &str,
        plan: &mut Plan,
        findings: &CheckFindings,
    ) -> Result<Box<dyn exports::OpenExports>> {
        let mut opened = open(self.folders, seal, plan, findings)?;
        for export in &mut opened {
            let reissue = export.export.reissue.as_ref();
            let find = reissue.zip(self.find);
            let Some((reissue, find)) = find else {
                continue;
            };
            let named = &reissue.reconciliation;
            export.basis = find.find(named, seal, &export.folder);
            if export.basis.is_none() {
                let path = format!("{}/{MANIFEST}", export.shown);
                let expected = format!("{}, found by its seal", quotable(&named.name));
                let found = "no such reconciliation: name it with `--after`";
                findings.note(&path, "reconciliation", &expected, found)?;
            }
        }
        Ok(Box::new(OpenExportFolders {
            opened,
            complete: self.complete,
        }))
    }
}

#[derive(Debug)]
struct OpenExportFolders {
    opened: Vec<OpenExport>,
    complete: bool,
}

impl exports::OpenExports for OpenExportFolders {
    fn compare(
        &self,
        recomputed: RecomputedForExports<'_>,
        findings: &CheckFindings,
    ) -> Result<Option<ExportsPaid>> {
        compare(&self.opened, self.complete, recomputed, findings)
    }

    fn compare_lists(
        &self,
        run: &Path,
        plan: &Plan,
        findings: &CheckFindings,
    ) -> Result<Option<ExportsPaid>> {
        lists::compare(&self.opened, run, plan, findings)
    }
}

/// Opens exports and extends the plan by the columns that their layouts read. A
/// defective export is reported and left out.
fn open(
    folders: &[PathBuf],
    seal: &str,
    plan: &mut Plan,
    findings: &CheckFindings,
) -> Result<Vec<OpenExport>> {
    let mut opened = Vec::new();
    for folder in folders {
        let shown = folder.display().to_string();
        let path = |name: &str| format!("{shown}/{name}");
        let (export, export_seal) = manifest::read(folder)?;
        if export.run.seal != seal {
            let what = "seal of the run";
            findings.note(&path(MANIFEST), what, seal, &export.run.seal)?;
            continue;
        }
        if let Err(refusal) = refuse_draft(plan) {
            let expected = "no export of a draft";
            findings.note(&path(MANIFEST), "", expected, &refusal.text)?;
        }
        let source = |name: &str| {
            let text = read_file(&folder.join(name)).ok();
            Some(PlanSource {
                folder: PathBuf::new(),
                // A layout without a name is named after its file.
                name: format!("{}.toml", export.layout.name),
                shown: path(name),
                text: String::from_utf8(text?).ok()?,
            })
        };
        let Some(text) = source(LAYOUT) else {
            findings.missing(&path(LAYOUT))?;
            continue;
        };
        match Layout::load(&text, &|_| source(BASE), &export.choices, plan) {
            Ok(layout) => match overlays(folder, &export, &layout, plan) {
                Ok(overlays) => opened.push(OpenExport {
                    folder: folder.clone(),
                    shown,
                    export,
                    layout,
                    overlays,
                    seal: export_seal,
                    basis: None,
                }),
                Err(error) => {
                    let file = export.payees.as_ref().map_or("", |payees| &payees.file);
                    let expected = "the file of the payees";
                    findings.note(&path(file), "", expected, &first_line(&error))?;
                }
            },
            Err(error) => {
                let found = first_line(&error);
                let expected = "a valid layout";
                findings.note(&path(LAYOUT), "", expected, &found)?;
            }
        }
    }
    Ok(opened)
}

/// Reads the files of the payees and of those who are paid again, if the export has them.
fn overlays(
    folder: &Path,
    export: &ExportManifest,
    layout: &Layout,
    plan: &mut Plan,
) -> Result<Vec<OverlayFile>> {
    let payees = export.payees.iter().map(|file| (file, OverlayKind::Payees));
    let reissue = export.reissue.iter();
    let reissue = reissue.map(|reissue| (&reissue.file, OverlayKind::Reissue));
    let mut overlays = Vec::new();
    for (file, kind) in payees.chain(reissue) {
        let source = OverlaySource::kept(folder, &file.file, &file.name, kind);
        let source =
            source.ok_or_else(|| messages::export_changed(folder.join(MANIFEST).display()))?;
        overlays.push(OverlayFile::read(source, layout, plan, None)?);
    }
    Ok(overlays)
}

/// Compares exports with their regenerated content, and all of them with the payouts.
fn compare(
    opened: &[OpenExport],
    complete: bool,
    recomputed: RecomputedForExports<'_>,
    findings: &CheckFindings,
) -> Result<Option<ExportsPaid>> {
    if opened.is_empty() {
        return Ok(None);
    }
    let payouts = match payments::all(recomputed) {
        Ok(payouts) => payouts,
        // Differences in payouts.csv were reported before.
        Err(error) if exit_status(&error) == PROBLEM_STATUS => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    let mut warnings = Vec::new();
    for opened in opened {
        let said = opened.compare(recomputed, &payouts, &mut files, findings)?;
        let said = said
            .into_iter()
            .map(|said| format!("{}: {said}", opened.shown));
        warnings.extend(said);
    }
    let RecomputedForExports { plan, claims, .. } = recomputed;
    let due = payouts.into_iter().map(|(payment, _)| {
        let cells = claims.claim_list.kept_cells(payment.row)?;
        Ok(DuePayout {
            id: cells.text(plan.claims.id).to_owned(),
            payout: payment.payout,
            portions: payment.portions,
        })
    });
    let due = due.collect::<Result<Vec<_>>>()?;
    if !complete {
        return Ok(None);
    }
    let paid = exports_paid(opened, plan, &due, findings)?;
    Ok(Some(ExportsPaid { warnings, ..paid }))
}

/// The payments of exports, compared with the payouts that are due.
fn exports_paid(
    opened: &[OpenExport],
    plan: &Plan,
    due: &[DuePayout],
    findings: &CheckFindings,
) -> Result<ExportsPaid> {
    let of_export = |opened: &OpenExport| ExportPaid {
        folder: opened.shown.clone(),
        layout: opened.layout.name.clone(),
        shipped: shipped(&opened.layout.name) == Some(&*opened.layout.source.text),
        layout_sha256: sha256(&opened.layout.source.text),
        payments: opened.export.payments.clone(),
    };
    let paying: Vec<&OpenExport> = opened
        .iter()
        .filter(|opened| opened.layout.pays.has_payments())
        .collect();
    let mut only_listed = 0;
    let paid_once = if paying.is_empty() {
        None
    } else {
        let (once, listed) = paid_once::each_once(&paying, plan, due, findings)?;
        only_listed = listed;
        Some(once)
    };
    Ok(ExportsPaid {
        exports: opened.iter().map(of_export).collect(),
        payouts: u64::try_from(due.len())?,
        paid_once,
        only_listed,
        warnings: Vec::new(),
    })
}

impl OpenExport {
    /// Regenerates the export from all payouts of the run and compares it.
    fn compare<'a>(
        &'a self,
        recomputed: RecomputedForExports<'_>,
        payouts: &[MemberPayout],
        files: &mut Vec<FactsInFolder<'a>>,
        findings: &CheckFindings,
    ) -> Result<Vec<String>> {
        let mut problems = ProblemList::new(None)?;
        let layout = &self.layout;
        let mut overlays = Vec::new();
        for overlay in &self.overlays {
            overlays.push(overlay.bind(recomputed, payouts, &mut problems)?);
        }
        let paid_before = match &self.export.rest {
            Some(rest) => {
                let list = read_file(&self.folder.join(ALREADY_PAID)).unwrap_or_default();
                let read = PaidBefore::read(&list, &rest.after, recomputed, payouts);
                Some(read?)
            }
            None => None,
        };
        let selection = Selection {
            run: recomputed,
            layout,
            overlays: &overlays,
            paid_before: paid_before.as_ref(),
        };
        let selected = match selection.select(payouts, &mut problems) {
            Ok(selected) => selected,
            Err(error) if exit_status(&error) == PROBLEM_STATUS => {
                findings.note(&self.shown, "", "", &first_line(&error))?;
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let mut context = selection.context(&selected);
        let reissue = self.export.reissue.as_ref();
        context.reconciliation = reissue.map(|reissue| reissue.reconciliation.clone());
        let context = context;
        self.compare_layout(findings)?;
        let mut others = names_in(&self.folder)?;
        let mut outputs = Vec::new();
        let made = context.each_file(&mut problems, &mut |made| {
            others.remove(&made.name);
            self.compare_file(&made, findings)?;
            self.only_file(&made, files, findings)?;
            let currency = recomputed.plan.settlement.currency;
            outputs.push(ExportOutput::new(&made, sha256(&made.bytes), currency)?);
            Ok(())
        });
        if let Err(error) = made.and_then(|()| problems.finish()) {
            if exit_status(&error) != PROBLEM_STATUS {
                return Err(error);
            }
            let expected = "";
            findings.note(&self.shown, "", expected, &first_line(&error))?;
            return Ok(Vec::new());
        }
        let mut expected = ExportManifest::new(&context, &self.export.choices, outputs)?;
        expected
            .program
            .version
            .clone_from(&self.export.program.version);
        others.remove(MANIFEST);
        let manifest = ExportFile::new(MANIFEST, expected.text()?);
        self.compare_file(&manifest, findings)?;
        for left in layout.file.form.left_by_readers(layout) {
            others.remove(&left);
        }
        self.no_other_files(others, findings)?;
        payee_warnings::of(&context, &mut ProblemList::new(None)?)
    }

    fn no_other_files(&self, others: BTreeSet<String>, findings: &CheckFindings) -> Result<()> {
        for name in others {
            let path = format!("{}/{name}", self.shown);
            findings.note(&path, "", "no such file", "a file")?;
        }
        Ok(())
    }

    /// The files from which everything is regenerated must match the manifest.
    fn compare_layout(&self, findings: &CheckFindings) -> Result<()> {
        let text = |source: &PlanSource| Some(sha256(&source.text));
        let sources = [
            (LAYOUT, text(&self.layout.source)),
            (BASE, self.layout.base.as_ref().and_then(text)),
        ];
        let of_rest = self.export.rest.as_ref().map(|_| ALREADY_PAID);
        let payees = self.export.payees.as_ref().map(|file| file.file.as_str());
        let reissue = self.export.reissue.as_ref();
        let reissue = reissue.map(|reissue| reissue.file.file.as_str());
        let others = payees.into_iter().chain(reissue).chain(of_rest);
        let others = others.map(|name| {
            let bytes = read_file(&self.folder.join(name)).ok();
            (name, bytes.map(sha256))
        });
        for (name, found) in sources.into_iter().chain(others) {
            let listed = self.export.outputs.iter().find(|file| file.name == name);
            let listed = listed.map_or("", |file| &file.sha256);
            let found = found.unwrap_or_default();
            if found != listed {
                let path = format!("{}/{name}", self.shown);
                findings.note(&path, "SHA-256", listed, &found)?;
            }
        }
        Ok(())
    }

    /// Compares a file with its regenerated content. Reports each changed line, or only
    /// the first one if lines were moved.
    fn compare_file(&self, made: &ExportFile, findings: &CheckFindings) -> Result<()> {
        let path = format!("{}/{}", self.shown, made.name);
        let there = self.folder.join(&made.name);
        let instead = fs::symlink_metadata(&there).ok();
        if let Some(what) = instead.as_ref().and_then(what_instead) {
            return findings.note(&path, "", "a file", what);
        }
        let Ok(found) = read_file(&there) else {
            return findings.missing(&path);
        };
        findings.add_all(lines::differences(&path, &made.bytes, &found))
    }

    /// Reports a file with a value, such as its identity, that a file of another export
    /// has.
    fn only_file<'a>(
        &'a self,
        made: &ExportFile,
        files: &mut Vec<FactsInFolder<'a>>,
        findings: &CheckFindings,
    ) -> Result<()> {
        let shown = format!("{}/{}", self.shown, made.name);
        let Some(file) = PriorFile::read(shown, &made.bytes) else {
            return Ok(());
        };
        // Duplicate payments of an export specified twice are reported by claimant.
        let others = files.iter().filter(|(folder, _)| *folder != self.folder);
        for clash in file.clashes(others.map(|(_, other)| other)) {
            findings.note(&file.shown, clash.what, clash.expected, &clash.found)?;
        }
        files.push((&self.folder, file));
        Ok(())
    }

    /// The payments in its list. A missing or unreadable list was reported when it was
    /// compared.
    fn listed(&self) -> Vec<manifest::ListedPayment> {
        let bytes = read_file(&self.folder.join(PAYMENTS)).ok();
        bytes
            .and_then(|bytes| manifest::listed(&bytes))
            .unwrap_or_default()
    }
}
