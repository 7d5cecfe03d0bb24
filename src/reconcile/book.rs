//! The payments of a chain, and the payouts that they pay.
//!
//! A payout is what a run owes a claimant, or one portion of it; a payment is an attempt
//! to pay it. There may be millions of each, so both are small, and texts are kept in
//! lists.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::base::compact_column::index;
use crate::base::dates::Date;
use crate::base::diagnostics::OrBug as _;
use crate::base::money::Money;
use crate::reconcile::facts::OutcomeWord;

const LOST: &str = "a payment of the chain is missing";

/// No payout.
const NONE: u32 = u32::MAX;

/// Texts in the order added.
#[derive(Debug, Default)]
pub(crate) struct TextList {
    text: String,
    ends: Vec<u32>,
}

impl TextList {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).ok();
        self.ends
            .push(end.or_bug("the texts of the chain are too long"));
    }

    pub(crate) fn get(&self, place: u32) -> &str {
        let place = index(place);
        let start = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = start.map_or(0, |end| index(*end));
        let end = index(*self.ends.get(place).or_bug(LOST));
        self.text.get(start..end).or_bug(LOST)
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).ok().or_bug(LOST)
    }
}

/// The claimants of a chain, found by id.
#[derive(Debug, Default)]
pub(crate) struct Claimants {
    ids: TextList,
    by_id: HashTable<u32>,
}

fn hash(text: &str) -> u64 {
    use std::hash::BuildHasher as _;
    FixedState::with_seed(0).hash_one(text)
}

impl Claimants {
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let found = self
            .by_id
            .find(hash(id), |other| self.ids.get(*other) == id);
        found.copied()
    }

    pub(crate) fn number(&mut self, id: &str) -> u32 {
        if let Some(known) = self.find(id) {
            return known;
        }
        let number = self.ids.len();
        self.ids.push(id);
        let ids = &self.ids;
        self.by_id
            .insert_unique(hash(id), number, |other| hash(ids.get(*other)));
        number
    }

    pub(crate) fn id(&self, claimant: u32) -> &str {
        self.ids.get(claimant)
    }

    pub(crate) fn len(&self) -> u32 {
        self.ids.len()
    }
}

/// What a run owes a claimant: the whole payout, or a portion of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payout {
    pub amount: Money,
    pub claimant: u32,
    /// The position of the run in the chain.
    pub run: u16,
    /// The position of the portion in [`Book::portions`].
    pub portion: u16,
    /// True if it was void when a later run was computed.
    pub lapsed: bool,
}

/// An attempt to pay a payout.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment {
    pub payout: u32,
    /// The position of the export in the chain.
    pub export: u16,
    pub state: OutcomeWord,
    /// True if the state is only taken for granted, because nothing was heard.
    pub assumed: bool,
    /// True if it is a further part of the payment before it, which pays several portions
    /// at once.
    pub is_part: bool,
    /// The day from which it is in this state.
    pub date: Option<Date>,
}

impl Payment {
    pub(crate) fn is_live(&self) -> bool {
        use OutcomeWord::{Cashed, Outstanding, Refunded};
        matches!(self.state, Cashed | Outstanding | Refunded)
    }
}

/// An export that pays, and its payments.
#[derive(Debug, Clone)]
pub(crate) struct BookExport {
    pub run: u16,
    pub issued: Option<Date>,
    pub is_check: bool,
    pub first: u32,
    pub end: u32,
}

/// The payouts and payments of a chain.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub claimants: Claimants,
    /// The names of portions; the first is blank, for payouts as a whole.
    pub portions: Vec<String>,
    pub payouts: Vec<Payout>,
    pub payments: Vec<Payment>,
    /// The numbers of payments; blank if they have none.
    pub numbers: TextList,
    pub exports: Vec<BookExport>,
    /// By payment, how much of it came back.
    pub refunds: HashMap<u32, Money>,
    /// By run and claimant, the first payout.
    first_payouts: Vec<Vec<u32>>,
    /// What the last run holds, by claimant and portion.
    pub held: Vec<(u32, u16, Money)>,
}

impl Book {
    pub(crate) fn new() -> Self {
        Self {
            portions: vec![String::new()],
            ..Self::default()
        }
    }

