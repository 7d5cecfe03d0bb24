//! The index of statements, for mail merges: `index.csv`, next to the folders.

use crate::base::csv_text;
use crate::run::file_names::{STATEMENT_INDEX, STATEMENTS};
use crate::run::statements::Statement;

/// The header of the index.
pub(crate) const HEADER: &str = "claimant_id,file,payout\n";

/// The path of the index in the run.
pub(crate) fn path() -> String {
    format!("{STATEMENTS}/{STATEMENT_INDEX}")
}

/// Appends the line of a statement.
pub(crate) fn push(index: &mut String, folder: &str, statement: &Statement) {
    csv_text::push_cell(index, &statement.id);
    index.push(',');
    csv_text::push_cell(index, &format!("{folder}/{}", statement.name));
    index.push(',');
    index.push_str(&statement.payout);
    index.push('\n');
}
