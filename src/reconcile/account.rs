//! The account of the fund on a day: all that came in is with a claimant, with a named
//! payee, out on a payment, or left.

use crate::base::dates::Date;
use crate::base::diagnostics::{Bug, OrBug as _};
use crate::base::locale::Locale;
use crate::base::money::{Currency, Money};
use crate::plan::{ClassFigures, Settlement};
use crate::reconcile::chain::{Chain, amount, sum};
use crate::reconcile::facts::CourtFacts;
use crate::reconcile::ledger::LedgerSums;
use crate::reconcile::tally::{CountAndSum, Tally};

/// The money that is left for a further distribution, in its parts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Left {
    pub void: Money,
    pub held: Money,
    pub reserve: Money,
    pub residual: Money,
    /// Since the last run was computed.
    pub refunded: Money,
    pub received: Money,
    /// Negative.
    pub spent: Money,
    /// Negative.
    pub late: Money,
    /// Negative.
    pub over: Money,
}

/// The account of a chain on a day.
pub(crate) struct ChainAccount<'a> {
    pub settlement: &'a Settlement,
    pub class: ClassFigures,
    pub chain: &'a Chain,
    pub tally: &'a Tally,
    pub ledger: &'a LedgerSums,
    /// The name of the reconciliation before.
    pub after: Option<&'a str>,
    pub on: Date,
    pub report: &'a CourtFacts,
    pub owed: &'a [crate::reconcile::facts::Owed],
    pub balance: Option<Money>,
    pub left: Left,
    /// The whole payments of exports of checks.
    pub checks: ChecksMailed,
    /// The number of payments of each export that pays.
    pub payments: Vec<u64>,
    /// Payouts that were never cashed, by column and text of the claims file.
    pub by: Vec<(String, Vec<(String, CountAndSum)>)>,
    /// The account of the reconciliation before: the sums that a period is measured from.
    pub before: Option<PeriodStart>,
    pub findings: Vec<String>,
}

/// The sums at the reconciliation before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeriodStart {
    pub fund: Money,
    pub cashed: Money,
    pub given: Money,
    pub administration: Money,
    pub undistributed: Money,
}

/// The checks that were mailed, and those that came back or lapsed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChecksMailed {
    pub all: CountAndSum,
    pub back: CountAndSum,
}

fn minus(one: Money, other: Money) -> Money {
    one.minus(other)
        .or_bug("an amount of the account is too large")
}

impl Left {
    /// The parts since the last run was computed.
    pub(crate) fn new(chain: &Chain, tally: &Tally, held: Money, currency: Currency) -> Self {
        let of = |text: &str| amount(text, currency);
        let (last, before) = (chain.last_run(), &chain.before);
        let since = |now: Money, then: &str| minus(now, of(then));
        let negative = |since: Money| minus(Money::ZERO, since);
        let received = Chain::total(&chain.received, currency);
        let spent = Chain::total(&chain.spent, currency);
        Self {
            void: tally.all.void,
            held,
            reserve: last.reserve(currency),
            residual: of(&last.residual),
            refunded: since(tally.all.refunded, &before.refunded),
            received: since(received, &before.received),
            spent: negative(since(spent, &before.spent)),
            late: negative(since(tally.all.late, &before.late)),
            over: negative(since(tally.all.over, &before.over)),
        }
    }

    /// The parts with their keys and their words.
    pub(crate) fn parts(&self, run: &str) -> [(&'static str, String, Money); 9] {
        let words = |words: &str| words.to_owned();
        [
            ("void", words("payouts void, or never issued"), self.void),
            ("held", words("held for claims in dispute"), self.held),
            ("reserve", words("reserve"), self.reserve),
            ("residual", format!("residual of {run}"), self.residual),
            ("refunded", words("refunded since"), self.refunded),
            ("received", words("received since"), self.received),
            ("spent", words("spent since"), self.spent),
            (
                "late",
                words("cashed after being brought forward"),
                self.late,
            ),
            ("over", words("paid more than once"), self.over),
        ]
    }

    pub(crate) fn amount(&self) -> Money {
        sum(self.parts("").into_iter().map(|(_, _, amount)| amount))
    }
}

impl ChainAccount<'_> {
    pub(crate) fn currency(&self) -> Currency {
        self.settlement.currency
    }

