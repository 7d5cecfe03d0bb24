//! Earlier exports: their claimants are not paid again, and new files continue the
//! numbers of theirs.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::audit::check::exports::RecomputedForExports;
use crate::base::diagnostics::{Message, count, literal, quotable};
use crate::base::money::{Money, group};
use crate::base::regular_file::folder_of;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{FileClash, FileFacts, Layout, LayoutChoices};
use crate::export::manifest::{self, ExportManifest, ExportOutput, ListedPayment};
use crate::export::paid_before::{EarlierPayment, NamedExport, PaidBefore};
use crate::export::payments::Payment;
use crate::export::reissue::ReissueBasis;
use crate::export::{formats, messages};
use crate::plan::Plan;
use crate::plan::column::fold;
use crate::run::portions::own;

/// The maximum number of claimants named in a message.
const NAMED: usize = 5;

/// The payments of an earlier export.
#[derive(Debug)]
pub(crate) struct PriorExport {
    shown: String,
    /// The name and the seal.
    named: NamedExport,
    manifest: ExportManifest,
    payments: HashMap<String, ListedPayment>,
    /// Claimants by check number.
    checks: HashMap<String, String>,
    files: Vec<PriorFile>,
}

impl PriorExport {
    /// Its folder, as the user gave it.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The claimants whom it pays.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.payments.keys().map(String::as_str)
    }

    pub(crate) fn is_of_run(&self, seal: &str) -> bool {
        self.manifest.run.seal == seal
    }

    /// True if it pays something of the same: the same portion, or that and all that
    /// claimants themselves are paid.
    pub(crate) fn pays_same(&self, plan: &Plan, layout: &Layout) -> bool {
        let ours = portion_of(plan, layout);
        let theirs = self.manifest.choices.portion.as_deref();
        let to_others = |name: &str| {
            let mut portions = plan.portions.iter();
            portions.any(|portion| portion.name == name && portion.to.is_some())
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (Some(name), None) | (None, Some(name)) => !to_others(name),
            (None, None) => true,
        }
    }
}

/// A file with values that no other file may have.
#[derive(Debug)]
pub(crate) struct PriorFile {
    pub shown: String,
    facts: Box<dyn FileFacts>,
}

impl PriorFile {
    /// `None` for a file without such values.
    pub(crate) fn read(shown: String, bytes: &[u8]) -> Option<Self> {
        formats::facts(bytes).map(|facts| Self { shown, facts })
    }

    /// The values that one of other files has, too.
    pub(crate) fn clashes<'a>(&self, others: impl Iterator<Item = &'a Self>) -> Vec<FileClash> {
        let others = others.map(|file| (&*file.shown, &*file.facts));
        self.facts.clashes(&self.shown, &others.collect::<Vec<_>>())
    }
}

/// Reads earlier exports. Their files are read only if new files continue their
/// numbers.
pub(crate) fn read(folders: &[PathBuf], layout: &Layout) -> Result<Vec<PriorExport>> {
    let with_files = layout.file.form.continues_numbers();
    let all = folders.iter().map(|folder| read_one(folder, with_files));
    all.collect()
}

fn read_one(folder: &Path, with_files: bool) -> Result<PriorExport> {
    let (manifest, seal) = manifest::read(folder)?;
    let listed = manifest::payments(folder, &manifest)?;
    let checks = listed.iter().filter(|_| manifest.layout.pays.is_check());
    let checks = checks.map(|listed| (listed.number.clone(), listed.id.clone()));
    let files = if with_files {
        files(folder, &manifest.outputs)?
    } else {
        Vec::new()
    };
    Ok(PriorExport {
        shown: folder.display().to_string(),
        named: NamedExport {
            name: name_of(folder),
            seal,
        },
        checks: checks.collect(),
        payments: listed
            .into_iter()
            .map(|listed| (listed.id.clone(), listed))
            .collect(),
        files,
        manifest,
    })
}

