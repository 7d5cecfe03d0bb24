//! Dividing the money of a pool: from weights and limits to whole minor units.
//!
//! Nothing here knows files, columns, names or threads: only numbers. Equal
//! entitlements are divided once, however many claimants have them.

pub mod dropping;
pub mod equation;
pub mod rounding;
mod scales;

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::column::Column;
use crate::exact;
use crate::money::Money;
use crate::plan::{DropMethod, Measure, RateRange, Round, Unit};
use equation::{Participant, Participants, Range, Solution, Whole};
pub use scales::{FromDecimal, Scales};

/// The rule of a pool, as numbers.
#[derive(Debug, Clone)]
pub struct Terms<'p> {
    /// The money to divide.
    pub money: Money,
    /// Whether weights are shares, or awards in currency.
    pub measure: Measure,
    /// The rates that an award pool may have.
    pub range: &'p RateRange,
    /// How exact payments become whole minor units.
    pub round: Round,
    /// What is rounded.
    pub unit: Unit,
    /// The limit under which payments are dropped, whether a payment of just
    /// the limit is dropped, and in which order.
    pub drop: Option<(Money, bool, DropMethod)>,
    /// The decimals of the currency.
    pub decimals: u32,
}

/// So many claimants with the same entitlement in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entrant {
    /// How many they are; at least one.
    pub count: u64,
    /// Shares, or award in currency; more than 0.
    pub weight: Decimal,
    /// Limits and offset.
    pub limits: Limits,
}

/// Those who share a pool, by number from 0.
pub trait Entrants {
    /// How many entries there are.
    fn entries(&self) -> usize;
    /// The entry of this number.
    fn entry(&self, number: usize) -> Entrant;
}

impl Entrants for [Entrant] {
    fn entries(&self) -> usize {
        self.len()
    }

    fn entry(&self, number: usize) -> Entrant {
        self.get(number).copied().unwrap_or(Entrant::NOBODY)
    }
}

impl<const N: usize> Entrants for [Entrant; N] {
    fn entries(&self) -> usize {
        N
    }

    fn entry(&self, number: usize) -> Entrant {
        self.as_slice().entry(number)
    }
}

impl Entrants for Vec<Entrant> {
    fn entries(&self) -> usize {
        self.len()
    }

    fn entry(&self, number: usize) -> Entrant {
        self.as_slice().entry(number)
    }
}

impl<E: Entrants + ?Sized> Entrants for &E {
    fn entries(&self) -> usize {
        (**self).entries()
    }

    fn entry(&self, number: usize) -> Entrant {
        (**self).entry(number)
    }
}

impl Entrant {
    /// What stands for a number that no entry has.
    const NOBODY: Self = Self {
        count: 0,
        weight: Decimal::ONE,
        limits: Limits::NONE,
    };
}

/// What bounds a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Already received, in currency.
    pub less: Decimal,
    /// The least payment, in whole minor units.
    pub at_least: Money,
    /// The most, in whole minor units.
    pub at_most: Option<Money>,
    /// Whether a small payment can be dropped.
    pub droppable: bool,
}

impl Limits {
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
    /// What each claimant of an entrant receives, entrant by entrant.
    pub payments: Vec<Money>,
    /// Units that go to some claimants only, one to each.
    pub extra: Option<Extra>,
    /// Which entrants are dropped.
    pub dropped: Vec<bool>,
}

/// Units of a largest-remainder division that do not suffice for all claimants
/// with the same remainder: those first by id, in byte order, get one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// The entrants with that remainder, in ascending order.
    pub entrants: Vec<usize>,
    /// How many units there are: fewer than their claimants.
    pub units: u64,
}

/// Why a pool cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Even the minimum payments need this much, which is more than there is.
    Needs(Money),
    /// Rounding to nearest pays this much, which is more than there is.
    Overspends(Money),
    /// A sum has more than 128 bits.
    TooLarge,
}

