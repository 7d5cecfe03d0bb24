//! Reads `[fund]`, and reports keys of a plan that a fund which is what is claimed
//! excludes.

use toml::de::DeValue;

use crate::base::diagnostics::nearest;
use crate::base::money::Money;
use crate::plan::deduction::DeductionKeys;
use crate::plan::document::{TomlDocument, TomlValue};
use crate::plan::kinds::{Amount, Words, choices, kinds};
use crate::plan::messages;
use crate::plan::pool::{PoolKeys, RateLimit};
use crate::plan::side_tables::PaymentKeys;
use crate::plan::table::keys;
use crate::plan::{Fund, FundAmount, Pool};

keys! {
    struct FundKeys<'p>: "[fund]", "fund" {
        amount: FundMoney, OneOfThese, "the amount that the settlement pays in, or what is claimed; with `prior`, what was paid in since, 0 if it is left out";
        prior: PriorFund, OneOfThese, "the fund begins with everything that a reconciliation left: that is neither cashed, outstanding nor spent";
        at_least: Amount, Or("no lower limit"), "with `\"as claimed\"`: the fund is not less";
        at_most: Amount, Or("no upper limit"), "with `\"as claimed\"`: the fund is not more";
        interest: Amount, Or("0"), "the interest earned in escrow, which is divided with the rest";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
    rules {
        AnyOf(&["amount", "prior"], None);
    }
}

kinds! {<'p>
    FundMoney(FundAmount): "money, more than 0 without `prior`, or `\"as claimed\"`",
        { "anyOf": [
            { "$ref": "#/$defs/number" },
            { "const": "as claimed" },
        ] },
        fund_money;
}

choices! {
    /// The fund begins with what is left.
    PriorFund(()): "left" => ();
}

/// Reports every key that a fund which is what is claimed excludes, and limits of the
/// fund without it.
pub(super) fn check(
    fund: &FundKeys<'_>,
    deductions: &[DeductionKeys<'_>],
    pools: &[PoolKeys<'_>],
    payment: Option<&PaymentKeys<'_>>,
) {
    let limits = [&fund.at_least.at, &fund.at_most.at];
    let limits = limits.into_iter().flatten();
    let (Some(amount), Some(money)) = (&fund.amount.at, fund.amount.value) else {
        // A wrong amount may be meant as one that has limits.
        for limit in limits.filter(|_| !fund.amount.is_present()) {
            let message = messages::limit_of_fixed_fund(limit.key);
            limit.key_place.problem(message).add();
        }
        return;
    };
    if let FundAmount::Fixed(money) = money {
        for limit in limits {
            let message = messages::limit_of_fixed_fund(limit.key);
            limit.key_place.problem(message).other_key(amount).add();
        }
        if money == Money::ZERO && !fund.prior.is_present() {
            amount.fault(messages::amount_zero).add();
        }
        return;
    }
    let refuse = |key: &TomlValue<'_>| {
        let message = messages::as_claimed_excludes(key.key);
        let report = key.key_place.problem(message);
        report.other(&amount.place.span, "the fund").add();
    };
    fund.interest.at.iter().for_each(refuse);
    fund.prior.at.iter().for_each(refuse);
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
            &keys.only_if.at,
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
    let amount = match keys.amount.value {
        None if keys.amount.is_present() || keys.prior.value.is_none() => return None,
        None => FundAmount::Fixed(Money::ZERO),
        Some(FundAmount::Fixed(amount)) => FundAmount::Fixed(amount),
        Some(FundAmount::AsClaimed { .. }) => FundAmount::AsClaimed {
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
        prior: keys.prior.value.is_some(),
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
    value.money().map(FundAmount::Fixed)
}
