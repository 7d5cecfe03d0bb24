//! Finds the rows of a block without misplaced quotes, with the same result as
//! [`crate::claims::csv::reader::scan`], but 64 bytes at a time.
//!
//! Each chunk of 64 bytes becomes bit masks for commas, quotes and bytes between
//! quotes. A block with a misplaced quote is left to
//! [`crate::claims::csv::reader::scan`], which describes the fault.
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the processor"
)]

mod fields;

use crate::base::diagnostics::OrBug;
use crate::claims::csv::chunk::{self, AT_ONCE, CHUNK, ChunkBits, ChunkScanner, ChunkTask};
use crate::claims::csv::faults;
pub(crate) use crate::claims::csv::index::fields::RowFields;

/// Number of cell or row ends written at once; few chunks have more.
const CELLS_AT_ONCE: usize = 8;
const ROWS_AT_ONCE: usize = 2;

/// The position before the first byte of a block: adding 1 wraps to 0.
const BEFORE: u32 = u32::MAX;

/// The ends of the cells and rows of a block.
#[derive(Debug, Default)]
pub(crate) struct CellEnds {
    /// The positions of commas and line breaks outside quotes, after [`BEFORE`].
    /// Entries after the last one are left from other blocks.
    cells: Offsets,
    /// By row, the index of its last position.
    rows: Offsets,
    /// True if a quote is misplaced; all other fields are then meaningless.
    pub misquoted: bool,
    /// True if there are control characters other than line ends and line breaks in
    /// quotes.
    pub odd: bool,
    /// True if cells contain line breaks.
    inner_lines: bool,
    /// True if there are carriage returns.
    returns: bool,
}

/// Numbers in reused memory.
#[derive(Debug, Default)]
struct Offsets {
    numbers: Vec<u32>,
    count: usize,
}

impl Offsets {
    fn get(&self) -> &[u32] {
        self.numbers
            .get(..self.count)
            .or_bug("a separator is missing")
    }

    /// Ensures room for all bits of a chunk.
    #[inline(always)]
    fn make_room(&mut self) {
        let needed = self.count + 2 * CHUNK;
        if self.numbers.len() < needed {
            self.numbers.resize(2 * needed, 0);
        }
    }

    /// Removes all numbers, and adds a first one.
    fn begin_with(&mut self, first: u32) {
        self.count = 0;
        self.make_room();
        if let Some(place) = self.numbers.first_mut() {
            *place = first;
        }
        self.count = 1;
    }

    fn push(&mut self, number: u32) {
        self.numbers.truncate(self.count);
        self.numbers.push(number);
        self.count += 1;
    }

    /// Adds a number for each bit, starting with the lowest. Always writes at least
    /// `AT_ONCE` numbers, so that few chunks need another round; the excess is
    /// overwritten later.
    #[inline(always)]
    fn push_bits<const AT_ONCE: usize>(&mut self, mut bits: u64, number: impl Fn(u64) -> u32) {
        self.make_room();
        let count = usize::try_from(bits.count_ones()).unwrap_or(0);
        let mut written = 0;
        while written < count {
            let room = self.numbers.get_mut(self.count + written..);
            let Some(room) = room.and_then(<[u32]>::first_chunk_mut::<AT_ONCE>) else {
                return;
            };
            for place in room {
                *place = number(bits);
                bits &= bits.wrapping_sub(1);
            }
            written += AT_ONCE;
        }
        self.count += count;
    }
}

/// A block to be indexed.
struct IndexedBlock<'m, 'b> {
    marks: &'m mut CellEnds,
    bytes: &'b [u8],
}

impl ChunkTask for IndexedBlock<'_, '_> {
    #[inline(always)]
    fn look(self, chunks: impl ChunkScanner) {
        self.marks.look_at(self.bytes, chunks);
    }
}

/// The state carried from one chunk to the next.
#[derive(Debug)]
struct QuoteState {
    /// True if a quote is open.
    open: bool,
    /// True if a cell begins here.
    cell: bool,
    /// True if the last byte was a quote that may be closing, or the first of a
    /// doubled quote.
    closed: bool,
    /// True if the last byte was a carriage return after a closing quote.
    closed_line: bool,
    /// Bytes that need a closer look.
    special: u64,
}

