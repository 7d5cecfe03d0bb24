//! The beginning of a claims file: its type and its header.

use std::io::{self, Read};
use std::ops::Range;

use crate::base::confusables::is_invisible;
use crate::base::diagnostics::{Message, quotable};
use crate::claims::classifier::ClaimClassifier;
use crate::claims::compression::Compression;
use crate::claims::csv::faults;
use crate::claims::csv::reader::{CellSpan, CsvRow, RowReader};
use crate::claims::header::Header;
use crate::claims::input::Input;
use crate::claims::messages;
use crate::claims::reading::ClaimsReader;

/// The position of the mark in a tar archive.
const TAR_MARK: Range<usize> = 257..262;

const IN_HEADER: &str = "in the header, ";

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
        if let Some(message) = other_kind(first) {
            self.note_file(&shown, message);
            return Ok(false);
        }
        if first.starts_with(b"\xef\xbb\xbf") {
            rows.skip(3);
        }
        let names = match rows.next(row)? {
            None => Err(messages::file_blank()),
            Some(Err(long)) => {
                self.book.too_long(&shown, 0, long);
                return Ok(false);
            }
            Some(Ok(line)) => names(rows.bytes(&line), row),
        };
        let names = match names {
            Ok(names) => names,
            Err(message) => {
                self.note_file(&shown, message);
                return Ok(false);
            }
        };
        if let Some(header) = &self.header {
            if header.names != names {
                let message = messages::headers_differ(&quotable(&header.names.join(",")));
                self.note_file(&shown, message);
                return Ok(false);
            }
            return Ok(true);
        }
        let problems = &mut self.book.problems;
        // A worksheet without the column may be the wrong one.
        let mut of_sheet = self.book.places.header();
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
}

/// The names in a header row.
fn names(bytes: &[u8], row: &CsvRow) -> Result<Vec<String>, Message> {
    let text = std::str::from_utf8(bytes).map_err(|_| faults::not_utf8(bytes).within(IN_HEADER))?;
    let trimmed = text.trim_end_matches(['\n', '\r']);
    if trimmed.contains('\r') && row.faults.is_empty() {
        return Err(messages::carriage_returns_only());
    }
    if trimmed.contains('\t') && row.cells.len() == 1 {
        return Err(messages::other_separator("cells of the header", "tabs"));
    }
    let fault = faults::quote_faults(bytes, row).into_iter().next();
    if let Some(fault) = fault.or_else(|| faults::control_fault(text, row)) {
        let number = fault.cell.map_or(1, |cell| cell + 1);
        let place = format!("{IN_HEADER}column {number}: ");
        return Err(fault.message.within(&place));
    }
    let written = |cell: &CellSpan| text.get(cell.bytes.clone()).unwrap_or_default();
    let cells = || (1..).zip(row.cells.iter().map(written));
    if let Some((number, _)) = cells().find(|(_, name)| name.contains(['\n', '\r'])) {
        let name = format!("the name of column {number}");
        return Err(messages::column_name_with_line_break(&name).within(IN_HEADER));
    }
    if text.starts_with("sep=") {
        return Err(messages::separator_line());
    }
    let invisible = |name: &str| name.chars().find(|&c| is_invisible(c)).map(u32::from);
    let hidden = cells().find_map(|(number, name)| Some((number, invisible(name)?)));
    if let Some((number, hidden)) = hidden {
        let message = messages::column_name_with_invisible_character(number, hidden);
        return Err(message.within(IN_HEADER));
    }
    let name = |(_, written): (usize, &str)| written.replace("\"\"", "\"").trim().to_owned();
    Ok(cells().map(name).collect())
}

/// The message for a file that is not CSV in UTF-8.
fn other_kind(first: &[u8]) -> Option<Message> {
    const ASK: &str = "ask the sender for the claims as CSV UTF-8";
    Some(match first {
        [] => messages::file_empty(),
        [0, 0, ..] => messages::begins_with_nul(),
        [b'B', b'Z', b'h', ..] => messages::in_archive("compressed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => messages::in_archive("compressed with xz"),
        [b'7', b'z', 0xbc, 0xaf, ..] => messages::in_archive("a 7z archive"),
        _ if first.get(TAR_MARK) == Some(b"ustar") => messages::in_archive("a tar archive"),
        [b'%', b'P', b'D', b'F', ..] => messages::not_csv("is a PDF", ASK),
        [b'<', ..] => messages::not_csv(
            "is HTML or XML",
            "open it in a spreadsheet program and save it as CSV UTF-8",
        ),
        [b'[', b'a'..=b'z', ..] => messages::not_csv(
            "looks like a plan (TOML)",
            "specify the claims file as the argument, and the plan with `--plan`",
        ),
        [b'{' | b'[', ..] => messages::not_csv("is JSON", ASK),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => messages::in_utf16(),
        [b'P', b'K', 3, 4, ..] => messages::not_csv(
            "is a workbook or zip archive",
            "rename an Excel workbook so that its name ends in `.xlsx`; save any other workbook as `.xlsx`, or the sheet as CSV UTF-8",
        ),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => messages::old_workbook_or_password(),
        // The outer compression has already been removed.
        _ if Compression::of(first).is_some() => messages::compressed_twice(),
        _ => return None,
    })
}
