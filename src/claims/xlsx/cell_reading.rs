//! Converts a cell of a sheet to a cell of a claims file, if possible.

use std::borrow::Cow;

use crate::base::diagnostics::{Message, literal};
use crate::claims::ids::validity;
use crate::claims::xlsx::number_formats::{NumberFormat, NumberFormats, NumberKind as FormatKind};
use crate::claims::xlsx::shared_strings::SharedStrings;
use crate::claims::xlsx::sheet_cell::{CellType, FormulaValues, SheetCell};
use crate::claims::xlsx::{dates, messages, number};
use crate::plan::cell_reading::DateFormat;
use crate::plan::column::ColumnUse;
use crate::plan::{Column, Plan, cell_messages};

/// Data that cells of a sheet refer to.
pub(super) struct CellContext<'b> {
    /// The file, for messages.
    pub file: String,
    /// The file name without folders.
    pub name: String,
    /// The shared texts.
    pub strings: &'b SharedStrings,
    /// The number formats.
    pub formats: &'b NumberFormats,
    /// True if days are counted from 1904.
    pub from_1904: bool,
    /// The state of formula values.
    pub formulas: FormulaValues,
}

/// The use of a column in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnRole {
    Id,
    /// Compared with texts or used as text, with dates in this form.
    Text(DateReading),
    /// Compared with words without digits; may also be read as numbers.
    Words(DateReading),
    /// Read as numbers or dates, with dates in this form.
    Read(DateReading),
    /// Taxpayer numbers: an invalid one is not a fault, and none is shown.
    Taxpayer,
    /// The plan does not read it.
    Unread,
}

/// The plan's reading of the dates in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DateReading {
    form: DateFormat,
    /// True if dates are compared with days.
    days: bool,
    /// True if dates are compared with instants.
    instants: bool,
}

impl ColumnRole {
    /// The role of the column with this name.
    pub(super) fn of(name: &str, plan: &Plan) -> Self {
        let mut columns = plan.columns.iter();
        let Some((id, column)) = columns.find(|(_, column)| column.name == name) else {
            return Self::Unread;
        };
        if id == plan.claims.id {
            Self::Id
        } else if plan.tax.as_ref().is_some_and(|tax| tax.number == id) {
            Self::Taxpayer
        } else {
            Self::of_column(column)
        }
    }

    /// The role of a column by its uses. A condition on blank cells does not make a
    /// number a text.
    fn of_column(column: &Column) -> Self {
        let dates = DateReading {
            form: column.format.dates,
            days: column.days,
            instants: column.instants,
        };
        let mut texts = column.texts.iter().filter(|text| !text.is_empty());
        let has_digit = |text: &String| text.contains(|letter: char| letter.is_ascii_digit());
        if column.values.is_some()
            || matches!(column.reader, ColumnUse::Payments | ColumnUse::Layout)
            || texts.clone().any(has_digit)
        {
            Self::Text(dates)
        } else if texts.next().is_some() {
            Self::Words(dates)
        } else {
            Self::Read(dates)
        }
    }

    fn dates(self) -> DateReading {
        match self {
            Self::Read(dates) | Self::Words(dates) | Self::Text(dates) => dates,
            Self::Id | Self::Taxpayer | Self::Unread => DateReading::default(),
        }
    }

    /// True if it matters that this format shows a cell as something else.
    fn minds(self, format: &NumberFormat) -> bool {
        match self {
            Self::Id | Self::Text(_) | Self::Taxpayer => true,
            Self::Words(_) => format.words,
            Self::Read(_) | Self::Unread => false,
        }
    }
}

/// The number of digits in a taxpayer number.
const TAXPAYER_DIGITS: usize = 9;

/// The reason why a cell cannot be used.
#[derive(Debug)]
pub(super) enum SheetCellFault {
    /// The workbook is malformed; the text completes a sentence about the cell.
    Broken(&'static str),
    /// The value is lost or uncertain.
    Cell(Message),
}

impl From<Message> for SheetCellFault {
    fn from(message: Message) -> Self {
        Self::Cell(message)
    }
}

impl CellContext<'_> {
    /// Appends the text of a cell; appends nothing if the cell cannot be used. A
    /// header cell has no role.
    ///
    /// Lost or uncertain values matter in columns that the plan reads. A malformed
    /// workbook matters everywhere.
    pub(super) fn text_of(
        &self,
        cell: &SheetCell,
        role: Option<ColumnRole>,
        text: &mut String,
    ) -> Result<(), SheetCellFault> {
        let doubt = match role {
            Some(ColumnRole::Unread) => Ok(()),
            _ if cell.has_formula => self.doubt(cell),
            _ => Ok(()),
        };
        let role = role.unwrap_or(ColumnRole::Unread);
        match doubt.and_then(|()| self.take(cell, role, text)) {
            Err(SheetCellFault::Cell(_)) if role == ColumnRole::Taxpayer => Ok(()),
            taken => taken,
        }
    }

