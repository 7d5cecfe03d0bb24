//! Lists to work down, for people: CSV, or a workbook if the name ends in `.xlsx`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::{Failure, shown_whole};
use crate::base::workbook::ROWS_OF_A_SHEET;
use crate::base::workbook::cells::{
    LONGEST_TEXT, is_no_character, push_end, push_number, push_start, push_text,
};
use crate::base::workbook::package::{PackageWriter, PackedSheet, SheetName, SheetPacker};
use crate::base::workbook::styles::CellStyle;
use crate::base::workbook::worksheet::Worksheet;

/// The program of a workbook, by which it is known as a list.
const PROGRAM: &str = "<Application>payout, a list of errors</Application>";

const PROPERTIES: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";

/// Enough of the beginning of a file to know it as a list.
pub(crate) const BEGINNING: u64 = 512;

#[derive(Debug, Clone, Copy)]
pub(crate) struct ListColumn {
    pub name: &'static str,
    /// The width on a sheet, in characters.
    pub width: usize,
    pub is_number: bool,
}

impl ListColumn {
    pub(crate) const fn text(name: &'static str, width: usize) -> Self {
        let is_number = false;
        Self {
            name,
            width,
            is_number,
        }
    }

    pub(crate) const fn number(name: &'static str) -> Self {
        Self {
            name,
            width: 10,
            is_number: true,
        }
    }
}

/// A list, readable only by its owner, because it quotes cells of claims. An
/// incomplete list is removed: it must not be mistaken for a complete one.
#[derive(Debug)]
pub(crate) struct ListFile {
    columns: &'static [ListColumn],
    form: ListForm,
    unfinished: CleanupGuard,
}

#[derive(Debug)]
enum ListForm {
    Csv(Box<csv::Writer<File>>),
    Workbook(Box<ListWorkbook>),
}

#[derive(Debug)]
struct ListWorkbook {
    file: File,
    full: Vec<(PackedSheet, u64)>,
    sheet: SheetPacker,
    /// The number of rows of the sheet, with its header.
    rows: u64,
}

/// Creates a file readable only by its owner, which is removed unless it is finished.
pub(crate) fn private_file(path: &Path) -> Result<(File, CleanupGuard), Failure> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Failure::writing(path.display(), error))?;
    Ok((file, CleanupGuard::new(path)))
}

/// True if the name of a list is that of a workbook.
fn is_workbook(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

/// True if a file that begins so is a list with these columns.
pub(crate) fn is_list(beginning: &[u8], columns: &[ListColumn]) -> bool {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    beginning.starts_with(format!("{}\n", names.join(",")).as_bytes())
        || beginning.starts_with(b"PK")
            && memchr::memmem::find(beginning, PROGRAM.as_bytes()).is_some()
}

impl ListFile {
    pub(crate) fn create(path: &Path, columns: &'static [ListColumn]) -> Result<Self, Failure> {
        let failure = |error| Failure::writing(path.display(), error);
        let (file, unfinished) = private_file(path)?;
        let form = if is_workbook(path) {
            let workbook = ListWorkbook {
                file,
                full: Vec::new(),
                sheet: begin_sheet(columns).map_err(failure)?,
                rows: 1,
            };
            ListForm::Workbook(Box::new(workbook))
        } else {
            let mut writer = csv::Writer::from_writer(file);
            let header = writer.write_record(columns.iter().map(|column| column.name));
            header.map_err(|error| failure(error.into()))?;
            ListForm::Csv(Box::new(writer))
        };
        Ok(Self {
            columns,
            form,
            unfinished,
        })
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, cells: &[&str]) -> Result<(), Failure> {
        let done = match &mut self.form {
            ListForm::Csv(writer) => {
                let cells = self.columns.iter().zip(cells).map(|(column, cell)| {
                    if column.is_number {
                        (*cell).to_owned()
                    } else {
                        harmless(cell)
                    }
                });
                writer.write_record(cells).map_err(Into::into)
            }
            ListForm::Workbook(workbook) => workbook.push(self.columns, cells),
        };
        done.map_err(|error| Failure::writing(self.unfinished.path().display(), error))
    }

    /// Completes the file.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let written = match self.form {
            ListForm::Csv(mut writer) => writer.flush(),
            ListForm::Workbook(workbook) => workbook.finish(self.columns),
        };
        let path = self.unfinished.path().display();
        written.map_err(|error| Failure::writing(path, error))?;
        self.unfinished.finish();
        Ok(())
    }
}

