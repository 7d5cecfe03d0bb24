//! Evaluates a formula for one claim: steps on a running value that starts at 0 (plan
//! reference, "Formulas").

use anyhow::{Context, Result};
use num_traits::Zero;

use crate::audit::recompute::claims::RecomputedClaim;
use crate::audit::recompute::number::{self, Fraction, amount};
use crate::plan::cell::Cells;
use crate::plan::formula::{CellOperand, CellReading, Formula, Operand, Operation};

/// The value of a formula for a claim whose own award or shares are given.
pub(super) fn value(
    formula: &Formula,
    claim: &RecomputedClaim,
    own: &Fraction,
) -> Result<Fraction> {
    let mut running = Fraction::zero();
    for step in formula.steps() {
        if !claim.meets(&step.when)? {
            continue;
        }
        let operand = match &step.operand {
            Operand::Number(number) => number::of(*number),
            Operand::Award(times) => own * number::of(*times),
            Operand::Cell(operand) => of_cell(operand, claim.cells.cell(operand.column))?,
        };
        running = match step.verb {
            Operation::Add => running + operand,
            Operation::Subtract => running - operand,
            Operation::Times => running * operand,
            Operation::AtLeast => running.max(operand),
            Operation::AtMost => running.min(operand),
        };
    }
    Ok(running)
}

/// Applied in the order cell, `up_to`, `brackets`, `times`.
fn of_cell(operand: &CellOperand, cell: &str) -> Result<Fraction> {
    let mut value = match &operand.reading {
        CellReading::Number { blank: Some(blank) } if cell.is_empty() => number::of(*blank),
        CellReading::Number { .. } => amount(&operand.format, cell)?,
        CellReading::Table(table) => {
            let entry = table.iter().find(|(text, _)| text == cell);
            number::of(entry.context("a text is not in the table")?.1)
        }
    };
    if let Some(most) = operand.up_to {
        value = value.min(number::of(most));
    }
    if !operand.brackets.is_empty() {
        let brackets = operand.brackets.iter();
        let brackets = brackets.map(|one| (one.to.map(number::of), number::of(one.rate)));
        value = marginal(brackets, &value);
    }
    Ok(match operand.times {
        Some(times) => value * number::of(times),
        None => value,
    })
}

/// Applies marginal rates: each rate applies to the part of an amount between the
/// previous limit and its own.
pub(super) fn marginal(
    brackets: impl Iterator<Item = (Option<Fraction>, Fraction)>,
    amount: &Fraction,
) -> Fraction {
    let (mut total, mut below) = (Fraction::zero(), Fraction::zero());
    for (end, rate) in brackets {
        let end = end.map_or_else(|| amount.clone(), |end| end.min(amount.clone()));
        if end > below {
            total += (&end - &below) * rate;
            below = end;
        }
    }
    total
}
