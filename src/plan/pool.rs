//! Reads a `[[pool]]`: its money, participants, weights, limits and rounding.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::decimal;
use crate::base::diagnostics::literal;
use crate::base::money::Currency;
use crate::plan::column::Columns;
use crate::plan::condition::{Condition, ConditionReader, optional};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, all, given};
use crate::plan::rounding::ROUNDINGS;
use crate::plan::typed_values::{exactly_one, money, part};
use crate::plan::{
    DropMethod, MinimumPayment, Pool, PoolMoney, RateRange, Rounding, RoundingUnit, WeightKind,
    common_mistakes, formula,
};

/// The parts of the plan that a pool needs.
#[derive(Debug)]
pub(super) struct PoolContext<'a> {
    pub currency: Currency,
    pub subclasses: &'a [String],
    /// The text of the plan, for line numbers.
    pub text: &'a str,
}

const UNITS: [(&str, RoundingUnit); 2] = [
    ("payment", RoundingUnit::Payment),
    ("share", RoundingUnit::Share),
];

const METHODS: [(&str, DropMethod); 2] = [
    ("all-at-once", DropMethod::AllAtOnce),
    ("smallest-first", DropMethod::SmallestFirst),
];

/// Reads all pools. At least one is required, and their names must differ.
pub(super) fn pools(
    tables: Vec<TomlTable<'_>>,
    place: &PoolContext<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<Vec<Pool>> {
    if tables.is_empty() {
        problems.add_hint(
            &(0..0),
            "the plan has no pool, so no claimant would be paid",
            "add a [[pool]] with `name` and `shares` or `award`",
        );
        return None;
    }
    let tables = tables.into_iter();
    let pools = all(tables.map(|table| pool(table, place, columns, problems)))?;
    for (position, pool) in pools.iter().enumerate() {
        let before = pools
            .iter()
            .take(position)
            .find(|other| other.name == pool.name);
        if let Some(other) = before {
            let message = format!("two pools have the name {}", literal(&pool.name));
            problems.add_pair(&pool.span, message, &other.span, "the other pool");
        }
    }
    Some(pools)
}

/// The keys of a pool that can be combined only in certain ways.
struct ExclusiveKeys<'p> {
    weights: Vec<TomlValue<'p>>,
    at_least: Option<TomlValue<'p>>,
    at_most: Option<TomlValue<'p>>,
    less: Option<TomlValue<'p>>,
    raise: Option<TomlValue<'p>>,
    reduce: Option<TomlValue<'p>>,
    drop: Option<TomlValue<'p>>,
    round: Option<TomlValue<'p>>,
    unit: Option<TomlValue<'p>>,
}

impl<'p> ExclusiveKeys<'p> {
    fn of(table: &mut TomlTable<'p>) -> Self {
        Self {
            weights: table.present(&["shares", "award"]),
            at_least: table.take("at_least"),
            at_most: table.take("at_most"),
            less: table.take("less"),
            raise: table.take("raise"),
            reduce: table.take("reduce"),
            drop: table.take("drop"),
            round: table.take("round"),
            unit: table.take("unit"),
        }
    }
}

