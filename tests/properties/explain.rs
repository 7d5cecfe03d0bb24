//! What an explanation tells can be worked out again, and is what the run has.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use payout::NoProgress;
use payout::internals::explanation_text;
use serde_json::Value;

use super::{rows_by_id, units};
use crate::random::{Case, hold, sure};
use crate::support::records;

type Number = Ratio<BigInt>;

#[test]
fn every_explanation_can_be_worked_out_again() {
    hold(40, |case| {
        if case.compute().is_err() {
            return Ok(());
        }
        let run = Lists::of(case);
        let mut told = Vec::new();
        for (id, rows) in rows_by_id(case) {
            let explanation = explained(case, &id)?;
            same_as_the_run(&run, &id, rows, &explanation)
                .and_then(|()| worked_out_again(case, &explanation))
                .map_err(|problem| format!("{problem}\n{explanation:#}"))?;
            told.push(explanation);
        }
        pools_add_up(case, &told)
    });
}

fn explained(case: &Case, id: &str) -> Result<Value, String> {
    let files = [case.job.path("claims.csv")];
    let explanation = payout::explain(&case.job.path("run"), &files, id, &NoProgress)
        .map_err(|error| format!("it is not explained: {error:#}\n{id}"))?;
    let text = explanation_text(&explanation);
    let long = text.text().lines().any(|line| line.chars().count() > 80);
    // A text without a space cannot be broken.
    let breakable = id.len() < 40 && !case.plan.contains("[column.\"");
    sure(!long || !breakable, || {
        format!("long lines\n{id}\n{}", text.text())
    })?;
    Ok(serde_json::to_value(&explanation).unwrap())
}

