//! Divides pools in order: each takes its money from the balance of the net
//! settlement fund, is divided, and leaves unpaid money to later pools.

mod balances;
mod outcome;
mod payment_drop;
mod resolve;
pub mod suspected_totals_row;
mod tie_break_ids;

use std::collections::BTreeMap;

use anyhow::Result;
use rust_decimal::Decimal;

use crate::allocate::classes::{ClassParticipants, EntitlementClasses};
use crate::allocate::pool::{self, LeftoverUnits, PoolFault, PoolTerms};
use crate::allocate::pools::balances::Balances;
use crate::allocate::pools::outcome::DividedPart;
pub use crate::allocate::pools::outcome::{FirstIds, LeftoverRecipients, PoolFigures, PoolOutcome};
pub use crate::allocate::pools::payment_drop::{ClassSplit, RemovedClaimants};
pub(crate) use crate::allocate::pools::resolve::with_row;
use crate::allocate::{Claims, as_claimed, messages};
use crate::base::compact_column::index;
use crate::base::diagnostics::{Bug, OrBug, PlanProblem};
use crate::base::money::Money;
use crate::claims::claim_list::ClassId;
use crate::plan::fund::FundAccount;
use crate::plan::{
    FundLimit, MinimumPayment, MoneyRounding, NotEconomical, Plan, Pool, PoolMoney, RateRange, fund,
};

const UNKNOWN_CLASS: &str = "a claimant has no class";

/// The divided net settlement fund.
#[derive(Debug)]
pub struct Distribution {
    /// From the fund to the net settlement fund.
    pub account: FundAccount,
    /// In plan order.
    pub pools: Vec<PoolOutcome>,
    /// The amount that no pool paid or held.
    pub residual: Money,
    /// The claimants who are out of all pools, if the plan has a minimum over all.
    pub removed: Option<RemovedClaimants>,
}

/// Divides the net settlement fund among the claims.
pub fn distribute(plan: &Plan, claims: &mut Claims) -> Result<Distribution> {
    let distribution = in_rounds(
        plan,
        claims,
        |claims, removed| {
            let choose =
                |extra: &LeftoverUnits, classes: &[ClassId]| choose_ids(extra, classes, claims);
            divide_pools(plan, &claims.entitlements, removed, claims.threads, &choose)
        },
        |claims| &mut claims.entitlements,
        |claims, splits| payment_drop::move_rows(&mut claims.claim_list, splits),
    );
    distribution.map_err(|error| with_row(error, claims))
}

/// Divides all pools, and once more without the claimants whose payments from all pools
/// together are too small. `split` receives the classes of which only some stay.
pub fn in_rounds<S>(
    plan: &Plan,
    state: &mut S,
    divide: impl Fn(&S, Option<&RemovedClaimants>) -> Result<Distribution>,
    entitlements: impl Fn(&mut S) -> &mut EntitlementClasses,
    split: impl Fn(&mut S, &[ClassSplit]),
) -> Result<Distribution> {
    let first = divide(state, None)?;
    let Some(rule) = &plan.payment_drop else {
        return Ok(first);
    };
    let removed = payment_drop::remove(rule, entitlements(state), &first);
    let (removed, splits) = removed.ok_or_else(too_large)?;
    split(state, &splits);
    let last = if removed.count == 0 {
        first
    } else {
        divide(state, Some(&removed))?
    };
    Ok(Distribution {
        removed: Some(removed),
        ..last
    })
}

