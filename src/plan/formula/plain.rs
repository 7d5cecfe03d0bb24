//! Formulas whose numbers are all decimals, as most are: they are computed in decimals
//! only, which stay in registers. If a result does not fit into a decimal, or a value or
//! table has a fraction, the formula is computed again with fractions.
#![allow(clippy::inline_always, reason = "see `decimal`")]

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, ComputedCell, Facts, NumberSource};
use crate::plan::formula::cell_operand::{blank_number, look_up};
use crate::plan::formula::{
    Bracket, CellOperand, CellReading, Formula, FormulaStep, Operand, Operation,
};

/// True if all numbers of the steps are decimals, and so are their results unless they are
/// too long.
pub(super) fn are_plain(steps: &[FormulaStep]) -> bool {
    let is_decimal = |number: &Exact| matches!(number, Exact::Decimal(_));
    let of_cell = |operand: &CellOperand| {
        let optional = [&operand.up_to, &operand.times];
        let of_reading = match &operand.reading {
            CellReading::Number { blank } => blank.iter().all(is_decimal),
            CellReading::Table(table) => table.iter().all(|(_, number)| is_decimal(number)),
        };
        let brackets = &operand.brackets;
        optional.into_iter().flatten().all(is_decimal)
            && of_reading
            && brackets.iter().all(|bracket| is_decimal(&bracket.rate))
    };
    steps.iter().all(|step| {
        let of_operand = match &step.operand {
            Operand::Number(number) | Operand::Award(number) => is_decimal(number),
            Operand::Cell(operand) => of_cell(operand),
            Operand::Table(_) => true,
            Operand::Pool { .. } | Operand::Span(_) => false,
        };
        of_operand && step.verb != Operation::Divide && !step.verb.rounds()
    })
}

impl Formula {
    /// The value of a plain formula; `None` if it takes fractions to compute it.
    #[inline(always)]
    pub(super) fn plain_value(
        &self,
        facts: &impl Facts,
        own: Decimal,
    ) -> Result<Option<Decimal>, CellFault> {
        let mut running = Decimal::ZERO;
        for step in self.steps() {
            if !step.when.holds(facts)? {
                continue;
            }
            let operand = match &step.operand {
                Operand::Number(Exact::Decimal(number)) => Some(*number),
                Operand::Award(Exact::Decimal(factor)) => decimal::product(own, *factor),
                Operand::Cell(operand) => operand.plain(facts)?,
                Operand::Table(operand) => decimal_of(&operand.value(facts)?),
                _ => None,
            };
            let Some(operand) = operand else {
                return Ok(None);
            };
            let result = match step.verb {
                Operation::Add => decimal::sum(running, operand),
                Operation::Subtract => decimal::difference(running, operand),
                Operation::Times => decimal::product(running, operand),
                Operation::AtLeast => Some(running.max(operand)),
                Operation::AtMost => Some(running.min(operand)),
                _ => None,
            };
            match result {
                Some(result) => running = result,
                None => return Ok(None),
            }
        }
        Ok(Some(running))
    }
}

impl CellOperand {
    #[inline(always)]
    fn plain(&self, facts: &impl Facts) -> Result<Option<Decimal>, CellFault> {
        let column = match self.source {
            NumberSource::Column(column) => column,
            NumberSource::Value(value) => {
                let number = facts.value(value)?;
                return Ok(decimal_of(&number).and_then(|number| self.adjusted(number)));
            }
        };
        if let Some(ComputedCell::Number(number)) = facts.computed(column) {
            return Ok(decimal_of(&number).and_then(|number| self.adjusted(number)));
        }
        let cell = facts.cell(column);
        let number = match &self.reading {
            CellReading::Number { blank } if cell.is_empty() => {
                decimal_of(blank_number(blank.as_ref(), column)?)
            }
            CellReading::Number { .. } => Some(self.format.number(column, cell)?),
            CellReading::Table(table) => decimal_of(look_up(table, column, cell)?),
        };
        Ok(number.and_then(|number| self.adjusted(number)))
    }

    /// The number after `up_to`, `brackets` and `times`.
    #[inline(always)]
    fn adjusted(&self, mut number: Decimal) -> Option<Decimal> {
        if let Some(up_to) = &self.up_to {
            number = number.min(decimal_of(up_to)?);
        }
        if !self.brackets.is_empty() {
            if number.is_sign_negative() {
                // An error.
                return None;
            }
            number = marginal(&self.brackets, number)?;
        }
        match &self.times {
            Some(times) => decimal::product(number, decimal_of(times)?),
            None => Some(number),
        }
    }
}

#[inline(always)]
fn decimal_of(number: &Exact) -> Option<Decimal> {
    match number {
        Exact::Decimal(number) => Some(*number),
        Exact::Fraction(_) => None,
    }
}

fn marginal(brackets: &[Bracket], amount: Decimal) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    let mut start = Decimal::ZERO;
    for bracket in brackets {
        let end = bracket.to.map_or(amount, |to| to.min(amount));
        if end > start {
            let layer = decimal::difference(end, start)?;
            total = decimal::sum(total, decimal::product(layer, decimal_of(&bracket.rate)?)?)?;
        }
        start = end.max(start);
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::plan::cell::{Cells, ColumnId, ValueId};

    /// A claim with this number in each column.
    struct Cell(&'static str);

    impl Cells for Cell {
        fn cell(&self, _: ColumnId) -> &str {
            self.0
        }
    }

    impl Facts for Cell {
        fn member(&self, _: usize) -> Result<bool, CellFault> {
            Ok(false)
        }

        fn value(&self, _: ValueId) -> Result<Exact, CellFault> {
            Ok(Exact::ZERO)
        }
    }

    #[test]
    fn decimals_come_to_what_fractions_come_to() {
        let operands = [
            "2.5",
            "{ column = \"n\", blank = 4 }",
            "{ column = \"n\", blank = 4, up_to = 3, times = 0.1 }",
            "{ column = \"n\", blank = 4, brackets = [ { to = 2, rate = 0.5 }, { rate = 3 } ] }",
            "{ column = \"n\", table = { 1 = 7, 5 = 0.7, 0 = 2, \"\" = 1 } }",
        ];
        for verb in ["add", "subtract", "times", "at_least", "at_most"] {
            for operand in operands {
                let plan = format!(
                    "[settlement]\nname = \"S\"\n[fund]\namount = 1\n[[pool]]\nname = \"p\"\nshares = [ {{ add = 20 }}, {{ {verb} = {operand} }} ]\n"
                );
                let plan = Plan::from_text("plan.toml", &plan).unwrap();
                let formula = &plan.pools[0].weight;
                assert!(are_plain(formula.steps()), "{verb} {operand}");
                for cell in ["", "0", "1", "5"] {
                    let in_decimals = formula.plain_value(&Cell(cell), Decimal::ZERO);
                    let in_fractions = formula.work_out(&Cell(cell), Decimal::ZERO, &mut ());
                    let in_decimals = in_decimals.unwrap().map(Exact::from);
                    assert_eq!(in_decimals, in_fractions.ok(), "{verb} {operand} {cell}");
                }
            }
        }
    }
}
