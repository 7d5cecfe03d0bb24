use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::diagnostics::{literal, nearest};
use crate::base::exact::Exact;
use crate::plan::cell::{CellKind, ColumnId, NumberSource};
use crate::plan::claim_fact::PriorAmount;
use crate::plan::column_format::ColumnFormat;
use crate::plan::condition::{Condition, ConditionReader};
use crate::plan::document::{TomlValue, all};
use crate::plan::formula::{
    Bracket, CellOperand, CellReading, Formula, FormulaStep, Operand, Operation,
};
use crate::plan::kinds::{
    ColumnName, ExactNumber, Flag, NumberAboveZero, OneOf, OperandValue, PlainNumber, TableValue,
    Tables, When, Words, exact_number,
};
use crate::plan::lookup_table::reader::TableOperandKeys;
use crate::plan::prior::reader::{PriorOperand, amount_column};
use crate::plan::table::{Key, TableKeys as _, TomlTable, keys};
use crate::plan::time_span::reader::{SpanEnds, SpanOperandKeys, TwoDays, WeekBegin};
use crate::plan::time_span::{SpanCount, SpanUnit};
use crate::plan::{common_mistakes, messages};

keys! {
    struct StepKeys<'p>: "a step", "step" {
        add: OperandValue, OneOfThese, "the value so far increases by the operand";
        subtract: OperandValue, OneOfThese, "it decreases by the operand";
        times: OperandValue, OneOfThese, "it is multiplied by the operand";
        divide: OperandValue, OneOfThese, "it is divided by the operand, which cannot be 0";
        at_least: OperandValue, OneOfThese, "it is raised to the operand, if it is less";
        at_most: OperandValue, OneOfThese, "it is lowered to the operand, if it is more";
        round: NumberAboveZero, OneOfThese, "it is rounded to the nearest multiple of this number, a half away from zero";
        round_down: NumberAboveZero, OneOfThese, "it is rounded to the multiple below";
        round_up: NumberAboveZero, OneOfThese, "it is rounded to the multiple above";
        when: When, Or("always"), "for whom the step applies";
        label: Words, Or("none"), "the name of the step in explanations and statements";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        One(
            &["add", "subtract", "times", "divide", "at_least", "at_most", "round", "round_down", "round_up"],
            Some(messages::step_without_operation),
            "a step has exactly one operation, so ",
        );
    }

    struct OperandKeys<'p>: "an operand", "operand" {
        column: ColumnName, OneOfThese, "the column whose number, or with `table` text, is read; or a named value";
        up_to: ExactNumber, Or("no limit"), "the cell counts up to this number";
        times: ExactNumber, Or("1"), "the factor, which comes last";
        brackets: Tables<RateBracketKeys<'p>>, Or("none"), "each layer of the cell counts at its own rate";
        blank: ExactNumber, Or("a blank cell is an error"), "the number for a blank cell";
        table: TableValue, Or("the cell is a number"), "the number for each text or each band, or the name of a table";
        pool: Words, OneOfThese, "only in formulas of pools, with `add`, `subtract`, `at_least` and `at_most`: what this earlier pool pays the claimant";
        prior: PriorOperand, OneOfThese, "only with `prior` in [fund]: what the claimant cashed in earlier distributions, what was paid (cashed, or still outstanding), what is void, or what the last one held";
        award: ExactNumber, OneOfThese, "only in `at_least` and `at_most` of a pool: this multiple of the claimant's own award or shares there";
        days: SpanEnds, OneOfThese, "the number of days between two dates";
        weeks: SpanEnds, OneOfThese, "the number of weeks between two dates";
        months: SpanEnds, OneOfThese, "the number of months between two dates";
        years: SpanEnds, OneOfThese, "the number of years between two dates";
        inclusive: Flag, Or("false"), "of a time span: the day of the second date counts, too";
        within: TwoDays, Or("all time counts"), "of a time span: only what lies within these two dates counts";
        count: OneOf<SpanCount>, Or("\"full\""), "of a time span: what counts as one unit; not of days";
        begins: OneOf<WeekBegin>, Or("\"Sunday\""), "of weeks of the calendar: the day on which they begin";
    }
    rules {
        One(&["column", "award", "pool", "prior", "days", "weeks", "months", "years"], None, "");
        AnyOf(&["column", "award", "pool", "prior", "days", "weeks", "months", "years", "table"], None);
        IfIt("table", &[IsTable], &Without("blank", &["table"], "use a `\"\"` key in the table for a blank cell"));
        IfIt("table", &[IsTable, IsList], &With("table", &["column"]));
        IfIt("table", &[IsText, IsList], &Without("table", &["up_to", "brackets"], ""));
        IfIt("table", &[IsText], &Without("table", &["award", "pool", "prior", "days", "weeks", "months", "years"], ""));
        Without("award", &["up_to", "times", "brackets", "blank"], "");
        Without("pool", &["up_to", "brackets", "blank"], "");
        Without("prior", &["brackets", "blank"], "");
        Without("days", &["up_to", "brackets"], "");
        Without("weeks", &["up_to", "brackets"], "");
        Without("months", &["up_to", "brackets"], "");
        Without("years", &["up_to", "brackets"], "");
        With("inclusive", &["days", "weeks", "months", "years"]);
        With("within", &["days", "weeks", "months", "years"]);
        Without("count", &["days"], "days are always whole; `inclusive = true` also counts the day of the second date");
        With("count", &["days", "weeks", "months", "years"]);
        With("begins", &["weeks"]);
    }

    struct RateBracketKeys<'p>: "a bracket", "layer" {
        to: PlainNumber, Or("the rest, in the last bracket"), "the upper end, greater than the one before";
        rate: ExactNumber, Required, "the factor of this layer";
    }
}

