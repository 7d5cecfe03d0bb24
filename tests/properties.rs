//! What holds for every plan and every claims file, tried on random ones.
//!
//! `PAYOUT_CASES=20000 cargo test properties` tries more of them. A failure
//! names its seed and shows plan and claims.

mod explain;
mod project;
mod statements;
mod workbook;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use num_bigint::BigInt;
use serde_json::Value;

use crate::generator::dice::Dice;
use crate::generator::{Features, case};
use crate::reference::{self, Kind, Outcome, Refused};
use crate::support::{Job, Said, records};

/// The files whose every byte follows from plan and claims.
const LISTS: [&str; 3] = ["payouts.csv", "held.csv", "unpaid.csv"];

/// A random plan with its claims, and a folder that holds both.
struct Case {
    plan: String,
    claims: String,
    job: Job,
}

impl Case {
    fn new(seed: u64) -> Self {
        let (plan, claims) = case(seed, Features::all());
        let job = Job::with(&[("plan.toml", &plan), ("claims.csv", &claims)]);
        Self { plan, claims, job }
    }

    /// Computes the claims into a folder.
    fn compute(&self, claims: &str, out: &str, options: &[&str]) -> Said {
        let basic = [
            "compute",
            claims,
            "--plan",
            "plan.toml",
            "--out",
            out,
            "--quiet",
        ];
        self.job.payout(&[&basic, options].concat())
    }

    fn summary(&self, out: &str) -> Value {
        serde_json::from_str(&self.job.read(&format!("{out}/summary.json"))).unwrap()
    }

    /// The records of a list of a run, without their header.
    fn list(&self, out: &str, name: &str) -> Vec<Vec<String>> {
        records(&self.job.read(&format!("{out}/{name}"))).split_off(1)
    }
}

/// Tries a property on so many seeds, more or less with `PAYOUT_CASES`; a
/// property returns what does not hold.
fn hold(of_300: u64, property: fn(&Case) -> Result<(), String>) {
    let wanted = std::env::var("PAYOUT_CASES").ok();
    let wanted = wanted.map_or(300, |number| number.parse::<u64>().unwrap());
    let cases = (wanted * of_300).div_ceil(300);
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let work = |worker: u64| {
        let mut failures = Vec::new();
        for seed in (worker..cases).step_by(workers as usize) {
            let case = Case::new(seed);
            if let Err(problem) = property(&case) {
                failures.push((seed, problem, case.plan, case.claims));
            }
        }
        failures
    };
    let mut failures = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        let done = threads.into_iter().flat_map(|one| one.join().unwrap());
        done.collect::<Vec<_>>()
    });
    failures.sort();
    let Some((_, problem, plan, claims)) = failures.first() else {
        return;
    };
    let mut seeds = String::new();
    for (seed, problem, ..) in &failures {
        let _ = writeln!(
            seeds,
            "seed {seed}: {}",
            problem.lines().next().unwrap_or("")
        );
    }
    panic!(
        "does not hold for {} of {cases} seeds\n{seeds}\nthe first: {problem}\n\
         --- plan.toml\n{plan}\n--- claims.csv\n{claims}\n",
        failures.len()
    );
}

fn sure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

#[test]
fn every_result_is_that_of_the_slow_reference() {
    hold(300, |case| {
        let expected = reference::compute(&case.plan, case.claims.as_bytes());
        let said = case.compute("claims.csv", "run", &[]);
        match expected {
            Err(Refused {
                kind: Kind::Borderline,
                ..
            }) => Ok(()),
            Err(refused) => sure(said.status == 2, || {
                format!("the reference refuses it ({refused}), but {said:?}")
            }),
            Ok(outcome) if said.status == 0 => same_result(case, &outcome),
            Ok(_) => Err(format!("the reference carries it out, but {said:?}")),
        }
    });
}

fn same_result(case: &Case, expected: &Outcome) -> Result<(), String> {
    let lists = [&expected.payouts, &expected.held, &expected.unpaid];
    for (name, list) in LISTS.iter().zip(lists) {
        let (expected, found) = (reference::csv(list), case.job.read(&format!("run/{name}")));
        sure(expected == found, || {
            format!("{name} differs\n--- expected\n{expected}\n--- found\n{found}")
        })?;
    }
    same_figures("summary", &expected.figures, &case.summary("run"))
}

