//! What a division of money must keep, whoever shares in it: tried on random
//! pools with minimum payments, ceilings and money already received.

use std::sync::LazyLock;

use payout::internals::allocate::pool::{
    self, Division, Participant, PaymentLimits, PoolFault, PoolTerms,
};
use payout::internals::base::money::Money;
use payout::internals::plan::{DropMethod, RateRange, Rounding, RoundingUnit, WeightKind};
use rust_decimal::Decimal;

use crate::generator::dice::Dice;

const CASES: u64 = 2000;

/// A pool in cents.
#[derive(Debug, Clone)]
struct Pool {
    money: i128,
    measure: WeightKind,
    range: RateRange,
    round: Rounding,
    participants: Vec<Participant>,
}

impl Pool {
    fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let participants = (0..=dice.below(12))
            .map(|_| participant(&mut dice))
            .collect();
        let awards = dice.chance(40);
        let digits = 2 + dice.below(7) as u32;
        let highest = [Some(Decimal::ONE), Some(Decimal::new(15, 1)), None];
        Self {
            money: i128::from(dice.below(10_u64.pow(digits))),
            measure: if awards {
                WeightKind::Award
            } else {
                WeightKind::Shares
            },
            range: RateRange {
                reduce: Decimal::ZERO,
                raise: if awards { *dice.pick(&highest) } else { None },
            },
            round: *dice.pick(&[Rounding::Down, Rounding::LargestRemainder]),
            participants,
        }
    }

    fn divide(&self) -> Result<Division, PoolFault> {
        self.divide_with(1, None)
    }

    fn divide_with(
        &self,
        threads: usize,
        drop: Option<(Money, bool, DropMethod)>,
    ) -> Result<Division, PoolFault> {
        let terms = PoolTerms {
            each: None,
            count_ahead: false,
            in_full: false,
            money: Money(self.money),
            measure: self.measure,
            range: &self.range,
            round: self.round,
            unit: RoundingUnit::Payment,
            drop,
            decimals: 2,
        };
        pool::divide(&terms, &self.participants, threads)
    }

    /// Everything that a division pays.
    fn spent(&self, division: &Division) -> i128 {
        let pairs = self.participants.iter().zip(&division.payments);
        let whole: i128 = pairs
            .map(|(participant, payment)| payment.0 * i128::from(participant.count))
            .sum();
        whole
            + division
                .extra
                .as_ref()
                .map_or(0, |extra| i128::from(extra.units))
    }
}

fn participant(dice: &mut Dice) -> Participant {
    let cents = |dice: &mut Dice| i128::from(dice.below(200_000));
    let at_least = if dice.chance(20) {
        cents(dice) / 100
    } else {
        0
    };
    let at_most = dice.chance(40).then(|| Money(at_least + cents(dice)));
    let less = if dice.chance(20) { cents(dice) } else { 0 };
    let weight = 1 + i128::from(dice.below(1_000_000));
    Participant {
        count: 1 + dice.below(4),
        weight: Decimal::from_i128_with_scale(weight, dice.below(5) as u32).normalize(),
        limits: PaymentLimits {
            less: Decimal::from_i128_with_scale(less, 2).normalize(),
            at_least: Money(at_least),
            at_most,
            droppable: false,
        },
    }
}

/// Every random pool that has money for its minimum payments, divided.
fn divided() -> impl Iterator<Item = &'static (Pool, Division)> {
    static DIVIDED: LazyLock<Vec<(Pool, Division)>> = LazyLock::new(|| {
        let divided = (0..CASES).filter_map(|seed| {
            let pool = Pool::random(seed);
            match pool.divide() {
                Ok(division) => Some((pool, division)),
                Err(PoolFault::Needs(needed)) => {
                    assert!(needed > Money(pool.money), "{pool:?}");
                    None
                }
                Err(fault) => panic!("{fault:?}: {pool:?}"),
            }
        });
        divided.collect()
    });
    DIVIDED.iter()
}

