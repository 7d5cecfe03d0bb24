//! payouts.xlsx: the three CSV files and the accounting of the fund as a workbook.
//!
//! It is made from the CSV files as written, and its numbers are their digits: no
//! number is converted to binary here. A spreadsheet keeps 15 digits of a number;
//! longer numbers are refused. The file is streamed in bounded memory and contains no
//! times or authors, so that the same run gives the same bytes.
//!
//! `rust_xlsxwriter` 0.102 would do the same, but in both of its modes with bounded memory
//! it writes temporary files and panics when their disk is full; without them it takes
//! about 1 KB of memory for each row.

mod formula;
mod limits;
mod summary_sheet;
mod table;

use std::io::Write;

use anyhow::Result;

pub use crate::base::workbook::ROWS_OF_A_SHEET;
use crate::base::workbook::package::{PackageWriter, SheetName};
use crate::run::file_names::{HELD, PAYOUTS, UNPAID};
use crate::run::rows::columns;
pub use crate::run::workbook::table::WorkbookInput;
use crate::run::workbook::table::WorkbookTable;

/// Writes the workbook. Data that it cannot hold is refused before the first byte is
/// written.
pub fn write_workbook<W: Write>(
    maker: WorkbookInput<'_>,
    progress: &dyn Fn(u64),
    out: W,
) -> Result<()> {
    let mut tables = Vec::new();
    let names = [(PAYOUTS, "Payouts"), (HELD, "Held"), (UNPAID, "Unpaid")];
    for ((file, name), columns) in names.into_iter().zip(columns(maker.plan)) {
        tables.push(WorkbookTable::survey(maker, file, name, columns)?);
    }
    let account = summary_sheet::sheet(maker, &tables)?;
    let mut package = PackageWriter::new(out);
    package.begin(&sheet_names(&tables))?;
    package.sheet(1, |file| Ok(file.write_all(account.as_bytes())?))?;
    let mut number = 1;
    for table in &tables {
        let mut rows = table.open()?;
        for sheet in table.sheets() {
            number += 1;
            package.sheet(number, |file| {
                table.write(&sheet, &mut rows, progress, file)
            })?;
        }
    }
    package.finish()
}

/// The names of the sheets: the summary, and the sheets of these tables.
fn sheet_names(tables: &[WorkbookTable<'_>]) -> Vec<SheetName> {
    let mut names = vec![SheetName {
        name: "Summary".to_owned(),
        defined: String::new(),
    }];
    for table in tables {
        for sheet in table.sheets() {
            let defined = table.worksheet(&sheet).names(names.len());
            let name = sheet.name;
            names.push(SheetName { name, defined });
        }
    }
    names
}
