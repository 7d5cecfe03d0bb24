//! The columns of the claims file that a plan reads, and the texts with which it
//! compares their cells.
//!
//! A cell that differs from such a text only by case or white space is an error,
//! not a mismatch, so that no claimant loses a subclass because of a typing habit.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use crate::base::confusables::{self, is_hidden, is_invisible};
use crate::base::diagnostics::{Message, OrBug as _, alternatives, literal, mistyped, nearest};
use crate::plan::cell::{CellFault, CellKind, ColumnId, NumberSource, ValueId, ValueScope};
use crate::plan::cell_map::CellMap;
use crate::plan::claim_fact::{ClaimFact, FactSources};
use crate::plan::column_format::ColumnFormat;
use crate::plan::document::{Place, Span, TomlValue};
use crate::plan::lookup_table::LookupTable;
use crate::plan::lot_names::{LotColumn, LotNames};
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
    only_texts: Option<Vec<String>>,
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

    /// Reports a text that no cell of a computed column is.
    fn check_possible(&self, text: &str, place: &Place<'_>) {
        let Some(texts) = &self.only_texts else {
            return;
        };
        if !texts.iter().any(|known| known == text) {
            let message = match self.fact {
                Some(ClaimFact::PriorStatus) => messages::not_a_prior_state(&literal(text)),
                _ => messages::text_of_no_computed_cell(&literal(&self.name), &literal(text)),
            };
            let known: Vec<&str> = texts.iter().map(String::as_str).collect();
            let hint = match nearest(text, known.iter().copied()) {
                // An amount of formulas, not a typing error.
                _ if self.fact == Some(ClaimFact::PriorStatus) && text == "paid" => {
                    "`paid` is an amount, which formulas read: `{ prior = \"paid\" }`".to_owned()
                }
                Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
                _ => format!("it is {}", alternatives(&known)),
            };
            place.problem(message).hint(hint).add();
        }
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

const UNKNOWN: &str = "the plan has no such column";

/// The columns of a plan, in order of first use.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    list: Vec<Column>,
    /// The named values, which are read like columns.
    values: Vec<ValueName>,
    /// The named tables; true if something reads one.
    tables: Vec<(Arc<LookupTable>, bool)>,
    /// The column of claimant ids.
    pub claimant_id: Option<ColumnId>,
    /// The names of tables that cannot be read, which is a problem of the plan.
    flawed_tables: Vec<String>,
    /// The use of columns that are added.
    reader: ColumnUse,
    /// The columns as `[column.NAME]` describes them, which are added when something
    /// reads them.
    pub(crate) described: Vec<Column>,
    /// The names of columns of lots, if these are columns of lots.
    pub(crate) lots: Option<LotNames>,
    /// The facts about claims that the program fills in.
    pub(crate) facts: FactSources,
}

/// The name of a value, while the plan is read.
#[derive(Debug, Clone)]
struct ValueName {
    key: String,
    per: Option<ValueScope>,
    /// True if something in the plan reads the value.
    read: bool,
}

impl Columns {
    /// The id of the column with this name, which is added if new.
    pub fn id(&mut self, name: &str) -> ColumnId {
        let known = self.list.iter().position(|column| column.name == name);
        ColumnId(known.unwrap_or_else(|| {
            let column = self.new_column(name);
            self.list.push(column);
            self.list.len() - 1
        }))
    }

    /// A column that is read for the first time.
    fn new_column(&self, name: &str) -> Column {
        let lots = self.lots.as_ref();
        let lot = lots.and_then(|lots| lots.column(name).ok());
        let in_file = match &lot {
            Some(LotColumn::Other { name, .. }) => name,
            _ => name,
        };
        let fact = self.facts.named(name);
        let mut described = self.described.iter();
        let described = described.find(|column| column.name == in_file);
        let is_of_file = matches!(lot, None | Some(LotColumn::Other { .. })) && fact.is_none();
        let of_fact = fact.and_then(ClaimFact::texts);
        let of_fact = of_fact.map(|texts| texts.iter().map(|text| (*text).to_owned()));
        let of_lots = lots.zip(lot.as_ref());
        let of_lots = of_lots.and_then(|(lots, lot)| lots.texts(lot));
        let described = described.filter(|_| is_of_file);
        let described = described.cloned().unwrap_or_default();
        Column {
            name: name.to_owned(),
            reader: self.reader,
            computed: lot
                .as_ref()
                .and_then(LotColumn::kind)
                .or(fact.map(ClaimFact::kind)),
            only_texts: of_fact.map(Iterator::collect).or(of_lots),
            lot,
            fact,
            // The ledger has one amount for a claimant, however many rows there are.
            same: described.same || fact.is_some_and(ClaimFact::is_prior),
            ..described
        }
    }

