//! The last rows of a CSV file, which may be notes below the table. They are
//! examined after the file was read.

use std::collections::VecDeque;
use std::str::Utf8Error;

use memchr::{memchr, memchr_iter, memrchr_iter};

use crate::base::diagnostics::{Message, OrBug};
use crate::claims::csv::blocks::Block;
use crate::claims::csv::reader::{CellSpan, CsvRow, ScanResult, scan};
use crate::claims::header::Header;
use crate::claims::notes_below::{self, KEPT_ROWS, LastRow, NotAClaim, RowsAbove};

const LOST: &str = "the last rows of a file were lost";

/// The blocks that contain the last rows of a file.
#[derive(Debug, Default)]
pub(crate) struct LastBlocks {
    blocks: VecDeque<KeptBlock>,
    /// True if the last block contained only blank rows.
    gap: bool,
}

#[derive(Debug)]
struct KeptBlock {
    block: Block,
    rows: usize,
    /// The line on which the block begins.
    line: u64,
    after_gap: bool,
}

/// A row of a file that is not a claim.
#[derive(Debug)]
pub(crate) struct NoteRow {
    /// The row number in the file, from 1.
    pub row: u64,
    pub line: u64,
    /// The cell in the column of ids.
    pub id: String,
    /// The reason why it is not a claim.
    pub message: Message,
}

impl LastBlocks {
    /// Takes the next block with its number of rows and first line; returns a block
    /// that is no longer needed.
    pub(crate) fn push(&mut self, block: Block, rows: usize, line: u64) -> Option<Block> {
        if rows == 0 {
            self.gap = true;
            return Some(block);
        }
        self.blocks.push_back(KeptBlock {
            block,
            rows,
            line,
            after_gap: std::mem::take(&mut self.gap),
        });
        let after_first = self.blocks.iter().skip(1).map(|kept| kept.rows);
        let is_needed = after_first.sum::<usize>() < KEPT_ROWS;
        let first = (!is_needed).then(|| self.blocks.pop_front())?;
        first.map(|kept| kept.block)
    }

    /// Rows that are not claims, in a file with `rows` rows. Misplaced quotes and
    /// invalid UTF-8 have already been reported.
    pub(crate) fn no_claims(self, header: &Header, rows: u64) -> Vec<NoteRow> {
        let id = *header.places.first().or_bug(LOST);
        let (mut last, mut facts) = (VecDeque::new(), VecDeque::new());
        for kept in self.blocks.iter().rev() {
            let wanted = KEPT_ROWS.saturating_sub(last.len());
            let Ok((rows, of_rows)) = kept.last_rows(wanted, id) else {
                return Vec::new();
            };
            for (row, of_row) in rows.into_iter().zip(of_rows).rev().take(wanted) {
                last.push_front(row);
                facts.push_front(of_row);
            }
        }
        let last = last.make_contiguous();
        let above = rows - u64::try_from(last.len()).ok().or_bug(LOST);
        let found = notes_below::at_the_end(last, above, RowsAbove::default());
        let note = |found: NotAClaim| {
            let (row, facts) = last
                .get(found.place)
                .zip(facts.get(found.place))
                .or_bug(LOST);
            // Rows with too few cells have already been reported.
            (facts.cells == header.names.len()).then(|| NoteRow {
                row: above + 1 + u64::try_from(found.place).ok().or_bug(LOST),
                line: facts.line,
                id: row.id.to_owned(),
                message: found.message,
            })
        };
        found.into_iter().filter_map(note).collect()
    }
}

/// Rows, and the position of each.
type Rows<'t> = (Vec<LastRow<'t>>, Vec<RowPosition>);

/// The position of a row.
struct RowPosition {
    cells: usize,
    line: u64,
}

impl KeptBlock {
    /// The last rows of the block: at least `wanted`, or all.
    fn last_rows(&self, wanted: usize, id: usize) -> Result<Rows<'_>, Utf8Error> {
        let bytes = self.block.content();
        // One more row shows whether there is an empty row above the others.
        let mut lines = wanted + 1;
        loop {
            let (before, last) = last_lines(bytes, lines);
            let line_feeds = memchr_iter(b'\n', before).count();
            let line = self.line + u64::try_from(line_feeds).ok().or_bug(LOST);
            let text = std::str::from_utf8(last)?;
            let after_gap = before.is_empty() && self.after_gap;
            let rows = rows_of(text, id, line, after_gap);
            if before.is_empty() || rows.0.len() > wanted {
                return Ok(rows);
            }
            lines = lines.saturating_mul(4);
        }
    }
}

