//! `payout check`: whatever is changed in a run, it is found.

use std::fs;
use std::os::unix::fs::symlink;

use payout::internals::exit_status;
use payout::{CheckJob, NoProgress};
use serde_json::Value;

use super::{CLAIMS, compute, job};
use crate::support::{Job, Said, sha256};

const FILES: [&str; 8] = [
    "held.csv",
    "manifest.json",
    "payouts.csv",
    "plan.toml",
    "report.html",
    "summary.json",
    "summary.txt",
    "unpaid.csv",
];

/// A folder with a run in it.
pub(super) fn run() -> Job {
    let job = job();
    let said = job.payout(&compute(&["--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

pub(super) fn check(job: &Job, options: &[&str]) -> Said {
    job.payout(&[&["check", "payouts"], options].concat())
}

/// Checks that something is found, and that these words are said of it.
pub(super) fn finds(job: &Job, options: &[&str], words: &[&str]) {
    let said = check(job, options);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (1, ""),
        "{}",
        said.stdout
    );
    for word in words {
        assert!(
            said.stdout.contains(word),
            "no `{word}` in\n{}",
            said.stdout
        );
    }
    assert!(said.stdout.contains("FAILED: "));
}

#[test]
fn a_run_as_it_was_written_holds() {
    let said = check(&run(), &[]);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (0, ""),
        "{}",
        said.stdout
    );
    assert!(said.stdout.ends_with("All checks passed.\n"));
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 82));
}

