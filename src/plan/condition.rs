//! Conditions: the `when` of exclusions, subclasses, pools and formula steps.
//!
//! A condition is a table, and all of its entries must hold. Entries are evaluated
//! in the order written, and a cell is read only when its entry is reached.

pub(crate) mod bounds;

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::dates::{Date, Instant};
use crate::base::decimal;
use crate::base::diagnostics::{Message, OrBug as _, listing, literal, nearest, quotable};
use crate::base::exact::Exact;
use crate::plan::cell::{
    CellFault, CellKind, ColumnId, ComputedCell, Facts, NumberSource, ValueId,
};
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::column;
use crate::plan::columns::Columns;
pub(crate) use crate::plan::condition::bounds::RangeBound;
use crate::plan::condition::bounds::RangeEnd;
use crate::plan::document::{Place, TomlValue, all};
use crate::plan::kinds::{Flag, TextOrTexts};
use crate::plan::table::{Key, TableKeys as _, keys};
pub(crate) use crate::plan::value_range::{End, ValueRange};
use crate::plan::{cell_messages, common_mistakes, messages, prior};

keys! {
    struct TestKeys<'p>: "the condition on a column", "condition" {
        not: TextOrTexts, Or("no test of texts"), "the cell is none of these texts; a blank cell is none of them, unless `\"\"` is listed";
        from: RangeEnd, Or("no lower end"), "the cell is a number, a date or a moment from this one on";
        above: RangeEnd, Or("no lower end"), "the cell is one above this one, which is not included";
        to: RangeEnd, Or("no upper end"), "the cell is one up to this one, included";
        below: RangeEnd, Or("no upper end"), "the cell is one below this one, which is not included";
        blank: Flag, Or("in a range, a blank cell is an error"), "alone: the cell is blank, or is not; in a range: a blank cell is inside, or outside";
    }
    rules {
        Without("not", &["from", "above", "to", "below", "blank"], "");
        Without("from", &["above"], "");
        Without("to", &["below"], "");
    }
}

keys! {
    struct MembershipKeys<'p>: "`in`", "membership" {
        not: TextOrTexts, Required, "the claimant is a member of none of these subclasses";
    }
}

impl TestKeys<'_> {
    /// True if the test is a range.
    fn has_end(&self) -> bool {
        let ends = [&self.from, &self.above, &self.to, &self.below];
        ends.into_iter().any(Key::is_present)
    }
}

/// A condition; without entries it always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    pub entries: Vec<Criterion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Membership in any of these subclasses, by index in plan order.
    In(Vec<usize>),
    /// Membership in none of these subclasses.
    NotIn(Vec<usize>),
    /// At least one of these conditions.
    Any(Vec<Condition>),
    /// A test of a cell.
    Cell(ColumnId, Matcher),
    /// A named value in the range.
    Value(ValueId, ValueRange<Exact>),
}

/// A test of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    /// A number in the range.
    Number(ValueRange<Decimal>, ColumnFormat),
    /// A date in the range.
    Date(ValueRange<Date>, ColumnFormat),
    /// An instant in the range.
    Instant(ValueRange<Instant>, ColumnFormat),
    Blank(bool),
}