/// The context of a formula.
#[derive(Debug)]
pub(crate) struct FormulaContext<'a, 'c> {
    pub reader: &'a mut ConditionReader<'c>,
    /// True if `{ award = k }` is allowed, as in the limits of a pool.
    pub award: bool,
    /// The pools whose payments can be operands, if any can.
    pub pools: Option<EarlierPools<'a>>,
}

/// The pools before one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EarlierPools<'a> {
    /// The name of each pool, if it can be read, and true if it rounds by largest
    /// remainders.
    pub pools: &'a [(Option<&'a str>, bool)],
    /// The position of the pool that refers to another.
    pub number: usize,
}

impl EarlierPools<'_> {
    /// The position of the earlier pool with the name that a value states.
    pub(crate) fn find(&self, name: &str, value: &TomlValue<'_>) -> Option<usize> {
        let mut names = self.pools.iter().map(|(known, _)| *known);
        match names.position(|known| known == Some(name)) {
            Some(position) if position < self.number => Some(position),
            Some(position) => {
                let message = messages::pool_not_before(&literal(name));
                let hint = if position == self.number {
                    "a pool cannot refer to itself"
                } else {
                    "move it before this pool"
                };
                value.problem(message).hint(hint).none()
            }
            None => {
                let earlier = self.pools.iter().take(self.number);
                let near = nearest(name, earlier.filter_map(|(known, _)| *known));
                let hint = near.map(|near| format!("did you mean {}?", literal(near)));
                let message = messages::pool_unknown(&literal(name));
                value.problem(message).perhaps(hint).none()
            }
        }
    }

    /// The position of the earlier pool whose payments a formula reads.
    fn find_payments(&self, name: &str, value: &TomlValue<'_>) -> Option<usize> {
        let position = self.find(name, value)?;
        if matches!(self.pools.get(position), Some((_, true))) {
            let message = messages::pool_read_by_largest_remainder(&literal(name));
            return value.problem(message).none();
        }
        Some(position)
    }
}

impl FormulaContext<'_, '_> {
    /// Reads a number, or a list of steps.
    pub(crate) fn formula(&mut self, value: &TomlValue<'_>) -> Option<Formula> {
        let line = value.place.line();
        let steps = match value.value {
            DeValue::Array(_) => self.steps(value)?,
            DeValue::Table(table) => {
                let mut keys = table.iter().map(|(key, _)| key.get_ref());
                let hint = keys
                    .find_map(|key| common_mistakes::of_key(key, "a step"))
                    .unwrap_or("write a list of steps, even for a single step: `[ { add = { column = \"loss\" } } ]`");
                let report = value.fault(messages::not_a_formula);
                return report.hint(hint).none();
            }
            _ => vec![FormulaStep {
                verb: Operation::Add,
                operand: Operand::Number(number(value)?),
                when: Condition::default(),
                label: None,
                source: None,
                line,
            }],
        };
        Some(Formula::new(steps, line))
    }

    fn steps(&mut self, value: &TomlValue<'_>) -> Option<Vec<FormulaStep>> {
        let elements = value.list()?;
        if elements.is_empty() {
            return value.fault(messages::formula_empty).none();
        }
        // All steps are read, so that all problems are reported.
        all(elements.iter().map(|element| self.step(element)))
    }

