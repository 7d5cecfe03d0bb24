//! The worked examples: what the program writes for each is kept beside it, in
//! `expected/`, and compared byte for byte. `PAYOUT_BLESS=1 cargo test` writes
//! those files anew.

use std::fs;
use std::path::{Path, PathBuf};

use payout::internals::allocate::pool::{self, Participant, PaymentLimits, PoolTerms};
use payout::internals::base::money::Money;
use payout::internals::plan::{self, builtin};
use rust_decimal::Decimal;

use crate::golden::differs_from_golden;
use crate::support::{Job, names};

/// The folders of the examples.
pub(crate) fn folders() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folders = names(&examples).into_iter().map(|name| examples.join(name));
    folders
        .filter(|folder| folder.join("plan.toml").is_file())
        .collect()
}

/// Copies the claims of an example, and the tables of its plans.
pub(crate) fn copy_tables(folder: &Path, job: &Job) {
    for name in names(folder) {
        if Path::new(&name).extension().is_some_and(|end| end == "csv") {
            fs::copy(folder.join(&name), job.path(&name)).unwrap();
        }
    }
}

/// The option for the trades of a folder, if it has any.
pub(crate) fn trades_option(folder: &Path) -> Vec<String> {
    let trades = folder.join("trades.csv");
    match trades.is_file() {
        true => vec!["--trades".to_owned(), trades.display().to_string()],
        false => Vec::new(),
    }
}

/// The plans of an example, and the folder of what each is expected to write:
/// `expected/` for `plan.toml`, `expected-NAME/` for any `NAME.toml` beside it.
fn plans(folder: &Path) -> Vec<(String, PathBuf)> {
    let plans = names(folder)
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
    plans
        .map(|plan| {
            let expected = match plan.as_str() {
                "plan.toml" => "expected".to_owned(),
                other => format!("expected-{}", other.trim_end_matches(".toml")),
            };
            (plan, folder.join(expected))
        })
        .collect()
}

#[test]
fn every_example_comes_out_as_expected() {
    let mut problems = Vec::new();
    for folder in folders() {
        for (plan, expected) in plans(&folder) {
            let job = Job::new();
            copy_tables(&folder, &job);
            fs::copy(folder.join(&plan), job.path(&plan)).unwrap();
            let mut arguments = vec!["compute", "claims.csv", "--plan", &plan, "--quiet"];
            let trades = trades_option(&job.path(""));
            arguments.extend(trades.iter().map(String::as_str));
            let said = job.payout(&arguments);
            assert_eq!(said.status, 0, "{}: {}", folder.display(), said.stderr);
            assert!(expected.is_dir(), "{} is missing", expected.display());
            for name in names(&expected) {
                let found = job.read(&format!("payouts/{name}"));
                problems.extend(differs_from_golden(&expected.join(name), &found));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Published figures, by the folder of the results that have them.
const PUBLISHED: &[(&str, &[&str])] = &[
    ("apple-throttling/expected", &["92.17"]),
    (
        "bartz-anthropic/expected",
        &["300000000.00", "1969421.75", "150000.00", "1180850578.25"],
    ),
    ("big-fish/expected", &["8273.12", "5583.87"]),
    (
        "boy-scouts/expected",
        &["3500.00", "600000.00", "2700000.00"],
    ),
    (
        "california-paga/expected",
        &["525000.00", "25000.00", "734470.57"],
    ),
    (
        "camp-lejeune/expected",
        &[
            "300000.00",
            "550000.00",
            "100000.00",
            "150000.00",
            "250000.00",
            "450000.00",
            "350000.00",
        ],
    ),
    ("capital-one-tcpa/expected", &["34.60"]),
    (
        "east-palestine/expected",
        &["100000.00", "70000.00", "75000.00", "250.00"],
    ),
    ("ebooks/expected", &["3.17", "0.73", "3.93", "0.94", "5.11"]),
    ("gnaedig/expected", &["2173333.33"]),
    ("google-plus/expected", &["2.15"]),
    ("huber/expected", &["15000.00", "45000.00"]),
    (
        "huber/expected-net-loss",
        &["15000.00", "20000.00", "25000.00"],
    ),
    ("lcd-indirect/expected", &["43.49", "86.98", "173.96"]),
    ("lcd-indirect/expected-hypothetical", &["25.00"]),
    ("miller-nyc/expected", &["400.00", "450.00"]),
    ("ledger/expected", &["15000.00", "20000.00", "25000.00"]),
    ("ledger/expected-rising-tide", &["15000.00", "45000.00"]),
    (
        "nfl-concussion/expected",
        &[
            "5000000.00",
            "4000000.00",
            "3500000.00",
            "3000000.00",
            "1500000.00",
            "950000.00",
            "25000.00",
        ],
    ),
    ("opioid-fees/expected", &["71633.53"]),
    (
        "quebec-bread/expected-rest-of-canada",
        &["49.11", "24.11", "47.11", "22.11"],
    ),
    (
        "robodebt/expected",
        &["112000000.00", "10300000.00", "101700000.00"],
    ),
    ("section-11/expected", &["11.00", "5.00"]),
    ("siri/expected", &["20.00", "100.00"]),
    (
        "usc-tyndall/expected",
        &["3750.00", "30000.00", "375000.00"],
    ),
    ("usc-tyndall/expected-plan-fall", &["2500.00", "5625.00"]),
    ("zoom/expected", &["25.00", "30.00"]),
];

#[test]
fn the_figures_that_were_published_come_out() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for (folder, figures) in PUBLISHED {
        let read = |name: &str| fs::read_to_string(examples.join(folder).join(name)).unwrap();
        let written = read("payouts.csv") + &read("summary.txt").replace(',', "");
        let cells: Vec<&str> = written.split([',', '\n', ' ', '-']).collect();
        for figure in *figures {
            assert!(cells.contains(figure), "{folder} has no {figure}");
        }
    }
}

/// A share for everybody and five more in Illinois, with the numbers of claims
/// that fit the payments as they were reported.
#[test]
fn the_built_in_plan_pays_what_was_reported() {
    let plan = plan::load(&builtin::default_source()).unwrap();
    let pool = &plan.pools[0];
    let terms = PoolTerms {
        each: None,
        count_ahead: false,
        in_full: false,
        money: plan.account.as_ref().unwrap().net,
        measure: pool.measure,
        range: &pool.range,
        round: pool.round,
        unit: pool.unit,
        drop: None,
        decimals: plan.settlement.currency.decimals(),
    };
    let participant = |count, shares: i64| Participant {
        count,
        weight: Decimal::from(shares),
        limits: PaymentLimits::NONE,
    };
    let division = pool::divide(
        &terms,
        &[participant(1_239_400, 1), participant(160_600, 6)],
        1,
    )
    .unwrap();
    assert_eq!(division.payments, [Money(2784), Money(16704)]);
    assert_eq!(division.unit_rate, Some(num_bigint::BigInt::from(2784)));
}
