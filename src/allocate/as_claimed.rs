//! The fund that is what is claimed: the deductions and every payment at rate 1, within
//! limits (plan reference, "A fund that is what is claimed").

use anyhow::Result;

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::{full_payment, messages};
use crate::base::money::Money;
use crate::plan::Plan;
use crate::plan::fund::{self, FundAccount};

/// The account of the fund, for these claims.
pub(super) fn account(plan: &Plan, entitlements: &EntitlementClasses) -> Result<FundAccount> {
    if let Some(account) = &plan.account {
        return Ok(account.clone());
    }
    let claimed = claimed(plan, entitlements).ok_or_else(messages::payments_too_large)?;
    let account = fund::account_as_claimed(plan, claimed);
    account.map_err(|problem| plan.at_fault(problem).into())
}

/// The sum of all payments at rate 1. `None` if it is too large.
fn claimed(plan: &Plan, entitlements: &EntitlementClasses) -> Option<Money> {
    let mut sum = Money::ZERO;
    for (number, pool) in plan.pools.iter().enumerate() {
        for class in entitlements.classes() {
            let count = entitlements.count(class);
            let entitlement = entitlements.pool_entitlement(class, number);
            if count > 0 && !entitlement.weight.is_zero() {
                let of_rate_one = (entitlement.weight, &entitlement.limits);
                let payment = full_payment::payment(plan, pool, of_rate_one)?.payment();
                sum = sum.plus(payment.times(count)?)?;
            }
        }
    }
    Some(sum)
}
