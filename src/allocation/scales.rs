//! The units in which a pool is solved: small enough that everything is whole,
//! and the proof that 128 bits suffice, where they do.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::equation::Whole;
use super::{Entrants, Terms};
use crate::exact;
use crate::plan::{Measure, Unit};

/// The units that a pool is solved in. A weight is an integer count of
/// `10^-weight` (shares, or minor units of award); money is an integer count
/// of `10^-money` minor units, so that finer offsets are whole too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scales {
    pub(super) weight: u32,
    pub(super) money: u32,
    /// What decimals of a cell are added to reach minor units.
    pub(super) weight_shift: u32,
    pub(super) decimals: u32,
}

impl Scales {
    pub(super) fn new(terms: &Terms<'_>, entrants: &dyn Entrants) -> Self {
        let decimals = terms.decimals;
        let weight_shift = if terms.measure == Measure::Award {
            decimals
        } else {
            0
        };
        let (mut weight, mut less) = (0, 0);
        for number in 0..entrants.entries() {
            let entrant = entrants.entry(number);
            weight = entrant.weight.scale().max(weight);
            less = entrant.limits.less.scale().max(less);
        }
        Self {
            weight: weight.saturating_sub(weight_shift),
            money: less.saturating_sub(decimals),
            weight_shift,
            decimals,
        }
    }

    /// Whether 128 bits hold every number that the equation and the rounding
    /// form. The largest are a sum over all claimants, times an amount, times
    /// a weight; the numerator and denominator of the range; twice the weight
    /// where the value of a share is rounded; and the sum of all remainders.
    pub(super) fn fits_128_bits(self, terms: &Terms<'_>, entrants: &dyn Entrants) -> bool {
        let mut weight_bits = bits_of_ten(self.weight);
        let mut money_bits = bits(terms.money.0) + self.money_bits();
        if let Some((limit, _, _)) = terms.drop {
            money_bits = money_bits.max(bits(limit.0) + self.money_bits());
        }
        let mut claimants: u64 = 0;
        for number in 0..entrants.entries() {
            let entrant = entrants.entry(number);
            let decimals = (self.weight + self.weight_shift).saturating_sub(entrant.weight.scale());
            weight_bits = weight_bits.max(bits(entrant.weight.mantissa()) + bits_of_ten(decimals));
            let limits = &entrant.limits;
            let high = limits.at_most.map_or(0, |high| bits(high.0));
            let limit = high.max(bits(limits.at_least.0)) + self.money_bits();
            let decimals = (self.money + self.decimals).saturating_sub(limits.less.scale());
            let less = bits(limits.less.mantissa()) + bits_of_ten(decimals);
            money_bits = money_bits.max(limit.max(less) + 1);
            claimants = claimants.saturating_add(entrant.count);
        }
        let rate = |number: Decimal| bits(number.mantissa()) + bits_of_ten(number.scale());
        let range_bits = rate(terms.range.reduce).max(terms.range.raise.map_or(0, rate));
        let share_bits = if terms.unit == Unit::Share {
            weight_bits
        } else {
            0
        };
        let count_bits = bits(i128::from(claimants));
        let products = count_bits + money_bits + weight_bits + range_bits + share_bits;
        let remainders = 2 * count_bits + weight_bits + self.money_bits() + range_bits;
        products.max(remainders) + 6 < 127
    }

    fn money_bits(self) -> u32 {
        bits_of_ten(self.money)
    }

    /// A rate of the scaled equation as minor units per share, or per minor
    /// unit of award.
    pub(super) fn unscaled<T: Whole>(self, rate: &Ratio<T>) -> Ratio<BigInt> {
        let ten = |exponent: u32| BigInt::from(10).pow(exponent);
        Ratio::new(
            Into::<BigInt>::into(rate.numer().clone()) * ten(self.weight),
            Into::<BigInt>::into(rate.denom().clone()) * ten(self.money),
        )
    }
}

impl Scales {
    /// The reverse of [`Self::unscaled`].
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

/// How a decimal number becomes an integer of a scale.
pub trait FromDecimal: Sized {
    /// The number as a count of `10^-scale`; `scale` is not less than its own.
    fn from_decimal(number: Decimal, scale: u32) -> Self;
}

impl FromDecimal for i128 {
    fn from_decimal(number: Decimal, scale: u32) -> Self {
        // The bound of `fits_128_bits` covers this product.
        let power = exact::power_of_ten(scale.saturating_sub(number.scale()));
        number.mantissa().times(&power.unwrap_or(Self::MAX))
    }
}

impl FromDecimal for BigInt {
    fn from_decimal(number: Decimal, scale: u32) -> Self {
        exact::at_scale(number, scale)
    }
}