/// Divides the net settlement fund with `threads` threads. If units must be
/// distributed by id, `choose` selects the recipients.
pub fn divide_pools(
    plan: &Plan,
    entitlements: &EntitlementClasses,
    removed: Option<&RemovedClaimants>,
    threads: usize,
    choose: &dyn Fn(&LeftoverUnits, &[ClassId]) -> LeftoverRecipients,
) -> Result<Distribution> {
    entitlements.prove()?;
    let account = as_claimed::account(plan, entitlements)?;
    let mut balances = Balances::new(&plan.pools, account.net);
    let mut pools: Vec<PoolOutcome> = Vec::with_capacity(plan.pools.len());
    for (number, pool) in plan.pools.iter().enumerate() {
        let base = match pool.rest_of {
            Some(other) => pools.get(other).map(|outcome| outcome.figures.left),
            None => Some(account.net),
        };
        let base = base.or_bug("a pool is the rest of none before it");
        let available = available(plan, pool, base, balances.of(pool))
            .map_err(|problem| plan.at_fault(problem))?;
        let resolved = pool.open.then(|| {
            let paid = |pool: usize, class| {
                let earlier: Option<&PoolOutcome> = pools.get(pool);
                earlier.map_or(Money::ZERO, |outcome| outcome.payment(class))
            };
            let currency = plan.settlement.currency;
            resolve::resolve(entitlements, (number, pool), removed, currency, &paid)
        });
        let resolved = resolved.transpose()?;
        let mut participants = match &resolved {
            Some(columns) => entitlements.participants_of(columns, threads),
            None => entitlements.participants(number, threads),
        };
        if let Some(removed) = removed {
            participants.classes.retain(|class| !removed.has(*class));
        }
        let mut outcome = divide(plan, pool, &account, available, participants, choose)?;
        outcome.weights = resolved.map(|columns| columns.weights);
        balances
            .take(number, available, outcome.figures.left)
            .ok_or_else(|| Bug::new(format!("pool `{}` pays more than it has", pool.name)))?;
        pools.push(outcome);
    }
    Ok(Distribution {
        account,
        pools,
        residual: balances.free(),
        removed: None,
    })
}

fn too_large() -> anyhow::Error {
    messages::payments_too_large().into()
}

/// The money of a pool, of which a part is a part of `base`, and which may not be more
/// than `left` (plan reference, "The money of a pool").
pub fn available(plan: &Plan, pool: &Pool, base: Money, left: Money) -> Result<Money, PlanProblem> {
    let currency = plan.settlement.currency;
    let wanted = match &pool.money {
        PoolMoney::Rest => return Ok(left),
        PoolMoney::UpTo(most) => return Ok(left.min(*most)),
        PoolMoney::Amount(amount) => Some(*amount),
        PoolMoney::Part {
            part,
            of_remaining,
            round,
        } => {
            let base = if *of_remaining { left } else { base };
            fund::part_of(&part.ratio, base, *round)
        }
    };
    let fault = |message| PlanProblem::new(&pool.money_span, message);
    let wanted = wanted.ok_or_else(|| fault(messages::pool_money_too_large()))?;
    if wanted > left {
        let (wanted, left) = (currency.grouped(wanted), currency.grouped(left));
        let other = pool.rest_of.and_then(|other| plan.pools.get(other));
        return Err(fault(match other {
            None => messages::pool_money_exceeds_balance(&pool.name, &wanted, &left),
            Some(other) => {
                messages::pool_money_exceeds_rest(&pool.name, &wanted, &left, &other.name)
            }
        }));
    }
    Ok(wanted)
}

