//! The runs and exports of a chain, and the money that came in and went out besides: what
//! a reconciliation hands on to later ones.

use serde::{Deserialize, Serialize};

use crate::base::diagnostics::OrBug as _;
use crate::base::money::{self, Currency, Money};
use crate::export::layout::LayoutPurpose;
use crate::plan::Choice as _;
use crate::plan::DeductionKind;
use crate::run::summary::PaymentSum;

const NOT_MONEY: &str = "an amount of a manifest is not money";

/// An amount that there is not.
pub(crate) const NOTHING: &str = "0";

/// The runs, exports and movements of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    pub runs: Vec<ChainRun>,
    pub exports: Vec<ChainExport>,
    pub received: Vec<ChainMovement>,
    pub spent: Vec<ChainMovement>,
    /// The figures of the reconciliation that the last run follows.
    pub before: FiguresBefore,
}

/// A run, with the figures that the account needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainRun {
    pub name: String,
    pub seal: String,
    /// The seal of the reconciliation that it follows.
    pub after: Option<String>,
    pub brought_forward: String,
    pub paid_in: String,
    pub interest: String,
    pub deductions: Vec<ChainDeduction>,
    pub payouts: PaymentSum,
    pub held: String,
    pub residual: String,
    /// The rows of its claims files.
    pub claims: u64,
    /// The portions of its payouts.
    pub portions: Vec<ChainPortion>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainDeduction {
    pub name: String,
    pub kind: String,
    pub amount: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainPortion {
    pub name: String,
    /// True if the claimant is paid, and nobody instead.
    pub own: bool,
}

/// An export that pays or lists payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainExport {
    pub name: String,
    pub seal: String,
    /// The name of its run.
    pub run: String,
    pub layout: String,
    pub pays: LayoutPurpose,
    pub date: Option<String>,
    /// The portion that it pays alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portion: Option<String>,
    /// The reconciliation in which it was reconciled first, if that is an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconciled_in: Option<String>,
}

/// Money that came in or went out, other than by the plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainMovement {
    pub name: String,
    pub kind: String,
    pub amount: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The last day of the facts that state it.
    pub on: String,
}

/// Sums until the last run was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FiguresBefore {
    pub refunded: String,
    pub late: String,
    pub over: String,
    pub received: String,
    pub spent: String,
}

impl Default for FiguresBefore {
    fn default() -> Self {
        let none = || NOTHING.to_owned();
        Self {
            refunded: none(),
            late: none(),
            over: none(),
            received: none(),
            spent: none(),
        }
    }
}

/// An amount of a manifest or summary.
pub(crate) fn amount(text: &str, currency: Currency) -> Money {
    if text == NOTHING {
        return Money::ZERO;
    }
    let money = match text.strip_prefix('-') {
        Some(digits) => {
            money::from_text(digits, currency.decimals()).and_then(|money| Money::ZERO.minus(money))
        }
        None => money::from_text(text, currency.decimals()),
    };
    money.or_bug(NOT_MONEY)
}

/// An amount for people, without the sign of the currency, which the account names once.
pub(crate) fn grouped(currency: Currency, money: Money) -> String {
    money::group(&currency.text(money))
}

/// A sum that cannot be too large for a fund.
pub(crate) fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    let sum: Option<Money> = amounts.sum();
    sum.or_bug("the sum of amounts is too large")
}

impl Chain {
    /// The position of a run with this seal.
    pub(crate) fn run(&self, seal: &str) -> Option<usize> {
        self.runs.iter().position(|run| run.seal == seal)
    }

    pub(crate) fn last_run(&self) -> &ChainRun {
        self.runs.last().or_bug("a chain without a run")
    }

    /// The names of exports that pay, in their order.
    pub(crate) fn export_names(&self) -> Vec<String> {
        let paying = self.paying();
        paying.map(|export| export.name.clone()).collect()
    }

    /// The exports that pay somebody. Lists of checks and books pay nobody.
    pub(crate) fn paying(&self) -> impl Iterator<Item = &ChainExport> {
        self.exports.iter().filter(|export| export.pays_somebody())
    }

    /// The total of movements.
    pub(crate) fn total(movements: &[ChainMovement], currency: Currency) -> Money {
        sum(movements
            .iter()
            .map(|movement| amount(&movement.amount, currency)))
    }
}

impl ChainExport {
    pub(crate) fn pays_somebody(&self) -> bool {
        matches!(self.pays, LayoutPurpose::Payment | LayoutPurpose::Check)
    }
}

impl ChainRun {
    /// The money that its plan took for others; a reserve is kept.
    pub(crate) fn deducted(&self, currency: Currency) -> Money {
        let paid = self.deductions.iter().filter(|one| !one.is_reserve());
        sum(paid.map(|one| amount(&one.amount, currency)))
    }

    pub(crate) fn reserve(&self, currency: Currency) -> Money {
        let kept = self.deductions.iter().filter(|one| one.is_reserve());
        sum(kept.map(|one| amount(&one.amount, currency)))
    }
}

impl ChainDeduction {
    pub(crate) fn is_reserve(&self) -> bool {
        self.is(DeductionKind::Reserve)
    }

    pub(crate) fn is(&self, kind: DeductionKind) -> bool {
        self.kind == kind.word()
    }
}
