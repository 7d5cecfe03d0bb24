//! Payment files: what stands in them, and that everybody is paid once. What other
//! programs read in them is in `tests/readers.rs`.

mod ach;
mod cells;
mod layouts;
mod once;
mod payees;
mod portions;
mod random;
mod warnings;

use std::collections::BTreeMap;

use crate::support::{Job, Said, records};

const PLAN: &str = r#"[settlement]
name = "Doe v. Acme; \"Privacy\""

[fund]
amount   = 1_000_000
interest = 1234.56

[[deduction]]
name    = "Attorneys' fees"
kind    = "fees"
percent = 33.33
of      = "gross"

[[deduction]]
name   = "For late claims"
kind   = "reserve"
amount = 5000

[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]

[subclass.illinois]
name = "Illinois"
when = { home = "IL" }

[[pool]]
name   = "class"
shares = [{ add = 1 }, { add = 5, when = { in = "illinois" } }]
"#;

/// Names as they are: long, with accents, commas and quotes.
const NAMES: [&str; 5] = [
    "Ana Muñoz",
    "O'Neil, Bob",
    "Zoë Brontë",
    "J. \"Jay\" Smith",
    "Christopher Bartholomew Featherstonehaugh-Cholmondeley III",
];

/// A routing number with its check digit.
fn routing(bank: u32) -> String {
    let digits = format!("{bank:08}");
    let weights = [3, 7, 1, 3, 7, 1, 3, 7];
    let sum: u32 = digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Claims of people who are paid by check, `PayPal` and ACH in turn.
fn claims(rows: u32) -> String {
    let mut text = "claimant_id,home,status,method,payee,address_1,address_2,city,state,zip,\
                    country,email,routing_number,account_number,account_type\n"
        .to_owned();
    for row in 0..rows {
        let name = NAMES[row as usize % 5].replace('"', "\"\"");
        let home = ["IL", "CA", "NY", "IL"][row as usize % 4];
        let status = if row % 10 == 8 { "denied" } else { "approved" };
        let status = if row % 10 == 9 { "pending" } else { status };
        let method = ["check", "paypal", "ach"][row as usize % 3];
        let kind = ["checking", "savings"][row as usize % 2];
        text += &format!(
            "C{row:06},{home},{status},{method},\"{name}\",{row} Main St,,Springfield,IL,{:05},,\
             u{row}@example.com,{},{},{kind}\n",
            501 + row,
            routing(9_100_000 + 977 * (row % 9_999)),
            1_000_000_007_u64 * u64::from(row + 1) % 10_000_000_000_000,
        );
    }
    text
}

/// A run of so many claims.
pub(crate) fn job(rows: u32) -> Job {
    let job = Job::with(&[("plan.toml", PLAN), ("claims.csv", &claims(rows))]);
    let said = job.payout(&[
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "--quiet",
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

pub(crate) const CHECKS: [&str; 8] = [
    "--layout",
    "check-register",
    "--when",
    "method=check",
    "--date",
    "2026-12-01",
    "--set",
    "first_check=1001",
];

pub(crate) const POSITIVE_PAY: [&str; 10] = [
    "--layout",
    "positive-pay",
    "--when",
    "method=check",
    "--date",
    "2026-12-01",
    "--set",
    "first_check=1001",
    "--set",
    "account=000123",
];

pub(crate) const PAYPAL: [&str; 6] = [
    "--layout",
    "paypal",
    "--when",
    "method=paypal",
    "--set",
    "note=Hello, you",
];

pub(crate) const ACH: [&str; 14] = [
    "--layout",
    "nacha-ppd",
    "--when",
    "method=ach",
    "--date",
    "2026-12-01",
    "--set",
    "destination=091000019",
    "--set",
    "destination_name=First Bank",
    "--set",
    "origin=1234567890",
    "--set",
    "company_name=SETTLEMENT FUND",
];

pub(crate) const LEDGER: [&str; 4] = ["--layout", "ledger", "--date", "2026-12-01"];

/// Exports the run.
pub(crate) fn export(job: &Job, arguments: &[&str], out: &str, more: &[&str]) -> Said {
    let mut all = vec!["export", "run", "--out", out];
    all.extend(arguments);
    all.extend(more);
    job.payout(&all)
}

/// Exports the run, which has to succeed.
pub(crate) fn exported(job: &Job, arguments: &[&str], out: &str) {
    let said = export(job, arguments, out, &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}

/// The payouts of the run by claimant.
pub(crate) fn payouts(job: &Job) -> BTreeMap<String, String> {
    let records = records(&job.read("run/payouts.csv"));
    let rows = records.into_iter().skip(1);
    rows.map(|row| (row[0].clone(), row.last().unwrap().clone()))
        .collect()
}

/// Those of one method, each with the row of the claims.
pub(crate) fn of_method(job: &Job, method: &str) -> Vec<(Vec<String>, String)> {
    let payouts = payouts(job);
    let claims = records(&job.read("claims.csv"));
    claims
        .into_iter()
        .filter(|claim| claim[3] == method)
        .filter_map(|claim| {
            let payout = payouts.get(&claim[0])?.clone();
            Some((claim, payout))
        })
        .collect()
}

/// An amount in cents.
pub(crate) fn cents(amount: &str) -> u64 {
    amount.replace('.', "").parse().unwrap()
}
