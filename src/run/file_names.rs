//! The names of the files of a run.

/// Payments by claimant.
pub(crate) const PAYOUTS: &str = "payouts.csv";
/// Payouts that are computed but not released.
pub(crate) const HELD: &str = "held.csv";
/// Rows without a payout, with the reason.
pub(crate) const UNPAID: &str = "unpaid.csv";
/// Claimants with the same cells as others, where `[[unique]]` flags them.
pub(crate) const FLAGS: &str = "flags.csv";
/// The lots of payable and held claims, if the plan has trades.
pub(crate) const LOTS: &str = "lots.csv";
/// The deficiencies of the trades of claims.
pub(crate) const DEFICIENCIES: &str = "deficiencies.csv";
pub(crate) const SUMMARY_TEXT: &str = "summary.txt";
pub(crate) const SUMMARY: &str = "summary.json";
pub(crate) const REPORT: &str = "report.html";
/// The plan as it was read.
pub(crate) const PLAN_COPY: &str = "plan.toml";
pub(crate) const WORKBOOK: &str = "payouts.xlsx";
pub(crate) const ARCHIVE: &str = "statements.zip";
/// All statements as one page.
pub(crate) const STATEMENT_PAGE: &str = "statements.html";
pub(crate) const STATEMENTS: &str = "statements";
/// The index of statements, in their folder.
pub(crate) const STATEMENT_INDEX: &str = "index.csv";
/// The name of the folder in the manifest.
pub(crate) const STATEMENTS_LISTED: &str = "statements/";
/// The folder with the plan's tables and templates.
pub(crate) const TABLES: &str = "tables";
/// The file name; a folder with this file is a run.
pub(crate) const MANIFEST: &str = "manifest.json";
