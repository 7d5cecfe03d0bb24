//! Reads a `[[pool]]`: its money, participants, weights, limits and rounding.

use rust_decimal::Decimal;
use toml::de::DeValue;

use crate::base::diagnostics::literal;
use crate::plan::columns::Columns;
use crate::plan::condition::ConditionReader;
use crate::plan::document::{TomlDocument, TomlValue, all};
use crate::plan::formula::reader::{EarlierPools, FormulaContext};
use crate::plan::kinds::{
    Amount, ColumnName, FormulaSteps, Fraction, OneOf, PartNumbers, Percentage, Table, When, Words,
    choices, kinds, words,
};
use crate::plan::pool_parts::pool_parts;
use crate::plan::table::{Key, keys};
use crate::plan::{
    DropMethod, Formula, MinimumPayment, MoneyRounding, OnlyIf, Pool, PoolMoney, RateRange,
    Rounding, RoundingUnit, WeightKind, messages,
};

keys! {
    struct PoolKeys<'p>: "[[pool]]", "pool" {
        name: Words, Required, "the name in the results, different from that of any other pool";
        amount: Amount, Or("everything that is left"), "the pool's money: this amount, which must be available";
        percent: Percentage, Or("everything that is left"), "the pool's money: this percentage of what `of` names; it must be available";
        fraction: Fraction, Or("everything that is left"), "the pool's money: exactly this part of what `of` names; it must be available";
        up_to: Amount, Or("everything that is left"), "the pool's money: this amount, or what is left if that is less";
        of: OfRemaining, Or("\"net\""), "the base of `percent` and `fraction`: the net settlement fund, or what earlier pools have left";
        rest_of: Words, Or("the net settlement fund"), "the pool's money comes from what this earlier pool, and the pools before this one with the same `rest_of`, left of its money";
        by: ColumnName, Or("no parts"), "the column for whose texts the pool is divided into parts, each divided by itself";
        parts: PartNumbers, Or("no parts"), "the text of each part and its proportion of the pool's money; `equal` gives all `values` of the column the same";
        round_money: OneOf<MoneyRounding>, Or("\"down\""), "the rounding of `percent` and `fraction` to the minor unit; `nearest` rounds a half up";
        when: When, Or("every payable or held claimant"), "who participates";
        shares: FormulaSteps, OneOfThese, "the claimant's weight as a number of shares; money is divided in proportion";
        award: FormulaSteps, OneOfThese, "the claimant's weight as an amount in currency, paid in full if the money suffices";
        at_least: FormulaSteps, Or("0"), "the minimum for each participant, in currency";
        at_most: FormulaSteps, Or("no limit"), "the maximum for each participant, in currency";
        less: FormulaSteps, Or("0"), "what the participant has already received, taken off the payment, in currency";
        raise: HighestRate, Or("1"), "the highest rate of an award, if money is left";
        reduce: LowestRate, Or("0"), "the lowest rate of an award, if money is short";
        drop: Table<DropKeys<'p>>, Or("no claimant is dropped"), "which payments are too small to be made";
        only_if: Table<OnlyIfKeys<'p>>, Or("the pool is always divided"), "when the pool is divided at all; otherwise it pays nothing, and leaves its money";
        round: OneOf<Rounding>, Or("\"down\""), "the rounding to the minor unit";
        unit: OneOf<RoundingUnit>, Or("\"payment\""), "the quantity that is rounded: each payment, or the value of a share";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        One(&["amount", "percent", "fraction", "up_to"], None, "");
        With("of", &["percent", "fraction"]);
        With("round_money", &["percent", "fraction"]);
        Without("of", &["rest_of"], "");
        With("by", &["parts"]);
        With("parts", &["by"]);
        One(&["shares", "award"], Some(messages::pool_without_weight), "");
        With("raise", &["award"]);
        With("reduce", &["award"]);
    }

    struct OnlyIfKeys<'p>: "`only_if`", "only_if" {
        total: Amount, OneOfThese, "the pool has at least this amount to divide";
        each: Amount, OneOfThese, "every payment that is not 0, before it is rounded, is at least this amount";
    }
    rules {
        AnyOf(&["total", "each"], Some(messages::only_if_empty));
    }

    struct DropKeys<'p>: "`drop`", "drop" {
        below: Amount, OneOfThese, "payments below this amount are dropped";
        at_or_below: Amount, OneOfThese, "payments of this amount or less are dropped";
        method: OneOf<DropMethod>, Required, "all payments that are too small in the first division together, or the smallest first, until none is too small";
        when: When, Or("every participant"), "who can be dropped";
    }
    rules {
        One(&["below", "at_or_below"], Some(messages::drop_without_limit), "");
    }
}

