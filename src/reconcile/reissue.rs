//! What a reconciliation knows of payouts that are to be paid again.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::base::diagnostics::{Message, Problem, literal, quotable};
use crate::base::regular_file::folder_of;
use crate::export::paid_before::NamedExport;
use crate::export::reissue::{FindBasis, ReissueBasis};
use crate::plan::Choice as _;
use crate::reconcile::book::{Book, PaymentIndex};
use crate::reconcile::chain::Chain;
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::find::{find_folder, places};
use crate::reconcile::matching::name_of;
use crate::reconcile::messages;
use crate::reconcile::saved::SavedReconciliation;

/// A reconciliation, for the payouts of one of its runs.
#[derive(Debug)]
pub(crate) struct VoidPayouts {
    named: NamedExport,
    chain: Chain,
    /// The position of the run.
    run: usize,
    book: Book,
    index: PaymentIndex,
    names: Vec<String>,
}

impl VoidPayouts {
    /// Opens a reconciliation for a run of its chain.
    pub(crate) fn open(folder: &Path, run_seal: &str, run: &str) -> Result<Self> {
        let saved = SavedReconciliation::open(folder)?;
        let chain = saved.chain();
        let Some(place) = chain.run(run_seal) else {
            let (name, run) = (quotable(&saved.name), quotable(run));
            return Err(Problem::from(messages::reconciliation_of_other_run(&name, &run)).into());
        };
        let (book, _) = saved.book()?;
        Ok(Self {
            named: NamedExport {
                name: saved.name.clone(),
                seal: saved.seal.clone(),
            },
            run: place,
            index: PaymentIndex::new(&book),
            names: chain.export_names(),
            book,
            chain,
        })
    }

    /// The payouts of a claimant in the run: of a portion, or all that the claimant is paid.
    fn payouts(&self, id: &str, portion: Option<&str>) -> Vec<u32> {
        let Some(claimant) = self.book.claimants.find(id) else {
            return Vec::new();
        };
        let run = u16::try_from(self.run).unwrap_or(u16::MAX);
        let portions = self.chain.runs.get(self.run);
        let portions = portions.map_or(&[][..], |run| &run.portions);
        let is_wanted = |payout: &u32| {
            let place = usize::from(self.book.payout(*payout).portion);
            let name = self.book.portions.get(place).map_or("", String::as_str);
            if let Some(wanted) = portion {
                name == wanted
            } else {
                let known = portions.iter().find(|portion| portion.name == name);
                known.is_none_or(|portion| portion.own)
            }
        };
        let payouts = self.book.payouts_of(run, claimant);
        payouts.filter(is_wanted).collect()
    }

    /// The live payment of a payout in a sentence.
    fn live_payment(&self, payout: u32) -> Option<String> {
        let claimant = self.book.payout(payout).claimant;
        let payments = self.index.of_claimant(claimant).iter();
        let live = payments.rev().find(|payment| {
            let mut parts = self.book.parts(**payment);
            parts.any(|part| {
                let of = self.book.payment(part);
                of.payout == payout && of.is_live()
            })
        })?;
        let name = name_of(&self.book, &self.names, *live);
        let of = self.book.payment(*live);
        let date = of
            .date
            .map(|date| format!(" on {date}"))
            .unwrap_or_default();
        Some(match of.state {
            OutcomeWord::Outstanding => format!("{name} is outstanding"),
            state => format!("{name} was {}{date}", state.word()),
        })
    }
}

impl ReissueBasis for VoidPayouts {
    fn named(&self) -> NamedExport {
        self.named.clone()
    }

    fn refusal(&self, id: &str, portion: Option<&str>) -> Option<Message> {
        let payouts = self.payouts(id, portion);
        let run = self.chain.runs.get(self.run);
        let run = run.map_or("", |run| run.name.as_str());
        if payouts.is_empty() {
            return Some(messages::payout_unknown(
                &self.named.name,
                &literal(id),
                run,
            ));
        }
        payouts.into_iter().find_map(|payout| {
            if self.book.payout(payout).lapsed {
                let later = self.chain.runs.get(self.run + 1);
                let later = later.map_or("", |run| run.name.as_str());
                return Some(messages::payout_lapsed(id, run, later));
            }
            let live = self.live_payment(payout)?;
            Some(messages::payout_live(id, &live))
        })
    }

    fn has_export(&self, seal: &str) -> bool {
        self.chain.exports.iter().any(|export| export.seal == seal)
    }

    fn check_with_number(&self, number: &str) -> Option<(String, String)> {
        if number.is_empty() {
            return None;
        }
        let found = self.index.of_number(&self.book, number);
        let check = found
            .into_iter()
            .find(|payment| self.book.export(*payment).is_check)?;
        let export = usize::from(self.book.payment(check).export);
        let export = self.names.get(export).cloned().unwrap_or_default();
        Some((self.book.claimant_of(check).to_owned(), export))
    }
}

/// Finds reconciliations by name: among the folders that were named, beside an export, or
/// here.
#[derive(Debug)]
pub(crate) struct NamedReconciliations<'a>(pub &'a [PathBuf]);

impl FindBasis for NamedReconciliations<'_> {
    fn find(&self, named: &NamedExport, run: &str, export: &Path) -> Option<Box<dyn ReissueBasis>> {
        let places = places(self.0, folder_of(export));
        let folder = find_folder(&named.name, &named.seal, &places)?;
        let opened = VoidPayouts::open(&folder, run, "").ok()?;
        Some(Box::new(opened))
    }
}
