//! Reads the folder of a reconciliation, whose files must be those of its manifest.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::audit::saved_run;
use crate::base::dates::{self, Date};
use crate::base::diagnostics::{Failure, OrBug as _};
use crate::base::digest::sha256;
use crate::base::money::{self, Currency, Money};
use crate::base::regular_file::read_file;
use crate::claims::messages;
use crate::plan::Choice as _;
use crate::reconcile::book::{Book, BookExport, Payment, Payout};
use crate::reconcile::chain::Chain;
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::file_names::{HISTORY, LAPSED, LEDGER, PAYMENTS};
use crate::reconcile::manifest::{KIND, ReconciliationManifest};
use crate::reconcile::matching::Fact;
use crate::run::manifest::Manifest;

/// A saved reconciliation.
#[derive(Debug)]
pub(crate) struct SavedReconciliation {
    pub folder: PathBuf,
    /// The name of the folder, without those that contain it.
    pub name: String,
    pub manifest: ReconciliationManifest,
    pub seal: String,
    pub on: Date,
}

/// The keys of the manifest of an export.
#[derive(Deserialize)]
struct ExportMark {
    #[serde(rename = "layout")]
    _layout: IgnoredAny,
}

/// True if a folder holds a reconciliation.
pub(crate) fn is_reconciliation(folder: &Path) -> bool {
    let bytes = saved_run::manifest_of(folder).ok().flatten();
    bytes.is_some_and(|bytes| of_bytes(&bytes).is_some())
}

fn of_bytes(bytes: &[u8]) -> Option<ReconciliationManifest> {
    let manifest: ReconciliationManifest = serde_json::from_slice(bytes).ok()?;
    (manifest.kind == KIND).then_some(manifest)
}

/// The name of a folder, without those that contain it.
pub(crate) fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().ok();
    let name = whole.as_deref().unwrap_or(folder).file_name();
    name.unwrap_or_default().to_string_lossy().into_owned()
}

impl SavedReconciliation {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        if !folder.is_dir() {
            return Err(messages::no_such_reconciliation(shown).into());
        }
        let bytes = saved_run::manifest_of(folder)?.unwrap_or_default();
        let Some(manifest) = of_bytes(&bytes) else {
            let what = if serde_json::from_slice::<Manifest>(&bytes).is_ok() {
                "a run"
            } else if serde_json::from_slice::<ExportMark>(&bytes).is_ok() {
                "an export"
            } else if bytes.is_empty() {
                "a folder without manifest.json"
            } else {
                "a folder of something else"
            };
            return Err(messages::not_a_reconciliation(shown, what).into());
        };
        let on = dates::iso_date(&manifest.on);
        let on = on.ok_or_else(|| damaged(folder, "`on` is not a date"))?;
        Ok(Self {
            folder: folder.to_owned(),
            name: name_of(folder),
            seal: sha256(&bytes),
            manifest,
            on,
        })
    }

    /// A file of the folder, which must be that of the manifest; `None` if the manifest
    /// lists none of this name.
    pub(crate) fn file(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(listed) = self.manifest.files.get(name) else {
            return Ok(None);
        };
        let path = self.folder.join(name);
        let bytes = read_file(&path).map_err(|error| Failure::reading(path.display(), error))?;
        let found = sha256(&bytes);
        if found != listed.sha256 {
            return Err(messages::reconciliation_changed(path.display(), &found).into());
        }
        Ok(Some(bytes))
    }

    pub(crate) fn currency(&self) -> Result<Currency> {
        let currency = Currency::from_code(&self.manifest.currency);
        Ok(currency.ok_or_else(|| damaged(&self.folder, "the currency is unknown"))?)
    }

    /// The chain, with the name of this reconciliation at the exports that it has first.
    pub(crate) fn chain(&self) -> Chain {
        let mut chain = self.manifest.chain.clone();
        for export in &mut chain.exports {
            let name = || self.name.clone();
            export.reconciled_in.get_or_insert_with(name);
        }
        chain
    }

    /// The payouts and payments, and what is known of the payments.
    pub(crate) fn book(&self) -> Result<(Book, Vec<Fact>)> {
        let currency = self.currency()?;
        let mut reading = BookReading {
            saved: self,
            currency,
            book: Book::new(),
            known: Vec::new(),
        };
        reading.ledger()?;
        if reading.book.has_portions() {
            reading.portions_together()?;
        }
        reading.payments()?;
        reading.lapsed()?;
        reading.history()?;
        Ok((reading.book, reading.known))
    }
}

