//! `[[unique]]`: columns whose cells no two claimants may share.

use crate::plan::cell::{Cells, ColumnId};
use crate::plan::column::{ColumnUse, fold};
use crate::plan::columns::Columns;
use crate::plan::document::all;
use crate::plan::kinds::{ColumnNames, OneOf, Words, words};
use crate::plan::messages;
use crate::plan::table::keys;
use crate::plan::tax::TaxRules;

/// Columns whose cells, together, no two claimants may share.
#[derive(Debug, Clone)]
pub struct UniqueRule {
    pub columns: Vec<ColumnId>,
    /// The column of the taxpayer number, if it is one of them: only its digits are
    /// compared.
    pub number: Option<ColumnId>,
    pub duplicates: Duplicates,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
}

/// The treatment of claimants who share the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// An error.
    Refuse,
    /// A line of `flags.csv`; they are paid.
    Flag,
}

words! {
    Duplicates { "refuse" Refuse, "flag" Flag }
}

keys! {
    struct UniqueKeys<'p>: "[[unique]]", "unique" {
        columns: ColumnNames, Required, "the columns whose cells, together, no two claimants may share";
        duplicates: OneOf<Duplicates>, Or("\"refuse\""), "whether claimants who share them are an error, or are listed in `flags.csv` and paid";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

/// Reads all `[[unique]]` tables, last of all, because they may name any column.
pub(super) fn read_unique(
    tables: &[UniqueKeys<'_>],
    columns: &mut Columns,
    tax: Option<&TaxRules>,
) -> Option<Vec<UniqueRule>> {
    let mut rule = |keys: &UniqueKeys<'_>| {
        let names = keys.columns.value.as_ref()?;
        let mut ids: Vec<ColumnId> = Vec::new();
        for (name, place) in names {
            let id = columns.beside_rules(name, ColumnUse::Unique);
            if ids.contains(&id) {
                place.problem(messages::unique_column_repeated()).add();
            }
            ids.push(id);
        }
        if ids.is_empty() {
            let at = keys.columns.at.as_ref()?;
            return at.fault(messages::nothing_listed).none();
        }
        Some(UniqueRule {
            number: tax
                .map(|tax| tax.number)
                .filter(|number| ids.contains(number)),
            columns: ids,
            duplicates: keys.duplicates.value.unwrap_or(Duplicates::Refuse),
            source: keys.source.value.clone(),
        })
    };
    all(tables.iter().map(&mut rule))
}

impl UniqueRule {
    /// The names of the columns, as results show them.
    pub(crate) fn name(&self, columns: &Columns) -> String {
        let names = self.columns.iter().map(|id| columns.name(*id));
        names.collect::<Vec<_>>().join(";")
    }

    /// Writes the cells as they are compared. Returns false if one is blank or a
    /// placeholder, so that the row is not compared.
    pub(crate) fn key(&self, cells: &impl Cells, key: &mut String) -> bool {
        key.clear();
        for &column in &self.columns {
            let cell = cells.cell(column);
            let before = key.len();
            if self.number == Some(column) {
                key.extend(cell.chars().filter(char::is_ascii_digit));
            } else if cell.is_ascii() {
                let dense = cell.bytes().filter(|byte| !byte.is_ascii_whitespace());
                key.extend(dense.map(|byte| char::from(byte.to_ascii_lowercase())));
            } else {
                key.push_str(&fold(cell));
            }
            let written = key.get(before..).unwrap_or_default();
            if written.is_empty() || is_placeholder(written) {
                return false;
            }
            // No cell has this character.
            key.push('\u{1f}');
        }
        true
    }
}

/// True for a text that people write if there is no value, as it is compared. Claimants who
/// share it need not be one person.
pub(crate) fn is_placeholder(folded: &str) -> bool {
    const WORDS: [&str; 12] = [
        "n/a",
        "na",
        "n.a.",
        "none",
        "null",
        "nil",
        "nan",
        "unknown",
        "notavailable",
        "notapplicable",
        "notprovided",
        "tbd",
    ];
    !folded.is_empty() && (WORDS.contains(&folded) || !folded.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TwoCells<'a>([&'a str; 2]);

    impl Cells for TwoCells<'_> {
        fn cell(&self, column: ColumnId) -> &str {
            self.0[column.0]
        }
    }

    fn key(cells: [&str; 2], number: Option<ColumnId>) -> Option<String> {
        let rule = UniqueRule {
            columns: vec![ColumnId(0), ColumnId(1)],
            number,
            duplicates: Duplicates::Refuse,
            source: None,
        };
        let mut key = "before".to_owned();
        rule.key(&TwoCells(cells), &mut key).then_some(key)
    }

    #[test]
    fn cells_are_compared_as_near_misses_are() {
        assert_eq!(
            key(["John Smith", "1"], None),
            key(["JOHNsmith", "1"], None)
        );
        assert_eq!(
            key(["Jose\u{301}", "1"], None),
            key(["JOS\u{c9}", "1"], None)
        );
        assert_eq!(key(["a\u{a0}b", "1"], None), key(["AB", "1"], None));
        assert_ne!(key(["ab", "c"], None), key(["a", "bc"], None));
        assert_ne!(key(["1234", "1"], None), key(["1234.0", "1"], None));
        assert_eq!(key(["", "1"], None), None);
        assert_eq!(key(["a", ""], None), None);
    }

    #[test]
    fn digits_of_taxpayer_numbers_are_compared() {
        let number = Some(ColumnId(1));
        assert_eq!(
            key(["a", "12-3456789"], number),
            key(["A", "123 45 6789"], number)
        );
        assert_eq!(key(["a", "none"], number), None);
    }
}
