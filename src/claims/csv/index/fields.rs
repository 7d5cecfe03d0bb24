//! The cells of a row within its block.
#![allow(
    clippy::inline_always,
    reason = "calling a function for each cell of known rows takes longer than reading the cell"
)]

use std::ops::Range;

use crate::base::diagnostics::OrBug;
use crate::claims::csv::index::index;
use crate::claims::csv::reader::is_blank;
use crate::claims::packed_cells;

const MISSING: &str = "a cell that was found is missing";

/// The ends of the cells of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowFields<'m> {
    pub(super) bytes: &'m [u8],
    /// The end of the previous row, then the end of each cell, counted from the
    /// beginning of the block; the next cell begins one byte later.
    pub(super) bounds: &'m [u32],
    pub(super) returns: bool,
    pub(super) inner_lines: bool,
}

impl<'m> RowFields<'m> {
    /// The number of cells.
    pub(crate) fn count(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The start of the row in its block.
    pub(crate) fn start(&self) -> usize {
        self.bounds.first().map_or(0, |&before| after(before))
    }

    /// The end of the last cell.
    fn end(&self) -> usize {
        self.bounds.last().map_or(0, |&end| index(end))
    }

    /// True if the row, including its line feed, has more than `most` bytes.
    pub(crate) fn is_longer_than(&self, most: usize) -> bool {
        let (start, end) = (self.start(), self.end());
        let line_feed = || self.bytes.get(end) == Some(&b'\n');
        end - start >= most && end - start + usize::from(line_feed()) > most
    }

    /// The row without its line end.
    pub(crate) fn row(&self) -> &'m [u8] {
        let start = self.start();
        let end = self.without_return(start, self.end());
        self.bytes.get(start..end).or_bug(MISSING)
    }

    /// True if the line contains only commas and blanks.
    pub(crate) fn is_nothing(&self) -> bool {
        let may_be = |byte: &u8| matches!(byte, b',' | b' ' | b'\t' | b'"') || !byte.is_ascii();
        self.row().first().is_none_or(may_be)
            && (0..self.count()).all(|number| is_blank(self.cell(number).0))
    }

    /// True for a row of blank cells, false for an empty line.
    pub(crate) fn has_commas(&self) -> bool {
        !self.row().is_empty()
    }

    /// The number of line breaks in cells.
    pub(crate) fn line_breaks(&self) -> u64 {
        if !self.inner_lines {
            return 0;
        }
        let breaks = memchr::memchr_iter(b'\n', self.row()).count();
        u64::try_from(breaks).unwrap_or(0)
    }

    /// A cell without its surrounding quotes, and whether it contains doubled
    /// quotes.
    pub(crate) fn cell(&self, number: usize) -> (&'m [u8], bool) {
        let place = self.place(number);
        place.map_or((&[], false), |place| self.cell_at(place))
    }

    fn cell_at(&self, place: Range<usize>) -> (&'m [u8], bool) {
        match self.bytes.get(place).or_bug(MISSING) {
            [b'"', inside @ .., b'"'] => (inside, inside.contains(&b'"')),
            cell => (cell, false),
        }
    }

    /// Like [`Self::cell`], as text; the block must be valid UTF-8.
    pub(crate) fn cell_in<'t>(&self, block: &'t str, number: usize) -> (&'t str, bool) {
        let place = self.place(number).or_bug(MISSING);
        let (cell, doubled) = self.cell_at(place.clone());
        // Both quotes are removed, or none.
        let quote = usize::from(cell.len() < place.len());
        // Cells end at ASCII characters.
        let text = block.get(place.start + quote..place.end - quote);
        (text.or_bug(MISSING), doubled)
    }

    /// The text from a cell without inner quotes on, and the length of the cell in
    /// bytes.
    #[inline(always)]
    pub(crate) fn from(&self, number: usize) -> Option<(&'m [u8], usize)> {
        let cell = self.place(number)?;
        let text = self.bytes.get(cell.start..)?;
        let Some((b'"', inside)) = text.split_first() else {
            return Some((text, cell.len()));
        };
        let length = cell.len().checked_sub(2)?;
        (!packed_cells::have(inside, length, b'"')).then_some((inside, length))
    }

    #[inline(always)]
    fn place(&self, number: usize) -> Option<Range<usize>> {
        let [before, end] = *self.bounds.get(number..)?.first_chunk()?;
        let (start, mut end) = (after(before), index(end));
        if self.returns && number + 1 == self.count() {
            end = self.without_return(start, end);
        }
        Some(start..end)
    }

    /// The end of a cell without the carriage return before a line feed.
    fn without_return(&self, cell: usize, end: usize) -> usize {
        let line_end = end > cell && self.bytes.get(end - 1..=end) == Some(b"\r\n");
        end - usize::from(line_end)
    }
}

fn after(place: u32) -> usize {
    index(place.wrapping_add(1))
}
