//! Formulas that read the payments of earlier pools. They have a value only when these
//! pools have been divided, so a claim keeps their remainders: everything before the
//! first such step as one number, and then the steps that apply.

use rust_decimal::Decimal;

use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, Facts};
use crate::plan::formula::{Formula, Operand, Operation, divided_by_zero};

/// The remainder of a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpenFormula {
    steps: Vec<OpenStep>,
    /// The line of the formula.
    line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct OpenStep {
    verb: Operation,
    operand: OpenOperand,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum OpenOperand {
    Number(Exact),
    /// This multiple of the payment of a pool.
    Pool(usize, Exact),
    /// This multiple of the claimant's own shares or award.
    Award(Exact),
}

impl Formula {
    /// True if a step reads the payment of a pool.
    pub fn reads_pools(&self) -> bool {
        self.pools().next().is_some()
    }

    /// The pools whose payments steps read.
    pub fn pools(&self) -> impl Iterator<Item = usize> {
        self.steps().iter().filter_map(|step| match step.operand {
            Operand::Pool { pool, .. } => Some(pool),
            _ => None,
        })
    }

    /// Evaluates the formula for a claim as far as it does not read payments.
    pub(crate) fn open(&self, facts: &impl Facts) -> Result<OpenFormula, CellFault> {
        let mut steps = Vec::new();
        let mut running = Exact::ZERO;
        for step in self.steps() {
            if !step.when.holds(facts)? {
                continue;
            }
            let operand = match &step.operand {
                Operand::Pool { pool, times } => OpenOperand::Pool(*pool, times.clone()),
                Operand::Award(times) => OpenOperand::Award(times.clone()),
                other => OpenOperand::Number(other.value(facts, Decimal::ZERO)?),
            };
            match operand {
                OpenOperand::Number(number) if steps.is_empty() => {
                    let value = step.verb.apply(&running, &number);
                    running = value.ok_or_else(|| divided_by_zero(step.line))?;
                }
                OpenOperand::Number(number)
                    if step.verb == Operation::Divide && number.is_zero() =>
                {
                    return Err(divided_by_zero(step.line));
                }
                operand => {
                    if steps.is_empty() {
                        steps.push(OpenStep {
                            verb: Operation::Add,
                            operand: OpenOperand::Number(running.clone()),
                        });
                    }
                    let verb = step.verb;
                    steps.push(OpenStep { verb, operand });
                }
            }
        }
        if steps.is_empty() {
            steps.push(OpenStep {
                verb: Operation::Add,
                operand: OpenOperand::Number(running),
            });
        }
        Ok(OpenFormula {
            steps,
            line: self.line,
        })
    }
}

impl OpenFormula {
    /// The value; `own` is the claimant's own shares or award, and `paid` gives the
    /// payment of a pool in currency.
    pub(crate) fn value(
        &self,
        own: Decimal,
        paid: impl Fn(usize) -> Exact,
    ) -> Result<Exact, CellFault> {
        let mut running = Exact::ZERO;
        for step in &self.steps {
            let operand = match &step.operand {
                OpenOperand::Number(number) => number.clone(),
                OpenOperand::Pool(pool, times) => times.times(&paid(*pool)),
                OpenOperand::Award(times) => times.times(&own.into()),
            };
            let value = step.verb.apply(&running, &operand);
            running = value.ok_or_else(|| divided_by_zero(self.line))?;
        }
        Ok(running)
    }
}
