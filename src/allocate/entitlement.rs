//! From a row to what its claimant may draw.
//!
//! A row is excluded, denied, held or payable; a payable or held claim has a
//! weight and limits in each pool. Rows that come to the same are of one
//! *class*: 1.4 million claims of a plan with two classes of share are two classes,
//! and everything after this stage works with classes.

mod warnings;

use std::hash::Hash;

use rust_decimal::Decimal;

use crate::allocate::pool::PaymentLimits;
use crate::base::decimal;
use crate::base::money::{Currency, Money};
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::formula::{ClaimView, Formula, FormulaTrace};
use crate::plan::{ColumnId, Plan, Pool};

/// What classes have in common that no pool sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClassGroup {
    /// What becomes of their rows.
    pub claim_status: ClaimStatus,
    /// Their subclasses, numbered in plan order.
    pub subclasses: Vec<usize>,
    /// What is odd about them, but not wrong.
    pub remarks: Vec<ClaimRemark>,
}

/// What may be odd about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClaimRemark {
    /// It is between two ranges of a formula, which the plan has as this gap.
    Between(usize),
    /// A cell of this column, read as an amount, is finer than the currency, or
    /// has points between its thousands.
    Fine(ColumnId),
}

impl ClassGroup {
    /// Whether the two are equal. Nearly always both are without subclasses,
    /// and the memory of two empty lists is slow to compare: it is not there.
    pub fn is(&self, other: &Self) -> bool {
        self.claim_status == other.claim_status
            && self.subclasses.len() == other.subclasses.len()
            && self.remarks.len() == other.remarks.len()
            && (self.subclasses.is_empty() || self.subclasses == other.subclasses)
            && (self.remarks.is_empty() || self.remarks == other.remarks)
    }
}

/// What a claim has in one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolEntitlement {
    /// Shares or award; 0 when the claim is not in the pool.
    pub weight: Decimal,
    /// Limits and offset.
    pub limits: PaymentLimits,
}

impl PoolEntitlement {
    /// What a claim has in a pool that it is not in.
    pub const NOTHING: Self = Self {
        weight: Decimal::ZERO,
        limits: PaymentLimits::NONE,
    };
}

/// What a row was found to have. The memory is used again from row to row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// What becomes of the row, and its subclasses.
    pub group: ClassGroup,
    /// What it has in each pool.
    pub pool_entitlements: Vec<PoolEntitlement>,
    /// Subclass by subclass, whether the claim is in it.
    members: Vec<bool>,
}

impl Default for RowOutcome {
    fn default() -> Self {
        Self {
            group: ClassGroup {
                claim_status: ClaimStatus::Payable,
                subclasses: Vec::new(),
                remarks: Vec::new(),
            },
            pool_entitlements: Vec::new(),
            members: Vec::new(),
        }
    }
}

impl RowOutcome {
    /// What a row has that takes no part in the pools.
    pub fn outside(&mut self, plan: &Plan, claim_status: ClaimStatus) {
        self.group.claim_status = claim_status;
        self.group.subclasses.clear();
        self.group.remarks.clear();
        self.pool_entitlements.clear();
        self.pool_entitlements
            .resize(plan.pools.len(), PoolEntitlement::NOTHING);
    }

