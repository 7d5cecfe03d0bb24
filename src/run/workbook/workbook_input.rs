//! The input of a workbook.

use std::path::Path;

use crate::claims::ClaimsFile;
use crate::plan::Plan;
use crate::run::summary::Summary;

/// The source of a workbook.
#[derive(Debug, Clone, Copy)]
pub struct WorkbookInput<'a> {
    pub plan: &'a Plan,
    pub summary: &'a Summary,
    pub claims: &'a [ClaimsFile],
    /// The folder of the three CSV files.
    pub folder: &'a Path,
    /// The version of the program that made the run.
    pub version: &'a str,
    /// The number of rows after which another sheet begins.
    pub rows_of_a_sheet: u64,
}
