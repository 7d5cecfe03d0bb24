//! The one equation of a pool: at rate λ a participant with weight w, offset o
//! and limits a and b receives min(b, max(a, λ·w − o)); find the smallest rate
//! at which all of them together receive just what the pool holds.

use num_bigint::BigInt;
use num_traits::Zero;

use super::number::{Number, whole};

/// All amounts in minor units.
#[derive(Clone, Debug)]
pub(super) struct Participant {
    /// Which of the claims it is.
    pub claim: usize,
    pub weight: Number,
    pub offset: Number,
    pub lower: Number,
    pub upper: Option<Number>,
}

impl Participant {
    /// Without a rate, everyone receives the upper limit.
    pub(super) fn receives(&self, rate: Option<&Number>) -> Number {
        match rate {
            Some(rate) => self.limited(rate * &self.weight - &self.offset),
            None => self
                .upper
                .clone()
                .expect("no rate only where everyone has an upper limit"),
        }
    }

    fn limited(&self, amount: Number) -> Number {
        let raised = amount.max(self.lower.clone());
        self.upper
            .iter()
            .fold(raised, |amount, upper| amount.min(upper.clone()))
    }

    /// The rates at which it begins to gain and stops gaining.
    fn breakpoints(&self) -> impl Iterator<Item = Number> + '_ {
        std::iter::once(&self.lower)
            .chain(&self.upper)
            .map(|limit| (limit + &self.offset) / &self.weight)
    }
}

/// What the smallest payments need is more than there is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shortfall {
    pub needed: Number,
}

/// The rate, or none where nobody takes part or everyone stands at the upper limit.
pub(super) fn solve(
    participants: &[Participant],
    money: &BigInt,
    lowest: &Number,
    highest: Option<&Number>,
) -> Result<Option<Number>, Shortfall> {
    let money = whole(money.clone());
    if participants.is_empty() {
        return Ok(None);
    }
    let needed = total(participants, lowest);
    if needed > money {
        return Err(Shortfall { needed });
    }
    match highest {
        Some(highest) if total(participants, highest) <= money => return Ok(Some(highest.clone())),
        None if upper_limits(participants).is_some_and(|limits| limits <= money) => {
            return Ok(None);
        }
        _ => {}
    }
    if needed == money {
        return Ok(Some(lowest.clone()));
    }
    Ok(Some(crossing(participants, &money, lowest, highest)))
}

/// Between two neighbouring breakpoints the total is a straight line.
fn crossing(
    participants: &[Participant],
    money: &Number,
    lowest: &Number,
    highest: Option<&Number>,
) -> Number {
    let mut rates: Vec<Number> = participants
        .iter()
        .flat_map(Participant::breakpoints)
        .collect();
    rates.retain(|rate| rate > lowest && highest.is_none_or(|highest| rate < highest));
    rates.push(lowest.clone());
    rates.extend(highest.cloned());
    rates.sort();
    let enough = rates.partition_point(|rate| total(participants, rate) < *money);
    let before = &rates[enough - 1];
    let after = rates
        .get(enough)
        .cloned()
        .unwrap_or_else(|| before + whole(1.into()));
    let (given, more) = (total(participants, before), total(participants, &after));
    before + (money - &given) * (&after - before) / (more - given)
}

fn total(participants: &[Participant], rate: &Number) -> Number {
    participants.iter().fold(Number::zero(), |total, one| {
        total + one.receives(Some(rate))
    })
}

/// The sum of the upper limits, if everyone has one.
fn upper_limits(participants: &[Participant]) -> Option<Number> {
    participants.iter().try_fold(Number::zero(), |total, one| {
        Some(total + one.upper.as_ref()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: u64) -> Number {
        whole(value.into())
    }

    /// Any five participants: limits and offsets depend on the seed.
    fn participants(seed: u64) -> Vec<Participant> {
        let one = |claim: usize| {
            let chance = (seed + 1) * (claim as u64 + 3) * 7919 / 13;
            Participant {
                claim,
                weight: Number::new((chance % 7 + 1).into(), 3.into()),
                offset: number(chance % 4 * 5),
                lower: number(chance % 3 * 4),
                upper: chance.is_multiple_of(2).then(|| number(8 + chance % 50)),
            }
        };
        (0..5).map(one).collect()
    }

    #[test]
    fn the_rate_is_the_smallest_that_pays_out_everything() {
        for seed in 0..200 {
            let (participants, money) = (participants(seed), number(40 + seed % 60));
            let rate = solve(&participants, &money.to_integer(), &Number::zero(), None);
            if let Ok(Some(rate)) = rate {
                assert_eq!(total(&participants, &rate), money, "seed {seed}");
                let below = &rate - Number::new(1.into(), 1_000_000.into());
                assert!(total(&participants, &below) < money, "seed {seed}");
            }
        }
    }

    #[test]
    fn without_a_limit_to_the_rate_there_may_be_none() {
        let mut participants = participants(1);
        for one in &mut participants {
            one.upper = Some(number(10));
        }
        assert_eq!(
            solve(&participants, &50.into(), &Number::zero(), None),
            Ok(None)
        );
        let highest = number(100);
        assert_eq!(
            solve(&participants, &50.into(), &Number::zero(), Some(&highest)),
            Ok(Some(highest.clone()))
        );
        assert!(
            solve(&participants, &49.into(), &Number::zero(), None)
                .is_ok_and(|rate| rate.is_some())
        );
    }

    #[test]
    fn the_lowest_rate_has_to_be_affordable() {
        let participants = participants(0);
        let needed = total(&participants, &number(1));
        let short = needed.to_integer() - 1;
        assert_eq!(
            solve(&participants, &short, &number(1), None),
            Err(Shortfall { needed })
        );
    }
}
