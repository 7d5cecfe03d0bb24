//! The cells of a claim, as a plan reads them.

/// The number of a column among those that a plan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// The cells of one row, as the plan sees them: without the white space
/// around them.
pub trait Cells {
    fn cell(&self, column: ColumnId) -> &str;
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The column, or `None` when the row as a whole is at fault.
    pub column: Option<ColumnId>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
}

impl CellFault {
    /// A fault of one cell.
    pub fn new(column: ColumnId, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            column: Some(column),
            problem: problem.into(),
            hint: Some(hint.into()),
        }
    }

    /// A fault of the row as a whole.
    pub fn of_row(problem: impl Into<String>) -> Self {
        Self {
            column: None,
            problem: problem.into(),
            hint: None,
        }
    }
}
