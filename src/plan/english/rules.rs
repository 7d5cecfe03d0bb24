//! Formulas and conditions in words.

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::money::group;
use crate::plan::ColumnId;
use crate::plan::condition::{Condition, Criterion, Matcher, ValueRange};
use crate::plan::english::{DescriptionSection, EnglishWriter, Quantity};
use crate::plan::formula::{CellOperand, CellReading, Formula, FormulaStep, Operand, Operation};

impl EnglishWriter<'_> {
    /// A formula, as what a claimant has.
    pub(super) fn formula(&self, formula: &Formula, counts: Quantity) -> String {
        let mut text = String::new();
        // Several verbs are told one after the other, so that it is plain what
        // each of them changes.
        let only_adds = formula
            .steps()
            .iter()
            .all(|step| step.verb == Operation::Add);
        for (position, step) in formula.steps().iter().enumerate() {
            let counts = if step.verb == Operation::Times {
                Quantity::Shares
            } else {
                counts
            };
            let operand = self.operand(&step.operand, counts);
            let plain = matches!(step.operand, Operand::Number(_));
            text += &match (step.verb, position) {
                (Operation::Add | Operation::AtLeast, 0) => with_unit(step, &operand, counts),
                (Operation::Subtract, 0) => format!("0, less {operand}"),
                (Operation::Times, 0) => format!("0, times {operand}"),
                (Operation::AtMost, 0) => format!("0, but at most {operand}"),
                (Operation::Add, _) if only_adds && plain => format!(", and {operand} more"),
                (Operation::Add, _) => format!("; then plus {operand}"),
                (Operation::Subtract, _) => format!("; then less {operand}"),
                (Operation::Times, _) => format!("; then times {operand}"),
                (Operation::AtLeast, _) => format!("; then at least {operand}"),
                (Operation::AtMost, _) => format!("; then at most {operand}"),
            };
            let condition = self.condition(&step.when);
            if !step.when.entries.is_empty() {
                text += &format!(" if {condition}");
            }
            if let Some(label) = step
                .label
                .as_ref()
                .filter(|label| !condition.contains(label.as_str()))
            {
                text += &format!(" ({label})");
            }
        }
        text
    }

    /// The operand of a step.
    pub(crate) fn operand(&self, operand: &Operand, counts: Quantity) -> String {
        match operand {
            Operand::Number(number) => self.number(*number, counts),
            Operand::Award(factor) => format!(
                "{} times the claimant's own award or shares",
                decimal::text(*factor)
            ),
            Operand::Cell(operand) => self.cell(operand, counts),
        }
    }

    fn cell(&self, operand: &CellOperand, counts: Quantity) -> String {
        let mut text = match &operand.reading {
            CellReading::Number { blank } => {
                let added = self.plan.columns.is_added(operand.column);
                let blank = blank.map(decimal::text).map(|blank| {
                    if added {
                        format!(" ({blank} if all are blank)")
                    } else {
                        format!(" (a blank counts as {blank})")
                    }
                });
                let number = if added { "" } else { "the number in " };
                let (of, blank) = (self.of_claim(operand.column), blank.unwrap_or_default());
                format!("{number}{of}{blank}")
            }
            CellReading::Table(table) => {
                let entries: Vec<String> = table
                    .iter()
                    .map(|(text, number)| {
                        format!("{} for {}", decimal::text(*number), blank_or(text))
                    })
                    .collect();
                format!(
                    "the number for {} ({})",
                    self.column(operand.column),
                    entries.join(", ")
                )
            }
        };
        // What is still to be multiplied is no amount yet.
        let counts = if operand.times.is_some() {
            Quantity::Shares
        } else {
            counts
        };
        if let Some(up_to) = operand.up_to {
            text += &format!(", of which at most {} counts", self.number(up_to, counts));
        }
        if !operand.brackets.is_empty() {
            let rates: Vec<(Option<Decimal>, String)> = operand
                .brackets
                .iter()
                .map(|bracket| (bracket.to, decimal::text(bracket.rate)))
                .collect();
            text += &format!(", of which {}", self.brackets(&rates, counts));
        }
        if let Some(times) = operand.times {
            text += &format!(", multiplied by {}", decimal::text(times));
        }
        text
    }

    /// A number that counts shares, or an amount in currency.
    pub(super) fn number(&self, number: Decimal, counts: Quantity) -> String {
        let currency = self.plan.settlement.currency;
        match (counts, currency.exact(number)) {
            (Quantity::Money, Some(money)) => currency.grouped(money),
            _ => group(&decimal::text(number)),
        }
    }

    /// A condition on claims, as the end of "where …".
    pub(crate) fn condition(&self, condition: &Condition) -> String {
        let entries = condition.entries.iter().map(|entry| self.entry(entry));
        entries.collect::<Vec<_>>().join(" and ")
    }

    /// A condition on single rows, of which nothing is added up.
    pub(crate) fn row_condition(&self, condition: &Condition) -> String {
        let entries = condition.entries.iter().map(|entry| match entry {
            Criterion::Cell(column, matcher) => {
                format!("{} {}", self.column(*column), matcher_text(matcher))
            }
            Criterion::In(_) => self.entry(entry),
        });
        entries.collect::<Vec<_>>().join(" and ")
    }

    fn entry(&self, entry: &Criterion) -> String {
        match entry {
            Criterion::In(subclasses) => {
                let names: Vec<&str> = subclasses
                    .iter()
                    .filter_map(|&number| self.plan.subclasses.get(number))
                    .map(|subclass| subclass.name.as_str())
                    .collect();
                format!("in the {}", names.join(" or the "))
            }
            Criterion::Cell(column, Matcher::Blank(blank))
                if self.plan.columns.is_added(*column) =>
            {
                let column = self.column(*column);
                match blank {
                    true => format!("{column} is blank in all of the claimant's rows"),
                    false => {
                        format!("{column} is not blank in at least one of the claimant's rows")
                    }
                }
            }
            Criterion::Cell(column, matcher) => {
                format!("{} {}", self.of_claim(*column), matcher_text(matcher))
            }
        }
    }

    /// What a claim has in a column.
    fn of_claim(&self, id: ColumnId) -> String {
        let column = self.column(id);
        if self.plan.columns.is_added(id) {
            format!("the sum of {column} over the claimant's rows")
        } else {
            column
        }
    }

    /// A column, named as such.
    pub(super) fn column(&self, id: ColumnId) -> String {
        format!("column `{}`", self.plan.columns.name(id))
    }
}

