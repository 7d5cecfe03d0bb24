//! The money from which a pool takes its own, computed from what the pools before it
//! took and paid (plan reference, "Sub-funds").

use num_bigint::BigInt;
use num_traits::Zero;

use crate::plan::Pool;

/// The money of a pool, and the amount that it paid or held.
#[derive(Debug)]
pub(super) struct PoolUse {
    pub available: BigInt,
    pub spent: BigInt,
}

/// The money from which a pool takes its own.
#[derive(Debug)]
pub(super) struct PoolSource {
    /// The amount of which a `percent` or `fraction` is a part.
    pub whole: BigInt,
    /// The amount that is still there.
    pub left: BigInt,
}

/// The source of the money of a pool; `uses` are those of the pools before it.
pub(super) fn source(pools: &[Pool], number: usize, net: &BigInt, uses: &[PoolUse]) -> PoolSource {
    if let Some(other) = pools.get(number).and_then(|pool| pool.rest_of) {
        return PoolSource {
            whole: left_by(other, uses),
            left: sub_fund(pools, other, number, uses),
        };
    }
    let spent: BigInt = uses.iter().map(|used| &used.spent).sum();
    // Money set aside for a pool from here on is not available to this one.
    let aside: BigInt = (0..number)
        .filter(|other| is_awaited(pools, *other, number))
        .map(|other| sub_fund(pools, other, number, uses))
        .sum();
    PoolSource {
        whole: net.clone(),
        left: net - spent - aside,
    }
}

/// True if a pool from `number` on is the rest of this pool.
fn is_awaited(pools: &[Pool], other: usize, number: usize) -> bool {
    let mut later = pools.iter().skip(number);
    later.any(|pool| pool.rest_of == Some(other))
}

fn left_by(pool: usize, uses: &[PoolUse]) -> BigInt {
    uses.get(pool)
        .map_or_else(BigInt::zero, |used| &used.available - &used.spent)
}

/// The money of a pool that it, and those before `number` that are its rest, have left.
/// The money that one of these left belongs to its own sub-fund, if a pool after it is its
/// rest.
fn sub_fund(pools: &[Pool], other: usize, number: usize, uses: &[PoolUse]) -> BigInt {
    let mut left = left_by(other, uses);
    for (earlier, used) in uses.iter().enumerate().take(number) {
        if pools
            .get(earlier)
            .is_some_and(|pool| pool.rest_of == Some(other))
        {
            let has_rest = is_awaited(pools, earlier, earlier + 1);
            left -= if has_rest {
                &used.available
            } else {
                &used.spent
            };
        }
    }
    left
}
