//! Amounts worked out for one claim: steps on a running value that starts at 0.

use num_traits::{Signed, Zero};

use super::claim::Claim;
use super::column::Column;
use super::condition::{Condition, Names};
use super::document::{Node, Table};
use super::number::{Exactness, Number, exactness};
use super::refused::{Kind, Refused};

type Result<T> = std::result::Result<T, Refused>;

#[derive(Debug)]
pub(super) struct Formula(Vec<Step>);

#[derive(Debug)]
struct Step {
    verb: Verb,
    operand: Operand,
    when: Option<Condition>,
}

#[derive(Clone, Copy, Debug)]
enum Verb {
    Add,
    Subtract,
    Times,
    AtLeast,
    AtMost,
}

#[derive(Debug)]
enum Operand {
    Number(Number),
    Amount(Box<Amount>),
    Table {
        name: String,
        entries: Vec<(String, Number)>,
    },
    /// The claimant's own award or shares, multiplied.
    Own(Number),
}

/// The amount in a cell, worked out in this order: cell, `up_to`, `brackets`, `times`.
#[derive(Debug)]
struct Amount {
    name: String,
    column: Column,
    blank: Option<Number>,
    up_to: Option<Number>,
    brackets: Option<Brackets>,
    times: Option<Number>,
}

/// Where a formula stands: only limits know the claimant's own award.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Weight,
    Limit,
}

impl Formula {
    pub(super) fn read(node: &Node, names: &Names, place: Place) -> Result<Formula> {
        if !node.value().is_array() {
            let operand = Operand::Number(node.number()?);
            return Ok(Formula(vec![Step {
                verb: Verb::Add,
                operand,
                when: None,
            }]));
        }
        let steps = node.list()?;
        if steps.is_empty() {
            return Err(node.refuse("has no steps"));
        }
        let steps = steps
            .iter()
            .map(|step| Step::read(step.table()?, names, place));
        Ok(Formula(steps.collect::<Result<_>>()?))
    }

    /// The formula's value for a claim whose own award (or shares) is `own`.
    pub(super) fn value(&self, claim: &Claim, own: &Number) -> Result<Number> {
        let mut running = Number::zero();
        for step in &self.0 {
            if step
                .when
                .as_ref()
                .map_or(Ok(true), |when| when.holds(claim))?
            {
                let operand = step.operand.value(claim, own)?;
                running = exact(step.verb.apply(running, operand), claim)?;
            }
        }
        if running.is_negative() {
            return Err(Refused::row(claim.row, "a formula comes to less than 0"));
        }
        Ok(running)
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter().filter_map(|step| step.when.as_ref())
    }

    /// The columns whose cells are read as amounts.
    pub(super) fn amount_columns(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter_map(|step| match &step.operand {
            Operand::Amount(amount) => Some(&amount.name),
            _ => None,
        })
    }

    /// The columns whose cells are looked up in a table, and the texts there.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&String, Vec<String>)> {
        self.0.iter().filter_map(|step| match &step.operand {
            Operand::Table { name, entries } => {
                Some((name, entries.iter().map(|(text, _)| text.clone()).collect()))
            }
            _ => None,
        })
    }
}

impl Step {
    fn read(mut table: Table, names: &Names, place: Place) -> Result<Step> {
        let (verb, operand) = table.one_of(&["add", "subtract", "times", "at_least", "at_most"])?;
        let verb = match verb {
            "add" => Verb::Add,
            "subtract" => Verb::Subtract,
            "times" => Verb::Times,
            "at_least" => Verb::AtLeast,
            _ => Verb::AtMost,
        };
        let step = Step {
            verb,
            operand: Operand::read(&operand, names, place)?,
            when: table.maybe("when", |node| Condition::read(node, names))?,
        };
        table.maybe("label", Node::text)?;
        table.done()?;
        Ok(step)
    }
}

impl Verb {
    fn apply(self, running: Number, operand: Number) -> Number {
        match self {
            Verb::Add => running + operand,
            Verb::Subtract => running - operand,
            Verb::Times => running * operand,
            Verb::AtLeast => running.max(operand),
            Verb::AtMost => running.min(operand),
        }
    }
}

impl Operand {
    fn read(node: &Node, names: &Names, place: Place) -> Result<Operand> {
        if !node.value().is_table() {
            return Ok(Operand::Number(node.number()?));
        }
        let mut table = node.table()?;
        let operand = match table.one_of(&["column", "award"])? {
            ("award", times) if place == Place::Limit => Operand::Own(times.number()?),
            ("award", _) => {
                return Err(node.refuse("may use the award only in the limits of a pool"));
            }
            (_, column) => Operand::read_column(column.text()?, &mut table, names)?,
        };
        table.done()?;
        Ok(operand)
    }