#[test]
fn any_changed_byte_of_any_file_is_found() {
    let job = run();
    let (folder, claims) = (job.path("payouts"), [job.path("claims.csv")]);
    for name in FILES {
        let path = job.path(&format!("payouts/{name}"));
        let whole = fs::read(&path).unwrap();
        let step = (whole.len() / 40).max(1);
        for place in (0..whole.len()).step_by(step) {
            for flip in [0x01, 0x20] {
                let mut changed = whole.clone();
                changed[place] ^= flip;
                fs::write(&path, &changed).unwrap();
                let said = payout::check(&CheckJob::new(&folder, &claims), &NoProgress);
                let found = match &said {
                    Ok(verdict) => !verdict.holds,
                    Err(error) => exit_status(error) == 1,
                };
                let changed = String::from_utf8_lossy(&changed).into_owned();
                assert!(found, "{name}, byte {place}: {said:?}\n{changed}");
            }
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(check(&job, &[]).status, 0);
}

#[test]
fn a_cut_or_longer_file_is_found() {
    let job = run();
    for name in FILES {
        let whole = job.read(&format!("payouts/{name}"));
        for changed in [&whole[..whole.len() - 1], &format!("{whole}\n"), ""] {
            job.write(&format!("payouts/{name}"), changed);
            assert_eq!(check(&job, &[]).status, 1, "{name}");
        }
        job.write(&format!("payouts/{name}"), &whole);
    }
}

#[test]
fn a_missing_file_is_found() {
    for name in FILES {
        let job = run();
        fs::remove_file(job.path(&format!("payouts/{name}"))).unwrap();
        finds(&job, &[], &[name, "no such file"]);
    }
}

#[test]
fn an_added_file_is_found() {
    let job = run();
    job.write("payouts/notes.txt", "paid on Monday");
    finds(&job, &[], &["notes.txt"]);
}

#[test]
fn a_link_in_place_of_a_file_is_found() {
    let job = run();
    fs::rename(job.path("payouts/held.csv"), job.path("held.csv")).unwrap();
    symlink("../held.csv", job.path("payouts/held.csv")).unwrap();
    finds(&job, &[], &["held.csv", "a symbolic link"]);
}

#[test]
fn a_changed_claims_file_is_found() {
    let job = run();
    job.write(
        "claims.csv",
        CLAIMS.replace("A-4,Okafor,CA,pending", "A-4,Okafor,CA,approved"),
    );
    finds(&job, &[], &["claims.csv", "SHA-256", "A-4"]);
    job.write("claims.csv", CLAIMS.replace("pending", "pendin"));
    finds(&job, &[], &[""]);
}

#[test]
fn a_changed_payout_is_shown_with_its_row_even_when_the_manifest_was_mended() {
    let job = run();
    let payouts = job.read("payouts/payouts.csv");
    let changed = payouts.replace("A-2,,1,83.33", "A-2,,1,8333.33");
    assert_ne!(payouts, changed);
    mend(&job, "payouts.csv", &changed);
    finds(
        &job,
        &[],
        &[
            "payouts.csv, row 2: claimant A-2\n  expected  A-2,,1,83.33\n  found     A-2,,1,8333.33\n",
            "the account: sum of deductions, payouts, held and residual",
        ],
    );
}

#[test]
fn every_artefact_is_compared_with_what_is_computed_and_not_with_the_manifest_alone() {
    let job = job();
    let said = job.payout(&compute(&["--quiet", "--statements", "zip", "--xlsx"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let manifest = job.read("payouts/manifest.json");
    for name in job.names("payouts") {
        // The plan is what a run is computed from.
        if ["manifest.json", "plan.toml"].contains(&name.as_str()) {
            continue;
        }
        let path = job.path(&format!("payouts/{name}"));
        let whole = fs::read(&path).unwrap();
        mend(&job, &name, [whole.as_slice(), b"\n"].concat());
        finds(&job, &[], &[&format!("\n{name}")]);
        fs::write(&path, whole).unwrap();
        job.write("payouts/manifest.json", &manifest);
    }
    let said = check(&job, &["-v"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let stages: Vec<&str> = said.stderr.lines().collect();
    let expected = [
        "reading the run: 9 files",
        "reading claims: 6 rows",
        "allocating the fund: 5 kinds of claim",
        "comparing rows: 6 rows in payouts",
        "comparing statements: 3 statements",
        "comparing the workbook: 6 rows",
    ];
    assert_eq!(stages, expected);
}

/// Changes a file of the run, and the manifest so that it names the change.
pub(super) fn mend(job: &Job, name: &str, content: impl AsRef<[u8]>) {
    let content = content.as_ref();
    let old = fs::read(job.path(&format!("payouts/{name}"))).unwrap();
    job.write(&format!("payouts/{name}"), content);
    let manifest = job.read("payouts/manifest.json");
    let mended = manifest.replace(&sha256(&old), &sha256(content)).replace(
        &format!("\"name\": \"{name}\",\n      \"bytes\": {}", old.len()),
        &format!("\"name\": \"{name}\",\n      \"bytes\": {}", content.len()),
    );
    job.write("payouts/manifest.json", mended);
}

#[test]
fn a_row_that_is_missing_is_one_difference_and_not_one_for_each_row_after_it() {
    let job = run();
    let payouts = job.read("payouts/payouts.csv");
    mend(
        &job,
        "payouts.csv",
        payouts.replace("A-1,illinois,6,500.00\n", ""),
    );
    let said = check(&job, &["--json"]);
    let verdict: Value = serde_json::from_str(&said.stdout).unwrap();
    let rows: Vec<&Value> = verdict["first"].as_array().unwrap().iter().collect();
    let of_payouts: Vec<&Value> = rows
        .iter()
        .copied()
        .filter(|finding| finding["file"] == "payouts.csv")
        .collect();
    // Once by each of the two computations.
    assert_eq!(of_payouts.len(), 2, "{verdict:#}");
    assert_eq!(of_payouts[1]["what"], "by the independent check");
    assert_eq!(of_payouts[1]["claimant_id"], "A-1");
    assert_eq!(rows[0]["claimant_id"], "A-1");
    assert_eq!(rows[0]["what"], "missing row");
    assert_eq!(rows[0]["expected"], "A-1,illinois,6,500.00");
}

#[test]
fn a_row_that_is_there_twice_is_found() {
    let job = run();
    let payouts = job.read("payouts/payouts.csv");
    let row = "A-2,,1,83.33\n";
    mend(&job, "payouts.csv", payouts.replace(row, &row.repeat(2)));
    finds(&job, &[], &["unexpected row", "A-2,,1,83.33"]);
}

#[test]
fn rows_in_another_order_are_found() {
    let job = run();
    let payouts = job.read("payouts/payouts.csv");
    let mut lines: Vec<&str> = payouts.lines().collect();
    lines.swap(1, 2);
    mend(&job, "payouts.csv", &(lines.join("\n") + "\n"));
    finds(&job, &[], &["payouts.csv"]);
}

#[test]
fn a_changed_figure_is_named() {
    let job = run();
    let summary = job.read("payouts/summary.json");
    mend(
        &job,
        "summary.json",
        summary.replace("\"net\": \"750.00\"", "\"net\": \"759.00\""),
    );
    finds(
        &job,
        &[],
        &["summary.json: fund.net\n  expected  750.00\n  found     759.00\n"],
    );
}

#[test]
fn the_seal_and_the_plan_tie_a_run_to_what_was_approved() {
    let job = run();
    let seal = sha256(job.read("payouts/manifest.json"));
    let said = check(
        &job,
        &["--seal", &seal.to_uppercase(), "--plan", "plan.toml"],
    );
    assert_eq!(said.status, 0, "{}", said.stdout);
    assert!(
        said.stdout.contains("matches the seal provided")
            && said.stdout.contains("matches the approved plan")
    );

    // A run recomputed from an altered plan is consistent in itself.
    job.write("altered.toml", super::PLAN.replace("add = 5", "add = 9"));
    let again = [
        "compute",
        "claims.csv",
        "--plan",
        "altered.toml",
        "--force",
        "--quiet",
    ];
    assert_eq!(job.payout(&again).status, 0);
    let said = check(&job, &[]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    assert!(
        said.stdout
            .contains("altered\n                plan would pass, too"),
        "{}",
        said.stdout
    );
    finds(
        &job,
        &["--seal", &seal],
        &["does NOT match the seal provided"],
    );
    finds(
        &job,
        &["--plan", "plan.toml"],
        &["does NOT match the approved plan"],
    );
}

#[test]
fn a_seal_that_is_none_is_refused() {
    let said = check(&run(), &["--seal", "3f0a"]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("a seal is 64 hexadecimal digits"),
        "{}",
        said.stderr
    );
}

#[test]
fn the_balance_has_to_cover_payouts_and_holds() {
    let job = run();
    let said = check(&job, &["--balance", "749.99"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    assert!(
        said.stdout
            .contains("749.99 required for payouts and holds:")
    );
    finds(&job, &["--balance", "700.00"], &["SHORTFALL"]);
    let said = check(&job, &["--balance", "$700"]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains(
            "hint: write digits without commas or signs, with at most 2 decimals, like `1234.56`"
        ),
        "{}",
        said.stderr
    );
}

#[test]
fn everything_that_differs_is_listed_in_a_file() {
    let job = run();
    job.write(
        "payouts/payouts.csv",
        "claimant_id,subclass,shares,payout\n",
    );
    finds(
        &job,
        &["--errors", "differences.csv"],
        &["listed in differences.csv"],
    );
    let list = job.read("differences.csv");
    assert!(
        list.starts_with("file,row,claimant_id,what,expected,found\n"),
        "{list}"
    );
    assert_eq!(list.matches("missing row").count(), 3, "{list}");
    assert_eq!(
        list.matches("by the independent check").count(),
        3,
        "{list}"
    );
}

#[test]
fn a_folder_that_never_was_a_run_is_refused() {
    let job = job();
    fs::create_dir(job.path("payouts")).unwrap();
    let said = check(&job, &[]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("payouts` is not a run"),
        "{}",
        said.stderr
    );
}

/// Takes the report out of the folder and out of the manifest.
fn forget_the_report(job: &Job) {
    fs::remove_file(job.path("payouts/report.html")).unwrap();
    let manifest = job.read("payouts/manifest.json");
    let (before, rest) = manifest
        .split_once("    {\n      \"name\": \"report.html\"")
        .unwrap();
    let (_, after) = rest.split_once("    },\n").unwrap();
    job.write("payouts/manifest.json", format!("{before}{after}"));
}

#[test]
fn a_report_that_is_gone_or_says_something_else_is_found() {
    let job = run();
    let report = job.read("payouts/report.html");
    mend(
        &job,
        "report.html",
        report.replacen("$500.00", "$501.00", 1),
    );
    finds(&job, &[], &["report.html", "$501.00"]);
    let job = run();
    forget_the_report(&job);
    finds(&job, &[], &["report.html", "no such file"]);
}

#[test]
fn pipes_and_folders_in_place_of_files_are_found_and_not_opened() {
    for name in FILES {
        for make in ["mkfifo", "mkdir"] {
            let job = run();
            fs::remove_file(job.path(&format!("payouts/{name}"))).unwrap();
            let path = job.path(&format!("payouts/{name}"));
            let made = std::process::Command::new(make).arg(path).status().unwrap();
            assert!(made.success());
            let what = if make == "mkdir" {
                "a folder"
            } else {
                "a pipe"
            };
            finds(&job, &[], &[name, what]);
        }
    }
}

#[test]
fn blank_lines_among_the_rows_are_found() {
    let job = run();
    let rows = job.read("payouts/payouts.csv").replacen('\n', "\n\n", 1);
    mend(&job, "payouts.csv", &rows);
    finds(&job, &[], &["payouts.csv", "blank lines"]);
}

#[test]
fn a_manifest_that_names_a_file_twice_or_elsewhere_is_found() {
    let manifest = |job: &Job, change: fn(&mut Vec<Value>)| {
        let mut value: Value = serde_json::from_str(&job.read("payouts/manifest.json")).unwrap();
        change(value["outputs"].as_array_mut().unwrap());
        let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
        job.write("payouts/manifest.json", text);
    };
    let job = run();
    manifest(&job, |outputs| outputs.push(outputs[0].clone()));
    finds(&job, &[], &["manifest.json"]);
    let job = run();
    manifest(&job, |outputs| outputs.swap(0, 1));
    finds(&job, &[], &["manifest.json"]);
    let job = run();
    manifest(&job, |outputs| outputs[0]["name"] = "../claims.csv".into());
    finds(&job, &[], &["the names of files in the folder"]);
}

#[test]
fn a_draft_is_called_one() {
    let job = Job::new();
    let said = job.payout(&["sample", "20", "--out", "claims.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(job.payout(&["compute", "claims.csv", "--quiet"]).status, 0);
    let said = check(&job, &[]);
    assert!(
        said.stdout.contains("DRAFT – not for payment"),
        "{}",
        said.stdout
    );
}

#[test]
fn the_list_of_errors_takes_the_place_of_nothing_but_a_list() {
    let job = run();
    let said = check(&job, &["--errors", "claims.csv"]);
    assert_eq!(said.status, 2, "{}", said.stdout);
    assert_eq!(job.read("claims.csv"), CLAIMS);
    fs::write(job.path("payouts/held.csv"), "x\n").unwrap();
    for _ in 0..2 {
        assert_eq!(check(&job, &["--errors", "errors.csv"]).status, 1);
    }
}

#[test]
fn a_sheet_of_no_workbook_is_noticed() {
    let job = run();
    let manifest = job.read("payouts/manifest.json");
    let altered = manifest.replacen("\"options\": {", "\"options\": {\"sheet\": \"Other\",", 1);
    assert_ne!(altered, manifest);
    job.write("payouts/manifest.json", altered);
    let said = check(&job, &[]);
    assert_eq!(said.status, 1, "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout.contains("none, because no workbook was read"),
        "{}",
        said.stdout
    );
}
