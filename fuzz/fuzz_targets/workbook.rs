//! Any bytes as a workbook of claims: they are read or refused.

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
[[pool]]
name  = "losses"
award = [ { add = { column = "loss", blank = 0 } } ]
"#;

fuzz_target!(|bytes: &[u8]| {
    let plan = Plan::from_text("plan.toml", PLAN).expect("a valid plan");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("claims.xlsx");
    fs::write(&file, bytes).expect("a file");
    let _ = read(
        &[Input::named(&file, None)],
        &plan,
        &ReadOptions::default(),
        &|_| {},
    );
});
