//! Earlier exports: their claimants are not paid again, and ACH files continue their
//! numbers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::base::diagnostics::{Problem, count, literal, quotable};
use crate::base::money::Money;
use crate::base::regular_file::folder_of;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{Layout, LayoutChoices, LayoutPurpose};
use crate::export::manifest::{self, ExportManifest, ExportOutput, ListedPayment};
use crate::export::nacha::{AchClash, AchFileFacts, LARGEST_NUMBER, MODIFIERS};
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
    ach: Vec<PriorAchFile>,
}

/// An ACH file of an earlier export.
#[derive(Debug)]
struct PriorAchFile {
    shown: String,
    facts: AchFileFacts,
}

/// Reads earlier exports. Their files are read only if new ACH files continue their
/// numbers.
pub(crate) fn read(folders: &[PathBuf], is_ach: bool) -> Result<Vec<PriorExport>> {
    let all = folders.iter().map(|folder| read_one(folder, is_ach));
    all.collect()
}

fn read_one(folder: &Path, is_ach: bool) -> Result<PriorExport> {
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
        ach: if is_ach {
            ach_files(folder, &export.outputs)?
        } else {
            Vec::new()
        },
    })
}

fn ach_files(folder: &Path, outputs: &[ExportOutput]) -> Result<Vec<PriorAchFile>> {
    let mut files = Vec::new();
    for file in outputs.iter().filter(|file| file.payments.is_some()) {
        if let Some(facts) = AchFileFacts::read(&manifest::payment_file(folder, file)?) {
            let shown = folder.join(&file.name).display().to_string();
            files.push(PriorAchFile { shown, facts });
        }
    }
    Ok(files)
}

/// Chooses the next modifier of the day and the next batch and trace numbers for ACH
/// files, unless they are set.
pub(crate) fn go_on(
    layout: &Layout,
    choices: &LayoutChoices,
    earlier: &[PriorExport],
) -> Result<LayoutChoices> {
    let mut choices = choices.clone();
    let Some(terms) = &layout.ach else {
        return Ok(choices);
    };
    let is_open = |name: &str| layout.setting(name).is_some_and(|setting| !setting.given);
    let mut set = |name: &str, value: String| choices.settings.insert(name.to_owned(), value);
    let files = || earlier.iter().flat_map(|export| &export.ach);
    let day = terms.day();
    let of_day = files().filter(|file| file.facts.day() == Some(&day));
    let used = of_day.filter_map(|file| MODIFIERS.find(file.facts.modifier()?));
    let used: BTreeSet<usize> = used.collect();
    let last = used.last().filter(|last| **last >= terms.modifier);
    if last.is_some() && is_open("modifier") {
        set("modifier", next_modifier(&used)?.to_owned());
    }
    let of_bank = || files().filter(|file| file.facts.bank == terms.bank);
    let batches = of_bank().map(|file| (file.facts.batch, file.facts.batch));
    let entries = of_bank().map(|file| file.facts.entries);
    for (used, first, name, what) in [
        (batches.collect(), terms.first_batch, "first_batch", "batch"),
        (entries.collect(), terms.first_trace, "first_trace", "trace"),
    ] {
        let used: BTreeSet<(u64, u64)> = used;
        let last = used.iter().map(|(_, last)| *last).max();
        if let Some(last) = last.filter(|last| *last >= first && is_open(name)) {
            if last >= LARGEST_NUMBER {
                return Err(counted_out(what, name, &used).into());
            }
            set(name, (last + 1).to_string());
        }
    }
    Ok(choices)
}

