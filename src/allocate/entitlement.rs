//! From a row to the claimant's entitlement.
//!
//! A row is excluded, denied, held or payable; a payable or held claim has a weight
//! and limits in each pool. Rows with equal results form a *class*: 1.4 million
//! claims under a plan with two numbers of shares form two classes, and all later
//! stages process classes.

mod warnings;

use std::cell::RefCell;
use std::hash::Hash;

use rust_decimal::Decimal;

use crate::allocate::open_entitlement::{MaybeOpen, open};
use crate::allocate::pool::PaymentLimits;
use crate::allocate::{full_payment, messages};
use crate::base::diagnostics::{listing, literal, nearest};
use crate::base::exact::{self, Exact};
use crate::base::money::{Currency, Money};
use crate::claims::classifier::ClaimOutcome;
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, Cells, Facts};
use crate::plan::claim_view::{ClaimView, KnownFacts};
use crate::plan::formula::{Formula, FormulaTrace};
use crate::plan::{ColumnId, Plan, Pool, PoolParts};

/// Properties of classes that pools do not use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClassGroup {
    pub claim_status: ClaimStatus,
    /// Indexes of the subclasses, in plan order.
    pub subclasses: Vec<usize>,
    /// Remarks that deserve a warning but are not errors.
    pub remarks: Vec<ClaimRemark>,
    /// For each pool with parts, in plan order, the index of the part; any number if
    /// the claimant does not participate in it.
    pub parts: Vec<u32>,
    /// True if the claimant can be removed from all pools because of small payments.
    pub removable: bool,
}

/// A remark about a claim that deserves a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClaimRemark {
    /// A value falls into this gap between two ranges of a formula.
    Between(usize),
    /// A cell of this amount column has more decimals than the currency, or its
    /// decimal point may be a thousands separator.
    Fine(ColumnId),
}

impl ClassGroup {
    /// Compares two groups. Nearly always their lists are empty, so these are compared
    /// only if they are not.
    pub fn is(&self, other: &Self) -> bool {
        self.claim_status == other.claim_status
            && self.subclasses.len() == other.subclasses.len()
            && self.remarks.len() == other.remarks.len()
            && self.parts.len() == other.parts.len()
            && self.removable == other.removable
            && (self.parts.is_empty() || self.parts == other.parts)
            && (self.subclasses.is_empty() || self.subclasses == other.subclasses)
            && (self.remarks.is_empty() || self.remarks == other.remarks)
    }
}

/// The entitlement of a claim in one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolEntitlement {
    /// Shares or award; 0 if the claim does not participate in the pool.
    pub weight: Decimal,
    pub limits: PaymentLimits,
}

impl PoolEntitlement {
    /// The entitlement of a claim that does not participate in a pool.
    pub const NOTHING: Self = Self {
        weight: Decimal::ZERO,
        limits: PaymentLimits::NONE,
    };
}

/// The outcome of a row. The memory is reused from row to row.
#[derive(Debug, Clone)]
pub struct RowOutcome {
    /// The claim status and the subclasses.
    pub group: ClassGroup,
    /// The entitlement in each pool.
    pub pool_entitlements: Vec<PoolEntitlement>,
    /// For each pool, the remainders of formulas that read earlier pools; empty if no
    /// pool has any.
    pub open: Vec<MaybeOpen>,
    known: RefCell<KnownFacts>,
}

impl Default for RowOutcome {
    fn default() -> Self {
        Self {
            group: ClassGroup {
                claim_status: ClaimStatus::Payable,
                subclasses: Vec::new(),
                remarks: Vec::new(),
                parts: Vec::new(),
                removable: false,
            },
            pool_entitlements: Vec::new(),
            open: Vec::new(),
            known: RefCell::default(),
        }
    }
}

impl ClaimOutcome for RowOutcome {
    fn outside(&mut self, plan: &Plan, claim_status: ClaimStatus) {
        self.group.claim_status = claim_status;
        self.group.subclasses.clear();
        self.group.remarks.clear();
        self.group.parts.clear();
        self.group.removable = false;
        self.pool_entitlements.clear();
        self.pool_entitlements
            .resize(plan.pools.len(), PoolEntitlement::NOTHING);
        self.open.clear();
        if plan.open_pools {
            self.open.resize(plan.pools.len(), None);
        }
    }

    fn claim(
        &mut self,
        plan: &Plan,
        claim_status: ClaimStatus,
        cells: &impl Cells,
        notes: &mut RowFindings,
    ) -> bool {
        self.group.claim_status = claim_status;
        self.group.subclasses.clear();
        let claim = ClaimView::new(plan, cells, &self.known);
        let mut known = true;
        for &value in plan.row_values.iter().chain(&plan.shown_values) {
            if let Err(fault) = claim.value(value) {
                notes.note(fault);
                known = false;
            }
        }
        for number in 0..plan.subclasses.len() {
            match claim.member(number) {
                Ok(true) => self.group.subclasses.push(number),
                Ok(false) => {}
                Err(fault) => {
                    notes.note(fault);
                    known = false;
                }
            }
        }
        if !known {
            return false;
        }
        self.pool_entitlements.clear();
        self.group.parts.clear();
        self.open.clear();
        for pool in &plan.pools {
            let found = (
                &mut self.pool_entitlements,
                &mut self.open,
                &mut self.group.parts,
            );
            if let Err(fault) = add_pool(plan, pool, &claim, found) {
                notes.note(fault);
                note_bad_cells(pool, &claim, notes);
            }
        }
        self.group.removable = false;
        let weighs = |pool: &PoolEntitlement| !pool.weight.is_zero();
        let participates =
            self.pool_entitlements.iter().any(weighs) || self.open.iter().any(Option::is_some);
        if let Some(drop) = plan.payment_drop.as_ref().filter(|_| participates) {
            match drop.when.holds(&claim) {
                Ok(removable) => self.group.removable = removable,
                Err(fault) => notes.note(fault),
            }
        }
        self.group.remarks.clear();
        let good = notes.faults.is_empty();
        if good {
            let remarks = warnings::of(plan, &self.pool_entitlements, &claim);
            self.group.remarks.extend(remarks);
        }
        good
    }
}

