//! Conditions: the `when` of exclusions, subclasses, pools and formula steps.
//!
//! A condition is a table, and all of its entries must hold. Entries are evaluated
//! in the order written, and a cell is read only when its entry is reached.

mod bounds;

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::dates::{Date, Instant};
use crate::base::diagnostics::{listing, literal, nearest, quotable};
use crate::plan::cell::{CellFault, Cells, ColumnId};
use crate::plan::cell_messages;
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::column::{self, Columns};
use crate::plan::common_mistakes;
pub(crate) use crate::plan::condition::bounds::RangeBound;
use crate::plan::document::{ProblemCollector, Span, TomlTable, TomlValue, all, given};

/// A condition; without entries it always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    pub entries: Vec<Criterion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Membership in any of these subclasses, by index in plan order.
    In(Vec<usize>),
    /// A test of a cell.
    Cell(ColumnId, Matcher),
}

/// A test of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    /// A number in the range, ends included.
    Number(ValueRange<Decimal>, ColumnFormat),
    /// A date in the range, ends included.
    Date(ValueRange<Date>, ColumnFormat),
    /// An instant in the range, ends included.
    Instant(ValueRange<Instant>, ColumnFormat),
    Blank(bool),
}

/// A range with a lower end, an upper end, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRange<T> {
    /// The lower end, inclusive.
    pub from: Option<T>,
    /// The upper end, inclusive.
    pub to: Option<T>,
    /// True if a blank cell counts as inside, false if outside; `None` makes it an
    /// error.
    pub blank: Option<bool>,
}

impl<T: PartialOrd> ValueRange<T> {
    fn contains(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from <= value)
            && self.to.as_ref().is_none_or(|to| value <= to)
    }

    fn is_empty(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to)) if from > to)
    }
}

