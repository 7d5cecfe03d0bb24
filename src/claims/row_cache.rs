//! Remembers the outcome of rows with equal cells. Files have many rows, but plans
//! often distinguish few; a row like an earlier one need not be computed again.

use hashbrown::HashTable;

use crate::base::compact_column::index;
use crate::claims::csv::index::RowFields;
use crate::claims::ids::quick_check;
use crate::claims::packed_cells;
use crate::claims::row_cells::RowCells;
use crate::plan::cell_map::CellChange;
use crate::plan::{ColumnId, Plan};

/// Number of different rows that are remembered.
pub(super) const REMEMBERED: u32 = 4096;

/// After this many rows that were not remembered, rows are no longer remembered if
/// most so far were new.
const GIVE_UP: u64 = 4 * REMEMBERED as u64;

/// A remembered row.
#[derive(Debug)]
pub(super) struct CachedRow {
    /// The words of its cells.
    words: Box<[u64]>,
    /// The number by which its class is remembered.
    number: u32,
    /// The number of later rows like it.
    pub rows: u64,
    /// The row's part in the counts of the summary.
    pub notes: RowNotes,
}

/// Cells of a row that the summary counts.
#[derive(Debug)]
pub(super) struct RowNotes {
    /// Its cells that matched no text of the plan.
    pub unmatched: Vec<(ColumnId, String)>,
    /// Its cells that were read as other texts.
    pub mapped: Vec<(ColumnId, CellChange)>,
}

impl CachedRow {
    #[inline]
    fn is(&self, words: &[u64]) -> bool {
        self.words.len() == words.len() && self.words.iter().zip(words).all(|(a, b)| a == b)
    }
}

/// Remembered rows.
#[derive(Debug)]
pub(super) struct RowCache {
    known: Vec<CachedRow>,
    /// The index of each row.
    places: HashTable<usize>,
    /// The index of the most frequent row.
    usual: usize,
    /// The words of the row that is looked up.
    wanted: Vec<u64>,
    id_matters: bool,
    /// The number of columns that the plan reads.
    columns: usize,
    new_rows: u64,
    given_up: bool,
}

impl RowCache {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            known: Vec::new(),
            places: HashTable::new(),
            usual: 0,
            wanted: Vec::new(),
            id_matters: reads_ids(plan),
            columns: plan.columns.read_by_rules(),
            new_rows: 0,
            given_up: false,
        }
    }

    /// True if the plan may treat rows differently because of their ids.
    pub(super) fn needs_id(&self) -> bool {
        self.id_matters
    }

    /// True if rows are no longer remembered because few repeat.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up
    }

    /// The number of an earlier row with equal cells.
    pub(super) fn recall_cells(&mut self, cells: &RowCells) -> Option<u32> {
        if self.given_up {
            return None;
        }
        let mut wanted = std::mem::take(&mut self.wanted);
        self.words_of(cells, &mut wanted);
        self.wanted = wanted;
        self.recall()
    }

    /// The number of the row with the wanted words, which are those of the cells
    /// that the plan reads, except the id.
    fn recall(&mut self) -> Option<u32> {
        let wanted = self.wanted.as_slice();
        let is_it = |&place: &usize| self.known.get(place).is_some_and(|known| known.is(wanted));
        let &place = self.places.find(packed_cells::hash(wanted), is_it)?;
        let most = self.known.get(self.usual).map_or(0, |usual| usual.rows);
        let known = self.known.get_mut(place)?;
        known.rows += 1;
        if known.rows > most {
            self.usual = place;
        }
        Some(known.number)
    }

    /// Remembers a computed row whose class has this number; `rows` rows were read
    /// before it. Returns true if it is remembered.
    pub(super) fn remember(
        &mut self,
        cells: &RowCells,
        number: u32,
        notes: RowNotes,
        rows: u64,
    ) -> bool {
        self.new_rows += 1;
        self.given_up |= self.new_rows > GIVE_UP && self.new_rows > rows / 2;
        if self.given_up || number >= REMEMBERED || self.known.len() >= index(REMEMBERED) {
            return false;
        }
        let mut words = Vec::new();
        self.words_of(cells, &mut words);
        let remembered = CachedRow {
            words: words.into(),
            number,
            rows: 0,
            notes,
        };
        let hash = |&place: &usize| {
            let known = self.known.get(place);
            known.map_or(0, |known| packed_cells::hash(&known.words))
        };
        self.places.insert_unique(
            packed_cells::hash(&remembered.words),
            self.known.len(),
            hash,
        );
        self.known.push(remembered);
        true
    }

    /// The words of the cells that distinguish rows.
    fn words_of(&self, cells: &RowCells, words: &mut Vec<u64>) {
        words.clear();
        for number in usize::from(!self.id_matters)..self.columns {
            let (text, length) = cells.from(number);
            packed_cells::push(words, text, length);
        }
    }

    /// All remembered rows that were repeated.
    pub(super) fn into_repeated(self) -> impl Iterator<Item = CachedRow> {
        self.known
            .into_iter()
            .filter(|remembered| remembered.rows > 0)
    }
}

