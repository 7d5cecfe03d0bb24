//! How the cells of a column are written, where the plan says so: amounts with
//! thousands separators or a currency sign, dates in another order.
#![allow(clippy::inline_always, reason = "see `exact`")]

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::column::{CellFault, ColumnId};
use super::raw::{Problems, Table, Value};
use crate::calendar::{self, Date, Instant, Moment};
use crate::diagnostic::literal;
use crate::exact::{self, NumberProblem};

/// How amounts and dates of a column are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Format {
    /// May stand between groups of three digits.
    pub thousands: Option<char>,
    /// May stand before an amount.
    pub prefix: Option<String>,
    /// How dates are written.
    pub dates: DateForm,
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateForm {
    /// `YYYY-MM-DD`, or a date-time that begins so.
    #[default]
    Iso,
    /// `MM/DD/YYYY`.
    MonthFirst,
    /// `DD/MM/YYYY`.
    DayFirst,
}

impl DateForm {
    const WORDS: [(&str, Self); 3] = [
        ("YYYY-MM-DD", Self::Iso),
        ("MM/DD/YYYY", Self::MonthFirst),
        ("DD/MM/YYYY", Self::DayFirst),
    ];

    /// Whether a cell is a date in this form.
    fn reads(self, cell: &str) -> bool {
        match self {
            Self::Iso => matches!(calendar::parse(cell), Some(Moment::Date(_))),
            Self::MonthFirst => calendar::slashed(cell, true).is_some(),
            Self::DayFirst => calendar::slashed(cell, false).is_some(),
        }
    }

    /// The word of the plan for this form.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, form)| *form == self)
            .map_or("", |(word, _)| word)
    }
}

/// Reads the keys of a `[column.NAME]` table that say how cells are written.
pub fn read(table: &mut Table<'_>, problems: &mut Problems) -> Format {
    let thousands = table
        .take("thousands")
        .and_then(|value| separator(&value, problems));
    let prefix = table
        .take("prefix")
        .and_then(|value| prefix(&value, problems));
    let dates = table
        .take("format")
        .and_then(|value| value.one_of(&DateForm::WORDS, problems));
    Format {
        thousands,
        prefix,
        dates: dates.unwrap_or_default(),
    }
}

fn separator(value: &Value<'_>, problems: &mut Problems) -> Option<char> {
    const SEPARATORS: [char; 4] = [',', '\'', ' ', '_'];
    let text = value.text(problems)?;
    let found = SEPARATORS
        .into_iter()
        .find(|separator| text == separator.to_string());
    if found.is_none() {
        let message = format!("{} cannot separate thousands", literal(&text));
        problems.add_hint(
            &value.span,
            message,
            "write a comma, an apostrophe, a space or an underscore",
        );
    }
    found
}

fn prefix(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let DeValue::String(_) = value.value else {
        value.wrong_kind("a text in quotes", problems);
        return None;
    };
    let text = value.name(problems)?;
    if text != text.trim()
        || text
            .chars()
            .any(|c| c.is_ascii_digit() || ".,+-".contains(c))
    {
        let message = format!("{} cannot stand before an amount", literal(&text));
        problems.add_hint(&value.span, message, "write a currency sign, like `$`");
        return None;
    }
    Some(text)
}

impl Format {
    /// Reads an amount cell: digits, or digits, a point and digits; with the
    /// separators and the sign that the plan allows for the column.
    #[inline(always)]
    pub fn number(&self, column: ColumnId, cell: &str) -> Result<Decimal, CellFault> {
        let bare = self
            .prefix
            .as_deref()
            .and_then(|prefix| cell.strip_prefix(prefix))
            .unwrap_or(cell);
        let number = match self.thousands {
            Some(separator) if bare.contains(separator) => parse_grouped(bare, separator),
            _ => exact::parse(bare),
        };
        number.map_err(|problem| self.not_a_number(column, cell, bare, problem))
    }

    #[cold]
    fn not_a_number(
        &self,
        column: ColumnId,
        cell: &str,
        bare: &str,
        problem: NumberProblem,
    ) -> CellFault {
        CellFault::new(
            column,
            format!("{} {}", literal(cell), problem.what()),
            self.hint(bare, problem),
        )
    }

    /// What to do about an amount that cannot be read.
    fn hint(&self, bare: &str, problem: NumberProblem) -> String {
        let plain = "write digits, or digits, a point and digits, like `1234.56`";
        let sign = bare.chars().next().filter(|c| !c.is_ascii_alphanumeric());
        if let (NumberProblem::CurrencySign, Some(prefix)) = (problem, &self.prefix) {
            return format!(
                "the plan allows `{prefix}` before the amounts of this column, and no other sign"
            );
        }
        match (problem, sign) {
            (NumberProblem::Separator, _) if self.thousands.is_none() && parse_grouped(bare, ',').is_ok() => {
                "write it without, or name the separator in the plan: `thousands = \",\"` under [column]".to_owned()
            }
            (NumberProblem::Separator, _) if bare.matches(',').count() == 1 && !bare.contains('.') => {
                "write decimals after a point, like `1234.56`".to_owned()
            }
            (NumberProblem::CurrencySign, Some(sign)) if self.prefix.is_none() && exact::parse(bare.trim_start_matches(sign)).is_ok() => {
                format!("write it without, or name the sign in the plan: `prefix = \"{sign}\"` under [column]")
            }
            (NumberProblem::CurrencySign, Some(sign)) if parse_grouped(bare.trim_start_matches(sign), ',').is_ok() => {
                format!("write it without, or name both in the plan: `prefix = \"{sign}\"` and `thousands = \",\"` under [column]")
            }
            (NumberProblem::TooManyDigits | NumberProblem::TooManyDecimals, _) => {
                "check the cell: no amount of money needs so many digits".to_owned()
            }
            _ => plain.to_owned(),
        }
    }