/// The lists of a run.
struct Lists {
    /// Id by id: `paid` or `held`, and the amounts of the pools and in all.
    amounts: BTreeMap<String, (&'static str, Vec<String>)>,
    /// The reason, row by row.
    unpaid: BTreeMap<u64, String>,
}

impl Lists {
    fn of(case: &Case) -> Self {
        let mut amounts = BTreeMap::new();
        for (name, outcome) in [("payouts.csv", "paid"), ("held.csv", "held")] {
            let rows = records(&case.job.read(&format!("run/{name}")));
            let is_amount = |name: &str| name == "payout" || name.ends_with(" payout");
            for row in &rows[1..] {
                let of_row = rows[0].iter().zip(row);
                let amount = of_row.filter(|(name, _)| is_amount(name));
                let amount = amount.map(|(_, cell)| cell.clone()).collect();
                amounts.insert(row[0].clone(), (outcome, amount));
            }
        }
        let unpaid = case.list("run", "unpaid.csv").into_iter();
        Self {
            amounts,
            unpaid: unpaid
                .map(|row| (row[1].parse().unwrap(), row[2].clone()))
                .collect(),
        }
    }
}

fn same_as_the_run(run: &Lists, id: &str, rows: i64, told: &Value) -> Result<(), String> {
    sure(told["claimant_id"] == id, || "another id".to_owned())?;
    let nothing = ("unpaid", Vec::new());
    let (outcome, amounts) = run.amounts.get(id).unwrap_or(&nothing);
    sure(told["outcome"] == *outcome, || format!("it is {outcome}"))?;
    let payout = amounts.last().map(String::as_str);
    sure(told["payout"].as_str() == payout, || {
        format!("the payout is {payout:?}")
    })?;
    let pools = told["pools"].as_array().unwrap();
    let sum: BigInt = pools.iter().map(|pool| units(&pool["payout"])).sum();
    let expected = payout.map_or_else(BigInt::default, |payout| units(&payout.into()));
    sure(sum == expected, || {
        format!("the pools pay {sum} minor units")
    })?;
    let of_pools = amounts.iter().take(amounts.len().saturating_sub(1));
    for (amount, pool) in of_pools.zip(pools) {
        sure(pool["payout"] == amount.as_str(), || {
            format!("{} pays {amount}", pool["name"])
        })?;
    }
    let facts = told["rows"].as_array().unwrap();
    sure(i64::try_from(facts.len()) == Ok(rows), || {
        format!("it has {rows} rows")
    })?;
    for fact in facts {
        let reason = run.unpaid.get(&fact["row"].as_u64().unwrap());
        sure(
            fact["unpaid"].as_str() == reason.map(String::as_str),
            || format!("the reason is {reason:?}"),
        )?;
    }
    Ok(())
}

fn worked_out_again(case: &Case, told: &Value) -> Result<(), String> {
    let written = case.plan.split("[[pool]]").skip(1);
    // Portions have a `round` of their own.
    let of_pool = |written: &'_ str| written.split("\n[[portion]]").next().unwrap().to_owned();
    let written: Vec<String> = written.map(of_pool).collect();
    let pools = told["pools"].as_array().unwrap();
    sure(pools.is_empty() || pools.len() == written.len(), || {
        format!("there are {} pools", written.len())
    })?;
    pools.iter().zip(written).try_for_each(|(pool, written)| {
        pool_again(pool, &written).map_err(|problem| format!("{}: {problem}", pool["name"]))
    })
}

fn pool_again(pool: &Value, written: &str) -> Result<(), String> {
    let payout = units(&pool["payout"]);
    if pool["dropped"] == true || !pool["why_not"].is_null() {
        return sure(payout == BigInt::ZERO, || "something is paid".to_owned());
    }
    let steps = pool["steps"].as_array().unwrap();
    let ended = steps.last().map(|step| number(&step["running"]));
    let weight = number(&pool["weight"]);
    sure(ended.as_ref() == Some(&weight), || {
        format!("the steps end with {ended:?}")
    })?;
    let limit = |key: &str| {
        let mut limits = pool["limits"].as_array().unwrap().iter();
        let found = limits.find(|limit| limit["key"] == key);
        found.map(|limit| number(&limit["value"]))
    };
    let (least, most) = (limit("at_least").unwrap_or_default(), limit("at_most"));
    let paid_per_weight = ["unit_rate", "rate_exact"]
        .into_iter()
        .find(|key| !pool[*key].is_null())
        .map(|key| number(&pool[key]));
    let exact = match paid_per_weight {
        Some(rate) => {
            let at_rate = (rate * weight - limit("less").unwrap_or_default()).max(least.clone());
            let bound = match &most {
                Some(most) if at_rate >= *most => "at_most",
                _ if at_rate == least && least != Number::default() => "at_least",
                _ => "",
            };
            let told = pool["bound"].as_str().unwrap_or_default();
            let on_edge = most.as_ref() == Some(&at_rate) || at_rate == least;
            sure(told == bound || on_edge, || format!("it is bound {bound}"))?;
            most.iter()
                .fold(at_rate, |at_rate, most| at_rate.min(most.clone()))
        }
        None => most.ok_or("it has neither a rate nor an upper limit")?,
    };
    sure(number(&pool["exact_fraction"]) == exact, || {
        format!("it comes to {exact}")
    })?;
    rounded_again(pool, written, &exact, &payout)
}

fn rounded_again(
    pool: &Value,
    written: &str,
    exact: &Number,
    payout: &BigInt,
) -> Result<(), String> {
    let decimals = |amount: &str| amount.split_once('.').map_or(0, |(_, part)| part.len());
    let places = decimals(pool["payout"].as_str().unwrap());
    let exact_units = exact * BigInt::from(10).pow(places as u32);
    let down = exact_units.to_integer();
    let above = payout - &down;
    let (zero, one) = (BigInt::from(0), BigInt::from(1));
    let (rest, half) = (&exact_units - &down, Number::new(1.into(), 2.into()));
    let odd = &down % BigInt::from(2) == one;
    let right = if written.contains("round = \"nearest\"") {
        above == zero || above == one && rest >= half
    } else if written.contains("round = \"half-even\"") {
        above == zero || above == one && (rest > half || rest == half && odd)
    } else if written.contains("round = \"largest-remainder\"") {
        above == zero || above == one && !exact_units.is_integer()
    } else {
        above == zero
    };
    sure(right, || format!("{exact} becomes {payout} minor units"))?;
    let cut = number(&pool["exact"]);
    let unit = Number::new(1.into(), BigInt::from(10).pow(12));
    sure(cut <= *exact && *exact < &cut + unit, || {
        format!("{exact} is told as {cut}")
    })
}

/// The summary counts the claimants that are told to be in a pool, and has the
/// sum of their weights. Claimants that leave a pool with limits although they would
/// receive nothing are not counted.
fn pools_add_up(case: &Case, told: &[Value]) -> Result<(), String> {
    let summary = case.summary("run");
    let written: Vec<&str> = case.plan.split("[[pool]]").skip(1).collect();
    for (place, facts) in summary["pools"].as_array().unwrap().iter().enumerate() {
        let of_pool = told.iter().filter_map(|one| one["pools"].get(place));
        let inside = of_pool.filter(|pool| pool["why_not"].is_null());
        // Those below the minimum over all pools are in none.
        let inside = inside.filter(|pool| pool["dropped_in_all"] != true);
        let (dropped, staying): (Vec<&Value>, Vec<&Value>) =
            inside.partition(|pool| pool["dropped"] == true);
        let weight: Number = staying.iter().map(|pool| number(&pool["weight"])).sum();
        let key = if facts["shares"].is_null() {
            "awards"
        } else {
            "shares"
        };
        let may_leave = ["\nless", "\nat_least"];
        let may_leave = may_leave.iter().any(|key| written[place].contains(key));
        let counted = facts["dropped"].as_u64().unwrap() as usize;
        let same = (counted == dropped.len() || may_leave && counted < dropped.len())
            && facts["participants"] == staying.len()
            && number(&facts[key]) == weight;
        sure(same, || {
            format!(
                "{} dropped, {} others with {weight}, but {facts}",
                dropped.len(),
                staying.len()
            )
        })?;
    }
    Ok(())
}

/// A fraction, or a number with or without decimals.
fn number(text: &Value) -> Number {
    let text = text.as_str().unwrap();
    if let Some((above, below)) = text.split_once('/') {
        return Number::new(above.parse().unwrap(), below.parse().unwrap());
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{part}").parse().unwrap();
    Number::new(digits, BigInt::from(10).pow(part.len() as u32))
}