impl CellEnds {
    /// Indexes another block, of less than 4 GiB.
    pub(crate) fn find(&mut self, bytes: &[u8]) {
        self.cells.begin_with(BEFORE);
        self.rows.count = 0;
        (self.misquoted, self.inner_lines) = (false, false);
        chunk::dispatch(IndexedBlock { marks: self, bytes });
    }

    #[inline(always)]
    fn look_at(&mut self, content: &[u8], with: impl ChunkScanner) {
        let mut state = QuoteState {
            open: false,
            cell: true,
            closed: false,
            closed_line: false,
            special: 0,
        };
        let (chunks, rest) = content.as_chunks::<CHUNK>();
        let (mut base, mut all) = (0, [ChunkBits::default(); AT_ONCE]);
        for chunks in chunks.chunks(AT_ONCE) {
            with.all_bits(chunks, &mut all);
            for (chunk, bits) in chunks.iter().zip(&all) {
                self.chunk(chunk, bits, base, u64::MAX, &mut state);
                base = base.wrapping_add(64);
            }
        }
        if !rest.is_empty() {
            // The padding is neither a separator nor special.
            let mut padded = [b' '; CHUNK];
            for (to, from) in padded.iter_mut().zip(rest) {
                *to = *from;
            }
            let there = (1 << rest.len()) - 1;
            with.all_bits(&[padded], &mut all);
            let [bits, ..] = &all;
            self.chunk(&padded, bits, base, there, &mut state);
        }
        self.misquoted |= state.open;
        (self.returns, self.odd) = match state.special {
            0 => (false, false),
            _ => (content.contains(&b'\r'), faults::has_controls(content)),
        };
        self.end(content, &state);
    }

    /// Records a last row without a line break.
    fn end(&mut self, bytes: &[u8], state: &QuoteState) {
        let end = place(bytes.len());
        let ended = self.rows.get().last().is_some_and(|&last| {
            index(last) + 1 == self.cells.count
                && self.cells.get().last().is_some_and(|&last| last + 1 == end)
        });
        if !ended && end > 0 {
            self.rows.push(place(self.cells.count));
            self.cells.push(end - u32::from(state.closed_line));
        }
    }

    /// Indexes a chunk; only the bytes in the mask exist.
    #[inline(always)]
    fn chunk(
        &mut self,
        chunk: &[u8; CHUNK],
        bits: &ChunkBits,
        base: u32,
        there: u64,
        state: &mut QuoteState,
    ) {
        state.special |= bits.special;
        let mut outside = u64::MAX;
        if bits.quotes != 0 || state.open || state.closed || state.closed_line {
            outside = self.quotes(chunk, bits, there, state);
        }
        let lines = bits.lines & outside;
        let ends = bits.commas & outside | lines;
        state.cell = ends >> (CHUNK - 1) == 1;
        let before = place(self.cells.count);
        self.cells
            .push_bits::<CELLS_AT_ONCE>(ends, |bits| base | bits.trailing_zeros());
        self.rows.push_bits::<ROWS_AT_ONCE>(lines, |bits| {
            let lower = (bits & bits.wrapping_neg()).wrapping_sub(1);
            before.wrapping_add((ends & lower).count_ones())
        });
    }