fn with_unit(step: &FormulaStep, operand: &str, counts: Quantity) -> String {
    match (&step.operand, counts) {
        (Operand::Number(number), Quantity::Shares) if *number == Decimal::ONE => {
            "1 share".to_owned()
        }
        (Operand::Number(_), Quantity::Shares) => format!("{operand} shares"),
        (Operand::Cell(_), Quantity::Shares) => format!("as shares {operand}"),
        _ => operand.to_owned(),
    }
}

fn matcher_text(matcher: &Matcher) -> String {
    match matcher {
        Matcher::OneOf(texts) => format!("is {}", either(texts)),
        Matcher::NoneOf(texts) => format!("is not {}", either(texts)),
        Matcher::Blank(true) => "is blank".to_owned(),
        Matcher::Blank(false) => "is not blank".to_owned(),
        Matcher::Number(range, _) => range_text(range, |number| group(&decimal::text(*number))),
        Matcher::Date(range, _) => time_text(range),
        Matcher::Instant(range, _) => time_text(range),
    }
}

/// Of days and instants one says "or later", not "at least".
fn time_text<T: ToString>(range: &ValueRange<T>) -> String {
    range_text(range, ToString::to_string)
        .replace("is at least ", "is on or after ")
        .replace("is at most ", "is on or before ")
}

fn range_text<T>(range: &ValueRange<T>, text: impl Fn(&T) -> String) -> String {
    let bounds = match (&range.from, &range.to) {
        (Some(from), Some(to)) => format!("is from {} to {}", text(from), text(to)),
        (Some(from), None) => format!("is at least {}", text(from)),
        (None, Some(to)) => format!("is at most {}", text(to)),
        (None, None) => "is anything".to_owned(),
    };
    match range.blank {
        Some(true) => format!("{bounds}, or blank"),
        Some(false) => format!("{bounds}, and not blank"),
        None => bounds,
    }
}

fn blank_or(text: &str) -> String {
    if text.is_empty() {
        "blank".to_owned()
    } else {
        format!("`{text}`")
    }
}

/// `a`, `b` or `c`.
pub(super) fn either<S: AsRef<str>>(texts: &[S]) -> String {
    let mut texts: Vec<String> = texts.iter().map(|text| blank_or(text.as_ref())).collect();
    match texts.pop() {
        None => "nothing".to_owned(),
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} or {last}", texts.join(", ")),
    }
}

impl EnglishWriter<'_> {
    pub(super) fn statement(&self) -> Option<DescriptionSection> {
        let statement = &self.plan.statement;
        let names = statement.columns.iter();
        let names: Vec<String> = names
            .map(|&column| format!("`{}`", self.plan.columns.name(column)))
            .collect();
        let mut sentences = Vec::new();
        if !names.is_empty() {
            let columns = if names.len() == 1 {
                "column"
            } else {
                "columns"
            };
            sentences.push(format!(
                "The statements of claimants show {columns} {}.",
                names.join(", ")
            ));
        }
        if let Some(text) = &statement.text {
            sentences.push(format!("They end with: {text}"));
        }
        (!sentences.is_empty()).then(|| DescriptionSection {
            title: "The statements".to_owned(),
            sentences,
        })
    }

    pub(super) fn residual(&self) -> DescriptionSection {
        let sentence = match &self.plan.residual_to {
            Some(to) => format!("What is left of the fund goes: {to}."),
            None => "The plan does not say where what is left of the fund goes.".to_owned(),
        };
        DescriptionSection {
            title: "The residual".to_owned(),
            sentences: vec![sentence],
        }
    }
}
