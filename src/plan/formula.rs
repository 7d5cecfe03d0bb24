//! Amount formulas: `shares`, `award` and the limits of a pool.
//!
//! A formula is a list of steps carried out in order on a running value that
//! starts at 0. All results are exact decimals; one that cannot be held
//! exactly is an error, never rounded.

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::column::{CellFault, Cells, ColumnId, column_name};
use super::condition::{Condition, Reader, optional};
use super::format::Format;
use super::raw::{Number, Problems, Span, Table, Value};
use crate::diagnostic::{listing, literal, nearest};
use crate::exact;

/// A formula that has been read; never without a step.
#[derive(Debug, Clone)]
pub struct Formula {
    /// In the order written.
    pub steps: Vec<Step>,
    /// The line of the plan on which the formula begins.
    pub line: usize,
}

/// One step of a formula.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does to the running value.
    pub verb: Verb,
    /// With what.
    pub operand: Operand,
    /// When it applies; without entries, always.
    pub when: Condition,
    /// What it is called in explanations.
    pub label: Option<String>,
    /// The line of the plan on which it stands.
    pub line: usize,
}

/// What a step does to the running value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Adds the operand.
    Add,
    /// Takes the operand off.
    Subtract,
    /// Multiplies by the operand.
    Times,
    /// Raises to the operand, where it is less.
    AtLeast,
    /// Lowers to the operand, where it is more.
    AtMost,
}

const VERBS: [(&str, Verb); 5] = [
    ("add", Verb::Add),
    ("subtract", Verb::Subtract),
    ("times", Verb::Times),
    ("at_least", Verb::AtLeast),
    ("at_most", Verb::AtMost),
];

/// What a step works with.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A number of the plan.
    Number(Decimal),
    /// A cell of the claim.
    Cell(CellOperand),
    /// The claimant's own shares or award, multiplied.
    Award(Decimal),
}

/// A cell as operand, worked out in the order cell, `up_to`, `brackets`,
/// `times`.
#[derive(Debug, Clone)]
pub struct CellOperand {
    /// The column.
    pub column: ColumnId,
    /// What the cell counts as.
    pub reading: Reading,
    /// How amounts of the column are written.
    pub format: Format,
    /// At most this much of it.
    pub up_to: Option<Decimal>,
    /// Marginal brackets, rising; empty when there are none.
    pub brackets: Vec<Bracket>,
    /// Multiplied by this.
    pub times: Option<Decimal>,
}

/// How a cell becomes a number.
#[derive(Debug, Clone)]
pub enum Reading {
    /// It is a number; a blank cell counts as `blank`, or is an error.
    Number {
        /// What a blank cell counts as.
        blank: Option<Decimal>,
    },
    /// It is a text with a number of its own; any other is an error.
    Table(Vec<(String, Decimal)>),
}

/// One bracket: the part of an amount up to `to` counts at `rate`.
#[derive(Debug, Clone)]
pub struct Bracket {
    /// Where it ends; the last has no end.
    pub to: Option<Decimal>,
    /// At what rate it counts.
    pub rate: Decimal,
}

/// What happens while a formula is worked out, for explanations.
pub trait Trace {
    /// A formula begins: the key under which it stands, or `weight`.
    fn formula(&mut self, key: &'static str, formula: &Formula);
    /// A step was reached: with its operand if it applied, and the running
    /// value after it.
    fn step(&mut self, step: &Step, operand: Option<Decimal>, running: Decimal);
}

/// Nobody is listening.
impl Trace for () {
    fn formula(&mut self, _: &'static str, _: &Formula) {}
    fn step(&mut self, _: &Step, _: Option<Decimal>, _: Decimal) {}
}

/// What a formula may look at.
#[derive(Debug)]
pub struct Claim<'a, C: Cells> {
    /// The cells of the claim.
    pub cells: &'a C,
    /// Subclass by subclass in plan order, whether the claimant is in it.
    pub members: &'a [bool],
    /// The claimant's own shares or award, in the formulas of limits.
    pub award: Decimal,
}

impl Formula {
    /// The value of the formula for a claim; never negative.
    pub fn value<C: Cells>(
        &self,
        claim: &Claim<'_, C>,
        trace: &mut impl Trace,
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
            return Err(CellFault {
                column: None,
                problem: format!(
                    "the formula on line {} of the plan comes to {}, which is negative",
                    self.line,
                    exact::text(running)
                ),
                hint: Some(
                    "end the formula with `{ at_least = 0 }` where that may happen".to_owned(),
                ),
            });
        }
        Ok(running)
    }

