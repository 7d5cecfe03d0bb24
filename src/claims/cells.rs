//! The cells of a row that the plan reads.

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug;
use crate::plan::ColumnId;
use crate::plan::cell::Cells;

const MISSING: &str = "a cell is read that was not kept";

/// The cells that the plan reads of one row, end to end in one text. No cell
/// has a NUL, so that one between cells keeps them apart.
#[derive(Debug, Default)]
pub struct RowCells {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Cells for RowCells {
    fn cell(&self, column: ColumnId) -> &str {
        let (start, end) = *self.ends.get(column.0).or_bug(MISSING);
        self.text.get(start..end).or_bug(MISSING)
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

    /// A cell and those after it, and how many bytes it has.
    pub fn from(&self, number: usize) -> (&[u8], usize) {
        let (start, end) = *self.ends.get(number).or_bug(MISSING);
        let text = self.text.as_bytes().get(start..).or_bug(MISSING);
        (text, end - start)
    }
}

/// The cells of many rows, in one text like that of a row.
#[derive(Debug, Default)]
pub struct PackedRows {
    text: String,
    /// Where each cell ends; all rows have as many cells. A block of claims is
    /// much smaller than what 32 bits can count.
    ends: Vec<u32>,
    columns: usize,
}

/// The cells of one row among many.
#[derive(Debug, Clone, Copy)]
pub struct PackedRow<'a> {
    many: &'a PackedRows,
    first: usize,
}

impl Cells for PackedRow<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        self.text(column)
    }
}

impl<'a> PackedRow<'a> {
    /// The cell of a column.
    pub fn text(&self, column: ColumnId) -> &'a str {
        (column.0 < self.many.columns).then_some(()).or_bug(MISSING);
        let place = self.first + column.0;
        let range = self.many.start(place)..self.many.start(place + 1).saturating_sub(1);
        self.many.text.get(range).or_bug(MISSING)
    }

    /// The first so many cells but the very first, each before a NUL: what
    /// tells the row from others whose ids do not matter.
    pub fn after_first(&self, columns: usize) -> &'a str {
        let range = self.many.start(self.first + 1)..self.many.start(self.first + columns);
        self.many.text.get(range).or_bug(MISSING)
    }
}

impl PackedRows {
    /// Adds the cells of a row.
    pub fn push(&mut self, row: &RowCells) {
        let before = self.text.len();
        self.text.push_str(&row.text);
        let ends = row.ends.iter();
        self.ends
            .extend(ends.map(|(_, end)| u32::try_from(before + end).ok().or_bug(MISSING)));
        self.columns = row.ends.len();
    }

    /// Where a cell begins: after the NUL after the cell before it.
    fn start(&self, cell: usize) -> usize {
        let before = cell.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| index(*end) + 1)
    }

    /// Gives back memory that is not needed.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let taken = Self {
            text: self.text.as_str().to_owned(),
            ends: self.ends.as_slice().to_vec(),
            columns: self.columns,
        };
        self.text.clear();
        self.ends.clear();
        taken
    }

    /// The cells of the row that was added as this number, from 0.
    pub fn row(&self, number: usize) -> PackedRow<'_> {
        PackedRow {
            many: self,
            first: number * self.columns,
        }
    }
}
