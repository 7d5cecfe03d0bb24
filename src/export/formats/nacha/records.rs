//! The records of an ACH file.
//!
//! | record | what it is |
//! |---|---|
//! | 1 | the file: who sends it to whom, and when |
//! | 5 | the batch: who pays, what for, and on which day |
//! | 6 | an entry: bank, account, amount, claimant |
//! | 8 | the batch once more: entries, hash, totals |
//! | 9 | the file once more: batches, blocks, entries, hash, totals |
//!
//! The hash is the sum of the first eight digits of the routing numbers, of which the
//! last ten digits are kept.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::{Currency, Money};
use crate::export::formats::nacha::entry::{AchEntry, EntryKind};
use crate::export::formats::nacha::file_facts::WIDTH;
use crate::export::formats::nacha::numbering;
use crate::export::formats::nacha::terms::AchTerms;
use crate::export::layout::{AmountFormat, LineEnd};

/// Records per block.
const BLOCK: usize = 10;

/// A file with the sums of its entries.
pub(super) struct AchFile<'a> {
    terms: &'a AchTerms<'a>,
    line_end: LineEnd,
    batch: u64,
    text: String,
    records: usize,
    entries: u64,
    hash: u64,
    pub credits: Money,
    debits: Money,
}

impl<'a> AchFile<'a> {
    /// Begins a file; `number` is its number in the export.
    pub(super) fn new(terms: &'a AchTerms<'a>, number: u64, line_end: LineEnd) -> Result<Self> {
        let mut file = Self {
            terms,
            line_end,
            batch: numbering::batch(terms, number)?,
            text: String::new(),
            records: 0,
            entries: 0,
            hash: 0,
            credits: Money::ZERO,
            debits: Money::ZERO,
        };
        let [destination, destination_name] = terms.destination;
        let [origin, origin_name] = terms.origin;
        let modifier = numbering::modifier(terms, number)?;
        file.record(&format!(
            "101 {destination}{origin:>10}{}{modifier}094101{destination_name:<23}{origin_name:<23}{:8}",
            terms.created, ""
        ))?;
        let [company, id] = terms.company;
        file.record(&format!(
            "5{}{company:<16}{:20}{id:<10}PPD{:<10}{:6}{}{:3}1{}{:07}",
            file.class(),
            "",
            terms.description,
            "",
            terms.date,
            "",
            terms.bank,
            file.batch
        ))?;
        Ok(file)
    }

