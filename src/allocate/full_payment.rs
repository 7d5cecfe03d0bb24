//! The payment of a claim at rate 1, of which a fund that is what is claimed consists
//! (plan reference, "A fund that is what is claimed").

use rust_decimal::Decimal;

use crate::allocate::messages;
use crate::allocate::pool::PaymentLimits;
use crate::base::decimal;
use crate::base::money::Money;
use crate::plan::cell::CellFault;
use crate::plan::{FundAmount, MinimumPayment, Plan, Pool};

/// With a fund that is what is claimed, the payment at rate 1 must be a whole number of
/// minor units.
pub(super) fn check(
    plan: &Plan,
    pool: &Pool,
    (weight, limits): (Decimal, &PaymentLimits),
) -> Result<(), CellFault> {
    if !matches!(plan.fund.amount, FundAmount::AsClaimed { .. }) || weight.is_zero() {
        return Ok(());
    }
    match payment(plan, pool, (weight, limits)) {
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
pub(super) enum FullPayment {
    /// In minor units.
    Whole(Money),
    /// No whole number of minor units, in currency.
    Broken(Decimal),
}

impl FullPayment {
    pub(super) fn payment(self) -> Money {
        match self {
            Self::Whole(money) => money,
            // Refused when the claim was read.
            Self::Broken(_) => Money::ZERO,
        }
    }
}

/// The payment at rate 1, within the limits; 0 if it is so small that it is dropped.
/// `None` if it is too large.
pub(super) fn payment(
    plan: &Plan,
    pool: &Pool,
    (weight, limits): (Decimal, &PaymentLimits),
) -> Option<FullPayment> {
    let exact = decimal::difference(weight, limits.less)?.max(Decimal::ZERO);
    let (down, up) = decimal::units(exact, plan.settlement.currency.decimals())?;
    let highest = limits.at_most.filter(|most| down >= most.0);
    let payment = match highest {
        Some(most) => FullPayment::Whole(most),
        None if up <= limits.at_least.0 => FullPayment::Whole(limits.at_least),
        None if down == up => FullPayment::Whole(Money(down)),
        None => FullPayment::Broken(exact),
    };
    let small = |drop: &MinimumPayment| match payment {
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
