//! Pools in order: each takes its money from what is left of the net fund, is
//! divided, and leaves what it does not pay to the pools after it.

mod first_ids;
pub mod totals_row;

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, anyhow};
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;

use crate::allocate::Claims;
use crate::allocate::classes::{ClassParticipants, EntitlementClasses};
use crate::allocate::pool::{self, Division, LeftoverUnits, Participants, PoolFault, PoolTerms};
use crate::base::compact_column::{CompactColumn, index};
use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::{Bug, OrBug, PlanProblem};
use crate::base::money::Money;
use crate::base::parallel;
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::{MinimumPayment, Plan, Pool, PoolMoney, fund};

const UNKNOWN_CLASS: &str = "a claimant is of no kind";

/// The net fund, divided.
#[derive(Debug)]
pub struct Distribution {
    /// Pool by pool, in plan order.
    pub pools: Vec<PoolOutcome>,
    /// What no pool paid out or held.
    pub residual: Money,
}

/// One pool, divided.
#[derive(Debug)]
pub struct PoolOutcome {
    /// The money it had.
    pub available: Money,
    /// What is paid per share in minor units, or per unit of award.
    pub rate: Option<Ratio<BigInt>>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<BigInt>,
    /// How many take part and are not dropped.
    pub participants: u64,
    /// The sum of their shares, or of their awards in currency.
    pub weight: Ratio<BigInt>,
    /// What payable claims receive.
    pub paid: Money,
    /// What is held for claims in dispute.
    pub held: Money,
    /// How many are dropped for the smallness of their payment.
    pub dropped: u64,
    /// What it does not pay out or hold.
    pub left: Money,
    /// What each claimant of a class receives, class by class.
    payments: CompactColumn<Money>,
    /// Whether a class is dropped, class by class; empty when none is.
    dropped_classes: Vec<bool>,
    /// Who receives one unit more.
    extra: Option<FirstIds>,
    /// How many claimants of a class receive one unit more.
    pub extra_by_class: Vec<(ClassId, u64)>,
}

impl PoolOutcome {
    /// What each claimant of a class receives, without the units that go to
    /// some rows only.
    pub fn payment(&self, class: ClassId) -> Money {
        self.payments.at(index(class))
    }

    /// Whether a claimant of this class with this id receives one unit more.
    pub fn gives_one_more(&self, class: ClassId, id: &[u8]) -> bool {
        self.last_with_one_more(class)
            .is_some_and(|last| id <= last)
    }

    /// The last id, in byte order, with which claimants of this class receive one
    /// unit more.
    pub fn last_with_one_more(&self, class: ClassId) -> Option<&[u8]> {
        let extra = self.extra.as_ref()?;
        (extra.classes.get(index(class)) == Some(&true)).then_some(&*extra.last)
    }

    /// Whether the class is dropped.
    pub fn drops(&self, class: ClassId) -> bool {
        self.dropped_classes.get(index(class)) == Some(&true)
    }
}

/// Claimants of some classes, up to an id in byte order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstIds {
    /// Class by class, whether they are of it.
    classes: Vec<bool>,
    /// The last of them.
    last: Vec<u8>,
}

/// Who receives the units that do not suffice for all with the same remainder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftoverRecipients {
    /// The claimants, where there are any.
    pub ids: Option<FirstIds>,
    /// How many claimants of each class.
    pub by_class: Vec<(ClassId, u64)>,
}

/// Divides the net fund among claims that were read.
pub fn distribute(plan: &Plan, claims: &Claims) -> Result<Distribution> {
    divide_pools(
        plan,
        &claims.entitlements,
        claims.threads,
        &|extra, classes| choose_ids(extra, classes, claims),
    )
}

/// Divides the net fund, with so many threads. Where units have to be handed out
/// by id, `choose` says to whom.
pub fn divide_pools(
    plan: &Plan,
    entitlements: &EntitlementClasses,
    threads: usize,
    choose: &dyn Fn(&LeftoverUnits, &[ClassId]) -> LeftoverRecipients,
) -> Result<Distribution> {
    entitlements.prove()?;
    let mut left = plan.account.net;
    let mut pools = Vec::with_capacity(plan.pools.len());
    for (number, pool) in plan.pools.iter().enumerate() {
        let available = available(plan, pool, left).map_err(|problem| plan.at_fault(problem))?;
        let participants = entitlements.participants(number, threads);
        let outcome = divide(plan, number, available, &participants, choose)?;
        let spent = outcome.paid.plus(outcome.held).ok_or_else(too_large)?;
        left = left
            .minus(spent)
            .filter(|left| *left >= Money::ZERO)
            .ok_or_else(|| Bug::new(format!("pool `{}` pays more than it has", pool.name)))?;
        pools.push(outcome);
    }
    Ok(Distribution {
        pools,
        residual: left,
    })
}

fn too_large() -> anyhow::Error {
    anyhow!("error: a sum of payments is too large to be exact")
}