fn divide(
    plan: &Plan,
    pool: &Pool,
    account: &FundAccount,
    available: Money,
    mut participants: ClassParticipants<'_>,
    choose: &dyn Fn(&LeftoverUnits, &[ClassId]) -> LeftoverRecipients,
) -> Result<PoolOutcome> {
    let only_if = pool.only_if.unwrap_or_default();
    let all = participants.entitlements.len();
    if let Some(total) = only_if.total.filter(|total| available < *total) {
        let reason = NotEconomical::Total(total);
        return Ok(PoolOutcome::not_economical(available, reason, all));
    }
    let not_economical = |part: &DividedPart| {
        let each = only_if.each.filter(|_| part.division.below_each)?;
        let reason = NotEconomical::Each(each);
        Some(PoolOutcome::not_economical(available, reason, all))
    };
    let Some(by) = &pool.by else {
        let name = &pool.name;
        let part = divide_part(
            plan,
            (pool, name, account),
            available,
            &mut participants,
            choose,
        )?;
        if let Some(outcome) = not_economical(&part) {
            return Ok(outcome);
        }
        let outcome = PoolOutcome::of_pool(part, &participants);
        return outcome.ok_or_else(too_large);
    };
    let mut parts = Vec::with_capacity(by.parts.len());
    let all = participants.by_part(by.number, by.parts.len());
    for (part, classes) in by.parts.iter().zip(all) {
        let money = fund::part_of(&part.ratio, available, MoneyRounding::Down);
        let name = format!("{}`, part `{}", pool.name, part.text);
        participants.classes = classes;
        let money = money.ok_or_else(too_large)?;
        let part = divide_part(
            plan,
            (pool, &name, account),
            money,
            &mut participants,
            choose,
        )?;
        if let Some(outcome) = not_economical(&part) {
            return Ok(outcome);
        }
        parts.push(part);
    }
    PoolOutcome::of_parts(available, parts, &participants).ok_or_else(too_large)
}

/// The permitted rates. In a fund that is just what is claimed, no award is raised.
fn range(pool: &Pool, account: &FundAccount) -> RateRange {
    let raise = match account.as_claimed {
        Some(FundLimit::Between) => Some(Decimal::ONE),
        Some(FundLimit::AtLeast | FundLimit::AtMost) | None => pool.range.raise,
    };
    RateRange {
        reduce: pool.range.reduce,
        raise,
    }
}

/// Divides a pool, or a part of it, which has this name in messages.
fn divide_part(
    plan: &Plan,
    (pool, name, account): (&Pool, &str, &FundAccount),
    available: Money,
    participants: &mut ClassParticipants<'_>,
    choose: &dyn Fn(&LeftoverUnits, &[ClassId]) -> LeftoverRecipients,
) -> Result<DividedPart> {
    let terms = PoolTerms {
        money: available,
        measure: pool.measure,
        range: &range(pool, account),
        round: pool.round,
        unit: pool.unit,
        drop: pool
            .drop
            .as_ref()
            .map(|drop: &MinimumPayment| (drop.limit, drop.inclusive, drop.method)),
        each: pool.only_if.and_then(|only_if| only_if.each),
        count_ahead: plan.fund.prior && pool.less.is_some(),
        decimals: plan.settlement.currency.decimals(),
        in_full: account.as_claimed == Some(FundLimit::Between),
    };
    let mut division = pool::divide(&terms, participants, participants.threads)
        .map_err(|fault| plan.at_fault(pool_fault(plan, pool, name, available, &fault)))?;
    if !pool.may_pay_nothing() {
        division.with_nothing.clear();
    }
    let chosen = division
        .extra
        .as_ref()
        .map_or_else(LeftoverRecipients::default, |extra| {
            choose(extra, &participants.classes)
        });
    let units = division.extra.as_ref().map_or(0, |extra| extra.units);
    if chosen.by_class.iter().map(|(_, units)| units).sum::<u64>() != units {
        let message = format!("not all units of pool `{name}` were distributed");
        return Err(Bug::new(message).into());
    }
    Ok(DividedPart {
        available,
        division,
        classes: std::mem::take(&mut participants.classes),
        chosen,
    })
}

fn pool_fault(
    plan: &Plan,
    pool: &Pool,
    name: &str,
    available: Money,
    fault: &PoolFault,
) -> PlanProblem {
    let grouped = |money: Money| plan.settlement.currency.grouped(money);
    let message = match fault {
        PoolFault::Needs(needed) => {
            messages::pool_insufficient(name, &grouped(*needed), &grouped(available))
        }
        PoolFault::Overspends(sum) => {
            messages::pool_overspends(name, &grouped(*sum), &grouped(available))
        }
        PoolFault::TooLarge => messages::payment_too_large(name),
    };
    PlanProblem::new(&pool.money_span, message)
}

