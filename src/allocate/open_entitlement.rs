//! Entitlements that depend on the payments of earlier pools: kept by class until these
//! pools have been divided (plan reference, "What an earlier pool paid").

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::plan::cell::{CellFault, Facts};
use crate::plan::formula::open::OpenFormula;
use crate::plan::{Formula, Pool};

/// The remainders of a pool's formulas for a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpenEntitlement {
    pub weight: OpenFormula,
    /// The limits, or the fault of a cell that they read: it counts only if the weight is
    /// not 0.
    pub limits: Result<OpenLimits, CellFault>,
}

/// The remainders of a pool's limits for a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpenLimits {
    pub at_least: Option<OpenFormula>,
    pub at_most: Option<OpenFormula>,
    pub less: Option<OpenFormula>,
    pub droppable: bool,
}

/// The remainders for a claim; `None` if it does not participate.
pub(crate) type MaybeOpen = Option<Arc<OpenEntitlement>>;

/// Evaluates the formulas of a pool as far as they do not read earlier pools.
pub(super) fn open(pool: &Pool, claim: &impl Facts) -> Result<MaybeOpen, CellFault> {
    if !pool.when.holds(claim)? {
        return Ok(None);
    }
    let weight = pool.weight.open(claim)?;
    let limits = if pool.weight.reads_pools() {
        limits(pool, claim)
    } else if pool
        .weight
        .decimal(claim, Decimal::ZERO, &mut ())?
        .is_zero()
    {
        return Ok(None);
    } else {
        Ok(limits(pool, claim)?)
    };
    Ok(Some(Arc::new(OpenEntitlement { weight, limits })))
}

fn limits(pool: &Pool, claim: &impl Facts) -> Result<OpenLimits, CellFault> {
    let limit = |formula: &Option<Formula>| {
        let formula = formula.as_ref();
        formula.map(|formula| formula.open(claim)).transpose()
    };
    Ok(OpenLimits {
        at_least: limit(&pool.at_least)?,
        at_most: limit(&pool.at_most)?,
        less: limit(&pool.less)?,
        droppable: match &pool.drop {
            None => false,
            Some(drop) => drop.when.holds(claim)?,
        },
    })
}
