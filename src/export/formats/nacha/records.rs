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
