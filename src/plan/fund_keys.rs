//! Reads `[fund]`, and reports keys of a plan that a fund which is what is claimed
//! excludes.

use toml::de::DeValue;

use crate::base::diagnostics::nearest;
use crate::plan::deduction::DeductionKeys;
use crate::plan::document::{TomlDocument, TomlValue};
use crate::plan::kinds::{Amount, AmountAboveZero, Words, kinds};
use crate::plan::messages;
use crate::plan::pool::{PoolKeys, RateLimit};
use crate::plan::side_tables::PaymentKeys;
use crate::plan::table::{TomlKind as _, keys};
use crate::plan::{Fund, FundAmount, Pool};

keys! {
    struct FundKeys<'p>: "[fund]", "fund" {
        amount: FundMoney, Required, "the amount that the settlement pays in, or what is claimed";
        at_least: Amount, Or("no lower limit"), "with `\"as claimed\"`: the fund is not less";
        at_most: Amount, Or("no upper limit"), "with `\"as claimed\"`: the fund is not more";
        interest: Amount, Or("0"), "the interest earned in escrow, which is divided with the rest";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

kinds! {<'p>
    FundMoney(FundAmount): "money, more than 0, or `\"as claimed\"`",
        { "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            { "type": "string", "pattern": "^([0-9]*\\.?[0-9]*[1-9][0-9]*\\.?[0-9]*|as claimed)$" },
        ] },
        fund_money;
}

/// Reports every key that a fund which is what is claimed excludes, and limits of the
/// fund without it.
pub(super) fn check(
    fund: &FundKeys<'_>,
    deductions: &[DeductionKeys<'_>],
    pools: &[PoolKeys<'_>],
    payment: Option<&PaymentKeys<'_>>,
) {
    let Some(amount) = &fund.amount.at else {
        return;
    };
    match fund.amount.value {
        Some(FundAmount::AsClaimed { .. }) => {}
        Some(FundAmount::Fixed(_)) => {
            let limits = [&fund.at_least.at, &fund.at_most.at];
            for limit in limits.into_iter().flatten() {
                let message = messages::limit_of_fixed_fund(limit.key);
                limit.key_place.problem(message).other_key(amount).add();
            }
            return;
        }
        None => return,
    }
    let refuse = |key: &TomlValue<'_>| {
        let message = messages::as_claimed_excludes(key.key);
        let report = key.key_place.problem(message);
        report.other(&amount.place.span, "the fund").add();
    };
    fund.interest.at.iter().for_each(refuse);
    for keys in deductions {
        let ways = [&keys.percent.at, &keys.fraction.at, &keys.brackets.at];
        ways.into_iter().flatten().for_each(refuse);
    }
    for (position, keys) in pools.iter().enumerate() {
        let excluded = [
            &keys.shares.at,
            &keys.amount.at,
            &keys.percent.at,
            &keys.fraction.at,
            &keys.up_to.at,
            &keys.rest_of.at,
            &keys.by.at,
        ];
        excluded.into_iter().flatten().for_each(refuse);
        let raises = match keys.raise.value {
            None => false,
            Some(RateLimit::Unlimited) => true,
            Some(RateLimit::Rate(rate)) => rate > rust_decimal::Decimal::ONE,
        };
        if let Some(key) = keys.raise.at.as_ref().filter(|_| raises)
            && position + 1 < pools.len()
        {
            let message = messages::raise_before_last_pool();
            let report = key.key_place.problem(message);
            report.other(&amount.place.span, "the fund").add();
        }
    }
    if let Some(drop) = payment.and_then(|keys| keys.drop.at.as_ref()) {
        refuse(drop);
    }
}

/// Reports pools whose formulas read earlier ones.
pub(super) fn check_pools(fund: Option<Fund>, pools: &[Pool], document: &TomlDocument<'_>) {
    if !matches!(
        fund,
        Some(Fund {
            amount: FundAmount::AsClaimed { .. },
            ..
        })
    ) {
        return;
    }
    for pool in pools.iter().filter(|pool| pool.open) {
        let message = messages::as_claimed_excludes("{ pool = … }");
        document.at(&pool.span).problem(message).add();
    }
}

/// Reads the fund.
pub(super) fn read_fund(keys: &FundKeys<'_>) -> Option<Fund> {
    let amount = match keys.amount.value? {
        FundAmount::Fixed(amount) => FundAmount::Fixed(amount),
        FundAmount::AsClaimed { .. } => FundAmount::AsClaimed {
            at_least: keys.at_least.value,
            at_most: keys.at_most.value,
        },
    };
    let limits = keys.at_least.value.zip(keys.at_most.value);
    if limits.is_some_and(|(at_least, at_most)| at_least > at_most) {
        let place = &keys.at_most.at.as_ref()?.place;
        let report = place.problem(messages::fund_limits_reversed());
        let other = &keys.at_least.at.as_ref()?.place.span;
        return report.other(other, "the lower limit").none();
    }
    let fund = Fund {
        amount,
        interest: keys.interest.value.unwrap_or_default(),
    };
    keys.toml.is_sound().then_some(fund)
}

fn fund_money(value: &TomlValue<'_>) -> Option<FundAmount> {
    if let DeValue::String(text) = value.value
        && (nearest(text, ["as claimed"]).is_some() || text.contains("claim"))
    {
        let as_claimed = FundAmount::AsClaimed {
            at_least: None,
            at_most: None,
        };
        return value.one_of(&[("as claimed", as_claimed)]);
    }
    AmountAboveZero::read(value).map(FundAmount::Fixed)
}