/// The name of a folder, without those that contain it.
fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().ok();
    let name = whole.as_deref().unwrap_or(folder).file_name();
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// The payment files that have facts.
fn files(folder: &Path, outputs: &[ExportOutput]) -> Result<Vec<PriorFile>> {
    let mut files = Vec::new();
    for file in outputs.iter().filter(|file| file.payments.is_some()) {
        let shown = folder.join(&file.name).display().to_string();
        files.extend(PriorFile::read(shown, &manifest::output(folder, file)?));
    }
    Ok(files)
}

/// Adds settings that continue the numbers of earlier files.
pub(crate) fn go_on(
    layout: &Layout,
    choices: &LayoutChoices,
    earlier: &[PriorExport],
) -> Result<LayoutChoices> {
    let files = earlier.iter().flat_map(|export| &export.files);
    let facts: Vec<&dyn FileFacts> = files.map(|file| &*file.facts).collect();
    let settings = layout.file.form.go_on(layout, &facts)?;
    let mut choices = choices.clone();
    let settings = settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    choices.settings.extend(settings);
    Ok(choices)
}

/// Refuses a file that shares a value with an earlier file.
pub(crate) fn refuse_same_file(made: &ExportFile, earlier: &[PriorExport]) -> Result<()> {
    let file = PriorFile::read(made.name.clone(), &made.bytes);
    let others = earlier.iter().flat_map(|export| &export.files);
    let clashes = file.map(|file| file.clashes(others)).unwrap_or_default();
    match clashes.into_iter().next() {
        None => Ok(()),
        Some(clash) => Err(clash.message.into()),
    }
}

/// Refuses to pay claimants whom an earlier export pays. A check with the same number
/// and date that one export prints and the other lists is one payment.
pub(crate) fn refuse_overlap(
    context: &ExportContext<'_>,
    choices: &LayoutChoices,
    earlier: &[PriorExport],
    basis: Option<&dyn ReissueBasis>,
) -> Result<()> {
    if !context.layout.pays.has_payments() {
        return Ok(());
    }
    // The payments of these exports are void in the reconciliation.
    let is_known =
        |export: &&PriorExport| basis.is_some_and(|basis| basis.has_export(&export.named.seal));
    let all = PaymentBatch {
        export: context,
        name: String::new(),
        number: 1,
        payments: context.payments,
        before: 0,
        total: Money::ZERO,
    };
    if let Some(basis) = basis.filter(|_| context.layout.pays.is_check()) {
        refuse_used_numbers(&all, basis)?;
    }
    let currency = context.run.plan.settlement.currency;
    for export in earlier.iter().filter(|export| !is_known(export)) {
        let layout = &export.manifest.layout;
        let is_same_run = export.is_of_run(context.run.seal);
        let is_other_list = layout.pays.is_other_list(context.layout.pays)
            && export.manifest.choices.date == choices.date
            && is_same_run;
        let mut twice = Vec::new();
        for payee in all.payees() {
            let payee = payee?;
            let number = payee.payment_number()?;
            let listed = export.payments.get(payee.id);
            let is_same = export.pays_same(context.run.plan, context.layout);
            if let Some(listed) = listed.filter(|_| is_same) {
                let payout = currency.text(payee.payout);
                if !is_other_list || listed.number != number || listed.payout != payout {
                    twice.push(payee.id);
                }
            } else if context.layout.pays.is_check()
                && let Some(other) = export.checks.get(&number)
            {
                let id = of_portion(payee.id, portion_of(context.run.plan, context.layout));
                let other = of_portion(other, export.manifest.choices.portion.as_deref());
                let used = messages::check_number_used(&number, &id, &other, &export.shown);
                return Err(used.into());
            }
        }
        if !twice.is_empty() {
            return Err(again(&twice, &export.shown, is_same_run).into());
        }
    }
    Ok(())
}

/// Refuses numbers of checks that a reconciliation knows.
fn refuse_used_numbers(all: &PaymentBatch<'_>, basis: &dyn ReissueBasis) -> Result<()> {
    for payee in all.payees() {
        let number = payee?.payment_number()?;
        if let Some((id, export)) = basis.check_with_number(&number) {
            let message = messages::reissue_number_used(&number, &literal(&id), &export);
            return Err(message.into());
        }
    }
    Ok(())
}

