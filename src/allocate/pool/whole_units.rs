//! A pool in units in which all numbers are integers: participants, equation, and
//! exact payments at a rate.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::Zero;
use rust_decimal::Decimal;

use crate::allocate::pool::equation::{
    self, EquationInteger, EquationTerm, EquationTerms, RateBounds, RateSolution,
};
use crate::allocate::pool::{
    FromDecimal, ParticipantColumns, Participants, PoolFault, PoolTerms, Scales,
};
use crate::base::compact_column::CompactColumn;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::base::parallel;
use crate::plan::WeightKind;

pub(super) const UNDECIDED: &str = "a participant has no mark for being dropped";

/// A pool in scaled units.
pub struct ScaledPool<T: Clone + Integer> {
    pub entries: usize,
    /// The number of threads that process participants.
    pub threads: usize,
    counts: CompactColumn<u64>,
    participants: ParticipantColumns<T, T>,
    pub scales: Scales,
    /// One minor unit, scaled.
    pub minor_unit: T,
    money: T,
    range: RateBounds<T>,
}

/// The participants of a pool that are not dropped.
struct RemainingParticipants<'a, T: Clone + Integer> {
    pool: &'a ScaledPool<T>,
    dropped: &'a [bool],
}

impl<T: EquationInteger + FromDecimal> EquationTerms<T> for RemainingParticipants<'_, T> {
    fn entries(&self) -> usize {
        self.pool.entries
    }

    fn threads(&self) -> usize {
        self.pool.threads
    }

    fn get(&self, number: usize) -> Option<EquationTerm<T>> {
        let dropped = *self.dropped.get(number).or_bug(UNDECIDED);
        (!dropped).then(|| self.pool.participant(number))
    }
}

/// The rate of a pool in scaled units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Solved<T: Clone + Integer> {
    /// There are no participants.
    Nobody,
    /// Each participant receives x(rate).
    Rate(Ratio<T>),
    /// Each participant receives its upper limit.
    AllAtUpperLimit,
}

impl<T: EquationInteger + FromDecimal> ScaledPool<T> {
    /// Scales the participants to units in which all numbers are integers.
    pub(super) fn new(
        terms: &PoolTerms<'_>,
        participants: &(impl Participants + ?Sized),
        scales: Scales,
        threads: usize,
    ) -> Self {
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
            WeightKind::Shares => RateBounds {
                lowest: Ratio::zero(),
                highest: None,
            },
            WeightKind::Award => RateBounds {
                lowest: rate(terms.range.reduce),
                highest: terms.range.raise.map(rate),
            },
        };
        let in_units = |columns| Self::in_units(columns, scales, &minor_unit);
        let (mut all_counts, mut all) = (
            CompactColumn::new(1),
            in_units(ParticipantColumns::default()),
        );
        parallel::by_range(
            threads,
            participants.entries(),
            |range| {
                let (counts, columns) = participants.columns(range);
                (counts, in_units(columns))
            },
            |(counts, columns)| {
                all_counts.append(counts);
                all.append(columns);
            },
        );
        Self {
            entries: participants.entries(),
            threads,
            counts: all_counts,
            participants: all,
            scales,
            money: T::from(terms.money.0) * minor_unit.clone(),
            minor_unit,
            range,
        }
    }

    /// Scales weights and limits. A missing upper limit remains negative.
    fn in_units(
        columns: ParticipantColumns<Decimal, Money>,
        scales: Scales,
        minor_unit: &T,
    ) -> ParticipantColumns<T, T> {
        let weight = scales.weight + scales.weight_shift;
        let offset = scales.money + scales.decimals;
        let money = |money: Money| T::from(money.0).times(minor_unit);
        ParticipantColumns {
            weights: columns
                .weights
                .map(|number| T::from_decimal(number, weight)),
            less: columns.less.map(|number| T::from_decimal(number, offset)),
            at_least: columns.at_least.map(money),
            at_most: columns.at_most.map(money),
            droppable: columns.droppable,
        }
    }

    /// A participant in scaled units.
    pub fn participant(&self, number: usize) -> EquationTerm<T> {
        EquationTerm {
            count: self.count(number),
            weight: self.weight(number),
            offset: self.participants.less.at(number),
            low: self.participants.at_least.at(number),
            high: Some(self.participants.at_most.at(number)).filter(|high| !high.is_negative()),
        }
    }

    /// The weight of a participant, which is not 0.
    pub fn weight(&self, number: usize) -> T {
        self.participants.weights.at(number)
    }

    /// The number of claimants of a participant.
    pub fn count(&self, number: usize) -> u64 {
        self.counts.at(number)
    }

    /// True if a small payment of this participant may be dropped.
    pub fn droppable(&self, number: usize) -> bool {
        self.participants.droppable.at(number)
    }

    pub fn money(&self) -> &T {
        &self.money
    }

    /// The highest rate, if any.
    pub fn highest_rate(&self) -> Option<&Ratio<T>> {
        self.range.highest.as_ref()
    }

    /// Solves the equation for the participants that are not dropped.
    pub fn solve(&self, dropped: &[bool]) -> Result<Solved<T>, PoolFault> {
        if dropped.iter().all(|dropped| *dropped) {
            return Ok(Solved::Nobody);
        }
        let staying = RemainingParticipants {
            pool: self,
            dropped,
        };
        match equation::solve(&staying, &self.money, &self.range) {
            RateSolution::Rate(rate) => Ok(Solved::Rate(rate)),
            RateSolution::AllAtUpperLimit => Ok(Solved::AllAtUpperLimit),
            RateSolution::Needs(needed) => {
                let needed: BigInt = needed.div_ceil(&self.minor_unit).into();
                Err(Money::from_big(&needed).map_or(PoolFault::TooLarge, PoolFault::Needs))
            }
        }
    }

    /// The exact payment of a participant, as a numerator over
    /// [`Self::denominator`].
    pub fn exact(&self, number: usize, solved: &Solved<T>) -> T {
        let participant = self.participant(number);
        match solved {
            Solved::Nobody => T::zero(),
            Solved::AllAtUpperLimit => participant.high.or_bug("a participant has no upper limit"),
            Solved::Rate(rate) => participant.payment(rate),
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