/// Adds the entitlement in a pool, or the remainders of its formulas, and the part.
fn add_pool(
    plan: &Plan,
    pool: &Pool,
    claim: &impl Facts,
    (pool_entitlements, all_open, parts): (
        &mut Vec<PoolEntitlement>,
        &mut Vec<MaybeOpen>,
        &mut Vec<u32>,
    ),
) -> Result<(), CellFault> {
    let mut entitlement = PoolEntitlement::NOTHING;
    let mut participates = false;
    if plan.open_pools {
        let open = if pool.open { open(pool, claim)? } else { None };
        participates = open.is_some();
        all_open.push(open);
    }
    if !pool.open {
        entitlement = pool_entitlement(pool, plan.settlement.currency, claim, &mut ())?;
        full_payment::check(plan, pool, (entitlement.weight, &entitlement.limits))?;
        participates = !entitlement.weight.is_zero();
    }
    if let Some(by) = &pool.by {
        let part = participates.then(|| pool_part(pool, by, claim));
        parts.push(part.transpose()?.unwrap_or_default());
    }
    pool_entitlements.push(entitlement);
    Ok(())
}

/// Records all cells that formulas of a pool cannot use, not only the first one,
/// which ended the formula.
fn note_bad_cells(pool: &Pool, claim: &impl Facts, notes: &mut RowFindings) {
    let steps = pool.formulas().flat_map(Formula::steps);
    for step in steps.filter(|step| step.when.entries.is_empty()) {
        if let Err(fault) = step.operand.value(claim, Decimal::ZERO)
            && fault.column.is_some()
        {
            notes.note(fault);
        }
    }
}

/// The entitlement of a claim in one pool.
pub(crate) fn pool_entitlement(
    pool: &Pool,
    currency: Currency,
    claim: &impl Facts,
    trace: &mut impl FormulaTrace,
) -> Result<PoolEntitlement, CellFault> {
    if !pool.when.holds(claim)? {
        return Ok(PoolEntitlement::NOTHING);
    }
    let value = |key: &'static str, formula: &Formula, own: Decimal| {
        trace.formula(key, formula);
        formula.value(claim, own, trace)
    };
    let droppable = || match &pool.drop {
        None => Ok(false),
        Some(drop) => drop.when.holds(claim),
    };
    entitlement_of(pool, currency, value, droppable)
}

/// The entitlement of a participant, where `value` is the value of a formula with this
/// key for the claimant's own shares or award.
pub(super) fn entitlement_of(
    pool: &Pool,
    currency: Currency,
    mut value: impl FnMut(&'static str, &Formula, Decimal) -> Result<Exact, CellFault>,
    droppable: impl FnOnce() -> Result<bool, CellFault>,
) -> Result<PoolEntitlement, CellFault> {
    let weight = value("weight", &pool.weight, Decimal::ZERO)?;
    let weight = pool.weight.as_decimal(weight)?;
    if weight.is_zero() {
        return Ok(PoolEntitlement::NOTHING);
    }
    let limits = limits(pool, currency, weight, value, droppable)?;
    Ok(PoolEntitlement { weight, limits })
}

/// The part of a pool in which a participant is: that of the text in the cell.
pub(crate) fn pool_part(pool: &Pool, by: &PoolParts, cells: &impl Cells) -> Result<u32, CellFault> {
    let cell = cells.cell(by.column);
    if let Some(part) = by.position(cell) {
        return Ok(part);
    }
    let shown = if cell.is_empty() {
        "a blank cell".to_owned()
    } else {
        literal(cell)
    };
    let texts = || by.parts.iter().map(|part| part.text.as_str());
    let hint = match nearest(cell, texts()) {
        Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
        _ => format!("the parts are {}", listing(&texts().collect::<Vec<_>>())),
    };
    let message = messages::part_missing(&shown, &pool.name).hint(hint);
    Err(CellFault::at(by.column, message))
}

/// Limits are rounded inward, to whole minor units.
fn limits(
    pool: &Pool,
    currency: Currency,
    own: Decimal,
    mut value: impl FnMut(&'static str, &Formula, Decimal) -> Result<Exact, CellFault>,
    droppable: impl FnOnce() -> Result<bool, CellFault>,
) -> Result<PaymentLimits, CellFault> {
    // Rounded down and rounded up.
    let units = |amount: Exact| {
        exact::units(&amount, currency.decimals())
            .ok_or_else(|| CellFault::from(messages::limit_too_large()))
    };
    let at_least = match &pool.at_least {
        None => Money::ZERO,
        Some(formula) => {
            let least = formula.not_negative(value("at_least", formula, own)?)?;
            Money(units(least)?.1)
        }
    };
    let at_most = match &pool.at_most {
        None => None,
        Some(formula) => {
            let most = formula.not_negative(value("at_most", formula, own)?)?;
            Some(Money(units(most)?.0))
        }
    };
    let less = match &pool.less {
        None => Decimal::ZERO,
        Some(formula) => formula.as_decimal(value("less", formula, own)?)?,
    };
    if let Some(most) = at_most.filter(|most| *most < at_least) {
        return Err(messages::limits_reversed(
            &pool.name,
            &currency.grouped(at_least),
            &currency.grouped(most),
        )
        .into());
    }
    Ok(PaymentLimits {
        less,
        at_least,
        at_most,
        droppable: droppable()?,
    })
}
