//! What a workbook is made from.

use std::path::Path;

use crate::claims::ClaimsFile;
use crate::plan::Plan;
use crate::run::summary::Summary;

/// What a workbook is made from.
#[derive(Debug, Clone, Copy)]
pub struct WorkbookSource<'a> {
    pub plan: &'a Plan,
    /// The account of the run.
    pub summary: &'a Summary,
    pub claims: &'a [ClaimsFile],
    /// The folder in which the three CSV files stand.
    pub folder: &'a Path,
    /// The version of the program that made the run.
    pub version: &'a str,
    /// After how many rows a further sheet begins.
    pub rows_of_a_sheet: u64,
}
