//! Compact storage for cells that many rows share.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug;

const MISSING: &str = "a cell of a claimant is missing";

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
