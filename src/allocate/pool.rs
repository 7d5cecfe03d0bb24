//! Divides the money of a pool: from weights and limits to whole minor units.
//!
//! This module works only with numbers and knows no files, columns or names. Equal
//! entitlements are divided once, however many claimants have them. Several threads
//! process participants; all sums are exact, so results do not depend on the number
//! of threads.

pub mod dropping;
pub mod equation;
mod participant_columns;
pub mod rounding;
mod scales;
mod whole_units;

use std::ops::Range;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, ToPrimitive};
use rust_decimal::Decimal;

use crate::allocate::pool::dropping::DropMarks;
use crate::allocate::pool::equation::EquationInteger;
pub use crate::allocate::pool::participant_columns::ParticipantColumns;
use crate::allocate::pool::scales::Magnitude;
pub use crate::allocate::pool::scales::{FromDecimal, Scales};
pub use crate::allocate::pool::whole_units::{ScaledPool, Solved};
use crate::base::compact_column::CompactColumn;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::plan::{DropMethod, RateRange, Rounding, RoundingUnit, WeightKind};

/// The terms of a pool, as numbers.
#[derive(Debug, Clone)]
pub struct PoolTerms<'p> {
    pub money: Money,
    /// Shares, or awards in currency.
    pub measure: WeightKind,
    /// The permitted rates of an award pool.
    pub range: &'p RateRange,
    /// The rounding of exact payments to whole minor units.
    pub round: Rounding,
    pub unit: RoundingUnit,
    /// The limit below which payments are dropped, whether a payment equal to the
    /// limit is dropped, and the order.
    pub drop: Option<(Money, bool, DropMethod)>,
    /// The decimals of the currency.
    pub decimals: u32,
    /// The amount that every payment must reach, if the pool is divided only then.
    pub each: Option<Money>,
    /// True if claimants who have had more than the rate gives them are counted.
    pub count_ahead: bool,
    /// True if the money is what is claimed, so that who is dropped is decided at the
    /// highest rate.
    pub in_full: bool,
}

/// Claimants with the same entitlement in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// The number of claimants; at least 1.
    pub count: u64,
    /// Shares, or award in currency; greater than 0.
    pub weight: Decimal,
    pub limits: PaymentLimits,
}

/// The participants of a pool, by index.
pub trait Participants: Sync {
    fn entries(&self) -> usize;
    /// The number of claimants in each entry of this range, and their entitlements.
    fn columns(
        &self,
        numbers: Range<usize>,
    ) -> (CompactColumn<u64>, ParticipantColumns<Decimal, Money>);
}

impl<E: AsRef<[Participant]> + Sync + ?Sized> Participants for E {
    fn entries(&self) -> usize {
        self.as_ref().len()
    }

    fn columns(
        &self,
        numbers: Range<usize>,
    ) -> (CompactColumn<u64>, ParticipantColumns<Decimal, Money>) {
        let (mut counts, mut columns) = (CompactColumn::new(1), ParticipantColumns::default());
        for participant in self
            .as_ref()
            .get(numbers)
            .or_bug("a participant is missing")
        {
            counts.push(participant.count);
            columns.push(participant.weight, &participant.limits);
        }
        (counts, columns)
    }
}

/// The limits of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentLimits {
    /// The amount already received, in currency.
    pub less: Decimal,
    /// The minimum payment, in whole minor units.
    pub at_least: Money,
    /// The maximum payment, in whole minor units.
    pub at_most: Option<Money>,
    /// True if a small payment may be dropped.
    pub droppable: bool,
}

impl PaymentLimits {
    pub const NONE: Self = Self {
        less: Decimal::ZERO,
        at_least: Money::ZERO,
        at_most: None,
        droppable: false,
    };
}

