//! Explains the payment to one claimant from one pool.

use anyhow::Result;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::One;
use serde_json::Value;

use crate::allocate::entitlement::{self, PoolEntitlement};
use crate::allocate::pool::equation::LimitState;
use crate::allocate::pool::{
    self, Participant, PaymentAtRate, PoolTerms, rate_exact_text, rate_text,
};
use crate::allocate::trace::values::{StepRecorder, ValueExplainer};
use crate::allocate::trace::{LimitSteps, PoolSteps, contradiction, damaged};
use crate::base::compact_column::index;
use crate::base::decimal;
use crate::base::diagnostics::Mismatch;
use crate::base::money::{self, Money};
use crate::plan::cell::Facts;
use crate::plan::english::{EnglishWriter, Quantity};
use crate::plan::{MinimumPayment, Plan, Pool, Rounding, RoundingUnit, WeightKind, fund};

/// Explains the payment from one pool.
pub(super) struct PoolExplainer<'a, F: Facts> {
    pub plan: &'a Plan,
    pub pool: &'a Pool,
    /// The pool's entry in the run's summary.
    pub facts: &'a Value,
    pub claim: &'a F,
    /// True if the claimant was removed from all pools.
    pub removed: bool,
    pub values: &'a ValueExplainer<'a>,
}

