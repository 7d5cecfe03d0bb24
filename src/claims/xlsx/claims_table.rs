//! Converts the rows of a sheet to the rows of a claims file.
//!
//! The first row that is not empty is the header. Empty rows and columns are left
//! out, and the rest is written as CSV. Every cell that cannot be used is recorded
//! with its address.

use anyhow::Result;

use crate::base::csv_text;
use crate::base::diagnostics::{ClaimProblem, Message, literal};
use crate::claims::messages::column_name_with_line_break;
use crate::claims::xlsx::cell_address::{CellAddress, CellArea};
use crate::claims::xlsx::cell_reading::{CellContext, ColumnRole, SheetCellFault};
use crate::claims::xlsx::last_rows::LastSheetRows;
use crate::claims::xlsx::messages;
use crate::claims::xlsx::shared_strings::{MOST_TEXT, too_much};
use crate::claims::xlsx::sheet_cell::{ColumnSpan, SheetCell};
use crate::claims::xlsx::sheet_layout::SheetLayout;
use crate::claims::xlsx::totals_row::{TotalsRowDetector, TotalsRowReason};
use crate::claims::xlsx::warnings::SheetRemarks;
use crate::plan::Plan;

/// Maximum number of damaged cells that are recorded.
const MOST_FAULTS: usize = 10_000;

/// A claims table while it is read from a sheet.
pub(super) struct ClaimsTable<'b> {
    book: &'b CellContext<'b>,
    plan: &'b Plan,
    /// The rows so far, as CSV.
    csv: Vec<u8>,
    layout: SheetLayout,
    /// By column of the header, its role in the plan.
    roles: Vec<ColumnRole>,
    /// By column of the sheet, its index in the header.
    by_column: Vec<Option<usize>>,
    row: CurrentRow,
    totals: TotalsRowDetector,
    last_rows: LastSheetRows,
    /// The column of ids in the sheet.
    id: Option<u32>,
    remarks: SheetRemarks,
    merged: Vec<CellArea>,
    faults: Vec<ClaimProblem>,
    more_faults: bool,
    /// True if so much is damaged that no more rows are read.
    stopped: bool,
}

/// The current row.
#[derive(Debug, Default)]
struct CurrentRow {
    number: u32,
    hidden: bool,
    text: String,
    /// The column and end of each cell.
    cells: Vec<(u32, usize)>,
}

/// The result of reading a table.
pub(super) struct TableFacts {
    /// The rows as CSV, the header first; empty if the sheet is empty.
    pub csv: Vec<u8>,
    /// The positions of the rows.
    pub layout: SheetLayout,
    /// Every cell that cannot be used.
    pub faults: Vec<ClaimProblem>,
    /// Cells for which no more problems are reported.
    pub left_out: Vec<CellArea>,
    /// Matters that deserve a warning but are not errors.
    pub warnings: Vec<String>,
}

impl<'b> ClaimsTable<'b> {
    pub(super) fn new(book: &'b CellContext<'b>, plan: &'b Plan) -> Self {
        Self {
            book,
            plan,
            csv: Vec::new(),
            layout: SheetLayout::default(),
            roles: Vec::new(),
            by_column: Vec::new(),
            row: CurrentRow::default(),
            totals: TotalsRowDetector::default(),
            last_rows: LastSheetRows::default(),
            id: None,
            remarks: SheetRemarks::default(),
            merged: Vec::new(),
            faults: Vec::new(),
            more_faults: false,
            stopped: false,
        }
    }

    /// Processes the description of columns.
    pub(super) fn columns(&mut self, columns: &ColumnSpan) {
        self.remarks.columns(columns);
    }

    /// Processes merged cells.
    pub(super) fn merged(&mut self, area: CellArea) {
        self.merged.push(area);
    }

    pub(super) fn begin_row(&mut self, number: u32, hidden: bool) {
        self.stopped = self.more_faults;
        let row = &mut self.row;
        (row.number, row.hidden) = (number, hidden);
        row.text.clear();
        row.cells.clear();
        self.totals.begin_row();
    }