/// The portion that a layout pays, if it pays one.
fn portion_of<'p>(plan: &'p Plan, layout: &Layout) -> Option<&'p str> {
    let portion = layout.portion.and_then(|number| plan.portions.get(number));
    portion.map(|portion| portion.name.as_str())
}

/// A claimant whom an export pays, with the portion if it pays one.
fn of_portion(id: &str, portion: Option<&str>) -> String {
    let id = literal(id);
    portion.map_or(id.clone(), |portion| {
        format!("{id} (portion {})", literal(portion))
    })
}

/// The claimants whom earlier exports have paid, each with the first export that paid
/// what is due.
pub(crate) fn paid_before(
    run: RecomputedForExports<'_>,
    layout: &Layout,
    payouts: &[(Payment, Vec<bool>)],
    earlier: &[PriorExport],
) -> Result<PaidBefore> {
    if !layout.pays.has_payments() {
        return Err(messages::rest_of_no_payments(&layout.shown()).into());
    }
    let plan = run.plan;
    for PriorExport {
        shown, manifest, ..
    } in earlier
    {
        let theirs = &manifest.run;
        if fold(&theirs.settlement) != fold(&plan.settlement.name)
            || theirs.currency != plan.settlement.currency.code()
        {
            let settlement = literal(&theirs.settlement);
            return Err(messages::rest_of_other_settlement(shown, &settlement).into());
        }
    }
    let exports = earlier.iter().map(|export| export.named.clone());
    let mut before = PaidBefore::new(exports.collect());
    for (payment, _) in payouts {
        let cells = run.claims.claim_list.kept_cells(payment.row)?;
        let id = cells.text(plan.claims.id);
        for (export, prior) in earlier.iter().enumerate() {
            let listed = prior.payments.get(id);
            if let Some(listed) = listed.filter(|_| prior.pays_same(plan, layout)) {
                let is_due = pays_due(plan, layout, payment, prior, listed);
                before.add(payment.row, EarlierPayment { export, is_due });
            }
        }
    }
    Ok(before)
}

/// True if an earlier export paid all that the layout would pay, and neither more nor
/// less.
fn pays_due(
    plan: &Plan,
    layout: &Layout,
    payment: &Payment,
    earlier: &PriorExport,
    listed: &ListedPayment,
) -> bool {
    let portion = earlier.manifest.choices.portion.as_ref();
    let place = portion.map(|name| plan.portions.iter().position(|one| one.name == *name));
    let due = match place {
        _ if plan.portions.is_empty() => Some(payment.payout),
        // A portion alone is not all portions.
        Some(place) if place == layout.portion => {
            place.and_then(|place| payment.portions.get(place).copied())
        }
        Some(_) => None,
        None => own(plan, &payment.portions),
    };
    let currency = plan.settlement.currency;
    due.is_some_and(|due| currency.text(due) == listed.payout)
}

/// The error for claimants whom earlier exports have paid another amount.
pub(crate) fn refuse_other_amounts(
    run: RecomputedForExports<'_>,
    found: &[(u32, usize)],
    earlier: &[PriorExport],
) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let mut ids = Vec::new();
    for (row, _) in found {
        let cells = run.claims.claim_list.kept_cells(*row)?;
        ids.push(cells.text(run.plan.claims.id));
    }
    let mut exports: Vec<usize> = found.iter().map(|(_, export)| *export).collect();
    exports.sort_unstable();
    exports.dedup();
    let exports = exports.iter().filter_map(|export| earlier.get(*export));
    let exports: Vec<&str> = exports.map(|export| export.shown.as_str()).collect();
    let claimants = count(ids.len(), "claimant was", "claimants were");
    Err(messages::paid_otherwise(&claimants, &exports.join(", "), &named(&ids)).into())
}

/// The error for an export that leaves every claimant out.
pub(crate) fn all_paid(layout: &Layout, earlier: &[PriorExport]) -> Message {
    let exports: Vec<&str> = earlier.iter().map(|export| export.shown.as_str()).collect();
    messages::all_paid_before(&layout.shown(), &exports.join(", "))
}