impl ListWorkbook {
    fn push(&mut self, columns: &[ListColumn], cells: &[&str]) -> io::Result<()> {
        if self.rows > ROWS_OF_A_SHEET {
            let sheet = std::mem::replace(&mut self.sheet, begin_sheet(columns)?);
            self.full.push(end_sheet(sheet, columns, self.rows)?);
            self.rows = 1;
        }
        self.rows += 1;
        let mut xml = String::new();
        push_start(&mut xml, self.rows);
        for (place, (column, cell)) in columns.iter().zip(cells).enumerate() {
            let place = (place, self.rows);
            if cell.is_empty() {
                continue;
            }
            if column.is_number {
                push_number(&mut xml, place, cell, CellStyle::Row);
            } else {
                push_text(&mut xml, place, &for_sheet(cell), CellStyle::Text);
            }
        }
        push_end(&mut xml);
        self.sheet.push(&xml)
    }

    fn finish(mut self, columns: &[ListColumn]) -> io::Result<()> {
        self.full.push(end_sheet(self.sheet, columns, self.rows)?);
        let widths: Vec<usize> = columns.iter().map(|column| column.width).collect();
        let names: Vec<SheetName> = (0..)
            .zip(&self.full)
            .map(|(place, (_, rows))| {
                let name = match place {
                    0 => "Errors".to_owned(),
                    place => format!("Errors {}", place + 1),
                };
                let defined = frame(&name, &widths, *rows).names(place);
                SheetName { name, defined }
            })
            .collect();
        let mut package = PackageWriter::new(BufWriter::new(self.file));
        let properties = format!("<Properties xmlns=\"{PROPERTIES}\">{PROGRAM}</Properties>");
        let written = package.plain("docProps/app.xml", &properties);
        let written = written.and_then(|()| package.begin(&names));
        written.map_err(io::Error::other)?;
        for (number, (sheet, _)) in (1..).zip(&self.full) {
            let written = package.packed_sheet(number, sheet);
            written.map_err(io::Error::other)?;
        }
        package.finish().map_err(io::Error::other)
    }
}

fn frame<'a>(name: &'a str, widths: &'a [usize], rows: u64) -> Worksheet<'a> {
    Worksheet {
        name,
        widths,
        table: Some(rows),
        draft: None,
    }
}

/// A sheet with its header.
fn begin_sheet(columns: &[ListColumn]) -> io::Result<SheetPacker> {
    let widths: Vec<usize> = columns.iter().map(|column| column.width).collect();
    let mut xml = frame("", &widths, 1).start();
    push_start(&mut xml, 1);
    for (place, column) in columns.iter().enumerate() {
        let style = if column.is_number {
            CellStyle::HeadingOfNumbers
        } else {
            CellStyle::Heading
        };
        push_text(&mut xml, (place, 1), column.name, style);
    }
    push_end(&mut xml);
    let mut sheet = SheetPacker::new()?;
    sheet.push(&xml)?;
    Ok(sheet)
}

fn end_sheet(
    mut sheet: SheetPacker,
    columns: &[ListColumn],
    rows: u64,
) -> io::Result<(PackedSheet, u64)> {
    let widths: Vec<usize> = columns.iter().map(|column| column.width).collect();
    sheet.push(&frame("", &widths, rows).end())?;
    Ok((sheet.finish()?, rows))
}

/// The text as a cell of a sheet can hold it.
fn for_sheet(cell: &str) -> String {
    let cell = if cell.contains(is_no_character) {
        shown_whole(cell)
    } else {
        cell.to_owned()
    };
    // A character has at most two UTF-16 code units.
    cell.chars().take(LONGEST_TEXT / 2).collect()
}

/// Prefixes a cell with an apostrophe if a spreadsheet would evaluate it as a
/// formula. A signed number is not a formula.
pub(crate) fn harmless(cell: &str) -> String {
    let number = cell.trim_start_matches(['+', '-']);
    let signed = !number.is_empty()
        && number
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !signed {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
