//! `[tax]` in a plan: payouts that reach a threshold are marked, and counted
//! with those that lack a valid taxpayer number, which is never shown.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::compute;
use crate::support::{Job, names, records};

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 20_000

[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]

[column.paid_this_year]
thousands = ","
prefix    = "$"

[[pool]]
name  = "class"
award = [ { add = { column = "loss" } } ]

[tax]
threshold = 2_000
number    = "tin"
earlier   = { column = "paid_this_year", blank = 0 }
"#;

const CLAIMS: &str = "\
claimant_id,name,status,loss,tin,paid_this_year
A-1,Okafor,approved,2000,987-65-4320,
A-2,Lee,approved,1999.99,987-65-4321,0
A-3,Rossi,approved,1999.99,987654322,0.01
A-4,Ng,approved,500,,\"$1,500.00\"
A-5,Brown,approved,1500,000-12-3456,499.999
A-6,Patel,approved,3000,123-45-6789,
A-7,Silva,pending,2500,078-05-1120,
A-8,Novak,denied,2500,987-65-4328,unknown
A-9,Moreau,approved,0,987-65-4329,9999
";

/// Every run of digits that a taxpayer number of the claims has.
const NUMBERS: [&str; 14] = [
    "987-65", "65-432", "98765", "654320", "654321", "654322", "654328", "654329", "000-12",
    "12-3456", "123-45", "45-6789", "078-05", "05-1120",
];

fn job() -> Job {
    Job::with(&[("plan.toml", PLAN), ("claims.csv", CLAIMS)])
}

fn summary(job: &Job, run: &str) -> Value {
    serde_json::from_str(&job.read(&format!("{run}/summary.json"))).unwrap()
}

fn assert_computed(job: &Job, options: &[&str]) {
    let said = job.payout(&compute(&[&["--quiet"], options].concat()));
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
}

/// No text may have a part of a taxpayer number.
fn assert_no_number(place: &str, text: &str) {
    for number in NUMBERS {
        assert!(!text.contains(number), "{number} stands in {place}: {text}");
    }
}

/// Every file of a folder and below, as text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}

#[test]
fn payouts_that_reach_the_threshold_with_earlier_payments_are_marked() {
    let job = job();
    assert_computed(&job, &[]);
    assert_eq!(
        job.read("payouts/payouts.csv"),
        "\
claimant_id,subclass,award,tax,payout
A-1,,2000.00,at or over,2000.00
A-2,,1999.99,,1999.99
A-3,,1999.99,at or over,1999.99
A-4,,500.00,at or over; no valid number,500.00
A-5,,1500.00,,1500.00
A-6,,3000.00,at or over; no valid number,3000.00
"
    );
    assert_eq!(
        job.read("payouts/held.csv"),
        "\
claimant_id,subclass,award,tax,payout,status
A-7,,2500.00,at or over; no valid number,2500.00,pending
"
    );
    assert_eq!(job.payout(&["check", "payouts"]).status, 0);
}

#[test]
fn the_summary_counts_and_sums_payouts_and_not_what_is_held() {
    let job = job();
    assert_computed(&job, &[]);
    let expected = serde_json::json!({
        "threshold": "2000.00",
        "at_or_over": { "count": 4, "total": "7499.99" },
        "at_or_over_without_number": { "count": 2, "total": "3500.00" },
        "without_number": { "count": 3, "total": "5000.00" },
    });
    assert_eq!(summary(&job, "payouts")["tax"], expected);
    let text = job.read("payouts/summary.txt");
    let section = "\
Tax flags (not tax advice)                                Number         Total
  Payments at or over $2,000.00                                4      7,499.99
    Of these, no valid taxpayer number                         2      3,500.00
  All payments without a valid taxpayer number                 3      5,000.00
";
    assert!(text.contains(section), "{text}");
    let html = job.read("payouts/report.html");
    for said in ["Tax flags", "not tax advice", "$7,499.99", "$3,500.00"] {
        assert!(html.contains(said), "no `{said}`");
    }
}

