//! The cells of the first sheet.

use crate::run::summary_text::is_zero;
use crate::run::workbook::cells::{self, Value, decimals};
use crate::run::workbook::styles::Style;

/// How wide the columns of figures are at least.
pub const FIGURES: usize = 16;

/// What stands in a cell, and how.
pub type Cell = (Value, Style);

/// A cell that is left out.
pub const BLANK: Cell = (Value::Blank, Style::Text);

/// Why a cell cannot hold this, if it cannot.
pub fn fault(value: &Value) -> Option<String> {
    match value {
        Value::Blank => None,
        Value::Text(text) => cells::fault_of_text(text),
        Value::Number(number) | Value::Formula(_, number) => cells::fault_of_number(number),
    }
}

/// A text.
pub fn text(text: &str, style: Style) -> Cell {
    (Value::Text(text.to_owned()), style)
}

/// A figure that is text.
pub fn figure(text: &str) -> Cell {
    // Beside others there is room for so much; more stands across the columns
    // after it.
    let style = if text.chars().count() < FIGURES {
        Style::TextOfNumbers
    } else {
        Style::Text
    };
    crate::run::workbook::figures::text(text, style)
}

/// A number.
pub fn number(digits: &str, style: Style) -> Cell {
    (Value::Number(digits.to_owned()), style)
}

/// A number with as many decimals as it has.
pub fn amount(digits: &str) -> Cell {
    number(digits, Style::Number(decimals(digits)))
}

/// A whole number.
pub fn count(count: u64) -> Cell {
    number(&count.to_string(), Style::Count)
}

/// An amount that the spreadsheet computes.
pub fn computed(formula: String, result: &str) -> Cell {
    let style = Style::Number(decimals(result));
    (Value::Formula(formula, result.to_owned()), style)
}

/// A total that the spreadsheet computes.
pub fn computed_total(formula: String, result: &str) -> Cell {
    let style = Style::Total(decimals(result));
    (Value::Formula(formula, result.to_owned()), style)
}

/// An amount that is taken off.
pub fn negative(amount: &str) -> String {
    if is_zero(amount) {
        amount.to_owned()
    } else {
        format!("-{amount}")
    }
}
