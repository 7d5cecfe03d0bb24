//! The cells of a claim, as a plan reads them.

use rust_decimal::Decimal;

use crate::base::dates::Date;
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

/// The part of the data for which a value is computed, if not a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueScope {
    /// A row of the claims file.
    Row,
    /// A lot of matched trades.
    Lot,
}

/// The kind of cells of a column that the program computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    Text,
    Number,
    Day,
    /// A day with a time and an offset, which no computed column holds.
    Moment,
}

/// A cell that the program computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComputedCell {
    Number(Exact),
    Day(Date),
}

/// The cells of one row as the plan reads them, without surrounding white space.
pub trait Cells {
    /// The text of a cell; of a computed cell, any text that is not blank.
    fn cell(&self, column: ColumnId) -> &str;

    /// The cell, if it is not a text of a file but a number or a day that the program
    /// computed; `None` for a blank one, too.
    #[inline]
    fn computed(&self, _: ColumnId) -> Option<ComputedCell> {
        None
    }

    /// A hash of all cells of the row, also of those that the plan does not read.
    fn digest(&self) -> u64 {
        0
    }

    /// True if the file does not have the column.
    fn lacks(&self, _: ColumnId) -> bool {
        false
    }

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

    #[inline]
    fn computed(&self, column: ColumnId) -> Option<ComputedCell> {
        (**self).computed(column)
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

    #[inline]
    fn computed(&self, column: ColumnId) -> Option<ComputedCell> {
        self.facts.computed(column)
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
