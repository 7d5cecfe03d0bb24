//! Whether the last row of a sheet is that of totals.

use super::place::Area;
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
            signs.aggregates |= adds_rows_up(&cell.formula);
        }
    }

    /// The row ends; it is this data row, and this row of the sheet.
    pub fn end_row(&mut self, data_row: u64, row: u32) {
        self.before = std::mem::replace(&mut self.last, self.current);
        self.place = Some((data_row, row));
    }

    /// What the last row is, if it seems to be one of totals: the data row, its row
    /// in the sheet, and what speaks for it.
    pub fn found(&self) -> Option<(u64, u32, Seems)> {
        let last = self.last;
        let (data_row, row) = self.place?;
        let seems = if last.id_of_total || (!last.has_id && (last.word || last.aggregates)) {
            Seems::Totals
        } else if !last.has_id && last.numbers {
            Seems::WithoutId
        } else if last.aggregates && !self.before.formulas && data_row > 1 {
            // Where the row before has formulas too, rows are worked out by them.
            Seems::AddingUp
        } else {
            return None;
        };
        Some((data_row, row, seems))
    }
}

/// Why a row seems to be one of totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seems {
    /// A word or a formula says so, and it has no claimant.
    Totals,
    /// It has numbers and no id.
    WithoutId,
    /// It adds other rows up, but has an id.
    AddingUp,
}

impl Seems {
    /// What is wrong with the row, and what to do.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Totals => (
                "the last row is a row of totals, and no claimant's",
                "remove the row: its sums are no claim",
            ),
            Self::WithoutId => (
                "the last row has numbers and no id, as a row of totals has",
                "remove it if it is one; a claim needs the id of its claimant",
            ),
            Self::AddingUp => (
                "the last row adds other rows up, as a row of totals does",
                "remove the row, or write what it adds up as a number",
            ),
        }
    }
}

/// Whether a formula adds rows up, and not only cells of one row.
fn adds_rows_up(formula: &str) -> bool {
    let formula = formula.to_ascii_uppercase().replace('$', "");
    if !AGGREGATES.iter().any(|name| formula.contains(name)) {
        return false;
    }
    let ranges = formula.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':');
    let ranges = ranges.filter(|range| range.contains(':'));
    let areas: Vec<Area> = ranges.filter_map(Area::read).collect();
    // What is named in another way may be anything.
    areas.is_empty() || areas.iter().any(|area| area.first.row < area.last.row)
}

#[cfg(test)]
mod tests {
    use super::adds_rows_up;

    #[test]
    fn sums_over_rows_are_told_from_sums_within_one() {
        for formula in [
            "SUM(C2:C10)",
            "sum($C$2:$C$10)",
            "SUBTOTAL(109,Claims[loss])",
            "COUNTA(A:A)",
            "ROUND(SUM(Sheet1!C2:C10),2)",
        ] {
            assert!(adds_rows_up(formula), "{formula}");
        }
        for formula in ["SUM(C4:F4)", "C2*1.5", "IF(A2=\"\",\"\",B2)", ""] {
            assert!(!adds_rows_up(formula), "{formula}");
        }
    }
}
