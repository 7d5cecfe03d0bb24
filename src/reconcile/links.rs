//! The links of a chain, and facts that must fit the chain.

use anyhow::Result;
use serde_json::Value;

use crate::audit::messages::file_damaged;
use crate::audit::saved_run::SavedRun;
use crate::base::dates;
use crate::base::diagnostics::{
    ClaimProblem, Message, Problem, count, did_you_mean, literal, quotable,
};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::reconcile::chain::{
    Chain, ChainDeduction, ChainPortion, ChainRun, NOTHING, amount, grouped,
};
use crate::reconcile::exports::OpenedExport;
use crate::reconcile::facts::{Facts, FactsPlaces};
use crate::reconcile::matching::RowSums;
use crate::reconcile::messages;
use crate::reconcile::outcomes::OutcomeFile;
use crate::reconcile::saved::SavedReconciliation;
use crate::run::file_names::SUMMARY;
use crate::run::manifest::SealedFolder;
use crate::run::summary::PaymentSum;

/// The beginning of a seal, as messages show it.
fn short(seal: &str) -> &str {
    seal.get(..4).unwrap_or(seal)
}

/// Checks that a run follows the reconciliation before, or is the run of it.
pub(crate) fn check(
    run: &SavedRun,
    name: &SealedFolder,
    after: Option<&SavedReconciliation>,
) -> Result<(), Problem> {
    let follows = run.manifest.after.as_ref();
    let shown = quotable(&name.name);
    let Some(after) = after else {
        return match follows {
            None => Ok(()),
            Some(follows) => {
                let follows = quotable(&follows.name);
                Err(messages::reconciliation_not_named(&shown, &follows).into())
            }
        };
    };
    let settlement = &run.plan.settlement;
    let after_shown = quotable(&after.name);
    if after.manifest.settlement != settlement.name {
        let theirs = literal(&after.manifest.settlement);
        return Err(messages::other_settlement(&after_shown, &theirs).into());
    }
    if after.manifest.currency != settlement.currency.code() {
        return Err(messages::other_currency(&after_shown, &after.manifest.currency).into());
    }
    let chain = &after.manifest.chain;
    if after.manifest.run.seal == name.seal {
        return Ok(());
    }
    if chain.run(&name.seal).is_some() {
        let last = quotable(&after.manifest.run.name);
        return Err(messages::run_is_not_last(&after_shown, &last, &shown).into());
    }
    match follows {
        Some(follows) if follows.seal == after.seal => Ok(()),
        Some(follows) => Err(messages::reconciliation_of_other_chain(
            &shown,
            &quotable(&follows.name),
            short(&follows.seal),
            &after_shown,
        )
        .into()),
        None => Err(messages::reconciliation_of_other_run(&after_shown, &shown).into()),
    }
}

/// Refuses two runs of one name.
pub(crate) fn check_run_names(chain: &Chain) -> Result<(), Problem> {
    let last = &chain.last_run().name;
    let others = chain.runs.iter().rev().skip(1);
    if others.into_iter().any(|run| run.name == *last) {
        return Err(messages::runs_of_one_name(&literal(last)).into());
    }
    Ok(())
}

/// The figures of a run, from its summary.
pub(crate) fn chain_run(run: &SavedRun, name: &SealedFolder) -> Result<ChainRun> {
    let path = run.folder.join(SUMMARY);
    let damaged = || file_damaged(path.display(), "a figure is missing");
    let figures = Figures(&run.summary);
    let of = || {
        let deductions = figures.list(&["fund", "deductions"])?;
        let deduction = |one: &Value| {
            let one = Figures(one);
            Some(ChainDeduction {
                name: one.text(&["name"])?,
                kind: one.text(&["kind"])?,
                amount: one.text(&["amount"])?,
            })
        };
        let deductions: Option<Vec<_>> = deductions.iter().map(deduction).collect();
        Some(ChainRun {
            name: name.name.clone(),
            seal: name.seal.clone(),
            after: run.manifest.after.as_ref().map(|after| after.seal.clone()),
            brought_forward: figures
                .text(&["fund", "brought_forward"])
                .unwrap_or_else(|| NOTHING.to_owned()),
            paid_in: figures.text(&["fund", "amount"])?,
            interest: figures.text(&["fund", "interest"])?,
            deductions: deductions?,
            payouts: PaymentSum {
                count: figures.whole(&["payouts", "count"])?,
                total: figures.text(&["payouts", "total"])?,
            },
            held: figures.text(&["held", "total"])?,
            residual: figures.text(&["residual", "amount"])?,
            claims: figures.whole(&["claims", "rows"])?,
            portions: portions(run),
        })
    };
    Ok(of().ok_or_else(damaged)?)
}

