//! Allocates one pool: participants, minimum payments, amounts.

use anyhow::{Result, bail};
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::audit::recompute::claims::{RecomputedClaim, found};
use crate::audit::recompute::equation::{ExactEquation, ExactParticipant};
use crate::audit::recompute::number::{self, Fraction, down, half_up, of_money, ten_to, up, whole};
use crate::audit::recompute::rounding::round;
use crate::audit::recompute::sources::PoolSource;
use crate::audit::recompute::{ClaimedMoney, RecomputedPool, formula};
use crate::base::money::Money;
use crate::plan::cell::Cells as _;
use crate::plan::{
    DropMethod, MinimumPayment, MoneyRounding, NotEconomical, Plan, Pool, PoolMoney, RoundingUnit,
    WeightKind,
};

/// A participating claim with its amounts; `pays_least` or a held claim may exempt it
/// from the minimum payment.
#[derive(Clone)]
struct PoolMember {
    claim: usize,
    entry: ExactParticipant,
    droppable: bool,
}

/// Allocates a pool from its source. Returns the payments by claim.
pub(super) fn fill(
    plan: &Plan,
    pool: &Pool,
    claims: &[RecomputedClaim],
    out: &[bool],
    (source, claimed): (&PoolSource, ClaimedMoney),
    paid: &[Vec<BigInt>],
) -> Result<(RecomputedPool, Vec<BigInt>)> {
    let available = money_of(pool, source)?;
    let total = pool.only_if.and_then(|only_if| only_if.total);
    if let Some(total) = total.filter(|total| available < of_money(*total)) {
        let reason = NotEconomical::Total(total);
        return Ok(not_divided(available, reason, claims));
    }
    let mut members = Vec::new();
    for (number, claim) in claims.iter().enumerate() {
        if out.get(number) == Some(&true) {
            continue;
        }
        members.extend(member(
            plan,
            pool,
            claim,
            number,
            earlier(plan, paid, number),
        )?);
    }
    let mut payouts = vec![BigInt::zero(); claims.len()];
    let divide = |members, money, payouts: &mut [BigInt]| {
        divide(plan, pool, claims, members, (money, claimed), payouts)
    };
    let Some(by) = &pool.by else {
        let filled = divide(members, available.clone(), &mut payouts)?;
        if let Some(reason) = filled.not_economical {
            return Ok(not_divided(available, reason, claims));
        }
        return Ok((filled, payouts));
    };
    let mut parts = Vec::new();
    for part in &by.parts {
        let money = down(&(whole(available.clone()) * &part.ratio));
        let of_part = members.iter().filter(|member| {
            let claim = claims.get(member.claim);
            claim.is_some_and(|claim| claim.cells.cell(by.column) == part.text)
        });
        let of_part = of_part.cloned().collect();
        parts.push(divide(of_part, money, &mut payouts)?);
    }
    if let Some(reason) = parts.iter().find_map(|part| part.not_economical) {
        return Ok(not_divided(available, reason, claims));
    }
    let ahead = parts.iter().filter_map(|part| part.ahead.as_ref());
    let ahead = ahead.fold(None, |sum: Option<(u64, Fraction)>, (count, total)| {
        let (before, sum) = sum.unwrap_or((0, Fraction::zero()));
        Some((before + count, sum + total))
    });
    let filled = RecomputedPool {
        available,
        rate: None,
        unit_rate: None,
        dropped: parts.iter().map(|part| part.dropped).sum(),
        not_economical: None,
        ahead,
        parts,
    };
    Ok((filled, payouts))
}

/// A pool that pays nothing (plan reference, "What is not paid").
fn not_divided(
    available: BigInt,
    reason: NotEconomical,
    claims: &[RecomputedClaim],
) -> (RecomputedPool, Vec<BigInt>) {
    let filled = RecomputedPool {
        available,
        rate: None,
        unit_rate: None,
        dropped: 0,
        not_economical: Some(reason),
        ahead: None,
        parts: Vec::new(),
    };
    (filled, vec![BigInt::zero(); claims.len()])
}

/// The money of a pool, taken from its source.
fn money_of(pool: &Pool, source: &PoolSource) -> Result<BigInt> {
    let PoolSource { whole: all, left } = source;
    let available = match &pool.money {
        PoolMoney::Amount(amount) => of_money(*amount),
        PoolMoney::UpTo(most) => of_money(*most).min(left.clone()),
        PoolMoney::Rest => left.clone(),
        PoolMoney::Part {
            part,
            of_remaining,
            round,
        } => {
            let base = if *of_remaining { left } else { all };
            let exact = whole(base.clone()) * &part.ratio;
            match round {
                MoneyRounding::Down => down(&exact),
                MoneyRounding::Nearest => half_up(&exact),
            }
        }
    };
    if available > *left {
        bail!("pool `{}` needs more than is left", pool.name);
    }
    Ok(available)
}

