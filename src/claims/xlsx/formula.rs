//! Detects formulas that add up rows, as in a totals row.

use crate::claims::xlsx::cell_address::CellArea;

/// Functions that add up or count rows.
const AGGREGATES: [&str; 15] = [
    "SUM(",
    "SUMPRODUCT(",
    "SUMIF(",
    "SUMIFS(",
    "SUBTOTAL(",
    "AGGREGATE(",
    "COUNT(",
    "COUNTA(",
    "COUNTIF(",
    "COUNTIFS(",
    "ROWS(",
    "AVERAGE(",
    "MIN(",
    "MAX(",
    "MEDIAN(",
];

/// The cells that a formula adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum SummedCells {
    /// Nothing, or cells of its own row.
    #[default]
    Nothing,
    /// Other rows, but not as totals do: including its own, only one, or those of
    /// another sheet.
    Rows,
    /// Named ranges, or entire columns.
    WhatIsNamed,
    /// Two or more rows above its own.
    RowsAbove,
}

impl SummedCells {
    /// The cells that this formula adds up in this row.
    pub(super) fn of(formula: &str, row: u32) -> Self {
        let formula = formula.to_ascii_uppercase().replace('$', "");
        if !AGGREGATES.iter().any(|name| formula.contains(name)) {
            return Self::Nothing;
        }
        let formula = without_quoted(&formula);
        let apart = |letter: char| {
            !letter.is_ascii_alphanumeric() && !matches!(letter, ':' | '!' | '_' | '.' | '(')
        };
        // A name before a bracket is a function.
        let names = formula
            .split(apart)
            .flat_map(|part| part.split_inclusive('('));
        let names = names.filter(|name| !name.ends_with('('));
        names
            .map(|name| Self::of_name(name, row))
            .max()
            .unwrap_or_default()
    }

    /// The meaning of a cell, a range, a number or a name within a formula.
    fn of_name(name: &str, row: u32) -> Self {
        if let Some((_, elsewhere)) = name.rsplit_once('!') {
            return match CellArea::read(elsewhere) {
                Some(_) => Self::Rows,
                None => Self::WhatIsNamed,
            };
        }
        match CellArea::read(name) {
            Some(area) => Self::of_area(area, row),
            None if name.starts_with(|letter: char| letter.is_ascii_digit()) => Self::Nothing,
            None if name.is_empty() => Self::Nothing,
            None => Self::WhatIsNamed,
        }
    }

    fn of_area(area: CellArea, row: u32) -> Self {
        let (first, last) = (area.first.row, area.last.row);
        if (first, last) == (row, row) {
            Self::Nothing
        } else if first < last && last < row {
            Self::RowsAbove
        } else {
            Self::Rows
        }
    }
}

/// A formula without its texts and quoted names of other sheets.
fn without_quoted(formula: &str) -> String {
    let mut quote = None;
    let is_outside = |letter: &char| {
        let quoted = quote.is_some();
        match (quote, *letter) {
            (Some(open), close) if open == close => quote = None,
            (None, open @ ('"' | '\'')) => quote = Some(open),
            _ => return !quoted,
        }
        false
    };
    formula.chars().filter(is_outside).collect()
}

#[cfg(test)]
mod tests {
    use crate::claims::xlsx::formula::SummedCells;

    #[test]
    fn sums_over_rows_are_told_from_sums_within_one() {
        for (formula, expected) in [
            ("SUM(C2:C10)", SummedCells::RowsAbove),
            ("sum($C$2:$C$10)", SummedCells::RowsAbove),
            ("SUMPRODUCT(B2:B10,C2:C10)", SummedCells::RowsAbove),
            ("ROUND(SUM(C2:C10),2)", SummedCells::RowsAbove),
            ("COUNTIF(B2:B10,\"x\")", SummedCells::RowsAbove),
            ("SUBTOTAL(109,Claims[loss])", SummedCells::WhatIsNamed),
            ("COUNTA(A:A)", SummedCells::WhatIsNamed),
            ("SUM(Sheet1!C2:C10)", SummedCells::Rows),
            (
                "SUMIF('Other one'!A2:A9,A11,'Other one'!B2:B9)",
                SummedCells::Rows,
            ),
            ("SUM(B$2:B11)", SummedCells::Rows),
            ("SUM(B$2:B2)", SummedCells::Rows),
            ("SUM(C11:F11)", SummedCells::Nothing),
            ("MIN(C11,500)", SummedCells::Nothing),
            ("MIN(C2,5E3)", SummedCells::Rows),
            ("SUM(Losses)", SummedCells::WhatIsNamed),
            ("COUNTIF(B11:F11,\"x\")", SummedCells::Nothing),
            ("C2*1.5", SummedCells::Nothing),
            ("IF(A2=\"\",\"\",B2)", SummedCells::Nothing),
            ("", SummedCells::Nothing),
        ] {
            assert_eq!(SummedCells::of(formula, 11), expected, "{formula}");
        }
    }
}
