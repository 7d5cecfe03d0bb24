//! Payments by size: smallest, median, largest, average. Computed exactly from the
//! number of claimants per amount.

use num_bigint::BigInt;
use num_integer::Integer;

use crate::base::diagnostics::OrBug;
use crate::base::money::Money;

/// Amounts below this number of minor units count as small.
const SMALL: usize = 1 << 18;

/// The number of large payments to collect before equal ones are merged.
const NOTED: usize = 1 << 16;

/// The number of payments per amount.
#[derive(Debug, Clone, Default)]
pub(crate) struct PaymentStatistics {
    /// Counts of the small amounts, indexed by amount, up to the largest one added. If
    /// all awards differ, payments come in random order, and a short list stays in the
    /// cache.
    small: Vec<u64>,
    /// Other amounts with their counts, in the order added; an amount may occur more
    /// than once. After sorting, the small amounts are included.
    large: Vec<(u64, u64)>,
    /// The same for amounts above 64 bits.
    huge: Vec<(Money, u64)>,
    /// The number of large payments at which equal ones are merged again.
    room: usize,
}

impl PaymentStatistics {
    /// Adds `count` payments of an amount.
    pub(crate) fn add(&mut self, amount: Money, count: u64) {
        if count == 0 {
            return;
        }
        let Ok(number) = u64::try_from(amount.0) else {
            return self.huge.push((amount, count));
        };
        let place = usize::try_from(number).ok();
        let Some(place) = place.filter(|place| *place < SMALL) else {
            return self.add_large(number, count);
        };
        if place >= self.small.len() {
            self.small.resize(place + 1, 0);
        }
        *self.small.get_mut(place).or_bug("an amount is missing") += count;
    }

    fn add_large(&mut self, amount: u64, count: u64) {
        if self.large.len() >= self.room.max(NOTED) {
            put_together(&mut self.large);
            self.room = 2 * self.large.len();
        }
        self.large.push((amount, count));
    }

    pub(crate) fn join(&mut self, mut other: Self) {
        for (amount, count) in (0..).map(Money).zip(other.small) {
            self.add(amount, count);
        }
        if self.large.is_empty() {
            self.large = other.large;
        } else {
            self.large.append(&mut other.large);
        }
        self.huge.append(&mut other.huge);
    }

    /// Sorts the payments; the methods below require it.
    pub(crate) fn sort(&mut self) {
        let small = (0..).zip(std::mem::take(&mut self.small));
        let small: Vec<(u64, u64)> = small.filter(|(_, count)| *count > 0).collect();
        // There may be very many large ones.
        self.large.reserve_exact(small.len());
        self.large.extend(small);
        put_together(&mut self.large);
        put_together(&mut self.huge);
    }

    /// Each amount with its number of payments, smallest first.
    pub(crate) fn amounts(&self) -> impl DoubleEndedIterator<Item = (Money, u64)> + Clone {
        debug_assert!(self.small.is_empty(), "payments are sorted before");
        let large = self.large.iter();
        let large = large.map(|&(amount, count)| (Money(i128::from(amount)), count));
        large.chain(self.huge.iter().copied())
    }

    /// The number of payments.
    pub(crate) fn count(&self) -> u64 {
        self.amounts().map(|(_, count)| count).sum()
    }

    /// The sum, or `None` above 128 bits.
    pub(crate) fn total(&self) -> Option<Money> {
        self.amounts()
            .try_fold(Money::ZERO, |sum, (amount, count)| {
                sum.plus(amount.times(count)?)
            })
    }

    pub(crate) fn smallest(&self) -> Option<Money> {
        self.amounts().next().map(|(amount, _)| amount)
    }

    pub(crate) fn largest(&self) -> Option<Money> {
        self.amounts().next_back().map(|(amount, _)| amount)
    }

    /// The median; for an even count, the mean of the middle two, rounded half up.
    pub(crate) fn median(&self) -> Option<Money> {
        let count = self.count();
        let upper = self.at(count / 2)?;
        if count % 2 == 1 {
            return Some(upper);
        }
        let lower = self.at(count / 2 - 1)?;
        Some(half_up(&(BigInt::from(lower.0) + BigInt::from(upper.0)), 2))
    }

