//! Time spans as operands: the days, weeks, months or years between two dates.

pub(crate) mod reader;

use jiff::civil::Weekday;

use crate::base::dates::Date;
use crate::base::diagnostics::Message;
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ColumnId, ComputedCell, Facts};
use crate::plan::cell_messages;
use crate::plan::column_format::ColumnFormat;
use crate::plan::kinds::words;

/// A time span as operand.
#[derive(Debug, Clone)]
pub struct SpanOperand {
    pub unit: SpanUnit,
    /// The first and the second end.
    pub ends: [DayEnd; 2],
    /// True if the day of the second end counts.
    pub inclusive: bool,
    /// The days within which time counts.
    pub within: Option<[Date; 2]>,
    pub count: SpanCount,
    /// The first day of a week of the calendar.
    pub begins: Weekday,
    /// The number for a blank cell.
    pub blank: Option<Exact>,
    /// The factor.
    pub times: Option<Exact>,
}

/// One end of a time span.
#[derive(Debug, Clone)]
pub enum DayEnd {
    Day(Date),
    Cell {
        column: ColumnId,
        format: ColumnFormat,
        /// The day for a blank cell.
        blank: Option<Date>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    Days,
    Weeks,
    Months,
    Years,
}

/// The parts of a unit that count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanCount {
    /// Units that are complete.
    Full,
    /// Also one that has begun.
    Begun,
    /// Units of the calendar that are touched.
    Calendar,
}

words! {
    SpanUnit { "days" Days, "weeks" Weeks, "months" Months, "years" Years }
    SpanCount { "full" Full, "begun" Begun, "calendar" Calendar }
}

impl SpanOperand {
    /// The columns that the operand reads.
    pub fn columns(&self) -> Vec<ColumnId> {
        let columns = self.ends.iter().filter_map(|end| match end {
            DayEnd::Cell { column, .. } => Some(*column),
            DayEnd::Day(_) => None,
        });
        columns.collect()
    }

    pub fn value(&self, facts: &impl Facts) -> Result<Exact, CellFault> {
        let [first, second] = &self.ends;
        let (first_day, second_day) = (first.day(facts)?, second.day(facts)?);
        let number = match (first_day, second_day) {
            (Some(first_day), Some(second_day)) => {
                if second_day < first_day {
                    let message = cell_messages::days_reversed(
                        &first_day.to_string(),
                        &second_day.to_string(),
                    );
                    return Err(second.fault(first, message));
                }
                self.between(first_day, second_day)?.into()
            }
            (first_day, _) => self.blank.clone().ok_or_else(|| {
                let blank = if first_day.is_none() { first } else { second };
                blank.fault(first, cell_messages::blank_as_day())
            })?,
        };
        Ok(match &self.times {
            Some(times) => number.times(times),
            None => number,
        })
    }

    /// The number of units between two days.
    pub fn between(&self, first: Date, second: Date) -> Result<i64, CellFault> {
        let [from, to] = self.within.unwrap_or([first, second]);
        if self.count == SpanCount::Calendar {
            let (start, end) = (first.max(from), second.min(to));
            if end < start {
                return Ok(0);
            }
            return Ok(self.on_calendar(end) - self.on_calendar(start) + 1);
        }
        let after = |day: Date| {
            if self.inclusive {
                return day.tomorrow().map_err(|_| too_far());
            }
            Ok(day)
        };
        let (start, end) = (first.max(from), after(second.min(to))?);
        if end <= start {
            return Ok(0);
        }
        let days = || days_since_epoch(end) - days_since_epoch(start);
        let (full, rest) = match self.unit {
            SpanUnit::Days => (days(), 0),
            SpanUnit::Weeks => (days() / 7, days() % 7),
            SpanUnit::Months => months_between(start, end, 1),
            SpanUnit::Years => months_between(start, end, 12),
        };
        let begun = self.count == SpanCount::Begun && rest > 0;
        Ok(full + i64::from(begun))
    }

    /// The number of the month or week of the calendar that a day is in.
    fn on_calendar(&self, day: Date) -> i64 {
        if self.unit == SpanUnit::Weeks {
            // 1970-01-01 was a Thursday, the third day after Monday.
            let into = i64::from(self.begins.to_monday_zero_offset());
            return (days_since_epoch(day) + 3 - into).div_euclid(7);
        }
        i64::from(day.year()) * 12 + i64::from(day.month())
    }
}

/// The greatest number of steps, each of this many months, after `start` that does not go past
/// `end`, and 1 if days are left over.
fn months_between(start: Date, end: Date, step: i64) -> (i64, i64) {
    let month = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    let months = month(end) - month(start);
    let mut count = months / step;
    let in_last_month = count * step == months;
    // In a month without that day, the step ends on the last day.
    let day = start.day().min(end.days_in_month());
    if in_last_month && day > end.day() {
        count -= 1;
    }
    let is_whole = in_last_month && day == end.day();
    (count, i64::from(!is_whole))
}

fn days_since_epoch(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    // Dates without time of day and zone are whole days of 24 hours apart.
    day.duration_since(epoch).as_hours() / 24
}

#[cold]
fn too_far() -> CellFault {
    cell_messages::day_too_far().into()
}

