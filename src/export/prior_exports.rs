//! Exports that were made before: nobody in them is paid again, and ACH files
//! go on with their numbers.

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

/// How many claimants are named.
const NAMED: usize = 5;

/// The payments of an export that was made before.
#[derive(Debug)]
pub(crate) struct PriorExport {
    shown: String,
    pays: LayoutPurpose,
    date: Option<String>,
    /// The run that it is of.
    seal: String,
    payments: HashMap<String, ListedPayment>,
    /// Whose check has a number.
    checks: HashMap<String, String>,
    ach: Vec<PriorAchFile>,
}

/// An ACH file that was made before.
#[derive(Debug)]
struct PriorAchFile {
    shown: String,
    facts: AchFileFacts,
}

/// Reads exports that were made before. Their files are read only where ACH files
/// are to go on after them.
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

/// What is chosen for ACH files that come after others: the next modifier of the
/// day, and the next numbers of batches and entries, unless they are given.
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

/// The modifier after the last of a day. After the last there is, the first of
/// the most that are free in a row, since an export may have many files.
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

/// That numbers are used up, and where the most are free in a row.
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
        format!("use `--set {setting}={start}`, where {most} numbers in a row are free"),
    )
}

/// Refuses an ACH file that has the identity of one that was made before, or an
/// entry with the number of one in it.
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
            "omit `modifier` to use one that is free, or use a different creation time: `--set time=HHMM`"
        }
        AchClash::Entries(..) => "omit `first_trace` to continue after the last number used",
    };
    let message = clash.between(&quotable(&made.name), &quotable(other));
    Err(Problem::new(message, hint).into())
}

/// Refuses to pay whoever is paid by an export that was made before. A check of
/// the same number and date that is printed by one export and listed by the
/// other is one payment.
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

/// Whether of two exports one has checks to be printed, and the other lists
/// them as issued.
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
    let of_run = if same_run { "" } else { " (of another run)" };
    let message = format!(
        "{} already paid in {shown}{of_run}: {}{more}",
        count(twice.len(), "claimant is", "claimants are"),
        named.join(", ")
    );
    let hint = if same_run {
        "leave them out with `--when`; a check register and a positive pay file list the same payment only if run, check numbers and dates are the same"
    } else {
        "leave them out with `--when`; if an earlier run paid them too little, establish first what each has received"
    };
    Problem::new(message, hint)
}

/// What is to be said of exports that stand next to a new one and were not
/// named: whom they pay, too, and whether an ACH file is like one of theirs.
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

/// Whether another export is of the same run, or of another run of the
/// settlement and pays the same claimants.
fn pays_too(
    (out, export): ManifestInFolder<'_>,
    (folder, other): ManifestInFolder<'_>,
) -> Option<String> {
    // One that pays nobody pays nobody twice.
    if [export, other]
        .iter()
        .any(|export| export.layout.pays == LayoutPurpose::Nothing)
    {
        return None;
    }
    let shown = quotable(&folder.display().to_string());
    if export.run.seal == other.run.seal {
        return Some(format!(
            "{shown} is an export of the same run, and was not given with `--after`: check all of them with `payout check`"
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
        // A list that was changed may have had anybody.
        _ => "claimants".to_owned(),
    };
    Some(format!(
        "{shown} is an export of another run of this settlement, and {who} of this export may have been paid by it: do not pay them twice"
    ))
}

/// Whether an ACH file of another export has the identity of one of ours, or
/// numbers of its entries.
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
            "{clash}; if both files are to be sent, export this one again with `--after`"
        ))
    })
}