    fn step(&mut self, value: &TomlValue<'_>) -> Option<FormulaStep> {
        if !value.is_table() {
            return value.fault(messages::step_not_table).none();
        }
        let keys = StepKeys::open(value)?;
        let when = self.reader.optional(&keys.when);
        let verbs = [
            (keys.add.at, Operation::Add),
            (keys.subtract.at, Operation::Subtract),
            (keys.times.at, Operation::Times),
            (keys.divide.at, Operation::Divide),
            (keys.at_least.at, Operation::AtLeast),
            (keys.at_most.at, Operation::AtMost),
            (keys.round.at, Operation::Round),
            (keys.round_down.at, Operation::RoundDown),
            (keys.round_up.at, Operation::RoundUp),
        ];
        let (written, verb) = verbs.into_iter().find_map(|(at, verb)| Some((at?, verb)))?;
        let units = [keys.round.value, keys.round_down.value, keys.round_up.value];
        let unit = units.into_iter().flatten().next();
        let operand = match (verb.rounds(), unit) {
            (true, unit) => Operand::Number(unit?.into()),
            (false, _) => self.operand(&written)?,
        };
        if verb.is_factor() && matches!(operand, Operand::Pool { .. }) {
            let message = messages::pool_as_factor(written.key);
            return written.problem(message).none();
        }
        if let (Operation::Divide, Operand::Number(number)) = (verb, &operand)
            && number.is_zero()
        {
            return written.fault(messages::divided_by_zero).none();
        }
        if let (true, false, Some(column)) = (
            verb.is_factor(),
            self.reader.of_rows,
            operand.number_column(),
        ) && let Some(column) = self.reader.columns.get_mut(column)
        {
            let what = if verb == Operation::Divide {
                "divide by the sum"
            } else {
                "multiply by the sum"
            };
            column.factors.push((written.place.span, what));
        }
        Some(FormulaStep {
            verb,
            operand,
            when,
            label: keys.label.value,
            source: keys.source.value,
            line: value.place.line(),
        })
    }

    fn operand(&mut self, value: &TomlValue<'_>) -> Option<Operand> {
        if !value.is_table() {
            return number(value).map(Operand::Number);
        }
        let keys = OperandKeys::open(value)?;
        if let Some(award) = &keys.award.at
            && !self.award
        {
            let message = messages::award_outside_limits();
            return award.key_place.problem(message).none();
        }
        if let Some(factor) = keys.award.value {
            return Some(Operand::Award(factor));
        }
        if let (Some(name), Some(at)) = (&keys.pool.value, &keys.pool.at) {
            let Some(pools) = &self.pools else {
                let message = messages::pool_outside_pools();
                return at.key_place.problem(message).none();
            };
            return Some(Operand::Pool {
                pool: pools.find_payments(name, at)?,
                times: keys.times.value.unwrap_or(Exact::ONE),
            });
        }
        if !keys.toml.is_sound() {
            return None;
        }
        if let (Some(amount), Some(at)) = (keys.prior.value, &keys.prior.at) {
            return self.prior_operand(amount, at, &keys).map(Operand::Cell);
        }
        if let Some(span) = span_of(&keys) {
            return span.read(self.reader).map(Operand::Span);
        }
        if let Some(table) = &keys.table.at {
            let of_table = TableOperandKeys {
                column: &keys.column,
                table,
                blank: &keys.blank,
                times: keys.times.value.clone(),
            };
            if !of_table.is_texts() {
                return of_table.read(self.reader).map(Operand::Table);
            }
        }
        self.cell_operand(keys).map(Operand::Cell)
    }

    /// An amount in the ledger of a reconciliation, which is read like a column.
    fn prior_operand(
        &mut self,
        amount: PriorAmount,
        at: &TomlValue<'_>,
        keys: &OperandKeys<'_>,
    ) -> Option<CellOperand> {
        let of_rows = self.reader.of_rows;
        let column = amount_column(amount, of_rows, self.reader.columns, &at.key_place)?;
        if let Some(column) = self.reader.columns.get_mut(column) {
            column.is_read_as_number = true;
        }
        Some(CellOperand {
            source: NumberSource::Column(column),
            format: ColumnFormat::default(),
            reading: CellReading::Number { blank: None },
            up_to: keys.up_to.value.clone(),
            brackets: Vec::new(),
            times: keys.times.value.clone(),
        })
    }

