//! The ends of ranges in plans.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::dates::{self, Date, Instant, Moment};
use crate::plan::cell_reading::{ColumnFormat, DateFormat};
use crate::plan::condition::{Matcher, TestKeys, ValueRange};
use crate::plan::document::{Place, TomlValue};
use crate::plan::kinds::{Choice as _, kinds};

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
    let (from, to, blank) = (keys.from.value, keys.to.value, keys.blank.value);
    macro_rules! range_of {
        ($kind:ident) => {{
            let end = |bound| match bound {
                Some(RangeBound::$kind(end)) => Some(end),
                _ => None,
            };
            let (from, to) = (end(from), end(to));
            Matcher::$kind(ValueRange { from, to, blank }, format.clone())
        }};
    }
    let matcher = match (from, to) {
        (None | Some(RangeBound::Number(_)), None | Some(RangeBound::Number(_))) => {
            range_of!(Number)
        }
        (None | Some(RangeBound::Date(_)), None | Some(RangeBound::Date(_))) => range_of!(Date),
        (None | Some(RangeBound::Instant(_)), None | Some(RangeBound::Instant(_))) => {
            range_of!(Instant)
        }
        _ => {
            let report = keys
                .to
                .at
                .as_ref()?
                .problem("`from` and `to` have different types");
            let hint = "write two numbers, two dates, or two date-times with offset";
            return report.hint(hint).none();
        }
    };
    possible(matcher, format, place)
}

/// Checks that a range can hold for some cell of its column.
fn possible(matcher: Matcher, format: &ColumnFormat, place: &Place<'_>) -> Option<Matcher> {
    if matches!(matcher, Matcher::Instant(..)) && format.dates != DateFormat::Iso {
        let message = format!(
            "the column holds dates like {}, which have no offset",
            format.dates.word()
        );
        let hint = "compare it with plain dates, like `2021-09-30`";
        return place.problem(message).hint(hint).none();
    }
    let empty = match &matcher {
        Matcher::Number(range, _) => range.is_empty(),
        Matcher::Date(range, _) => range.is_empty(),
        Matcher::Instant(range, _) => range.is_empty(),
        _ => false,
    };
    if empty {
        let message = "the range is empty because `from` is greater than `to`";
        return place.problem(message).none();
    }
    Some(matcher)
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
        let report = value.fault("has more than 9 decimals of a second");
        return report.hint("write at most 9 decimals").none();
    }
    let year = datetime.date.map(|date| date.year);
    if let Some(year) = year.filter(|year| *year < dates::FIRST_YEAR) {
        let report = value.fault(format_args!("is in the year {year}"));
        let hint = "write the year with four digits, or omit this end of the range";
        return report.hint(hint).none();
    }
    match (dates::parse(&datetime.to_string()), datetime.time) {
        (Some(Moment::Date(date)), None) => Some(RangeBound::Date(date)),
        (Some(Moment::Instant(instant)), _) => Some(RangeBound::Instant(instant)),
        _ => {
            let report = value.fault("must be a date, or a date-time with offset");
            let hint = "write `2021-09-30`, or `2022-03-01T23:59:59-06:00`";
            report.hint(hint).none()
        }
    }
}
