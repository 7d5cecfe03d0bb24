//! Dates of a sheet, which are numbers of days with a format, from their digits.

use jiff::ToSpan;
use jiff::civil::{self, Date};

use super::formats::Kind;
use super::number;
use crate::calendar;
use crate::plan::format::DateForm;

/// The first day on which all spreadsheets agree: before March 1900 some count
/// a day that there was not.
const FIRST_SURE_DAY: i64 = 61;

/// The most decimals that are looked at; a spreadsheet writes fewer.
const DECIMALS: usize = 25;

const SECONDS_A_DAY: u128 = 86_400;

/// Why a date cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no number.
    NoNumber,
    /// It is before [`FIRST_SURE_DAY`].
    TooEarly,
    /// It is after the year 9999, or before the first day.
    OutOfRange,
    /// It is a time of day without a date.
    TimeOfDay,
    /// It is a time that has passed.
    Duration,
    /// It is no whole second.
    PartOfSecond,
    /// What it is depends on the language of the spreadsheet.
    Local,
    /// It is no date that there is.
    NoDate,
}

/// The date as text, as `2021-09-30` or `2021-09-30T13:45:00`.
pub fn from_serial(written: &str, kind: Kind, from_1904: bool) -> Result<String, Fault> {
    match kind {
        Kind::Time => return Err(Fault::TimeOfDay),
        Kind::Duration => return Err(Fault::Duration),
        Kind::Local => return Err(Fault::Local),
        _ => {}
    }
    let plain = number::expand(written).ok_or(Fault::NoNumber)?;
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let days: i64 = whole.parse().map_err(|_| Fault::OutOfRange)?;
    if plain.starts_with('-') {
        return Err(Fault::OutOfRange);
    }
    let seconds = seconds_of(fraction)?;
    if days == 0 && seconds > 0 && !from_1904 {
        return Err(Fault::TimeOfDay);
    }
    if days < FIRST_SURE_DAY && !from_1904 {
        return Err(Fault::TooEarly);
    }
    let first = if from_1904 {
        civil::date(1904, 1, 1)
    } else {
        civil::date(1899, 12, 30)
    };
    // What rounds up to a whole day is midnight of the next.
    let (days, seconds) = if u128::from(seconds) == SECONDS_A_DAY {
        (days + 1, 0)
    } else {
        (days, seconds)
    };
    if days > 4_000_000 {
        return Err(Fault::OutOfRange);
    }
    let date: Date = first
        .checked_add(days.days())
        .map_err(|_| Fault::OutOfRange)?;
    if date.year() > 9999 {
        return Err(Fault::OutOfRange);
    }
    if kind == Kind::Date && seconds == 0 {
        return Ok(date.to_string());
    }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Ok(format!(
        "{date}T{hours:02}:{minutes:02}:{:02}",
        seconds % 60
    ))
}

/// The seconds of a part of a day, of which the decimals are given: the nearest
/// whole second, if it is not farther than a millisecond.
fn seconds_of(decimals: &str) -> Result<u32, Fault> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Ok(0);
    }
    if decimals.len() > DECIMALS {
        return Err(Fault::PartOfSecond);
    }
    let part: u128 = decimals.parse().map_err(|_| Fault::NoNumber)?;
    let places = u32::try_from(decimals.len()).map_err(|_| Fault::PartOfSecond)?;
    let unit = 10_u128.pow(places);
    let seconds = part * SECONDS_A_DAY;
    let nearest = (2 * seconds + unit) / (2 * unit);
    if seconds.abs_diff(nearest * unit) * 1000 > unit {
        return Err(Fault::PartOfSecond);
    }
    u32::try_from(nearest).map_err(|_| Fault::OutOfRange)
}

