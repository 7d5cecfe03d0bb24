//! Filling one pool: who takes part, what each receives, what is rounded and dropped.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::claim::{Claim, Claims};
use super::equation::{Participant, solve};
use super::formula::Formula;
use super::number::{Number, down, half_even, half_up, up, whole};
use super::plan::{Drop, Money, Plan, Pool, Round};
use super::refused::Refused;

type Result<T> = std::result::Result<T, Refused>;

/// A pool that has been paid out. Lists have an entry for every accepted claim.
pub(super) struct Filled {
    pub available: BigInt,
    /// Shares, or awards in currency; 0 for who is not in the pool.
    pub weights: Vec<Number>,
    pub payouts: Vec<BigInt>,
    pub dropped: Vec<bool>,
    /// Minor units for a unit of weight.
    pub rate: Option<Number>,
    /// The value of a share after rounding, where the pool rounds that.
    pub share_value: Option<BigInt>,
}

/// Fills the pools in order, each from what those before it left.
pub(super) fn fill_all(plan: &Plan, claims: &Claims) -> Result<Vec<Filled>> {
    let mut left = plan.fund.net();
    let mut filled = Vec::new();
    for pool in &plan.pools {
        let available = pool.money.available(&plan.fund.net(), &left);
        let available = available.ok_or_else(|| {
            refuse(
                pool,
                &format!("needs more than the {left} minor units left"),
            )
        })?;
        let one = fill(pool, plan, claims, available)?;
        left -= one.payouts.iter().sum::<BigInt>();
        filled.push(one);
    }
    Ok(filled)
}

fn refuse(pool: &Pool, problem: &str) -> Refused {
    Refused::plan(format!("pool `{}` {problem}", pool.name))
}

impl Money {
    /// The pool's money, or none if that is not there.
    fn available(&self, net: &BigInt, left: &BigInt) -> Option<BigInt> {
        let wanted = match self {
            Money::Everything => left.clone(),
            Money::UpTo(most) => most.min(left).clone(),
            Money::Amount(amount) => amount.clone(),
            Money::OfNet(part) => down(&(part * whole(net.clone()))),
            Money::OfRemaining(part) => down(&(part * whole(left.clone()))),
        };
        (wanted <= *left).then_some(wanted)
    }
}

fn fill(pool: &Pool, plan: &Plan, claims: &Claims, available: BigInt) -> Result<Filled> {
    let everyone = &claims.accepted;
    let mut weights = vec![Number::zero(); everyone.len()];
    let mut participants = Vec::new();
    for (index, claim) in everyone.iter().enumerate() {
        if pool
            .when
            .as_ref()
            .map_or(Ok(true), |when| when.holds(claim))?
        {
            weights[index] = pool.weight.value(claim, &Number::zero())?;
        }
        if !weights[index].is_zero() {
            participants.push(participant(pool, plan, claim, index, &weights[index])?);
        }
    }
    let (participants, rate) = settle(pool, participants, everyone, &available)?;
    let mut filled = Filled {
        payouts: vec![BigInt::zero(); everyone.len()],
        dropped: weights.iter().map(|weight| !weight.is_zero()).collect(),
        share_value: rate.as_ref().filter(|_| pool.by_share).map(down),
        available,
        weights,
        rate,
    };
    let whole_payouts = rounded(pool, &participants, everyone, &filled)?;
    for (one, payout) in participants.iter().zip(whole_payouts) {
        filled.payouts[one.claim] = payout;
        filled.dropped[one.claim] = false;
    }
    Ok(filled)
}

/// Limits are rounded inward to whole minor units.
fn participant(
    pool: &Pool,
    plan: &Plan,
    claim: &Claim,
    index: usize,
    own: &Number,
) -> Result<Participant> {
    let minor = |formula: &Option<Formula>| {
        let value = formula
            .as_ref()
            .map(|formula| formula.value(claim, own))
            .transpose()?;
        Ok::<_, Refused>(value.map(|value| plan.currency.minor(&value)))
    };
    let one = Participant {
        claim: index,
        weight: if pool.by_award {
            plan.currency.minor(own)
        } else {
            own.clone()
        },
        offset: minor(&pool.less)?.unwrap_or_else(Number::zero),
        lower: whole(up(&minor(&pool.at_least)?.unwrap_or_else(Number::zero))),
        upper: minor(&pool.at_most)?.map(|most| whole(down(&most))),
    };
    if one.upper.as_ref().is_some_and(|upper| *upper < one.lower) {
        return Err(Refused::row(
            claim.row,
            format!("pool `{}`: `at_least` is above `at_most`", pool.name),
        ));
    }
    Ok(one)
}

