//! Amount formulas: `shares`, `award` and the limits of a pool.
//!
//! A formula is a list of steps, applied in order to a running value that starts at
//! 0. Values between steps are exact numbers of any size; what a pool reads must be a
//! decimal, and nothing is rounded unless a step says so.
#![allow(clippy::inline_always, reason = "see `exact`")]

mod cell_operand;
pub(crate) mod open;
mod plain;
pub(crate) mod reader;

use rust_decimal::Decimal;

use crate::base::exact::{Exact, Towards};
use crate::plan::cell::{CellFault, Cells, ColumnId, Facts, NumberSource, ValueId};
use crate::plan::cell_messages;
use crate::plan::condition::Condition;
use crate::plan::kinds::words;
use crate::plan::lookup_table::TableOperand;
use crate::plan::time_span::SpanOperand;

pub(crate) use crate::plan::formula::cell_operand::{Bracket, CellOperand, CellReading};

/// A formula; it has at least one step.
#[derive(Debug, Clone)]
pub struct Formula {
    steps: Vec<FormulaStep>,
    pub line: usize,
    /// The value, if no step reads the claim and the formula has a value.
    constant: Option<Exact>,
    /// True if it can be computed in decimals.
    plain: bool,
}

#[derive(Debug, Clone)]
pub struct FormulaStep {
    pub verb: Operation,
    pub operand: Operand,
    /// The condition; without entries, the step always applies.
    pub when: Condition,
    /// The label in explanations.
    pub label: Option<String>,
    pub source: Option<String>,
    pub line: usize,
}

/// The effect of a step on the running value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Add,
    /// Subtracts the operand.
    Subtract,
    Times,
    Divide,
    /// Raises the value to the operand, if it is less.
    AtLeast,
    /// Lowers the value to the operand, if it is greater.
    AtMost,
    /// Rounds to the nearest multiple of the operand.
    Round,
    RoundDown,
    RoundUp,
}

words! {
    Operation { "add" Add, "subtract" Subtract, "times" Times, "divide" Divide, "at_least" AtLeast, "at_most" AtMost, "round" Round, "round_down" RoundDown, "round_up" RoundUp }
}

#[derive(Debug, Clone)]
pub enum Operand {
    Number(Exact),
    Cell(CellOperand),
    /// A multiple of the claimant's own shares or award.
    Award(Exact),
    Table(TableOperand),
    Span(SpanOperand),
    /// A multiple of what an earlier pool pays the claimant.
    Pool {
        /// The position of the pool.
        pool: usize,
        times: Exact,
    },
}

/// Receives the steps of a formula while it is evaluated, for explanations.
pub trait FormulaTrace {
    /// Starts a formula; `key` is its key in the plan, or `weight`.
    fn formula(&mut self, key: &'static str, formula: &Formula);
    /// Reports a step: the operand if the step applied, and the running value after
    /// it.
    fn step(&mut self, step: &FormulaStep, operand: Option<&Exact>, running: &Exact);
    /// True if steps are recorded; otherwise they need not be evaluated one by one.
    fn listens(&self) -> bool {
        true
    }
}

/// Records nothing.
impl FormulaTrace for () {
    fn formula(&mut self, _: &'static str, _: &Formula) {}
    fn step(&mut self, _: &FormulaStep, _: Option<&Exact>, _: &Exact) {}
    fn listens(&self) -> bool {
        false
    }
}

/// The facts for a formula that reads none.
struct NoFacts;

impl Cells for NoFacts {
    #[expect(clippy::unnecessary_literal_bound, reason = "others have cells")]
    fn cell(&self, _: ColumnId) -> &str {
        ""
    }
}

impl Facts for NoFacts {
    fn member(&self, _: usize) -> Result<bool, CellFault> {
        Ok(false)
    }

