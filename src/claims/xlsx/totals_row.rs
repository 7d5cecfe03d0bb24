//! Detects totals rows in a sheet.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::base::diagnostics::Message;
use crate::claims::ids::validity::names_total;
use crate::claims::xlsx::cell_address::CellAddress;
use crate::claims::xlsx::formula::SummedCells;
use crate::claims::xlsx::sheet_cell::{CellType, SheetCell};
use crate::claims::xlsx::{messages, number};

/// Sums with at least this many digits in total rarely match by chance.
const TELLING_DIGITS: usize = 4;

/// Facts about the rows so far.
#[derive(Debug, Default)]
pub(super) struct TotalsRowDetector {
    before: TotalsRowSigns,
    current: TotalsRowSigns,
    /// The latest data row, and its row in the sheet.
    place: Option<(u64, u32)>,
    /// By column, the sum of all rows before the last one; `None` if it is too
    /// large.
    sums: BTreeMap<u32, Option<Decimal>>,
    /// By column, the meaning of the latest formula.
    formulas: BTreeMap<u32, SummedCells>,
    /// Columns in which an earlier row had a word like `Total`.
    words: Vec<u32>,
    ids: IdShapes,
    /// Rows that are certainly not claims, wherever they are.
    found: Vec<(u64, u32, TotalsRowReason)>,
}

/// The kinds of ids so far.
#[derive(Debug, Default, Clone, Copy)]
struct IdShapes {
    texts: bool,
    numbers: bool,
    formulas: bool,
}

/// Signs for and against a totals row.
#[derive(Debug, Default, Clone)]
struct TotalsRowSigns {
    ids: IdShapes,
    id_of_total: bool,
    /// True if a cell has a word like `Total`, in a column where none had before.
    word: bool,
    words: Vec<u32>,
    has_number: bool,
    numbers: Vec<(u32, Decimal)>,
    /// Columns with formulas.
    formulas: Vec<u32>,
    /// The meaning of the formulas, unless the previous row had the same.
    adds: SummedCells,
    /// True if every number is the sum of its column.
    sums: bool,
}

impl TotalsRowDetector {
    pub(super) fn begin_row(&mut self) {
        self.current = TotalsRowSigns::default();
    }

    /// Processes a cell of the row, with its text.
    pub(super) fn cell(&mut self, place: CellAddress, cell: &SheetCell, is_id: bool, text: &str) {
        let (row, column) = (&mut self.current, place.column);
        let of_total = cell.is_text() && names_total(text);
        let is_number = cell.kind == CellType::Number;
        if is_id {
            row.ids = IdShapes {
                texts: !is_number,
                numbers: is_number,
                formulas: cell.has_formula,
            };
            row.id_of_total = of_total;
        } else if of_total {
            row.word |= !self.words.contains(&column);
            row.words.push(column);
        } else if is_number && !text.is_empty() {
            row.has_number = true;
            if let Ok(number) = Decimal::from_str_exact(text) {
                row.numbers.push((column, number));
            }
        }
        if !cell.has_formula {
            return;
        }
        row.formulas.push(column);
        // Without letters, it repeats the formula of another cell of its column.
        if cell.formula.is_empty() {
            return;
        }
        let adds = SummedCells::of(&cell.formula, place.row);
        let same_before = self.before.formulas.contains(&column)
            && self
                .formulas
                .get(&column)
                .is_some_and(|adds| *adds != SummedCells::Nothing);
        if !same_before {
            row.adds = row.adds.max(adds);
        }
        self.formulas.insert(column, adds);
    }

    /// Processes a text in a column that is not part of the table.
    pub(super) fn outside(&mut self, column: u32, text: &str) {
        if names_total(text) {
            self.current.word |= !self.words.contains(&column);
            self.current.words.push(column);
        }
    }

    /// Ends the row, with its numbers as data row and in the sheet.
    pub(super) fn end_row(&mut self, data_row: u64, row: u32) {
        let current = &mut self.current;
        let sums = &mut self.sums;
        current.sums = !current.numbers.is_empty()
            && current
                .numbers
                .iter()
                .all(|(column, number)| sums.get(column) == Some(&Some(*number)));
        for (column, number) in &current.numbers {
            let sum = sums.entry(*column).or_insert(Some(Decimal::ZERO));
            *sum = sum.and_then(|sum| sum.checked_add(*number));
        }
        let adds_up = current.adds == SummedCells::RowsAbove && data_row > 2;
        let has_id = current.ids.texts || current.ids.numbers;
        if current.id_of_total || (adds_up && !has_id) {
            self.found.push((data_row, row, TotalsRowReason::Totals));
        } else if adds_up {
            self.found.push((data_row, row, TotalsRowReason::AddingUp));
        }
        let before = std::mem::replace(&mut self.before, std::mem::take(current));
        self.ids.texts |= before.ids.texts;
        self.ids.numbers |= before.ids.numbers;
        self.ids.formulas |= before.ids.formulas;
        for column in &self.before.words {
            if !self.words.contains(column) {
                self.words.push(*column);
            }
        }
        self.place = Some((data_row, row));
    }

    /// The rows that seem to be totals rows: data row, row in the sheet, and
    /// reason.
    pub(super) fn found(mut self) -> Vec<(u64, u32, TotalsRowReason)> {
        let last = self.place.filter(|(last, _)| {
            let found = self.found.last();
            found.is_none_or(|(data_row, ..)| data_row != last)
        });
        if let Some((data_row, row)) = last
            && let Some(seems) = self.last_seems(data_row)
        {
            self.found.push((data_row, row, seems));
        }
        self.found
    }

    /// The reason why the last row seems to be a totals row. Fewer signs are needed
    /// there.
    fn last_seems(&self, data_row: u64) -> Option<TotalsRowReason> {
        let last = &self.before;
        let (id, others) = (last.ids, self.ids);
        let has_id = id.texts || id.numbers;
        let unlike = data_row > 1
            && ((id.texts && !others.texts)
                || (id.numbers && !others.numbers)
                || (id.formulas && !others.formulas));
        let digits: usize = last
            .numbers
            .iter()
            .map(|(_, number)| number::significant(&number.to_string()))
            .sum();
        if !has_id && (last.word || last.adds != SummedCells::Nothing) {
            Some(TotalsRowReason::Totals)
        } else if !has_id && last.has_number {
            Some(TotalsRowReason::WithoutId)
        } else if last.word && (last.has_number || id.numbers) && (unlike || last.sums) {
            Some(TotalsRowReason::Totals)
        } else if data_row > 1 && last.adds >= SummedCells::WhatIsNamed {
            Some(TotalsRowReason::AddingUp)
        } else if last.sums && (unlike && data_row > 2 || data_row > 3 && digits >= TELLING_DIGITS)
        {
            Some(TotalsRowReason::Sums)
        } else {
            None
        }
    }
}

/// The reason why a row seems to be a totals row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TotalsRowReason {
    /// A word or a formula shows it, and it has no claimant.
    Totals,
    /// It has numbers but no id.
    WithoutId,
    /// It adds up other rows, but has an id.
    AddingUp,
    /// Its numbers are the sums of the others, but it has an id.
    Sums,
}

impl TotalsRowReason {
    pub(super) fn message(self) -> Message {
        match self {
            Self::Totals => messages::totals_row(),
            Self::WithoutId => messages::last_row_without_id(),
            Self::AddingUp => messages::row_adds_up(),
            Self::Sums => messages::last_row_is_sum(),
        }
    }
}
