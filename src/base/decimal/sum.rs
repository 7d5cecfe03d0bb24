//! Sums of decimals of any size: in 128 bits if they fit, otherwise as big
//! integers.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::base::decimal::{MOST_DIGITS, at_scale, times};

/// The sum of number · count.
#[derive(Debug, Clone, Default)]
pub struct WeightedSum {
    /// One sum per number of decimals. A number has at most 96 bits, so overflow is
    /// rare.
    by_scale: [i128; MOST_DIGITS + 1],
    /// The part that did not fit, as a count of `10^-FINEST`.
    beyond: BigInt,
}

/// Maximum number of decimals.
const FINEST: u32 = 28;

impl WeightedSum {
    /// Adds `number · count`.
    pub fn add(&mut self, number: Decimal, count: u64) {
        let scale = usize::try_from(number.scale()).ok();
        let sum = scale.and_then(|scale| self.by_scale.get_mut(scale));
        let more = |sum: &i128| {
            let term = times(number.mantissa(), i128::from(count))?;
            sum.checked_add(term)
        };
        match sum.and_then(|sum| more(sum).map(|more| (sum, more))) {
            Some((sum, more)) => *sum = more,
            None => self.beyond += at_scale(number, FINEST) * BigInt::from(count),
        }
    }

    pub fn join(&mut self, other: &Self) {
        let sums = self.by_scale.iter_mut().zip(&other.by_scale);
        for (scale, (sum, &more)) in (0..).zip(sums) {
            match sum.checked_add(more) {
                Some(together) => *sum = together,
                None => self.beyond += finest(more, scale),
            }
        }
        self.beyond += &other.beyond;
    }

    /// The sum, as an exact fraction.
    pub fn total(&self) -> Ratio<BigInt> {
        let by_scale = (0..).zip(&self.by_scale);
        let sums = by_scale.map(|(scale, &sum)| finest(sum, scale));
        let one = BigInt::from(10).pow(FINEST);
        Ratio::new(sums.sum::<BigInt>() + &self.beyond, one)
    }
}

/// Converts a count of `10^-scale` to a count of `10^-FINEST`.
fn finest(number: i128, scale: u32) -> BigInt {
    BigInt::from(number) * BigInt::from(10).pow(FINEST - scale)
}

#[cfg(test)]
mod tests {
    use num_traits::Zero;

    use super::*;

    #[test]
    fn numbers_add_up_whatever_their_size() {
        let small = Decimal::new(25, 2);
        let numbers = [
            (small, 4),
            (Decimal::MAX, u64::MAX),
            (Decimal::from_i128_with_scale(7, 28), 3),
            (Decimal::MAX, u64::MAX),
            (Decimal::MAX, u64::MAX),
            (Decimal::MAX, u64::MAX),
            (small, 1),
            // Either fits into 128 bits, but not both.
            (Decimal::MAX, (1 << 30) + 1000),
            (Decimal::MAX, (1 << 30) + 1000),
        ];
        let mut expected = Ratio::zero();
        let (mut sum, mut parts) = (WeightedSum::default(), WeightedSum::default());
        for (number, count) in numbers {
            sum.add(number, count);
            let mut part = WeightedSum::default();
            part.add(number, count);
            parts.join(&part);
            expected +=
                Ratio::new(at_scale(number, 28), BigInt::from(10).pow(28)) * BigInt::from(count);
        }
        for sum in [sum, parts] {
            assert!(!sum.beyond.is_zero(), "some do not fit");
            assert_eq!(sum.total(), expected);
        }
    }
}