fn portions(run: &SavedRun) -> Vec<ChainPortion> {
    let portions = run.plan.portions.iter();
    let portion = |portion: &crate::plan::Portion| ChainPortion {
        name: portion.name.clone(),
        own: portion.to.is_none(),
    };
    portions.map(portion).collect()
}

/// The figures of a summary.
struct Figures<'v>(&'v Value);

impl Figures<'_> {
    fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(self.0, |value, key| value.get(*key))
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        Some(self.at(keys)?.as_str()?.to_owned())
    }

    fn whole(&self, keys: &[&str]) -> Option<u64> {
        self.at(keys)?.as_u64()
    }

    fn list(&self, keys: &[&str]) -> Option<&Vec<Value>> {
        self.at(keys)?.as_array()
    }
}

/// Reports exports and deductions that the chain does not have.
pub(crate) fn check_names(
    places: &FactsPlaces<'_, '_>,
    exports: &[&str],
    chain: &Chain,
    currency: Currency,
) {
    for (name, place) in places.exports() {
        if !exports.contains(&name) {
            let hint = did_you_mean(name, exports, "the chain has");
            let message = messages::no_such_export(&literal(name));
            place.problem(message).hint(hint).add();
        }
    }
    for (name, owed, at, at_amount) in places.owed() {
        let deductions = chain.runs.iter().flat_map(|run| &run.deductions);
        let its = deductions
            .clone()
            .filter(|deduction| deduction.name == name);
        let its: Vec<Money> = its
            .map(|deduction| amount(&deduction.amount, currency))
            .collect();
        if its.is_empty() {
            let known: Vec<&str> = deductions.map(|one| one.name.as_str()).collect();
            let hint = did_you_mean(name, &known, "the plans deduct");
            let message = messages::owed_of_no_deduction(&literal(name));
            at.problem(message).hint(hint).add();
            continue;
        }
        let all: Option<Money> = its.into_iter().sum();
        if all.is_some_and(|all| owed > all) {
            let text = |money: Money| grouped(currency, money);
            let all = text(all.unwrap_or(Money::ZERO));
            let message = messages::owed_above_deduction(&text(owed), &literal(name), &all);
            at_amount.problem(message).add();
        }
    }
}

/// Reports facts that end before those of the reconciliation before.
pub(crate) fn check_day(places: &FactsPlaces<'_, '_>, after: Option<&SavedReconciliation>) {
    if let (Some((on, at)), Some(after)) = (places.on(), after)
        && on < after.on
    {
        let (on, before) = (on.to_string(), after.on.to_string());
        let name = quotable(&after.name);
        at.problem(messages::facts_end_too_early(&on, &name, &before))
            .add();
    }
}

/// Refuses exports that are dated after the facts.
pub(crate) fn check_dates(opened: &[OpenedExport], facts: &Facts) -> Result<(), Problem> {
    for export in opened {
        let date = export.manifest.choices.date.as_deref();
        let date = date.and_then(dates::iso_date);
        if let Some(date) = date.filter(|date| *date > facts.on) {
            let name = quotable(&export.name);
            let (date, on) = (date.to_string(), facts.on.to_string());
            return Err(messages::export_after_facts(&name, &date, &on).into());
        }
    }
    Ok(())
}

/// Reports control totals that a file of outcomes misses.
pub(crate) fn check_totals(
    file: &OutcomeFile<'_>,
    sums: &RowSums,
    currency: Currency,
    problems: &mut ProblemList,
) {
    let shown = file.shown();
    let mut add = |message: Message| {
        problems.add(ClaimProblem {
            file: shown.clone(),
            ..message.into()
        });
    };
    let whole = |number: u64| crate::base::money::group(&number);
    match file.source.rows {
        None if file.rows.claim_list.is_empty() => add(messages::outcomes_without_rows()),
        Some(rows) if rows != sums.rows => add(messages::outcome_rows_missed(
            &count(rows, "row", "rows"),
            &whole(sums.rows),
        )),
        _ => {}
    }
    if let Some(total) = file.source.total
        && sums.total != Some(total)
    {
        let found = sums
            .total
            .map_or_else(|| "too much".to_owned(), |sum| grouped(currency, sum));
        add(messages::outcome_total_missed(
            &grouped(currency, total),
            &found,
        ));
    }
}
