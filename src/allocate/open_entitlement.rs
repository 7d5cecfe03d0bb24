//! Entitlements that depend on the payments of earlier pools: kept by class until these
//! pools have been divided (plan reference, "What an earlier pool paid").

use std::sync::Arc;

use crate::plan::cell::{CellFault, Facts};
use crate::plan::formula::open::OpenFormula;
use crate::plan::{Formula, Pool};

/// The remainders of a pool's formulas for a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpenEntitlement {
    pub weight: OpenFormula,
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
    let limit = |formula: &Option<Formula>| {
        let formula = formula.as_ref();
        formula.map(|formula| formula.open(claim)).transpose()
    };
    Ok(Some(Arc::new(OpenEntitlement {
        weight: pool.weight.open(claim)?,
        at_least: limit(&pool.at_least)?,
        at_most: limit(&pool.at_most)?,
        less: limit(&pool.less)?,
        droppable: match &pool.drop {
            None => false,
            Some(drop) => drop.when.holds(claim)?,
        },
    })))
}
