//! The fund that is what is claimed: the deductions and every payment at rate 1, within
//! limits (plan reference, "A fund that is what is claimed").

use anyhow::Result;
use rust_decimal::Decimal;

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::entitlement::PoolEntitlement;
use crate::allocate::messages;
use crate::base::decimal;
use crate::base::money::Money;
use crate::plan::cell::CellFault;
use crate::plan::fund::{self, FundAccount};
use crate::plan::{FundAmount, Plan, Pool};

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
                let payment = payment(plan, pool, &entitlement)?.payment();
                sum = sum.plus(payment.times(count)?)?;
            }
        }
    }
    Some(sum)
}

/// With a fund that is what is claimed, the payment at rate 1 must be a whole number of
/// minor units.
pub(super) fn check(
    plan: &Plan,
    pool: &Pool,
    entitlement: &PoolEntitlement,
) -> Result<(), CellFault> {
    if !matches!(plan.fund.amount, FundAmount::AsClaimed { .. }) || entitlement.weight.is_zero() {
        return Ok(());
    }
    match payment(plan, pool, entitlement) {
        None => Err(messages::limit_too_large().into()),
        Some(FullPayment::Whole(_)) => Ok(()),
        Some(FullPayment::Broken(exact)) => {
            let minor_unit = plan.settlement.currency.minor_unit();
            let exact = decimal::text(exact);
            let message = messages::claimed_part_of_minor_unit(&pool.name, &exact, minor_unit);
            let step = decimal::text(Decimal::new(1, plan.settlement.currency.decimals()));
            let hint = format!("end the formula with `{{ round = {step} }}`");
            Err(message.hint(hint).into())
        }
    }
}

/// A payment at rate 1.
#[derive(Debug, Clone, Copy)]
enum FullPayment {
    /// In minor units.
    Whole(Money),
    /// No whole number of minor units, in currency.
    Broken(Decimal),
}

impl FullPayment {
    fn payment(self) -> Money {
        match self {
            Self::Whole(money) => money,
            // Refused when the claim was read.
            Self::Broken(_) => Money::ZERO,
        }
    }
}

/// The payment at rate 1, within the limits; 0 if it is so small that it is dropped.
/// `None` if it is too large.
fn payment(plan: &Plan, pool: &Pool, entitlement: &PoolEntitlement) -> Option<FullPayment> {
    let limits = &entitlement.limits;
    let exact = decimal::difference(entitlement.weight, limits.less)?.max(Decimal::ZERO);
    let (down, up) = decimal::units(exact, plan.settlement.currency.decimals())?;
    let highest = limits.at_most.filter(|most| down >= most.0);
    let payment = match highest {
        Some(most) => FullPayment::Whole(most),
        None if up <= limits.at_least.0 => FullPayment::Whole(limits.at_least),
        None if down == up => FullPayment::Whole(Money(down)),
        None => FullPayment::Broken(exact),
    };
    let small = |drop: &crate::plan::MinimumPayment| match payment {
        FullPayment::Whole(money) => drop.is_small(money),
        // The limit is a whole number of minor units.
        FullPayment::Broken(_) => Money(down) < drop.limit,
    };
    let dropped = limits.droppable && pool.drop.as_ref().is_some_and(small);
    Some(if dropped {
        FullPayment::Whole(Money::ZERO)
    } else {
        payment
    })
}
