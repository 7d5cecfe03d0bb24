//! Faults in the bytes of a row, regardless of the meaning of its cells: misplaced
//! quotes, invalid UTF-8, control characters.

use memchr::memchr_iter;

use crate::claims::csv::reader::{CellSpan, CsvRow, QuoteFault};

/// A fault in the bytes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByteFault {
    /// The index of the faulty cell, if the fault is in a cell.
    pub cell: Option<usize>,
    /// The cell as written in the file.
    pub value: Option<String>,
    pub problem: String,
    pub hint: String,
}

/// All misplaced quotes of a row.
pub(crate) fn quote_faults(bytes: &[u8], row: &CsvRow) -> Vec<ByteFault> {
    let begin = |cell: usize| {
        let place = row.cells.get(cell).map(|cell| cell.bytes.start);
        place
            .and_then(|place| bytes.get(place..))
            .unwrap_or_default()
    };
    let words = |fault: &QuoteFault| match *fault {
        QuoteFault::Inside(cell) => {
            let (problem, hint) = quote_inside(begin(cell));
            (cell, problem, hint)
        }
        QuoteFault::TextAfter(cell) => {
            let end = row.cells.get(cell).map(|cell| cell.bytes.end + 1);
            let after = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
            let (problem, hint) = text_after_quote(after);
            (cell, problem, hint)
        }
        QuoteFault::Unclosed(cell) => (
            cell,
            "the opening quote of this cell is never closed, so the cell extends to the end of the file",
            "close the quote",
        ),
    };
    let fault = |fault: &QuoteFault| {
        let (cell, problem, hint) = words(fault);
        ByteFault {
            cell: Some(cell),
            // After an unclosed quote, nothing is certain.
            value: match fault {
                QuoteFault::Unclosed(_) => None,
                _ => row.cells.get(cell).map(|cell| lossy(bytes, cell)),
            },
            problem: problem.to_owned(),
            hint: hint.to_owned(),
        }
    };
    row.faults.iter().map(fault).collect()
}

/// Describes a quote in a cell that does not begin with one.
fn quote_inside(cell: &[u8]) -> (&'static str, &'static str) {
    if cell.starts_with(b"=\"") {
        (
            "the cell is a formula that protects text in spreadsheets, `=\"…\"`",
            "write only the text between the quotes, or export without this option",
        )
    } else if cell.trim_ascii_start().starts_with(b"\"") {
        (
            "the cell has a space before its opening quote",
            "remove the space; a quoted cell must begin right after the comma",
        )
    } else {
        (
            "the cell contains a quote but does not begin with one",
            "put the whole cell in quotes and double the quotes inside: `\"5\"\" pipe\"`",
        )
    }
}

/// Describes text after the closing quote of a cell.
fn text_after_quote(after: &[u8]) -> (&'static str, &'static str) {
    if let Some((problem, hint)) = after.first().and_then(|sign| other_separator(*sign)) {
        (problem, hint)
    } else if matches!(after.trim_ascii_start().first(), None | Some(b',')) {
        (
            "the cell has a space after its closing quote",
            "remove the space; a quoted cell must end right before the comma",
        )
    } else {
        (
            "the cell has text after its closing quote",
            "double the quotes inside a quoted cell: `\"the \"\"old\"\" name\"`",
        )
    }
}

/// Describes a file with a separator that other programs use.
pub(crate) fn other_separator(sign: u8) -> Option<(&'static str, &'static str)> {
    let problem = match sign {
        b';' => "the cells seem to be separated by semicolons (`;`)",
        b'|' => "the cells seem to be separated by vertical bars (`|`)",
        b'\t' => "the cells seem to be separated by tabs",
        _ => return None,
    };
    Some((problem, "save the file as CSV with commas"))
}