/// Divides the money of a pool among its entrants.
pub fn divide(terms: &Terms<'_>, entrants: &(impl Entrants + ?Sized)) -> Result<Division, Fault> {
    let entrants: &dyn Entrants = &entrants;
    let mut dropped = vec![false; entrants.entries()];
    if entrants.entries() == 0 {
        return Ok(Division {
            rate: None,
            unit_rate: None,
            payments: Vec::new(),
            extra: None,
            dropped,
        });
    }
    let scales = Scales::new(terms, entrants);
    if scales.fits_128_bits(terms, entrants) {
        divide_in::<i128>(terms, entrants, scales, &mut dropped)
    } else {
        divide_in::<BigInt>(terms, entrants, scales, &mut dropped)
    }
}

fn divide_in<T: Whole + FromDecimal>(
    terms: &Terms<'_>,
    entrants: &dyn Entrants,
    scales: Scales,
    dropped: &mut Vec<bool>,
) -> Result<Division, Fault> {
    let pool = ScaledPool::<T>::new(terms, entrants, scales);
    let all: Vec<usize> = (0..entrants.entries()).collect();
    let staying = dropping::staying(&pool, terms, all)?;
    for flag in dropped.iter_mut() {
        *flag = true;
    }
    for &number in &staying {
        if let Some(flag) = dropped.get_mut(number) {
            *flag = false;
        }
    }
    let solution = pool.solve(&staying)?;
    let shared = rounding::payments(&pool, terms, &staying, &solution)?;
    Ok(Division {
        rate: match &solution {
            Solved::Rate(rate) => Some(pool.scales.unscaled(rate)),
            Solved::Nobody | Solved::AllAtUpperLimit => None,
        },
        unit_rate: shared.unit_rate,
        payments: shared.payments,
        extra: shared.extra,
        dropped: std::mem::take(dropped),
    })
}

/// A pool in scaled units.
pub struct ScaledPool<T: Clone + Integer> {
    /// How many entrants there are.
    pub entries: usize,
    counts: Column<u64>,
    weights: Column<T>,
    offsets: Column<T>,
    lows: Column<T>,
    /// Less than 0 where there is none, which takes half the memory.
    highs: Column<T>,
    droppable: Column<bool>,
    /// Its units.
    pub scales: Scales,
    /// One minor unit, scaled.
    pub minor_unit: T,
    money: T,
    range: Range<T>,
}

/// Some entrants of a pool.
struct Selection<'a, T: Clone + Integer> {
    pool: &'a ScaledPool<T>,
    numbers: &'a [usize],
}

impl<T: Whole + FromDecimal> Participants<T> for Selection<'_, T> {
    fn entries(&self) -> usize {
        self.numbers.len()
    }

    fn get(&self, number: usize) -> Participant<T> {
        let entrant = self.numbers.get(number).copied().unwrap_or(usize::MAX);
        self.pool.participant(entrant)
    }
}

/// The rate of a pool in scaled units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Solved<T: Clone + Integer> {
    /// Nobody takes part.
    Nobody,
    /// Everybody receives x(rate).
    Rate(Ratio<T>),
    /// Everybody receives the upper limit.
    AllAtUpperLimit,
}

impl<T: Whole + FromDecimal> ScaledPool<T> {
    fn new(terms: &Terms<'_>, entrants: &dyn Entrants, scales: Scales) -> Self {
        let ten = |exponent: u32| T::from_decimal(Decimal::ONE, exponent);
        let minor_unit = ten(scales.money);
        // λ in scaled units is λ · 10^money / 10^weight.
        let rate = |number: Decimal| {
            Ratio::new(
                T::from_decimal(number, number.scale()) * minor_unit.clone(),
                ten(number.scale()) * ten(scales.weight),
            )
        };
        let range = match terms.measure {
            Measure::Shares => Range {
                lowest: Ratio::zero(),
                highest: None,
            },
            Measure::Award => Range {
                lowest: rate(terms.range.reduce),
                highest: terms.range.raise.map(rate),
            },
        };
        let mut pool = Self {
            entries: entrants.entries(),
            counts: Column::new(1),
            weights: Column::new(T::zero()),
            offsets: Column::new(T::zero()),
            lows: Column::new(T::zero()),
            highs: Column::new(T::zero() - T::one()),
            droppable: Column::new(false),
            scales,
            money: T::from(terms.money.0) * minor_unit.clone(),
            minor_unit,
            range,
        };
        for number in 0..pool.entries {
            pool.push(&entrants.entry(number));
        }
        pool
    }

