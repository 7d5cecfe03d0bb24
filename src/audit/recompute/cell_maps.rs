//! Cells that are read as other texts (plan reference, "Cells read as other texts").

use crate::base::confusables::fold;
use crate::plan::{Column, Plan};

/// The texts that cells may be read as, by column, in the order of the plan's columns.
pub(super) struct CellMaps<'p>(Vec<ColumnTexts<'p>>);

struct ColumnTexts<'p> {
    column: &'p Column,
    /// With `ignore_case`, what a cell is compared with, and what it is then read as:
    /// first the entries of `map`, then the texts of the plan.
    alike: Vec<(Vec<String>, &'p str)>,
}

impl<'p> CellMaps<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let texts = |column: &'p Column| {
            let entries = column.map.entries.iter();
            let entries = entries.map(|(cell, text)| (words(cell), text.as_str()));
            let own = column.texts.iter();
            let own = own.map(|text| (words(text), text.as_str()));
            let alike = entries.chain(own).filter(|_| column.map.ignore_case);
            ColumnTexts {
                column,
                alike: alike.collect(),
            }
        };
        Self(
            plan.columns
                .iter()
                .map(|(_, column)| texts(column))
                .collect(),
        )
    }

    /// The cell of a column, by its number, as the plan reads it.
    pub(super) fn read(&self, number: usize, cell: &str) -> String {
        let Some(ColumnTexts { column, alike }) = self.0.get(number) else {
            return cell.to_owned();
        };
        let mut entries = column.map.entries.iter();
        if let Some((_, text)) = entries.find(|(known, _)| known == cell) {
            return text.clone();
        }
        if alike.is_empty() {
            return cell.to_owned();
        }
        let of_cell = words(cell);
        let known = alike.iter().find(|(known, _)| *known == of_cell);
        known.map_or(cell, |(_, text)| text).to_owned()
    }
}

/// The words of a text without case.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(fold).collect()
}
