//! A pool of a plan: its money, and the rule that divides it.

use rust_decimal::Decimal;

use crate::base::money::{Currency, Money};
use crate::plan::ExactPart;
use crate::plan::cell::{ColumnId, ValueId};
use crate::plan::condition::Condition;
use crate::plan::document::Span;
use crate::plan::formula::Formula;
use crate::plan::minimum_payment::MinimumPayment;
use crate::plan::pool_parts::PoolParts;
use crate::plan::rounding::Rounding;

#[derive(Debug, Clone)]
pub struct Pool {
    /// The name, unique among pools.
    pub name: String,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    pub money: PoolMoney,
    /// The earlier pool whose rest the money comes from.
    pub rest_of: Option<usize>,
    /// The parts into which the money is divided, if there are any.
    pub by: Option<PoolParts>,
    /// The condition for participating.
    pub when: Condition,
    /// Shares, or awards in currency.
    pub measure: WeightKind,
    /// The formula of the shares or the award.
    pub weight: Formula,
    /// The minimum for each participant.
    pub at_least: Option<Formula>,
    /// The maximum for each participant.
    pub at_most: Option<Formula>,
    /// The amount that the participant has already received.
    pub less: Option<Formula>,
    /// The lowest and highest rate of an award pool.
    pub range: RateRange,
    /// The rule for small payments.
    pub drop: Option<MinimumPayment>,
    /// When the pool is divided at all.
    pub only_if: Option<OnlyIf>,
    /// Rounding of exact payments to whole minor units.
    pub round: Rounding,
    /// True if a formula reads the payments of earlier pools.
    pub open: bool,
    /// The rounded quantity: each payment, or the value of a share.
    pub unit: RoundingUnit,
    /// The place of the name in the plan.
    pub span: Span,
    /// The place of the pool's money in the plan; the place of its name if it takes
    /// the balance.
    pub money_span: Span,
}

/// The money of a pool.
#[derive(Debug, Clone)]
pub enum PoolMoney {
    /// A fixed amount, which must be available.
    Amount(Money),
    /// A part, which must be available.
    Part {
        part: ExactPart,
        /// True for a part of the remaining balance, false for a part of the net
        /// settlement fund.
        of_remaining: bool,
        round: MoneyRounding,
    },
    /// A fixed amount, or the balance if it is less.
    UpTo(Money),
    /// The balance.
    Rest,
}

/// The amounts that make the division of a pool economical: always, if neither is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnlyIf {
    /// The pool has at least this amount.
    pub total: Option<Money>,
    /// Every exact payment above 0 is at least this amount.
    pub each: Option<Money>,
}

/// The reason why a pool is not divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEconomical {
    /// It has less than this amount.
    Total(Money),
    /// A payment would be less than this amount.
    Each(Money),
}

impl NotEconomical {
    /// The reason in unpaid.csv and in the summary.
    pub fn reason(self, pool: &str, currency: Currency) -> String {
        match self {
            Self::Total(least) => {
                let least = currency.text(least);
                format!("less than {least} to divide in pool \"{pool}\"")
            }
            Self::Each(least) => {
                let least = currency.text(least);
                format!("payments of less than {least} in pool \"{pool}\"")
            }
        }
    }
}

/// The rounding of a pool's money that is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyRounding {
    Down,
    /// To the nearest unit, a half up.
    Nearest,
}

/// The kind of a claimant's weight in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightKind {
    /// A unitless number of shares.
    Shares,
    /// An amount in currency.
    Award,
}

/// The permitted rates of an award pool; a share pool may have any rate from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRange {
    pub reduce: Decimal,
    /// The highest rate; `None` if unlimited.
    pub raise: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingUnit {
    Payment,
    /// The value of a share.
    Share,
}

impl Pool {
    /// True if payments are not simply in proportion to the weights, so that a
    /// participant may receive 0 although others are paid.
    pub fn may_pay_nothing(&self) -> bool {
        self.less.is_some() || self.at_least.is_some()
    }

    /// All formulas of the pool: the weight, then the limits.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let limits = [&self.at_least, &self.at_most, &self.less];
        std::iter::once(&self.weight).chain(limits.into_iter().flatten())
    }

    /// The formulas whose result is an amount in currency.
    pub fn amounts(&self) -> impl Iterator<Item = &Formula> {
        let skipped = usize::from(self.measure == WeightKind::Shares);
        self.formulas().skip(skipped)
    }

    /// The conditions of the pool.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let drop = self.drop.iter().map(|drop| &drop.when);
        std::iter::once(&self.when).chain(drop)
    }

    /// The named values that conditions and formulas of the pool may read.
    pub(crate) fn values(&self) -> impl Iterator<Item = ValueId> {
        let of_conditions = self.conditions().flat_map(Condition::values);
        of_conditions.chain(self.formulas().flat_map(Formula::values))
    }

    /// True if a condition or a formula of the pool reads the column.
    pub(crate) fn reads(&self, id: ColumnId) -> bool {
        self.by.as_ref().is_some_and(|by| by.column == id)
            || self.conditions().any(|when| when.reads(id))
            || self
                .formulas()
                .any(|formula| formula.columns().any(|column| column == id))
    }
}
