//! The ends of ranges in plans.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::dates::{self, Date, Instant, Moment};
use crate::base::diagnostics::literal;
use crate::plan::cell_reading::{ColumnFormat, DateFormat};
use crate::plan::condition::{Matcher, ValueRange};
use crate::plan::document::{ProblemCollector, Span, TomlValue};

/// One end of a range; its kind determines the kind of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RangeBound {
    Number(Decimal),
    Date(Date),
    Instant(Instant),
}

/// Reads a range from its two ends.
pub(super) fn range(
    bounds: [Option<TomlValue<'_>>; 2],
    blank: Option<bool>,
    format: &ColumnFormat,
    span: &Span,
    problems: &mut ProblemCollector,
) -> Option<Matcher> {
    let [from, to] = bounds;
    let second = to.as_ref().map(|value| value.span.clone());
    let from = read_bound(from.as_ref(), problems)?;
    let to = read_bound(to.as_ref(), problems)?;
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
            let message = "`from` and `to` have different types";
            let hint = "write two numbers, two dates, or two date-times with offset";
            problems.add_hint(&second.unwrap_or_else(|| span.clone()), message, hint);
            return None;
        }
    };
    possible(&matcher, format, span, problems).then_some(matcher)
}

/// Checks that a range can hold for some cell of its column.
fn possible(
    matcher: &Matcher,
    format: &ColumnFormat,
    span: &Span,
    problems: &mut ProblemCollector,
) -> bool {
    if matches!(matcher, Matcher::Instant(..)) && format.dates != DateFormat::Iso {
        let message = format!(
            "the column holds dates like {}, which have no offset",
            format.dates.word()
        );
        problems.add_hint(
            span,
            message,
            "compare it with plain dates, like `2021-09-30`",
        );
        return false;
    }
    let empty = match matcher {
        Matcher::Number(range, _) => range.is_empty(),
        Matcher::Date(range, _) => range.is_empty(),
        Matcher::Instant(range, _) => range.is_empty(),
        _ => false,
    };
    if empty {
        problems.add(
            span,
            "the range is empty because `from` is greater than `to`",
        );
        return false;
    }
    true
}

/// `Some(None)` for an end that is left out, `None` for one that is wrong.
fn read_bound(
    value: Option<&TomlValue<'_>>,
    problems: &mut ProblemCollector,
) -> Option<Option<RangeBound>> {
    let Some(value) = value else {
        return Some(None);
    };
    let DeValue::Datetime(datetime) = value.value else {
        let number = value.number(problems)?;
        return Some(Some(RangeBound::Number(number.value)));
    };
    // Fractions of a second are kept to the nanosecond.
    let mut whole = *datetime;
    if let Some(time) = &mut whole.time {
        time.nanosecond = None;
    }
    if value.span.len() > whole.to_string().len() + ".123456789".len() {
        let message = format!(
            "{} has more than 9 decimals of a second",
            literal(&value.key)
        );
        problems.add_hint(&value.span, message, "write at most 9 decimals");
        return None;
    }
    let bound = match (dates::parse(&datetime.to_string()), datetime.time) {
        (Some(Moment::Date(date)), None) => Some(RangeBound::Date(date)),
        (Some(Moment::Instant(instant)), _) => Some(RangeBound::Instant(instant)),
        _ => None,
    };
    let year = datetime.date.map(|date| date.year);
    if year.is_some_and(|year| year < dates::FIRST_YEAR) {
        let message = format!(
            "{} is in the year {}",
            literal(&value.key),
            year.unwrap_or(0)
        );
        let hint = "write the year with four digits, or omit this end of the range";
        problems.add_hint(&value.span, message, hint);
    } else if bound.is_none() {
        let message = format!(
            "{} must be a date, or a date-time with offset",
            literal(&value.key)
        );
        let hint = "write `2021-09-30`, or `2022-03-01T23:59:59-06:00`";
        problems.add_hint(&value.span, message, hint);
    }
    bound.map(Some)
}