/// Every figure of the reference must be in the summary; the summary may say
/// more.
fn same_figures(path: &str, expected: &Value, found: &Value) -> Result<(), String> {
    match (expected, found) {
        (Value::Object(entries), Value::Object(_)) => {
            entries.iter().try_for_each(|(key, value)| {
                same_figures(&format!("{path}.{key}"), value, &found[key])
            })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => items
            .iter()
            .zip(others)
            .enumerate()
            .try_for_each(|(i, (item, other))| same_figures(&format!("{path}[{i}]"), item, other)),
        _ => sure(expected == found, || {
            format!("{path} is {found}, expected {expected}")
        }),
    }
}

#[test]
fn every_run_holds_when_it_is_checked() {
    hold(200, |case| {
        if case.compute("claims.csv", "run", &[]).status != 0 {
            return Ok(());
        }
        let said = case.job.payout(&["check", "run"]);
        sure(said.status == 0, || {
            format!("{}\n{}", said.stdout, said.stderr)
        })?;
        sure(said.stdout.contains("recomputed one by one"), || {
            said.stdout.clone()
        })
    });
}

#[test]
fn the_order_of_rows_changes_nothing_for_anybody() {
    hold(100, |case| {
        let shuffled = shuffled(&case.claims);
        case.job.write("shuffled.csv", shuffled);
        let said = case.compute("claims.csv", "run", &[]);
        let other = case.compute("shuffled.csv", "other", &[]);
        sure(said.status == other.status, || {
            format!("{said:?}\nshuffled: {other:?}")
        })?;
        if said.status != 0 {
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
            for warning in summary["warnings"].as_array_mut().unwrap() {
                let place = warning.as_str().unwrap().split_once(" (first: ");
                *warning = place.map_or_else(|| warning.clone(), |(text, _)| text.into());
            }
            summary
        };
        same_figures("summary", &without_inputs("run"), &without_inputs("other"))
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
    reference::csv(&rows)
}

#[test]
fn neither_threads_nor_folders_nor_a_second_time_change_a_byte() {
    hold(40, |case| {
        let said = case.compute("claims.csv", "run", &[]);
        let elsewhere = Job::with(&[("plan.toml", &case.plan), ("claims.csv", &case.claims)]);
        std::fs::create_dir(elsewhere.path("deeper")).unwrap();
        let again = |threads: &str| {
            let out = format!("deeper/run-{threads}");
            let arguments = [
                "compute",
                "./claims.csv",
                "--plan",
                "./plan.toml",
                "--out",
                &out,
                "--quiet",
                "--threads",
                threads,
            ];
            (elsewhere.payout(&arguments), out)
        };
        for threads in ["1", "2", "3", "7"] {
            let (other, out) = again(threads);
            sure(said.status == other.status, || {
                format!("{said:?}\nwith {threads} threads: {other:?}")
            })?;
            if said.status != 0 {
                continue;
            }
            let names = case.job.names("run");
            sure(names == elsewhere.names(&out), || {
                format!("other files with {threads} threads")
            })?;
            for name in names {
                let same = case.job.read(&format!("run/{name}"))
                    == elsewhere.read(&format!("{out}/{name}"));
                sure(same, || format!("{name} differs with {threads} threads"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn every_unit_of_money_is_in_exactly_one_place() {
    hold(150, |case| {
        let said = case.compute("claims.csv", "run", &[]);
        if said.status != 0 {
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
        if case.compute("claims.csv", "run", &[]).status != 0 {
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

#[test]
fn nothing_that_is_damaged_makes_it_panic_or_leaves_anything_behind() {
    hold(300, |case| {
        let mut dice = Dice::new(case.claims.len() as u64 * 1_000_003 + case.plan.len() as u64);
        let (mut plan, mut claims) = (
            case.plan.clone().into_bytes(),
            case.claims.clone().into_bytes(),
        );
        let damaged = if dice.chance(50) {
            &mut plan
        } else {
            &mut claims
        };
        for _ in 0..=dice.below(3) {
            damage(&mut dice, damaged);
        }
        case.job.write("damaged.toml", &plan);
        case.job.write("damaged.csv", &claims);
        let arguments = [
            "compute",
            "damaged.csv",
            "--plan",
            "damaged.toml",
            "--out",
            "run",
            "--quiet",
        ];
        let output = case.job.command().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let names = case.job.names(".");
        let left = names
            .iter()
            .any(|name| name.starts_with('.') || name == "run");
        match output.status.code() {
            Some(0) => Ok(()),
            Some(2) if !left && said.starts_with("error: ") => Ok(()),
            status => Err(format!(
                "{status:?} {names:?}\n{said}\n--- damaged plan\n{}\n--- damaged claims\n{}",
                String::from_utf8_lossy(&plan),
                String::from_utf8_lossy(&claims)
            )),
        }
    });
}

/// Changes, removes, repeats or puts in some bytes.
fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let odd: [&[u8]; 12] = [
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"[",
        b"}",
        b"'",
        b"-",
        b"\xff",
        b"99999999999999999999",
        b"\xef\xbb\xbf",
    ];
    let place = dice.below(bytes.len() as u64) as usize;
    let length = 1 + dice.below((bytes.len() - place).min(40) as u64) as usize;
    let end = (place + length).min(bytes.len());
    match dice.below(4) {
        0 => drop(bytes.drain(place..end)),
        1 => {
            let again = bytes[place..end].to_vec();
            bytes.splice(place..place, again);
        }
        2 => bytes[place] = bytes[place].wrapping_add(1 + dice.below(255) as u8),
        _ => drop(bytes.splice(place..place, dice.pick(&odd).iter().copied())),
    }
    if bytes.is_empty() {
        bytes.push(b'\n');
    }
}
