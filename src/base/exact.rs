//! Exact numbers: a decimal as long as one can hold the number, because decimals are
//! fast, and otherwise a fraction of any size. Nothing is ever rounded, except to a
//! multiple on request.
#![allow(
    clippy::inline_always,
    reason = "decimals are as fast as without fractions"
)]

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::money::decimal_text;

/// An exact number. Equal numbers are equal values: a number that a decimal can hold is
/// never a fraction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Exact {
    Decimal(Decimal),
    Fraction(Box<Ratio<BigInt>>),
}

/// The direction of rounding to a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// To the nearest multiple, a half away from zero.
    Nearest,
    /// To the multiple below.
    Down,
    /// To the multiple above.
    Up,
}

/// The number of decimals that are shown of a fraction.
const SHOWN_DECIMALS: u32 = 12;

impl From<Decimal> for Exact {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<i64> for Exact {
    fn from(number: i64) -> Self {
        Self::Decimal(Decimal::from(number))
    }
}

impl From<Ratio<BigInt>> for Exact {
    fn from(number: Ratio<BigInt>) -> Self {
        decimal_of(&number).map_or_else(|| Self::Fraction(Box::new(number)), Self::Decimal)
    }
}

impl Exact {
    pub const ZERO: Self = Self::Decimal(Decimal::ZERO);
    pub const ONE: Self = Self::Decimal(Decimal::ONE);

    /// The number as a fraction in lowest terms.
    pub fn ratio(&self) -> Ratio<BigInt> {
        match self {
            Self::Decimal(number) => Ratio::new(
                BigInt::from(number.mantissa()),
                BigInt::from(10).pow(number.scale()),
            ),
            Self::Fraction(ratio) => (**ratio).clone(),
        }
    }

    /// The number as a decimal of at most 28 significant digits, if it is one.
    pub fn decimal(&self) -> Option<Decimal> {
        let longest = decimal::power_of_ten(MOST_DIGITS_OF_DECIMAL)?;
        match self {
            Self::Decimal(number) if number.mantissa().abs() < longest => Some(*number),
            // Zeros at the end are not significant.
            Self::Decimal(number) => {
                Some(number.normalize()).filter(|number| number.mantissa().abs() < longest)
            }
            Self::Fraction(_) => None,
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Decimal(number) if number.is_zero())
    }

    pub fn is_negative(&self) -> bool {
        match self {
            Self::Decimal(number) => number.is_sign_negative() && !number.is_zero(),
            Self::Fraction(ratio) => ratio.is_negative(),
        }
    }

    #[must_use]
    #[inline]
    pub fn plus(&self, other: &Self) -> Self {
        self.combined(other, decimal::sum, |a, b| a + b)
    }

    #[must_use]
    #[inline]
    pub fn minus(&self, other: &Self) -> Self {
        self.combined(other, decimal::difference, |a, b| a - b)
    }

    #[must_use]
    #[inline]
    pub fn times(&self, other: &Self) -> Self {
        self.combined(other, decimal::product, |a, b| a * b)
    }

    /// The quotient; `None` if the divisor is 0.
    pub fn over(&self, other: &Self) -> Option<Self> {
        (!other.is_zero()).then(|| self.combined(other, decimal::quotient, |a, b| a / b))
    }

    /// The number as a multiple of a unit above 0.
    #[must_use]
    pub fn rounded(&self, unit: Decimal, towards: Towards) -> Self {
        let unit = Self::Decimal(unit);
        let Some(units) = self.over(&unit) else {
            return self.clone();
        };
        let units = units.ratio();
        let units = match towards {
            Towards::Nearest => units.round(),
            Towards::Down => units.floor(),
            Towards::Up => units.ceil(),
        };
        Self::from(units).times(&unit)
    }

    #[inline(always)]
    fn combined(
        &self,
        other: &Self,
        of_decimals: impl Fn(Decimal, Decimal) -> Option<Decimal>,
        of_fractions: fn(Ratio<BigInt>, Ratio<BigInt>) -> Ratio<BigInt>,
    ) -> Self {
        if let (Self::Decimal(a), Self::Decimal(b)) = (self, other)
            && let Some(result) = of_decimals(*a, *b)
        {
            return Self::Decimal(result);
        }
        self.as_fractions(other, of_fractions)
    }

    #[cold]
    fn as_fractions(
        &self,
        other: &Self,
        combined: fn(Ratio<BigInt>, Ratio<BigInt>) -> Ratio<BigInt>,
    ) -> Self {
        combined(self.ratio(), other.ratio()).into()
    }

    /// The number for people: `0.5`, or `1/3 (0.333333333333…)`.
    pub fn text(&self) -> String {
        match self {
            Self::Decimal(number) => decimal::text(*number),
            Self::Fraction(ratio) => {
                let cut = |decimals: u32| {
                    let scaled = &**ratio * BigInt::from(10).pow(decimals);
                    decimal_text(&scaled.to_integer(), decimals)
                };
                // A decimal with many digits is still one.
                match decimals_of(ratio) {
                    Some(decimals) => cut(decimals),
                    None => format!("{ratio} ({}…)", cut(SHOWN_DECIMALS)),
                }
            }
        }
    }

