//! `payout compare`: what changed between two runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CLAIMS, PLAN, job};
use crate::support::{Job, Said, records};

/// A folder with the usual run as `old`, and one of these claims as `new`.
fn runs(plan: &str, claims: &str) -> Job {
    let job = job();
    job.write("new.toml", plan);
    job.write("new.csv", claims);
    for (claims, plan, out) in [
        ("claims.csv", "plan.toml", "old"),
        ("new.csv", "new.toml", "new"),
    ] {
        let said = job.payout(&["compute", claims, "--plan", plan, "--out", out, "--quiet"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    job
}

fn compare(job: &Job, options: &[&str]) -> Said {
    job.payout(&[&["compare", "old", "new"], options].concat())
}

#[test]
fn two_runs_alike_do_not_differ() {
    let said = compare(&runs(PLAN, CLAIMS), &[]);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (0, ""),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("No changes"), "{}", said.stdout);
    assert!(
        !said.stdout.contains("claims files differ"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_table_file_that_differs_is_named() {
    let pool = "[[pool]]\nname = \"class\"\naward = [ { add = { table = \"grid\" } } ]\n";
    let plan = format!(
        "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\nstatus = false\n\
         [table.grid]\nfile = \"grid.csv\"\nby = [\"tier\"]\n{pool}"
    );
    let job = Job::with(&[
        ("plan.toml", &plan),
        ("claims.csv", "claimant_id,tier\na,1\n"),
    ]);
    for (out, value) in [("old", "5"), ("new", "6")] {
        job.write("grid.csv", format!("tier,value\n1,{value}\n"));
        let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--out", out]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    let said = compare(&job, &[]);
    let plan = "plan: different (file grid.csv); claims: identical\n";
    assert!(said.stdout.contains(plan), "{}", said.stdout);
}

#[test]
fn a_deficiency_cured_moves_a_claim_from_held_to_paid() {
    let job = runs(PLAN, &CLAIMS.replace("pending", "approved"));
    let said = compare(&job, &["--csv", "changes.csv"]);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (1, ""),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("held, now paid"), "{}", said.stdout);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80));
    assert!(!said.stdout.contains("A-4"), "no ids on the screen");
    assert_eq!(
        job.read("changes.csv"),
        "claimant_id,change,old_status,old,new_status,new,difference,old_reason,new_reason\n\
         A-4,moved,held,83.33,paid,83.33,0.00,pending,\n"
    );
}

#[test]
fn a_late_claim_is_new_and_the_others_have_less() {
    let job = runs(PLAN, &format!("{CLAIMS}A-7,Late,CA,approved,2022-02-02\n"));
    let said = compare(&job, &["--json"]);
    assert_eq!(said.status, 1);
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let groups: BTreeMap<(&str, &str), u64> = found["claimants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap_or_default();
            ((word("change"), word("to")), one["count"].as_u64().unwrap())
        })
        .collect();
    let expected = [
        (("less", "paid"), 3),
        (("less", "held"), 1),
        (("new", ""), 1),
        (("same", ""), 2),
    ];
    assert_eq!(groups, expected.into());
}

#[test]
fn another_reason_of_the_same_amount_is_a_change() {
    let claims = CLAIMS
        .replace("pending", "deficient")
        .replace("denied", "duplicate");
    let plan = PLAN
        .replace("[\"pending\"]", "[\"pending\", \"deficient\"]")
        .replace("[\"denied\"]", "[\"denied\", \"duplicate\"]");
    let job = runs(&plan, &claims);
    let said = compare(&job, &["--csv", "changes.csv"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    for words in [
        "held, other reason",
        "unpaid, other reason",
        "status: duplicate",
    ] {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }
    let changes = job.read("changes.csv");
    for row in [
        "A-4,reason,held,83.33,held,83.33,0.00,pending,deficient\n",
        "A-3,reason,unpaid,0.00,unpaid,0.00,0.00,status: denied,status: duplicate\n",
    ] {
        assert!(changes.contains(row), "{changes}");
    }
}

#[test]
fn a_claimant_who_is_gone_and_a_plan_amended_are_told() {
    let claims = CLAIMS.replace("A-2,Zoë,CA,approved,2022-03-01\n", "");
    let job = runs(&PLAN.replace("percent = 25", "percent = 30"), &claims);
    let said = compare(&job, &["--csv", "changes.csv"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("plan: different"), "{}", said.stdout);
    assert!(
        said.stdout.contains(
            "  Fees                            250.00            300.00             50.00\n"
        ),
        "{}",
        said.stdout
    );
    let list = records(&job.read("changes.csv"));
    assert!(
        list.contains(
            &["A-2", "gone", "paid", "83.33", "", "", "-83.33", "", ""]
                .map(str::to_owned)
                .to_vec()
        ),
        "{list:?}"
    );
}

#[test]
fn the_order_of_claims_is_no_change_of_claimants() {
    let mut lines: Vec<&str> = CLAIMS.lines().collect();
    lines[1..].reverse();
    let job = runs(PLAN, &(lines.join("\n") + "\n"));
    let said = compare(&job, &["--json"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let facts: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(
        (&facts["differs"], &facts["same_claims"]),
        (&false.into(), &false.into())
    );
    let told = "The claims files differ";
    let said = compare(&job, &[]);
    assert!(said.stdout.contains(told), "{}", said.stdout);
}

#[test]
fn runs_that_cannot_be_compared_are_refused() {
    let job = runs(
        &PLAN.replace(
            "name = \"Example Settlement\"",
            "name = \"E\"\ncurrency = \"EUR\"",
        ),
        CLAIMS,
    );
    let said = compare(&job, &[]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr
            .contains("the old run is in USD, the new one in EUR"),
        "{}",
        said.stderr
    );

    let job = runs(PLAN, CLAIMS);
    job.write("list.csv", "mine");
    let said = compare(&job, &["--csv", "list.csv"]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("list.csv already exists"),
        "{}",
        said.stderr
    );
    let said = compare(&job, &["--csv", "new/list.csv"]);
    assert_eq!(said.status, 2);

    let changed = job.read("new/payouts.csv").replace("500.00", "900.00");
    job.write("new/payouts.csv", changed);
    let said = compare(&job, &["--csv", "changes.csv"]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr
            .contains("new: payouts.csv does not match the run's manifest"),
        "{}",
        said.stderr
    );
    assert!(!job.path("changes.csv").exists());
    assert_eq!(job.payout(&["compare", "old", "nothing"]).status, 2);
}

#[test]
fn the_same_payout_in_other_portions_is_a_change() {
    let portions = "\n[[portion]]\nname = \"wages\"\npercent = 30\n[[portion]]\nname = \"rest\"\n";
    let old = format!("{PLAN}{portions}");
    let job = job();
    for (out, plan) in [("old", old.clone()), ("new", old.replace("30", "40"))] {
        job.write("plan.toml", plan);
        let said = job.payout(&super::compute(&["--out", out, "--quiet"]));
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    let said = compare(&job, &["--csv", "changes.csv"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let changes = job.read("changes.csv");
    for row in [
        "A-1,portions,paid,500.00,paid,500.00,0.00,,\n",
        "A-4,portions,held,83.33,held,83.33,0.00,pending,pending\n",
    ] {
        assert!(changes.contains(row), "{changes}");
    }
}
