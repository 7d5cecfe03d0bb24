//! The modifiers, batch numbers and trace numbers of ACH files, which continue those of
//! earlier exports.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use anyhow::Result;

use crate::base::diagnostics::{Message, literal};
use crate::export::formats::nacha::file_facts::AchFileFacts;
use crate::export::formats::nacha::terms::{AchTerms, LARGEST_NUMBER, MODIFIERS};
use crate::export::layout::{FileFacts, Layout, PaymentNumbers};
use crate::export::messages;

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
            used_up: messages::trace_numbers_too_large,
        }
    }
}

/// The number of the batch in a file.
pub(super) fn batch(terms: &AchTerms<'_>, file: u64) -> Result<u64, Message> {
    let number = terms.first_batch.checked_add(file - 1);
    let number = number.filter(|number| *number <= LARGEST_NUMBER);
    number.ok_or_else(|| messages::batch_numbers_too_large(LARGEST_NUMBER))
}

/// The modifier that distinguishes a file from others of the day.
pub(super) fn modifier(terms: &AchTerms<'_>, file: u64) -> Result<&'static str> {
    let place = terms.modifier + usize::try_from(file - 1)?;
    let modifier = MODIFIERS.get(place..=place);
    let refuse = || {
        let first = MODIFIERS.get(terms.modifier..=terms.modifier);
        messages::no_modifier_left(file, &literal(first.unwrap_or("none")))
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
fn next_modifier(used: &BTreeSet<usize>) -> Result<&'static str, Message> {
    let after = used.last().map_or(0, |last| last + 1);
    let free = (0..MODIFIERS.len()).filter(|place| !used.contains(place));
    let in_a_row = |place: usize| used.range(place..).next().map_or(0, |end| end - place);
    let most = free.max_by_key(|place| (in_a_row(*place), Reverse(*place)));
    let next = Some(after)
        .filter(|after| *after < MODIFIERS.len())
        .or(most);
    let next = next.and_then(|next| MODIFIERS.get(next..=next));
    next.ok_or_else(messages::modifiers_used_up)
}

/// The error if no numbers are left; it names the longest unused sequence.
fn none_left(what: &str, setting: &str, used: &BTreeSet<(u64, u64)>) -> Message {
    let (mut next, mut free) = (1, (0, 1));
    for (first, last) in used {
        free = free.max((first.saturating_sub(next), next));
        next = next.max(last + 1);
    }
    let (most, start) = free;
    messages::numbers_used_up(what, LARGEST_NUMBER, setting, start, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::formats::nacha::tests::layout;

    /// A file of December 1, created the day before.
    fn file(modifier: char, batch: u64, entries: (u64, u64)) -> AchFileFacts {
        AchFileFacts {
            identity: format!(" 09100001912345678902611300000{modifier}"),
            bank: "09100001".to_owned(),
            batch,
            entries,
        }
    }

    /// The settings that continue the numbers of files.
    fn next(date: &str, settings: &[(&str, &str)], files: &[AchFileFacts]) -> Result<String> {
        let layout = layout(date, settings)?;
        let facts: Vec<&dyn FileFacts> = files.iter().map(|file| file as _).collect();
        let set = go_on(&layout, &facts)?.into_iter();
        let set: Vec<String> = set.map(|(name, value)| format!("{name}={value}")).collect();
        Ok(set.join(" "))
    }

    #[test]
    fn the_next_files_of_a_day_continue_modifiers_and_numbers() {
        let next = |files: &[_]| next("2026-12-01", &[], files).unwrap();
        assert_eq!(next(&[]), "");
        let first = file('A', 1, (1, 9));
        let expected = "modifier=B first_batch=2 first_trace=10";
        assert_eq!(next(std::slice::from_ref(&first)), expected);
        let files = [first, file('C', 3, (19, 27)), file('B', 2, (10, 18))];
        assert_eq!(next(&files), "modifier=D first_batch=4 first_trace=28");
    }

    #[test]
    fn another_day_or_sender_begins_with_a_and_another_bank_with_1() {
        let files = [file('A', 1, (1, 9))];
        let numbers = "first_batch=2 first_trace=10";
        assert_eq!(next("2026-12-02", &[], &files).unwrap(), numbers);
        let origin = [("origin", "999")];
        assert_eq!(next("2026-12-01", &origin, &files).unwrap(), numbers);
        let bank = [("odfi", "021000021")];
        assert_eq!(next("2026-12-01", &bank, &files).unwrap(), "modifier=B");
    }

    #[test]
    fn settings_provided_are_kept() {
        let files = [file('A', 1, (1, 9))];
        let next = |setting: &[_]| next("2026-12-01", setting, &files).unwrap();
        let numbers = "first_batch=2 first_trace=10";
        assert_eq!(next(&[("modifier", "A")]), numbers);
        assert_eq!(next(&[("first_batch", "1")]), "modifier=B first_trace=10");
        assert_eq!(next(&[("first_trace", "50")]), "modifier=B first_batch=2");
    }

    #[test]
    fn after_the_last_modifier_an_unused_one_is_chosen() {
        let modifier = |used: &str| {
            let files: Vec<_> = used.chars().map(|used| file(used, 1, (1, 1))).collect();
            next(
                "2026-12-01",
                &[("first_batch", "1"), ("first_trace", "1")],
                &files,
            )
        };
        for (used, expected) in [
            ("9", "modifier=A"),
            ("A9", "modifier=B"),
            // The longest sequence, because an export may have many files.
            ("ACDEFGHIJKLMNOPQRSTUVWXYZ0456789", "modifier=1"),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345678", "modifier=9"),
        ] {
            assert_eq!(modifier(used).unwrap(), expected, "{used}");
        }
        let error = modifier(MODIFIERS).unwrap_err().to_string();
        assert!(
            error.contains("use every modifier, A to Z and 0 to 9"),
            "{error}"
        );
        let other = [("time", "0930"), ("modifier", "A")];
        let all: Vec<_> = MODIFIERS
            .chars()
            .map(|used| file(used, 1, (1, 1)))
            .collect();
        let set = next("2026-12-01", &other, &all).unwrap();
        assert_eq!(set, "first_batch=2 first_trace=2");
    }

    #[test]
    fn numbers_that_are_used_up_begin_where_most_are_unused() {
        for (used, start, most) in [
            (&[9_999_999][..], 1, 9_999_998),
            (&[1, 9_999_999], 2, 9_999_997),
            (&[4_000_000, 9_999_999], 4_000_001, 5_999_998),
        ] {
            let files: Vec<_> = used.iter().map(|batch| file('A', *batch, (1, 1))).collect();
            let error = next("2026-12-01", &[], &files).unwrap_err().to_string();
            let expected = format!(
                "\nhint: use `--set first_batch={start}`, where {most} consecutive numbers are unused"
            );
            assert!(error.ends_with(&expected), "{error}");
        }
    }

    #[test]
    fn files_of_one_export_have_their_own_modifiers_and_batches() {
        let layout = layout(
            "2026-12-01",
            &[("modifier", "Y"), ("first_batch", "9999998")],
        )
        .unwrap();
        let terms = AchTerms::of(&layout).unwrap();
        let modifiers = [1, 2, 3, 12].map(|file| modifier(&terms, file).unwrap());
        assert_eq!(modifiers, ["Y", "Z", "0", "9"]);
        assert!(modifier(&terms, 13).is_err());
        assert_eq!(batch(&terms, 2).unwrap(), 9_999_999);
        assert!(batch(&terms, 3).is_err());
    }
}
