//! From exact payments to whole minor units.
//!
//! Rounding up never takes a payment above its upper limit or, in an award pool,
//! above the highest rate times the award.

use std::cmp::Ordering;
use std::ops::Range;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;

use crate::allocate::pool::equation::EquationInteger;
use crate::allocate::pool::whole_units::UNDECIDED;
use crate::allocate::pool::{
    Division, FromDecimal, LeftoverUnits, PoolFault, PoolTerms, ScaledPool, Solved, as_u64,
};
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::base::parallel::{self, RANGE};
use crate::plan::{Rounding, RoundingUnit};

/// An exact payment, split into whole minor units and a remainder.
struct Truncated<T> {
    units: T,
    remainder: T,
}

/// Rounded payments of consecutive participants.
struct RoundedRange<T> {
    /// By participant, in whole minor units.
    payments: Vec<Money>,
    leftover: Leftover<T>,
}

/// Rounds the payments of the remaining participants as the plan says. `rate` is the
/// exact rate, in minor units.
pub fn division<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
    dropped: Vec<bool>,
    solved: &Solved<T>,
    rate: Option<Ratio<BigInt>>,
) -> Result<Division, PoolFault> {
    let (solved, unit_rate) = at_whole_rate(pool, terms, solved)?;
    let rounding = PoolRounding {
        pool,
        round: terms.round,
        dropped: &dropped,
        denominator: pool.denominator(&solved),
        solved,
    };
    let mut all = RoundedRange::with_room(pool.entries, terms.round);
    let mut fault = None;
    parallel::by_range(
        pool.threads,
        pool.entries,
        |range| rounding.round(range),
        |part| match part {
            Ok(part) => all.append(part),
            Err(first) => fault = fault.take().or(Some(first)),
        },
    );
    if let Some(fault) = fault {
        return Err(fault);
    }
    let mut extra = None;
    if terms.round == Rounding::LargestRemainder {
        extra = rounding.hand_out(&all.leftover, &mut all.payments)?;
    }
    Ok(Division {
        rate,
        unit_rate,
        payments: all.payments,
        extra,
        dropped,
        with_nothing: Vec::new(),
        below_each: false,
        ahead: None,
    })
}

/// The rate at which payments are exact before they are rounded: with `unit = "share"`,
/// that of the rounded value of a share.
pub fn paid_at<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
    solved: &Solved<T>,
) -> Result<Solved<T>, PoolFault> {
    at_whole_rate(pool, terms, solved).map(|(solved, _)| solved)
}

/// The value of a share is rounded first, then each payment.
fn at_whole_rate<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
    solved: &Solved<T>,
) -> Result<(Solved<T>, Option<BigInt>), PoolFault> {
    match (terms.unit, solved) {
        (RoundingUnit::Share, Solved::Rate(rate)) => {
            let (unit_rate, rate) = pool.whole_rate(rate).ok_or(PoolFault::TooLarge)?;
            Ok((Solved::Rate(rate), Some(unit_rate)))
        }
        _ => Ok((solved.clone(), None)),
    }
}

impl<T: EquationInteger + FromDecimal> RoundedRange<T> {
    fn with_room(participants: usize, round: Rounding) -> Self {
        let remainders = if round == Rounding::LargestRemainder {
            participants
        } else {
            0
        };
        Self {
            payments: Vec::with_capacity(participants),
            leftover: Leftover {
                sum: T::zero(),
                grades: Vec::with_capacity(remainders),
            },
        }
    }

    fn append(&mut self, mut other: Self) {
        self.payments.append(&mut other.payments);
        self.leftover.sum = self.leftover.sum.clone() + other.leftover.sum;
        self.leftover.grades.append(&mut other.leftover.grades);
    }
}

/// The amount left over by rounding down, and the claimants who may receive a unit
/// of it.
///
/// Remainders are graded by size. Only the grade in which the units run out has to
/// be sorted.
struct Leftover<T> {
    sum: T,
    /// By participant, the grade if it may receive one more unit, starting at 1;
    /// otherwise 0.
    grades: Vec<u16>,
}

const UNGRADED: &str = "the remainder of a payment has no grade";

const GRADES: u16 = u16::MAX;