    /// Takes the next entrant, in scaled units.
    fn push(&mut self, entrant: &Entrant) {
        let (scales, limits) = (self.scales, &entrant.limits);
        let money = |money: Money| T::from(money.0).times(&self.minor_unit);
        self.lows.push(money(limits.at_least));
        let none = T::zero() - T::one();
        self.highs.push(limits.at_most.map_or(none, money));
        self.counts.push(entrant.count);
        self.weights.push(T::from_decimal(
            entrant.weight,
            scales.weight + scales.weight_shift,
        ));
        self.offsets
            .push(T::from_decimal(limits.less, scales.money + scales.decimals));
        self.droppable.push(limits.droppable);
    }

    /// An entrant in scaled units.
    pub fn participant(&self, number: usize) -> Participant<T> {
        Participant {
            count: self.count(number),
            weight: self.weight(number),
            offset: self.offsets.get(number).unwrap_or_else(T::zero),
            low: self.lows.get(number).unwrap_or_else(T::zero),
            high: self.highs.get(number).filter(|high| !high.is_negative()),
        }
    }

    /// The weight of an entrant, which is not 0.
    pub fn weight(&self, number: usize) -> T {
        self.weights.get(number).unwrap_or_else(T::one)
    }

    /// How many claimants an entrant stands for.
    pub fn count(&self, number: usize) -> u64 {
        self.counts.get(number).unwrap_or(0)
    }

    /// Whether a small payment of this entrant can be dropped.
    pub fn droppable(&self, number: usize) -> bool {
        self.droppable.get(number).unwrap_or(false)
    }

    /// The money of the pool.
    pub fn money(&self) -> &T {
        &self.money
    }

    /// The highest rate, where there is one.
    pub fn highest_rate(&self) -> Option<&Ratio<T>> {
        self.range.highest.as_ref()
    }

    /// Solves the equation over some of the entrants.
    pub fn solve(&self, numbers: &[usize]) -> Result<Solved<T>, Fault> {
        if numbers.is_empty() {
            return Ok(Solved::Nobody);
        }
        let selection = Selection {
            pool: self,
            numbers,
        };
        match equation::solve(&selection, &self.money, &self.range) {
            Solution::Rate(rate) => Ok(Solved::Rate(rate)),
            Solution::AllAtUpperLimit => Ok(Solved::AllAtUpperLimit),
            Solution::Needs(needed) => {
                let needed: BigInt = needed.div_ceil(&self.minor_unit).into();
                Err(Money::from_big(&needed).map_or(Fault::TooLarge, Fault::Needs))
            }
        }
    }

    /// The exact payment of an entrant, as a fraction of minor units with the
    /// denominator of [`Self::denominator`].
    pub fn exact(&self, number: usize, solved: &Solved<T>) -> T {
        let participant = self.participant(number);
        let whole = |limit: T, rate: &Ratio<T>| limit.times(rate.denom());
        match solved {
            Solved::Nobody => T::zero(),
            Solved::AllAtUpperLimit => participant.high.unwrap_or_else(T::zero),
            Solved::Rate(rate) => match (participant.piece(rate), participant.high.clone()) {
                (equation::Piece::Low, _) => whole(participant.low, rate),
                (equation::Piece::High, Some(high)) => whole(high, rate),
                _ => {
                    participant.weight.times(rate.numer()) - participant.offset.times(rate.denom())
                }
            },
        }
    }

