//! The modifiers, batch numbers and trace numbers of ACH files, which continue those of
//! earlier exports.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use anyhow::Result;

use crate::base::diagnostics::{Problem, literal};
use crate::export::formats::nacha::file_facts::AchFileFacts;
use crate::export::formats::nacha::terms::{AchTerms, LARGEST_NUMBER, MODIFIERS};
use crate::export::layout::{FileFacts, Layout, PaymentNumbers};

impl AchTerms<'_> {
    /// The trace numbers: the bank, and the position of the entry among all files. In
    /// balanced files, the debits have numbers, too.
    pub(super) fn traces(&self) -> PaymentNumbers {
        PaymentNumbers {
            prefix: self.bank.to_owned(),
            first: self.first_trace,
            last: LARGEST_NUMBER,
            digits: 7,
            others: u64::from(self.offset.is_some()),
            used_up: || counted_out("trace", "first_trace"),
        }
    }
}

/// The number of the batch in a file.
pub(super) fn batch(terms: &AchTerms<'_>, file: u64) -> Result<u64, Problem> {
    let number = terms.first_batch.checked_add(file - 1);
    let number = number.filter(|number| *number <= LARGEST_NUMBER);
    number.ok_or_else(|| counted_out("batch", "first_batch"))
}

fn counted_out(what: &str, setting: &str) -> Problem {
    Problem::new(
        format!("the {what} numbers would exceed {LARGEST_NUMBER}"),
        format!("start at a smaller number: `--set {setting}=…`"),
    )
}

/// The modifier that distinguishes a file from others of the day.
pub(super) fn modifier(terms: &AchTerms<'_>, file: u64) -> Result<&'static str> {
    let place = terms.modifier + usize::try_from(file - 1)?;
    let modifier = MODIFIERS.get(place..=place);
    let refuse = || {
        let first = MODIFIERS.get(terms.modifier..=terms.modifier);
        let first = literal(first.unwrap_or("none"));
        let message = format!(
            "no modifier is left for file {file}: the first file has {first}, and the last modifier is `9`"
        );
        let hint = "start at an earlier unused modifier (`--set modifier=…`), or export in parts with `--when`";
        Problem::new(message, hint)
    };
    Ok(modifier.ok_or_else(refuse)?)
}

/// The next modifier of the day and the next batch and trace numbers, unless they are
/// set.
pub(super) fn go_on(
    layout: &Layout,
    earlier: &[&dyn FileFacts],
) -> Result<Vec<(&'static str, String)>> {
    let terms = AchTerms::of(layout)?;
    let is_open = |name: &str| layout.setting(name).is_some_and(|setting| !setting.given);
    let files = || {
        let facts = earlier.iter().map(|facts| *facts as &dyn Any);
        facts.filter_map(|facts| facts.downcast_ref::<AchFileFacts>())
    };
    let mut set = Vec::new();
    let day = terms.day();
    let of_day = files().filter(|file| file.day() == Some(&day));
    let used = of_day.filter_map(|file| MODIFIERS.find(file.modifier()?));
    let used: BTreeSet<usize> = used.collect();
    let last = used.last().filter(|last| **last >= terms.modifier);
    if last.is_some() && is_open("modifier") {
        set.push(("modifier", next_modifier(&used)?.to_owned()));
    }
    let of_bank = || files().filter(|file| file.bank == terms.bank);
    let batches = of_bank().map(|file| (file.batch, file.batch));
    let entries = of_bank().map(|file| file.entries);
    for (used, first, name, what) in [
        (batches.collect(), terms.first_batch, "first_batch", "batch"),
        (entries.collect(), terms.first_trace, "first_trace", "trace"),
    ] {
        let used: BTreeSet<(u64, u64)> = used;
        let last = used.iter().map(|(_, last)| *last).max();
        if let Some(last) = last.filter(|last| *last >= first && is_open(name)) {
            if last >= LARGEST_NUMBER {
                return Err(none_left(what, name, &used).into());
            }
            set.push((name, (last + 1).to_string()));
        }
    }
    Ok(set)
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
fn none_left(what: &str, setting: &str, used: &BTreeSet<(u64, u64)>) -> Problem {
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
