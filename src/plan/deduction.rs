//! Reads `[[deduction]]` tables.

use crate::base::money::Money;
use crate::plan::document::{TomlValue, all};
use crate::plan::formula::reader::check_rising;
use crate::plan::kinds::{
    Amount, Fraction, OneOf, Percentage, PlainNumber, Tables, WholeNumber, Words, percent_part,
    words,
};
use crate::plan::table::keys;
use crate::plan::{
    Deduction, DeductionKind, DeductionRounding, DeductionRule, FeeBracket, Fund, PercentBase,
    messages,
};

keys! {
    struct DeductionKeys<'p>: "[[deduction]]", "deduction" {
        name: Words, Required, "the name in the results";
        kind: OneOf<DeductionKind>, Or("\"other\""), "where the report shows it; it shows a reserve as money retained, and cy pres, escheat and reversion as money that goes to others than the class";
        amount: Amount, OneOfThese, "this amount";
        percent: Percentage, OneOfThese, "this percentage of the base";
        fraction: Fraction, OneOfThese, "exactly this part of the base";
        each: Amount, OneOfThese, "an amount for each of several recipients";
        brackets: Tables<FeeBracketKeys<'p>>, OneOfThese, "a sliding scale: each layer of the base at its own percentage";
        count: WholeNumber, Or("required with `each`"), "the number of recipients";
        of: OneOf<PercentBase>, Or("`\"amount\"`; required if the fund has interest or `prior`"), "the base: what was paid in, the fund with interest and what was left before, or what earlier deductions have left";
        round: OneOf<DeductionRounding>, Or("\"nearest\""), "the rounding to the minor unit; `\"nearest\"` rounds a half up";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        One(
            &["amount", "percent", "fraction", "each", "brackets"],
            Some(messages::deduction_without_amount),
            "",
        );
        With("count", &["each"]);
        With("each", &["count"]);
        With("of", &["percent", "fraction", "brackets"]);
    }

    struct FeeBracketKeys<'p>: "a bracket", "bracket" {
        to: PlainNumber, Or("the rest, in the last bracket"), "the upper end, greater than the one before";
        percent: PlainNumber, Required, "the percentage of this layer";
    }
}

words! {
    PercentBase { "amount" Amount, "gross" Gross, "remaining" Remaining }
    DeductionRounding { "nearest" Nearest, "down" Down, "up" Up }
}

pub(super) fn read_deductions(
    tables: &[DeductionKeys<'_>],
    fund: Option<Fund>,
) -> Option<Vec<Deduction>> {
    all(tables.iter().map(|keys| read_deduction(keys, fund)))
}

fn read_deduction(keys: &DeductionKeys<'_>, fund: Option<Fund>) -> Option<Deduction> {
    let ways = [
        &keys.amount.at,
        &keys.each.at,
        &keys.percent.at,
        &keys.fraction.at,
    ];
    let way = ways
        .into_iter()
        .chain([&keys.brackets.at])
        .flatten()
        .next()?;
    let round = keys.round.value.unwrap_or(DeductionRounding::Nearest);
    let rule = if keys.amount.is_present() {
        keys.amount.value.map(DeductionRule::Amount)
    } else if let Some(each) = keys.each.value {
        let count = keys.count.value;
        count.map(|count| DeductionRule::Each { each, count })
    } else {
        part_of_base(keys, base(keys, way, fund)?, round)
    };
    let deduction = Deduction {
        name: keys.name.value.clone()?,
        source: keys.source.value.clone(),
        kind: keys.kind.value.unwrap_or(DeductionKind::Other),
        rule: rule?,
        span: way.place.span.clone(),
    };
    keys.toml.is_sound().then_some(deduction)
}

/// A warning about `round` in a deduction that is a whole amount.
pub(super) fn idle_round(keys: &DeductionKeys<'_>) -> Option<String> {
    let idle = keys.round.is_present() && (keys.amount.is_present() || keys.each.is_present());
    idle.then(|| "`round` has no effect in a deduction with `amount` or `each`".to_owned())
}

/// The base of a percentage. If the fund has more parts than the amount, the plan must
/// name the base.
fn base(keys: &DeductionKeys<'_>, way: &TomlValue<'_>, fund: Option<Fund>) -> Option<PercentBase> {
    if keys.of.is_present() {
        return keys.of.value;
    }
    match fund {
        Some(fund) if fund.prior => way.problem(messages::base_missing_after(way.key)).none(),
        Some(fund) if fund.interest > Money::ZERO => {
            way.problem(messages::base_missing(way.key)).none()
        }
        _ => Some(PercentBase::Amount),
    }
}

fn part_of_base(
    keys: &DeductionKeys<'_>,
    of: PercentBase,
    round: DeductionRounding,
) -> Option<DeductionRule> {
    if let Some(part) = keys.percent.value.as_ref().or(keys.fraction.value.as_ref()) {
        let part = part.clone();
        return Some(DeductionRule::Part { part, of, round });
    }
    let list = keys.brackets.value.as_deref()?;
    Some(DeductionRule::Brackets {
        brackets: fee_brackets(keys.brackets.at.as_ref()?, list)?,
        of,
        round,
    })
}

/// Reads a sliding scale.
pub(super) fn fee_brackets(
    written: &TomlValue<'_>,
    list: &[FeeBracketKeys<'_>],
) -> Option<Vec<FeeBracket>> {
    let ends = list.iter().map(|bracket| (&bracket.toml, &bracket.to));
    check_rising(written, ends)?;
    let bracket = |keys: &FeeBracketKeys<'_>| {
        Some(FeeBracket {
            to: keys.to.value,
            part: percent_part(keys.percent.value?),
        })
    };
    all(list.iter().map(bracket))
}