    /// The columns that the formula may read, in operands and conditions.
    pub fn columns(&self) -> impl Iterator<Item = ColumnId> {
        self.steps.iter().flat_map(|step| {
            let operand = match &step.operand {
                Operand::Cell(operand) => Some(operand.column),
                Operand::Number(_) | Operand::Award(_) => None,
            };
            step.when.columns().chain(operand)
        })
    }

    /// The columns that the formula reads as numbers.
    pub fn number_columns(&self) -> impl Iterator<Item = ColumnId> {
        self.steps.iter().filter_map(|step| match &step.operand {
            Operand::Cell(CellOperand {
                column,
                reading: Reading::Number { .. },
                ..
            }) => Some(*column),
            _ => None,
        })
    }
}

fn inexact_at(line: usize) -> CellFault {
    CellFault {
        column: None,
        problem: format!(
            "the step on line {line} of the plan gives a number of more than 28 digits, which cannot be held exactly"
        ),
        hint: Some("use fewer decimals in the plan or in the cells that it reads".to_owned()),
    }
}

fn inexact() -> CellFault {
    CellFault::of_row("a result of the formula has more than 28 digits and cannot be held exactly")
}

impl Verb {
    /// The word of the plan for this verb.
    pub fn word(self) -> &'static str {
        VERBS
            .iter()
            .find(|(_, verb)| *verb == self)
            .map_or("", |(word, _)| word)
    }

    fn apply(self, running: Decimal, operand: Decimal) -> Option<Decimal> {
        match self {
            Self::Add => exact::sum(running, operand),
            Self::Subtract => exact::difference(running, operand),
            Self::Times => exact::product(running, operand),
            Self::AtLeast => Some(running.max(operand)),
            Self::AtMost => Some(running.min(operand)),
        }
    }
}

impl Operand {
    fn value<C: Cells>(&self, claim: &Claim<'_, C>) -> Result<Decimal, CellFault> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Award(factor) => exact::product(claim.award, *factor).ok_or_else(inexact),
            Self::Cell(operand) => operand.value(claim.cells.cell(operand.column)),
        }
    }
}

impl CellOperand {
    /// The operand for this cell.
    pub fn value(&self, cell: &str) -> Result<Decimal, CellFault> {
        let mut value = self.read(cell)?;
        if let Some(up_to) = self.up_to {
            value = value.min(up_to);
        }
        if !self.brackets.is_empty() {
            value = marginal(&self.brackets, value).ok_or_else(inexact)?;
        }
        match self.times {
            Some(times) => exact::product(value, times).ok_or_else(inexact),
            None => Ok(value),
        }
    }

    fn read(&self, cell: &str) -> Result<Decimal, CellFault> {
        match &self.reading {
            Reading::Number { blank: Some(blank) } if cell.is_empty() => Ok(*blank),
            Reading::Number { blank: None } if cell.is_empty() => Err(CellFault::new(
                self.column,
                "the cell is blank, but the plan needs a number here",
                "fill it in, or say in the plan what a blank counts as: `blank = 0`",
            )),
            Reading::Number { .. } => self.format.number(self.column, cell),
            Reading::Table(table) => self.look_up(table, cell),
        }
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
        Err(CellFault::new(
            self.column,
            format!("{shown} is not in the plan's table for this column"),
            hint,
        ))
    }
}

/// Marginal brackets, like income tax: each part of the amount at its rate.
fn marginal(brackets: &[Bracket], amount: Decimal) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    let mut start = Decimal::ZERO;
    for bracket in brackets {
        let end = bracket.to.map_or(amount, |to| to.min(amount));
        if end > start {
            let part = exact::product(exact::difference(end, start)?, bracket.rate)?;
            total = exact::sum(total, part)?;
        }
        start = end.max(start);
    }
    Some(total)
}