struct RemainderGrades {
    /// The number of low bits of a remainder that the grade ignores.
    ignored_bits: u32,
    /// The truncated denominator plus 1, which is greater than any truncated
    /// remainder.
    whole: u64,
}

impl RemainderGrades {
    fn new<T: EquationInteger>(denominator: &T) -> Self {
        let big: BigInt = denominator.clone().into();
        let bits = u32::try_from(big.bits()).ok().or_bug(UNGRADED);
        let ignored_bits = bits.saturating_sub(u32::BITS);
        let front = denominator.front(ignored_bits).to_u64().or_bug(UNGRADED);
        Self {
            ignored_bits,
            whole: front + 1,
        }
    }

    /// The grade of a remainder, which does not decrease as the remainder grows.
    fn grade<T: EquationInteger>(&self, remainder: &T) -> u16 {
        let front = remainder.front(self.ignored_bits).to_u64().or_bug(UNGRADED);
        let part = front * u64::from(GRADES) / self.whole;
        u16::try_from(part + 1).ok().or_bug(UNGRADED)
    }
}

/// The terms of rounding.
struct PoolRounding<'a, T: Clone + Integer> {
    pool: &'a ScaledPool<T>,
    round: Rounding,
    dropped: &'a [bool],
    solved: Solved<T>,
    /// The denominator of exact payments and remainders.
    denominator: T,
}

impl<T: EquationInteger + FromDecimal> PoolRounding<'_, T> {
    /// Rounds the payments of some participants.
    fn round(&self, range: Range<usize>) -> Result<RoundedRange<T>, PoolFault> {
        let mut rounded = RoundedRange::<T>::with_room(range.len(), self.round);
        let grading = RemainderGrades::new(&self.denominator);
        for number in range {
            if *self.dropped.get(number).or_bug(UNDECIDED) {
                rounded.payments.push(Money::ZERO);
                if self.round == Rounding::LargestRemainder {
                    rounded.leftover.grades.push(0);
                }
                continue;
            }
            let mut cut = self.cut(number);
            match self.round {
                Rounding::Down => {}
                Rounding::LargestRemainder => {
                    let leftover = &mut rounded.leftover;
                    let remainders = cut.remainder.times(&T::from(self.pool.count(number)));
                    leftover.sum = leftover.sum.clone() + remainders;
                    // A whole payment takes nothing more.
                    let takes = !cut.remainder.is_zero() && may_take_one(self.pool, number, &cut);
                    let grade = takes.then(|| grading.grade(&cut.remainder));
                    leftover.grades.push(grade.unwrap_or(0));
                }
                // Not above a limit.
                Rounding::HalfEven | Rounding::Nearest => {
                    let double = cut.remainder.clone() + cut.remainder.clone();
                    let up = match double.cmp(&self.denominator) {
                        Ordering::Less => false,
                        Ordering::Equal => self.round == Rounding::Nearest || cut.units.is_odd(),
                        Ordering::Greater => true,
                    };
                    if up && may_take_one(self.pool, number, &cut) {
                        cut.units = cut.units + T::one();
                    }
                }
            }
            let units = cut.units.to_i128().ok_or(PoolFault::TooLarge)?;
            rounded.payments.push(Money(units));
        }
        Ok(rounded)
    }

    fn cut(&self, number: usize) -> Truncated<T> {
        let exact = self.pool.exact(number, &self.solved);
        let (units, remainder) = exact.cut(&self.denominator);
        Truncated { units, remainder }
    }

    /// Distributes the units left over by rounding down to the largest remainders.
    ///
    /// There are floor(Σ x) − Σ floor(x) units, at most one for each claimant. If
    /// they do not suffice for all claimants with the same remainder, ids decide,
    /// which is left to the caller.
    fn hand_out(
        &self,
        leftover: &Leftover<T>,
        payments: &mut [Money],
    ) -> Result<Option<LeftoverUnits>, PoolFault> {
        let pool = self.pool;
        let graded = leftover.grades.len() == payments.len();
        graded.then_some(()).or_bug(UNGRADED);
        // floor(Σ x) − Σ floor(x) is the floor of the sum of the remainders.
        let units = leftover.sum.div_floor(&self.denominator);
        let mut left = as_u64(units).ok_or(PoolFault::TooLarge)?;
        let last = self.last_grade(&leftover.grades, &mut left);
        let mut takers = self.with_one_more(&leftover.grades, last, payments)?;
        takers.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for group in takers.chunk_by(|a, b| a.0 == b.0) {
            let claimants: u64 = group.iter().map(|(_, number)| pool.count(*number)).sum();
            if left == 0 {
                break;
            }
            if claimants > left {
                return Ok(Some(LeftoverUnits {
                    participants: group.iter().map(|(_, number)| *number).collect(),
                    units: left,
                }));
            }
            for (_, number) in group {
                one_more(payments.get_mut(*number).or_bug(UNGRADED))?;
            }
            left -= claimants;
        }
        Ok(None)
    }

    /// Gives one more unit to all participants of higher grades. Returns those of
    /// this grade, with their remainders.
    fn with_one_more(
        &self,
        grades: &[u16],
        last: u16,
        payments: &mut [Money],
    ) -> Result<Vec<(T, usize)>, PoolFault> {
        let parts = payments.chunks_mut(RANGE).zip(grades.chunks(RANGE));
        let work = |(part, (payments, grades)): (usize, (&mut [Money], &[u16]))| {
            let mut takers = Vec::new();
            let numbers = part * RANGE..;
            for ((number, payment), &grade) in numbers.zip(payments).zip(grades) {
                match grade.cmp(&last) {
                    _ if grade == 0 => {}
                    Ordering::Less => {}
                    Ordering::Equal => takers.push((self.cut(number).remainder, number)),
                    Ordering::Greater => one_more(payment)?,
                }
            }
            Ok(takers)
        };
        let mut all = Ok(Vec::new());
        parallel::on_each(self.pool.threads, parts.enumerate(), work, |part| {
            match (&mut all, part) {
                (Ok(all), Ok(part)) => all.extend(part),
                (Ok(_), Err(fault)) => all = Err(fault),
                (Err(_), _) => {}
            }
        });
        all
    }

    /// The grade in which the units run out; `left` then holds the units for that
    /// grade.
    fn last_grade(&self, grades: &[u16], left: &mut u64) -> u16 {
        // The number of claimants in each grade who may receive one more unit.
        let nobody = || vec![0_u64; usize::from(GRADES) + 1];
        let sums =
            parallel::sums_by_range(self.pool.threads, grades.len(), nobody, |sums, range| {
                let grades = grades.get(range.clone()).or_bug(UNGRADED);
                for (number, &grade) in range.zip(grades).filter(|(_, grade)| **grade > 0) {
                    let claimants = sums.get_mut(usize::from(grade)).or_bug(UNGRADED);
                    *claimants += self.pool.count(number);
                }
            });
        for grade in (0..=GRADES).rev() {
            let counts = sums.iter().map(|sums| sums.get(usize::from(grade)));
            let claimants: u64 = counts.map(|count| count.or_bug(UNGRADED)).sum();
            if claimants > *left {
                return grade;
            }
            *left -= claimants;
        }
        0
    }
}

