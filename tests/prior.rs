//! Later distributions: plans that divide what a reconciliation left.
//!
//! `prior/harbor-ferry` is the second and the third distribution of a small settlement,
//! computed by hand: two reconciliations, and what each run has to hold.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Job, records, sha256};

/// The parts of what is left, in the order of an account.
const PARTS: [&str; 9] = [
    "void", "held", "reserve", "residual", "refunded", "received", "spent", "late", "over",
];

/// An amount in cents.
fn cents(text: &str) -> i128 {
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    digits.parse().unwrap()
}

fn amount(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// Writes a reconciliation in dollars with this ledger and residual.
pub(crate) fn reconcile(job: &Job, name: &str, settlement: &str, ledger: &str, residual: &str) {
    let rows = records(ledger);
    let column = |wanted: &str| rows[0].iter().position(|known| known == wanted).unwrap();
    let sum = |name: &str| rows[1..].iter().map(|row| cents(&row[column(name)])).sum();
    let (void, held): (i128, i128) = (sum("void"), sum("held"));
    let mut left = serde_json::Map::new();
    for part in PARTS {
        let of_part = match part {
            "void" => void,
            "held" => held,
            "residual" => cents(residual),
            _ => 0,
        };
        left.insert(part.to_owned(), Value::from(amount(of_part)));
    }
    let all = void + held + cents(residual);
    left.insert("amount".to_owned(), Value::from(amount(all)));
    let account = json!({ "left": left }).to_string();
    fs::create_dir_all(job.path(name)).unwrap();
    job.write(&format!("{name}/ledger.csv"), ledger);
    job.write(&format!("{name}/account.json"), account);
    seal(job, name, settlement, ("2027-03-31", 1));
}

/// Writes the manifest of a reconciliation whose other files are there.
fn seal(job: &Job, name: &str, settlement: &str, (on, round): (&str, u64)) {
    let file = |file: &str| {
        let content = job.read(&format!("{name}/{file}"));
        json!({ "bytes": content.len(), "sha256": sha256(content) })
    };
    let manifest = json!({
        "program": "payout",
        "kind": "reconciliation",
        "version": env!("CARGO_PKG_VERSION"),
        "settlement": settlement,
        "currency": "USD",
        "run": { "name": "run-1", "seal": "0".repeat(64) },
        "after": null,
        "exports": [],
        "on": on,
        "round": round,
        "outcomes": [],
        "files": { "ledger.csv": file("ledger.csv"), "account.json": file("account.json") },
    });
    job.write(&format!("{name}/manifest.json"), manifest.to_string());
}

const HEADER: &str =
    "claimant_id,status,payouts,cashed,refunded,outstanding,void,lapsed,over,held\n";

/// A ledger of claimants with what became of one payout to each, or of a hold.
pub(crate) fn ledger(claimants: &[(&str, &str, &str)]) -> String {
    let row = |(id, status, amount): &(&str, &str, &str)| {
        let zero = "0.00";
        let is = |states: &[&str]| {
            if states.contains(status) {
                *amount
            } else {
                zero
            }
        };
        let payout = if is(&["held"]) == zero { *amount } else { zero };
        let (cashed, out) = (is(&["cashed"]), is(&["outstanding"]));
        let void = is(&["stale", "returned", "void", "unissued"]);
        let held = is(&["held"]);
        format!("{id},{status},{payout},{cashed},{zero},{out},{void},{zero},{zero},{held}\n")
    };
    HEADER.to_owned() + &claimants.iter().map(row).collect::<String>()
}

fn summary(job: &Job, run: &str) -> Value {
    serde_json::from_str(&job.read(&format!("{run}/summary.json"))).unwrap()
}

pub(crate) fn harbor_ferry() -> Job {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prior/harbor-ferry");
    let job = Job::new();
    for name in [
        "claims-2.csv",
        "plan-2.toml",
        "plan-2-catch-up.toml",
        "plan-3.toml",
    ] {
        job.write(name, fs::read(from.join(name)).unwrap());
    }
    let settlement = "Roe v. Harbor Ferry Co. (made up)";
    for (name, facts) in [("rec-1b", ("2027-03-31", 1)), ("rec-2", ("2027-09-30", 2))] {
        fs::create_dir(job.path(name)).unwrap();
        for file in ["ledger.csv", "account.json"] {
            let content = fs::read(from.join(name).join(file)).unwrap();
            job.write(&format!("{name}/{file}"), content);
        }
        seal(&job, name, settlement, facts);
    }
    job
}

/// Runs a command, which must succeed.
fn run(job: &Job, arguments: &[&str]) -> String {
    let said = job.payout(arguments);
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    said.stdout
}

pub(crate) fn compute(job: &Job, claims: &str, plan: &str, after: &str, out: &str) {
    let arguments = ["compute", claims, "--plan", plan, "--after", after];
    run(job, &[&arguments[..], &["--out", out, "--quiet"]].concat());
}

/// The columns of a file of a run that the expected file has, too.
fn same_columns(found: &str, expected: &str) -> Vec<Vec<String>> {
    let (found, expected) = (records(found), records(expected));
    let place = |name: &String| found[0].iter().position(|known| known == name).unwrap();
    let places: Vec<usize> = expected[0].iter().map(place).collect();
    let row = |row: &Vec<String>| places.iter().map(|place| row[*place].clone()).collect();
    found.iter().map(row).collect()
}

/// The later distributions of the settlement, with the run that each has to be.
pub(crate) const RUNS: [(&str, &str, &str); 3] = [
    ("plan-2.toml", "rec-1b", "run-2"),
    ("plan-2-catch-up.toml", "rec-1b", "run-2-catch-up"),
    ("plan-3.toml", "rec-2", "run-3"),
];

#[test]
fn the_later_distributions_of_harbor_ferry_are_those_computed_by_hand() {
    let (job, from) = (harbor_ferry(), "tests/prior/harbor-ferry");
    let expected = |run: &str, name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(from).join(run);
        fs::read_to_string(path.join(name)).unwrap()
    };
    for (plan, after, out) in RUNS {
        compute(&job, "claims-2.csv", plan, after, out);
        for name in ["payouts.csv", "held.csv", "unpaid.csv"] {
            let (found, wanted) = (job.read(&format!("{out}/{name}")), expected(out, name));
            assert_eq!(
                same_columns(&found, &wanted),
                records(&wanted),
                "{out}/{name}"
            );
        }
        let figures: Value = serde_json::from_str(&expected(out, "figures.json")).unwrap();
        let found = summary(&job, out);
        for key in ["brought_forward", "amount", "interest", "net"] {
            assert_eq!(found["fund"][key], figures[key], "{out} {key}");
        }
        for (pool, wanted) in found["pools"]
            .as_array()
            .unwrap()
            .iter()
            .zip(figures["pools"].as_array().unwrap())
        {
            for key in [
                "name",
                "available",
                "participants",
                "rate_exact",
                "paid",
                "left",
            ] {
                assert_eq!(pool[key], wanted[key], "{out} {key}");
            }
            for key in ["not_economical", "ahead"] {
                let pool = pool.get(key).cloned().unwrap_or(Value::Null);
                assert_eq!(pool, wanted[key], "{out} {key}");
            }
        }
        assert_eq!(found["payouts"]["total"], figures["payouts"]);
        assert_eq!(found["residual"]["amount"], figures["residual"]);
        // A check finds the reconciliation by its name.
        assert!(run(&job, &["check", out]).contains("All checks passed."));
    }
    let prior = &summary(&job, "run-2")["prior"];
    assert_eq!(prior["reconciliation"], "rec-1b");
    assert_eq!(prior["on"], "2027-03-31");
    assert_eq!(prior["left"]["spent"], "-85.00");
    assert_eq!(prior["seal"], sha256(job.read("rec-1b/manifest.json")));
    let manifest: Value = serde_json::from_str(&job.read("run-2/manifest.json")).unwrap();
    assert_eq!(manifest["after"]["seal"], prior["seal"]);
}

