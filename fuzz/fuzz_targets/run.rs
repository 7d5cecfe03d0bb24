//! A plan and claims in one text, separated by a line of dashes: a run is made whole and
//! passes its check (with the independent recomputation), or there is no folder.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use payout::{CheckJob, ComputeJob, Input, NoProgress, Plan};

fuzz_target!(|text: &str| {
    let Some((plan, claims)) = text.split_once("\n---\n") else {
        return;
    };
    let Ok(plan) = Plan::from_text("plan.toml", plan) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("claims.csv");
    fs::write(&file, claims).expect("a file");
    let inputs = [Input::File(file.clone())];
    let run = folder.path().join("run");
    let made = payout::compute(&ComputeJob::new(&plan, &inputs, &run), &NoProgress, &|_| {
        Ok(())
    });
    assert_eq!(made.is_ok(), run.exists());
    if made.is_err() {
        return;
    }
    let files = [file];
    let verdict = payout::check(&CheckJob::new(&run, &files), &NoProgress).expect("a verdict");
    assert!(verdict.holds, "{:?}", verdict.first);
});