    /// True if the workbook requests recalculation when it is opened.
    pub(super) fn recalculates(&self) -> bool {
        self.formulas == FormulaValues::OnOpening
    }

    /// Checks that the saved value of a formula is current.
    fn doubt(&self, cell: &SheetCell) -> Result<(), SheetCellFault> {
        if is_blank(cell) {
            return Err(messages::formula_without_value().into());
        }
        let number = number::expand(&cell.value).filter(|_| cell.kind == CellType::Number);
        let is_zero = number.is_some_and(|plain| number::significant(&plain) == 0);
        match self.formulas {
            FormulaValues::Outdated => Err(messages::formula_outdated().into()),
            FormulaValues::OnOpening if is_zero => {
                Err(messages::formula_perhaps_never_calculated("0").into())
            }
            FormulaValues::OnOpening if cell.value.is_empty() => {
                Err(messages::formula_perhaps_never_calculated("empty text").into())
            }
            FormulaValues::OnOpening | FormulaValues::Calculated => Ok(()),
        }
    }

    fn take(
        &self,
        cell: &SheetCell,
        role: ColumnRole,
        text: &mut String,
    ) -> Result<(), SheetCellFault> {
        if is_blank(cell) {
            return Ok(());
        }
        match cell.kind {
            CellType::Shared | CellType::Inline | CellType::Text => {
                self.take_text(cell, role, text)
            }
            CellType::Boolean => take_boolean(&cell.value, role, text),
            CellType::Error if role != ColumnRole::Unread => {
                Err(messages::error_value(&literal(&cell.value)).into())
            }
            CellType::Error => {
                text.push_str(&cell.value);
                Ok(())
            }
            CellType::Date => {
                let date = dates::from_text(&cell.value, role.dates().instants);
                take_date(date, cell, role, text)
            }
            CellType::Number => self.take_number(cell, role, text),
        }
    }

    /// The value of a cell, for messages.
    pub(super) fn shown<'c>(&'c self, cell: &'c SheetCell) -> &'c str {
        if cell.kind != CellType::Shared {
            return &cell.value;
        }
        let number = cell.value.parse().ok();
        number
            .and_then(|number| self.strings.get(number))
            .unwrap_or_default()
    }

    fn take_text(
        &self,
        cell: &SheetCell,
        role: ColumnRole,
        text: &mut String,
    ) -> Result<(), SheetCellFault> {
        let mut written = cell.value.as_str();
        if cell.kind == CellType::Shared {
            let number = cell.value.parse().ok();
            let shared = number.and_then(|number| self.strings.get(number));
            written = shared.ok_or(SheetCellFault::Broken("refers to a missing text"))?;
        }
        if role != ColumnRole::Unread && validity::is_spreadsheet_error(written) {
            return Err(messages::error_value(&literal(written)).into());
        }
        let format = self.formats.get(cell.format);
        if let Some(format) = format.filter(|format| format.alters_texts)
            && (role.minds(format) || matches!(role, ColumnRole::Words(_)))
        {
            return Err(shown_otherwise(&literal(written), format));
        }
        text.push_str(written);
        Ok(())
    }

    fn take_number(
        &self,
        cell: &SheetCell,
        role: ColumnRole,
        text: &mut String,
    ) -> Result<(), SheetCellFault> {
        let format = self.formats.get(cell.format);
        let format = format.ok_or(SheetCellFault::Broken("refers to a missing format"))?;
        let written = cell.value.as_str();
        if number::expand(written).is_none() {
            return Err(SheetCellFault::Broken("has a value that is not a number"));
        }
        if let FormatKind::Date
        | FormatKind::DateTime
        | FormatKind::Time
        | FormatKind::Duration
        | FormatKind::Local = format.kind
        {
            let date = dates::from_serial(written, format.kind, self.from_1904);
            return take_date(date, cell, role, text);
        }
        let plain = plain_number(cell, role)?;
        let digits =
            least_digits(&plain, format, role).ok_or_else(|| shown_otherwise(written, format))?;
        if plain.bytes().all(|digit| digit.is_ascii_digit()) {
            let missing = digits.saturating_sub(plain.len());
            text.extend(std::iter::repeat_n('0', missing));
        }
        text.push_str(&plain);
        Ok(())
    }
}

