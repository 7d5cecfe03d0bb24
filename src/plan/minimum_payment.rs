//! The rule for small payments.

use crate::base::money::{Currency, Money};
use crate::plan::condition::Condition;

/// The rule for small payments, of a pool or of all pools together.
#[derive(Debug, Clone)]
pub struct MinimumPayment {
    pub limit: Money,
    /// True if a payment equal to the limit is dropped, too.
    pub inclusive: bool,
    pub method: DropMethod,
    /// The condition under which a claimant may be dropped.
    pub when: Condition,
}

impl MinimumPayment {
    pub fn is_small(&self, payment: Money) -> bool {
        payment < self.limit || (self.inclusive && payment == self.limit)
    }

    /// `below`, or `at or below`.
    pub fn relation(&self) -> &'static str {
        if self.inclusive {
            "at or below"
        } else {
            "below"
        }
    }

    /// The reason in unpaid.csv, without the pools that it concerns.
    pub fn reason(&self, currency: Currency) -> String {
        let limit = currency.text(self.limit);
        format!("{} the minimum payment of {limit}", self.relation())
    }

    /// The reason in unpaid.csv, if it concerns all pools.
    pub fn reason_in_all(&self, currency: Currency) -> String {
        self.reason(currency) + " in all"
    }
}

/// The order in which small payments are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropMethod {
    /// All payments that are too small in the first division, together.
    AllAtOnce,
    /// The smallest first, until no payment is too small.
    SmallestFirst,
}
