//! Any bytes as a CSV file of claims: they are read or refused, and the same whatever
//! the size of the blocks and the number of threads.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use payout::internals::claims::{ReadOptions, read};
use payout::{Input, Plan};

const PLAN: &str = r#"
[settlement]
name = "Example"
[fund]
amount = 1_000_000
[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]
[column.loss]
thousands = ","
prefix    = "$"
[[exclude]]
reason = "late"
when   = { filed = { from = 2026-01-01 } }
[[pool]]
name  = "losses"
award = [ { add = { column = "loss", blank = 0 } }, { at_most = 5000 } ]
"#;

fuzz_target!(|bytes: &[u8]| {
    let plan = Plan::from_text("plan.toml", PLAN).expect("a valid plan");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("claims.csv");
    fs::write(&file, bytes).expect("a file");
    let outcome = |block, threads| {
        let options = ReadOptions {
            block,
            threads,
            ..ReadOptions::default()
        };
        match read(&[Input::File(file.clone())], &plan, &options, &|_| {}) {
            Ok(mut claims) => {
                let payouts = payout::internals::allocate::pools::distribute(&plan, &mut claims);
                format!("{} {payouts:?}", claims.rows())
            }
            Err(error) => error.to_string(),
        }
    };
    let expected = outcome(1 << 21, 1);
    assert_eq!(outcome(1, 1), expected);
    assert_eq!(outcome(7, 2), expected);
});
