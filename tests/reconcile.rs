//! Reconciliations: a whole life of a settlement, and what must not happen.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::golden::differs_from_golden;
use crate::support::{Job, Said, names};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/harbor-ferry")
}

/// The files of the example.
fn harbor_ferry() -> Job {
    let job = Job::new();
    for name in names(&example()) {
        let path = example().join(&name);
        if path.is_file() {
            fs::copy(path, job.path(&name)).unwrap();
        }
    }
    job
}

/// Runs a command that must succeed.
fn done(job: &Job, command: &str) -> Said {
    let words: Vec<&str> = command.split_whitespace().collect();
    let said = job.payout(&words);
    assert_eq!(said.status, 0, "{command}: {}{}", said.stdout, said.stderr);
    said
}

const FIRST: &[&str] = &[
    "compute claims-1.csv --plan plan-1.toml --out run-1 --quiet",
    "export run-1 --layout check-register --when method=check --date 2026-09-01 --set first_check=1001 --out checks-1 --quiet",
    "export run-1 --layout paypal --when method=paypal --date 2026-09-01 --set note=Roe --after checks-1 --out paypal-1 --quiet",
    "reconcile run-1 checks-1 paypal-1 --facts facts-1a.toml --out rec-1a --quiet",
    "export run-1 --layout check-register --reissue reissue-1.csv --after rec-1a --date 2026-11-10 --set first_check=1101 --out checks-1b --quiet",
    "reconcile run-1 checks-1b --facts facts-1b.toml --after rec-1a --out rec-1b --quiet",
];

const SECOND: &[&str] = &[
    "compute claims-2.csv --plan plan-2.toml --after rec-1b --out run-2 --quiet",
    "export run-2 --layout check-register --when method=check --date 2027-05-03 --set first_check=2001 --out checks-2 --quiet",
    "export run-2 --layout paypal --when method=paypal --date 2027-05-03 --set note=Roe --after checks-2 --out paypal-2 --quiet",
    "reconcile run-2 checks-2 paypal-2 --facts facts-2.toml --after rec-1b --out rec-2 --quiet",
    "reconcile run-2 --facts facts-3.toml --after rec-2 --out rec-3 --quiet",
];

fn first_half() -> Job {
    let job = harbor_ferry();
    for command in FIRST {
        done(&job, command);
    }
    job
}

/// The files of a reconciliation that the example keeps.
fn differences(job: &Job, reconciliation: &str) -> Vec<String> {
    let expected = example().join("expected").join(reconciliation);
    let kept = names(&expected);
    assert!(!kept.is_empty());
    let mut wrong = Vec::new();
    for name in kept {
        let found = job.read(&format!("{reconciliation}/{name}"));
        wrong.extend(differs_from_golden(&expected.join(&name), &found));
    }
    wrong
}

