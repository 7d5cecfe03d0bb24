//! An independent recomputation in the simplest possible way.
//!
//! [`crate::audit::check`] compares its result with the files of a run. It shares no
//! arithmetic with the computation of a run: claimants are processed one by one, every
//! quantity is a ratio of integers of any size, and nothing is grouped, approximated or
//! truncated. A different reader reads the claims. The two have in common only the
//! parsed plan and the test whether a cell meets a condition.
//!
//! It is slow and needs memory for each claimant.

mod as_claimed;
mod cell_maps;
mod claims;
pub(crate) mod equation;
mod formula;
mod ledger;
pub(crate) mod number;
mod pool;
mod portions;
pub(crate) mod rounding;
mod same_cells;
mod sources;
mod time_span;

use anyhow::Result;
use num_bigint::BigInt;

use crate::audit::recompute::claims::RecomputedClaim;
use crate::audit::recompute::ledger::SecondLedger;
use crate::audit::recompute::number::{Fraction, down, half_up, of_money, up, whole};
use crate::audit::recompute::same_cells::SameCells;
use crate::claims::input::Input;
use crate::plan::{
    Deduction, DeductionRounding, DeductionRule, MinimumPayment, NotEconomical, PercentBase, Plan,
};

/// The result of the recomputation. Amounts are in minor units.
#[derive(Debug)]
pub(crate) struct Recomputed {
    /// The amount that was left before, if the plan divides it.
    pub brought_forward: Option<BigInt>,
    /// The amount of the fund.
    pub fund: BigInt,
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
    /// The number of claimants removed from all pools, and the sum of their payments
    /// before.
    pub removed: Option<(u64, BigInt)>,
    /// The lines of flags.csv.
    pub flags: Vec<[String; 4]>,
    /// Data rows of the claims.
    pub rows: u64,
}

/// The money of a fund, compared with what is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClaimedMoney {
    /// Just what is claimed: each claimant is paid in full.
    InFull,
    /// More or less, or a fund that does not depend on the claims.
    Other,
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
    /// The reason why the pool is not divided.
    pub not_economical: Option<NotEconomical>,
    /// The number of claimants who have had more than the rate gives them, and how much
    /// more, in minor units; none if they are not counted.
    pub ahead: Option<(u64, Fraction)>,
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
    /// The portions of their sum.
    pub portions: Vec<BigInt>,
}

/// Recomputes a plan for the claims of a run.
pub(crate) fn recompute(plan: &Plan, inputs: &[Input]) -> Result<Recomputed> {
    let mut same = SameCells::default();
    let ledger = SecondLedger::read(plan)?;
    let (claims, rows) = claims::read(plan, inputs, &ledger, &mut same)?;
    let fund = as_claimed::fund(plan, &claims)?;
    let gross = &ledger.left + &fund.amount + of_money(plan.fund.interest);
    let mut net = gross.clone();
    let mut deductions = Vec::new();
    for deduction in &plan.deductions {
        let amount = deducted(plan, [&fund.amount, &gross, &net], deduction);
        net -= &amount;
        deductions.push(amount);
    }
    let mut out = vec![false; claims.len()];
    let mut divided = divide_all(plan, &claims, &out, &net, fund.claimed)?;
    let mut removed = None;
    if let Some(drop) = &plan.payment_drop {
        out = removed_from_all(plan, drop, &claims, &divided)?;
        let sums = divided.sums(claims.len());
        let of_removed = sums.iter().zip(&out).filter(|(_, out)| **out);
        let total: BigInt = of_removed.map(|(sum, _)| sum).sum();
        let count = u64::try_from(out.iter().filter(|out| **out).count())?;
        removed = Some((count, total));
        divided = divide_all(plan, &claims, &out, &net, fund.claimed)?;
    }
    let claimants = claims.iter().enumerate();
    let claimants = claimants.map(|(number, claim)| RecomputedClaimant {
        id: claim.id.clone(),
        held: claim.held,
        payouts: divided.of_claim(number),
        portions: Vec::new(),
    });
    let mut claimants: Vec<RecomputedClaimant> = claimants.collect();
    for (number, (claimant, claim)) in claimants.iter_mut().zip(&claims).enumerate() {
        let paid = pool::earlier(plan, &divided.payouts, number);
        let claim = claim.seen(plan).paid(paid);
        claimant.portions = portions::portions(plan, &claim, &claimant.payouts)?;
    }
    let spent: BigInt = divided.payouts.iter().flatten().sum();
    Ok(Recomputed {
        brought_forward: plan.fund.prior.then_some(ledger.left),
        fund: fund.amount,
        flags: same.lines,
        deductions,
        residual: &net - spent,
        net,
        claimants,
        pools: divided.pools,
        removed,
        rows,
    })
}

/// All pools, divided.
struct DividedPools {
    pools: Vec<RecomputedPool>,
    /// By pool, the payment to each claim.
    payouts: Vec<Vec<BigInt>>,
}

impl DividedPools {
    fn of_claim(&self, claim: usize) -> Vec<BigInt> {
        let payouts = self.payouts.iter();
        payouts
            .filter_map(|pool| pool.get(claim).cloned())
            .collect()
    }

    /// The payments to each claim from all pools.
    fn sums(&self, claims: usize) -> Vec<BigInt> {
        let sum = |claim| self.of_claim(claim).iter().sum();
        (0..claims).map(sum).collect()
    }
}

/// Divides the pools in order, without the claims that are out.
fn divide_all(
    plan: &Plan,
    claims: &[RecomputedClaim],
    out: &[bool],
    net: &BigInt,
    claimed: ClaimedMoney,
) -> Result<DividedPools> {
    let mut money = Vec::new();
    let mut divided = DividedPools {
        pools: Vec::new(),
        payouts: Vec::new(),
    };
    for (number, pool) in plan.pools.iter().enumerate() {
        let source = sources::source(&plan.pools, number, net, &money);
        let (filled, payouts) = pool::fill(
            plan,
            pool,
            claims,
            out,
            (&source, claimed),
            &divided.payouts,
        )?;
        money.push(sources::PoolUse {
            available: filled.available.clone(),
            spent: payouts.iter().sum(),
        });
        divided.payouts.push(payouts);
        divided.pools.push(filled);
    }
    Ok(divided)
}

/// For each claim, whether its payments from all pools are too small
/// (plan reference, "A minimum over all pools").
fn removed_from_all(
    plan: &Plan,
    drop: &MinimumPayment,
    claims: &[RecomputedClaim],
    divided: &DividedPools,
) -> Result<Vec<bool>> {
    let sums = divided.sums(claims.len());
    let mut out = Vec::with_capacity(claims.len());
    for (number, (claim, sum)) in claims.iter().zip(sums).enumerate() {
        let paid = pool::earlier(plan, &divided.payouts, number);
        let mut takes_part = false;
        for pool in &plan.pools {
            takes_part |= pool::takes_part(plan, pool, claim, paid.clone())?;
        }
        let small = pool::is_small(drop, &whole(sum));
        out.push(takes_part && small && claim.seen(plan).meets(&drop.when)?);
    }
    Ok(out)
}

/// A deduction in minor units, where `fund` was paid in, and `remaining` is everything less
/// earlier deductions (plan reference, "Deductions").
fn deducted(plan: &Plan, [fund, gross, remaining]: [&BigInt; 3], deduction: &Deduction) -> BigInt {
    let base = |of: PercentBase| match of {
        PercentBase::Amount => whole(fund.clone()),
        PercentBase::Gross => whole(gross.clone()),
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
