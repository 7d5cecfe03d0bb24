//! The laws of the one equation, tried on random pools in exact fractions: the
//! rate solves it, more weight never pays less, more money never pays less,
//! and nobody is kept whose payment is too small.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_rational::Ratio;
use payout::internals::allocate::pool::{
    self, Division, Participant, PaymentLimits, PoolFault, PoolTerms,
};
use payout::internals::base::money::Money;
use payout::internals::plan::{DropMethod, RateRange, Rounding, RoundingUnit, WeightKind};
use rust_decimal::Decimal;

use crate::generator::dice::Dice;

const CASES: u64 = 3000;

type Exact = Ratio<BigInt>;

/// A pool in cents, drawn over everything that a plan can say of one: shares
/// and awards with any range of rates, lower and upper limits, offsets finer
/// than a cent, both ways to drop small payments, every rounding.
#[derive(Debug, Clone)]
struct Pool {
    money: i128,
    measure: WeightKind,
    range: RateRange,
    round: Rounding,
    drop: Option<(Money, bool, DropMethod)>,
    participants: Vec<Participant>,
}

fn decimal(mantissa: u64, scale: u64) -> Decimal {
    let scale = u32::try_from(scale).unwrap();
    Decimal::from_i128_with_scale(i128::from(mantissa), scale).normalize()
}

impl Pool {
    fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let measure = *dice.pick(&[WeightKind::Shares, WeightKind::Award]);
        let awards = measure == WeightKind::Award;
        let raises = [Some(Decimal::ONE), Some(decimal(15, 1)), None];
        let reduces = [Decimal::ZERO, Decimal::ZERO, decimal(75, 2), Decimal::ONE];
        let method = *dice.pick(&[DropMethod::AllAtOnce, DropMethod::SmallestFirst]);
        let drop = dice.chance(30).then(|| {
            (
                Money(i128::from(dice.below(5_000))),
                dice.chance(50),
                method,
            )
        });
        let capped = drop.is_none() || method == DropMethod::AllAtOnce;
        let participants = (0..=dice.below(12))
            .map(|_| participant(&mut dice, drop.is_some(), capped))
            .collect();
        let digits = u32::try_from(1 + dice.below(8)).unwrap();
        Self {
            money: i128::from(dice.below(10_u64.pow(digits))),
            measure,
            range: RateRange {
                reduce: if awards {
                    *dice.pick(&reduces)
                } else {
                    Decimal::ZERO
                },
                raise: if awards {
                    *dice.pick(&raises)
                } else {
                    Some(Decimal::ONE)
                },
            },
            round: *dice.pick(&[Rounding::Down, Rounding::LargestRemainder]),
            drop,
            participants,
        }
    }

    fn divide(&self) -> Result<Division, PoolFault> {
        let terms = PoolTerms {
            each: None,
            count_ahead: false,
            in_full: false,
            money: Money(self.money),
            measure: self.measure,
            range: &self.range,
            round: self.round,
            unit: RoundingUnit::Payment,
            drop: self.drop,
            decimals: 2,
        };
        pool::divide(&terms, &self.participants, 1)
    }

    /// The weight in cents, where it is an award.
    fn weight(&self, participant: &Participant) -> Exact {
        match self.measure {
            WeightKind::Shares => exact(participant.weight),
            WeightKind::Award => exact(participant.weight) * BigInt::from(100),
        }
    }

    /// min(b, max(a, λ·w − o)) in cents; without a rate, b.
    fn payment(&self, participant: &Participant, rate: Option<&Exact>) -> Exact {
        let limits = &participant.limits;
        let high = limits.at_most.map(whole);
        let Some(rate) = rate else {
            return high.expect("without a rate everybody has an upper limit");
        };
        let offset = exact(limits.less) * BigInt::from(100);
        let free = rate * self.weight(participant) - offset;
        let low = free.max(whole(limits.at_least));
        high.map_or(low.clone(), |high| low.min(high))
    }

    /// Those who are not dropped, with their exact payments.
    fn staying<'a>(&'a self, division: &'a Division) -> Vec<(&'a Participant, Exact)> {
        let pairs = self.participants.iter().zip(&division.dropped);
        pairs
            .filter(|(_, dropped)| !**dropped)
            .map(|(participant, _)| {
                (
                    participant,
                    self.payment(participant, division.rate.as_ref()),
                )
            })
            .collect()
    }

    /// The highest rate, where there is one.
    fn highest(&self) -> Option<Exact> {
        match self.measure {
            WeightKind::Shares => None,
            WeightKind::Award => self.range.raise.map(exact),
        }
    }

    fn sum(&self, participants: &[(&Participant, Exact)], rate: Option<&Exact>) -> Exact {
        let payments = participants.iter().map(|(participant, _)| {
            self.payment(participant, rate) * BigInt::from(participant.count)
        });
        payments.fold(whole(Money(0)), |sum, payment| sum + payment)
    }
}

