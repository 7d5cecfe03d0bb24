//! Amount formulas: `shares`, `award` and the limits of a pool.
//!
//! A formula is a list of steps, applied in order to a running value that starts at
//! 0. All results are exact decimals; a result that cannot be held exactly is an
//! error, never rounded.
#![allow(clippy::inline_always, reason = "see `exact`")]

pub(crate) mod reader;

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::diagnostics::{listing, literal, nearest};
use crate::plan::cell::{CellFault, Cells, ColumnId};
use crate::plan::cell_messages;
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::condition::Condition;
use crate::plan::kinds::words;

/// A formula; it has at least one step.
#[derive(Debug, Clone)]
pub struct Formula {
    steps: Vec<FormulaStep>,
    pub line: usize,
    /// The value, if no step reads the claim and the formula has a value.
    constant: Option<Decimal>,
}

#[derive(Debug, Clone)]
pub struct FormulaStep {
    pub verb: Operation,
    pub operand: Operand,
    /// The condition; without entries, the step always applies.
    pub when: Condition,
    /// The label in explanations.
    pub label: Option<String>,
    pub line: usize,
}

/// The effect of a step on the running value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Add,
    /// Subtracts the operand.
    Subtract,
    Times,
    /// Raises the value to the operand, if it is less.
    AtLeast,
    /// Lowers the value to the operand, if it is greater.
    AtMost,
}

words! {
    Operation { "add" Add, "subtract" Subtract, "times" Times, "at_least" AtLeast, "at_most" AtMost }
}

#[derive(Debug, Clone)]
pub enum Operand {
    Number(Decimal),
    Cell(CellOperand),
    /// A multiple of the claimant's own shares or award.
    Award(Decimal),
}

/// A cell as operand, computed in the order cell, `up_to`, `brackets`, `times`.
#[derive(Debug, Clone)]
pub struct CellOperand {
    pub column: ColumnId,
    /// The conversion of the cell to a number.
    pub reading: CellReading,
    pub format: ColumnFormat,
    /// The cap on the cell's value.
    pub up_to: Option<Decimal>,
    /// Marginal brackets in ascending order; empty if there are none.
    pub brackets: Vec<Bracket>,
    /// The factor.
    pub times: Option<Decimal>,
}

/// The conversion of a cell to a number.
#[derive(Debug, Clone)]
pub enum CellReading {
    /// The cell is a number. A blank cell counts as `blank`; without `blank`, it is
    /// an error.
    Number { blank: Option<Decimal> },
    /// The cell is a text to which the table assigns a number; any other text is an
    /// error.
    Table(Vec<(String, Decimal)>),
}

/// One bracket: the part of an amount up to `to` counts at `rate`.
#[derive(Debug, Clone)]
pub struct Bracket {
    /// The upper end; the last bracket has none.
    pub to: Option<Decimal>,
    pub rate: Decimal,
}

/// Receives the steps of a formula while it is evaluated, for explanations.
pub trait FormulaTrace {
    /// Starts a formula; `key` is its key in the plan, or `weight`.
    fn formula(&mut self, key: &'static str, formula: &Formula);
    /// Reports a step: the operand if the step applied, and the running value after
    /// it.
    fn step(&mut self, step: &FormulaStep, operand: Option<Decimal>, running: Decimal);
    /// True if steps are recorded; otherwise they need not be evaluated one by one.
    fn listens(&self) -> bool {
        true
    }
}

/// Records nothing.
impl FormulaTrace for () {
    fn formula(&mut self, _: &'static str, _: &Formula) {}
    fn step(&mut self, _: &FormulaStep, _: Option<Decimal>, _: Decimal) {}
    fn listens(&self) -> bool {
        false
    }
}

/// The data that a formula may read.
#[derive(Debug)]
pub struct ClaimView<'a, C: Cells> {
    pub cells: &'a C,
    /// The claimant's membership in each subclass, in plan order.
    pub members: &'a [bool],
    /// The claimant's own shares or award, in the formulas of limits.
    pub award: Decimal,
}

/// The cells for a formula that reads none.
struct NoCells;

impl Cells for NoCells {
    #[expect(clippy::unnecessary_literal_bound, reason = "others have cells")]
    fn cell(&self, _: ColumnId) -> &str {
        ""
    }
}

impl Formula {
    /// A formula of these steps; `line` is its first line in the plan.
    pub fn new(steps: Vec<FormulaStep>, line: usize) -> Self {
        let mut formula = Self {
            steps,
            line,
            constant: None,
        };
        let is_constant = |step: &FormulaStep| {
            matches!(step.operand, Operand::Number(_)) && step.when.entries.is_empty()
        };
        if formula.steps.iter().all(is_constant) {
            let nobody = ClaimView {
                cells: &NoCells,
                members: &[],
                award: Decimal::ZERO,
            };
            // A formula without a value is an error of each claim.
            formula.constant = formula.work_out(&nobody, &mut ()).ok();
        }
        formula
    }

    pub fn steps(&self) -> &[FormulaStep] {
        &self.steps
    }

    /// The value of the formula for a claim; never negative.
    #[inline(always)]
    pub fn value<C: Cells>(
        &self,
        claim: &ClaimView<'_, C>,
        trace: &mut impl FormulaTrace,
    ) -> Result<Decimal, CellFault> {
        match self.constant {
            Some(constant) if !trace.listens() => Ok(constant),
            _ => self.work_out(claim, trace),
        }
    }