/// The money of a pool (plan reference, "The money of a pool").
pub fn available(plan: &Plan, pool: &Pool, left: Money) -> Result<Money, PlanProblem> {
    let currency = plan.settlement.currency;
    let wanted = match &pool.money {
        PoolMoney::Rest => return Ok(left),
        PoolMoney::UpTo(most) => return Ok(left.min(*most)),
        PoolMoney::Amount(amount) => Some(*amount),
        PoolMoney::Part { part, of_remaining } => {
            let base = if *of_remaining {
                left
            } else {
                plan.account.net
            };
            fund::part_down(&part.ratio, base)
        }
    };
    let problem = |message: String| PlanProblem {
        span: pool.money_span.clone(),
        message,
        hint: Some("give the pool less, or `up_to`, which takes what is left".to_owned()),
        related: None,
    };
    let wanted = wanted.ok_or_else(|| problem("the amount is too large to be exact".to_owned()))?;
    if wanted > left {
        return Err(problem(format!(
            "pool `{}` takes {}, but only {} is left of the net fund",
            pool.name,
            currency.grouped(wanted),
            currency.grouped(left)
        )));
    }
    Ok(wanted)
}

fn divide(
    plan: &Plan,
    number: usize,
    available: Money,
    participants: &ClassParticipants<'_>,
    choose: &dyn Fn(&LeftoverUnits, &[ClassId]) -> LeftoverRecipients,
) -> Result<PoolOutcome> {
    let pool = plan.pools.get(number).ok_or_else(too_large)?;
    let terms = PoolTerms {
        money: available,
        measure: pool.measure,
        range: &pool.range,
        round: pool.round,
        unit: pool.unit,
        drop: pool
            .drop
            .as_ref()
            .map(|drop: &MinimumPayment| (drop.limit, drop.inclusive, drop.method)),
        decimals: plan.settlement.currency.decimals(),
    };
    let division = pool::divide(&terms, participants, participants.threads)
        .map_err(|fault| plan.at_fault(pool_fault(plan, pool, available, &fault)))?;
    let chosen = division
        .extra
        .as_ref()
        .map_or_else(LeftoverRecipients::default, |extra| {
            choose(extra, &participants.classes)
        });
    let units = division.extra.as_ref().map_or(0, |extra| extra.units);
    if chosen.by_class.iter().map(|(_, units)| units).sum::<u64>() != units {
        let message = format!("not all units of pool `{}` found a claimant", pool.name);
        return Err(Bug::new(message).into());
    }
    outcome(available, division, participants, chosen)
}

fn pool_fault(plan: &Plan, pool: &Pool, available: Money, fault: &PoolFault) -> PlanProblem {
    let grouped = |money: Money| plan.settlement.currency.grouped(money);
    let name = &pool.name;
    let (message, hint) = match fault {
        PoolFault::Needs(needed) => (
            format!(
                "pool `{name}` cannot be carried out: the minimum payments need {}, and it has {}",
                grouped(*needed),
                grouped(available)
            ),
            "lower `at_least` or `reduce`, or give the pool more money",
        ),
        PoolFault::Overspends(sum) => (
            format!(
                "pool `{name}` overspends: rounded to nearest the payments are {}, and it has {}",
                grouped(*sum),
                grouped(available)
            ),
            "use `round = \"down\"` or `round = \"largest-remainder\"`",
        ),
        PoolFault::TooLarge => (
            format!("pool `{name}`: a payment is too large to be exact"),
            "check the amounts",
        ),
    };
    PlanProblem {
        span: pool.money_span.clone(),
        message,
        hint: Some(hint.to_owned()),
        related: None,
    }
}