fn participant(dice: &mut Dice, droppable: bool, capped: bool) -> Participant {
    let cents = |dice: &mut Dice| i128::from(dice.below(200_000));
    let at_least = if !droppable && dice.chance(20) {
        cents(dice) / 100
    } else {
        0
    };
    let at_most = (capped && dice.chance(40)).then(|| Money(at_least + cents(dice)));
    let less = if !droppable && dice.chance(30) {
        dice.below(2_000_000)
    } else {
        0
    };
    // Few different weights, so that some are equal.
    let weight = if dice.chance(50) {
        1 + dice.below(5)
    } else {
        1 + dice.below(1_000_000)
    };
    Participant {
        count: 1 + dice.below(4),
        weight: decimal(weight, dice.below(4)),
        limits: PaymentLimits {
            less: decimal(less, dice.between(2, 4)),
            at_least: Money(at_least),
            at_most,
            droppable: droppable && dice.chance(80),
        },
    }
}

fn exact(number: Decimal) -> Exact {
    Ratio::new(
        BigInt::from(number.mantissa()),
        BigInt::from(10).pow(number.scale()),
    )
}

fn whole(money: Money) -> Exact {
    Ratio::from_integer(BigInt::from(money.0))
}

/// Every random pool that can be carried out, divided.
fn divided() -> impl Iterator<Item = &'static (Pool, Division)> {
    static DIVIDED: LazyLock<Vec<(Pool, Division)>> = LazyLock::new(|| {
        let divided = (0..CASES).filter_map(|seed| {
            let pool = Pool::random(seed);
            match pool.divide() {
                Ok(division) => Some((pool, division)),
                Err(PoolFault::Needs(_)) => None,
                Err(fault) => panic!("{fault:?}: {pool:?}"),
            }
        });
        divided.collect()
    });
    DIVIDED.iter()
}

#[test]
fn the_rate_solves_the_equation_exactly() {
    for (pool, division) in divided() {
        let staying = pool.staying(division);
        let money = whole(Money(pool.money));
        let sum = pool.sum(&staying, division.rate.as_ref());
        if staying.is_empty() {
            assert_eq!(division.rate, None, "{pool:?}");
            continue;
        }
        let Some(rate) = &division.rate else {
            assert!(sum <= money && pool.highest().is_none(), "{pool:?}");
            continue;
        };
        if pool.highest().as_ref() == Some(rate) {
            assert!(sum <= money, "{pool:?}");
            continue;
        }
        assert_eq!(sum, money, "{pool:?}");
        // No smaller rate pays as much.
        let lowest = match pool.measure {
            WeightKind::Shares => whole(Money(0)),
            WeightKind::Award => exact(pool.range.reduce),
        };
        assert!(*rate >= lowest, "{pool:?}");
        if *rate > lowest {
            let smaller = (rate + lowest) / BigInt::from(2);
            assert!(pool.sum(&staying, Some(&smaller)) < money, "{pool:?}");
        }
    }
}

#[test]
fn a_payment_is_the_exact_one_rounded_down_and_at_most_one_cent_more() {
    for (pool, division) in divided() {
        for (number, participant) in pool.participants.iter().enumerate() {
            let paid = division.payments[number];
            if division.dropped[number] {
                assert_eq!(paid, Money(0), "{pool:?}");
                continue;
            }
            let floor = pool.payment(participant, division.rate.as_ref()).floor();
            let more = whole(paid) - floor;
            let one = pool.round == Rounding::LargestRemainder && more == whole(Money(1));
            assert!(more == whole(Money(0)) || one, "{pool:?}");
        }
    }
}

#[test]
fn between_equal_limits_more_weight_never_pays_less() {
    for (pool, division) in divided() {
        let staying = pool.staying(division);
        for (a, paid_a) in &staying {
            for (b, paid_b) in &staying {
                if a.limits == b.limits && a.weight <= b.weight {
                    assert!(paid_a <= paid_b, "{pool:?}");
                }
            }
        }
    }
}

#[test]
fn nobody_who_can_be_dropped_is_kept_below_the_limit() {
    let mut dropping = 0;
    for (pool, division) in divided() {
        let Some((limit, inclusive, method)) = pool.drop else {
            continue;
        };
        dropping += usize::from(division.dropped.contains(&true));
        let too_small = |paid: &Exact| *paid < whole(limit) || (inclusive && *paid == whole(limit));
        for (participant, paid) in pool.staying(division) {
            let kept_small = participant.limits.droppable && too_small(&paid);
            assert!(!kept_small, "{method:?} {pool:?}");
        }
    }
    assert!(dropping > 100);
}

#[test]
fn without_dropping_more_money_never_lowers_an_exact_payment() {
    for (pool, division) in divided().filter(|(pool, _)| pool.drop.is_none()) {
        for more in [1, 17, pool.money] {
            let richer = Pool {
                money: pool.money + more,
                ..pool.clone()
            };
            let after = richer.divide().unwrap();
            for participant in &pool.participants {
                let before = pool.payment(participant, division.rate.as_ref());
                assert!(
                    before <= richer.payment(participant, after.rate.as_ref()),
                    "{more} more: {pool:?}"
                );
            }
        }
    }
}
