//! Reads rows of a CSV file by a strict grammar.
//!
//! A cell may be quoted from its first byte to its last. Inside, quotes are
//! doubled, and line breaks are literal. A quote anywhere else is a fault. Common
//! readers guess in such places, and a guess can lose rows.
//!
//! [`scan`] finds the end of the first row of a slice. It has no state, so the
//! division of a file into blocks cannot change its result.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3};

use crate::base::diagnostics::OrBug;

/// The maximum length of a row. A longer row indicates an unclosed quote or a file
/// that is not CSV, and is not kept in memory.
pub(crate) const LONGEST_ROW: usize = 1 << 20;

const BLOCK: usize = 1 << 18;

/// The position of a cell relative to the start of its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellSpan {
    /// The bytes of the cell, without its surrounding quotes.
    pub bytes: Range<usize>,
    /// True if the cell contains doubled quotes.
    pub doubled: bool,
}

/// A fault in the quotes of a row, with the index of the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteFault {
    /// A quote inside a cell that does not begin with one.
    Inside(usize),
    /// Text between a closing quote and the next comma.
    TextAfter(usize),
    /// The quote that opens the cell is never closed.
    Unclosed(usize),
}

/// The result of [`scan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanResult {
    /// A row of this length in bytes, including its line end.
    Row(usize),
    /// A line of this length with only commas and blanks.
    Nothing(usize),
    /// The slice ends before the row does.
    More,
}

/// A row and the positions of its cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct CsvRow {
    pub cells: Vec<CellSpan>,
    /// Faults in its quotes.
    pub faults: Vec<QuoteFault>,
    /// The number of line breaks inside its cells.
    pub inner_lines: u64,
}

/// Finds the first row of a slice. `last` is true if nothing follows the slice.
pub(crate) fn scan(bytes: &[u8], last: bool, row: &mut CsvRow) -> ScanResult {
    row.cells.clear();
    row.faults.clear();
    row.inner_lines = 0;
    match bytes {
        [] => return ScanResult::More,
        [b'\n', ..] => return ScanResult::Nothing(1),
        [b'\r', b'\n', ..] => return ScanResult::Nothing(2),
        _ => {}
    }
    let mut at = 0;
    loop {
        let end = if bytes.get(at) == Some(&b'"') {
            quoted(bytes, at, last, row)
        } else {
            unquoted(bytes, at, last, row)
        };
        match end {
            CellEnd::Comma(next) => at = next,
            CellEnd::Line(next) if next <= LONGEST_ROW && is_nothing(bytes, row) => {
                return ScanResult::Nothing(next);
            }
            CellEnd::Line(next) => return ScanResult::Row(next),
            CellEnd::More => return ScanResult::More,
        }
    }
}

/// True if every cell is blank, as in rows that a spreadsheet saves below a table.
fn is_nothing(bytes: &[u8], row: &CsvRow) -> bool {
    let is_blank = |cell: &CellSpan| bytes.get(cell.bytes.clone()).is_some_and(is_blank);
    row.faults.is_empty() && row.cells.iter().all(is_blank)
}

/// True if a cell contains only spaces of any width and tabs.
pub(crate) fn is_blank(cell: &[u8]) -> bool {
    let is_space =
        |letter: char| letter.is_whitespace() && (!letter.is_control() || letter == '\t');
    cell.is_empty() || std::str::from_utf8(cell).is_ok_and(|cell| cell.chars().all(is_space))
}

/// The end of a cell, and the start of the next.
enum CellEnd {
    Comma(usize),
    Line(usize),
    More,
}

fn unquoted(bytes: &[u8], start: usize, last: bool, row: &mut CsvRow) -> CellEnd {
    let mut from = start;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(offset) = memchr3(b',', b'\n', b'"', rest) else {
            if !last {
                return CellEnd::More;
            }
            push(row, start..bytes.len(), false);
            return CellEnd::Line(bytes.len());
        };
        let at = from + offset;
        match rest.get(offset) {
            Some(b',') => {
                push(row, start..at, false);
                return CellEnd::Comma(at + 1);
            }
            Some(b'\n') => {
                let carriage_return = at > start && bytes.get(at - 1) == Some(&b'\r');
                push(row, start..at - usize::from(carriage_return), false);
                return CellEnd::Line(at + 1);
            }
            _ => {
                let fault = QuoteFault::Inside(row.cells.len());
                // One fault per cell is enough.
                if row.faults.last() != Some(&fault) {
                    row.faults.push(fault);
                }
                from = at + 1;
            }
        }
    }
}

