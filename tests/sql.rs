//! A plan as a query for DuckDB, as text; `tests/duckdb.rs` runs such queries.

use std::path::Path;

use crate::golden::differs_from_golden;
use crate::support::Job;

#[test]
fn the_built_in_plan_is_written_as_a_query() {
    let said = Job::new().payout(&["plan", "--sql", "duckdb"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let problem = differs_from_golden(&root.join("tests/sql/tiktok.sql"), &said.stdout);
    assert_eq!(problem, None);
}

pub(crate) const HEAD: &str = "[settlement]\nname = \"S\"\n[fund]\namount = 1000.01\n";

#[test]
fn plans_outside_are_refused_with_their_line() {
    for (pool, words) in [
        ("award = 5", "has an `award` (line 7 of the plan)"),
        (
            "shares = 1\nat_most = 5",
            "has `at_most` (line 8 of the plan)",
        ),
        (
            "shares = 1\nat_least = 5",
            "has `at_least` (line 8 of the plan)",
        ),
        ("shares = 1\nless = 5", "has `less` (line 8 of the plan)"),
        (
            "shares = 1\ndrop = { below = 5, method = \"all-at-once\" }",
            "has `drop`",
        ),
        (
            "shares = [{ add = { column = \"c\" } }]",
            "computes shares from column `c` (line 7 of the plan)",
        ),
        (
            "shares = 1\nwhen = { c = { from = 5 } }",
            "compares column `c` with a range of numbers",
        ),
        (
            "shares = 1\nwhen = { c = \"a\\u001bb\" }",
            "has a control character in `a\\u{1b}b`",
        ),
        (
            "shares = 1\n[[pool]]\nname = \"q\"\nshares = 1",
            "has several pools (line 9 of the plan)",
        ),
        ("shares = 1\n[claims]\nrows = \"sum\"", "adds up rows"),
    ] {
        let job = Job::with(&[("p.toml", &format!("{HEAD}[[pool]]\nname = \"p\"\n{pool}\n"))]);
        let said = job.payout(&["plan", "p.toml", "--sql", "duckdb"]);
        assert_eq!((said.stdout.as_str(), said.status), ("", 2), "{pool}");
        assert!(said.stderr.contains(words), "{pool}: {}", said.stderr);
    }
}
