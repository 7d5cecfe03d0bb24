//! `payout check` of what it cannot compare as a whole: a run by another version, and a
//! run without its claims.

use std::fs;

use serde_json::Value;

use super::check::{check, finds, mend, run};
use crate::support::{Job, sha256};

/// Changes the version that a run names, and returns its seal.
fn by_version(job: &Job, version: &str) -> String {
    let manifest = job.read("payouts/manifest.json");
    let named = |version: &str| format!("\"version\": \"{version}\"");
    let current = named(env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(&current));
    let manifest = manifest.replace(&current, &named(version));
    job.write("payouts/manifest.json", &manifest);
    sha256(manifest)
}

#[test]
fn a_run_by_another_version_needs_its_seal_and_nothing_else() {
    for other in ["0.1.0", "9.0.0"] {
        let job = run();
        let report = job.read("payouts/report.html").replace("<h1>", "<h1 >");
        mend(&job, "report.html", &report);
        let seal = by_version(&job, other);
        finds(
            &job,
            &[],
            &["program.version", "`--seal`", "FAILED: 1 difference."],
        );
        let said = check(&job, &["--seal", &seal]);
        assert_eq!(said.status, 0, "{}", said.stdout);
        let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = "rows and figures are recomputed and compared, but summary.txt, report.html only with the manifest";
        assert!(words.contains(expected), "{words}");
        assert!(words.ends_with("All checks passed."), "{words}");
    }
}

#[test]
fn of_a_run_by_another_version_rows_and_figures_must_be_right() {
    let job = run();
    let rows = job.read("payouts/payouts.csv");
    mend(&job, "payouts.csv", rows.replacen(",6,", ",7,", 1));
    let seal = by_version(&job, "0.1.0");
    finds(&job, &["--seal", &seal], &["payouts.csv, row 1"]);

    let job = run();
    let summary = job.read("payouts/summary.json");
    let mut summary: Value = serde_json::from_str(&summary).unwrap();
    summary["warnings"] = serde_json::json!(["in other words"]);
    summary["not yet known"] = serde_json::json!({ "figure": 1 });
    mend(&job, "summary.json", summary.to_string());
    let seal = by_version(&job, "9.0.0");
    let said = check(&job, &["--seal", &seal]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    summary["payouts"]["count"] = 4.into();
    mend(&job, "summary.json", summary.to_string());
    let seal = sha256(job.read("payouts/manifest.json"));
    finds(&job, &["--seal", &seal], &["payouts.count"]);
}

/// A run whose claims were taken away.
fn run_alone() -> Job {
    let job = run();
    fs::remove_file(job.path("claims.csv")).unwrap();
    job
}

#[test]
fn without_claims_a_run_is_added_up_and_what_was_not_done_is_said() {
    let job = run_alone();
    assert_eq!(check(&job, &[]).status, 2);
    let said = check(&job, &["--without-claims"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "not read (`--without-claims`), so nothing is recomputed",
        "added up across and down, and compared with summary.json",
        "added up from the files",
    ] {
        assert!(words.contains(expected), "{words}");
    }
    assert!(!words.contains("independent"), "{words}");
    let both = check(&job, &["--without-claims", "--independent"]);
    assert_eq!(both.status, 2, "{}", both.stdout);
}

#[test]
fn without_claims_rows_that_do_not_foot_are_found() {
    for (file, from, to, words) in [
        (
            "payouts.csv",
            "\n",
            "\nA-9,,1,0.01\n",
            "rows, against payouts.count of summary.json",
        ),
        (
            "unpaid.csv",
            "\n",
            "\nA-9,9,gone\n",
            "rows, against claims.unpaid_rows of summary.json",
        ),
        (
            "summary.json",
            "\"count\": 3,\n    \"total\": \"",
            "\"count\": 3,\n    \"total\": \"1",
            "sum of column payout, against payouts.total of summary.json",
        ),
        ("payouts.csv", "payout\n", "pay\n", "payouts.csv, header"),
    ] {
        let job = run_alone();
        let content = job.read(&format!("payouts/{file}"));
        mend(&job, file, content.replacen(from, to, 1));
        finds(&job, &["--without-claims"], &[words]);
    }
}

#[test]
fn without_claims_a_row_must_foot_across_although_all_columns_foot() {
    let plan = "[settlement]\nname = \"A\"\n[fund]\namount = 100\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"first\"\namount = 40\nshares = 1\n\
                [[pool]]\nname = \"second\"\nshares = 1\n\
                [[portion]]\nname = \"wages\"\npercent = 40\n[[portion]]\nname = \"rest\"\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", "claimant_id\na\nb\n")]);
    let said = job.payout(&super::compute(&["--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let rows = job.read("payouts/payouts.csv");
    let row = "1,20.00,1,30.00,50.00,20.00,30.00\n";
    assert_eq!(rows.matches(row).count(), 2, "{rows}");
    for (one, other, words) in [
        (
            "1,20.00,1,30.00,51.00,20.00,31.00\n",
            "1,20.00,1,30.00,49.00,20.00,29.00\n",
            "payouts.csv, row 1: sum of the payouts from pools",
        ),
        (
            "1,20.00,1,30.00,50.00,21.00,30.00\n",
            "1,20.00,1,30.00,50.00,19.00,30.00\n",
            "payouts.csv, row 2: sum of the portions",
        ),
    ] {
        let changed = rows.replacen(row, one, 1).replacen(row, other, 1);
        mend(&job, "payouts.csv", changed);
        finds(&job, &["--without-claims"], &[words]);
    }
    mend(&job, "payouts.csv", rows);
    assert_eq!(check(&job, &["--without-claims"]).status, 0);
}
