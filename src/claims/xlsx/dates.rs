//! Dates of a sheet, which are formatted numbers of days, computed from their
//! digits.

use jiff::ToSpan;
use jiff::civil::{self, Date};

use crate::base::dates;
use crate::base::diagnostics::Message;
use crate::claims::xlsx::number_formats::NumberKind;
use crate::claims::xlsx::{messages, number};
use crate::plan::cell_reading::DateFormat;

/// The first day on which all spreadsheets agree: before March 1900, some count a
/// nonexistent day.
const FIRST_SURE_DAY: i64 = 61;

/// Maximum number of decimals that are read; spreadsheets write fewer.
const DECIMALS: usize = 25;

const MILLISECONDS_A_DAY: u128 = 86_400_000;

/// The reason why a date cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetDateFault {
    NoNumber,
    /// The date is before [`FIRST_SURE_DAY`].
    TooEarly,
    /// The date is after the year 9999, or before the first day.
    OutOfRange,
    /// A time of day without a date.
    TimeOfDay,
    /// A duration.
    Duration,
    /// The meaning depends on the language of the spreadsheet.
    Local,
    NoDate,
}

/// The date as text, such as `2021-09-30` or `2021-09-30T13:45:00`.
pub(super) fn from_serial(
    written: &str,
    kind: NumberKind,
    from_1904: bool,
) -> Result<String, SheetDateFault> {
    match kind {
        NumberKind::Time => return Err(SheetDateFault::TimeOfDay),
        NumberKind::Duration => return Err(SheetDateFault::Duration),
        NumberKind::Local => return Err(SheetDateFault::Local),
        _ => {}
    }
    let plain = number::expand(written).ok_or(SheetDateFault::NoNumber)?;
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let days: i64 = whole.parse().map_err(|_| SheetDateFault::OutOfRange)?;
    if plain.starts_with('-') {
        return Err(SheetDateFault::OutOfRange);
    }
    let time = milliseconds_of(fraction)?;
    if days == 0 && time > 0 && !from_1904 {
        return Err(SheetDateFault::TimeOfDay);
    }
    if days < FIRST_SURE_DAY && !from_1904 {
        return Err(SheetDateFault::TooEarly);
    }
    let first = if from_1904 {
        civil::date(1904, 1, 1)
    } else {
        civil::date(1899, 12, 30)
    };
    // A time that rounds up to a whole day is midnight of the next.
    let (days, time) = if u128::from(time) == MILLISECONDS_A_DAY {
        (days + 1, 0)
    } else {
        (days, time)
    };
    if days > 4_000_000 {
        return Err(SheetDateFault::OutOfRange);
    }
    let date: Date = first
        .checked_add(days.days())
        .map_err(|_| SheetDateFault::OutOfRange)?;
    if date.year() > 9999 {
        return Err(SheetDateFault::OutOfRange);
    }
    if kind == NumberKind::Date && time == 0 {
        return Ok(date.to_string());
    }
    let (seconds, milliseconds) = (time / 1000, time % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let moment = format!("{date}T{hours:02}:{minutes:02}:{seconds:02}");
    Ok(match milliseconds {
        0 => moment,
        milliseconds => format!("{moment}.{milliseconds:03}"),
    })
}

/// The milliseconds of a fraction of a day, given its decimals. A spreadsheet
/// cannot hold every second exactly, so a time within a millisecond of a second is
/// that second. Others are rounded to a millisecond, which never reaches the next
/// day.
fn milliseconds_of(decimals: &str) -> Result<u32, SheetDateFault> {
    let decimals = decimals.get(..DECIMALS).unwrap_or(decimals);
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Ok(0);
    }
    let part: u128 = decimals.parse().map_err(|_| SheetDateFault::NoNumber)?;
    let places = u32::try_from(decimals.len()).map_err(|_| SheetDateFault::NoNumber)?;
    let unit = 10_u128.pow(places);
    let time = part * MILLISECONDS_A_DAY;
    let (second, half) = (1000 * unit, 500 * unit);
    let nearest = (time + half) / second * second;
    let milliseconds = if time.abs_diff(nearest) <= unit {
        nearest / unit
    } else {
        (2 * time + unit) / (2 * unit)
    };
    u32::try_from(milliseconds).map_err(|_| SheetDateFault::OutOfRange)
}

