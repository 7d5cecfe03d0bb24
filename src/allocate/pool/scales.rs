//! The units in which a pool is solved: small enough that all numbers are integers.
//! Also proves, where possible, that 128 bits suffice.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::allocate::pool::equation::EquationInteger;
use crate::allocate::pool::{ParticipantColumns, Participants, PoolTerms};
use crate::base::compact_column::CompactColumn;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::base::{decimal, parallel};
use crate::plan::{RoundingUnit, WeightKind};

/// The units in which a pool is solved. A weight is an integer count of
/// `10^-weight` (shares, or minor units of award). Money is an integer count of
/// `10^-money` minor units, so that finer offsets are integers, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scales {
    pub(super) weight: u32,
    pub(super) money: u32,
    /// The number of decimals of a minor unit, which shifts cells to minor units.
    pub(super) weight_shift: u32,
    pub(super) decimals: u32,
}

/// Bounds of the numbers of all participants.
#[derive(Debug, Clone)]
pub(super) struct Magnitude {
    /// The maximum number of bits of weights, by their decimals.
    weights: [u32; MOST_DECIMALS],
    /// The maximum number of bits of offsets, by their decimals; 0 has no bits.
    offsets: [u32; MOST_DECIMALS],
    /// The maximum number of bits of a limit.
    limits: u32,
    claimants: u64,
}

/// A decimal has 0 to 28 decimals.
const MOST_DECIMALS: usize = 29;

impl Magnitude {
    pub(super) fn of(participants: &(impl Participants + ?Sized), threads: usize) -> Self {
        let mut all = Self::nothing();
        parallel::by_range(
            threads,
            participants.entries(),
            |range| {
                let (counts, columns) = participants.columns(range);
                Self::of_some(&counts, &columns)
            },
            |extent| all.join(&extent),
        );
        all
    }

    fn nothing() -> Self {
        Self {
            weights: [0; MOST_DECIMALS],
            offsets: [0; MOST_DECIMALS],
            limits: 0,
            claimants: 0,
        }
    }

    fn of_some(counts: &CompactColumn<u64>, columns: &ParticipantColumns<Decimal, Money>) -> Self {
        let mut extent = Self::nothing();
        for (most, numbers) in [
            (&mut extent.weights, &columns.weights),
            (&mut extent.offsets, &columns.less),
        ] {
            numbers.counted().for_each(|(number, _)| {
                let place = usize::try_from(number.scale()).ok();
                let most = place.and_then(|place| most.get_mut(place));
                let most = most.or_bug("a number has more than 28 decimals");
                *most = bits(number.mantissa()).max(*most);
            });
        }
        for limits in [&columns.at_least, &columns.at_most] {
            let there = limits.counted().filter(|(limit, _)| **limit > Money::ZERO);
            let most = there.map(|(limit, _)| bits(limit.0)).max();
            extent.limits = extent.limits.max(most.unwrap_or(0));
        }
        for (&count, times) in counts.counted() {
            let times = u64::try_from(times).unwrap_or(u64::MAX);
            let claimants = count.saturating_mul(times);
            extent.claimants = extent.claimants.saturating_add(claimants);
        }
        extent
    }

    fn join(&mut self, other: &Self) {
        let weights = self.weights.iter_mut().zip(&other.weights);
        let offsets = self.offsets.iter_mut().zip(&other.offsets);
        for (most, other) in weights.chain(offsets) {
            *most = (*most).max(*other);
        }
        self.limits = self.limits.max(other.limits);
        self.claimants = self.claimants.saturating_add(other.claimants);
    }
}

/// The largest number of decimals that occurs; `most_bits` holds the bits by
/// decimals.
fn most_decimals(most_bits: &[u32]) -> u32 {
    let occurring = (0..).zip(most_bits).filter(|(_, bits)| **bits > 0);
    occurring.map(|(decimals, _)| decimals).max().unwrap_or(0)
}

/// The maximum number of bits of the numbers as counts of `10^-scale`.
fn bits_at_scale(most_bits: &[u32], scale: u32) -> u32 {
    let occurring = (0_u32..).zip(most_bits).filter(|(_, bits)| **bits > 0);
    let scaled =
        occurring.map(|(decimals, bits)| bits + bits_of_ten(scale.saturating_sub(decimals)));
    scaled.max().unwrap_or(0)
}

impl Scales {
    pub(super) fn new(terms: &PoolTerms<'_>, extent: &Magnitude) -> Self {
        let decimals = terms.decimals;
        let weight_shift = if terms.measure == WeightKind::Award {
            decimals
        } else {
            0
        };
        Self {
            weight: most_decimals(&extent.weights).saturating_sub(weight_shift),
            money: most_decimals(&extent.offsets).saturating_sub(decimals),
            weight_shift,
            decimals,
        }
    }

