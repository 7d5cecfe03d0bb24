//! The identity of an ACH file and the numbers of its batches and entries, read from
//! its bytes.

use std::any::Any;

use crate::base::diagnostics::quotable;
use crate::export::layout::{FileClash, FileFacts};
use crate::export::messages;

/// Characters per record.
pub(super) const WIDTH: usize = 94;

/// The facts read from an ACH file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AchFileFacts {
    /// Destination, origin, date and time of creation, and modifier: an operator
    /// accepts one file with this identity and rejects any other.
    pub identity: String,
    /// The originating bank.
    pub bank: String,
    /// The number of the last batch.
    pub batch: u64,
    /// The trace numbers of the first and the last entry.
    pub entries: (u64, u64),
}

impl AchFileFacts {
    /// Reads a file; `None` if it is not a readable ACH file or has no entries.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(b"101") {
            return None;
        }
        let text = str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        let header = lines.next().filter(|line| line.len() == WIDTH)?;
        if header.get(34..40) != Some("094101") {
            return None;
        }
        let identity = header.get(3..34)?.to_owned();
        let (mut bank, mut batch, mut entries) = (None, None, None);
        for line in lines {
            match line.get(..1)? {
                "5" => batch = Some(line.get(87..94)?.parse().ok()?),
                "6" => {
                    let number = line.get(87..94)?.parse().ok()?;
                    bank.get_or_insert(line.get(79..87)?);
                    let (first, _) = entries.unwrap_or((number, number));
                    entries = Some((first, number));
                }
                _ => {}
            }
        }
        Some(Self {
            identity,
            bank: bank?.to_owned(),
            batch: batch?,
            entries: entries?,
        })
    }

    /// Destination, origin and date of creation: modifiers distinguish files with the
    /// same values.
    pub(crate) fn day(&self) -> Option<&str> {
        self.identity.get(..26)
    }

    /// The letter or digit that distinguishes the file from others of its day.
    pub(crate) fn modifier(&self) -> Option<&str> {
        self.identity.get(30..)
    }

    /// The trace numbers used in both files.
    fn shared_entries(&self, other: &Self) -> Option<(u64, u64)> {
        let first = self.entries.0.max(other.entries.0);
        let last = self.entries.1.min(other.entries.1);
        (self.bank == other.bank && first <= last).then_some((first, last))
    }

    /// The identity as text.
    fn shown(&self) -> String {
        let [destination, origin, day, time, modifier] = [0..10, 10..20, 20..26, 26..30, 30..31]
            .map(|range| self.identity.get(range).map_or("", str::trim));
        format!(
            "destination {destination}, origin {origin}, created {day} at {time}, modifier {modifier}"
        )
    }
}

impl FileFacts for AchFileFacts {
    fn clashes(&self, ours: &str, others: &[(&str, &dyn FileFacts)]) -> Vec<FileClash> {
        let others = others.iter().filter_map(|(theirs, facts)| {
            let facts: &dyn Any = *facts;
            Some((*theirs, facts.downcast_ref::<Self>()?))
        });
        let others: Vec<(&str, &Self)> = others.collect();
        let ours = quotable(ours);
        let mut same = others
            .iter()
            .filter(|(_, other)| other.identity == self.identity);
        let identity = same.next().map(|(theirs, _)| {
            let (other, shown) = (quotable(theirs), self.shown());
            FileClash {
                message: messages::same_ach_identity(&ours, &other, &shown),
                what: "identity of the ACH file",
                expected: "an identity that no other file has",
                found: format!("that of {theirs}: {shown}"),
            }
        });
        let entries = others.iter().find_map(|(theirs, other)| {
            let (first, last) = self.shared_entries(other)?;
            let numbers = if first == last {
                format!("trace number {first:07} in {ours} is")
            } else {
                format!("trace numbers {first:07} to {last:07} in {ours} are")
            };
            Some(FileClash {
                message: messages::trace_numbers_used(&numbers, &quotable(theirs)),
                what: "trace numbers",
                expected: "numbers that no other file has",
                found: format!("those of {theirs}: {first:07} to {last:07}"),
            })
        });
        identity.into_iter().chain(entries).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(time: &str, modifier: char, bank: &str, entries: (u64, u64)) -> AchFileFacts {
        AchFileFacts {
            identity: format!(" 0910000191234567890261130{time}{modifier}"),
            bank: bank.to_owned(),
            batch: 1,
            entries,
        }
    }

    #[test]
    fn only_files_with_the_same_identity_or_numbers_clash() {
        let first = file("0000", 'A', "09100001", (1, 9));
        let clashes = |file: &AchFileFacts| -> Vec<String> {
            let clashes = file.clashes("b/2.ach", &[("a/1.ach", &first)]).into_iter();
            let text =
                |clash: FileClash| format!("{}: {}; {}", clash.what, clash.expected, clash.found);
            clashes.map(text).collect()
        };
        let identity = "identity of the ACH file: an identity that no other file has; that of a/1.ach: destination 091000019, origin 1234567890, created 261130 at 0000, modifier A";
        let numbers =
            "trace numbers: numbers that no other file has; those of a/1.ach: 0000005 to 0000009";
        for (time, modifier, bank, entries, expected) in [
            ("0000", 'A', "09100001", (10, 18), &[identity][..]),
            ("0000", 'B', "09100001", (5, 13), &[numbers]),
            ("0000", 'A', "09100001", (5, 13), &[identity, numbers]),
            ("0930", 'A', "09100001", (10, 18), &[]),
            ("0000", 'B', "02100002", (5, 13), &[]),
        ] {
            assert_eq!(clashes(&file(time, modifier, bank, entries)), expected);
        }
    }

    #[test]
    fn the_operator_rejects_the_second_of_two_files_with_the_same_identity() {
        let files = [(1, 9), (10, 12)].map(|entries| file("0000", 'A', "09100001", entries));
        let clash = files[1]
            .clashes("b.ach", &[("a.ach", &files[0])])
            .pop()
            .unwrap();
        let expected = "b.ach and a.ach have the same destination, origin, creation date, time and modifier, so the ACH operator rejects the second of them: destination 091000019, origin 1234567890, created 261130 at 0000, modifier A";
        assert_eq!(clash.message.text, expected);
    }

    #[test]
    fn one_shared_number_is_reported_as_one() {
        let files = [(1, 9), (9, 12)].map(|entries| file("0000", 'A', "09100001", entries));
        let clash = files[1]
            .clashes("b.ach", &[("a.ach", &files[0])])
            .pop()
            .unwrap();
        let expected = "trace number 0000009 in b.ach is already used in a.ach";
        assert_eq!(clash.message.text, expected);
    }

    #[test]
    fn other_files_have_no_facts() {
        for bytes in [&b""[..], b"101", b"claimant_id,payout\n", b"101\xff"] {
            assert_eq!(AchFileFacts::read(bytes), None);
        }
    }
}
