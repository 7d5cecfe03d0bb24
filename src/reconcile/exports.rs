//! The payments of exports, added to the chain.

use std::path::Path;

use anyhow::Result;

use crate::base::dates;
use crate::base::diagnostics::{Message, Problem, literal, quotable};
use crate::base::money::{self, Currency, Money};
use crate::export::manifest::{self, ExportManifest, ListedPayment};
use crate::reconcile::book::{Book, BookExport, Payment, comparable};
use crate::reconcile::chain::{Chain, ChainExport, grouped};
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::messages;
use crate::reconcile::saved::{name_of, place};

/// An export that was named.
pub(crate) struct OpenedExport {
    pub name: String,
    pub seal: String,
    pub manifest: ExportManifest,
    pub payments: Vec<ListedPayment>,
}

impl OpenedExport {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let (manifest, seal) = manifest::read(folder)?;
        let payments = manifest::payments(folder, &manifest)?;
        Ok(Self {
            name: name_of(folder),
            seal,
            manifest,
            payments,
        })
    }

    /// True if it pays somebody: lists of checks and books pay nobody.
    pub(crate) fn pays(&self) -> bool {
        self.as_listed("").pays_somebody()
    }

    fn as_listed(&self, run: &str) -> ChainExport {
        ChainExport {
            name: self.name.clone(),
            seal: self.seal.clone(),
            run: run.to_owned(),
            layout: self.manifest.layout.name.clone(),
            pays: self.manifest.layout.pays,
            date: self.manifest.choices.date.clone(),
            portion: self.manifest.choices.portion.clone(),
            reconciled_in: None,
        }
    }
}

/// Adds the exports to the chain and their payments to the book. Returns sentences about
/// payments that must not have been made.
pub(crate) fn add(
    opened: &[OpenedExport],
    chain: &mut Chain,
    book: &mut Book,
    currency: Currency,
) -> Result<Vec<Message>> {
    let mut findings = Vec::new();
    for export in opened {
        let run = check(export, chain)?;
        let of_run = chain.runs.get(run).map_or("", |run| run.name.as_str());
        let listed = export.as_listed(of_run);
        if export.pays() {
            let mut adding = Adding {
                export,
                run: u16::try_from(run)?,
                chain,
                book,
                currency,
                findings: &mut findings,
            };
            adding.payments()?;
        }
        chain.exports.push(listed);
    }
    refuse_numbers_used_twice(chain, book)?;
    Ok(findings)
}

/// Finds the run of an export in the chain. Its name and seal must be new.
fn check(export: &OpenedExport, chain: &Chain) -> Result<usize, Problem> {
    let name = quotable(&export.name);
    if let Some(known) = chain.exports.iter().find(|known| known.seal == export.seal) {
        let before = known.reconciled_in.as_deref();
        return Err(match before {
            Some(before) => messages::export_again(&name, before).into(),
            None => messages::exports_of_one_name(&literal(&export.name)).into(),
        });
    }
    if chain.exports.iter().any(|known| known.name == export.name) {
        return Err(messages::exports_of_one_name(&literal(&export.name)).into());
    }
    let seal = &export.manifest.run.seal;
    chain.run(seal).ok_or_else(|| {
        let last = &chain.last_run().name;
        messages::export_of_other_run(&name, seal.get(..8).unwrap_or(seal), last).into()
    })
}

/// The adding of the payments of an export.
struct Adding<'a> {
    export: &'a OpenedExport,
    run: u16,
    chain: &'a Chain,
    book: &'a mut Book,
    currency: Currency,
    findings: &'a mut Vec<Message>,
}

