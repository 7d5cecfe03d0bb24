//! The balance from which each pool takes its money: of the net settlement fund, or of
//! an earlier pool (plan reference, "Sub-funds: `rest_of`").

use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::plan::Pool;

const UNKNOWN_POOL: &str = "a pool is the rest of none before it";

/// What is left for pools.
#[derive(Debug)]
pub(super) struct Balances<'p> {
    pools: &'p [Pool],
    /// What is left of the net settlement fund for any pool.
    free: Money,
    /// By pool: what is left of its money for pools that are its rest. It is no part
    /// of `free`.
    reserved: Vec<Money>,
}

impl<'p> Balances<'p> {
    pub(super) fn new(pools: &'p [Pool], net: Money) -> Self {
        Self {
            pools,
            free: net,
            reserved: vec![Money::ZERO; pools.len()],
        }
    }

    /// The balance from which a pool takes its money.
    pub(super) fn of(&self, pool: &Pool) -> Money {
        match pool.rest_of {
            Some(other) => *self.reserved.get(other).or_bug(UNKNOWN_POOL),
            None => self.free,
        }
    }

    /// What is left for any pool.
    pub(super) fn free(&self) -> Money {
        self.free
    }

    /// A pool takes its money from its balance and leaves some of it. `None` if a
    /// balance would be below 0.
    pub(super) fn take(&mut self, number: usize, available: Money, left: Money) -> Option<()> {
        let source = self.pools.get(number).or_bug(UNKNOWN_POOL).rest_of;
        let is_last = |other: usize| {
            let mut later = self.pools.iter().skip(number + 1);
            !later.any(|pool| pool.rest_of == Some(other))
        };
        let (keeps, source_ends) = (!is_last(number), source.is_some_and(is_last));
        let balance = match source {
            Some(other) => self.reserved.get_mut(other).or_bug(UNKNOWN_POOL),
            None => &mut self.free,
        };
        let rest = balance.minus(available)?;
        if rest < Money::ZERO || left < Money::ZERO {
            return None;
        }
        *balance = if keeps { rest } else { rest.plus(left)? };
        if keeps {
            *self.reserved.get_mut(number).or_bug(UNKNOWN_POOL) = left;
        }
        if source_ends {
            let ended = std::mem::replace(balance_of(&mut self.reserved, source)?, Money::ZERO);
            self.free = self.free.plus(ended)?;
        }
        Some(())
    }
}

fn balance_of(reserved: &mut [Money], pool: Option<usize>) -> Option<&mut Money> {
    reserved.get_mut(pool?)
}
