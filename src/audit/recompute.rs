//! An independent recomputation in the simplest possible way.
//!
//! [`crate::audit::check`] compares its result with the files of a run. It shares no
//! arithmetic with the computation of a run: claimants are processed one by one, every
//! quantity is a ratio of integers of any size, and nothing is grouped, approximated or
//! truncated. A different reader reads the claims. The two have in common only the
//! parsed plan and the test whether a cell meets a condition.
//!
//! It is slow and needs memory for each claimant.

mod claims;
pub(crate) mod equation;
mod formula;
pub(crate) mod number;
mod pool;
pub(crate) mod rounding;
mod sources;
mod time_span;

use anyhow::Result;
use num_bigint::BigInt;

use crate::audit::recompute::number::{Fraction, down, half_up, of_money, up, whole};
use crate::claims::input::Input;
use crate::plan::{Deduction, DeductionRounding, DeductionRule, PercentBase, Plan};

/// The result of the recomputation. Amounts are in minor units.
#[derive(Debug)]
pub(crate) struct Recomputed {
    /// The deductions, in plan order.
    pub deductions: Vec<BigInt>,
    /// The net settlement fund.
    pub net: BigInt,
    /// The pools, in plan order.
    pub pools: Vec<RecomputedPool>,
    /// Payable and held claimants, in the order of their first rows.
    pub claimants: Vec<RecomputedClaimant>,
    /// The amount that no pool pays or holds.
    pub residual: BigInt,
    /// Data rows of the claims.
    pub rows: u64,
}

/// The result of a pool.
#[derive(Debug)]
pub(crate) struct RecomputedPool {
    /// The amount available to the pool.
    pub available: BigInt,
    /// Minor units per share, or per minor unit of award.
    pub rate: Option<Fraction>,
    /// The rounded value of a share, if the plan rounds shares.
    pub unit_rate: Option<BigInt>,
    /// The number of claimants below the minimum payment.
    pub dropped: u64,
    /// The parts of a pool with `by`, in plan order.
    pub parts: Vec<RecomputedPool>,
}

#[derive(Debug)]
pub(crate) struct RecomputedClaimant {
    pub id: String,
    /// True if the payout is held.
    pub held: bool,
    /// Payouts by pool.
    pub payouts: Vec<BigInt>,
}

/// Recomputes a plan for the claims of a run.
pub(crate) fn recompute(plan: &Plan, inputs: &[Input]) -> Result<Recomputed> {
    let mut net = of_money(plan.fund.amount) + of_money(plan.fund.interest);
    let mut deductions = Vec::new();
    for deduction in &plan.deductions {
        let amount = deducted(plan, deduction, &net);
        net -= &amount;
        deductions.push(amount);
    }
    let (claims, rows) = claims::read(plan, inputs)?;
    let mut money = Vec::new();
    let mut claimants: Vec<RecomputedClaimant> = claims
        .iter()
        .map(|claim| RecomputedClaimant {
            id: claim.id.clone(),
            held: claim.held,
            payouts: Vec::new(),
        })
        .collect();
    let mut pools = Vec::new();
    for (number, pool) in plan.pools.iter().enumerate() {
        let source = sources::source(&plan.pools, number, &net, &money);
        let (filled, payouts) = pool::fill(plan, pool, &claims, &source)?;
        money.push(sources::PoolUse {
            available: filled.available.clone(),
            spent: payouts.iter().sum(),
        });
        for (claimant, payout) in claimants.iter_mut().zip(payouts) {
            claimant.payouts.push(payout);
        }
        pools.push(filled);
    }
    let spent: BigInt = money.iter().map(|used| &used.spent).sum();
    let residual = &net - spent;
    Ok(Recomputed {
        deductions,
        net,
        pools,
        claimants,
        residual,
        rows,
    })
}

/// A deduction in minor units, where `remaining` is the fund less earlier deductions
/// (plan reference, "Deductions").
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