fn quoted(bytes: &[u8], start: usize, last: bool, row: &mut CsvRow) -> CellEnd {
    let mut doubled = false;
    let mut from = start + 1;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(offset) = memchr(b'"', rest) else {
            if !last {
                return CellEnd::More;
            }
            row.faults.push(QuoteFault::Unclosed(row.cells.len()));
            push(row, start + 1..bytes.len(), doubled);
            return CellEnd::Line(bytes.len());
        };
        let at = from + offset;
        match bytes.get(at + 1) {
            Some(b'"') => {
                doubled = true;
                from = at + 2;
            }
            None if !last => return CellEnd::More,
            _ => {
                let cell = start + 1..at;
                let inside = bytes.get(cell.clone()).unwrap_or_default();
                let breaks = memchr_iter(b'\n', inside).count();
                row.inner_lines += u64::try_from(breaks).unwrap_or(0);
                push(row, cell, doubled);
                return after_quote(bytes, at + 1, last, row);
            }
        }
    }
}

/// Only a comma or the end of the line may follow a closing quote.
fn after_quote(bytes: &[u8], at: usize, last: bool, row: &mut CsvRow) -> CellEnd {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest {
        [b',', ..] => return CellEnd::Comma(at + 1),
        [b'\r'] if !last => return CellEnd::More,
        [b'\n', ..] | [b'\r'] => return CellEnd::Line(at + 1),
        [b'\r', b'\n', ..] => return CellEnd::Line(at + 2),
        [] => return CellEnd::Line(at),
        _ => {}
    }
    // The rest up to the next comma or line break belongs to no cell.
    let Some(offset) = memchr::memchr2(b',', b'\n', rest) else {
        if !last {
            return CellEnd::More;
        }
        row.faults.push(QuoteFault::TextAfter(row.cells.len() - 1));
        return CellEnd::Line(bytes.len());
    };
    row.faults.push(QuoteFault::TextAfter(row.cells.len() - 1));
    if rest.get(offset) == Some(&b',') {
        CellEnd::Comma(at + offset + 1)
    } else {
        CellEnd::Line(at + offset + 1)
    }
}

fn push(row: &mut CsvRow, bytes: Range<usize>, doubled: bool) {
    row.cells.push(CellSpan { bytes, doubled });
}

/// Reads rows from a stream, block by block.
#[derive(Debug)]
pub(crate) struct RowReader<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    block: usize,
    /// The number of rows that were skipped because all of their cells are blank.
    pub blank_rows: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberedRow {
    /// The line on which it begins, counted from 1.
    pub number: u64,
    /// Its length in bytes, including its line end.
    length: usize,
    start: usize,
}

/// The row is longer than [`LONGEST_ROW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowTooLong {
    /// The line on which it begins.
    pub line: u64,
    /// True if an open quote is the reason.
    pub in_quotes: bool,
}

impl<R: Read> RowReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self::with_block(input, BLOCK)
    }

    /// A reader that takes `block` bytes from the stream at a time.
    pub(crate) fn with_block(input: R, block: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            line: 1,
            block: block.max(1),
            blank_rows: 0,
        }
    }

    /// A reader that is fed the bytes of a stream with [`Self::feed`], starting on
    /// this line.
    pub(crate) fn by_hand(input: R, line: u64) -> Self {
        Self {
            line,
            ..Self::new(input)
        }
    }

    /// Appends the next bytes of the stream; `last` is true if no others follow.
    pub(crate) fn feed(&mut self, bytes: &[u8], last: bool) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
        self.ended = last;
    }

    /// The unread bytes, the stream, whether it has ended, and the next line
    /// number.
    pub(crate) fn into_parts(self) -> (Vec<u8>, R, bool, u64) {
        (self.rest().to_vec(), self.input, self.ended, self.line)
    }

    /// The first bytes of the stream, at most `length`.
    pub(crate) fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        while self.rest().len() < length && !self.ended {
            self.fill()?;
        }
        let rest = self.rest();
        Ok(rest.get(..length.min(rest.len())).unwrap_or_default())
    }

    /// Skips `length` bytes, which [`Self::peek`] has returned.
    pub(crate) fn skip(&mut self, length: usize) {
        self.start += length.min(self.rest().len());
    }

    /// The next row, without empty lines. `None` at the end.
    pub(crate) fn next(
        &mut self,
        row: &mut CsvRow,
    ) -> io::Result<Option<Result<NumberedRow, RowTooLong>>> {
        loop {
            match self.next_at_hand(row) {
                None if self.ended => return Ok(None),
                None => self.fill()?,
                found => return Ok(found),
            }
        }
    }

    /// The next row in the bytes read so far; `None` if more are needed.
    pub(crate) fn next_at_hand(
        &mut self,
        row: &mut CsvRow,
    ) -> Option<Result<NumberedRow, RowTooLong>> {
        loop {
            match scan(self.rest(), self.ended, row) {
                ScanResult::Nothing(length) => {
                    self.blank_rows += u64::from(!row.cells.is_empty());
                    self.start += length;
                    self.line += 1;
                }
                ScanResult::Row(length) if length <= LONGEST_ROW => {
                    let line = NumberedRow {
                        number: self.line,
                        length,
                        start: self.start,
                    };
                    self.start += length;
                    self.line += 1 + row.inner_lines;
                    return Some(Ok(line));
                }
                ScanResult::More if self.ended || self.rest().len() <= LONGEST_ROW => return None,
                ScanResult::Row(_) | ScanResult::More => {
                    let long = self.rest().get(..LONGEST_ROW).unwrap_or_default();
                    return Some(Err(RowTooLong {
                        line: self.line,
                        in_quotes: ends_in_quotes(long),
                    }));
                }
            }
        }
    }

    /// Takes the next row if it has these bytes, for which [`scan`] returned this
    /// row.
    pub(crate) fn take_if(&mut self, bytes: &[u8], row: &CsvRow) -> io::Result<bool> {
        let is_it = self.peek(bytes.len())? == bytes;
        if is_it {
            self.start += bytes.len();
            self.line += 1 + row.inner_lines;
        }
        Ok(is_it)
    }

    /// The bytes of a row, valid until the next one is read.
    pub(crate) fn bytes(&self, line: &NumberedRow) -> &[u8] {
        self.buffer
            .get(line.start..line.start + line.length)
            .or_bug("the bytes of a row are gone")
    }

    fn rest(&self) -> &[u8] {
        self.buffer
            .get(self.start..)
            .or_bug("a row begins after its block")
    }

    /// Reads more. For a row longer than a block, the size doubles each time, so
    /// that scanning its beginning again costs no more than reading it.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let wanted = self.block.max(self.buffer.len());
        let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
        let read = self
            .input
            .by_ref()
            .take(limit)
            .read_to_end(&mut self.buffer)?;
        self.ended = read < wanted;
        Ok(())
    }
}

