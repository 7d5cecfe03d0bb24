//! `--expect`: control totals catch what no arithmetic can.

use super::{CLAIMS, compute, job};
use crate::support::{Job, Said};

const TOTALS: &str = "\
rows = 6
claimants = 6
paid = { from = 3, to = 4 }
total = 666.66
largest = { to = 500 }

[sum]
amount = 60.00

[status]
approved = 4
denied = { to = 1 }

[subclass]
illinois = 1
";

/// The usual claims with a column of amounts.
fn claims() -> String {
    let mut lines = CLAIMS.lines();
    let header = format!("{},amount", lines.next().unwrap());
    let rows = lines.map(|line| format!("{line},10.00"));
    std::iter::once(header)
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

fn computed(totals: &str, claims: &str) -> (Job, Said) {
    let job = job();
    job.write("totals.toml", totals);
    job.write("claims.csv", claims);
    let said = job.payout(&compute(&["--expect", "totals.toml"]));
    (job, said)
}

fn refused(totals: &str, claims: &str) -> String {
    let (job, said) = computed(totals, claims);
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (2, ""),
        "{}",
        said.stderr
    );
    assert_eq!(job.names("."), ["claims.csv", "plan.toml", "totals.toml"]);
    said.stderr
}

#[test]
fn totals_that_are_met_are_kept_with_the_run() {
    let (job, said) = computed(TOTALS, &claims());
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(job.read("payouts/expect.toml"), TOTALS);
    let summary: serde_json::Value =
        serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    let totals = summary["control_totals"].as_array().unwrap();
    assert_eq!(totals.len(), 9);
    assert!(totals.iter().all(|total| total["met"] == true));
    assert_eq!(totals[5]["name"], "sum.amount");
    assert_eq!(totals[5]["found"], "60");
    let met = "\
Control totals, all met                   Expected         Found           Met
  rows                                           6             6           yes
";
    assert!(said.stdout.contains(met), "{}", said.stdout);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn a_run_without_them_says_so() {
    let job = job();
    let said = job.payout(&compute(&[]));
    assert!(said.stdout.contains("Control totals: none provided\n"));
    let summary = job.read("payouts/summary.json");
    assert!(summary.contains("\"control_totals\": null"));
    let said = job.payout(&["check", "payouts"]);
    assert!(
        said.stdout.contains("none provided with the run"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_file_cut_at_the_end_of_a_row_is_refused() {
    let claims = claims();
    let cut = claims.trim_end().rsplit_once('\n').unwrap().0;
    let said = refused(TOTALS, cut);
    assert!(said.starts_with("error[R020]: "), "{said}");
    assert!(said.contains("\n  rows: expected 6, found 5\n"), "{said}");
    assert!(
        said.contains(
            "\n  sum.amount: expected 60, found 50 (over all rows, denied and excluded ones too)\n"
        ),
        "{said}"
    );
    assert!(said.contains("nothing was written"), "{said}");
}

#[test]
fn one_wrong_cell_is_refused() {
    let wrong = claims().replacen("10.00", "500000031", 1);
    let said = refused("[sum]\namount = 60\n", &wrong);
    assert!(
        said.contains(
            "sum.amount: expected 60, found 500000081 (over all rows, denied and excluded ones too)"
        ),
        "{said}"
    );
}

#[test]
fn a_sum_needs_a_column_of_amounts() {
    let said = refused("[sum]\namounts = 60\n", &claims());
    assert!(
        said.contains("no column `amounts`, which the control totals add up"),
        "{said}"
    );
    assert!(said.contains("did you mean `amount`?"), "{said}");
    let said = refused("[sum]\nname = 60\n", &claims());
    assert!(said.contains("`Smith, John` is not a number"), "{said}");
}

#[test]
fn only_the_sum_of_a_value_may_be_below_zero() {
    for totals in [
        "rows = -1\n",
        "paid = { from = -1 }\n",
        "[sum]\namount = -60\n",
    ] {
        let said = refused(totals, &claims());
        assert!(said.contains("`-1`") || said.contains("`-60`"), "{said}");
    }
    let job = job();
    let plan = job.read("plan.toml");
    job.write(
        "plan.toml",
        plan + "[value.balance]\nsteps = [ { subtract = 10.5 } ]\n",
    );
    job.write("claims.csv", claims());
    for (totals, status) in [
        ("balance = -42", 0),
        ("balance = { from = -43, to = -42 }", 0),
        ("balance = { from = -41, to = 0 }", 2),
        ("balance = 42", 2),
    ] {
        job.write("totals.toml", format!("[sum]\n{totals}\n"));
        let said = job.payout(&compute(&["--expect", "totals.toml", "--force"]));
        assert_eq!(said.status, status, "{totals}: {}", said.stderr);
    }
}

#[test]
fn totals_of_what_the_plan_does_not_have_are_refused() {
    let said = refused("[status]\naproved = 1\n", &claims());
    assert!(
        said.contains("totals.toml:2:1: the plan has no status `aproved`"),
        "{said}"
    );
    assert!(said.contains("hint: did you mean `approved`?"), "{said}");
    let said = refused("[subclass]\ntexas = 1\n", &claims());
    assert!(said.contains("the plan has no subclass `texas`"), "{said}");
    let said = refused("row = 1\n", &claims());
    assert!(said.contains("did you mean `rows`?"), "{said}");
    let said = refused("", &claims());
    assert!(said.contains("the control totals file is empty"), "{said}");
    let said = refused("rows = { from = 9, to = 2 }\n", &claims());
    assert!(said.contains("`from` is greater than `to`"), "{said}");
    let said = refused("rows = {}\n", &claims());
    assert!(said.contains("requires `from`, `to` or both"), "{said}");
    let said = refused("rows = -1\n", &claims());
    assert!(said.contains("has a sign"), "{said}");
}

#[test]
fn a_file_of_totals_that_is_not_there_is_refused() {
    let job = job();
    job.write("totals.toml", TOTALS);
    let said = job.payout(&compute(&["--expect", "total.toml"]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr
            .contains("the control totals file total.toml does not exist"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("did you mean `totals.toml`?"),
        "{}",
        said.stderr
    );
}
