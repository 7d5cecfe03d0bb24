//! From exact payments to whole minor units.
//!
//! Rounding up never takes a payment past its upper limit, nor, in an award
//! pool, past the highest rate times the award.

use num_bigint::BigInt;

use super::equation::Whole;
use super::{Extra, Fault, FromDecimal, ScaledPool, Solved, Terms, as_u64};
use crate::money::Money;
use crate::plan::{Round, Unit};

/// Whole payments of a pool.
#[derive(Debug)]
pub struct Payments {
    /// Entrant by entrant; nothing for those who are dropped.
    pub payments: Vec<Money>,
    /// Units that go to some claimants only.
    pub extra: Option<Extra>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<BigInt>,
}

/// An exact payment, cut into whole minor units and a remainder.
struct Cut<T> {
    units: T,
    remainder: T,
}

/// Rounds the payments of those who stay, as the plan names it.
pub fn payments<T: Whole + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &Terms<'_>,
    staying: &[usize],
    solved: &Solved<T>,
) -> Result<Payments, Fault> {
    let (solved, unit_rate) = match (terms.unit, solved) {
        // The value of a share first, then each payment.
        (Unit::Share, Solved::Rate(rate)) => {
            let (unit_rate, rate) = pool.whole_rate(rate).ok_or(Fault::TooLarge)?;
            (Solved::Rate(rate), Some(unit_rate))
        }
        _ => (solved.clone(), None),
    };
    let entrants = pool.entries;
    let mut rounded = Payments {
        payments: vec![Money::ZERO; entrants],
        extra: None,
        unit_rate,
    };
    let denominator = pool.denominator(&solved);
    let mut leftover = Leftover::new(&denominator, terms.round, entrants);
    for &number in staying {
        let mut cut = cut(&pool.exact(number, &solved), &denominator);
        match terms.round {
            Round::Down => {}
            Round::LargestRemainder => leftover.note(pool, number, &cut),
            // Half up, but not past a limit.
            Round::Nearest => {
                let half = cut.remainder.clone() + cut.remainder.clone() >= denominator;
                if half && may_take_one(pool, number, &cut) {
                    cut.units = cut.units + T::one();
                }
            }
        }
        let units = cut.units.to_i128().map(Money).ok_or(Fault::TooLarge)?;
        set(&mut rounded.payments, number, units);
    }
    match terms.round {
        Round::Down => {}
        Round::LargestRemainder => leftover.hand_out(pool, &solved, staying, &mut rounded)?,
        Round::Nearest => refuse_overspending(pool, terms, staying, &rounded.payments)?,
    }
    Ok(rounded)
}

/// What rounding down leaves over, and who may take a unit of it.
///
/// Remainders are put into grades by their size, so that only those of the one
/// grade have to be sorted in which the units run out.
struct Leftover<'d, T> {
    /// The sum of all remainders.
    sum: T,
    /// What remainders are parts of.
    denominator: &'d T,
    /// How many bits of a remainder its grade does not look at.
    ignored_bits: u32,
    /// Entrant by entrant, the grade of those who may take one more unit, from
    /// 1 on; 0 for the others.
    grades: Vec<u16>,
    /// Grade by grade, how many claimants may take one more unit.
    claimants: Vec<u64>,
}

/// The highest grade.
const GRADES: u16 = u16::MAX;

impl<'d, T: Whole + FromDecimal> Leftover<'d, T> {
    fn new(denominator: &'d T, round: Round, entrants: usize) -> Self {
        let needed = round == Round::LargestRemainder;
        let big: BigInt = denominator.clone().into();
        Self {
            sum: T::zero(),
            denominator,
            ignored_bits: u32::try_from(big.bits())
                .unwrap_or(0)
                .saturating_sub(u32::BITS),
            grades: vec![0; if needed { entrants } else { 0 }],
            claimants: vec![0; if needed { usize::from(GRADES) + 1 } else { 0 }],
        }
    }

    /// The grade of a remainder: not less than that of a smaller one.
    fn grade(&self, remainder: &T) -> u16 {
        let front = |number: &T| number.front(self.ignored_bits).to_u64().unwrap_or(0);
        let part = front(remainder) * u64::from(GRADES) / (front(self.denominator) + 1);
        u16::try_from(part + 1).unwrap_or(GRADES)
    }

