//! What an ACH file says of itself, read from its bytes: what tells it from
//! other files, and the numbers of its batches and entries.

use super::WIDTH;

/// What an ACH file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Destination, origin, day and time of creation, and modifier: an operator
    /// takes one file of these, and rejects any other.
    pub identity: String,
    /// The bank that originates.
    pub bank: String,
    /// The number of the last batch.
    pub batch: u64,
    /// The numbers of the first and the last entry.
    pub entries: (u64, u64),
}

impl Facts {
    /// Reads a file; `None` where it is none of ACH, or has no entries.
    pub fn read(bytes: &[u8]) -> Option<Self> {
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

    /// What tells the day of the file from others: destination, origin, and day
    /// of creation.
    pub fn day(&self) -> Option<&str> {
        self.identity.get(..26)
    }

    /// The letter or digit that tells it from others of its day and time.
    pub fn modifier(&self) -> Option<&str> {
        self.identity.get(30..)
    }

    /// Whether entries of both files have the same number.
    pub fn shares_entries(&self, other: &Self) -> bool {
        let ((first, last), (other_first, other_last)) = (self.entries, other.entries);
        self.bank == other.bank && first <= other_last && other_first <= last
    }

    /// The identity as a sentence has it.
    pub fn shown(&self) -> String {
        let part = |range: std::ops::Range<usize>| {
            self.identity.get(range).map_or("", str::trim).to_owned()
        };
        format!(
            "destination {}, origin {}, created {} at {}, modifier {}",
            part(0..10),
            part(10..20),
            part(20..26),
            part(26..30),
            part(30..31)
        )
    }
}