fn one_more(payment: &mut Money) -> Result<(), PoolFault> {
    *payment = payment.plus(Money(1)).ok_or(PoolFault::TooLarge)?;
    Ok(())
}

/// True if the only participant of a pool may receive one more unit.
pub fn may_round_up<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    solved: &Solved<T>,
) -> bool {
    let (units, remainder) = pool.exact(0, solved).cut(&pool.denominator(solved));
    may_take_one(pool, 0, &Truncated { units, remainder })
}

/// True if one more unit keeps a fractional payment within the claimant's limits.
/// Upper limits are whole, so only the highest rate can be exceeded.
fn may_take_one<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    number: usize,
    cut: &Truncated<T>,
) -> bool {
    let Some(highest) = pool.highest_rate() else {
        return true;
    };
    let weight = pool.weight(number);
    let next = (cut.units.clone() + T::one()).times(&pool.minor_unit);
    next.times(highest.denom()) <= weight.times(highest.numer())
}

/// Rounding to nearest may exceed the pool, which is an error.
pub fn refuse_overspending<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
    payments: &[Money],
) -> Result<(), PoolFault> {
    let mut sum = Money::ZERO;
    for (number, payment) in payments.iter().enumerate() {
        let paid = payment
            .times(pool.count(number))
            .ok_or(PoolFault::TooLarge)?;
        sum = sum.plus(paid).ok_or(PoolFault::TooLarge)?;
    }
    if sum > terms.money {
        return Err(PoolFault::Overspends(sum));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::allocate::pool::{self, Participant, PaymentLimits};
    use crate::plan::{RateRange, WeightKind};

    #[test]
    fn every_remainder_has_a_grade_that_grows_with_it() {
        for denominator in [2, 7, 65_537, 5_000_000, 1 << 40, i128::MAX] {
            let grades = RemainderGrades::new(&denominator);
            let sixths = (1..6).map(|part| denominator / 6 * part);
            let remainders = [0, 1].into_iter().chain(sixths).chain([denominator - 1]);
            let found: Vec<u16> = remainders
                .map(|remainder| grades.grade(&remainder))
                .collect();
            assert_eq!(found.first(), Some(&1), "{denominator}");
            if denominator > 1_000_000 {
                assert!(found[2..].is_sorted_by(|a, b| a < b), "{found:?}");
                assert!(found.last() >= Some(&(GRADES - 1)), "{found:?}");
            }
        }
    }

    fn terms(money: i128, range: &RateRange) -> PoolTerms<'_> {
        PoolTerms {
            each: None,
            count_ahead: false,
            in_full: false,
            money: Money(money),
            measure: WeightKind::Shares,
            range,
            round: Rounding::LargestRemainder,
            unit: RoundingUnit::Payment,
            drop: None,
            decimals: 2,
        }
    }

    /// Divides 2 cents by these shares, each with its number of claimants.
    fn two_cents(shares: &[(u64, i64)]) -> (Vec<i128>, Option<LeftoverUnits>) {
        let participant = |&(count, shares): &(u64, i64)| Participant {
            count,
            weight: Decimal::from(shares),
            limits: PaymentLimits::NONE,
        };
        let range = RateRange {
            reduce: Decimal::ZERO,
            raise: None,
        };
        let terms = terms(2, &range);
        let participants: Vec<Participant> = shares.iter().map(participant).collect();
        let division = pool::divide(&terms, participants.as_slice(), 1).expect("a division");
        let payments = division.payments.iter().map(|payment| payment.0).collect();
        (payments, division.extra)
    }

    #[test]
    fn remainders_of_one_grade_are_told_apart() {
        // Of 10,000,000 shares; all but the last have the same grade.
        let (payments, extra) = two_cents(&[(1, 2_750_001), (2, 2_750_000), (1, 1_749_999)]);
        assert_eq!(payments, [1, 0, 0]);
        let one_of_two = LeftoverUnits {
            participants: vec![1],
            units: 1,
        };
        assert_eq!(extra, Some(one_of_two));
        let (payments, extra) = two_cents(&[
            (1, 2_750_001),
            (1, 2_750_000),
            (1, 2_749_999),
            (1, 1_750_000),
        ]);
        assert_eq!((payments, extra), (vec![1, 1, 0, 0], None));
    }

    #[test]
    fn who_gets_a_unit_is_found_behind_many_others() {
        let mut shares = vec![(1, 26); RANGE];
        shares.extend([(1, 2_749_999), (1, 2_750_001), (1, 2_750_000)]);
        let (payments, extra) = two_cents(&shares);
        assert_eq!((&payments[RANGE..], extra), (&[0, 1, 1][..], None));
        assert_eq!(payments.iter().sum::<i128>(), 2);
    }

    #[test]
    fn the_value_of_a_share_is_rounded_in_cents_whatever_the_unit_of_offsets() {
        let participant = |less| Participant {
            count: 1,
            weight: Decimal::ONE,
            limits: PaymentLimits {
                less,
                ..PaymentLimits::NONE
            },
        };
        let range = RateRange {
            reduce: Decimal::ZERO,
            raise: None,
        };
        let terms = PoolTerms {
            each: None,
            count_ahead: false,
            in_full: false,
            unit: RoundingUnit::Share,
            round: Rounding::Down,
            ..terms(1000, &range)
        };
        // 500.25 cents a share, of which one received half a cent.
        let participants = [Decimal::ZERO, Decimal::new(5, 3)].map(participant);
        let division = pool::divide(&terms, participants.as_slice(), 1).expect("a division");
        assert_eq!(division.unit_rate, Some(BigInt::from(500)));
        assert_eq!(division.payments, [Money(500), Money(499)]);
    }
}