    fn value(&self, _: ValueId) -> Result<Exact, CellFault> {
        Ok(Exact::ZERO)
    }
}

impl Formula {
    /// A formula of these steps; `line` is its first line in the plan.
    pub fn new(steps: Vec<FormulaStep>, line: usize) -> Self {
        let mut formula = Self {
            plain: plain::are_plain(&steps),
            steps,
            line,
            constant: None,
        };
        let is_constant = |step: &FormulaStep| {
            matches!(step.operand, Operand::Number(_)) && step.when.entries.is_empty()
        };
        if formula.steps.iter().all(is_constant) {
            // A formula without a value is an error of each claim.
            let constant = formula.work_out(&NoFacts, Decimal::ZERO, &mut ());
            formula.constant = constant.ok();
        }
        formula
    }

    /// The value, if it is the same for every claim.
    pub fn constant(&self) -> Option<&Exact> {
        self.constant.as_ref()
    }

    pub fn steps(&self) -> &[FormulaStep] {
        &self.steps
    }

    /// The value of the formula for a claim; `own` is the claimant's own shares or
    /// award, in the formulas of limits.
    #[inline(always)]
    pub fn value(
        &self,
        facts: &impl Facts,
        own: Decimal,
        trace: &mut impl FormulaTrace,
    ) -> Result<Exact, CellFault> {
        if !trace.listens() {
            if let Some(constant) = &self.constant {
                return Ok(constant.clone());
            }
            if self.plain
                && let Some(value) = self.plain_value(facts, own)?
            {
                return Ok(Exact::Decimal(value));
            }
        }
        self.work_out(facts, own, trace)
    }

    /// The value of a formula that cannot be negative.
    #[inline(always)]
    pub fn amount(
        &self,
        facts: &impl Facts,
        own: Decimal,
        trace: &mut impl FormulaTrace,
    ) -> Result<Exact, CellFault> {
        let value = self.value(facts, own, trace)?;
        self.not_negative(value)
    }

    /// The value, which cannot be negative.
    #[inline(always)]
    pub(crate) fn not_negative(&self, value: Exact) -> Result<Exact, CellFault> {
        if value.is_negative() {
            return Err(self.is_negative(&value));
        }
        Ok(value)
    }

    /// The value of a formula that must be a decimal, as shares and awards must be.
    #[inline(always)]
    pub fn decimal(
        &self,
        facts: &impl Facts,
        own: Decimal,
        trace: &mut impl FormulaTrace,
    ) -> Result<Decimal, CellFault> {
        self.as_decimal(self.value(facts, own, trace)?)
    }

    /// The value, which must be a decimal that is not negative.
    #[inline(always)]
    pub(crate) fn as_decimal(&self, value: Exact) -> Result<Decimal, CellFault> {
        let amount = self.not_negative(value)?;
        amount.decimal().ok_or_else(|| self.too_precise(&amount))
    }

    fn work_out(
        &self,
        facts: &impl Facts,
        own: Decimal,
        trace: &mut impl FormulaTrace,
    ) -> Result<Exact, CellFault> {
        let mut running = Exact::ZERO;
        for step in &self.steps {
            if !step.when.holds(facts)? {
                trace.step(step, None, &running);
                continue;
            }
            let operand = step.operand.value(facts, own)?;
            running = step
                .verb
                .apply(&running, &operand)
                .ok_or_else(|| divided_by_zero(step.line))?;
            trace.step(step, Some(&operand), &running);
        }
        Ok(running)
    }

    #[cold]
    fn is_negative(&self, value: &Exact) -> CellFault {
        cell_messages::formula_negative(self.line, &value.text()).into()
    }

    #[cold]
    pub(crate) fn too_precise(&self, value: &Exact) -> CellFault {
        cell_messages::result_too_precise(self.line, &value.text()).into()
    }

    /// The columns that operands and conditions may read.
    pub fn columns(&self) -> impl Iterator<Item = ColumnId> {
        self.steps.iter().flat_map(|step| {
            step.when
                .columns()
                .into_iter()
                .chain(step.operand.columns())
        })
    }

    /// The named values that operands and conditions may read.
    pub fn values(&self) -> impl Iterator<Item = ValueId> {
        let of_step = |step: &FormulaStep| {
            let mut values = step.when.values();
            values.extend(step.operand.named_value());
            values
        };
        self.steps.iter().flat_map(of_step)
    }

