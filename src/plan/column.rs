//! A column that a plan reads, and the texts with which it compares its cells.
//!
//! A cell that differs from such a text only by case or white space is an error,
//! not a mismatch, so that no claimant loses a subclass because of a typing habit.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use crate::base::confusables::{self, is_hidden, is_invisible};
use crate::base::diagnostics::{Message, alternatives, literal, mistyped, nearest};
use crate::plan::cell::{CellFault, CellKind, ColumnId};
use crate::plan::cell_map::CellMap;
use crate::plan::claim_fact::ClaimFact;
use crate::plan::column_format::ColumnFormat;
use crate::plan::document::{Place, Span, TomlValue};
use crate::plan::lot_names::LotColumn;
use crate::plan::{cell_messages, map_hints, messages};

#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The name in the header of the claims file.
    pub name: String,
    /// The texts that the plan names for the column, in order of first use.
    pub texts: Vec<String>,
    /// The only permitted texts, if the plan has `values`.
    pub values: Option<Vec<String>>,
    /// The format of amounts and dates.
    pub format: ColumnFormat,
    /// The cells that are read as another text.
    pub map: CellMap,
    /// True if a condition compares the cells with texts. The summary then counts
    /// values that match no text.
    pub compared: bool,
    /// Texts in conditions that look like ranges or have wildcards.
    pub patterns: Vec<String>,
    /// True if a condition compares the column with dates.
    pub days: bool,
    /// True if a condition compares the column with instants.
    pub instants: bool,
    /// True if an exclusion reads the column, so that every row is checked and not
    /// only payable and held ones.
    pub on_every_row: bool,
    /// The place of the first text that is compared with claims, after their rows
    /// are added up, rather than with single rows.
    pub claim_text: Option<Span>,
    /// True if the plan says that the number is the same in all rows of a claimant
    /// and not added up.
    pub same: bool,
    /// True if the numbers are added up over the rows of a claimant.
    pub added: bool,
    /// Places of formula steps that use the column as only a number that is not a sum can
    /// be used: as a factor, in a table or in a time span. Each with what it does.
    pub factors: Vec<(Span, &'static str)>,
    /// The first use of the column.
    pub reader: ColumnUse,
    /// True if a file need not have the column; its cells are then blank.
    pub optional: bool,
    /// The name that a layout has for the column, if the file has another.
    pub layout_name: Option<String>,
    /// True if a formula reads the cells as numbers.
    pub is_read_as_number: bool,
    /// The kind of the cells, if the program computes them.
    pub(crate) computed: Option<CellKind>,
    /// The only texts that the cells can be, if the program writes them.
    pub(super) only_texts: Option<Vec<String>>,
    /// The meaning of the column, if it is one of lots.
    pub(crate) lot: Option<LotColumn>,
    /// The fact about the claim that the program fills in, if the column is not in the
    /// claims file.
    pub(crate) fact: Option<ClaimFact>,
    known: HashSet<String, FixedState>,
    allowed: HashSet<String, FixedState>,
    by_fold: HashMap<String, (String, Span), FixedState>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnUse {
    /// Rules of the plan, which determine payments.
    #[default]
    Rules,
    /// Statements, which show the cells.
    Statements,
    /// The summary, which counts payments by the column.
    Payments,
    Tax,
    /// Comparison of claimants.
    Unique,
    /// Portions of payouts.
    Portions,
    /// Lots, which the trades file has the column for.
    Trades,
    /// Control totals, which add the column up.
    Controls,
    /// A payment file layout, which writes the cells.
    Layout,
    /// Facts about payments.
    Facts,
}

/// Normalizes a text: without white space, invisible characters and case. Texts
/// that look the same or differ only by a typing habit have the same result. Uses
/// Unicode case folding.
pub(crate) fn fold(text: &str) -> String {
    let dense: String = text
        .chars()
        .filter(|&c| !is_hidden(c) && c != ' ')
        .collect();
    confusables::fold(&dense)
}

impl Column {
    /// A column of which nothing else is known.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Returns true if the cell is a text that the plan names for this column. A
    /// near miss of such a text, or a cell outside `values`, is a fault.
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
            Some((text, _)) if text != cell => Err(self.near_miss(id, cell, text)),
            _ => Ok(false),
        }
    }

    /// Restricts the cells to these texts.
    pub fn allow_only(&mut self, values: Vec<String>) {
        self.allowed = values.iter().cloned().collect();
        self.values = Some(values);
    }

    fn not_a_value(&self, id: ColumnId, cell: &str, values: &[String]) -> CellFault {
        if let Some(text) = values.iter().find(|value| fold(value) == fold(cell)) {
            return self.near_miss(id, cell, text);
        }
        let shown = if cell.is_empty() {
            "a blank cell".to_owned()
        } else {
            literal(cell)
        };
        let texts = || values.iter().map(String::as_str);
        let near = nearest(cell, texts());
        let expected = format!("expected {}", alternatives(values));
        let hint = map_hints::unlisted(self.name_in_file(), &self.map, cell, near, &expected, "");
        let message = cell_messages::not_among_values(&shown, &literal(&self.name));
        let meant = mistyped(cell, texts()).map(str::to_owned);
        CellFault::at(id, message.hint(hint).suggest(meant))
    }

    /// The name of the column in the file from which its cells are.
    fn name_in_file(&self) -> &str {
        match &self.lot {
            Some(LotColumn::Other { name, .. }) => name,
            _ => &self.name,
        }
    }

    fn near_miss(&self, id: ColumnId, cell: &str, text: &str) -> CellFault {
        let hidden = cell.chars().find(|&c| is_invisible(c));
        let by = match hidden {
            Some(c) => format!("an invisible character, U+{:04X}", u32::from(c)),
            None if cell.is_ascii() || text.is_ascii() => "case or white space".to_owned(),
            None => "case, white space or Unicode form".to_owned(),
        };
        let message = cell_messages::near_miss(&literal(cell), &literal(text), &by);
        let hint = map_hints::near(self.name_in_file(), &self.map, cell, text);
        CellFault::at(id, message.hint(hint).suggest(text.to_owned()))
    }

    /// True if the cells can only be certain texts, which the program writes.
    pub(crate) fn has_only_texts(&self) -> bool {
        self.only_texts.is_some()
    }

    /// The fault of a text that no cell of a computed column is.
    pub(super) fn impossible(&self, text: &str) -> Option<Message> {
        let texts = self.only_texts.as_ref()?;
        if texts.iter().any(|known| known == text) {
            return None;
        }
        let is_prior = self.fact == Some(ClaimFact::PriorStatus);
        let message = if is_prior {
            messages::not_a_prior_state(&literal(text))
        } else {
            messages::text_of_no_computed_cell(&literal(&self.name), &literal(text))
        };
        let known: Vec<&str> = texts.iter().map(String::as_str).collect();
        let hint = match nearest(text, known.iter().copied()) {
            // An amount of formulas, not a typing error.
            _ if is_prior && text == "paid" => {
                "`paid` is an amount, which formulas read: `{ prior = \"paid\" }`".to_owned()
            }
            Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
            _ => format!("it is {}", alternatives(&known)),
        };
        Some(message.hint(hint))
    }

    /// Records a text that the plan names elsewhere.
    pub(crate) fn know_text(&mut self, text: &str) {
        if self.known.insert(text.to_owned()) {
            let folded = (text.to_owned(), Span::default());
            self.by_fold.entry(fold(text)).or_insert(folded);
            self.texts.push(text.to_owned());
        }
    }

    /// Records a text that the plan names for this column. Two texts that differ
    /// only by case or white space are a problem of the plan.
    pub(crate) fn name_text(&mut self, text: &str, place: &Place<'_>) {
        if let Some(message) = fault_of_text(text) {
            return place.problem(message).add();
        }
        match self.by_fold.get(&fold(text)) {
            Some((other, _)) if other == text => {}
            Some((other, other_span)) => {
                let name = literal(&self.name);
                let message = messages::texts_alike(&literal(text), &literal(other), &name);
                let report = place.problem(message);
                report.other(other_span, "the other text").add();
            }
            None => {
                self.by_fold
                    .insert(fold(text), (text.to_owned(), place.span.clone()));
                self.known.insert(text.to_owned());
                self.texts.push(text.to_owned());
            }
        }
    }
}

/// The fault of a text that no cell can match.
pub(crate) fn fault_of_text(text: &str) -> Option<Message> {
    if text != text.trim() {
        return Some(messages::text_with_space(&literal(text)));
    }
    let hidden = needless(text)?;
    let message = messages::compared_text_with_invisible_character;
    Some(message(&literal(text), u32::from(hidden)))
}

/// An invisible character that the text does not need. Some scripts need such
/// characters to join and separate letters.
fn needless(text: &str) -> Option<char> {
    let joins = |c: char| {
        matches!(c, '\u{200c}' | '\u{200d}')
            && text.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
    };
    text.chars().find(|&c| is_invisible(c) && !joins(c))
}

pub(crate) fn column_name(value: &TomlValue<'_>) -> Option<String> {
    let name = value.name()?;
    check_name(&name, &value.place)?;
    Some(name)
}

/// Header cells are read without surrounding white space, so no column name in a
/// plan may have any.
pub(crate) fn check_name(name: &str, place: &Place<'_>) -> Option<()> {
    if name != name.trim() || name.is_empty() {
        let message = messages::column_name_with_space(&literal(name));
        return place.problem(message).none();
    }
    Some(())
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
