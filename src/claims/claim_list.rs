//! The id and the class of every row, in file order. The list is kept in parts, as
//! read, so that several threads can write it.

use crate::base::compact_column::index;
use crate::base::copy_few_bytes;
use crate::base::csv_text::needs_quotes;
use crate::base::diagnostics::{Bug, OrBug};
use crate::claims::ids::quick_check::DamagedTwins;
use crate::claims::ids::validity::LONGEST_ID;
use crate::claims::row_cells::{PackedRow, PackedRows};

const LOST: &str = "the id of a row was lost";

/// The index of a class.
pub(crate) type ClassId = u32;

/// The class of a row without one: it has a fault, or will be added to other rows.
pub(crate) const NO_CLASS: ClassId = ClassId::MAX;

/// The minimum and maximum length without any id.
const NO_LENGTHS: (u8, u8) = (u8::MAX, 0);

#[derive(Debug, Default)]
pub struct ClaimList {
    parts: Vec<ClaimListPart>,
    rows: u64,
}

/// Consecutive rows.
#[derive(Debug)]
pub struct ClaimListPart {
    /// The index of the first row.
    pub first: u32,
    /// True if no id needs quotes as a cell.
    pub plain: bool,
    /// Which ids may be the same except for zeros.
    pub twins: DamagedTwins,
    /// The lengths of the shortest and the longest id.
    lengths: (u8, u8),
    /// Each id, preceded by its length in one byte.
    ids: Vec<u8>,
    pub classes: Vec<ClassId>,
    /// The cells of each row, if they are kept.
    pub cells: PackedRows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimListRow<'a> {
    /// The index of the row.
    pub number: u32,
    /// The id; blank if it is not usable.
    pub id: &'a [u8],
    pub class: ClassId,
}

impl<'a> ClaimListRow<'a> {
    pub fn id_text(&self) -> &'a str {
        std::str::from_utf8(self.id)
            .ok()
            .or_bug("an id is not text")
    }
}

impl Default for ClaimListPart {
    fn default() -> Self {
        Self {
            first: 0,
            plain: true,
            twins: DamagedTwins::None,
            lengths: NO_LENGTHS,
            ids: Vec::new(),
            classes: Vec::new(),
            cells: PackedRows::default(),
        }
    }
}

impl ClaimListPart {
    /// Adds a row. An unusable id is stored as blank, so that rows keep their
    /// numbers.
    pub fn push(&mut self, id: &[u8], class: ClassId) {
        let usable = if id.len() <= LONGEST_ID { id } else { b"" };
        self.plain &= !needs_quotes(usable);
        self.push_plain(usable, usable.len(), class);
    }

    /// Adds a row whose id is the first `length` bytes of `text`, usable, and does
    /// not need quotes.
    #[inline]
    pub fn push_plain(&mut self, text: &[u8], length: usize, class: ClassId) {
        let length_byte = u8::try_from(length).ok().or_bug("an id is too long");
        self.ids.push(length_byte);
        self.lengths.0 = self.lengths.0.min(length_byte);
        self.lengths.1 = self.lengths.1.max(length_byte);
        copy_few_bytes::push::<16>(&mut self.ids, text, length);
        self.classes.push(class);
    }

    pub fn len(&self) -> usize {
        self.classes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The index and class of each row.
    pub fn classes(&self) -> impl Iterator<Item = (u32, ClassId)> {
        (self.first..).zip(self.classes.iter().copied())
    }

    pub fn rows(&self) -> impl Iterator<Item = ClaimListRow<'_>> {
        self.rows_and_ids().map(|(row, _)| row)
    }

    /// The rows, each with a text that begins with its id.
    pub fn rows_and_ids(&self) -> impl Iterator<Item = (ClaimListRow<'_>, &[u8])> {
        let mut rest = self.ids.as_slice();
        self.classes
            .iter()
            .zip(self.first..)
            .map(move |(&class, number)| {
                let (&length, ids) = rest.split_first().or_bug(LOST);
                let (id, after) = ids.split_at_checked(usize::from(length)).or_bug(LOST);
                rest = after;
                (ClaimListRow { number, id, class }, ids)
            })
    }

    /// Forgets the ids, which are known elsewhere.
    pub fn forget_ids(&mut self) {
        self.ids = vec![0; self.len()];
    }

    /// Takes the rows, stored in no more memory than needed; the allocated memory
    /// stays for the next rows.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let taken = Self {
            first: self.first,
            plain: std::mem::replace(&mut self.plain, true),
            twins: std::mem::take(&mut self.twins),
            lengths: std::mem::replace(&mut self.lengths, NO_LENGTHS),
            ids: self.ids.as_slice().to_vec(),
            classes: self.classes.as_slice().to_vec(),
            cells: self.cells.take(),
        };
        self.ids.clear();
        self.classes.clear();
        taken
    }
}

impl ClaimList {
    /// Appends rows. `None` if there are more than can be numbered.
    pub fn push(&mut self, mut part: ClaimListPart) -> Option<()> {
        part.first = u32::try_from(self.rows).ok()?;
        let rows = self.rows + u64::try_from(part.len()).ok()?;
        // The largest number means "no row" elsewhere.
        u32::try_from(rows).ok().filter(|rows| *rows < u32::MAX)?;
        self.rows = rows;
        if !part.is_empty() {
            self.parts.push(part);
        }
        Some(())
    }

    pub fn len(&self) -> u64 {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub fn parts(&self) -> &[ClaimListPart] {
        &self.parts
    }

    pub fn parts_mut(&mut self) -> &mut [ClaimListPart] {
        &mut self.parts
    }

    /// True if an id may equal another except for zeros. Ids that differ only by
    /// leading zeros differ in length.
    pub fn may_have_twins(&self) -> bool {
        let lengths = |part: &ClaimListPart| [part.lengths.0, part.lengths.1];
        let mut lengths = self.parts.iter().flat_map(lengths);
        let first = lengths.next();
        match self.parts.iter().map(|part| part.twins).max() {
            None | Some(DamagedTwins::None) => false,
            Some(DamagedTwins::OfAnotherLength) => lengths.any(|length| Some(length) != first),
            Some(DamagedTwins::OfAnyLength) => true,
        }
    }

    /// Every row, in order.
    pub fn rows(&self) -> impl Iterator<Item = ClaimListRow<'_>> {
        self.parts.iter().flat_map(ClaimListPart::rows)
    }

    pub fn class(&self, row: u32) -> Option<ClassId> {
        let (part, number) = self.place(row)?;
        part.classes.get(number).copied()
    }

    /// The cells of a row, if they were kept.
    pub fn cells(&self, row: u32) -> Option<PackedRow<'_>> {
        let (part, number) = self.place(row)?;
        Some(part.cells.row(number))
    }

    /// The cells of a row of a run that keeps them.
    pub(crate) fn kept_cells(&self, row: u32) -> Result<PackedRow<'_>, Bug> {
        let cells = self.cells(row);
        cells.ok_or_else(|| Bug::new("the cells of a row were not kept"))
    }

    /// The part that contains a row, and the index in that part.
    fn place(&self, row: u32) -> Option<(&ClaimListPart, usize)> {
        let after = self.parts.partition_point(|part| part.first <= row);
        let part = self.parts.get(after.checked_sub(1)?)?;
        Some((part, index(row - part.first)))
    }
}
