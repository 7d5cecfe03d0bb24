//! Everybody is paid once, and what is due.

use std::fs;

use super::{ACH, CHECKS, LEDGER, PAYPAL, POSITIVE_PAY, export, exported, job};
use crate::support::{Job, names};

/// The run of sixty claims, with exports for all.
fn all() -> Job {
    let job = job(60);
    exported(&job, &CHECKS, "checks");
    exported(&job, &PAYPAL, "paypal");
    exported(&job, &ACH, "ach");
    job
}

/// Checks the run with exports; what it says.
fn check(job: &Job, exports: &[&str]) -> (i32, String) {
    let mut arguments = vec!["check", "run"];
    arguments.extend(exports);
    let said = job.payout(&arguments);
    assert_eq!(said.stderr, "");
    // Lines are broken where they are too long.
    let words: Vec<&str> = said.stdout.split_whitespace().collect();
    (said.status, words.join(" "))
}

#[test]
fn exports_that_pay_everybody_once_hold() {
    let job = all();
    let (status, said) = check(&job, &["checks", "paypal", "ach"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("48 of 48 claimants are paid exactly once"),
        "{said}"
    );
    // Positive pay lists the same checks, and the books pay nobody.
    exported(&job, &POSITIVE_PAY, "pp");
    exported(&job, &LEDGER, "books");
    job.write(
        "books/.payouts.beancount.picklecache",
        "what beancount leaves there",
    );
    let (status, said) = check(&job, &["pp", "checks", "paypal", "ach", "books"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = check(&job, &["pp", "paypal", "ach"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("; for 16 of them, the exports only list a check as issued"),
        "{said}"
    );
    let (status, said) = check(&job, &["books"]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("not checked: these exports contain no payments"),
        "{said}"
    );
    let json = job
        .payout(&["check", "run", "checks", "paypal", "ach", "--json"])
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["exports"]["paid_once"], 48);
    assert_eq!(json["exports"]["exports"][1]["layout"], "paypal");
}

#[test]
fn exports_are_compared_with_the_payouts_without_the_claims() {
    let job = all();
    fs::remove_file(job.path("claims.csv")).unwrap();
    let without = |exports: &[&str]| check(&job, &[&["--without-claims"], exports].concat());
    let (status, said) = without(&["checks", "paypal", "ach"]);
    assert_eq!(status, 0, "{said}");
    for words in [
        "48 of 48 claimants are paid exactly once",
        "compared with its manifest, not regenerated",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let (status, said) = without(&["checks", "ach"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("FAILED: 16 differences"), "{said}");
    let list = job.read("checks/payments.csv");
    job.write("checks/payments.csv", list.replacen("C000", "C999", 1));
    let (status, said) = without(&["checks", "paypal", "ach"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("checks/payments.csv: SHA-256"), "{said}");
    assert!(said.contains("only claimants in payouts.csv"), "{said}");
}

#[test]
fn whoever_is_left_out_is_listed() {
    let job = all();
    let (status, said) = check(&job, &["checks", "ach"]);
    assert_eq!(status, 1);
    assert!(
        said.contains("payouts.csv, row 2: claimant C000001 expected one payment of "),
        "{said}"
    );
    assert!(
        said.contains("32 of 48 claimants are paid exactly once"),
        "{said}"
    );
    assert!(said.contains("FAILED: 16 differences"), "{said}");
}

#[test]
fn whoever_is_paid_twice_is_listed() {
    let job = all();
    // By two methods.
    let register = [
        "--layout",
        "check-register",
        "--date",
        "2026-12-01",
        "--set",
        "first_check=9001",
    ];
    exported(&job, &register, "everybody");
    let (status, said) = check(&job, &["everybody", "paypal"]);
    assert_eq!(status, 1);
    assert!(said.contains("paypal/payments.csv, row 1: claimant C000001 expected one payment found another payment of "), "{said}");
    assert!(
        said.contains("; the first is in everybody/payments.csv, row 2"),
        "{said}"
    );
    // By two checks with different numbers.
    let mut again = POSITIVE_PAY.map(str::to_owned);
    again[7] = "first_check=2001".to_owned();
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    exported(&job, &again, "again");
    let (status, said) = check(&job, &["checks", "again", "paypal", "ach"]);
    assert_eq!(status, 1);
    assert!(said.contains("FAILED: 16 differences"), "{said}");
    // By the same export, given twice.
    let (status, said) = check(&job, &["checks", "paypal", "ach", "ach"]);
    assert_eq!(status, 1);
    assert!(said.contains("FAILED: 16 differences"), "{said}");
}

#[test]
fn a_check_number_of_two_claimants_is_listed() {
    let job = all();
    let register = |method: &str, out: &str| {
        let when = format!("method={method}");
        let mut register = CHECKS;
        register[3] = &when;
        exported(&job, &register, out);
    };
    register("paypal", "others");
    let (status, said) = check(&job, &["checks", "others", "ach"]);
    assert_eq!(status, 1);
    assert!(said.contains("others/payments.csv, row 1: claimant C000001, check 1001 expected claimant C000000, as in another export found claimant C000001"), "{said}");
}

#[test]
fn another_amount_is_listed_wherever_it_stands() {
    for (file, from, to) in [
        ("paypal/paypal-1.csv", ",USD,C000004,", ",USD,C000004 ,"),
        ("paypal/payments.csv", "C000004,", "C000004,1"),
        ("ach/nacha-1.ach", "C000005 ", "C000005X"),
        ("checks/check-register.csv", "1004,", "1005,"),
        ("checks/manifest.json", "\"count\": 16", "\"count\": 17"),
        (
            "checks/layout.toml",
            "name   = \"check-register\"",
            "name   = \"check-registry\"",
        ),
    ] {
        let job = all();
        let text = job.read(file);
        assert!(text.contains(from), "{file}: {text}");
        job.write(file, text.replacen(from, to, 1));
        let (status, said) = check(&job, &["checks", "paypal", "ach"]);
        assert_eq!(status, 1, "{file}");
        assert!(said.contains(file), "{file}: {said}");
    }
    let job = all();
    let list = job.read("paypal/payments.csv");
    let row = list.lines().nth(2).unwrap().to_owned();
    let other = row.replacen(',', ",9", 1);
    job.write("paypal/payments.csv", list.replace(&row, &other));
    let (_, said) = check(&job, &["checks", "paypal", "ach"]);
    assert!(
        said.contains("paypal/payments.csv, row 2: claimant C000004 expected "),
        "{said}"
    );
}

#[test]
fn a_payment_that_was_planted_or_taken_away_is_listed() {
    for file in [
        "paypal/paypal-1.csv",
        "paypal/payments.csv",
        "ach/nacha-1.ach",
        "checks/check-register.csv",
    ] {
        for planted in [true, false] {
            let job = all();
            let text = job.read(file);
            let line = format!("{}\n", text.lines().nth(3).unwrap());
            let changed = if planted {
                line.repeat(2)
            } else {
                String::new()
            };
            job.write(file, text.replacen(&line, &changed, 1));
            let (status, said) = check(&job, &["checks", "paypal", "ach"]);
            assert_eq!(status, 1, "{file}");
            assert!(said.contains(file), "{file}: {said}");
        }
    }
    let job = all();
    let list = job.read("paypal/payments.csv") + "X-1,27.84,,paypal-1.csv,17\n";
    job.write("paypal/payments.csv", list);
    let (_, said) = check(&job, &["checks", "paypal", "ach"]);
    assert!(
        said.contains("claimant X-1 expected only claimants in payouts.csv found 27.84"),
        "{said}"
    );
}

#[test]
fn every_byte_of_an_export_counts() {
    let job = all();
    let mut found = 0;
    for export in ["checks", "ach"] {
        for name in names(&job.path(export)) {
            let path = job.path(&format!("{export}/{name}"));
            let bytes = fs::read(&path).unwrap();
            for place in (0..bytes.len()).step_by(97) {
                let mut changed = bytes.clone();
                changed[place] ^= 1;
                fs::write(&path, changed).unwrap();
                let said = job.payout(&["check", "run", "checks", "paypal", "ach"]);
                // A manifest may become one that cannot be read.
                let noticed = said.status == 1 || (said.status == 2 && name == "manifest.json");
                assert!(noticed, "{export}/{name}, byte {place}");
                found += 1;
            }
            fs::write(&path, bytes).unwrap();
        }
        job.write(&format!("{export}/note.txt"), "x");
        let (status, said) = check(&job, &["checks", "paypal", "ach"]);
        assert_eq!(status, 1);
        assert!(
            said.contains(&format!("{export}/note.txt expected no such file")),
            "{said}"
        );
        fs::remove_file(job.path(&format!("{export}/note.txt"))).unwrap();
    }
    assert!(found > 50);
    assert_eq!(check(&job, &["checks", "paypal", "ach"]).0, 0);
}

#[test]
fn an_export_of_another_run_is_listed() {
    let job = all();
    let claims = job.read("claims.csv").replace("C000003,IL", "C000003,CA");
    job.write("claims.csv", claims);
    job.compute("plan.toml", "new");
    let said = job.payout(&["check", "new", "checks", "paypal", "ach"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("seal of the run"), "{}", said.stdout);
}

#[test]
fn nobody_in_an_earlier_export_is_paid_again() {
    let job = all();
    let everybody = ["--layout", "paypal", "--set", "note=x"];
    let said = export(&job, &everybody, "more", &["--after", "checks", "ach"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    let words = "error[X137]: 16 claimants are already paid in checks: `C000000`, `C000003`, `C000006`, `C000012`, `C000015` and 11 more\n";
    assert!(said.stderr.starts_with(words), "{}", said.stderr);
    assert!(!job.path("more").exists());
    // The same checks, listed for another receiver, are no other payments.
    let said = export(&job, &POSITIVE_PAY, "pp", &["--after", "checks", "paypal"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let other = ["--after", "checks", "--set", "memo=x"];
    let mut numbers = CHECKS;
    numbers[7] = "first_check=1002";
    assert_eq!(export(&job, &numbers, "more", &other).status, 2);
    // A list that was tampered with says nothing.
    job.write(
        "checks/payments.csv",
        "claimant_id,payout,number,file,row\n",
    );
    let said = export(&job, &everybody, "more", &["--after", "checks"]);
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("checks/payments.csv does not match"),
        "{}",
        said.stderr
    );
}

#[test]
fn exports_that_were_not_named_are_called_to_mind() {
    let job = job(60);
    exported(&job, &CHECKS, "checks");
    let said = export(&job, &PAYPAL, "paypal", &[]);
    let words = "warning: ./checks is an export of the same run and was not named with `--after`";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    let said = export(&job, &ACH, "ach", &["--after", "checks", "paypal"]);
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
}

#[test]
fn nothing_is_exported_of_a_run_that_does_not_hold() {
    let job = job(60);
    for (file, from, to, words) in [
        (
            "run/payouts.csv",
            "C000000,",
            "C000001,",
            "error[K009]: run: payouts.csv does not match the run's manifest",
        ),
        (
            "run/report.html",
            "<h1>",
            "<h1>Not ",
            "error[K009]: run: report.html does not match the run's manifest",
        ),
        (
            "run/manifest.json",
            concat!("\"version\": \"", env!("CARGO_PKG_VERSION")),
            "\"version\": \"0.0.1",
            "error[X001]: the run was computed with payout 0.0.1, but this is payout",
        ),
        (
            "run/plan.toml",
            "33.33",
            "33.34",
            "does not match the run's manifest",
        ),
        (
            "claims.csv",
            "Main",
            "Moon",
            "error[X003]: claims.csv is not the claims file of the run",
        ),
    ] {
        let text = job.read(file);
        assert!(text.contains(from), "{file}");
        job.write(file, text.replacen(from, to, 1));
        let said = export(&job, &CHECKS, "checks", &[]);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{file}");
        assert!(said.stderr.contains(words), "{file}: {}", said.stderr);
        assert!(!job.path("checks").exists());
        job.write(file, text);
    }
    // Both the payouts and their digest were changed.
    let payouts = job.read("run/payouts.csv");
    let manifest = job.read("run/manifest.json");
    let changed = payouts.replacen("C000001,,1,", "C000001,,2,", 1);
    assert_ne!(changed, payouts);
    job.write(
        "run/manifest.json",
        manifest.replace(
            &crate::support::sha256(&payouts),
            &crate::support::sha256(&changed),
        ),
    );
    job.write("run/payouts.csv", changed);
    let said = export(&job, &CHECKS, "checks", &[]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(
        said.stderr
            .contains("does not follow from its plan and claims"),
        "{}",
        said.stderr
    );
}

#[test]
fn an_earlier_export_is_taken_only_with_all_its_payments() {
    let job = job(60);
    exported(&job, &CHECKS, "checks");
    let payments = job.read("checks/payments.csv");
    let header = payments.split_inclusive('\n').next().unwrap();
    let manifest = job.read("checks/manifest.json");
    let sha256 = |text: &str| crate::support::sha256(text);
    job.write(
        "checks/manifest.json",
        manifest.replace(&sha256(&payments), &sha256(header)),
    );
    job.write("checks/payments.csv", header);
    let said = export(&job, &CHECKS, "again", &["--after", "checks"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    let words = "does not match the counts in the export's manifest";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}

#[test]
fn a_check_is_one_payment_only_if_it_is_printed_once() {
    let job = all();
    exported(&job, &POSITIVE_PAY, "pp");
    // Printed once more, with the same numbers.
    exported(&job, &CHECKS, "more");
    let (status, said) = check(&job, &["checks", "more", "pp", "paypal", "ach"]);
    assert_eq!(status, 1);
    assert!(said.contains("FAILED: 16 differences"), "{said}");
    assert_eq!(
        export(&job, &CHECKS, "again", &["--after", "checks"]).status,
        2
    );
    // Listed for another account too.
    let mut other = POSITIVE_PAY;
    other[9] = "account=999";
    exported(&job, &other, "pp2");
    assert_eq!(check(&job, &["checks", "pp", "pp2", "paypal", "ach"]).0, 1);
    assert_eq!(export(&job, &other, "again", &["--after", "pp"]).status, 2);
    // Listed with another date.
    other = POSITIVE_PAY;
    other[5] = "2026-12-08";
    exported(&job, &other, "later");
    assert_eq!(check(&job, &["checks", "later", "paypal", "ach"]).0, 1);
    assert_eq!(
        export(&job, &other, "again", &["--after", "checks"]).status,
        2
    );
    // With the same number as the check of somebody else.
    let mut taken = CHECKS;
    taken[3] = "method=paypal";
    let said = export(&job, &taken, "again", &["--after", "checks"]);
    let words =
        "error[X138]: check 1001 would go to `C000001`, but it goes to `C000000` in checks\n";
    assert!(said.stderr.starts_with(words), "{}", said.stderr);
}

#[test]
fn checks_of_another_run_are_other_checks() {
    let job = all();
    let plan = job.read("plan.toml").replace("Doe v. Acme", "Roe v. Acme");
    job.write("other.toml", plan);
    job.compute("other.toml", "run2");
    let mut arguments = vec!["export", "run2", "--out", "pp", "--after", "checks"];
    arguments.extend(POSITIVE_PAY);
    assert_eq!(job.payout(&arguments).status, 2);
}

#[test]
fn a_layout_that_is_not_a_shipped_one_is_called_so() {
    let job = all();
    let base = "base = \"positive-pay\"\nwhen = { method = \"check\" }\n[layout]\nname = \"positive-pay\"\n\
                [set]\naccount = 1\nfirst_check = 1001\n\
                [[after]]\nfields = [{ text = \"I\" }, { text = \"1999\" }, { text = \"987.45\" }]\n";
    job.write("own.toml", base);
    exported(
        &job,
        &["--layout", "own.toml", "--date", "2026-12-01"],
        "own",
    );
    let (status, said) = check(&job, &["own", "paypal", "ach"]);
    assert_eq!(status, 0, "{said}");
    let words = "positive-pay, custom layout, not verified: SHA-256 ";
    assert!(said.contains(words), "{said}");
    assert!(said.contains(&crate::support::sha256(base)), "{said}");
    assert!(said.contains("paypal, built-in and unmodified"), "{said}");
}

#[test]
fn a_column_that_may_be_absent_is_no_difference() {
    let job = Job::with(&[
        (
            "plan.toml",
            "[settlement]\nname = \"A\"\n[fund]\namount = 10\n[claims]\nstatus = false\n[[pool]]\nname = \"a\"\nshares = 1\n",
        ),
        (
            "claims.csv",
            "claimant_id,payee,address_1,city,state,zip\nA,Ann Lee,1 Elm St,Austin,TX,73301\n",
        ),
    ]);
    job.compute("plan.toml", "run");
    let register = [
        "--layout",
        "check-register",
        "--date",
        "2026-12-01",
        "--set",
        "first_check=1",
    ];
    exported(&job, &register, "checks");
    let (status, said) = check(&job, &["checks"]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn late_claims_are_paid_by_a_run_of_their_own() {
    let plan = |fund: &str, at_most: &str| {
        format!(
            "[settlement]\nname = \"A\"\n[fund]\namount = {fund}\n[claims]\nstatus = false\n\
             [[pool]]\nname = \"a\"\nshares = 1\n{at_most}"
        )
    };
    let reserve = "\n[[deduction]]\nname = \"Late claims\"\nkind = \"reserve\"\namount = 50";
    let job = Job::with(&[
        ("plan.toml", &plan(&format!("110{reserve}"), "")),
        ("late.toml", &plan("50", "at_most = 30\n")),
        (
            "claims.csv",
            "claimant_id,email\nA,a@b.example\nB,b@b.example\n",
        ),
    ]);
    job.compute("plan.toml", "run");
    let export = |run, out, more: &[&str]| {
        let paypal = ["--layout", "paypal", "--set", "note=x", "--out", out];
        job.payout(&[&["export", run, "--quiet"], &paypal[..], more].concat())
    };
    assert_eq!(export("run", "first", &[]).status, 0);
    job.write("claims.csv", "claimant_id,email\nC,c@b.example\n");
    job.compute("late.toml", "late");
    let said = export("late", "second", &["--after", "first"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let payments = job.read("second/paypal-1.csv");
    assert!(payments.contains("c@b.example,30.00"), "{payments}");
}

#[test]
fn ids_that_are_almost_those_of_paid_claimants_are_a_warning() {
    let plan = "[settlement]\nname = \"A\"\n[fund]\namount = 100\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"a\"\nshares = 1\n";
    let job = Job::with(&[("plan.toml", plan)]);
    let run = |name: &str, ids: &[&str]| {
        let rows: Vec<String> = ids
            .iter()
            .enumerate()
            .map(|(number, id)| format!("{id},{name}{number}@b.example\n"))
            .collect();
        let rows = rows.concat();
        job.write("claims.csv", "claimant_id,email\n".to_owned() + &rows);
        job.compute("plan.toml", name);
    };
    let export = |run, out, more: &[&str]| {
        let paypal = ["--layout", "paypal", "--set", "note=x", "--out", out];
        job.payout(&[&["export", run], &paypal[..], more].concat())
    };
    run("run", &["00123", "C-07", "Lee", "other"]);
    assert_eq!(export("run", "first", &[]).status, 0);
    run("late", &["123", "c-7", "lee", "Z1", "new"]);
    let said = export("late", "second", &["--after", "first"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let words = "warning: 3 claimants have ids that differ only by leading zeros, capitals or \
                 white space from an id that an earlier export has paid (first: `123`, paid as \
                 `00123` by first; `c-7`, paid as `C-07` by first; `lee`, paid as `Lee` by first); \
                 make sure that no one is paid twice";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    run("other", &["124", "new"]);
    let said = export("other", "third", &["--after", "first"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(!said.stderr.contains("differ only"), "{}", said.stderr);
}
