//! ACH files that follow one another: what tells them apart, their numbers, and
//! the days that they name.

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
fn numbers_that_are_used_up_begin_where_the_hint_says() {
    let job = job(60);
    let used_up = ["--set", "first_batch=9999999"];
    made(&part(&job, "IL", "first", &used_up));
    for (home, out, after, start) in [
        ("CA", "second", &["--after", "first"][..], 1),
        ("NY", "third", &["--after", "first", "second"], 2),
    ] {
        let said = part(&job, home, out, after);
        assert_eq!(said.status, 2);
        let hint = format!("hint: use `--set first_batch={start}`, where 999999");
        assert!(said.stderr.contains(&hint), "{}", said.stderr);
        let setting = format!("first_batch={start}");
        made(&part(
            &job,
            home,
            out,
            &[after, &["--set", &setting]].concat(),
        ));
        assert_eq!(numbers(&job, &format!("{out}/nacha-1.ach")).1, start);
    }
}

#[test]
fn another_day_or_another_sender_begins_with_a_again() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    let mut other = ACH;
    other[5] = "2026-12-02";
    let more = ["--when", "home=CA", "--after", "first"];
    made(&export(&job, &other, "later", &more));
    let (modifier, _, trace, _) = numbers(&job, "later/nacha-1.ach");
    assert_eq!(modifier, 'A');
    assert!(trace > 1, "trace numbers go on over days");
    let mut other = ACH;
    other[11] = "origin=999";
    made(&export(&job, &other, "elsewhere", &more));
    let (modifier, _, trace, _) = numbers(&job, "elsewhere/nacha-1.ach");
    assert_eq!(modifier, 'A');
    assert!(trace > 1, "trace numbers are those of the bank");
}

#[test]
fn files_of_one_export_differ_and_those_after_them_go_on() {
    let job = job(60);
    job.write("small.toml", "base = \"nacha-ppd\"\n[file]\nrows = 3\n");
    let mut small = ACH;
    small[1] = "small.toml";
    let offset = [
        "--set",
        "offset_routing=021000021",
        "--set",
        "offset_account=1",
    ];
    let mut more = vec!["--when", "home=IL"];
    more.extend(offset);
    made(&export(&job, &small, "first", &more));
    // Three payments and a debit in each.
    assert_eq!(numbers(&job, "first/nacha-1.ach"), ('A', 1, 1, 4));
    assert_eq!(numbers(&job, "first/nacha-2.ach"), ('B', 2, 5, 8));
    assert_eq!(numbers(&job, "first/nacha-3.ach").0, 'C');
    let last = numbers(&job, "first/nacha-3.ach").3;
    made(&part(&job, "CA", "second", &["--after", "first"]));
    let second = numbers(&job, "second/nacha-1.ach");
    assert_eq!((second.0, second.1, second.2), ('D', 4, last + 1));
    let payments = records(&job.read("first/payments.csv"));
    assert_eq!(payments[4][2], "091000010000005");
}

#[test]
fn two_files_of_one_identity_are_found() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    let said = part(&job, "CA", "second", &[]);
    made(&said);
    let words = "warning: second/nacha-1.ach and ./first/nacha-1.ach have the same destination, origin, creation date, time and modifier, so the ACH operator rejects the second of them: destination 091000019, origin 1234567890, created 261130 at 0000, modifier A; to send both files, export this one again with `--after`\n";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    made(&part(&job, "NY", "third", &["--set", "time=0930"]));
    let said = job.payout(&["check", "run", "first", "second", "third"]);
    assert_eq!(said.status, 1);
    let words: Vec<&str> = said.stdout.split_whitespace().collect();
    let words = words.join(" ");
    let found = "second/nacha-1.ach: identity of the ACH file expected an identity that no other file has found that of first/nacha-1.ach: destination 091000019, origin 1234567890, created 261130 at 0000, modifier A";
    assert!(words.contains(found), "{words}");
    assert!(
        !words.contains("third/nacha-1.ach: the identity"),
        "{words}"
    );
}

#[test]
fn a_file_is_made_on_the_banking_day_before_unless_another_is_given() {
    let job = job(60);
    let header = |out: &str| job.read(&format!("{out}/nacha-1.ach"))[23..33].to_owned();
    for (date, created) in [
        ("2026-12-01", "261130"),
        ("2026-11-30", "261127"),
        ("2026-11-27", "261125"),
        ("2026-12-28", "261224"),
        ("2027-01-04", "261231"),
    ] {
        let mut arguments = ACH;
        arguments[5] = date;
        exported(&job, &arguments, date);
        assert_eq!(header(date), format!("{created}0000"), "{date}");
        let batch = job.read(&format!("{date}/nacha-1.ach"));
        let effective = date[2..].replace('-', "");
        assert_eq!(batch.lines().nth(1).unwrap()[69..75], effective);
    }
    // The day itself may be given, for payment on the same day.
    made(&export(&job, &ACH, "same", &["--set", "created=261201"]));
    assert_eq!(header("same"), "2612010000");
    made(&export(&job, &ACH, "early", &["--set", "created=261101"]));
    assert_eq!(header("early"), "2611010000");
    let said = export(&job, &ACH, "mistyped", &["--set", "created=261031"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
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
fn after_the_last_modifier_those_are_taken_that_are_free() {
    let job = job(60);
    let first = |out: &str, home: &str, more: &[&str]| {
        made(&part(&job, home, out, more));
        numbers(&job, &format!("{out}/nacha-1.ach")).0
    };
    first("last", "IL", &["--set", "modifier=9"]);
    assert_eq!(first("next", "CA", &["--after", "last"]), 'A');
    let all = ["--after", "last", "next"];
    assert_eq!(first("then", "NY", &all), 'B');
}

#[test]
fn where_every_modifier_is_used_another_time_begins_again() {
    // Of so many claims, 36 are paid by ACH in Illinois.
    let job = job(274);
    job.write("small.toml", "base = \"nacha-ppd\"\n[file]\nrows = 1\n");
    let mut small = ACH;
    small[1] = "small.toml";
    made(&export(&job, &small, "first", &["--when", "home=IL"]));
    assert_eq!(numbers(&job, "first/nacha-36.ach").0, '9');
    let said = part(&job, "CA", "second", &["--after", "first"]);
    assert_eq!(said.status, 2);
    let words = "hint: use a different creation time: `--set time=HHMM --set modifier=A`";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    let other = [
        "--set",
        "time=0930",
        "--set",
        "modifier=A",
        "--after",
        "first",
    ];
    made(&part(&job, "CA", "second", &other));
    assert_eq!(numbers(&job, "second/nacha-1.ach").0, 'A');
}

#[test]
fn what_a_setting_collides_with_is_cured_by_leaving_it_out() {
    let job = job(60);
    made(&part(&job, "IL", "first", &[]));
    for setting in ["modifier=A", "first_trace=2"] {
        let said = part(
            &job,
            "CA",
            "second",
            &["--after", "first", "--set", setting],
        );
        assert_eq!(said.status, 2, "{setting}");
        assert!(said.stderr.contains("hint: omit `"), "{}", said.stderr);
        assert!(!job.path("second").exists());
    }
    made(&part(&job, "CA", "second", &["--after", "first"]));
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
