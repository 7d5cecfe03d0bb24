//! The cells of a claim, as a plan reads them.

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
    pub problem: String,
    pub hint: Option<String>,
}

impl CellFault {
    pub fn new(column: ColumnId, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            column: Some(column),
            problem: problem.into(),
            hint: Some(hint.into()),
        }
    }

    /// A fault of the entire row.
    pub fn of_row(problem: impl Into<String>) -> Self {
        Self {
            column: None,
            problem: problem.into(),
            hint: None,
        }
    }
}
