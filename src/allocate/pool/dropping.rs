//! Drops small payments.
//!
//! - All at once: all claimants whose exact payment is below the limit are dropped
//!   together, once.
//! - Smallest first: while the smallest payment is below the limit, all claimants
//!   with that payment are dropped and the pool is divided again.

use num_rational::Ratio;

use crate::allocate::pool::equation::EquationInteger;
use crate::allocate::pool::whole_units::UNDECIDED;
use crate::allocate::pool::{FromDecimal, PoolFault, PoolTerms, ScaledPool, Solved};
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::base::parallel;
use crate::plan::DropMethod;

/// The participants that leave the pool, by participant.
#[derive(Debug)]
pub struct DropMarks {
    /// True if the participant leaves.
    pub dropped: Vec<bool>,
    /// True if it leaves although its payment was 0 already; empty if none does.
    pub with_nothing: Vec<bool>,
}

impl DropMarks {
    fn new(dropped: Vec<bool>) -> Self {
        Self {
            dropped,
            with_nothing: Vec::new(),
        }
    }
}

pub fn dropped<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    terms: &PoolTerms<'_>,
) -> Result<DropMarks, PoolFault> {
    let nobody = vec![false; pool.entries];
    let Some((limit, inclusive, method)) = terms.drop else {
        return Ok(DropMarks::new(nobody));
    };
    let limit = MinimumAmount { limit, inclusive };
    // Money that is just what is claimed pays at the highest rate those who stay.
    if let Some(rate) = pool.highest_rate().filter(|_| terms.in_full) {
        return Ok(at_rate(pool, &limit, &Solved::Rate(rate.clone())));
    }
    match method {
        DropMethod::AllAtOnce => Ok(at_rate(pool, &limit, &pool.solve(&nobody)?)),
        DropMethod::SmallestFirst => smallest_first(pool, &limit, nobody).map(DropMarks::new),
    }
}

struct MinimumAmount {
    limit: Money,
    inclusive: bool,
}

impl MinimumAmount {
    /// True if an exact payment, a fraction of minor units, is too small.
    fn drops<T: EquationInteger>(&self, numerator: &T, denominator: &T) -> bool {
        let limit = T::from(self.limit.0) * denominator.clone();
        *numerator < limit || (self.inclusive && *numerator == limit)
    }
}

/// All who are paid too little at the same rate.
fn at_rate<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    limit: &MinimumAmount,
    solved: &Solved<T>,
) -> DropMarks {
    let denominator = pool.denominator(solved);
    let marks_of = |number: usize| {
        let exact = pool.exact(number, solved);
        let dropped = pool.droppable(number) && limit.drops(&exact, &denominator);
        (dropped, dropped && exact.is_zero())
    };
    let mut marks = DropMarks::new(Vec::with_capacity(pool.entries));
    parallel::by_range(
        pool.threads,
        pool.entries,
        |range| range.map(marks_of).collect::<(Vec<bool>, Vec<bool>)>(),
        |(dropped, with_nothing)| {
            marks.dropped.extend(dropped);
            marks.with_nothing.extend(with_nothing);
        },
    );
    marks
}

/// Without limits and offsets, every claimant receives λ·w, so the smallest
/// payments have the smallest weights, and the rate after each drop is the money
/// divided by the remaining weight. One pass in ascending order of weights
/// suffices.
fn smallest_first<T: EquationInteger + FromDecimal>(
    pool: &ScaledPool<T>,
    limit: &MinimumAmount,
    mut dropped: Vec<bool>,
) -> Result<Vec<bool>, PoolFault> {
    // The feasibility of the lowest rate is decided before any claimant is
    // dropped.
    pool.solve(&dropped)?;
    let mut candidates: Vec<(T, usize)> = (0..pool.entries)
        .filter(|&number| pool.droppable(number))
        .map(|number| (pool.weight(number), number))
        .collect();
    candidates.sort_unstable();
    let mut left = T::zero();
    for number in 0..pool.entries {
        left = left + total(pool, number);
    }
    let mut groups = candidates.chunk_by(|a, b| a.0 == b.0);
    while let Some([first, ..]) = groups.clone().next() {
        let solved = Solved::Rate(rate(pool, &left));
        let payment = pool.exact(first.1, &solved);
        if !limit.drops(&payment, &pool.denominator(&solved)) {
            break;
        }
        // At a rate of 0, all payments are equal to 0.
        let everybody = payment.is_zero();
        for group in groups.by_ref() {
            for (_, number) in group {
                left = left - total(pool, *number);
                *dropped.get_mut(*number).or_bug(UNDECIDED) = true;
            }
            if !everybody {
                break;
            }
        }
    }
    Ok(dropped)
}

fn total<T: EquationInteger + FromDecimal>(pool: &ScaledPool<T>, number: usize) -> T {
    pool.weight(number) * T::from(pool.count(number))
}

/// The money divided by the remaining weight, but at most the highest rate.
fn rate<T: EquationInteger + FromDecimal>(pool: &ScaledPool<T>, left: &T) -> Ratio<T> {
    let rate = Ratio::new(pool.money().clone(), left.clone());
    match pool.highest_rate() {
        Some(highest) if *highest < rate => highest.clone(),
        _ => rate,
    }
}