    /// The subclasses that conditions of steps name.
    pub fn subclasses(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().flat_map(|step| step.when.subclasses())
    }

    /// The columns whose numbers add to the result, as opposed to factors.
    pub fn amount_columns(&self) -> impl Iterator<Item = ColumnId> {
        let steps = self.steps.iter().filter(|step| !step.verb.is_factor());
        steps.filter_map(|step| step.operand.number_column())
    }

    pub fn number_columns(&self) -> impl Iterator<Item = ColumnId> {
        let steps = self.steps.iter();
        steps.filter_map(|step| step.operand.number_column())
    }
}

#[cold]
fn divided_by_zero(line: usize) -> CellFault {
    cell_messages::divided_by_zero(line).into()
}

impl Operation {
    /// The result; `None` for a division by 0.
    #[inline(always)]
    fn apply(self, running: &Exact, operand: &Exact) -> Option<Exact> {
        Some(match self {
            Self::Add => running.plus(operand),
            Self::Subtract => running.minus(operand),
            Self::Times => running.times(operand),
            Self::Divide => return running.over(operand),
            Self::AtLeast => running.max(operand).clone(),
            Self::AtMost => running.min(operand).clone(),
            Self::Round | Self::RoundDown | Self::RoundUp => {
                let Exact::Decimal(unit) = operand else {
                    return None;
                };
                running.rounded(*unit, self.towards())
            }
        })
    }

    fn towards(self) -> Towards {
        match self {
            Self::RoundDown => Towards::Down,
            Self::RoundUp => Towards::Up,
            _ => Towards::Nearest,
        }
    }

    /// True if the operand is a factor or a divisor.
    pub fn is_factor(self) -> bool {
        matches!(self, Self::Times | Self::Divide)
    }

    /// True if the operand is the unit to which the value is rounded.
    pub fn rounds(self) -> bool {
        matches!(self, Self::Round | Self::RoundDown | Self::RoundUp)
    }
}

impl Operand {
    /// The column that the operand reads.
    pub fn column(&self) -> Option<ColumnId> {
        match self {
            Self::Cell(operand) => operand.column(),
            Self::Number(_)
            | Self::Award(_)
            | Self::Pool { .. }
            | Self::Table(_)
            | Self::Span(_) => None,
        }
    }

    /// All columns that the operand reads.
    pub fn columns(&self) -> Vec<ColumnId> {
        match self {
            Self::Cell(operand) => operand.column().into_iter().collect(),
            Self::Table(operand) => operand.columns(),
            Self::Span(operand) => operand.columns(),
            Self::Number(_) | Self::Award(_) | Self::Pool { .. } => Vec::new(),
        }
    }

    /// The named value that the operand reads.
    pub fn named_value(&self) -> Option<ValueId> {
        match self.source() {
            Some(NumberSource::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// The column that the operand reads as a number.
    pub fn number_column(&self) -> Option<ColumnId> {
        match self {
            Self::Cell(operand) if matches!(operand.reading, CellReading::Number { .. }) => {
                operand.column()
            }
            _ => None,
        }
    }

    #[inline(always)]
    pub fn value(&self, facts: &impl Facts, own: Decimal) -> Result<Exact, CellFault> {
        match self {
            Self::Number(number) => Ok(number.clone()),
            Self::Award(factor) => Ok(factor.times(&own.into())),
            Self::Pool { pool, times } => Ok(times.times(&facts.paid(*pool))),
            Self::Cell(operand) => operand.value(facts),
            Self::Table(operand) => operand.value(facts),
            Self::Span(operand) => operand.value(facts),
        }
    }

    /// The column or value that the operand reads, if it reads one.
    pub fn source(&self) -> Option<NumberSource> {
        match self {
            Self::Cell(operand) => Some(operand.source),
            Self::Table(operand) => operand.source,
            Self::Number(_) | Self::Award(_) | Self::Pool { .. } | Self::Span(_) => None,
        }
    }
}
