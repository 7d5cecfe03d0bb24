//! What the run writes: three lists, and the account of the fund.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;
use serde_json::{Value, json};

use super::claim::{Claim, Claims};
use super::number::{Number, cut, fixed, half_up, shortest, sum, ten_to, whole, with_at_least};
use super::plan::{Plan, Pool};
use super::pool::Filled;
use super::tax::Flag;

/// A result: the lists with their header lines, and the figures as the summary shows them.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub payouts: Vec<Vec<String>>,
    pub held: Vec<Vec<String>>,
    pub unpaid: Vec<Vec<String>>,
    pub figures: Value,
}

/// Everything worked out, ready to be told.
pub(super) struct Account<'a> {
    pub plan: &'a Plan,
    pub claims: &'a Claims,
    pub filled: &'a [Filled],
}

impl Account<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        let unpaid = self.unpaid();
        Outcome {
            payouts: self.list(false),
            held: self.list(true),
            figures: self.figures(&unpaid),
            unpaid: unpaid_list(unpaid),
        }
    }

    fn money(&self, minor: &BigInt) -> String {
        fixed(minor, self.plan.currency.places)
    }

    /// What the accepted claim with this index receives from all pools.
    fn payout(&self, index: usize) -> BigInt {
        self.filled
            .iter()
            .map(|filled| &filled.payouts[index])
            .sum()
    }

    /// Who receives something, to be paid or to be held, with the amount.
    fn receiving(&self, held: bool) -> Vec<(usize, &Claim, BigInt)> {
        let all = self
            .claims
            .accepted
            .iter()
            .enumerate()
            .map(|(index, claim)| (index, claim, self.payout(index)));
        all.filter(|(_, claim, payout)| claim.held == held && !payout.is_zero())
            .collect()
    }

    fn flag(&self, claim: &Claim, payout: &BigInt) -> Option<Flag> {
        let (columns, currency) = (&self.plan.columns, &self.plan.currency);
        let tax = self.plan.tax.as_ref()?;
        Some(tax.flag(claim, payout, columns, currency))
    }

    /// What is flagged of the payouts; null where the plan flags none.
    fn tax_figures(&self) -> Value {
        let Some(tax) = &self.plan.tax else {
            return Value::Null;
        };
        let payouts = self.receiving(false).into_iter();
        let flagged = payouts.filter_map(|(_, claim, payout)| {
            let flag = self.flag(claim, &payout)?;
            Some((flag, payout))
        });
        tax.figures(&flagged.collect::<Vec<_>>(), &|amount| self.money(amount))
    }

    fn list(&self, held: bool) -> Vec<Vec<String>> {
        let mut list = vec![self.header(held)];
        for (index, claim, payout) in self.receiving(held) {
            let mut line = vec![claim.id.clone(), claim.subclasses.join(";")];
            if self.plan.claims.sum {
                line.push(claim.rows.len().to_string());
            }
            for (pool, filled) in self.plan.pools.iter().zip(self.filled) {
                line.push(self.weight(pool, &filled.weights[index]));
                if self.filled.len() > 1 {
                    line.push(self.money(&filled.payouts[index]));
                }
            }
            line.extend(self.flag(claim, &payout).map(Flag::cell));
            line.push(self.money(&payout));
            if held {
                line.push(claim.status.clone());
            }
            list.push(line);
        }
        list
    }

    fn header(&self, held: bool) -> Vec<String> {
        let mut header = vec!["claimant_id".to_string(), "subclass".to_string()];
        if self.plan.claims.sum {
            header.push("rows".to_string());
        }
        match self.plan.pools.as_slice() {
            [only] => header.push(weight_name(only).to_string()),
            pools => header.extend(pools.iter().flat_map(|pool| {
                [
                    format!("{} {}", pool.name, weight_name(pool)),
                    format!("{} payout", pool.name),
                ]
            })),
        }
        header.extend(self.plan.tax.is_some().then(|| "tax".to_string()));
        header.push("payout".to_string());
        if held {
            header.push("status".to_string());
        }
        header
    }

    /// Shares without trailing zeros; awards like money, but with all of their decimals.
    fn weight(&self, pool: &Pool, weight: &Number) -> String {
        match pool.by_award {
            true => with_at_least(weight, self.plan.currency.places),
            false => shortest(weight),
        }
    }

    /// Every row that is not paid or held: its number, id and reason, in the order of the file.
    fn unpaid(&self) -> BTreeMap<usize, (String, String)> {
        let refused = self
            .claims
            .refused
            .iter()
            .map(|(claim, reason)| (claim.row, (claim.id.clone(), reason.clone())));
        let mut unpaid: BTreeMap<_, _> = refused.collect();
        for (index, claim) in self.claims.accepted.iter().enumerate() {
            if self.payout(index).is_zero() {
                let entry = (claim.id.clone(), self.reason(index));
                unpaid.extend(claim.rows.iter().map(|row| (*row, entry.clone())));
            }
        }
        unpaid
    }

    /// Why a payable or held claim receives nothing.
    fn reason(&self, index: usize) -> String {
        for (pool, filled) in self.plan.pools.iter().zip(self.filled) {
            if let Some(drop) = pool.drop.as_ref().filter(|_| filled.dropped[index]) {
                let relation = if drop.at_limit {
                    "at or below"
                } else {
                    "below"
                };
                let limit = self.money(&drop.limit);
                return format!(
                    "{relation} the minimum payment of {limit} in pool \"{}\"",
                    pool.name
                );
            }
        }
        if self
            .filled
            .iter()
            .all(|filled| filled.weights[index].is_zero())
        {
            return "no shares in any pool".to_string();
        }
        format!("payout comes to {}", self.money(&BigInt::zero()))
    }

    fn figures(&self, unpaid: &BTreeMap<usize, (String, String)>) -> Value {
        let (plan, fund) = (self.plan, &self.plan.fund);
        let amounts = |held| {
            self.receiving(held)
                .into_iter()
                .map(|(_, _, payout)| payout)
                .collect::<Vec<_>>()
        };
        let (paid, held) = (amounts(false), amounts(true));
        let (paid_total, held_total): (BigInt, BigInt) = (paid.iter().sum(), held.iter().sum());
        let deductions = fund.deductions.iter().map(
            |one| json!({ "name": one.name, "kind": one.kind, "amount": self.money(&one.amount) }),
        );
        let pools = plan
            .pools
            .iter()
            .zip(self.filled)
            .map(|(pool, filled)| self.pool(pool, filled));
        json!({
            "settlement": {
                "name": plan.name, "docket": plan.docket, "currency": plan.currency.code, "draft": plan.draft,
            },
            "fund": {
                "amount": self.money(&fund.amount),
                "interest": self.money(&fund.interest),
                "deductions": deductions.collect::<Vec<_>>(),
                "net": self.money(&fund.net()),
            },
            "claims": {
                "rows": self.claims.rows, "claimants": self.claims.claimants,
                "paid": paid.len(), "held": held.len(), "unpaid_rows": unpaid.len(),
                "unpaid_reasons": reasons(unpaid),
            },
            "pools": pools.collect::<Vec<_>>(),
            "subclasses": self.subclasses(),
            "payouts": self.payouts(&paid),
            "tax": self.tax_figures(),
            "held": { "count": held.len(), "total": self.money(&held_total) },
            "residual": { "amount": self.money(&(fund.net() - paid_total - held_total)), "to": plan.residual_to },
        })
    }

    fn pool(&self, pool: &Pool, filled: &Filled) -> Value {
        let paid_to = |held: bool| {
            let claims = self.claims.accepted.iter().zip(&filled.payouts);
            claims
                .filter(|(claim, _)| claim.held == held)
                .map(|(_, payout)| payout)
                .sum::<BigInt>()
        };
        let weights = filled.weights.iter().zip(&filled.dropped);
        let taking_part = || {
            weights
                .clone()
                .filter(|(weight, dropped)| !**dropped && !weight.is_zero())
        };
        let rate = filled.rate.as_ref().map(|rate| match pool.by_award {
            true => rate.clone(),
            false => rate / whole(ten_to(self.plan.currency.places)),
        });
        let (paid, held) = (paid_to(false), paid_to(true));
        json!({
            "name": pool.name,
            "available": self.money(&filled.available),
            "participants": taking_part().count(),
            weight_key(pool): self.weight(pool, &sum(taking_part().map(|(weight, _)| weight))),
            "rate": rate.as_ref().map(|rate| cut(rate, 12)),
            "rate_exact": rate.as_ref().map(ToString::to_string),
            "unit_rate": filled.share_value.as_ref().map(|value| self.money(value)),
            "paid": self.money(&paid),
            "held": self.money(&held),
            "dropped": filled.dropped.iter().filter(|dropped| **dropped).count(),
            "left": self.money(&(&filled.available - paid - held)),
        })
    }

    fn subclasses(&self) -> Vec<Value> {
        let figures = self.plan.subclasses.iter().map(|subclass| {
            let members = self
                .receiving(false)
                .into_iter()
                .filter(|(_, claim, _)| claim.subclasses.contains(&subclass.key));
            let mut figures =
                self.payouts(&members.map(|(_, _, payout)| payout).collect::<Vec<_>>());
            json!({
                "key": subclass.key, "name": subclass.name, "paid": figures["count"].take(),
                "total": figures["total"].take(), "smallest": figures["smallest"].take(),
                "median": figures["median"].take(), "largest": figures["largest"].take(),
            })
        });
        figures.collect()
    }

    /// Average and median are rounded half up; of an even count, the median is
    /// the mean of the middle two.
    fn payouts(&self, amounts: &[BigInt]) -> Value {
        let mut amounts = amounts.to_vec();
        amounts.sort();
        let total: BigInt = amounts.iter().sum();
        let count = amounts.len();
        let figure = |value: &dyn Fn() -> BigInt| (count > 0).then(|| self.money(&value()));
        json!({
            "count": count,
            "total": self.money(&total),
            "average": figure(&|| half_up(&Number::new(total.clone(), count.into()))),
            "median": figure(&|| half_up(&Number::new(&amounts[(count - 1) / 2] + &amounts[count / 2], 2.into()))),
            "smallest": figure(&|| amounts[0].clone()),
            "largest": figure(&|| amounts[count - 1].clone()),
        })
    }
}

fn weight_name(pool: &Pool) -> &'static str {
    if pool.by_award { "award" } else { "shares" }
}

fn weight_key(pool: &Pool) -> &'static str {
    if pool.by_award { "awards" } else { "shares" }
}

fn unpaid_list(unpaid: BTreeMap<usize, (String, String)>) -> Vec<Vec<String>> {
    let header = ["claimant_id", "row", "reason"].map(String::from).to_vec();
    let lines = unpaid
        .into_iter()
        .map(|(row, (id, reason))| vec![id, row.to_string(), reason]);
    std::iter::once(header).chain(lines).collect()
}

/// How many rows each reason has: most first, then by text.
fn reasons(unpaid: &BTreeMap<usize, (String, String)>) -> Vec<Value> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reason) in unpaid.values() {
        *counts.entry(reason).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(reason, rows)| (std::cmp::Reverse(*rows), *reason));
    counts
        .into_iter()
        .map(|(reason, rows)| json!({ "reason": reason, "rows": rows }))
        .collect()
}

/// A list as CSV: cells in quotes only where they need them.
pub(crate) fn csv(list: &[Vec<String>]) -> String {
    let quoted = |cell: &String| match cell.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    list.iter()
        .map(|line| line.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n")
        .collect()
}
