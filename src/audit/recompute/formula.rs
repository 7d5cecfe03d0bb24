//! Evaluates a formula for one claim: steps on a running value that starts at 0 (plan
//! reference, "Formulas").

use num_traits::{One, Signed, Zero};

use crate::audit::recompute::number::{self, Fraction, amount, wrong};
use crate::audit::recompute::time_span;
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ColumnId, ComputedCell, Facts, NumberSource};
use crate::plan::formula::{CellOperand, CellReading, Formula, Operand, Operation};
use crate::plan::lookup_table::{TableForm, TableKey, TableLine, TableOperand, TablePoint};

/// The value of a formula for a claim whose own award or shares are given.
pub(super) fn value(
    formula: &Formula,
    claim: &impl Facts,
    own: &Fraction,
) -> Result<Fraction, CellFault> {
    let mut running = Fraction::zero();
    for step in formula.steps() {
        if !step.when.holds(claim)? {
            continue;
        }
        let operand = match &step.operand {
            Operand::Number(number) => number.ratio(),
            Operand::Award(times) => own * times.ratio(),
            Operand::Pool { pool, times } => claim.paid(*pool).ratio() * times.ratio(),
            Operand::Cell(operand) => of_cell(operand, claim)?,
            Operand::Table(operand) => of_table(operand, claim)?,
            Operand::Span(operand) => time_span::of_span(operand, claim)?,
        };
        running = match step.verb {
            Operation::Add => running + operand,
            Operation::Subtract => running - operand,
            Operation::Times => running * operand,
            Operation::Divide if operand.is_zero() => return Err(wrong("a division by 0")),
            Operation::Divide => running / operand,
            Operation::AtLeast => running.max(operand),
            Operation::AtMost => running.min(operand),
            Operation::Round => (running / &operand).round() * operand,
            Operation::RoundDown => (running / &operand).floor() * operand,
            Operation::RoundUp => (running / &operand).ceil() * operand,
        };
    }
    Ok(running)
}

/// Applied in the order cell, `up_to`, `brackets`, `times`.
fn of_cell(operand: &CellOperand, claim: &impl Facts) -> Result<Fraction, CellFault> {
    let mut value = match operand.source {
        NumberSource::Column(column) => match claim.computed(column) {
            Some(ComputedCell::Number(number)) => number.ratio(),
            _ => number_in(operand, column, claim.cell(column))?,
        },
        NumberSource::Value(value) => claim.value(value)?.ratio(),
    };
    if let Some(most) = &operand.up_to {
        value = value.min(most.ratio());
    }
    if !operand.brackets.is_empty() {
        if value.is_negative() {
            return Err(wrong("brackets of a negative value"));
        }
        let brackets = operand.brackets.iter();
        let brackets = brackets.map(|one| (one.to.map(number::of), one.rate.ratio()));
        value = marginal(brackets, &value);
    }
    Ok(match &operand.times {
        Some(times) => value * times.ratio(),
        None => value,
    })
}

/// The value of the first line that contains the number or the day.
fn of_table(operand: &TableOperand, claim: &impl Facts) -> Result<Fraction, CellFault> {
    let table = &operand.table;
    let cells = operand.by.iter().map(|column| claim.cell(*column));
    let cells = cells.map(str::to_owned).collect::<TableKey>();
    let lines = table.lines.get(&cells);
    let lines = lines.ok_or_else(|| wrong("a key is not in the table"))?;
    let times = operand
        .times
        .as_ref()
        .map_or_else(Fraction::one, Exact::ratio);
    let point = match operand.source {
        None => None,
        Some(NumberSource::Value(value)) => Some(TablePoint::Number(claim.value(value)?)),
        Some(NumberSource::Column(column)) => {
            let cell = claim.cell(column);
            if cell.is_empty() && table.has_scale() {
                let blank = table.blank.as_ref();
                let blank = blank.ok_or_else(|| wrong("a cell is blank"))?;
                return Ok(blank.ratio() * times);
            }
            match (table.form, claim.computed(column)) {
                (_, Some(ComputedCell::Number(number))) => Some(TablePoint::Number(number)),
                (_, Some(ComputedCell::Day(day))) => Some(TablePoint::Day(day)),
                (TableForm::Texts | TableForm::Keys, None) => None,
                (TableForm::Numbers, None) => {
                    let number = amount(&operand.format, cell);
                    let number = number.map_err(|error| wrong(&error.to_string()))?;
                    Some(TablePoint::Number(number.into()))
                }
                (TableForm::Days, None) => {
                    Some(TablePoint::Day(operand.format.date(column, cell)?))
                }
            }
        }
    };
    let contains = |line: &TableLine| {
        let Some(point) = &point else {
            return true;
        };
        let below_end = line.end.as_ref().is_none_or(|end| {
            if end.open {
                *point < end.at
            } else {
                *point <= end.at
            }
        });
        below_end && line.from.as_ref().is_none_or(|from| from <= point)
    };
    let line = lines.iter().find(|line| contains(line));
    let line = line.ok_or_else(|| wrong("no line of the table contains a cell"))?;
    Ok(line.value.ratio() * times)
}

fn number_in(operand: &CellOperand, column: ColumnId, cell: &str) -> Result<Fraction, CellFault> {
    match &operand.reading {
        CellReading::Number { blank: Some(blank) } if cell.is_empty() => Ok(blank.ratio()),
        CellReading::Number { .. } => {
            let number = amount(&operand.format, cell);
            number.map_err(|error| CellFault {
                column: Some(column),
                ..wrong(&error.to_string())
            })
        }
        CellReading::Table(table) => {
            let entry = table.iter().find(|(text, _)| text == cell);
            let number = entry.map(|(_, number)| number.ratio());
            number.ok_or_else(|| wrong("a text is not in the table"))
        }
    }
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
