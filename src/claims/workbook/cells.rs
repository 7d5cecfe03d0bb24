//! What a cell of a sheet is as a cell of a claims file, if it can be one.

use super::dates;
use super::formats::{Format, Formats, Kind as FormatKind};
use super::number;
use super::sheet::{Cell, Kind};
use super::strings::Strings;
use crate::claims::usable_id;
use crate::diagnostic::literal;
use crate::plan::Plan;
use crate::plan::format::DateForm;

/// What cells of a sheet refer to.
pub struct Book<'b> {
    /// The file, for messages.
    pub file: String,
    /// Its name without folders.
    pub name: String,
    /// The texts that cells share.
    pub strings: &'b Strings,
    /// The formats that cells have.
    pub formats: &'b Formats,
    /// Whether days are counted from 1904.
    pub from_1904: bool,
}

/// What the plan makes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It holds the ids.
    Id,
    /// The plan reads it, and dates in this form.
    Read(DateForm),
    /// The plan does not read it.
    Unread,
}

impl Role {
    /// The role of the column of this name.
    pub fn of(name: &str, plan: &Plan) -> Self {
        if name == plan.columns.name(plan.claims.id) {
            return Self::Id;
        }
        let mut columns = plan.columns.iter();
        let column = columns.find(|(_, column)| column.name == name);
        column.map_or(Self::Unread, |(_, column)| Self::Read(column.format.dates))
    }
}

/// Why a cell cannot be taken.
#[derive(Debug)]
pub enum Fault {
    /// It is not as a workbook has to be; what it does, after its name.
    Broken(&'static str),
    /// Its value is lost, or not told.
    Cell {
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: &'static str,
    },
}

fn fault(problem: impl Into<String>, hint: &'static str) -> Fault {
    Fault::Cell {
        problem: problem.into(),
        hint,
    }
}

impl Book<'_> {
    /// Adds what a cell is as text; nothing is added of what cannot be taken.
    ///
    /// Cells that are damaged cannot be taken in any column. What is no damage,
    /// but cannot be told exactly, matters in columns that the plan reads.
    pub fn text_of(&self, cell: &Cell, role: Role, text: &mut String) -> Result<(), Fault> {
        let blank = cell.value.is_empty() && matches!(cell.kind, Kind::Number);
        if !cell.has_value || blank {
            if cell.has_formula {
                let problem = "the formula has no value";
                let hint = "open the file in the spreadsheet and save it, so that it is calculated";
                return Err(fault(problem, hint));
            }
            return Ok(());
        }
        match cell.kind {
            Kind::Shared => {
                let number = cell.value.parse().ok();
                let shared = number.and_then(|number| self.strings.get(number));
                take_text(
                    shared.ok_or(Fault::Broken("refers to a text that is not there"))?,
                    text,
                )
            }
            Kind::Inline | Kind::Text => take_text(&cell.value, text),
            Kind::Boolean => take_boolean(&cell.value, role, text),
            Kind::Error => Err(damaged_value(&cell.value)),
            Kind::Date => {
                if role == Role::Id {
                    return Err(date_as_id());
                }
                let date = dates::from_text(&cell.value);
                take_date(date, cell, role, text)
            }
            Kind::Number => self.take_number(cell, role, text),
        }
    }

    /// The value of a cell, for messages.
    pub fn shown<'c>(&'c self, cell: &'c Cell) -> &'c str {
        if cell.kind != Kind::Shared {
            return &cell.value;
        }
        let number = cell.value.parse().ok();
        number
            .and_then(|number| self.strings.get(number))
            .unwrap_or_default()
    }