#[test]
fn counts_of_a_portion_name_it() {
    let portions = "\n[[portion]]\nname = \"Wages\"\npercent = 50\n[[portion]]\nname = \"Rest\"\n";
    let plan = PLAN
        .replace("[tax]", "[tax]\nportion = \"Wages\"")
        .replace("2_000", "1_000");
    let job = Job::with(&[
        ("plan.toml", &(plan.clone() + portions)),
        ("claims.csv", CLAIMS),
    ]);
    assert_computed(&job, &[]);
    assert_eq!(summary(&job, "payouts")["tax"]["portion"], "Wages");
    let text = job.read("payouts/summary.txt");
    for label in [
        "  Payments of portion \"Wages\" at or over $1,000.00 ",
        "  All payments of portion \"Wages\" without a valid",
    ] {
        assert!(text.contains(label), "{text}");
    }
    assert_eq!(job.payout(&["check", "payouts"]).status, 0);
    job.write("plan.toml", plan.replace("1_000", "2_000") + portions);
    assert_computed(&job, &["--out", "new"]);
    let text = job.payout(&["compare", "payouts", "new"]).stdout;
    let label = "\npayments of portion \"Wages\" at or over the threshold\n";
    assert!(text.contains(label), "{text}");
}

#[test]
fn without_the_table_nothing_is_said_of_tax() {
    let plan = PLAN.split("[tax]").next().unwrap();
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", CLAIMS)]);
    assert_computed(&job, &[]);
    let header = "claimant_id,subclass,award,payout\n";
    assert!(job.read("payouts/payouts.csv").starts_with(header));
    assert_eq!(summary(&job, "payouts").get("tax"), None);
    for file in ["summary.txt", "report.html"] {
        assert!(!job.read(&format!("payouts/{file}")).contains("Tax flags"));
    }
}

#[test]
fn no_part_of_a_taxpayer_number_leaves_the_claims_file() {
    let job = job();
    let plan = PLAN.to_owned() + "\n[statement]\ncolumns = [\"name\", \"paid_this_year\"]\n";
    job.write("plan.toml", plan);
    job.write("expect.toml", "rows = 9\n[sum]\nloss = 15999.98\n");
    for form in [["--statements", "--force"], ["--statements=zip", "--force"]] {
        let options = [&["--expect", "expect.toml"], &form[..]].concat();
        assert_computed(&job, &options);
        for (name, text) in files(&job.path("payouts")) {
            assert_no_number(&name, &text);
        }
    }
    job.write(
        "other.csv",
        CLAIMS.replace("approved,1999.99", "approved,2100"),
    );
    let options = ["--plan", "plan.toml", "--out", "other", "--quiet"];
    job.payout(&[&["compute", "other.csv"], &options[..]].concat());
    for arguments in [
        &[
            "compute",
            "claims.csv",
            "--plan",
            "plan.toml",
            "--force",
            "-v",
        ][..],
        &[
            "compute",
            "claims.csv",
            "--plan",
            "plan.toml",
            "--force",
            "--json",
        ],
        &["check", "payouts"],
        &["check", "other", "--claims", "claims.csv"],
        &["explain", "payouts", "A-1"],
        &["explain", "payouts", "A-4", "--json"],
        &["explain", "payouts", "A-10"],
        &["compare", "payouts", "other"],
        &["compare", "payouts", "other", "--json"],
        &["plan", "plan.toml"],
        &["plan", "plan.toml", "--json"],
    ] {
        let said = job.payout(arguments);
        let text = said.stdout + &said.stderr;
        assert!(!text.is_empty(), "{arguments:?}");
        assert_no_number(&format!("{arguments:?}"), &text);
    }
}

#[test]
fn no_list_of_errors_has_a_taxpayer_number() {
    let job = job();
    let plan = PLAN.replace("[claims]\n", "[claims]\nrows = \"sum\"\n");
    job.write("plan.toml", plan);
    let claims = CLAIMS.to_owned()
        + "A-1,Okafor,approved,1,987-65-4321,\nA-2,Lee,approved,1,\"987-65-4\"321,0\nA-3,Rossi,approved,1,9876\x0154322,0.01\n";
    job.write("claims.csv", claims);
    let said = job.payout(&compute(&["--errors", "errors.csv"]));
    assert_eq!(said.status, 2);
    let list = job.read("errors.csv");
    let rows = records(&list);
    assert_eq!(rows.len(), 4, "{list}");
    for row in &rows[1..] {
        assert_eq!(row[6..9], ["tin", "", ""]);
    }
    assert_no_number("the list of errors", &list);
    assert_no_number("the messages", &said.stderr);
}

