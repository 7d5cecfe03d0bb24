//! Dates and instants as plans and cells write them.
//!
//! A date is `2021-09-30`. A date-time without offset (`2021-09-30T10:15:00`)
//! stands for its date. A date-time with offset or `Z` is an instant. A space
//! may stand for the `T`; seconds and their fraction may be left out. An offset
//! is `+05:30`, `+0530` or, as databases write it, `+05`.
//!
//! Where a column has them, dates with slashes are read as spreadsheets and
//! databases in the United States write them: `5/31/2024`, `05/31/2024 1:42 PM`.

use jiff::civil;
use jiff::tz::Offset;

/// A calendar date.
pub type Date = civil::Date;

/// A moment on the time line, whatever the offset it was written with.
pub type Instant = jiff::Timestamp;

/// What a text says of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A date, or a date-time without offset, of which the date counts.
    Date(Date),
    /// A date-time with offset.
    Instant(Instant),
}

/// Reads a date, a date-time, or a date-time with offset; `None` for any
/// other text and for days and hours that do not exist.
pub fn parse(text: &str) -> Option<Moment> {
    let date = iso_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(Moment::Date(date));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let offset_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let time = time_of_day(rest.get(..offset_at)?)?;
    let offset = rest.get(offset_at..)?;
    if offset.is_empty() {
        return Some(Moment::Date(date));
    }
    let instant = parse_offset(offset)?
        .to_timestamp(date.to_datetime(time))
        .ok()?;
    Some(Moment::Instant(instant))
}

/// Reads `YYYY-MM-DD`.
pub fn iso_date(text: &str) -> Option<Date> {
    let (year, month, day) = three_parts(text, '-', [4, 2, 2])?;
    valid_date(year, month, day)
}

/// Two numbers of one or two digits and a year, with slashes between; a column
/// says which of the two is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slashed {
    first: u16,
    second: u16,
    year: u16,
}

impl Slashed {
    /// Reads `5/31/2024`; a time of day behind it changes nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = match text.split_once(' ') {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        time.map_or(Some(()), time_in_words)?;
        let mut parts = day.split('/');
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(Self {
            first: one_or_two_digits(first)?,
            second: one_or_two_digits(second)?,
            year: digits(year, 4)?,
        })
    }

    /// The day, if there is such a one.
    pub fn date(self, month_first: bool) -> Option<Date> {
        let (month, day) = if month_first {
            (self.first, self.second)
        } else {
            (self.second, self.first)
        };
        valid_date(self.year, month, day)
    }
}

/// A time of day that exists, with one or two digits for the hour and perhaps
/// `AM` or `PM` behind it.
fn time_in_words(text: &str) -> Option<()> {
    let half = |word: &str| word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
    let (clock, halved) = match text.split_at_checked(text.len().checked_sub(2)?) {
        Some((clock, word)) if half(word) => (clock.strip_suffix(' ').unwrap_or(clock), true),
        _ => (text, false),
    };
    let (hour, rest) = clock.split_once(':')?;
    let hour = one_or_two_digits(hour)?;
    time_of_day(&format!("{hour:02}:{rest}"))?;
    (!halved || (1..=12).contains(&hour)).then_some(())
}

fn one_or_two_digits(text: &str) -> Option<u16> {
    digits(text, 1).or_else(|| digits(text, 2))
}

fn valid_date(year: u16, month: u16, day: u16) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Three numbers of fixed widths between two separators.
fn three_parts(text: &str, separator: char, widths: [usize; 3]) -> Option<(u16, u16, u16)> {
    let mut parts = text.split(separator);
    let mut part = |width| digits(parts.next()?, width);
    let [first, second, third] = widths;
    let numbers = (part(first)?, part(second)?, part(third)?);
    parts.next().is_none().then_some(numbers)
}

fn time_of_day(text: &str) -> Option<civil::Time> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let (hour, minute, second) = if clock.len() == 5 && fraction.is_none() {
        let (hour, minute) = clock.split_once(':')?;
        (digits(hour, 2)?, digits(minute, 2)?, 0)
    } else {
        three_parts(clock, ':', [2, 2, 2])?
    };
    let nanosecond = match fraction {
        None => 0,
        Some(fraction) => nanoseconds(fraction)?,
    };
    let small = |number: u16| i8::try_from(number).ok();
    civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
}