    fn take_number(&self, cell: &Cell, role: Role, text: &mut String) -> Result<(), Fault> {
        let format = self.formats.get(cell.format);
        let format = format.ok_or(Fault::Broken("has a format that is not there"))?;
        let written = cell.value.as_str();
        if number::expand(written).is_none() {
            return Err(Fault::Broken("has a value that is no number"));
        }
        match format.kind {
            FormatKind::Number
            | FormatKind::Zeros(_)
            | FormatKind::Labelled
            | FormatKind::Masked => {}
            _ if role == Role::Id => return Err(date_as_id()),
            kind => {
                let date = dates::from_serial(written, kind, self.from_1904);
                return take_date(date, cell, role, text);
            }
        }
        if role == Role::Id {
            check_id(written, format)?;
        }
        if role != Role::Unread && format.kind == FormatKind::Masked {
            return Err(masked(written, format));
        }
        match number::exact(written) {
            Ok(plain) => {
                if let FormatKind::Zeros(digits) = format.kind
                    && plain.bytes().all(|digit| digit.is_ascii_digit())
                {
                    let missing = digits.saturating_sub(plain.len());
                    text.extend(std::iter::repeat_n('0', missing));
                }
                text.push_str(&plain);
                Ok(())
            }
            Err(_) if role == Role::Unread => {
                text.push_str(written);
                Ok(())
            }
            Err(number::Fault::NoNumber) => Err(Fault::Broken("has a value that is no number")),
            Err(number::Fault::TooManyDigits) => {
                let problem = format!("{written}: more digits than a spreadsheet can hold");
                Err(fault(
                    problem,
                    "round it in the spreadsheet, or write it as text",
                ))
            }
        }
    }
}

fn take_text(written: &str, text: &mut String) -> Result<(), Fault> {
    if usable_id::is_spreadsheet_error(written) {
        return Err(damaged_value(written));
    }
    text.push_str(written);
    Ok(())
}

fn take_boolean(written: &str, role: Role, text: &mut String) -> Result<(), Fault> {
    let word = match written {
        "0" | "false" => "FALSE",
        "1" | "true" => "TRUE",
        _ => return Err(Fault::Broken("is neither true nor false")),
    };
    if role == Role::Id {
        let problem = format!("the id is {word}, which is no text and no number");
        return Err(fault(problem, "write the id as text"));
    }
    text.push_str(word);
    Ok(())
}

fn take_date(
    date: Result<String, dates::Fault>,
    cell: &Cell,
    role: Role,
    text: &mut String,
) -> Result<(), Fault> {
    match date {
        Ok(date) => {
            let form = match role {
                Role::Read(form) => form,
                Role::Id | Role::Unread => DateForm::Iso,
            };
            text.push_str(&dates::in_form(date, form));
        }
        Err(_) if role == Role::Unread => text.push_str(&cell.value),
        Err(why) => {
            let (problem, hint) = why.words();
            return Err(fault(format!("{} {problem}", literal(&cell.value)), hint));
        }
    }
    Ok(())
}

/// What is wrong with a number as an id.
fn check_id(written: &str, format: &Format) -> Result<(), Fault> {
    let digits = written.strip_prefix('-').unwrap_or(written);
    if digits.contains(['e', 'E']) || digits.len() > number::DIGITS && !digits.contains('.') {
        let problem = format!(
            "the id is the number {written}, of which a spreadsheet keeps only {} digits",
            number::DIGITS
        );
        let hint = "its digits are lost here; get the ids again, as text";
        return Err(fault(problem, hint));
    }
    if digits.contains('.') {
        let problem = format!("the id is the number {written}, which is no whole one");
        return Err(fault(problem, "write the id as text"));
    }
    if format.kind == FormatKind::Labelled {
        return Err(masked(written, format));
    }
    Ok(())
}

fn masked(written: &str, format: &Format) -> Fault {
    let problem = format!(
        "{written} is shown by the format {} as something else",
        literal(&format.code)
    );
    fault(problem, "write it as text, as it is to be read")
}

fn date_as_id() -> Fault {
    let problem = "the id is a date, or was made one by the spreadsheet";
    fault(problem, "write the id as text")
}

fn damaged_value(written: &str) -> Fault {
    let problem = format!(
        "{} is what a spreadsheet shows where it has no value to show",
        literal(written)
    );
    fault(problem, "correct it in the spreadsheet")
}
