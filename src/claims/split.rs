//! The rows of a block, where every quote is in its place: the same as
//! [`super::rows::scan`] finds, but 64 bytes at a time.
//!
//! Where a quote is out of place this stops; [`super::rows::scan`] then says
//! what is wrong.

use std::ops::Range;

use wide::u8x16;

/// How many bytes are looked at together.
const CHUNK: usize = 64;
const LANES: usize = 16;

/// Goes through a block of whole rows.
#[derive(Debug)]
pub struct Splitter<'b> {
    bytes: &'b [u8],
    /// Where the next row begins.
    at: usize,
    marks: Marks<'b>,
}

/// What comes next in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A row, at this place of the block.
    Row(Range<usize>),
    /// A line with nothing at all.
    Nothing,
    /// A row that begins here has a quote that is out of place.
    Odd(usize),
    /// Nothing more.
    End,
}

/// Where the cells of a row end.
#[derive(Debug, Default)]
pub struct Fields {
    /// The end of each cell, counted from the beginning of the row; the next
    /// begins one byte later.
    ends: Vec<usize>,
    /// How many line breaks stand inside the cells.
    pub inner_lines: u64,
}

impl Fields {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell of the row, without the quotes around it, and whether quotes in
    /// it have to be made single.
    pub fn cell<'r>(&self, row: &'r str, number: usize) -> (&'r str, bool) {
        let start = match number.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).map_or(usize::MAX, |end| end + 1),
        };
        let end = self.ends.get(number).copied().unwrap_or(0);
        let cell = row.get(start..end).unwrap_or_default();
        let inside = cell
            .strip_prefix('"')
            .and_then(|cell| cell.strip_suffix('"'));
        match inside {
            None => (cell, false),
            Some(inside) => (inside, inside.contains('"')),
        }
    }
}

/// The places of commas, line breaks and quotes, in order.
#[derive(Debug)]
struct Marks<'b> {
    bytes: &'b [u8],
    /// Where the chunk begins that is being looked at.
    base: usize,
    /// A bit for each mark of the chunk that is still to come.
    bits: u64,
}

impl<'b> Splitter<'b> {
    /// At the beginning of a block.
    pub fn new(bytes: &'b [u8]) -> Self {
        let bits = marks_of(bytes);
        let marks = Marks {
            bytes,
            base: 0,
            bits,
        };
        Self {
            bytes,
            at: 0,
            marks,
        }
    }

    /// The next row; its cells are counted from its beginning.
    pub fn next(&mut self, fields: &mut Fields) -> Next {
        fields.ends.clear();
        fields.inner_lines = 0;
        let start = self.at;
        match self.bytes.get(start..) {
            None | Some([]) => return Next::End,
            Some([b'\n', ..]) => return self.nothing(1),
            Some([b'\r', b'\n', ..]) => return self.nothing(2),
            _ => {}
        }
        let mut cell = start;
        loop {
            let at = self.marks.next();
            match self.bytes.get(at) {
                Some(b',') => {
                    fields.ends.push(at - start);
                    cell = at + 1;
                }
                Some(b'\n') => {
                    let carriage_return = at > cell && self.bytes.get(at - 1) == Some(&b'\r');
                    fields.ends.push(at - usize::from(carriage_return) - start);
                    return self.row(start, at + 1);
                }
                Some(_) if at == cell => match self.quoted(start, fields) {
                    Some(CellEnd::Comma(next)) => cell = next,
                    Some(CellEnd::Line(next)) => return self.row(start, next),
                    None => return Next::Odd(start),
                },
                Some(_) => return Next::Odd(start),
                None => {
                    fields.ends.push(self.bytes.len() - start);
                    return self.row(start, self.bytes.len());
                }
            }
        }
    }

    fn nothing(&mut self, length: usize) -> Next {
        self.marks.next();
        self.at += length;
        Next::Nothing
    }

    fn row(&mut self, start: usize, next: usize) -> Next {
        self.at = next;
        Next::Row(start..next)
    }

    /// A cell whose opening quote was just met, to the mark after it.
    fn quoted(&mut self, row_start: usize, fields: &mut Fields) -> Option<CellEnd> {
        let close = loop {
            let at = self.marks.next();
            match self.bytes.get(at)? {
                b'"' if self.bytes.get(at + 1) == Some(&b'"') => {
                    self.marks.next();
                }
                b'"' => break at,
                b'\n' => fields.inner_lines += 1,
                _ => {}
            }
        };
        fields.ends.push(close + 1 - row_start);
        let end = match self.bytes.get(close + 1..)? {
            [] => return Some(CellEnd::Line(close + 1)),
            [b'\r'] => return Some(CellEnd::Line(close + 2)),
            [b',', ..] => CellEnd::Comma(close + 2),
            [b'\n', ..] => CellEnd::Line(close + 2),
            [b'\r', b'\n', ..] => CellEnd::Line(close + 3),
            _ => return None,
        };
        // The comma or the line break is the next mark.
        self.marks.next();
        Some(end)
    }
}

