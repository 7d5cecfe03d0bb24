//! Values that a cell of a spreadsheet cannot hold.

use crate::base::diagnostics::Message;
use crate::base::workbook::cells::{CellValue, LONGEST_TEXT, is_no_character};
use crate::claims::xlsx::number::{DIGITS, significant};
use crate::run::messages;

/// The reason why a cell cannot hold this value; `None` if it can.
pub(super) fn fault(value: &CellValue) -> Option<Message> {
    match value {
        CellValue::Blank => None,
        CellValue::Text(text) => fault_of_text(text),
        CellValue::Number(number) | CellValue::Formula(_, number) => fault_of_number(number),
    }
}

/// The reason why a cell cannot hold this text; `None` if it can.
pub(super) fn fault_of_text(text: &str) -> Option<Message> {
    // UTF-16 never has more units than UTF-8 has bytes.
    if text.len() > LONGEST_TEXT {
        let units = text.encode_utf16().count();
        if units > LONGEST_TEXT {
            return Some(messages::too_long_for_sheet(units, LONGEST_TEXT));
        }
    }
    let odd = text.chars().find(|&c| is_no_character(c)).map(u32::from);
    odd.map(messages::character_not_for_sheet)
}

/// The reason why a cell cannot hold this number exactly; `None` if it can.
pub(super) fn fault_of_number(number: &str) -> Option<Message> {
    let digits = significant(number);
    (digits > DIGITS).then(|| messages::too_precise_for_sheet(number, digits, DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_so_many_digits_come_back_from_binary() {
        for number in ["9999999999999.99", "0.999999999999999", "123456789012345"] {
            assert_eq!(fault_of_number(number), None);
            let binary: f64 = number.parse().expect(number);
            assert_eq!(binary.to_string(), number);
        }
        let fault = fault_of_number("9007199254740993").expect("a fault");
        assert_eq!(
            fault.text,
            "the number 9007199254740993 has 16 digits; a spreadsheet keeps at most 15"
        );
    }

    #[test]
    fn texts_that_a_cell_cannot_hold_are_refused() {
        assert!(fault_of_text("a\u{b}").is_some());
        assert!(fault_of_text(&"é".repeat(LONGEST_TEXT)).is_none());
        assert!(fault_of_text(&"x".repeat(LONGEST_TEXT + 1)).is_some());
    }
}
