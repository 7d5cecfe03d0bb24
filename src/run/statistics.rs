//! Payments in order of size: smallest, median, largest, average. Exact, from
//! how many claimants receive each amount.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use num_bigint::BigInt;
use num_integer::Integer;

use crate::money::Money;

/// So many payments of each amount.
#[derive(Debug, Clone, Default)]
pub struct Payments {
    counts: HashMap<Money, u64, FixedState>,
    /// The same in order of size, once they are sorted.
    amounts: Vec<(Money, u64)>,
}

impl Payments {
    /// Adds so many payments of an amount.
    pub fn add(&mut self, amount: Money, count: u64) {
        if count > 0 {
            *self.counts.entry(amount).or_insert(0) += count;
        }
    }

    /// Adds other payments, before either is in order.
    pub fn join(&mut self, other: Self) {
        for (amount, count) in other.counts {
            self.add(amount, count);
        }
    }

    /// Puts the payments in order; everything below needs that.
    pub fn sort(&mut self) {
        self.amounts = std::mem::take(&mut self.counts).into_iter().collect();
        self.amounts.sort_unstable();
    }

    /// Each amount that occurs and how many payments have it, smallest first.
    pub fn amounts(&self) -> &[(Money, u64)] {
        &self.amounts
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.amounts.iter().map(|(_, count)| count).sum()
    }

    /// Their sum, or `None` past 128 bits.
    pub fn total(&self) -> Option<Money> {
        self.amounts
            .iter()
            .try_fold(Money::ZERO, |sum, (amount, count)| {
                sum.plus(amount.times(*count)?)
            })
    }

    /// The smallest.
    pub fn smallest(&self) -> Option<Money> {
        self.amounts.first().map(|(amount, _)| *amount)
    }

    /// The largest.
    pub fn largest(&self) -> Option<Money> {
        self.amounts.last().map(|(amount, _)| *amount)
    }

    /// The middle one; of an even count the mean of the middle two, half up.
    pub fn median(&self) -> Option<Money> {
        let count = self.count();
        let upper = self.at(count / 2)?;
        if count % 2 == 1 {
            return Some(upper);
        }
        let lower = self.at(count / 2 - 1)?;
        Some(half_up(&(BigInt::from(lower.0) + BigInt::from(upper.0)), 2))
    }

    /// The mean, half up.
    pub fn average(&self) -> Option<Money> {
        let count = self.count();
        (count > 0).then(|| Some(half_up(&BigInt::from(self.total()?.0), count)))?
    }

    /// The payment of this number, from 0, in order of size.
    fn at(&self, number: u64) -> Option<Money> {
        debug_assert!(self.counts.is_empty(), "payments are sorted before");
        let mut before = 0;
        for (amount, count) in &self.amounts {
            before += count;
            if number < before {
                return Some(*amount);
            }
        }
        None
    }
}

fn half_up(sum: &BigInt, count: u64) -> Money {
    let doubled: BigInt = sum * 2 + BigInt::from(count);
    let rounded = doubled.div_floor(&BigInt::from(u128::from(count) * 2));
    Money::from_big(&rounded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments(amounts: &[(i128, u64)]) -> Payments {
        let mut payments = Payments::default();
        for (amount, count) in amounts {
            payments.add(Money(*amount), *count);
        }
        payments.sort();
        payments
    }

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle_two() {
        assert_eq!(payments(&[(3, 1), (1, 1), (2, 1)]).median(), Some(Money(2)));
        assert_eq!(payments(&[(1, 2), (4, 2)]).median(), Some(Money(3)));
        assert_eq!(payments(&[]).median(), None);
    }

    #[test]
    fn the_average_is_rounded_half_up() {
        assert_eq!(payments(&[(1, 1), (2, 1)]).average(), Some(Money(2)));
        assert_eq!(payments(&[(1, 2), (2, 1)]).average(), Some(Money(1)));
        assert_eq!(payments(&[]).average(), None);
    }
}
