//! Dates and instants, as claims files and plans write them.

use super::number::{Number, plain, whole};

/// How the cells of a column write a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateForm {
    /// `2021-09-30`, also followed by a time without offset.
    Iso,
    /// `09/30/2021`
    MonthFirst,
    /// `30/09/2021`
    DayFirst,
}

/// The day that a cell names, counted from 1970-01-01.
pub(super) fn day(cell: &str, form: DateForm) -> Option<i64> {
    match form {
        DateForm::Iso if cell.len() > 10 => {
            let (day, _seconds, offset) = date_time(cell)?;
            offset.is_none().then_some(day)
        }
        DateForm::Iso => iso_day(cell),
        DateForm::MonthFirst | DateForm::DayFirst => {
            // One or two digits for day and month.
            let mut parts = cell.split('/');
            let mut next = |least: usize, most: usize| {
                let part = parts.next()?;
                (least..=most).contains(&part.len()).then(|| digits(part))?
            };
            let (first, second, year) = (next(1, 2)?, next(1, 2)?, next(4, 4)?);
            if parts.next().is_some() {
                return None;
            }
            match form {
                DateForm::MonthFirst => day_number(year, first, second),
                _ => day_number(year, second, first),
            }
        }
    }
}

/// The instant of a date-time with `Z` or an offset, in seconds of UTC.
pub(super) fn instant(cell: &str) -> Option<Number> {
    let (day, seconds, offset) = date_time(cell)?;
    Some(whole((day * 86_400 - offset? * 60).into()) + seconds)
}

fn iso_day(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let part = |from: usize, to: usize| digits(text.get(from..to)?);
    day_number(part(0, 4)?, part(5, 7)?, part(8, 10)?)
}

/// Day, seconds since midnight, and the offset in minutes where there is one.
fn date_time(text: &str) -> Option<(i64, Number, Option<i64>)> {
    let day = iso_day(text.get(..10)?)?;
    let clock = text.get(10..)?.strip_prefix(['T', ' '])?;
    let end = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (time, offset) = clock.split_at(end);
    let offset = match offset {
        "" => None,
        "Z" => Some(0),
        _ => Some(offset_minutes(offset)?),
    };
    Some((day, seconds(time)?, offset))
}

/// `14:03`, `14:03:59` or `14:03:59.5`.
fn seconds(time: &str) -> Option<Number> {
    let (hours_minutes, rest) = (time.get(..5)?, time.get(5..)?);
    let minutes = minutes(hours_minutes)?;
    let seconds = match rest.strip_prefix(':') {
        None if rest.is_empty() => whole(0.into()),
        Some(seconds) if seconds.find('.').unwrap_or(seconds.len()) == 2 => plain(seconds)?,
        _ => return None,
    };
    (seconds < whole(60.into())).then(|| whole((minutes * 60).into()) + seconds)
}

/// `-06:00`
fn offset_minutes(text: &str) -> Option<i64> {
    let minutes = minutes(text.get(1..)?)?;
    Some(if text.starts_with('-') {
        -minutes
    } else {
        minutes
    })
}

/// `14:03` as minutes.
fn minutes(text: &str) -> Option<i64> {
    if text.len() != 5 || text.as_bytes()[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(text.get(..2)?)?, digits(text.get(3..)?)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

fn digits(text: &str) -> Option<i64> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, if there is such a day.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month - 1).ok()?;
    if day < 1 || day > *months.get(index)? {
        return None;
    }
    let before = year - 1;
    let days_of_years =
        365 * before + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let days_of_months: i64 = months[..index].iter().sum();
    Some(days_of_years + days_of_months + day - 1 - 719_162)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day("1970-01-01", DateForm::Iso), Some(0));
        assert_eq!(day("1969-12-31", DateForm::Iso), Some(-1));
        assert_eq!(day("2000-03-01", DateForm::Iso), Some(11_017));
        assert_eq!(
            day("02/29/2024", DateForm::MonthFirst),
            day("29/02/2024", DateForm::DayFirst)
        );
        assert_eq!(day("2023-02-29", DateForm::Iso), None);
    }

    #[test]
    fn of_a_time_without_offset_the_date_counts() {
        assert_eq!(
            day("2021-09-30T23:59:59", DateForm::Iso),
            day("2021-09-30", DateForm::Iso)
        );
        assert_eq!(day("2021-09-30T23:59:59Z", DateForm::Iso), None);
        assert_eq!(day("2021-9-30", DateForm::Iso), None);
    }

    #[test]
    fn instants_compare_across_offsets() {
        assert_eq!(
            instant("2022-03-01T23:59:59-06:00"),
            instant("2022-03-02T05:59:59Z")
        );
        assert!(instant("2022-03-01T23:59:59.5-06:00") > instant("2022-03-01T23:59:59-06:00"));
        assert_eq!(instant("2022-03-01T23:59:59"), None);
        assert_eq!(instant("2022-03-01"), None);
    }
}
