//! ACH files that follow one another: what tells them apart, and their numbers. Which
//! numbers follow is tested in `src/export/formats/nacha`.

use super::layouts::ach_entries_from;
use super::{ACH, CHECKS, PAYPAL, export, exported, job};
use crate::support::{Job, Said, records};

/// A run of sixty claims, and ACH for one state of those who are paid so.
fn part(job: &Job, home: &str, out: &str, more: &[&str]) -> Said {
    let home = format!("home={home}");
    let mut all = vec!["--when", &home];
    all.extend(more);
    export(job, &ACH, out, &all)
}

fn made(said: &Said) {
    assert_eq!(said.status, 0, "{}", said.stderr);
}

/// The modifier, the number of the batch, and the numbers of the first and the
/// last entry of a file.
fn numbers(job: &Job, file: &str) -> (char, u32, u32, u32) {
    let text = job.read(file);
    let entries: Vec<&str> = text.lines().filter(|line| line.starts_with('6')).collect();
    let entry = |line: &str| line[87..94].parse().unwrap();
    let batch = text.lines().nth(1).unwrap()[87..94].parse().unwrap();
    let first = entry(entries[0]);
    ach_entries_from(&text, first as usize);
    let modifier = text.as_bytes()[33] as char;
    (modifier, batch, first, entry(entries[entries.len() - 1]))
}

#[test]
fn the_second_export_of_a_day_goes_on() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    made(&part(&job, "CA", "second", &["--after", "first"]));
    made(&part(&job, "NY", "third", &["--after", "second"]));
    let first = numbers(&job, "first/nacha-1.ach");
    let second = numbers(&job, "second/nacha-1.ach");
    let third = numbers(&job, "third/nacha-1.ach");
    assert_eq!((first.0, first.1, first.2), ('A', 1, 1));
    assert_eq!((second.0, second.1, second.2), ('B', 2, first.3 + 1));
    assert_eq!((third.0, third.1, third.2), ('C', 3, second.3 + 1));
    // Every number is that of one claimant.
    let lists = ["first", "second", "third"].map(|out| job.read(&format!("{out}/payments.csv")));
    let rows = lists
        .iter()
        .flat_map(|list| records(list).into_iter().skip(1));
    let mut traces: Vec<String> = rows.map(|row| row[2].clone()).collect();
    let all = traces.len();
    traces.sort();
    traces.dedup();
    assert_eq!(traces.len(), all);
    // Each is made again from what its folder holds, and nothing is left to say.
    exported(&job, &CHECKS, "checks");
    exported(&job, &PAYPAL, "paypal");
    let all = ["first", "second", "third", "checks", "paypal"];
    let said = job.payout(&[&["check", "run", "--json"], &all[..]].concat());
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["differences"], 0, "{told}");
}

#[test]
fn trace_numbers_of_an_export_that_was_not_named_are_found() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    made(&part(&job, "CA", "second", &["--after", "first"]));
    let forgotten = part(
        &job,
        "NY",
        "third",
        &["--after", "first", "--set", "modifier=C"],
    );
    made(&forgotten);
    let (_, _, first, last) = numbers(&job, "third/nacha-1.ach");
    let shared = last.min(numbers(&job, "second/nacha-1.ach").3);
    let words = format!(
        "warning: trace numbers {first:07} to {shared:07} in third/nacha-1.ach are already used in ./second/nacha-1.ach; to send both files, export this one again with `--after`\n"
    );
    assert!(forgotten.stderr.contains(&words), "{}", forgotten.stderr);
    exported(&job, &CHECKS, "checks");
    exported(&job, &PAYPAL, "paypal");
    let check = |ach: &[&str]| {
        let all = [&["check", "run", "checks", "paypal", "--json"], ach].concat();
        let said = job.payout(&all);
        let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        (said.status, told["first"].as_array().unwrap().clone())
    };
    let (status, findings) = check(&["first", "second", "third"]);
    assert_eq!((status, findings.len()), (1, 1), "{findings:?}");
    let finding = findings[0].to_string();
    assert!(finding.contains("third/nacha-1.ach"), "{finding}");
    let found = format!("those of second/nacha-1.ach: {first:07} to {shared:07}");
    assert!(finding.contains(&found), "{finding}");
    // What the warning says to do.
    made(&part(&job, "NY", "again", &["--after", "first", "second"]));
    assert_eq!(check(&["first", "second", "again"]), (0, Vec::new()));
}

#[test]
fn an_export_of_another_run_that_pays_the_same_is_called_to_mind() {
    let job = job(60);
    exported(&job, &PAYPAL, "paid");
    let claims = job.read("claims.csv").replace("C000003,IL", "C000003,CA");
    job.write("corrected.csv", claims);
    let compute = [
        "compute",
        "corrected.csv",
        "--plan",
        "plan.toml",
        "--out",
        "new",
        "-q",
    ];
    made(&job.payout(&compute));
    let export = |out: &str, method: &str| {
        let when = format!("method={method}");
        let arguments = [
            "export", "new", "--layout", "paypal", "--set", "note=x", "--out", out,
        ];
        job.payout(&[&arguments[..], &["--when", &when]].concat())
    };
    let said = export("again", "paypal");
    made(&said);
    let words = "warning: ./paid is an export of another run of this settlement, and 16 claimants of this export may have been paid by it";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    // Others may be paid.
    let said = export("others", "check");
    made(&said);
    assert!(!said.stderr.contains("./paid"), "{}", said.stderr);
}

#[test]
fn an_ach_file_that_was_changed_says_nothing_of_its_numbers() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    let text = job.read("first/nacha-1.ach");
    job.write(
        "first/nacha-1.ach",
        text.replacen("0000A094", "0000B094", 1),
    );
    let said = part(&job, "CA", "second", &["--after", "first"]);
    assert_eq!(said.status, 2);
    let words = "first/nacha-1.ach does not match the export's manifest";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}
