//! Rounds exact amounts to whole minor units (plan reference, "Rounding").

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::audit::recompute::equation::ScaledAmounts;
use crate::plan::Rounding;

/// Rounds every amount. `ids` break ties between equal remainders; no amount is rounded
/// up above its maximum in `most`.
pub(crate) fn round(
    amounts: &ScaledAmounts,
    rule: Rounding,
    ids: &[&str],
    most: impl Fn(usize) -> Option<BigInt>,
) -> Vec<BigInt> {
    let parts: Vec<(BigInt, BigInt)> = amounts
        .numerators
        .iter()
        .map(|numerator| numerator.div_mod_floor(&amounts.denominator))
        .collect();
    let mut rounded: Vec<BigInt> = parts.iter().map(|(units, _)| units.clone()).collect();
    let may_gain = |number: usize| {
        let raised = parts.get(number).map(|(units, _)| units + 1);
        most(number).is_none_or(|most| raised.is_some_and(|raised| raised <= most))
    };
    let gaining = match rule {
        Rounding::Down => Vec::new(),
        Rounding::HalfEven | Rounding::Nearest => {
            let gains = |number: &usize| {
                parts.get(*number).is_some_and(|(units, rest)| {
                    let (double, one) = (rest * 2, &amounts.denominator);
                    double > *one
                        || (double == *one && (rule == Rounding::Nearest || units.is_odd()))
                })
            };
            let all = (0..parts.len()).filter(gains);
            all.filter(|number| may_gain(*number)).collect()
        }
        Rounding::LargestRemainder => {
            let total: BigInt = amounts.numerators.iter().sum();
            let mut units = total.div_floor(&amounts.denominator) - rounded.iter().sum::<BigInt>();
            let rest = |number: &usize| parts.get(*number).map(|(_, rest)| rest);
            let mut queue: Vec<usize> = (0..parts.len()).collect();
            queue.retain(|number| rest(number).is_some_and(|rest| !rest.is_zero()));
            queue.sort_by(|one, other| {
                let ids = (ids.get(*one), ids.get(*other));
                rest(other).cmp(&rest(one)).then_with(|| ids.0.cmp(&ids.1))
            });
            queue.retain(|number| {
                let gains = units >= BigInt::one() && may_gain(*number);
                units -= u32::from(gains);
                gains
            });
            queue
        }
    };
    for number in gaining {
        if let Some(units) = rounded.get_mut(number) {
            *units += 1;
        }
    }
    rounded
}