impl Adding<'_> {
    fn payments(&mut self) -> Result<()> {
        let first = place(self.book.payments.len());
        let date = self.export.manifest.choices.date.as_deref();
        self.book.exports.push(BookExport {
            run: self.run,
            issued: date.and_then(dates::iso_date),
            is_check: self.export.manifest.layout.pays.is_check(),
            first,
            end: first,
        });
        for listed in &self.export.payments {
            self.payment(listed)?;
        }
        let end = place(self.book.payments.len());
        if let Some(export) = self.book.exports.last_mut() {
            export.end = end;
        }
        Ok(())
    }

    /// Adds a payment, which must be of a payout and of its amount.
    fn payment(&mut self, listed: &ListedPayment) -> Result<()> {
        let amount = money::from_text(&listed.payout, self.currency.decimals());
        let payouts = self.payouts(&listed.id);
        let due: Option<Money> = payouts
            .iter()
            .map(|payout| self.book.payout(*payout).amount)
            .sum();
        if payouts.is_empty() || amount.is_none() || due != amount {
            let run = self.chain.runs.get(usize::from(self.run));
            let run = run.map_or("", |run| run.name.as_str());
            let (export, id) = (quotable(&self.export.name), literal(&listed.id));
            return Err(messages::payment_of_no_payout(&export, &id, &listed.payout, run).into());
        }
        let export = u16::try_from(self.book.exports.len() - 1)?;
        for (number, payout) in payouts.iter().enumerate() {
            self.note_lapsed(*payout);
            self.book.payments.push(Payment {
                payout: *payout,
                export,
                state: OutcomeWord::Outstanding,
                assumed: false,
                is_part: number > 0,
                date: None,
            });
            self.book.numbers.push(&listed.number);
        }
        Ok(())
    }

    /// The payouts that a payment pays: the portion of the export, or all portions that
    /// the claimant is paid.
    fn payouts(&self, id: &str) -> Vec<u32> {
        let Some(claimant) = self.book.claimants.find(id) else {
            return Vec::new();
        };
        let run = self.chain.runs.get(usize::from(self.run));
        let portions = run.map_or(&[][..], |run| &run.portions);
        let wanted = self.export.manifest.choices.portion.as_deref();
        let is_paid = |name: &str| {
            if let Some(wanted) = wanted {
                name == wanted
            } else {
                let known = portions.iter().find(|portion| portion.name == name);
                known.is_none_or(|portion| portion.own)
            }
        };
        let payouts = self.book.payouts_of(self.run, claimant);
        let name = |place: u32| {
            let portion = usize::from(self.book.payout(place).portion);
            self.book.portions.get(portion).map_or("", String::as_str)
        };
        payouts.filter(|place| is_paid(name(*place))).collect()
    }

    fn note_lapsed(&mut self, payout: u32) {
        let payout = self.book.payout(payout);
        if !payout.lapsed {
            return;
        }
        let name = |run: usize| self.chain.runs.get(run).map_or("", |run| run.name.as_str());
        let run = usize::from(self.run);
        let id = self.book.claimants.id(payout.claimant);
        self.findings.push(messages::paid_after_lapse(
            &quotable(&self.export.name),
            id,
            &grouped(self.currency, payout.amount),
            name(run),
            name(run + 1),
        ));
    }
}

/// Refuses a number that two exports of checks use.
fn refuse_numbers_used_twice(chain: &Chain, book: &Book) -> Result<(), Problem> {
    let names = chain.export_names();
    let name = |export: u16| names.get(usize::from(export)).map_or("", String::as_str);
    let mut numbers: Vec<(&str, u32)> = Vec::new();
    for export in &book.exports {
        for payment in (export.first..export.end).filter(|_| export.is_check) {
            let number = comparable(book.numbers.get(payment));
            if !number.is_empty() && !book.payment(payment).is_part {
                numbers.push((number, payment));
            }
        }
    }
    numbers.sort_unstable();
    let mut pairs = numbers.windows(2);
    let twice = pairs.find_map(|pair| match pair {
        [(one, first), (other, second)] if one == other => Some((*first, *second)),
        _ => None,
    });
    let Some((first, second)) = twice else {
        return Ok(());
    };
    let of = |payment: u32| literal(book.claimant_of(payment));
    let export = |payment: u32| quotable(name(book.payment(payment).export));
    Err(messages::number_used_twice(
        book.numbers.get(first),
        &of(first),
        &export(first),
        &of(second),
        &export(second),
    )
    .into())
}
