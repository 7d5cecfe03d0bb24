//! The last rows of a sheet, which may be notes below the table.

use std::collections::VecDeque;

use crate::claims::notes_below::{self, KEPT_ROWS, LastRow, NotAClaim, RowsAbove};
use crate::claims::xlsx::cell_address::CellAddress;

/// The last rows so far, and facts about the rows above them.
#[derive(Debug, Default)]
pub(super) struct LastSheetRows {
    rows: VecDeque<FinishedRow>,
    above: RowsAbove,
    rows_above: u64,
    /// A discarded row whose memory is reused.
    spare: FinishedRow,
    last: u32,
}

/// A row of the table.
#[derive(Debug, Default)]
struct FinishedRow {
    data_row: u64,
    /// The row in the sheet.
    row: u32,
    after_gap: bool,
    text: String,
    /// The column and end of each cell.
    cells: Vec<(u32, usize)>,
}

impl FinishedRow {
    /// The id and the other cells.
    fn split(&self, id: u32) -> (&str, Vec<&str>) {
        let mut start = 0;
        let mut found = "";
        let mut others = Vec::with_capacity(self.cells.len());
        for &(column, end) in &self.cells {
            let text = self.text.get(start..end).unwrap_or_default().trim();
            start = end;
            if column == id {
                found = text;
            } else {
                others.push(text);
            }
        }
        (found, others)
    }
}

impl LastSheetRows {
    /// Takes a data row at this row of the sheet, and returns memory for the next.
    pub(super) fn push(
        &mut self,
        data_row: u64,
        row: u32,
        id: u32,
        text: &mut String,
        cells: &mut Vec<(u32, usize)>,
    ) {
        let mut ended = std::mem::take(&mut self.spare);
        (ended.data_row, ended.row) = (data_row, row);
        ended.after_gap = self.last > 0 && row > self.last + 1;
        self.last = row;
        std::mem::swap(&mut ended.text, text);
        std::mem::swap(&mut ended.cells, cells);
        self.rows.push_back(ended);
        if self.rows.len() > KEPT_ROWS
            && let Some(row) = self.rows.pop_front()
        {
            let (id, others) = row.split(id);
            self.above.add(id, others.len());
            self.rows_above += 1;
            self.spare = row;
        }
    }

    /// The rows that are not claims: the data row, the cell of its id, and the
    /// reason.
    pub(super) fn notes(self, id: u32) -> Vec<(u64, CellAddress, NotAClaim)> {
        let mut last = Vec::new();
        for row in &self.rows {
            let (id, others) = row.split(id);
            last.push(LastRow {
                id,
                others,
                after_gap: row.after_gap,
            });
        }
        let found = notes_below::at_the_end(&last, self.rows_above, self.above);
        let placed = |note: NotAClaim| {
            let row = self.rows.get(note.place)?;
            let place = CellAddress {
                column: id,
                row: row.row,
            };
            Some((row.data_row, place, note))
        };
        found.into_iter().filter_map(placed).collect()
    }
}