/// What reading a formula needs to know of its place.
#[derive(Debug)]
pub struct Place<'a, 'c> {
    /// Where conditions and columns are read.
    pub reader: &'a mut Reader<'c>,
    /// Whether `{ award = k }` is allowed: in the limits of a pool.
    pub award: bool,
    /// The text of the plan, for line numbers.
    pub text: &'a str,
}

impl Place<'_, '_> {
    fn line(&self, span: &Span) -> usize {
        crate::diagnostic::position(self.text, span.start).0
    }

    /// Reads a number, or a list of steps.
    pub fn formula(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<Formula> {
        let line = self.line(&value.span);
        let steps = match value.value {
            DeValue::Array(_) => self.steps(value, problems)?,
            DeValue::Table(_) => {
                let message = format!(
                    "{} must be a number or a list of steps",
                    literal(&value.key)
                );
                let hint = "write a list of steps, also when there is only one: `[ { add = { column = \"loss\" } } ]`";
                problems.add_hint(&value.span, message, hint);
                return None;
            }
            _ => vec![Step {
                verb: Verb::Add,
                operand: Operand::Number(value.number(problems)?.value),
                when: Condition::default(),
                label: None,
                line,
            }],
        };
        Some(Formula { steps, line })
    }

    fn steps(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<Vec<Step>> {
        let elements = value.list(problems)?;
        if elements.is_empty() {
            problems.add(&value.span, format!("{} has no steps", literal(&value.key)));
            return None;
        }
        // Every step is read before giving up, so that all problems show.
        let steps: Vec<Option<Step>> = elements
            .iter()
            .map(|element| self.step(element, problems))
            .collect();
        steps.into_iter().collect()
    }

    fn step(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<Step> {
        let DeValue::Table(_) = value.value else {
            let message = format!("a step of {} is a table", literal(&value.key));
            problems.add_hint(&value.span, message, "write it like `{ add = 1 }`");
            return None;
        };
        let mut table = value.table("a step", problems)?;
        let verbs = table.present(&VERBS.map(|(key, _)| key));
        let when = optional(&mut table, self.reader, problems);
        let label = match table.take("label") {
            Some(label) => Some(label.words(problems)?),
            None => None,
        };
        table.finish(problems);
        let verb = match verbs.as_slice() {
            [verb] => verb,
            [] => {
                let message =
                    "a step needs one of `add`, `subtract`, `times`, `at_least`, `at_most`";
                problems.add(&value.span, message);
                return None;
            }
            [first, second, ..] => {
                let message = format!(
                    "a step has exactly one verb: `{}` and `{}` exclude each other",
                    first.key, second.key
                );
                problems.add_pair(&second.key_span, message, &first.key_span, "the other verb");
                return None;
            }
        };
        let operand = self.operand(verb, problems);
        let (_, verb) = VERBS.iter().find(|(key, _)| *key == verb.key)?;
        Some(Step {
            verb: *verb,
            operand: operand?,
            when: when?,
            label,
            line: self.line(&value.span),
        })
    }

    fn operand(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<Operand> {
        let DeValue::Table(_) = value.value else {
            return value
                .number(problems)
                .map(|number| Operand::Number(number.value));
        };
        let mut table = value.table("an operand", problems)?;
        if let Some(award) = table.take("award") {
            if let Some(other) = table.entries().iter().find(|entry| entry.key != "award") {
                let message = format!(
                    "`award` stands alone in an operand, without `{}`",
                    other.key
                );
                problems.add_pair(&other.key_span, message, &award.key_span, "the award");
                return None;
            }
            return self.award(&award, problems);
        }
        self.cell_operand(value, problems).map(Operand::Cell)
    }

    fn award(&self, value: &Value<'_>, problems: &mut Problems) -> Option<Operand> {
        if !self.award {
            let message = "`award` as an operand may stand only in the limits `at_least` and `at_most` of a pool";
            problems.add(&value.key_span, message);
            return None;
        }
        value
            .number(problems)
            .map(|number| Operand::Award(number.value))
    }

    fn cell_operand(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<CellOperand> {
        let mut table = value.table("an operand", problems)?;
        let column = table.require("column", problems);
        let up_to = optional_number(&mut table, "up_to", problems);
        let times = optional_number(&mut table, "times", problems);
        let brackets = table.take("brackets");
        let blank = table.take("blank");
        let texts = table.take("table");
        table.finish(problems);
        let name = column_name(&column?, problems)?;
        let column = self.reader.columns.id(&name);
        if let (Some(blank), Some(texts)) = (&blank, &texts) {
            let message = "`blank` and `table` exclude each other; a `\"\"` key of the table stands for a blank cell";
            problems.add_pair(&blank.key_span, message, &texts.key_span, "the table");
            return None;
        }
        let reading = match texts {
            Some(texts) => Reading::Table(self.text_table(column, &texts, problems)?),
            None => Reading::Number {
                blank: match blank {
                    Some(blank) => Some(blank.number(problems)?.value),
                    None => None,
                },
            },
        };
        let brackets = match brackets {
            Some(brackets) => read_brackets(&brackets, "rate", problems)?
                .into_iter()
                .map(|(to, rate)| Bracket {
                    to: to.map(|to| to.value),
                    rate: rate.value,
                })
                .collect(),
            None => Vec::new(),
        };
        Some(CellOperand {
            column,
            format: self.reader.columns.format(column),
            reading,
            up_to: up_to?,
            brackets,
            times: times?,
        })
    }

    fn text_table(
        &mut self,
        column: ColumnId,
        value: &Value<'_>,
        problems: &mut Problems,
    ) -> Option<Vec<(String, Decimal)>> {
        let table = value.table("`table`", problems)?;
        if table.entries().is_empty() {
            problems.add(&value.span, "`table` is empty");
            return None;
        }
        let texts: Vec<(String, Span)> = table
            .entries()
            .iter()
            .map(|entry| (entry.key.clone(), entry.key_span.clone()))
            .collect();
        self.reader.columns.name_texts(column, &texts, problems);
        let number = |entry: &Value<'_>| Some((entry.key.clone(), entry.number(problems)?.value));
        table.entries().iter().map(number).collect()
    }
}

/// `Some(None)` for a key that is left out, `None` for one that is wrong.
#[expect(
    clippy::option_option,
    reason = "absent and wrong are different things here"
)]
fn optional_number(
    table: &mut Table<'_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Option<Decimal>> {
    match table.take(key) {
        Some(value) => value.number(problems).map(|number| Some(number.value)),
        None => Some(None),
    }
}

/// Reads marginal brackets: `to` rises, the last has none. The second key is
/// `rate` in formulas, `percent` in deductions.
pub fn read_brackets(
    value: &Value<'_>,
    rate_key: &'static str,
    problems: &mut Problems,
) -> Option<Vec<(Option<Number>, Number)>> {
    let elements = value.list(problems)?;
    if elements.is_empty() {
        problems.add(&value.span, "`brackets` is empty");
        return None;
    }
    let mut brackets: Vec<(Option<Number>, Number)> = Vec::new();
    for (position, element) in elements.iter().enumerate() {
        let mut table = element.table("a bracket", problems)?;
        let to = table.take("to");
        let rate = table.require(rate_key, problems);
        table.finish(problems);
        let last = position + 1 == elements.len();
        let to = match (to, last) {
            (Some(to), false) => Some(to.number(problems)?),
            (None, true) => None,
            (Some(to), true) => {
                problems.add(
                    &to.key_span,
                    "the last bracket has no `to`: it covers the rest",
                );
                return None;
            }
            (None, false) => {
                problems.add(&element.span, "only the last bracket may lack `to`");
                return None;
            }
        };
        let before = brackets.last().and_then(|(to, _)| to.as_ref());
        if let (Some(before), Some(to)) = (before, &to) {
            if to.value <= before.value {
                let message = "`to` must rise from bracket to bracket";
                problems.add_pair(&to.span, message, &before.span, "the bracket before");
                return None;
            }
        } else if to.as_ref().is_some_and(|to| to.value.is_zero()) {
            problems.add(&element.span, "the first bracket is empty: its `to` is 0");
            return None;
        }
        brackets.push((to, rate?.number(problems)?));
    }
    Some(brackets)
}
