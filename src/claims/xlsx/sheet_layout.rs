//! The positions of the rows and columns of the claims in a sheet.

use crate::claims::xlsx::cell_address::CellAddress;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetLayout {
    pub header_row: Option<u32>,
    /// The named columns, each with its number in the sheet.
    pub columns: Vec<(u32, String)>,
    pub rows: u64,
    /// The first data row, and those that do not directly follow the previous one:
    /// number, from 1, and row in the sheet.
    leaps: Vec<(u64, u32)>,
    last_row: u32,
}

impl SheetLayout {
    /// Adds the next data row and returns its number, from 1.
    pub fn push(&mut self, row: u32) -> u64 {
        self.rows += 1;
        if self.rows == 1 || row != self.last_row + 1 {
            self.leaps.push((self.rows, row));
        }
        self.last_row = row;
        self.rows
    }

    /// The row of the sheet that contains a data row.
    pub fn row(&self, data_row: u64) -> u32 {
        let after = self
            .leaps
            .partition_point(|(number, _)| *number <= data_row);
        let leap = after.checked_sub(1).and_then(|leap| self.leaps.get(leap));
        leap.map_or(0, |(number, row)| {
            row + u32::try_from(data_row - number).unwrap_or(0)
        })
    }

    /// The data row in this row of the sheet.
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

    /// The spreadsheet's name for a cell of a data row, or for the row.
    pub fn place(&self, data_row: u64, column: Option<&str>) -> String {
        let row = self.row(data_row);
        match self.column(column) {
            Some(column) => format!("cell {}", CellAddress { column, row }.name()),
            None => format!("row {row}"),
        }
    }

    /// The number in the sheet of the column with this name.
    pub fn column(&self, name: Option<&str>) -> Option<u32> {
        let mut columns = self.columns.iter();
        let found = columns.find(|(_, known)| Some(known.as_str()) == name)?;
        Some(found.0)
    }

    /// The number of empty rows between the header and the last row.
    pub fn empty_rows(&self) -> u64 {
        let all = self.extent().map_or(0, |(first, last)| last - first);
        u64::from(all).saturating_sub(self.rows)
    }

    /// The first and the last row that are not empty.
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
        layout.header_row = Some(3);
        assert_eq!(layout.empty_rows(), 5);
    }
}