/// A date written as text: `2021-09-30`, optionally with a time and an offset.
///
/// Spreadsheets do not support offsets. Programs that write a date with `Z` at
/// midnight mean the day, unless the plan compares `instants`. For other times, the
/// day depends on the location, and is not guessed.
pub(super) fn from_text(written: &str, instants: bool) -> Result<String, SheetDateFault> {
    let (Some(date), Some(rest)) = (written.get(..10), written.get(10..)) else {
        let time_only = dates::parse(&format!("2000-01-01T{written}")).is_some();
        return Err(if time_only {
            SheetDateFault::TimeOfDay
        } else {
            SheetDateFault::NoDate
        });
    };
    if dates::parse(written).is_none() {
        return Err(SheetDateFault::NoDate);
    }
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else {
        return Ok(date.to_owned());
    };
    let (clock, offset) = time.split_at(time.find(['Z', 'z', '+', '-']).unwrap_or(time.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        fraction => format!(".{fraction}"),
    };
    let midnight = matches!(clock, "00:00:00" | "00:00") && fraction.is_empty();
    if midnight && matches!(offset, "Z" | "z") && !instants {
        return Ok(date.to_owned());
    }
    Ok(format!("{date}T{clock}{fraction}{offset}"))
}

/// True if a converted date has a time with an offset.
pub(super) fn has_offset(date: &str) -> bool {
    let time = date.split_once('T').map_or("", |(_, time)| time);
    time.contains(['Z', 'z', '+', '-'])
}

/// The date in the format that the plan expects. Formats other than ISO have no
/// time, so the day of a moment counts; a date with an offset is unchanged.
pub(super) fn in_form(date: String, form: DateFormat) -> String {
    if has_offset(&date) {
        return date;
    }
    let day = date.split_once('T').map_or(date.as_str(), |(day, _)| day);
    let mut parts = day.split('-');
    match (form, parts.next(), parts.next(), parts.next()) {
        (DateFormat::MonthFirst, Some(year), Some(month), Some(day)) if day.len() == 2 => {
            format!("{month}/{day}/{year}")
        }
        (DateFormat::DayFirst, Some(year), Some(month), Some(day)) if day.len() == 2 => {
            format!("{day}/{month}/{year}")
        }
        _ => date,
    }
}

impl SheetDateFault {
    /// The message for a cell.
    pub(super) fn message(self, cell: &str) -> Message {
        match self {
            Self::NoNumber | Self::NoDate => messages::date_format_without_date(cell),
            Self::TooEarly => messages::date_before_march_1900(cell),
            Self::OutOfRange => messages::date_out_of_range(cell),
            Self::TimeOfDay => messages::time_of_day(cell),
            Self::Duration => messages::duration(cell),
            Self::Local => messages::date_by_language(cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use NumberKind::{Date as Day, DateTime};

    use super::*;

    #[test]
    fn days_and_times_are_told_exactly() {
        for (serial, kind, from_1904, expected) in [
            ("44469", Day, false, "2021-09-30"),
            ("44469.0", Day, false, "2021-09-30"),
            ("44469", DateTime, false, "2021-09-30T00:00:00"),
            ("44469.572916666664", DateTime, false, "2021-09-30T13:45:00"),
            ("44469.572916666664", Day, false, "2021-09-30T13:45:00"),
            ("44469.999999999", DateTime, false, "2021-10-01T00:00:00"),
            ("44469.57291", DateTime, false, "2021-09-30T13:44:59.424"),
            ("44469.99999", DateTime, false, "2021-09-30T23:59:59.136"),
            // A hundredth of a second before midnight.
            (
                "44469.9999998842592592592592592592593",
                Day,
                false,
                "2021-09-30T23:59:59.990",
            ),
            ("44470.00001", Day, false, "2021-10-01T00:00:00.864"),
            ("61", Day, false, "1900-03-01"),
            ("2958465", Day, false, "9999-12-31"),
            ("0", Day, true, "1904-01-01"),
            ("43007", Day, true, "2021-09-30"),
        ] {
            let found = from_serial(serial, kind, from_1904);
            assert_eq!(found, Ok(expected.to_owned()), "{serial}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for (serial, kind, fault) in [
            ("60", Day, SheetDateFault::TooEarly),
            ("1", Day, SheetDateFault::TooEarly),
            ("0", Day, SheetDateFault::TooEarly),
            ("0.5", DateTime, SheetDateFault::TimeOfDay),
            ("0.5", NumberKind::Time, SheetDateFault::TimeOfDay),
            ("1.5", NumberKind::Duration, SheetDateFault::Duration),
            ("44469", NumberKind::Local, SheetDateFault::Local),
            ("-1", Day, SheetDateFault::OutOfRange),
            ("2958466", Day, SheetDateFault::OutOfRange),
            ("99999999999", Day, SheetDateFault::OutOfRange),
            ("x", Day, SheetDateFault::NoNumber),
        ] {
            assert_eq!(from_serial(serial, kind, false), Err(fault), "{serial}");
        }
    }

    #[test]
    fn dates_are_written_as_the_plan_reads_them() {
        let told = |date: &str, form| in_form(date.to_owned(), form);
        assert_eq!(told("2021-09-30", DateFormat::Iso), "2021-09-30");
        assert_eq!(told("2021-09-30", DateFormat::MonthFirst), "09/30/2021");
        assert_eq!(told("2021-09-30", DateFormat::DayFirst), "30/09/2021");
        let midnight = "2021-09-30T00:00:00";
        assert_eq!(told(midnight, DateFormat::MonthFirst), "09/30/2021");
        assert_eq!(told(midnight, DateFormat::Iso), midnight);
        let moment = "2021-09-30T13:45:00";
        assert_eq!(told(moment, DateFormat::DayFirst), "30/09/2021");
        let instant = "2021-09-30T13:45:00-05:00";
        assert_eq!(told(instant, DateFormat::DayFirst), instant);
    }

    #[test]
    fn dates_written_as_such_are_taken_as_they_are() {
        for (written, expected) in [
            ("2021-09-30", "2021-09-30"),
            ("2021-09-30T13:45:00", "2021-09-30T13:45:00"),
            ("2021-09-30 13:45:00", "2021-09-30T13:45:00"),
            ("2021-09-30T13:45", "2021-09-30T13:45"),
            ("2021-09-30T13:45:00.000Z", "2021-09-30T13:45:00Z"),
            ("2021-09-30T13:45:00+02:00", "2021-09-30T13:45:00+02:00"),
            ("2021-09-30T00:00:00+02:00", "2021-09-30T00:00:00+02:00"),
            ("2021-09-30T13:45:00.5", "2021-09-30T13:45:00.5"),
            ("2021-09-30T23:59:59.999Z", "2021-09-30T23:59:59.999Z"),
        ] {
            assert_eq!(from_text(written, false).as_deref(), Ok(expected));
            assert_eq!(from_text(written, true).as_deref(), Ok(expected));
        }
        for (written, fault) in [
            ("2021-02-30", SheetDateFault::NoDate),
            ("13:45:00", SheetDateFault::TimeOfDay),
            ("2021-09-30T25:45:00", SheetDateFault::NoDate),
        ] {
            assert_eq!(from_text(written, false), Err(fault), "{written}");
        }
    }

    #[test]
    fn midnight_with_a_z_is_the_day_where_days_are_compared() {
        for written in ["2021-09-30T00:00:00Z", "2021-09-30T00:00:00.000Z"] {
            assert_eq!(from_text(written, false).as_deref(), Ok("2021-09-30"));
            let instant = Ok("2021-09-30T00:00:00Z");
            assert_eq!(from_text(written, true).as_deref(), instant);
        }
    }
}
