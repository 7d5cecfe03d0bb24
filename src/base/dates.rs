//! Dates and instants in plans and cells.
//!
//! A date is `2021-09-30`. A date-time without offset (`2021-09-30T10:15:00`)
//! counts as its date. A date-time with offset or `Z` is an instant. A space may
//! replace the `T`; seconds and their fraction are optional. An offset is `+05:30`,
//! `+0530` or, as databases write it, `+05`.
//!
//! In columns that allow it, dates with slashes are read as US spreadsheets and
//! databases write them: `5/31/2024`, `05/31/2024 1:42 PM`.
//!
//! Other cells get a second try, see [`parse_loosely`]. Years before 1000 are
//! rejected: programs write them for missing dates and for two-digit years.

use jiff::civil;
use jiff::tz::Offset;

pub const FIRST_YEAR: u16 = 1000;

pub type Date = civil::Date;

/// A moment in time, whatever offset it was written with.
pub type Instant = jiff::Timestamp;

/// A date or an instant, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A date, or a date-time without offset, which counts as its date.
    Date(Date),
    Instant(Instant),
}

/// Parses a date, a date-time, or a date-time with offset; returns `None` for any
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

/// Appends the day as `2021-09-30`.
pub(crate) fn push_text(to: &mut String, day: Date) {
    let mut buffer = itoa::Buffer::new();
    let (year, month, day) = (day.year(), day.month(), day.day());
    to.push_str(buffer.format(year));
    for part in [month, day] {
        to.push_str(if part < 10 { "-0" } else { "-" });
        to.push_str(buffer.format(part));
    }
}

/// Parses unambiguous forms that [`parse`] does not accept: 12-hour times, white
/// space or a comma before the time, a space before the offset, and `UTC`.
pub fn parse_loosely(text: &str) -> Option<Moment> {
    let (day, time) = text.split_at_checked(10)?;
    let date = iso_date(day)?;
    let time = match time.strip_prefix(['T', 't']) {
        Some(time) => plain_time(&format!(" {time}"))?,
        None => plain_time(time)?,
    };
    let utc = [" UTC", " GMT", " Z"];
    let in_utc = utc.iter().find_map(|utc| time.strip_suffix(utc));
    let (clock, offset) = match in_utc {
        Some(clock) => (clock, "Z"),
        None => time.split_at(time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len())),
    };
    let time = time_in_words(clock.trim_end())?;
    if offset.is_empty() {
        return Some(Moment::Date(date));
    }
    let instant = parse_offset(offset)?.to_timestamp(date.to_datetime(time));
    instant.ok().map(Moment::Instant)
}

/// Normalizes the time after a date: `, 1:42\u{202f}p.m.` becomes `1:42 PM`.
fn plain_time(text: &str) -> Option<String> {
    let time = text.strip_prefix(',').unwrap_or(text);
    let time = time.strip_prefix(char::is_whitespace)?;
    let words: Vec<String> = time.split_whitespace().map(half_of_day).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Replaces `p.m.` by `PM`; keeps any other word.
fn half_of_day(word: &str) -> String {
    let lower = word.to_lowercase();
    for (long, short) in [("a.m.", "AM"), ("p.m.", "PM")] {
        if let Some((clock, offset)) = lower.split_once(long) {
            return format!("{clock}{short}{offset}");
        }
    }
    word.to_owned()
}

/// The year of a text that starts like a date, even if there is no such day.
pub fn year(text: &str) -> Option<u16> {
    let (year, rest) = text.split_at_checked(4)?;
    if rest.starts_with('-') {
        return digits(year, 4);
    }
    let day = text.split(|c: char| c == ',' || c.is_whitespace()).next()?;
    let mut parts = day.split('/');
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    one_or_two_digits(first).and(one_or_two_digits(second))?;
    parts.next().is_none().then(|| digits(year, 4)).flatten()
}

/// True for the days that programs write for a missing date: day 0 of spreadsheets,
/// and the value that databases convert an empty text to.
pub fn is_zero(date: Date) -> bool {
    const ZEROS: [(i16, i8, i8); 3] = [(1899, 12, 30), (1899, 12, 31), (1900, 1, 1)];
    date.year() <= 1900 && ZEROS.contains(&(date.year(), date.month(), date.day()))
}

pub fn iso_date(text: &str) -> Option<Date> {
    let (year, month, day) = three_parts(text, '-', [4, 2, 2])?;
    valid_date(year, month, day)
}

/// Two numbers of one or two digits and a year, separated by slashes. The column
/// determines which number is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlashDate {
    first: u16,
    second: u16,
    year: u16,
}

impl SlashDate {
    /// Parses `5/31/2024`; a time of day after it is ignored.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            Some((day, time)) => Self::of_day(day, Some(time)),
            None => Self::of_day(text, None),
        }
        .or_else(|| {
            let end = text.find(|c: char| c == ',' || c.is_whitespace())?;
            let (day, time) = text.split_at_checked(end)?;
            Self::of_day(day, Some(&plain_time(time)?))
        })
    }

    fn of_day(day: &str, time: Option<&str>) -> Option<Self> {
        if let Some(time) = time {
            time_in_words(time)?;
        }
        let mut parts = day.split('/');
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(Self {
            first: one_or_two_digits(first)?,
            second: one_or_two_digits(second)?,
            year: digits(year, 4)?,
        })
    }

    /// The day, if it exists.
    pub fn date(self, month_first: bool) -> Option<Date> {
        let (month, day) = if month_first {
            (self.first, self.second)
        } else {
            (self.second, self.first)
        };
        valid_date(self.year, month, day)
    }
}

