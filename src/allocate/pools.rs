//! Divides pools in order: each takes its money from the balance of the net
//! settlement fund, is divided, and leaves unpaid money to later pools.

pub mod suspected_totals_row;
mod tie_break_ids;

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;

use crate::allocate::classes::{ClassParticipants, EntitlementClasses};
use crate::allocate::pool::{self, Division, LeftoverUnits, Participants, PoolFault, PoolTerms};
use crate::allocate::{Claims, messages};
use crate::base::compact_column::{CompactColumn, index};
use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::{Bug, OrBug, PlanProblem};
use crate::base::money::Money;
use crate::base::parallel;
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::{MinimumPayment, Plan, Pool, PoolMoney, fund};

const UNKNOWN_CLASS: &str = "a claimant has no class";

/// The divided net settlement fund.
#[derive(Debug)]
pub struct Distribution {
    /// In plan order.
    pub pools: Vec<PoolOutcome>,
    /// The amount that no pool paid or held.
    pub residual: Money,
}

/// The result of one pool.
#[derive(Debug)]
pub struct PoolOutcome {
    pub available: Money,
    /// The rate in minor units per share, or per unit of award.
    pub rate: Option<Ratio<BigInt>>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<BigInt>,
    /// The number of claimants who participate and are not dropped.
    pub participants: u64,
    /// The sum of their shares, or of their awards in currency.
    pub weight: Ratio<BigInt>,
    /// The amount paid to payable claims.
    pub paid: Money,
    /// The amount held pending determination.
    pub held: Money,
    /// The number of claimants dropped because of a small payment.
    pub dropped: u64,
    /// The amount neither paid nor held.
    pub left: Money,
    /// The payment to each claimant of a class, by class.
    payments: CompactColumn<Money>,
    /// By class, true if it is dropped; empty if none is.
    dropped_classes: Vec<bool>,
    /// The claimants who receive one more unit.
    extra: Option<FirstIds>,
    /// The number of claimants in each class who receive one more unit.
    pub extra_by_class: Vec<(ClassId, u64)>,
}

impl PoolOutcome {
    /// The payment to each claimant of a class, without units that only some rows
    /// receive.
    pub fn payment(&self, class: ClassId) -> Money {
        self.payments.at(index(class))
    }

    /// True if the claimant of this class with this id receives one more unit.
    pub fn gives_one_more(&self, class: ClassId, id: &[u8]) -> bool {
        self.last_with_one_more(class)
            .is_some_and(|last| id <= last)
    }

    /// The last id, in byte order, of claimants of this class who receive one more
    /// unit.
    pub fn last_with_one_more(&self, class: ClassId) -> Option<&[u8]> {
        let extra = self.extra.as_ref()?;
        (extra.classes.get(index(class)) == Some(&true)).then_some(&*extra.last)
    }

    pub fn drops(&self, class: ClassId) -> bool {
        self.dropped_classes.get(index(class)) == Some(&true)
    }
}

/// Claimants of certain classes, up to an id in byte order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstIds {
    /// By class, true if it is included.
    classes: Vec<bool>,
    /// The last id.
    last: Vec<u8>,
}

/// The recipients of units that do not suffice for all claimants with the same
/// remainder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftoverRecipients {
    /// The claimants, if any.
    pub ids: Option<FirstIds>,
    /// The number of claimants in each class.
    pub by_class: Vec<(ClassId, u64)>,
}

/// Divides the net settlement fund among the claims.
pub fn distribute(plan: &Plan, claims: &Claims) -> Result<Distribution> {
    divide_pools(
        plan,
        &claims.entitlements,
        claims.threads,
        &|extra, classes| choose_ids(extra, classes, claims),
    )
}

/// Divides the net settlement fund with `threads` threads. If units must be
/// distributed by id, `choose` selects the recipients.
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
    messages::payments_too_large().into()
}

/// The money of a pool (plan reference, "The money of a pool").
pub fn available(plan: &Plan, pool: &Pool, left: Money) -> Result<Money, PlanProblem> {
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
            let base = if *of_remaining {
                left
            } else {
                plan.account.net
            };
            fund::part_of(&part.ratio, base, *round)
        }
    };
    let fault = |message| PlanProblem::new(&pool.money_span, message);
    let wanted = wanted.ok_or_else(|| fault(messages::pool_money_too_large()))?;
    if wanted > left {
        return Err(fault(messages::pool_money_exceeds_balance(
            &pool.name,
            &currency.grouped(wanted),
            &currency.grouped(left),
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
    let mut division = pool::divide(&terms, participants, participants.threads)
        .map_err(|fault| plan.at_fault(pool_fault(plan, pool, available, &fault)))?;
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
        let message = format!("not all units of pool `{}` were distributed", pool.name);
        return Err(Bug::new(message).into());
    }
    outcome(available, division, participants, chosen)
}

fn pool_fault(plan: &Plan, pool: &Pool, available: Money, fault: &PoolFault) -> PlanProblem {
    let grouped = |money: Money| plan.settlement.currency.grouped(money);
    let name = &pool.name;
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
    LeftoverRecipients {
        ids: Some(FirstIds {
            classes: wanted,
            last,
        }),
        by_class: by_class.into_iter().collect(),
    }
}

/// Totals of participants.
#[derive(Debug)]
struct ParticipantSums {
    participants: u64,
    dropped: u64,
    /// The sum of the weights of participants that are not dropped.
    weight: Ratio<BigInt>,
    /// The sums of their payments, without units that only some rows receive.
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
                .or_bug("a participant has no class");
            let count = participants.entitlements.count(class);
            let dropped = division.dropped.get(position);
            if *dropped.or_bug("a participant has no mark for being dropped") {
                if !division.leaves_with_nothing(position) {
                    sums.dropped += count;
                }
                continue;
            }
            sums.participants += count;
            weight.add(participants.weight(class), count);
            let payment = division.payments.get(position);
            let payment = payment.or_bug("a participant has no payment");
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
                None.or_bug("a pool pays claimants who do not participate")
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

/// The outcome of a division.
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
        let dropped = participants.classes.iter().zip(&division.dropped);
        for (position, (&class, &dropped)) in dropped.enumerate() {
            let dropped = dropped && !division.leaves_with_nothing(position);
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

/// Expands payments of participants, in ascending order of class, to payments of
/// all classes; in place, from last to first.
fn by_class(mut payments: Vec<Money>, classes: &[ClassId], all: usize) -> Vec<Money> {
    payments.resize(all, Money::ZERO);
    for (position, &class) in classes.iter().enumerate().rev() {
        payments.swap(position, index(class));
    }
    payments
}

impl Distribution {
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
