//! The accounting of the fund: the content of summary.json and the source of
//! summary.txt. Amounts are texts in currency. Contains no personal data.

mod facts;
mod payment_warnings;
pub(crate) mod prior;
mod tax;
pub(crate) mod trades;

use anyhow::Result;
use num_bigint::BigInt;
use num_rational::Ratio;

use crate::allocate::Claims;
use crate::allocate::pool::{rate_exact_text, rate_text};
use crate::allocate::pools::{Distribution, PoolFigures, PoolOutcome, suspected_totals_row};
use crate::base::diagnostics::{Bug, count};
use crate::base::money::{Currency, Money, decimal_text, ratio_text};
use crate::claims::control_totals::ControlTotals;
use crate::claims::corrections::outcome::CorrectionCounts;
use crate::claims::mapped_cells::MappedColumn;
use crate::claims::{ClaimsFile, UnmatchedColumn};
use crate::plan::{Choice as _, FundLimit, Plan, PlanFile, Pool, PoolPart, Portion, WeightKind};
use crate::run::payment_sizes::PaymentSizes;
use crate::run::payment_statistics::PaymentStatistics;
use crate::run::portions::{CountAndSum, PortionTally};
use crate::run::row_tally::RowTally;
pub use crate::run::summary::facts::*;
use crate::run::summary::trades::TradesOfRun;
use crate::run::{control_totals_check, flags, histogram};

/// The maximum number of unmatched values listed per column.
const LISTED: usize = 20;

/// Builds the accounting of a run without trades whose rows are written.
pub fn summarize(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    tally: &RowTally,
    expect: Option<&ControlTotals>,
    plan_digest: String,
) -> Result<Summary> {
    with_trades(
        plan,
        claims,
        distribution,
        tally,
        (expect, plan_digest),
        None,
    )
}

/// Builds the accounting of a run whose rows are written.
pub(crate) fn with_trades(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    tally: &RowTally,
    (expect, plan_digest): (Option<&ControlTotals>, String),
    trades: Option<&TradesOfRun<'_>>,
) -> Result<Summary> {
    let currency = plan.settlement.currency;
    let money = |amount: Money| currency.text(amount);
    let sizes = PaymentSizes::of(plan, claims, distribution)?;
    let all = &sizes.all;
    if (all.count(), all.total()) != (tally.paid, Some(tally.paid_total)) {
        return Err(Bug::new("the written payouts differ from those of the classes").into());
    }
    let pools: Vec<PoolFacts> = plan
        .pools
        .iter()
        .zip(&distribution.pools)
        .map(|(pool, outcome)| pool_facts(plan, pool, outcome))
        .collect();
    Ok(Summary {
        settlement: SettlementFacts {
            name: plan.settlement.name.clone(),
            docket: plan.settlement.docket.clone(),
            as_of: plan.settlement.as_of.map(|date| date.to_string()),
            currency: currency.code().to_owned(),
            draft: plan.settlement.draft.clone(),
        },
        plan: PlanFacts {
            source: plan.source.name.clone(),
            sha256: plan_digest,
            tables: file_facts(&plan.table_files),
            templates: file_facts(&plan.statement.files),
        },
        inputs: inputs(&claims.files),
        class: plan.class,
        prior: prior::facts(plan),
        fund: fund_facts(plan, distribution),
        account: distribution.account.clone(),
        claims: claim_facts(claims, tally),
        payment_drop: payment_drop_facts(plan, distribution),
        subclasses: subclass_facts(plan, &sizes)?,
        payouts: payout_facts(plan, tally, &sizes),
        tax: tax::facts(plan, tally, &sizes.all)?,
        held: held_facts(plan, &sizes, tally)?,
        residual: ResidualFacts {
            amount: money(distribution.residual),
            to: plan.residual_to.clone(),
        },
        control_totals: expect
            .map(|expect| control_totals_check::compare(expect, plan, claims, tally, &sizes)),
        corrections: claims.corrected.as_ref().map(correction_facts),
        mapped: claims.mapped.iter().map(mapped_facts).collect(),
        unmatched: unmatched(claims, trades),
        warnings: {
            let mut all = warnings(plan, claims, distribution, (&pools, &sizes, tally));
            all.extend(trades.into_iter().flat_map(TradesOfRun::warnings));
            all
        },
        trades: trades.map(TradesOfRun::facts),
        pools,
        portions: portion_facts(plan, tally),
        flags: flag_facts(plan, claims),
        ties_out: true,
        histogram: histogram::bars(sizes.all.amounts()),
    })
}