#[test]
fn the_first_distribution_is_accounted_for() {
    let job = first_half();
    let wrong = [differences(&job, "rec-1a"), differences(&job, "rec-1b")].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said = done(&job, "check rec-1b --chain");
    assert!(
        said.stdout.ends_with("All checks passed.\n"),
        "{}",
        said.stdout
    );
    // A payment that was made again stands for the one that came back.
    let said = done(&job, "check run-1 checks-1 paypal-1 checks-1b");
    assert!(
        said.stdout
            .contains("8 of 8 claimants are paid exactly once"),
        "{}",
        said.stdout
    );
    let said = job.payout(&["check", "run-1", "checks-1", "paypal-1"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn the_whole_life_is_accounted_for() {
    let job = first_half();
    for command in SECOND {
        done(&job, command);
    }
    let wrong = [differences(&job, "rec-2"), differences(&job, "rec-3")].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said = done(&job, "check rec-3 --chain");
    assert_eq!(
        said.stdout.matches("and the same").count(),
        6,
        "{}",
        said.stdout
    );
    assert_eq!(
        job.read("rec-3/lapsed.csv"),
        "claimant_id,run,amount\nH-03,run-1,1442.81\n"
    );
    // Its money is in the fund of the second run.
    job.write("again.csv", "claimant_id\nH-03\n");
    let said = job.payout(&[
        "export",
        "run-1",
        "--layout",
        "check-register",
        "--reissue",
        "again.csv",
        "--after",
        "rec-3",
        "--date",
        "2027-11-01",
        "--set",
        "first_check=3001",
        "--out",
        "late",
    ]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("error[F071]"), "{}", said.stderr);
}

#[test]
fn a_history_tells_each_payment() {
    let job = first_half();
    let said = done(&job, "explain rec-1b H-05");
    let expected = "H-05 on 2027-03-31\n\nrun-1: payout 311.95, cashed\n  \
        checks-1 1004, issued on 2026-09-01: returned on 2026-09-18\n  \
        checks-1b 1101, issued on 2026-11-10: cashed on 2026-11-24\n";
    assert_eq!(said.stdout, expected);
}

#[test]
fn two_reconciliations_are_compared() {
    let job = first_half();
    let said = job.payout(&["compare", "rec-1a", "rec-1b", "--csv", "changes.csv"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert_eq!(
        job.read("changes.csv"),
        "claimant_id,portion,export,number,amount,from,to,date\n\
         H-03,,checks-1,1002,1442.81,outstanding,stale,\n\
         H-05,,checks-1b,1101,311.95,new,cashed,2027-11-24\n"
            .replace("2027-11-24", "2026-11-24")
    );
    assert!(
        said.stdout.contains("outstanding to stale"),
        "{}",
        said.stdout
    );
}

/// Every byte of a chain is vouched for.
#[test]
fn a_changed_file_of_a_chain_is_found() {
    let job = first_half();
    let mut folders: Vec<String> = Vec::new();
    for folder in [
        "rec-1b",
        "rec-1a",
        "run-1",
        "checks-1",
        "paypal-1",
        "checks-1b",
    ] {
        let files = job.names(folder);
        folders.extend(files.into_iter().map(|name| format!("{folder}/{name}")));
    }
    for name in [
        "bank-2026-10.csv",
        "mail-2026-10.csv",
        "paypal-2026-10.csv",
        "bank-2027-03.csv",
        "claims-1.csv",
    ] {
        folders.push(name.to_owned());
    }
    assert!(folders.len() > 30);
    for name in folders {
        let whole = fs::read(job.path(&name)).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        job.write(&name, &changed);
        let said = job.payout(&["check", "rec-1b", "--chain"]);
        assert_ne!(said.status, 0, "{name}: {}", said.stdout);
        job.write(&name, &whole);
    }
}

/// A settlement with two equal payouts, whose checks are 1001 and 1002, and a hold.
fn two_checks() -> Job {
    let job = Job::with(&[
        (
            "plan.toml",
            "[settlement]\nname = \"Doe v. Example\"\n[fund]\namount = 1000\n\
             [[deduction]]\nname = \"Fees\"\nkind = \"fees\"\namount = 300\n\
             [claims]\nstatus = \"status\"\npay = [\"approved\"]\nhold = [\"pending\"]\n\
             [[pool]]\nname = \"class\"\nshares = 1\n",
        ),
        (
            "claims.csv",
            "claimant_id,status,payee,address_1,address_2,city,state,zip,country\n\
             A-1,approved,Ana,1 Elm St,,Reno,NV,89501,\n\
             A-2,approved,Bob,2 Oak St,,Reno,NV,89502,\n\
             A-3,pending,Cy,3 Ash St,,Reno,NV,89503,\n",
        ),
        ("again.csv", "claimant_id\nA-1\n"),
    ]);
    done(
        &job,
        "compute claims.csv --plan plan.toml --out run-1 --quiet",
    );
    done(
        &job,
        "export run-1 --layout check-register --date 2026-09-01 --set first_check=1001 --out checks-1 --quiet",
    );
    job
}

/// Facts with the rows of one file.
fn facts(job: &Job, name: &str, on: &str, more: &str, rows: &str) {
    let file = format!("{name}.csv");
    let text = format!("on = {on}\n{more}\n[[outcomes]]\nfile = \"{file}\"\n");
    job.write(&format!("{name}.toml"), text);
    job.write(&file, format!("number,amount,status,date\n{rows}"));
}

fn account(job: &Job, reconciliation: &str) -> Value {
    serde_json::from_str(&job.read(&format!("{reconciliation}/account.json"))).unwrap()
}

#[test]
fn a_payout_that_was_cashed_twice_is_written_and_told() {
    let job = two_checks();
    facts(
        &job,
        "facts-1",
        "2026-10-31",
        "",
        "1001,233.33,returned,2026-09-20\n",
    );
    done(
        &job,
        "reconcile run-1 checks-1 --facts facts-1.toml --out rec-1 --quiet",
    );
    done(
        &job,
        "export run-1 --layout check-register --reissue again.csv --after rec-1 --date 2026-11-10 --set first_check=2001 --out checks-2 --quiet",
    );
    let rows = "1001,233.33,cashed,2026-12-01\n2001,233.33,cashed,2026-12-02\n";
    facts(&job, "facts-2", "2026-12-31", "", rows);
    let said = job.payout(&[
        "reconcile",
        "run-1",
        "checks-2",
        "--facts",
        "facts-2.toml",
        "--after",
        "rec-1",
        "--out",
        "rec-2",
        "--quiet",
    ]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let told = "error[F081]: A-1 was paid 233.33 twice: check 1001 and check 2001\n";
    assert!(said.stderr.starts_with(told), "{}", said.stderr);
    let account = account(&job, "rec-2");
    assert_eq!(account["left"]["over"], "-233.33");
    assert_eq!(account["ties_out"], false);
    let ledger = job.read("rec-2/ledger.csv");
    let row = "A-1,cashed,233.33,466.66,0.00,0.00,0.00,0.00,233.33,0.00\n";
    assert!(ledger.contains(row), "{ledger}");
    done(&job, "check rec-2 --chain");
}

#[test]
fn a_payout_that_is_out_twice_is_told() {
    let job = two_checks();
    done(
        &job,
        "export run-1 --layout check-register --date 2026-09-02 --set first_check=2001 --out checks-2 --quiet",
    );
    job.write("facts.toml", "on = 2026-10-31\n");
    let said = job.payout(&[
        "reconcile",
        "run-1",
        "checks-1",
        "checks-2",
        "--facts",
        "facts.toml",
        "--out",
        "rec-1",
        "--quiet",
    ]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let told = "error[F082]: two payments to A-1 are out, checks 1001 and 2001\n";
    assert!(said.stderr.starts_with(told), "{}", said.stderr);
}

#[test]
fn more_gone_than_there_was_is_written_and_told() {
    let job = two_checks();
    let spent = "\n[[spent]]\nname = \"Taxes\"\nkind = \"tax\"\namount = 500\n";
    facts(
        &job,
        "facts",
        "2026-10-31",
        spent,
        "1001,233.33,cashed,2026-09-20\n",
    );
    let said = job.payout(&[
        "reconcile",
        "run-1",
        "checks-1",
        "--facts",
        "facts.toml",
        "--out",
        "rec-1",
        "--quiet",
    ]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let told = "error[F084]: 266.66 more is gone than there was\n";
    assert!(said.stderr.starts_with(told), "{}", said.stderr);
    assert_eq!(account(&job, "rec-1")["left"]["amount"], "-266.66");
}

#[test]
fn two_periods_and_one_come_to_the_same() {
    let rows = [
        "1001,233.33,stale,2026-09-10\n",
        "1001,233.33,cashed,2026-09-15\n",
        "1001,233.33,void,2026-09-21\n",
        "1001,233.33,returned,2026-09-18\n",
        "1002,233.33,cashed,2026-09-09\n",
        "1002,50.00,refunded,2026-09-12\n",
    ];
    let after = |periods: &[&[&str]]| {
        let job = two_checks();
        let mut last = String::new();
        for (number, period) in periods.iter().enumerate() {
            let name = format!("facts-{number}");
            facts(&job, &name, "2026-10-31", "", &period.concat());
            let exports = if number == 0 { "checks-1" } else { "" };
            let since = if number == 0 {
                String::new()
            } else {
                format!("--after {last}")
            };
            last = format!("rec-{number}");
            done(
                &job,
                &format!(
                    "reconcile run-1 {exports} --facts {name}.toml {since} --out {last} --quiet"
                ),
            );
        }
        ["payments.csv", "ledger.csv", "account.txt"]
            .map(|name| job.read(&format!("{last}/{name}")))
    };
    let at_once = after(&[&rows]);
    assert!(
        at_once[0].contains("A-1,run-1,checks-1,1001,2026-09-01,233.33,returned,2026-09-18,0.00\n"),
        "{}",
        at_once[0]
    );
    assert!(
        at_once[0]
            .contains("A-2,run-1,checks-1,1002,2026-09-01,233.33,refunded,2026-09-12,50.00\n"),
        "{}",
        at_once[0]
    );
    for cut in 1..rows.len() {
        let (first, second) = rows.split_at(cut);
        assert_eq!(after(&[first, second]), at_once, "{cut}");
        assert_eq!(after(&[second, first]), at_once, "{cut}, exchanged");
    }
}

#[test]
fn what_was_taken_for_granted_gives_way() {
    let job = two_checks();
    job.write(
        "facts-1.toml",
        "on = 2026-10-31\n[unheard]\nchecks-1 = \"cashed\"\n",
    );
    done(
        &job,
        "reconcile run-1 checks-1 --facts facts-1.toml --out rec-1 --quiet",
    );
    assert_eq!(account(&job, "rec-1")["account"]["cashed"], "466.66");
    // It had come back before the day of the facts.
    facts(
        &job,
        "facts-2",
        "2026-11-30",
        "",
        "1001,233.33,returned,2026-10-02\n",
    );
    done(
        &job,
        "reconcile run-1 --facts facts-2.toml --after rec-1 --out rec-2 --quiet",
    );
    let payments = job.read("rec-2/payments.csv");
    assert!(
        payments.contains(",returned,2026-10-02,0.00\n"),
        "{payments}"
    );
    assert!(payments.contains(",cashed,,0.00\n"), "{payments}");
}

/// In every period, since the payouts were paid as they are in the run.
#[test]
fn a_run_that_was_changed_is_refused_and_nothing_is_written() {
    let job = two_checks();
    job.write("facts.toml", "on = 2026-10-31\n");
    let refused = |options: &[&str], out: &str| {
        let payouts = job.read("run-1/payouts.csv");
        job.write("run-1/payouts.csv", payouts.replace("233.33", "233.34"));
        let command = ["reconcile", "run-1", "--facts", "facts.toml", "--out", out];
        let said = job.payout(&[&command, options].concat());
        job.write("run-1/payouts.csv", payouts);
        assert_eq!(said.status, 2, "{}", said.stderr);
        assert!(said.stderr.starts_with("error[K007]"), "{}", said.stderr);
        assert!(!job.path(out).exists());
    };
    refused(&["checks-1"], "rec-1");
    done(
        &job,
        "reconcile run-1 checks-1 --facts facts.toml --out rec-1 --quiet",
    );
    refused(&["--after", "rec-1"], "rec-2");
}

/// Portions that claimants are paid in one sum, and one that goes to somebody else.
#[test]
fn portions_are_accounted_for_one_by_one() {
    let job = two_checks();
    let plan = job.read("plan.toml")
        + "[[portion]]\nname = \"Counsel\"\namount = 30\nto = { column = \"payee\" }\n\
           [[portion]]\nname = \"Wages\"\npercent = 50\nof = \"remaining\"\n\
           [[portion]]\nname = \"Interest\"\n";
    job.write("portions.toml", plan);
    job.write(
        "counsel.toml",
        "base = \"check-register\"\n[set]\nfirst_check = 5001\n",
    );
    done(
        &job,
        "compute claims.csv --plan portions.toml --out run-p --quiet",
    );
    done(
        &job,
        "export run-p --layout check-register --date 2026-09-01 --set first_check=3001 --out own --quiet",
    );
    done(
        &job,
        "export run-p --layout counsel.toml --portion Counsel --date 2026-09-01 --after own --out counsel --quiet",
    );
    let rows = "3001,203.33,returned,2026-09-20\n3002,50.00,refunded,2026-09-21\n";
    facts(&job, "facts-1", "2026-10-31", "", rows);
    done(
        &job,
        "reconcile run-p own counsel --facts facts-1.toml --out rec-1 --quiet",
    );
    done(
        &job,
        "export run-p --layout check-register --reissue again.csv --after rec-1 --date 2026-11-10 --set first_check=4001 --out again --quiet",
    );
    facts(
        &job,
        "facts-2",
        "2026-12-31",
        "",
        "4001,203.33,cashed,2026-12-01\n",
    );
    done(
        &job,
        "reconcile run-p again --facts facts-2.toml --after rec-1 --out rec-2 --quiet",
    );
    let ledger = job.read("rec-2/ledger.csv");
    for row in [
        "A-1,Wages,cashed,101.67,101.67,0.00,0.00,0.00,0.00,0.00,0.00\n",
        "A-1,Interest,cashed,101.66,101.66,0.00,0.00,0.00,0.00,0.00,0.00\n",
        "A-2,Wages,refunded,101.67,51.67,50.00,0.00,0.00,0.00,0.00,0.00\n",
        "A-3,Counsel,held,0.00,0.00,0.00,0.00,0.00,0.00,0.00,30.00\n",
    ] {
        assert!(ledger.contains(row), "{row}{ledger}");
    }
    done(&job, "check rec-2 --chain");
}
