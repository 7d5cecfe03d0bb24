//! The cells of the first sheet.

use crate::run::summary_text::is_zero;
use crate::run::workbook::cells::{self, CellValue, decimals};
use crate::run::workbook::styles::CellStyle;

/// The minimum width of the figure columns.
pub(super) const FIGURES: usize = 16;

/// The content and style of a cell.
pub(super) type StyledCell = (CellValue, CellStyle);

/// An empty cell.
pub(super) const BLANK: StyledCell = (CellValue::Blank, CellStyle::Text);

/// The reason why a cell cannot hold this value; `None` if it can.
pub(super) fn fault(value: &CellValue) -> Option<String> {
    match value {
        CellValue::Blank => None,
        CellValue::Text(text) => cells::fault_of_text(text),
        CellValue::Number(number) | CellValue::Formula(_, number) => cells::fault_of_number(number),
    }
}

pub(super) fn text(text: &str, style: CellStyle) -> StyledCell {
    (CellValue::Text(text.to_owned()), style)
}

/// A figure that is text.
pub(super) fn figure(text: &str) -> StyledCell {
    // A longer text does not fit next to other figures and extends across the following
    // columns.
    let style = if text.chars().count() < FIGURES {
        CellStyle::TextOfNumbers
    } else {
        CellStyle::Text
    };
    crate::run::workbook::summary_cells::text(text, style)
}

pub(super) fn number(digits: &str, style: CellStyle) -> StyledCell {
    (CellValue::Number(digits.to_owned()), style)
}

/// A number, with the decimals of its text.
pub(super) fn amount(digits: &str) -> StyledCell {
    number(digits, CellStyle::Number(decimals(digits)))
}

pub(super) fn count(count: u64) -> StyledCell {
    number(&count.to_string(), CellStyle::Count)
}

/// An amount computed by the spreadsheet.
pub(super) fn computed(formula: String, result: &str) -> StyledCell {
    let style = CellStyle::Number(decimals(result));
    (CellValue::Formula(formula, result.to_owned()), style)
}

/// A total computed by the spreadsheet.
pub(super) fn computed_total(formula: String, result: &str) -> StyledCell {
    let style = CellStyle::Total(decimals(result));
    (CellValue::Formula(formula, result.to_owned()), style)
}

/// An amount that is subtracted.
pub(super) fn negative(amount: &str) -> String {
    if is_zero(amount) {
        amount.to_owned()
    } else {
        format!("-{amount}")
    }
}