/// Matches rows with a plain id and otherwise known cells, without reading anything
/// else.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowMatcher<'a> {
    /// The number of cells in a row.
    pub cells: usize,
    /// The index of the id.
    pub id: usize,
    /// The name of the column of ids.
    pub id_column: &'a str,
    /// The indexes of the other cells that the plan reads.
    pub others: &'a [usize],
}

/// A matched row.
#[derive(Debug)]
pub(super) struct MatchedRow<'b> {
    /// A text that begins with the id.
    pub text: &'b [u8],
    /// The length of the id.
    pub length: usize,
    /// The number by which its class is remembered.
    pub number: u32,
    /// Which other ids may be variants of its own.
    pub twins: quick_check::DamagedTwins,
}

impl RowMatcher<'_> {
    /// Matches a row.
    #[inline]
    pub(super) fn look<'b>(
        self,
        fields: &RowFields<'b>,
        memory: &mut RowCache,
    ) -> Option<MatchedRow<'b>> {
        if fields.count() != self.cells {
            return None;
        }
        let (text, length) = fields.from(self.id)?;
        let id = quick_check::look(text, length, self.id_column);
        if !id.is_plain {
            return None;
        }
        let number = match memory.known.get_mut(memory.usual) {
            // Most rows need no lookup.
            Some(usual) if self.are_cells(fields, &usual.words) => {
                usual.rows += 1;
                usual.number
            }
            _ => self.look_for(fields, memory)?,
        };
        Some(MatchedRow {
            text,
            length,
            number,
            twins: id.twins,
        })
    }

    /// True if these are the words of the cells that distinguish rows.
    #[inline]
    fn are_cells(self, fields: &RowFields<'_>, words: &[u64]) -> bool {
        let rest = self.others.iter().try_fold(words, |words, &place| {
            let (text, length) = fields.from(place)?;
            packed_cells::after(words, text, length)
        });
        rest.is_some_and(<[u64]>::is_empty)
    }

    /// Looks up the row with these cells.
    fn look_for(self, fields: &RowFields<'_>, memory: &mut RowCache) -> Option<u32> {
        memory.wanted.clear();
        for &place in self.others {
            // Surrounding white space does not count, but no row is remembered with
            // it.
            let (text, length) = fields.from(place)?;
            packed_cells::push(&mut memory.wanted, text, length);
        }
        memory.recall()
    }
}

/// True if claims that differ only by their ids may differ under the plan.
pub(crate) fn reads_ids(plan: &Plan) -> bool {
    let id = plan.claims.id;
    let named = plan
        .columns
        .iter()
        .any(|(column, facts)| column == id && (!facts.texts.is_empty() || facts.values.is_some()));
    named
        || plan.excludes.iter().any(|exclude| exclude.when.reads(id))
        || plan
            .values
            .iter()
            .any(|value| value.columns().any(|column| column == id))
        || plan.rules_of_claims_read(id)
}
