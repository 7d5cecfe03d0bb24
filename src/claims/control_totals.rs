//! Control totals: figures that came with the data and that a run must match.
//!
//! Arithmetic that ties out cannot reveal that a file was truncated at the end of a
//! row, or that a cell has 500,000,031 instead of 31. The sender of the data can,
//! with the number of rows or the sum of a column. `expect.toml` holds such figures.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::decimal;
use crate::base::diagnostics::{InvalidPlan, did_you_mean, literal};
use crate::claims::messages;
use crate::plan::document::{TomlDocument, TomlValue};
use crate::plan::kinds::{Map, Table, kinds};
use crate::plan::table::{TableKeys as _, TableShape, keys};
use crate::plan::{ColumnId, Plan, PlanSource, StatusRule, ValueId, column, fund, parse};
use crate::plan::{hints, messages as plan_messages};

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
    /// The sum of a named value over payable and held claims.
    SumOfValue(ValueId),
    /// Rows with this status.
    Status(String),
    /// Payable and held claimants in this subclass, by index in plan order.
    Subclass(usize),
    /// Rows of the trades files.
    TradeRows,
    /// Rows of the trades files with this kind.
    TradeKind(String),
    /// The sum of a column over all rows of the trades files but those that are ignored.
    TradeSum(ColumnId),
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

/// The tables of a control totals file, for its documentation.
pub fn tables() -> [TableShape; 3] {
    [
        TotalsKeys::SHAPE,
        ExpectedKeys::SHAPE,
        TradeTotalsKeys::SHAPE,
    ]
}

keys! {
    struct TotalsKeys<'p>: "the control totals file", "totals" {
        rows: ExpectedFigure, Or("not compared"), "the data rows of the claims files";
        claimants: ExpectedFigure, Or("not compared"), "the distinct ids";
        paid: ExpectedFigure, Or("not compared"), "the claimants who are paid";
        total: ExpectedFigure, Or("not compared"), "the sum of payouts, in currency";
        largest: ExpectedFigure, Or("not compared"), "the largest payout, in currency";
        sum: Map<ExpectedFigure>, Or("not compared"), "`[sum]`: under its name, a column added up over all rows, denied and excluded ones too, where blank cells add nothing; or a named value, added up over payable and held claims";
        status: Map<ExpectedFigure>, Or("not compared"), "`[status]`: under its text, the rows with a status of the plan";
        subclass: Map<ExpectedFigure>, Or("not compared"), "`[subclass]`: under its key, the payable and held claimants in a subclass";
        trades: Table<TradeTotalsKeys<'p>>, Or("not compared"), "figures of the trades files";
    }

    struct TradeTotalsKeys<'p>: "[trades]", "trade_totals" {
        rows: ExpectedFigure, Or("not compared"), "the data rows of the trades files";
        kind: Map<ExpectedFigure>, Or("not compared"), "`[trades.kind]`: under its text, the rows of a kind";
        sum: Map<ExpectedFigure>, Or("not compared"), "`[trades.sum]`: under its name, the column of quantities, of prices or of amounts, or another, added up over the rows that are not ignored, where blank cells add nothing";
    }

    struct ExpectedKeys<'p>: "an expected figure", "expected" {
        from: SignedNumber, Or("no lower end"), "the smallest figure that matches";
        to: SignedNumber, Or("no upper end"), "the largest figure that matches";
    }
}

kinds! {<'p>
    ExpectedFigure(ExpectedRange): "number, or table",
        { "anyOf": [{ "$ref": "#/$defs/number" }, { "$ref": "#/$defs/expected" }] },
        expected;
    SignedNumber(Decimal): "number", { "$ref": "#/$defs/number" }, signed;
}

/// Reads control totals for a plan. Their columns are added to those that the plan
/// reads.
pub(crate) fn load(source: &PlanSource, plan: &mut Plan) -> Result<ControlTotals, InvalidPlan> {
    let table = parse::document(source)?;
    let document = TomlDocument::new(&source.text, plan.settlement.currency);
    let keys = TotalsKeys::root(&document, table.get_ref());
    let totals = read(&keys, plan);
    if totals.is_empty() && document.is_sound() {
        let place = document.at(&(0..0));
        place.problem(messages::control_totals_empty()).add();
    }
    document.check(source)?;
    Ok(ControlTotals {
        source: source.clone(),
        totals,
    })
}

fn read(keys: &TotalsKeys<'_>, plan: &mut Plan) -> Vec<ControlTotal> {
    let single = [
        (&keys.rows, ControlFigure::Rows),
        (&keys.claimants, ControlFigure::Claimants),
        (&keys.paid, ControlFigure::Paid),
        (&keys.total, ControlFigure::Total),
        (&keys.largest, ControlFigure::Largest),
    ];
    let single = single.into_iter().filter_map(|(key, figure)| {
        let (entry, range) = (key.at.as_ref()?, key.value?);
        check_sign(entry, &figure, &range)?;
        Some(ControlTotal {
            name: entry.key.to_owned(),
            figure,
            range,
        })
    });
    let mut totals: Vec<ControlTotal> = single.collect();
    if let Some(trades) = &keys.trades.value {
        totals.extend(trade_totals(trades, plan));
    }
    let tables = [&keys.sum, &keys.status, &keys.subclass];
    for (place, table) in tables.into_iter().enumerate() {
        for (entry, range) in table.value.iter().flatten() {
            let figure = match place {
                0 => sum(entry, plan),
                1 => status(entry, plan),
                _ => subclass(entry, plan),
            };
            let name = table.at.as_ref().map_or("", |table| table.key);
            let figure = figure.zip(*range);
            let figure =
                figure.filter(|(figure, range)| check_sign(entry, figure, range).is_some());
            totals.extend(figure.map(|(figure, range)| ControlTotal {
                name: format!("{name}.{}", entry.key),
                figure,
                range,
            }));
        }
    }
    totals
}

