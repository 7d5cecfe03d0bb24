//! The rows of a block, where every quote is in its place: the same as
//! [`super::rows::scan`] finds, but 64 bytes at a time.
//!
//! Where a quote is out of place this stops; [`super::rows::scan`] then says
//! what is wrong.

use std::ops::Range;

use wide::u8x16;

use super::bytes;

/// How many bytes are looked at together.
const CHUNK: usize = 64;
const LANES: usize = 16;

/// How many places are written down at once; few chunks have more.
const AT_ONCE: usize = 8;

/// Goes through a block of whole rows.
#[derive(Debug)]
pub struct Splitter<'b> {
    bytes: &'b [u8],
    marks: &'b [u32],
    /// How many cells most rows have.
    usual: usize,
    /// Where the next row begins.
    at: usize,
    /// The number of the mark that comes next.
    next: usize,
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
    start: usize,
    /// The end of each cell, counted from the beginning of the block; the next
    /// begins one byte later.
    ends: Vec<u32>,
    /// How many line breaks stand inside the cells.
    pub inner_lines: u64,
}

impl Fields {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.ends.len()
    }

    /// A cell of the row, without the quotes around it, and whether quotes in
    /// it have to be made single.
    pub fn cell<'b>(&self, block: &'b [u8], number: usize) -> (&'b [u8], bool) {
        let start = match number.checked_sub(1) {
            None => self.start,
            Some(before) => self
                .ends
                .get(before)
                .map_or(usize::MAX, |&end| index(end) + 1),
        };
        let end = self.ends.get(number).map_or(0, |&end| index(end));
        match block.get(start..end).unwrap_or_default() {
            [b'"', inside @ .., b'"'] => (inside, inside.contains(&b'"')),
            cell => (cell, false),
        }
    }
}

impl<'b> Splitter<'b> {
    /// At the beginning of a block whose marks are known. Most rows have the
    /// `usual` number of cells.
    pub fn new(bytes: &'b [u8], marks: &'b Marks, usual: usize) -> Self {
        Self {
            bytes,
            marks: marks.places.get(..marks.count).unwrap_or_default(),
            usual,
            at: 0,
            next: 0,
        }
    }

    /// The next row.
    pub fn next(&mut self, fields: &mut Fields) -> Next {
        fields.ends.clear();
        fields.inner_lines = 0;
        fields.start = self.at;
        if let Some(end) = self.usual_row(fields) {
            return self.row(fields.start, end);
        }
        match self.bytes.get(self.at..) {
            None | Some([]) => return Next::End,
            Some([b'\n', ..]) => return self.nothing(1),
            Some([b'\r', b'\n', ..]) => return self.nothing(2),
            _ => {}
        }
        self.any_row(fields)
    }

    /// The end of a row with the usual number of cells and no quotes.
    fn usual_row(&mut self, fields: &mut Fields) -> Option<usize> {
        let marks = self.marks.get(self.next..self.next + self.usual)?;
        let (&last, commas) = marks.split_last()?;
        let is = |place: u32, byte: u8| self.bytes.get(index(place)) == Some(&byte);
        let usual = is(last, b'\n') && commas.iter().all(|&place| is(place, b','));
        // A row of one cell may be nothing at all.
        if !usual || commas.is_empty() {
            return None;
        }
        fields.ends.extend_from_slice(commas);
        let end = index(last);
        let cell = commas.last().map_or(0, |&comma| index(comma) + 1);
        fields
            .ends
            .push(last - u32::from(self.carriage_return(cell, end)));
        self.next += self.usual;
        Some(end + 1)
    }

    /// Whether a line that ends here ends in a carriage return and a line feed.
    fn carriage_return(&self, cell: usize, end: usize) -> bool {
        end > cell && self.bytes.get(end - 1) == Some(&b'\r')
    }

    fn any_row(&mut self, fields: &mut Fields) -> Next {
        let start = self.at;
        let mut cell = start;
        loop {
            let Some(mark) = self.mark() else {
                fields.ends.push(place(self.bytes.len()));
                return self.row(start, self.bytes.len());
            };
            let at = index(mark);
            match self.bytes.get(at) {
                Some(b',') => {
                    fields.ends.push(mark);
                    cell = at + 1;
                }
                Some(b'\n') => {
                    let end = mark - u32::from(self.carriage_return(cell, at));
                    fields.ends.push(end);
                    return self.row(start, at + 1);
                }
                _ if at == cell => match self.quoted(fields) {
                    Some(CellEnd::Comma(next)) => cell = next,
                    Some(CellEnd::Line(next)) => return self.row(start, next),
                    None => return Next::Odd(start),
                },
                _ => return Next::Odd(start),
            }
        }
    }

