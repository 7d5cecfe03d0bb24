//! Cell addresses: `B17` is column 2, row 17.

/// Maximum number of columns in a sheet.
pub(crate) const COLUMNS: u32 = 16_384;

/// Maximum number of rows in a sheet.
pub(crate) const ROWS: u32 = 1_048_576;

/// The address of a cell; columns and rows count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellAddress {
    pub column: u32,
    pub row: u32,
}

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellArea {
    /// The top left cell.
    pub first: CellAddress,
    pub last: CellAddress,
}

impl CellAddress {
    /// Parses `B17`; `None` if no sheet has such a cell.
    pub fn read(text: &str) -> Option<Self> {
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let (letters, digits) = text.split_at_checked(letters)?;
        let mut column = 0_u32;
        for letter in letters.bytes() {
            column = column.checked_mul(26)? + u32::from(letter - b'A') + 1;
        }
        if digits.starts_with(['0', '+']) {
            return None;
        }
        let row = digits.parse().ok()?;
        let place = Self { column, row };
        (1..=COLUMNS).contains(&column).then_some(place)?;
        (1..=ROWS).contains(&row).then_some(place)
    }

    /// The name in a spreadsheet.
    pub fn name(self) -> String {
        format!("{}{}", letters(self.column), self.row)
    }
}

impl CellArea {
    /// Parses `A1:B2`, or one cell.
    pub fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let (first, last) = (CellAddress::read(first)?, CellAddress::read(last)?);
        Some(Self { first, last })
    }

    /// An entire row.
    pub fn of_row(row: u32) -> Self {
        Self {
            first: CellAddress { column: 1, row },
            last: CellAddress {
                column: COLUMNS,
                row,
            },
        }
    }

    /// True if the area contains a cell, or the entire row if there is no column.
    pub fn holds(self, row: u32, column: Option<u32>) -> bool {
        let columns = self.first.column..=self.last.column;
        (self.first.row..=self.last.row).contains(&row)
            && match column {
                Some(column) => columns.contains(&column),
                None => columns == (1..=COLUMNS),
            }
    }

    /// The name in a spreadsheet.
    pub fn name(self) -> String {
        format!("{}:{}", self.first.name(), self.last.name())
    }
}

/// The letters of a column: 1 is `A`, 27 is `AA`.
pub(crate) fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_the_letters_that_are_read_as_it() {
        for column in 1..=COLUMNS {
            let place = CellAddress { column, row: 17 };
            assert_eq!(CellAddress::read(&place.name()), Some(place));
        }
        assert_eq!(letters(1), "A");
        assert_eq!(letters(28), "AB");
        assert_eq!(letters(COLUMNS), "XFD");
    }

    #[test]
    fn what_is_in_no_sheet_is_no_place() {
        for text in [
            "",
            "A",
            "1",
            "A0",
            "A01",
            "a1",
            "XFE1",
            "A1048577",
            "A+1",
            "$A$1",
            "ZZZZZZZZ1",
        ] {
            assert_eq!(CellAddress::read(text), None, "{text}");
        }
        assert!(CellAddress::read("XFD1048576").is_some());
    }
}
