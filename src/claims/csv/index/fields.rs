//! The cells of a row, where they stand in its block.
#![allow(
    clippy::inline_always,
    reason = "a call for each cell of known rows takes longer than the look at it"
)]

use std::ops::Range;

use crate::base::diagnostics::OrBug;
use crate::claims::csv::index::index;
use crate::claims::csv::reader::is_blank;
use crate::claims::packed_cells;

const MISSING: &str = "a cell that was found is missing";

/// Where the cells of a row end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowFields<'m> {
    pub(super) bytes: &'m [u8],
    /// The end of the row before, and then that of each cell, counted from the
    /// beginning of the block; the next cell begins one byte later.
    pub(super) bounds: &'m [u32],
    pub(super) returns: bool,
    pub(super) inner_lines: bool,
}

impl<'m> RowFields<'m> {
    /// How many cells there are.
    pub(crate) fn count(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Where the row begins in its block.
    pub(crate) fn start(&self) -> usize {
        self.bounds.first().map_or(0, |&before| after(before))
    }

    /// Where its last cell ends.
    fn end(&self) -> usize {
        self.bounds.last().map_or(0, |&end| index(end))
    }

    /// Whether the row has more bytes than these, with the line feed at its end.
    pub(crate) fn is_longer_than(&self, most: usize) -> bool {
        let (start, end) = (self.start(), self.end());
        let line_feed = || self.bytes.get(end) == Some(&b'\n');
        end - start >= most && end - start + usize::from(line_feed()) > most
    }

    /// The row, without what ends its line.
    pub(crate) fn row(&self) -> &'m [u8] {
        let start = self.start();
        let end = self.without_return(start, self.end());
        self.bytes.get(start..end).or_bug(MISSING)
    }

    /// Whether the line has nothing in it but commas.
    pub(crate) fn is_nothing(&self) -> bool {
        let may_be = |byte: &u8| matches!(byte, b',' | b' ' | b'"') || !byte.is_ascii();
        self.row().first().is_none_or(may_be)
            && (0..self.count()).all(|number| is_blank(self.cell(number).0))
    }

    /// Whether it is a row of blank cells, and no line with nothing at all.
    pub(crate) fn has_commas(&self) -> bool {
        !self.row().is_empty()
    }

    /// How many line breaks stand in cells.
    pub(crate) fn line_breaks(&self) -> u64 {
        if !self.inner_lines {
            return 0;
        }
        let breaks = memchr::memchr_iter(b'\n', self.row()).count();
        u64::try_from(breaks).unwrap_or(0)
    }

    /// A cell of the row, without the quotes around it, and whether quotes in
    /// it have to be made single.
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

    /// The same as text, which the block was found to be.
    pub(crate) fn cell_in<'t>(&self, block: &'t str, number: usize) -> (&'t str, bool) {
        let place = self.place(number).or_bug(MISSING);
        let (cell, doubled) = self.cell_at(place.clone());
        // Both quotes are left out, or none.
        let quote = usize::from(cell.len() < place.len());
        // Cells end at characters of ASCII.
        let text = block.get(place.start + quote..place.end - quote);
        (text.or_bug(MISSING), doubled)
    }

    /// A cell without quotes in it and all that follows it in the block, and how
    /// many bytes it has.
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

/// The byte after a place.
fn after(place: u32) -> usize {
    index(place.wrapping_add(1))
}
