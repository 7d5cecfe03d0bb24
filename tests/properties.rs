//! What holds for every plan and every claims file, tried on random ones.

mod explain;
mod project;
mod statements;
mod workbook;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use num_bigint::BigInt;
use serde_json::Value;

use crate::random::{Case, LISTS, hold, sure};
use crate::support::{csv, records};

#[test]
fn every_run_holds_when_it_is_checked() {
    hold(200, |case| match case.compute() {
        Ok(()) => case.check(),
        Err(_) => Ok(()),
    });
}

#[test]
fn the_order_of_rows_changes_nothing_for_anybody() {
    hold(100, |case| {
        let shuffled = shuffled(&case.claims);
        case.job.write("shuffled.csv", shuffled);
        let run = case.compute();
        let other = case.compute_with("shuffled.csv", "other", |_| {});
        sure(run.is_ok() == other.is_ok(), || {
            format!("one is refused\n{run:?}\nshuffled: {other:?}")
        })?;
        if run.is_err() {
            return Ok(());
        }
        for name in LISTS {
            let sorted = |out: &str| {
                let mut rows = case.list(out, name);
                if name == "unpaid.csv" {
                    // Rows have other numbers now.
                    for row in &mut rows {
                        row[1].clear();
                    }
                }
                rows.sort();
                rows
            };
            sure(sorted("run") == sorted("other"), || {
                format!("{name} differs after shuffling")
            })?;
        }
        // The files have other names, and rows other numbers.
        let without_inputs = |out: &str| {
            let mut summary = case.summary(out);
            summary["inputs"].take();
            // Whoever has the same cells as one before is flagged.
            summary["flags"].take();
            for warning in summary["warnings"].as_array_mut().unwrap() {
                let place = warning.as_str().unwrap().split_once(" (first: ");
                *warning = place.map_or_else(|| warning.clone(), |(text, _)| text.into());
            }
            summary
        };
        let (run, other) = (without_inputs("run"), without_inputs("other"));
        sure(run == other, || {
            format!("the summary differs\n{run:#}\nshuffled: {other:#}")
        })
    });
}

/// The same claims in another order.
fn shuffled(claims: &str) -> String {
    let mut rows = records(claims.trim_start_matches('\u{feff}'));
    let mut state = 88_172_645_463_325_252_u64;
    for last in (2..rows.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let other = 1 + (state >> 33) as usize % last;
        rows.swap(last, other);
    }
    csv(&rows)
}

#[test]
fn neither_threads_nor_folders_nor_a_second_time_change_a_byte() {
    hold(40, |case| {
        let run = case.compute();
        std::fs::create_dir(case.job.path("deeper")).unwrap();
        for threads in [1, 2, 3, 7] {
            let out = format!("deeper/run-{threads}");
            let other = case.compute_with("claims.csv", &out, |job| job.threads = threads);
            sure(run == other, || {
                format!("it ends in another way\n{run:?}\nwith {threads} threads: {other:?}")
            })?;
            if run.is_err() {
                continue;
            }
            let names = case.job.names("run");
            sure(names == case.job.names(&out), || {
                format!("other files with {threads} threads")
            })?;
            for name in names {
                let read = |run: &str| case.job.read(&format!("{run}/{name}"));
                let same = read("run") == read(&out);
                sure(same, || format!("{name} differs with {threads} threads"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn every_unit_of_money_is_in_exactly_one_place() {
    hold(150, |case| {
        if case.compute().is_err() {
            return Ok(());
        }
        let summary = case.summary("run");
        let fund = &summary["fund"];
        let deductions = fund["deductions"].as_array().unwrap();
        let deducted: BigInt = deductions.iter().map(|one| units(&one["amount"])).sum();
        let income = units(&fund["amount"]) + units(&fund["interest"]);
        let (paid, held) = (paid_in(case, "payouts.csv"), paid_in(case, "held.csv"));
        let residual = units(&summary["residual"]["amount"]);
        let outgo = deducted + &paid + &held + residual;
        sure(income == outgo, || {
            format!("{income} minor units come in, {outgo} go out")
        })?;
        let total = units(&summary["payouts"]["total"]);
        sure(paid == total, || {
            format!("payouts.csv has {paid} minor units, the summary {total}")
        })?;
        let total = units(&summary["held"]["total"]);
        sure(held == total, || {
            format!("held.csv has {held} minor units, the summary {total}")
        })
    });
}

/// A decimal amount as a count of its last place.
fn units(amount: &Value) -> BigInt {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The sum of the column `payout`.
fn paid_in(case: &Case, name: &str) -> BigInt {
    let rows = records(&case.job.read(&format!("run/{name}")));
    let place = rows[0].iter().rposition(|column| column == "payout");
    let amounts = rows[1..].iter().map(|row| row[place.unwrap()].clone());
    amounts.map(|amount| units(&Value::String(amount))).sum()
}

#[test]
fn every_row_is_in_exactly_one_list() {
    hold(150, |case| {
        if case.compute().is_err() {
            return Ok(());
        }
        let mut expected = rows_by_id(case);
        let sums = case.plan.contains("rows = \"sum\"");
        for name in ["payouts.csv", "held.csv"] {
            for row in case.list("run", name) {
                let rows = if sums { row[2].parse().unwrap() } else { 1 };
                *expected.entry(row[0].clone()).or_default() -= rows;
            }
        }
        let ids = ids(case);
        for row in case.list("run", "unpaid.csv") {
            let number: usize = row[1].parse().unwrap();
            sure(ids[number - 1] == row[0], || {
                format!("unpaid.csv says that row {number} is of {}", row[0])
            })?;
            *expected.entry(row[0].clone()).or_default() -= 1;
        }
        let mut message = String::new();
        for (id, rows) in expected.iter().filter(|(_, rows)| **rows != 0) {
            let _ = writeln!(message, "{rows} rows too few in the lists for {id}");
        }
        sure(message.is_empty(), || message)
    });
}

fn ids(case: &Case) -> Vec<String> {
    let rows = records(case.claims.trim_start_matches('\u{feff}'));
    let is_id = |name: &String| matches!(name.trim(), "claimant_id" | "Claim No.");
    let place = rows[0].iter().position(is_id).unwrap();
    let id = |row: &Vec<String>| row[place].trim().to_owned();
    rows[1..].iter().map(id).collect()
}

fn rows_by_id(case: &Case) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for id in ids(case) {
        *rows.entry(id).or_default() += 1;
    }
    rows
}