/// Divides the money of a pool, or of one of its parts, and enters the payments.
fn divide(
    plan: &Plan,
    pool: &Pool,
    claims: &[RecomputedClaim],
    mut members: Vec<PoolMember>,
    (available, claimed): (BigInt, ClaimedMoney),
    payouts: &mut [BigInt],
) -> Result<RecomputedPool> {
    let all = members.clone();
    let (rate, dropped) = settle(pool, &mut members, &available, claimed)?;
    let unit_rate = rate
        .as_ref()
        .filter(|_| pool.unit == RoundingUnit::Share)
        .map(down);
    let at = unit_rate.clone().map(whole).or_else(|| rate.clone());
    let ahead = (plan.fund.prior && pool.less.is_some()).then(|| ahead(&all, at.as_ref()));
    let amounts = equation(&members).amounts(at.as_ref());
    let each = pool.only_if.and_then(|only_if| only_if.each);
    let is_below = |each: &Money| {
        let least = of_money(*each) * &amounts.denominator;
        let mut payments = amounts.numerators.iter();
        payments.any(|payment| !payment.is_zero() && *payment < least)
    };
    let not_economical = each.filter(is_below).map(NotEconomical::Each);
    let ids: Vec<&str> = members
        .iter()
        .map(|member| {
            claims
                .get(member.claim)
                .map_or("", |claim| claim.id.as_str())
        })
        .collect();
    let most = |number: usize| most(pool, members.get(number)?);
    let rounded = round(&amounts, pool.round, &ids, most);
    for (member, payout) in members.iter().zip(rounded) {
        if let Some(place) = payouts.get_mut(member.claim) {
            *place = payout;
        }
    }
    Ok(RecomputedPool {
        available,
        rate,
        unit_rate,
        dropped,
        not_economical,
        ahead,
        parts: Vec::new(),
    })
}

/// The number of members who have had more than the rate gives them, and how much more.
/// Without a rate, all are paid their maximum.
fn ahead(members: &[PoolMember], rate: Option<&Fraction>) -> (u64, Fraction) {
    let too_much = members.iter().filter_map(|member| {
        let given = rate? * &member.entry.weight;
        let more = &member.entry.offset - given;
        (more > Fraction::zero()).then_some(more)
    });
    too_much.fold((0, Fraction::zero()), |(count, sum), more| {
        (count + 1, sum + more)
    })
}

/// The payments of these pools to a claim, in currency.
pub(super) fn earlier(plan: &Plan, paid: &[Vec<BigInt>], claim: usize) -> Vec<Fraction> {
    let minor = ten_to(plan.settlement.currency.decimals());
    let of_claim = |pool: &Vec<BigInt>| {
        let units = pool.get(claim).cloned().unwrap_or_default();
        Fraction::new(units, minor.clone())
    };
    paid.iter().map(of_claim).collect()
}

/// The amount that a claim comes to in a pool at rate 1; 0 if it is dropped as too small.
pub(super) fn in_full(plan: &Plan, pool: &Pool, claim: &RecomputedClaim) -> Result<Fraction> {
    let Some(PoolMember {
        entry, droppable, ..
    }) = member(plan, pool, claim, 0, Vec::new())?
    else {
        return Ok(Fraction::zero());
    };
    let mut amount = (&entry.weight - &entry.offset).max(whole(entry.lower));
    if let Some(upper) = entry.upper {
        amount = amount.min(whole(upper));
    }
    let small = pool
        .drop
        .as_ref()
        .is_some_and(|drop| is_small(drop, &amount));
    Ok(if small && droppable {
        Fraction::zero()
    } else {
        amount
    })
}

/// The participant of a claim in the pool. Limits are rounded inward to whole minor
/// units.
fn member(
    plan: &Plan,
    pool: &Pool,
    claim: &RecomputedClaim,
    number: usize,
    paid: Vec<Fraction>,
) -> Result<Option<PoolMember>> {
    let claim = claim.seen(plan).paid(paid);
    if !claim.meets(&pool.when)? {
        return Ok(None);
    }
    let own = formula::value(&pool.weight, &claim, &Fraction::zero()).map_err(found)?;
    if own.is_zero() {
        return Ok(None);
    }
    let minor = whole(ten_to(plan.settlement.currency.decimals()));
    let limit = |formula: &Option<crate::plan::Formula>| {
        let value = formula
            .as_ref()
            .map(|one| formula::value(one, &claim, &own));
        value
            .transpose()
            .map_err(found)
            .map(|value| value.map(|value| value * &minor))
    };
    let droppable = match &pool.drop {
        Some(drop) => claim.meets(&drop.when)?,
        None => false,
    };
    let entry = ExactParticipant {
        weight: match pool.measure {
            WeightKind::Shares => own.clone(),
            WeightKind::Award => &own * &minor,
        },
        offset: limit(&pool.less)?.unwrap_or_else(Fraction::zero),
        lower: limit(&pool.at_least)?.map_or_else(BigInt::zero, |least| up(&least)),
        upper: limit(&pool.at_most)?.map(|most| down(&most)),
    };
    Ok(Some(PoolMember {
        claim: number,
        entry,
        droppable,
    }))
}