    /// Checks the quotes of a chunk, and returns the mask of bytes outside quotes.
    #[inline(never)]
    fn quotes(
        &mut self,
        chunk: &[u8; CHUNK],
        bits: &ChunkBits,
        there: u64,
        state: &mut QuoteState,
    ) -> u64 {
        let &ChunkBits {
            commas,
            lines,
            quotes,
            ..
        } = bits;
        let returns = chunk::bits_of(chunk, b'\r');
        // A mask of bytes with an odd number of quotes up to them.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        if state.open {
            inside = !inside;
        }
        let outside = !inside;
        let (opening, closing) = (quotes & inside, quotes & outside);
        let ends = (commas | lines) & outside;
        let after = |bits: u64, first: bool| bits << 1 | u64::from(first);
        // A quote opens at the beginning of a cell, or directly after a closing
        // quote, as part of a doubled quote.
        let may_open = after(ends, state.cell) | after(closing, state.closed);
        // After a closing quote, the cell ends.
        let closed = after(closing, state.closed);
        let may_follow = ends | opening | returns;
        let closed_line = closed & returns;
        let after_return = after(closed_line, state.closed_line);
        let wrong = opening & !may_open | closed & !may_follow | after_return & !lines;
        self.misquoted |= wrong & there != 0;
        self.inner_lines |= lines & inside != 0;
        let last = |bits: u64| bits & !(there >> 1) & there != 0;
        state.open = last(inside);
        state.closed = last(closing);
        state.closed_line = last(closed_line);
        outside
    }

    /// The rows of the block.
    pub(crate) fn rows<'m>(&'m self, bytes: &'m [u8]) -> impl Iterator<Item = RowFields<'m>> {
        let mut first = 0;
        self.rows.get().iter().map_while(move |&last| {
            let last = index(last);
            let fields = RowFields {
                bytes,
                bounds: self.cells.get().get(first..=last)?,
                returns: self.returns,
                inner_lines: self.inner_lines,
            };
            first = last;
            Some(fields)
        })
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::csv::faults::control_fault;
    use crate::claims::csv::reader::{CsvRow, ScanResult, scan};

    /// A row: its start, its cells, and the number of line breaks in them.
    type Found = (usize, Vec<(String, bool)>, u64);

    /// The rows of a text by the other reader, and whether one has a control
    /// character; `None` for a misplaced quote.
    fn by_scan(text: &str) -> Option<(Vec<Found>, bool)> {
        let (mut at, mut rows, mut controls) = (0, Vec::new(), false);
        loop {
            let mut row = CsvRow::default();
            match scan(&text.as_bytes()[at..], true, &mut row) {
                ScanResult::More => return Some((rows, controls)),
                ScanResult::Nothing(length) => at += length,
                ScanResult::Row(_) if !row.faults.is_empty() => return None,
                ScanResult::Row(length) => {
                    let cells = row.cells.iter().map(|cell| {
                        let place = at + cell.bytes.start..at + cell.bytes.end;
                        (text[place].to_owned(), cell.doubled)
                    });
                    rows.push((at, cells.collect(), row.inner_lines));
                    controls |= control_fault(&text[at..at + length], &row).is_some();
                    at += length;
                }
            }
        }
    }

    /// The rows of a text by the index.
    fn by_marks(text: &str, marks: &mut CellEnds) -> Option<Vec<Found>> {
        marks.find(text.as_bytes());
        let misquoted = marks.misquoted;
        let found = |fields: RowFields<'_>| {
            let cells = (0..fields.count()).map(|number| {
                let (cell, doubled) = fields.cell(number);
                if !misquoted {
                    let without_quotes =
                        fields.from(number).map(|(text, length)| text.get(..length));
                    assert_eq!(without_quotes, (!doubled).then_some(Some(cell)));
                }
                (String::from_utf8_lossy(cell).into_owned(), doubled)
            });
            (fields.start(), cells.collect(), fields.line_breaks())
        };
        let rows = marks.rows(text.as_bytes());
        let rows = rows.filter(|fields| !fields.is_nothing()).map(found);
        (!marks.misquoted).then(|| rows.collect())
    }

    #[test]
    fn both_readers_find_the_same_rows() {
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let (mut misquoted, mut odd, mut marks) = (0, 0, CellEnds::default());
        for _ in 0..40_000 {
            let length = random(300);
            let text: String = (0..length)
                .map(|_| match random(900) {
                    0 => "\"",
                    1 => ",\"",
                    2 => "\",",
                    3 => "\"\n",
                    4 => "\u{85}",
                    5 => "\t",
                    6 => "\r",
                    7 => "\"\r",
                    8 => "\u{7f}",
                    9..80 => "\n",
                    80..120 => "\r\n",
                    120..240 => ",",
                    240 => "\n\"\"",
                    241..300 => "\n\"\",",
                    300..400 => ",\"a\"\"b\n\"\"\",",
                    400..450 => "\n\"x,y\"\r\n",
                    450..460 => "\u{b0}é",
                    460..480 => ",\"\r\n,\",",
                    _ => "xyz",
                })
                .collect();
            let expected = by_scan(&text);
            let found = by_marks(&text, &mut marks);
            misquoted += u32::from(expected.is_none());
            if let Some((rows, controls)) = expected {
                odd += u32::from(marks.odd);
                assert_eq!(found, Some(rows), "{text:?}");
                // Lone carriage returns are allowed in quotes.
                assert!(marks.odd || !controls, "{text:?}");
                assert!(!marks.odd || controls || text.contains('\r'), "{text:?}");
            } else {
                assert_eq!(found, None, "{text:?}");
            }
        }
        assert!((10_000..30_000).contains(&misquoted), "{misquoted}");
        assert!((1000..15_000).contains(&odd), "{odd}");
    }
}
