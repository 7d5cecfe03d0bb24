//! A row of totals at the end of the claims that nothing else gives away: its
//! award is the sum of all others.

use crate::allocate::pools::PoolOutcome;
use crate::base::decimal::Sum;
use crate::base::diagnostics::{BadClaims, ClaimProblem, OrBug, literal};
use crate::claims::Claims;
use crate::plan::{Plan, Rows};

/// Among fewer claims one may have what the others have together.
const FEWEST: u64 = 4;

/// Sums of fewer digits are the same by chance too often.
const TELLING_DIGITS: usize = 4;

/// Refuses claims of which the last has the sum of all others, in some pool.
pub fn refuse(plan: &Plan, claims: &Claims, pools: &[PoolOutcome]) -> Result<(), BadClaims> {
    let rows = claims.rows();
    let Some(last) = u32::try_from(rows)
        .ok()
        .and_then(|rows| rows.checked_sub(1))
    else {
        return Ok(());
    };
    if rows < FEWEST || plan.claims.rows == Rows::Sum {
        return Ok(());
    }
    let kind = claims.roll.kind(last).or_bug("the last row is of no kind");
    if !claims.entitlements.group_of(kind).standing.takes_part() {
        return Ok(());
    }
    for (number, outcome) in pools.iter().enumerate() {
        let weight = claims.entitlements.weight(kind, number);
        let mut twice = Sum::default();
        twice.add(weight, 2);
        let digits = weight.normalize().mantissa().to_string();
        if outcome.dropped == 0
            && digits.trim_end_matches('0').len() >= TELLING_DIGITS
            && twice.total() == outcome.weight
        {
            let pool = plan.pools.get(number).or_bug("a pool is in no plan");
            let file = claims.files.last().or_bug("a row is in no file");
            let problem = claims.locate(ClaimProblem {
                file: file.shown.clone(),
                row: Some(rows),
                problem: format!(
                    "in pool {}, the last row has {weight}, the sum of all other rows, as a totals row has",
                    literal(&pool.name)
                ),
                hint: Some("remove it if it is one; if it is a claim, move it up".to_owned()),
                ..ClaimProblem::default()
            });
            return Err(BadClaims {
                first: vec![problem],
                count: 1,
                ..BadClaims::default()
            });
        }
    }
    Ok(())
}
