//! Golden files: what the program is expected to write, byte for byte.
//!
//! `PAYOUT_BLESS=1 cargo test` rewrites them; `git diff` then shows what changed.

use std::fs;
use std::path::Path;

/// Whether golden files are to be rewritten rather than compared.
pub(crate) fn blessing() -> bool {
    std::env::var_os("PAYOUT_BLESS").is_some()
}

/// Compares a text with a golden file, or rewrites the file. What is wrong, if
/// anything is.
pub(crate) fn differs_from_golden(golden: &Path, found: &str) -> Option<String> {
    if blessing() {
        fs::write(golden, found).unwrap();
        return None;
    }
    let expected = fs::read_to_string(golden).unwrap_or_default();
    (expected != found).then(|| {
        format!(
            "{} differs\n--- expected\n{expected}\n--- found\n{found}\n",
            golden.display()
        )
    })
}
