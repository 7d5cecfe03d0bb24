//! The one equation of a pool: at rate λ a participant with weight w, offset o
//! and limits a and b receives min(b, max(a, λ·w − o)); find the smallest rate
//! at which all of them together receive just what the pool holds (plan
//! reference, "The rate").
//!
//! Weights, offsets and limits are brought to one denominator, so that a total
//! is a sum of integers; every breakpoint is listed, and the total is worked
//! out at as many of them as it takes to find the two between which the rate
//! must lie. Between neighbours the total is a straight line.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::audit::recompute::number::{Fraction, whole};

/// One participant; amounts in minor units.
#[derive(Debug, Clone)]
pub(crate) struct ExactParticipant {
    /// Shares, or award.
    pub weight: Fraction,
    /// What is taken off.
    pub offset: Fraction,
    /// The least it receives.
    pub lower: BigInt,
    /// The most it receives.
    pub upper: Option<BigInt>,
}

/// What the smallest payments need is more than there is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    /// So much.
    pub needed: Fraction,
}

/// The participants of a pool over one denominator.
#[derive(Debug)]
pub(crate) struct ExactEquation {
    denominator: BigInt,
    scaled: Vec<ScaledParticipant>,
}

#[derive(Debug)]
struct ScaledParticipant {
    weight: BigInt,
    offset: BigInt,
    lower: BigInt,
    upper: Option<BigInt>,
}

/// Amounts over one denominator.
#[derive(Debug)]
pub(crate) struct ScaledAmounts {
    /// The numerators, participant by participant.
    pub numerators: Vec<BigInt>,
    pub denominator: BigInt,
}

impl ExactEquation {
    /// The equation of these participants.
    pub(crate) fn new(participants: &[ExactParticipant]) -> Self {
        let mut denominator = BigInt::one();
        for one in participants {
            denominator = denominator.lcm(one.weight.denom()).lcm(one.offset.denom());
        }
        let scale = |number: &Fraction| number.numer() * (&denominator / number.denom());
        let scaled = participants.iter().map(|one| ScaledParticipant {
            weight: scale(&one.weight),
            offset: scale(&one.offset),
            lower: &one.lower * &denominator,
            upper: one.upper.as_ref().map(|upper| upper * &denominator),
        });
        Self {
            scaled: scaled.collect(),
            denominator,
        }
    }

    /// The rate, or none where nobody takes part or everyone stands at the
    /// upper limit.
    pub(crate) fn solve(
        &self,
        money: &BigInt,
        lowest: &Fraction,
        highest: Option<&Fraction>,
    ) -> Result<Option<Fraction>, Shortfall> {
        let money = whole(money.clone());
        if self.scaled.is_empty() {
            return Ok(None);
        }
        let needed = self.total(lowest);
        if needed > money {
            return Err(Shortfall { needed });
        }
        match highest {
            Some(highest) if self.total(highest) <= money => return Ok(Some(highest.clone())),
            None if self.upper_limits().is_some_and(|limits| limits <= money) => return Ok(None),
            _ => {}
        }
        if needed == money {
            return Ok(Some(lowest.clone()));
        }
        Ok(Some(self.crossing(&money, lowest, highest)))
    }

    /// What everyone receives at a rate; without one, the upper limits.
    pub(crate) fn amounts(&self, rate: Option<&Fraction>) -> ScaledAmounts {
        let Some(rate) = rate else {
            let limit = |one: &ScaledParticipant| one.upper.clone().unwrap_or_default();
            return ScaledAmounts {
                numerators: self.scaled.iter().map(limit).collect(),
                denominator: self.denominator.clone(),
            };
        };
        ScaledAmounts {
            numerators: self.scaled.iter().map(|one| one.receives(rate)).collect(),
            denominator: &self.denominator * rate.denom(),
        }
    }

    fn total(&self, rate: &Fraction) -> Fraction {
        let sum = self
            .scaled
            .iter()
            .fold(BigInt::zero(), |sum, one| sum + one.receives(rate));
        Fraction::new(sum, &self.denominator * rate.denom())
    }

    /// The sum of the upper limits, if everyone has one.
    fn upper_limits(&self) -> Option<Fraction> {
        let sum = self
            .scaled
            .iter()
            .try_fold(BigInt::zero(), |sum, one| Some(sum + one.upper.as_ref()?));
        Some(Fraction::new(sum?, self.denominator.clone()))
    }

    fn crossing(
        &self,
        money: &Fraction,
        lowest: &Fraction,
        highest: Option<&Fraction>,
    ) -> Fraction {
        let mut rates: Vec<Fraction> = self
            .scaled
            .iter()
            .flat_map(ScaledParticipant::breakpoints)
            .collect();
        rates.retain(|rate| rate > lowest && highest.is_none_or(|highest| rate < highest));
        rates.extend(highest.cloned());
        rates.sort_unstable();
        rates.dedup();
        let enough = rates.partition_point(|rate| self.total(rate) < *money);
        let before = match enough.checked_sub(1).and_then(|last| rates.get(last)) {
            Some(rate) => rate,
            None => lowest,
        };
        let after = match rates.get(enough) {
            Some(rate) => rate.clone(),
            None => before + whole(BigInt::one()),
        };
        let (given, more) = (self.total(before), self.total(&after));
        before + (money - &given) * (&after - before) / (more - given)
    }
}

impl ScaledParticipant {
    /// What it receives at a rate p/q, in q-ths of its own unit.
    fn receives(&self, rate: &Fraction) -> BigInt {
        let amount = rate.numer() * &self.weight - rate.denom() * &self.offset;
        let raised = amount.max(rate.denom() * &self.lower);
        match &self.upper {
            Some(upper) => raised.min(rate.denom() * upper),
            None => raised,
        }
    }

    /// The rates at which it begins to gain and stops gaining.
    fn breakpoints(&self) -> impl Iterator<Item = Fraction> + '_ {
        std::iter::once(&self.lower)
            .chain(&self.upper)
            .map(|limit| Fraction::new(limit + &self.offset, self.weight.clone()))
    }
}