/// Solves the equation, dropping small payments; returns who remains, and the rate.
fn settle(
    pool: &Pool,
    mut participants: Vec<Participant>,
    claims: &[Claim],
    available: &BigInt,
) -> Result<(Vec<Participant>, Option<Number>)> {
    let rate_for = |participants: &[Participant]| {
        let solution = solve(
            participants,
            available,
            &pool.lowest_rate,
            pool.highest_rate.as_ref(),
        );
        let problem =
            |needed| format!("needs at least {needed} minor units, and there are {available}");
        solution.map_err(|shortfall| refuse(pool, &problem(shortfall.needed)))
    };
    let mut rate = rate_for(&participants)?;
    let Some(drop) = &pool.drop else {
        return Ok((participants, rate));
    };
    loop {
        let small = drop.small(&participants, rate.as_ref(), claims)?;
        participants.retain(|one| !small.contains(&one.claim));
        rate = rate_for(&participants)?;
        if small.is_empty() || !drop.smallest_first {
            return Ok((participants, rate));
        }
    }
}

impl Drop {
    /// The claims that this round drops: all that are too small, or only the
    /// smallest of them.
    fn small(
        &self,
        participants: &[Participant],
        rate: Option<&Number>,
        claims: &[Claim],
    ) -> Result<Vec<usize>> {
        let mut small = Vec::new();
        for one in participants {
            let (amount, limit) = (one.receives(rate), whole(self.limit.clone()));
            let can_be_dropped = self
                .when
                .as_ref()
                .map_or(Ok(true), |when| when.holds(&claims[one.claim]))?;
            if can_be_dropped && (amount < limit || self.at_limit && amount == limit) {
                small.push((amount, one.claim));
            }
        }
        let smallest = small.iter().map(|(amount, _)| amount).min().cloned();
        if self.smallest_first {
            small.retain(|(amount, _)| Some(amount) == smallest.as_ref());
        }
        Ok(small.into_iter().map(|(_, claim)| claim).collect())
    }
}

/// Exact amounts as whole minor units.
fn rounded(
    pool: &Pool,
    participants: &[Participant],
    claims: &[Claim],
    filled: &Filled,
) -> Result<Vec<BigInt>> {
    let share_value = filled.share_value.clone().map(whole);
    let rate = share_value.as_ref().or(filled.rate.as_ref());
    let exact: Vec<Number> = participants.iter().map(|one| one.receives(rate)).collect();
    let may_round_up = |index: usize| {
        let most = match &pool.highest_rate {
            Some(highest) if pool.by_award => Some(highest * &participants[index].weight),
            _ => None,
        };
        let raised = whole(up(&exact[index]));
        most.iter()
            .chain(&participants[index].upper)
            .all(|most| raised <= *most)
    };
    match pool.round {
        Round::Down => Ok(exact.iter().map(down).collect()),
        Round::LargestRemainder => {
            let id = |index: usize| claims[participants[index].claim].id.as_bytes();
            Ok(largest_remainder(&exact, id, may_round_up))
        }
        Round::HalfEven | Round::Nearest => {
            let nearest = |(index, amount)| {
                if may_round_up(index) && pool.round == Round::HalfEven {
                    half_even(amount)
                } else if may_round_up(index) {
                    half_up(amount)
                } else {
                    down(amount)
                }
            };
            let payouts: Vec<BigInt> = exact.iter().enumerate().map(nearest).collect();
            let over = payouts.iter().sum::<BigInt>() - &filled.available;
            if over > BigInt::zero() {
                return Err(refuse(
                    pool,
                    &format!("is overspent by {over} minor units by rounding"),
                ));
            }
            Ok(payouts)
        }
    }
}

/// Every amount is rounded down; the units that this leaves, of those that the
/// amounts make up together, go one each to the largest fractions, among equals
/// by id. Whole amounts get none, and a unit that one may not take goes to the next.
fn largest_remainder<'a>(
    exact: &[Number],
    id: impl Fn(usize) -> &'a [u8],
    may_round_up: impl Fn(usize) -> bool,
) -> Vec<BigInt> {
    let mut payouts: Vec<BigInt> = exact.iter().map(down).collect();
    let total = exact
        .iter()
        .fold(Number::zero(), |total, amount| total + amount);
    let mut units = down(&total) - payouts.iter().sum::<BigInt>();
    let fraction = |index: usize| &exact[index] - exact[index].floor();
    let mut queue: Vec<usize> = (0..exact.len())
        .filter(|&index| !exact[index].is_integer())
        .collect();
    queue.sort_by(|one, other| {
        fraction(*other)
            .cmp(&fraction(*one))
            .then_with(|| id(*one).cmp(id(*other)))
    });
    for index in queue.into_iter().filter(|&index| may_round_up(index)) {
        if units >= BigInt::one() {
            payouts[index] += 1;
            units -= 1;
        }
    }
    payouts
}
