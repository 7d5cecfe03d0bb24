//! Named values: what people read of them.

use std::fs;

use crate::support::{Job, records, sha256};

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 100_000

[claims]
rows   = "sum"
status = "status"
pay    = ["ok"]
deny   = ["no"]

[value.interest]
name  = "Interest"
per   = "row"
steps = [ { add = { column = "amount" } }, { times = { column = "days" } }, { divide = 365 }, { round = 0.01 } ]

[value.weighted]
per   = "row"
when  = { product = "tv" }
steps = [ { add = { column = "units", times = 2 } }, { add = { column = "interest" } } ]

[value.capped]
steps = [ { add = { column = "interest" } }, { at_most = { column = "loss" } }, { times = "1/3" } ]

[subclass.big]
when = { weighted = { from = 50 } }

[[pool]]
name  = "class"
award = [
  { add = { column = "capped" } },
  { add = 5, when = { in = "big" } },
  { add = 6, when = { loss = { from = 9_999 } } },
  { add = { column = "weighted" }, label = "Weight" },
  { round = 0.01 },
]

[statement]
detail  = "full"
columns = ["interest", "capped", "name"]
"#;

/// `A` has 25 rows, and the last row of the file is not part of any claim.
fn job() -> Job {
    let mut claims = "claimant_id,amount,days,product,units,loss,status,name\n".to_owned();
    for number in 1..=25 {
        claims += &format!("A,{number},365,tv,1,10,ok,Ann\n");
    }
    claims += "B,1000,73,radio,3,120,ok,Bob\nB,9,9,tv,9,9,no,Bob\n";
    Job::with(&[("plan.toml", PLAN), ("claims.csv", &claims)])
}

/// A run with statements, and what the command says.
fn computed(job: &Job, options: &[&str]) -> crate::support::Said {
    let command = ["compute", "claims.csv", "--plan", "plan.toml", "--quiet"];
    job.payout(&[&command[..], options].concat())
}