    /// The subclasses of a payable or held claim, and what it has in each pool.
    /// Whether that could be worked out; otherwise faults were noted.
    pub fn claim(
        &mut self,
        plan: &Plan,
        claim_status: ClaimStatus,
        cells: &impl Cells,
        notes: &mut RowFindings,
    ) -> bool {
        self.group.claim_status = claim_status;
        self.members.clear();
        for subclass in &plan.subclasses {
            match subclass.when.holds(cells, &[]) {
                Ok(member) => self.members.push(member),
                Err(fault) => notes.note(fault),
            }
        }
        if self.members.len() < plan.subclasses.len() {
            return false;
        }
        self.pool_entitlements.clear();
        for pool in &plan.pools {
            match pool_entitlement(
                pool,
                plan.settlement.currency,
                cells,
                &self.members,
                &mut (),
            ) {
                Ok(pool_entitlement) => self.pool_entitlements.push(pool_entitlement),
                Err(fault) => {
                    notes.note(fault);
                    note_bad_cells(pool, cells, &self.members, notes);
                }
            }
        }
        self.group.subclasses.clear();
        let members = self.members.iter().enumerate();
        let subclasses = members.filter_map(|(number, member)| member.then_some(number));
        self.group.subclasses.extend(subclasses);
        self.group.remarks.clear();
        let good = notes.faults.is_empty();
        if good {
            let remarks = warnings::of(plan, &self.pool_entitlements, cells, &self.members);
            self.group.remarks.extend(remarks);
        }
        good
    }
}

/// Notes the cells that no formula of a pool can use, after the first of them
/// ended the formula.
fn note_bad_cells(pool: &Pool, cells: &impl Cells, members: &[bool], notes: &mut RowFindings) {
    let steps = pool.formulas().flat_map(Formula::steps);
    for step in steps.filter(|step| step.when.entries.is_empty()) {
        let claim = ClaimView {
            cells,
            members,
            award: Decimal::ZERO,
        };
        if let Err(fault) = step.operand.value(&claim)
            && fault.column.is_some()
        {
            notes.note(fault);
        }
    }
}

/// What a claim has in one pool.
pub(crate) fn pool_entitlement<C: Cells>(
    pool: &Pool,
    currency: Currency,
    cells: &C,
    members: &[bool],
    trace: &mut impl FormulaTrace,
) -> Result<PoolEntitlement, CellFault> {
    if !pool.when.holds(cells, members)? {
        return Ok(PoolEntitlement::NOTHING);
    }
    let mut claim = ClaimView {
        cells,
        members,
        award: Decimal::ZERO,
    };
    trace.formula("weight", &pool.weight);
    let weight = pool.weight.value(&claim, trace)?;
    if weight.is_zero() {
        return Ok(PoolEntitlement::NOTHING);
    }
    claim.award = weight;
    let limits = limits(pool, currency, &claim, trace)?;
    Ok(PoolEntitlement { weight, limits })
}

/// Limits are rounded inward, to whole minor units.
fn limits<C: Cells>(
    pool: &Pool,
    currency: Currency,
    claim: &ClaimView<'_, C>,
    trace: &mut impl FormulaTrace,
) -> Result<PaymentLimits, CellFault> {
    // Rounded down, and rounded up.
    let units = |amount: Decimal| {
        decimal::units(amount, currency.decimals())
            .ok_or_else(|| CellFault::of_row("a limit is too large to be exact"))
    };
    let at_least = match &pool.at_least {
        None => Money::ZERO,
        Some(formula) => {
            trace.formula("at_least", formula);
            Money(units(formula.value(claim, trace)?)?.1)
        }
    };
    let at_most = match &pool.at_most {
        None => None,
        Some(formula) => {
            trace.formula("at_most", formula);
            Some(Money(units(formula.value(claim, trace)?)?.0))
        }
    };
    let less = match &pool.less {
        None => Decimal::ZERO,
        Some(formula) => {
            trace.formula("less", formula);
            formula.value(claim, trace)?
        }
    };
    if let Some(most) = at_most.filter(|most| *most < at_least) {
        let hint = "correct the limits in the plan, or the cells that they read";
        let problem = format!(
            "in pool `{}`, `at_least` comes to {}, which is above `at_most`, {}",
            pool.name,
            currency.grouped(at_least),
            currency.grouped(most)
        );
        return Err(CellFault {
            column: None,
            problem,
            hint: Some(hint.to_owned()),
        });
    }
    let droppable = match &pool.drop {
        None => false,
        Some(drop) => drop.when.holds(claim.cells, claim.members)?,
    };
    Ok(PaymentLimits {
        less,
        at_least,
        at_most,
        droppable,
    })
}
