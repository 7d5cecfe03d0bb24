//! The time between two dates, counted day by day of the calendar.

use num_traits::One;

use crate::audit::recompute::number::{Fraction, whole, wrong};
use crate::base::dates::Date;
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ComputedCell, Facts};
use crate::plan::time_span::{DayEnd, SpanCount, SpanOperand, SpanUnit};

/// A day as year, month and day.
type Day = (i64, i64, i64);

/// The value of a time span for a claim.
pub(super) fn of_span(operand: &SpanOperand, claim: &impl Facts) -> Result<Fraction, CellFault> {
    let times = operand
        .times
        .as_ref()
        .map_or_else(Fraction::one, Exact::ratio);
    let mut days = Vec::new();
    for end in &operand.ends {
        days.push(match end {
            DayEnd::Day(day) => Some(parts(*day)),
            DayEnd::Cell {
                column,
                format,
                blank,
            } => match (claim.computed(*column), claim.cell(*column)) {
                (Some(ComputedCell::Day(day)), _) => Some(parts(day)),
                (_, "") => blank.map(parts),
                (_, cell) => Some(parts(format.date(*column, cell)?)),
            },
        });
    }
    let number = match days.as_slice() {
        [Some(first), Some(second)] if second < first => {
            return Err(wrong("the second day is before the first"));
        }
        [Some(first), Some(second)] => whole(between(operand, *first, *second).into()),
        _ => {
            let blank = operand.blank.as_ref();
            blank.ok_or_else(|| wrong("a day is blank"))?.ratio()
        }
    };
    Ok(number * times)
}

fn parts(day: Date) -> Day {
    (
        i64::from(day.year()),
        i64::from(day.month()),
        i64::from(day.day()),
    )
}

fn between(operand: &SpanOperand, first: Day, second: Day) -> i64 {
    let (mut start, mut end) = (first, second);
    if let Some([from, to]) = operand.within {
        start = start.max(parts(from));
        end = end.min(parts(to));
    }
    let touched = |number: fn(&SpanOperand, Day) -> i64| {
        if end < start {
            return 0;
        }
        number(operand, end) - number(operand, start) + 1
    };
    if operand.count == SpanCount::Calendar {
        return match operand.unit {
            SpanUnit::Weeks => touched(|operand, day| {
                // Day 0 is a Monday.
                let begins = i64::from(operand.begins.to_monday_zero_offset());
                (number_of(day) - begins).div_euclid(7)
            }),
            _ => touched(|_, (year, month, _)| year * 12 + month),
        };
    }
    // With `inclusive`, time ends with the second day and not before it.
    let length = number_of(end) - number_of(start) + i64::from(operand.inclusive);
    if length <= 0 {
        return 0;
    }
    let step = match operand.unit {
        SpanUnit::Days => return length,
        SpanUnit::Weeks => {
            let begun = operand.count == SpanCount::Begun && length % 7 > 0;
            return length / 7 + i64::from(begun);
        }
        SpanUnit::Months => 1,
        SpanUnit::Years => 12,
    };
    let mut units = 0;
    let reached = |units: i64| number_of(months_after(start, units * step)) - number_of(start);
    while reached(units + 1) <= length {
        units += 1;
    }
    let begun = operand.count == SpanCount::Begun && reached(units) < length;
    units + i64::from(begun)
}

/// The same day a number of months later, or the last day of that month.
fn months_after((year, month, day): Day, months: i64) -> Day {
    let month = year * 12 + (month - 1) + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    (year, month, day.min(days_in(year, month)))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The number of days since January 1 of the year 1, a Monday.
fn number_of((year, month, day): Day) -> i64 {
    let before = year - 1;
    let of_years = before * 365 + before / 4 - before / 100 + before / 400;
    let of_months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    of_years + of_months + day - 1
}
