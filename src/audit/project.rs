//! Estimates payments before claims are filed: for each claimant group and each claims
//! rate, with the same arithmetic as a run.

mod header;
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
use crate::audit::messages;
use crate::audit::project::header::{header, refuse_unnamed};
use crate::base::decimal;
use crate::base::diagnostics::{
    ClaimProblem, Failure, InvalidClaims, InvalidPlan, OrBug, PROBLEM_STATUS, count, exit_status,
    first_line, literal, nearest, plan_problems_with, subject,
};
use crate::base::money::{Currency, Money, group};
use crate::base::parallel::lock;
use crate::claims::ReadOptions;
use crate::claims::claim_list::ClassId;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::csv::reader::{CsvRow, RowReader};
use crate::claims::input::{self, Input};
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, RowsRule, fund};
use crate::run::summary::{PoolFacts, pool_facts};

const TOO_LARGE: &str = "a payment has more than 128 bits";
const NO_ROW: &str = "a row of the projection is missing";

/// The column with the number of class members in a group.
pub(crate) const COUNT: &str = "count";

/// The percentage of the class that files claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsRate {
    /// As the user wrote it.
    pub written: String,
    /// In percent, from 0 to 100.
    pub percent: Decimal,
}

#[derive(Debug, Clone, Serialize)]
pub struct Projection {
    pub settlement: String,
    pub currency: &'static str,
    /// The reason why the plan is a draft.
    pub draft: Option<String>,
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The net settlement fund; null if it is what is claimed.
    pub net: Option<String>,
    /// The number of class members in all groups.
    pub members: u64,
    /// The column that names the groups: that of the ids in the claims.
    pub group_column: String,
    /// The parts of the plan for single claimants, which groups leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<&'static str>,
    /// The rules of rows that are left out, because the file does not have their columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<&'static str>,
    /// Unusual facts that are not errors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// By claims rate, in the order requested.
    pub take_up: Vec<RateProjection>,
    /// The claims rates at which the plan allows no distribution.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub impossible: Vec<ImpossibleRate>,
}

/// A claims rate at which the plan allows no distribution.
#[derive(Debug, Clone, Serialize)]
pub struct ImpossibleRate {
    pub rate: String,
    pub problem: String,
}

/// The estimate at one claims rate.
#[derive(Debug, Clone, Serialize)]
pub struct RateProjection {
    pub rate: String,
    /// The number of claimants.
    pub claimants: u64,
    /// By group, in the order of the file.
    pub kinds: Vec<GroupPayment>,
    /// The net settlement fund, if it is what is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<String>,
    pub pools: Vec<PoolFacts>,
    pub paid: String,
    pub held: String,
    /// The residual of the fund.
    pub residual: String,
}

/// The payment of a claimant in a group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupPayment {
    /// The id that names the group.
    pub kind: String,
    /// The number of class members in the group.
    pub members: u64,
    /// The number of them who claim.
    pub claimants: u64,
    /// `paid`, `held` or `unpaid`; null if no member claims.
    pub outcome: Option<&'static str>,
    /// The payment per claimant; null if no member claims.
    pub receives: Option<String>,
    /// The number of extra minor units that some of the claimants receive by largest
    /// remainders: at most one per pool.
    pub one_unit_more: u64,
}

/// A row of the file of claimant groups.
struct ClaimantGroup {
    name: String,
    number: ClassId,
    members: u64,
}