#[test]
fn no_pool_pays_more_than_it_has() {
    assert!(divided().count() > 1000);
    for (pool, division) in divided() {
        assert!(pool.spent(division) <= pool.money, "{pool:?}");
    }
}

#[test]
fn nobody_receives_less_or_more_than_the_limits() {
    for (pool, division) in divided() {
        for (number, (participant, payment)) in
            pool.participants.iter().zip(&division.payments).enumerate()
        {
            let extra = division.extra.as_ref();
            let one = extra.is_some_and(|extra| extra.participants.contains(&number));
            let most = payment.0 + i128::from(one);
            assert!(payment.0 >= participant.limits.at_least.0, "{pool:?}");
            let within = participant
                .limits
                .at_most
                .is_none_or(|limit| most <= limit.0);
            assert!(within, "{pool:?}");
            // An award pool raises an award no higher than its highest rate.
            if let (WeightKind::Award, Some(raise)) = (pool.measure, pool.range.raise) {
                let highest = (participant.weight * raise * Decimal::ONE_HUNDRED).floor();
                let highest = highest.mantissa().max(participant.limits.at_least.0);
                assert!(most <= highest, "{pool:?}");
            }
        }
    }
}

#[test]
fn the_last_cent_is_paid_where_nothing_holds_it_back() {
    let free = |pool: &Pool| {
        let limited = pool
            .participants
            .iter()
            .any(|participant| participant.limits.at_most.is_some());
        !limited && pool.range.raise.is_none() && pool.round == Rounding::LargestRemainder
    };
    for (pool, division) in divided().filter(|(pool, _)| free(pool)) {
        assert_eq!(pool.spent(division), pool.money, "{pool:?}");
    }
}

#[test]
fn more_money_pays_nobody_less() {
    for (pool, division) in divided().filter(|(pool, _)| pool.round == Rounding::Down) {
        for more in [1, 17, pool.money] {
            let richer = Pool {
                money: pool.money + more,
                ..pool.clone()
            };
            let richer = richer.divide().unwrap();
            for (before, after) in division.payments.iter().zip(&richer.payments) {
                assert!(before <= after, "{more} cents more: {pool:?}");
            }
        }
    }
}

#[test]
fn it_does_not_matter_how_like_claimants_are_entered() {
    for (pool, division) in divided() {
        let mut listed = pool.clone();
        listed.participants.clear();
        for participant in &pool.participants {
            for _ in 0..participant.count {
                listed.participants.push(Participant {
                    count: 1,
                    ..*participant
                });
            }
        }
        let one_by_one = listed.divide().unwrap();
        assert_eq!(one_by_one.rate, division.rate, "{pool:?}");
        let mut payments = one_by_one.payments.iter();
        for (participant, payment) in pool.participants.iter().zip(&division.payments) {
            for _ in 0..participant.count {
                assert_eq!(payments.next(), Some(payment), "{pool:?}");
            }
        }
        let units = |division: &Division| division.extra.as_ref().map_or(0, |extra| extra.units);
        assert_eq!(units(&one_by_one), units(division), "{pool:?}");
    }
}

