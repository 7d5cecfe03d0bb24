//! The equation of a pool. At rate λ, a participant with weight w, offset o and limits
//! a and b receives min(b, max(a, λ·w − o)); the solution is the smallest rate at which
//! all participants together receive exactly the amount of the pool (plan reference,
//! "One equation").
//!
//! Weights, offsets and limits are brought to one denominator, so that a total is a sum
//! of integers. All breakpoints are listed, and totals are evaluated at breakpoints
//! until the two that enclose the rate are found. Between neighbors, the total is
//! linear.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::audit::recompute::number::{Fraction, whole};

/// One participant; amounts in minor units.
#[derive(Debug, Clone)]
pub(crate) struct ExactParticipant {
    /// Shares or award.
    pub weight: Fraction,
    /// The amount already received, subtracted from the payment.
    pub offset: Fraction,
    /// The minimum payment.
    pub lower: BigInt,
    /// The maximum payment.
    pub upper: Option<BigInt>,
}

/// The minimum payments exceed the amount available.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    /// The sum of the minimum payments.
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
    /// The numerators, by participant.
    pub numerators: Vec<BigInt>,
    pub denominator: BigInt,
}

impl ExactEquation {
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

    /// The rate; `None` if there are no participants or all are at their upper limit.
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

    /// The payments at a rate, or the upper limits without one.
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

    /// The sum of the upper limits, if all participants have one.
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
    /// The payment at a rate p/q, in q-ths of its own unit.
    fn receives(&self, rate: &Fraction) -> BigInt {
        let amount = rate.numer() * &self.weight - rate.denom() * &self.offset;
        let raised = amount.max(rate.denom() * &self.lower);
        match &self.upper {
            Some(upper) => raised.min(rate.denom() * upper),
            None => raised,
        }
    }

    /// The rates at which the payment begins and stops to increase.
    fn breakpoints(&self) -> impl Iterator<Item = Fraction> + '_ {
        std::iter::once(&self.lower)
            .chain(&self.upper)
            .map(|limit| Fraction::new(limit + &self.offset, self.weight.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn participant(weight: i32, offset: i32, lower: i32, upper: Option<i32>) -> ExactParticipant {
        ExactParticipant {
            weight: whole(weight.into()),
            offset: whole(offset.into()),
            lower: lower.into(),
            upper: upper.map(BigInt::from),
        }
    }

    #[test]
    fn an_offset_moves_the_rates_at_which_limits_begin_and_end() {
        let free = participant(1, 0, 0, None);
        for (other, money, rate) in [
            // 80 and 80 - 60, which is above 10 from a rate of 70 on.
            (participant(1, 60, 10, None), 100, 80),
            // 60 and 10.
            (participant(1, 60, 10, None), 70, 60),
            // 30 and 20, which twice the rate less 4 reaches at 12.
            (participant(2, 4, 0, Some(20)), 50, 30),
            // 11 and 18.
            (participant(2, 4, 0, Some(20)), 29, 11),
        ] {
            let equation = ExactEquation::new(&[free.clone(), other]);
            let solved = equation.solve(&money.into(), &Fraction::zero(), None);
            let solved = solved.ok().flatten();
            assert_eq!(solved, Some(whole(rate.into())), "{money}");
        }
    }
}
