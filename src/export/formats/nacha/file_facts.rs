//! The identity of an ACH file and the numbers of its batches and entries, read from
//! its bytes.

use std::any::Any;

use crate::base::diagnostics::quotable;
use crate::export::layout::{FileClash, FileFacts};

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
                message: format!(
                    "{ours} and {other} have the same destination, origin, creation date, time and modifier, so the ACH operator rejects the second of them: {shown}"
                ),
                hint: "omit `modifier` to use an unused one, or use a different creation time: `--set time=HHMM`",
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
                message: format!("{numbers} already used in {}", quotable(theirs)),
                hint: "omit `first_trace` to continue after the last number used",
                what: "trace numbers",
                expected: "numbers that no other file has",
                found: format!("those of {theirs}: {first:07} to {last:07}"),
            })
        });
        identity.into_iter().chain(entries).collect()
    }
}
