//! Formulas and conditions in plain English.

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::exact::Exact;
use crate::base::money::group;
use crate::plan::cell::{NumberSource, ValueId};
use crate::plan::claim_fact::{ClaimFact, PriorAmount};
use crate::plan::condition::{Condition, Criterion, Matcher, ValueRange};
use crate::plan::english::{DescriptionSection, EnglishWriter, Quantity, percent};
use crate::plan::formula::{CellOperand, CellReading, Formula, FormulaStep, Operand, Operation};
use crate::plan::{ColumnId, sourced};

impl EnglishWriter<'_> {
    /// A formula, as the end of a sentence such as "Each claimant has …".
    pub(super) fn formula(&self, formula: &Formula, counts: Quantity) -> String {
        let mut text = String::new();
        // Steps that are not all additions are separated by "then", so that it is clear
        // what each of them changes.
        let only_adds = formula
            .steps()
            .iter()
            .all(|step| step.verb == Operation::Add);
        for (position, step) in formula.steps().iter().enumerate() {
            let counts = if step.verb.is_factor() && counts == Quantity::Money {
                Quantity::Shares
            } else {
                counts
            };
            let operand = self.operand(&step.operand, counts);
            let plain = matches!(step.operand, Operand::Number(_));
            text += &match (step.verb, position) {
                (Operation::Add | Operation::AtLeast, 0) => with_unit(step, &operand, counts),
                (Operation::Subtract, 0) => format!("0, less {operand}"),
                (Operation::Times, 0) => format!("0, multiplied by {operand}"),
                (Operation::Divide, 0) => format!("0, divided by {operand}"),
                (Operation::AtMost, 0) => format!("0, capped at {operand}"),
                (Operation::Round, 0) => format!("0, rounded to the nearest multiple of {operand}"),
                (Operation::RoundDown, 0) => format!("0, rounded down to a multiple of {operand}"),
                (Operation::RoundUp, 0) => format!("0, rounded up to a multiple of {operand}"),
                (Operation::Add, _) if only_adds && plain => format!(", plus {operand}"),
                (Operation::Add, _) => format!("; then plus {operand}"),
                (Operation::Subtract, _) => format!("; then less {operand}"),
                (Operation::Times, _) => format!("; then multiplied by {operand}"),
                (Operation::Divide, _) => format!("; then divided by {operand}"),
                (Operation::AtLeast, _) => format!("; then at least {operand}"),
                (Operation::Round, _) => {
                    format!("; then rounded to the nearest multiple of {operand}")
                }
                (Operation::RoundDown, _) => {
                    format!("; then rounded down to a multiple of {operand}")
                }
                (Operation::RoundUp, _) => {
                    format!("; then rounded up to a multiple of {operand}")
                }
                (Operation::AtMost, _) => format!("; then capped at {operand}"),
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
            text = sourced(&text, step.source.as_deref());
        }
        text
    }

    pub(crate) fn operand(&self, operand: &Operand, counts: Quantity) -> String {
        match operand {
            Operand::Number(number) => self.exact(number, counts),
            Operand::Award(factor) if *factor == Exact::ONE => {
                "the claimant's own award or shares".to_owned()
            }
            Operand::Award(factor) => format!(
                "{} times the claimant's own award or shares",
                factor.written()
            ),
            Operand::Cell(operand) => self.cell(operand, counts),
            Operand::Table(operand) => self.table_operand(operand, counts),
            Operand::Span(operand) => self.span_operand(operand),
            Operand::Pool { pool, times } => {
                let pool = self.plan.pools.get(*pool);
                let name = pool.map_or("", |pool| pool.name.as_str());
                let payment = format!("the payment from pool \"{name}\"");
                if *times == Exact::ONE {
                    payment
                } else {
                    format!("{} times {payment}", times.written())
                }
            }
        }
    }

    fn cell(&self, operand: &CellOperand, counts: Quantity) -> String {
        // A number that is yet to be multiplied is not an amount.
        let factored = match operand.times {
            Some(_) if counts == Quantity::Money => Quantity::Shares,
            _ => counts,
        };
        let mut text = match &operand.reading {
            CellReading::Number { blank } => {
                let column = operand.column();
                let added = column.is_some_and(|column| self.is_added(column));
                let blank = blank.as_ref().map(Exact::written).map(|blank| {
                    if added {
                        format!(", counting {blank} if all are blank")
                    } else {
                        format!(", counting a blank as {blank}")
                    }
                });
                let of_ledger = column.is_some_and(|column| self.fact(column).is_some());
                let number = match (added || of_ledger || column.is_none(), factored) {
                    (true, _) => "",
                    (false, Quantity::Shares | Quantity::Plain) => "the number in ",
                    (false, Quantity::Money) => "the amount in ",
                };
                let (of, blank) = (self.of_source(operand.source), blank.unwrap_or_default());
                format!("{number}{of}{blank}")
            }
            CellReading::Table(table) => {
                let entries: Vec<String> = table
                    .iter()
                    .map(|(text, number)| {
                        format!("{} for {}", self.exact(number, factored), blank_or(text))
                    })
                    .collect();
                format!(
                    "the value assigned to {} ({})",
                    self.of_source(operand.source),
                    entries.join(", ")
                )
            }
        };
        if let Some(up_to) = &operand.up_to {
            text += &format!(", capped at {}", self.exact(up_to, factored));
        }
        if !operand.brackets.is_empty() {
            let rates: Vec<(Option<Decimal>, String)> = operand
                .brackets
                .iter()
                .map(|bracket| (bracket.to, rate(&bracket.rate)))
                .collect();
            text += &format!(", counting {}", self.brackets(&rates, factored));
        }
        if let Some(times) = &operand.times {
            text += &format!(", multiplied by {}", times.written());
        }
        text
    }

    /// The source of a number, as people read it.
    pub(super) fn of_source(&self, source: NumberSource) -> String {
        match source {
            NumberSource::Column(column) => self.of_claim(column),
            NumberSource::Value(value) => self.value_name(value),
        }
    }

    /// A named value, as people read it.
    fn value_name(&self, id: ValueId) -> String {
        let value = self.plan.values.get(id.0);
        value.map_or_else(String::new, |value| format!("\"{}\"", value.name))
    }

    pub(super) fn exact(&self, number: &Exact, counts: Quantity) -> String {
        match number {
            Exact::Decimal(number) => self.number(*number, counts),
            Exact::Fraction(_) => number.written(),
        }
    }

    pub(super) fn number(&self, number: Decimal, counts: Quantity) -> String {
        let currency = self.plan.settlement.currency;
        match (counts, currency.exact(number)) {
            (Quantity::Money, Some(money)) => currency.grouped(money),
            _ => group(&decimal::text(number)),
        }
    }

    /// The claims to which a condition limits a pool, as the end of "claims …".
    pub(crate) fn limited_to(&self, condition: &Condition) -> String {
        match &condition.entries[..] {
            [Criterion::In(subclasses)] => self.in_subclasses(subclasses),
            _ => format!("where {}", self.condition(condition)),
        }
    }

    /// A condition on claims, as the end of "where …".
    pub(crate) fn condition(&self, condition: &Condition) -> String {
        let entries = condition.entries.iter().map(|entry| self.entry(entry));
        entries.collect::<Vec<_>>().join(" and ")
    }

    /// A condition on single rows, before they are added up.
    pub(crate) fn row_condition(&self, condition: &Condition) -> String {
        self.of_single_rows().condition(condition)
    }

    fn entry(&self, entry: &Criterion) -> String {
        match entry {
            Criterion::In(subclasses) => {
                format!("the claimant is {}", self.in_subclasses(subclasses))
            }
            Criterion::NotIn(subclasses) => {
                format!("the claimant is not {}", self.in_subclasses(subclasses))
            }
            Criterion::Any(conditions) => {
                let each = conditions.iter().map(|condition| self.condition(condition));
                match each.collect::<Vec<_>>().as_slice() {
                    [only] => only.clone(),
                    each => format!("either ({})", each.join(") or (")),
                }
            }
            Criterion::Cell(column, Matcher::Blank(blank)) if self.is_added(*column) => {
                let column = self.column(*column);
                match blank {
                    true => format!("{column} is blank in all of the claimant's rows"),
                    false => {
                        format!("{column} is not blank in at least one of the claimant's rows")
                    }
                }
            }
            Criterion::Cell(column, matcher) => {
                format!("{} {}", self.of_claim(*column), self.matcher_text(matcher))
            }
            Criterion::Value(value, range) => {
                let text = range_text(range, Exact::text, &NUMBER_WORDS);
                format!("{} {text}", self.value_name(*value))
            }
        }
    }

    fn in_subclasses(&self, subclasses: &[usize]) -> String {
        let names: Vec<&str> = subclasses
            .iter()
            .filter_map(|&number| self.plan.subclasses.get(number))
            .map(|subclass| subclass.name.as_str())
            .collect();
        format!("in subclass {}", either(&names))
    }

    /// True if rules see the sum of a column over the rows of a claimant.
    fn is_added(&self, column: ColumnId) -> bool {
        !self.of_rows && self.columns.is_added(column)
    }

    /// The amount or the state in the ledger of a reconciliation that a column has.
    fn fact(&self, id: ColumnId) -> Option<&'static str> {
        let words = match self.columns.get(id)?.fact? {
            ClaimFact::Trades(_) => return None,
            ClaimFact::PriorStatus => "the claimant's latest payout",
            ClaimFact::Prior(PriorAmount::Cashed) => {
                "what the claimant cashed in earlier distributions"
            }
            ClaimFact::Prior(PriorAmount::Paid) => {
                "what earlier distributions paid the claimant, cashed or outstanding"
            }
            ClaimFact::Prior(PriorAmount::Void) => {
                "the claimant's payouts of earlier distributions that are void"
            }
            ClaimFact::Prior(PriorAmount::Held) => {
                "what the last distribution held for the claimant"
            }
        };
        Some(words)
    }

    /// The value of a claim in a column.
    fn of_claim(&self, id: ColumnId) -> String {
        if let Some(words) = self.fact(id) {
            return words.to_owned();
        }
        let column = self.column(id);
        if self.is_added(id) {
            format!("the sum of {column} over the claimant's rows")
        } else {
            column
        }
    }

    pub(super) fn column(&self, id: ColumnId) -> String {
        format!("column \"{}\"", self.columns.name(id))
    }
}

