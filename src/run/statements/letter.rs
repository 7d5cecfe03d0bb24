//! Letters: templates of the plan, filled in for each claimant.

use crate::base::diagnostics::{Message, listing, literal, nearest};
use crate::plan::Plan;
use crate::plan::cell::{CellFault, Cells};
use crate::plan::column::{Column, ColumnUse};
use crate::plan::statement::Letters;
use crate::plan::statement::template::Template;
use crate::run::messages;

impl Plan {
    /// The fault of a payable or held row whose language has no template.
    pub(crate) fn language_fault(&self, cells: &impl Cells) -> Option<CellFault> {
        let Some(Letters::ByLanguage { column, templates }) = &self.statement.letters else {
            return None;
        };
        let cell = cells.cell(*column);
        if templates.iter().any(|(text, _)| text == cell) {
            return None;
        }
        let facts = self.columns.get(*column)?;
        match facts.check(*column, cell) {
            // Rules of the plan that read the column have reported it.
            Err(_) if is_checked_before(facts) => None,
            Err(fault) => Some(fault),
            Ok(_) => Some(CellFault::at(*column, no_template(cell, templates))),
        }
    }
}

fn is_checked_before(column: &Column) -> bool {
    column.values.is_some() || column.reader == ColumnUse::Rules
}

fn no_template(cell: &str, templates: &[(String, Template)]) -> Message {
    if cell.is_empty() {
        return messages::language_blank();
    }
    let known = templates.iter().map(|(text, _)| text.as_str());
    let known: Vec<&str> = known.filter(|text| !text.is_empty()).collect();
    let hint = match nearest(cell, known.iter().copied()) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => format!(
            "`templates` of [statement] has {}; correct the cell, or add a template",
            listing(&known)
        ),
    };
    messages::language_without_template(&literal(cell)).hint(hint)
}