    /// Processes a cell of the row.
    pub(super) fn cell(&mut self, place: CellAddress, cell: &mut SheetCell) -> Result<()> {
        if self.stopped {
            return Ok(());
        }
        let column = usize::try_from(place.column).unwrap_or(usize::MAX);
        let position = self.by_column.get(column).copied().flatten();
        let role = position.and_then(|position| self.roles.get(position).copied());
        if self.layout.header_row.is_some() && role.is_none() {
            self.outside(place, cell);
            return Ok(());
        }
        let before = self.row.text.len();
        let taken = self.book.text_of(cell, role, &mut self.row.text);
        let fault = match taken {
            Ok(()) => None,
            Err(SheetCellFault::Broken(what)) => {
                let what = format!("cell {} {what}", place.name());
                return Err(messages::damaged(&self.book.file, &what).into());
            }
            Err(SheetCellFault::Cell(message)) => Some(message),
        };
        let text = self.row.text.get(before..).unwrap_or_default();
        let blank = text.trim().is_empty() && fault.is_none();
        if !blank || (cell.has_formula && role == Some(ColumnRole::Unread)) {
            self.totals
                .cell(place, cell, role == Some(ColumnRole::Id), text);
        }
        if blank {
            self.row.text.truncate(before);
            return Ok(());
        }
        match role {
            Some(ColumnRole::Unread) => self.remarks.unread(place, cell, text),
            Some(_) if cell.has_formula => self.remarks.formula(place, cell, text),
            _ => {}
        }
        if let Some(message) = fault {
            self.row.text.truncate(before);
            let data_row = self.layout.header_row.map(|_| self.layout.rows + 1);
            let value = self.book.shown(cell);
            self.note(place, data_row, value, message);
        }
        self.row.cells.push((place.column, self.row.text.len()));
        Ok(())
    }

    /// Processes a cell in a column without a name, which has no effect.
    fn outside(&mut self, place: CellAddress, cell: &SheetCell) {
        let text = self.book.shown(cell);
        if text.trim().is_empty() {
            return;
        }
        if cell.is_text() {
            self.totals.outside(place.column, text);
        }
        self.remarks.nameless(place);
    }

    pub(super) fn end_row(&mut self) -> Result<()> {
        if self.row.cells.is_empty() || self.stopped {
            return Ok(());
        }
        if self.layout.header_row.is_none() {
            self.header();
        } else {
            self.data_row();
        }
        if self.csv.len() > MOST_TEXT {
            return Err(too_much(&self.book.file).into());
        }
        Ok(())
    }

    fn header(&mut self) {
        self.layout.header_row = Some(self.row.number);
        let mut start = 0;
        let mut broken_names = Vec::new();
        let cells = std::mem::take(&mut self.row.cells);
        for (position, &(column, end)) in cells.iter().enumerate() {
            let written = self.row.text.get(start..end).unwrap_or_default().trim();
            start = end;
            let name = on_one_line(written);
            let role = ColumnRole::of(&name, self.plan);
            let broken = name != written && role != ColumnRole::Unread;
            broken_names.extend(broken.then(|| (column, written.to_owned())));
            self.roles.push(role);
            if role == ColumnRole::Id {
                self.id.get_or_insert(column);
            }
            // All names are quoted, so that none can look like the beginning of
            // another type of file.
            push_cell(&mut self.csv, &name, position > 0, true);
            self.layout.columns.push((column, name));
            let number = usize::try_from(column).unwrap_or(0);
            self.by_column.resize(number + 1, None);
            if let Some(place) = self.by_column.last_mut() {
                *place = Some(position);
            }
        }
        self.csv.push(b'\n');
        for (column, written) in broken_names {
            let row = self.row.number;
            let name = format!("the name {}", literal(&written));
            let message = column_name_with_line_break(&name);
            self.note(CellAddress { column, row }, None, &written, message);
        }
    }

    fn data_row(&mut self) {
        let data_row = self.layout.push(self.row.number);
        if self.row.hidden {
            self.remarks.hidden_row(self.row.number);
        }
        let mut start = 0;
        let mut cells = self.row.cells.iter().peekable();
        for (position, (column, _)) in self.layout.columns.iter().enumerate() {
            let mut text = "";
            while let Some(&&(at, end)) = cells.peek().filter(|(at, _)| at <= column) {
                if at == *column {
                    text = self.row.text.get(start..end).unwrap_or_default();
                }
                start = end;
                cells.next();
            }
            // A row with one empty cell would not be a row.
            let quoted = text.is_empty() && self.layout.columns.len() == 1;
            push_cell(&mut self.csv, text, position > 0, quoted);
        }
        self.csv.push(b'\n');
        self.totals.end_row(data_row, self.row.number);
        if let Some(id) = self.id {
            let CurrentRow {
                number,
                text,
                cells,
                ..
            } = &mut self.row;
            self.last_rows.push(data_row, *number, id, text, cells);
        }
    }