/// True if a cell has no value. An empty text is a value, unless it is the number
/// of a shared text; formulas may return it.
fn is_blank(cell: &SheetCell) -> bool {
    let empty = cell.value.is_empty();
    match cell.kind {
        CellType::Text | CellType::Inline | CellType::Error => !cell.has_value,
        CellType::Number | CellType::Shared | CellType::Boolean | CellType::Date => {
            !cell.has_value || empty
        }
    }
}

/// The number of a cell, without exponent.
fn plain_number(cell: &SheetCell, role: ColumnRole) -> Result<Cow<'_, str>, SheetCellFault> {
    let written = cell.value.as_str();
    match number::exact(written) {
        Ok(plain) if role == ColumnRole::Unread || !number::is_too_long(&plain) => {
            if role == ColumnRole::Id && plain.contains('.') {
                return Err(messages::id_not_whole(written).into());
            }
            Ok(plain)
        }
        Err(_) if role == ColumnRole::Unread => Ok(Cow::Borrowed(written)),
        Err(number::NumeralFault::NoNumber) => {
            Err(SheetCellFault::Broken("has a value that is not a number"))
        }
        Ok(_) | Err(number::NumeralFault::TooManyDigits) => Err(too_many_digits(cell, role).into()),
    }
}

/// The minimum number of digits, with leading zeros; `None` if the number is shown
/// as something other than its digits and this matters.
fn least_digits(plain: &str, format: &NumberFormat, role: ColumnRole) -> Option<usize> {
    match format.kind {
        FormatKind::Masked(TAXPAYER_DIGITS) if role == ColumnRole::Taxpayer => {
            Some(TAXPAYER_DIGITS)
        }
        FormatKind::Masked(_) if role != ColumnRole::Unread => None,
        _ if role.minds(format) && !format.shows(plain) => None,
        FormatKind::Zeros(digits) => Some(digits),
        _ => Some(0),
    }
}

fn take_boolean(written: &str, role: ColumnRole, text: &mut String) -> Result<(), SheetCellFault> {
    let word = match written {
        "0" | "false" => "FALSE",
        "1" | "true" => "TRUE",
        _ => return Err(SheetCellFault::Broken("is neither true nor false")),
    };
    if role == ColumnRole::Id {
        return Err(messages::id_is_truth_value(word).into());
    }
    text.push_str(word);
    Ok(())
}

fn take_date(
    date: Result<String, dates::SheetDateFault>,
    cell: &SheetCell,
    role: ColumnRole,
    text: &mut String,
) -> Result<(), SheetCellFault> {
    if matches!(role, ColumnRole::Id | ColumnRole::Taxpayer) {
        return Err(messages::id_is_date().into());
    }
    match date {
        Ok(date) if role.dates().days && dates::has_offset(&date) => {
            let hint = "save the file with Excel or LibreOffice, which remove the offset and keep the day that they show; or use ends with an offset in the plan";
            let message = cell_messages::date_with_offset(&literal(&date));
            return Err(message.hint(hint.to_owned()).into());
        }
        Ok(date) => {
            text.push_str(&dates::in_form(date, role.dates().form));
        }
        Err(_) if role == ColumnRole::Unread => text.push_str(&cell.value),
        Err(why) => return Err(why.message(&literal(&cell.value)).into()),
    }
    Ok(())
}

/// Describes a number with more digits than a spreadsheet keeps.
fn too_many_digits(cell: &SheetCell, role: ColumnRole) -> Message {
    let written = cell.value.as_str();
    let whole = number::expand(written).is_some_and(|plain| !plain.contains('.'));
    if whole {
        return match role {
            ColumnRole::Id => messages::id_digits_lost(written, number::DIGITS),
            _ => messages::digits_lost(written, number::DIGITS),
        };
    }
    match number::rounded(written).filter(|_| cell.has_formula) {
        Some(rounded) => messages::calculated_inexactly(written, &rounded),
        None => messages::more_digits_than_held(written),
    }
}

fn shown_otherwise(written: &str, format: &NumberFormat) -> SheetCellFault {
    messages::displayed_differently(&literal(&format.code), written).into()
}
