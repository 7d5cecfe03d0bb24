//! The cells of a row that the plan reads.

use rust_decimal::Decimal;

use crate::base::compact_column::index;
use crate::base::decimal;
use crate::base::diagnostics::OrBug;
use crate::plan::cell::Cells;
use crate::plan::{ColumnId, ValueId};

const MISSING: &str = "a cell was read but not kept";

/// The cells of one row that the plan reads, in one text. They are separated by
/// NUL, which no cell contains.
#[derive(Debug, Default)]
pub struct RowCells {
    text: String,
    ends: Vec<(usize, usize)>,
    /// The values per row, or sums of values per lot, if they have been computed.
    pub values: Vec<(ValueId, Decimal)>,
    /// A hash of all cells, if they are compared.
    pub digest: u64,
    /// The columns that the file does not have.
    absent: Vec<ColumnId>,
}

impl Cells for RowCells {
    fn cell(&self, column: ColumnId) -> &str {
        let (start, end) = *self.ends.get(column.0).or_bug(MISSING);
        self.text.get(start..end).or_bug(MISSING)
    }

    fn digest(&self) -> u64 {
        self.digest
    }

    fn lacks(&self, column: ColumnId) -> bool {
        self.absent.contains(&column)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        let known = self.values.iter().find(|(id, _)| *id == value);
        known.map(|(_, number)| *number)
    }
}

/// The cell without surrounding white space, which few cells have.
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
    /// A row of blank cells.
    pub fn blank(&mut self, columns: usize) {
        self.clear();
        (0..columns).for_each(|_| self.push_whole(""));
    }

    /// Adds a cell as it is.
    pub fn push_whole(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.ends.push((start, self.text.len()));
        self.text.push('\0');
    }

    /// Adds a number as a cell.
    pub fn push_number(&mut self, number: Decimal) {
        let start = self.text.len();
        decimal::push_text(&mut self.text, number);
        self.ends.push((start, self.text.len()));
        self.text.push('\0');
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.values.clear();
        self.absent.clear();
    }

    /// Adds the cell of a column that the file does not have.
    pub fn push_absent(&mut self) {
        self.absent.push(ColumnId(self.ends.len()));
        self.push_whole("");
    }

    /// Takes what is known of the row as a whole from another form of it.
    pub fn is_row_of(&mut self, other: &Self) {
        self.digest = other.digest;
        self.absent.clone_from(&other.absent);
    }

    /// Adds the cell of the plan's next column; `doubled` is true if it contains
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

    /// The text from a cell on, and the length of the cell in bytes.
    pub fn from(&self, number: usize) -> (&[u8], usize) {
        let (start, end) = *self.ends.get(number).or_bug(MISSING);
        let text = self.text.as_bytes().get(start..).or_bug(MISSING);
        (text, end - start)
    }
}

/// The cells of many rows, in one text.
#[derive(Debug, Default)]
pub struct PackedRows {
    text: String,
    /// The end of each cell; all rows have the same number of cells. A block of
    /// claims is much smaller than 4 GiB.
    ends: Vec<u32>,
    columns: usize,
    /// The values per row; all rows have the same values.
    values: Vec<(ValueId, Decimal)>,
    values_of_row: usize,
}

/// The cells of one of many rows.
#[derive(Debug, Clone, Copy)]
pub struct PackedRow<'a> {
    many: &'a PackedRows,
    first: usize,
    values: &'a [(ValueId, Decimal)],
}

impl Cells for PackedRow<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        self.text(column)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        let known = self.values.iter().find(|(id, _)| *id == value);
        known.map(|(_, number)| *number)
    }
}

impl<'a> PackedRow<'a> {
    pub fn text(&self, column: ColumnId) -> &'a str {
        (column.0 < self.many.columns).then_some(()).or_bug(MISSING);
        let place = self.first + column.0;
        let range = self.many.start(place)..self.many.start(place + 1).saturating_sub(1);
        self.many.text.get(range).or_bug(MISSING)
    }

    /// The first `columns` cells except the very first, each preceded by NUL: the
    /// key of a row whose id does not matter.
    pub fn after_first(&self, columns: usize) -> &'a str {
        let range = self.many.start(self.first + 1)..self.many.start(self.first + columns);
        self.many.text.get(range).or_bug(MISSING)
    }
}

impl PackedRows {
    pub fn len(&self) -> usize {
        self.ends.len().checked_div(self.columns).unwrap_or(0)
    }

    pub fn push(&mut self, row: &RowCells) {
        let before = self.text.len();
        self.text.push_str(&row.text);
        let ends = row.ends.iter();
        self.ends
            .extend(ends.map(|(_, end)| u32::try_from(before + end).ok().or_bug(MISSING)));
        self.columns = row.ends.len();
        self.values.extend_from_slice(&row.values);
        self.values_of_row = row.values.len();
    }

    /// The start of a cell: after the NUL that follows the previous cell.
    fn start(&self, cell: usize) -> usize {
        let before = cell.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| index(*end) + 1)
    }

    /// Takes the rows and frees unused memory.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let taken = Self {
            text: self.text.as_str().to_owned(),
            ends: self.ends.as_slice().to_vec(),
            columns: self.columns,
            values: self.values.as_slice().to_vec(),
            values_of_row: self.values_of_row,
        };
        self.text.clear();
        self.ends.clear();
        self.values.clear();
        taken
    }

    /// The cells of the row with this index. After the last row, none can be read.
    pub fn row(&self, number: usize) -> PackedRow<'_> {
        let first_value = number * self.values_of_row;
        let values = self
            .values
            .get(first_value..first_value + self.values_of_row);
        PackedRow {
            many: self,
            first: number * self.columns,
            values: values.unwrap_or_default(),
        }
    }
}