    pub(crate) fn locale(&self) -> Locale {
        self.settlement.locale
    }

    fn of_runs(&self, figure: impl Fn(&crate::reconcile::chain::ChainRun) -> Money) -> Money {
        sum(self.chain.runs.iter().map(figure))
    }

    pub(crate) fn paid_in(&self) -> Money {
        self.of_runs(|run| amount(&run.paid_in, self.currency()))
    }

    pub(crate) fn interest(&self) -> Money {
        self.of_runs(|run| amount(&run.interest, self.currency()))
    }

    pub(crate) fn received(&self) -> Money {
        Chain::total(&self.chain.received, self.currency())
    }

    pub(crate) fn spent(&self) -> Money {
        Chain::total(&self.chain.spent, self.currency())
    }

    pub(crate) fn deducted(&self) -> Money {
        self.of_runs(|run| run.deducted(self.currency()))
    }

    /// All that ever came in.
    pub(crate) fn fund(&self) -> Money {
        sum([self.paid_in(), self.interest(), self.received()].into_iter())
    }

    /// The money of the class in the account.
    pub(crate) fn of_class(&self) -> Money {
        sum([self.tally.all.outstanding, self.left.amount()].into_iter())
    }

    pub(crate) fn owed(&self) -> Money {
        sum(self.owed.iter().map(|owed| owed.amount))
    }

    /// The amount that the bank account must hold.
    pub(crate) fn expected_balance(&self) -> Money {
        sum([self.of_class(), self.owed()].into_iter())
    }

    /// Payouts of all runs.
    pub(crate) fn payouts(&self) -> CountAndSum {
        self.sum_of_runs(|run| run.payouts)
    }

    pub(crate) fn never(&self) -> CountAndSum {
        self.sum_of_runs(|run| run.never)
    }

    fn sum_of_runs(
        &self,
        figure: impl Fn(&crate::reconcile::tally::RunSums) -> CountAndSum,
    ) -> CountAndSum {
        let figures = self.tally.runs.iter().map(figure);
        figures.fold(CountAndSum::default(), |all, one| CountAndSum {
            count: all.count + one.count,
            total: sum([all.total, one.total].into_iter()),
        })
    }

    pub(crate) fn paid_again(&self) -> u64 {
        self.tally.runs.iter().map(|run| run.again).sum()
    }

    /// True if nothing happened that must not.
    pub(crate) fn ties_out(&self) -> bool {
        self.findings.is_empty()
    }

    /// Proves that all that came in is in one place, and that the fund of each run went
    /// where its figures say.
    pub(crate) fn prove(&self) -> Result<(), Bug> {
        let currency = self.currency();
        let places = [
            self.deducted(),
            self.spent(),
            self.tally.all.cashed,
            self.tally.all.outstanding,
            self.left.amount(),
        ];
        if sum(places.into_iter()) != self.fund() {
            return Err(Bug::new("money that came in is not in exactly one place"));
        }
        for (run, sums) in self.chain.runs.iter().zip(&self.tally.runs) {
            let of = |text: &String| amount(text, currency);
            let came = [&run.brought_forward, &run.paid_in, &run.interest];
            let went = [
                run.deducted(currency),
                run.reserve(currency),
                of(&run.payouts.total),
                of(&run.held),
                of(&run.residual),
            ];
            if sum(came.into_iter().map(of)) != sum(went.into_iter()) {
                return Err(Bug::new("the fund of a run does not add up"));
            }
            if sums.payouts.total != of(&run.payouts.total) {
                return Err(Bug::new(
                    "the payouts of a run are not those of its summary",
                ));
            }
        }
        Ok(())
    }
}
