//! The cells of a claim, as a plan reads them.

use crate::base::diagnostics::{ClaimProblem, Message};

/// Index of a column among those that a plan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// The cells of one row as the plan reads them, without surrounding white space.
pub trait Cells {
    fn cell(&self, column: ColumnId) -> &str;
}

/// A problem with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The column; `None` if the fault concerns the row.
    pub column: Option<ColumnId>,
    /// The code of the message; see [`Message`].
    pub code: &'static str,
    pub problem: String,
    pub hint: Option<String>,
}

impl From<Message> for CellFault {
    /// A fault of the row as a whole.
    fn from(Message { code, text, hint }: Message) -> Self {
        Self {
            column: None,
            code,
            problem: text,
            hint,
        }
    }
}

impl From<CellFault> for ClaimProblem {
    fn from(fault: CellFault) -> Self {
        Self {
            code: fault.code,
            problem: fault.problem,
            hint: fault.hint,
            ..Self::default()
        }
    }
}

impl CellFault {
    pub(crate) fn at(column: ColumnId, message: Message) -> Self {
        Self {
            column: Some(column),
            ..message.into()
        }
    }
}
