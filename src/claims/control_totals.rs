//! Control totals: figures that came with the data and that a run must match.
//!
//! Arithmetic that ties out cannot reveal that a file was truncated at the end of a
//! row, or that a cell has 500,000,031 instead of 31. The sender of the data can,
//! with the number of rows or the sum of a column. `expect.toml` holds such
//! figures:
//!
//! ```toml
//! rows      = 1_400_000             # data rows
//! claimants = 1_400_000             # distinct ids
//! paid      = { from = 1_300_000 }  # claimants paid
//! total     = 61_301_820.12         # the sum of payouts, in currency
//! largest   = { to = 200 }          # the largest payout
//! [sum]
//! loss = 88_120_004.17              # the column, added up over all rows
//! [status]
//! approved = 1_310_220              # rows with this status
//! [subclass]
//! illinois = 160_600                # payable and held claimants in it
//! ```

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::diagnostics::{InvalidPlan, Message, PlanProblem, did_you_mean, literal};
use crate::claims::messages;
use crate::plan::document::{ProblemCollector, Span, TomlTable, TomlValue, given};
use crate::plan::{ColumnId, Plan, PlanSource, StatusRule, bad, column, fund, parse};

/// The file name of control totals in a run.
pub(crate) const EXPECT: &str = "expect.toml";

#[derive(Debug, Clone)]
pub struct ControlTotals {
    /// The file as read.
    pub source: PlanSource,
    /// In the order written.
    pub totals: Vec<ControlTotal>,
}

/// One expected figure.
#[derive(Debug, Clone)]
pub struct ControlTotal {
    /// The name in the file: `rows`, `sum.loss`.
    pub name: String,
    pub figure: ControlFigure,
    /// The expected value or range.
    pub range: ExpectedRange,
}

/// The figure that a control total concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlFigure {
    /// Data rows of the claims files.
    Rows,
    /// Distinct ids.
    Claimants,
    /// Claimants who are paid.
    Paid,
    /// The sum of payouts, in currency.
    Total,
    /// The largest payout, in currency.
    Largest,
    /// The sum of a column over all rows; blank cells add nothing.
    Sum(ColumnId),
    /// Rows with this status.
    Status(String),
    /// Payable and held claimants in this subclass, by index in plan order.
    Subclass(usize),
}

/// A number, or a range that includes its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedRange {
    pub from: Option<Decimal>,
    pub to: Option<Decimal>,
}

impl ExpectedRange {
    /// True if the range contains a figure.
    pub fn holds(&self, found: &Ratio<BigInt>) -> bool {
        self.from.is_none_or(|from| *found >= fund::fraction(from))
            && self.to.is_none_or(|to| *found <= fund::fraction(to))
    }

    /// `6`, `from 5 to 7`, `at least 5`, `at most 7`.
    pub fn text(&self) -> String {
        match (self.from.map(decimal::text), self.to.map(decimal::text)) {
            (Some(from), Some(to)) if from == to => from,
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (Some(from), None) => format!("at least {from}"),
            (None, Some(to)) => format!("at most {to}"),
            (None, None) => "any".to_owned(),
        }
    }
}

/// Reads control totals for a plan. Their columns are added to those that the plan
/// reads.
pub(crate) fn load(source: &PlanSource, plan: &mut Plan) -> Result<ControlTotals, InvalidPlan> {
    let document = parse::document(source)?;
    let mut problems = ProblemCollector::default();
    let root = TomlTable::new("the control totals file", 0..0, document.get_ref());
    let mut reader = ControlTotalsReader {
        plan,
        problems: &mut problems,
        totals: Vec::new(),
    };
    reader.read(root);
    let totals = reader.totals;
    if totals.is_empty() && problems.list.is_empty() {
        let fault = PlanProblem::new(0..0, messages::control_totals_empty());
        problems.list.push(fault);
    }
    if problems.list.is_empty() {
        Ok(ControlTotals {
            source: source.clone(),
            totals,
        })
    } else {
        Err(bad(source, problems.list))
    }
}

struct ControlTotalsReader<'a> {
    plan: &'a mut Plan,
    problems: &'a mut ProblemCollector,
    totals: Vec<ControlTotal>,
}

