//! Remarks about valid claims, which the summary reports as warnings.

use crate::allocate::entitlement::{ClaimRemark, PoolEntitlement, pool_entitlement};
use crate::base::exact::Exact;
use crate::claims::too_precise::is_too_precise;
use crate::plan::cell::{Cells, Facts};
use crate::plan::claim_view::ClaimView;
use crate::plan::formula::{Formula, FormulaStep, FormulaTrace};
use crate::plan::ranges::RangedFormula;
use crate::plan::{ColumnId, Plan, WeightKind};

/// The remarks about a claim with these entitlements.
pub(super) fn of(
    plan: &Plan,
    pool_entitlements: &[PoolEntitlement],
    claim: &ClaimView<'_, impl Cells>,
) -> Vec<ClaimRemark> {
    let mut remarks = Vec::new();
    for (number, gap) in plan.gaps.iter().enumerate() {
        if is_reached(plan, gap.formula, pool_entitlements, claim) && gap.has(claim) {
            remarks.push(ClaimRemark::Between(number));
        }
    }
    remarks.extend(fine(plan, claim).into_iter().map(ClaimRemark::Fine));
    remarks
}

/// True if the formula is evaluated for the claim.
fn is_reached<C: Cells>(
    plan: &Plan,
    formula: RangedFormula,
    pool_entitlements: &[PoolEntitlement],
    claim: &ClaimView<'_, C>,
) -> bool {
    let is_in = |number: usize| {
        let pool = plan.pools.get(number);
        pool.filter(|pool| pool.when.holds(claim) == Ok(true))
    };
    match formula {
        RangedFormula::Weight(pool) => is_in(pool).is_some(),
        RangedFormula::Limit(pool) => {
            let entitlement = pool_entitlements.get(pool);
            entitlement.is_some_and(|entitlement| !entitlement.weight.is_zero())
                || is_in(pool).is_some_and(|pool| pool.open)
        }
        // Claims with equal entitlements may have different portions.
        RangedFormula::Portion => false,
        RangedFormula::Value(value) => {
            let rule = plan.values.get(value.0);
            claim.worked_out(value).is_some()
                && rule.is_some_and(|rule| rule.when.holds(claim) == Ok(true))
        }
    }
}

/// The columns read as amounts whose cells have unusual decimals.
fn fine(plan: &Plan, claim: &impl Facts) -> Vec<ColumnId> {
    let currency = plan.settlement.currency;
    let amounts = plan.amount_columns.iter().copied();
    // A sum does not show how each row was written.
    let written = amounts.filter(|column| !plan.columns.is_added(*column));
    let fine = written.filter(|column| is_too_precise(claim.cell(*column), currency));
    // Such cells are rare, so nothing is stored for other claims.
    let mut fine: Vec<ColumnId> = fine.collect();
    if fine.is_empty() {
        return fine;
    }
    let mut read = AmountsRead::default();
    for pool in &plan.pools {
        read.of_award = pool.measure == WeightKind::Award;
        // The formula was evaluated before without a fault.
        let worked_out = pool_entitlement(pool, currency, claim, &mut read).is_ok();
        debug_assert!(
            worked_out || pool.open,
            "a claim has the same result each time"
        );
    }
    fine.retain(|column| read.columns.contains(column));
    fine
}

/// Records the columns whose cells are read as amounts.
#[derive(Debug, Default)]
struct AmountsRead {
    of_award: bool,
    is_amount: bool,
    columns: Vec<ColumnId>,
}

impl FormulaTrace for AmountsRead {
    fn formula(&mut self, key: &'static str, _: &Formula) {
        self.is_amount = self.of_award || key != "weight";
    }

    fn step(&mut self, step: &FormulaStep, operand: Option<&Exact>, _: &Exact) {
        let applies = operand.is_some() && !step.verb.is_factor() && self.is_amount;
        let column = step.operand.number_column();
        self.columns.extend(column.filter(|_| applies));
    }
}
