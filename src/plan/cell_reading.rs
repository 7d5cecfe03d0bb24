//! The format of a column's cells, as declared in the plan: amounts with thousands
//! separators or a currency sign, dates in another order.
#![allow(clippy::inline_always, reason = "see `exact`")]

use rust_decimal::Decimal;

use crate::base::dates::{self, Date, Instant, Moment, SlashDate};
use crate::base::decimal::{self, NumberFault};
use crate::base::diagnostics::{literal, subject};
use crate::plan::cell::{CellFault, ColumnId};
pub(crate) use crate::plan::column_format::{ColumnFormat, DateFormat};
use crate::plan::document::TomlValue;
use crate::plan::kinds::{Choice as _, kinds, words};
use crate::plan::{amount_fault, cell_messages, map_hints, messages};

words! {
    DateFormat { "YYYY-MM-DD" Iso, "MM/DD/YYYY" MonthFirst, "DD/MM/YYYY" DayFirst }
}

impl DateFormat {
    /// True if the cell is a date in this format.
    fn reads(self, cell: &str) -> bool {
        match self {
            Self::Iso => matches!(moment(cell), Some(Moment::Date(_))),
            Self::MonthFirst | Self::DayFirst => self.slashed(cell).is_some(),
        }
    }

    /// The date of a cell with slashes.
    fn slashed(self, cell: &str) -> Option<Date> {
        SlashDate::parse(cell)?.date(self == Self::MonthFirst)
    }
}

kinds! {<'p>
    ThousandsSeparator(char): "`\",\"`, `\"'\"`, `\" \"` or `\"_\"`",
        { "type": "string", "pattern": "^[,'\u{2019} \u{a0}\u{202f}\u{2009}_]$" }, separator;
    AmountPrefix(String): "text without digits and `.,+-`",
        { "type": "string", "pattern": "^[^0-9.,+\\-\\s]([^0-9.,+\\-]*[^0-9.,+\\-\\s])?$" }, prefix;
}

fn separator(value: &TomlValue<'_>) -> Option<char> {
    const SEPARATORS: [char; 4] = [',', '\'', ' ', '_'];
    let text = value.text()?;
    let found = SEPARATORS
        .into_iter()
        .find(|separator| plain_separators(&text, *separator) == separator.to_string());
    if found.is_none() {
        let message = messages::separator_invalid(&subject(&text));
        return value.problem(message).none();
    }
    found
}

fn prefix(value: &TomlValue<'_>) -> Option<String> {
    let text = value.name()?;
    let wrong = |c: char| c.is_ascii_digit() || ".,+-".contains(c);
    if text != text.trim() || text.contains(wrong) {
        let message = messages::prefix_invalid(&literal(&text));
        return value.problem(message).none();
    }
    Some(text)
}

impl ColumnFormat {
    /// Parses an amount: digits, with at most one decimal point, and with the
    /// separators and the prefix that the plan allows for the column. A space may
    /// follow the prefix, as in accounting formats of spreadsheets.
    #[inline(always)]
    pub fn number(&self, column: ColumnId, cell: &str) -> Result<Decimal, CellFault> {
        let bare = self
            .prefix
            .as_deref()
            .and_then(|prefix| cell.strip_prefix(prefix))
            .map_or(cell, str::trim_start);
        let number = match self.thousands {
            Some(separator) if bare.contains(separator) => decimal::parse_grouped(bare, separator),
            _ => decimal::parse(bare),
        };
        number.or_else(|problem| self.second_try(column, cell, bare, problem))
    }

    /// Parses an amount with typographic separators, which few files have.
    #[cold]
    fn second_try(
        &self,
        column: ColumnId,
        cell: &str,
        bare: &str,
        problem: NumberFault,
    ) -> Result<Decimal, CellFault> {
        if let Some(separator) = self.thousands
            && let Ok(number) =
                decimal::parse_grouped(&plain_separators(bare, separator), separator)
        {
            return Ok(number);
        }
        Err(self.not_a_number(column, cell, bare, problem))
    }

    fn not_a_number(
        &self,
        column: ColumnId,
        cell: &str,
        bare: &str,
        problem: NumberFault,
    ) -> CellFault {
        CellFault::at(column, amount_fault::describe(self, cell, bare, problem))
    }