/// What ends a quoted cell, and where the next thing begins.
enum CellEnd {
    Comma(usize),
    Line(usize),
}

impl Marks<'_> {
    /// The place of the next mark; past the end when there is none.
    fn next(&mut self) -> usize {
        while self.bits == 0 {
            self.base += CHUNK;
            match self.bytes.get(self.base..) {
                None | Some([]) => return usize::MAX,
                Some(rest) => self.bits = marks_of(rest),
            }
        }
        let offset = self.bits.trailing_zeros();
        self.bits &= self.bits - 1;
        self.base + usize::try_from(offset).unwrap_or(0)
    }
}

/// A bit for each comma, line break and quote among the first bytes.
fn marks_of(bytes: &[u8]) -> u64 {
    let mut padded = [0; CHUNK];
    let chunk = bytes.first_chunk::<CHUNK>().unwrap_or_else(|| {
        for (to, from) in padded.iter_mut().zip(bytes) {
            *to = *from;
        }
        &padded
    });
    let (lanes, _) = chunk.as_chunks::<LANES>();
    let mut bits = 0;
    for (lane, shift) in lanes.iter().zip((0..).step_by(LANES)) {
        let lane = u8x16::new(*lane);
        let is = |byte: u8| lane.simd_eq(u8x16::splat(byte));
        let marks = is(b',') | is(b'\n') | is(b'"');
        bits |= u64::from(marks.to_bitmask()) << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Row, Scan, scan};
    use super::*;

    /// A row: where it is, its cells, and the line breaks in them.
    type Found = (Range<usize>, Vec<(String, bool)>, u64);

    /// The rows of a text by the other reader, up to a quote out of place.
    fn by_scan(text: &str) -> Vec<Found> {
        let (mut at, mut rows) = (0, Vec::new());
        loop {
            let mut row = Row::default();
            match scan(&text.as_bytes()[at..], true, &mut row) {
                Scan::More => return rows,
                Scan::Nothing(length) => at += length,
                Scan::Row(_) if !row.faults.is_empty() => return rows,
                Scan::Row(length) => {
                    let cells = row.cells.iter().map(|cell| {
                        let place = at + cell.bytes.start..at + cell.bytes.end;
                        (text[place].to_owned(), cell.doubled)
                    });
                    rows.push((at..at + length, cells.collect(), row.inner_lines));
                    at += length;
                }
            }
        }
    }

    fn by_splitter(text: &str) -> (Vec<Found>, bool) {
        let (mut splitter, mut rows) = (Splitter::new(text.as_bytes()), Vec::new());
        loop {
            let mut fields = Fields::default();
            match splitter.next(&mut fields) {
                Next::Row(place) => {
                    let cells = (0..fields.len()).map(|number| {
                        let (cell, doubled) = fields.cell(&text[place.clone()], number);
                        (cell.to_owned(), doubled)
                    });
                    rows.push((place.clone(), cells.collect(), fields.inner_lines));
                }
                Next::Nothing => {}
                Next::Odd(_) => return (rows, true),
                Next::End => return (rows, false),
            }
        }
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
        let mut odd_ones = 0;
        for _ in 0..20_000 {
            let length = random(200);
            let text: Vec<u8> = (0..length)
                .flat_map(|_| match random(600) {
                    0 => &b"\""[..],
                    1 => b",\"",
                    2 => b"\",",
                    3 => b"\"\n",
                    4..80 => b"\n",
                    80..120 => b"\r\n",
                    120..140 => b"\r",
                    140..240 => b",",
                    240..300 => b"\n\"\"",
                    300..400 => b",\"a\"\"b\n\"\"\",",
                    400..450 => b"\n\"x,y\"\r\n",
                    _ => b"xyz",
                })
                .copied()
                .collect();
            let text = String::from_utf8(text).expect("it is ASCII");
            let expected = by_scan(&text);
            let (rows, odd) = by_splitter(&text);
            odd_ones += u32::from(odd);
            assert_eq!(rows, expected, "{text:?}");
        }
        assert!(odd_ones > 1000 && odd_ones < 19_000, "{odd_ones}");
    }
}
