//! Tables that formulas look up: a number for each text, for each band of numbers or
//! days, or for each key and band of an exhibit.
//!
//! All of them are lines by key. The lines of a key are bands in ascending order; a
//! table of texts has one line without ends for each text, which is its key.

mod bands;
mod file;
pub(crate) mod reader;
#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::{Equivalent, HashMap};

use crate::base::dates::Date;
use crate::base::diagnostics::{Message, listing, literal, mistyped, nearest};
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ColumnId, ComputedCell, Facts, NumberSource};
use crate::plan::column_format::ColumnFormat;
use crate::plan::value_range::End;
use crate::plan::{cell_messages, map_hints};

/// A table of a plan.
#[derive(Debug, Clone)]
pub struct LookupTable {
    /// The name in the plan; `None` if it is written within a formula.
    pub name: Option<String>,
    pub form: TableForm,
    /// The names of the columns whose cells are the key.
    pub by: Vec<String>,
    /// The lines of each key, in ascending order.
    pub lines: KeyedLines,
    /// The keys in the order written.
    pub keys: Vec<TableKey>,
    /// The file of the table, and the row of each key.
    pub(crate) file: Option<KeyRows>,
    /// The value for a blank cell.
    pub blank: Option<Exact>,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
}

/// The rows of a table file in which keys are first.
#[derive(Debug, Clone)]
pub(crate) struct KeyRows {
    pub file: String,
    pub rows: Vec<usize>,
}

pub(crate) type KeyedLines = HashMap<TableKey, Vec<TableLine>, FixedState>;

/// The cells of the columns in `by`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableKey(Vec<String>);

impl Hash for TableKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|cell| cell.hash(state));
    }
}

impl Deref for TableKey {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for TableKey {
    fn from_iter<I: IntoIterator<Item = String>>(cells: I) -> Self {
        Self(cells.into_iter().collect())
    }
}

/// The cells of a claim that are looked up as a key, without copies of them.
struct KeyCells<'a, F> {
    by: &'a [ColumnId],
    facts: &'a F,
}

impl<F: Facts> KeyCells<'_, F> {
    fn iter(&self) -> impl Iterator<Item = &str> {
        self.by.iter().map(|&column| self.facts.cell(column))
    }
}

impl<F: Facts> Hash for KeyCells<'_, F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|cell| cell.hash(state));
    }
}

impl<F: Facts> Equivalent<TableKey> for KeyCells<'_, F> {
    fn equivalent(&self, key: &TableKey) -> bool {
        self.iter().eq(key.iter().map(String::as_str))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// The text of the column that the operand names is the key.
    Texts,
    /// Bands of numbers.
    Numbers,
    /// Bands of days.
    Days,
    /// A value for each key.
    Keys,
}

/// A place on the scale of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TablePoint {
    Number(Exact),
    Day(Date),
}

/// A band of a table, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLine {
    /// The lower end, included; `None` if the band begins where the one before ends.
    pub from: Option<TablePoint>,
    /// The upper end; `None` if there is none.
    pub end: Option<End<TablePoint>>,
    pub value: Exact,
}

/// A look-up as operand, computed in the order key, cell, line, `times`.
#[derive(Debug, Clone)]
pub struct TableOperand {
    pub table: Arc<LookupTable>,
    /// The columns of the key.
    pub by: Vec<ColumnId>,
    /// The value that is compared with the lines; `None` if the table has a value for each key.
    pub source: Option<NumberSource>,
    pub format: ColumnFormat,
    /// The factor.
    pub times: Option<Exact>,
}

/// The result of a look-up.
#[derive(Debug)]
pub enum FoundLine<'t> {
    Line(&'t TableKey, &'t TableLine),
    Blank(&'t Exact),
}

impl FoundLine<'_> {
    fn value(&self) -> &Exact {
        match self {
            Self::Line(_, line) => &line.value,
            Self::Blank(value) => value,
        }
    }
}

impl TablePoint {
    /// The point as it is written in a plan.
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => number.written(),
            Self::Day(day) => day.to_string(),
        }
    }
}

impl TableOperand {
    /// The columns that the operand reads.
    pub fn columns(&self) -> Vec<ColumnId> {
        let source = match self.source {
            Some(NumberSource::Column(column)) => Some(column),
            _ => None,
        };
        self.by.iter().copied().chain(source).collect()
    }

    pub fn value(&self, facts: &impl Facts) -> Result<Exact, CellFault> {
        let found = self.find(facts)?;
        Ok(match &self.times {
            Some(times) => found.value().times(times),
            None => found.value().clone(),
        })
    }

