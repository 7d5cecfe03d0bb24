//! Reads `[[deduction]]` tables.

use crate::base::money::{Currency, Money};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, all};
use crate::plan::formula::reader::read_brackets;
use crate::plan::pool::choice;
use crate::plan::typed_values::{exactly_one, money, part, percent_part};
use crate::plan::{
    Deduction, DeductionKind, DeductionRounding, DeductionRule, FeeBracket, Fund, PercentBase,
};

const BASES: [(&str, PercentBase); 3] = [
    ("amount", PercentBase::Amount),
    ("gross", PercentBase::Gross),
    ("remaining", PercentBase::Remaining),
];

const DEDUCTION_ROUNDS: [(&str, DeductionRounding); 3] = [
    ("nearest", DeductionRounding::Nearest),
    ("down", DeductionRounding::Down),
    ("up", DeductionRounding::Up),
];

pub(super) fn read_deductions(
    tables: Vec<TomlTable<'_>>,
    fund: Option<Fund>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<Vec<Deduction>> {
    let interest = fund.is_some_and(|fund| fund.interest > Money::ZERO);
    let tables = tables.into_iter();
    all(tables.map(|table| read_deduction(table, interest, currency, problems)))
}

fn read_deduction(
    mut table: TomlTable<'_>,
    interest: bool,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<Deduction> {
    let span = table.span.clone();
    let name = table.require("name", problems);
    let kind = table.take("kind");
    let ways = table.present(&["amount", "percent", "fraction", "each", "brackets"]);
    let count = table.take("count");
    let of = table.take("of");
    let round = table.take("round");
    table.finish(problems);
    let name = name.and_then(|name| name.words(problems));
    let kind = choice(
        kind.as_ref(),
        &DeductionKind::WORDS,
        DeductionKind::Other,
        problems,
    );
    let way = exactly_one(
        &ways,
        &span,
        "a deduction requires one of `amount`, `percent`, `fraction`, `each` with `count`, or `brackets`",
        problems,
    )?;
    if let (Some(count), false) = (&count, way.key == "each") {
        let message = format!("`count` applies to `each`, not to `{}`", way.key);
        problems.add_pair(&count.key_span, message, &way.key_span, "the other key");
        return None;
    }
    let fixed = way.key == "amount" || way.key == "each";
    if let (Some(of), true) = (&of, fixed) {
        let message = format!(
            "`of` applies to `percent`, `fraction` or `brackets`, not to `{}`",
            way.key
        );
        problems.add_pair(&of.key_span, message, &way.key_span, "the other key");
        return None;
    }
    let round = choice(
        round.as_ref(),
        &DEDUCTION_ROUNDS,
        DeductionRounding::Nearest,
        problems,
    );
    let rule = match way.key.as_str() {
        "amount" => money(way, currency, problems).map(DeductionRule::Amount),
        "each" => each(way, count.as_ref(), currency, problems),
        _ => part_of_base(
            way,
            base(of.as_ref(), way, interest, problems),
            round,
            problems,
        ),
    };
    Some(Deduction {
        name: name?,
        kind: kind?,
        rule: rule?,
        span: way.span.clone(),
    })
}

/// Warnings about `round` in deductions that are whole amounts.
pub(super) fn idle_rounds(tables: &[TomlTable<'_>]) -> Vec<String> {
    let has =
        |table: &TomlTable<'_>, key: &str| table.entries().iter().any(|entry| entry.key == key);
    let idle = |table: &&TomlTable<'_>| {
        has(table, "round") && (has(table, "amount") || has(table, "each"))
    };
    let warning = |_: &TomlTable<'_>| {
        "`round` has no effect in a deduction with `amount` or `each`".to_owned()
    };
    tables.iter().filter(idle).map(warning).collect()
}

fn each(
    value: &TomlValue<'_>,
    count: Option<&TomlValue<'_>>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<DeductionRule> {
    let each = money(value, currency, problems);
    let Some(count) = count else {
        problems.add(
            &value.key_span,
            "`each` requires `count`, the number of recipients",
        );
        return None;
    };
    let count = count.whole(problems);
    Some(DeductionRule::Each {
        each: each?,
        count: count?,
    })
}

/// The base of a percentage. If the fund has interest, the plan must name the base.
fn base(
    of: Option<&TomlValue<'_>>,
    way: &TomlValue<'_>,
    interest: bool,
    problems: &mut ProblemCollector,
) -> Option<PercentBase> {
    if let Some(of) = of {
        return of.one_of(&BASES, problems);
    }
    if interest {
        let message = format!("the fund has interest, so `{}` requires `of`", way.key);
        let hint = "add `of = \"amount\"` (without interest), `\"gross\"` (with interest) or `\"remaining\"` (the balance after the preceding deductions)";
        problems.add_hint(&way.span, message, hint);
        return None;
    }
    Some(PercentBase::Amount)
}

fn part_of_base(
    way: &TomlValue<'_>,
    of: Option<PercentBase>,
    round: Option<DeductionRounding>,
    problems: &mut ProblemCollector,
) -> Option<DeductionRule> {
    if way.key == "brackets" {
        let brackets = read_brackets(way, "percent", problems)?
            .into_iter()
            .map(|(to, percent)| FeeBracket {
                to: to.map(|to| to.value),
                part: percent_part(&percent),
            })
            .collect();
        return Some(DeductionRule::Brackets {
            brackets,
            of: of?,
            round: round?,
        });
    }
    let part = part(way, problems);
    Some(DeductionRule::Part {
        part: part?,
        of: of?,
        round: round?,
    })
}