    /// Reads a date cell.
    pub fn date(&self, column: ColumnId, cell: &str) -> Result<Date, CellFault> {
        if self.dates != DateForm::Iso {
            let date = calendar::slashed(cell, self.dates == DateForm::MonthFirst);
            return date.ok_or_else(|| self.not_a_date(column, cell));
        }
        match calendar::parse(cell) {
            Some(Moment::Date(date)) => Ok(date),
            Some(Moment::Instant(_)) => Err(CellFault::new(
                column,
                format!(
                    "{} has an offset, but the plan compares dates without one",
                    literal(cell)
                ),
                "write the date alone, like `2021-09-30`, or bounds with an offset in the plan",
            )),
            None => Err(self.not_a_date(column, cell)),
        }
    }

    /// Reads a cell with date, time and offset.
    pub fn instant(&self, column: ColumnId, cell: &str) -> Result<Instant, CellFault> {
        match calendar::parse(cell) {
            Some(Moment::Instant(instant)) if self.dates == DateForm::Iso => Ok(instant),
            Some(Moment::Date(_)) => Err(CellFault::new(
                column,
                format!(
                    "{} has no offset, but the plan compares instants",
                    literal(cell)
                ),
                "write date, time and offset, like `2022-03-01T23:59:59-06:00`, or plain dates in the plan",
            )),
            _ => {
                let plain = || "write it like `2022-03-01T23:59:59-06:00`".to_owned();
                Err(self.unreadable(column, cell, day_number(cell).unwrap_or_else(plain)))
            }
        }
    }

    #[cold]
    fn not_a_date(&self, column: ColumnId, cell: &str) -> CellFault {
        let example = match self.dates {
            DateForm::Iso => "2021-09-30",
            other => other.word(),
        };
        self.unreadable(column, cell, self.date_hint(cell, example))
    }

    fn unreadable(&self, column: ColumnId, cell: &str, hint: String) -> CellFault {
        let problem = if cell.len() == 10 && self.has_right_form(cell) {
            format!("{} is a day that does not exist", literal(cell))
        } else {
            format!(
                "{} is not a date in the form that the plan expects",
                literal(cell)
            )
        };
        CellFault::new(column, problem, hint)
    }

    /// Whether digits and separators stand where those of a date do.
    fn has_right_form(&self, cell: &str) -> bool {
        let word = self.dates.word().bytes();
        word.zip(cell.bytes()).all(|(place, byte)| {
            if place.is_ascii_alphabetic() {
                byte.is_ascii_digit()
            } else {
                byte == place
            }
        })
    }

    /// What to do about a cell that is no date: only what can read this cell
    /// is advised.
    fn date_hint(&self, cell: &str, example: &str) -> String {
        if let Some(hint) = day_number(cell) {
            return hint;
        }
        let mut hint = format!("write it like `{example}`");
        let others: Vec<String> = DateForm::WORDS
            .iter()
            .filter(|(_, form)| *form != self.dates && form.reads(cell))
            .map(|(word, _)| format!("`format = \"{word}\"`"))
            .collect();
        // Which of month and day comes first, one cell may not tell.
        let whichever = if others.len() > 1 {
            ", whichever the column has"
        } else {
            ""
        };
        let others = others.join(" or ");
        if !others.is_empty() {
            hint += if self.dates == DateForm::Iso {
                ", or name the form of the column in the plan: "
            } else {
                ", or correct the form of the column in the plan: "
            };
            return format!("{hint}{others} under [column]{whichever}");
        }
        if exact::is_date_like(cell) {
            let parts = || cell.split(['-', '/', '.']).map(str::len);
            if parts().all(|length| length < 4) {
                hint += ", with four digits for the year";
            } else if parts().any(|length| length == 1) {
                hint += ", with two digits each for month and day";
            }
        }
        hint
    }
}

/// Spreadsheets count days from 1900, and show the count where a column is not
/// formatted as dates.
fn day_number(cell: &str) -> Option<String> {
    let is_count = cell.len() == 5 && cell.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then(|| {
        "it looks like the day number of a spreadsheet: format the column as dates there, and save or export it again".to_owned()
    })
}

/// Reads `1,234,567.89`: a first group of one to three digits, then groups of
/// three.
pub(super) fn parse_grouped(text: &str, separator: char) -> Result<Decimal, NumberProblem> {
    let (whole, decimals) = text
        .split_once('.')
        .map_or((text, None), |(w, d)| (w, Some(d)));
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or_default();
    let good = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    if !good || decimals.is_some_and(|decimals| decimals.contains(separator)) {
        return Err(NumberProblem::BadGroups);
    }
    exact::parse(&text.replace(separator, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> Result<String, String> {
        let format = Format {
            thousands: Some(','),
            prefix: Some("$".to_owned()),
            dates: DateForm::Iso,
        };
        format
            .number(ColumnId(0), cell)
            .map(exact::text)
            .map_err(|fault| fault.problem)
    }

    #[test]
    fn separators_and_sign_may_stand_or_not() {
        for (cell, value) in [
            ("1,234.56", "1234.56"),
            ("$1,234,567", "1234567"),
            ("1234.5", "1234.5"),
            ("$12", "12"),
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
        ] {
            assert!(read(cell).is_err(), "{cell}");
        }
    }
}