fn equation(members: &[PoolMember]) -> ExactEquation {
    let entries: Vec<ExactParticipant> =
        members.iter().map(|member| member.entry.clone()).collect();
    ExactEquation::new(&entries)
}

/// The upper limit and, in an award pool, the highest rate times the award: rounding up
/// may not exceed either.
fn most(pool: &Pool, member: &PoolMember) -> Option<BigInt> {
    let raised = match (pool.measure, pool.range.raise) {
        (WeightKind::Award, Some(raise)) => Some(down(&(number::of(raise) * &member.entry.weight))),
        _ => None,
    };
    raised.into_iter().chain(member.entry.upper.clone()).min()
}

/// Solves the equation and removes claimants below the minimum payment. Returns the rate
/// and the number of claimants dropped; with offsets or minimum payments, those who leave
/// with nothing are not counted (plan reference, "Dropping").
fn settle(
    pool: &Pool,
    members: &mut Vec<PoolMember>,
    available: &BigInt,
    claimed: ClaimedMoney,
) -> Result<(Option<Fraction>, u64)> {
    let lowest = match pool.measure {
        WeightKind::Shares => Fraction::zero(),
        WeightKind::Award => number::of(pool.range.reduce),
    };
    let highest = match pool.measure {
        WeightKind::Shares => None,
        WeightKind::Award if claimed == ClaimedMoney::Other => pool.range.raise.map(number::of),
        WeightKind::Award => Some(Fraction::one()),
    };
    let solve = |members: &[PoolMember]| {
        let rate = equation(members).solve(available, &lowest, highest.as_ref());
        rate.map_err(|short| anyhow::anyhow!("pool `{}` needs {}", pool.name, short.needed))
    };
    // Those who stay are paid in full, and those who are dropped would have been, too.
    let rate = match claimed {
        ClaimedMoney::InFull if pool.drop.is_some() => highest.clone(),
        _ => solve(members)?,
    };
    let (before, mut uncounted) = (members.len(), 0);
    match &pool.drop {
        None => return Ok((rate, 0)),
        Some(drop) if drop.method == DropMethod::AllAtOnce || claimed == ClaimedMoney::InFull => {
            let amounts = equation(members).amounts(rate.as_ref());
            let mut amounts = amounts
                .numerators
                .into_iter()
                .map(|numerator| Fraction::new(numerator, amounts.denominator.clone()));
            members.retain(|member| {
                let Some(amount) = amounts.next() else {
                    return true;
                };
                let leaves = member.droppable && is_small(drop, &amount);
                uncounted += usize::from(leaves && pool.may_pay_nothing() && amount.is_zero());
                !leaves
            });
        }
        Some(drop) => drop_smallest(drop, members, available, highest.as_ref()),
    }
    let dropped = u64::try_from(before - members.len() - uncounted)?;
    Ok((solve(members)?, dropped))
}

/// Removes claimants one by one, in ascending order of weight, until the smallest
/// payment reaches the minimum. Such a pool has no limits, so the rate is the available
/// amount divided by the total weight, capped at the highest rate.
fn drop_smallest(
    drop: &MinimumPayment,
    members: &mut Vec<PoolMember>,
    available: &BigInt,
    highest: Option<&Fraction>,
) {
    let mut wanted: Fraction = members
        .iter()
        .fold(Fraction::zero(), |sum, member| sum + &member.entry.weight);
    let mut weights: Vec<Fraction> = members
        .iter()
        .filter(|member| member.droppable)
        .map(|member| member.entry.weight.clone())
        .collect();
    weights.sort_unstable();
    let mut dropped_up_to = Fraction::zero();
    let mut rest = weights.as_slice();
    while let Some(smallest) = rest.first() {
        let rate = whole(available.clone()) / &wanted;
        let rate =
            highest.map_or_else(|| rate.clone(), |highest| rate.clone().min(highest.clone()));
        if !is_small(drop, &(rate * smallest)) {
            break;
        }
        let equal = rest.partition_point(|weight| weight <= smallest);
        wanted -= smallest * whole(BigInt::from(equal));
        dropped_up_to.clone_from(smallest);
        rest = rest.get(equal..).unwrap_or_default();
    }
    members.retain(|member| !(member.droppable && member.entry.weight <= dropped_up_to));
}