    /// The number of a portion.
    pub(crate) fn portion(&mut self, name: &str) -> u16 {
        let known = self.portions.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.portions.push(name.to_owned());
            self.portions.len() - 1
        });
        u16::try_from(place)
            .ok()
            .or_bug("there are too many portions")
    }

    /// True if payouts have portions.
    pub(crate) fn has_portions(&self) -> bool {
        self.portions.len() > 1
    }

    /// Adds a payout. Those of a claimant in one run follow each other.
    pub(crate) fn add_payout(&mut self, payout: Payout) -> u32 {
        let place = u32::try_from(self.payouts.len()).ok().or_bug(LOST);
        let (run, claimant) = (usize::from(payout.run), index(payout.claimant));
        if self.first_payouts.len() <= run {
            self.first_payouts.resize(run + 1, Vec::new());
        }
        let firsts = self.first_payouts.get_mut(run).or_bug(LOST);
        if firsts.len() <= claimant {
            firsts.resize(claimant + 1, NONE);
        }
        let first = firsts.get_mut(claimant).or_bug(LOST);
        if *first == NONE {
            *first = place;
        }
        self.payouts.push(payout);
        place
    }

    /// The payouts of a claimant in a run.
    pub(crate) fn payouts_of(&self, run: u16, claimant: u32) -> std::ops::Range<u32> {
        let firsts = self.first_payouts.get(usize::from(run));
        let first = firsts.and_then(|firsts| firsts.get(index(claimant)));
        let Some(first) = first.copied().filter(|first| *first != NONE) else {
            return 0..0;
        };
        let is_its = |payout: &&Payout| payout.run == run && payout.claimant == claimant;
        let from = self.payouts.get(index(first)..).unwrap_or_default();
        let count = from.iter().take_while(is_its).map(|_| 1_u32).sum::<u32>();
        first..first + count
    }

    pub(crate) fn payout(&self, place: u32) -> &Payout {
        self.payouts.get(index(place)).or_bug(LOST)
    }

    pub(crate) fn payment(&self, place: u32) -> &Payment {
        self.payments.get(index(place)).or_bug(LOST)
    }

    pub(crate) fn export(&self, payment: u32) -> &BookExport {
        let export = usize::from(self.payment(payment).export);
        self.exports.get(export).or_bug(LOST)
    }

    pub(crate) fn claimant_of(&self, payment: u32) -> &str {
        let payout = self.payout(self.payment(payment).payout);
        self.claimants.id(payout.claimant)
    }

    /// A payment with the further parts of it.
    pub(crate) fn parts(&self, payment: u32) -> std::ops::Range<u32> {
        let from = self.payments.get(index(payment) + 1..).unwrap_or_default();
        let parts = from.iter().take_while(|payment| payment.is_part);
        payment..payment + 1 + parts.map(|_| 1_u32).sum::<u32>()
    }

    /// The amount of a payment with all of its parts.
    pub(crate) fn amount(&self, payment: u32) -> Money {
        let parts = self.parts(payment);
        let amounts = parts.map(|part| self.payout(self.payment(part).payout).amount);
        let sum: Option<Money> = amounts.sum();
        sum.or_bug("the sum of a payment is too large")
    }

    /// How much of a payment or a part of it came back.
    pub(crate) fn refund(&self, payment: u32) -> Money {
        self.refunds.get(&payment).copied().unwrap_or(Money::ZERO)
    }

    /// All payments in the order of runs, and then of exports.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = u32> {
        let mut exports: Vec<&BookExport> = self.exports.iter().collect();
        exports.sort_by_key(|export| export.run);
        exports
            .into_iter()
            .flat_map(|export| export.first..export.end)
    }
}

/// A number as it is compared: digits without zeros in front.
pub(crate) fn comparable(number: &str) -> &str {
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number;
    }
    let bare = number.trim_start_matches('0');
    if bare.is_empty() { "0" } else { bare }
}

/// Payments by number and by claimant.
#[derive(Debug)]
pub(crate) struct PaymentIndex {
    by_number: HashTable<u32>,
    /// Where the payments of a claimant begin in `of_claimants`.
    starts: Vec<u32>,
    of_claimants: Vec<u32>,
}

impl PaymentIndex {
    pub(crate) fn new(book: &Book) -> Self {
        let mut by_number = HashTable::new();
        let mut counts = vec![0_u32; index(book.claimants.len()) + 1];
        let places = 0..u32::try_from(book.payments.len()).ok().or_bug(LOST);
        let whole = || {
            let is_whole = |place: &u32| !book.payment(*place).is_part;
            places.clone().filter(is_whole)
        };
        let number = |place: u32| comparable(book.numbers.get(place));
        for place in whole() {
            if !number(place).is_empty() {
                let hashed = |other: &u32| hash(number(*other));
                by_number.insert_unique(hash(number(place)), place, hashed);
            }
            let claimant = book.payout(book.payment(place).payout).claimant;
            *counts.get_mut(index(claimant)).or_bug(LOST) += 1;
        }
        let mut end = 0;
        let mut starts = Vec::with_capacity(counts.len());
        for count in counts {
            starts.push(end);
            end += count;
        }
        let mut next = starts.clone();
        let mut of_claimants = vec![0; index(end)];
        for place in whole() {
            let claimant = book.payout(book.payment(place).payout).claimant;
            let at = next.get_mut(index(claimant)).or_bug(LOST);
            *of_claimants.get_mut(index(*at)).or_bug(LOST) = place;
            *at += 1;
        }
        Self {
            by_number,
            starts,
            of_claimants,
        }
    }

    /// The payments with a number.
    pub(crate) fn of_number(&self, book: &Book, number: &str) -> Vec<u32> {
        let number = comparable(number);
        let mut found: Vec<u32> = self
            .by_number
            .iter_hash(hash(number))
            .filter(|place| comparable(book.numbers.get(**place)) == number)
            .copied()
            .collect();
        found.sort_unstable();
        found
    }

    /// The payments to a claimant.
    pub(crate) fn of_claimant(&self, claimant: u32) -> &[u32] {
        let start = self
            .starts
            .get(index(claimant))
            .map_or(0, |start| index(*start));
        let end = self.starts.get(index(claimant) + 1);
        let end = end.map_or(self.of_claimants.len(), |end| index(*end));
        self.of_claimants.get(start..end).unwrap_or_default()
    }
}
