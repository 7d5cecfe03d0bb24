//! The distribution of payments by amount.

use crate::base::money::Money;

/// The approximate number of bars.
const BARS: usize = 12;

/// The number of payments from one amount to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistogramBar {
    pub from: Money,
    pub to: Money,
    pub count: u64,
}

/// The bars of payments given in order of size: one bar per amount if there are few
/// amounts, otherwise ranges with round bounds. If the largest payment is at least 100
/// times the smallest, the ranges widen with the amount.
pub(crate) fn bars(amounts: impl Iterator<Item = (Money, u64)> + Clone) -> Vec<HistogramBar> {
    let first = amounts.clone().next();
    let last = amounts.clone().last();
    let (Some((Money(smallest), _)), Some((Money(largest), _))) = (first, last) else {
        return Vec::new();
    };
    let bar = |(amount, count)| HistogramBar {
        from: amount,
        to: amount,
        count,
    };
    let few: Vec<HistogramBar> = amounts.clone().map(bar).take(BARS + 1).collect();
    if few.len() <= BARS {
        return few;
    }
    let ends = if largest / smallest.max(1) >= 100 {
        growing_ends(smallest, largest)
    } else {
        even_ends(smallest, largest)
    };
    let mut rest = amounts.peekable();
    let mut from = ends.first().copied().unwrap_or(0);
    let mut bars = Vec::new();
    for &end in ends.iter().skip(1) {
        let below = std::iter::from_fn(|| rest.next_if(|(amount, _)| amount.0 < end));
        bars.push(HistogramBar {
            from: Money(from),
            to: Money(end - 1),
            count: below.map(|(_, count)| count).sum(),
        });
        from = end;
    }
    bars
}

/// Round, equally spaced bounds that enclose both amounts.
fn even_ends(smallest: i128, largest: i128) -> Vec<i128> {
    let span = largest.saturating_sub(smallest);
    let step =
        round_numbers().find(|step| usize::try_from(span / step).is_ok_and(|bars| bars < BARS));
    let step = step.unwrap_or(i128::MAX);
    let mut end = smallest / step * step;
    let mut ends = vec![end];
    while end <= largest && end < i128::MAX {
        end = end.saturating_add(step);
        ends.push(end);
    }
    ends
}

/// Round bounds that enclose both amounts; each is a multiple of the previous one.
fn growing_ends(smallest: i128, largest: i128) -> Vec<i128> {
    let last = round_numbers()
        .find(|end| *end > largest)
        .unwrap_or(i128::MAX);
    let of = |every: usize| -> Vec<i128> {
        let numbers: Vec<i128> = round_numbers().step_by(every).collect();
        let first = numbers.partition_point(|end| *end <= smallest.max(1));
        let mut ends: Vec<i128> = numbers.into_iter().skip(first.saturating_sub(1)).collect();
        ends.truncate(ends.partition_point(|end| *end < last));
        ends.push(last);
        ends
    };
    let fine = of(1);
    if fine.len() <= BARS + 4 { fine } else { of(3) }
}

/// 1, 2, 5, 10, 20, 50, 100 and so on.
fn round_numbers() -> impl Iterator<Item = i128> {
    let powers = std::iter::successors(Some(1_i128), |power| power.checked_mul(10));
    powers.flat_map(|power| {
        [1, 2, 5]
            .into_iter()
            .filter_map(move |leading: i128| power.checked_mul(leading))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payouts(amounts: impl IntoIterator<Item = i128>) -> Vec<(Money, u64)> {
        amounts
            .into_iter()
            .map(|amount| (Money(amount), 2))
            .collect()
    }

    #[test]
    fn few_amounts_have_a_bar_each() {
        let bars = bars(payouts([2784, 16704]).into_iter());
        assert_eq!(bars.len(), 2);
        assert!(bars.iter().all(|bar| bar.from == bar.to && bar.count == 2));
    }

    #[test]
    fn every_payout_is_in_one_bar_with_round_ends() {
        for amounts in [
            payouts(1..=13),
            payouts(100..=1317),
            payouts((1..=40).map(|n| n * n * n * 1001)),
            payouts((0..37).map(|power| 10_i128.pow(power))),
            payouts((0..13).map(|n| i128::MAX - 100 + n)),
        ] {
            let bars = bars(amounts.iter().copied());
            let counted: u64 = bars.iter().map(|bar| bar.count).sum();
            assert_eq!(counted, 2 * u64::try_from(amounts.len()).unwrap_or(0));
            assert!(bars.len() <= 40, "{} bars", bars.len());
            for bar in &bars {
                let within = amounts
                    .iter()
                    .filter(|(amount, _)| (bar.from..=bar.to).contains(amount));
                assert_eq!(bar.count, within.map(|(_, count)| count).sum::<u64>());
            }
            for pair in bars.windows(2) {
                if let [one, next] = pair {
                    assert_eq!(one.to.0 + 1, next.from.0);
                }
            }
        }
    }
}