/// Weights so long that 128 bits do not hold the products take another way to
/// the same payments.
#[test]
fn the_unit_of_shares_does_not_matter() {
    let shares = |pool: &Pool| pool.measure == WeightKind::Shares;
    for (pool, division) in divided().filter(|(pool, _)| shares(pool)) {
        for factor in [1_000, 10_i128.pow(18)] {
            let mut longer = pool.clone();
            for participant in &mut longer.participants {
                participant.weight *= Decimal::from_i128_with_scale(factor, 0);
                participant.weight = participant.weight.normalize();
            }
            let longer = longer.divide().unwrap();
            assert_eq!(
                longer.payments, division.payments,
                "{factor} times: {pool:?}"
            );
            assert_eq!(longer.extra, division.extra, "{factor} times: {pool:?}");
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let mut dice = Dice::new(1);
    let participants: Vec<Participant> = (0..70_000).map(|_| participant(&mut dice)).collect();
    // The second cannot be divided with 128 bits.
    let huge = Participant {
        weight: Decimal::new(i64::MAX, 0),
        ..participants[0]
    };
    for (more, money) in [(None, 90_000_000_000), (Some(huge), 90_000_000_000_000)] {
        for round in [
            Rounding::Down,
            Rounding::LargestRemainder,
            Rounding::Nearest,
        ] {
            let pool = Pool {
                money,
                measure: WeightKind::Shares,
                range: RateRange {
                    reduce: Decimal::ZERO,
                    raise: None,
                },
                round,
                participants: more
                    .into_iter()
                    .chain(participants.iter().copied())
                    .collect(),
            };
            let drop = Some((Money(5_000), true, DropMethod::AllAtOnce));
            let alone = pool.divide_with(1, drop);
            assert!(alone.is_ok() || round == Rounding::Nearest, "{alone:?}");
            for threads in [2, 7] {
                assert_eq!(pool.divide_with(threads, drop), alone, "{threads}");
            }
        }
    }
}

/// A pool of shares, one claimant each, without limits.
fn shares(money: i128, weights: &[i128]) -> Pool {
    let participants = weights.iter().map(|&weight| Participant {
        count: 1,
        weight: Decimal::from_i128_with_scale(weight, 0),
        limits: PaymentLimits {
            less: Decimal::ZERO,
            at_least: Money::ZERO,
            at_most: None,
            droppable: false,
        },
    });
    Pool {
        money,
        measure: WeightKind::Shares,
        range: RateRange {
            reduce: Decimal::ZERO,
            raise: None,
        },
        round: Rounding::LargestRemainder,
        participants: participants.collect(),
    }
}

fn paid(pool: &Pool) -> Vec<i128> {
    let division = pool.divide().unwrap();
    division.payments.iter().map(|payment| payment.0).collect()
}

#[test]
fn remainders_that_hardly_differ_are_told_apart() {
    // 4.50010001, 4.50010002 and 0.99979997: the second is before the first.
    let weights = [450_010_001, 450_010_002, 99_979_997];
    assert_eq!(paid(&shares(10, &weights)), [4, 5, 1]);
    let [a, b, c] = weights;
    assert_eq!(paid(&shares(10, &[b, a, c])), [5, 4, 1]);
}

#[test]
fn numbers_of_any_size_are_divided_exactly() {
    let weights = [1_000_000_000_001, 2_000_000_000_003, 3_000_000_000_002];
    let mut pool = shares(1_000_000, &weights);
    let expected = paid(&pool);
    for place in 0..weights.len() {
        // A limit that nobody reaches changes nothing, however large it is.
        pool.participants[place].limits.at_most = Some(Money(10_i128.pow(30)));
        assert_eq!(paid(&pool), expected);
    }
    // Nor does it matter how much somebody has received who is owed nothing.
    let mut pool = shares(1_000_000, &weights);
    pool.participants[2].limits.less = Decimal::from_i128_with_scale(10_i128.pow(27), 0);
    assert_eq!(
        paid(&pool),
        paid(&shares(1_000_000, &[weights[0], weights[1], 0]))
    );
    // Nor how many share, if it is too little for each of them.
    let mut pool = shares(10_i128.pow(15), &[10_000_000_000_001, 10_000_000_000_003]);
    pool.round = Rounding::Down;
    for participant in &mut pool.participants {
        participant.count = 10_u64.pow(18);
        participant.limits.at_most = Some(Money(100_000_000));
    }
    assert_eq!(paid(&pool), [0, 0]);
    // Also where many participants are as many each.
    let weights = [10_000_000_000_001, 10_000_000_000_003].repeat(30_000);
    let mut pool = shares(10_i128.pow(15), &weights);
    pool.round = Rounding::Down;
    for participant in &mut pool.participants {
        participant.count = 10_u64.pow(7);
        participant.limits.at_most = Some(Money(10_i128.pow(15)));
    }
    assert_eq!(paid(&pool), vec![1666; 60_000]);
}
