//! The places of rows: in worksheets they are named as in a spreadsheet, in CSV files
//! they have a line.

use std::collections::HashSet;

use crate::base::diagnostics::ClaimProblem;
use crate::claims::row_lines::RowLines;
use crate::claims::xlsx::SheetFacts;
use crate::claims::xlsx::cell_address::CellArea;
use crate::claims::xlsx::sheet_layout::SheetLayout;

/// The places of the rows that were read.
#[derive(Debug, Default)]
pub(crate) struct RowPlaces {
    /// The sheets, in the order of their rows.
    sheets: Vec<NumberedSheet>,
    pub lines: RowLines,
}

#[derive(Debug)]
struct NumberedSheet {
    /// The number of data rows before the sheet.
    before: u64,
    header: String,
    layout: SheetLayout,
    /// Cells that could not be read, by row and column.
    damaged: HashSet<(u64, Option<String>)>,
    /// Cells for which no more problems are reported.
    left_out: Vec<CellArea>,
    /// The damaged cells with their problems, unless reported already.
    faults: std::iter::Peekable<std::vec::IntoIter<ClaimProblem>>,
}

impl RowPlaces {
    /// Starts a sheet that follows `before` data rows. Returns problems of the
    /// sheet as a whole.
    pub(crate) fn begin(&mut self, before: u64, facts: SheetFacts) -> Vec<ClaimProblem> {
        let mut faults = facts.faults;
        for fault in &mut faults {
            fault.row = fault.row.map(|row| row + before);
        }
        let of_cells = faults.split_off(faults.partition_point(|fault| fault.row.is_none()));
        let cell = |fault: &ClaimProblem| Some((fault.row?, fault.column.clone()));
        self.sheets.push(NumberedSheet {
            before,
            header: facts.header,
            layout: facts.layout,
            left_out: facts.left_out,
            damaged: of_cells.iter().filter_map(cell).collect(),
            faults: of_cells.into_iter().peekable(),
        });
        faults
    }

    /// Describes which row of the latest sheet is the header.
    pub(crate) fn header(&self) -> Option<&str> {
        self.sheets.last().map(|sheet| sheet.header.as_str())
    }

    /// The sheet that contains a data row, counted from 1 over all files, and the
    /// row number in the sheet.
    fn of_row(&self, row: u64) -> Option<(&NumberedSheet, u64)> {
        let mut sheets = self.sheets.iter().rev();
        let sheet = sheets.find(|sheet| sheet.before < row)?;
        let of_sheet = row - sheet.before;
        (of_sheet <= sheet.layout.rows).then_some((sheet, of_sheet))
    }

    /// The spreadsheet's name for a cell, or for a row; `None` if the row is not in
    /// a sheet.
    pub(crate) fn place(&self, row: u64, column: Option<&str>) -> Option<String> {
        let (sheet, of_sheet) = self.of_row(row)?;
        Some(sheet.layout.place(of_sheet, column))
    }

    /// The place of a row, by index: its cell in a sheet, or the row number.
    pub(crate) fn place_or_row(&self, row: u32, column: &str) -> String {
        let row = u64::from(row) + 1;
        let place = self.place(row, Some(column));
        place.unwrap_or_else(|| format!("row {row}"))
    }

    /// The name of a data row in a sentence.
    pub(crate) fn row_name(&self, row: u64) -> String {
        match self.of_row(row) {
            Some((sheet, of_sheet)) => format!("row {} of the sheet", sheet.layout.row(of_sheet)),
            None => format!("row {row}"),
        }
    }

    /// Adds the line to a problem, and the cell reference to one in a sheet.
    pub(crate) fn locate(&self, problem: ClaimProblem) -> ClaimProblem {
        let Some(row) = problem.row.filter(|_| problem.place.is_none()) else {
            return problem;
        };
        match self.of_row(row) {
            Some((sheet, of_sheet)) => ClaimProblem {
                line: Some(sheet.layout.row(of_sheet).into()),
                place: Some(sheet.layout.place(of_sheet, problem.column.as_deref())),
                ..problem
            },
            None => ClaimProblem {
                line: problem.line.or_else(|| self.lines.line(row - 1)),
                ..problem
            },
        }
    }

    /// True if more problems of the cell may be reported.
    fn is_new(&self, problem: &ClaimProblem) -> bool {
        let Some((sheet, of_sheet)) = problem.row.and_then(|row| self.of_row(row)) else {
            return true;
        };
        let cell = (problem.row.unwrap_or(0), problem.column.clone());
        let row = sheet.layout.row(of_sheet);
        let column = sheet.layout.column(problem.column.as_deref());
        let left_out = sheet.left_out.iter().any(|area| area.holds(row, column));
        !left_out && !sheet.damaged.contains(&cell)
    }

    /// All problems of rows up to this one, including damaged cells. A cell that
    /// could not be read is reported once.
    pub(crate) fn complete(&mut self, found: Vec<ClaimProblem>, until: u64) -> Vec<ClaimProblem> {
        if self.sheets.is_empty() {
            return found;
        }
        let new = found.into_iter().filter(|problem| self.is_new(problem));
        let others: Vec<ClaimProblem> = new.map(|problem| self.locate(problem)).collect();
        let mut all = Vec::new();
        if let Some(sheet) = self.sheets.last_mut() {
            let due = |fault: &ClaimProblem| fault.row.is_none_or(|row| row <= until);
            while let Some(fault) = sheet.faults.next_if(due) {
                all.push(fault);
            }
        }
        all.extend(others);
        all.sort_by_key(|problem| problem.row);
        all
    }
}
