//! Corrections: `compute --corrections`, and what reads the run afterwards.

use crate::support::{Job, records};

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]
deny   = ["denied"]

[[pool]]
name  = "losses"
award = [{ add = { column = "loss" } }]
"#;

const CLAIMS: &str = "claimant_id,name,status,loss\r\n\
                      a,\"Ann \"\"A\"\" Lee\",Approved,\"1,200\"\r\n\r\nb,Bo,approved,$5\r\n\
                      b,Cy,approved,7\r\n";

/// Fills in the list of errors, as somebody does in a spreadsheet.
fn filled(job: &Job, corrections: &[&str]) {
    let list = records(&job.read("errors.csv"));
    let mut text = list[0].join(",") + ",correction\n";
    assert_eq!(list.len() - 1, corrections.len(), "{list:?}");
    for (line, correction) in list[1..].iter().zip(corrections) {
        let cells = line.iter().map(String::as_str).chain([*correction]);
        let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text += &(quoted.collect::<Vec<_>>().join(",") + "\n");
    }
    job.write("fixes.csv", &text);
}

fn job() -> Job {
    Job::with(&[("plan.toml", PLAN), ("claims.csv", CLAIMS)])
}

/// What a command prints that succeeds.
fn ok(job: &Job, arguments: &[&str]) -> String {
    let said = job.payout(arguments);
    assert!(said.status == 0, "{}", said.stderr);
    said.stdout
}

const COMPUTE: [&str; 4] = ["compute", "claims.csv", "--plan", "plan.toml"];

#[test]
fn a_list_of_errors_that_is_filled_in_computes_the_run() {
    let job = job();
    job.payout(&[&COMPUTE[..], &["--errors", "errors.csv"]].concat());
    filled(&job, &["approved", "1200", "5", "", "c"]);
    ok(
        &job,
        &[&COMPUTE[..], &["--corrections", "fixes.csv"]].concat(),
    );
    let paid = records(&job.read("payouts/payouts.csv"));
    let ids: Vec<&str> = paid[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(job.read("payouts/corrections-1.csv"), job.read("fixes.csv"));
    assert_eq!(job.read("claims.csv"), CLAIMS);
    let summary = job.read("payouts/summary.json");
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["corrections"]["cells"], 4);
    assert_eq!(summary["corrections"]["rows"], 3);
    ok(&job, &["check", "payouts", "--independent"]);
    let explained = ok(&job, &["explain", "payouts", "a"]);
    for said in [
        "$1,200.00",
        "Column \"status\": \"Approved\" is read as \"approved\" (correction).",
        "Column \"loss\": \"1,200\" is read as \"1200\" (correction).",
    ] {
        assert!(explained.contains(said), "{explained}");
    }
}

#[test]
fn rows_count_over_all_files() {
    let job = job();
    job.write(
        "claims.csv",
        "claimant_id,name,status,loss\na,A,approved,1\n",
    );
    job.write(
        "west.csv",
        "claimant_id,name,status,loss\nb,B,approved,1\nc,C,approved,x\n",
    );
    let compute = ["compute", "claims.csv", "west.csv", "--plan", "plan.toml"];
    job.payout(&[&compute[..], &["--errors", "errors.csv"]].concat());
    filled(&job, &["9"]);
    assert!(job.read("fixes.csv").contains("\"3\",\"c\""));
    ok(
        &job,
        &[&compute[..], &["--corrections", "fixes.csv"]].concat(),
    );
    ok(&job, &["check", "payouts", "--independent"]);
}

#[test]
fn a_changed_file_of_corrections_is_found() {
    let job = job();
    let fixes = "claimant_id,row,column,correction\na,1,status,approved\na,1,loss,1200\n\
                 b,2,loss,\nb,2,loss,5\nb,3,claimant_id,c\nc,,name,\n";
    job.write("fixes.csv", fixes);
    let said = job.payout(&[&COMPUTE[..], &["--corrections", "fixes.csv"]].concat());
    assert!(said.status == 0, "{}", said.stderr);
    assert!(
        said.stdout
            .contains("2 rows of `corrections-1.csv` have no correction"),
        "{}",
        said.stdout
    );
    job.write("payouts/corrections-1.csv", fixes.replace("1200", "1300"));
    let checked = job.payout(&["check", "payouts"]);
    assert_eq!(checked.status, 1, "{}", checked.stdout);
}