    /// The number as it is written in a plan: `0.5`, `1/3`.
    pub fn written(&self) -> String {
        match self {
            Self::Decimal(number) => decimal::text(*number),
            Self::Fraction(ratio) => ratio.to_string(),
        }
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) if a.scale() == b.scale() => {
                a.mantissa().cmp(&b.mantissa())
            }
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            _ => self.ratio().cmp(&other.ratio()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const MOST_DIGITS_OF_DECIMAL: u32 = 28;

/// The most decimals of a number that has a finite number of them.
const MOST_DECIMALS: u32 = 60;

/// The number of decimals of a fraction; `None` if there are too many or no end.
fn decimals_of(number: &Ratio<BigInt>) -> Option<u32> {
    let (mut below, mut twos, mut fives) = (number.denom().clone(), 0, 0);
    for (prime, count) in [(2_u8, &mut twos), (5, &mut fives)] {
        while (&below % BigInt::from(prime)).is_zero() {
            below /= prime;
            *count += 1;
            if *count > MOST_DECIMALS {
                return None;
            }
        }
    }
    below.is_one().then_some(twos.max(fives))
}

/// The fraction as a decimal, if one can hold it.
fn decimal_of(number: &Ratio<BigInt>) -> Option<Decimal> {
    let scale = decimals_of(number).filter(|scale| *scale <= MOST_DIGITS_OF_DECIMAL)?;
    let scaled = number * BigInt::from(10).pow(scale);
    let mantissa = scaled.to_integer().to_i128()?;
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// The largest and smallest number of minor units around an amount: rounded down and
/// rounded up. `None` past 128 bits.
pub(crate) fn units(number: &Exact, decimals: u32) -> Option<(i128, i128)> {
    match number {
        Exact::Decimal(number) => decimal::units(*number, decimals),
        Exact::Fraction(ratio) => {
            let scaled = &**ratio * BigInt::from(10).pow(decimals);
            let part = |part: Ratio<BigInt>| part.to_integer().to_i128();
            part(scaled.floor()).zip(part(scaled.ceil()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Exact {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (above, below) = digits.split_once('/').unwrap_or((digits, "1"));
        let part = |digits| Exact::from(decimal::parse(digits).unwrap());
        let number = part(above).over(&part(below)).unwrap();
        number.times(&Exact::from(sign))
    }

    #[test]
    fn what_a_decimal_can_hold_is_a_decimal() {
        for (above, below, text) in [
            ("1", "3", "1/3 (0.333333333333…)"),
            ("-2", "3", "-2/3 (-0.666666666666…)"),
            ("1", "8", "0.125"),
            ("3", "1/3", "9"),
            ("0", "7", "0"),
            ("1", "1024", "0.0009765625"),
            ("0.3", "0.7", "3/7 (0.428571428571…)"),
        ] {
            let quotient = number(above).over(&number(below)).unwrap();
            assert_eq!(quotient.text(), text);
            assert_eq!(quotient, Exact::from(quotient.ratio()));
        }
        assert_eq!(number("1").over(&Exact::ZERO), None);
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        let large = number("7922816251426433759354395033");
        let square = large.times(&large);
        assert!(matches!(square, Exact::Fraction(_)));
        assert_eq!(square.over(&large), Some(large.clone()));
        assert_eq!(square.minus(&square), Exact::ZERO);
        assert!(square > large && large > number("1/3"));
        assert_eq!(
            large.plus(&number("0.0625")).text(),
            "7922816251426433759354395033.0625"
        );
    }

    #[test]
    fn a_pool_reads_at_most_28_digits() {
        let longest = number("9999999999999999999999999999");
        assert!(longest.decimal().is_some());
        assert!(longest.plus(&number("1")).decimal().is_none());
        assert!(number("1/3").decimal().is_none());
        let padded = Decimal::try_from_i128_with_scale(10_i128.pow(28), 28).unwrap();
        assert_eq!(Exact::Decimal(padded).decimal(), Some(Decimal::ONE));
        assert_eq!(number("1/4").decimal(), Some(Decimal::new(25, 2)));
    }

    #[test]
    fn rounding_goes_to_a_multiple() {
        use Towards::{Down, Nearest, Up};
        for (value, unit, [nearest, down, up]) in [
            ("-2.5", "1", ["-3", "-3", "-2"]),
            ("2.5", "1", ["3", "2", "3"]),
            ("1/3", "0.01", ["0.33", "0.33", "0.34"]),
            ("7", "5", ["5", "5", "10"]),
            ("7.5", "5", ["10", "5", "10"]),
            ("0", "5", ["0", "0", "0"]),
        ] {
            let unit = number(unit).decimal().unwrap();
            for (towards, expected) in [(Nearest, nearest), (Down, down), (Up, up)] {
                assert_eq!(number(value).rounded(unit, towards), number(expected));
            }
        }
    }

    #[test]
    fn limits_are_rounded_inward() {
        assert_eq!(units(&number("1/3"), 2), Some((33, 34)));
        assert_eq!(units(&number("-1/3"), 2), Some((-34, -33)));
        assert_eq!(units(&number("0.5"), 2), Some((50, 50)));
    }
}
