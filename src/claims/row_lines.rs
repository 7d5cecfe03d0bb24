//! The lines of CSV files on which rows begin.

/// The first row of each run of rows that follow each other line by line.
#[derive(Debug, Default)]
pub(crate) struct RowLines {
    /// The index of a row, and its line.
    leaps: Vec<(u64, u64)>,
}

impl RowLines {
    /// Records that a row, by index, begins on this line. If there is none yet, because
    /// empty lines follow, it is recorded again.
    pub(crate) fn note(&mut self, row: u64, line: u64) {
        while self.leaps.last().is_some_and(|(last, _)| *last >= row) {
            self.leaps.pop();
        }
        let follows = |(last, of_last): &(u64, u64)| line.checked_sub(*of_last) == Some(row - last);
        if !self.leaps.last().is_some_and(follows) {
            self.leaps.push((row, line));
        }
    }

    /// Appends rows that begin with this row, on this line.
    pub(crate) fn append(&mut self, rows: &Self, row: u64, line: u64) {
        self.note(row, line);
        for (later, of_later) in &rows.leaps {
            self.note(row + later, line + of_later);
        }
    }

    /// The line on which a row begins.
    pub(crate) fn line(&self, row: u64) -> Option<u64> {
        let after = self.leaps.partition_point(|(first, _)| *first <= row);
        let (first, line) = self.leaps.get(after.checked_sub(1)?)?;
        Some(line + row - first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_below_empty_lines_and_long_cells() {
        let mut lines = RowLines::default();
        let mut block = RowLines::default();
        block.note(2, 4);
        block.note(2, 5);
        block.note(3, 6);
        lines.append(&block, 0, 2);
        lines.append(&RowLines::default(), 4, 9);
        lines.append(&RowLines::default(), 5, 10);
        let found: Vec<_> = (0..7).map(|row| lines.line(row).unwrap()).collect();
        assert_eq!(found, [2, 3, 7, 8, 9, 10, 11]);
        assert_eq!(lines.leaps.len(), 2);
        assert_eq!(RowLines::default().line(0), None);
    }
}