/// Splits off the last lines of a text without misplaced quotes, at the beginning
/// of a row.
fn last_lines(bytes: &[u8], lines: usize) -> (&[u8], &[u8]) {
    let has_open_quote = |bytes: &[u8]| memchr_iter(b'"', bytes).count() % 2 == 1;
    let Some(end) = memrchr_iter(b'\n', bytes).nth(lines) else {
        return (&[], bytes);
    };
    let mut start = end + 1;
    let mut is_open = has_open_quote(bytes.get(..start).or_bug(LOST));
    while is_open {
        let after = bytes.get(start..).or_bug(LOST);
        let end = memchr(b'\n', after).map_or(after.len(), |end| end + 1);
        is_open = end > 0 && !has_open_quote(after.get(..end).or_bug(LOST));
        start += end;
    }
    bytes.split_at_checked(start).or_bug(LOST)
}

/// The rows of a text that begins on this line, possibly below an empty row.
fn rows_of(text: &str, id: usize, mut line: u64, mut after_gap: bool) -> Rows<'_> {
    let (mut rows, mut facts) = (Vec::new(), Vec::new());
    let (mut row, mut at) = (CsvRow::default(), 0);
    while let Some(rest) = text.get(at..) {
        match scan(rest.as_bytes(), true, &mut row) {
            ScanResult::More => break,
            ScanResult::Nothing(length) => {
                after_gap = true;
                at += length;
                line += 1;
            }
            ScanResult::Row(length) => {
                let text = |cell: &CellSpan| rest.get(cell.bytes.clone()).or_bug(LOST).trim();
                let others = row.cells.iter().enumerate();
                let others = others.filter(|(place, _)| *place != id);
                let others = others.map(|(_, cell)| text(cell));
                rows.push(LastRow {
                    id: row.cells.get(id).map_or("", text),
                    others: others.filter(|cell| !cell.is_empty()).collect(),
                    after_gap: std::mem::take(&mut after_gap),
                });
                facts.push(RowPosition {
                    cells: row.cells.len(),
                    line,
                });
                at += length;
                line += 1 + row.inner_lines;
            }
        }
    }
    (rows, facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::csv::blocks::Blocks;

    /// The rows and lines of notes in a file that is split into blocks of this
    /// size.
    fn notes(file: &str, block: usize) -> Vec<(u64, u64)> {
        let (head, text) = file.split_once('\n').unwrap();
        let header = Header {
            names: head.split(',').map(str::to_owned).collect(),
            places: vec![0],
        };
        let mut blocks = Blocks::new(Vec::new(), text.as_bytes(), false, block);
        let (mut last, mut rows, mut line) = (LastBlocks::default(), 0, 2);
        while let Some(block) = blocks.next(Vec::new()).unwrap() {
            let content = std::str::from_utf8(block.content()).unwrap().to_owned();
            let found = rows_of(&content, 0, line, false).0.len();
            rows += found as u64;
            last.push(block, found, line);
            line += content.matches('\n').count() as u64;
        }
        let notes = last.no_claims(&header, rows);
        notes.iter().map(|note| (note.row, note.line)).collect()
    }

    #[test]
    fn notes_are_found_however_the_file_is_cut_and_whatever_is_empty() {
        let claim = |n: usize| format!("A-{n},\"two\nlines\",5\n");
        for (claims, below, empty) in [
            (3, 0, 0),
            (3, 2, 1),
            (700, 1, 0),
            (2500, 3, 1),
            (40, 1, 3000),
        ] {
            let claims_text = (0..claims).map(claim).collect::<String>();
            let blank = ",,\n".repeat(empty);
            let file = format!(
                "id,b,c\n{claims_text}{}Records: {claims},,\nEnd of report,,\n{blank}",
                "\n".repeat(below)
            );
            let line = 2 + 2 * claims as u64 + below as u64;
            let expected = [(claims as u64 + 1, line), (claims as u64 + 2, line + 1)];
            for block in [64, 1000, 1 << 21] {
                assert_eq!(notes(&file, block), expected, "{claims} {below} {block}");
            }
        }
    }
}