/// A rate of a bracket, as the beginning of "… the first $500.00".
fn rate(rate: &Exact) -> String {
    match rate {
        Exact::Decimal(rate) if *rate <= Decimal::ONE => format!("{} of", percent(*rate)),
        Exact::Fraction(_) if *rate < Exact::ONE => format!("{} of", rate.written()),
        _ => format!("{} times", rate.written()),
    }
}

fn with_unit(step: &FormulaStep, operand: &str, counts: Quantity) -> String {
    match (&step.operand, counts) {
        (Operand::Number(number), Quantity::Shares) if *number == Exact::ONE => {
            "1 share".to_owned()
        }
        (Operand::Number(_), Quantity::Shares) => format!("{operand} shares"),
        (Operand::Cell(_), Quantity::Shares) => format!("shares equal to {operand}"),
        _ => operand.to_owned(),
    }
}

/// The words for the ends of a range.
struct RangeWords {
    /// Between two ends that are included.
    to: &'static str,
    at_least: &'static str,
    above: &'static str,
    at_most: &'static str,
    below: &'static str,
}

const NUMBER_WORDS: RangeWords = RangeWords {
    to: "to",
    at_least: "at least",
    above: "more than",
    at_most: "at most",
    below: "less than",
};

const TIME_WORDS: RangeWords = RangeWords {
    to: "through",
    at_least: "on or after",
    above: "after",
    at_most: "on or before",
    below: "before",
};

