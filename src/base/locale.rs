//! The forms in which the readers of a country expect dates, and their paper.

use jiff::tz::Offset;

use crate::base::dates::{Date, Instant};

/// English as a country writes it. Amounts are the same in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    #[default]
    UnitedStates,
    UnitedKingdom,
    Canada,
    Australia,
}

impl Locale {
    /// `October 1, 2026`, or `1 October 2026`.
    pub(crate) fn date(self, date: Date) -> String {
        let form = match self {
            Self::UnitedStates | Self::Canada => "%B %-d, %Y",
            Self::UnitedKingdom | Self::Australia => "%-d %B %Y",
        };
        date.strftime(form).to_string()
    }

    /// `October 1, 2026, 13:42:00 UTC`.
    pub(crate) fn instant(self, instant: Instant) -> String {
        let utc = Offset::UTC.to_datetime(instant);
        let date = self.date(utc.date());
        format!("{date}, {} UTC", utc.strftime("%H:%M:%S%.f"))
    }

    /// The size of a page, as style sheets name it.
    pub(crate) fn paper(self) -> &'static str {
        match self {
            Self::UnitedStates | Self::Canada => "letter",
            Self::UnitedKingdom | Self::Australia => "A4",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Locale; 4] = [
        Locale::UnitedStates,
        Locale::UnitedKingdom,
        Locale::Canada,
        Locale::Australia,
    ];

    #[test]
    fn dates_are_written_out_as_in_the_country() {
        let date = jiff::civil::date(2026, 10, 1);
        assert_eq!(
            ALL.map(|locale| locale.date(date)),
            [
                "October 1, 2026",
                "1 October 2026",
                "October 1, 2026",
                "1 October 2026"
            ]
        );
    }

    #[test]
    fn instants_are_in_utc() {
        let instant: Instant = "2026-09-30T23:30:00.5-01:00".parse().unwrap();
        assert_eq!(
            Locale::default().instant(instant),
            "October 1, 2026, 00:30:00.5 UTC"
        );
        assert_eq!(
            Locale::Australia.instant(instant),
            "1 October 2026, 00:30:00.5 UTC"
        );
    }

    #[test]
    fn north_america_prints_on_letter_paper() {
        let papers = ALL.map(Locale::paper);
        assert_eq!(papers, ["letter", "A4", "letter", "A4"]);
    }
}
