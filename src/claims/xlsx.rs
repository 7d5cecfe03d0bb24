//! Claims in a workbook (`.xlsx`): one sheet is converted to CSV and then read like
//! any other claims file.
//!
//! This module expands the workbook and reads its XML without a spreadsheet
//! library, because those return binary numbers and lose the digits in the file.
//! The file is in memory as a whole, so the hashed bytes are the bytes that are
//! read.
//!
//! - `package.rs` finds the parts of the workbook, `xml.rs` reads them, and
//!   `read_ahead.rs` expands them in parallel;
//! - `tabs.rs` chooses the sheet; `shared_strings.rs` and `number_formats.rs` hold
//!   data that its cells refer to;
//! - `sheet.rs` reads the rows, `cells.rs` converts cells to text (with `number.rs`
//!   and `dates.rs`), and `table.rs` converts rows to CSV, records the position of
//!   each row (`layout.rs`), and reports damage; `totals_row.rs` finds totals rows
//!   (with `formula.rs`), `last_rows.rs` notes below the table, and `warnings.rs`
//!   collects warnings.

pub(crate) mod cell_address;
mod cell_reading;
mod claims_table;
mod dates;
mod formula;
mod last_rows;
pub(crate) mod messages;
pub(crate) mod number;
mod number_formats;
mod package;
mod read_ahead;
mod shared_strings;
mod sheet_cell;
pub(crate) mod sheet_layout;
mod sheet_reader;
mod totals_row;
mod warnings;
mod workbook_sheets;
mod xml;

use anyhow::Result;

use crate::base::diagnostics::{ClaimProblem, literal};
use crate::claims::xlsx::cell_address::CellArea;
use crate::claims::xlsx::cell_reading::CellContext;
use crate::claims::xlsx::claims_table::ClaimsTable;
use crate::claims::xlsx::number_formats::NumberFormats;
use crate::claims::xlsx::package::WorkbookPackage;
use crate::claims::xlsx::shared_strings::SharedStrings;
use crate::claims::xlsx::sheet_layout::SheetLayout;
use crate::claims::xlsx::workbook_sheets::WorkbookTabs;
use crate::plan::Plan;

/// A sheet of claims.
#[derive(Debug)]
pub(crate) struct ClaimsSheet {
    /// Its rows as CSV, the header first.
    pub csv: Vec<u8>,
    /// Facts about the sheet, other than its rows.
    pub facts: SheetFacts,
}

/// Facts about a sheet, other than its rows.
#[derive(Debug)]
pub struct SheetFacts {
    /// Describes which row of which sheet is the header, and which other sheets
    /// there are.
    pub header: String,
    /// The positions of the rows.
    pub layout: SheetLayout,
    /// Every cell that cannot be used, by row. It is blank in the CSV.
    pub faults: Vec<ClaimProblem>,
    /// Cells for which no more problems are reported.
    pub left_out: Vec<CellArea>,
    /// Matters that deserve a warning but are not errors.
    pub warnings: Vec<String>,
}

/// The names of a workbook.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkbookNames<'a> {
    /// The file name as the user gave it.
    pub shown: &'a str,
    /// The file name without folders.
    pub name: &'a str,
    /// The requested sheet.
    pub sheet: Option<&'a str>,
}

/// Reads the claims sheet of a workbook.
pub(crate) fn read(bytes: Vec<u8>, names: WorkbookNames<'_>, plan: &Plan) -> Result<ClaimsSheet> {
    let file = names.shown;
    let package = WorkbookPackage::open(bytes, file)?;
    let tabs = WorkbookTabs::read(&package, file)?;
    let tab = tabs.choose(names.sheet, file)?;
    let strings = SharedStrings::read(&package, tabs.part_of("sharedStrings"), file)?;
    let formats = NumberFormats::read(&package, tabs.part_of("styles"))?;
    let book = CellContext {
        file: file.to_owned(),
        name: names.name.to_owned(),
        strings: &strings,
        formats: &formats,
        from_1904: tabs.from_1904,
        formulas: tabs.formulas,
    };
    let mut table = ClaimsTable::new(&book, plan);
    tab.read_ahead(&package, file, |xml| sheet_reader::read(xml, &mut table))?;
    let done = table.finish();
    if done.csv.is_empty() {
        let message = messages::sheet_empty(file, &literal(&tab.name));
        return Err(message.hint(tabs.hint()).into());
    }
    let header = tabs.header(tab, done.layout.header_row.unwrap_or(0));
    let mut warnings = done.warnings;
    if names.sheet.is_none() {
        warnings.extend(tabs.others_warning(tab, &package, names)?);
    }
    Ok(ClaimsSheet {
        csv: done.csv,
        facts: SheetFacts {
            header,
            layout: done.layout,
            faults: done.faults,
            left_out: done.left_out,
            warnings,
        },
    })
}