impl Condition {
    /// Returns true if the condition holds for a row. `members` states the
    /// claimant's membership in each subclass, in plan order.
    pub fn holds(&self, cells: &impl Cells, members: &[bool]) -> Result<bool, CellFault> {
        for entry in &self.entries {
            let holds = match entry {
                Criterion::In(subclasses) => subclasses
                    .iter()
                    .any(|&subclass| members.get(subclass) == Some(&true)),
                Criterion::Cell(column, matcher) => matcher.holds(*column, cells.cell(*column))?,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The columns that the condition may read.
    pub fn columns(&self) -> impl Iterator<Item = ColumnId> {
        self.entries.iter().filter_map(|entry| match entry {
            Criterion::Cell(column, _) => Some(*column),
            Criterion::In(_) => None,
        })
    }

    /// True if it reads the column.
    pub(crate) fn reads(&self, id: ColumnId) -> bool {
        self.columns().any(|column| column == id)
    }
}

impl Matcher {
    /// The ends of a range; `None` if the test is not a range.
    pub fn ends(&self) -> Option<[Option<RangeBound>; 2]> {
        match self {
            Self::Number(range, _) => {
                Some([range.from, range.to].map(|e| e.map(RangeBound::Number)))
            }
            Self::Date(range, _) => Some([range.from, range.to].map(|e| e.map(RangeBound::Date))),
            Self::Instant(range, _) => {
                Some([range.from, range.to].map(|e| e.map(RangeBound::Instant)))
            }
            Self::OneOf(_) | Self::NoneOf(_) | Self::Blank(_) => None,
        }
    }

    /// True if a blank cell is within the range.
    pub fn has_blank(&self) -> bool {
        let blank = match self {
            Self::Number(range, _) => range.blank,
            Self::Date(range, _) => range.blank,
            Self::Instant(range, _) => range.blank,
            Self::OneOf(_) | Self::NoneOf(_) | Self::Blank(_) => None,
        };
        blank == Some(true)
    }

    /// The value of a cell for a range; `None` if the cell is blank.
    pub fn value(&self, column: ColumnId, cell: &str) -> Result<Option<RangeBound>, CellFault> {
        let value = match self {
            _ if cell.is_empty() => return Ok(None),
            Self::Number(_, format) => format.number(column, cell).map(RangeBound::Number)?,
            Self::Date(_, format) => format.date(column, cell).map(RangeBound::Date)?,
            Self::Instant(_, format) => format.instant(column, cell).map(RangeBound::Instant)?,
            Self::OneOf(_) | Self::NoneOf(_) | Self::Blank(_) => return Ok(None),
        };
        Ok(Some(value))
    }

    /// Returns true if the cell passes the test.
    fn holds(&self, column: ColumnId, cell: &str) -> Result<bool, CellFault> {
        match self {
            Self::OneOf(texts) => Ok(texts.iter().any(|text| text == cell)),
            Self::NoneOf(texts) => Ok(texts.iter().all(|text| text != cell)),
            Self::Blank(blank) => Ok(cell.is_empty() == *blank),
            Self::Number(range, format) => {
                in_range(range, column, cell, |cell| format.number(column, cell))
            }
            Self::Date(range, format) => {
                in_range(range, column, cell, |cell| format.date(column, cell))
            }
            Self::Instant(range, format) => {
                in_range(range, column, cell, |cell| format.instant(column, cell))
            }
        }
    }
}

fn in_range<T: PartialOrd>(
    range: &ValueRange<T>,
    column: ColumnId,
    cell: &str,
    read: impl Fn(&str) -> Result<T, CellFault>,
) -> Result<bool, CellFault> {
    if !cell.is_empty() {
        return read(cell).map(|value| range.contains(&value));
    }
    range
        .blank
        .ok_or_else(|| CellFault::at(column, cell_messages::blank_in_range()))
}

/// Reads the conditions of one kind of place.
#[derive(Debug)]
pub(crate) struct ConditionReader<'a> {
    pub columns: &'a mut Columns,
    /// The keys of the subclasses, if `in` is allowed.
    pub subclasses: Option<&'a [String]>,
    /// True if the condition is evaluated on single rows, before the rows of a
    /// claim are added up.
    pub of_rows: bool,
}

impl ConditionReader<'_> {
    pub(crate) fn condition(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Condition> {
        if value.elements().is_some() {
            value.wrong_kind_hint(
                "a table",
                common_mistakes::of_conditions(self.place()),
                problems,
            );
            return None;
        }
        let table = value.table("`when`", problems)?;
        if table.entries().is_empty() {
            problems.add(&value.span, "`when` has no conditions");
            return None;
        }
        let entries = table.entries().iter();
        let entries = all(entries.map(|entry| self.entry(entry, problems)))?;
        Some(Condition { entries })
    }

    fn place(&self) -> common_mistakes::ConditionPlace {
        match (self.subclasses, self.of_rows) {
            (_, true) => common_mistakes::ConditionPlace::Exclude,
            (None, false) => common_mistakes::ConditionPlace::Subclass,
            (Some(_), false) => common_mistakes::ConditionPlace::Pool,
        }
    }

    fn entry(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Criterion> {
        let known = self.columns.is_known(&value.key);
        if let Some((message, hint)) =
            common_mistakes::of_entry(&value.key, value.value, self.place(), known)
        {
            problems.add_hint(&value.key_span, message, hint);
            return None;
        }
        if value.key == "in" {
            return self.membership(value, problems).map(Criterion::In);
        }
        if !column::check_name(&value.key, &value.key_span, problems) {
            return None;
        }
        let column = self.columns.id(&value.key);
        let matcher = self.matcher(column, value, problems)?;
        Some(Criterion::Cell(column, matcher))
    }

    fn membership(
        &self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<usize>> {
        let Some(known) = self.subclasses else {
            let message = "`in` is only allowed in the conditions of pools and formulas";
            problems.add(&value.key_span, message);
            return None;
        };
        if value.is_table() {
            value.wrong_kind_hint("the key of a subclass", common_mistakes::NOT_IN, problems);
            return None;
        }
        let keys = value.text_or_texts(problems)?;
        if keys.is_empty() {
            problems.add(&value.span, "`in` lists no subclass");
            return None;
        }
        let number = |(key, span): &(String, Span)| {
            let number = known.iter().position(|subclass| subclass == key);
            if number.is_none() {
                let message = format!("there is no [subclass.{}]", quotable(key));
                let hint = match nearest(key, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {}?", literal(near)),
                    None if known.is_empty() => "the plan has no subclasses".to_owned(),
                    None => format!("the plan has {}", listing(known)),
                };
                problems.add_hint(span, message, hint);
            }
            number
        };
        // Every unknown key is reported, not only the first.
        all(keys.iter().map(number))
    }

    fn matcher(
        &mut self,
        column: ColumnId,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Matcher> {
        match value.value {
            DeValue::String(_) | DeValue::Array(_) => {
                self.texts(column, value, problems).map(Matcher::OneOf)
            }
            DeValue::Table(_) => self.matcher_table(column, value, problems),
            _ => {
                let message = format!(
                    "{} must be text in quotes, a list of such values, or a table",
                    literal(&value.key)
                );
                let hint = "write text in quotes, and ranges of numbers or dates as `{ from = 10, to = 99.5 }`";
                problems.add_hint(&value.span, message, hint);
                None
            }
        }
    }

    fn texts(
        &mut self,
        column: ColumnId,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<String>> {
        let texts = value.text_or_texts(problems)?;
        if texts.is_empty() {
            problems.add(
                &value.span,
                format!("{} lists no value", literal(&value.key)),
            );
            return None;
        }
        if self.of_rows {
            self.columns.name_texts_of_rows(column, &texts, problems);
        } else {
            self.columns.name_texts(column, &texts, problems);
        }
        if let Some(column) = self.columns.get_mut(column) {
            column.compared = true;
            let patterns = texts
                .iter()
                .filter(|(text, _)| common_mistakes::of_text(text).is_some());
            column
                .patterns
                .extend(patterns.map(|(text, _)| text.clone()));
        }
        Some(texts.into_iter().map(|(text, _)| text).collect())
    }

    fn matcher_table(
        &mut self,
        column: ColumnId,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Matcher> {
        let mut table = value.table(
            format!("the condition on {}", literal(&value.key)),
            problems,
        )?;
        let not = table.take("not");
        let bounds = [table.take("from"), table.take("to")];
        let blank = table.take("blank");
        let before = problems.list.len();
        table.finish(problems);
        let unknown_keys = problems.list.len() > before;
        let blank_value = given(blank.as_ref().map(|blank| blank.truth(problems)))?;
        let ranged = bounds.iter().flatten().next();
        match (not, ranged, blank_value) {
            (Some(not), None, None) => {
                let inner = TomlValue {
                    key: value.key.clone(),
                    ..not
                };
                self.texts(column, &inner, problems).map(Matcher::NoneOf)
            }
            (Some(not), _, _) => {
                let other = ranged
                    .or(blank.as_ref())
                    .map_or(&not.key_span, |o| &o.key_span);
                problems.add_pair(
                    &not.key_span,
                    "`not` cannot be combined with `from`, `to` or `blank`",
                    other,
                    "the other key",
                );
                None
            }
            (None, Some(_), blank) => {
                let format = self.columns.format(column);
                let matcher = bounds::range(bounds, blank, &format, &value.span, problems);
                if let Some(column) = self.columns.get_mut(column) {
                    column.days |= matches!(matcher, Some(Matcher::Date(..)));
                    column.instants |= matches!(matcher, Some(Matcher::Instant(..)));
                }
                matcher
            }
            (None, None, Some(blank)) => Some(Matcher::Blank(blank)),
            (None, None, None) if unknown_keys => None,
            (None, None, None) => {
                let message = "the condition is empty; it accepts `not`, `from`, `to` or `blank`";
                problems.add(&value.span, message);
                None
            }
        }
    }
}

/// Reads the `when` of a table, if present.
pub(crate) fn optional(
    table: &mut TomlTable<'_>,
    reader: &mut ConditionReader<'_>,
    problems: &mut ProblemCollector,
) -> Option<Condition> {
    let when = given(
        table
            .take("when")
            .map(|value| reader.condition(&value, problems)),
    );
    Some(when?.unwrap_or_default())
}
