//! With `rows = "sum"`: which columns are added up over the rows of a claimant, and
//! uses of a sum that are invalid or probably unintended.

use crate::base::diagnostics::{literal, whole_literal};
use crate::plan::cell::ColumnId;
use crate::plan::columns::Columns;
use crate::plan::condition::{Condition, Criterion, Matcher};
use crate::plan::document::TomlDocument;
use crate::plan::formula::{Formula, FormulaStep, Operand, Operation};
use crate::plan::known_rules::KnownRules;
use crate::plan::map_hints::heading;
use crate::plan::{Choice as _, NamedValue, Pool, Portion, RowsRule, messages};

/// Marks the columns that formulas read as numbers, unless the plan says that they
/// are the same in all rows. A sum cannot be compared with text, and a product of
/// sums is not the sum of products.
pub(super) fn mark(
    rows: Option<RowsRule>,
    formulas: &[&Formula],
    columns: &mut Columns,
    document: &TomlDocument<'_>,
) {
    if rows != Some(RowsRule::Sum) {
        return;
    }
    let numbers = formulas.iter();
    for id in numbers.flat_map(|formula| formula.number_columns()) {
        if let Some(column) = columns.get_mut(id) {
            column.added = !column.same;
        }
    }
    for (_, column) in columns.iter().filter(|(_, column)| column.added) {
        let name = literal(&column.name);
        let table = heading(&column.name);
        if let Some(span) = &column.claim_text {
            let message = messages::sum_compared_with_text(&name, &table);
            document.at(span).problem(message).add();
        }
        for (span, verb) in &column.factors {
            let message = messages::sum_as_factor(&name, verb, &table);
            document.at(span).problem(message).add();
        }
    }
}

/// Warnings about sums in comparisons that may have been intended for each row.
pub(super) fn warnings(rules: &KnownRules<'_>) -> Vec<String> {
    let KnownRules {
        subclasses,
        values,
        pools,
        portions,
        payment_drop,
        columns,
        lots: _,
    } = *rules;
    let mut warnings = Vec::new();
    let mut warn = |place: &str, what: &str, column: ColumnId| {
        let name = whole_literal(columns.name(column));
        let warning = format!(
            "{place}: {what} compares the sum of column {name} over the claimant's rows, not each row"
        );
        if columns.is_added(column) && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    for subclass in subclasses {
        for column in ranges(&subclass.when) {
            warn(&format!("[subclass.{}]", subclass.key), "the range", column);
        }
    }
    let of_formula = |formula: &Formula, warn: &mut dyn FnMut(&str, &str, ColumnId)| {
        for step in formula.steps() {
            let place = format!("line {}", step.line);
            for column in ranges(&step.when) {
                warn(&place, "the range", column);
            }
            for (key, column) in layers(step) {
                warn(&place, key, column);
            }
        }
    };
    for value in values.iter().filter(|value| value.is_of_claim()) {
        for column in ranges(&value.when) {
            warn(&format!("[value.{}]", value.key), "the range", column);
        }
        of_formula(&value.formula, &mut warn);
    }
    for pool in pools {
        let name = whole_literal(&pool.name);
        for column in ranges(&pool.when) {
            warn(&format!("pool {name}"), "the range", column);
        }
        for formula in pool.formulas() {
            of_formula(formula, &mut warn);
        }
        for column in pool.drop.iter().flat_map(|drop| ranges(&drop.when)) {
            warn(&format!("`drop` of pool {name}"), "the range", column);
        }
    }
    for column in payment_drop.iter().flat_map(|drop| ranges(&drop.when)) {
        warn("`drop` of [payment]", "the range", column);
    }
    for formula in portions.iter().filter_map(Portion::formula) {
        of_formula(formula, &mut warn);
    }
    warnings.extend(limits(pools, values, columns));
    warnings
}

/// Warnings about limits that are sums, but may be one amount repeated in each row.
/// A column that an award, shares or a value also add up is assumed to be intended.
fn limits(pools: &[Pool], values: &[NamedValue], columns: &Columns) -> Vec<String> {
    let of_claims = values.iter().filter(|value| value.is_of_claim());
    let of_values = of_claims.flat_map(|value| value.formula.steps());
    let weights = pools.iter().flat_map(|pool| pool.weight.steps());
    let adding = weights
        .chain(of_values)
        .filter(|step| matches!(step.verb, Operation::Add | Operation::Subtract));
    let meant: Vec<ColumnId> = adding
        .filter_map(|step| step.operand.number_column())
        .collect();
    let mut warnings = Vec::new();
    for pool in pools {
        let of_pool = [
            ("at_most", &pool.at_most),
            ("at_least", &pool.at_least),
            ("less", &pool.less),
        ];
        let of_pool = of_pool.into_iter().flat_map(|(key, limit)| {
            let steps = limit.iter().flat_map(Formula::steps);
            let adding = steps.filter(|step| step.verb == Operation::Add);
            adding.map(move |step| (key, step))
        });
        let of_steps = pool.formulas().flat_map(Formula::steps);
        let of_steps =
            of_steps.filter(|step| matches!(step.verb, Operation::AtMost | Operation::AtLeast));
        for (key, step) in of_pool.chain(of_steps.map(|step| (step.verb.word(), step))) {
            let column = step
                .operand
                .number_column()
                .filter(|_| layers(step).is_empty());
            let added = |column: &ColumnId| columns.is_added(*column) && !meant.contains(column);
            if let Some(column) = column.filter(added) {
                let name = columns.name(column);
                warnings.push(format!(
                    "line {}: `{key}` reads the sum of column {} over the claimant's rows; if the value is the same in every row, write `rows = \"same\"` under {}",
                    step.line,
                    whole_literal(name),
                    heading(name)
                ));
            }
        }
    }
    warnings
}

/// The comparisons that a step makes with a cell before it counts.
fn layers(step: &FormulaStep) -> Vec<(&'static str, ColumnId)> {
    let Operand::Cell(operand) = &step.operand else {
        return Vec::new();
    };
    let Some(column) = operand.column() else {
        return Vec::new();
    };
    let up_to = operand.up_to.as_ref().map(|_| ("`up_to`", column));
    let brackets = (!operand.brackets.is_empty()).then_some(("`brackets`", column));
    up_to.into_iter().chain(brackets).collect()
}

/// The columns that a condition compares with ranges of numbers.
fn ranges(when: &Condition) -> Vec<ColumnId> {
    let ranges = when.tests().into_iter().filter_map(|test| match test {
        Criterion::Cell(column, Matcher::Number(..)) => Some(*column),
        _ => None,
    });
    ranges.collect()
}
