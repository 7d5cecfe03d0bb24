//! Dividing the money of a pool: from weights and limits to whole minor units.
//!
//! Nothing here knows files, columns or names: only numbers. Equal entitlements
//! are divided once, however many claimants have them. What is done for each
//! participant is done by several threads; all sums are exact, so what comes of them
//! does not depend on who added what.

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

use crate::allocate::pool::equation::EquationInteger;
pub use crate::allocate::pool::participant_columns::ParticipantColumns;
use crate::allocate::pool::scales::Magnitude;
pub use crate::allocate::pool::scales::{FromDecimal, Scales};
pub use crate::allocate::pool::whole_units::{ScaledPool, Solved};
use crate::base::compact_column::CompactColumn;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::plan::{DropMethod, RateRange, Rounding, RoundingUnit, WeightKind};

/// The rule of a pool, as numbers.
#[derive(Debug, Clone)]
pub struct PoolTerms<'p> {
    /// The money to divide.
    pub money: Money,
    /// Whether weights are shares, or awards in currency.
    pub measure: WeightKind,
    /// The rates that an award pool may have.
    pub range: &'p RateRange,
    /// How exact payments become whole minor units.
    pub round: Rounding,
    pub unit: RoundingUnit,
    /// The limit under which payments are dropped, whether a payment of just
    /// the limit is dropped, and in which order.
    pub drop: Option<(Money, bool, DropMethod)>,
    /// The decimals of the currency.
    pub decimals: u32,
}

/// So many claimants with the same entitlement in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// How many they are; at least one.
    pub count: u64,
    /// Shares, or award in currency; more than 0.
    pub weight: Decimal,
    /// Limits and offset.
    pub limits: PaymentLimits,
}

/// Those who share a pool, by number from 0.
pub trait Participants: Sync {
    /// How many entries there are.
    fn entries(&self) -> usize;
    /// How many claimants each of the entries with these numbers stands for, and
    /// what they have.
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
        for participant in self.as_ref().get(numbers).or_bug("an entrant is missing") {
            counts.push(participant.count);
            columns.push(participant.weight, &participant.limits);
        }
        (counts, columns)
    }
}

/// What bounds a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentLimits {
    /// Already received, in currency.
    pub less: Decimal,
    /// The least payment, in whole minor units.
    pub at_least: Money,
    /// The most, in whole minor units.
    pub at_most: Option<Money>,
    /// Whether a small payment can be dropped.
    pub droppable: bool,
}

impl PaymentLimits {
    /// No limits at all.
    pub const NONE: Self = Self {
        less: Decimal::ZERO,
        at_least: Money::ZERO,
        at_most: None,
        droppable: false,
    };
}

/// How the money of a pool is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// What is paid per share, or per unit of award, in minor units per share
    /// and without unit; `None` where nobody takes part or everybody is at the
    /// upper limit.
    pub rate: Option<Ratio<BigInt>>,
    /// With `unit = "share"`, the rate after rounding, in minor units.
    pub unit_rate: Option<BigInt>,
    /// What each claimant of a participant receives, participant by participant.
    pub payments: Vec<Money>,
    /// Units that go to some claimants only, one to each.
    pub extra: Option<LeftoverUnits>,
    /// Which participants are dropped.
    pub dropped: Vec<bool>,
}

/// Units of a largest-remainder division that do not suffice for all claimants
/// with the same remainder: those first by id, in byte order, get one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftoverUnits {
    /// The participants with that remainder, in ascending order.
    pub participants: Vec<usize>,
    /// How many units there are: fewer than their claimants.
    pub units: u64,
}

/// Why a pool cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolFault {
    /// Even the minimum payments need this much, which is more than there is.
    Needs(Money),
    /// Rounding to nearest pays this much, which is more than there is.
    Overspends(Money),
    /// A sum has more than 128 bits.
    TooLarge,
}

/// Divides the money of a pool among its participants, with so many threads.
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
    let dropped = dropping::dropped(pool, terms)?;
    let solution = pool.solve(&dropped)?;
    let shared = rounding::payments(pool, terms, &dropped, &solution)?;
    if terms.round == Rounding::Nearest {
        rounding::refuse_overspending(pool, terms, &shared.payments)?;
    }
    Ok(Division {
        rate: match &solution {
            Solved::Rate(rate) => Some(pool.scales.unscaled(rate)),
            Solved::Nobody | Solved::AllAtUpperLimit => None,
        },
        unit_rate: shared.unit_rate,
        payments: shared.payments,
        extra: shared.extra,
        dropped,
    })
}

/// The payment of one claimant at a rate that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAtRate {
    /// Which limit binds, if one does.
    pub piece: equation::LimitState,
    /// The exact payment, in minor units; with `unit = "share"` at the rounded
    /// rate.
    pub exact: Ratio<BigInt>,
    /// The payment in whole minor units, without a unit that largest remainders
    /// may add.
    pub payment: Money,
    /// Whether a unit more would still be within what the claimant may receive.
    pub may_round_up: bool,
}

/// Works out the payment of one claimant at the rate of a pool, as
/// [`Division::rate`] has it; without a rate everybody receives the upper limit.
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
        // Everybody was dropped.
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
    let rounded = rounding::payments(&pool, terms, &[false], &solved)?;
    let payment = rounded.payments.first().copied();
    let payment = payment.or_bug("an entrant has no payment");
    Ok(PaymentAtRate {
        piece,
        exact,
        payment,
        may_round_up: rounding::may_round_up(&pool, &solved),
    })
}

/// A rate as people read it: cut after 12 decimals.
pub fn rate_text(rate: &Ratio<BigInt>) -> String {
    const DECIMALS: u32 = 12;
    let scaled = rate * BigInt::from(10).pow(DECIMALS);
    crate::base::money::decimal_text(&scaled.to_integer(), DECIMALS)
}

/// A rate in lowest terms: `362/13`, or `27` when it is whole.
pub fn rate_exact_text(rate: &Ratio<BigInt>) -> String {
    if rate.denom().is_one() {
        rate.numer().to_string()
    } else {
        format!("{}/{}", rate.numer(), rate.denom())
    }
}

/// A count as a number that the equation takes.
pub fn as_u64<T: EquationInteger>(number: T) -> Option<u64> {
    Into::<BigInt>::into(number).to_u64()
}
