//! Earlier distributions in the summary of a run that divides what they left.

use serde::{Serialize, Serializer};

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::{OrBug as _, count};
use crate::base::money::Money;
use crate::claims::claim_list::ClaimListRow;
use crate::claims::status::ClaimStatus;
use crate::plan::Plan;
use crate::plan::prior::{PriorClaimant, PriorLedger};

/// The reconciliation that a run follows.
#[derive(Debug, Clone, Serialize)]
pub struct PriorFacts {
    /// The name of its folder.
    pub reconciliation: String,
    pub seal: String,
    /// The day until which its facts hold.
    pub on: String,
    /// The number of distributions that it accounts for.
    pub round: u64,
    pub left: LeftFacts,
}

/// The parts of what is left, and then all of it.
#[derive(Debug, Clone)]
pub struct LeftFacts(pub Vec<(String, String)>);

impl Serialize for LeftFacts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter();
        serializer.collect_map(entries.map(|(name, amount)| (name, amount)))
    }
}

pub(super) fn facts(plan: &Plan) -> Option<PriorFacts> {
    let ledger = plan.prior.as_ref()?;
    let total = ("amount".to_owned(), ledger.left);
    let parts = ledger.parts.iter().chain(std::iter::once(&total));
    let text = |(name, amount): &(String, Money)| (name.clone(), ledger.currency.text(*amount));
    Some(PriorFacts {
        reconciliation: ledger.name.clone(),
        seal: ledger.seal.clone(),
        on: ledger.on.to_string(),
        round: ledger.round,
        left: LeftFacts(parts.map(text).collect()),
    })
}

/// A number of claimants, and the sum of an amount of each.
#[derive(Debug, Clone, Copy, Default)]
struct CountedSum {
    count: u64,
    sum: Money,
}

impl CountedSum {
    fn add(&mut self, amount: Money) {
        self.count += 1;
        let sum = self.sum.plus(amount);
        self.sum = sum.or_bug("what claimants had before has more than 128 bits");
    }
}

/// Changes for the claimants of the ledger.
#[derive(Debug, Default)]
struct Changes {
    /// Those who are paid or held less than was held for them.
    less_than_held: CountedSum,
    /// Those who are excluded or denied now, and were paid before.
    out: CountedSum,
    /// Payable and held claimants who are not in the ledger.
    new: u64,
}

/// Warnings to look at before money moves again.
pub(super) fn warnings(plan: &Plan, claims: &Claims, distribution: &Distribution) -> Vec<String> {
    let Some(ledger) = &plan.prior else {
        return Vec::new();
    };
    let mut changes = Changes::default();
    let rows = claims.claim_list.rows();
    for row in rows.filter(|row| claims.leads(row.number)) {
        changes.note(ledger, claims, distribution, &row);
    }
    let mut outstanding = CountedSum::default();
    let amounts = ledger.claimants.values().map(|one| one.outstanding);
    for amount in amounts.filter(|amount| *amount > Money::ZERO) {
        outstanding.add(amount);
    }
    let money = |sum: Money| plan.settlement.currency.grouped(sum);
    let claimants = |counted: &CountedSum| count(counted.count, "claimant", "claimants");
    let mut warnings = Vec::new();
    if outstanding.count > 0 {
        warnings.push(format!(
            "earlier payments of {} to {} are outstanding; they are not part of this fund",
            money(outstanding.sum),
            claimants(&outstanding),
        ));
    }
    let less = &changes.less_than_held;
    if less.count > 0 {
        warnings.push(format!(
            "{} paid or held less than was held before, {} less in all",
            count(less.count, "claimant is", "claimants are"),
            money(less.sum),
        ));
    }
    let out = &changes.out;
    if out.count > 0 {
        warnings.push(format!(
            "{} excluded or denied now, but paid before, {} in all",
            count(out.count, "claimant is", "claimants are"),
            money(out.sum),
        ));
    }
    if changes.new > 0 {
        warnings.push(format!(
            "{} new: no earlier distribution paid or held the claim",
            count(changes.new, "claimant is", "claimants are"),
        ));
    }
    warnings
}

impl Changes {
    fn note(
        &mut self,
        ledger: &PriorLedger,
        claims: &Claims,
        distribution: &Distribution,
        row: &ClaimListRow<'_>,
    ) {
        let status = claims.entitlements.group_of(row.class).claim_status;
        let takes_part = ClaimStatus::takes_part(status);
        let Some(PriorClaimant { paid, held, .. }) = ledger.claimants.get(row.id_text()) else {
            self.new += u64::from(takes_part);
            return;
        };
        let more = distribution.pools_with_one_more(row.class, row.id).count();
        let units = i128::try_from(more).ok().map(Money);
        let payout = distribution.payout(row.class);
        let payout = payout.and_then(|payout| payout.plus(units?));
        let payout = payout.or_bug("a payout has more than 128 bits");
        if payout < *held {
            let less = held.minus(payout);
            self.less_than_held
                .add(less.or_bug("a hold is less than 0"));
        }
        if !takes_part && *paid > Money::ZERO {
            self.out.add(*paid);
        }
    }
}