    /// True if 128 bits hold every number in the equation and the rounding. The
    /// largest are a sum over all claimants times an amount times a weight; the
    /// numerator and denominator of the range; twice the weight if the value of a
    /// share is rounded; and the sum of all remainders.
    pub(super) fn fits_128_bits(self, terms: &PoolTerms<'_>, extent: &Magnitude) -> bool {
        let weight_bits = bits_at_scale(&extent.weights, self.weight + self.weight_shift)
            .max(bits_of_ten(self.weight));
        let limit = extent.limits + self.money_bits();
        let less = bits_at_scale(&extent.offsets, self.money + self.decimals);
        let mut money_bits = bits(terms.money.0) + self.money_bits();
        let dropped = terms.drop.map(|(limit, _, _)| limit);
        for limit in [dropped, terms.each].into_iter().flatten() {
            money_bits = money_bits.max(bits(limit.0) + self.money_bits());
        }
        money_bits = money_bits.max(limit.max(less) + 1);
        let rate = |number: Decimal| bits(number.mantissa()) + bits_of_ten(number.scale());
        let range_bits = rate(terms.range.reduce).max(terms.range.raise.map_or(0, rate));
        let share_bits = if terms.unit == RoundingUnit::Share {
            weight_bits
        } else {
            0
        };
        let count_bits = bits(i128::from(extent.claimants));
        let products = count_bits + money_bits + weight_bits + range_bits + share_bits;
        let remainders = 2 * count_bits + weight_bits + self.money_bits() + range_bits;
        products.max(remainders) + 6 < 127
    }

    fn money_bits(self) -> u32 {
        bits_of_ten(self.money)
    }

    /// Converts a rate of the scaled equation to minor units per share, or per
    /// minor unit of award.
    pub(super) fn unscaled<T: EquationInteger>(self, rate: &Ratio<T>) -> Ratio<BigInt> {
        let ten = |exponent: u32| BigInt::from(10).pow(exponent);
        Ratio::new(
            Into::<BigInt>::into(rate.numer().clone()) * ten(self.weight),
            Into::<BigInt>::into(rate.denom().clone()) * ten(self.money),
        )
    }
}

impl Scales {
    /// The inverse of [`Self::unscaled`].
    pub(super) fn scaled(self, rate: &Ratio<BigInt>) -> Ratio<BigInt> {
        let ten = |exponent: u32| BigInt::from(10).pow(exponent);
        rate * Ratio::new(ten(self.money), ten(self.weight))
    }
}

fn bits(number: i128) -> u32 {
    128 - number.unsigned_abs().leading_zeros()
}

/// An upper bound of the bits of `10^exponent`.
fn bits_of_ten(exponent: u32) -> u32 {
    // 10^k < 2^(10k/3 + 1)
    exponent * 10 / 3 + u32::from(exponent > 0)
}

/// Converts decimals to integers of a scale.
pub trait FromDecimal: Sized {
    /// The number as a count of `10^-scale`; `scale` must be at least its own.
    fn from_decimal(number: Decimal, scale: u32) -> Self;
}

impl FromDecimal for i128 {
    fn from_decimal(number: Decimal, scale: u32) -> Self {
        // The bound of `fits_128_bits` covers this product.
        let power = scale
            .checked_sub(number.scale())
            .and_then(decimal::power_of_ten);
        number
            .mantissa()
            .times(&power.or_bug("a number is not an integer in its scale"))
    }
}