    /// The mean, rounded half up.
    pub(crate) fn average(&self) -> Option<Money> {
        let count = self.count();
        (count > 0).then(|| Some(half_up(&BigInt::from(self.total()?.0), count)))?
    }

    /// The payment at this position, counted from 0 in order of size.
    fn at(&self, number: u64) -> Option<Money> {
        let mut before = 0;
        let mut amounts = self.amounts();
        let found = amounts.find(|(_, count)| {
            before += count;
            number < before
        });
        found.map(|(amount, _)| amount)
    }
}

/// Sorts payments by amount and merges equal amounts.
fn put_together<A: Ord>(payments: &mut Vec<(A, u64)>) {
    // Payments merged earlier are already in order.
    payments.sort();
    payments.dedup_by(|(amount, more), (known, count)| {
        let same = amount == known;
        *count += if same { *more } else { 0 };
        same
    });
}

fn half_up(sum: &BigInt, count: u64) -> Money {
    let doubled: BigInt = sum * 2 + BigInt::from(count);
    let rounded = doubled.div_floor(&BigInt::from(u128::from(count) * 2));
    Money::from_big(&rounded).or_bug("a mean is larger than the largest payment")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments(amounts: &[(i128, u64)]) -> PaymentStatistics {
        let mut payments = PaymentStatistics::default();
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
    fn payments_of_all_sizes_are_put_in_one_order() {
        let large = i128::try_from(SMALL).expect("small enough");
        let huge = i128::from(u64::MAX) + 1;
        let mixed = [
            (huge + 2, 1),
            (large, 2),
            (3, 1),
            (huge, 1),
            (large - 1, 1),
            (huge - 1, 6),
            (3, 4),
            (large + 7, 0),
            (huge, 2),
        ];
        let (one, other) = mixed.split_at(4);
        let mut joined = PaymentStatistics::default();
        for part in [one, other] {
            let mut payments = PaymentStatistics::default();
            for (amount, count) in part {
                payments.add(Money(*amount), *count);
            }
            joined.join(payments);
        }
        joined.sort();
        let expected = [
            (3, 5),
            (large - 1, 1),
            (large, 2),
            (huge - 1, 6),
            (huge, 3),
            (huge + 2, 1),
        ];
        for payments in [payments(&mixed), joined] {
            assert!(payments.amounts().eq(expected.map(|(a, n)| (Money(a), n))));
            assert_eq!(payments.count(), 18);
            assert_eq!(payments.smallest(), Some(Money(3)));
            assert_eq!(payments.largest(), Some(Money(huge + 2)));
            assert_eq!(payments.at(8), Some(Money(huge - 1)));
        }
        let mut more = payments(&mixed);
        more.add(Money(1), 1);
        more.sort();
        assert_eq!(more.smallest(), Some(Money(1)));
    }

    #[test]
    fn however_many_large_payments_come_equal_ones_are_put_together() {
        let least = i128::try_from(SMALL).expect("small enough");
        let different = 3 * i128::try_from(NOTED).expect("small enough") / 2;
        let mut parts = [PaymentStatistics::default(), PaymentStatistics::default()];
        for round in 1..=5 {
            for number in 0..different {
                let amount = Money(least + number * 7919 % different);
                parts[usize::from(number % 3 == 0)].add(amount, round);
            }
        }
        let [mut all, other] = parts;
        all.join(other);
        all.sort();
        let expected = (least..least + different).map(|amount| (Money(amount), 15));
        assert!(all.amounts().eq(expected));
    }

    #[test]
    fn the_average_is_rounded_half_up() {
        assert_eq!(payments(&[(1, 1), (2, 1)]).average(), Some(Money(2)));
        assert_eq!(payments(&[(1, 2), (2, 1)]).average(), Some(Money(1)));
        assert_eq!(payments(&[]).average(), None);
    }
}