impl<F: Facts> PoolExplainer<'_, F> {
    /// Explains the payment and compares it with the run.
    pub(super) fn explain(mut self, paid: Option<&str>) -> Result<PoolSteps> {
        let currency = self.plan.settlement.currency;
        let counts = match self.pool.measure {
            WeightKind::Shares => Quantity::Shares,
            WeightKind::Award => Quantity::Money,
        };
        let mut notebook = StepRecorder::new(self.values, counts, self.claim);
        let pool_entitlement =
            entitlement::pool_entitlement(self.pool, currency, self.claim, &mut notebook)
                .map_err(|fault| damaged(&fault))?;
        notebook.check()?;
        let not_divided = self.not_divided();
        let part = match not_divided {
            Some(_) => None,
            None => self.part(&pool_entitlement)?,
        };
        let mut steps = self.outline(&pool_entitlement, notebook)?;
        steps.part = part;
        if pool_entitlement.weight.is_zero() {
            return Ok(steps);
        }
        if not_divided.is_some() {
            steps.why_not = not_divided;
            return self.unpaid(steps, paid);
        }
        if let Some(drop) = self.plan.payment_drop.as_ref().filter(|_| self.removed) {
            steps.drop_limit = Some(self.limit_text(drop));
            (steps.dropped, steps.dropped_in_all) = (true, true);
            return Ok(steps);
        }
        let participant = Participant {
            count: 1,
            weight: pool_entitlement.weight,
            limits: pool_entitlement.limits,
        };
        let rate = self.rate()?;
        let single = pool::single(&self.terms()?, &participant, rate.as_ref())
            .map_err(|_| self.contradiction("its rate is invalid"))?;
        let paid_units = match paid {
            Some(text) => self.money(text)?,
            None => Money::ZERO,
        };
        let one_more = single.payment.plus(Money(1)) == Some(paid_units);
        let fraction = !single.exact.is_integer();
        let rounds_up = self.pool.round == Rounding::LargestRemainder && one_more && fraction;
        steps.dropped = paid_units == Money::ZERO
            && pool_entitlement.limits.droppable
            && (rate.is_none() && self.may_drop()
                || single.payment > Money::ZERO
                || self.is_small(&single.exact));
        if !steps.dropped && paid_units != single.payment && !rounds_up {
            let told = format!(
                "expected {}, found {}",
                currency.text(single.payment),
                currency.text(paid_units)
            );
            return Err(self.contradiction(&told).into());
        }
        if steps.dropped {
            return Ok(steps);
        }
        self.add_payment(
            &mut steps,
            &single,
            (paid_units, rounds_up),
            &pool_entitlement,
        );
        Ok(steps)
    }

    /// Adds the exact payment, and how it is rounded.
    fn add_payment(
        &self,
        steps: &mut PoolSteps,
        single: &PaymentAtRate,
        (paid_units, rounds_up): (Money, bool),
        pool_entitlement: &PoolEntitlement,
    ) {
        let currency = self.plan.settlement.currency;
        steps.bound = match single.piece {
            LimitState::Low if pool_entitlement.limits.at_least > Money::ZERO => Some("at_least"),
            LimitState::High => Some("at_most"),
            LimitState::Low | LimitState::Slope => None,
        };
        let exact = &single.exact / BigInt::from(10).pow(currency.decimals());
        steps.exact = Some(rate_text(&exact));
        steps.exact_fraction = Some(rate_exact_text(&exact));
        steps.rounding = Some(self.rounding(single, rounds_up));
        steps.payout = currency.text(paid_units);
    }

    /// The reason why the pool is not divided.
    fn not_divided(&self) -> Option<String> {
        let reason = self.facts.get("not_economical")?.as_str()?;
        Some(format!("the pool is not divided: {reason}"))
    }

    /// The explanation of a pool that pays nothing.
    fn unpaid(&self, steps: PoolSteps, paid: Option<&str>) -> Result<PoolSteps> {
        if paid.is_some_and(|paid| paid != steps.payout) {
            let what = "it pays although it is not divided";
            return Err(self.contradiction(what).into());
        }
        Ok(steps)
    }

    /// The part of the pool in which the claimant is. Its figures then take the place of
    /// those of the pool.
    fn part(&mut self, pool_entitlement: &PoolEntitlement) -> Result<Option<String>> {
        let Some(by) = &self.pool.by else {
            return Ok(None);
        };
        if pool_entitlement.weight.is_zero() {
            return Ok(None);
        }
        let part = entitlement::pool_part(self.pool, by, self.claim);
        let part = index(part.map_err(|fault| damaged(&fault))?);
        let facts = self.facts.pointer(&format!("/by/texts/{part}"));
        self.facts = facts.unwrap_or(&Value::Null);
        Ok(by.parts.get(part).map(|part| part.text.clone()))
    }

    /// An explanation of the rate, unless it is the money divided by the weights.
    fn rate_note(&self) -> Option<String> {
        let rate = self.facts.get("rate_exact").and_then(Value::as_str)?;
        let highest = self
            .pool
            .range
            .raise
            .filter(|_| self.pool.measure == WeightKind::Award);
        if highest.is_some_and(|highest| rate_exact_text(&fund::fraction(highest)) == rate) {
            let left = self.facts.get("left").and_then(Value::as_str);
            let is_left = left.is_some_and(|left| left.bytes().any(|digit| digit > b'0'));
            return is_left.then(|| "This is the highest rate that the plan allows; the pool does not need the rest of the money.".to_owned());
        }
        let limited =
            self.pool.at_least.is_some() || self.pool.at_most.is_some() || self.pool.less.is_some();
        limited.then(|| {
            "At this rate, all payments from the pool, each within its limits, add up to the pool's money.".to_owned()
        })
    }

    fn drop_limit(&self) -> Option<String> {
        Some(self.limit_text(self.pool.drop.as_ref()?))
    }

    fn limit_text(&self, drop: &MinimumPayment) -> String {
        let limit = self.plan.settlement.currency.text(drop.limit);
        format!("{} {limit}", drop.relation())
    }

    /// True if the pool drops small payments of this claimant.
    fn may_drop(&self) -> bool {
        let drop = self.pool.drop.as_ref();
        drop.is_some_and(|drop| drop.inclusive || drop.limit > Money::ZERO)
    }

    /// True if the pool drops this exact payment.
    fn is_small(&self, exact: &Ratio<BigInt>) -> bool {
        self.pool.drop.as_ref().is_some_and(|drop| {
            let limit = Ratio::from_integer(BigInt::from(drop.limit.0));
            *exact < limit || (drop.inclusive && *exact == limit)
        })
    }

    /// The explanation without the rate.
    fn outline(
        &self,
        pool_entitlement: &PoolEntitlement,
        mut notebook: StepRecorder<'_, F>,
    ) -> Result<PoolSteps> {
        let currency = self.plan.settlement.currency;
        let takes_part = self
            .pool
            .when
            .holds(self.claim)
            .map_err(|fault| damaged(&fault))?;
        let why_not = if takes_part {
            let what = match self.pool.measure {
                WeightKind::Shares => "the claimant has no shares in this pool",
                WeightKind::Award => "the claimant has no award in this pool",
            };
            pool_entitlement.weight.is_zero().then(|| what.to_owned())
        } else {
            let claims = EnglishWriter::new(self.plan).limited_to(&self.pool.when);
            Some(format!("this pool is limited to claims {claims}"))
        };
        let (measure, weight) = match self.pool.measure {
            WeightKind::Shares => ("shares", decimal::text(pool_entitlement.weight)),
            WeightKind::Award => ("award", currency.award_text(pool_entitlement.weight)),
        };
        let text = |key: &str| {
            self.facts
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Ok(PoolSteps {
            name: self.pool.name.clone(),
            source: self.pool.source.clone(),
            measure,
            why_not,
            steps: notebook.take("weight"),
            weight,
            limits: self.limits(pool_entitlement, &mut notebook),
            available: text("available").unwrap_or_default(),
            participants: self
                .facts
                .get("participants")
                .and_then(Value::as_u64)
                .unwrap_or(0),
            total: text("shares")
                .or_else(|| text("awards"))
                .unwrap_or_default(),
            rate: text("rate"),
            rate_exact: text("rate_exact"),
            unit_rate: text("unit_rate").or_else(|| self.unit_rate_of_part()),
            rate_note: self.rate_note(),
            drop_limit: self.drop_limit(),
            payout: currency.text(Money::ZERO),
            ..PoolSteps::default()
        })
    }

    /// The rounded value of a share in a part of the pool.
    fn unit_rate_of_part(&self) -> Option<String> {
        let of_shares = self.pool.by.is_some() && self.pool.unit == RoundingUnit::Share;
        let rate = self.rate().ok().flatten().filter(|_| of_shares)?;
        let units = Money::from_big(&rate.floor().to_integer())?;
        Some(self.plan.settlement.currency.text(units))
    }

    fn limits(
        &self,
        pool_entitlement: &PoolEntitlement,
        notebook: &mut StepRecorder<'_, F>,
    ) -> Vec<LimitSteps> {
        let currency = self.plan.settlement.currency;
        let limits = &pool_entitlement.limits;
        let mut bounds = Vec::new();
        if self.pool.less.is_some() {
            bounds.push(("less", currency.award_text(limits.less)));
        }
        if self.pool.at_least.is_some() {
            bounds.push(("at_least", currency.text(limits.at_least)));
        }
        if let Some(most) = limits.at_most {
            bounds.push(("at_most", currency.text(most)));
        }
        bounds
            .into_iter()
            .filter(|_| !pool_entitlement.weight.is_zero())
            .map(|(key, value)| LimitSteps {
                key,
                steps: notebook.take(key),
                value,
            })
            .collect()
    }

    fn terms(&self) -> Result<PoolTerms<'_>> {
        let available = self
            .facts
            .get("available")
            .and_then(Value::as_str)
            .unwrap_or("0");
        Ok(PoolTerms {
            in_full: false,
            money: self.money(available)?,
            measure: self.pool.measure,
            range: &self.pool.range,
            round: self.pool.round,
            unit: self.pool.unit,
            drop: None,
            each: None,
            count_ahead: false,
            decimals: self.plan.settlement.currency.decimals(),
        })
    }

    /// The exact rate in the summary: minor units per share, or per unit of award.
    fn rate(&self) -> Result<Option<Ratio<BigInt>>> {
        let Some(text) = self.facts.get("rate_exact").and_then(Value::as_str) else {
            return Ok(None);
        };
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let part = |digits: &str| {
            digits
                .parse::<BigInt>()
                .ok()
                .filter(|number| !below.is_empty() && *number >= BigInt::ZERO)
        };
        let (above, below) = part(above)
            .zip(part(below).filter(|number| *number != BigInt::ZERO))
            .ok_or_else(|| self.contradiction("its rate cannot be read"))?;
        let rate = Ratio::new(above, below);
        Ok(Some(match self.pool.measure {
            WeightKind::Shares => {
                rate * BigInt::from(10).pow(self.plan.settlement.currency.decimals())
            }
            WeightKind::Award => rate,
        }))
    }

    fn money(&self, text: &str) -> Result<Money> {
        let decimals = self.plan.settlement.currency.decimals();
        money::from_text(text, decimals)
            .ok_or_else(|| self.contradiction("an amount cannot be read").into())
    }

    fn contradiction(&self, what: &str) -> Mismatch {
        contradiction(&format!("its plan in pool `{}`: {what}", self.pool.name))
    }

    fn rounding(&self, single: &PaymentAtRate, rounds_up: bool) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        if single.exact.denom().is_one() {
            return "no rounding needed".to_owned();
        }
        let rule = match self.pool.unit {
            RoundingUnit::Share => Rounding::Down,
            RoundingUnit::Payment => self.pool.round,
        };
        rule.of_payment(unit, rounds_up, single.may_round_up)
    }
}