    /// The line that applies to a claim.
    pub fn find(&self, facts: &impl Facts) -> Result<FoundLine<'_>, CellFault> {
        let by = &self.by;
        let cells = KeyCells { by, facts };
        let found = self.table.lines.get_key_value(&cells);
        let own_key = || cells.iter().map(str::to_owned).collect();
        let (key, lines) = found.ok_or_else(|| self.unknown_key(&own_key()))?;
        let Some(source) = self.source.filter(|_| self.table.has_scale()) else {
            let line = lines.first().ok_or_else(|| self.unknown_key(key))?;
            return Ok(FoundLine::Line(key, line));
        };
        let Some(point) = self.point(source, facts)? else {
            return Ok(FoundLine::Blank(
                self.table
                    .blank
                    .as_ref()
                    .ok_or_else(|| self.fault(self.blank_without_value()))?,
            ));
        };
        let place = lines.partition_point(|line| {
            let end = line.end.as_ref();
            end.is_some_and(|end| !end.reaches(&point))
        });
        let line = lines.get(place).ok_or_else(|| {
            let end = lines.last().and_then(|line| line.end.as_ref());
            let end = end.map_or_else(String::new, |end| end.at.text());
            self.fault(cell_messages::above_table(&self.table.called(), &end))
        })?;
        if let Some(from) = line.from.as_ref().filter(|from| **from > point) {
            let message = if place == 0 {
                cell_messages::below_table(&self.table.called(), &from.text())
            } else {
                cell_messages::between_lines(&self.table.called(), &from.text())
            };
            return Err(self.fault(message));
        }
        Ok(FoundLine::Line(key, line))
    }

    /// The number or the day to look up; `None` if the cell is blank.
    fn point(
        &self,
        source: NumberSource,
        facts: &impl Facts,
    ) -> Result<Option<TablePoint>, CellFault> {
        let column = match source {
            NumberSource::Value(value) => {
                return facts.value(value).map(TablePoint::Number).map(Some);
            }
            NumberSource::Column(column) => column,
        };
        match facts.computed(column) {
            Some(ComputedCell::Number(number)) => return Ok(Some(TablePoint::Number(number))),
            Some(ComputedCell::Day(day)) => return Ok(Some(TablePoint::Day(day))),
            None => {}
        }
        let cell = facts.cell(column);
        if cell.is_empty() {
            return Ok(None);
        }
        if self.table.form == TableForm::Days {
            return self
                .format
                .date(column, cell)
                .map(TablePoint::Day)
                .map(Some);
        }
        let number = self.format.number(column, cell)?;
        Ok(Some(TablePoint::Number(number.into())))
    }

    fn blank_without_value(&self) -> Message {
        let message = cell_messages::blank_in_table(&self.table.called());
        let Some(name) = &self.table.name else {
            return message;
        };
        let place = format!("[table.{name}]");
        message.hint(format!(
            "fill it in, or state under {place} how a blank counts: `blank = 0`"
        ))
    }

    fn fault(&self, message: Message) -> CellFault {
        match self.source {
            Some(NumberSource::Column(column)) => CellFault::at(column, message),
            _ => message.into(),
        }
    }

    fn unknown_key(&self, key: &TableKey) -> CellFault {
        let known = |number: usize| {
            let texts = self
                .table
                .keys
                .iter()
                .filter_map(move |key| key.get(number));
            let mut texts: Vec<&str> = texts.map(String::as_str).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let shown = |cell: &str| match cell {
            "" => "a blank cell".to_owned(),
            cell => literal(cell),
        };
        // The first cell that no key has is at fault; otherwise all of them together.
        let columns = self.by.iter().zip(key.iter()).enumerate();
        for (number, (column, cell)) in columns {
            let texts = known(number);
            if texts.binary_search(&cell.as_str()).is_ok() {
                continue;
            }
            let near = nearest(cell, texts.iter().copied());
            let hint = map_hints::not_in_table(cell, near, &listing(&texts));
            let meant = mistyped(cell, texts.iter().copied()).map(str::to_owned);
            let message = cell_messages::not_in_table(&shown(cell));
            return CellFault::at(*column, message.hint(hint).suggest(meant));
        }
        let cells: Vec<String> = key.iter().map(|cell| shown(cell)).collect();
        let message = cell_messages::key_not_in_table(&self.table.called(), &cells.join(", "));
        CellFault::from(message)
    }
}

impl LookupTable {
    /// Before a fault of a text in the key, its place in the file of the table.
    pub(crate) fn place_in_file(&self, number: usize, text: &str) -> Option<String> {
        let KeyRows { file, rows } = self.file.as_ref()?;
        let column = self.by.get(number)?;
        let has_it = |key: &TableKey| key.get(number).is_some_and(|known| known == text);
        let row = rows.get(self.keys.iter().position(has_it)?)?;
        Some(format!("{file}:{row}:{column}: "))
    }

    /// True if the lines are bands.
    pub fn has_scale(&self) -> bool {
        matches!(self.form, TableForm::Numbers | TableForm::Days)
    }

    /// The name in messages.
    pub(crate) fn called(&self) -> String {
        match &self.name {
            Some(name) => format!("the table {}", literal(name)),
            None => "the plan's table".to_owned(),
        }
    }
}
