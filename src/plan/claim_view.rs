//! A claim as the conditions and formulas of a plan see it: cells, subclasses and
//! named values, each computed when it is first read.

use std::cell::RefCell;

use rust_decimal::Decimal;

use crate::base::diagnostics::OrBug;
use crate::base::exact::Exact;
use crate::plan::Plan;
use crate::plan::cell::{CellFault, Cells, ColumnId, ComputedCell, Facts, ValueId};

/// A claim as a plan sees it.
#[derive(Debug)]
pub(crate) struct ClaimView<'a, C: Cells> {
    plan: &'a Plan,
    cells: &'a C,
    known: &'a RefCell<KnownFacts>,
}

/// The facts that are known of a claim. The memory is reused from claim to claim.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownFacts {
    members: Vec<Option<bool>>,
    values: Vec<Option<Exact>>,
}

impl<'a, C: Cells> ClaimView<'a, C> {
    /// A view of which nothing is known but the cells.
    pub(crate) fn new(plan: &'a Plan, cells: &'a C, known: &'a RefCell<KnownFacts>) -> Self {
        let mut facts = known.borrow_mut();
        facts.members.clear();
        facts.members.resize(plan.subclasses.len(), None);
        facts.values.clear();
        facts.values.resize(plan.values.len(), None);
        drop(facts);
        Self { plan, cells, known }
    }

    /// A view of a single row, which is not a member of subclasses.
    pub(crate) fn of_row(plan: &'a Plan, cells: &'a C, known: &'a RefCell<KnownFacts>) -> Self {
        known.borrow_mut().values.clear();
        known.borrow_mut().values.resize(plan.values.len(), None);
        Self { plan, cells, known }
    }
}

impl<C: Cells> ClaimView<'_, C> {
    /// The value, if a rule has read it and it is not a sum over rows.
    pub(crate) fn worked_out(&self, value: ValueId) -> Option<Exact> {
        self.known.borrow().values.get(value.0).cloned().flatten()
    }
}

impl<C: Cells> Cells for ClaimView<'_, C> {
    #[inline]
    fn cell(&self, column: ColumnId) -> &str {
        self.cells.cell(column)
    }

    #[inline]
    fn computed(&self, column: ColumnId) -> Option<ComputedCell> {
        self.cells.computed(column)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        self.cells.row_value(value)
    }
}

const UNKNOWN: &str = "the plan has no such subclass or value";

impl<C: Cells> Facts for ClaimView<'_, C> {
    fn member(&self, subclass: usize) -> Result<bool, CellFault> {
        let known = self.known.borrow().members.get(subclass).copied();
        if let Some(member) = known.flatten() {
            return Ok(member);
        }
        let rule = self.plan.subclasses.get(subclass).or_bug(UNKNOWN);
        let member = rule.when.holds(self)?;
        let mut known = self.known.borrow_mut();
        *known.members.get_mut(subclass).or_bug(UNKNOWN) = Some(member);
        Ok(member)
    }

    fn value(&self, value: ValueId) -> Result<Exact, CellFault> {
        if let Some(sum) = self.cells.row_value(value) {
            return Ok(sum.into());
        }
        let known = self.known.borrow().values.get(value.0).cloned();
        if let Some(number) = known.flatten() {
            return Ok(number);
        }
        let rule = self.plan.values.get(value.0).or_bug(UNKNOWN);
        let number = if rule.when.holds(self)? {
            rule.formula.value(self, Decimal::ZERO, &mut ())?
        } else {
            Exact::ZERO
        };
        let mut known = self.known.borrow_mut();
        *known.values.get_mut(value.0).or_bug(UNKNOWN) = Some(number.clone());
        Ok(number)
    }
}