    /// Reports a use of a computed column that is not of its kind.
    pub(crate) fn expect(&self, id: ColumnId, kind: CellKind, place: &Place<'_>) -> Option<()> {
        let column = self.get(id)?;
        let found = match column.computed {
            Some(found) if found != kind => found,
            _ => return Some(()),
        };
        let what = match found {
            CellKind::Text => "a text",
            CellKind::Number => "a number",
            CellKind::Day | CellKind::Moment => "a day",
        };
        let hint = match (found, kind) {
            (CellKind::Day, CellKind::Text) => {
                "compare it with a range of days: `{ from = 2021-01-01, to = 2021-12-31 }`"
            }
            (CellKind::Day, CellKind::Number) => {
                "look it up in a table, or count the days from another one: `{ days = [\"bought\", \"sold\"] }`"
            }
            (CellKind::Number, CellKind::Text) => {
                "compare it with a range of numbers: `{ from = 100 }`"
            }
            (CellKind::Text, CellKind::Number) => "say what each text counts, with `table`",
            _ => "",
        };
        let message = messages::computed_as_another_kind(&literal(&column.name), what);
        place.problem(message.hint(hint.to_owned())).none()
    }

    /// The columns of lots of a plan with these columns of claims: none yet, but with the
    /// same values, tables and descriptions of columns.
    pub(crate) fn of_lots(&self) -> Self {
        Self {
            values: self.values.clone(),
            tables: self.tables.clone(),
            flawed_tables: self.flawed_tables.clone(),
            described: self.described.clone(),
            ..Self::default()
        }
    }

    /// The columns of a file, none yet, with descriptions of columns.
    pub(crate) fn described_by(columns: &Self) -> Self {
        Self {
            described: columns.described.clone(),
            ..Self::default()
        }
    }

    /// Takes over which values and tables something among the columns of lots reads.
    pub(crate) fn also_read(&mut self, lots: &Self) {
        for (value, of_lots) in self.values.iter_mut().zip(&lots.values) {
            value.read |= of_lots.read;
        }
        for ((_, read), (_, of_lots)) in self.tables.iter_mut().zip(&lots.tables) {
            *read |= of_lots;
        }
    }

    /// Makes the name of a value known.
    pub(crate) fn name_value(&mut self, key: &str, per: Option<ValueScope>) {
        self.values.push(ValueName {
            key: key.to_owned(),
            per,
            read: false,
        });
    }

    /// The source with this name: a named value, or a column, which is added if new. Where
    /// single rows are read, a value per claim is a problem.
    pub(crate) fn source(
        &mut self,
        name: &str,
        of_rows: bool,
        place: &Place<'_>,
    ) -> Option<NumberSource> {
        let Some(id) = self.read_value(name) else {
            if let Some(Err(message)) = self.lots.as_ref().map(|lots| lots.column(name)) {
                return place.problem(message).none();
            }
            return Some(NumberSource::Column(self.id(name)));
        };
        let per = self.values.get(id.0).and_then(|value| value.per);
        let wanted = match self.lots {
            Some(_) => ValueScope::Lot,
            None => ValueScope::Row,
        };
        if of_rows && per != Some(wanted) {
            let message = match (wanted, per) {
                (ValueScope::Lot, _) => messages::other_value_on_lot(&literal(name)),
                (ValueScope::Row, Some(_)) => messages::value_of_lot_on_row(&literal(name)),
                (ValueScope::Row, None) => messages::value_of_claim_on_row(&literal(name)),
            };
            return place.problem(message).none();
        }
        Some(NumberSource::Value(id))
    }

    /// The named value with this name, which is read from now on.
    pub(crate) fn read_value(&mut self, name: &str) -> Option<ValueId> {
        let mut values = (0..).zip(&mut self.values);
        let (number, value) = values.find(|(_, value)| value.key == name)?;
        value.read = true;
        Some(ValueId(number))
    }

    /// Makes a table known, or its name if it has a problem.
    pub(crate) fn name_table(
        &mut self,
        name: &str,
        table: Option<LookupTable>,
    ) -> Option<Arc<LookupTable>> {
        let Some(table) = table.map(Arc::new) else {
            self.flawed_tables.push(name.to_owned());
            return None;
        };
        self.tables.push((Arc::clone(&table), false));
        Some(table)
    }

    /// True if the table with this name has a problem.
    pub(crate) fn is_flawed_table(&self, name: &str) -> bool {
        self.flawed_tables.iter().any(|flawed| flawed == name)
    }

    /// The table with this name, which is then read.
    pub(crate) fn table(&mut self, name: &str) -> Option<Arc<LookupTable>> {
        let mut tables = self.tables.iter_mut();
        let named =
            |(table, _): &&mut (Arc<LookupTable>, bool)| table.name.as_deref() == Some(name);
        let (table, read) = tables.find(named)?;
        *read = true;
        Some(Arc::clone(table))
    }

    pub(crate) fn table_names(&self) -> Vec<&str> {
        let tables = self.tables.iter();
        tables
            .filter_map(|(table, _)| table.name.as_deref())
            .collect()
    }