    fn note(&mut self, place: CellAddress, row: Option<u64>, value: &str, message: Message) {
        if self.faults.len() >= MOST_FAULTS {
            self.more_faults = true;
            return;
        }
        let column = self.layout.name(place.column);
        self.faults.push(ClaimProblem {
            file: self.book.file.clone(),
            row,
            column: column.map(str::to_owned),
            value: (!value.is_empty()).then(|| value.to_owned()),
            line: Some(place.row.into()),
            place: Some(format!("cell {}", place.name())),
            ..message.into()
        });
    }

    /// Returns the result at the end of the sheet.
    pub(super) fn finish(mut self) -> TableFacts {
        let mut left_out = self.note_merged();
        if let Some(id) = self.id {
            left_out.extend(self.note_totals(id));
            let notes = self.note_notes(id, &left_out);
            left_out.extend(notes);
        }
        if self.more_faults {
            let row = self.layout.row(self.layout.rows);
            // It contains damaged cells, which are blank in the CSV and not
            // recorded.
            left_out.push(CellArea::of_row(row));
            self.faults.push(ClaimProblem {
                file: self.book.file.clone(),
                ..messages::too_many_damaged_cells(MOST_FAULTS, row).into()
            });
        }
        // Problems of the entire sheet come first.
        self.faults.sort_by_key(|fault| fault.row);
        TableFacts {
            warnings: self.remarks.warnings(
                &self.book.name,
                &self.layout,
                self.book.recalculates(),
            ),
            csv: self.csv,
            layout: self.layout,
            faults: self.faults,
            left_out,
        }
    }

    /// Records totals rows. Returns the cells of those that are certain.
    fn note_totals(&mut self, column: u32) -> Vec<CellArea> {
        let mut noted = Vec::new();
        for (data_row, row, seems) in std::mem::take(&mut self.totals).found() {
            if self.more_faults {
                break;
            }
            if seems == TotalsRowReason::Totals {
                self.faults.retain(|fault| fault.row != Some(data_row));
                noted.push(CellArea::of_row(row));
            }
            let place = CellAddress { column, row };
            self.note(place, Some(data_row), "", seems.message());
        }
        noted
    }

    /// Records notes below the table, except rows that are already known. Returns
    /// their cells.
    fn note_notes(&mut self, id: u32, known: &[CellArea]) -> Vec<CellArea> {
        let mut noted = Vec::new();
        if self.more_faults {
            return noted;
        }
        for (data_row, place, note) in std::mem::take(&mut self.last_rows).notes(id) {
            if known.iter().any(|area| area.holds(place.row, Some(id))) {
                continue;
            }
            self.faults.retain(|fault| fault.row != Some(data_row));
            noted.push(CellArea::of_row(place.row));
            self.note(place, Some(data_row), "", note.message);
        }
        noted
    }

    /// Records merged cells in columns that are read, and returns them.
    fn note_merged(&mut self) -> Vec<CellArea> {
        let Some(rows) = self.layout.extent() else {
            return Vec::new();
        };
        let columns = self.layout.columns.iter().zip(&self.roles);
        let read = columns.filter(|(_, role)| **role != ColumnRole::Unread);
        let columns: Vec<u32> = read.map(|((column, _), _)| *column).collect();
        let mut noted = Vec::new();
        for area in std::mem::take(&mut self.merged) {
            let touches = area.first.row <= rows.1
                && area.last.row >= rows.0
                && columns
                    .iter()
                    .any(|column| (area.first.column..=area.last.column).contains(column));
            if !touches {
                continue;
            }
            let data_row = self.layout.data_row(area.first.row);
            let message = messages::cells_merged(&area.name());
            self.note(area.first, data_row, "", message);
            noted.push(area);
        }
        noted
    }
}

/// A name on one line, without its line breaks.
fn on_one_line(name: &str) -> String {
    let lines = name.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// Writes a cell, preceded by a comma unless it is the first.
fn push_cell(csv: &mut Vec<u8>, text: &str, after_another: bool, quoted: bool) {
    if after_another {
        csv.push(b',');
    }
    if quoted {
        csv_text::push_quoted(csv, text.as_bytes());
    } else {
        csv_text::push_bytes(csv, text.as_bytes());
    }
}
