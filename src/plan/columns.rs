//! The columns of a file, or of lots, that a plan reads, with the names of the values and
//! tables that are read like columns.

use std::sync::Arc;

use crate::base::diagnostics::{OrBug as _, literal};
use crate::plan::cell::{CellKind, ColumnId, NumberSource, ValueId, ValueScope};
use crate::plan::cell_map::CellMap;
use crate::plan::claim_fact::{ClaimFact, FactSources};
use crate::plan::column::{Column, ColumnUse};
use crate::plan::column_format::ColumnFormat;
use crate::plan::document::Place;
use crate::plan::lookup_table::LookupTable;
use crate::plan::lot_names::{LotColumn, LotNames};
use crate::plan::messages;

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
        let kind = lot.as_ref().and_then(LotColumn::kind);
        let described = described.filter(|_| is_of_file);
        let mut column = described.cloned().unwrap_or_default();
        name.clone_into(&mut column.name);
        column.reader = self.reader;
        column.computed = kind.or(fact.map(ClaimFact::kind));
        // The ledger has one amount for a claimant, however many rows there are.
        column.same |= fact.is_some_and(ClaimFact::is_prior);
        column.only_texts = of_fact.map(Iterator::collect).or(of_lots);
        column.lot = lot;
        column.fact = fact;
        column
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
                if let Some(message) = column.impossible(text) {
                    place.problem(message).add();
                }
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
