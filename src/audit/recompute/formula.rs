//! Amounts worked out for one claim: steps on a running value that starts at 0
//! (plan reference, "Formulas").

use anyhow::{Context, Result, bail};
use num_traits::Zero;

use crate::audit::recompute::claims::Claim;
use crate::audit::recompute::number::{self, Number, plain};
use crate::plan::column::Cells;
use crate::plan::format::{Format, plain_separators};
use crate::plan::formula::{CellOperand, Formula, Operand, Reading, Verb};

/// The formula's value for a claim whose own award, or shares, is given.
pub fn value(formula: &Formula, claim: &Claim, own: &Number) -> Result<Number> {
    let mut running = Number::zero();
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
            Verb::Add => running + operand,
            Verb::Subtract => running - operand,
            Verb::Times => running * operand,
            Verb::AtLeast => running.max(operand),
            Verb::AtMost => running.min(operand),
        };
    }
    Ok(running)
}

/// In the order cell, `up_to`, `brackets`, `times`.
fn of_cell(operand: &CellOperand, cell: &str) -> Result<Number> {
    let mut value = match &operand.reading {
        Reading::Number { blank: Some(blank) } if cell.is_empty() => number::of(*blank),
        Reading::Number { .. } => amount(&operand.format, cell)?,
        Reading::Table(table) => {
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

/// The amount that a cell says.
pub fn amount(format: &Format, cell: &str) -> Result<Number> {
    let bare = match &format.prefix {
        Some(prefix) => cell
            .strip_prefix(prefix.as_str())
            .map_or(cell, str::trim_start),
        None => cell,
    };
    let digits = match format.thousands {
        Some(separator) => plain_separators(bare, separator).replace(separator, ""),
        None => bare.to_owned(),
    };
    match plain(&digits) {
        Some(number) => Ok(number),
        None => bail!("a cell is no amount"),
    }
}

/// Marginal rates: each applies to the part of an amount below its end and
/// above the one before.
pub fn marginal(
    brackets: impl Iterator<Item = (Option<Number>, Number)>,
    amount: &Number,
) -> Number {
    let (mut total, mut below) = (Number::zero(), Number::zero());
    for (end, rate) in brackets {
        let end = end.map_or_else(|| amount.clone(), |end| end.min(amount.clone()));
        if end > below {
            total += (&end - &below) * rate;
            below = end;
        }
    }
    total
}