    fn mark(&mut self) -> Option<u32> {
        let mark = self.marks.get(self.next).copied();
        self.next += 1;
        mark
    }

    fn nothing(&mut self, length: usize) -> Next {
        self.next += 1;
        self.at += length;
        Next::Nothing
    }

    fn row(&mut self, start: usize, next: usize) -> Next {
        self.at = next;
        Next::Row(start..next)
    }

    /// A cell whose opening quote was just met, to the mark after it.
    fn quoted(&mut self, fields: &mut Fields) -> Option<CellEnd> {
        let close = loop {
            let at = index(self.mark()?);
            match self.bytes.get(at)? {
                b'"' if self.bytes.get(at + 1) == Some(&b'"') => self.next += 1,
                b'"' => break at,
                b'\n' => fields.inner_lines += 1,
                _ => {}
            }
        };
        fields.ends.push(place(close + 1));
        let end = match self.bytes.get(close + 1..)? {
            [] => return Some(CellEnd::Line(close + 1)),
            [b'\r'] => return Some(CellEnd::Line(close + 2)),
            [b',', ..] => CellEnd::Comma(close + 2),
            [b'\n', ..] => CellEnd::Line(close + 2),
            [b'\r', b'\n', ..] => CellEnd::Line(close + 3),
            _ => return None,
        };
        // The comma or the line break is the next mark.
        self.next += 1;
        Some(end)
    }
}

/// What ends a quoted cell, and where the next thing begins.
enum CellEnd {
    Comma(usize),
    Line(usize),
}

/// The places of commas, line breaks and quotes of a block, in order.
#[derive(Debug, Default)]
pub struct Marks {
    /// The first `count` of these; what follows is left from other blocks.
    places: Vec<u32>,
    count: usize,
    /// Whether there may be bytes that ask for a closer look, as
    /// [`bytes::looks_odd`] tells of each row.
    pub odd: bool,
}

/// What was met in some chunks, in each place of the lanes.
#[derive(Debug, Default)]
struct Met {
    odd: u8x16,
    carriage_return: u8x16,
}

impl Marks {
    /// Finds those of another block, of at most 4 GiB.
    pub fn find(&mut self, bytes: &[u8]) {
        let most = bytes.len() + CHUNK + AT_ONCE;
        if self.places.len() < most {
            self.places.resize(most, 0);
        }
        self.count = 0;
        let mut met = Met::default();
        for (chunk, base) in bytes.chunks(CHUNK).zip((0_u32..).step_by(CHUNK)) {
            let mut bits = marks_of(chunk, &mut met);
            let count = usize::try_from(bits.count_ones()).unwrap_or(0);
            let mut written = 0;
            // More than there are is written, so that hardly any chunk needs
            // another round; what is too much is written over.
            while written < count {
                let from = self.count + written;
                let room = self.places.get_mut(from..from + AT_ONCE);
                for place in room.unwrap_or_default() {
                    *place = base + bits.trailing_zeros();
                    bits &= bits.wrapping_sub(1);
                }
                written += AT_ONCE;
            }
            self.count += count;
        }
        let any = |met: u8x16| met.to_bitmask() != 0;
        self.odd = any(met.odd) || any(met.carriage_return) && !bytes::in_pairs(bytes);
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A bit for each comma, line break and quote among the first bytes.
fn marks_of(bytes: &[u8], met: &mut Met) -> u64 {
    // What stands for bytes that are not there is neither a mark nor odd.
    let mut padded = [b' '; CHUNK];
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
        let line_feed = is(b'\n');
        let carriage_return = is(b'\r');
        let marks = is(b',') | line_feed | is(b'"');
        let control = lane.min(u8x16::splat(0x1f)).simd_eq(lane);
        met.odd |= (control & !(line_feed | carriage_return)) | is(0x7f) | is(0xc2);
        met.carriage_return |= carriage_return;
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

    fn by_splitter(text: &str, usual: usize) -> (Vec<Found>, bool) {
        let mut marks = Marks::default();
        marks.find(text.as_bytes());
        let mut splitter = Splitter::new(text.as_bytes(), &marks, usual);
        let mut rows = Vec::new();
        loop {
            let mut fields = Fields::default();
            match splitter.next(&mut fields) {
                Next::Row(place) => {
                    let cells = (0..fields.cells()).map(|number| {
                        let (cell, doubled) = fields.cell(text.as_bytes(), number);
                        (String::from_utf8_lossy(cell).into_owned(), doubled)
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
        for _ in 0..10_000 {
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
            for usual in 1..4 {
                let (rows, odd) = by_splitter(&text, usual);
                odd_ones += u32::from(odd);
                assert_eq!(rows, expected, "{text:?}");
            }
        }
        assert!(odd_ones > 1000 && odd_ones < 29_000, "{odd_ones}");
    }
}
