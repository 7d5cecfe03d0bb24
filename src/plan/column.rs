//! The columns of the claims file that a plan reads, and the texts that it
//! compares their cells with.
//!
//! A cell that differs from such a text only by case or white space is an
//! error, never a mismatch: nobody loses a subclass to a typing habit.

use std::collections::{HashMap, HashSet};

use crate::base::confusables::{self, is_hidden, is_invisible};
use crate::base::diagnostics::{alternatives, literal, nearest};
use crate::plan::cell::{CellFault, ColumnId};
use crate::plan::document::{ProblemCollector, Span, TomlValue};
use crate::plan::format::ColumnFormat;

/// A column that the plan reads.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its name in the header of the claims file.
    pub name: String,
    /// Every text that the plan names for it, in the order first named.
    pub texts: Vec<String>,
    /// With `values`, the only texts that its cells may have.
    pub values: Option<Vec<String>>,
    /// How its amounts and dates are written.
    pub format: ColumnFormat,
    /// Whether a condition compares its cells with texts, so that those which
    /// no text matched are counted for the summary.
    pub compared: bool,
    /// Texts of conditions that look like ranges or have wildcards.
    pub patterns: Vec<String>,
    /// Whether a condition compares it with days.
    pub days: bool,
    /// Whether a condition compares it with moments that have an offset.
    pub instants: bool,
    /// Whether an exclusion reads it, so that it is checked on every row and
    /// not only on payable and held ones.
    pub on_every_row: bool,
    /// Where the first text stands that is compared with cells of claims, after
    /// their rows are added up, and not with those of single rows.
    pub claim_text: Option<Span>,
    /// Whether the plan says of a number that it is the same in all rows of a
    /// claimant, and not added up.
    pub same: bool,
    /// Whether its numbers are added up over the rows of a claimant.
    pub added: bool,
    /// Where a formula multiplies by its numbers.
    pub factors: Vec<Span>,
    /// Who reads it first.
    pub reader: ColumnUse,
    known: HashSet<String>,
    allowed: HashSet<String>,
    by_fold: HashMap<String, (String, Span)>,
}

/// Who reads a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnUse {
    /// The rules of the plan, which payments follow from.
    #[default]
    Rules,
    /// Statements, which show its cells.
    Statements,
    /// The summary, which counts payments by it.
    Payments,
    /// Tax flags, which look at it.
    Tax,
    /// Control totals, which add it up.
    Controls,
    /// A layout of payment files, which writes its cells.
    Layout,
}

/// A text without white space, without characters that cannot be seen and
/// without case: what two texts share that look the same or differ only by a
/// typing habit. Unicode case folding, any white space.
pub(crate) fn fold(text: &str) -> String {
    let dense: String = text
        .chars()
        .filter(|&c| !is_hidden(c) && c != ' ')
        .collect();
    confusables::fold(&dense)
}

impl Column {
    /// Whether the cell is a text that the plan names for this column. A near
    /// miss of such a text, or a cell outside `values`, is a fault.
    pub fn check(&self, id: ColumnId, cell: &str) -> Result<bool, CellFault> {
        if self.known.contains(cell) && self.values.is_none() {
            return Ok(true);
        }
        if self.values.is_some() && self.allowed.contains(cell) {
            return Ok(true);
        }
        if let Some(values) = &self.values {
            return Err(self.not_a_value(id, cell, values));
        }
        match self.by_fold.get(&fold(cell)) {
            Some((text, _)) if text != cell => Err(near_miss(id, cell, text)),
            _ => Ok(false),
        }
    }

    /// Lets its cells have these texts only.
    pub fn allow_only(&mut self, values: Vec<String>) {
        self.allowed = values.iter().cloned().collect();
        self.values = Some(values);
    }

    fn not_a_value(&self, id: ColumnId, cell: &str, values: &[String]) -> CellFault {
        if let Some(text) = values.iter().find(|value| fold(value) == fold(cell)) {
            return near_miss(id, cell, text);
        }
        let shown = if cell.is_empty() {
            "a blank cell".to_owned()
        } else {
            literal(cell)
        };
        let problem = format!(
            "{shown} is not one of the values of column {}",
            literal(&self.name)
        );
        let hint = match nearest(cell, values.iter().map(String::as_str)) {
            Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
            _ => format!("expected {}", alternatives(values)),
        };
        CellFault::new(id, problem, hint)
    }

    /// Notes a text that the plan names for this column. Two texts that differ
    /// only by case or white space are a problem of the plan.
    fn name_text(&mut self, text: &str, span: &Span, problems: &mut ProblemCollector) {
        if text != text.trim() {
            let message = format!(
                "{} has white space around it; no cell can match",
                literal(text)
            );
            let hint = "cells are read without the white space around them; write it without";
            problems.add_hint(span, message, hint);
            return;
        }
        if let Some(hidden) = needless(text) {
            let message = format!(
                "{} has a character that cannot be seen, U+{:04X}",
                literal(text),
                u32::from(hidden)
            );
            problems.add_hint(span, message, "write it without");
            return;
        }
        match self.by_fold.get(&fold(text)) {
            Some((other, _)) if other == text => {}
            Some((other, other_span)) => {
                let message = format!(
                    "{} and {} differ only by case or white space; cells of column {} could not be told apart",
                    literal(text),
                    literal(other),
                    literal(&self.name)
                );
                problems.add_pair(span, message, other_span, "the other text");
            }
            None => {
                self.by_fold
                    .insert(fold(text), (text.to_owned(), span.clone()));
                self.known.insert(text.to_owned());
                self.texts.push(text.to_owned());
            }
        }
    }
}

