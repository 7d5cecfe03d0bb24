//! Everything worked out a second time, in the plainest way there is.
//!
//! [`crate::audit::check`] compares this with the files of a run. It shares no
//! arithmetic with the way of a run: claimants are taken one by one, every
//! quantity is a ratio of integers of any size, and nothing is grouped,
//! approximated or cut short. The claims are read by another reader too. What
//! both have in common is the plan as it was read, and whether a condition
//! holds for a cell.
//!
//! It is slow and needs memory for each claimant; that is its price.

mod claims;
pub(crate) mod equation;
mod formula;
pub(crate) mod number;
mod pool;
pub(crate) mod rounding;

use anyhow::Result;
use num_bigint::BigInt;

use crate::audit::recompute::number::{Fraction, down, half_up, of_money, up, whole};
use crate::claims::input::Input;
use crate::plan::{Deduction, DeductionRounding, DeductionRule, PercentBase, Plan};

/// What was worked out. Amounts are minor units.
#[derive(Debug)]
pub(crate) struct Recomputed {
    /// The deductions, in plan order.
    pub deductions: Vec<BigInt>,
    /// What they leave of fund and interest.
    pub net: BigInt,
    /// The pools, in plan order.
    pub pools: Vec<RecomputedPool>,
    /// Payable and held claimants, by their first row.
    pub claimants: Vec<RecomputedClaimant>,
    /// What no pool paid out or holds.
    pub residual: BigInt,
    /// Data rows of the claims.
    pub rows: u64,
}

/// A pool that has been paid out.
#[derive(Debug)]
pub(crate) struct RecomputedPool {
    /// What it had.
    pub available: BigInt,
    /// Minor units per share, or per minor unit of award.
    pub rate: Option<Fraction>,
    /// The value of a share after rounding, where that is what is rounded.
    pub unit_rate: Option<BigInt>,
    /// How many were dropped.
    pub dropped: u64,
}

/// A payable or held claimant.
#[derive(Debug)]
pub(crate) struct RecomputedClaimant {
    pub id: String,
    /// Whether the payout is held.
    pub held: bool,
    /// Pool by pool, what is paid.
    pub payouts: Vec<BigInt>,
}

/// Works out a plan for claims that a run was made from.
pub(crate) fn recompute(plan: &Plan, inputs: &[Input]) -> Result<Recomputed> {
    let mut net = of_money(plan.fund.amount) + of_money(plan.fund.interest);
    let mut deductions = Vec::new();
    for deduction in &plan.deductions {
        let amount = deducted(plan, deduction, &net);
        net -= &amount;
        deductions.push(amount);
    }
    let (claims, rows) = claims::read(plan, inputs)?;
    let mut left = net.clone();
    let mut pools = Vec::new();
    let mut claimants: Vec<RecomputedClaimant> = claims
        .iter()
        .map(|claim| RecomputedClaimant {
            id: claim.id.clone(),
            held: claim.held,
            payouts: Vec::new(),
        })
        .collect();
    for pool in &plan.pools {
        let (filled, payouts) = pool::fill(plan, pool, &claims, &net, &left)?;
        for (claimant, payout) in claimants.iter_mut().zip(payouts) {
            left -= &payout;
            claimant.payouts.push(payout);
        }
        pools.push(filled);
    }
    Ok(Recomputed {
        deductions,
        net,
        pools,
        claimants,
        residual: left,
        rows,
    })
}

/// A deduction in minor units; so much of the fund remains (plan reference,
/// "Deductions").
fn deducted(plan: &Plan, deduction: &Deduction, remaining: &BigInt) -> BigInt {
    let base = |of: PercentBase| match of {
        PercentBase::Amount => whole(of_money(plan.fund.amount)),
        PercentBase::Gross => whole(of_money(plan.fund.amount) + of_money(plan.fund.interest)),
        PercentBase::Remaining => whole(remaining.clone()),
    };
    match &deduction.rule {
        DeductionRule::Amount(amount) => of_money(*amount),
        DeductionRule::Each { each, count } => of_money(*each) * *count,
        DeductionRule::Part { part, of, round } => rounded(&(base(*of) * &part.ratio), *round),
        DeductionRule::Brackets {
            brackets,
            of,
            round,
        } => {
            let minor = number::ten_to(plan.settlement.currency.decimals());
            let marginal = brackets.iter().map(|bracket| {
                let end = bracket.to.map(|to| number::of(to) * whole(minor.clone()));
                (end, bracket.part.ratio.clone())
            });
            rounded(&formula::marginal(marginal, &base(*of)), *round)
        }
    }
}

fn rounded(amount: &Fraction, round: DeductionRounding) -> BigInt {
    match round {
        DeductionRounding::Nearest => half_up(amount),
        DeductionRounding::Down => down(amount),
        DeductionRounding::Up => up(amount),
    }
}
