//! Detects a totals row at the end of the claims by its award, which is the sum of
//! all others.

use crate::allocate::Claims;
use crate::allocate::pools::PoolOutcome;
use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::{OrBug, whole_literal};
use crate::plan::{Plan, RowsRule};

/// With fewer participants, one often equals the sum of the others.
const FEWEST: u64 = 4;

/// Sums with fewer digits match by chance too often.
const TELLING_DIGITS: usize = 4;

/// Warns if the last claim has the sum of all others in some pool.
pub fn warnings(plan: &Plan, claims: &Claims, pools: &[PoolOutcome]) -> Vec<String> {
    let last = u32::try_from(claims.rows()).ok();
    let Some(last) = last.and_then(|rows| rows.checked_sub(1)) else {
        return Vec::new();
    };
    let class = claims
        .claim_list
        .class(last)
        .or_bug("the last row has no class");
    let takes_part = claims
        .entitlements
        .group_of(class)
        .claim_status
        .takes_part();
    if plan.claims.rows == RowsRule::Sum || !takes_part {
        return Vec::new();
    }
    let is_total = |(number, outcome): &(usize, &PoolOutcome)| {
        let weight = claims.entitlements.weight(class, *number);
        let digits = weight.normalize().mantissa().to_string();
        let mut twice = WeightedSum::default();
        twice.add(weight, 2);
        outcome.figures.dropped == 0
            && outcome.figures.participants >= FEWEST
            && digits.trim_end_matches('0').len() >= TELLING_DIGITS
            && twice.total() == outcome.figures.weight
    };
    let pools = pools.iter().enumerate().filter(is_total);
    let warning = |(number, _): (usize, &PoolOutcome)| {
        let pool = plan.pools.get(number).or_bug("a pool is not in the plan");
        format!(
            "the last row, {}, equals the sum of all other rows in pool {}, as a totals row would; if it is one, remove it and compute again",
            claims.row_name(claims.rows()),
            whole_literal(&pool.name)
        )
    };
    pools.map(warning).collect()
}