impl FromDecimal for BigInt {
    fn from_decimal(number: Decimal, scale: u32) -> Self {
        decimal::at_scale(number, scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::pool::{Participant, PaymentLimits};
    use crate::plan::{DropMethod, RateRange, Rounding};

    /// The sizes on which the bound of 128 bits depends: the bits of weights and offsets by their
    /// decimals, and so on.
    #[derive(Clone, Default)]
    struct Sizes {
        award: bool,
        by_share: bool,
        reduce: Decimal,
        raise: Option<Decimal>,
        drop: Option<i128>,
        weights: &'static [(usize, u32)],
        offsets: &'static [(usize, u32)],
        limits: u32,
        claimants: u64,
    }

    impl Sizes {
        /// True if a pool of 30 bits of cents fits with a weight of this number of bits.
        fn fits(&self, weight: u32) -> bool {
            let range = RateRange {
                reduce: self.reduce,
                raise: self.raise,
            };
            let drop = |limit| (Money(limit), false, DropMethod::AllAtOnce);
            let terms = PoolTerms {
                each: None,
                count_ahead: false,
                in_full: false,
                money: Money(1 << 29),
                measure: [WeightKind::Shares, WeightKind::Award][usize::from(self.award)],
                range: &range,
                round: Rounding::Down,
                unit: [RoundingUnit::Payment, RoundingUnit::Share][usize::from(self.by_share)],
                drop: self.drop.map(drop),
                decimals: 2,
            };
            let mut extent = Magnitude::nothing();
            extent.weights[0] = weight;
            for &(decimals, bits) in self.weights {
                extent.weights[decimals] = bits;
            }
            for &(decimals, bits) in self.offsets {
                extent.offsets[decimals] = bits;
            }
            extent.limits = self.limits;
            extent.claimants = self.claimants.max(1);
            Scales::new(&terms, &extent).fits_128_bits(&terms, &extent)
        }
    }

    #[test]
    fn every_size_leaves_less_room_in_128_bits() {
        let base = Sizes::default;
        let fine: &[_] = &[(5, 1)];
        let (three_quarters, more_than_all) = (Decimal::new(75, 2), Some(Decimal::new(15, 1)));
        // There is room for 120 bits: 1 of the claimants, 30 of the money, and the weight.
        #[rustfmt::skip]
        let cases = [
            (89, base()),
            // 10^3 has 11 bits at most.
            (78, Sizes { offsets: fine, ..base() }),
            (68, Sizes { limits: 50, ..base() }),
            (57, Sizes { limits: 50, offsets: fine, ..base() }),
            (61, Sizes { offsets: &[(0, 40), (5, 1)], ..base() }),
            (79, Sizes { drop: Some(1 << 39), ..base() }),
            (68, Sizes { drop: Some(1 << 39), offsets: fine, ..base() }),
            (75, Sizes { reduce: three_quarters, ..base() }),
            (81, Sizes { raise: more_than_all, ..base() }),
            (75, Sizes { reduce: three_quarters, raise: more_than_all, ..base() }),
            (44, Sizes { by_share: true, ..base() }),
            (80, Sizes { claimants: 1000, ..base() }),
            // The remainders of as many need more.
            (40, Sizes { claimants: 1 << 39, ..base() }),
            (15, Sizes { claimants: 1 << 39, offsets: fine, reduce: three_quarters, ..base() }),
            (75, Sizes { weights: &[(4, 1)], ..base() }),
            // Cents have 7 bits more.
            (82, Sizes { award: true, ..base() }),
            (72, Sizes { award: true, weights: fine, ..base() }),
        ];
        for (number, (widest, sizes)) in cases.into_iter().enumerate() {
            let found = (1..=96).rev().find(|bits| sizes.fits(*bits));
            assert_eq!(found, Some(widest), "{number}");
        }
        // 10^8 of shares has 27 bits, however few the shares have.
        let few = |limits| Sizes {
            limits,
            weights: &[(8, 1)],
            ..base()
        };
        assert_eq!([91, 92].map(|limits| few(limits).fits(0)), [true, false]);
    }

    #[test]
    fn what_there_is_of_participants_is_measured() {
        let participant = |count, weight, less, at_least, at_most: Option<i128>| Participant {
            count,
            weight,
            limits: PaymentLimits {
                less,
                at_least: Money(at_least),
                at_most: at_most.map(Money),
                droppable: false,
            },
        };
        let few = [
            participant(3, Decimal::new(125, 1), Decimal::ZERO, 0, None),
            participant(2, Decimal::ONE, Decimal::new(7, 3), 5, Some(1000)),
        ];
        let mut extent = Magnitude::of(few.as_slice(), 1);
        let bits = |bits: &[u32]| bits.iter().copied().take(4).collect::<Vec<_>>();
        assert_eq!(bits(&extent.weights), [1, 7, 0, 0]);
        assert_eq!(bits(&extent.offsets), [0, 0, 0, 3]);
        assert_eq!((extent.limits, extent.claimants), (10, 5));
        let most = [
            most_decimals(&extent.weights),
            most_decimals(&extent.offsets),
        ];
        assert_eq!(most, [1, 3]);
        let more = [participant(4, Decimal::new(1, 2), Decimal::ONE, 2000, None)];
        extent.join(&Magnitude::of(more.as_slice(), 1));
        assert_eq!(bits(&extent.weights), [1, 7, 1, 0]);
        assert_eq!(bits(&extent.offsets), [1, 0, 0, 3]);
        assert_eq!((extent.limits, extent.claimants), (11, 9));
    }
}
