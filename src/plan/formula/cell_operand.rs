//! A cell, or a named value, as operand of a step.
#![allow(clippy::inline_always, reason = "see `exact`")]

use rust_decimal::Decimal;

use crate::base::diagnostics::{listing, literal, mistyped, nearest};
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ColumnId, ComputedCell, Facts, NumberSource};
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::{cell_messages, map_hints};

/// A cell as operand, computed in the order cell, `up_to`, `brackets`, `times`.
#[derive(Debug, Clone)]
pub struct CellOperand {
    pub source: NumberSource,
    /// The conversion of the cell to a number.
    pub reading: CellReading,
    pub format: ColumnFormat,
    /// The cap on the cell's value.
    pub up_to: Option<Exact>,
    /// Marginal brackets in ascending order; empty if there are none.
    pub brackets: Vec<Bracket>,
    /// The factor.
    pub times: Option<Exact>,
}

/// The conversion of a cell to a number.
#[derive(Debug, Clone)]
pub enum CellReading {
    /// The cell is a number. A blank cell counts as `blank`; without `blank`, it is
    /// an error.
    Number { blank: Option<Exact> },
    /// The cell is a text to which the table assigns a number; any other text is an
    /// error.
    Table(Vec<(String, Exact)>),
}

/// One bracket: the part of an amount up to `to` counts at `rate`.
#[derive(Debug, Clone)]
pub struct Bracket {
    /// The upper end; the last bracket has none.
    pub to: Option<Decimal>,
    pub rate: Exact,
}

impl CellOperand {
    /// The column that the operand reads; `None` if it reads a named value.
    pub fn column(&self) -> Option<ColumnId> {
        match self.source {
            NumberSource::Column(column) => Some(column),
            NumberSource::Value(_) => None,
        }
    }

    #[inline(always)]
    pub fn value(&self, facts: &impl Facts) -> Result<Exact, CellFault> {
        let mut value = match self.source {
            NumberSource::Column(column) => match facts.computed(column) {
                Some(ComputedCell::Number(number)) => number,
                _ => self.read(column, facts.cell(column))?,
            },
            NumberSource::Value(value) => facts.value(value)?,
        };
        if let Some(up_to) = self.up_to.as_ref().filter(|up_to| **up_to < value) {
            value = up_to.clone();
        }
        if !self.brackets.is_empty() {
            if value.is_negative() {
                return Err(cell_messages::brackets_of_negative(&value.text()).into());
            }
            value = marginal(&self.brackets, &value);
        }
        Ok(match &self.times {
            Some(times) => value.times(times),
            None => value,
        })
    }

    #[inline(always)]
    fn read(&self, column: ColumnId, cell: &str) -> Result<Exact, CellFault> {
        match &self.reading {
            CellReading::Number { blank } if cell.is_empty() => {
                blank_number(blank.as_ref(), column).cloned()
            }
            CellReading::Number { .. } => self.format.number(column, cell).map(Exact::Decimal),
            CellReading::Table(table) => look_up(table, column, cell).cloned(),
        }
    }
}

/// The number for a blank cell.
pub(super) fn blank_number(blank: Option<&Exact>, column: ColumnId) -> Result<&Exact, CellFault> {
    blank.ok_or_else(|| CellFault::at(column, cell_messages::blank_as_number()))
}

/// The number of the text in the cell.
pub(super) fn look_up<'t>(
    table: &'t [(String, Exact)],
    column: ColumnId,
    cell: &str,
) -> Result<&'t Exact, CellFault> {
    if let Some((_, number)) = table.iter().find(|(text, _)| text == cell) {
        return Ok(number);
    }
    let texts: Vec<&str> = table.iter().map(|(text, _)| text.as_str()).collect();
    let shown = if cell.is_empty() {
        "a blank cell".to_owned()
    } else {
        literal(cell)
    };
    let near = nearest(cell, texts.iter().copied());
    let hint = map_hints::not_in_table(cell, near, &listing(&texts));
    let meant = mistyped(cell, texts).map(str::to_owned);
    let message = cell_messages::not_in_table(&shown).hint(hint);
    Err(CellFault::at(column, message.suggest(meant)))
}

/// Marginal brackets, like income tax: each part of the amount counts at its own
/// rate.
fn marginal(brackets: &[Bracket], amount: &Exact) -> Exact {
    let mut total = Exact::ZERO;
    let mut start = Exact::ZERO;
    for bracket in brackets {
        let end = bracket.to.map(Exact::Decimal);
        let end = end
            .filter(|end| end < amount)
            .unwrap_or_else(|| amount.clone());
        if end > start {
            total = total.plus(&end.minus(&start).times(&bracket.rate));
            start = end;
        }
    }
    total
}
