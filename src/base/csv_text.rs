//! Cells of CSV, quoted only if necessary.

/// True if a cell must be quoted.
pub(crate) fn needs_quotes(cell: &[u8]) -> bool {
    let quotes = |any, &byte: &u8| any | matches!(byte, b',' | b'"' | b'\n' | b'\r');
    cell.iter().fold(false, quotes)
}

pub(crate) fn push_cell(line: &mut String, cell: &str) {
    if needs_quotes(cell.as_bytes()) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

/// Appends a cell of arbitrary bytes.
pub(crate) fn push_bytes(line: &mut Vec<u8>, cell: &[u8]) {
    if needs_quotes(cell) {
        push_quoted(line, cell);
    } else {
        line.extend_from_slice(cell);
    }
}

/// Appends a quoted cell.
pub(crate) fn push_quoted(line: &mut Vec<u8>, cell: &[u8]) {
    line.push(b'"');
    for &byte in cell {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
