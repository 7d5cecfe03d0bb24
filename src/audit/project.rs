//! What claimants would receive, before anyone has claimed: for each kind of
//! class member and each take-up rate, by the same arithmetic as a run.

pub(crate) mod text;

use std::collections::BTreeMap;

use anyhow::Result;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::allocate::pool::LeftoverUnits;
use crate::allocate::pools::{self, Distribution, LeftoverRecipients};
use crate::allocate::{Claims, read_claims};
use crate::base::decimal;
use crate::base::diagnostics::{
    ClaimProblem, Failure, InvalidClaims, OrBug, Problem, literal, nearest, plan_problems_with,
};
use crate::base::money::{Currency, Money};
use crate::base::parallel::lock;
use crate::claims::ReadOptions;
use crate::claims::claim_list::ClassId;
use crate::claims::csv::reader::{CsvRow, RowReader};
use crate::claims::input::{self, Input};
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, RowsRule, fund};
use crate::run::summary::{PoolFacts, pool_facts};

const TOO_LARGE: &str = "a payment has more than 128 bits";
const NO_ROW: &str = "a row of the projection is missing";

/// The column that says how many class members are of a kind.
pub(crate) const COUNT: &str = "count";

/// The share of the class that claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsRate {
    /// As the user wrote it.
    pub written: String,
    /// In percent, from 0 to 100.
    pub percent: Decimal,
}

/// What claimants would receive.
#[derive(Debug, Clone, Serialize)]
pub struct Projection {
    pub settlement: String,
    pub currency: &'static str,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The net fund.
    pub net: String,
    /// How many class members the kinds have together.
    pub members: u64,
    /// Take-up rate by take-up rate, in the order asked for.
    pub take_up: Vec<RateProjection>,
}

/// What claimants would receive at one take-up rate.
#[derive(Debug, Clone, Serialize)]
pub struct RateProjection {
    /// The take-up rate.
    pub rate: String,
    /// How many claim.
    pub claimants: u64,
    /// Kind by kind, in the order of the file.
    pub kinds: Vec<GroupPayment>,
    pub pools: Vec<PoolFacts>,
    pub paid: String,
    pub held: String,
    /// What is left of the fund.
    pub residual: String,
}

/// What a claimant of a kind would receive.
#[derive(Debug, Clone, Serialize)]
pub struct GroupPayment {
    /// The id that names the kind.
    pub kind: String,
    /// How many class members are of it.
    pub members: u64,
    /// How many of them claim.
    pub claimants: u64,
    /// `paid`, `held` or `unpaid`; null where nobody of it claims.
    pub outcome: Option<&'static str>,
    /// What each receives; null where nobody of it claims.
    pub receives: Option<String>,
    /// How many minor units some of them receive more, by largest remainders: one
    /// from a pool, where not all do.
    pub one_unit_more: u64,
}

/// One row of the file of kinds.
struct ClaimantGroup {
    name: String,
    number: ClassId,
    members: u64,
}

/// Projects payouts for the kinds of a file.
pub fn project(plan: &Plan, input: &Input, take_up: &[ClaimsRate]) -> Result<Projection> {
    if let Some(file) = input.path()
        && file.exists()
        && !file.is_file()
    {
        let message = format!("{} is not a plain file", file.display());
        return Err(Problem::new(message, "save the kinds of claimant in a file").into());
    }
    // Each row is a kind of claimant, also where a plan adds rows up.
    let mut plan = plan.clone();
    plan.claims.rows = RowsRule::Unique;
    // A kind has no taxpayer number, and nothing was paid to it before.
    plan.leave_out_tax();
    let mut claims = read_claims(
        std::slice::from_ref(input),
        &plan,
        &ReadOptions::default(),
        &|_| {},
    )?;
    let kinds = kinds(&plan, input, &claims)?;
    let members = kinds
        .iter()
        .try_fold(0_u64, |sum, kind| sum.checked_add(kind.members));
    let members = members.ok_or_else(|| {
        Problem::new(
            "the counts add up to more than can be counted",
            "check the column `count`",
        )
    })?;
    let mut projected = Vec::new();
    for rate in take_up {
        projected.push(at_rate(&plan, &mut claims, &kinds, rate)?);
    }
    Ok(Projection {
        settlement: plan.settlement.name.clone(),
        currency: plan.settlement.currency.code(),
        draft: plan.settlement.draft.clone(),
        plan: plan.source.name.clone(),
        net: plan.settlement.currency.text(plan.account.net),
        members,
        take_up: projected,
    })
}