fn pool(
    mut table: TomlTable<'_>,
    place: &PoolContext<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<Pool> {
    let span = table.span.clone();
    let name = table.require("name", problems);
    let money_ways = table.present(&["amount", "percent", "fraction", "up_to"]);
    let of = table.take("of");
    let mut reader = ConditionReader {
        columns,
        subclasses: Some(place.subclasses),
        of_rows: false,
    };
    let when = optional(&mut table, &mut reader, problems);
    let keys = ExclusiveKeys::of(&mut table);
    table.finish(problems);
    let name_span = name.as_ref().map_or(span.clone(), |name| name.span.clone());
    let money_span = money_ways
        .first()
        .map_or(name_span.clone(), |way| way.span.clone());
    let name = name.and_then(|name| name.words(problems));
    let money = pool_money(&money_ways, of.as_ref(), place.currency, problems);

    let missing = "a pool requires either `shares` or `award`";
    let weight = exactly_one(&keys.weights, &span, missing, problems);
    let measure = match weight {
        Some(weight) if weight.key == "award" => WeightKind::Award,
        _ => WeightKind::Shares,
    };
    let mut formula = |value: Option<&TomlValue<'_>>, award, problems: &mut _| {
        let mut context = formula::reader::FormulaContext {
            reader: &mut reader,
            award,
            text: place.text,
        };
        value.map(|value| context.formula(value, problems))
    };
    let weight_formula = formula(weight, false, problems);
    let at_least = formula(keys.at_least.as_ref(), true, problems);
    let at_most = formula(keys.at_most.as_ref(), true, problems);
    let less = formula(keys.less.as_ref(), false, problems);
    let range = range(&keys, measure, problems);
    let drop = keys.drop.as_ref();
    let drop = given(drop.map(|value| drop_rule(value, place, &mut reader, problems)));
    let round = choice(keys.round.as_ref(), &ROUNDINGS, Rounding::Down, problems);
    let unit = choice(keys.unit.as_ref(), &UNITS, RoundingUnit::Payment, problems);
    exclusions(
        &keys,
        weight,
        drop.as_ref().and_then(Option::as_ref),
        round?,
        unit?,
        problems,
    )?;
    Some(Pool {
        name: name?,
        money: money?,
        when: when?,
        measure,
        weight: weight_formula??,
        at_least: given(at_least)?,
        at_most: given(at_most)?,
        less: given(less)?,
        range: range?,
        drop: drop?,
        round: round?,
        unit: unit?,
        span: name_span,
        money_span,
    })
}

/// Converts "absent, or present and perhaps invalid" to "invalid, or perhaps
/// present".
pub(super) fn choice<T: Copy>(
    value: Option<&TomlValue<'_>>,
    words: &[(&str, T)],
    default: T,
    problems: &mut ProblemCollector,
) -> Option<T> {
    value.map_or(Some(default), |value| value.one_of(words, problems))
}

