//! Warnings about claims.

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::entitlement::ClaimRemark;
use crate::base::diagnostics::{Bug, whole_literal};
use crate::base::money::group;
use crate::claims::Claims;
use crate::plan::cell::{NumberSource, ValueId};
use crate::plan::condition::RangeBound;
use crate::plan::ranges::{RangeGap, subject};
use crate::plan::{ColumnId, Plan};

/// All warnings about the entitlements of claims.
pub(super) fn warnings(
    plan: &Plan,
    claims: &Claims<EntitlementClasses>,
) -> Result<Vec<String>, Bug> {
    let entitlements = &claims.entitlements;
    let mut fine = claims.too_precise.clone();
    let lost = || Bug::new("a remark about a claim has no plan or row");
    let mut warnings = Vec::new();
    let of_portions = claims.portion_gaps.iter();
    let of_portions = of_portions.map(|(gap, count)| (ClaimRemark::Between(*gap), *count));
    for (remark, count) in entitlements.remarks().into_iter().chain(of_portions) {
        match remark {
            ClaimRemark::Between(number) => {
                let gap = plan.gaps.get(number).ok_or_else(lost)?;
                warnings.push(between(plan, gap, count));
            }
            ClaimRemark::Fine(column) => {
                let has = |class| entitlements.group_of(class).remarks.contains(&remark);
                let mut rows = claims.claim_list.rows().filter(|row| has(row.class));
                let first = rows.next().ok_or_else(lost)?.number;
                let others = rows.map(|_| 1).sum::<u64>();
                fine.insert(column, (1 + others, first));
            }
        }
    }
    warnings.extend(fine.into_iter().map(|(column, (rows, first))| {
        let place = claims.place(first, plan.columns.name(column));
        too_fine(plan, column, rows, &place)
    }));
    Ok(warnings)
}

fn between(plan: &Plan, gap: &RangeGap, claims: u64) -> String {
    let [end, beginning] = gap.ends;
    let locale = plan.settlement.locale;
    let (above, below) = match end.at {
        RangeBound::Number(_) => ("above", "below"),
        RangeBound::Date(_) | RangeBound::Instant(_) => ("after", "before"),
    };
    let value = |id: ValueId| plan.values.get(id.0).map(|value| &*value.key);
    let what = match gap.source {
        NumberSource::Column(id) => subject("column", plan.columns.name(id)),
        NumberSource::Value(id) => subject("value", value(id).unwrap_or_default()),
    };
    let or_at = |open| if open { " or at" } else { "" };
    let (are, them) = if claims == 1 {
        ("claim is", "it")
    } else {
        ("claims are", "them")
    };
    format!(
        "{} {are} between two ranges over {} ({}): {above}{} {} and {below}{} {}, so neither step applies to {them}; if one should, change an end of its range: `below` ends it just before the next begins, and the bands of a table have no gaps",
        group(&claims),
        what,
        gap.lines,
        or_at(end.open),
        end.at.text(locale),
        or_at(beginning.open),
        beginning.at.text(locale),
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
        whole_literal(plan.columns.name(column)),
    )
}
