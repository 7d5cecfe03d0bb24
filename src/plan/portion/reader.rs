//! Reads `[[portion]]` tables.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::diagnostics::{literal, nearest};
use crate::plan::columns::Columns;
use crate::plan::condition::ConditionReader;
use crate::plan::deduction::{FeeBracketKeys, fee_brackets};
use crate::plan::document::{Place, TomlValue};
use crate::plan::formula::reader::{EarlierPools, FormulaContext};
use crate::plan::kinds::{
    ColumnName, FormulaSteps, Fraction, OneOf, PlainNumber, Tables, Words, kinds, percent_part,
};
use crate::plan::portion::{Payee, PercentCell, Portion, PortionBase, PortionRule};
use crate::plan::table::{TableKeys as _, keys};
use crate::plan::{
    DeductionRounding, ExactPart, NamedValue, Pool, Rounding, RowsRule, WeightKind, messages,
};

keys! {
    struct PortionKeys<'p>: "[[portion]]", "portion" {
        name: Words, Required, "the name in the results, which is a column of `payouts.csv`";
        percent: PercentValue, Or("the rest, in the last portion"), "this percentage of the base, or a table that names the column of percentages";
        fraction: Fraction, Or("the rest, in the last portion"), "exactly this part of the base";
        amount: FormulaSteps, Or("the rest, in the last portion"), "an amount in currency";
        brackets: Tables<FeeBracketKeys<'p>>, Or("the rest, in the last portion"), "a sliding scale: each layer of the base at its own percentage";
        of: BaseValue, Or("\"payout\""), "the base: the payout, what earlier portions have left of it, or `{ pool = … }`, the payment from a pool";
        round: OneOf<DeductionRounding>, Or("\"nearest\""), "the rounding to the minor unit; `\"nearest\"` rounds a half up";
        to: PayeeValue, Or("the claimant"), "who is paid instead of the claimant: a name, or a table that names the column";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        One(&["percent", "fraction", "amount", "brackets"], None, "");
        With("of", &["percent", "fraction", "brackets"]);
        With("round", &["percent", "fraction", "amount", "brackets"]);
    }

    struct PercentKeys<'p>: "`percent` of [[portion]]", "portion_percent" {
        column: ColumnName, Required, "the column of percentages, from 0 to 100";
        blank: PlainNumber, Or("a blank cell is an error"), "the percentage for a blank cell";
    }

    struct PoolBaseKeys<'p>: "`of` of [[portion]]", "portion_of" {
        pool: Words, Required, "the name of the pool";
    }

    struct PayeeKeys<'p>: "`to` of [[portion]]", "portion_to" {
        column: ColumnName, Required, "the column of payees";
    }
}

kinds! {<'p>
    PercentValue(PercentName<'p>): "number, or table",
        { "anyOf": [{ "$ref": "#/$defs/number" }, { "$ref": "#/$defs/portion_percent" }] },
        percent_value;
    BaseValue(BaseName<'p>): "`\"payout\"`, `\"remaining\"`, or table",
        { "anyOf": [{ "enum": ["payout", "remaining"] }, { "$ref": "#/$defs/portion_of" }] },
        base_value;
    PayeeValue(WrittenPayee<'p>): "text, or table",
        { "anyOf": [
            { "type": "string", "pattern": "^.*\\S.*$" },
            { "$ref": "#/$defs/portion_to" },
        ] },
        payee_value;
}

/// The `percent` of a portion.
#[derive(Debug)]
pub(crate) enum PercentName<'p> {
    Number(Decimal),
    Column {
        name: String,
        place: Place<'p>,
        blank: Option<Decimal>,
    },
}

/// The `of` of a portion.
#[derive(Debug)]
pub(crate) enum BaseName<'p> {
    Base(PortionBase),
    Pool(String, Place<'p>),
}

/// The `to` of a portion.
#[derive(Debug)]
pub(crate) enum WrittenPayee<'p> {
    Named(String),
    Column(String, Place<'p>),
}

fn percentage(value: &TomlValue<'_>, number: Decimal) -> Option<Decimal> {
    if number > Decimal::ONE_HUNDRED {
        return value.problem(messages::portion_above_whole()).none();
    }
    Some(number)
}

fn percent_value<'p>(value: &TomlValue<'p>) -> Option<PercentName<'p>> {
    if !value.is_table() {
        let number = percentage(value, value.number()?)?;
        return Some(PercentName::Number(number));
    }
    let keys = PercentKeys::open(value)?;
    let blank = match (keys.blank.value, &keys.blank.at) {
        (Some(blank), Some(at)) => Some(percentage(at, blank)?),
        _ => None,
    };
    Some(PercentName::Column {
        name: keys.column.value?,
        place: keys.column.at?.place,
        blank,
    })
}

