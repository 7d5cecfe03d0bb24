//! What stands in payment files.

use super::{ACH, CHECKS, PAYPAL, POSITIVE_PAY, cents, export, exported, job, of_method, routing};
use crate::support::{Job, names, records};

#[test]
fn a_check_register_has_a_row_for_each_check() {
    let job = job(60);
    exported(&job, &CHECKS, "checks");
    let rows = records(&job.read("checks/check-register.csv"));
    assert_eq!(
        rows[0].join(","),
        "check_number,check_date,payee,address_1,address_2,city,state,zip,country,amount,currency,claimant_id,memo"
    );
    let expected = of_method(&job, "check");
    assert_eq!(rows.len(), expected.len() + 1);
    for ((row, (claim, payout)), number) in rows.iter().skip(1).zip(&expected).zip(1001..) {
        assert_eq!(row[0], number.to_string());
        assert_eq!(row[1], "2026-12-01");
        assert_eq!(row[2..9], claim[4..11]);
        assert_eq!(
            [&row[9], &row[10], &row[11], &row[12]],
            [payout, "USD", &claim[0], ""]
        );
    }
    let list = records(&job.read("checks/payments.csv"));
    assert_eq!(
        list[1],
        [
            &expected[0].0[0],
            &expected[0].1,
            "1001",
            "check-register.csv",
            "1"
        ]
    );
    assert_eq!(
        names(&job.path("checks")),
        [
            "check-register.csv",
            "layout.toml",
            "manifest.json",
            "payments.csv"
        ]
    );
}

#[test]
fn positive_pay_lists_issued_checks_and_cuts_long_names() {
    let job = job(60);
    exported(&job, &POSITIVE_PAY, "pp");
    let rows = records(&job.read("pp/positive-pay.csv"));
    let expected = of_method(&job, "check");
    assert_eq!(rows.len(), expected.len());
    for ((row, (claim, payout)), number) in rows.iter().zip(&expected).zip(1001..) {
        let name: String = claim[4].chars().take(40).collect();
        let number = number.to_string();
        let expected = [
            "I",
            "000123",
            &number,
            "12/01/2026",
            payout,
            name.trim_end(),
        ];
        assert_eq!(row, &expected);
    }
}

#[test]
fn paypal_names_recipients_amounts_and_the_note() {
    let job = job(60);
    exported(&job, &PAYPAL, "paypal");
    let rows = records(&job.read("paypal/paypal-1.csv"));
    let expected = of_method(&job, "paypal");
    assert_eq!(rows.len(), expected.len());
    for (row, (claim, payout)) in rows.iter().zip(&expected) {
        assert_eq!(
            row,
            &[&claim[11], payout, "USD", &claim[0], "Hello, you", "PAYPAL"]
        );
    }
}

/// The records of an ACH file, each of 94 characters, in blocks of ten.
fn ach_records(text: &str) -> Vec<String> {
    assert!(text.is_ascii());
    let records: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(records.iter().all(|record| record.len() == 94));
    assert_eq!(records.len() % 10, 0);
    records
}

/// Reads an ACH file by the positions of the rules, and adds it up anew.
fn ach_entries(text: &str) -> Vec<String> {
    ach_entries_from(text, 1)
}