fn again(twice: &[&str], shown: &str, same_run: bool) -> Message {
    let (of_run, hint) = if same_run {
        (
            "",
            "add `--rest` to leave out all whom these exports have paid, or use `--when`; a check register and a positive pay file list the same payment only if run, check numbers and dates are identical",
        )
    } else {
        (
            " (an export of another run)",
            "add `--rest` to leave out those who were paid the same amount, or use `--when`; if an earlier run paid them too little, establish first what each has received",
        )
    };
    let claimants = count(twice.len(), "claimant is", "claimants are");
    let message = messages::already_paid(&claimants, &format!("{shown}{of_run}"), &named(twice));
    message.hint(hint.to_owned())
}

/// The first of these ids, and the number of the others.
fn named(ids: &[&str]) -> String {
    let named: Vec<String> = ids.iter().take(NAMED).map(|id| literal(id)).collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", group(&more)),
    };
    named.join(", ") + &more
}

/// Warnings about exports next to a new one that were not named: they may pay the same
/// claimants, or a file may share a value with one of theirs.
pub(crate) fn unnamed(
    out: &Path,
    named: &[PathBuf],
    basis: Option<&dyn ReissueBasis>,
) -> Vec<String> {
    let Ok((export, _)) = manifest::read(out) else {
        return Vec::new();
    };
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let entries = std::fs::read_dir(folder_of(out))
        .into_iter()
        .flatten()
        .flatten();
    let folders = entries.map(|entry| entry.path());
    let is_other =
        |folder: &PathBuf| !same(folder, out) && !named.iter().any(|named| same(folder, named));
    let mut folders: Vec<PathBuf> = folders.filter(is_other).collect();
    folders.sort();
    let mut said = Vec::new();
    for folder in &folders {
        if let Ok((other, seal)) = manifest::read(folder)
            && !basis.is_some_and(|basis| basis.has_export(&seal))
        {
            said.extend(pays_too((out, &export), (folder, &other)));
            said.extend(same_file((out, &export), (folder, &other)));
        }
    }
    said
}

type ManifestInFolder<'a> = (&'a Path, &'a ExportManifest);

/// True if another export belongs to the same run, or to another run of the settlement
/// and pays the same claimants.
fn pays_too(
    (out, export): ManifestInFolder<'_>,
    (folder, other): ManifestInFolder<'_>,
) -> Option<String> {
    // An export without payments pays no claimant twice.
    if !export.layout.pays.has_payments() || !other.layout.pays.has_payments() {
        return None;
    }
    let shown = quotable(&folder.display().to_string());
    if export.run.seal == other.run.seal {
        return Some(format!(
            "{shown} is an export of the same run and was not named with `--after`: verify all exports together with `payout check`"
        ));
    }
    if fold(&export.run.settlement) != fold(&other.run.settlement) {
        return None;
    }
    let ids = |folder: &Path, export: &ExportManifest| -> Option<HashSet<String>> {
        let listed = manifest::payments(folder, export).ok()?;
        Some(listed.into_iter().map(|listed| listed.id).collect())
    };
    let who = match (ids(out, export), ids(folder, other)) {
        (Some(ours), Some(theirs)) => match ours.intersection(&theirs).count() {
            0 => return None,
            twice => count(twice, "claimant", "claimants"),
        },
        // A changed list may have named any claimant.
        _ => "claimants".to_owned(),
    };
    Some(format!(
        "{shown} is an export of another run of this settlement, and {who} of this export may have been paid by it: do not pay them twice"
    ))
}

/// Detects a file of another export with a value of a new file.
fn same_file(
    (out, export): ManifestInFolder<'_>,
    (folder, other): ManifestInFolder<'_>,
) -> Option<String> {
    let ours = files(out, &export.outputs).ok()?;
    if ours.is_empty() {
        return None;
    }
    let theirs = files(folder, &other.outputs).ok()?;
    let mut clashes = ours.iter().flat_map(|file| file.clashes(theirs.iter()));
    let message = clashes.next()?.message.text;
    Some(format!(
        "{message}; to send both files, export this one again with `--after`"
    ))
}