fn at_rate(
    plan: &Plan,
    claims: &mut Claims,
    kinds: &[ClaimantGroup],
    rate: &ClaimsRate,
) -> Result<RateProjection> {
    claims.entitlements.clear_counts();
    let mut claimants = Vec::new();
    for kind in kinds {
        let count = claiming(kind.members, rate);
        claims.entitlements.add(kind.number, count);
        claimants.push(count);
    }
    let choose = |extra: &LeftoverUnits, participants: &[ClassId]| {
        choose(extra, participants, kinds, &claimants)
    };
    let distribution =
        pools::divide_pools(plan, &claims.entitlements, 1, &choose).map_err(|error| {
            let words = format!("at a take-up of {}", rate.written);
            plan_problems_with(&words, error)
        })?;
    let currency = plan.settlement.currency;
    let sum = |amount: fn(&pools::PoolOutcome) -> Money| {
        let sum: Option<Money> = distribution.pools.iter().map(amount).sum();
        currency.text(sum.or_bug(TOO_LARGE))
    };
    let more = units_of_rows(kinds, &claimants, &distribution);
    let facts = kinds.iter().zip(&claimants).zip(more);
    let facts = facts.map(|((kind, &count), more)| {
        group_payment(kind, count, more, claims, &distribution, currency)
    });
    Ok(RateProjection {
        rate: rate.written.clone(),
        claimants: claimants.iter().sum(),
        kinds: facts.collect(),
        pools: plan
            .pools
            .iter()
            .zip(&distribution.pools)
            .map(|(pool, outcome)| pool_facts(pool, outcome, currency))
            .collect(),
        paid: sum(|pool| pool.paid),
        held: sum(|pool| pool.held),
        residual: currency.text(distribution.residual),
    })
}

/// How many of so many members claim, rounded to nearest, half up.
fn claiming(members: u64, rate: &ClaimsRate) -> u64 {
    let exact = fund::percent(rate.percent) * BigInt::from(members);
    let doubled: BigInt = exact.numer() * 2 + exact.denom();
    doubled
        .div_floor(&(exact.denom() * 2_u32))
        .to_u64()
        .unwrap_or(u64::MAX)
}

/// Units that do not suffice for all with the same remainder go by id; here
/// ids name kinds, so kinds get them in the order of their names.
fn choose(
    extra: &LeftoverUnits,
    participants: &[ClassId],
    kinds: &[ClaimantGroup],
    claimants: &[u64],
) -> LeftoverRecipients {
    let wanted: Vec<ClassId> = extra
        .participants
        .iter()
        .map(|&participant| {
            *participants
                .get(participant)
                .or_bug("an entrant has no kind")
        })
        .collect();
    let mut order: Vec<(&str, ClassId, u64)> = kinds
        .iter()
        .zip(claimants)
        .filter(|(kind, _)| wanted.contains(&kind.number))
        .map(|(kind, &count)| (kind.name.as_str(), kind.number, count))
        .collect();
    order.sort_unstable();
    let mut left = extra.units;
    let mut by_class = Vec::new();
    for (_, kind, count) in order {
        let units = count.min(left);
        left -= units;
        if units > 0 {
            by_class.push((kind, units));
        }
    }
    LeftoverRecipients {
        ids: None,
        by_class,
    }
}

/// Units that claimants of a row of the file receive beyond what is rounded down.
#[derive(Debug, Clone, Copy, Default)]
struct GroupExtra {
    /// What each of them receives more.
    each: u32,
    /// How many units some of them receive more than that, one from a pool.
    some: u64,
}

/// What claimants of each row of the file receive more. Rows whose claimants are
/// alike share the units of a pool in the order of their names.
fn units_of_rows(
    kinds: &[ClaimantGroup],
    claimants: &[u64],
    distribution: &Distribution,
) -> Vec<GroupExtra> {
    let mut units = vec![GroupExtra::default(); kinds.len()];
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    order.sort_by_key(|&row| kinds.get(row).map(|kind| kind.name.as_str()));
    let mut totals: BTreeMap<(usize, ClassId), u64> = BTreeMap::new();
    for (number, pool) in distribution.pools.iter().enumerate() {
        for (kind, extra) in &pool.extra_by_class {
            *totals.entry((number, *kind)).or_insert(0) += extra;
        }
    }
    for ((_, alike), mut left) in totals {
        for &row in &order {
            let kind = kinds.get(row).or_bug(NO_ROW);
            let count = *claimants.get(row).or_bug(NO_ROW);
            let count = if kind.number == alike { count } else { 0 };
            let taken = count.min(left);
            left -= taken;
            let units = units.get_mut(row).or_bug(NO_ROW);
            if taken == count {
                units.each += u32::from(count > 0);
            } else {
                units.some += taken;
            }
        }
    }
    units
}

