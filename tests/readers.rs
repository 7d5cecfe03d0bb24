//! What other programs read in payment files and archives.

use std::process::Command;

use crate::commands::{compute, job as ordinary_job};
use crate::exports::{
    ACH, CHECKS, LEDGER, PAYPAL, POSITIVE_PAY, cents, export, exported, job, of_method, payouts,
};
use crate::support::{Job, Said, feed};

/// Runs a program in the folder of a job.
fn other(job: &Job, program: &str, arguments: &[&str]) -> Said {
    let mut command = Command::new(program);
    feed(command.args(arguments).current_dir(job.path(".")), b"")
}

/// Runs lines of Python.
fn python(job: &Job, lines: &str) -> Said {
    other(job, "python3", &["-c", lines])
}

pub(crate) fn hledger_finds_the_books_in_balance() {
    for detail in ["claimants", "totals"] {
        let job = job(60);
        let detail = format!("detail={detail}");
        assert_eq!(
            export(&job, &LEDGER, "books", &["--set", &detail]).status,
            0
        );
        let journal = "books/payouts.journal";
        let said = other(&job, "hledger", &["-f", journal, "check", "--strict"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let arguments = ["-f", journal, "balance", "-O", "csv", "--flat"];
        let balances = other(&job, "hledger", &arguments).stdout;
        let summary: serde_json::Value =
            serde_json::from_str(&job.read("run/summary.json")).unwrap();
        for (account, amount) in [
            (
                "Expenses:Payouts",
                summary["payouts"]["total"].as_str().unwrap(),
            ),
            ("Assets:Held", summary["held"]["total"].as_str().unwrap()),
            (
                "Assets:Residual",
                summary["residual"]["amount"].as_str().unwrap(),
            ),
            ("Expenses:Fees", "333711.48"),
            ("Assets:Reserve", "5000.00"),
            ("Income:Settlement", "-1000000.00"),
            ("Income:Interest", "-1234.56"),
        ] {
            let line = format!("\"{account}\",\"{amount} USD\"");
            assert!(balances.contains(&line), "{line} in\n{balances}");
        }
        assert!(!balances.contains("Assets:Fund"), "{balances}");
        // A cent too much does not pass.
        let text = job.read(journal);
        let wrong = text.replacen("Expenses:Payouts  ", "Expenses:Payouts  1", 1);
        job.write(journal, wrong);
        let said = other(&job, "hledger", &["-f", journal, "check"]);
        assert_ne!(said.status, 0);
    }
}

pub(crate) fn beancount_finds_the_books_in_balance() {
    let job = job(60);
    exported(&job, &LEDGER, "books");
    let check = |file: &str| {
        let lines = format!(
            "from beancount import loader\n\
             entries, errors, options = loader.load_file('{file}')\n\
             print(len(errors), sum(1 for entry in entries if getattr(entry, 'narration', '') == 'Payout'))"
        );
        python(&job, &lines)
    };
    let said = check("books/payouts.beancount");
    assert_eq!(
        said.stdout,
        format!("0 {}\n", payouts(&job).len()),
        "{}",
        said.stderr
    );
    // A cent on both sides of one payout leaves a cent in the fund.
    let text = job.read("books/payouts.beancount");
    let amount = of_method(&job, "check")[0].1.clone();
    let more = format!("{}", cents(&amount) + 1);
    let more = format!("{}.{}", &more[..more.len() - 2], &more[more.len() - 2..]);
    let changed = text.replacen(&format!(" {amount} USD"), &format!(" {more} USD"), 1);
    let changed = changed.replacen(&format!(" -{amount} USD"), &format!(" -{more} USD"), 1);
    job.write("books/wrong.beancount", changed);
    let said = check("books/wrong.beancount");
    assert!(said.stdout.starts_with("1 "), "{}", said.stdout);
}

pub(crate) fn another_reader_of_ach_files_agrees_on_count_hash_and_totals() {
    let job = job(120);
    let offset = [
        "--set",
        "offset_routing=021000021",
        "--set",
        "offset_account=1",
    ];
    assert_eq!(export(&job, &ACH, "ach", &[]).status, 0);
    assert_eq!(export(&job, &ACH, "balanced", &offset).status, 0);
    let expected = of_method(&job, "ach");
    let total: u64 = expected.iter().map(|(_, payout)| cents(payout)).sum();
    for (folder, entries, debits) in [
        ("ach", expected.len(), 0),
        ("balanced", expected.len() + 1, total),
    ] {
        let lines = format!(
            "import achkit\n\
             text = open('{folder}/nacha-1.ach').read()\n\
             result = achkit.validate(text)\n\
             control = achkit.parse(text)['control']\n\
             print(result['ok'], result['errors'], control['entry_addenda_count'], control['total_credit'], control['total_debit'])"
        );
        let said = python(&job, &lines);
        assert_eq!(
            said.stdout,
            format!("True [] {entries} {total} {debits}\n"),
            "{}",
            said.stderr
        );
    }
}

pub(crate) fn another_reader_of_ach_files_takes_two_exports_of_one_day() {
    let job = job(60);
    let of = |home: &str, out: &str, more: &[&str]| {
        let home = format!("home={home}");
        let all = [&["--when", &home][..], more].concat();
        assert_eq!(export(&job, &ACH, out, &all).status, 0);
    };
    of("IL", "first", &[]);
    of("CA", "second", &["--after", "first"]);
    let lines = "import achkit\n\
        for folder in ['first', 'second']:\n\
        \x20   text = open(folder + '/nacha-1.ach').read()\n\
        \x20   print(achkit.validate(text)['errors'], achkit.parse(text)['file_id_modifier'])";
    let said = python(&job, lines);
    assert_eq!(said.stdout, "[] A\n[] B\n", "{}", said.stderr);
}

/// Files of payments with a row for each: the method that they pay, the file, whether it
/// has a header, the column of the amount, and one that is never empty.
const TABLES: [(&str, &str, bool, &str, &str); 4] = [
    (
        "check",
        "checks/check-register.csv",
        true,
        "amount",
        "payee",
    ),
    ("check", "pp/positive-pay.csv", false, "column4", "column5"),
    ("paypal", "paypal/paypal-1.csv", false, "column1", "column0"),
    (
        "check",
        "checks/payments.csv",
        true,
        "payout",
        "claimant_id",
    ),
];

/// A run with those files.
fn tables() -> Job {
    let job = job(120);
    exported(&job, &CHECKS, "checks");
    exported(&job, &POSITIVE_PAY, "pp");
    exported(&job, &PAYPAL, "paypal");
    job
}

/// How many payments there are, their total in cents, and how many again.
fn counted(job: &Job, method: &str) -> String {
    let expected = of_method(job, method);
    let total: u64 = expected.iter().map(|(_, payout)| cents(payout)).sum();
    format!("{} {total} {}\n", expected.len(), expected.len())
}

pub(crate) fn duckdb_reads_the_payments() {
    let job = tables();
    for (method, file, header, column, payee) in TABLES {
        let lines = format!(
            "import duckdb\n\
             query = \"select count(*), sum(cast(replace({column}, '.', '') as bigint)), count({payee}) from read_csv('{file}', header = {header}, all_varchar = true, strict_mode = true)\"\n\
             print(*duckdb.sql(query).fetchall()[0])"
        );
        let said = python(&job, &lines);
        assert_eq!(
            said.stdout,
            counted(&job, method),
            "{file}: {}",
            said.stderr
        );
    }
}

pub(crate) fn sqlite_reads_the_payments() {
    let job = tables();
    for (method, file, _, column, payee) in TABLES.iter().filter(|table| table.2) {
        let query = format!(
            "select count(*) || ' ' || sum(cast(replace({column}, '.', '') as integer)) || ' ' || count({payee}) from t"
        );
        let import = format!(".import {file} t");
        let said = other(
            &job,
            "sqlite3",
            &[":memory:", "-csv", "-cmd", &import, &query],
        );
        let found = said.stdout.replace('"', "");
        assert_eq!(found, counted(&job, method), "{file}: {}", said.stderr);
    }
}

pub(crate) fn python_reads_the_archive_of_statements() {
    let job = ordinary_job();
    job.payout(&compute(&["--statements", "zip", "--quiet"]));
    let archive = ["-m", "zipfile", "-t", "payouts/statements.zip"];
    let said = other(&job, "python3", &archive);
    assert_eq!(said.status, 0, "{}", said.stderr);
}