/// The result of dividing a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The rate in minor units per share, or without unit per unit of award. `None`
    /// if there are no participants or all receive their maximum.
    pub rate: Option<Ratio<BigInt>>,
    /// With `unit = "share"`, the rate after rounding, in minor units.
    pub unit_rate: Option<BigInt>,
    /// The payment to each claimant of a participant, by participant.
    pub payments: Vec<Money>,
    /// Units that only some of the claimants receive, one each.
    pub extra: Option<LeftoverUnits>,
    /// True for each participant that is dropped.
    pub dropped: Vec<bool>,
    /// True for each dropped participant whose payment was 0 already; empty if there
    /// is none.
    pub with_nothing: Vec<bool>,
    /// True if a payment is less than each must be.
    pub below_each: bool,
    /// Claimants who have had more than the rate gives them, if they are counted.
    pub ahead: Option<Ahead>,
}

/// Claimants who have already received more than the rate gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ahead {
    pub claimants: u64,
    /// The sum of what they have had too much, in minor units.
    pub total: Ratio<BigInt>,
}

impl Division {
    /// True if a dropped participant had a payment of 0 already.
    pub fn leaves_with_nothing(&self, participant: usize) -> bool {
        self.with_nothing.get(participant) == Some(&true)
    }
}

/// Units of a largest-remainder division that do not suffice for all claimants with
/// the same remainder. The first claimants by id, in byte order, get one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftoverUnits {
    /// The participants with that remainder, in ascending order.
    pub participants: Vec<usize>,
    /// The number of units, which is less than the number of their claimants.
    pub units: u64,
}

/// The reason why a pool cannot be divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolFault {
    /// The minimum payments require this amount, which exceeds the pool.
    Needs(Money),
    /// Rounding to nearest pays this amount, which exceeds the pool.
    Overspends(Money),
    /// A sum exceeds 128 bits.
    TooLarge,
}

/// Divides the money of a pool among its participants, with `threads` threads.
pub fn divide(
    terms: &PoolTerms<'_>,
    participants: &(impl Participants + ?Sized),
    threads: usize,
) -> Result<Division, PoolFault> {
    if participants.entries() == 0 {
        return Ok(Division {
            rate: None,
            unit_rate: None,
            payments: Vec::new(),
            extra: None,
            dropped: Vec::new(),
            with_nothing: Vec::new(),
            below_each: false,
            ahead: terms.count_ahead.then(Ahead::default),
        });
    }
    let extent = Magnitude::of(participants, threads);
    let scales = Scales::new(terms, &extent);
    if scales.fits_128_bits(terms, &extent) {
        divide_in(
            terms,
            &ScaledPool::<i128>::new(terms, participants, scales, threads),
        )
    } else {
        divide_in(
            terms,
            &ScaledPool::<BigInt>::new(terms, participants, scales, threads),
        )
    }
}

fn divide_in<T: EquationInteger + FromDecimal>(
    terms: &PoolTerms<'_>,
    pool: &ScaledPool<T>,
) -> Result<Division, PoolFault> {
    let DropMarks {
        dropped,
        with_nothing,
    } = dropping::dropped(pool, terms)?;
    let solution = pool.solve(&dropped)?;
    let rate = match &solution {
        Solved::Rate(rate) => Some(pool.scales.unscaled(rate)),
        Solved::Nobody | Solved::AllAtUpperLimit => None,
    };
    let division = Division {
        with_nothing,
        ..rounding::division(pool, terms, dropped, &solution, rate)?
    };
    let at_rate = rounding::paid_at(pool, terms, &solution)?;
    let division = Division {
        below_each: is_below_each(pool, terms, &division.dropped, &at_rate),
        ahead: terms.count_ahead.then(|| ahead(pool, &at_rate)),
        ..division
    };
    if terms.round.may_overspend() && !division.below_each {
        rounding::refuse_overspending(pool, terms, &division.payments)?;
    }
    Ok(division)
}

/// True if a payment of a participant who stays is above 0, but less than each must be.
fn is_below_each<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
    dropped: &[bool],
    solved: &Solved<T>,
) -> bool {
    let Some(each) = terms.each else {
        return false;
    };
    let least = T::from(each.0) * pool.denominator(solved);
    let mut participants = (0..pool.entries).zip(dropped);
    participants.any(|(number, dropped)| {
        let exact = pool.exact(number, solved);
        !dropped && !exact.is_zero() && exact < least
    })
}