fn group_payment(
    kind: &ClaimantGroup,
    claimants: u64,
    more: GroupExtra,
    claims: &Claims,
    distribution: &Distribution,
    currency: Currency,
) -> GroupPayment {
    let payout = distribution.payout(kind.number);
    let payout = payout.and_then(|payout| payout.plus(Money(more.each.into())));
    let payout = payout.or_bug(TOO_LARGE);
    let claim_status = claims.entitlements.group_of(kind.number).claim_status;
    let outcome = match claim_status {
        _ if payout == Money::ZERO && more.some == 0 => "unpaid",
        ClaimStatus::Held(_) => "held",
        _ => "paid",
    };
    GroupPayment {
        kind: kind.name.clone(),
        members: kind.members,
        claimants,
        outcome: Some(outcome).filter(|_| claimants > 0),
        receives: (claimants > 0).then(|| currency.text(payout)),
        one_unit_more: more.some,
    }
}

/// The kinds of a file that was read: their names and how many members each
/// has.
fn kinds(plan: &Plan, input: &Input, claims: &Claims) -> Result<Vec<ClaimantGroup>> {
    let counts = counts(plan, input, claims)?;
    let rows = claims.claim_list.rows().zip(counts);
    Ok(rows
        .map(|(row, members)| ClaimantGroup {
            name: row.id_text().to_owned(),
            number: row.class,
            members,
        })
        .collect())
}

/// Reads the column `count` of a file whose rows are known to be good.
fn counts(plan: &Plan, input: &Input, claims: &Claims) -> Result<Vec<u64>> {
    let shown = input.shown();
    let stream = input::open(input, plan)?.refuse_faults()?;
    let broken = |error| Failure::new(format!("cannot read {shown}"), error);
    let mut reader = RowReader::new(stream.content);
    let mut row = CsvRow::default();
    if reader.peek(3).map_err(broken)? == b"\xef\xbb\xbf" {
        reader.skip(3);
    }
    let mut place = None;
    let mut counts = Vec::new();
    let mut bad = InvalidClaims::default();
    let mut number = 0;
    while let Some(line) = reader.next(&mut row).map_err(broken)? {
        let Ok(line) = line else { break };
        let text = String::from_utf8_lossy(reader.bytes(&line));
        let cells: Vec<&str> = row
            .cells
            .iter()
            .map(|cell| text.get(cell.bytes.clone()).unwrap_or_default().trim())
            .collect();
        let Some(place) = place else {
            place = Some(count_place(&cells, &shown)?);
            continue;
        };
        let cell = cells.get(place).copied().unwrap_or_default();
        number += 1;
        match whole(cell) {
            Some(count) => counts.push(count),
            None => note(&mut bad, &shown, number, cell),
        }
    }
    if bad.count > 0 {
        return Err(bad.into());
    }
    let digest = lock(&stream.seen).digest();
    if claims.files.iter().any(|known| known.sha256 != digest) {
        return Err(Problem::new(format!("{shown} changed while it was read"), "try again").into());
    }
    Ok(counts)
}

fn count_place(names: &[&str], file: &str) -> Result<usize> {
    names.iter().position(|name| *name == COUNT).ok_or_else(|| {
        let hint = match nearest(COUNT, names.iter().copied()) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => {
                "each row is a kind of claimant, and `count` says how many class members are of it"
                    .to_owned()
            }
        };
        Problem::new(format!("{file} has no column `{COUNT}`"), hint).into()
    })
}

fn whole(cell: &str) -> Option<u64> {
    let number = decimal::parse(cell).ok()?;
    (decimal::decimals_written(cell) == 0).then(|| number.to_u64())?
}

fn note(bad: &mut InvalidClaims, file: &str, row: usize, cell: &str) {
    bad.count += 1;
    if bad.first.len() < crate::base::diagnostics::SHOWN {
        bad.first.push(ClaimProblem {
            file: file.to_owned(),
            row: u64::try_from(row).ok(),
            column: Some(COUNT.to_owned()),
            value: Some(cell.to_owned()),
            problem: format!("{} is not a whole number of class members", literal(cell)),
            hint: Some("write digits only, like `1200000`".to_owned()),
            ..ClaimProblem::default()
        });
    }
}
