//! Warnings about payments to look at before money moves.

use num_bigint::BigInt;
use num_rational::Ratio;

use crate::allocate::Claims;
use crate::allocate::pools::{Distribution, PoolOutcome};
use crate::base::diagnostics::{count, literal};
use crate::base::money::Money;
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::{MinimumPayment, Plan, Pool, WeightKind};
use crate::run::payment_sizes::PaymentSizes;

/// A payment of more than this many times the median is unusual.
const TIMES_MEDIAN: u64 = 100;

/// The number of rows that a warning names.
const NAMED: usize = 5;

pub(super) fn of(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    sizes: &PaymentSizes,
) -> Vec<String> {
    let pools = plan.pools.iter().zip(&distribution.pools);
    let mut warnings: Vec<String> = pools
        .filter_map(|(pool, outcome)| awards_cut(pool, outcome))
        .collect();
    warnings.extend(below_minimum(plan, sizes));
    warnings.extend(unusually_large(plan, claims, distribution, sizes));
    warnings
}

/// A pool that pays less than half of the awards.
fn awards_cut(pool: &Pool, outcome: &PoolOutcome) -> Option<String> {
    // A part of the award, whatever the currency.
    let rate = outcome.figures.rate.as_ref()?;
    let is_cut = rate * BigInt::from(2) < Ratio::from_integer(BigInt::from(1));
    (pool.measure == WeightKind::Award && outcome.figures.participants > 0 && is_cut).then(|| {
        let percent = rate * BigInt::from(100);
        format!(
            "pool {} pays {}% of the awards, less than half",
            literal(&pool.name),
            truncated(&percent)
        )
    })
}

/// A percentage with two decimals, truncated.
fn truncated(percent: &Ratio<BigInt>) -> String {
    let hundredths = (percent * BigInt::from(100)).to_integer();
    let (whole, rest) = (&hundredths / 100, &hundredths % 100);
    format!("{whole}.{rest:0>2}")
}

/// Payouts below the minimum of a pool, which other pools pay.
fn below_minimum(plan: &Plan, sizes: &PaymentSizes) -> Option<String> {
    if plan.payment_drop.is_some() || plan.pools.len() < 2 {
        return None;
    }
    let drops = plan.pools.iter().filter_map(|pool| {
        let drop: &MinimumPayment = pool.drop.as_ref()?;
        Some((drop.limit, pool, drop))
    });
    let (_, pool, drop) = drops.max_by_key(|(limit, _, _)| *limit)?;
    let amounts = sizes.all.amounts();
    let small = amounts.filter(|(amount, _)| drop.is_small(*amount));
    let number: u64 = small.map(|(_, number)| number).sum();
    (number > 0).then(|| {
        format!(
            "{} below {}, the minimum of pool {}, because other pools have none; `drop` in [payment] looks at the payments from all pools together",
            count(number, "payout is", "payouts are"),
            plan.settlement.currency.grouped(drop.limit),
            literal(&pool.name)
        )
    })
}

/// Payouts of many times the median.
fn unusually_large(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    sizes: &PaymentSizes,
) -> Option<String> {
    let currency = plan.settlement.currency;
    let median = sizes.all.median()?;
    let most = median.times(TIMES_MEDIAN)?;
    let amounts = sizes.all.amounts().rev();
    let large = amounts.take_while(|(amount, _)| *amount > most);
    let number: u64 = large.map(|(_, number)| number).sum();
    if number == 0 {
        return None;
    }
    let is_large = |class: ClassId| {
        let payout = distribution.payout(class).unwrap_or(Money::ZERO);
        let status = claims.entitlements.group_of(class).claim_status;
        payout >= most && status == ClaimStatus::Payable
    };
    let rows = claims.claim_list.rows();
    let rows = rows.filter(|row| claims.leads(row.number) && is_large(row.class));
    let named: Vec<String> = rows
        .take(NAMED)
        .map(|row| claims.row_name(u64::from(row.number) + 1))
        .collect();
    let largest = sizes.largest().unwrap_or(most);
    Some(format!(
        "{} more than {TIMES_MEDIAN} times the median of {}; the largest is {} ({}{})",
        count(number, "payout is", "payouts are"),
        currency.grouped(median),
        currency.grouped(largest),
        if number == 1 { "" } else { "first: " },
        named.join(", ")
    ))
}