/// A valid time of day, with one or two digits for the hour and optionally `AM` or
/// `PM`.
fn time_in_words(text: &str) -> Option<civil::Time> {
    let half = |word: &str| word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
    let (clock, halved) = match text.split_at_checked(text.len().checked_sub(2)?) {
        Some((clock, word)) if half(word) => (clock.strip_suffix(' ').unwrap_or(clock), Some(word)),
        _ => (text, None),
    };
    let (hour, rest) = clock.split_once(':')?;
    let hour = match (one_or_two_digits(hour)?, halved) {
        (hour, None) => hour,
        (hour @ 1..=12, Some(word)) if word.eq_ignore_ascii_case("am") => hour % 12,
        (hour @ 1..=12, Some(_)) => hour % 12 + 12,
        _ => return None,
    };
    time_of_day(&format!("{hour:02}:{rest}"))
}

fn one_or_two_digits(text: &str) -> Option<u16> {
    digits(text, 1).or_else(|| digits(text, 2))
}

fn valid_date(year: u16, month: u16, day: u16) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|_| year >= FIRST_YEAR)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Parses three numbers of fixed widths with two separators.
fn three_parts(text: &str, separator: char, widths: [usize; 3]) -> Option<(u16, u16, u16)> {
    let [first, second, third] = widths;
    let (one, rest) = text.split_at_checked(first)?;
    let (two, three) = rest.strip_prefix(separator)?.split_at_checked(second)?;
    let three = three.strip_prefix(separator)?;
    Some((
        digits(one, first)?,
        digits(two, second)?,
        digits(three, third)?,
    ))
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

/// Parses the one to nine digits of a fraction of a second.
fn nanoseconds(fraction: &str) -> Option<i32> {
    let valid = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    if !valid {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// Parses `Z`, or signed hours with optional minutes, with or without a colon.
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
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let add = |number: u16, byte: u8| number.checked_mul(10)?.checked_add(digit(byte)?);
    (text.len() == width).then(|| text.bytes().try_fold(0, add))?
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
            "0001-01-01",
            "0999-12-31",
            "0024-05-31T10:15:00Z",
            "２021-09-30",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_second_try_reads_what_programs_write() {
        let instant = parse("2024-05-31T18:42:07Z");
        for text in [
            "2024-05-31 13:42:07.0000000 -05:00",
            "2024-05-31 13:42:07 -0500",
            "2024-05-31 13:42:07 -05",
            "2024-05-31T13:42:07 -05:00",
            "2024-05-31 18:42:07 UTC",
            "2024-05-31 18:42:07 GMT",
            "2024-05-31 18:42:07 Z",
            "2024-05-31  18:42:07\u{a0}+00:00",
            "2024-05-31, 1:42:07 p.m. -05:00",
            "2024-05-31 1:42:07\u{202f}PM -05:00",
            "2024-05-31 1:42:07 PM-05:00",
            "2024-05-31 1:42:07 p.m.-05:00",
            "2024-05-31 6:42:07p.m.Z",
        ] {
            assert_eq!(parse_loosely(text), instant, "{text}");
        }
        let midnight = parse("2024-05-31T00:05:00Z");
        assert_eq!(parse_loosely("2024-05-31 12:05 AM UTC"), midnight);
        let noon = parse("2024-05-31T12:05:00Z");
        assert_eq!(parse_loosely("2024-05-31 12:05PM UTC"), noon);
        let date = parse("2024-05-31");
        for text in [
            "2024-05-31 1:42 PM",
            "2024-05-31, 13:42",
            "2024-05-31\u{a0}9:05",
        ] {
            assert_eq!(parse_loosely(text), date, "{text}");
        }
        for text in [
            "2024-05-31 ",
            "2024-05-31,",
            "2024-05-31,13:42",
            "2024-05-31 13:42 PM",
            "2024-05-31 13:42 CST",
            "2024-05-31 13:42 UTC+2",
            "2024-05-31 13:42 -05:00 UTC",
            "2024-05-31 13:42 - 05:00",
            "2024-05-31 0:42 AM",
            "2024-05-31 UTC",
            "0001-01-01 12:00 AM",
            "5/31/2024 13:42 UTC",
        ] {
            assert_eq!(parse_loosely(text), None, "{text}");
        }
    }

    #[test]
    fn the_year_of_a_date_is_seen_where_there_is_no_such_day() {
        for (text, wanted) in [
            ("0001-01-01T00:00:00", Some(1)),
            ("0000-00-00", Some(0)),
            ("5/31/0024", Some(24)),
            ("1/1/0001 12:00:00 AM", Some(1)),
            ("5/31/24", None),
            ("0024", None),
            ("00é4-05-31", None),
        ] {
            assert_eq!(year(text), wanted, "{text}");
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
            ", 1:42 PM",
            " 1:42\u{202f}PM",
            "\u{a0}1:42\u{a0}PM",
            "  1:42 PM",
            " 1:42 p.m.",
            " 1:42P.M.",
        ] {
            for day in ["5/31/2024", "05/31/2024"] {
                let text = format!("{day}{time}");
                let slashed = SlashDate::parse(&text).and_then(|slashed| slashed.date(true));
                assert_eq!(slashed, last_of_may, "{text}");
            }
        }
        let second_of_january = SlashDate::parse("2/1/2024").and_then(|s| s.date(false));
        assert_eq!(second_of_january, Some(civil::date(2024, 1, 2)));
        assert_eq!(
            SlashDate::parse("2/30/2024").map(|s| s.date(true)),
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
            "5/31/2024,1:42 PM",
            "5/31/2024 1:42 P.",
            "5/31/2024, 13:42 UTC",
            "5-31-2024",
            "5/31/2024 é",
            "/5/2024",
        ] {
            assert_eq!(SlashDate::parse(text), None, "{text}");
        }
    }
}
