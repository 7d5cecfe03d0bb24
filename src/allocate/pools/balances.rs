//! The balance from which each pool takes its money: of the net settlement fund, or of
//! an earlier pool (plan reference, "Sub-funds").

use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::plan::Pool;

const UNKNOWN_POOL: &str = "a pool is the rest of none before it";

/// The balances of pools.
#[derive(Debug)]
pub(super) struct Balances<'p> {
    pools: &'p [Pool],
    /// The balance of the net settlement fund for any pool.
    free: Money,
    /// By pool, the balance of its money for pools that are its rest, which is not
    /// part of `free`.
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

    /// The balance for any pool.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    /// The balance of each pool, and what is free at the end, if the pools take and leave
    /// these amounts.
    fn balances(rest_of: &[Option<&str>], taken: &[(i128, i128)]) -> Vec<i128> {
        let mut text = "[settlement]\nname = \"x\"\n[fund]\namount = 1000\n".to_owned();
        for (number, other) in rest_of.iter().enumerate() {
            let other = other.map_or_else(String::new, |other| format!("rest_of = \"{other}\"\n"));
            text += &format!("[[pool]]\nname = \"{number}\"\nshares = 1\n{other}");
        }
        let plan = Plan::from_text("plan.toml", &text).expect("a plan");
        let mut balances = Balances::new(&plan.pools, Money(1000));
        let mut found = Vec::new();
        for (number, (pool, (available, left))) in plan.pools.iter().zip(taken).enumerate() {
            found.push(balances.of(pool).0);
            let taken = balances.take(number, Money(*available), Money(*left));
            assert_eq!(taken, Some(()));
        }
        found.push(balances.free().0);
        found
    }

    #[test]
    fn the_rest_of_a_pool_is_set_aside_until_the_last_pool_that_takes_it() {
        let taken = [(300, 200), (150, 130), (100, 0), (180, 30)];
        // Without sub-funds.
        assert_eq!(balances(&[None; 4], &taken), [1000, 900, 880, 780, 630]);
        let rest_of = [None, Some("0"), None, Some("0")];
        assert_eq!(balances(&rest_of, &taken), [1000, 200, 700, 180, 630]);
    }

    #[test]
    fn what_a_sub_fund_leaves_belongs_to_its_own_sub_fund_first() {
        let taken = [(300, 200), (150, 130), (130, 10), (50, 50)];
        let rest_of = [None, Some("0"), Some("1"), Some("0")];
        // The last pool has what the second did not take; the third left 10 for all.
        assert_eq!(balances(&rest_of, &taken), [1000, 200, 130, 50, 760]);
    }
}