/// The claimants whose offset is more than the rate gives them. Without a rate, all are
/// paid their maximum.
fn ahead<T: EquationInteger + FromDecimal>(pool: &ScaledPool<T>, solved: &Solved<T>) -> Ahead {
    let Solved::Rate(rate) = solved else {
        return Ahead::default();
    };
    let (mut claimants, mut total) = (0, BigInt::ZERO);
    for number in 0..pool.entries {
        let participant = pool.participant(number);
        let given: BigInt = (rate.numer().clone() * participant.weight).into();
        let had: BigInt = (participant.offset * rate.denom().clone()).into();
        if had > given {
            claimants += participant.count;
            total += (had - given) * participant.count;
        }
    }
    let unit: BigInt = (rate.denom().clone() * pool.minor_unit.clone()).into();
    Ahead {
        claimants,
        total: Ratio::new(total, unit),
    }
}

/// The payment to one claimant at a known rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAtRate {
    /// The limit that applies, if any.
    pub piece: equation::LimitState,
    /// The exact payment, in minor units; with `unit = "share"`, at the rounded
    /// rate.
    pub exact: Ratio<BigInt>,
    /// The payment in whole minor units, without a unit added by largest
    /// remainders.
    pub payment: Money,
    /// True if one more unit is within the claimant's limits.
    pub may_round_up: bool,
}

/// Computes the payment to one claimant at the rate of a pool, as in
/// [`Division::rate`]. Without a rate, all participants receive their maximum.
pub fn single(
    terms: &PoolTerms<'_>,
    participant: &Participant,
    rate: Option<&Ratio<BigInt>>,
) -> Result<PaymentAtRate, PoolFault> {
    let participants = [Participant {
        count: 1,
        ..*participant
    }];
    let scales = Scales::new(terms, &Magnitude::of(&participants, 1));
    let pool = ScaledPool::<BigInt>::new(terms, &participants, scales, 1);
    let solved = match rate {
        // All participants were dropped.
        None if participant.limits.at_most.is_none() => Solved::Nobody,
        None => Solved::AllAtUpperLimit,
        Some(rate) if terms.unit == RoundingUnit::Share => {
            let rate = pool.scales.scaled(rate);
            Solved::Rate(pool.whole_rate(&rate).ok_or(PoolFault::TooLarge)?.1)
        }
        Some(rate) => Solved::Rate(pool.scales.scaled(rate)),
    };
    let piece = match &solved {
        Solved::Rate(rate) => pool.participant(0).piece(rate),
        Solved::Nobody | Solved::AllAtUpperLimit => equation::LimitState::High,
    };
    let exact = Ratio::new(pool.exact(0, &solved), pool.denominator(&solved));
    let division = rounding::division(&pool, terms, vec![false], &solved, rate.cloned())?;
    let payment = division.payments.first().copied();
    let payment = payment.or_bug("a participant has no payment");
    Ok(PaymentAtRate {
        piece,
        exact,
        payment,
        may_round_up: rounding::may_round_up(&pool, &solved),
    })
}

/// A rate for people, truncated to 12 decimals.
pub fn rate_text(rate: &Ratio<BigInt>) -> String {
    const DECIMALS: u32 = 12;
    let scaled = rate * BigInt::from(10).pow(DECIMALS);
    crate::base::money::decimal_text(&scaled.to_integer(), DECIMALS)
}

/// A rate in lowest terms: `362/13`, or `27` if it is an integer.
pub fn rate_exact_text(rate: &Ratio<BigInt>) -> String {
    if rate.denom().is_one() {
        rate.numer().to_string()
    } else {
        format!("{}/{}", rate.numer(), rate.denom())
    }
}

pub fn as_u64<T: EquationInteger>(number: T) -> Option<u64> {
    Into::<BigInt>::into(number).to_u64()
}