/// A number that may be below 0.
fn signed(value: &TomlValue<'_>) -> Option<Decimal> {
    let written = match value.value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        DeValue::String(text) => text,
        _ => "",
    };
    let digits = written.strip_prefix('-');
    match digits.and_then(|digits| decimal::parse(digits).ok()) {
        Some(number) => decimal::difference(Decimal::ZERO, number),
        None => value.number(),
    }
}

/// Refuses a number below 0 for a figure that is never below 0.
fn check_sign(entry: &TomlValue<'_>, figure: &ControlFigure, range: &ExpectedRange) -> Option<()> {
    let mut ends = range.from.into_iter().chain(range.to);
    let negative = ends.find(Decimal::is_sign_negative);
    let number = negative.filter(|_| !matches!(figure, ControlFigure::SumOfValue(_)));
    let Some(number) = number.map(decimal::text) else {
        return Some(());
    };
    let message =
        plan_messages::number_signed(&format!("{}: {}", literal(entry.key), literal(&number)));
    entry.problem(message).hint(hints::NUMBER).none()
}

/// The figures of trades files.
fn trade_totals(keys: &TradeTotalsKeys<'_>, plan: &mut Plan) -> Vec<ControlTotal> {
    let Some(trades) = &mut plan.trades else {
        let message = messages::control_without_trades();
        keys.toml.place.problem(message).add();
        return Vec::new();
    };
    let mut totals = Vec::new();
    let mut add = |entry: &TomlValue<'_>, table: &str, figure: Option<ControlFigure>, range| {
        let total = figure.zip(range);
        let total = total.filter(|(figure, range)| check_sign(entry, figure, range).is_some());
        totals.extend(total.map(|(figure, range)| ControlTotal {
            name: format!("trades.{table}{}", entry.key),
            figure,
            range,
        }));
    };
    if let Some(entry) = &keys.rows.at {
        add(entry, "", Some(ControlFigure::TradeRows), keys.rows.value);
    }
    for (entry, range) in keys.kind.value.iter().flatten() {
        let known: Vec<&str> = trades.kinds.iter().map(|(text, _)| text.as_str()).collect();
        let figure = if known.contains(&entry.key) {
            Some(ControlFigure::TradeKind(entry.key.to_owned()))
        } else {
            unknown(entry, "kind", &known)
        };
        add(entry, "kind.", figure, *range);
    }
    for (entry, range) in keys.sum.value.iter().flatten() {
        let figure = Some(ControlFigure::TradeSum(trades.add_up(entry.key)));
        add(entry, "sum.", figure, *range);
    }
    totals
}

/// A number, or a table with one or two ends.
fn expected(value: &TomlValue<'_>) -> Option<ExpectedRange> {
    if !value.is_table() {
        let number = Some(signed(value)?);
        return Some(ExpectedRange {
            from: number,
            to: number,
        });
    }
    let key = literal(value.key);
    let keys = ExpectedKeys::open_as(value, key.clone())?;
    let (from, to) = (keys.from.value, keys.to.value);
    if !keys.from.is_present() && !keys.to.is_present() {
        let message = messages::control_range_without_ends(&key);
        return value.problem(message).none();
    }
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        let message = messages::control_range_reversed(&key);
        return value.problem(message).none();
    }
    keys.toml.is_sound().then_some(ExpectedRange { from, to })
}

/// A column, which is added to those that are read, or a named value.
fn sum(entry: &TomlValue<'_>, plan: &mut Plan) -> Option<ControlFigure> {
    let Some(value) = plan.columns.read_value(entry.key) else {
        return column(entry, plan).map(ControlFigure::Sum);
    };
    plan.show_value(value);
    Some(ControlFigure::SumOfValue(value))
}

/// The column, which is added to those that are read.
fn column(entry: &TomlValue<'_>, plan: &mut Plan) -> Option<ColumnId> {
    let columns = &mut plan.columns;
    let column = columns.beside_rules(entry.key, column::ColumnUse::Controls);
    if plan.unshown_column() == Some(column) {
        let name = literal(entry.key);
        let message = messages::control_sum_of_taxpayer_numbers(&name);
        return entry.key_place.problem(message).none();
    }
    Some(column)
}

fn status(entry: &TomlValue<'_>, plan: &Plan) -> Option<ControlFigure> {
    let StatusRule::Column { meanings, .. } = &plan.claims.status else {
        return entry
            .key_place
            .problem(messages::control_without_status())
            .none();
    };
    let known: Vec<&str> = meanings.iter().map(|(text, _)| text.as_str()).collect();
    if known.contains(&entry.key) {
        return Some(ControlFigure::Status(entry.key.to_owned()));
    }
    unknown(entry, "status", &known)
}

fn subclass(entry: &TomlValue<'_>, plan: &Plan) -> Option<ControlFigure> {
    let keys = plan.subclasses.iter().map(|subclass| subclass.key.as_str());
    let known: Vec<&str> = keys.collect();
    match known.iter().position(|key| *key == entry.key) {
        Some(number) => Some(ControlFigure::Subclass(number)),
        None => unknown(entry, "subclass", &known),
    }
}

fn unknown<T>(entry: &TomlValue<'_>, what: &str, known: &[&str]) -> Option<T> {
    let message = messages::control_unknown(what, &literal(entry.key));
    let hint = did_you_mean(entry.key, known, "the plan has");
    entry.key_place.problem(message).hint(hint).none()
}
