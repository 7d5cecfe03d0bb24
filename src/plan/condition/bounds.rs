//! The ends of ranges in plans.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::dates::{self, Date, Instant, Moment};
use crate::plan::cell_reading::{ColumnFormat, DateFormat};
use crate::plan::condition::{End, Matcher, TestKeys, ValueRange};
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::{Choice as _, kinds};
use crate::plan::messages;
use crate::plan::table::Key;

/// One end of a range; its kind determines the kind of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RangeBound {
    Number(Decimal),
    Date(Date),
    Instant(Instant),
}

kinds! {<'p>
    RangeEnd(RangeBound): "number, date, or date-time with offset", { "$ref": "#/$defs/bound" }, bound;
}

/// Reads a range from its ends.
pub(super) fn range(
    keys: &TestKeys<'_>,
    format: &ColumnFormat,
    place: &Place<'_>,
) -> Option<Matcher> {
    if !keys.toml.is_sound() {
        return None;
    }
    let blank = keys.blank.value;
    let end = |closed: &Key<'_, RangeBound>, open: &Key<'_, RangeBound>| {
        let closed = closed.value.map(|at| End { at, open: false });
        closed.or(open.value.map(|at| End { at, open: true }))
    };
    let (from, to) = (end(&keys.from, &keys.above), end(&keys.to, &keys.below));
    macro_rules! range_of {
        ($kind:ident) => {{
            let end = |end: Option<End<RangeBound>>| match end {
                Some(End {
                    at: RangeBound::$kind(at),
                    open,
                }) => Some(End { at, open }),
                _ => None,
            };
            let (from, to) = (end(from), end(to));
            Matcher::$kind(ValueRange { from, to, blank }, format.clone())
        }};
    }
    let matcher = match (from.map(|end| end.at), to.map(|end| end.at)) {
        (None | Some(RangeBound::Number(_)), None | Some(RangeBound::Number(_))) => {
            range_of!(Number)
        }
        (None | Some(RangeBound::Date(_)), None | Some(RangeBound::Date(_))) => range_of!(Date),
        (None | Some(RangeBound::Instant(_)), None | Some(RangeBound::Instant(_))) => {
            range_of!(Instant)
        }
        _ => {
            let to = keys.to.at.as_ref().or(keys.below.at.as_ref())?;
            return to.problem(messages::ends_differ_in_kind()).none();
        }
    };
    possible(matcher, format, place)
}

/// Checks that a range can hold for some cell of its column.
fn possible(matcher: Matcher, format: &ColumnFormat, place: &Place<'_>) -> Option<Matcher> {
    if matches!(matcher, Matcher::Instant(..)) && format.dates != DateFormat::Iso {
        let message = messages::instants_of_plain_dates(format.dates.word());
        return place.problem(message).none();
    }
    let empty = match &matcher {
        Matcher::Number(range, _) => range.is_empty(),
        // Between two days there is none.
        Matcher::Date(range, _) => days_only(*range).is_empty(),
        Matcher::Instant(range, _) => range.is_empty(),
        _ => false,
    };
    if empty {
        return place.problem(messages::range_empty()).none();
    }
    Some(matcher)
}

/// A range of days with its ends included.
fn days_only(range: ValueRange<Date>) -> ValueRange<Date> {
    let closed = |end: Option<End<Date>>, next: fn(Date) -> Option<Date>| {
        end.map(|end| match (end.open, next(end.at)) {
            (true, Some(at)) => End { at, open: false },
            _ => end,
        })
    };
    ValueRange {
        from: closed(range.from, |day| day.tomorrow().ok()),
        to: closed(range.to, |day| day.yesterday().ok()),
        blank: range.blank,
    }
}

fn bound(value: &TomlValue<'_>) -> Option<RangeBound> {
    let DeValue::Datetime(datetime) = value.value else {
        return value.number().map(RangeBound::Number);
    };
    // Fractions of a second are kept to the nanosecond.
    let mut whole = *datetime;
    if let Some(time) = &mut whole.time {
        time.nanosecond = None;
    }
    if value.place.span.len() > whole.to_string().len() + ".123456789".len() {
        return value.fault(messages::end_too_fine).none();
    }
    let year = datetime.date.map(|date| date.year);
    if let Some(year) = year.filter(|year| *year < dates::FIRST_YEAR) {
        let report = value.fault(|key| messages::end_too_early(key, year));
        return report.none();
    }
    match (dates::parse(&datetime.to_string()), datetime.time) {
        (Some(Moment::Date(date)), None) => Some(RangeBound::Date(date)),
        (Some(Moment::Instant(instant)), _) => Some(RangeBound::Instant(instant)),
        _ => value.fault(messages::end_not_a_date).none(),
    }
}
