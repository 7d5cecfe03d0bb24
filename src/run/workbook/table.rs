//! One of the three CSV files as a table, on as many sheets as necessary.
//!
//! The file is read twice: first to measure its columns and to refuse data that a
//! spreadsheet cannot hold, then to write its rows.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use csv::{Reader, StringRecord};

use crate::base::diagnostics::{Bug, Failure, literal};
use crate::base::money::{self, Currency, Money, group};
use crate::base::regular_file::open_file;
use crate::base::workbook::cells::{self, decimals, letters};
use crate::base::workbook::styles::CellStyle;
use crate::base::workbook::worksheet::{Worksheet, quoted};
use crate::plan::{DRAFT, Plan};
use crate::run::rows::{OutputColumn, OutputKind};
use crate::run::summary::Summary;
use crate::run::workbook::limits;

/// The maximum width of a text column and the minimum width of any column, in
/// characters.
const WIDEST: usize = 60;
const NARROWEST: usize = 10;

/// Space next to the text of a cell, and next to a heading with its filter.
const ROOM: usize = 2;
const ROOM_OF_HEADING: usize = 4;

/// Bytes of XML to collect before they are compressed.
const BLOCK: usize = 1 << 16;

/// The number of rows between two progress reports.
const STEP: u64 = 4096;

/// The source of a workbook.
#[derive(Debug, Clone, Copy)]
pub struct WorkbookInput<'a> {
    pub plan: &'a Plan,
    pub summary: &'a Summary,
    /// The folder of the three CSV files.
    pub folder: &'a Path,
    /// The number of rows after which another sheet begins.
    pub rows_of_a_sheet: u64,
}

#[derive(Debug)]
pub(super) struct WorkbookTable<'a> {
    maker: WorkbookInput<'a>,
    pub file: &'static str,
    name: &'static str,
    columns: Vec<OutputColumn>,
    widths: Vec<usize>,
    totals: Vec<Money>,
    /// The number of rows below the header.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableSheet {
    pub name: String,
    /// The number of the table's rows on it.
    pub rows: u64,
}

/// The rows of a file, below its header.
pub(super) struct TableRows {
    reader: Reader<File>,
    record: StringRecord,
}

impl<'a> WorkbookTable<'a> {
    /// Reads the whole file, and refuses data that a spreadsheet cannot hold.
    pub(super) fn survey(
        maker: WorkbookInput<'a>,
        file: &'static str,
        name: &'static str,
        columns: Vec<OutputColumn>,
    ) -> Result<Self> {
        let mut table = Self {
            maker,
            file,
            name,
            widths: vec![0; columns.len()],
            totals: vec![Money::ZERO; columns.len()],
            columns,
            rows: 0,
        };
        let mut rows = table.open()?;
        while let Some(record) = table.next(&mut rows)? {
            table.add(record)?;
        }
        table.fit();
        Ok(table)
    }

    /// Opens the file and checks that its header matches the plan.
    pub(super) fn open(&self) -> Result<TableRows> {
        let path = self.maker.folder.join(self.file);
        let file = open_file(&path).map_err(|error| self.broken(error))?;
        let mut reader = Reader::from_reader(file);
        let header = reader.headers().map_err(|error| self.unreadable(error))?;
        let names = self.columns.iter().map(|column| column.name.as_str());
        if !header.iter().eq(names) {
            return Err(Bug::new(format!("{} has another header", self.file)).into());
        }
        let record = StringRecord::new();
        Ok(TableRows { reader, record })
    }

