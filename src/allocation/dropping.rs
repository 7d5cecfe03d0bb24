//! Who stays when small payments are dropped.
//!
//! - all at once: everyone whose exact payment is under the limit is dropped
//!   together, once.
//! - smallest first: everyone who would receive just the smallest payment is
//!   dropped while that is under the limit; each time the rest share anew.

use num_rational::Ratio;

use super::equation::Whole;
use super::{Fault, FromDecimal, ScaledPool, Solved, Terms};
use crate::money::Money;
use crate::plan::DropMethod;

/// The entrants that are not dropped, in ascending order.
pub fn staying<T: Whole + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &Terms<'_>,
    all: Vec<usize>,
) -> Result<Vec<usize>, Fault> {
    match terms.drop {
        None => Ok(all),
        Some((limit, inclusive, DropMethod::AllAtOnce)) => {
            all_at_once(pool, &Limit { limit, inclusive }, all)
        }
        Some((limit, inclusive, DropMethod::SmallestFirst)) => {
            smallest_first(pool, &Limit { limit, inclusive }, &all)
        }
    }
}

struct Limit {
    limit: Money,
    inclusive: bool,
}

impl Limit {
    /// Whether an exact payment, a fraction of minor units, is too small.
    fn drops<T: Whole>(&self, numerator: &T, denominator: &T) -> bool {
        let limit = T::from(self.limit.0) * denominator.clone();
        *numerator < limit || (self.inclusive && *numerator == limit)
    }
}

fn all_at_once<T: Whole + FromDecimal>(
    pool: &ScaledPool<T>,
    limit: &Limit,
    mut all: Vec<usize>,
) -> Result<Vec<usize>, Fault> {
    let solved = pool.solve(&all)?;
    let denominator = pool.denominator(&solved);
    all.retain(|&number| {
        !(pool.droppable(number) && limit.drops(&pool.exact(number, &solved), &denominator))
    });
    Ok(all)
}

/// Without limits and offsets everyone receives λ·w, so the smallest payments
/// belong to the smallest weights, and the rate after each drop is the money
/// by the weight that is left: one walk in the order of weights.
fn smallest_first<T: Whole + FromDecimal>(
    pool: &ScaledPool<T>,
    limit: &Limit,
    all: &[usize],
) -> Result<Vec<usize>, Fault> {
    // Whether the lowest rate can be paid at all is decided with everybody in.
    pool.solve(all)?;
    let mut candidates: Vec<(T, usize)> = all
        .iter()
        .filter(|&&number| pool.droppable(number))
        .map(|&number| (pool.participant(number).weight, number))
        .collect();
    candidates.sort();
    let mut left = T::zero();
    for &number in all {
        left = left + total(pool, number);
    }
    let mut dropped = Vec::new();
    let mut groups = candidates.chunk_by(|a, b| a.0 == b.0);
    while let Some([first, ..]) = groups.clone().next() {
        let solved = Solved::Rate(rate(pool, &left));
        let payment = pool.exact(first.1, &solved);
        if !limit.drops(&payment, &pool.denominator(&solved)) {
            break;
        }
        // At a rate of 0 all receive the same smallest payment, nothing.
        let everybody = payment.is_zero();
        for group in groups.by_ref() {
            for (_, number) in group {
                left = left - total(pool, *number);
                dropped.push(*number);
            }
            if !everybody {
                break;
            }
        }
    }
    dropped.sort_unstable();
    let stays = |number: &usize| dropped.binary_search(number).is_err();
    Ok(all.iter().copied().filter(stays).collect())
}

fn total<T: Whole + FromDecimal>(pool: &ScaledPool<T>, number: usize) -> T {
    let participant = pool.participant(number);
    participant.weight * T::from(participant.count)
}

/// The money by the weight that is left, but never above the highest rate.
fn rate<T: Whole + FromDecimal>(pool: &ScaledPool<T>, left: &T) -> Ratio<T> {
    let rate = Ratio::new(pool.money().clone(), left.clone());
    match pool.highest_rate() {
        Some(highest) if *highest < rate => highest.clone(),
        _ => rate,
    }
}