kinds! {<'p>
    HighestRate(RateLimit): "number from 1, or `\"unlimited\"`",
        { "anyOf": [
            { "type": "number", "minimum": 1 },
            { "type": "string", "pattern": "^(unlimited|[0-9]+(\\.[0-9]+)?)$" },
        ] },
        highest_rate;
    LowestRate(Decimal): "number from 0 to 1",
        { "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            { "type": "string", "pattern": "^[01](\\.[0-9]+)?$" },
        ] },
        lowest_rate;
}

/// The highest rate of an award.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RateLimit {
    Unlimited,
    Rate(Decimal),
}

choices! {
    /// True for a part of what is left.
    OfRemaining(bool): "net" => false, "remaining" => true;
}

words! {
    RoundingUnit { "payment" Payment, "share" Share }
    MoneyRounding { "down" Down, "nearest" Nearest }
    DropMethod { "all-at-once" AllAtOnce, "smallest-first" SmallestFirst }
}

/// Reads all pools, and returns them with warnings. At least one is required, and their
/// names must differ.
pub(super) fn read_pools(
    key: &Key<'_, Vec<PoolKeys<'_>>>,
    subclasses: &[&str],
    columns: &mut Columns,
    document: &TomlDocument<'_>,
) -> Option<(Vec<Pool>, Vec<String>)> {
    let tables = key.value.as_deref().unwrap_or_default();
    if tables.is_empty() && !key.is_wrong() {
        let place = document.at(&(0..0));
        return place.problem(messages::plan_without_pool()).none();
    }
    let names = tables.iter().map(|keys| {
        let by_id = keys.round.value == Some(Rounding::LargestRemainder);
        (keys.name.value.as_deref(), by_id)
    });
    let names: Vec<(Option<&str>, bool)> = names.collect();
    let mut warnings = Vec::new();
    let pools = tables.iter().enumerate().map(|(number, keys)| {
        let earlier = EarlierPools {
            pools: &names,
            number,
        };
        read_pool(keys, &earlier, subclasses, columns, &mut warnings)
    });
    let mut pools = all(pools)?;
    let with_parts = pools.iter_mut().filter_map(|pool| pool.by.as_mut());
    for (number, by) in with_parts.enumerate() {
        by.number = number;
    }
    for (position, pool) in pools.iter().enumerate() {
        let mut before = pools.iter().take(position);
        if let Some(other) = before.find(|other| other.name == pool.name) {
            let message = messages::pools_of_one_name(&literal(&pool.name));
            let report = document.at(&pool.span).problem(message);
            report.other(&other.span, "the other pool").add();
        }
    }
    Some((pools, warnings))
}

fn read_pool(
    keys: &PoolKeys<'_>,
    earlier: &EarlierPools<'_>,
    subclasses: &[&str],
    columns: &mut Columns,
    warnings: &mut Vec<String>,
) -> Option<Pool> {
    let by = pool_parts(&keys.by, &keys.parts, columns, warnings);
    let rest_of = keys.rest_of.value.as_ref().zip(keys.rest_of.at.as_ref());
    let rest_of = rest_of.and_then(|(name, value)| earlier.find(name, value));
    let mut reader = ConditionReader {
        columns,
        subclasses: Some(subclasses),
        of_rows: false,
    };
    let when = reader.optional(&keys.when);
    let measure = match &keys.award.at {
        Some(_) => WeightKind::Award,
        None => WeightKind::Shares,
    };
    let mut formula = |key: &Key<'_, TomlValue<'_>>, award| {
        let mut context = FormulaContext {
            reader: &mut reader,
            award,
            pools: Some(*earlier),
        };
        context.formula(key.value.as_ref()?)
    };
    let weight = formula(&keys.shares, false).or_else(|| formula(&keys.award, false));
    let at_least = formula(&keys.at_least, true);
    let at_most = formula(&keys.at_most, true);
    let less = formula(&keys.less, false);
    let drop = keys.drop.value.as_ref();
    let drop = drop.and_then(|keys| drop_rule(keys, &mut reader));
    let round = keys.round.value.unwrap_or(Rounding::Down);
    let unit = keys.unit.value.unwrap_or(RoundingUnit::Payment);
    check_combinations(keys, drop.as_ref(), round, unit);
    let formulas = [&weight, &at_least, &at_most, &less];
    let open = formulas.into_iter().flatten().any(Formula::reads_pools);
    let span = keys.name.at.as_ref()?.place.span.clone();
    let ways = [
        &keys.amount.at,
        &keys.percent.at,
        &keys.fraction.at,
        &keys.up_to.at,
    ];
    let way = ways.into_iter().flatten().next();
    Some(Pool {
        name: keys.name.value.clone()?,
        source: keys.source.value.clone(),
        money: pool_money(keys),
        rest_of,
        by,
        when,
        measure,
        weight: weight?,
        at_least,
        at_most,
        less,
        range: RateRange {
            reduce: keys.reduce.value.unwrap_or(Decimal::ZERO),
            raise: match keys.raise.value {
                None => Some(Decimal::ONE),
                Some(RateLimit::Rate(rate)) => Some(rate),
                Some(RateLimit::Unlimited) => None,
            },
        },
        drop,
        only_if: keys.only_if.value.as_ref().map(only_if),
        round,
        open,
        unit,
        money_span: way.map_or(span.clone(), |way| way.place.span.clone()),
        span,
    })
}

