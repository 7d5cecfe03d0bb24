//! Compares two runs, for example after late claims, a cured deficiency or an amended
//! plan.
//!
//! Figures come from the two summaries; claimants are compared row by row ([`rows`]),
//! each exactly once, in any order of the files.

pub(crate) mod changes;
mod hash_join;
pub(crate) mod plan_keys;
pub(crate) mod rows;
pub(crate) mod text;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::audit::check::files;
use crate::audit::compare::changes::{ChangeGroupFacts, ChangeList, ClaimantChange};
use crate::audit::compare::plan_keys::ChangedKey;
use crate::audit::compare::rows::RowPairs;
use crate::audit::messages;
use crate::audit::saved_run::SavedRun;
use crate::base::cleanup::CleanupGuard;
use crate::base::decimal;
use crate::base::money::decimal_text;
use crate::plan::{Plan, RowsRule as PlanRows};
use crate::run::{Progress, Stage};

/// The result of a comparison.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub old: String,
    pub new: String,
    pub differs: bool,
    /// The currency of all amounts.
    pub currency: String,
    /// True if both runs have the same plan, byte for byte, with its table files.
    pub same_plan: bool,
    /// The keys of the plan that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plan_keys: Vec<ChangedKey>,
    /// The table files that differ, or that only one of the plans has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub different_tables: Vec<String>,
    /// True if both runs have the same claims files, byte for byte. Different files may
    /// give the same payouts.
    pub same_claims: bool,
    /// Of runs with trades, true if the trades files are identical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_trades: Option<bool>,
    /// Fund, deductions, pools, totals and residual, old and new.
    pub figures: Vec<ComparedFigure>,
    /// Claimants grouped by change.
    pub claimants: Vec<ChangeGroupFacts>,
}

/// A figure of both summaries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedFigure {
    /// The pool, the deduction or another subject of the figure.
    pub of: String,
    pub name: String,
    /// The old value; null if there is none.
    pub old: Option<String>,
    /// The new value; null if there is none.
    pub new: Option<String>,
    /// The new value minus the old one; null if either is not a number.
    pub difference: Option<String>,
}

/// Compares two runs. `list` names a file that lists every claimant who changed; it is
/// complete or absent, and it is kept only after the caller commits it.
pub fn compare(
    old: &Path,
    new: &Path,
    list: Option<&Path>,
    progress: &dyn Progress,
) -> Result<(Comparison, Option<CleanupGuard>)> {
    let runs = [files::open(old, progress)?, files::open(new, progress)?];
    let [before, after] = &runs;
    let currency = before.plan.settlement.currency;
    if currency != after.plan.settlement.currency {
        let new = after.plan.settlement.currency.code();
        return Err(messages::other_currencies(currency.code(), new).into());
    }
    let figures = figures(&before.summary, &after.summary);
    let mut changes = ChangeList::new(currency, list)?;
    let rows = RowPairs {
        folders: [old, new],
        decimals: currency.decimals(),
        several: runs.iter().any(|run| run.plan.claims.rows == PlanRows::Sum),
    };
    progress.begin(Stage::Comparing, None);
    rows.compare(rows::WAITING, &mut changes)?;
    progress.end("");
    let (tally, list) = changes.finish()?;
    let groups = ClaimantChange::all().map(|change| (change, tally.group(change)));
    let groups: Vec<_> = groups.filter(|(_, group)| group.count > 0).collect();
    let different_tables = different_tables([&before.plan, &after.plan]);
    let same_plan =
        before.plan.source.text == after.plan.source.text && different_tables.is_empty();
    let files = |run: &SavedRun, trades: bool| -> Vec<String> {
        let inputs = run.manifest.inputs.iter();
        let inputs = inputs.filter(|input| input.trades == trades);
        inputs.map(|input| input.sha256.clone()).collect()
    };
    let has_trades = !files(before, true).is_empty() || !files(after, true).is_empty();
    let differs = !same_plan
        || figures.iter().any(|figure| figure.old != figure.new)
        || groups
            .iter()
            .any(|(change, _)| *change != ClaimantChange::Same);
    let comparison = Comparison {
        old: old.display().to_string(),
        new: new.display().to_string(),
        differs,
        currency: currency.code().to_owned(),
        same_plan,
        plan_keys: plan_keys::changed(&before.plan.source.text, &after.plan.source.text)?,
        different_tables,
        same_claims: files(before, false) == files(after, false),
        same_trades: has_trades.then(|| files(before, true) == files(after, true)),
        figures,
        claimants: groups
            .into_iter()
            .map(|(change, group)| changes::facts(change, group, currency))
            .collect(),
    };
    Ok((comparison, list))
}