fn base_value<'p>(value: &TomlValue<'p>) -> Option<BaseName<'p>> {
    if !value.is_table() {
        let bases = [
            ("payout", PortionBase::Payout),
            ("remaining", PortionBase::Remaining),
        ];
        return value.one_of(&bases).map(BaseName::Base);
    }
    let keys = PoolBaseKeys::open(value)?;
    Some(BaseName::Pool(keys.pool.value?, keys.pool.at?.place))
}

fn payee_value<'p>(value: &TomlValue<'p>) -> Option<WrittenPayee<'p>> {
    if let DeValue::Table(_) = value.value {
        let keys = PayeeKeys::open(value)?;
        return Some(WrittenPayee::Column(
            keys.column.value?,
            keys.column.at?.place,
        ));
    }
    value.words().map(WrittenPayee::Named)
}

/// The pools and subclasses of a plan, and how it treats rows.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct PortionContext<'a> {
    pub pools: &'a [Pool],
    pub values: &'a [NamedValue],
    pub subclasses: &'a [&'a str],
    pub rows: Option<RowsRule>,
    pub has_tax: bool,
}

/// Reads all `[[portion]]` tables. The last is what the others leave.
pub(in crate::plan) fn read_portions(
    tables: &[PortionKeys<'_>],
    context: PortionContext<'_>,
    columns: &mut Columns,
) -> Option<Vec<Portion>> {
    let mut portions: Vec<Portion> = Vec::new();
    let mut complete = true;
    for (place, keys) in tables.iter().enumerate() {
        let is_last = place + 1 == tables.len();
        let portion = read_portion(keys, is_last, context, columns);
        if let (Some(name), Some(at)) = (&keys.name.value, &keys.name.at) {
            let mut before = tables.iter().take(place);
            let before = before.find(|other| other.name.value.as_ref() == Some(name));
            if let Some(other) = before.and_then(|other| other.name.at.as_ref()) {
                let message = messages::portions_of_one_name(&literal(name));
                let report = at.problem(message);
                report.other(&other.place.span, "the other portion").add();
            } else if result_columns(context).contains(name) {
                at.problem(messages::portion_named_as_column(&literal(name)))
                    .add();
            }
        }
        complete &= portion.is_some();
        portions.extend(portion);
    }
    complete.then_some(portions)
}

/// The other columns of payouts.csv and held.csv.
fn result_columns(context: PortionContext<'_>) -> Vec<String> {
    let mut names = vec!["claimant_id", "subclass", "payout", "status"];
    names.extend((context.rows == Some(RowsRule::Sum)).then_some("rows"));
    names.extend(context.has_tax.then_some("tax"));
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    for pool in context.pools {
        let measure = match pool.measure {
            WeightKind::Shares => "shares",
            WeightKind::Award => "award",
        };
        if context.pools.len() == 1 {
            names.push(measure.to_owned());
        } else {
            names.push(format!("{} {measure}", pool.name));
            names.push(format!("{} payout", pool.name));
        }
    }
    names
}

fn read_portion(
    keys: &PortionKeys<'_>,
    is_last: bool,
    context: PortionContext<'_>,
    columns: &mut Columns,
) -> Option<Portion> {
    let ways = [
        &keys.percent.at,
        &keys.fraction.at,
        &keys.amount.at,
        &keys.brackets.at,
    ];
    let way = ways.into_iter().flatten().next();
    match way {
        Some(way) if is_last => {
            let message = messages::last_portion_with_way(way.key);
            way.key_place.problem(message).add();
        }
        None if !is_last => {
            keys.toml
                .place
                .problem(messages::portion_without_way())
                .add();
        }
        _ => {}
    }
    let of = base(keys, context);
    let rule = match way {
        None => Some(PortionRule::Rest),
        Some(_) => rule(keys, of, context, columns),
    };
    let to = match &keys.to.value {
        None => None,
        Some(WrittenPayee::Named(name)) => Some(Payee::Named(name.clone())),
        Some(WrittenPayee::Column(name, _)) => Some(Payee::Cell(columns.id(name))),
    };
    let portion = Portion {
        name: keys.name.value.clone()?,
        to,
        rule: rule?,
        round: keys.round.value.unwrap_or(DeductionRounding::Nearest),
        source: keys.source.value.clone(),
        span: keys.name.at.as_ref()?.place.span.clone(),
    };
    keys.toml.is_sound().then_some(portion)
}

fn base(keys: &PortionKeys<'_>, context: PortionContext<'_>) -> PortionBase {
    match &keys.of.value {
        None => PortionBase::Payout,
        Some(BaseName::Base(base)) => *base,
        Some(BaseName::Pool(name, place)) => {
            let mut pools = context.pools.iter();
            let pool = pools.position(|pool| pool.name == *name);
            if pool.is_none() && !context.pools.is_empty() {
                let names = context.pools.iter().map(|pool| pool.name.as_str());
                let near =
                    nearest(name, names).map(|near| format!("did you mean {}?", literal(near)));
                let message = messages::portion_of_unknown_pool(&literal(name));
                place.problem(message).perhaps(near).add();
            }
            PortionBase::Pool(pool.unwrap_or(0))
        }
    }
}

fn part_rule(part: ExactPart, of: PortionBase) -> PortionRule {
    let factor = part.ratio.clone().into();
    PortionRule::Part { part, factor, of }
}

fn rule(
    keys: &PortionKeys<'_>,
    of: PortionBase,
    context: PortionContext<'_>,
    columns: &mut Columns,
) -> Option<PortionRule> {
    match &keys.percent.value {
        Some(PercentName::Number(number)) => {
            return Some(part_rule(percent_part(*number), of));
        }
        Some(PercentName::Column { name, blank, .. }) => {
            let column = columns.id(name);
            let cell = PercentCell {
                column,
                format: columns.format(column),
                blank: *blank,
            };
            return Some(PortionRule::Cell { cell, of });
        }
        None => {}
    }
    if let Some(part) = &keys.fraction.value {
        if part.ratio > Ratio::from_integer(BigInt::from(1)) {
            let at = keys.fraction.at.as_ref()?;
            return at.problem(messages::portion_above_whole()).none();
        }
        return Some(part_rule(part.clone(), of));
    }
    if let Some(written) = &keys.amount.value {
        let pools = context.pools.iter();
        let pools: Vec<_> = pools
            .map(|pool| {
                let by_ids = pool.round == Rounding::LargestRemainder;
                (Some(pool.name.as_str()), by_ids)
            })
            .collect();
        let mut reader = ConditionReader {
            columns,
            subclasses: Some(context.subclasses),
            of_rows: false,
        };
        let mut formula = FormulaContext {
            reader: &mut reader,
            award: false,
            pools: Some(EarlierPools {
                pools: &pools,
                number: pools.len(),
            }),
        };
        return formula.formula(written).map(PortionRule::Amount);
    }
    let list = keys.brackets.value.as_deref()?;
    let brackets = fee_brackets(keys.brackets.at.as_ref()?, list)?;
    for (bracket, keys) in brackets.iter().zip(list) {
        if bracket.part.ratio > Ratio::from_integer(BigInt::from(1)) {
            let at = keys.percent.at.as_ref()?;
            return at.problem(messages::portion_above_whole()).none();
        }
    }
    Some(PortionRule::Brackets { brackets, of })
}

/// Reports columns of percentages and payees that are added up over rows.
pub(in crate::plan) fn check_added(tables: &[PortionKeys<'_>], columns: &Columns) {
    for keys in tables {
        let percent = match &keys.percent.value {
            Some(PercentName::Column { name, place, .. }) => Some((name, place)),
            _ => None,
        };
        let to = match &keys.to.value {
            Some(WrittenPayee::Column(name, place)) => Some((name, place)),
            _ => None,
        };
        for (name, place) in percent.into_iter().chain(to) {
            let mut known = columns.iter();
            if known.any(|(_, column)| column.name == *name && column.added) {
                let message = messages::portion_column_added(&literal(name));
                place.problem(message).add();
            }
        }
    }
}