    fn cell_operand(&mut self, keys: OperandKeys<'_>) -> Option<CellOperand> {
        let (name, at) = (keys.column.value?, keys.column.at?);
        let of_rows = self.reader.of_rows;
        let source = self.reader.columns.source(&name, of_rows, &at.place)?;
        if let NumberSource::Column(column) = source {
            let kind = match keys.table.value {
                Some(_) => CellKind::Text,
                None => CellKind::Number,
            };
            self.reader.columns.expect(column, kind, &at.place)?;
            if let Some(column) = self.reader.columns.get_mut(column) {
                column.is_read_as_number |= kind == CellKind::Number;
            }
        }
        let reading = match (source, keys.table.value) {
            (NumberSource::Column(column), Some(texts)) => {
                CellReading::Table(self.text_table(column, &texts)?)
            }
            (NumberSource::Value(_), table) if keys.blank.is_present() || table.is_some() => {
                let message = messages::value_never_blank(&literal(&name));
                return at.problem(message).none();
            }
            _ => CellReading::Number {
                blank: keys.blank.value,
            },
        };
        let format = match source {
            NumberSource::Column(column) => self.reader.columns.format(column),
            NumberSource::Value(_) => ColumnFormat::default(),
        };
        let bracket = |keys: &RateBracketKeys<'_>| {
            Some(Bracket {
                to: keys.to.value,
                rate: keys.rate.value.clone()?,
            })
        };
        let brackets = match (&keys.brackets.at, &keys.brackets.value) {
            (Some(written), Some(list)) => {
                let ends = list.iter().map(|bracket| (&bracket.toml, &bracket.to));
                check_rising(written, ends)?;
                all(list.iter().map(bracket))?
            }
            _ => Vec::new(),
        };
        Some(CellOperand {
            source,
            format,
            reading,
            up_to: keys.up_to.value,
            brackets,
            times: keys.times.value,
        })
    }

    fn text_table(
        &mut self,
        column: ColumnId,
        value: &TomlValue<'_>,
    ) -> Option<Vec<(String, Exact)>> {
        if value.value.is_array() {
            let report = value.wrong_kind("a table");
            return report.hint(common_mistakes::BANDS).none();
        }
        let entries = value.entries()?;
        if entries.is_empty() {
            return value.fault(messages::nothing_listed).none();
        }
        let texts = entries.iter();
        let texts = texts.map(|entry| (entry.key.to_owned(), entry.key_place.clone()));
        let texts: Vec<_> = texts.collect();
        self.reader.name_texts(column, &texts);
        let number = |entry: &TomlValue<'_>| Some((entry.key.to_owned(), exact_number(entry)?));
        all(entries.iter().map(number))
    }
}

/// The keys of a time span, if the operand is one.
fn span_of<'k, 'p>(keys: &'k OperandKeys<'p>) -> Option<SpanOperandKeys<'k, 'p>> {
    let units = [
        (&keys.days, SpanUnit::Days),
        (&keys.weeks, SpanUnit::Weeks),
        (&keys.months, SpanUnit::Months),
        (&keys.years, SpanUnit::Years),
    ];
    let (ends, unit) = units.into_iter().find(|(ends, _)| ends.is_present())?;
    Some(SpanOperandKeys {
        unit,
        ends,
        inclusive: &keys.inclusive,
        within: &keys.within,
        count: &keys.count,
        begins: &keys.begins,
        blank: keys.blank.value.clone(),
        times: keys.times.value.clone(),
    })
}

/// Reads a number. If there are words instead, the hint explains columns and
/// formulas.
fn number(value: &TomlValue<'_>) -> Option<Exact> {
    if let DeValue::String(text) = value.value
        && text.starts_with(char::is_alphabetic)
    {
        let number = format!("{}: {}", literal(value.key), literal(text));
        let report = value.problem(messages::number_in_words(&number));
        return report.hint(common_mistakes::WORDS).none();
    }
    exact_number(value)
}

/// Checks the ends of marginal brackets: each greater than the one before, and none in
/// the last.
pub(crate) fn check_rising<'a, 'p: 'a>(
    brackets: &TomlValue<'_>,
    ends: impl ExactSizeIterator<Item = (&'a TomlTable<'p>, &'a Key<'p, Decimal>)>,
) -> Option<()> {
    if ends.len() == 0 {
        return brackets.fault(messages::nothing_listed).none();
    }
    let last = ends.len() - 1;
    let mut before: Option<&Key<'p, Decimal>> = None;
    for (position, (table, to)) in ends.enumerate() {
        match (&to.at, position == last) {
            (None, true) => {}
            (None, false) => {
                let message = messages::bracket_without_end();
                return table.place.problem(message).none();
            }
            (Some(at), true) => {
                let message = messages::last_bracket_with_end();
                return at.key_place.problem(message).none();
            }
            (Some(at), false) => {
                let end = to.value?;
                let preceding = before.and_then(|key| key.at.as_ref().zip(key.value));
                if let Some((preceding, _)) = preceding.filter(|(_, value)| end <= *value) {
                    let report = at.problem(messages::brackets_not_increasing());
                    let span = &preceding.place.span;
                    return report.other(span, "the preceding bracket").none();
                }
                if end.is_zero() {
                    let message = messages::first_bracket_empty();
                    return table.place.problem(message).none();
                }
            }
        }
        before = Some(to);
    }
    Some(())
}