    fn work_out<C: Cells>(
        &self,
        claim: &ClaimView<'_, C>,
        trace: &mut impl FormulaTrace,
    ) -> Result<Decimal, CellFault> {
        let mut running = Decimal::ZERO;
        for step in &self.steps {
            if !step.when.holds(claim.cells, claim.members)? {
                trace.step(step, None, running);
                continue;
            }
            let operand = step.operand.value(claim)?;
            running = step
                .verb
                .apply(running, operand)
                .ok_or_else(|| inexact_at(step.line))?;
            trace.step(step, Some(operand), running);
        }
        if running.is_sign_negative() && !running.is_zero() {
            return Err(self.is_negative(running));
        }
        Ok(running)
    }

    #[cold]
    fn is_negative(&self, value: Decimal) -> CellFault {
        cell_messages::formula_negative(self.line, &decimal::text(value)).into()
    }

    /// The columns that operands and conditions may read.
    pub fn columns(&self) -> impl Iterator<Item = ColumnId> {
        self.steps.iter().flat_map(|step| {
            let operand = match &step.operand {
                Operand::Cell(operand) => Some(operand.column),
                Operand::Number(_) | Operand::Award(_) => None,
            };
            step.when.columns().chain(operand)
        })
    }

    /// The columns whose numbers add to the result, as opposed to factors.
    pub fn amount_columns(&self) -> impl Iterator<Item = ColumnId> {
        let steps = self
            .steps
            .iter()
            .filter(|step| step.verb != Operation::Times);
        steps.filter_map(|step| step.operand.number_column())
    }

    pub fn number_columns(&self) -> impl Iterator<Item = ColumnId> {
        let steps = self.steps.iter();
        steps.filter_map(|step| step.operand.number_column())
    }
}

#[cold]
fn inexact_at(line: usize) -> CellFault {
    cell_messages::step_too_precise(line).into()
}

#[cold]
fn inexact() -> CellFault {
    cell_messages::result_too_precise().into()
}

impl Operation {
    #[inline(always)]
    fn apply(self, running: Decimal, operand: Decimal) -> Option<Decimal> {
        match self {
            Self::Add => decimal::sum(running, operand),
            Self::Subtract => decimal::difference(running, operand),
            Self::Times => decimal::product(running, operand),
            Self::AtLeast => Some(running.max(operand)),
            Self::AtMost => Some(running.min(operand)),
        }
    }
}

impl Operand {
    /// The column that the operand reads as a number.
    pub fn number_column(&self) -> Option<ColumnId> {
        match self {
            Self::Cell(CellOperand {
                column,
                reading: CellReading::Number { .. },
                ..
            }) => Some(*column),
            _ => None,
        }
    }

    #[inline(always)]
    pub fn value<C: Cells>(&self, claim: &ClaimView<'_, C>) -> Result<Decimal, CellFault> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Award(factor) => decimal::product(claim.award, *factor).ok_or_else(inexact),
            Self::Cell(operand) => operand.value(claim.cells.cell(operand.column)),
        }
    }
}

impl CellOperand {
    #[inline(always)]
    pub fn value(&self, cell: &str) -> Result<Decimal, CellFault> {
        let mut value = self.read(cell)?;
        if let Some(up_to) = self.up_to {
            value = value.min(up_to);
        }
        if !self.brackets.is_empty() {
            value = marginal(&self.brackets, value).ok_or_else(inexact)?;
        }
        match self.times {
            Some(times) => decimal::product(value, times).ok_or_else(inexact),
            None => Ok(value),
        }
    }

    #[inline(always)]
    fn read(&self, cell: &str) -> Result<Decimal, CellFault> {
        match &self.reading {
            CellReading::Number { blank: Some(blank) } if cell.is_empty() => Ok(*blank),
            CellReading::Number { blank: None } if cell.is_empty() => Err(self.is_blank()),
            CellReading::Number { .. } => self.format.number(self.column, cell),
            CellReading::Table(table) => self.look_up(table, cell),
        }
    }

    #[cold]
    fn is_blank(&self) -> CellFault {
        CellFault::at(self.column, cell_messages::blank_as_number())
    }

    fn look_up(&self, table: &[(String, Decimal)], cell: &str) -> Result<Decimal, CellFault> {
        if let Some((_, number)) = table.iter().find(|(text, _)| text == cell) {
            return Ok(*number);
        }
        let texts: Vec<&str> = table.iter().map(|(text, _)| text.as_str()).collect();
        let shown = if cell.is_empty() {
            "a blank cell".to_owned()
        } else {
            literal(cell)
        };
        let hint = match nearest(cell, texts.iter().copied()) {
            Some(near) if !near.is_empty() => format!("did you mean {}?", literal(near)),
            _ => format!("the table has {}", listing(&texts)),
        };
        let message = cell_messages::not_in_table(&shown).hint(hint);
        Err(CellFault::at(self.column, message))
    }
}

/// Marginal brackets, like income tax: each part of the amount counts at its own
/// rate.
fn marginal(brackets: &[Bracket], amount: Decimal) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    let mut start = Decimal::ZERO;
    for bracket in brackets {
        let end = bracket.to.map_or(amount, |to| to.min(amount));
        if end > start {
            let part = decimal::product(decimal::difference(end, start)?, bracket.rate)?;
            total = decimal::sum(total, part)?;
        }
        start = end.max(start);
    }
    Some(total)
}