    /// The common denominator of all exact payments.
    pub fn denominator(&self, solved: &Solved<T>) -> T {
        match solved {
            Solved::Rate(rate) => rate.denom().clone() * self.minor_unit.clone(),
            Solved::Nobody | Solved::AllAtUpperLimit => self.minor_unit.clone(),
        }
    }

    /// The rate rounded down to whole minor units per share.
    pub fn whole_rate(&self, rate: &Ratio<T>) -> Option<(BigInt, Ratio<T>)> {
        let exact = self.scales.unscaled(rate);
        let units = exact.numer().div_floor(exact.denom());
        let ten = |exponent: u32| T::from_decimal(Decimal::ONE, exponent);
        let scaled = Ratio::new(
            T::from_big(units.clone())? * self.minor_unit.clone(),
            ten(self.scales.weight),
        );
        Some((units, scaled))
    }
}

/// The payment of one claimant at a rate that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// Which limit binds, if one does.
    pub piece: equation::Piece,
    /// The exact payment, in minor units; with `unit = "share"` at the rounded
    /// rate.
    pub exact: Ratio<BigInt>,
    /// The payment in whole minor units, without a unit that largest remainders
    /// may add.
    pub payment: Money,
}

/// Works out the payment of one claimant at the rate of a pool, as
/// [`Division::rate`] has it; without a rate everybody receives the upper limit.
pub fn single(
    terms: &Terms<'_>,
    entrant: &Entrant,
    rate: Option<&Ratio<BigInt>>,
) -> Result<Single, Fault> {
    let entrants = [Entrant {
        count: 1,
        ..*entrant
    }];
    let pool = ScaledPool::<BigInt>::new(terms, &entrants, Scales::new(terms, &entrants));
    let solved = match rate {
        None => Solved::AllAtUpperLimit,
        Some(rate) if terms.unit == Unit::Share => {
            let scaled = pool.scales.scaled(rate);
            Solved::Rate(pool.whole_rate(&scaled).ok_or(Fault::TooLarge)?.1)
        }
        Some(rate) => Solved::Rate(pool.scales.scaled(rate)),
    };
    let piece = match &solved {
        Solved::Rate(rate) => pool.participant(0).piece(rate),
        Solved::Nobody | Solved::AllAtUpperLimit => equation::Piece::High,
    };
    let exact = Ratio::new(pool.exact(0, &solved), pool.denominator(&solved));
    let rounded = rounding::payments(&pool, terms, &[0], &solved)?;
    let payment = rounded.payments.first().copied().unwrap_or_default();
    Ok(Single {
        piece,
        exact,
        payment,
    })
}

/// The sum of weight · count over some entrants, as a fraction.
pub fn total_weight(entrants: impl Iterator<Item = (Decimal, u64)>) -> Ratio<BigInt> {
    const SCALE: u32 = 28;
    // A weight has 96 bits at most, so a sum of terms of one scale overflows
    // only beyond four billion times the largest.
    let mut by_scale: BTreeMap<u32, i128> = BTreeMap::new();
    let mut total = BigInt::zero();
    for (weight, count) in entrants {
        let term = weight.mantissa().checked_mul(i128::from(count));
        let sum = by_scale.entry(weight.scale()).or_insert(0);
        match term.and_then(|term| sum.checked_add(term)) {
            Some(more) => *sum = more,
            None => total += exact::at_scale(weight, SCALE) * BigInt::from(count),
        }
    }
    for (scale, sum) in by_scale {
        total += BigInt::from(sum) * BigInt::from(10).pow(SCALE.saturating_sub(scale));
    }
    Ratio::new(total, BigInt::from(10).pow(SCALE))
}

/// A rate as people read it: cut after 12 decimals.
pub fn rate_text(rate: &Ratio<BigInt>) -> String {
    const DECIMALS: u32 = 12;
    let scaled = rate * BigInt::from(10).pow(DECIMALS);
    crate::money::decimal_text(&scaled.to_integer(), DECIMALS)
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
pub fn as_u64<T: Whole>(number: T) -> Option<u64> {
    Into::<BigInt>::into(number).to_u64()
}