/// One to nine digits after the point of a second.
fn nanoseconds(fraction: &str) -> Option<i32> {
    let valid = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    if !valid {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// `Z`, or hours with a sign, and perhaps minutes with or without a colon.
fn parse_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, clock) = match text.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = match clock.len() {
        2 => (clock, "00"),
        4 => clock.split_at_checked(2)?,
        _ => clock.split_once(':')?,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

fn digits(text: &str, width: usize) -> Option<u16> {
    let valid = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_date_times_without_offset_are_dates() {
        let date = Some(Moment::Date(civil::date(2021, 9, 30)));
        for text in [
            "2021-09-30",
            "2021-09-30T23:59:59",
            "2021-09-30 00:00",
            "2021-09-30T10:15:00.5",
        ] {
            assert_eq!(parse(text), date, "{text}");
        }
    }

    #[test]
    fn an_offset_makes_an_instant() {
        assert_eq!(
            parse("2022-03-02T05:59:59Z"),
            parse("2022-03-01T23:59:59-06:00")
        );
        for offset in ["-06", "-0600", "-06:00"] {
            let moment = parse(&format!("2022-03-01 23:59:59.5{offset}"));
            assert_eq!(moment, parse("2022-03-02T05:59:59.5Z"), "{offset}");
        }
        assert!(matches!(
            parse("2022-03-02T05:59:59Z"),
            Some(Moment::Instant(_))
        ));
    }

    #[test]
    fn other_forms_and_impossible_days_are_refused() {
        for text in [
            "",
            "2021-9-30",
            "09/30/2021",
            "2021-02-29",
            "20210930",
            "2021-09-30T",
            "2021-09-30T25:00:00",
            "2021-09-30T10:15:00+24:00",
            "2021-09-30T10:15:00+24",
            "2021-09-30T10:15:00+6",
            "2021-09-30T10:15:00+600",
            "2021-09-30T10:15:00+6:00",
            "2021-09-30T10:15:00+06:0",
            "2021-09-30T10:15:00+06:00:00",
            "2021-09-30+06",
            "2021-09-30T10:15:00.",
            "2021-09-30x",
            "2021-09-30T10:15:00 Z",
            "２021-09-30",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
    #[test]
    fn with_slashes_days_and_months_have_one_or_two_digits_and_a_time_changes_nothing() {
        let last_of_may = Some(civil::date(2024, 5, 31));
        for time in [
            "",
            " 13:42",
            " 9:05",
            " 00:00",
            " 13:42:07",
            " 13:42:07.123",
            " 1:42 PM",
            " 01:42:07 pm",
            " 12:00AM",
        ] {
            for day in ["5/31/2024", "05/31/2024"] {
                let text = format!("{day}{time}");
                let slashed = Slashed::parse(&text).and_then(|slashed| slashed.date(true));
                assert_eq!(slashed, last_of_may, "{text}");
            }
        }
        let second_of_january = Slashed::parse("2/1/2024").and_then(|s| s.date(false));
        assert_eq!(second_of_january, Some(civil::date(2024, 1, 2)));
        assert_eq!(
            Slashed::parse("2/30/2024").map(|s| s.date(true)),
            Some(None)
        );
    }

    #[test]
    fn other_forms_with_slashes_are_refused() {
        for text in [
            "5/31/24",
            "5/31",
            "005/31/2024",
            "5/31/2024/",
            "5/31/2024 ",
            "5/31/2024 24:00",
            "5/31/2024 13:42 PM",
            "5/31/2024 0:42 AM",
            "5/31/2024 PM",
            "5/31/2024 13",
            "5/31/2024 1:4 PM",
            "5/31/2024 13:42+00",
            "5/31/2024T13:42",
            "5-31-2024",
            "5/31/2024 é",
            "/5/2024",
        ] {
            assert_eq!(Slashed::parse(text), None, "{text}");
        }
    }
}
