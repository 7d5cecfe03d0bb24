//! The beginning of a claims file: its type and its header.

use std::io::{self, Read};
use std::ops::Range;

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::quotable;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::compression::Compression;
use crate::claims::csv::faults;
use crate::claims::csv::reader::{self, CsvRow, RowReader};
use crate::claims::header::Header;
use crate::claims::input::Input;
use crate::claims::reading::ClaimsReader;

/// The position of the mark in a tar archive.
const TAR_MARK: Range<usize> = 257..262;

const UNPACK: &str = "extract the CSV file from it, and specify that file";

impl<C: ClaimClassifier> ClaimsReader<'_, C> {
    /// Reads the first bytes and the header. Returns true if rows can be read.
    pub(super) fn begin<R: Read>(
        &mut self,
        rows: &mut RowReader<R>,
        row: &mut CsvRow,
        input: &Input,
    ) -> io::Result<bool> {
        let shown = input.shown();
        let first = rows.peek(TAR_MARK.end)?;
        if let Some((problem, hint)) = other_kind(first) {
            self.note_file(&shown, problem, hint);
            return Ok(false);
        }
        if first.starts_with(b"\xef\xbb\xbf") {
            rows.skip(3);
        }
        let names = match rows.next(row)? {
            None => {
                self.note_file(
                    &shown,
                    "the file contains only commas or line breaks",
                    "check that the export is complete",
                );
                return Ok(false);
            }
            Some(Err(long)) => {
                self.book.too_long(&shown, 0, long);
                return Ok(false);
            }
            Some(Ok(line)) => self.names(&shown, rows.bytes(&line), row),
        };
        let Some(names) = names else {
            return Ok(false);
        };
        if let Some(header) = &self.header {
            if header.names != names {
                let problem = "the header differs from the header of the first file";
                let hint = format!(
                    "files that are read together require the same columns in the same order; the first has {}",
                    quotable(&header.names.join(","))
                );
                self.note_file(&shown, problem, &hint);
                return Ok(false);
            }
            return Ok(true);
        }
        let problems = &mut self.book.problems;
        // A worksheet without the column may be the wrong one.
        let mut of_sheet = self.book.sheets.header();
        self.header = Header::bind(names, self.plan, &shown, &mut |mut problem| {
            if problem.column.is_none()
                && let (Some(hint), Some(sheet)) = (&mut problem.hint, of_sheet.take())
            {
                *hint += &format!("; {sheet}");
            }
            problems.add(problem);
        });
        Ok(self.header.is_some())
    }

    /// The names in a header row, or `None` if faults were recorded.
    fn names(&mut self, file: &str, bytes: &[u8], row: &CsvRow) -> Option<Vec<String>> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let (problem, hint) = faults::not_utf8(bytes);
            self.note_file(file, &format!("in the header, {problem}"), &hint);
            return None;
        };
        let trimmed = text.trim_end_matches(['\n', '\r']);
        if trimmed.contains('\r') && row.faults.is_empty() {
            let hint = "save the file with Windows or Unix line endings";
            self.note_file(file, "the lines end with only a carriage return", hint);
            return None;
        }
        if trimmed.contains('\t') && row.cells.len() == 1 {
            let hint = "save the file as CSV with commas";
            self.note_file(
                file,
                "the cells of the header seem to be separated by tabs",
                hint,
            );
            return None;
        }
        let fault = faults::quote_faults(bytes, row).into_iter().next();
        if let Some(fault) = fault.or_else(|| faults::control_fault(text, row)) {
            let number = fault.cell.map_or(1, |cell| cell + 1);
            let problem = format!("in the header, column {number}: {}", fault.problem);
            self.note_file(file, &problem, &fault.hint);
            return None;
        }
        if let Some(number) = row.cells.iter().position(|cell| {
            text.get(cell.bytes.clone())
                .is_some_and(|name| name.contains(['\n', '\r']))
        }) {
            let problem = format!(
                "in the header, the name of column {} has a line break",
                number + 1
            );
            self.note_file(file, &problem, "write it on one line");
            return None;
        }
        if text.starts_with("sep=") {
            let hint = "delete that line; the header must be the first line";
            self.note_file(
                file,
                "the first line, `sep=`, is only for spreadsheets",
                hint,
            );
            return None;
        }
        if let Some((number, character)) =
            row.cells.iter().enumerate().find_map(|(number, cell)| {
                let name = text.get(cell.bytes.clone())?;
                let hidden = name.chars().find(|&c| is_invisible(c))?;
                Some((number + 1, u32::from(hidden)))
            })
        {
            let problem = format!(
                "in the header, the name of column {number} has an invisible character, U+{character:04X}"
            );
            self.note_file(file, &problem, "remove the character");
            return None;
        }
        let name = |cell: &reader::CellSpan| {
            let name = text.get(cell.bytes.clone()).unwrap_or_default();
            name.replace("\"\"", "\"").trim().to_owned()
        };
        Some(row.cells.iter().map(name).collect())
    }
}

/// Describes a file that is not CSV in UTF-8.
fn other_kind(first: &[u8]) -> Option<(&'static str, &'static str)> {
    match first {
        [] => Some(("the file is empty", "check that the export is complete")),
        [0, 0, ..] => Some((
            "the file begins with NUL bytes",
            "it is damaged or in UTF-32; download it again as CSV UTF-8",
        )),
        [b'B', b'Z', b'h', ..] => Some(("the file is compressed with bzip2", UNPACK)),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(("the file is compressed with xz", UNPACK)),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some(("the file is a 7z archive", UNPACK)),
        _ if first.get(TAR_MARK) == Some(b"ustar") => Some(("the file is a tar archive", UNPACK)),
        [b'%', b'P', b'D', b'F', ..] => Some((
            "the file is a PDF, not CSV",
            "ask the sender for the claims as CSV UTF-8",
        )),
        [b'<', ..] => Some((
            "the file is HTML or XML, not CSV",
            "open it in a spreadsheet program and save it as CSV UTF-8",
        )),
        [b'[', b'a'..=b'z', ..] => Some((
            "the file looks like a plan (TOML), not CSV",
            "specify the claims file as the argument, and the plan with `--plan`",
        )),
        [b'{' | b'[', ..] => Some((
            "the file is JSON, not CSV",
            "ask the sender for the claims as CSV UTF-8",
        )),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => {
            Some(("the file is UTF-16", "save it as CSV UTF-8"))
        }
        [b'P', b'K', 3, 4, ..] => Some((
            "the file is a workbook or zip archive, not CSV",
            "rename an Excel workbook so that its name ends in `.xlsx`; save any other workbook as `.xlsx`, or the sheet as CSV UTF-8",
        )),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some((
            "the file is an old Excel workbook or is protected by a password",
            "save it as an Excel workbook (`.xlsx`) without a password, or the sheet as CSV UTF-8",
        )),
        // The outer compression has already been removed.
        _ if Compression::of(first).is_some() => Some((
            "the file is compressed twice",
            "decompress it once and use the result",
        )),
        _ => None,
    }
}