/// True if a quote is open at the end of the slice.
fn ends_in_quotes(bytes: &[u8]) -> bool {
    memchr_iter(b'"', bytes).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, block: usize) -> Vec<(u64, Vec<String>, Vec<QuoteFault>)> {
        let mut reader = RowReader::with_block(text.as_bytes(), block);
        let mut row = CsvRow::default();
        let mut rows = Vec::new();
        while let Some(line) = reader.next(&mut row).expect("a slice can be read") {
            let line = line.expect("a short row");
            let bytes = reader.bytes(&line).to_vec();
            let text =
                |cell: &CellSpan| String::from_utf8_lossy(&bytes[cell.bytes.clone()]).into_owned();
            rows.push((
                line.number,
                row.cells.iter().map(text).collect(),
                row.faults.clone(),
            ));
        }
        rows
    }

    #[test]
    fn rows_are_the_same_at_any_block_size() {
        let text = "id,name\r\n1,\"a \"\"b\"\" c\"\n\n2,\"two\r\nlines\"\r\n\"3\",\n,\" \"\n4,x\"y\n5,\"q\"z,w\n6,\"open\nend";
        let whole = rows(text, 1 << 20);
        for block in 1..text.len() + 2 {
            assert_eq!(rows(text, block), whole, "block of {block} bytes");
        }
        let texts: Vec<Vec<&str>> = whole
            .iter()
            .map(|(_, cells, _)| cells.iter().map(String::as_str).collect())
            .collect();
        assert_eq!(
            texts,
            [
                vec!["id", "name"],
                vec!["1", "a \"\"b\"\" c"],
                vec!["2", "two\r\nlines"],
                vec!["3", ""],
                vec!["4", "x\"y"],
                vec!["5", "q", "w"],
                vec!["6", "open\nend"],
            ]
        );
        let lines: Vec<u64> = whole.iter().map(|(line, _, _)| *line).collect();
        assert_eq!(lines, [1, 2, 4, 6, 8, 9, 10]);
        let faults: Vec<&QuoteFault> = whole.iter().flat_map(|(_, _, faults)| faults).collect();
        assert_eq!(
            faults,
            [
                &QuoteFault::Inside(1),
                &QuoteFault::TextAfter(1),
                &QuoteFault::Unclosed(1)
            ]
        );
    }

    #[test]
    fn a_row_without_end_is_not_kept_in_memory() {
        let mut reader = RowReader::new(io::repeat(b'x').take(1 << 30));
        let line = reader.next(&mut CsvRow::default()).expect("it can be read");
        assert_eq!(
            line,
            Some(Err(RowTooLong {
                line: 1,
                in_quotes: false
            }))
        );
        assert!(reader.buffer.len() < 4 * LONGEST_ROW);
    }
}