impl DayEnd {
    /// The day; `None` if the cell is blank and the plan has no day for that.
    fn day(&self, facts: &impl Facts) -> Result<Option<Date>, CellFault> {
        match self {
            Self::Day(day) => Ok(Some(*day)),
            Self::Cell {
                column,
                format,
                blank,
            } => match (facts.computed(*column), facts.cell(*column)) {
                (Some(ComputedCell::Day(day)), _) => Ok(Some(day)),
                (_, "") => Ok(*blank),
                (_, cell) => format.date(*column, cell).map(Some),
            },
        }
    }

    /// A fault at the cell of this end, or of the other if this is a day of the plan.
    fn fault(&self, other: &Self, message: Message) -> CellFault {
        match (self, other) {
            (Self::Cell { column, .. }, _) | (Self::Day(_), Self::Cell { column, .. }) => {
                CellFault::at(*column, message)
            }
            (Self::Day(_), Self::Day(_)) => message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        crate::base::dates::iso_date(text).unwrap()
    }

    fn span(unit: SpanUnit, count: SpanCount, inclusive: bool) -> SpanOperand {
        let end = DayEnd::Day(day("2000-01-01"));
        SpanOperand {
            unit,
            ends: [end.clone(), end],
            inclusive,
            within: None,
            count,
            begins: Weekday::Sunday,
            blank: None,
            times: None,
        }
    }

    fn counts(first: &str, second: &str, spans: &[SpanOperand]) -> Vec<i64> {
        let between = |span: &SpanOperand| span.between(day(first), day(second)).unwrap();
        spans.iter().map(between).collect()
    }

    #[test]
    fn units_are_counted_full_begun_and_by_the_calendar() {
        use SpanCount::{Begun, Calendar, Full};
        use SpanUnit::{Days, Months, Years};
        let spans = [
            span(Days, Full, false),
            span(Months, Full, false),
            span(Months, Begun, false),
            span(Months, Calendar, false),
            span(Months, Full, true),
            span(Months, Begun, true),
            span(Years, Full, false),
            span(Years, Begun, false),
        ];
        for (first, second, expected) in [
            ("2023-01-31", "2023-02-28", [28, 1, 1, 2, 1, 2, 0, 1]),
            ("2023-01-01", "2023-01-31", [30, 0, 1, 1, 1, 1, 0, 1]),
            ("2023-03-15", "2023-03-15", [0, 0, 0, 1, 0, 1, 0, 0]),
            (
                "2004-02-29",
                "2022-02-28",
                [6574, 216, 216, 217, 216, 217, 18, 18],
            ),
            ("2023-02-28", "2023-03-31", [31, 1, 2, 2, 1, 2, 0, 1]),
        ] {
            assert_eq!(counts(first, second, &spans), expected, "{first} {second}");
        }
    }

    #[test]
    fn only_time_within_two_days_counts() {
        use SpanCount::{Begun, Full};
        use SpanUnit::{Days, Months, Weeks};
        let kinds = [
            (Days, Full),
            (Weeks, Full),
            (Weeks, Begun),
            (Months, Full),
            (Months, Begun),
        ];
        let spans: Vec<SpanOperand> = [false, true]
            .into_iter()
            .flat_map(|inclusive| kinds.map(|(unit, count)| span(unit, count, inclusive)))
            .map(|span| SpanOperand {
                within: Some([day("2015-03-01"), day("2019-05-01")]),
                ..span
            })
            .collect();
        for (first, second, expected) in [
            ("2014-06-01", "2015-03-31", [30, 4, 5, 0, 1, 31, 4, 5, 1, 1]),
            ("2019-04-15", "2020-01-01", [16, 2, 3, 0, 1, 17, 2, 3, 0, 1]),
            ("2014-01-01", "2015-03-01", [0, 0, 0, 0, 0, 1, 0, 1, 0, 1]),
            ("2014-01-01", "2015-02-28", [0; 10]),
            (
                "2014-01-01",
                "2021-01-01",
                [1522, 217, 218, 50, 50, 1523, 217, 218, 50, 51],
            ),
        ] {
            assert_eq!(counts(first, second, &spans), expected, "{first} {second}");
        }
    }

    #[test]
    fn one_day_in_a_week_makes_it_a_week_of_the_calendar() {
        let weeks = span(SpanUnit::Weeks, SpanCount::Calendar, false);
        let monday = SpanOperand {
            begins: Weekday::Monday,
            ..weeks.clone()
        };
        // A Saturday and the Sunday after it.
        assert_eq!(
            counts("2023-02-04", "2023-02-05", &[weeks.clone(), monday.clone()]),
            [2, 1]
        );
        assert_eq!(counts("2023-02-05", "2023-02-11", &[weeks, monday]), [1, 2]);
    }

    #[test]
    fn the_last_day_there_is_counts_if_it_is_cut_off() {
        let of_job = SpanOperand {
            within: Some([day("2015-03-01"), day("2019-05-01")]),
            ..span(SpanUnit::Days, SpanCount::Full, true)
        };
        assert_eq!(counts("2014-01-01", "9999-12-31", &[of_job]), [1523]);
    }
}
