//! The names of the files of a run.

/// Payments by claimant.
pub(crate) const PAYOUTS: &str = "payouts.csv";
/// Payouts that are computed but not released.
pub(crate) const HELD: &str = "held.csv";
/// Rows that are paid nothing, with the reason.
pub(crate) const UNPAID: &str = "unpaid.csv";
/// The name of the file.
pub(crate) const REPORT: &str = "report.html";
/// The name of the file.
pub(crate) const WORKBOOK: &str = "payouts.xlsx";
/// The name of the archive.
pub(crate) const ARCHIVE: &str = "statements.zip";
/// The name of the folder.
pub(crate) const STATEMENTS: &str = "statements";
/// The name of the folder in the manifest.
pub(crate) const STATEMENTS_LISTED: &str = "statements/";
/// The name of the file; a folder that has it is a run.
pub(crate) const MANIFEST: &str = "manifest.json";