fn pool_money(
    ways: &[TomlValue<'_>],
    of: Option<&TomlValue<'_>>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<PoolMoney> {
    if let [first, second, ..] = ways {
        let message = format!("`{}` and `{}` cannot be combined", first.key, second.key);
        problems.add_pair(&second.key_span, message, &first.key_span, "the other key");
        return None;
    }
    let way = ways.first();
    let is_part = way.is_some_and(|way| way.key == "percent" || way.key == "fraction");
    if let (Some(of), false) = (of, is_part) {
        problems.add(
            &of.key_span,
            "`of` in a pool requires `percent` or `fraction`",
        );
        return None;
    }
    let of_remaining = choice(of, &[("net", false), ("remaining", true)], false, problems);
    let Some(way) = way else {
        return Some(PoolMoney::Rest);
    };
    match way.key.as_str() {
        "amount" => money(way, currency, problems).map(PoolMoney::Amount),
        "up_to" => money(way, currency, problems).map(PoolMoney::UpTo),
        _ => {
            let part = part(way, problems);
            Some(PoolMoney::Part {
                part: part?,
                of_remaining: of_remaining?,
            })
        }
    }
}

fn range(
    keys: &ExclusiveKeys<'_>,
    measure: WeightKind,
    problems: &mut ProblemCollector,
) -> Option<RateRange> {
    let misplaced = [&keys.raise, &keys.reduce].into_iter().flatten().next();
    if let (WeightKind::Shares, Some(value)) = (measure, misplaced) {
        problems.add(
            &value.key_span,
            format!("`{}` applies to `award`, not to `shares`", value.key),
        );
        return None;
    }
    let raise = match &keys.raise {
        None => Some(Some(Decimal::ONE)),
        Some(value) => raise(value, problems),
    };
    let reduce = match &keys.reduce {
        None => Some(Decimal::ZERO),
        Some(value) => value.number(problems).and_then(|number| {
            if number.value > Decimal::ONE {
                problems.add(
                    &value.span,
                    "`reduce`, the lowest rate of an award, must be from 0 to 1",
                );
                return None;
            }
            Some(number.value)
        }),
    };
    Some(RateRange {
        reduce: reduce?,
        raise: raise?,
    })
}

fn raise(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Option<Decimal>> {
    if let DeValue::String(text) = value.value
        && text == "unlimited"
    {
        return Some(None);
    }
    if let DeValue::String(text) = value.value
        && text.chars().any(char::is_alphabetic)
    {
        let message = format!(
            "`raise` must be a number that is at least 1, or \"unlimited\"; found {}",
            literal(text)
        );
        problems.add_hint(&value.span, message, "did you mean `unlimited`?");
        return None;
    }
    let number = value.number(problems)?;
    if number.value < Decimal::ONE {
        let hint = "with 1, no award is increased; with `\"unlimited\"`, there is no limit";
        problems.add_hint(
            &value.span,
            "`raise` must be at least 1, or \"unlimited\"",
            hint,
        );
        return None;
    }
    Some(Some(number.value))
}

fn drop_rule(
    value: &TomlValue<'_>,
    place: &PoolContext<'_>,
    reader: &mut ConditionReader<'_>,
    problems: &mut ProblemCollector,
) -> Option<MinimumPayment> {
    if !value.is_table() {
        value.wrong_kind_hint("a table", how_drop_is_written(value), problems);
        return None;
    }
    let mut table = value.table("`drop`", problems)?;
    let limits = table.present(&["below", "at_or_below"]);
    let method = table.take("method");
    if method.is_none() {
        let hint = "add `method = \"all-at-once\"` (remove all payments below the limit together) or `\"smallest-first\"` (remove the smallest, divide the pool again, and repeat)";
        problems.add_hint(
            &table.span,
            "`drop` is missing the required key `method`",
            hint,
        );
    }
    let when: Option<Condition> = optional(&mut table, reader, problems);
    table.finish(problems);
    let missing = "`drop` requires either `below` or `at_or_below`";
    let limit = exactly_one(&limits, &value.span, missing, problems)?;
    let amount = money(limit, place.currency, problems);
    let method = method.and_then(|method| method.one_of(&METHODS, problems));
    Some(MinimumPayment {
        limit: amount?,
        inclusive: limit.key == "at_or_below",
        method: method?,
        when: when?,
    })
}

fn how_drop_is_written(value: &TomlValue<'_>) -> String {
    let written = match value.value {
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        _ => None,
    };
    let limit = written
        .filter(|number| decimal::parse(number).is_ok())
        .unwrap_or("10");
    format!(
        "write a limit and a method: `drop = {{ below = {limit}, method = \"all-at-once\" }}`, or `\"smallest-first\"`"
    )
}

/// Keys that cannot be combined in one pool.
fn exclusions(
    keys: &ExclusiveKeys<'_>,
    weight: Option<&TomlValue<'_>>,
    drop: Option<&MinimumPayment>,
    round: Rounding,
    unit: RoundingUnit,
    problems: &mut ProblemCollector,
) -> Option<()> {
    let before = problems.list.len();
    let mut clash = |first: Option<&TomlValue<'_>>, second: Option<&TomlValue<'_>>, why: &str| {
        if let (Some(first), Some(second)) = (first, second) {
            let message = format!(
                "`{}` cannot be combined with `{}`{why}",
                first.key, second.key
            );
            problems.add_pair(&first.key_span, message, &second.key_span, "the other key");
        }
    };
    if unit == RoundingUnit::Share {
        let unit = keys.unit.as_ref();
        let why = "; `unit = \"share\"` is only for share pools with `round = \"down\"` and without `drop`";
        clash(unit, weight.filter(|weight| weight.key == "award"), why);
        clash(
            unit,
            keys.round.as_ref().filter(|_| round != Rounding::Down),
            why,
        );
        clash(unit, keys.drop.as_ref(), why);
    }
    for other in [&keys.less, &keys.at_least].into_iter().flatten() {
        if let Some(drop) = &keys.drop {
            let message = format!("`drop` cannot be combined with `{}`", other.key);
            let (span, other) = (&drop.key_span, &other.key_span);
            problems.add_pair_hint(span, message, other, "the other key", common_mistakes::DROP);
        }
    }
    if drop.is_some_and(|drop| drop.method == DropMethod::SmallestFirst)
        && let Some((drop, other)) = keys.drop.as_ref().zip(keys.at_most.as_ref())
    {
        let message = "`drop` cannot be combined with `at_most` when it drops smallest-first";
        let hint = "write `method = \"all-at-once\"`, or remove `at_most`";
        let (span, other) = (&drop.key_span, &other.key_span);
        problems.add_pair_hint(span, message, other, "the other key", hint);
    }
    (problems.list.len() == before).then_some(())
}