impl ControlTotalsReader<'_> {
    fn read(&mut self, mut root: TomlTable<'_>) {
        let single = [
            ("rows", ControlFigure::Rows),
            ("claimants", ControlFigure::Claimants),
            ("paid", ControlFigure::Paid),
            ("total", ControlFigure::Total),
            ("largest", ControlFigure::Largest),
        ];
        for (key, figure) in single {
            if let Some(value) = root.take(key) {
                self.add(&value, key.to_owned(), figure);
            }
        }
        for key in ["sum", "status", "subclass"] {
            let table = root.take(key);
            let table = table.and_then(|value| value.table(format!("[{key}]"), self.problems));
            for value in table.iter().flat_map(TomlTable::entries) {
                let figure = match key {
                    "sum" => self.column(value).map(ControlFigure::Sum),
                    "status" => self.status(value),
                    _ => self.subclass(value),
                };
                if let Some(figure) = figure {
                    self.add(value, format!("{key}.{}", value.key), figure);
                }
            }
        }
        root.finish(self.problems);
    }

    fn add(&mut self, value: &TomlValue<'_>, name: String, figure: ControlFigure) {
        if let Some(range) = self.range(value) {
            self.totals.push(ControlTotal {
                name,
                figure,
                range,
            });
        }
    }

    /// A number, or a table with one or two ends.
    fn range(&mut self, value: &TomlValue<'_>) -> Option<ExpectedRange> {
        if !value.is_table() {
            let number = value.number(self.problems)?.value;
            return Some(ExpectedRange {
                from: Some(number),
                to: Some(number),
            });
        }
        let mut table = value.table(literal(&value.key), self.problems)?;
        let mut end = |key| {
            let number = table.take(key)?.number(self.problems);
            Some(number.map(|number| number.value))
        };
        let (from, to) = (end("from"), end("to"));
        table.finish(self.problems);
        if from.is_none() && to.is_none() {
            let message = messages::control_range_without_ends(&literal(&value.key));
            return self.refuse(&value.span, message);
        }
        let (from, to) = (given(from)?, given(to)?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            let message = messages::control_range_reversed(&literal(&value.key));
            return self.refuse(&value.span, message);
        }
        Some(ExpectedRange { from, to })
    }

    /// The column, which is added to those that are read.
    fn column(&mut self, value: &TomlValue<'_>) -> Option<ColumnId> {
        let columns = &mut self.plan.columns;
        let column = columns.beside_rules(&value.key, column::ColumnUse::Controls);
        if self.plan.unshown_column() == Some(column) {
            let message = messages::control_sum_of_taxpayer_numbers(&literal(&value.key));
            return self.refuse(&value.key_span, message);
        }
        Some(column)
    }

    fn status(&mut self, value: &TomlValue<'_>) -> Option<ControlFigure> {
        let StatusRule::Column { meanings, .. } = &self.plan.claims.status else {
            return self.refuse(&value.key_span, messages::control_without_status());
        };
        let known: Vec<&str> = meanings.iter().map(|(text, _)| text.as_str()).collect();
        if known.contains(&value.key.as_str()) {
            return Some(ControlFigure::Status(value.key.clone()));
        }
        let message = unknown(value, "status", &known);
        self.refuse(&value.key_span, message)
    }

    fn subclass(&mut self, value: &TomlValue<'_>) -> Option<ControlFigure> {
        let keys = self.plan.subclasses.iter().map(|subclass| &subclass.key);
        let known: Vec<&str> = keys.map(String::as_str).collect();
        if let Some(number) = known.iter().position(|key| *key == value.key) {
            return Some(ControlFigure::Subclass(number));
        }
        let message = unknown(value, "subclass", &known);
        self.refuse(&value.key_span, message)
    }

    fn refuse<T>(&mut self, span: &Span, message: Message) -> Option<T> {
        self.problems
            .list
            .push(PlanProblem::new(span.clone(), message));
        None
    }
}

fn unknown(value: &TomlValue<'_>, what: &str, known: &[&str]) -> Message {
    let message = messages::control_unknown(what, &literal(&value.key));
    message.hint(did_you_mean(&value.key, known, "the plan has"))
}
