//! ACH files that follow one another: what tells them apart, their numbers, and
//! the days that they name.

use super::layouts::ach_entries_from;
use super::{ACH, export, exported, job};
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
    // Each is made again from what its folder holds.
    let check = ["check", "run", "first", "second", "third", "--json"];
    let said = job.payout(&check).stdout;
    assert!(!said.contains("ACH"), "{said}");
    for name in ["first", "second", "third"] {
        assert!(!said.contains(&format!("\"file\": \"{name}")), "{said}");
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
    let words = "warning: second/nacha-1.ach has the destination, origin, day, time and modifier of ./first/nacha-1.ach";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    made(&part(&job, "NY", "third", &["--set", "time=0930"]));
    let said = job.payout(&["check", "run", "first", "second", "third"]);
    assert_eq!(said.status, 1);
    let words: Vec<&str> = said.stdout.split_whitespace().collect();
    let words = words.join(" ");
    let found = "second/nacha-1.ach: the identity of the ACH file expected one that no other file has found that of first/nacha-1.ach: destination 091000019, origin 1234567890, created 261130 at 0000, modifier A";
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
}

#[test]
fn an_export_of_another_run_that_pays_the_same_is_called_to_mind() {
    let job = job(60);
    exported(&job, &super::PAYPAL, "paid");
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
fn after_the_last_modifier_another_time_begins_again() {
    let job = job(60);
    made(&part(&job, "IL", "first", &["--set", "modifier=9"]));
    let said = part(&job, "CA", "second", &["--after", "first"]);
    assert_eq!(said.status, 2);
    let words = "hint: another time tells files apart, too: `--set time=HHMM --set modifier=A`";
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
        assert!(
            said.stderr.contains("leave out the setting"),
            "{}",
            said.stderr
        );
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
    let words = "first/nacha-1.ach is not the file that the export's manifest names";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}
