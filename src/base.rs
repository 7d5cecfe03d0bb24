//! Code that knows nothing of settlements: money, exact numbers, dates, files,
//! threads, and the output of errors.

pub(crate) mod cleanup;
pub(crate) mod compact_column;
pub(crate) mod confusables;
pub(crate) mod copy_few_bytes;
pub(crate) mod csv_text;
pub mod dates;
pub mod decimal;
pub(crate) mod diagnostics;
pub mod digest;
pub(crate) mod exact;
pub(crate) mod list_file;
pub(crate) mod locale;
pub(crate) mod messages;
pub mod money;
pub(crate) mod parallel;
pub(crate) mod regular_file;
pub(crate) mod styled_text;
pub(crate) mod text_columns;
pub(crate) mod workbook;