/// Estimates payments for the groups of a file.
pub fn project(plan: &Plan, input: &Input, take_up: &[ClaimsRate]) -> Result<Projection> {
    if let Some(file) = input.path()
        && file.exists()
        && !file.is_file()
    {
        return Err(messages::groups_not_a_file(file.display()).into());
    }
    if plan.trades.is_some() {
        return Err(messages::project_with_trades().into());
    }
    plan.refuse_prior("`payout project`")?;
    // Each row is a claimant group, even if the plan adds up rows.
    let mut plan = plan.clone();
    plan.claims.rows = RowsRule::Unique;
    // A group has no taxpayer number, no earlier payments, and no email address.
    let left_out = plan.leave_out_claimants();
    let names = header(&plan, input)?;
    refuse_unnamed(&plan, input, &names)?;
    let absent = plan.leave_out_absent(&names);
    // Columns may be absent, so rows cannot be matched by their cells in the file.
    let options = ReadOptions {
        keep_cells: true,
        ..ReadOptions::default()
    };
    let mut claims = read_claims(std::slice::from_ref(input), &plan, &options, &|_| {})?;
    let kinds = kinds(&plan, input, &claims)?;
    let members = kinds
        .iter()
        .try_fold(0_u64, |sum, kind| sum.checked_add(kind.members));
    let members = members.ok_or_else(messages::counts_too_large)?;
    let mut projected = Vec::new();
    let mut impossible = Vec::new();
    let mut first = None;
    for rate in take_up {
        match at_rate(&plan, &mut claims, &kinds, rate) {
            Ok(rate) => projected.push(rate),
            Err(error) if exit_status(&error) == PROBLEM_STATUS => {
                impossible.push(ImpossibleRate {
                    rate: rate.written.clone(),
                    problem: problem_of(&error),
                });
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = first.filter(|_| projected.is_empty()) {
        return Err(error);
    }
    Ok(Projection {
        settlement: plan.settlement.name.clone(),
        currency: plan.settlement.currency.code(),
        draft: plan.settlement.draft.clone(),
        plan: plan.source.name.clone(),
        net: plan
            .account
            .as_ref()
            .map(|account| plan.settlement.currency.text(account.net)),
        members,
        group_column: plan.columns.name(plan.claims.id).to_owned(),
        left_out,
        absent,
        warnings: too_many_members(&plan, members).into_iter().collect(),
        take_up: projected,
        impossible,
    })
}

/// A warning if the groups have more members than the class.
fn too_many_members(plan: &Plan, members: u64) -> Option<String> {
    let class = plan.class.members.filter(|&class| class < members)?;
    Some(format!(
        "the groups have {}, but `members` in [class] of the plan says {}",
        count(members, "class member", "class members"),
        group(&class)
    ))
}

/// The problem of a rate, with the claims rate in its words.
fn problem_of(error: &anyhow::Error) -> String {
    let of_plan = error.downcast_ref::<InvalidPlan>();
    let problems = of_plan.map(|bad| bad.problems.iter());
    let messages = problems.map(|problems| problems.map(|problem| problem.message.as_str()));
    messages.map_or_else(
        || first_line(error),
        |messages| messages.collect::<Vec<_>>().join("; "),
    )
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
    let distribution = pools::in_rounds(
        plan,
        &mut claims.entitlements,
        |entitlements, removed| pools::divide_pools(plan, entitlements, removed, 1, &choose),
        |entitlements| entitlements,
        |_, _| {},
    )
    .map_err(|error| pools::with_row(error, claims))
    .map_err(|error| {
        let words = format!("at a claims rate of {}", rate.written);
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
        net: plan
            .account
            .is_none()
            .then(|| currency.text(distribution.account.net)),
        pools: plan
            .pools
            .iter()
            .zip(&distribution.pools)
            .map(|(pool, outcome)| pool_facts(plan, pool, outcome))
            .collect(),
        paid: sum(|pool| pool.figures.paid),
        held: sum(|pool| pool.figures.held),
        residual: currency.text(distribution.residual),
    })
}

/// The number of members who claim, rounded half up.
fn claiming(members: u64, rate: &ClaimsRate) -> u64 {
    let exact = fund::percent(rate.percent) * BigInt::from(members);
    let doubled: BigInt = exact.numer() * 2 + exact.denom();
    doubled
        .div_floor(&(exact.denom() * 2_u32))
        .to_u64()
        .unwrap_or(u64::MAX)
}

/// Units that do not suffice for all claimants with the same remainder are assigned by
/// id. Here ids name groups, so the groups receive them in the order of their names.
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
                .or_bug("an entrant has no group")
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

/// The units that claimants of a row receive above the amount rounded down.
#[derive(Debug, Clone, Copy, Default)]
struct GroupExtra {
    /// The units that each claimant receives.
    each: u32,
    /// The further units that some claimants receive, one per pool.
    some: u64,
}

/// The extra units by row of the file. Rows with identical entitlements share the units
/// of a pool in the order of their names.
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

/// The groups of a file: their names and numbers of members.
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

/// Reads the column `count` of a file with valid rows.
fn counts(plan: &Plan, input: &Input, claims: &Claims) -> Result<Vec<u64>> {
    let shown = input.shown();
    let stream = input::open(input, plan, 0)?.refuse_faults()?;
    let broken = |error| Failure::reading(&shown, error);
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
        return Err(messages::claims_changed(&shown).into());
    }
    Ok(counts)
}

fn count_place(names: &[&str], file: &str) -> Result<usize> {
    names.iter().position(|name| *name == COUNT).ok_or_else(|| {
        let hint = match nearest(COUNT, names.iter().copied()) {
            Some(near) => format!("did you mean {}?", literal(near)),
            None => {
                "each row is a claimant group; add `count`, the number of class members in the group"
                    .to_owned()
            }
        };
        messages::no_count_column(file).hint(hint).into()
    })
}

fn whole(cell: &str) -> Option<u64> {
    let number = decimal::parse(cell).ok()?;
    (decimal::decimals_written(cell) == 0).then(|| number.to_u64())?
}

fn note(bad: &mut InvalidClaims, file: &str, row: usize, cell: &str) {
    bad.add(ClaimProblem {
        file: file.to_owned(),
        row: u64::try_from(row).ok(),
        column: Some(COUNT.to_owned()),
        value: Some(cell.to_owned()),
        ..messages::invalid_count(subject(cell)).into()
    });
}
