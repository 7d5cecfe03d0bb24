//! The amount of the fund (plan reference, "A fund that is what is claimed").

use anyhow::{Result, ensure};
use num_bigint::BigInt;

use crate::audit::recompute::claims::RecomputedClaim;
use crate::audit::recompute::number::of_money;
use crate::audit::recompute::pool;
use crate::plan::{DeductionRule, FundAmount, Plan};

/// The fund in minor units, and whether there may be more money than is claimed, so that
/// awards are raised.
pub(super) struct RecomputedFund {
    pub amount: BigInt,
    pub raises: bool,
}

pub(super) fn fund(plan: &Plan, claims: &[RecomputedClaim]) -> Result<RecomputedFund> {
    let (at_least, at_most) = match plan.fund.amount {
        FundAmount::Fixed(amount) => {
            return Ok(RecomputedFund {
                amount: of_money(amount),
                raises: true,
            });
        }
        FundAmount::AsClaimed { at_least, at_most } => (at_least, at_most),
    };
    let mut amount = BigInt::ZERO;
    for deduction in &plan.deductions {
        match &deduction.rule {
            DeductionRule::Amount(deducted) => amount += of_money(*deducted),
            DeductionRule::Each { each, count } => amount += of_money(*each) * *count,
            DeductionRule::Part { .. } | DeductionRule::Brackets { .. } => {}
        }
    }
    for claim in claims {
        for pool in &plan.pools {
            let claimed = pool::in_full(plan, pool, claim)?;
            ensure!(claimed.is_integer(), "a claim is not a whole minor unit");
            amount += claimed.to_integer();
        }
    }
    let least = at_least.map(of_money).filter(|least| amount < *least);
    let raises = least.is_some();
    let most = at_most.map(of_money);
    let within = least.unwrap_or(amount);
    Ok(RecomputedFund {
        amount: most.map_or_else(|| within.clone(), |most| most.min(within.clone())),
        raises,
    })
}
