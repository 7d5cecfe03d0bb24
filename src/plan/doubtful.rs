//! Warnings about rules of a plan that are probably not what is meant.

use crate::base::diagnostics::whole_literal;
use crate::base::locale::Locale;
use crate::base::money::Currency;
use crate::plan::columns::Columns;
use crate::plan::formula::{FormulaStep, Operation};
use crate::plan::kinds::Choice as _;
use crate::plan::known_rules::KnownRules;
use crate::plan::named_value::{self, NamedValue};
use crate::plan::{Pool, PoolMoney, WeightKind, common_mistakes, ranges, summed_columns};

/// Warnings about rules that are probably not what is meant.
pub(super) fn of(rules: &KnownRules<'_>, currency: Currency, locale: Locale) -> Vec<String> {
    let columns = rules.columns;
    let mut warnings = impossible_texts(columns);
    warnings.extend(idle_formulas(rules.pools, rules.values));
    let pools = rules.pools.iter();
    warnings.extend(pools.filter_map(|pool| money_like_award(pool, currency)));
    warnings.extend(summed_columns::warnings(rules));
    warnings.extend(ranges::overlaps(rules, locale));
    warnings.extend(named_value::unread(rules.values, columns));
    let unread = columns.unread_tables();
    warnings.extend(unread.map(|name| format!("nothing in the plan reads [table.{name}]")));
    warnings
}

/// A pool whose money equals the award of a single claimant: probably one is meant for
/// the other.
fn money_like_award(pool: &Pool, currency: Currency) -> Option<String> {
    let (key, money) = match pool.money {
        PoolMoney::Amount(money) => ("amount", money),
        PoolMoney::UpTo(money) => ("up_to", money),
        PoolMoney::Part { .. } | PoolMoney::Rest => return None,
    };
    let award = pool.weight.constant()?.decimal()?;
    let is_same = pool.measure == WeightKind::Award && currency.exact(award) == Some(money);
    is_same.then(|| {
        format!(
            "pool {}: the whole pool has {} (`{key}`), and so has the award of each claimant (`award`); remove `{key}` if it is meant as the award",
            whole_literal(&pool.name),
            currency.grouped(money),
        )
    })
}

/// A warning that tax flags support only US taxpayer numbers.
pub(super) fn foreign_tax(has_tax: bool, currency: Currency) -> Option<String> {
    (has_tax && currency != Currency::USD).then(|| {
        format!(
            "[tax] validates US taxpayer numbers, but the currency is {}",
            currency.code()
        )
    })
}

/// Warnings about formulas whose first step leaves the initial 0 unchanged.
fn idle_formulas(pools: &[Pool], values: &[NamedValue]) -> Vec<String> {
    let of_values = values.iter().map(|value| &value.formula);
    let formulas = pools.iter().flat_map(Pool::formulas).chain(of_values);
    // A named value may be below 0.
    let leaves_0 = |step: &&FormulaStep| match step.verb {
        Operation::AtMost => step.operand.named_value().is_none(),
        verb => verb.is_factor() || verb.rounds(),
    };
    formulas
        .filter_map(|formula| formula.steps().first())
        .filter(leaves_0)
        .map(|step| {
            let verb = step.verb.word();
            format!(
                "the formula on line {} begins with `{verb}`, which has no effect because a formula starts at 0",
                step.line
            )
        })
        .collect()
}

/// Warnings about texts in conditions that cells are unlikely to have, or that the
/// `values` of the column do not list.
fn impossible_texts(columns: &Columns) -> Vec<String> {
    let mut warnings = Vec::new();
    for (_, column) in columns.iter() {
        let name = whole_literal(&column.name);
        let Some(values) = &column.values else {
            for (number, text) in column.patterns.iter().enumerate() {
                let again = column
                    .patterns
                    .iter()
                    .take(number)
                    .any(|other| other == text);
                if let Some(hint) = common_mistakes::of_text(text).filter(|_| !again) {
                    let text = whole_literal(text);
                    warnings.push(format!(
                        "the plan compares column {name} with the text {text}, which matches only that exact text; {hint}"
                    ));
                }
            }
            continue;
        };
        for text in column.texts.iter().filter(|text| !values.contains(text)) {
            let text = whole_literal(text);
            warnings.push(format!(
                "the plan compares column {name} with {text}, which is not listed in its `values`"
            ));
        }
    }
    warnings
}
