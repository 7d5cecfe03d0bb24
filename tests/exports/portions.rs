//! Portions of payouts: who is paid which, and each of them once.

use crate::support::Job;

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 10_000

[claims]
rows = "sum"

[[pool]]
name   = "points"
shares = [ { add = { column = "points" } } ]

[[portion]]
name    = "Fee"
percent = { column = "fee", blank = 10 }
to      = { column = "firm" }

[[portion]]
name   = "Lien"
amount = [ { add = { column = "lien", blank = 0 } } ]
to     = "Medicare"

[[portion]]
name    = "Wages"
percent = 25
of      = "remaining"

[[portion]]
name = "Rest"

[payment]
method = "method"
"#;

const CLAIMS: &str = "\
claimant_id,points,fee,lien,firm,method
a,4,40,100,Smith LLP,check
a,4,40,50,Smith LLP,check
b,4,,,Lee LLP,check
c,0,50,1,,check
d,2,100,1,Lee LLP,paypal
";

const LAYOUT: &str = r#"[file]
name   = "bank.csv"
header = true

[[column]]
name = "id"
id   = true

[[column]]
name   = "amount"
payout = "decimal"

[[column]]
name   = "wages"
payout = { portion = "Wages" }

[[column]]
name  = "payee"
payee = true
blank = "claimant"
"#;

fn job() -> Job {
    let job = Job::with(&[
        ("plan.toml", PLAN),
        ("claims.csv", CLAIMS),
        ("bank.toml", LAYOUT),
    ]);
    job.compute("plan.toml", "run");
    job
}

fn export(job: &Job, out: &str, portion: &[&str]) {
    let arguments = ["export", "run", "--layout", "bank.toml", "--out", out];
    let said = job.payout(&[&arguments, portion].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
}

#[test]
fn portions_are_columns_after_the_payout() {
    let job = job();
    assert_eq!(
        job.read("run/payouts.csv"),
        "\
claimant_id,subclass,rows,shares,payout,Fee,Lien,Wages,Rest
a,,2,8,5714.28,2285.71,150.00,819.64,2458.93
b,,1,4,2857.14,285.71,0.00,642.86,1928.57
d,,1,2,1428.57,1428.57,0.00,0.00,0.00
"
    );
    let summary: serde_json::Value = serde_json::from_str(&job.read("run/summary.json")).unwrap();
    let at = |path: &str| summary.pointer(path).unwrap().to_string();
    // The claimant `d` is paid nothing: everything goes to the firm.
    assert_eq!(at("/payouts/by_method/0/count"), "2");
    assert_eq!(at("/payouts/by_method/0/total"), "\"5850.00\"");
    assert_eq!(summary["payouts"]["by_method"].as_array().unwrap().len(), 1);
    assert_eq!(at("/portions/0/payees/0/to"), "\"Lee LLP\"");
    assert_eq!(at("/portions/0/payees/0/total"), "\"1714.28\"");
    assert_eq!(at("/portions/1/cut/total"), "\"1.00\"");
    let said = job.payout(&["check", "run"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
}

#[test]
fn every_portion_is_paid_once() {
    let job = job();
    export(&job, "own", &[]);
    assert_eq!(
        job.read("own/bank.csv"),
        "id,amount,wages,payee\na,3278.57,819.64,claimant\nb,2571.43,642.86,claimant\n"
    );
    export(&job, "fee", &["--portion", "Fee", "--after", "own"]);
    assert_eq!(
        job.read("fee/bank.csv"),
        "\
id,amount,wages,payee
a,2285.71,819.64,Smith LLP
b,285.71,642.86,Lee LLP
d,1428.57,0.00,Lee LLP
"
    );
    let check = |exports: &[&str]| {
        let said = job.payout(&[&["check", "run"], exports].concat());
        (said.status, said.stdout)
    };
    let (status, said) = check(&["own", "fee"]);
    assert_eq!(status, 1);
    assert!(said.contains("claimant a, portion Lien"), "{said}");
    export(&job, "lien", &["--portion", "Lien"]);
    let (status, said) = check(&["own", "fee", "lien"]);
    assert_eq!(status, 0, "{said}");
    export(&job, "wages", &["--portion", "Wages"]);
    let (status, said) = check(&["own", "fee", "lien", "wages"]);
    assert_eq!(status, 1);
    assert!(said.contains("claimant a, portion Wages"), "{said}");
    export(&job, "rest", &["--portion", "Rest"]);
    let (status, said) = check(&["wages", "rest", "fee", "lien"]);
    assert_eq!(status, 0, "{said}");
    let again = ["export", "run", "--layout", "bank.toml", "--out", "again"];
    let again = job.payout(&[&again[..], &["--portion", "Rest", "--after", "own"]].concat());
    assert_eq!(again.status, 2, "{}", again.stderr);
}

#[test]
fn statements_explanations_and_books_show_portions() {
    let job = job();
    let said = job.payout(&["explain", "run", "a"]);
    assert!(
        said.stdout.contains("Lien: $150.00, paid to Medicare."),
        "{}",
        said.stdout
    );
    assert_eq!(said.status, 0);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "all",
    ];
    let said = job.payout(&[&compute[..], &["--statements", "--xlsx"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["check", "all"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let ledger = [
        "export",
        "run",
        "--layout",
        "ledger",
        "--date",
        "2026-12-01",
    ];
    let said = job.payout(&[&ledger[..], &["--out", "books"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let journal = job.read("books/payouts.journal");
    assert!(
        journal.contains("Payout: Fee, to Smith LLP  ; claimant a"),
        "{journal}"
    );
}
