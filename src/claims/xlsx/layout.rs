//! Where in a sheet the rows and columns of the claims stand.

use crate::claims::xlsx::cell_address::CellAddress;

/// Where in a sheet the rows and columns of the claims stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetLayout {
    pub header_row: Option<u32>,
    /// The columns that have a name: each with its number in the sheet.
    pub columns: Vec<(u32, String)>,
    /// How many data rows there are.
    pub rows: u64,
    /// Data rows that do not follow the one before at once, and the first: the
    /// number of each, from 1, and its row in the sheet.
    leaps: Vec<(u64, u32)>,
    last_row: u32,
}

impl SheetLayout {
    /// Notes the next data row; its number, from 1.
    pub fn push(&mut self, row: u32) -> u64 {
        self.rows += 1;
        if self.rows == 1 || row != self.last_row + 1 {
            self.leaps.push((self.rows, row));
        }
        self.last_row = row;
        self.rows
    }

    /// The row of the sheet in which a data row stands.
    pub fn row(&self, data_row: u64) -> u32 {
        let after = self
            .leaps
            .partition_point(|(number, _)| *number <= data_row);
        let leap = after.checked_sub(1).and_then(|leap| self.leaps.get(leap));
        leap.map_or(0, |(number, row)| {
            row + u32::try_from(data_row - number).unwrap_or(0)
        })
    }

    /// The data row that stands in this row of the sheet.
    pub fn data_row(&self, row: u32) -> Option<u64> {
        let after = self.leaps.partition_point(|(_, first)| *first <= row);
        let (number, first) = self.leaps.get(after.checked_sub(1)?)?;
        let data_row = number + u64::from(row - first);
        (data_row <= self.rows && self.row(data_row) == row).then_some(data_row)
    }

    /// The name of the column with this number in the sheet.
    pub fn name(&self, column: u32) -> Option<&str> {
        let found = self.columns.iter().find(|(known, _)| *known == column)?;
        Some(&found.1)
    }

    /// What a spreadsheet calls the cell of a data row under this name, or the
    /// row.
    pub fn place(&self, data_row: u64, column: Option<&str>) -> String {
        let row = self.row(data_row);
        match self.column(column) {
            Some(column) => format!("cell {}", CellAddress { column, row }.name()),
            None => format!("row {row}"),
        }
    }

    /// The number in the sheet of the column of this name.
    pub fn column(&self, name: Option<&str>) -> Option<u32> {
        let mut columns = self.columns.iter();
        let found = columns.find(|(_, known)| Some(known.as_str()) == name)?;
        Some(found.0)
    }

    /// The first and the last row with anything in it.
    pub fn extent(&self) -> Option<(u32, u32)> {
        let first = self.header_row?;
        Some((first, self.last_row.max(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_rows_are_found_in_the_sheet_and_back() {
        let mut layout = SheetLayout {
            columns: vec![(2, "id".to_owned()), (28, "loss".to_owned())],
            ..SheetLayout::default()
        };
        for (number, row) in (1..).zip([4, 5, 9, 12, 13]) {
            assert_eq!(layout.push(row), number);
        }
        for (number, row) in (1..).zip([4, 5, 9, 12, 13]) {
            assert_eq!(layout.row(number), row);
            assert_eq!(layout.data_row(row), Some(number));
        }
        for row in [1, 3, 6, 8, 10, 11, 14] {
            assert_eq!(layout.data_row(row), None, "row {row}");
        }
        assert_eq!(layout.place(3, Some("loss")), "cell AB9");
        assert_eq!(layout.place(3, None), "row 9");
    }
}
