//! A projection is what a run over as many claims of each kind pays.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use payout::{ClaimsRate, Input};
use serde_json::Value;

use super::units;
use crate::generator::dice::Dice;
use crate::random::{Case, Refusal, hold, sure};
use crate::support::{csv, records};

#[test]
fn a_projection_is_what_a_run_pays() {
    hold(60, |case| projected_as_run(case, false));
}

#[test]
fn a_projection_is_what_a_run_pays_to_the_last_unit_of_each_kind() {
    hold(60, |case| projected_as_run(case, true));
}

/// Projects each row as a kind, and computes as many copies of it; kind by kind
/// the amounts are the same, but for the units that only some receive unless
/// those are wanted too.
fn projected_as_run(case: &Case, to_the_unit: bool) -> Result<(), String> {
    if case.compute().is_err() {
        return Ok(());
    }
    let kinds = Kinds::of(case);
    case.job.write("kinds.csv", kinds.with_counts());
    let projected = projection(case);
    for (out, rate) in [("all", "100%"), ("half", "50%")] {
        case.job.write("copies.csv", kinds.copies(out == "half"));
        if let Err(refusal) = case.compute_with("copies.csv", out, |_| {}) {
            let named = format!("at a claims rate of {rate}: pool ");
            let of_pool = refusal.text.contains(": pool `");
            let same = match &projected {
                Err(projected) => {
                    projected.status == refusal.status
                        && (!of_pool || projected.text.contains(&named))
                }
                // At another rate, the plan allows a distribution.
                Ok(projection) => {
                    let impossible = projection["impossible"].as_array();
                    impossible.into_iter().flatten().any(|one| {
                        let problem = one["problem"].as_str().unwrap_or_default();
                        one["rate"] == rate && (!of_pool || problem.contains(&named))
                    })
                }
            };
            return sure(same, || {
                format!("one is refused\n{rate}: {refusal:?}\nprojected: {projected:?}")
            });
        }
    }
    let projection =
        projected.map_err(|refusal| format!("it runs, but is not projected: {}", refusal.text))?;
    let rates = projection["take_up"].as_array().unwrap();
    for (out, rate) in ["all", "half"].iter().zip(rates) {
        same_payouts(case, out, rate, to_the_unit).map_err(|problem| {
            let kinds = case.job.read("kinds.csv");
            format!("{out}: {problem}\n{rate:#}\n{kinds}")
        })?;
    }
    Ok(())
}

fn projection(case: &Case) -> Result<Value, Refusal> {
    let plan = case.loaded_plan()?;
    let kinds = Input::named(&case.job.path("kinds.csv"), None);
    let rates = [("100%", 100), ("50%", 50)].map(|(written, percent)| ClaimsRate {
        written: written.to_owned(),
        percent: percent.into(),
    });
    let projection = payout::project(&plan, &kinds, &rates)?;
    Ok(serde_json::to_value(&projection).unwrap())
}

/// Each row of a claims file as a kind of claimant.
struct Kinds {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Where the id stands.
    place: usize,
    counts: Vec<usize>,
}

impl Kinds {
    fn of(case: &Case) -> Self {
        let mut rows = records(case.claims.trim_start_matches('\u{feff}'));
        let header = rows.remove(0);
        let is_id = |name: &String| matches!(name.trim(), "claimant_id" | "Claim No.");
        let place = header.iter().position(is_id).unwrap();
        let mut dice = Dice::new(case.claims.len() as u64);
        // The order of the names is not that of the rows.
        let last = rows.len();
        for (number, row) in rows.iter_mut().enumerate() {
            let rank = if number % 2 == 0 {
                number
            } else {
                2 * last - number
            };
            row[place] = format!("K{rank:04}");
        }
        let counts = rows.iter().map(|_| 1 + dice.below(3) as usize).collect();
        Self {
            header,
            rows,
            place,
            counts,
        }
    }

    fn with_counts(&self) -> String {
        let mut all = vec![self.header.clone()];
        all[0].push("count".to_owned());
        for (row, count) in self.rows.iter().zip(&self.counts) {
            all.push([row.clone(), vec![count.to_string()]].concat());
        }
        csv(&all)
    }

    /// A claims file with each kind as often as it claims; half of an odd
    /// number is rounded up.
    fn copies(&self, half: bool) -> String {
        let mut all = vec![self.header.clone()];
        for (row, &count) in self.rows.iter().zip(&self.counts) {
            for copy in 0..if half { count.div_ceil(2) } else { count } {
                let mut row = row.clone();
                row[self.place] += &format!("-{copy}");
                all.push(row);
            }
        }
        csv(&all)
    }
}

fn same_payouts(case: &Case, out: &str, rate: &Value, to_the_unit: bool) -> Result<(), String> {
    let summary = case.summary(out);
    for (what, projected, run) in [
        ("pools", &rate["pools"], &summary["pools"]),
        ("paid", &rate["paid"], &summary["payouts"]["total"]),
        ("held", &rate["held"], &summary["held"]["total"]),
        (
            "residual",
            &rate["residual"],
            &summary["residual"]["amount"],
        ),
        (
            "claimants",
            &rate["claimants"],
            &summary["claims"]["claimants"],
        ),
    ] {
        sure(projected == run, || format!("the run has {what} {run}"))?;
    }
    let mut run: BTreeMap<String, (&str, BigInt)> = BTreeMap::new();
    for (name, outcome) in [("payouts.csv", "paid"), ("held.csv", "held")] {
        let rows = records(&case.job.read(&format!("{out}/{name}")));
        let place = rows[0]
            .iter()
            .rposition(|column| column == "payout")
            .unwrap();
        for row in &rows[1..] {
            let kind = row[0].split_once('-').unwrap().0.to_owned();
            let sum = run.entry(kind).or_insert((outcome, BigInt::ZERO));
            sum.1 += units(&row[place].as_str().into());
        }
    }
    for kind in rate["kinds"].as_array().unwrap() {
        let number = |key: &str| BigInt::from(kind[key].as_u64().unwrap());
        let least = units(&kind["receives"]) * number("claimants");
        let most = &least + number("one_unit_more");
        let outcome = kind["outcome"].as_str().unwrap();
        let nothing = ("unpaid", BigInt::ZERO);
        let found = run.get(kind["kind"].as_str().unwrap());
        let (run_outcome, sum) = found.unwrap_or(&nothing);
        // Who receives a unit only by the largest remainders.
        let lucky = outcome == "unpaid" && least != most;
        let right = (outcome == *run_outcome || lucky)
            && *sum <= most
            && (*sum == most || !to_the_unit && *sum >= least);
        sure(right, || format!("the run has {found:?} for {kind}"))?;
    }
    Ok(())
}