fn only_if(keys: &OnlyIfKeys<'_>) -> OnlyIf {
    OnlyIf {
        total: keys.total.value,
        each: keys.each.value,
    }
}

fn pool_money(keys: &PoolKeys<'_>) -> PoolMoney {
    if let Some(amount) = keys.amount.value {
        return PoolMoney::Amount(amount);
    }
    if let Some(amount) = keys.up_to.value {
        return PoolMoney::UpTo(amount);
    }
    match keys.percent.value.as_ref().or(keys.fraction.value.as_ref()) {
        Some(part) => PoolMoney::Part {
            part: part.clone(),
            of_remaining: keys.of.value.unwrap_or(false),
            round: keys.round_money.value.unwrap_or(MoneyRounding::Down),
        },
        None => PoolMoney::Rest,
    }
}

fn highest_rate(value: &TomlValue<'_>) -> Option<RateLimit> {
    if let DeValue::String(text) = value.value {
        if text == "unlimited" {
            return Some(RateLimit::Unlimited);
        }
        if text.chars().any(char::is_alphabetic) {
            let message = messages::raise_in_words(&literal(text));
            return value.problem(message).none();
        }
    }
    let rate = value.number()?;
    if rate < Decimal::ONE {
        return value.problem(messages::raise_below_one()).none();
    }
    Some(RateLimit::Rate(rate))
}

fn lowest_rate(value: &TomlValue<'_>) -> Option<Decimal> {
    let rate = value.number()?;
    if rate > Decimal::ONE {
        return value.problem(messages::reduce_above_one()).none();
    }
    Some(rate)
}

pub(super) fn drop_rule(
    keys: &DropKeys<'_>,
    reader: &mut ConditionReader<'_>,
) -> Option<MinimumPayment> {
    Some(MinimumPayment {
        when: reader.optional(&keys.when),
        limit: keys.below.value.or(keys.at_or_below.value)?,
        inclusive: keys.at_or_below.is_present(),
        method: keys.method.value?,
    })
}

/// Reports values that cannot be combined in one pool.
fn check_combinations(
    keys: &PoolKeys<'_>,
    drop: Option<&MinimumPayment>,
    round: Rounding,
    unit: RoundingUnit,
) {
    if let (Some(key), RoundingUnit::Share) = (&keys.unit.at, unit) {
        let rounded = keys.round.at.as_ref().filter(|_| round != Rounding::Down);
        let others = [keys.award.at.as_ref(), rounded, keys.drop.at.as_ref()];
        for other in others.into_iter().flatten() {
            let message = messages::share_unit_clashes(other.key);
            key.key_place.problem(message).other_key(other).add();
        }
    }
    let smallest_first = drop.filter(|rule| rule.method == DropMethod::SmallestFirst);
    if let (Some(_), Some(key)) = (smallest_first, &keys.drop.at) {
        let limits = [&keys.at_least.at, &keys.at_most.at, &keys.less.at];
        for other in limits.into_iter().flatten() {
            let message = messages::smallest_first_with_limit(other.key);
            key.key_place.problem(message).other_key(other).add();
        }
    }
}