fn different_tables(plans: [&Plan; 2]) -> Vec<String> {
    let [old, new] = plans.map(|plan| plan.files().collect::<Vec<_>>());
    let of_old = old.iter().filter(|file| !new.contains(file));
    let of_new = new.iter().filter(|file| !old.contains(file));
    let names: BTreeSet<&String> = of_old.chain(of_new).map(|file| &file.name).collect();
    names.into_iter().cloned().collect()
}

fn figures(old: &Value, new: &Value) -> Vec<ComparedFigure> {
    let mut figures = Vec::new();
    let mut add = |of: &str, name: &str, sides: [Option<&Value>; 2]| {
        let [old, new] = sides.map(|value| value.and_then(shown));
        if old.is_some() || new.is_some() {
            let difference = old.as_deref().zip(new.as_deref());
            figures.push(ComparedFigure {
                of: of.to_owned(),
                name: name.to_owned(),
                difference: difference.and_then(|(old, new)| difference_of(old, new)),
                old,
                new,
            });
        }
    };
    let at = |path: &str| [old.pointer(path), new.pointer(path)];
    add("fund", "amount", at("/fund/amount"));
    add("fund", "interest", at("/fund/interest"));
    for name in names(at("/fund/deductions")) {
        let amount =
            |list: Option<&'_ Value>| named(list, &name).and_then(|one| one.get("amount").cloned());
        let amounts = at("/fund/deductions").map(amount);
        add(
            "deduction",
            &name,
            [amounts[0].as_ref(), amounts[1].as_ref()],
        );
    }
    add("fund", "net", at("/fund/net"));
    for name in ["rows", "claimants", "lots/long", "lots/short", "lots/open"] {
        let words = name.replace('/', " ");
        add("trades", &words, at(&format!("/trades/{name}")));
    }
    for name in names(at("/pools")) {
        let [old, new] = at("/pools").map(|list| named(list, &name));
        for figure in [
            "available",
            "participants",
            "shares",
            "awards",
            "rate",
            "rate_exact",
            "unit_rate",
            "paid",
            "held",
            "dropped",
            "left",
        ] {
            let side =
                |pool: &Option<Value>| pool.as_ref().and_then(|pool| pool.get(figure).cloned());
            let (old, new) = (side(&old), side(&new));
            add(&name, figure, [old.as_ref(), new.as_ref()]);
        }
    }
    for (name, path) in [
        ("rows read", "/claims/rows"),
        ("claimants paid", "/payouts/count"),
        ("payouts", "/payouts/total"),
        ("claimants held", "/held/count"),
        ("held", "/held/total"),
        ("rows not paid", "/claims/unpaid_rows"),
        ("residual", "/residual/amount"),
    ] {
        add("totals", name, at(path));
    }
    reason_figures(&mut add, &at);
    tax_figures(&mut add, &at);
    portion_figures(&mut add, &at);
    figures
}

