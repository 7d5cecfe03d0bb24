//! The index of statements, for mail merges: `index.csv`, next to the folders, in the order
//! of the claims.

use crate::base::csv_text::push_cell;
use crate::base::diagnostics::OrBug as _;
use crate::plan::Plan;
use crate::plan::cell::NumberSource;
use crate::run::file_names::{STATEMENT_INDEX, STATEMENTS};
use crate::run::statements::Statement;

/// The path of the index in the run.
pub(crate) fn path() -> String {
    format!("{STATEMENTS}/{STATEMENT_INDEX}")
}

/// The header of the index: the columns of statements come after these.
pub(crate) fn header(plan: &Plan) -> String {
    let mut header = "claimant_id,file,payout".to_owned();
    for source in plan.statement.merged(plan.claims.id) {
        let name = match source {
            NumberSource::Column(column) => Some(plan.columns.name(column)),
            NumberSource::Value(value) => plan.values.get(value.0).map(|value| &*value.name),
        };
        header.push(',');
        push_cell(&mut header, name.or_bug("a value of the plan is missing"));
    }
    header + "\n"
}

/// The lines of some statements.
#[derive(Debug, Default)]
pub(crate) struct IndexPart {
    text: String,
    /// The row of the claims and the length of each line.
    lines: Vec<(u32, usize)>,
}

/// The lines of all statements.
#[derive(Debug, Default)]
pub(crate) struct StatementIndex(Vec<IndexPart>);

impl IndexPart {
    /// Adds the line of a statement.
    pub(crate) fn push(&mut self, folder: &str, statement: &Statement) {
        let before = self.text.len();
        push_cell(&mut self.text, &statement.id);
        self.text.push(',');
        push_cell(&mut self.text, &format!("{folder}/{}", statement.name));
        self.text.push(',');
        self.text.push_str(&statement.payout);
        for cell in &statement.cells {
            self.text.push(',');
            push_cell(&mut self.text, cell);
        }
        self.text.push('\n');
        self.lines.push((statement.row, self.text.len() - before));
    }
}

impl StatementIndex {
    pub(crate) fn add(&mut self, part: IndexPart) {
        self.0.push(part);
    }

    /// The lines in the order of the claims.
    pub(crate) fn lines(&self) -> Vec<&str> {
        let mut lines = Vec::new();
        for part in &self.0 {
            let mut rest = part.text.as_str();
            for &(row, length) in &part.lines {
                let (line, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                lines.push((row, line));
                rest = after;
            }
        }
        lines.sort_unstable_by_key(|(row, _)| *row);
        lines.into_iter().map(|(_, line)| line).collect()
    }
}