    /// The service class code: credits and debits, or credits only.
    fn class(&self) -> &'static str {
        if self.terms.offset.is_some() {
            "200"
        } else {
            "220"
        }
    }

    /// Adds an entry, and its amount as written.
    pub(super) fn add(&mut self, entry: &AchEntry, trace: &str) -> Result<()> {
        let AchEntry {
            kind,
            routing,
            account,
            amount,
            identification,
            name,
        } = entry;
        let record = format!(
            "6{}{routing}{account:<17}{:010}{identification:<15}{name:<22}  0{trace}",
            kind.code(),
            amount.0
        );
        self.record(&record)?;
        let written = record.get(29..39);
        let written = written.and_then(|text| AmountFormat::Minor.read(text, Currency::USD));
        if written != Some(*amount) {
            return Err(Bug::new("a written payout differs from the payout").into());
        }
        let bank = routing.get(..8).and_then(|bank| bank.parse::<u64>().ok());
        self.hash +=
            bank.ok_or_else(|| Bug::new("a routing number has fewer than eight digits"))?;
        self.entries += 1;
        let side = match kind {
            EntryKind::CheckingDebit => &mut self.debits,
            EntryKind::CheckingCredit | EntryKind::SavingsCredit => &mut self.credits,
        };
        let sum = side.plus(*amount);
        *side = sum.ok_or_else(|| Bug::new("the sum of a batch is too large"))?;
        Ok(())
    }

    /// Writes the controls, fills the last block, and returns the file.
    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        let [_, company] = self.terms.company;
        let (entries, hash) = (self.entries, self.hash % 10_000_000_000);
        let totals = format!("{hash:010}{:012}{:012}", self.debits.0, self.credits.0);
        self.record(&format!(
            "8{}{entries:06}{totals}{company:<10}{:25}{}{:07}",
            self.class(),
            "",
            self.terms.bank,
            self.batch
        ))?;
        let blocks = (self.records + 1).div_ceil(BLOCK);
        self.record(&format!("9000001{blocks:06}{entries:08}{totals}{:39}", ""))?;
        while !self.records.is_multiple_of(BLOCK) {
            self.record(&"9".repeat(WIDTH))?;
        }
        Ok(self.text.into_bytes())
    }

    /// Adds a record, which must have the prescribed width.
    fn record(&mut self, record: &str) -> Result<()> {
        if record.len() != WIDTH || !record.is_ascii() {
            return Err(Bug::new("a record does not have 94 characters").into());
        }
        self.text.push_str(record);
        self.text.push_str(self.line_end.text());
        self.records += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::formats::nacha::file_facts::AchFileFacts;

    const BALANCED: Option<[&str; 2]> = Some(["021000021", "55501"]);

    fn terms(offset: Option<[&'static str; 2]>) -> AchTerms<'static> {
        AchTerms {
            destination: ["091000019", "First Bank"],
            origin: ["1234567890", "SETTLEMENT FUND"],
            company: ["SETTLEMENT FUND", "1234567890"],
            description: "SETTLEMENT",
            bank: "09100001",
            date: "261201".to_owned(),
            created: "2611300000".to_owned(),
            modifier: 0,
            first_batch: 7,
            first_trace: 1,
            offset,
        }
    }

    fn entry(kind: EntryKind, routing: &str, cents: i128) -> AchEntry {
        AchEntry {
            kind,
            routing: routing.to_owned(),
            account: "123-A".to_owned(),
            amount: Money(cents),
            identification: "C-1".to_owned(),
            name: "Ana Munoz".to_owned(),
        }
    }

    /// The records of a file with these entries.
    fn records(offset: Option<[&'static str; 2]>, entries: &[AchEntry]) -> Vec<String> {
        let terms = terms(offset);
        let mut file = AchFile::new(&terms, 2, LineEnd::CrLf).unwrap();
        for (number, entry) in (1..).zip(entries) {
            file.add(entry, &format!("09100001{number:07}")).unwrap();
        }
        let bytes = file.finish().unwrap();
        assert!(AchFileFacts::read(&bytes).is_some());
        let text = String::from_utf8(bytes).unwrap();
        text.split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn every_field_is_at_its_position() {
        let found = records(
            BALANCED,
            &[
                entry(EntryKind::CheckingCredit, "021000021", 2784),
                entry(EntryKind::SavingsCredit, "121000374", 1),
                entry(EntryKind::CheckingDebit, "021000021", 2785),
            ],
        );
        let expected = [
            "101 09100001912345678902611300000B094101First Bank             SETTLEMENT FUND                ",
            "5200SETTLEMENT FUND                     1234567890PPDSETTLEMENT      261201   1091000010000008",
            "622021000021123-A            0000002784C-1            Ana Munoz               0091000010000001",
            "632121000374123-A            0000000001C-1            Ana Munoz               0091000010000002",
            "627021000021123-A            0000002785C-1            Ana Munoz               0091000010000003",
            "820000000300163000410000000027850000000027851234567890                         091000010000008",
            "9000001000001000000030016300041000000002785000000002785                                       ",
        ];
        assert_eq!(found[..7], expected);
        assert_eq!(
            found[7..],
            ["9".repeat(WIDTH), "9".repeat(WIDTH), "9".repeat(WIDTH)]
        );
        let credits = records(None, &[entry(EntryKind::CheckingCredit, "021000021", 1)]);
        assert_eq!((&credits[1][..4], &credits[3][..4]), ("5220", "8220"));
    }

    #[test]
    fn any_number_of_entries_fills_whole_blocks() {
        for count in 1..=27 {
            let entry = || entry(EntryKind::CheckingCredit, "021000021", 100);
            let entries: Vec<AchEntry> = std::iter::repeat_with(entry).take(count).collect();
            let records = records(None, &entries);
            assert!(records.iter().all(|record| record.len() == WIDTH));
            let fillers = records.iter().skip(count + 4);
            assert!(fillers.clone().count() < BLOCK);
            assert!(fillers.clone().all(|record| *record == "9".repeat(WIDTH)));
            let blocks = records.len() / BLOCK;
            assert_eq!(records.len() % BLOCK, 0);
            let control = format!("9000001{blocks:06}{count:08}");
            assert!(records[count + 3].starts_with(&control), "{count}");
        }
    }

    #[test]
    fn the_hash_keeps_ten_digits_and_totals_have_twelve() {
        let entry = || entry(EntryKind::CheckingCredit, "809999998", 5_000_000_001);
        let entries: Vec<AchEntry> = std::iter::repeat_with(entry).take(150).collect();
        let records = records(None, &entries);
        // 150 times 80,999,999 is 12,149,999,850.
        let totals = format!("2149999850{:012}{:012}", 0, 750_000_000_150_u64);
        assert_eq!(records[152][10..44], totals[..34]);
        assert_eq!(records[153][21..55], totals[..34]);
        assert_eq!(records[2][29..39], *"5000000001");
    }

    #[test]
    fn a_record_of_another_width_is_never_written() {
        let terms = terms(None);
        let mut file = AchFile::new(&terms, 1, LineEnd::Lf).unwrap();
        for (cents, name) in [
            (10_000_000_000, "Ana"),
            (1, "A name that is much too long"),
            (1, "é"),
        ] {
            let mut entry = entry(EntryKind::CheckingCredit, "021000021", cents);
            entry.name = name.to_owned();
            assert!(
                file.add(&entry, "091000010000001").is_err(),
                "{cents} {name}"
            );
        }
    }
}