/// The number of unpaid rows for each reason of either run.
fn reason_figures<'v>(
    add: &mut impl FnMut(&str, &str, [Option<&'v Value>; 2]),
    at: &impl Fn(&str) -> [Option<&'v Value>; 2],
) {
    for name in words_of(at("/claims/unpaid_reasons"), "reason") {
        let rows = at("/claims/unpaid_reasons").map(|list| {
            let mut reasons = list?.as_array()?.iter();
            let reason = reasons.find(|one| one.get("reason").is_some_and(|known| known == &name));
            reason?.get("rows")
        });
        add("rows not paid, by reason", &name, rows);
    }
}

/// The tax counts and sums, if either run has them.
fn tax_figures<'v>(
    add: &mut impl FnMut(&str, &str, [Option<&'v Value>; 2]),
    at: &impl Fn(&str) -> [Option<&'v Value>; 2],
) {
    add("tax flags", "threshold", at("/tax/threshold"));
    let portions = at("/tax/portion");
    add("tax flags", "portion", portions);
    let payouts = match portions.map(|portion| portion.and_then(Value::as_str)) {
        [None, None] => "payouts".to_owned(),
        [Some(old), Some(new)] if old == new => format!("payments of portion \"{new}\""),
        _ => "payments".to_owned(),
    };
    for (of, path) in [
        (
            format!("{payouts} at or over the threshold"),
            "/tax/at_or_over",
        ),
        (
            "of these, without a valid number".to_owned(),
            "/tax/at_or_over_without_number",
        ),
        (
            format!("all {payouts} without a valid number"),
            "/tax/without_number",
        ),
    ] {
        for figure in ["count", "total"] {
            add(&of, figure, at(&format!("{path}/{figure}")));
        }
    }
}

/// The figures of portions, and of claimants with the same cells as others.
fn portion_figures<'v>(
    add: &mut impl FnMut(&str, &str, [Option<&Value>; 2]),
    at: &impl Fn(&str) -> [Option<&'v Value>; 2],
) {
    for name in names(at("/portions")) {
        let [old, new] = at("/portions").map(|list| named(list, &name));
        for figure in ["paid/count", "paid/total", "held/total", "cut/total"] {
            let path = format!("/{figure}");
            let side = |portion: &Option<Value>| portion.as_ref()?.pointer(&path).cloned();
            let (old, new) = (side(&old), side(&new));
            let name = format!("portion {name}");
            add(
                &name,
                &figure.replace('/', " "),
                [old.as_ref(), new.as_ref()],
            );
        }
    }
    for (number, rule) in rules(at("/flags")).into_iter().enumerate() {
        let path = format!("/flags/{number}/rows");
        add("flagged rows", &rule, at(&path));
    }
}

/// The rules that flag, of the run that has more.
fn rules(lists: [Option<&Value>; 2]) -> Vec<String> {
    let lists = lists.into_iter().flatten().filter_map(Value::as_array);
    let longest = lists.max_by_key(|list| list.len()).into_iter().flatten();
    longest
        .filter_map(|one| one.get("rule")?.as_str())
        .map(str::to_owned)
        .collect()
}

/// The names in both lists, the old list first.
fn names(lists: [Option<&Value>; 2]) -> Vec<String> {
    words_of(lists, "name")
}

/// The texts of a key in both lists, the old list first.
fn words_of(lists: [Option<&Value>; 2], key: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = lists
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten();
    all.filter_map(|one| one.get(key)?.as_str())
        .filter(|name| seen.insert((*name).to_owned()))
        .map(str::to_owned)
        .collect()
}

fn named(list: Option<&Value>, name: &str) -> Option<Value> {
    let list = list?.as_array()?;
    list.iter()
        .find(|one| one.get("name").is_some_and(|known| known == name))
        .cloned()
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// `new − old`, with as many decimals as the operands.
fn difference_of(old: &str, new: &str) -> Option<String> {
    let (before, after) = (decimal::parse(old).ok()?, decimal::parse(new).ok()?);
    let difference = decimal::difference(after, before)?;
    let written = decimal::decimals_written(old).max(decimal::decimals_written(new));
    let decimals = u32::try_from(written).ok()?;
    Some(decimal_text(
        &decimal::at_scale(difference, decimals),
        decimals,
    ))
}
