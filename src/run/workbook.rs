//! payouts.xlsx: the three CSV files and the accounting of the fund as a workbook.
//!
//! It is made from the CSV files as written, and its numbers are their digits: no
//! number is converted to binary here. A spreadsheet keeps 15 digits of a number;
//! longer numbers are refused. The file is streamed in bounded memory and contains no
//! times or authors, so that the same run gives the same bytes.

mod cells;
mod formula;
mod namespace;
mod package;
mod styles;
mod summary_cells;
mod summary_sheet;
mod table;
mod workbook_input;
mod worksheet;

use std::io::Write;

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::run::file_names::{HELD, PAYOUTS, UNPAID};
use crate::run::rows::columns;
use crate::run::summary::Summary;
use crate::run::workbook::package::PackageWriter;
use crate::run::workbook::table::WorkbookTable;
pub use crate::run::workbook::workbook_input::WorkbookInput;

/// The number of rows on a sheet below its header.
pub const ROWS_OF_A_SHEET: u64 = 1_048_575;

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
    let [payouts, held, unpaid] = tables.as_slice() else {
        return Err(Bug::new("the number of row files is not three").into());
    };
    prove(maker.summary, [payouts, held, unpaid])?;
    let account = summary_sheet::sheet(maker, [payouts, held, unpaid])?;
    let mut package = PackageWriter::new(out);
    package.begin(&[payouts, held, unpaid])?;
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

/// Proves that the rows read back match the summary.
fn prove(summary: &Summary, [payouts, held, unpaid]: [&WorkbookTable<'_>; 3]) -> Result<(), Bug> {
    let counts = [
        (payouts, summary.payouts.count),
        (held, summary.held.count),
        (unpaid, summary.claims.unpaid_rows),
    ];
    for (table, rows) in counts {
        if table.rows != rows {
            let (file, found) = (table.file, table.rows);
            return Err(Bug::new(format!("{file} has {found} rows, not {rows}")));
        }
    }
    let of_pools = summary.pools.iter().enumerate().flat_map(|(number, pool)| {
        let of_pool = [(payouts, &pool.paid), (held, &pool.held)];
        of_pool.map(|(table, total)| (table, table.payout_of(number), total))
    });
    let of_all = [
        (payouts, payouts.payout(), &summary.payouts.total),
        (held, held.payout(), &summary.held.total),
    ];
    for (table, column, total) in of_all.into_iter().chain(of_pools) {
        let found = column.map(|column| table.total(column));
        if found.as_ref() != Some(total) {
            let file = table.file;
            return Err(Bug::new(format!(
                "{file} adds up to {}, not {total}",
                found.as_deref().unwrap_or("nothing")
            )));
        }
    }
    Ok(())
}