/// The modifier after the last one of a day. If that was the last of all, the start of
/// the longest unused sequence, because an export may have many files.
fn next_modifier(used: &BTreeSet<usize>) -> Result<&'static str, Problem> {
    let after = used.last().map_or(0, |last| last + 1);
    let free = (0..MODIFIERS.len()).filter(|place| !used.contains(place));
    let in_a_row = |place: usize| used.range(place..).next().map_or(0, |end| end - place);
    let most = free.max_by_key(|place| (in_a_row(*place), Reverse(*place)));
    let next = Some(after)
        .filter(|after| *after < MODIFIERS.len())
        .or(most);
    let next = next.and_then(|next| MODIFIERS.get(next..=next));
    next.ok_or_else(|| {
        Problem::new(
            "the files of that day use every modifier, A to Z and 0 to 9",
            "use a different creation time: `--set time=HHMM --set modifier=A`",
        )
    })
}

/// The error if no numbers are left; it names the longest unused sequence.
fn counted_out(what: &str, setting: &str, used: &BTreeSet<(u64, u64)>) -> Problem {
    let (mut next, mut free) = (1, (0, 1));
    for (first, last) in used {
        free = free.max((first.saturating_sub(next), next));
        next = next.max(last + 1);
    }
    let (most, start) = free;
    Problem::new(
        format!(
            "no {what} numbers are left after those of earlier exports, which end at {LARGEST_NUMBER}"
        ),
        format!("use `--set {setting}={start}`, where {most} consecutive numbers are unused"),
    )
}

/// Refuses an ACH file with the identity, or with a trace number, of an earlier file.
pub(crate) fn refuse_same_file(made: &ExportFile, earlier: &[PriorExport]) -> Result<()> {
    let Some(facts) = AchFileFacts::read(&made.bytes) else {
        return Ok(());
    };
    let others = earlier.iter().flat_map(|export| &export.ach);
    let others = others.map(|file| (&*file.shown, &file.facts));
    let Some((other, clash)) = facts.clashes(others).next() else {
        return Ok(());
    };
    let hint = match clash {
        AchClash::Identity(_) => {
            "omit `modifier` to use an unused one, or use a different creation time: `--set time=HHMM`"
        }
        AchClash::Entries(..) => "omit `first_trace` to continue after the last number used",
    };
    let message = clash.between(&quotable(&made.name), &quotable(other));
    Err(Problem::new(message, hint).into())
}

/// Refuses to pay claimants whom an earlier export pays. A check with the same number
/// and date that one export prints and the other lists is one payment.
pub(crate) fn refuse_overlap(
    context: &ExportContext<'_>,
    choices: &LayoutChoices,
    earlier: &[PriorExport],
) -> Result<()> {
    if context.layout.pays == LayoutPurpose::Nothing {
        return Ok(());
    }
    let all = PaymentBatch {
        number: 1,
        payments: context.payments,
        before: 0,
        total: Money::ZERO,
    };
    let currency = context.plan.settlement.currency;
    for export in earlier {
        let is_other_list = is_other_list(export.pays, context.layout.pays)
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

/// True if one of two exports has checks to print, and the other lists them as issued.
pub(crate) fn is_other_list(one: LayoutPurpose, other: LayoutPurpose) -> bool {
    matches!(
        (one, other),
        (LayoutPurpose::Check, LayoutPurpose::Issued)
            | (LayoutPurpose::Issued, LayoutPurpose::Check)
    )
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
/// claimants, or an ACH file may clash with one of theirs.
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
        .any(|export| export.layout.pays == LayoutPurpose::Nothing)
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

/// Detects an ACH file of another export with the identity, or some trace numbers, of a
/// new file.
fn same_file(
    (out, export): ManifestInFolder<'_>,
    (folder, other): ManifestInFolder<'_>,
) -> Option<String> {
    let ours = ach_files(out, &export.outputs).ok()?;
    if ours.is_empty() {
        return None;
    }
    let theirs = ach_files(folder, &other.outputs).ok()?;
    let theirs = theirs.iter().map(|file| (&*file.shown, &file.facts));
    ours.iter().find_map(|ours| {
        let (theirs, clash) = ours.facts.clashes(theirs.clone()).next()?;
        let clash = clash.between(&quotable(&ours.shown), &quotable(theirs));
        Some(format!(
            "{clash}; to send both files, export this one again with `--after`"
        ))
    })
}