/// A character of a text that cannot be seen. Some scripts join and part their
/// letters by such characters, and need them.
fn needless(text: &str) -> Option<char> {
    let joins = |c: char| {
        matches!(c, '\u{200c}' | '\u{200d}')
            && text.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
    };
    text.chars().find(|&c| is_invisible(c) && !joins(c))
}

fn near_miss(id: ColumnId, cell: &str, text: &str) -> CellFault {
    let hidden = cell.chars().find(|&c| is_invisible(c));
    let by = match hidden {
        Some(c) => format!("a character that cannot be seen, U+{:04X}", u32::from(c)),
        None if cell.is_ascii() || text.is_ascii() => "case or white space".to_owned(),
        None => "case, white space or the form of Unicode".to_owned(),
    };
    CellFault::new(
        id,
        format!(
            "{} differs from {}, a text of the plan, only by {by}",
            literal(cell),
            literal(text)
        ),
        format!(
            "write {} in the claims file, or another text in the plan",
            literal(text)
        ),
    )
}

/// The columns of a plan, in the order first named.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    list: Vec<Column>,
}

impl Columns {
    /// The number of the column with this name, new or known.
    pub fn id(&mut self, name: &str) -> ColumnId {
        let known = self.list.iter().position(|column| column.name == name);
        ColumnId(known.unwrap_or_else(|| {
            self.list.push(Column {
                name: name.to_owned(),
                ..Column::default()
            });
            self.list.len() - 1
        }))
    }

    /// Whether the plan has named a column of this name.
    pub fn is_known(&self, name: &str) -> bool {
        self.list.iter().any(|column| column.name == name)
    }

    /// Notes the texts that the plan names for cells of a claim in a column.
    pub fn name_texts(
        &mut self,
        id: ColumnId,
        texts: &[(String, Span)],
        problems: &mut ProblemCollector,
    ) {
        self.name_texts_of_rows(id, texts, problems);
        if let (Some(column), Some((_, span))) = (self.list.get_mut(id.0), texts.first()) {
            column.claim_text.get_or_insert_with(|| span.clone());
        }
    }

    /// Notes the texts that the plan names for cells of single rows in a column.
    pub fn name_texts_of_rows(
        &mut self,
        id: ColumnId,
        texts: &[(String, Span)],
        problems: &mut ProblemCollector,
    ) {
        if let Some(column) = self.list.get_mut(id.0) {
            for (text, span) in texts {
                column.name_text(text, span, problems);
            }
        }
    }

    /// The column, to change what is known of it.
    pub fn get_mut(&mut self, id: ColumnId) -> Option<&mut Column> {
        self.list.get_mut(id.0)
    }

    pub fn get(&self, id: ColumnId) -> Option<&Column> {
        self.list.get(id.0)
    }

    /// Whether the numbers of a column are added up over the rows of a claimant.
    pub fn is_added(&self, id: ColumnId) -> bool {
        self.get(id).is_some_and(|column| column.added)
    }

    /// How amounts and dates of a column are written.
    pub fn format(&self, id: ColumnId) -> ColumnFormat {
        self.list
            .get(id.0)
            .map_or_else(ColumnFormat::default, |column| column.format.clone())
    }

    /// The name of a column, for messages.
    pub fn name(&self, id: ColumnId) -> &str {
        self.list.get(id.0).map_or("", |column| &column.name)
    }

    /// All columns with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        self.list
            .iter()
            .enumerate()
            .map(|(number, column)| (ColumnId(number), column))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the plan reads no column.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of a column that no rule of the plan has to read, new or
    /// known.
    pub fn beside_rules(&mut self, name: &str, reader: ColumnUse) -> ColumnId {
        let before = self.list.len();
        let id = self.id(name);
        if let Some(column) = self.list.get_mut(id.0).filter(|_| id.0 == before) {
            column.reader = reader;
        }
        id
    }

    /// Leaves out those that this reader was the first to name; they come last.
    pub fn leave_out(&mut self, reader: ColumnUse) {
        self.list.retain(|column| column.reader != reader);
    }

    /// How many of them the rules of the plan read; they come first.
    pub fn read_by_rules(&self) -> usize {
        let by_rules = |column: &&Column| column.reader == ColumnUse::Rules;
        self.list.iter().filter(by_rules).count()
    }

    /// Marks as read on every row all columns named since there were `before`
    /// of them or listed in `ids`.
    pub fn mark_on_every_row(&mut self, ids: impl IntoIterator<Item = ColumnId>) {
        for id in ids {
            if let Some(column) = self.list.get_mut(id.0) {
                column.on_every_row = true;
            }
        }
    }
}

/// Reads the name of a column from the plan.
pub(crate) fn column_name(
    value: &TomlValue<'_>,
    problems: &mut ProblemCollector,
) -> Option<String> {
    let name = value.name(problems)?;
    check_name(&name, &value.span, problems).then_some(name)
}

/// Header cells are read without the white space around them, so no name in a
/// plan may have any.
pub(crate) fn check_name(name: &str, span: &Span, problems: &mut ProblemCollector) -> bool {
    let good = name == name.trim() && !name.is_empty();
    if !good {
        let message = format!("{} cannot be the name of a column", literal(name));
        problems.add_hint(span, message, "names have no white space around them");
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_that_join_letters_may_have_joiners() {
        assert_eq!(needless("IL\u{200d}"), Some('\u{200d}'));
        assert_eq!(needless("می\u{200c}خواهم"), None);
        assert_eq!(needless("straße\u{ad}"), Some('\u{ad}'));
    }

    #[test]
    fn folding_removes_case_and_all_white_space() {
        assert_eq!(fold("I\u{a0}L "), fold("il"));
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_ne!(fold("IL"), fold("IN"));
    }
}