fn range_text<T>(range: &ValueRange<T>, text: impl Fn(&T) -> String, words: &RangeWords) -> String {
    let from = range.from.as_ref().map(|end| {
        let word = if end.open {
            words.above
        } else {
            words.at_least
        };
        (end.open, text(&end.at), format!("{word} {}", text(&end.at)))
    });
    let to = range.to.as_ref().map(|end| {
        let word = if end.open { words.below } else { words.at_most };
        (end.open, text(&end.at), format!("{word} {}", text(&end.at)))
    });
    let bounds = match (from, to) {
        (Some((false, from, _)), Some((false, to, _))) => {
            format!("is from {from} {} {to}", words.to)
        }
        (Some((.., from)), Some((.., to))) => format!("is {from} and {to}"),
        (Some((.., end)), None) | (None, Some((.., end))) => format!("is {end}"),
        (None, None) => "has any value".to_owned(),
    };
    match range.blank {
        Some(true) => format!("{bounds}, or is blank"),
        Some(false) => format!("{bounds}, and is not blank"),
        None => bounds,
    }
}

pub(super) fn blank_or(text: &str) -> String {
    if text.is_empty() {
        "blank".to_owned()
    } else {
        format!("\"{text}\"")
    }
}

/// `"a", "b" or "c"`.
pub(super) fn either<S: AsRef<str>>(texts: &[S]) -> String {
    let mut texts: Vec<String> = texts.iter().map(|text| blank_or(text.as_ref())).collect();
    match texts.pop() {
        None => "nothing".to_owned(),
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} or {last}", texts.join(", ")),
    }
}

impl EnglishWriter<'_> {
    fn matcher_text(&self, matcher: &Matcher) -> String {
        let locale = self.plan.settlement.locale;
        match matcher {
            Matcher::OneOf(texts) => format!("is {}", either(texts)),
            Matcher::NoneOf(texts) => format!("is not {}", either(texts)),
            Matcher::Blank(true) => "is blank".to_owned(),
            Matcher::Blank(false) => "is not blank".to_owned(),
            Matcher::Number(range, _) => {
                let text = |number: &Decimal| group(&decimal::text(*number));
                range_text(range, text, &NUMBER_WORDS)
            }
            Matcher::Date(range, _) => range_text(range, |date| locale.date(*date), &TIME_WORDS),
            Matcher::Instant(range, _) => {
                range_text(range, |instant| locale.instant(*instant), &TIME_WORDS)
            }
        }
    }

    pub(super) fn residual(&self) -> DescriptionSection {
        let source = self.plan.sources.residual.as_deref();
        let to = self.plan.residual_to.as_ref();
        let rule = to.map_or_else(
            || "The plan does not state who receives residual funds".to_owned(),
            |to| format!("Residual funds go to: {to}"),
        );
        let sentence = sourced(&rule, source) + ".";
        DescriptionSection {
            title: "Residual".to_owned(),
            sentences: vec![sentence],
        }
    }
}