impl Condition {
    /// Returns true if the condition holds for a claim.
    pub fn holds(&self, facts: &impl Facts) -> Result<bool, CellFault> {
        for entry in &self.entries {
            if !entry.holds(facts)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All tests, also those within `any`.
    pub fn tests(&self) -> Vec<&Criterion> {
        let mut tests = Vec::new();
        for entry in &self.entries {
            match entry {
                Criterion::Any(conditions) => {
                    tests.extend(conditions.iter().flat_map(Self::tests));
                }
                _ => tests.push(entry),
            }
        }
        tests
    }

    /// The columns that the condition may read.
    pub fn columns(&self) -> Vec<ColumnId> {
        let columns = self.tests().into_iter().filter_map(|test| match test {
            Criterion::Cell(column, _) => Some(*column),
            _ => None,
        });
        columns.collect()
    }

    /// The columns of tests, which may be replaced.
    pub(crate) fn columns_mut(&mut self) -> Vec<&mut ColumnId> {
        let mut columns = Vec::new();
        for entry in &mut self.entries {
            match entry {
                Criterion::Any(conditions) => {
                    columns.extend(conditions.iter_mut().flat_map(Self::columns_mut));
                }
                Criterion::Cell(column, _) => columns.push(column),
                Criterion::In(_) | Criterion::NotIn(_) | Criterion::Value(..) => {}
            }
        }
        columns
    }

    /// The named values that the condition may read.
    pub fn values(&self) -> Vec<ValueId> {
        let values = self.tests().into_iter().filter_map(|test| match test {
            Criterion::Value(value, _) => Some(*value),
            _ => None,
        });
        values.collect()
    }

    /// The subclasses that the condition names.
    pub fn subclasses(&self) -> Vec<usize> {
        let lists = self.tests().into_iter().filter_map(|test| match test {
            Criterion::In(subclasses) | Criterion::NotIn(subclasses) => Some(subclasses),
            _ => None,
        });
        lists.flatten().copied().collect()
    }

    /// True if it reads the column.
    pub(crate) fn reads(&self, id: ColumnId) -> bool {
        self.columns().contains(&id)
    }
}

impl Criterion {
    fn holds(&self, facts: &impl Facts) -> Result<bool, CellFault> {
        match self {
            Self::In(subclasses) => in_any(subclasses, facts),
            Self::NotIn(subclasses) => in_any(subclasses, facts).map(|member| !member),
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(facts)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Cell(column, matcher) => match facts.computed(*column) {
                None => matcher.holds(*column, facts.cell(*column)),
                Some(cell) => Ok(matcher.holds_computed(&cell)),
            },
            Self::Value(value, range) => Ok(range.contains(&facts.value(*value)?)),
        }
    }
}

fn in_any(subclasses: &[usize], facts: &impl Facts) -> Result<bool, CellFault> {
    for &subclass in subclasses {
        if facts.member(subclass)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Matcher {
    /// The ends of a range; `None` if the test is not a range.
    pub fn ends(&self) -> Option<[Option<End<RangeBound>>; 2]> {
        fn both<T: Copy>(
            range: &ValueRange<T>,
            bound: fn(T) -> RangeBound,
        ) -> [Option<End<RangeBound>>; 2] {
            [range.from, range.to].map(|end| end.map(|end| end.map(bound)))
        }
        match self {
            Self::Number(range, _) => Some(both(range, RangeBound::Number)),
            Self::Date(range, _) => Some(both(range, RangeBound::Date)),
            Self::Instant(range, _) => Some(both(range, RangeBound::Instant)),
            Self::OneOf(_) | Self::NoneOf(_) | Self::Blank(_) => None,
        }
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

    /// Returns true if a computed cell, which is not blank, passes the test. The plan
    /// is refused if the test is of another kind.
    fn holds_computed(&self, cell: &ComputedCell) -> bool {
        match (self, cell) {
            (Self::Number(range, _), ComputedCell::Number(Exact::Decimal(number))) => {
                range.contains(number)
            }
            (Self::Number(range, _), ComputedCell::Number(number)) => {
                range.map(Exact::Decimal).contains(number)
            }
            (Self::Date(range, _), ComputedCell::Day(day)) => range.contains(day),
            (Self::Blank(blank), _) => !blank,
            _ => None.or_bug("a computed cell is tested as another kind"),
        }
    }

    /// Returns true if the cell passes the test.
    fn holds(&self, column: ColumnId, cell: &str) -> Result<bool, CellFault> {
        match self {
            Self::OneOf(texts) => Ok(texts.iter().any(|text| text == cell)),
            Self::NoneOf(texts) => Ok(texts.iter().all(|text| text != cell)),
            Self::Blank(blank) => Ok(cell.is_empty() == *blank),
            Self::Number(range, format) => {
                let written = || Some(range.map(decimal::text).written());
                in_range(range, column, cell, written, |cell| {
                    format.number(column, cell)
                })
            }
            Self::Date(range, format) => {
                let written = || Some(range.map(|date| date.to_string()).written());
                in_range(range, column, cell, written, |cell| {
                    format.date(column, cell)
                })
            }
            Self::Instant(range, format) => {
                let written = || None;
                in_range(range, column, cell, written, |cell| {
                    format.instant(column, cell)
                })
            }
        }
    }
}

/// True if the cell is in the range. `written` is the range as the plan has it, for hints.
fn in_range<T: PartialOrd>(
    range: &ValueRange<T>,
    column: ColumnId,
    cell: &str,
    written: impl Fn() -> Option<String>,
    read: impl Fn(&str) -> Result<T, CellFault>,
) -> Result<bool, CellFault> {
    if !cell.is_empty() {
        return read(cell).map(|value| range.contains(&value));
    }
    range
        .blank
        .ok_or_else(|| CellFault::at(column, blank_in_range(written())))
}

/// The message for a blank cell. Only the hint of the cell names the range.
#[cold]
fn blank_in_range(range: Option<String>) -> Message {
    let mut message = cell_messages::blank_in_range();
    if let (Some(range), Some(hint)) = (range, &mut message.hint) {
        *hint = hint.replace("`blank = true`", &format!("`{{ {range}, blank = true }}`"));
    }
    message
}

/// The subclasses with these keys, by index in plan order.
fn subclasses_named(known: &[&str], value: &TomlValue<'_>) -> Option<Vec<usize>> {
    let keys = value.text_or_texts()?;
    if keys.is_empty() {
        return value.problem(messages::no_subclass_listed()).none();
    }
    let number = |(key, place): &(String, Place<'_>)| {
        let number = known.iter().position(|subclass| subclass == key);
        if number.is_none() {
            let message = messages::subclass_unknown(&quotable(key));
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean {}?", literal(near)),
                None if known.is_empty() => "the plan has no subclasses".to_owned(),
                None => format!("the plan has {}", listing(known)),
            };
            return place.problem(message).hint(hint).none();
        }
        number
    };
    // Every unknown key is reported, not only the first.
    all(keys.iter().map(number))
}

/// Reads the range of a named value.
fn value_range(id: ValueId, value: &TomlValue<'_>) -> Option<Criterion> {
    if !value.is_table() {
        return value.fault(messages::value_not_in_range).none();
    }
    let what = format!("the condition on {}", literal(value.key));
    let keys = TestKeys::open_as(value, what)?;
    let matcher = bounds::range(&keys, &ColumnFormat::default(), &value.place)?;
    let (Matcher::Number(range, _), true) = (matcher, keys.not.at.is_none()) else {
        return value.fault(messages::value_not_in_range).none();
    };
    let is_range = range.from.is_some() || range.to.is_some();
    if range.blank.is_some() || !is_range {
        return value.fault(messages::value_not_in_range).none();
    }
    let range = ValueRange {
        from: range.from.map(|end| end.map(Exact::Decimal)),
        to: range.to.map(|end| end.map(Exact::Decimal)),
        blank: None,
    };
    Some(Criterion::Value(id, range))
}

/// Reads the conditions of one kind of place.
#[derive(Debug)]
pub(crate) struct ConditionReader<'a> {
    pub columns: &'a mut Columns,
    /// The keys of the subclasses, if `in` is allowed.
    pub subclasses: Option<&'a [&'a str]>,
    /// True if the condition is evaluated on single rows, before the rows of a
    /// claim are added up.
    pub of_rows: bool,
}

impl ConditionReader<'_> {
    /// The condition of a key; without the key, one that always holds.
    pub(crate) fn optional(&mut self, key: &Key<'_, TomlValue<'_>>) -> Condition {
        let condition = key.value.as_ref().and_then(|value| self.condition(value));
        condition.unwrap_or_default()
    }

    pub(crate) fn condition(&mut self, value: &TomlValue<'_>) -> Option<Condition> {
        if value.value.is_array() {
            let report = value.wrong_kind("a table");
            let hint = common_mistakes::of_conditions();
            return report.hint(hint).none();
        }
        let entries = value.entries()?;
        if entries.is_empty() {
            return value.problem(messages::condition_empty()).none();
        }
        let entries = all(entries.iter().map(|entry| self.entry(entry)))?;
        Some(Condition { entries })
    }

    fn entry(&mut self, value: &TomlValue<'_>) -> Option<Criterion> {
        let known = self.columns.is_known(value.key);
        let mistake = common_mistakes::of_entry(value.key, value.value, known);
        if let Some(hint) = mistake {
            let message = messages::condition_word_unknown(value.key);
            return value.key_place.problem(message).hint(hint).none();
        }
        if value.key == "in" {
            return self.membership(value);
        }
        if value.key == "any" {
            return self.alternatives(value);
        }
        if value.key == "prior" {
            let column = prior::reader::status_column(value, self.columns)?;
            let matcher = self.matcher(column, value)?;
            return Some(Criterion::Cell(column, matcher));
        }
        column::check_name(value.key, &value.key_place)?;
        let source = self
            .columns
            .source(value.key, self.of_rows, &value.key_place);
        match source? {
            NumberSource::Column(column) => {
                let matcher = self.matcher(column, value)?;
                Some(Criterion::Cell(column, matcher))
            }
            NumberSource::Value(id) => value_range(id, value),
        }
    }

    /// Conditions of which one must hold.
    fn alternatives(&mut self, value: &TomlValue<'_>) -> Option<Criterion> {
        let conditions = match value.value {
            DeValue::Array(_) => value.list()?,
            _ => Vec::new(),
        };
        let other = conditions.iter().find(|one| !one.is_table());
        if let Some(other) = other.or((!value.value.is_array()).then_some(value)) {
            let report = other.wrong_kind("a list of tables");
            return report.hint(common_mistakes::ANY).none();
        }
        if conditions.is_empty() {
            return value.fault(messages::nothing_listed).none();
        }
        let conditions = conditions.iter().map(|one| self.condition(one));
        all(conditions).map(Criterion::Any)
    }

    fn membership(&self, value: &TomlValue<'_>) -> Option<Criterion> {
        let Some(known) = self.subclasses else {
            return value.key_place.problem(messages::subclass_of_row()).none();
        };
        if !value.is_table() {
            return subclasses_named(known, value).map(Criterion::In);
        }
        let keys = MembershipKeys::open(value)?;
        subclasses_named(known, keys.not.value.as_ref()?).map(Criterion::NotIn)
    }

    fn matcher(&mut self, column: ColumnId, value: &TomlValue<'_>) -> Option<Matcher> {
        match value.value {
            DeValue::String(_) | DeValue::Array(_) => {
                self.texts(column, value.key, value).map(Matcher::OneOf)
            }
            DeValue::Table(_) => self.matcher_table(column, value),
            _ => value.fault(messages::not_a_test).none(),
        }
    }

    /// The texts of a test under a key.
    fn texts(&mut self, column: ColumnId, key: &str, value: &TomlValue<'_>) -> Option<Vec<String>> {
        let value = &TomlValue {
            key,
            ..value.clone()
        };
        let texts = value.text_or_texts()?;
        if texts.is_empty() {
            return value.fault(messages::no_text_listed).none();
        }
        self.name_texts(column, &texts);
        self.columns
            .expect(column, CellKind::Text, &value.key_place)?;
        let texts: Vec<String> = texts.into_iter().map(|(text, _)| text).collect();
        if let Some(column) = self.columns.get_mut(column) {
            column.compared = true;
            let is_pattern = |text: &&String| common_mistakes::of_text(text).is_some();
            column
                .patterns
                .extend(texts.iter().filter(is_pattern).cloned());
        }
        Some(texts)
    }

    /// Records texts with which the plan compares the cells of a column.
    pub(crate) fn name_texts(&mut self, column: ColumnId, texts: &[(String, Place<'_>)]) {
        if self.of_rows {
            self.columns.name_texts_of_rows(column, texts);
        } else {
            self.columns.name_texts(column, texts);
        }
    }

    fn matcher_table(&mut self, column: ColumnId, value: &TomlValue<'_>) -> Option<Matcher> {
        let what = format!("the condition on {}", literal(value.key));
        let keys = TestKeys::open_as(value, what)?;
        if let Some(not) = &keys.not.value {
            return self.texts(column, value.key, not).map(Matcher::NoneOf);
        }
        if keys.has_end() {
            let format = self.columns.format(column);
            let matcher = bounds::range(&keys, &format, &value.place)?;
            let kind = match matcher {
                Matcher::Number(..) => CellKind::Number,
                Matcher::Instant(..) => CellKind::Moment,
                _ => CellKind::Day,
            };
            self.columns.expect(column, kind, &value.key_place)?;
            if let Some(column) = self.columns.get_mut(column) {
                column.days |= matches!(matcher, Matcher::Date(..));
                column.instants |= matches!(matcher, Matcher::Instant(..));
            }
            return Some(matcher);
        }
        if keys.toml.is_empty() {
            return value.problem(messages::test_empty()).none();
        }
        keys.blank.value.map(Matcher::Blank)
    }
}