    /// A payment that is whole already takes nothing.
    fn note(&mut self, pool: &ScaledPool<T>, number: usize, cut: &Cut<T>) {
        if cut.remainder.is_zero() {
            return;
        }
        let count = pool.count(number);
        self.sum = self.sum.clone() + cut.remainder.times(&T::from(count));
        if may_take_one(pool, number, cut) {
            let grade = self.grade(&cut.remainder);
            if let Some(known) = self.grades.get_mut(number) {
                *known = grade;
            }
            if let Some(claimants) = self.claimants.get_mut(usize::from(grade)) {
                *claimants += count;
            }
        }
    }

    /// Hands the units that rounding down left over to the largest remainders.
    ///
    /// There are floor(Σ x) − Σ floor(x) of them, at most one for each
    /// claimant. Where they do not suffice for all claimants with the same
    /// remainder, ids decide; that is left to the caller.
    fn hand_out(
        self,
        pool: &ScaledPool<T>,
        solved: &Solved<T>,
        staying: &[usize],
        rounded: &mut Payments,
    ) -> Result<(), Fault> {
        // floor(Σ x) − Σ floor(x) is the floor of the sum of the remainders.
        let mut left = as_u64(self.sum.div_floor(self.denominator)).ok_or(Fault::TooLarge)?;
        // The grade in which the units run out, and what is left for it.
        let mut last = 0;
        for (grade, claimants) in (0..=GRADES).zip(&self.claimants).rev() {
            last = grade;
            if *claimants > left {
                break;
            }
            left -= claimants;
        }
        let mut takers = Vec::new();
        for &number in staying {
            match self.grades.get(number).copied().unwrap_or(0) {
                0 => {}
                grade if grade > last => one_more(rounded, number)?,
                grade if grade == last => {
                    let cut = cut(&pool.exact(number, solved), self.denominator);
                    takers.push((cut.remainder, number));
                }
                _ => {}
            }
        }
        takers.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for group in takers.chunk_by(|a, b| a.0 == b.0) {
            let claimants: u64 = group.iter().map(|(_, number)| pool.count(*number)).sum();
            if left == 0 {
                break;
            }
            if claimants > left {
                let entrants = group.iter().map(|(_, number)| *number).collect();
                rounded.extra = Some(Extra {
                    entrants,
                    units: left,
                });
                break;
            }
            for (_, number) in group {
                one_more(rounded, *number)?;
            }
            left -= claimants;
        }
        Ok(())
    }
}

fn one_more(rounded: &mut Payments, number: usize) -> Result<(), Fault> {
    let payment = rounded.payments.get(number).copied().unwrap_or_default();
    let payment = payment.plus(Money(1)).ok_or(Fault::TooLarge)?;
    set(&mut rounded.payments, number, payment);
    Ok(())
}

fn set(payments: &mut [Money], number: usize, money: Money) {
    if let Some(payment) = payments.get_mut(number) {
        *payment = money;
    }
}

fn cut<T: Whole>(exact: &T, denominator: &T) -> Cut<T> {
    let (units, remainder) = exact.cut(denominator);
    Cut { units, remainder }
}

/// Whether one more unit keeps a fractional payment within what its claimant
/// may receive. Upper limits are whole, so only the highest rate can be hit.
fn may_take_one<T: Whole + FromDecimal>(pool: &ScaledPool<T>, number: usize, cut: &Cut<T>) -> bool {
    let Some(highest) = pool.highest_rate() else {
        return true;
    };
    let weight = pool.weight(number);
    let next = (cut.units.clone() + T::one()).times(&pool.minor_unit);
    next.times(highest.denom()) <= weight.times(highest.numer())
}

/// Rounding to nearest may pay more than the pool holds; then nothing is paid.
fn refuse_overspending<T: Whole + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &Terms<'_>,
    staying: &[usize],
    payments: &[Money],
) -> Result<(), Fault> {
    let mut sum = Money::ZERO;
    for &number in staying {
        let payment = payments.get(number).copied().unwrap_or_default();
        let paid = payment.times(pool.count(number)).ok_or(Fault::TooLarge)?;
        sum = sum.plus(paid).ok_or(Fault::TooLarge)?;
    }
    if sum > terms.money {
        return Err(Fault::Overspends(sum));
    }
    Ok(())
}
