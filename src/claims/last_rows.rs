//! The last rows of a CSV file, among which notes below the table may stand. They
//! are looked at again when the file was read.

use std::collections::VecDeque;

use memchr::{memchr, memchr_iter, memrchr_iter};

use super::blocks::Block;
use super::header::Header;
use super::not_a_claim::{self, Above, LAST_ROWS, LastRow, NoClaim};
use super::rows::{Cell, Row, Scan, scan};

/// How many lines say what the rows above the last are like.
const LINES: usize = 1000;

/// The blocks in which the last lines of a file are.
#[derive(Debug, Default)]
pub struct LastRows {
    blocks: VecDeque<(Block, usize)>,
}

impl LastRows {
    /// Takes the next block, which has so many rows; gives back a block that is no
    /// longer needed.
    pub fn push(&mut self, block: Block, rows: usize) -> Option<Block> {
        self.blocks.push_back((block, rows));
        let after_first = self.blocks.iter().skip(1).map(|(_, rows)| rows);
        let is_needed = after_first.sum::<usize>() < LINES;
        let first = (!is_needed).then(|| self.blocks.pop_front())?;
        first.map(|(block, _)| block)
    }

    /// Rows that are no claims, of a file that has so many rows and ends before
    /// this line. Its quotes are all in their places.
    pub fn no_claims(self, header: &Header, rows: u64, end: u64) -> Vec<Note> {
        let contents: Vec<&[u8]> = self
            .blocks
            .iter()
            .map(|(block, _)| block.content())
            .collect();
        let bytes = contents.concat();
        let Ok(text) = std::str::from_utf8(last_lines(&bytes)) else {
            return Vec::new();
        };
        let id = header.places.first().copied().unwrap_or(0);
        let (all, facts) = rows_of(text, id);
        let first = all.len().saturating_sub(LAST_ROWS);
        let (above, last) = all.split_at_checked(first).unwrap_or_default();
        let rows_above = rows.saturating_sub(u64::try_from(last.len()).unwrap_or(0));
        let found = not_a_claim::at_the_end(last, rows_above, || {
            let mut facts = Above::default();
            let rows = above.iter();
            rows.for_each(|row| facts.add(row.id, row.others.len()));
            facts
        });
        let note = |found: NoClaim| {
            let row = last.get(found.place)?;
            let facts = facts.get(first + found.place)?;
            // Of a row with too few cells that is said already.
            (facts.cells == header.names.len()).then(|| Note {
                row: rows_above + 1 + u64::try_from(found.place).unwrap_or(0),
                line: end - facts.lines_to_end,
                id: row.id.to_owned(),
                problem: found.problem,
                hint: found.hint,
            })
        };
        found.into_iter().filter_map(note).collect()
    }
}

/// A row of a file that is no claim.
#[derive(Debug)]
pub struct Note {
    /// Its number in the file, counted from 1.
    pub row: u64,
    /// Its line.
    pub line: u64,
    /// What stands where claims have their ids.
    pub id: String,
    /// Why it is none.
    pub problem: String,
    /// What to do.
    pub hint: &'static str,
}

/// The last lines of a text whose quotes are all in their places, from the
/// beginning of a row on.
fn last_lines(bytes: &[u8]) -> &[u8] {
    let has_open_quote = |bytes: &[u8]| memchr_iter(b'"', bytes).count() % 2 == 1;
    let Some(end) = memrchr_iter(b'\n', bytes).nth(LINES) else {
        return bytes;
    };
    let (before, mut after) = bytes.split_at_checked(end + 1).unwrap_or_default();
    let mut is_open = has_open_quote(before);
    while is_open {
        let end = memchr(b'\n', after).map_or(after.len(), |end| end + 1);
        let (line, rest) = after.split_at_checked(end).unwrap_or_default();
        is_open ^= has_open_quote(line) || line.is_empty();
        after = rest;
    }
    after
}

/// What is known of a row beside its cells.
struct Facts {
    cells: usize,
    /// How many lines the text has from its first line on.
    lines_to_end: u64,
}

/// The rows of a text.
fn rows_of(text: &str, id: usize) -> (Vec<LastRow<'_>>, Vec<Facts>) {
    let (mut rows, mut facts) = (Vec::new(), Vec::new());
    let (mut row, mut at, mut line, mut after_gap) = (Row::default(), 0, 0, false);
    while let Some(rest) = text.get(at..) {
        match scan(rest.as_bytes(), true, &mut row) {
            Scan::More => break,
            Scan::Nothing(length) => {
                after_gap = true;
                at += length;
                line += 1;
            }
            Scan::Row(length) => {
                let text = |cell: &Cell| rest.get(cell.bytes.clone()).unwrap_or_default().trim();
                let others = row.cells.iter().enumerate();
                let others = others.filter(|(place, _)| *place != id);
                let others = others.map(|(_, cell)| text(cell));
                rows.push(LastRow {
                    id: row.cells.get(id).map_or("", text),
                    others: others.filter(|cell| !cell.is_empty()).collect(),
                    after_gap: std::mem::take(&mut after_gap),
                });
                facts.push(Facts {
                    cells: row.cells.len(),
                    lines_to_end: line,
                });
                at += length;
                line += 1 + row.inner_lines;
            }
        }
    }
    for facts in &mut facts {
        facts.lines_to_end = line - facts.lines_to_end;
    }
    (rows, facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_begin_with_a_row() {
        let rows = |count: usize| "A-1,\"two\nlines\"\n".repeat(count);
        for count in [1, LINES / 2, LINES / 2 + 1, LINES, 3 * LINES] {
            let text = rows(count);
            let last = std::str::from_utf8(last_lines(text.as_bytes())).unwrap();
            assert!(text.ends_with(last));
            let (found, facts) = rows_of(last, 0);
            assert!(found.len() >= count.min(LINES / 2 - 1), "{count}");
            assert!(found.iter().all(|row| row.id == "A-1"));
            let to_end = (1..=found.len() as u64).rev().map(|rows| 2 * rows);
            assert!(facts.iter().map(|facts| facts.lines_to_end).eq(to_end));
        }
    }
}
