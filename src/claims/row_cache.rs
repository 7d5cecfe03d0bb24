//! What became of rows with the same cells: rows are many, and the ways they
//! differ for a plan are often few. A row like one before need not be worked
//! out again.

use hashbrown::HashTable;

use crate::base::compact_column::index;
use crate::claims::cells::RowCells;
use crate::claims::csv::index::RowFields;
use crate::claims::ids::quick_check;
use crate::claims::packed_cells;
use crate::plan::{ColumnId, Plan};

/// How many different rows are remembered.
pub(super) const REMEMBERED: u32 = 4096;

/// After so many rows that were not remembered, a plan is taken for one whose
/// rows all differ, if most rows so far were new.
const GIVE_UP: u64 = 4 * REMEMBERED as u64;

/// A row that is remembered.
#[derive(Debug)]
pub(super) struct CachedRow {
    /// The words of its cells.
    words: Box<[u64]>,
    /// The number by which its class is remembered.
    number: u32,
    /// How many rows like it came after it.
    pub rows: u64,
    /// Its cells that no text of the plan matched.
    pub unmatched: Vec<(ColumnId, String)>,
}

impl CachedRow {
    #[inline]
    fn is(&self, words: &[u64]) -> bool {
        self.words.len() == words.len() && self.words.iter().zip(words).all(|(a, b)| a == b)
    }
}

/// The rows that are remembered.
#[derive(Debug)]
pub(super) struct RowCache {
    known: Vec<CachedRow>,
    /// Where in it each row is.
    places: HashTable<usize>,
    /// Where the row is that most are like.
    usual: usize,
    /// The words of the row that is looked for.
    wanted: Vec<u64>,
    id_matters: bool,
    /// How many columns the plan reads.
    columns: usize,
    new_rows: u64,
    given_up: bool,
}

impl RowCache {
    /// Nothing yet.
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

    /// Whether rows that differ by their ids are different for the plan.
    pub(super) fn needs_id(&self) -> bool {
        self.id_matters
    }

    /// Whether rows are no longer remembered, because hardly any is like one
    /// before.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up
    }

    /// The number of a row like one before.
    pub(super) fn recall_cells(&mut self, cells: &RowCells) -> Option<u32> {
        if self.given_up {
            return None;
        }
        let mut wanted = std::mem::take(&mut self.wanted);
        self.words_of(cells, &mut wanted);
        self.wanted = wanted;
        self.recall()
    }

    /// The number of the row with the words that are wanted: those of the cells
    /// that the plan reads but for the id.
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

    /// Remembers a row that was worked out, whose class is remembered by this
    /// number; so many rows were read before it. Whether it is remembered.
    pub(super) fn remember(
        &mut self,
        cells: &RowCells,
        number: u32,
        unmatched: Vec<(ColumnId, String)>,
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
            unmatched,
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

    /// The words of the cells that tell a row from others.
    fn words_of(&self, cells: &RowCells, words: &mut Vec<u64>) {
        words.clear();
        for number in usize::from(!self.id_matters)..self.columns {
            let (text, length) = cells.from(number);
            packed_cells::push(words, text, length);
        }
    }

    /// Everything remembered that was met again.
    pub(super) fn into_repeated(self) -> impl Iterator<Item = CachedRow> {
        self.known
            .into_iter()
            .filter(|remembered| remembered.rows > 0)
    }
}

/// How rows are known that have a plain id and are otherwise like one before,
/// without a look at anything else.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowMatcher<'a> {
    /// How many cells a row has.
    pub cells: usize,
    /// Which of them is the id.
    pub id: usize,
    /// The name of the column of ids.
    pub id_column: &'a str,
    /// Which of them the plan reads beside it.
    pub others: &'a [usize],
}

/// A row that is known.
#[derive(Debug)]
pub(super) struct MatchedRow<'b> {
    /// A text that begins with its id.
    pub text: &'b [u8],
    /// How many bytes of it are the id.
    pub length: usize,
    /// The number by which its class is remembered.
    pub number: u32,
    /// Which ids may be its own.
    pub twins: quick_check::DamagedTwins,
}

impl RowMatcher<'_> {
    /// The row, if it is known.
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
            // Most rows are not looked for at all.
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

    /// Whether these are the words of the cells that tell a row from others.
    #[inline]
    fn are_cells(self, fields: &RowFields<'_>, words: &[u64]) -> bool {
        let rest = self.others.iter().try_fold(words, |words, &place| {
            let (text, length) = fields.from(place)?;
            packed_cells::after(words, text, length)
        });
        rest.is_some_and(<[u64]>::is_empty)
    }

    /// The number of the row with these cells.
    fn look_for(self, fields: &RowFields<'_>, memory: &mut RowCache) -> Option<u32> {
        memory.wanted.clear();
        for &place in self.others {
            // White space around a cell does not count, but no row is remembered
            // with it.
            let (text, length) = fields.from(place)?;
            packed_cells::push(&mut memory.wanted, text, length);
        }
        memory.recall()
    }
}

/// Whether claims that differ only by their ids may differ for the plan.
pub(crate) fn reads_ids(plan: &Plan) -> bool {
    let id = plan.claims.id;
    let named = plan
        .columns
        .iter()
        .any(|(column, facts)| column == id && (!facts.texts.is_empty() || facts.values.is_some()));
    named
        || plan.excludes.iter().any(|exclude| exclude.when.reads(id))
        || plan
            .subclasses
            .iter()
            .any(|subclass| subclass.when.reads(id))
        || plan.pools.iter().any(|pool| pool.reads(id))
}
