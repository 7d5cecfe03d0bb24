//! Earlier exports: their claimants are not paid again, and new files continue the
//! numbers of theirs.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::base::diagnostics::{Problem, count, literal, quotable};
use crate::base::money::Money;
use crate::base::regular_file::folder_of;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::formats;
use crate::export::layout::{FileClash, FileFacts, Layout, LayoutChoices, LayoutPurpose};
use crate::export::manifest::{self, ExportManifest, ExportOutput, ListedPayment};
use crate::plan::column::fold;

/// The maximum number of claimants named in a message.
const NAMED: usize = 5;

/// The payments of an earlier export.
#[derive(Debug)]
pub(crate) struct PriorExport {
    shown: String,
    pays: LayoutPurpose,
    date: Option<String>,
    /// The seal of its run.
    seal: String,
    payments: HashMap<String, ListedPayment>,
    /// Claimants by check number.
    checks: HashMap<String, String>,
    files: Vec<PriorFile>,
}

/// A payment file of an earlier export.
#[derive(Debug)]
struct PriorFile {
    shown: String,
    facts: Box<dyn FileFacts>,
}

/// Reads earlier exports. Their files are read only if new files continue their
/// numbers.
pub(crate) fn read(folders: &[PathBuf], layout: &Layout) -> Result<Vec<PriorExport>> {
    let with_files = layout.file.form.continues_numbers();
    let all = folders.iter().map(|folder| read_one(folder, with_files));
    all.collect()
}

fn read_one(folder: &Path, with_files: bool) -> Result<PriorExport> {
    let (export, _) = manifest::read(folder)?;
    let listed = manifest::payments(folder, &export)?;
    let pays = export.layout.pays;
    let checks = listed.iter().filter(|_| pays.is_check());
    let checks = checks.map(|listed| (listed.number.clone(), listed.id.clone()));
    Ok(PriorExport {
        shown: folder.display().to_string(),
        pays,
        date: export.choices.date,
        seal: export.run.seal,
        checks: checks.collect(),
        payments: listed
            .into_iter()
            .map(|listed| (listed.id.clone(), listed))
            .collect(),
        files: if with_files {
            files(folder, &export.outputs)?
        } else {
            Vec::new()
        },
    })
}

/// The payment files that have facts.
fn files(folder: &Path, outputs: &[ExportOutput]) -> Result<Vec<PriorFile>> {
    let mut files = Vec::new();
    for file in outputs.iter().filter(|file| file.payments.is_some()) {
        if let Some(facts) = formats::facts(&manifest::payment_file(folder, file)?) {
            let shown = folder.join(&file.name).display().to_string();
            files.push(PriorFile { shown, facts });
        }
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

/// The first value that a file shares with one of other files.
fn clash<'a>(
    shown: &str,
    facts: &dyn FileFacts,
    others: impl IntoIterator<Item = &'a PriorFile>,
) -> Option<FileClash> {
    let others = others.into_iter().map(|file| (&*file.shown, &*file.facts));
    let others: Vec<(&str, &dyn FileFacts)> = others.collect();
    facts.clashes(shown, &others).into_iter().next()
}

/// Refuses a file that shares a value with an earlier file.
pub(crate) fn refuse_same_file(made: &ExportFile, earlier: &[PriorExport]) -> Result<()> {
    let others = earlier.iter().flat_map(|export| &export.files);
    let facts = formats::facts(&made.bytes);
    match facts.and_then(|facts| clash(&made.name, &*facts, others)) {
        None => Ok(()),
        Some(clash) => Err(Problem::new(clash.message, clash.hint).into()),
    }
}

/// Refuses to pay claimants whom an earlier export pays. A check with the same number
/// and date that one export prints and the other lists is one payment.
pub(crate) fn refuse_overlap(
    context: &ExportContext<'_>,
    choices: &LayoutChoices,
    earlier: &[PriorExport],
) -> Result<()> {
    if !context.layout.pays.has_payments() {
        return Ok(());
    }
    let all = PaymentBatch {
        name: String::new(),
        number: 1,
        payments: context.payments,
        before: 0,
        total: Money::ZERO,
    };
    let currency = context.plan.settlement.currency;
    for export in earlier {
        let is_other_list = export.pays.is_other_list(context.layout.pays)
            && export.date == choices.date
            && export.seal == context.seal;
        let mut twice = Vec::new();
        for payee in context.payees(&all) {
            let payee = payee?;
            let number = context.number_of(&payee)?;
            if let Some(listed) = export.payments.get(payee.id) {
                let payout = currency.text(payee.payout);
                if !is_other_list || listed.number != number || listed.payout != payout {
                    twice.push(payee.id);
                }
            } else if context.layout.pays.is_check()
                && let Some(other) = export.checks.get(&number)
            {
                let message = format!(
                    "check {number} would go to {}, but it goes to {} in {}",
                    literal(payee.id),
                    literal(other),
                    export.shown
                );
                let hint = "start at a number after the last one used";
                return Err(Problem::new(message, hint).into());
            }
        }
        if !twice.is_empty() {
            return Err(again(&twice, &export.shown, export.seal == context.seal).into());
        }
    }
    Ok(())
}

fn again(twice: &[&str], shown: &str, same_run: bool) -> Problem {
    let named: Vec<String> = twice.iter().take(NAMED).map(|id| literal(id)).collect();
    let more = match twice.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let of_run = if same_run {
        ""
    } else {
        " (an export of another run)"
    };
    let message = format!(
        "{} already paid in {shown}{of_run}: {}{more}",
        count(twice.len(), "claimant is", "claimants are"),
        named.join(", ")
    );
    let hint = if same_run {
        "leave them out with `--when`; a check register and a positive pay file list the same payment only if run, check numbers and dates are identical"
    } else {
        "leave them out with `--when`; if an earlier run paid them too little, establish first what each has received"
    };
    Problem::new(message, hint)
}

/// Warnings about exports next to a new one that were not named: they may pay the same
/// claimants, or a file may share a value with one of theirs.
pub(crate) fn unnamed(out: &Path, named: &[PathBuf]) -> Vec<String> {
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
    let said = folders.iter().flat_map(|folder| {
        let other = manifest::read(folder).ok();
        other.map_or_else(Vec::new, |(other, _)| {
            let pays = pays_too((out, &export), (folder, &other));
            pays.into_iter()
                .chain(same_file((out, &export), (folder, &other)))
                .collect()
        })
    });
    said.collect()
}

type ManifestInFolder<'a> = (&'a Path, &'a ExportManifest);

/// True if another export belongs to the same run, or to another run of the settlement
/// and pays the same claimants.
fn pays_too(
    (out, export): ManifestInFolder<'_>,
    (folder, other): ManifestInFolder<'_>,
) -> Option<String> {
    // An export without payments pays no claimant twice.
    if [export, other]
        .iter()
        .any(|export| !export.layout.pays.has_payments())
    {
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
    ours.iter().find_map(|ours| {
        let clash = clash(&ours.shown, &*ours.facts, &theirs)?;
        Some(format!(
            "{}; to send both files, export this one again with `--after`",
            clash.message
        ))
    })
}
