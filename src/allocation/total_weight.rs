//! The sum of the weights of a pool: in 128 bits where they fit.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use super::scales::MOST_DECIMALS;
use crate::exact;

/// The sum of weight · count over some entrants.
#[derive(Debug, Default)]
pub struct TotalWeight {
    /// By decimals, the sum of the weights with so many. A weight has 96 bits at
    /// most, so a sum overflows only beyond four billion times the largest.
    by_scale: [i128; MOST_DECIMALS],
    /// What did not fit there, as a count of `10^-FINEST`.
    beyond: BigInt,
}

/// The most decimals of a weight.
const FINEST: u32 = 28;

impl TotalWeight {
    /// Adds so many claimants with this weight.
    pub fn add(&mut self, weight: Decimal, count: u64) {
        let scale = usize::try_from(weight.scale()).ok();
        let sum = scale.and_then(|scale| self.by_scale.get_mut(scale));
        let more = |sum: &i128| {
            let term = exact::times(weight.mantissa(), i128::from(count))?;
            sum.checked_add(term)
        };
        match sum.and_then(|sum| more(sum).map(|more| (sum, more))) {
            Some((sum, more)) => *sum = more,
            None => self.beyond += exact::at_scale(weight, FINEST) * BigInt::from(count),
        }
    }

    /// The sum, as a fraction.
    pub fn total(&self) -> Ratio<BigInt> {
        let ten = |exponent: u32| BigInt::from(10).pow(exponent);
        let by_scale = (0..=FINEST).zip(&self.by_scale);
        let sums = by_scale.map(|(scale, sum)| BigInt::from(*sum) * ten(FINEST - scale));
        Ratio::new(sums.sum::<BigInt>() + &self.beyond, ten(FINEST))
    }
}

#[cfg(test)]
mod tests {
    use num_traits::Zero;

    use super::*;

    #[test]
    fn weights_add_up_whatever_their_size() {
        let small = Decimal::new(25, 2);
        let weights = [
            (small, 4),
            (Decimal::MAX, u64::MAX),
            (Decimal::from_i128_with_scale(7, 28), 3),
            (Decimal::MAX, u64::MAX),
            (Decimal::MAX, u64::MAX),
            (Decimal::MAX, u64::MAX),
            (small, 1),
        ];
        let mut sum = TotalWeight::default();
        let mut expected = Ratio::zero();
        for (weight, count) in weights {
            sum.add(weight, count);
            expected += Ratio::new(exact::at_scale(weight, 28), BigInt::from(10).pow(28))
                * BigInt::from(count);
        }
        assert!(!sum.beyond.is_zero(), "some do not fit");
        assert_eq!(sum.total(), expected);
    }
}
