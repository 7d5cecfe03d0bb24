//! Warnings about claims.

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::entitlement::ClaimRemark;
use crate::base::diagnostics::{Bug, literal};
use crate::base::money::group;
use crate::claims::claim_list::ClaimList;
use crate::claims::too_precise::TooPrecise;
use crate::plan::condition::RangeBound;
use crate::plan::ranges::RangeGap;
use crate::plan::{ColumnId, Plan};

/// All warnings. `fine` has the columns that were added up and counted then;
/// `place` returns the name of a cell in a sentence.
pub(super) fn warnings(
    plan: &Plan,
    entitlements: &EntitlementClasses,
    claim_list: &ClaimList,
    mut fine: TooPrecise,
    place: &dyn Fn(u32, ColumnId) -> String,
) -> Result<Vec<String>, Bug> {
    let lost = || Bug::new("a remark about a claim has no plan or row");
    let mut warnings = Vec::new();
    for (remark, claims) in entitlements.remarks() {
        match remark {
            ClaimRemark::Between(number) => {
                let gap = plan.gaps.get(number).ok_or_else(lost)?;
                warnings.push(between(plan, gap, claims));
            }
            ClaimRemark::Fine(column) => {
                let has = |class| entitlements.group_of(class).remarks.contains(&remark);
                let mut rows = claim_list.rows().filter(|row| has(row.class));
                let first = rows.next().ok_or_else(lost)?.number;
                let others = rows.map(|_| 1).sum::<u64>();
                fine.insert(column, (1 + others, first));
            }
        }
    }
    warnings.extend(fine.into_iter().map(|(column, (rows, first))| {
        let place = place(first, column);
        too_fine(plan, column, rows, &place)
    }));
    Ok(warnings)
}

fn between(plan: &Plan, gap: &RangeGap, claims: u64) -> String {
    let [end, beginning] = gap.ends;
    let (above, below) = match end {
        RangeBound::Number(_) => ("above", "below"),
        RangeBound::Date(_) | RangeBound::Instant(_) => ("after", "before"),
    };
    let (are, them) = if claims == 1 {
        ("claim is", "it")
    } else {
        ("claims are", "them")
    };
    format!(
        "{} {are} between two ranges over column {} ({}): {above} {end} and {below} {beginning}, so neither step applies to {them}; if one should, change an end of its range",
        group(&claims),
        literal(plan.columns.name(gap.column)),
        gap.lines,
    )
}

fn too_fine(plan: &Plan, column: ColumnId, rows: u64, first: &str) -> String {
    let currency = plan.settlement.currency;
    let what = match currency.decimals() {
        0 => format!("decimal places, but {} has none", currency.code()),
        1 => "more than 1 decimal place".to_owned(),
        decimals => format!("more than {decimals} decimal places"),
    };
    let (row, has) = if rows == 1 {
        ("row", "has")
    } else {
        ("rows", "have")
    };
    format!(
        "{} {row} of column {} {has} {what} (first: {first}); a point is a decimal point, so remove it if it separates thousands",
        group(&rows),
        literal(plan.columns.name(column)),
    )
}