    fn read_column(name: String, table: &mut Table, names: &Names) -> Result<Operand> {
        if let Some(entries) = table.take("table") {
            let entry = |(text, node): (String, Node)| Ok((text, node.number()?));
            let entries = entries
                .table()?
                .rest()
                .into_iter()
                .map(entry)
                .collect::<Result<_>>()?;
            return Ok(Operand::Table { name, entries });
        }
        Ok(Operand::Amount(Box::new(Amount {
            column: names.columns.named(&name),
            name,
            blank: table.maybe("blank", Node::number)?,
            up_to: table.maybe("up_to", Node::number)?,
            brackets: table.maybe("brackets", |node| Brackets::read(node, "rate"))?,
            times: table.maybe("times", Node::number)?,
        })))
    }

    fn value(&self, claim: &Claim, own: &Number) -> Result<Number> {
        match self {
            Operand::Number(number) => Ok(number.clone()),
            Operand::Own(times) => exact(own * times, claim),
            Operand::Table { name, entries } => {
                let cell = claim.cell(name);
                let entry = entries.iter().find(|(text, _)| text == cell);
                let unknown = || {
                    Refused::row(
                        claim.row,
                        format!("column `{name}`: `{cell}` is not in the table"),
                    )
                };
                entry.map(|(_, number)| number.clone()).ok_or_else(unknown)
            }
            Operand::Amount(amount) => amount.value(claim),
        }
    }
}

impl Amount {
    fn value(&self, claim: &Claim) -> Result<Number> {
        let mut value = self.cell(claim)?;
        if let Some(most) = &self.up_to {
            value = value.min(most.clone());
        }
        if let Some(brackets) = &self.brackets {
            value = exact(brackets.of(&value), claim)?;
        }
        if let Some(times) = &self.times {
            value = exact(value * times, claim)?;
        }
        Ok(value)
    }

    /// What the cell shows, or what a blank cell counts as.
    fn cell(&self, claim: &Claim) -> Result<Number> {
        let cell = claim.cell(&self.name);
        let value = if cell.is_empty() {
            self.blank.clone()
        } else {
            self.column.amount(cell)
        };
        value.ok_or_else(|| {
            Refused::row(
                claim.row,
                format!("column `{}`: `{cell}` is no plain amount", self.name),
            )
        })
    }
}

/// Results are exact decimals or errors, never rounded.
pub(super) fn exact(value: Number, claim: &Claim) -> Result<Number> {
    match exactness(&value) {
        Exactness::Certain => Ok(value),
        Exactness::Borderline => Err(Refused {
            kind: Kind::Borderline,
            ..too_long(claim)
        }),
        Exactness::Impossible => Err(too_long(claim)),
    }
}

fn too_long(claim: &Claim) -> Refused {
    Refused::row(claim.row, "an amount is too long to be held exactly")
}

/// Marginal rates: each applies to the part of an amount between its limits.
#[derive(Debug)]
pub(super) struct Brackets(Vec<(Option<Number>, Number)>);

impl Brackets {
    /// A list of tables with `to` and a rate of the given name; `to` rises, and the last has none.
    pub(super) fn read(node: &Node, rate: &str) -> Result<Brackets> {
        let mut brackets: Vec<(Option<Number>, Number)> = Vec::new();
        let mut below = Some(Number::zero());
        for bracket in node.list()? {
            let mut table = bracket.table()?;
            let to = table.maybe("to", Node::number)?;
            let rises = matches!((&below, &to), (Some(below), Some(to)) if below < to);
            if !rises && (to.is_some() || below.is_none()) {
                return Err(bracket.refuse("must rise above the one before it"));
            }
            brackets.push((to.clone(), table.need(rate)?.number()?));
            table.done()?;
            below = to;
        }
        if below.is_some() {
            return Err(node.refuse("must end with a bracket without `to`"));
        }
        Ok(Brackets(brackets))
    }

    pub(super) fn of(&self, amount: &Number) -> Number {
        let (mut total, mut below) = (Number::zero(), Number::zero());
        for (to, rate) in &self.0 {
            let end = to.as_ref().map_or(amount, |to| to.min(amount)).clone();
            if end > below {
                total += (&end - &below) * rate;
                below = end;
            }
        }
        total
    }
}
