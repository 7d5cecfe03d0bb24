//! Whether the last row of a sheet is that of totals.

use super::sheet::{Cell, Kind};
use crate::claims::usable_id;

/// Functions that add rows up, or count them.
const AGGREGATES: [&str; 6] = [
    "SUM(",
    "SUBTOTAL(",
    "AGGREGATE(",
    "COUNT(",
    "COUNTA(",
    "AVERAGE(",
];

/// What is known of the last two rows.
#[derive(Debug, Default)]
pub struct Totals {
    before: Signs,
    last: Signs,
    /// The last data row, and its row in the sheet.
    place: Option<(u64, u32)>,
    current: Signs,
}

/// What speaks for and against a row of totals.
#[derive(Debug, Default, Clone, Copy)]
struct Signs {
    has_id: bool,
    id_of_total: bool,
    word: bool,
    numbers: bool,
    formulas: bool,
    aggregates: bool,
}

impl Totals {
    /// A row begins.
    pub fn begin_row(&mut self) {
        self.current = Signs::default();
    }

    /// A cell of the row, with its text.
    pub fn cell(&mut self, cell: &Cell, is_id: bool, text: &str) {
        let signs = &mut self.current;
        let is_text = matches!(cell.kind, Kind::Shared | Kind::Inline | Kind::Text);
        let of_total = is_text && usable_id::is_total(text.trim().as_bytes());
        if is_id {
            (signs.has_id, signs.id_of_total) = (true, of_total);
        } else {
            signs.word |= of_total;
            signs.numbers |= cell.kind == Kind::Number;
        }
        if cell.has_formula {
            signs.formulas = true;
            let formula = cell.formula.to_ascii_uppercase();
            signs.aggregates |= AGGREGATES.iter().any(|name| formula.contains(name));
        }
    }

    /// The row ends; it is this data row, and this row of the sheet.
    pub fn end_row(&mut self, data_row: u64, row: u32) {
        self.before = std::mem::replace(&mut self.last, self.current);
        self.place = Some((data_row, row));
    }

    /// The data row of totals at the end, and its row in the sheet.
    pub fn found(&self) -> Option<(u64, u32)> {
        let last = self.last;
        let nobodys = !last.has_id || last.id_of_total;
        let sums = last.word || last.numbers || last.aggregates || last.id_of_total;
        // Where every row adds its own cells up, that is no total.
        let adds_up = last.aggregates && !self.before.formulas;
        let several = self.place.is_some_and(|(data_row, _)| data_row > 1);
        self.place
            .filter(|_| (nobodys && sums) || (adds_up && several))
    }
}
