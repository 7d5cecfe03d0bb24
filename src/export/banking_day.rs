//! The days on which the Federal Reserve Banks settle payments: every day except
//! Saturdays, Sundays and Federal Reserve holidays. A holiday that falls on a Sunday is
//! observed on Monday; one that falls on a Saturday is not moved
//! (<https://www.frbservices.org/about/holiday-schedules>).

use jiff::civil::Weekday;

use crate::base::dates::Date;

/// The first year with Juneteenth as a holiday.
const JUNETEENTH: i16 = 2021;

/// A day on which nothing settles, with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClosedDay {
    Weekend(&'static str),
    Holiday(&'static str),
}

/// The reason why nothing settles on a day; `None` on banking days.
pub(crate) fn closed(date: Date) -> Option<ClosedDay> {
    let holiday = match date.weekday() {
        Weekday::Saturday => return Some(ClosedDay::Weekend("Saturday")),
        Weekday::Sunday => return Some(ClosedDay::Weekend("Sunday")),
        Weekday::Monday => holiday(date).or_else(|| holiday_of_date(date.yesterday().ok()?)),
        _ => holiday(date),
    };
    holiday.map(ClosedDay::Holiday)
}

/// The first banking day after a date.
pub(crate) fn after(date: Date) -> Option<Date> {
    let mut days = std::iter::successors(date.tomorrow().ok(), |day| day.tomorrow().ok());
    days.find(|day| closed(*day).is_none())
}

/// The last banking day before a date.
pub(crate) fn before(date: Date) -> Option<Date> {
    let mut days = std::iter::successors(date.yesterday().ok(), |day| day.yesterday().ok());
    days.find(|day| closed(*day).is_none())
}

fn holiday(date: Date) -> Option<&'static str> {
    holiday_of_date(date).or_else(|| holiday_of_week(date))
}

/// Holidays on a fixed date.
fn holiday_of_date(date: Date) -> Option<&'static str> {
    match (date.month(), date.day()) {
        (1, 1) => Some("New Year's Day"),
        (6, 19) if date.year() >= JUNETEENTH => Some("Juneteenth"),
        (7, 4) => Some("Independence Day"),
        (11, 11) => Some("Veterans Day"),
        (12, 25) => Some("Christmas Day"),
        _ => None,
    }
}

/// Holidays on the nth weekday of a month.
fn holiday_of_week(date: Date) -> Option<&'static str> {
    let place = (date.day() + 6) / 7;
    let is_last = date.day() + 7 > date.days_in_month();
    match (date.month(), date.weekday(), place) {
        (1, Weekday::Monday, 3) => Some("the Birthday of Martin Luther King, Jr."),
        (2, Weekday::Monday, 3) => Some("Washington's Birthday"),
        (5, Weekday::Monday, _) if is_last => Some("Memorial Day"),
        (9, Weekday::Monday, 1) => Some("Labor Day"),
        (10, Weekday::Monday, 2) => Some("Columbus Day"),
        (11, Weekday::Thursday, 4) => Some("Thanksgiving Day"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Days, by year, on which the published schedules close the Federal Reserve Banks.
    /// A holiday on a Saturday is omitted, because the banks are open on the Friday
    /// before.
    const PUBLISHED: [(i16, &str); 12] = [
        (2018, "0101 0115 0219 0528 0704 0903 1008 1112 1122 1225"),
        (2019, "0101 0121 0218 0527 0704 0902 1014 1111 1128 1225"),
        (2020, "0101 0120 0217 0525 0907 1012 1111 1126 1225"),
        (2021, "0101 0118 0215 0531 0705 0906 1011 1111 1125"),
        (2022, "0117 0221 0530 0620 0704 0905 1010 1111 1124 1226"),
        (2023, "0102 0116 0220 0529 0619 0704 0904 1009 1123 1225"),
        (
            2024,
            "0101 0115 0219 0527 0619 0704 0902 1014 1111 1128 1225",
        ),
        (
            2025,
            "0101 0120 0217 0526 0619 0704 0901 1013 1111 1127 1225",
        ),
        (2026, "0101 0119 0216 0525 0619 0907 1012 1111 1126 1225"),
        (2027, "0101 0118 0215 0531 0705 0906 1011 1111 1125"),
        (2028, "0117 0221 0529 0619 0704 0904 1009 1123 1225"),
        (
            2029,
            "0101 0115 0219 0528 0619 0704 0903 1008 1112 1122 1225",
        ),
    ];

    #[test]
    fn holidays_are_those_of_the_published_schedules() {
        for (year, published) in PUBLISHED {
            let days = date(year, 1, 1).series(jiff::ToSpan::days(1));
            let closed: Vec<String> = days
                .take_while(|day| day.year() == year)
                .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
                .filter(|day| closed(*day).is_some())
                .map(|day| format!("{:02}{:02}", day.month(), day.day()))
                .collect();
            assert_eq!(closed.join(" "), published, "{year}");
        }
    }

    #[test]
    fn weekends_are_no_banking_days_and_neighbors_are_found() {
        assert_eq!(
            closed(date(2026, 12, 5)),
            Some(ClosedDay::Weekend("Saturday"))
        );
        assert_eq!(
            closed(date(2026, 12, 6)),
            Some(ClosedDay::Weekend("Sunday"))
        );
        // The Friday before a holiday on a Saturday is a banking day.
        assert_eq!(closed(date(2026, 7, 3)), None);
        assert_eq!(closed(date(2027, 12, 24)), None);
        assert_eq!(closed(date(2027, 12, 31)), None);
        assert_eq!(after(date(2026, 11, 25)), Some(date(2026, 11, 27)));
        assert_eq!(after(date(2026, 12, 24)), Some(date(2026, 12, 28)));
        assert_eq!(before(date(2026, 12, 1)), Some(date(2026, 11, 30)));
        assert_eq!(before(date(2026, 11, 30)), Some(date(2026, 11, 27)));
        assert_eq!(before(date(2023, 1, 3)), Some(date(2022, 12, 30)));
    }
}
