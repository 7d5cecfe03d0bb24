//! What other programs read in payment files. A program that is not here is
//! said to be missing, and its test is skipped, or fails where `CI` is `true`.

use std::process::Command;

use super::{
    ACH, CHECKS, LEDGER, PAYPAL, POSITIVE_PAY, cents, export, exported, job, of_method, payouts,
};
use crate::support::{Job, Said, feed, skipped};

/// Runs a program in the folder of a job, where it is installed.
fn other(job: &Job, program: &str, arguments: &[&str]) -> Option<Said> {
    let mut version = Command::new(program);
    if version.arg("--version").output().is_err() {
        skipped(program);
        return None;
    }
    let mut command = Command::new(program);
    Some(feed(
        command.args(arguments).current_dir(job.path(".")),
        b"",
    ))
}

/// Runs lines of Python, where it has the module that they need.
fn python(job: &Job, module: &str, lines: &str) -> Option<Said> {
    let import = format!("import {module}");
    let has = Command::new("python3").args(["-c", &import]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        skipped(&format!("{module} for Python"));
        return None;
    }
    other(job, "python3", &["-c", lines])
}

#[test]
fn hledger_finds_the_books_in_balance() {
    for detail in ["claimants", "totals"] {
        let job = job(60);
        let detail = format!("detail={detail}");
        assert_eq!(
            export(&job, &LEDGER, "books", &["--set", &detail]).status,
            0
        );
        let journal = "books/payouts.journal";
        let Some(said) = other(&job, "hledger", &["-f", journal, "check", "--strict"]) else {
            return;
        };
        assert_eq!(said.status, 0, "{}", said.stderr);
        let arguments = ["-f", journal, "balance", "-O", "csv", "--flat"];
        let balances = other(&job, "hledger", &arguments).unwrap().stdout;
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
        assert_ne!(
            other(&job, "hledger", &["-f", journal, "check"])
                .unwrap()
                .status,
            0
        );
    }
}

#[test]
fn beancount_finds_the_books_in_balance() {
    let job = job(60);
    exported(&job, &LEDGER, "books");
    let check = |file: &str| {
        let lines = format!(
            "from beancount import loader\n\
             entries, errors, options = loader.load_file('{file}')\n\
             print(len(errors), sum(1 for entry in entries if getattr(entry, 'narration', '') == 'Payout'))"
        );
        python(&job, "beancount", &lines)
    };
    let Some(said) = check("books/payouts.beancount") else {
        return;
    };
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
    assert!(
        check("books/wrong.beancount")
            .unwrap()
            .stdout
            .starts_with("1 ")
    );
}

#[test]
fn another_reader_of_ach_files_agrees_on_count_hash_and_totals() {
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
        let Some(said) = python(&job, "achkit", &lines) else {
            return;
        };
        assert_eq!(
            said.stdout,
            format!("True [] {entries} {total} {debits}\n"),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn another_reader_of_ach_files_takes_two_exports_of_one_day() {
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
    if let Some(said) = python(&job, "achkit", lines) {
        assert_eq!(said.stdout, "[] A\n[] B\n", "{}", said.stderr);
    }
}

#[test]
fn duckdb_and_sqlite_read_the_payments() {
    let job = job(120);
    exported(&job, &CHECKS, "checks");
    exported(&job, &POSITIVE_PAY, "pp");
    exported(&job, &PAYPAL, "paypal");
    for (method, file, header, column, payee) in [
        (
            "check",
            "checks/check-register.csv",
            "true",
            "amount",
            "payee",
        ),
        (
            "check",
            "pp/positive-pay.csv",
            "false",
            "column4",
            "column5",
        ),
        (
            "paypal",
            "paypal/paypal-1.csv",
            "false",
            "column1",
            "column0",
        ),
        (
            "check",
            "checks/payments.csv",
            "true",
            "payout",
            "claimant_id",
        ),
    ] {
        let expected = of_method(&job, method);
        let total: u64 = expected.iter().map(|(_, payout)| cents(payout)).sum();
        let expected = format!("{} {total} {}\n", expected.len(), expected.len());
        let lines = format!(
            "import duckdb\n\
             query = \"select count(*), sum(cast(replace({column}, '.', '') as bigint)), count({payee}) from read_csv('{file}', header = {header}, all_varchar = true, strict_mode = true)\"\n\
             print(*duckdb.sql(query).fetchall()[0])"
        );
        if let Some(said) = python(&job, "duckdb", &lines) {
            assert_eq!(said.stdout, expected, "{file}: {}", said.stderr);
        }
        if header == "true" {
            let query = format!(
                "select count(*) || ' ' || sum(cast(replace({column}, '.', '') as integer)) || ' ' || count({payee}) from t"
            );
            let import = format!(".import {file} t");
            let arguments = [":memory:", "-csv", "-cmd", &import, &query];
            if let Some(said) = other(&job, "sqlite3", &arguments) {
                assert_eq!(
                    said.stdout.replace('"', ""),
                    expected,
                    "{file}: {}",
                    said.stderr
                );
            }
        }
    }
}