#[test]
fn the_mark_stands_before_the_payout_after_several_pools_and_added_rows() {
    let job = job();
    let plan = PLAN
        .replace("[claims]\n", "[claims]\nrows = \"sum\"\n")
        .replace("[tax]", "[[pool]]\nname = \"rest\"\nshares = 1\n\n[tax]");
    job.write("plan.toml", plan);
    job.write(
        "claims.csv",
        "\
claimant_id,name,status,loss,tin,paid_this_year
A-1,Okafor,approved,500,987-65-4320,1000
A-2,Lee,approved,100,,
A-1,Okafor,approved,400,987-65-4320,1000
",
    );
    job.write(
        "plan.toml",
        job.read("plan.toml")
            .replace("amount = 20_000", "amount = 1200"),
    );
    assert_computed(&job, &[]);
    assert_eq!(
        job.read("payouts/payouts.csv"),
        "\
claimant_id,subclass,rows,class award,class payout,rest shares,rest payout,tax,payout
A-1,,2,900.00,900.00,1,100.00,at or over,1000.00
A-2,,1,100.00,100.00,1,100.00,,200.00
"
    );
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn a_mark_that_was_changed_is_found() {
    let job = job();
    assert_computed(&job, &[]);
    let changed = job
        .read("payouts/payouts.csv")
        .replace("500.00,at or over; no valid number", "500.00,at or over");
    job.write("payouts/payouts.csv", changed);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1);
    let expected = "A-4,,500.00,at or over; no valid number,500.00";
    assert!(said.stdout.contains(expected), "{}", said.stdout);
}

#[test]
fn an_explanation_says_the_flag_and_what_it_follows_from() {
    let job = job();
    assert_computed(&job, &[]);
    let told = |id: &str| {
        let said = job.payout(&["explain", "payouts", id]);
        assert_eq!((said.stderr.as_str(), said.status), ("", 0));
        said.stdout
    };
    let expected = "
Tax flag (not tax advice)
  The payout, with $1,500.00 paid earlier in the year, is at or over the
    threshold of $2,000.00. There is no valid taxpayer number.
";
    assert!(told("A-4").ends_with(expected), "{}", told("A-4"));
    let expected = "
Tax flag (not tax advice)
  The payout, with $0.00 paid earlier in the year, is below the threshold of
    $2,000.00. The taxpayer number has a valid form.
";
    assert!(told("A-2").ends_with(expected), "{}", told("A-2"));
    // Nothing is paid on these.
    assert!(!told("A-8").contains("Tax flag"));
    assert!(!told("A-9").contains("Tax flag"));
    let said = job.payout(&["explain", "payouts", "A-7", "--json"]);
    let json: Value = serde_json::from_str(&said.stdout).unwrap();
    let expected = serde_json::json!({
        "threshold": "2000.00", "earlier": "0.00", "at_or_over": true, "valid_number": false,
    });
    assert_eq!(json["tax"], expected);
}

