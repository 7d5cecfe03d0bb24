//! Texts, names, conditions and shares of a plan as parts of a query.

use anyhow::Result;

use crate::base::decimal;
use crate::base::diagnostics::literal;
use crate::base::exact::Exact;
use crate::plan::cell_reading::DateFormat;
use crate::plan::condition::{Criterion, Matcher, ValueRange};
use crate::plan::formula::{Formula, FormulaStep, Operand, Operation};
use crate::plan::sql::outside;
use crate::plan::{Choice as _, ColumnId, Condition, Plan};

/// A date, or a date-time without offset, which counts as its date.
const DATE: &str = r"'\d{4}-\d{2}-\d{2}([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?)?'";

/// Quotes a text of the plan; the text cannot end the literal.
pub(super) fn text(text: &str) -> Result<String> {
    Ok(format!("'{}'", plain(text)?.replace('\'', "''")))
}

pub(super) fn texts(list: &[String]) -> Result<String> {
    let quoted: Vec<String> = list.iter().map(|one| text(one)).collect::<Result<_>>()?;
    Ok(quoted.join(", "))
}

/// Quotes a name; the name cannot end the identifier.
pub(super) fn identifier(name: &str) -> Result<String> {
    Ok(format!("\"{}\"", plain(name)?.replace('"', "\"\"")))
}

/// The query's name for the cell of this column.
pub(super) fn cell(column: &str) -> Result<String> {
    identifier(&format!("cell {column}"))
}

/// The query's name for membership in a subclass.
pub(super) fn member(number: usize) -> String {
    format!("in_subclass_{}", number + 1)
}

/// A `HUGEINT` literal.
pub(super) fn whole(number: i128) -> String {
    format!("{number}::HUGEINT")
}

fn plain(text: &str) -> Result<&str> {
    if text.chars().any(char::is_control) {
        let what = format!("has a control character in {}", literal(text));
        return Err(outside(what, None));
    }
    Ok(text)
}

/// A condition as an expression. Entries are evaluated in the order written,
/// because a cell is read only when its entry is reached.
pub(super) fn condition(plan: &Plan, condition: &Condition, line: Option<usize>) -> Result<String> {
    let mut parts = Vec::new();
    for entry in &condition.entries {
        parts.push(match entry {
            Criterion::In(subclasses) => in_any(subclasses),
            Criterion::NotIn(subclasses) => format!("NOT {}", in_any(subclasses)),
            Criterion::Any(conditions) => {
                let parts = conditions
                    .iter()
                    .map(|one| self::condition(plan, one, line));
                let parts: Vec<String> = parts.collect::<Result<_>>()?;
                // The first that holds ends the search.
                parts.iter().rev().fold("false".to_owned(), |rest, part| {
                    format!("CASE WHEN {part} THEN true ELSE {rest} END")
                })
            }
            Criterion::Cell(column, matcher) => {
                crate::plan::sql::terms::matcher(plan, *column, matcher, line)?
            }
            Criterion::Value(..) => return Err(outside("compares a value with a range", line)),
        });
    }
    let dates = parts.iter().any(|part| part.starts_with("CASE"));
    Ok(match parts.as_slice() {
        [] => "true".to_owned(),
        [one] => one.clone(),
        _ if !dates => format!("({})", parts.join(" AND ")),
        _ => parts.iter().rev().fold("true".to_owned(), |rest, part| {
            format!("CASE WHEN {part} THEN {rest} ELSE false END")
        }),
    })
}

fn in_any(subclasses: &[usize]) -> String {
    let members: Vec<String> = subclasses.iter().map(|one| member(*one)).collect();
    match members.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", members.join(" OR ")),
    }
}

fn matcher(
    plan: &Plan,
    column: ColumnId,
    matcher: &Matcher,
    line: Option<usize>,
) -> Result<String> {
    let name = plan.columns.name(column);
    let cell = cell(name)?;
    Ok(match matcher {
        Matcher::OneOf(list) => match list.as_slice() {
            [one] => format!("{cell} = {}", text(one)?),
            _ => format!("{cell} IN ({})", texts(list)?),
        },
        Matcher::NoneOf(list) => format!("{cell} NOT IN ({})", texts(list)?),
        Matcher::Blank(true) => format!("{cell} = ''"),
        Matcher::Blank(false) => format!("{cell} <> ''"),
        Matcher::Date(range, format) if format.dates == DateFormat::Iso => date(&cell, range),
        Matcher::Number(..) | Matcher::Date(..) | Matcher::Instant(..) => {
            let kind = match matcher {
                Matcher::Number(..) => "numbers",
                Matcher::Date(..) => "dates of that form",
                _ => "instants",
            };
            let what = format!("compares column {} with a range of {kind}", literal(name));
            return Err(outside(what, line));
        }
    })
}