/// The payouts that are held, by status.
fn held_facts(plan: &Plan, sizes: &PaymentSizes, tally: &RowTally) -> Result<HeldFacts> {
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let held = sizes.held.values();
    let count: u64 = held.clone().map(|(count, _)| count).sum();
    let total: Option<Money> = held.map(|(_, total)| *total).sum();
    if (count, total) != (tally.held, Some(tally.held_total)) {
        return Err(Bug::new("the written holds differ from those of the classes").into());
    }
    let facts = |(&status, &(count, total)): (&usize, &(u64, Money))| HeldStatusFacts {
        status: plan.claims.status.text(status).to_owned(),
        count,
        total: money(total),
    };
    Ok(HeldFacts {
        count,
        total: money(tally.held_total),
        by_status: sizes.held.iter().map(facts).collect(),
    })
}

fn payout_facts(plan: &Plan, tally: &RowTally, sizes: &PaymentSizes) -> PayoutFacts {
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let by_method = plan.payment_method.map(|_| {
        let methods = tally.methods.iter();
        let facts = |(method, &(count, total)): (&String, &(u64, Money))| MethodFacts {
            method: method.clone(),
            count,
            total: money(total),
        };
        methods.map(facts).collect()
    });
    PayoutFacts {
        count: tally.paid,
        total: money(tally.paid_total),
        average: sizes.all.average().map(money),
        median: sizes.all.median().map(money),
        smallest: sizes.all.smallest().map(money),
        largest: sizes.all.largest().map(money),
        by_method,
    }
}

/// The claims files of a run.
pub(crate) fn inputs(files: &[ClaimsFile]) -> Vec<InputFileFacts> {
    let facts = files.iter().map(|file| InputFileFacts {
        name: file.name.clone(),
        rows: file.rows,
        sha256: file.sha256.clone(),
    });
    facts.collect()
}

fn fund_facts(plan: &Plan, distribution: &Distribution) -> FundFacts {
    let account = &distribution.account;
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let deductions = account.deductions.iter().map(|deduction| DeductionFacts {
        name: deduction.name.clone(),
        kind: deduction.kind.word(),
        amount: money(deduction.amount),
    });
    FundFacts {
        brought_forward: account.brought_forward.map(money),
        amount: money(account.amount),
        as_claimed: account.as_claimed.map(FundLimit::word),
        interest: money(account.interest),
        deductions: deductions.collect(),
        net: money(account.net),
    }
}

fn claim_facts(claims: &Claims, tally: &RowTally) -> ClaimFacts {
    let mut reasons: Vec<ReasonFacts> = tally
        .unpaid
        .iter()
        .map(|(reason, rows)| ReasonFacts {
            reason: reason.clone(),
            rows: *rows,
        })
        .collect();
    reasons.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.reason.cmp(&b.reason)));
    ClaimFacts {
        rows: claims.rows(),
        empty_rows: claims.files.iter().map(|file| file.empty_rows).sum(),
        claimants: claims.claimants,
        paid: tally.paid,
        held: tally.held,
        unpaid_rows: tally.unpaid.values().sum(),
        unpaid_reasons: reasons,
    }
}

/// The figures of a pool.
pub fn pool_facts(plan: &Plan, pool: &Pool, outcome: &PoolOutcome) -> PoolFacts {
    let currency = plan.settlement.currency;
    let money = |amount: Money| currency.text(amount);
    let figures = &outcome.figures;
    let rate = rate_of(pool, figures, currency);
    PoolFacts {
        name: pool.name.clone(),
        source: pool.source.clone(),
        available: money(figures.available),
        participants: figures.participants,
        shares: (pool.measure == WeightKind::Shares).then(|| ratio_text(&figures.weight, 0)),
        awards: (pool.measure == WeightKind::Award)
            .then(|| ratio_text(&figures.weight, currency.decimals())),
        rate: rate.as_ref().map(rate_text),
        rate_exact: rate.as_ref().map(rate_exact_text),
        unit_rate: figures
            .unit_rate
            .as_ref()
            .map(|rate| decimal_text(rate, currency.decimals())),
        paid: money(figures.paid),
        held: money(figures.held),
        dropped: figures.dropped,
        left: money(figures.left),
        not_economical: outcome
            .not_economical
            .map(|reason| reason.reason(&pool.name, currency)),
        ahead: figures.ahead.as_ref().map(|ahead| AheadFacts {
            participants: ahead.claimants,
            total: decimal_text(&ahead.total.to_integer(), currency.decimals()),
        }),
        by: pool.by.as_ref().map(|by| PoolPartsFacts {
            column: plan.columns.name(by.column).to_owned(),
            texts: by
                .parts
                .iter()
                .zip(&outcome.parts)
                .map(|(part, figures)| part_facts(pool, part, figures, currency))
                .collect(),
        }),
    }
}

