//! What became of rows with the same cells: rows are many, and the ways they
//! differ for a plan are often few. A row like one before need not be worked
//! out again.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::cells::RowCells;
use crate::entitlement::index;
use crate::plan::condition::Entry;
use crate::plan::{ColumnId, Condition, Formula, Plan, Pool};

/// How many different rows are remembered.
pub const REMEMBERED: u32 = 4096;

/// After so many rows that were not remembered, a plan is taken for one whose
/// rows all differ, if most rows so far were new.
const GIVE_UP: u64 = 4 * REMEMBERED as u64;

/// A row that is remembered.
#[derive(Debug)]
pub struct Remembered {
    /// The number by which its kind is remembered.
    number: u32,
    /// How many rows like it came after it.
    pub rows: u64,
    /// Its cells that no text of the plan matched.
    pub unmatched: Vec<(ColumnId, String)>,
}

/// The rows that are remembered.
#[derive(Debug)]
pub struct Memory {
    known: HashMap<Vec<u8>, Remembered, FixedState>,
    id_matters: bool,
    /// How many columns the plan reads.
    columns: usize,
    new_rows: u64,
    given_up: bool,
}

impl Memory {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            known: HashMap::with_hasher(FixedState::with_seed(0)),
            id_matters: reads_ids(plan),
            columns: plan.columns.read_by_rules(),
            new_rows: 0,
            given_up: false,
        }
    }

    /// Whether rows that differ by their ids are different for the plan.
    pub fn needs_id(&self) -> bool {
        self.id_matters
    }

    /// Whether rows are no longer remembered, because hardly any is like one
    /// before.
    pub fn has_given_up(&self) -> bool {
        self.given_up
    }

    /// The number of a row like one before.
    pub fn recall_cells(&mut self, cells: &RowCells) -> Option<u32> {
        self.recall(cells.first(self.columns, self.id_matters).as_bytes())
    }

    /// The same, by the cells that the plan reads but for the id, each after a
    /// NUL.
    pub fn recall(&mut self, key: &[u8]) -> Option<u32> {
        if self.given_up {
            return None;
        }
        let known = self.known.get_mut(key)?;
        known.rows += 1;
        Some(known.number)
    }

    /// Remembers a row that was worked out, whose kind is remembered by this
    /// number; so many rows were read before it. Whether it is remembered.
    pub fn remember(
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
        let key = cells.first(self.columns, self.id_matters);
        let remembered = Remembered {
            number,
            rows: 0,
            unmatched,
        };
        self.known.insert(key.as_bytes().to_owned(), remembered);
        true
    }

    /// Everything remembered that was met again.
    pub fn into_repeated(self) -> impl Iterator<Item = Remembered> {
        self.known
            .into_values()
            .filter(|remembered| remembered.rows > 0)
    }
}

/// Whether any rule of the plan reads the column of ids as a cell.
/// Whether claims that differ only by their ids may differ for the plan.
pub fn reads_ids(plan: &Plan) -> bool {
    let id = plan.claims.id;
    let named = plan
        .columns
        .iter()
        .any(|(column, facts)| column == id && (!facts.texts.is_empty() || facts.values.is_some()));
    let tests_id = |when: &Condition| {
        when.entries
            .iter()
            .any(|entry| matches!(entry, Entry::Cell(column, _) if *column == id))
    };
    let reads_id = |formula: &Formula| formula.columns().any(|column| column == id);
    let of_pool = |pool: &Pool| {
        tests_id(&pool.when)
            || pool.drop.as_ref().is_some_and(|drop| tests_id(&drop.when))
            || pool.formulas().any(reads_id)
    };
    named
        || plan.excludes.iter().any(|exclude| tests_id(&exclude.when))
        || plan
            .subclasses
            .iter()
            .any(|subclass| tests_id(&subclass.when))
        || plan.pools.iter().any(of_pool)
}