    fn next<'r>(&self, rows: &'r mut TableRows) -> Result<Option<&'r StringRecord>> {
        let read = rows.reader.read_record(&mut rows.record);
        let more = read.map_err(|error| self.unreadable(error))?;
        Ok(more.then_some(&rows.record))
    }

    fn broken(&self, error: std::io::Error) -> anyhow::Error {
        Failure::reading(self.file, error).into()
    }

    fn unreadable(&self, error: csv::Error) -> anyhow::Error {
        let words = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                pos: Some(pos),
                expected_len,
                len,
            } => {
                let row = pos.record();
                format!("row {row} has {len} cells, but the header has {expected_len}")
            }
            _ => error.to_string(),
        };
        match error.into_kind() {
            csv::ErrorKind::Io(error) => self.broken(error),
            _ => Bug::new(format!("{} cannot be read back: {words}", self.file)).into(),
        }
    }

    /// Counts a row, its amounts and the widths of its cells.
    fn add(&mut self, record: &StringRecord) -> Result<()> {
        self.rows += 1;
        let decimals = self.currency().decimals();
        let widths = self.widths.iter_mut().zip(&mut self.totals);
        for ((column, cell), (width, total)) in self.columns.iter().zip(record).zip(widths) {
            let (fault, shown) = match column.kind {
                OutputKind::Text => (
                    limits::fault_of_text(cell),
                    cell.chars().count().min(WIDEST),
                ),
                // Includes the thousands separators.
                _ => (limits::fault_of_number(cell), cell.len() + cell.len() / 3),
            };
            if let Some(fault) = fault {
                let id = literal(record.get(0).unwrap_or_default());
                let (file, name, row) = (self.file, &column.name, self.rows);
                let place = format!("{file}, row {row}, claimant {id}, column \"{name}\": ");
                return Err(fault.within(&place).into());
            }
            if matches!(
                column.kind,
                OutputKind::Payout | OutputKind::PoolPayout(_) | OutputKind::Portion(_)
            ) {
                let sum = money::from_text(cell, decimals).and_then(|amount| total.plus(amount));
                *total = sum.ok_or_else(|| {
                    let file = self.file;
                    Bug::new(format!("{file} has `{cell}` where an amount should be"))
                })?;
            }
            *width = shown.max(*width);
        }
        Ok(())
    }

    /// Widens the columns for texts and headings.
    fn fit(&mut self) {
        let headings = self.headings();
        for (width, heading) in self.widths.iter_mut().zip(headings) {
            let heading = heading.chars().count().min(WIDEST) + ROOM_OF_HEADING;
            *width = (*width + ROOM).max(heading).max(NARROWEST);
        }
    }

    fn currency(&self) -> Currency {
        self.maker.plan.settlement.currency
    }

    /// The column names; amounts include the currency.
    fn headings(&self) -> Vec<String> {
        let code = self.currency().code();
        let heading = |column: &OutputColumn| match column.kind {
            OutputKind::Text | OutputKind::Rows | OutputKind::Shares => column.name.clone(),
            OutputKind::Award
            | OutputKind::PoolPayout(_)
            | OutputKind::Payout
            | OutputKind::Portion(_) => {
                format!("{} ({code})", column.name)
            }
        };
        self.columns.iter().map(heading).collect()
    }

    /// The sheets for the rows; at least one.
    pub(super) fn sheets(&self) -> Vec<TableSheet> {
        let most = self.maker.rows_of_a_sheet.max(1);
        let mut sheets = Vec::new();
        let mut left = self.rows;
        while left > 0 || sheets.is_empty() {
            let rows = left.min(most);
            left -= rows;
            let name = match sheets.len() {
                0 => self.name.to_owned(),
                before => format!("{} {}", self.name, before + 1),
            };
            sheets.push(TableSheet { name, rows });
        }
        sheets
    }

    /// The frame of one of its sheets.
    pub(super) fn worksheet<'s>(&'s self, sheet: &'s TableSheet) -> Worksheet<'s> {
        Worksheet {
            name: &sheet.name,
            widths: &self.widths,
            table: Some(sheet.rows + 1),
            draft: (self.maker.summary.settlement.draft.as_ref()).map(|_| DRAFT),
        }
    }

    /// Writes the next rows to one of its sheets.
    pub(super) fn write(
        &self,
        sheet: &TableSheet,
        rows: &mut TableRows,
        progress: &dyn Fn(u64),
        file: &mut dyn Write,
    ) -> Result<()> {
        let worksheet = self.worksheet(sheet);
        let mut xml = worksheet.start();
        cells::push_start(&mut xml, 1);
        for (place, (column, heading)) in self.columns.iter().zip(self.headings()).enumerate() {
            let style = match column.kind {
                OutputKind::Text => CellStyle::Heading,
                _ => CellStyle::HeadingOfNumbers,
            };
            cells::push_text(&mut xml, (place, 1), &heading, style);
        }
        cells::push_end(&mut xml);
        let mut reported = 0;
        for number in 0..sheet.rows {
            let record = self.next(rows)?;
            let record = record
                .ok_or_else(|| Bug::new(format!("{} shrank while it was being read", self.file)))?;
            self.push(&mut xml, number + 2, record);
            if xml.len() >= BLOCK {
                file.write_all(xml.as_bytes())?;
                xml.clear();
            }
            if number - reported >= STEP {
                progress(number - reported);
                reported = number;
            }
        }
        progress(sheet.rows - reported);
        xml += &worksheet.end();
        file.write_all(xml.as_bytes())?;
        Ok(())
    }

    fn push(&self, xml: &mut String, row: u64, record: &StringRecord) {
        cells::push_start(xml, row);
        for (place, (column, cell)) in self.columns.iter().zip(record).enumerate() {
            let place = (place, row);
            match column.kind {
                OutputKind::Text if cell.is_empty() => {}
                OutputKind::Text => cells::push_text(xml, place, cell, CellStyle::Text),
                OutputKind::Rows => cells::push_number(xml, place, cell, CellStyle::Row),
                OutputKind::Shares
                | OutputKind::Award
                | OutputKind::PoolPayout(_)
                | OutputKind::Payout
                | OutputKind::Portion(_) => {
                    let style = CellStyle::Number(decimals(cell));
                    cells::push_number(xml, place, cell, style);
                }
            }
        }
        cells::push_end(xml);
    }

    /// The column of the payout.
    pub(super) fn payout(&self) -> Option<usize> {
        self.place(OutputKind::Payout)
    }

    /// The column of the payout from the pool at this index.
    pub(super) fn payout_of(&self, pool: usize) -> Option<usize> {
        let several = self.maker.plan.pools.len() > 1;
        self.place(if several {
            OutputKind::PoolPayout(pool)
        } else {
            OutputKind::Payout
        })
    }

    fn place(&self, kind: OutputKind) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == kind)
    }

    /// The sum of a column of amounts, as text.
    pub(super) fn total(&self, column: usize) -> String {
        let total = self.totals.get(column).copied().unwrap_or_default();
        self.currency().text(total)
    }

    /// The cells of a column on all of its sheets, for a formula. For a table without
    /// rows, the blank cell below the header is used.
    pub(super) fn ranges(&self, column: usize) -> Vec<String> {
        let letters = letters(column);
        let range = |sheet: &TableSheet| {
            let last = sheet.rows.max(1) + 1;
            format!("{}!{letters}2:{letters}{last}", quoted(&sheet.name))
        };
        self.sheets().iter().map(range).collect()
    }

    /// The width of an amount, with thousands separators.
    pub(super) fn width_of(amount: &str) -> usize {
        group(amount).chars().count() + ROOM
    }
}