    /// The day of a cell, whatever time of day follows it.
    pub fn day(&self, column: ColumnId, cell: &str) -> Result<Date, CellFault> {
        if self.dates == DateFormat::Iso
            && let Some(Moment::Instant(_)) = moment(cell)
            && let Some(day) = cell.get(..10)
        {
            return self.date(column, day);
        }
        self.date(column, cell)
    }

    pub fn date(&self, column: ColumnId, cell: &str) -> Result<Date, CellFault> {
        let date = match self.dates {
            DateFormat::Iso => match moment(cell) {
                Some(Moment::Date(date)) => Some(date),
                Some(Moment::Instant(_)) => {
                    let message = cell_messages::date_with_offset(&literal(cell));
                    return Err(CellFault::at(column, message));
                }
                None => None,
            },
            DateFormat::MonthFirst | DateFormat::DayFirst => self.dates.slashed(cell),
        };
        match date {
            Some(date) if dates::is_zero(date) => Err(missing(column, cell)),
            Some(date) => Ok(date),
            None => Err(self.not_a_date(column, cell)),
        }
    }

    /// Parses a date and time with offset.
    pub fn instant(&self, column: ColumnId, cell: &str) -> Result<Instant, CellFault> {
        let zero = || {
            cell.get(..10)
                .and_then(dates::iso_date)
                .is_some_and(dates::is_zero)
        };
        match moment(cell) {
            Some(Moment::Instant(_)) if zero() => Err(missing(column, cell)),
            Some(Moment::Instant(instant)) if self.dates == DateFormat::Iso => Ok(instant),
            Some(Moment::Date(_)) => {
                let message = cell_messages::instant_without_offset(&literal(cell));
                Err(CellFault::at(column, message))
            }
            _ => {
                let plain = || "write it like `2022-03-01T23:59:59-06:00`".to_owned();
                Err(self.unreadable(column, cell, day_number(cell).unwrap_or_else(plain)))
            }
        }
    }

    #[cold]
    fn not_a_date(&self, column: ColumnId, cell: &str) -> CellFault {
        let example = match self.dates {
            DateFormat::Iso => "2021-09-30",
            other => other.word(),
        };
        let CellFault { column, message } =
            self.unreadable(column, cell, self.date_hint(cell, example));
        let message = message.suggest(self.date_meant(cell));
        CellFault { column, message }
    }

    fn unreadable(&self, column: ColumnId, cell: &str, hint: String) -> CellFault {
        let shown = &literal(cell);
        let message = match dates::year(cell) {
            Some(0 | 1) => cell_messages::date_missing(shown),
            Some(year @ ..dates::FIRST_YEAR) => cell_messages::year_too_early(shown, year),
            _ if self.has_right_form(cell) => cell_messages::date_invalid(shown).hint(hint),
            _ => cell_messages::date_in_other_format(shown).hint(hint),
        };
        CellFault::at(column, message)
    }

    /// The date of a cell in another format, in the format of the column, if it can only
    /// be one day.
    fn date_meant(&self, cell: &str) -> Option<String> {
        let slashed = SlashDate::parse(cell);
        let of_slashes = |month_first| slashed.and_then(|date| date.date(month_first));
        let padded = || {
            let parts: Vec<&str> = cell.split(['-', '/', '.']).collect();
            let [year, month, day] = parts.as_slice() else {
                return None;
            };
            dates::iso_date(&format!("{year}-{month:0>2}-{day:0>2}"))
        };
        let iso = match moment(cell) {
            Some(Moment::Date(date)) => Some(date),
            Some(Moment::Instant(_)) => return None,
            None => padded(),
        };
        let mut meant = [iso, of_slashes(true), of_slashes(false)]
            .into_iter()
            .flatten();
        let date = meant.next()?;
        let is_certain = meant.all(|other| other == date)
            && !dates::is_zero(date)
            && date.year() >= i16::try_from(dates::FIRST_YEAR).ok()?;
        let (year, month, day) = (date.year(), date.month(), date.day());
        is_certain.then(|| match self.dates {
            DateFormat::Iso => format!("{year:04}-{month:02}-{day:02}"),
            DateFormat::MonthFirst => format!("{month:02}/{day:02}/{year:04}"),
            DateFormat::DayFirst => format!("{day:02}/{month:02}/{year:04}"),
        })
    }

