//! Claims in a workbook (`.xlsx`): one sheet of it becomes CSV, which then is
//! read like any other claims file.
//!
//! The workbook is unpacked and its XML read here, not by a library for
//! spreadsheets: those hand on numbers as binary ones, and the digits that are
//! written in the file would be lost. What was digested is what is read: the
//! file is in memory as a whole.
//!
//! - `package.rs` finds the parts of the workbook, `xml.rs` reads them, and
//!   `ahead.rs` unpacks meanwhile;
//! - `tabs.rs` chooses the sheet, `shared_strings.rs` and `number_formats.rs` hold what its
//!   cells refer to;
//! - `sheet.rs` reads the rows, `cells.rs` makes texts of cells (with `number.rs`
//!   and `dates.rs`), and `table.rs` makes CSV of rows, knows where each row
//!   stands (`layout.rs`), and notes what is damaged; `totals_row.rs` finds rows of
//!   totals (with `formula.rs`), `last_rows.rs` notes below the table; `remarks.rs`
//!   is what is odd but not wrong.

pub(crate) mod cell_address;
mod cells;
mod dates;
mod formula;
mod last_rows;
pub(crate) mod layout;
pub(crate) mod number;
mod number_formats;
mod package;
mod read_ahead;
mod shared_strings;
mod sheet;
mod sheet_cell;
mod table;
mod tabs;
mod totals_row;
mod warnings;
mod xml;

use anyhow::Result;

use crate::base::diagnostics::{ClaimProblem, Problem, literal};
use crate::claims::xlsx::cell_address::CellArea;
use crate::claims::xlsx::cells::CellContext;
use crate::claims::xlsx::layout::SheetLayout;
use crate::claims::xlsx::number_formats::NumberFormats;
use crate::claims::xlsx::package::WorkbookPackage;
use crate::claims::xlsx::shared_strings::SharedStrings;
use crate::claims::xlsx::table::ClaimsTable;
use crate::claims::xlsx::tabs::WorkbookTabs;
use crate::plan::Plan;

/// A sheet of claims that was read.
#[derive(Debug)]
pub(crate) struct ClaimsSheet {
    /// Its rows as CSV, the header first.
    pub csv: Vec<u8>,
    /// What is known of it beside its rows.
    pub facts: SheetFacts,
}

/// What is known of a sheet beside its rows.
#[derive(Debug)]
pub struct SheetFacts {
    /// Which row of which sheet is the header, and which other sheets there are.
    pub header: String,
    /// Where they stand.
    pub layout: SheetLayout,
    /// Every cell that cannot be taken as it stands, by rows. In the CSV it is
    /// blank.
    pub faults: Vec<ClaimProblem>,
    /// Cells of which enough is said in the faults.
    pub left_out: Vec<CellArea>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
}

/// What a workbook is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkbookNames<'a> {
    /// The file, as the user gave it.
    pub shown: &'a str,
    /// Its name without folders.
    pub name: &'a str,
    /// The sheet that was asked for.
    pub sheet: Option<&'a str>,
}

/// Reads the sheet with the claims out of a workbook.
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
    tab.read_ahead(&package, file, |xml| sheet::read(xml, &mut table))?;
    let done = table.finish();
    if done.csv.is_empty() {
        let message = format!("{file}: the sheet {} is empty", literal(&tab.name));
        return Err(Problem::new(message, tabs.hint()).into());
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

/// That a workbook is not as workbooks are.
fn damaged(file: &str, what: &str) -> anyhow::Error {
    let message = format!("{file} is damaged: {what}");
    let hint = "open it in the spreadsheet and save it anew, or fetch it again";
    Problem::new(message, hint).into()
}