    /// The names of tables that nothing reads.
    pub(crate) fn unread_tables(&self) -> impl Iterator<Item = &str> {
        let unread = self.tables.iter().filter(|(_, read)| !read);
        unread.filter_map(|(table, _)| table.name.as_deref())
    }

    /// Records a use of a column of claims that a sum cannot have.
    pub(crate) fn not_added(
        &mut self,
        id: ColumnId,
        of_rows: bool,
        place: &Place<'_>,
        use_of_sum: &'static str,
    ) {
        if let (false, Some(column)) = (of_rows, self.list.get_mut(id.0)) {
            column.factors.push((place.span.clone(), use_of_sum));
        }
    }

    pub(crate) fn is_value_read(&self, id: ValueId) -> bool {
        self.values.get(id.0).is_some_and(|value| value.read)
    }

    /// The names of values that the plan also reads as columns.
    pub(crate) fn values_read_as_columns(&self) -> impl Iterator<Item = (ValueId, &str)> {
        let values = (0..).map(ValueId).zip(&self.values);
        let keys = values.map(|(id, value)| (id, value.key.as_str()));
        keys.filter(|(_, key)| self.is_known(key))
    }

    /// True if the plan has named this column.
    pub fn is_known(&self, name: &str) -> bool {
        self.list.iter().any(|column| column.name == name)
    }

    /// Records texts with which the plan compares claims in a column.
    pub(crate) fn name_texts(&mut self, id: ColumnId, texts: &[(String, Place<'_>)]) {
        self.name_texts_of_rows(id, texts);
        if let (Some(column), Some((_, place))) = (self.list.get_mut(id.0), texts.first()) {
            column.claim_text.get_or_insert_with(|| place.span.clone());
        }
    }

    /// Records texts with which the plan compares single rows in a column.
    pub(crate) fn name_texts_of_rows(&mut self, id: ColumnId, texts: &[(String, Place<'_>)]) {
        if let Some(column) = self.list.get_mut(id.0) {
            for (text, place) in texts {
                column.name_text(text, place);
                column.check_possible(text, place);
            }
        }
    }

    pub fn get_mut(&mut self, id: ColumnId) -> Option<&mut Column> {
        self.list.get_mut(id.0)
    }

    pub fn get(&self, id: ColumnId) -> Option<&Column> {
        self.list.get(id.0)
    }

    /// True if the numbers of a column are added up over the rows of a claimant.
    pub fn is_added(&self, id: ColumnId) -> bool {
        self.get(id).is_some_and(|column| column.added)
    }

    /// The format of a column's amounts and dates.
    pub fn format(&self, id: ColumnId) -> ColumnFormat {
        self.list
            .get(id.0)
            .map_or_else(ColumnFormat::default, |column| column.format.clone())
    }

    /// The rule by which the cells of a column are read.
    pub fn map(&self, id: ColumnId) -> &CellMap {
        let column = self.list.get(id.0);
        column.map(|column| &column.map).or_bug(UNKNOWN)
    }

    /// True if cells of some column may be read as other texts.
    pub fn have_maps(&self) -> bool {
        self.list.iter().any(|column| !column.map.is_empty())
    }

    pub fn name(&self, id: ColumnId) -> &str {
        self.list.get(id.0).map_or("", |column| &column.name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        self.list
            .iter()
            .enumerate()
            .map(|(number, column)| (ColumnId(number), column))
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The id of a column that no rule of the plan reads, which is added if new.
    pub fn beside_rules(&mut self, name: &str, reader: ColumnUse) -> ColumnId {
        let before = self.list.len();
        let id = self.id(name);
        if let Some(column) = self.list.get_mut(id.0).filter(|_| id.0 == before) {
            column.reader = reader;
        }
        id
    }

    /// The named value or the column with this name, which statements show.
    pub(crate) fn shown(&mut self, name: &str) -> NumberSource {
        self.read_value(name).map_or_else(
            || NumberSource::Column(self.beside_rules(name, ColumnUse::Statements)),
            NumberSource::Value,
        )
    }

    /// Removes the columns that these uses were the first to name; they are last in
    /// the list.
    pub fn leave_out(&mut self, readers: &[ColumnUse]) {
        self.list.retain(|column| !readers.contains(&column.reader));
    }

    /// From now on, columns that are added have this first use.
    pub fn read_for(&mut self, reader: ColumnUse) {
        self.reader = reader;
    }

    /// The number of columns that rules of the plan read; they are first in the
    /// list.
    pub fn read_by_rules(&self) -> usize {
        let by_rules = |column: &&Column| column.reader == ColumnUse::Rules;
        self.list.iter().filter(by_rules).count()
    }

    /// Marks columns as read on every row: all columns after the first `before`,
    /// and those in `ids`.
    pub fn mark_on_every_row(&mut self, ids: impl IntoIterator<Item = ColumnId>) {
        for id in ids {
            if let Some(column) = self.list.get_mut(id.0) {
                column.on_every_row = true;
            }
        }
    }
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
