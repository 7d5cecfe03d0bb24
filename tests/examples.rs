//! The worked examples: what the program writes for each is kept beside it, in
//! `expected/`, and compared byte for byte. `PAYOUT_BLESS=1 cargo test` writes
//! those files anew.

use std::fs;
use std::path::{Path, PathBuf};

use payout::allocation::{self, Entrant, Limits, Terms};
use payout::money::Money;
use payout::plan::{self, builtin};
use rust_decimal::Decimal;

use crate::golden::differs_from_golden;
use crate::support::{Job, names};

/// The folders of the examples.
pub fn folders() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folders = names(&examples).into_iter().map(|name| examples.join(name));
    folders
        .filter(|folder| folder.join("plan.toml").is_file())
        .collect()
}

#[test]
fn every_example_comes_out_as_expected() {
    let mut problems = Vec::new();
    for folder in folders() {
        let job = Job::new();
        for name in ["plan.toml", "claims.csv"] {
            fs::copy(folder.join(name), job.path(name)).unwrap();
        }
        let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
        if said.status != 0 {
            problems.push(format!("{}: {}", folder.display(), said.stderr));
            continue;
        }
        let expected = folder.join("expected");
        if !expected.is_dir() {
            continue;
        }
        for name in names(&expected) {
            let found = job.read(&format!("payouts/{name}"));
            problems.extend(differs_from_golden(&expected.join(name), &found));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A share for everybody and five more in Illinois, with the numbers of claims
/// that fit the payments as they were reported.
#[test]
fn the_built_in_plan_pays_what_was_reported() {
    let plan = plan::load(&builtin::default_source()).unwrap();
    let pool = &plan.pools[0];
    let terms = Terms {
        money: plan.account.net,
        measure: pool.measure,
        range: &pool.range,
        round: pool.round,
        unit: pool.unit,
        drop: None,
        decimals: plan.settlement.currency.decimals(),
    };
    let entrant = |count, shares: i64| Entrant {
        count,
        weight: Decimal::from(shares),
        limits: Limits::NONE,
    };
    let division =
        allocation::divide(&terms, &[entrant(1_239_400, 1), entrant(160_600, 6)]).unwrap();
    assert_eq!(division.payments, [Money(2784), Money(16704)]);
    assert_eq!(division.unit_rate, Some(num_bigint::BigInt::from(2784)));
}
