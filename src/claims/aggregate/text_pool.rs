//! Compact storage for many texts: ids of claimants, and cells that many rows
//! share.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug;

const MISSING: &str = "the id or a cell of a claimant is missing";

/// The ids of claimants, concatenated.
#[derive(Debug, Default)]
pub(super) struct ClaimantIds {
    text: String,
    ends: Vec<usize>,
}

impl ClaimantIds {
    pub(super) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: usize) -> &str {
        let end = |number: usize| *self.ends.get(number).or_bug(MISSING);
        let start = number.checked_sub(1).map_or(0, end);
        self.text.get(start..end(number)).or_bug(MISSING)
    }
}

/// Texts, each stored once.
#[derive(Debug)]
pub(super) struct TextPool {
    list: Vec<String>,
    numbers: HashMap<String, u32, FixedState>,
}

impl Default for TextPool {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            numbers: HashMap::with_hasher(FixedState::with_seed(0)),
        }
    }
}

impl TextPool {
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    pub(super) fn get(&self, number: u32) -> &str {
        self.list.get(index(number)).or_bug(MISSING)
    }
}
