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
use crate::plan::column::{CellFault, Cells};
use crate::plan::formula::{ClaimView, Formula, FormulaTrace};
use crate::plan::{ColumnId, Plan, Pool, StatusMeaning, StatusRule};

pub(crate) use crate::allocate::classes::{
    ClassParticipants, EntitlementClasses, NewClasses, index,
};
pub(crate) use warnings::is_fine;

/// The number of a class of row.
pub(crate) type ClassId = u32;

/// What becomes of a row before any money is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimStatus {
    /// Out by this `[[exclude]]`, numbered in plan order.
    Excluded(usize),
    /// Not paid because of this status, numbered in plan order.
    Denied(usize),
    Payable,
    /// Held because of this status, numbered in plan order.
    Held(usize),
}

impl ClaimStatus {
    /// Whether the claim takes part in the pools.
    pub fn takes_part(self) -> bool {
        matches!(self, Self::Payable | Self::Held(_))
    }
}

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

/// What becomes of the row, and whether a text of the plan met each cell that
/// is compared with texts.
#[derive(Debug, Default)]
pub struct RowFindings {
    /// The columns whose cell no text of the plan matched.
    pub unmatched: Vec<ColumnId>,
    /// Everything that is wrong with the row.
    pub faults: Vec<CellFault>,
}

/// What becomes of a row: checks the cells that must be right on every row,
/// then status and exclusions.
///
/// Exclusions come first, in plan order, then the status (plan reference,
/// "Claims"). `None` when a fault was noted.
pub(crate) fn claim_status(
    plan: &Plan,
    cells: &impl Cells,
    notes: &mut RowFindings,
) -> Option<ClaimStatus> {
    check_texts(plan, cells, notes, |column| {
        column.on_every_row || column.values.is_some()
    });
    let status = status(plan, cells, notes);
    for (number, exclude) in plan.excludes.iter().enumerate() {
        match exclude.when.holds(cells, &[]) {
            Ok(false) => {}
            Ok(true) => return status.map(|_| ClaimStatus::Excluded(number)),
            Err(fault) => {
                note(&mut notes.faults, fault);
                look_for_more(plan, status, cells, notes);
                return None;
            }
        }
    }
    status
}

/// With a row that cannot be used, looks for what else is wrong with it.
fn look_for_more(
    plan: &Plan,
    status: Option<ClaimStatus>,
    cells: &impl Cells,
    notes: &mut RowFindings,
) {
    if let Some(claim_status) = status.filter(|claim_status| claim_status.takes_part()) {
        check_claim_texts(plan, cells, notes);
        RowOutcome::default().claim(plan, claim_status, cells, notes);
    }
}

fn status(plan: &Plan, cells: &impl Cells, notes: &mut RowFindings) -> Option<ClaimStatus> {
    let StatusRule::Column { column, meanings } = &plan.claims.status else {
        return Some(ClaimStatus::Payable);
    };
    let cell = cells.cell(*column);
    let known = meanings
        .iter()
        .enumerate()
        .find(|(_, (text, _))| text == cell);
    let Some((number, (_, meaning))) = known else {
        note(&mut notes.faults, unknown_status(*column, cell, meanings));
        return None;
    };
    Some(match meaning {
        StatusMeaning::Pay => ClaimStatus::Payable,
        StatusMeaning::Hold => ClaimStatus::Held(number),
        StatusMeaning::Deny => ClaimStatus::Denied(number),
    })
}

fn unknown_status(column: ColumnId, cell: &str, meanings: &[(String, StatusMeaning)]) -> CellFault {
    use crate::base::diagnostics::{listing, literal, nearest};
    let known: Vec<&str> = meanings.iter().map(|(text, _)| text.as_str()).collect();
    let problem = if cell.is_empty() {
        "the status is blank, and the plan does not say what that means".to_owned()
    } else {
        format!(
            "unknown status {}: the plan does not name it",
            literal(cell)
        )
    };
    let hint = match nearest(cell, known.iter().copied()) {
        Some(near) if !cell.is_empty() && !near.is_empty() => {
            format!("did you mean {}?", literal(near))
        }
        _ => format!(
            "the plan names {}; add it to `pay`, `hold` or `deny`",
            listing(&known)
        ),
    };
    CellFault::new(column, problem, hint)
}

/// Checks the cells that are compared with texts, whether or not a condition
/// will read them.
fn check_texts(
    plan: &Plan,
    cells: &impl Cells,
    notes: &mut RowFindings,
    wanted: impl Fn(&crate::plan::Column) -> bool,
) {
    let status = match &plan.claims.status {
        StatusRule::Column { column, .. } => Some(*column),
        _ => None,
    };
    for (id, column) in plan.columns.iter() {
        let compared = column.values.is_some() || !column.texts.is_empty();
        if !compared || !wanted(column) || (Some(id) == status && column.values.is_none()) {
            continue;
        }
        match column.check(id, cells.cell(id)) {
            Err(fault) => note(&mut notes.faults, fault),
            Ok(false) if column.compared => notes.unmatched.push(id),
            Ok(_) => {}
        }
    }
}

fn note(faults: &mut Vec<CellFault>, fault: CellFault) {
    // One fault for each cell is enough to find it.
    let known = faults.iter().any(|other| match fault.column {
        Some(column) => other.column == Some(column),
        None => *other == fault,
    });
    if !known {
        faults.push(fault);
    }
}

/// Checks the texts that only matter on payable and held rows.
pub(crate) fn check_claim_texts(plan: &Plan, cells: &impl Cells, notes: &mut RowFindings) {
    check_texts(plan, cells, notes, |column| {
        !(column.on_every_row || column.values.is_some())
    });
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
                Err(fault) => note(&mut notes.faults, fault),
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
                    note(&mut notes.faults, fault);
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
            note(&mut notes.faults, fault);
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