#[test]
fn explanations_statements_and_exports_of_a_later_distribution_need_its_reconciliation() {
    let job = harbor_ferry();
    compute(
        &job,
        "claims-2.csv",
        "plan-2-catch-up.toml",
        "rec-1b",
        "run-2",
    );
    let told = run(&job, &["explain", "run-2", "H-05"]);
    assert!(told.contains("from prior.paid = 311.95"), "{told}");
    assert!(told.contains("Already received: $311.95."), "{told}");
    run(
        &job,
        &[
            "export",
            "run-2",
            "--layout",
            "check-register",
            "--date",
            "2027-05-03",
            "--set",
            "first_check=2001",
            "--out",
            "checks",
        ],
    );
    assert!(run(&job, &["check", "run-2", "checks"]).contains("All checks passed."));
    fs::create_dir(job.path("elsewhere")).unwrap();
    fs::rename(job.path("rec-1b"), job.path("elsewhere/rec-1b")).unwrap();
    let said = job.payout(&["check", "run-2"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("was not found"), "{}", said.stdout);
    run(&job, &["check", "run-2", "--after", "elsewhere/rec-1b"]);
    run(
        &job,
        &["explain", "run-2", "H-05", "--after", "elsewhere/rec-1b"],
    );
    // Without the claims, what was written is added up.
    run(&job, &["check", "run-2", "--without-claims"]);
}

#[test]
fn a_check_finds_a_reconciliation_that_was_changed() {
    let job = harbor_ferry();
    compute(&job, "claims-2.csv", "plan-2.toml", "rec-1b", "run-2");
    let ledger = job.read("rec-1b/ledger.csv");
    job.write("rec-1b/ledger.csv", ledger.replace("2378.69", "2378.68"));
    let said = job.payout(&["check", "run-2"]);
    assert_eq!(said.status, 1, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("rec-1b/ledger.csv"), "{}", said.stdout);
    job.write("rec-1b/ledger.csv", ledger);
    run(&job, &["check", "run-2"]);
    // The summary and the manifest are of that reconciliation.
    let summary = job.read("run-2/summary.json");
    job.write("run-2/summary.json", summary.replace("6003.39", "6003.38"));
    assert_eq!(job.payout(&["check", "run-2"]).status, 1);
}

#[test]
fn whoever_has_had_too_much_is_counted() {
    let job = Job::new();
    let text = ledger(&[
        ("A", "cashed", "70.00"),
        ("B", "cashed", "10.00"),
        ("C", "outstanding", "65.00"),
        ("D", "stale", "50.00"),
    ]);
    reconcile(&job, "rec", "x", &text, "20.00");
    job.write(
        "plan.toml",
        "[settlement]\nname = \"x\"\n[fund]\nprior = \"left\"\n[claims]\nstatus = false\n\
         [[pool]]\nname = \"p\"\naward = 60\nless = [ { add = { prior = \"paid\" } } ]\n",
    );
    job.write("claims.csv", "claimant_id\nA\nB\nC\nD\n");
    compute(&job, "claims.csv", "plan.toml", "rec", "run");
    let summary = summary(&job, "run");
    // B is due 50.00 and D 60.00, of 70.00 in all: 60λ − 10 + 60λ = 70.
    assert_eq!(summary["pools"][0]["rate_exact"], "2/3");
    assert_eq!(
        summary["pools"][0]["ahead"],
        json!({"participants": 2, "total": "55.00"})
    );
    assert_eq!(summary["payouts"]["total"], "70.00");
    let warnings = summary["warnings"].to_string();
    let outstanding = "earlier payments of $65.00 to 1 claimant are outstanding";
    assert!(warnings.contains(outstanding), "{warnings}");
    run(&job, &["check", "run"]);
}

#[test]
fn the_rows_of_a_claimant_share_what_earlier_distributions_paid() {
    let job = Job::new();
    let text = ledger(&[("A", "cashed", "30.00"), ("B", "stale", "10.00")]);
    reconcile(&job, "rec", "x", &text, "50.00");
    job.write(
        "plan.toml",
        "[settlement]\nname = \"x\"\n[fund]\nprior = \"left\"\n\
         [claims]\nstatus = false\nrows = \"sum\"\n\
         [[pool]]\nname = \"p\"\nshares = [ { add = { column = \"units\" } } ]\n\
         less = [ { add = { prior = \"cashed\", times = 0.5 } } ]\n",
    );
    job.write("claims.csv", "claimant_id,units\nA,1\nB,1\nA,2\n");
    compute(&job, "claims.csv", "plan.toml", "rec", "run");
    // 60 + 15 over 4 units is 18.75: A has 56.25 less 15.00, which are not counted twice.
    let payouts = same_columns(&job.read("run/payouts.csv"), "claimant_id,payout\n");
    assert_eq!(payouts[1..], [["A", "41.25"], ["B", "18.75"]]);
    run(&job, &["check", "run"]);
}

/// A later distribution with a published figure.
struct Published {
    /// Where the figure is from.
    source: &'static str,
    plan: &'static str,
    claims: String,
    ledger: String,
    residual: &'static str,
    /// Claimants with their payouts; 0 for one who is not paid.
    payouts: Vec<(&'static str, &'static str)>,
    /// Figures of summary.json.
    figures: Vec<(&'static str, &'static str)>,
}

/// Counts are made up where none are published.
#[expect(clippy::too_many_lines, reason = "a table, case by case")]
fn published() -> Vec<Published> {
    let rows = |lines: &[&str]| lines.join("\n") + "\n";
    vec![
        Published {
            source: "In re Facebook Biometric Information Privacy Litigation (N.D. Cal., \
                     No. 3:15-cv-03747): payments of $397 that were not cashed, 30.61 to each \
                     who cashed",
            plan: "[[pool]]\nname = \"second\"\nwhen = { prior = \"cashed\" }\nshares = 1\n\
                   unit = \"share\"\n",
            claims: rows(&["claimant_id", "A", "B", "C", "D"]),
            ledger: ledger(&[
                ("A", "cashed", "397.00"),
                ("B", "cashed", "397.00"),
                ("C", "cashed", "397.00"),
                ("D", "stale", "397.00"),
            ]),
            residual: "-305.15",
            payouts: vec![("A", "30.61"), ("B", "30.61"), ("C", "30.61"), ("D", "0")],
            figures: vec![("pools.0.unit_rate", "30.61"), ("residual.amount", "0.02")],
        },
        Published {
            source: "the same, third distribution: 7.20 to each who cashed the second, 434.81 \
                     in all",
            plan: "[[pool]]\nname = \"third\"\nwhen = { prior = \"cashed\" }\nshares = 1\n\
                   unit = \"share\"\n",
            claims: rows(&["claimant_id", "A", "B", "C"]),
            ledger: HEADER.to_owned()
                + &rows(&[
                    "A,cashed,427.61,427.61,0.00,0.00,0.00,0.00,0.00,0.00",
                    "B,cashed,427.61,427.61,0.00,0.00,0.00,0.00,0.00,0.00",
                    "C,stale,427.61,397.00,0.00,0.00,30.61,0.00,0.00,0.00",
                ]),
            residual: "-16.20",
            payouts: vec![("A", "7.20"), ("B", "7.20"), ("C", "0")],
            figures: vec![
                ("pools.0.unit_rate", "7.20"),
                ("fund.brought_forward", "14.41"),
            ],
        },
        Published {
            source: "SEC v. Rex Venture Group (ZeekRewards; W.D.N.C., No. 3:12-cv-519): rising \
                     tide over two distributions; 4,000 to the one who had recovered nothing, \
                     then 2,000 to each",
            plan: "[[pool]]\nname = \"rising tide\"\n\
                   shares = [ { add = { column = \"loss\" } } ]\n\
                   less = [ { add = { column = \"recovered\" } }, { add = { prior = \"paid\" } } ]\n",
            claims: rows(&["claimant_id,loss,recovered", "A,10000,0", "B,10000,4000"]),
            ledger: ledger(&[("A", "cashed", "4000.00")]),
            residual: "4000.00",
            payouts: vec![("A", "2000.00"), ("B", "2000.00")],
            figures: vec![
                ("pools.0.rate_exact", "3/5"),
                ("pools.0.ahead.participants", "0"),
            ],
        },
        Published {
            source: "SIPC v. Bernard L. Madoff Investment Securities (Bankr. S.D.N.Y., \
                     No. 08-01789), example of the trustee: a claim of 800,000 with 500,000 \
                     advanced and 36,800 distributed; the balance is 263,200",
            plan: "[[pool]]\nname = \"customers\"\nraise = \"unlimited\"\n\
                   award = [ { add = { column = \"claim\" } } ]\n\
                   at_most = [ { add = { column = \"claim\" } }, \
                   { subtract = { column = \"advance\" } }, { subtract = { prior = \"paid\" } }, \
                   { at_least = 0 } ]\n",
            claims: rows(&[
                "claimant_id,claim,advance",
                "A,800000,500000",
                "B,400000,400000",
            ]),
            ledger: ledger(&[("A", "cashed", "36800.00")]),
            residual: "900000.00",
            payouts: vec![("A", "263200.00"), ("B", "0")],
            figures: vec![("residual.amount", "636800.00")],
        },
        Published {
            source: "GAO, U.S. Victims of State Sponsored Terrorism Fund: catch-up payments at \
                     5.8573 percent, to the dollar: 1,171,460, 732,163 and 497,871",
            plan: "[[pool]]\nname = \"catch-up\"\n\
                   award = [ { add = { column = \"judgment\", times = 0.058573 } }, { round = 1 } ]\n\
                   less = [ { add = { prior = \"paid\" } } ]\n",
            claims: rows(&[
                "claimant_id,judgment",
                "A,20000000",
                "B,12500000",
                "C,8500000",
                "D,20000000",
            ]),
            ledger: ledger(&[("D", "cashed", "1171460.00")]),
            residual: "3000000.00",
            payouts: vec![
                ("A", "1171460.00"),
                ("B", "732163.00"),
                ("C", "497871.00"),
                ("D", "0"),
            ],
            figures: vec![
                ("pools.0.rate_exact", "1"),
                ("pools.0.ahead.participants", "0"),
            ],
        },
        Published {
            source: "In re Equifax Inc. Customer Data Security Breach Litigation (N.D. Ga., \
                     No. 1:17-md-2800): the cap on alternative compensation, 31,000,000 for \
                     248,000 payments of 125, is lifted; all come to one part of the claim",
            plan: "[[pool]]\nname = \"alternative compensation\"\naward = 125\n\
                   less = [ { add = { prior = \"paid\" } } ]\n",
            claims: rows(&["claimant_id", "A", "B", "C"]),
            ledger: ledger(&[("A", "cashed", "7.75"), ("B", "cashed", "7.75")]),
            residual: "284.50",
            payouts: vec![("A", "92.25"), ("B", "92.25"), ("C", "100.00")],
            figures: vec![("pools.0.rate_exact", "4/5"), ("residual.amount", "0.00")],
        },
    ]
}

#[test]
fn published_figures_of_later_distributions_come_out() {
    // What the figures above are made of.
    assert_eq!(109_434 * 397, 43_445_298);
    assert_eq!(
        cents("397.00") + cents("30.61") + cents("7.20"),
        cents("434.81")
    );
    assert_eq!(248_000 * 125, 31_000_000);
    for case in published() {
        let Published { source, .. } = case;
        let job = Job::new();
        // A residual below 0 stands for money that was spent.
        reconcile_signed(&job, &case);
        let head =
            "[settlement]\nname = \"x\"\n[fund]\nprior = \"left\"\n[claims]\nstatus = false\n";
        job.write("plan.toml", format!("{head}{}", case.plan));
        job.write("claims.csv", &case.claims);
        compute(&job, "claims.csv", "plan.toml", "rec", "run");
        let paid = same_columns(&job.read("run/payouts.csv"), "claimant_id,payout\n");
        for (id, payout) in &case.payouts {
            let found = paid.iter().find(|row| row[0] == *id);
            let found = found.map_or("0", |row| row[1].as_str());
            assert_eq!(found, *payout, "{source}: {id}");
        }
        let summary = summary(&job, "run");
        for (path, figure) in &case.figures {
            let found = summary.pointer(&format!("/{}", path.replace('.', "/")));
            let found = found.map(|found| found.to_string().replace('"', ""));
            assert_eq!(found.as_deref(), Some(*figure), "{source}: {path}");
        }
        run(&job, &["check", "run"]);
    }
}

/// Writes the reconciliation of a case; a residual below 0 is money that was spent.
fn reconcile_signed(job: &Job, case: &Published) {
    match case.residual.strip_prefix('-') {
        None => reconcile(job, "rec", "x", &case.ledger, case.residual),
        Some(spent) => {
            reconcile(job, "rec", "x", &case.ledger, "0.00");
            let account: Value = serde_json::from_str(&job.read("rec/account.json")).unwrap();
            let mut account = account;
            let left = cents(account["left"]["amount"].as_str().unwrap());
            account["left"]["spent"] = Value::from(format!("-{spent}"));
            account["left"]["amount"] = Value::from(amount(left - cents(spent)));
            job.write("rec/account.json", account.to_string());
            seal(job, "rec", "x", ("2027-03-31", 1));
        }
    }
}

/// A flat supplement to everybody who was paid before, tax that is paid for them, and the
/// rest for charity and a trust (Keepseagle v. Vilsack, D.D.C., No. 1:99-cv-03119):
/// 3,601 × (18,500 + 2,775) = 76,611,275.
#[test]
fn the_supplement_of_keepseagle_comes_out() {
    let job = Job::new();
    let ids: Vec<String> = (1..=3601).map(|number| format!("K-{number:04}")).collect();
    let rows = ids.iter();
    let rows = rows.map(|id| format!("{id},cashed,50000.00,50000.00,{}\n", ["0.00"; 6].join(",")));
    let text = HEADER.to_owned() + &rows.collect::<String>();
    reconcile(&job, "rec", "x", &text, "380000000.00");
    job.write(
        "plan.toml",
        "[settlement]\nname = \"x\"\n[fund]\nprior = \"left\"\n[claims]\nstatus = false\n\
         [[deduction]]\nname = \"Tax for claimants\"\nkind = \"tax\"\neach = 2_775\ncount = 3_601\n\
         [[deduction]]\nname = \"Nonprofits\"\nkind = \"cy-pres\"\namount = 38_000_000\n\
         [[pool]]\nname = \"supplement\"\nwhen = { prior = \"cashed\" }\naward = 18_500\n\
         [residual]\nto = \"a trust\"\n",
    );
    job.write("claims.csv", format!("claimant_id\n{}\n", ids.join("\n")));
    compute(&job, "claims.csv", "plan.toml", "rec", "run");
    let summary = summary(&job, "run");
    let total = cents(summary["payouts"]["total"].as_str().unwrap());
    let tax = cents(summary["fund"]["deductions"][0]["amount"].as_str().unwrap());
    assert_eq!(amount(total + tax), "76611275.00");
    assert_eq!(summary["residual"]["amount"], "265388725.00");
    let report = job.read("run/report.html");
    assert!(report.contains("Brought forward"));
}
