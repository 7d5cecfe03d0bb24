//! Workbooks, written as the XML of their sheets in an archive.

pub(crate) mod cells;
pub(crate) mod package;
pub(crate) mod styles;
pub(crate) mod worksheet;

/// The number of rows on a sheet below its header.
pub const ROWS_OF_A_SHEET: u64 = 1_048_575;

/// The timestamp of all files in an archive: the beginning of 1980, the earliest that
/// a ZIP archive can represent, as a Unix time.
pub(crate) const EARLIEST: i64 = 315_532_800;
