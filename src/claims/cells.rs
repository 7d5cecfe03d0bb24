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

/// The cell without the white space around it, which few have.
fn trimmed(cell: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    let bytes = cell.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) {
        cell
    } else {
        cell.trim()
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
        let cell = trimmed(cell);
        if doubled {
            self.text.push_str(&cell.replace("\"\"", "\""));
        } else {
            self.text.push_str(cell);
        }
        self.ends.push((start, self.text.len()));
        self.text.push('\0');
    }

    /// The first so many cells; with the very first, the id, or without.
    pub fn first(&self, columns: usize, with_id: bool) -> &str {
        let end_of = |number: usize| self.ends.get(number).map_or(0, |(_, end)| *end);
        let start = if with_id { 0 } else { end_of(0) };
        self.text
            .get(start..end_of(columns.saturating_sub(1)))
            .unwrap_or_default()
    }
}

/// The cells of many rows.
#[derive(Debug, Default)]
pub struct ManyCells {
    text: String,
    /// Of each row, where its cells lie; all rows have as many.
    ends: Vec<(usize, usize)>,
    columns: usize,
}

/// The cells of one row among many.
#[derive(Debug, Clone, Copy)]
pub struct OneOfMany<'a> {
    many: &'a ManyCells,
    first: usize,
}

impl Cells for OneOfMany<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        let place = (column.0 < self.many.columns).then_some(self.first + column.0);
        let place = place.and_then(|place| self.many.ends.get(place).copied());
        let (start, end) = place.unwrap_or((0, 0));
        self.many.text.get(start..end).unwrap_or_default()
    }
}

impl ManyCells {
    /// Adds the cells of a row.
    pub fn push(&mut self, row: &RowCells) {
        let before = self.text.len();
        self.text.push_str(&row.text);
        let moved = |(start, end): &(usize, usize)| (before + start, before + end);
        self.ends.extend(row.ends.iter().map(moved));
        self.columns = row.ends.len();
    }

    /// The cells of the row that was added as this number, from 0.
    pub fn row(&self, number: usize) -> OneOfMany<'_> {
        OneOfMany {
            many: self,
            first: number * self.columns,
        }
    }
}