/// The recipients of units that do not suffice for all claimants with the same
/// remainder: the first by id, in byte order.
fn choose_ids(extra: &LeftoverUnits, classes: &[ClassId], claims: &Claims) -> LeftoverRecipients {
    let mut wanted = vec![false; claims.entitlements.len()];
    for &participant in &extra.participants {
        let class = classes
            .get(participant)
            .or_bug("a participant has no class");
        *wanted.get_mut(index(*class)).or_bug(UNKNOWN_CLASS) = true;
    }
    let candidates = || {
        claims.claim_list.rows().filter(|row| {
            *wanted.get(index(row.class)).or_bug(UNKNOWN_CLASS) && claims.leads(row.number)
        })
    };
    let last = extra
        .units
        .checked_sub(1)
        .and_then(|place| tie_break_ids::id_at(|| candidates().map(|row| row.id), place));
    let Some(last) = last else {
        return LeftoverRecipients::default();
    };
    let mut by_class: BTreeMap<ClassId, u64> = BTreeMap::new();
    if let [only] = extra.participants.as_slice() {
        by_class.extend(classes.get(*only).map(|class| (*class, extra.units)));
    } else {
        for row in candidates().filter(|row| row.id <= last.as_slice()) {
            *by_class.entry(row.class).or_insert(0) += 1;
        }
    }
    let classes = claims.entitlements.classes();
    let classes = classes.filter(|class| wanted.get(index(*class)) == Some(&true));
    LeftoverRecipients {
        ids: Some(FirstIds {
            classes: classes.collect(),
            last,
        }),
        by_class: by_class.into_iter().collect(),
    }
}

impl Distribution {
    /// The shares or the award of a class in a pool.
    pub fn weight(
        &self,
        entitlements: &EntitlementClasses,
        class: ClassId,
        pool: usize,
    ) -> Decimal {
        let weights = self.pools.get(pool).and_then(|pool| pool.weights.as_ref());
        match weights {
            Some(weights) => weights.at(index(class)),
            None => entitlements.weight(class, pool),
        }
    }

    /// True if the class is out of all pools.
    pub fn removes(&self, class: ClassId) -> bool {
        let removed = self.removed.as_ref();
        removed.is_some_and(|removed| removed.has(class))
    }

    /// The payout to each claimant of a class from all pools, without units that
    /// only some rows receive.
    pub fn payout(&self, class: ClassId) -> Option<Money> {
        self.pools.iter().map(|pool| pool.payment(class)).sum()
    }

    /// The indexes of the pools that give the claimant of this class with this id
    /// one more unit.
    pub fn pools_with_one_more(&self, class: ClassId, id: &[u8]) -> impl Iterator<Item = u32> {
        let pools = (0..).zip(&self.pools);
        pools.filter_map(move |(number, pool)| pool.gives_one_more(class, id).then_some(number))
    }

    /// The number of claimants of a class by the number of units they receive
    /// beyond the class payout.
    pub fn with_extra_units(&self, claims: &Claims) -> BTreeMap<(ClassId, usize), u64> {
        let mut counts = BTreeMap::new();
        let mut giving = self.pools.iter().filter(|pool| pool.gives_some_one_more());
        match (giving.next(), giving.next()) {
            (None, _) => {}
            (Some(only), None) => {
                counts.extend(
                    only.extra_by_class
                        .iter()
                        .map(|&(class, count)| ((class, 1), count)),
                );
            }
            _ => {
                for row in claims
                    .claim_list
                    .rows()
                    .filter(|row| claims.leads(row.number))
                {
                    let units = self.pools_with_one_more(row.class, row.id).count();
                    if units > 0 {
                        *counts.entry((row.class, units)).or_insert(0) += 1;
                    }
                }
            }
        }
        counts
    }
}