fn payment_drop_facts(plan: &Plan, distribution: &Distribution) -> Option<PaymentDropFacts> {
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let (drop, removed) = (plan.payment_drop.as_ref()?, distribution.removed.as_ref()?);
    let limit = Some(money(drop.limit));
    let (below, at_or_below) = if drop.inclusive {
        (None, limit)
    } else {
        (limit, None)
    };
    Some(PaymentDropFacts {
        below,
        at_or_below,
        dropped: removed.count,
        total: money(removed.total),
    })
}

fn part_facts(
    pool: &Pool,
    part: &PoolPart,
    figures: &PoolFigures,
    currency: Currency,
) -> PoolPartFacts {
    let money = |amount: Money| currency.text(amount);
    let rate = rate_of(pool, figures, currency);
    PoolPartFacts {
        text: part.text.clone(),
        percent: part.percent_text(),
        available: money(figures.available),
        participants: figures.participants,
        rate: rate.as_ref().map(rate_text),
        rate_exact: rate.as_ref().map(rate_exact_text),
        paid: money(figures.paid),
        held: money(figures.held),
        dropped: figures.dropped,
        left: money(figures.left),
    }
}

/// The rate in currency; that of shares is in minor units per share.
fn rate_of(pool: &Pool, figures: &PoolFigures, currency: Currency) -> Option<Ratio<BigInt>> {
    figures.rate.as_ref().map(|rate| match pool.measure {
        WeightKind::Shares => rate / BigInt::from(10).pow(currency.decimals()),
        WeightKind::Award => rate.clone(),
    })
}

fn subclass_facts(plan: &Plan, sizes: &PaymentSizes) -> Result<Vec<SubclassFacts>> {
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let facts = |(subclass, payments): (&crate::plan::Subclass, &PaymentStatistics)| {
        let total = payments
            .total()
            .ok_or_else(|| Bug::new("the payouts of a subclass have more than 128 bits"))?;
        Ok(SubclassFacts {
            key: subclass.key.clone(),
            name: subclass.name.clone(),
            paid: payments.count(),
            total: money(total),
            smallest: payments.smallest().map(money),
            median: payments.median().map(money),
            largest: payments.largest().map(money),
        })
    };
    plan.subclasses
        .iter()
        .zip(&sizes.subclasses)
        .map(facts)
        .collect()
}

fn flag_facts(plan: &Plan, claims: &Claims) -> Option<Vec<FlagFacts>> {
    let counted = plan.has_flags().then(|| flags::counted(plan, claims))?;
    let facts = counted.into_iter();
    Some(facts.map(|(rule, rows)| FlagFacts { rule, rows }).collect())
}

fn file_facts(files: &[PlanFile]) -> Vec<PlanFileFacts> {
    let facts = |file: &PlanFile| PlanFileFacts {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
    };
    files.iter().map(facts).collect()
}

/// The maximum number of payees listed per portion.
const PAYEES: usize = 100;

fn portion_facts(plan: &Plan, tally: &RowTally) -> Vec<PortionFacts> {
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let sum = |(count, total): CountAndSum| PaymentSum {
        count,
        total: money(total),
    };
    let facts = |(portion, tally): (&Portion, &PortionTally)| {
        let listed = Some(&tally.payees).filter(|payees| payees.len() <= PAYEES);
        let payees = listed.into_iter().flatten();
        PortionFacts {
            name: portion.name.clone(),
            source: portion.source.clone(),
            paid: sum(tally.paid),
            held: sum(tally.held),
            cut: sum(tally.cut),
            payees: payees
                .map(|(to, &(count, total))| PayeeFacts {
                    to: to.clone(),
                    count,
                    total: money(total),
                })
                .collect(),
            payee_count: Some(tally.payees.len()).filter(|payees| *payees > PAYEES),
        }
    };
    let portions = plan.portions.iter().zip(&tally.portions);
    portions.map(facts).collect()
}