/// The claimants who receive one of the units that do not suffice for all with
/// the same remainder: those first by id, in byte order.
fn choose_ids(extra: &LeftoverUnits, classes: &[ClassId], claims: &Claims) -> LeftoverRecipients {
    let mut wanted = vec![false; claims.entitlements.len()];
    for &participant in &extra.participants {
        let class = classes.get(participant).or_bug("an entrant has no kind");
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
        .and_then(|place| first_ids::id_at(|| candidates().map(|row| row.id), place));
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
    LeftoverRecipients {
        ids: Some(FirstIds {
            classes: wanted,
            last,
        }),
        by_class: by_class.into_iter().collect(),
    }
}

/// What participants come to.
#[derive(Debug)]
struct ParticipantSums {
    participants: u64,
    dropped: u64,
    /// The sum of the weights of those who are not dropped.
    weight: Ratio<BigInt>,
    /// The sums of their payments, without units that go to some rows only.
    paid: Money,
    held: Money,
}

impl ParticipantSums {
    /// Adds up a division.
    fn of(division: &Division, participants: &ClassParticipants<'_>) -> Option<Self> {
        let mut sums = Some(Self::nothing());
        parallel::by_range(
            participants.threads,
            participants.entries(),
            |range| Self::of_some(division, participants, range),
            |part| {
                sums = sums
                    .take()
                    .zip(part)
                    .and_then(|(sums, part)| sums.plus(part));
            },
        );
        sums
    }

    fn nothing() -> Self {
        Self {
            participants: 0,
            dropped: 0,
            weight: Ratio::zero(),
            paid: Money::ZERO,
            held: Money::ZERO,
        }
    }

    fn of_some(
        division: &Division,
        participants: &ClassParticipants<'_>,
        range: Range<usize>,
    ) -> Option<Self> {
        let mut sums = Self::nothing();
        let mut weight = WeightedSum::default();
        for position in range {
            let class = *participants
                .classes
                .get(position)
                .or_bug("an entrant has no kind");
            let count = participants.entitlements.count(class);
            let dropped = division.dropped.get(position);
            if *dropped.or_bug("it is not known whether an entrant is dropped") {
                sums.dropped += count;
                continue;
            }
            sums.participants += count;
            weight.add(participants.weight(class), count);
            let payment = division.payments.get(position);
            let payment = payment.or_bug("an entrant has no payment");
            sums.pay(participants.entitlements, class, payment.times(count)?)?;
        }
        sums.weight = weight.total();
        Some(sums)
    }

    /// Adds payments to claimants of a class.
    fn pay(
        &mut self,
        entitlements: &EntitlementClasses,
        class: ClassId,
        total: Money,
    ) -> Option<()> {
        let sum = match entitlements.group_of(class).claim_status {
            ClaimStatus::Held(_) => &mut self.held,
            ClaimStatus::Payable => &mut self.paid,
            ClaimStatus::Excluded(_) | ClaimStatus::Denied(_) => {
                None.or_bug("a pool pays claimants who take no part")
            }
        };
        *sum = sum.plus(total)?;
        Some(())
    }

    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            participants: self.participants + other.participants,
            dropped: self.dropped + other.dropped,
            weight: self.weight + other.weight,
            paid: self.paid.plus(other.paid)?,
            held: self.held.plus(other.held)?,
        })
    }
}

/// What came of a division.
fn outcome(
    available: Money,
    division: Division,
    participants: &ClassParticipants<'_>,
    chosen: LeftoverRecipients,
) -> Result<PoolOutcome> {
    let entitlements = participants.entitlements;
    let mut sums = ParticipantSums::of(&division, participants).ok_or_else(too_large)?;
    for &(class, units) in &chosen.by_class {
        let more = Money(i128::from(units));
        sums.pay(entitlements, class, more).ok_or_else(too_large)?;
    }
    let mut dropped_classes = Vec::new();
    if sums.dropped > 0 {
        dropped_classes.resize(entitlements.len(), false);
        for (&class, &dropped) in participants.classes.iter().zip(&division.dropped) {
            *dropped_classes.get_mut(index(class)).or_bug(UNKNOWN_CLASS) = dropped;
        }
    }
    let spent = sums.paid.plus(sums.held).ok_or_else(too_large)?;
    let left = available.minus(spent).ok_or_else(too_large)?;
    Ok(PoolOutcome {
        available,
        rate: division.rate,
        unit_rate: division.unit_rate,
        participants: sums.participants,
        weight: sums.weight,
        paid: sums.paid,
        held: sums.held,
        dropped: sums.dropped,
        left,
        payments: CompactColumn::Each(by_class(
            division.payments,
            &participants.classes,
            entitlements.len(),
        )),
        dropped_classes,
        extra: chosen.ids,
        extra_by_class: chosen.by_class,
    })
}

/// The payments of participants, in ascending order of their classes, as payments of
/// all classes; in the same memory, from the last to the first.
fn by_class(mut payments: Vec<Money>, classes: &[ClassId], all: usize) -> Vec<Money> {
    payments.resize(all, Money::ZERO);
    for (position, &class) in classes.iter().enumerate().rev() {
        payments.swap(position, index(class));
    }
    payments
}

impl Distribution {
    /// What each claimant of a class receives from all pools, without the units
    /// that go to some rows only.
    pub fn payout(&self, class: ClassId) -> Option<Money> {
        self.pools.iter().map(|pool| pool.payment(class)).sum()
    }

    /// The numbers of the pools that give a claimant of this class with this id
    /// one unit more.
    pub fn pools_with_one_more(&self, class: ClassId, id: &[u8]) -> impl Iterator<Item = u32> {
        let pools = (0..).zip(&self.pools);
        pools.filter_map(move |(number, pool)| pool.gives_one_more(class, id).then_some(number))
    }

    /// How many claimants of a class receive so many units beyond those of the
    /// class.
    pub fn with_extra_units(&self, claims: &Claims) -> BTreeMap<(ClassId, usize), u64> {
        let mut counts = BTreeMap::new();
        let mut giving = self.pools.iter().filter(|pool| pool.extra.is_some());
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