/// A date that is written as one: `2021-09-30`, perhaps with a time, and that
/// with an offset.
pub fn from_text(written: &str) -> Result<String, Fault> {
    let (Some(date), Some(rest)) = (written.get(..10), written.get(10..)) else {
        let time_only = calendar::parse(&format!("2000-01-01T{written}")).is_some();
        return Err(if time_only {
            Fault::TimeOfDay
        } else {
            Fault::NoDate
        });
    };
    if calendar::parse(written).is_none() {
        return Err(Fault::NoDate);
    }
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else {
        return Ok(date.to_owned());
    };
    let (clock, offset) = time.split_at(time.find(['Z', 'z', '+', '-']).unwrap_or(time.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if fraction.contains(|digit| digit != '0') {
        return Err(Fault::PartOfSecond);
    }
    Ok(format!("{date}T{clock}{offset}"))
}

/// A date in the form in which the plan expects it; midnight is the date. One with
/// another time stays as it is, since other forms have none.
pub fn in_form(date: String, form: DateForm) -> String {
    let day = date.strip_suffix("T00:00:00").unwrap_or(&date);
    let mut parts = day.split('-');
    match (form, parts.next(), parts.next(), parts.next()) {
        (DateForm::MonthFirst, Some(year), Some(month), Some(day)) if day.len() == 2 => {
            format!("{month}/{day}/{year}")
        }
        (DateForm::DayFirst, Some(year), Some(month), Some(day)) if day.len() == 2 => {
            format!("{day}/{month}/{year}")
        }
        _ => date,
    }
}

impl Fault {
    /// What is wrong, after the value; and what to do.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoNumber | Self::NoDate => (
                "is no date, though its format says so",
                "correct it in the spreadsheet",
            ),
            Self::TooEarly => (
                "is a date before March 1900, where spreadsheets do not agree which day it is",
                "write the date as text, like `1900-02-01`",
            ),
            Self::OutOfRange => (
                "is no date that a spreadsheet can show, though its format says so",
                "correct it in the spreadsheet",
            ),
            Self::TimeOfDay => (
                "is a time of day without a date",
                "write the date too, or format the column as text",
            ),
            Self::Duration => (
                "is a length of time, by its format",
                "format the column as a number or as text",
            ),
            Self::PartOfSecond => (
                "is a moment with a part of a second",
                "round it to the second in the spreadsheet",
            ),
            Self::Local => (
                "has a format that means a date in some languages of the spreadsheet only",
                "choose a format like `yyyy-mm-dd`, or one for numbers",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_told_exactly() {
        for (serial, kind, from_1904, expected) in [
            ("44469", Kind::Date, false, "2021-09-30"),
            ("44469.0", Kind::Date, false, "2021-09-30"),
            ("44469", Kind::DateTime, false, "2021-09-30T00:00:00"),
            (
                "44469.572916666664",
                Kind::DateTime,
                false,
                "2021-09-30T13:45:00",
            ),
            (
                "44469.572916666664",
                Kind::Date,
                false,
                "2021-09-30T13:45:00",
            ),
            (
                "44469.999999999",
                Kind::DateTime,
                false,
                "2021-10-01T00:00:00",
            ),
            ("61", Kind::Date, false, "1900-03-01"),
            ("2958465", Kind::Date, false, "9999-12-31"),
            ("0", Kind::Date, true, "1904-01-01"),
            ("43007", Kind::Date, true, "2021-09-30"),
        ] {
            let found = from_serial(serial, kind, from_1904);
            assert_eq!(found, Ok(expected.to_owned()), "{serial}");
        }
    }

    #[test]
    fn what_is_no_whole_second_of_a_day_is_refused() {
        for (serial, kind, fault) in [
            ("60", Kind::Date, Fault::TooEarly),
            ("1", Kind::Date, Fault::TooEarly),
            ("0", Kind::Date, Fault::TooEarly),
            ("0.5", Kind::DateTime, Fault::TimeOfDay),
            ("0.5", Kind::Time, Fault::TimeOfDay),
            ("1.5", Kind::Duration, Fault::Duration),
            ("44469", Kind::Local, Fault::Local),
            ("-1", Kind::Date, Fault::OutOfRange),
            ("2958466", Kind::Date, Fault::OutOfRange),
            ("99999999999", Kind::Date, Fault::OutOfRange),
            ("44469.57291", Kind::DateTime, Fault::PartOfSecond),
            ("x", Kind::Date, Fault::NoNumber),
        ] {
            assert_eq!(from_serial(serial, kind, false), Err(fault), "{serial}");
        }
    }

    #[test]
    fn dates_are_told_as_the_plan_writes_them() {
        let told = |date: &str, form| in_form(date.to_owned(), form);
        assert_eq!(told("2021-09-30", DateForm::Iso), "2021-09-30");
        assert_eq!(told("2021-09-30", DateForm::MonthFirst), "09/30/2021");
        assert_eq!(told("2021-09-30", DateForm::DayFirst), "30/09/2021");
        let midnight = "2021-09-30T00:00:00";
        assert_eq!(told(midnight, DateForm::MonthFirst), "09/30/2021");
        assert_eq!(told(midnight, DateForm::Iso), midnight);
        let moment = "2021-09-30T13:45:00";
        assert_eq!(told(moment, DateForm::DayFirst), moment);
    }

    #[test]
    fn dates_written_as_such_are_taken_as_they_are() {
        assert_eq!(from_text("2021-09-30").as_deref(), Ok("2021-09-30"));
        let moment = Ok("2021-09-30T13:45:00");
        assert_eq!(from_text("2021-09-30T13:45:00").as_deref(), moment);
        assert_eq!(from_text("2021-09-30 13:45:00").as_deref(), moment);
        let with_offset = Ok("2021-09-30T13:45:00Z");
        assert_eq!(
            from_text("2021-09-30T13:45:00.000Z").as_deref(),
            with_offset
        );
        let with_offset = Ok("2021-09-30T13:45:00+02:00");
        assert_eq!(
            from_text("2021-09-30T13:45:00+02:00").as_deref(),
            with_offset
        );
        assert_eq!(from_text("2021-02-30"), Err(Fault::NoDate));
        assert_eq!(from_text("13:45:00"), Err(Fault::TimeOfDay));
        assert_eq!(from_text("2021-09-30T13:45:00.5"), Err(Fault::PartOfSecond));
        assert_eq!(from_text("2021-09-30T25:45:00"), Err(Fault::NoDate));
    }
}
