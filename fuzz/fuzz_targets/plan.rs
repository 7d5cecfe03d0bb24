//! Any text as a plan: it is read or refused, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use payout::Plan;

fuzz_target!(|text: &str| {
    if let Err(invalid) = Plan::from_text("plan.toml", text) {
        // The excerpt and the caret are made from the text, too.
        let _ = invalid.to_string();
    }
});