/// The same of a file whose first entry has this number.
pub(super) fn ach_entries_from(text: &str, first: usize) -> Vec<String> {
    let records = ach_records(text);
    let kinds: String = records.iter().map(|record| &record[..1]).collect();
    let entries: Vec<String> = records
        .iter()
        .filter(|r| r.starts_with('6'))
        .cloned()
        .collect();
    let count = entries.len();
    let filler = kinds.len() - count - 4;
    assert!(filler < 10);
    assert_eq!(
        kinds,
        format!("15{}89{}", "6".repeat(count), "9".repeat(filler))
    );
    assert!(
        records[count + 4..]
            .iter()
            .all(|record| *record == "9".repeat(94))
    );
    let sum = |codes: [&str; 2]| -> u64 {
        let entries = entries.iter().filter(|entry| codes.contains(&&entry[1..3]));
        entries
            .map(|entry| entry[29..39].parse::<u64>().unwrap())
            .sum()
    };
    let hash: u64 = entries
        .iter()
        .map(|entry| entry[3..11].parse::<u64>().unwrap())
        .sum();
    let totals = format!(
        "{:010}{:012}{:012}",
        hash % 10_000_000_000,
        sum(["27", "37"]),
        sum(["22", "32"])
    );
    let batch = &records[count + 2];
    assert_eq!(batch[1..4], records[1][1..4]);
    assert_eq!(batch[4..44], format!("{count:06}{totals}"));
    assert_eq!(batch[44..54], records[1][40..50]);
    assert_eq!(batch[79..], records[1][79..]);
    let file = &records[count + 3];
    let blocks = records.len() / 10;
    assert_eq!(file[1..55], format!("000001{blocks:06}{count:08}{totals}"));
    for (entry, number) in entries.iter().zip(first..) {
        assert_eq!(entry[76..], format!("  009100001{number:07}"));
    }
    entries
}

#[test]
fn ach_files_pay_the_accounts_of_claimants() {
    let job = job(120);
    exported(&job, &ACH, "ach");
    let text = job.read("ach/nacha-1.ach");
    assert!(text.starts_with(&format!(
        "101 09100001912345678902611300000A094101{:<23}{:<23}{:<8}\n",
        "First Bank", "SETTLEMENT FUND", ""
    )));
    let header = format!(
        "5220{:<16}{:<20}1234567890PPDSETTLEMENT{:<6}261201   1091000010000001",
        "SETTLEMENT FUND", "", ""
    );
    assert_eq!(text.lines().nth(1), Some(header.as_str()));
    let entries = ach_entries(&text);
    let expected = of_method(&job, "ach");
    assert_eq!(entries.len(), expected.len());
    for (entry, (claim, payout)) in entries.iter().zip(&expected) {
        let name = claim[4].replace('ñ', "n").replace('ë', "e");
        let name: String = name.chars().take(22).collect();
        let code = if claim[14] == "checking" { "22" } else { "32" };
        let written = format!(
            "6{code}{}{:<17}{:010}{:<15}{:<22}",
            claim[12],
            claim[13],
            cents(payout),
            claim[0],
            name.trim_end()
        );
        assert_eq!(entry[..76], written);
    }
}

#[test]
fn a_balanced_ach_file_has_one_debit_for_all() {
    let job = job(60);
    let offset = [
        "--set",
        "offset_routing=021000021",
        "--set",
        "offset_account=55501",
    ];
    let said = export(&job, &ACH, "ach", &offset);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let text = job.read("ach/nacha-1.ach");
    assert!(text.lines().nth(1).unwrap().starts_with("5200"));
    let entries = ach_entries(&text);
    let total: u64 = of_method(&job, "ach")
        .iter()
        .map(|(_, payout)| cents(payout))
        .sum();
    let debit = format!(
        "627021000021{:<17}{total:010}{:<15}{:<22}",
        "55501", "", "SETTLEMENT FUND"
    );
    assert_eq!(entries.last().unwrap()[..76], debit);
    assert_eq!(
        job.payout(&["check", "run", "ach"]).status,
        1,
        "others are not paid"
    );
}

