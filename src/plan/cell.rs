//! The cells of a claim, as a plan reads them.

use rust_decimal::Decimal;

use crate::base::diagnostics::{ClaimProblem, Message};
use crate::base::exact::Exact;

/// Index of a column among those that a plan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// Index of a named value among those of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

/// A source of numbers, which formulas and conditions read by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberSource {
    Column(ColumnId),
    /// A named value.
    Value(ValueId),
}

/// The cells of one row as the plan reads them, without surrounding white space.
pub trait Cells {
    fn cell(&self, column: ColumnId) -> &str;

    /// A value per row, if it is already known, as after the rows of a claimant are
    /// added up; `None` if it is computed from the cells.
    fn row_value(&self, _: ValueId) -> Option<Decimal> {
        None
    }
}

impl<C: Cells + ?Sized> Cells for &C {
    fn cell(&self, column: ColumnId) -> &str {
        (**self).cell(column)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        (**self).row_value(value)
    }
}

/// The facts of a claim that conditions and formulas may read.
pub trait Facts: Cells {
    /// Membership in a subclass, by index in plan order.
    fn member(&self, subclass: usize) -> Result<bool, CellFault>;

    fn value(&self, value: ValueId) -> Result<Exact, CellFault>;

    /// The payment of an earlier pool in currency, if it is known.
    fn paid(&self, _: usize) -> Exact {
        Exact::ZERO
    }
}

/// The facts of a claim after earlier pools have been divided.
pub(crate) struct PaidFacts<'a, F: Facts> {
    pub facts: &'a F,
    /// The payments of the earlier pools, in currency.
    pub paid: &'a [Exact],
}

impl<F: Facts> Cells for PaidFacts<'_, F> {
    fn cell(&self, column: ColumnId) -> &str {
        self.facts.cell(column)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        self.facts.row_value(value)
    }
}

impl<F: Facts> Facts for PaidFacts<'_, F> {
    fn member(&self, subclass: usize) -> Result<bool, CellFault> {
        self.facts.member(subclass)
    }

    fn value(&self, value: ValueId) -> Result<Exact, CellFault> {
        self.facts.value(value)
    }

    fn paid(&self, pool: usize) -> Exact {
        self.paid.get(pool).cloned().unwrap_or(Exact::ZERO)
    }
}

/// A problem with a cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CellFault {
    /// The column; `None` if the fault concerns the row.
    pub column: Option<ColumnId>,
    pub message: Message,
}

impl From<Message> for CellFault {
    /// A fault of the row as a whole.
    fn from(message: Message) -> Self {
        Self {
            column: None,
            message,
        }
    }
}

impl From<CellFault> for ClaimProblem {
    fn from(fault: CellFault) -> Self {
        fault.message.into()
    }
}

impl CellFault {
    pub(crate) fn at(column: ColumnId, message: Message) -> Self {
        Self {
            column: Some(column),
            message,
        }
    }
}
