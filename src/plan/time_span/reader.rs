//! Reads time spans: `{ months = ["hired", "left"], count = "begun" }`.

use jiff::civil::Weekday;
use toml::de::DeValue;

use crate::base::dates::{self, Date, Moment};
use crate::base::diagnostics::literal;
use crate::base::exact::Exact;
use crate::plan::cell::{CellKind, NumberSource};
use crate::plan::column::column_name;
use crate::plan::condition::ConditionReader;
use crate::plan::document::{TomlValue, all};
use crate::plan::kinds::{ColumnName, kinds, words};
use crate::plan::messages;
use crate::plan::table::{Key, TableKeys as _, keys};
use crate::plan::time_span::{DayEnd, SpanCount, SpanOperand, SpanUnit};

keys! {
    struct DayEndKeys<'p>: "an end of a time span", "day_end" {
        column: ColumnName, Required, "the column with the day";
        blank: Day, Or("a blank cell is an error"), "the day for a blank cell";
    }
}

kinds! {<'p>
    Day(Date): "date", { "type": "string", "format": "date" }, day;
    /// The two ends of a time span, which this file reads.
    SpanEnds(Vec<TomlValue<'p>>): "list of two columns or dates",
        {
            "type": "array", "minItems": 2, "maxItems": 2,
            "items": { "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "string", "format": "date" },
                { "$ref": "#/$defs/day_end" },
            ] },
        },
        two;
    TwoDays([Date; 2]): "list of two dates",
        {
            "type": "array", "minItems": 2, "maxItems": 2,
            "items": { "type": "string", "format": "date" },
        },
        two_days;
}

/// The day on which a week begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WeekBegin {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

words! {
    WeekBegin { "Sunday" Sunday, "Monday" Monday, "Tuesday" Tuesday, "Wednesday" Wednesday, "Thursday" Thursday, "Friday" Friday, "Saturday" Saturday }
}

impl WeekBegin {
    fn weekday(self) -> Weekday {
        match self {
            Self::Sunday => Weekday::Sunday,
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
        }
    }
}

fn day(value: &TomlValue<'_>) -> Option<Date> {
    let DeValue::Datetime(datetime) = value.value else {
        return value.wrong_kind("a date, without quotes").none();
    };
    let text = datetime.to_string();
    let year = dates::year(&text).filter(|_| datetime.time.is_none());
    if let Some(year) = year.filter(|year| *year < dates::FIRST_YEAR) {
        return value.fault(|key| messages::day_too_early(key, year)).none();
    }
    match dates::parse(&text) {
        Some(Moment::Date(date)) if datetime.time.is_none() => Some(date),
        _ => value.fault(messages::day_with_time).none(),
    }
}

fn two<'p>(value: &TomlValue<'p>) -> Option<Vec<TomlValue<'p>>> {
    if !value.value.is_array() {
        return value.wrong_kind("a list of two columns or dates").none();
    }
    let ends = value.list()?;
    if ends.len() != 2 {
        return value.fault(messages::not_two_ends).none();
    }
    Some(ends)
}

fn two_days(value: &TomlValue<'_>) -> Option<[Date; 2]> {
    let days = all(two(value)?.iter().map(day))?;
    let days: [Date; 2] = days.try_into().ok()?;
    let [first, second] = days;
    if second < first {
        return value.fault(messages::days_reversed).none();
    }
    Some(days)
}

/// The keys of an operand that is a time span.
pub(crate) struct SpanOperandKeys<'k, 'p> {
    pub unit: SpanUnit,
    pub ends: &'k Key<'p, Vec<TomlValue<'p>>>,
    pub inclusive: &'k Key<'p, bool>,
    pub within: &'k Key<'p, [Date; 2]>,
    pub count: &'k Key<'p, SpanCount>,
    pub begins: &'k Key<'p, WeekBegin>,
    pub blank: Option<Exact>,
    pub times: Option<Exact>,
}

impl SpanOperandKeys<'_, '_> {
    pub(crate) fn read(&self, reader: &mut ConditionReader<'_>) -> Option<SpanOperand> {
        let ends = self.ends.value.as_ref()?;
        let ends = all(ends.iter().map(|value| end(value, reader)))?;
        let count = self.count.value.unwrap_or(SpanCount::Full);
        if let Some(at) = &self.count.at {
            if count == SpanCount::Calendar && self.unit == SpanUnit::Years {
                return at.problem(messages::years_of_calendar()).none();
            }
            if let (SpanCount::Calendar, Some(inclusive)) = (count, &self.inclusive.at) {
                let message = messages::calendar_is_inclusive();
                let report = inclusive.key_place.problem(message);
                return report.other_key(at).none();
            }
        }
        if let Some(at) = &self.begins.at
            && !(count == SpanCount::Calendar && self.unit == SpanUnit::Weeks)
        {
            return at
                .key_place
                .problem(messages::begins_without_weeks())
                .none();
        }
        let begins = self.begins.value.unwrap_or(WeekBegin::Sunday);
        Some(SpanOperand {
            unit: self.unit,
            ends: ends.try_into().ok()?,
            inclusive: self.inclusive.value.unwrap_or(false),
            within: self.within.value,
            count,
            begins: begins.weekday(),
            blank: self.blank.clone(),
            times: self.times.clone(),
        })
    }
}

/// Reads one end: a column, a table, or a day.
fn end(value: &TomlValue<'_>, reader: &mut ConditionReader<'_>) -> Option<DayEnd> {
    let (name, place, blank) = match value.value {
        DeValue::Datetime(_) => return day(value).map(DayEnd::Day),
        DeValue::Table(_) => {
            let keys = DayEndKeys::open(value)?;
            let at = keys.column.at?;
            (keys.column.value?, at.place, keys.blank.value)
        }
        DeValue::String(_) => (column_name(value)?, value.place.clone(), None),
        _ => {
            let kinds = "a list of columns, in quotes, or dates";
            return value.wrong_kind(kinds).none();
        }
    };
    match reader.columns.source(&name, reader.of_rows, &place)? {
        NumberSource::Value(_) => place
            .problem(messages::value_as_day(&literal(&name)))
            .none(),
        NumberSource::Column(column) => {
            reader.columns.expect(column, CellKind::Day, &place)?;
            reader
                .columns
                .not_added(column, reader.of_rows, &place, "take the sum for a day");
            let format = reader.columns.format(column);
            if let Some(column) = reader.columns.get_mut(column) {
                column.days = true;
            }
            Some(DayEnd::Cell {
                column,
                format,
                blank,
            })
        }
    }
}