#[test]
fn a_comparison_shows_how_many_numbers_came_in() {
    let job = job();
    assert_computed(&job, &["--out", "old"]);
    let cured = CLAIMS.replace("approved,500,,", "approved,500,987-65-4323,");
    job.write("claims.csv", cured);
    assert_computed(&job, &["--out", "new"]);
    let said = job.payout(&["compare", "old", "new"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let figures = "\
of these, without a valid number
  count                                2                 1                -1
  total                         3,500.00          3,000.00           -500.00
all payouts without a valid number
  count                                3                 2                -1
  total                         5,000.00          4,500.00           -500.00
";
    assert!(said.stdout.contains(figures), "{}", said.stdout);
    let groups = "  flag                                 1              0.00                 -\n";
    assert!(said.stdout.contains(groups), "{}", said.stdout);
    // A run without flags has none to compare.
    job.write("plan.toml", PLAN.split("[tax]").next().unwrap());
    assert_computed(&job, &["--out", "without"]);
    let said = job.payout(&["compare", "without", "new"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(
        said.stdout.contains("tax flags\n  threshold"),
        "{}",
        said.stdout
    );
}

#[test]
fn flags_that_change_places_are_a_difference_although_no_figure_differs() {
    let job = job();
    let claims = "\
claimant_id,name,status,loss,tin,paid_this_year
A-1,Okafor,approved,2500,987-65-4320,
A-2,Lee,approved,2500,,
A-3,Rossi,approved,2500,,
";
    job.write("claims.csv", claims);
    assert_computed(&job, &["--out", "old"]);
    let claims = claims.replace("987-65-4320", "").replace(
        "A-2,Lee,approved,2500,,",
        "A-2,Lee,approved,2500,987-65-4321,",
    );
    job.write("claims.csv", claims);
    assert_computed(&job, &["--out", "new"]);
    let said = job.payout(&["compare", "old", "new", "--csv", "changes.csv"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 1));
    assert_eq!(
        job.read("changes.csv"),
        "\
claimant_id,change,old_status,old,new_status,new,difference,old_reason,new_reason
A-1,flag,paid,2500.00,paid,2500.00,0.00,,
A-2,flag,paid,2500.00,paid,2500.00,0.00,,
"
    );
}

#[test]
fn a_projection_leaves_tax_out() {
    let job = job();
    job.write(
        "plan.toml",
        PLAN.replace(
            "\n[column.paid_this_year]\nthousands = \",\"\nprefix    = \"$\"\n",
            "",
        ),
    );
    job.write(
        "kinds.csv",
        "claimant_id,status,loss,count\nsmall,approved,10,5\n",
    );
    let said = job.payout(&["project", "kinds.csv", "--plan", "plan.toml"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    assert!(said.stdout.contains("50.00"), "{}", said.stdout);
}

#[test]
fn made_up_taxpayer_numbers_are_nobodys() {
    let job = job();
    for sum in [false, true] {
        if sum {
            job.write(
                "plan.toml",
                PLAN.replace("[claims]\n", "[claims]\nrows = \"sum\"\n"),
            );
        }
        let said = job.payout(&["sample", "2000", "--plan", "plan.toml"]);
        let rows = records(&said.stdout);
        let place = rows[0].iter().position(|name| name == "tin").unwrap();
        let numbers = rows[1..].iter().map(|row| row[place].as_str());
        let (set_aside, others): (Vec<&str>, Vec<&str>) =
            numbers.partition(|number| number.starts_with("987-65-432"));
        assert!(set_aside.len() > 1500, "{}", set_aside.len());
        assert!(others.contains(&"") && others.contains(&"000-00-0000"));
        assert!(
            others
                .iter()
                .all(|number| ["", "000-00-0000"].contains(number))
        );
        job.write("claims.csv", said.stdout);
        job.write(
            "plan.toml",
            job.read("plan.toml").replace("20_000", "20_000_000"),
        );
        assert_computed(&job, &["--force"]);
        let tax = &summary(&job, "payouts")["tax"];
        for key in ["at_or_over", "at_or_over_without_number", "without_number"] {
            assert!(tax[key]["count"].as_u64() > Some(0), "{tax}");
        }
    }
}

#[test]
fn a_plan_in_another_currency_is_warned_about() {
    let job = job();
    let plan = PLAN.replace("[fund]", "currency = \"EUR\"\n\n[fund]");
    job.write("plan.toml", plan);
    assert_computed(&job, &[]);
    let warnings = summary(&job, "payouts")["warnings"].to_string();
    let expected = "[tax] validates US taxpayer numbers, but the currency is EUR";
    assert!(warnings.contains(expected), "{warnings}");
}

#[test]
fn a_plan_that_flags_payouts_says_so_in_english() {
    let job = job();
    let said = job.payout(&["plan", "plan.toml"]);
    let expected = "\
  A payout of $2,000.00 or more, including payments earlier in the year from
    column \"paid_this_year\" (a blank counts as 0), is flagged for tax; the flag
    says if there is no valid taxpayer number in column \"tin\". Flags change no
    payment and are not tax advice.
";
    assert!(said.stdout.contains(expected), "{}", said.stdout);
}

#[test]
fn a_query_says_that_it_leaves_the_marks_out() {
    let job = job();
    let plan = PLAN.replace("award = [ { add = { column = \"loss\" } } ]", "shares = 1");
    job.write("plan.toml", plan);
    let said = job.payout(&["plan", "plan.toml", "--sql", "duckdb"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    assert!(
        said.stdout
            .contains("-- Its column `tax` is not computed here")
    );
    assert!(!said.stdout.contains("tin"));
}

#[test]
fn a_quote_that_is_not_closed_shows_nobody_elses_number() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 900\n\
                [tax]\nthreshold = 250\nnumber = \"tin\"\n[[pool]]\nname = \"p\"\nshares = 1\n";
    let claims = "claimant_id,name,tin\na,\"Ann,234-56-7891\nb,Bob,345-67-8912\nc,Cy,456-78-9123\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let arguments = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--errors",
        "e.csv",
    ];
    let said = job.payout(&arguments);
    assert_eq!(said.status, 2);
    let shown = said.stderr + &job.read("e.csv");
    for number in ["234-56-7891", "345-67-8912", "456-78-9123"] {
        assert!(!shown.contains(number), "{shown}");
    }
}
