//! Days about those that a plan names.

use jiff::civil::Date;

use crate::plan::cell_reading::DateFormat;
use crate::plan::condition::{Condition, Criterion, End, Matcher, ValueRange};
use crate::plan::formula::{Formula, Operand};
use crate::plan::time_span::DayEnd;
use crate::plan::{ColumnId, Plan};
use crate::run::sample::cell_generator::CellGenerator;
use crate::run::sample::from_plan::conditions;

/// The days before and after a range within which dates are drawn.
const AROUND: i64 = 180;

/// The days after a deadline.
const LATE: i64 = 15;

/// Dates about those that the plan compares; few claims are late.
pub(super) fn date(plan: &Plan, id: ColumnId, form: DateFormat) -> Option<CellGenerator> {
    let mut excludes = plan.excludes.iter().map(|exclude| &exclude.when);
    let of_excludes = excludes.find_map(|when| date_of(when, id, form, LATE));
    of_excludes.or_else(|| conditions(plan).find_map(|when| date_of(when, id, form, AROUND)))
}

/// Days of a time span: first ends before second ones.
pub(super) fn end_of_span(plan: &Plan, id: ColumnId) -> Option<CellGenerator> {
    let mut steps = plan.formulas().flat_map(Formula::steps);
    let (place, span) = steps.find_map(|step| {
        let Operand::Span(span) = &step.operand else {
            return None;
        };
        let is_it = |end: &DayEnd| matches!(end, DayEnd::Cell { column, .. } if *column == id);
        span.ends.iter().position(is_it).map(|place| (place, span))
    })?;
    let other = span.ends.get(1 - place).and_then(|other| match other {
        DayEnd::Day(day) => Some(*day),
        DayEnd::Cell { .. } => None,
    });
    let years = |day: Date, years: i64| day.checked_add(jiff::Span::new().years(years)).ok();
    let [from, to] = span
        .within
        .unwrap_or([Date::constant(2015, 1, 1), Date::constant(2024, 12, 31)]);
    let middle = match from.until((jiff::Unit::Day, to)) {
        Ok(span) => from
            .checked_add(jiff::Span::new().days(span.get_days() / 2))
            .ok()?,
        Err(_) => from,
    };
    let (first, last) = match (place, other) {
        (0, Some(second)) => (years(second, -5)?, second),
        (0, None) => (years(from, -1)?, middle),
        (_, Some(first)) => (first, years(first, 5)?),
        (_, None) => (middle, years(to, 1)?),
    };
    days_between(plan, id, first, last)
}

pub(super) fn days_between(
    plan: &Plan,
    id: ColumnId,
    first: Date,
    last: Date,
) -> Option<CellGenerator> {
    let days = first.until((jiff::Unit::Day, last)).ok()?.get_days();
    Some(CellGenerator::Date {
        first,
        days: u64::try_from(days).ok()?,
        instant: false,
        form: plan.columns.format(id).dates,
    })
}

/// Days around the bounds of a date condition.
fn date_of(
    condition: &Condition,
    id: ColumnId,
    form: DateFormat,
    after_days: i64,
) -> Option<CellGenerator> {
    let around = |from: Option<Date>, to: Option<Date>, instant: bool| {
        let before = from
            .or(to)?
            .checked_sub(jiff::Span::new().days(AROUND))
            .ok()?;
        let after = to
            .or(from)?
            .checked_add(jiff::Span::new().days(after_days))
            .ok()?;
        let days = before.until(after).ok()?.get_days();
        Some(CellGenerator::Date {
            first: before,
            days: u64::try_from(days).ok()?,
            instant,
            form,
        })
    };
    condition.tests().into_iter().find_map(|entry| match entry {
        Criterion::Cell(column, Matcher::Date(ValueRange { from, to, .. }, _)) if *column == id => {
            around(from.map(|end| end.at), to.map(|end| end.at), false)
        }
        Criterion::Cell(column, Matcher::Instant(ValueRange { from, to, .. }, _))
            if *column == id =>
        {
            let date = |end: End<jiff::Timestamp>| jiff::tz::Offset::UTC.to_datetime(end.at).date();
            around(from.map(date), to.map(date), true)
        }
        _ => None,
    })
}