/// A run in which one claimant receives everything.
fn rich(amount: &str, rows: u32) -> Job {
    let mut claims = "claimant_id,payee,routing_number,account_number,account_type\n".to_owned();
    for row in 0..rows {
        claims += &format!("R{row},Rich,{},{row},checking\n", routing(80_999_999 - row));
    }
    let plan = format!(
        "[settlement]\nname = \"S\"\n[fund]\namount = {amount}\n[[pool]]\nname = \"p\"\nshares = 1\n"
    );
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", &claims)]);
    let said = job.payout(&[
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "--quiet",
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

const ALL_BY_ACH: [&str; 12] = [
    "--layout",
    "nacha-ppd",
    "--date",
    "2026-12-01",
    "--set",
    "destination=091000019",
    "--set",
    "destination_name=B",
    "--set",
    "origin=1",
    "--set",
    "company_name=S",
];

#[test]
fn ach_payments_over_the_limits_of_a_file_go_to_another() {
    // 120 entries of the largest amount: a file takes 100, and a total of
    // 9,999,999,999.00.
    let job = rich("11999999998.80", 120);
    exported(&job, &ALL_BY_ACH, "ach");
    let files = [("ach/nacha-1.ach", 1), ("ach/nacha-2.ach", 101)];
    let files = files.map(|(file, first)| ach_entries_from(&job.read(file), first).len());
    assert_eq!(files, [100, 20]);
    assert!(job.read("ach/nacha-2.ach")[..40].ends_with("B094101"));
    assert_eq!(job.payout(&["check", "run", "ach"]).status, 0);
    // The debit of a balanced file holds as much as one entry.
    let job = rich("199999999.98", 4);
    let offset = [
        "--set",
        "offset_routing=021000021",
        "--set",
        "offset_account=1",
    ];
    assert_eq!(export(&job, &ALL_BY_ACH, "ach", &offset).status, 0);
    let files = [("ach/nacha-1.ach", 1), ("ach/nacha-2.ach", 4)];
    let files = files.map(|(file, first)| ach_entries_from(&job.read(file), first).len());
    assert_eq!(files, [3, 3]);
    assert_eq!(job.payout(&["check", "run", "ach"]).status, 0);
}

const FIXED: &str = r#"
when = { method = "check" }

[layout]
name  = "bank"
pays  = "check"

[file]
name       = "bank-{file}.txt"
form       = "fixed"
line_end   = "crlf"
characters = "ascii"
rows       = 7

[[before]]
fields = [
  { text = "H", width = 1 },
  { settlement = true, width = 10, cut = true },
  { date = "YYYYMMDD", width = 8 },
  { file = true, width = 3 },
]

[[after]]
fields = [
  { text = "T", width = 1 },
  { count = true, width = 6 },
  { total = "minor", width = 14 },
  { total = "decimal", width = 14, fill = " " },
]

[[column]]
name  = "kind"
text  = "C"
width = 1

[[column]]
name   = "number"
number = 500
width  = 8

[[column]]
name   = "payee"
column = "payee"
width  = 20
cut    = true
accents = false

[[column]]
name   = "amount"
payout = "minor"
width  = 12

[[column]]
name   = "plain"
payout = "decimal"
width  = 12
fill   = "*"

[[column]]
name  = "id"
id    = true
width = 9
align = "right"
"#;

#[test]
fn files_of_fixed_width_have_records_with_count_and_total() {
    let job = job(60);
    job.write("bank.toml", FIXED);
    exported(
        &job,
        &["--layout", "bank.toml", "--date", "2026-12-01"],
        "bank",
    );
    let expected = of_method(&job, "check");
    let mut number = 500;
    for (file, payments) in (1..).zip(expected.chunks(7)) {
        let text = job.read(&format!("bank/bank-{file}.txt"));
        let total: u64 = payments.iter().map(|(_, payout)| cents(payout)).sum();
        let mut lines = format!("HDoe v. Acm20261201{file:03}\r\n");
        for (claim, payout) in payments {
            let name = claim[4].replace('ñ', "n").replace('ë', "e");
            let name: String = name.chars().take(20).collect();
            let cents = cents(payout);
            lines += &format!(
                "C{number:08}{name:<20}{cents:012}{payout:*>12}{:>9}\r\n",
                claim[0]
            );
            number += 1;
        }
        let decimal = format!("{}.{:02}", total / 100, total % 100);
        lines += &format!("T{:06}{total:014}{decimal:>14}\r\n", payments.len());
        assert_eq!(text, lines);
    }
    assert_eq!(job.payout(&["check", "run", "bank"]).status, 1);
}

#[test]
fn a_layout_of_ones_own_says_only_what_differs() {
    let job = job(60);
    job.write(
        "mine.toml",
        r#"
base = "positive-pay"
when = { method = "check", in = "illinois" }

[set]
account     = 99
first_check = 7

[rename]
payee = "email"

[file]
delimiter = "|"
quote     = "always"
header    = true

[[column]]
name = "issued"
text = "ISSUE"

[[column]]
name     = "currency"
currency = true
"#,
    );
    exported(
        &job,
        &["--layout", "mine.toml", "--date", "2026-12-01"],
        "mine",
    );
    let text = job.read("mine/positive-pay.csv");
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("\"issued\"|\"account\"|\"check_number\"|\"date\"|\"amount\"|\"payee\"|\"currency\"")
    );
    let expected = of_method(&job, "check")
        .into_iter()
        .filter(|(claim, _)| claim[1] == "IL");
    for (number, (claim, payout)) in (7..).zip(expected) {
        let line = format!(
            "\"ISSUE\"|\"99\"|\"{number}\"|\"12/01/2026\"|\"{payout}\"|\"{}\"|\"USD\"",
            claim[11]
        );
        assert_eq!(lines.next(), Some(line.as_str()));
    }
    assert_eq!(lines.next(), None);
    assert!(job.path("mine/base.toml").exists());
    // The command line comes before the file.
    let more = ["--set", "first_check=8", "--rename", "payee=city"];
    assert_eq!(
        export(
            &job,
            &["--layout", "mine.toml", "--date", "2026-12-01"],
            "other",
            &more
        )
        .status,
        0
    );
    assert!(
        job.read("other/positive-pay.csv")
            .contains("\"8\"|\"12/01/2026\"")
    );
    assert!(
        job.read("other/positive-pay.csv")
            .contains("\"Springfield\"")
    );
}

#[test]
fn an_export_is_the_same_every_time_and_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let job = job(60);
    exported(&job, &ACH, "one");
    exported(&job, &ACH, "two");
    for name in names(&job.path("one")) {
        assert_eq!(
            job.read(&format!("one/{name}")),
            job.read(&format!("two/{name}"))
        );
        let mode = job
            .path(&format!("one/{name}"))
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(
        job.path("one").metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn rows_that_were_added_up_have_to_agree_on_where_the_money_goes() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 100\n[claims]\nrows = \"sum\"\n\
                [[pool]]\nname = \"p\"\nshares = [{ add = { column = \"n\" } }]\n";
    let layout = "[file]\nname = \"p.csv\"\n[[column]]\nname = \"to\"\ncolumn = \"to\"\n\
                  [[column]]\nname = \"amount\"\npayout = \"decimal\"\n";
    for (second, status) in [("here", 0), ("there", 2)] {
        let claims = format!("claimant_id,n,to\nA,1,here\nB,1,x\nA,1,{second}\n");
        let job = Job::with(&[
            ("plan.toml", plan),
            ("claims.csv", &claims),
            ("p.toml", layout),
        ]);
        let compute = [
            "compute",
            "claims.csv",
            "--plan",
            "plan.toml",
            "--out",
            "run",
            "-q",
        ];
        assert_eq!(job.payout(&compute).status, 0);
        let said = export(&job, &["--layout", "p.toml"], "out", &[]);
        assert_eq!(said.status, status, "{}", said.stderr);
        if status == 0 {
            assert_eq!(job.read("out/p.csv"), "here,66.66\nx,33.33\n");
            assert_eq!(job.payout(&["check", "run", "out"]).status, 0);
        } else {
            let words = "claims.csv:3:to: row 1 for the same claimant has `here` in this column";
            assert!(said.stderr.contains(words), "{}", said.stderr);
        }
    }
}

#[test]
fn every_layout_that_is_shipped_is_listed_and_printed() {
    let job = Job::new();
    let list = job.payout(&["layouts"]).stdout;
    for (name, text) in payout::internals::SHIPPED {
        assert!(
            list.lines()
                .any(|line| line.starts_with(name) && line.len() > 30),
            "{list}"
        );
        assert_eq!(job.payout(&["layouts", name]).stdout, text);
        for line in text.lines().filter(|line| line.starts_with('#')) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

fn reference() -> String {
    Job::new().payout(&["layouts", "--reference"]).stdout
}

#[test]
fn every_layout_of_the_reference_can_be_used() {
    let reference = reference();
    // After the kind of a block may stand the name of a file.
    let blocks = reference.split("```toml").skip(1);
    let blocks = blocks.map(|block| block.split_once('\n').unwrap().1);
    let layouts: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap())
        // Another one is used on the page, with a plan and claims of its own.
        .filter(|layout| layout.contains("method"))
        .collect();
    assert_eq!(layouts.len(), 2);
    let job = job(60);
    for (number, layout) in (1..).zip(layouts) {
        job.write("own.toml", layout);
        let set: &[&str] = if layout.contains("[set]") {
            &[]
        } else {
            &["--set", "first_check=1"]
        };
        let out = format!("own-{number}");
        let said = export(
            &job,
            &["--layout", "own.toml", "--date", "2026-12-01"],
            &out,
            set,
        );
        assert_eq!(said.status, 0, "{layout}\n{}", said.stderr);
    }
}

#[test]
fn the_reference_tells_of_every_key_and_of_every_setting() {
    let reference = reference();
    let mut told = 0;
    for (name, text) in payout::internals::SHIPPED {
        assert!(reference.contains(&format!("| `{name}` |")), "{name}");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with("[[")) {
            let word = match line.strip_prefix("[setting.") {
                Some(setting) => setting.trim_end_matches(']'),
                None if line.starts_with('[') => continue,
                None => line.split('=').next().unwrap().trim(),
            };
            assert!(reference.contains(&format!("`{word}")), "{name}: {word}");
            told += 1;
        }
    }
    assert!(told > 100);
}

#[test]
fn a_payment_goes_by_the_rows_that_were_accepted() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 100\n[claims]\nrows = \"sum\"\n\
                status = \"s\"\npay = [\"ok\"]\ndeny = [\"no\"]\n\
                [[exclude]]\nreason = \"late\"\nwhen = { late = \"yes\" }\n\
                [[pool]]\nname = \"p\"\nshares = [{ add = { column = \"n\" } }]\n";
    let layout = "[file]\nname = \"p.csv\"\n[[column]]\nname = \"to\"\ncolumn = \"to\"\n\
                  [[column]]\nname = \"amount\"\npayout = \"decimal\"\n";
    let claims = "claimant_id,s,late,n,to\nA,no,,5,Thief\nB,ok,yes,1,Nobody\nA,ok,,2,Ann\n\
                  B,ok,,1,Bob\nA,ok,,1,Ann\nA,no,,5,Thief\n";
    let job = Job::with(&[
        ("plan.toml", plan),
        ("claims.csv", claims),
        ("p.toml", layout),
    ]);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
        "-q",
    ];
    assert_eq!(job.payout(&compute).status, 0);
    exported(&job, &["--layout", "p.toml"], "out");
    assert_eq!(job.read("out/p.csv"), "Ann,75.00\nBob,25.00\n");
    assert_eq!(job.payout(&["check", "run", "out"]).status, 0);
}

#[test]
fn nothing_is_added_to_runs_and_exports() {
    let job = job(6);
    exported(&job, &CHECKS, "checks");
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "other",
        "-q",
    ];
    assert_eq!(job.payout(&compute).status, 0);
    for out in ["run/new", "other/new", "checks/new"] {
        let said = export(&job, &CHECKS, out, &[]);
        assert_eq!(said.status, 2, "{out}: {}", said.stderr);
    }
    let mut inside = job.command();
    let arguments = [
        "export",
        "../run",
        "--claims",
        "../claims.csv",
        "--out",
        "new",
    ];
    inside
        .args(arguments)
        .args(CHECKS)
        .current_dir(job.path("checks"));
    assert_eq!(crate::support::feed(&mut inside, b"").status, 2);
}
