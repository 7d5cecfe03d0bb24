//! What knows no settlement: money, exact numbers, dates, files, threads, and
//! where errors become text.

pub mod aligned;
pub mod cleanup;
pub mod compact_column;
pub mod confusables;
pub mod dates;
pub mod decimal;
pub mod diagnostics;
pub mod money;
pub mod parallel;
pub mod regular_file;
pub mod short_copy;
pub mod styled_text;
