//! The amount of the fund (plan reference, "A fund that is what is claimed").

use anyhow::{Result, ensure};
use num_bigint::BigInt;

use crate::audit::recompute::ClaimedMoney;
use crate::audit::recompute::claims::RecomputedClaim;
use crate::audit::recompute::number::of_money;
use crate::audit::recompute::pool;
use crate::plan::{DeductionRule, FundAmount, Plan};

/// The fund in minor units, and what it is compared with the claims.
pub(super) struct RecomputedFund {
    pub amount: BigInt,
    pub claimed: ClaimedMoney,
}

pub(super) fn fund(plan: &Plan, claims: &[RecomputedClaim]) -> Result<RecomputedFund> {
    let (at_least, at_most) = match plan.fund.amount {
        FundAmount::Fixed(amount) => {
            return Ok(RecomputedFund {
                amount: of_money(amount),
                claimed: ClaimedMoney::Other,
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
    let most = at_most.map(of_money).filter(|most| amount > *most);
    let claimed = match (&least, &most) {
        (None, None) => ClaimedMoney::InFull,
        _ => ClaimedMoney::Other,
    };
    let amount = least.or(most).unwrap_or(amount);
    Ok(RecomputedFund { amount, claimed })
}