/// True if a claim has shares or an award in a pool.
pub(super) fn takes_part(
    plan: &Plan,
    pool: &Pool,
    claim: &RecomputedClaim,
    paid: Vec<Fraction>,
) -> Result<bool> {
    Ok(member(plan, pool, claim, 0, paid)?.is_some())
}

pub(super) fn is_small(drop: &MinimumPayment, amount: &Fraction) -> bool {
    let limit = whole(of_money(drop.limit));
    *amount < limit || (drop.inclusive && *amount == limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;
    use crate::plan::condition::Condition;

    fn drop_rule(limit: i128, inclusive: bool) -> MinimumPayment {
        MinimumPayment {
            limit: Money(limit),
            inclusive,
            method: DropMethod::SmallestFirst,
            when: Condition::default(),
        }
    }

    fn members(weights: &[i32]) -> Vec<PoolMember> {
        let member = |(claim, weight): (usize, &i32)| PoolMember {
            claim,
            entry: ExactParticipant {
                weight: whole(BigInt::from(*weight)),
                offset: Fraction::zero(),
                lower: BigInt::zero(),
                upper: None,
            },
            droppable: *weight != 2,
        };
        weights.iter().enumerate().map(member).collect()
    }

    fn weights(members: Vec<PoolMember>) -> Vec<Fraction> {
        members.into_iter().map(|one| one.entry.weight).collect()
    }

    /// The weights that stay.
    fn staying(drop: &MinimumPayment, given: &[i32], available: i32) -> Vec<Fraction> {
        let mut members = members(given);
        drop_smallest(drop, &mut members, &BigInt::from(available), None);
        weights(members)
    }

    fn numbers(numbers: &[i32]) -> Vec<Fraction> {
        numbers
            .iter()
            .map(|one| whole(BigInt::from(*one)))
            .collect()
    }

    #[test]
    fn a_payment_at_the_limit_is_small_if_the_plan_says_so() {
        let amounts = [299, 300, 301].map(|amount| whole(BigInt::from(amount)));
        let small = |drop: &MinimumPayment| amounts.clone().map(|amount| is_small(drop, &amount));
        assert_eq!(small(&drop_rule(300, false)), [true, false, false]);
        assert_eq!(small(&drop_rule(300, true)), [true, true, false]);
    }

    #[test]
    fn who_is_dropped_leaves_money_that_lifts_the_others_above_the_limit() {
        // 1 of 100 receives 100.00 and leaves; then 3 of 99 receive 303.03.
        let weights = [3, 94, 1, 2];
        assert_eq!(
            staying(&drop_rule(303, true), &weights, 10_000),
            numbers(&[3, 94, 2])
        );
        // 2 of 100 leave together; then 3 of 98 receive 306.12.
        assert_eq!(
            staying(&drop_rule(303, true), &[1, 3, 1, 95], 10_000),
            numbers(&[3, 95])
        );
        // A claimant who may not be dropped stays, however small the payment is.
        assert_eq!(
            staying(&drop_rule(304, true), &weights, 10_000),
            numbers(&[94, 2])
        );
        assert_eq!(
            staying(&drop_rule(100, false), &weights, 10_000),
            numbers(&weights)
        );
    }

    #[test]
    fn all_at_once_drops_who_would_be_above_the_limit_if_others_left_first() {
        let settled = |method: &str| {
            let plan = format!(
                "[settlement]\nname = \"x\"\n[fund]\namount = 100\n\
                 [[pool]]\nname = \"p\"\nshares = 1\n\
                 drop = {{ below = 4, method = \"{method}\" }}\n"
            );
            let plan = Plan::from_text("plan.toml", &plan).expect("a plan");
            let pool = plan.pools.first().expect("a pool");
            let mut members = members(&[30, 39, 931]);
            let settled = settle(
                pool,
                &mut members,
                &BigInt::from(10_000),
                ClaimedMoney::Other,
            );
            let (rate, _) = settled.expect("a rate");
            (weights(members), rate)
        };
        let rate = |denominator: i32| Some(Fraction::new(10_000.into(), denominator.into()));
        assert_eq!(settled("all-at-once"), (numbers(&[931]), rate(931)));
        assert_eq!(settled("smallest-first"), (numbers(&[39, 931]), rate(970)));
    }
}
