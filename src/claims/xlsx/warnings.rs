//! Warnings about a sheet, for the summary.

use std::collections::BTreeMap;

use crate::base::diagnostics::{count, whole_literal};
use crate::claims::ids::validity;
use crate::claims::xlsx::cell_address::{CellAddress, letters};
use crate::claims::xlsx::number;
use crate::claims::xlsx::sheet_cell::{CellType, ColumnSpan, SheetCell};
use crate::claims::xlsx::sheet_layout::SheetLayout;

/// Remarks collected so far.
#[derive(Debug, Default)]
pub(super) struct SheetRemarks {
    hidden_rows: HiddenRows,
    hidden_columns: Vec<ColumnSpan>,
    /// Columns without a name that contain cells: the first cell of each.
    nameless: Vec<CellAddress>,
    /// The number of error values in columns that are not read, and the first.
    errors: u64,
    first_error: Option<CellAddress>,
    /// By column that is read, the number of formulas, and the number of those with
    /// value 0.
    formulas: BTreeMap<u32, (u64, u64)>,
}

#[derive(Debug, Default)]
struct HiddenRows {
    count: u64,
    first: u32,
}

impl SheetRemarks {
    /// Processes the description of columns.
    pub(super) fn columns(&mut self, columns: &ColumnSpan) {
        if columns.hidden {
            self.hidden_columns.push(ColumnSpan { ..*columns });
        }
    }

    /// Records a hidden data row.
    pub(super) fn hidden_row(&mut self, row: u32) {
        if self.hidden_rows.count == 0 {
            self.hidden_rows.first = row;
        }
        self.hidden_rows.count += 1;
    }

    /// Records a filled cell without a named column.
    pub(super) fn nameless(&mut self, place: CellAddress) {
        let mut nameless = self.nameless.iter();
        if !nameless.any(|known| known.column == place.column) {
            self.nameless.push(place);
        }
    }

    /// Records a cell of an unread column.
    pub(super) fn unread(&mut self, place: CellAddress, cell: &SheetCell, text: &str) {
        if cell.kind == CellType::Error || validity::is_spreadsheet_error(text) {
            self.errors += 1;
            self.first_error.get_or_insert(place);
        }
    }

    /// Records a formula in a column that is read, with its value.
    pub(super) fn formula(&mut self, place: CellAddress, cell: &SheetCell, text: &str) {
        let is_zero = cell.kind == CellType::Number && number::significant(text) == 0;
        let (formulas, zeros) = self.formulas.entry(place.column).or_default();
        *formulas += 1;
        *zeros += u64::from(is_zero);
    }

    /// All warnings about the sheet, in the workbook with this name, which may
    /// request recalculation when it is opened.
    pub(super) fn warnings(
        &self,
        name: &str,
        layout: &SheetLayout,
        on_opening: bool,
    ) -> Vec<String> {
        let hidden = [self.of_hidden_rows(), self.of_hidden_columns(layout)];
        let others = [self.of_nameless(), self.of_errors()];
        let all = hidden.into_iter().chain(others).flatten();
        all.chain(self.of_zeros(layout))
            .chain(self.of_saved(layout).into_iter().filter(|_| on_opening))
            .map(|warning| format!("in {name}, {warning}"))
            .collect()
    }

    fn of_hidden_rows(&self) -> Option<String> {
        let rows = match self.hidden_rows.count {
            0 => return None,
            rows => count(rows, "row is", "rows are"),
        };
        Some(format!(
            "{rows} hidden in the spreadsheet but included (first: row {})",
            self.hidden_rows.first
        ))
    }

    fn of_hidden_columns(&self, layout: &SheetLayout) -> Option<String> {
        let is_hidden = |column: &u32| {
            let mut hidden = self.hidden_columns.iter();
            hidden.any(|columns| (columns.first..=columns.last).contains(column))
        };
        let columns = layout.columns.iter().map(|(column, _)| *column);
        let hidden: Vec<u32> = columns.filter(is_hidden).collect();
        let columns = count(hidden.len(), "column is", "columns are");
        let first = letters(*hidden.first()?);
        Some(format!(
            "{columns} hidden in the spreadsheet but read (first: column {first})"
        ))
    }

    fn of_nameless(&self) -> Option<String> {
        let first = self.nameless.first()?.name();
        let columns = count(
            self.nameless.len(),
            "column has cells but no name in the header, and is",
            "columns have cells but no name in the header, and are",
        );
        Some(format!("{columns} not read (first cell: {first})"))
    }

    fn of_errors(&self) -> Option<String> {
        let first = self.first_error?.name();
        let cells = count(
            self.errors,
            "cell has an error value",
            "cells have error values",
        );
        Some(format!(
            "{cells} in columns that are not read (first: {first})"
        ))
    }

    /// A program may have changed other cells and left the old values.
    fn of_saved(&self, layout: &SheetLayout) -> Vec<String> {
        let columns = self.formulas.iter().map(|(column, (formulas, _))| {
            let (are, them) = if *formulas == 1 { ("formula is", "its saved value was") } else { ("formulas are", "their saved values were") };
            format!(
                "{formulas} {are} marked for recalculation in column {}; {them} read; if other cells have changed since, recalculate everything in the spreadsheet and save the file",
                whole_literal(layout.name(*column).unwrap_or_default())
            )
        });
        columns.collect()
    }

    /// Programs that do not calculate write 0, and some spreadsheets save it as if
    /// it were calculated.
    fn of_zeros(&self, layout: &SheetLayout) -> Vec<String> {
        let all_zero = self.formulas.iter();
        let all_zero = all_zero.filter(|(_, (formulas, zeros))| *formulas > 1 && formulas == zeros);
        let words = all_zero.map(|(column, (formulas, _))| {
            format!(
                "all {formulas} formulas of column {} have the value 0; if that is wrong, recalculate everything in the spreadsheet (Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 in LibreOffice) and save the file",
                whole_literal(layout.name(*column).unwrap_or_default())
            )
        });
        words.collect()
    }
}
