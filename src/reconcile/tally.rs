//! What became of each payout, and the sums over all of them.

use std::collections::{BTreeMap, HashMap};

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug as _;
use crate::base::money::Money;
use crate::plan::Choice as _;
use crate::reconcile::book::{Book, Payout};
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::saved::{UNISSUED, place};

const LOST: &str = "a payout is missing";

/// The payments of a payout, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PayoutState {
    /// All of them.
    pub payments: u16,
    pub cashed: u16,
    pub outstanding: u16,
    /// The state of the last one that is live, or else of the last one.
    word: Option<OutcomeWord>,
    has_live: bool,
}

impl PayoutState {
    fn add(&mut self, word: OutcomeWord) {
        let more = |count: u16| {
            count
                .checked_add(1)
                .or_bug("a payout has too many payments")
        };
        self.payments = more(self.payments);
        let is_live = match word {
            OutcomeWord::Cashed | OutcomeWord::Refunded => {
                self.cashed = more(self.cashed);
                true
            }
            OutcomeWord::Outstanding => {
                self.outstanding = more(self.outstanding);
                true
            }
            OutcomeWord::Stale | OutcomeWord::Returned | OutcomeWord::Void => false,
        };
        if is_live || !self.has_live {
            self.word = Some(word);
        }
        self.has_live |= is_live;
    }

    /// The word for the state of the payout.
    pub(crate) fn word(self) -> &'static str {
        self.word.map_or(UNISSUED, OutcomeWord::word)
    }

    pub(crate) fn is_live(self) -> bool {
        self.has_live
    }
}

/// Sums over payouts, or those of a claimant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PayoutSums {
    pub payouts: Money,
    /// What was cashed, without what came back of it.
    pub cashed: Money,
    pub refunded: Money,
    pub outstanding: Money,
    pub void: Money,
    pub lapsed: Money,
    /// What was cashed although its money is in a later run.
    pub late: Money,
    /// What was paid more than once.
    pub over: Money,
}

impl PayoutSums {
    /// Adds a payout.
    fn add(&mut self, payout: &Payout, state: PayoutState, refunded: Money) {
        let times = |count: u16| payout.amount.times(u64::from(count)).or_bug(LARGE);
        let (cashed, outstanding) = (times(state.cashed), times(state.outstanding));
        let net = cashed.minus(refunded).or_bug(LARGE);
        plus(&mut self.payouts, payout.amount);
        plus(&mut self.cashed, net);
        plus(&mut self.refunded, refunded);
        plus(&mut self.outstanding, outstanding);
        if !state.is_live() {
            let gone = if payout.lapsed {
                &mut self.lapsed
            } else {
                &mut self.void
            };
            plus(gone, payout.amount);
            return;
        }
        let live = cashed.plus(outstanding).or_bug(LARGE);
        if payout.lapsed {
            plus(&mut self.late, live.min(payout.amount));
        }
        plus(&mut self.over, live.minus(payout.amount).or_bug(LARGE));
    }

    /// True if every payout is in exactly one place, and what was paid more than once in
    /// one more.
    pub(crate) fn ties_out(&self) -> bool {
        let owed = self.payouts.plus(self.over);
        let places = [
            self.cashed,
            self.refunded,
            self.outstanding,
            self.void,
            self.lapsed,
        ];
        let found: Option<Money> = places.into_iter().sum();
        owed.is_some() && owed == found
    }
}

const LARGE: &str = "a sum of payouts is too large";

fn plus(sum: &mut Money, amount: Money) {
    *sum = sum.plus(amount).or_bug(LARGE);
}

/// A number of payouts and their sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CountAndSum {
    pub count: u64,
    pub total: Money,
}

impl CountAndSum {
    pub(crate) fn add(&mut self, amount: Money) {
        self.count += 1;
        plus(&mut self.total, amount);
    }
}

/// The sums of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunSums {
    pub sums: PayoutSums,
    pub payouts: CountAndSum,
    /// By the word for the state of the payout.
    pub states: BTreeMap<&'static str, CountAndSum>,
    pub cashed: u64,
    pub outstanding: u64,
    /// Payouts of which no payment is live.
    pub never: CountAndSum,
    /// Payouts with more than one payment.
    pub again: u64,
    /// Payouts in no export.
    pub unissued: CountAndSum,
}

/// The state of every payout, and all sums.
#[derive(Debug)]
pub(crate) struct Tally {
    states: Vec<PayoutState>,
    refunded: HashMap<u32, Money>,
    pub runs: Vec<RunSums>,
    pub all: PayoutSums,
}

impl Tally {
    pub(crate) fn new(book: &Book, runs: usize) -> Self {
        let mut states = vec![PayoutState::default(); book.payouts.len()];
        let mut refunded: HashMap<u32, Money> = HashMap::new();
        for payment in book.in_order() {
            let of = book.payment(payment);
            states.get_mut(index(of.payout)).or_bug(LOST).add(of.state);
            if of.state == OutcomeWord::Refunded {
                plus(refunded.entry(of.payout).or_default(), book.refund(payment));
            }
        }
        let mut tally = Self {
            states,
            refunded,
            runs: vec![RunSums::default(); runs],
            all: PayoutSums::default(),
        };
        for (place, payout) in (0..).zip(&book.payouts) {
            let (state, refunded) = (tally.state(place), tally.refunded(place));
            tally.all.add(payout, state, refunded);
            let run = tally.runs.get_mut(usize::from(payout.run)).or_bug(LOST);
            run.sums.add(payout, state, refunded);
            run.add(payout, state);
        }
        tally
    }

    pub(crate) fn state(&self, payout: u32) -> PayoutState {
        *self.states.get(index(payout)).or_bug(LOST)
    }

    fn refunded(&self, payout: u32) -> Money {
        self.refunded.get(&payout).copied().unwrap_or(Money::ZERO)
    }

    /// The sums of a claimant's payouts of a portion.
    pub(crate) fn of_claimant(&self, book: &Book, payouts: &[u32]) -> PayoutSums {
        let mut sums = PayoutSums::default();
        for payout in payouts {
            sums.add(
                book.payout(*payout),
                self.state(*payout),
                self.refunded(*payout),
            );
        }
        sums
    }

    /// The payouts that no payment pays and that have not lapsed.
    pub(crate) fn void(&self, book: &Book) -> Vec<u32> {
        let places = 0..place(book.payouts.len());
        places
            .filter(|place| !self.state(*place).is_live() && !book.payout(*place).lapsed)
            .collect()
    }
}

impl RunSums {
    fn add(&mut self, payout: &Payout, state: PayoutState) {
        self.payouts.add(payout.amount);
        self.states
            .entry(state.word())
            .or_default()
            .add(payout.amount);
        if !state.is_live() {
            self.never.add(payout.amount);
        } else if state.cashed > 0 {
            self.cashed += 1;
        } else {
            self.outstanding += 1;
        }
        self.again += u64::from(state.payments > 1);
        if state.payments == 0 {
            self.unissued.add(payout.amount);
        }
    }
}