/// The first invalid UTF-8 of a row.
pub(crate) fn utf8_fault(bytes: &[u8], row: &CsvRow) -> ByteFault {
    let content = |cell: &CellSpan| bytes.get(cell.bytes.clone()).unwrap_or_default();
    let number = row
        .cells
        .iter()
        .position(|cell| std::str::from_utf8(content(cell)).is_err());
    let cell = number.and_then(|number| row.cells.get(number));
    let (problem, hint) = not_utf8(cell.map_or(bytes, content));
    ByteFault {
        cell: number,
        value: cell.map(|cell| lossy(bytes, cell)),
        problem,
        hint,
    }
}

/// The first control character of a row; line breaks are allowed in quoted cells.
pub(crate) fn control_fault(text: &str, row: &CsvRow) -> Option<ByteFault> {
    row.cells.iter().enumerate().find_map(|(number, cell)| {
        let content = text.get(cell.bytes.clone()).unwrap_or_default();
        let before = cell
            .bytes
            .start
            .checked_sub(1)
            .and_then(|at| text.as_bytes().get(at));
        let allowed = |c: char| before == Some(&b'"') && (c == '\n' || c == '\r');
        let character = content.chars().find(|&c| c.is_control() && !allowed(c))?;
        let name = match character {
            '\0' => "a NUL byte".to_owned(),
            '\t' => "a tab".to_owned(),
            '\u{1a}' => "an end-of-file character (Ctrl+Z), U+001A".to_owned(),
            '\r' => "a carriage return outside quotes".to_owned(),
            other => format!("the control character U+{:04X}", u32::from(other)),
        };
        Some(ByteFault {
            cell: Some(number),
            value: Some(content.to_owned()),
            problem: format!("the cell has {name}"),
            hint: "remove it; if there are many, export the file again".to_owned(),
        })
    })
}

fn lossy(bytes: &[u8], cell: &CellSpan) -> String {
    String::from_utf8_lossy(bytes.get(cell.bytes.clone()).unwrap_or_default()).into_owned()
}

/// True if a row has bytes that need a closer look: control characters, or the
/// first byte of a non-ASCII character.
pub(crate) fn looks_odd(bytes: &[u8]) -> bool {
    let row = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    row.iter().fold(false, |odd, &byte| odd | is_odd(byte))
}

/// True if a block has control characters other than line feeds and the carriage
/// returns before them.
pub(crate) fn has_controls(block: &[u8]) -> bool {
    let is_control = |byte: u8| byte < b' ' && byte != b'\n' && byte != b'\r' || byte == 0x7f;
    let next = |place: usize| block.get(place + 1).copied().unwrap_or_default();
    block
        .iter()
        .fold(false, |any, &byte| any | is_control(byte))
        || memchr_iter(b'\r', block).any(|place| next(place) != b'\n')
        // U+0080 to U+009F.
        || memchr_iter(0xc2, block).any(|place| next(place) < 0xa0)
}

fn is_odd(byte: u8) -> bool {
    byte < b' ' || byte == 0x7f || byte == 0xc2
}

/// Describes invalid UTF-8, with the likely encoding.
pub(crate) fn not_utf8(bytes: &[u8]) -> (String, String) {
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = bytes.get(at).copied().unwrap_or(0);
    let problem = format!("byte 0x{byte:02X} is not UTF-8");
    let hint = match windows_1252(byte) {
        Some(character) => format!(
            "the file may be Windows-1252, where this byte is `{character}`; save it as CSV UTF-8"
        ),
        None => "save the file as CSV UTF-8".to_owned(),
    };
    (problem, hint)
}

/// The most frequent letters and signs of Windows-1252.
fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80 => Some('€'),
        0x85 => Some('…'),
        0x91 => Some('‘'),
        0x92 => Some('’'),
        0x93 => Some('“'),
        0x94 => Some('”'),
        0x96 => Some('–'),
        0x97 => Some('—'),
        0xa1..=0xff => Some(char::from(byte)),
        _ => None,
    }
}