/// Warnings about portions for which payouts did not suffice.
fn cut_portions(plan: &Plan, tally: &RowTally) -> Vec<String> {
    let portions = plan.portions.iter().zip(&tally.portions);
    let cut = portions.filter(|(_, tally)| tally.cut.0 > 0);
    let warning = |(portion, tally): (&Portion, &PortionTally)| {
        let (number, missing) = tally.cut;
        format!(
            "portion `{}` exceeds what is left of {}; the shortfall totals {}",
            portion.name,
            count(number, "payout or hold", "payouts and holds"),
            plan.settlement.currency.grouped(missing)
        )
    };
    cut.map(warning).collect()
}

fn correction_facts(made: &CorrectionCounts) -> CorrectionFacts {
    let files = made.files.iter();
    let facts = |(name, sha256, cells): &(String, String, u64)| CorrectionFileFacts {
        name: name.clone(),
        cells: *cells,
        sha256: sha256.clone(),
    };
    CorrectionFacts {
        rows: made.rows,
        cells: made.files.iter().map(|(_, _, cells)| cells).sum(),
        files: files.map(facts).collect(),
    }
}

fn mapped_facts(column: &MappedColumn) -> MappedFacts {
    MappedFacts {
        column: column.column.clone(),
        mapped: column.mapped,
        ignored_case: column.ignored_case,
    }
}

/// Texts of claims and of lots that matched no text of the plan.
fn unmatched(claims: &Claims, trades: Option<&TradesOfRun<'_>>) -> Vec<UnmatchedFacts> {
    let of_lots = trades.map(|trades| trades.tally.unmatched(trades.book));
    let of_lots = of_lots.unwrap_or_default();
    claims
        .unmatched
        .iter()
        .chain(&of_lots)
        .map(unmatched_facts)
        .collect()
}

fn unmatched_facts(unmatched: &UnmatchedColumn) -> UnmatchedFacts {
    // A blank is first: claims without the text are often those to look at.
    let (blank, others): (Vec<_>, Vec<_>) = unmatched
        .values
        .iter()
        .partition(|(value, _)| value.is_empty());
    let listed = blank.into_iter().chain(others).take(LISTED);
    UnmatchedFacts {
        column: unmatched.column.clone(),
        different: unmatched.values.len(),
        values: listed
            .map(|(value, rows)| UnmatchedValue {
                value: value.clone(),
                rows: *rows,
            })
            .collect(),
    }
}

fn warnings(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    (pools, sizes, tally): (&[PoolFacts], &PaymentSizes, &RowTally),
) -> Vec<String> {
    let mut warnings = plan.warnings.clone();
    warnings.extend(claims.warnings.iter().cloned());
    warnings.extend(suspected_totals_row::warnings(
        plan,
        claims,
        &distribution.pools,
    ));
    if sizes.all.count() == 0 {
        warnings.push("no claimant receives a payment".to_owned());
    }
    // A claimant who is denied may not be a class member.
    let most = pools.iter().map(|pool| pool.participants).max();
    let most = most.unwrap_or_default();
    if let Some(members) = plan.class.members.filter(|&members| members < most) {
        warnings.push(format!(
            "{}, but the class has only {}",
            count(most, "claimant participates", "claimants participate"),
            count(members, "member", "members")
        ));
    }
    for (subclass, members) in plan.subclasses.iter().zip(&sizes.members) {
        if *members == 0 {
            warnings.push(format!(
                "no payable or held claim is in subclass `{}`",
                subclass.key
            ));
        }
    }
    for pool in pools.iter().filter(|pool| pool.participants == 0) {
        warnings.push(if let Some(reason) = &pool.not_economical {
            format!("pool `{}` is not divided: {reason}", pool.name)
        } else if pool.dropped > 0 {
            format!(
                "all claims in pool `{}` fell below the minimum payment",
                pool.name
            )
        } else {
            format!("pool `{}` has no participants", pool.name)
        });
    }
    warnings.extend(cut_portions(plan, tally));
    warnings.extend(payment_warnings::of(plan, claims, distribution, sizes));
    warnings.extend(prior::warnings(plan, claims, distribution));
    warnings
}