/// An expression that is true for a date in the range; any other text is an error.
fn date(cell: &str, range: &ValueRange<crate::base::dates::Date>) -> String {
    let day = format!("CAST(left({cell}, 10) AS DATE)");
    let mut ends = Vec::new();
    if let Some(from) = range.from {
        let sign = if from.open { ">" } else { ">=" };
        ends.push(format!("{day} {sign} DATE '{}'", from.at));
    }
    if let Some(to) = range.to {
        let sign = if to.open { "<" } else { "<=" };
        ends.push(format!("{day} {sign} DATE '{}'", to.at));
    }
    let blank = match range.blank {
        None => "error('a cell is blank, but the plan compares it with dates')".to_owned(),
        Some(inside) => inside.to_string(),
    };
    format!(
        "CASE WHEN {cell} = '' THEN {blank} WHEN NOT regexp_full_match({cell}, {DATE}) THEN error('not a date: ' || {cell}) ELSE {} END",
        ends.join(" AND ")
    )
}

/// The shares of a claim as an expression in integer units, and the scale: one
/// share is ten to that power of units.
pub(super) fn units(plan: &Plan, formula: &Formula) -> Result<(String, u32)> {
    let mut running = ("0::HUGEINT".to_owned(), 0);
    for step in formula.steps() {
        running = after(plan, step, running)?;
    }
    Ok(running)
}

/// The running value after a step.
fn after(plan: &Plan, step: &FormulaStep, (before, scale): (String, u32)) -> Result<(String, u32)> {
    let line = Some(step.line);
    let number = match &step.operand {
        Operand::Number(Exact::Decimal(number)) => number.normalize(),
        Operand::Number(Exact::Fraction(_)) => {
            return Err(outside("computes with a fraction", line));
        }
        Operand::Cell(operand) => {
            let column = operand.column();
            let column = column.map_or("", |column| plan.columns.name(column));
            let what = format!("computes shares from column {}", literal(column));
            return Err(outside(what, line));
        }
        Operand::Table(_) => return Err(outside("looks up a table", line)),
        Operand::Span(_) => return Err(outside("counts time between two dates", line)),
        Operand::Award(_) => return Err(outside("computes with `award`", line)),
        Operand::Pool { .. } => return Err(outside("computes with `pool`", line)),
    };
    let too_fine = || outside("has shares with too many decimals", line);
    let power = |exponent| decimal::power_of_ten(exponent).ok_or_else(too_fine);
    let choose = |then: i128, otherwise: i128| -> Result<String> {
        if step.when.entries.is_empty() {
            return Ok(then.to_string());
        }
        let when = condition(plan, &step.when, line)?;
        Ok(format!("CASE WHEN {when} THEN {then} ELSE {otherwise} END"))
    };
    let own = number.scale();
    let sign = match step.verb {
        Operation::Times => {
            let factor = choose(number.mantissa(), power(own)?)?;
            return Ok((format!("({before}) * {factor}"), scale + own));
        }
        Operation::Add => '+',
        Operation::Subtract => '-',
        Operation::Divide
        | Operation::AtLeast
        | Operation::AtMost
        | Operation::Round
        | Operation::RoundDown
        | Operation::RoundUp => {
            let what = format!("has the step `{}`", step.verb.word());
            return Err(outside(what, line));
        }
    };
    let common = scale.max(own);
    let before = if common > scale {
        format!("({before}) * {}", power(common - scale)?)
    } else {
        before
    };
    let operand = number
        .mantissa()
        .checked_mul(power(common - own)?)
        .ok_or_else(too_fine)?;
    Ok((
        format!("{before}\n      {sign} {}", choose(operand, 0)?),
        common,
    ))
}