#[test]
fn a_plan_describes_each_value() {
    let job = job();
    let said = job.payout(&["plan", "plan.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let (_, text) = said.stdout.split_once("Values\n").unwrap();
    let (text, rest) = text.split_once("\n\n").unwrap();
    let expected = r#"  "Interest": for each row: the number in column "amount"; then multiplied by
    the number in column "days"; then divided by 365; then rounded to the
    nearest multiple of 0.01; added up over the claimant's rows.
  "weighted": for each row where column "product" is "tv": the number in column
    "units", multiplied by 2; then plus "Interest"; otherwise 0; added up over
    the claimant's rows.
  "capped": for each claimant: "Interest"; then capped at the sum of column
    "loss" over the claimant's rows; then multiplied by 1/3."#;
    assert_eq!(text, expected);
    let shown = "Claimant statements show \"Interest\", \"capped\", column \"name\".";
    assert!(rest.contains(shown), "{rest}");
}

#[test]
fn a_value_is_explained_once_with_twenty_of_its_rows() {
    let job = job();
    assert_eq!(computed(&job, &[]).status, 0);
    let said = job.payout(&["explain", "payouts", "A"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let (_, steps) = said.stdout.split_once("Pool \"class\"\n").unwrap();
    let beginning = r#"  1. + 250/3 (83.333333333333…), from "capped"; running total: 250/3
    (83.333333333333…) [line 32]
       "capped": 250/3 (83.333333333333…), as follows.
         1. + 325, from "Interest"; running total: 325 [line 24]
              "Interest", for each row, added up: 325.
                Row 1: 1 (amount = "1", days = "365").
                Row 2: 2 (amount = "2", days = "365").
"#;
    assert!(steps.starts_with(beginning), "{steps}");
    let middle = r#"                Row 20: 20 (amount = "20", days = "365").
                … and 5 more rows.
         2. capped at 250, from loss = "250" (the sum of column "loss" over the
           claimant's rows); running total: 250 [line 24]
         3. × 1/3 (0.333333333333…); running total: 250/3 (83.333333333333…)
           [line 24]
  2. + 5, because the claimant is in subclass "big"; running total: 265/3
    (88.333333333333…) [line 33]
  3. Weight: + 375, from "weighted"; running total: 1390/3 (463.333333333333…)
    [line 35]
       "weighted", for each row, only where column "product" is "tv", added up:
         375.
         Row 1: 3 (units = "1", "Interest" = 1).
"#;
    assert!(steps.contains(middle), "{steps}");
    let end = "  1 other line does not apply.\n  Award: $463.33.\n";
    assert!(steps.contains(end), "{steps}");
    assert_eq!(steps.matches("\"Interest\", for each row").count(), 1);

    let said = job.payout(&["explain", "payouts", "A", "--json"]);
    let data: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let value = &data["pools"][0]["steps"][0]["values"][0];
    assert_eq!(value["key"], "capped");
    let interest = &value["steps"][0]["values"][0];
    assert_eq!(interest["name"], "Interest");
    assert_eq!(interest["rows"].as_array().unwrap().len(), 20);
    assert_eq!(interest["more_rows"], 5);
}

#[test]
fn statements_show_values_and_a_single_row_has_its_steps() {
    let job = job();
    let said = computed(&job, &["--statements"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let folder = sha256("B").get(..2).unwrap().to_owned();
    let text = job.read(&format!("payouts/statements/{folder}/B.txt"));
    let head = "  Claimant: B\n  Interest: 200\n  capped: 40\n  name: Bob\n  Payment: $40.00\n";
    assert!(text.contains(head), "{text}");
    let steps = r#"         1. + 200, from "Interest"; running total: 200
              "Interest": 200, as follows.
                1. + 1000, from amount = "1000" (the number in column "amount");
                  running total: 1000
                2. × 73, from days = "73" (the number in column "days"); running
                  total: 73000
                3. ÷ 365; running total: 200
                4. rounded to the nearest multiple of 0.01; running total: 200
"#;
    assert!(text.contains(steps), "{text}");
    assert!(text.contains("  2 other lines do not apply.\n"), "{text}");
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn a_control_total_may_be_the_sum_of_a_value() {
    let job = job();
    // Over payable and held claims, and exact.
    job.write(
        "good.toml",
        "[sum]\ninterest = 525\nweighted = 375\ncapped = { from = 123.3, to = 123.4 }\n",
    );
    let said = computed(&job, &["--expect", "good.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job.write("bad.toml", "[sum]\ncapped = 1\n");
    let said = computed(&job, &["--expect", "bad.toml", "--out", "other"]);
    assert_eq!(said.status, 2);
    let found = "sum.capped: expected 1, found 370/3 (123.333333333333…)";
    assert!(said.stderr.contains(found), "{}", said.stderr);
}

#[test]
fn values_that_are_shown_or_counted_are_computed_for_every_claim() {
    let job = job();
    let plan = PLAN.replace("\"interest\", \"capped\", \"name\"", "\"ratio\"");
    let ratio =
        "\n[value.ratio]\nsteps = [ { add = 1 }, { divide = { column = \"weighted\" } } ]\n";
    job.write("plan.toml", plan + ratio);
    let said = computed(&job, &[]);
    assert_eq!(said.status, 2);
    let fault = "after adding up all rows of the claimant, the step on line 44 of the plan divides";
    assert!(said.stderr.contains(fault), "{}", said.stderr);
}

#[test]
fn what_a_value_is_probably_not_meant_to_do_is_warned_of() {
    let job = job();
    let more = r#"
[value.idle]
when  = { loss = { from = 3 } }
steps = [ { divide = 2 }, { add = { column = "loss", up_to = 7 } } ]
"#;
    job.write("plan.toml", PLAN.to_owned() + more);
    let said = job.payout(&["plan", "plan.toml", "--json"]);
    let data: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let expected = serde_json::json!([
        "the formula on line 45 begins with `divide`, which has no effect because a formula starts at 0",
        "[value.idle]: the range compares the sum of column `loss` over the claimant's rows, not each row",
        "line 45: `up_to` compares the sum of column `loss` over the claimant's rows, not each row",
        "line 34: the range compares the sum of column `loss` over the claimant's rows, not each row",
        "nothing in the plan reads [value.idle]",
    ]);
    assert_eq!(data["warnings"], expected);
}

#[test]
fn a_sample_varies_what_only_rows_read() {
    let job = job();
    fs::remove_file(job.path("claims.csv")).unwrap();
    let command = ["sample", "200", "--plan", "plan.toml", "--out"];
    let said = job.payout(&[&command[..], &["claims.csv"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let rows = records(&job.read("claims.csv"));
    let amount = rows[0].iter().position(|name| name == "amount").unwrap();
    let differ =
        |[one, other]: [&Vec<String>; 2]| one[0] == other[0] && one[amount] != other[amount];
    assert!(
        rows.iter()
            .zip(&rows[1..])
            .any(|(one, other)| differ([one, other]))
    );
    let said = computed(&job, &["--statements"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}
