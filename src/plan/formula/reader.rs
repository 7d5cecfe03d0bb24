use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::diagnostics::{literal, position};
use crate::plan::cell::ColumnId;
use crate::plan::column::column_name;
use crate::plan::common_mistakes;
use crate::plan::condition::{Condition, ConditionReader, optional};
use crate::plan::document::{ProblemCollector, Span, TomlNumber, TomlTable, TomlValue, all, given};
use crate::plan::formula::{
    Bracket, CellOperand, CellReading, Formula, FormulaStep, Operand, Operation, VERBS,
};

/// The context of a formula.
#[derive(Debug)]
pub(crate) struct FormulaContext<'a, 'c> {
    pub reader: &'a mut ConditionReader<'c>,
    /// True if `{ award = k }` is allowed, as in the limits of a pool.
    pub award: bool,
    /// The text of the plan, for line numbers.
    pub text: &'a str,
}

impl FormulaContext<'_, '_> {
    fn line(&self, span: &Span) -> usize {
        position(self.text, span.start).0
    }

    /// Reads a number, or a list of steps.
    pub(crate) fn formula(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Formula> {
        let line = self.line(&value.span);
        let steps = match value.value {
            DeValue::Array(_) => self.steps(value, problems)?,
            DeValue::Table(table) => {
                let message = format!(
                    "{} must be a number or a list of steps",
                    literal(&value.key)
                );
                let mut keys = table.iter().map(|(key, _)| key.get_ref());
                if let Some(hint) = keys.find_map(|key| common_mistakes::of_key(key, "a step")) {
                    problems.add_hint(&value.span, message, hint);
                    return None;
                }
                let hint = "write a list of steps, even for a single step: `[ { add = { column = \"loss\" } } ]`";
                problems.add_hint(&value.span, message, hint);
                return None;
            }
            _ => vec![FormulaStep {
                verb: Operation::Add,
                operand: Operand::Number(number(value, problems)?),
                when: Condition::default(),
                label: None,
                line,
            }],
        };
        Some(Formula::new(steps, line))
    }

    fn steps(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<FormulaStep>> {
        let elements = value.list(problems)?;
        if elements.is_empty() {
            problems.add(&value.span, format!("{} has no steps", literal(&value.key)));
            return None;
        }
        // All steps are read, so that all problems are reported.
        all(elements.iter().map(|element| self.step(element, problems)))
    }

    fn step(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<FormulaStep> {
        let DeValue::Table(_) = value.value else {
            let message = format!("a step of {} must be a table", literal(&value.key));
            problems.add_hint(&value.span, message, "write it like `{ add = 1 }`");
            return None;
        };
        let mut table = value.table("a step", problems)?;
        let verbs = table.present(&VERBS.map(|(key, _)| key));
        let when = optional(&mut table, self.reader, problems);
        let label = given(table.take("label").map(|label| label.words(problems)))?;
        table.finish(problems);
        let verb = match verbs.as_slice() {
            [verb] => verb,
            [] => {
                let message =
                    "a step requires one of `add`, `subtract`, `times`, `at_least` or `at_most`";
                problems.add(&value.span, message);
                return None;
            }
            [first, second, ..] => {
                let message = format!(
                    "a step has exactly one operation, so `{}` and `{}` cannot be combined",
                    first.key, second.key
                );
                problems.add_pair(
                    &second.key_span,
                    message,
                    &first.key_span,
                    "the other operation",
                );
                return None;
            }
        };
        let operand = self.operand(verb, problems);
        let (_, meant) = VERBS.iter().find(|(key, _)| *key == verb.key)?;
        let operand = operand?;
        if let (Operation::Times, Some(column)) = (meant, operand.number_column())
            && let Some(column) = self.reader.columns.get_mut(column)
        {
            column.factors.push(verb.span.clone());
        }
        Some(FormulaStep {
            verb: *meant,
            operand,
            when: when?,
            label,
            line: self.line(&value.span),
        })
    }

    fn operand(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Operand> {
        let DeValue::Table(_) = value.value else {
            return number(value, problems).map(Operand::Number);
        };
        let mut table = value.table("an operand", problems)?;
        if let Some(award) = table.take("award") {
            if let Some(other) = table.entries().iter().find(|entry| entry.key != "award") {
                let message = format!(
                    "`award` in an operand cannot be combined with `{}`",
                    other.key
                );
                problems.add_pair(&other.key_span, message, &award.key_span, "the award");
                return None;
            }
            return self.award(&award, problems);
        }
        self.cell_operand(value, problems).map(Operand::Cell)
    }

    fn award(&self, value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Operand> {
        if !self.award {
            let message = "`award` as an operand is only allowed in the limits `at_least` and `at_most` of a pool";
            problems.add(&value.key_span, message);
            return None;
        }
        value
            .number(problems)
            .map(|number| Operand::Award(number.value))
    }

    fn cell_operand(
        &mut self,
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<CellOperand> {
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
            let message = "`blank` and `table` cannot be combined; use a `\"\"` key in the table for a blank cell";
            problems.add_pair(&blank.key_span, message, &texts.key_span, "the table");
            return None;
        }
        let reading = match texts {
            Some(texts) => CellReading::Table(self.text_table(column, &texts, problems)?),
            None => CellReading::Number {
                blank: given(blank.map(|blank| Some(blank.number(problems)?.value)))?,
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
        value: &TomlValue<'_>,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<(String, Decimal)>> {
        if value.elements().is_some() {
            value.wrong_kind_hint("a table", common_mistakes::BANDS, problems);
            return None;
        }
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
        let number =
            |entry: &TomlValue<'_>| Some((entry.key.clone(), entry.number(problems)?.value));
        table.entries().iter().map(number).collect()
    }
}

/// Reads a number. If there are words instead, the hint explains columns and
/// formulas.
fn number(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Decimal> {
    if let DeValue::String(text) = value.value
        && text.starts_with(char::is_alphabetic)
    {
        let message = format!("{}: {} is not a number", literal(&value.key), literal(text));
        problems.add_hint(&value.span, message, common_mistakes::WORDS);
        return None;
    }
    value.number(problems).map(|number| number.value)
}

/// `Some(None)` for a key that is left out, `None` for one that is wrong.
fn optional_number(
    table: &mut TomlTable<'_>,
    key: &'static str,
    problems: &mut ProblemCollector,
) -> Option<Option<Decimal>> {
    let value = table.take(key);
    given(value.map(|value| Some(value.number(problems)?.value)))
}

/// Reads marginal brackets with ascending `to`, except in the last. The second key
/// is `rate` in formulas and `percent` in deductions.
pub(crate) fn read_brackets(
    value: &TomlValue<'_>,
    rate_key: &'static str,
    problems: &mut ProblemCollector,
) -> Option<Vec<(Option<TomlNumber>, TomlNumber)>> {
    let elements = value.list(problems)?;
    if elements.is_empty() {
        problems.add(&value.span, "`brackets` is empty");
        return None;
    }
    let mut brackets: Vec<(Option<TomlNumber>, TomlNumber)> = Vec::new();
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
                    "the last bracket cannot have `to`, because it covers the remainder",
                );
                return None;
            }
            (None, false) => {
                problems.add(&element.span, "every bracket except the last requires `to`");
                return None;
            }
        };
        let before = brackets.last().and_then(|(to, _)| to.as_ref());
        if let (Some(before), Some(to)) = (before, &to) {
            if to.value <= before.value {
                let message = "`to` must increase from bracket to bracket";
                problems.add_pair(&to.span, message, &before.span, "the preceding bracket");
                return None;
            }
        } else if to.as_ref().is_some_and(|to| to.value.is_zero()) {
            problems.add(
                &element.span,
                "the first bracket is empty because its `to` is 0",
            );
            return None;
        }
        brackets.push((to, rate?.number(problems)?));
    }
    Some(brackets)
}
