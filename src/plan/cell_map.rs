//! `map` and `ignore_case` of a column: cells that are read as another text.

use std::collections::HashMap;

use crate::base::confusables;

/// The rule by which the cells of a column are read before anything else looks at them.
#[derive(Debug, Clone, Default)]
pub struct CellMap {
    /// The entries of `map`, in plan order: the cell, and the text that it is read as.
    pub entries: Vec<(String, String)>,
    /// True if case and white space do not matter.
    pub ignore_case: bool,
    /// The entries by cell.
    exact: HashMap<String, String>,
    /// With `ignore_case`, the texts of the plan as they are compared, and the entries.
    loose: HashMap<String, (String, CellChange)>,
}

/// The reason why a cell is read as another text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellChange {
    Mapped,
    /// The cell differs from a text of the plan by case or white space.
    IgnoredCase,
}

/// A text as `ignore_case` compares it: without case and Unicode form, and with single
/// spaces between words.
pub(crate) fn loose(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    confusables::fold(&words.join(" "))
}

impl CellMap {
    /// The map of a column for which the plan names these texts.
    pub(crate) fn new(entries: Vec<(String, String)>, ignore_case: bool, texts: &[String]) -> Self {
        let mut by_form = HashMap::new();
        if ignore_case {
            let texts = texts.iter().map(|text| (text, text));
            let texts = texts.map(|pair| (pair, CellChange::IgnoredCase));
            let mapped = entries.iter().map(|(cell, text)| (cell, text));
            // Entries come before texts.
            for ((cell, text), change) in texts.chain(mapped.map(|pair| (pair, CellChange::Mapped)))
            {
                by_form.insert(loose(cell), (text.clone(), change));
            }
        }
        Self {
            exact: entries.iter().cloned().collect(),
            entries,
            ignore_case,
            loose: by_form,
        }
    }

    /// True if every cell is read as it is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.ignore_case
    }

    /// The text that a cell is read as; `None` if that is the cell itself.
    pub fn read(&self, cell: &str) -> Option<(&str, CellChange)> {
        let read = match self.exact.get(cell) {
            Some(text) => (text.as_str(), CellChange::Mapped),
            None if self.ignore_case => {
                let (text, change) = self.loose.get(&loose(cell))?;
                (text.as_str(), *change)
            }
            None => return None,
        };
        (read.0 != cell).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(ignore_case: bool) -> CellMap {
        let entries = [("Y", "yes"), ("N/A", ""), ("1", "2"), ("2", "1")];
        let entries = entries.map(|(cell, text)| (cell.to_owned(), text.to_owned()));
        let texts = ["yes", "New York", "1", "2", "stra\u{df}e"].map(str::to_owned);
        CellMap::new(entries.to_vec(), ignore_case, &texts)
    }

    #[test]
    fn entries_are_exact_and_applied_once() {
        let map = map(false);
        assert_eq!(map.read("Y"), Some(("yes", CellChange::Mapped)));
        assert_eq!(map.read("N/A"), Some(("", CellChange::Mapped)));
        assert_eq!(map.read("1"), Some(("2", CellChange::Mapped)));
        assert_eq!(map.read("2"), Some(("1", CellChange::Mapped)));
        for cell in ["y", "yes", "YES", "n/a", "", "other"] {
            assert_eq!(map.read(cell), None, "{cell}");
        }
    }

    #[test]
    fn case_white_space_and_form_do_not_matter_if_ignored() {
        let map = map(true);
        let ignored = |text| Some((text, CellChange::IgnoredCase));
        assert_eq!(map.read("YES"), ignored("yes"));
        assert_eq!(map.read("new \t\u{a0}york"), ignored("New York"));
        assert_eq!(map.read("STRASSE"), ignored("stra\u{df}e"));
        assert_eq!(map.read("y"), Some(("yes", CellChange::Mapped)));
        assert_eq!(map.read("n/a"), Some(("", CellChange::Mapped)));
        assert_eq!(map.read("1"), Some(("2", CellChange::Mapped)));
        for cell in ["yes", "New York", "newyork", "ye s", "yes\u{200b}", ""] {
            assert_eq!(map.read(cell), None, "{cell}");
        }
    }
}