    /// True if digits and separators are where those of a date would be.
    fn has_right_form(&self, cell: &str) -> bool {
        if self.dates != DateFormat::Iso {
            return SlashDate::parse(cell).is_some();
        }
        let place = |(place, byte): (u8, u8)| match place {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        cell.len() == 10 && DateFormat::Iso.word().bytes().zip(cell.bytes()).all(place)
    }

    /// Hint for a cell that is not a valid date. Suggests only formats that can
    /// read the cell.
    fn date_hint(&self, cell: &str, example: &str) -> String {
        if let Some(hint) = day_number(cell) {
            return hint;
        }
        if self.has_right_form(cell) {
            return self.day_hint(cell);
        }
        let mut hint = format!("write it like `{example}`");
        let others: Vec<String> = DateFormat::WORDS
            .iter()
            .filter(|(_, form)| *form != self.dates && form.reads(cell))
            .map(|(word, _)| format!("`format = \"{word}\"`"))
            .collect();
        // A single cell may not show whether month or day comes first.
        let whichever = if others.len() > 1 {
            ", depending on the order of month and day in the column"
        } else {
            ""
        };
        let others = others.join(" or ");
        if !others.is_empty() {
            hint += if self.dates == DateFormat::Iso {
                ", or declare the format of the column in the plan: "
            } else {
                ", or, if the whole column is in this order, correct the format of the column in the plan: "
            };
            return format!("{hint}{others} under [column.NAME]{whichever}");
        }
        if let Some(as_blank) = map_hints::as_blank(cell) {
            hint += &as_blank;
        } else if decimal::is_date_like(cell) {
            let parts = || cell.split(['-', '/', '.']).map(str::len);
            if parts().all(|length| length < 4) {
                hint += ", with four digits for the year";
            } else if self.dates == DateFormat::Iso && parts().any(|length| length == 1) {
                hint += ", with two digits each for month and day";
            }
        }
        hint
    }

    /// Hint for a cell in the form of the column that is no day. Another cell may be right,
    /// so that the order of month and day is not that of the whole column.
    fn day_hint(&self, cell: &str) -> String {
        let mut words = DateFormat::WORDS.iter();
        let other = words.find(|(_, form)| *form != self.dates && form.reads(cell));
        match (other, self.date_meant(cell)) {
            (Some((word, _)), Some(meant)) => format!(
                "month and day are in the other order, or mistyped: write `{meant}`; if the whole column is in this order, write `format = \"{word}\"` under [column.NAME] in the plan"
            ),
            _ => "there is no such day; correct the month or the day".to_owned(),
        }
    }
}

fn moment(cell: &str) -> Option<Moment> {
    dates::parse(cell).or_else(|| dates::parse_loosely(cell))
}

#[cold]
fn missing(column: ColumnId, cell: &str) -> CellFault {
    CellFault::at(column, cell_messages::date_missing(&literal(cell)))
}

/// Spreadsheets count days from 1900, and show the count if a column is not
/// formatted as dates.
fn day_number(cell: &str) -> Option<String> {
    let is_count = cell.len() == 5 && cell.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then(|| {
        "it looks like a spreadsheet's day number; format the column as dates, and save or export it again".to_owned()
    })
}

/// Replaces typographic variants of a separator by the plain one: narrow and
/// non-breaking spaces, and the closing quotation mark used as an apostrophe.
pub(crate) fn plain_separators(text: &str, separator: char) -> String {
    let typographic: &[char] = match separator {
        ' ' => &['\u{a0}', '\u{202f}', '\u{2009}'],
        '\'' => &['\u{2019}'],
        _ => &[],
    };
    text.replace(typographic, separator.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Result<String, String> {
        let format = ColumnFormat {
            thousands: Some(','),
            prefix: Some("$".to_owned()),
            dates: DateFormat::Iso,
        };
        format
            .number(ColumnId(0), cell)
            .map(decimal::text)
            .map_err(|fault| fault.message.text)
    }

    #[test]
    fn separators_and_sign_may_stand_or_not() {
        for (cell, value) in [
            ("1,234.56", "1234.56"),
            ("$1,234,567", "1234567"),
            ("1234.5", "1234.5"),
            ("$12", "12"),
            ("$ 1,234.56", "1234.56"),
            ("$\u{a0}12", "12"),
        ] {
            assert_eq!(read(cell).as_deref(), Ok(value));
        }
    }

    #[test]
    fn groups_of_other_sizes_are_refused() {
        for cell in [
            "1,23",
            "12,3456",
            ",123",
            "1,234,",
            "1,234.5,6",
            "$",
            "1,234.",
            "$$1",
            "-1,234",
            "1234,567",
            "0,500",
            "01,234",
            "000,123",
            "$0,500",
        ] {
            assert!(read(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn days_of_no_claim_are_named() {
        use DateFormat::{DayFirst, Iso, MonthFirst};
        let read = |dates, cell| {
            let format = ColumnFormat {
                dates,
                ..ColumnFormat::default()
            };
            let fault = format.date(ColumnId(0), cell).expect_err(cell);
            format!(
                "{}; {}",
                fault.message.text,
                fault.message.hint.unwrap_or_default()
            )
        };
        for (dates, cell, words) in [
            (
                MonthFirst,
                "5/31/0024",
                "is in the year 24; write the year with four digits",
            ),
            (Iso, "0024-05-31 10:00", "is in the year 24"),
            (Iso, "0999-05-31", "is in the year 999"),
            (MonthFirst, "1/1/0001 12:00:00 AM", "a missing date; leave"),
            (DayFirst, "01/01/0001", "a missing date"),
            (Iso, "0001-01-01T00:00:00", "a missing date"),
            (Iso, "0000-00-00", "a missing date"),
            (Iso, "1899-12-30", "a missing date"),
            (Iso, "1900-01-01 00:00:00.000", "a missing date"),
            (DayFirst, "31/12/1899", "a missing date"),
        ] {
            let found = read(dates, cell);
            assert!(found.contains(words), "{cell}: {found}");
        }
        let plain = ColumnFormat::default();
        for cell in ["1900-01-02", "1899-12-29", "1901-01-01", "1000-01-01"] {
            assert!(plain.date(ColumnId(0), cell).is_ok(), "{cell}");
        }
        for cell in ["0001-01-01T00:00:00Z", "1900-01-01T00:00:00Z"] {
            let fault = plain.instant(ColumnId(0), cell).expect_err(cell);
            assert!(fault.message.text.contains("a missing date"), "{cell}");
        }
    }

    #[test]
    fn typographic_separators_count_as_the_plain_ones() {
        for (separator, cell) in [
            (' ', "1 234 567.5"),
            (' ', "1\u{a0}234\u{a0}567.5"),
            (' ', "1\u{202f}234\u{2009}567.5"),
            (' ', "1 234\u{a0}567.5"),
            ('\'', "1'234\u{2019}567.5"),
            ('\'', "1\u{2019}234\u{2019}567.5"),
        ] {
            let format = ColumnFormat {
                thousands: Some(separator),
                ..ColumnFormat::default()
            };
            let number = format.number(ColumnId(0), cell).map(decimal::text);
            assert_eq!(number.as_deref(), Ok("1234567.5"), "{cell}");
            for odd in [
                "1\u{a0}23",
                "0\u{a0}500",
                "1\u{2003}234",
                "1\u{a0}234\u{a0}",
            ] {
                assert!(format.number(ColumnId(0), odd).is_err(), "{odd}");
            }
        }
    }

    #[test]
    fn the_date_to_write_is_suggested_where_it_is_certain() {
        use DateFormat::{DayFirst, Iso, MonthFirst};
        for (dates, cell, meant) in [
            (Iso, "9/30/2021", "2021-09-30"),
            (Iso, "30/9/2021", "2021-09-30"),
            (Iso, "5/5/2021", "2021-05-05"),
            (Iso, "2021-9-3", "2021-09-03"),
            (Iso, "2021/09/30", "2021-09-30"),
            (MonthFirst, "2021-09-30", "09/30/2021"),
            (MonthFirst, "30/9/2021", "09/30/2021"),
            (DayFirst, "9/30/2021", "30/09/2021"),
            (Iso, "1/2/2021", ""),
            (Iso, "9/30/21", ""),
            (Iso, "44469", ""),
            (Iso, "2021-02-30", ""),
            (Iso, "0001-1-1", ""),
            (MonthFirst, "2021-09-30T10:00:00Z", ""),
            (Iso, "soon", ""),
        ] {
            let format = ColumnFormat {
                dates,
                ..ColumnFormat::default()
            };
            let fault = format.date(ColumnId(0), cell).expect_err(cell);
            let found = fault.message.suggestion.unwrap_or_default();
            assert_eq!(found, meant, "{cell}");
        }
    }
}