fn damaged(path: &Path, error: &str) -> crate::base::diagnostics::Message {
    messages::reconciliation_damaged(path.display(), error)
}

/// The reading of the files of a reconciliation.
struct BookReading<'r> {
    saved: &'r SavedReconciliation,
    currency: Currency,
    book: Book,
    known: Vec<Fact>,
}

/// A row of a file by the names of its columns.
struct NamedRow<'r> {
    header: &'r csv::StringRecord,
    row: &'r csv::StringRecord,
}

impl NamedRow<'_> {
    fn cell(&self, name: &str) -> &str {
        let place = self.header.iter().position(|cell| cell == name);
        place.and_then(|place| self.row.get(place)).unwrap_or("")
    }
}

impl BookReading<'_> {
    /// Calls `take` for each row of a file, if there is one of this name.
    fn rows(
        &mut self,
        name: &str,
        mut take: impl FnMut(&mut Self, NamedRow<'_>) -> Option<()>,
    ) -> Result<()> {
        let Some(bytes) = self.saved.file(name)? else {
            return Ok(());
        };
        let path = self.saved.folder.join(name);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers()?.clone();
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row)? {
            let named = NamedRow {
                header: &header,
                row: &row,
            };
            let line = row.position().map_or(0, csv::Position::line);
            let error = || damaged(&path, &format!("line {line}"));
            take(self, named).ok_or_else(error)?;
        }
        Ok(())
    }

    fn money(&self, text: &str) -> Option<Money> {
        money::from_text(text, self.currency.decimals())
    }

    fn ledger(&mut self) -> Result<()> {
        self.rows(LEDGER, |reading, row| {
            let claimant = reading.book.claimants.number(row.cell("claimant_id"));
            let portion = reading.book.portion(row.cell("portion"));
            let held = reading.money(row.cell("held"))?;
            if held > Money::ZERO {
                reading.book.held.push((claimant, portion, held));
            }
            Some(())
        })
    }

    /// Adds the payouts, so that the portions of a claimant in a run follow each other,
    /// whichever exports pay them.
    fn portions_together(&mut self) -> Result<()> {
        let runs = self.saved.manifest.chain.runs.clone();
        let mut ranks: HashMap<(u16, u32), usize> = HashMap::new();
        let mut found: BTreeMap<(u16, usize, u16), (u32, Money)> = BTreeMap::new();
        self.rows(PAYMENTS, |reading, row| {
            let run = runs.iter().position(|run| run.name == row.cell("run"))?;
            let run = u16::try_from(run).ok()?;
            let claimant = reading.book.claimants.number(row.cell("claimant_id"));
            let portion = reading.book.portion(row.cell("portion"));
            let next = ranks.len();
            let rank = *ranks.entry((run, claimant)).or_insert(next);
            let amount = reading.money(row.cell("amount"))?;
            found.insert((run, rank, portion), (claimant, amount));
            Some(())
        })?;
        for ((run, _, portion), (claimant, amount)) in found {
            self.book.add_payout(Payout {
                amount,
                claimant,
                run,
                portion,
                lapsed: false,
            });
        }
        Ok(())
    }

    fn payments(&mut self) -> Result<()> {
        let chain = self.saved.manifest.chain.clone();
        let paying: Vec<_> = chain.paying().cloned().collect();
        for export in &paying {
            let run = chain.runs.iter().position(|run| run.name == export.run);
            self.book.exports.push(BookExport {
                run: u16::try_from(run.unwrap_or(0))?,
                issued: export.date.as_deref().and_then(dates::iso_date),
                is_check: export.pays.is_check(),
                first: 0,
                end: 0,
            });
        }
        let place_of = |name: &str| paying.iter().position(|export| export.name == name);
        self.rows(PAYMENTS, |reading, row| {
            let run = chain
                .runs
                .iter()
                .position(|run| run.name == row.cell("run"))?;
            let run = u16::try_from(run).ok()?;
            let amount = reading.money(row.cell("amount"))?;
            let portion = reading.book.portion(row.cell("portion"));
            let claimant = reading.book.claimants.number(row.cell("claimant_id"));
            let mut known = reading.book.payouts_of(run, claimant);
            let known = known.find(|place| reading.book.payout(*place).portion == portion);
            let payout = known.unwrap_or_else(|| {
                reading.book.add_payout(Payout {
                    amount,
                    claimant,
                    run,
                    portion,
                    lapsed: false,
                })
            });
            if row.cell("status") == UNISSUED {
                return Some(());
            }
            let export = place_of(row.cell("export"))?;
            reading.payment(&row, payout, u16::try_from(export).ok()?)
        })
    }

    /// Adds a payment with what is known of it.
    fn payment(&mut self, row: &NamedRow<'_>, payout: u32, export: u16) -> Option<()> {
        let words = OutcomeWord::WORDS.iter();
        let (_, state) = words
            .into_iter()
            .find(|(word, _)| *word == row.cell("status"))?;
        let date = Some(row.cell("date")).filter(|date| !date.is_empty());
        let date = match date {
            Some(date) => Some(dates::iso_date(date)?),
            None => None,
        };
        let place = u32::try_from(self.book.payments.len()).ok()?;
        let (run, claimant) = {
            let payout = self.book.payout(payout);
            (payout.run, payout.claimant)
        };
        let is_part = place.checked_sub(1).is_some_and(|before| {
            let other = self.book.payment(before);
            let of = self.book.payout(other.payout);
            other.export == export && (of.run, of.claimant) == (run, claimant)
        });
        let refund = self.money(row.cell("refunded"))?;
        self.book.payments.push(Payment {
            payout,
            export,
            state: *state,
            assumed: date.is_none() && *state != OutcomeWord::Outstanding,
            is_part,
            date,
        });
        self.book.numbers.push(row.cell("number"));
        if refund > Money::ZERO {
            self.book.refunds.insert(place, refund);
        }
        let of_export = self.book.exports.get_mut(usize::from(export))?;
        if of_export.end == of_export.first {
            of_export.first = place;
        }
        of_export.end = place + 1;
        if let (Some(date), false) = (date, is_part) {
            self.known.push(Fact {
                payment: place,
                date,
                word: *state,
                refund: (refund > Money::ZERO).then_some(refund),
                place: None,
            });
        } else if let (true, true, Some(known)) =
            (is_part, refund > Money::ZERO, self.known.last_mut())
        {
            // What came back of a payment is divided among its parts.
            known.refund = known.refund.unwrap_or(Money::ZERO).plus(refund);
        }
        Some(())
    }

    fn lapsed(&mut self) -> Result<()> {
        let runs = self.saved.manifest.chain.runs.clone();
        self.rows(LAPSED, |reading, row| {
            let run = runs.iter().position(|run| run.name == row.cell("run"))?;
            let run = u16::try_from(run).ok()?;
            let portion = reading.book.portion(row.cell("portion"));
            let claimant = reading.book.claimants.find(row.cell("claimant_id"))?;
            let mut payouts = reading.book.payouts_of(run, claimant);
            let place = payouts.find(|place| reading.book.payout(*place).portion == portion)?;
            let place = usize::try_from(place).ok()?;
            reading.book.payouts.get_mut(place)?.lapsed = true;
            Some(())
        })
    }

    /// The facts about payments of which several are known take the place of the last.
    fn history(&mut self) -> Result<()> {
        let mut known: BTreeMap<u32, Vec<Fact>> = BTreeMap::new();
        self.rows(HISTORY, |reading, row| {
            let payment = row.cell("payment").parse::<u32>().ok()?.checked_sub(1)?;
            let word = OutcomeWord::WORDS.iter();
            let (_, word) = word
                .into_iter()
                .find(|(word, _)| *word == row.cell("status"))?;
            let refund = reading.money(row.cell("refunded"))?;
            known.entry(payment).or_default().push(Fact {
                payment,
                date: dates::iso_date(row.cell("date"))?,
                word: *word,
                refund: (refund > Money::ZERO).then_some(refund),
                place: None,
            });
            Some(())
        })?;
        self.known.retain(|fact| !known.contains_key(&fact.payment));
        self.known.extend(known.into_values().flatten());
        Ok(())
    }
}

/// The state of a payout that is in no export.
pub(crate) const UNISSUED: &str = "unissued";

/// A number of rows or payments as an index.
pub(crate) fn place(number: usize) -> u32 {
    u32::try_from(number)
        .ok()
        .or_bug("there are too many payments")
}
