//! The cells of a row that the plan reads.

use crate::plan::ColumnId;
use crate::plan::column::Cells;

/// The cells that the plan reads of one row, end to end in one text. No cell
/// has a NUL, so that one between cells keeps them apart.
#[derive(Debug, Default)]
pub struct RowCells {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Cells for RowCells {
    fn cell(&self, column: ColumnId) -> &str {
        let (start, end) = self.ends.get(column.0).copied().unwrap_or((0, 0));
        self.text.get(start..end).unwrap_or_default()
    }
}

impl RowCells {
    /// Forgets the row before.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds the cell of the next column of the plan; `doubled` says that it has
    /// doubled quotes.
    pub fn push(&mut self, cell: &str, doubled: bool) {
        let start = self.text.len();
        let cell = cell.trim();
        if doubled {
            self.text.push_str(&cell.replace("\"\"", "\""));
        } else {
            self.text.push_str(cell);
        }
        self.ends.push((start, self.text.len()));
        self.text.push('\0');
    }

    /// All cells.
    pub fn all(&self) -> &str {
        &self.text
    }

    /// All cells but the first, which is the id.
    pub fn after_id(&self) -> &str {
        let (_, end) = self.ends.first().copied().unwrap_or((0, 0));
        self.text.get(end..).unwrap_or_default()
    }
}
