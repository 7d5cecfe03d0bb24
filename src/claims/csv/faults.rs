//! Faults in the bytes of a row, regardless of the meaning of its cells: misplaced
//! quotes, invalid UTF-8, control characters.

use memchr::memchr_iter;

use crate::base::diagnostics::Message;
use crate::claims::csv::reader::{CellSpan, CsvRow, QuoteFault};
use crate::claims::messages;

/// A fault in the bytes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByteFault {
    /// The index of the faulty cell, if the fault is in a cell.
    pub cell: Option<usize>,
    /// The cell as written in the file.
    pub value: Option<String>,
    pub message: Message,
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
        QuoteFault::Inside(cell) => (cell, quote_inside(begin(cell))),
        QuoteFault::TextAfter(cell) => {
            let end = row.cells.get(cell).map(|cell| cell.bytes.end + 1);
            let after = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
            (cell, text_after_quote(after))
        }
        QuoteFault::Unclosed(cell) => (cell, messages::quote_never_closed()),
    };
    let fault = |fault: &QuoteFault| {
        let (cell, message) = words(fault);
        ByteFault {
            cell: Some(cell),
            // After an unclosed quote, nothing is certain.
            value: match fault {
                QuoteFault::Unclosed(_) => None,
                _ => row.cells.get(cell).map(|cell| lossy(bytes, cell)),
            },
            message,
        }
    };
    row.faults.iter().map(fault).collect()
}

/// The message for a quote in a cell that does not begin with one.
fn quote_inside(cell: &[u8]) -> Message {
    if cell.starts_with(b"=\"") {
        messages::cell_is_formula()
    } else if cell.trim_ascii_start().starts_with(b"\"") {
        messages::space_before_quote()
    } else {
        messages::quote_inside()
    }
}

/// The message for text after the closing quote of a cell.
fn text_after_quote(after: &[u8]) -> Message {
    match (after.first(), after.trim_ascii_start().first()) {
        (Some(b';'), _) => messages::other_separator("cells", "semicolons (`;`)"),
        (Some(b'|'), _) => messages::other_separator("cells", "vertical bars (`|`)"),
        (Some(b'\t'), _) => messages::other_separator("cells", "tabs"),
        (_, None | Some(b',')) => messages::space_after_quote(),
        _ => messages::text_after_quote(),
    }
}

/// The first invalid UTF-8 of a row.
pub(crate) fn utf8_fault(bytes: &[u8], row: &CsvRow) -> ByteFault {
    let content = |cell: &CellSpan| bytes.get(cell.bytes.clone()).unwrap_or_default();
    let number = row
        .cells
        .iter()
        .position(|cell| std::str::from_utf8(content(cell)).is_err());
    let cell = number.and_then(|number| row.cells.get(number));
    ByteFault {
        cell: number,
        value: cell.map(|cell| lossy(bytes, cell)),
        message: not_utf8(cell.map_or(bytes, content)),
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
            message: messages::control_character(&name),
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

/// The message for invalid UTF-8, with the likely encoding.
pub(crate) fn not_utf8(bytes: &[u8]) -> Message {
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = bytes.get(at).copied().unwrap_or(0);
    let hint = match windows_1252(byte) {
        Some(character) => format!(
            "the file may be Windows-1252, where this byte is `{character}`; save it as CSV UTF-8"
        ),
        None => "save the file as CSV UTF-8".to_owned(),
    };
    messages::not_utf8(byte).hint(hint)
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
