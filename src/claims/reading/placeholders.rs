//! Warnings about placeholders in columns that `[[unique]]` compares.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::base::diagnostics::{count, literal};
use crate::claims::block_worker::UnmatchedTexts;
use crate::plan::{ColumnId, Plan, map_hints};

/// The number of placeholders that a warning shows.
const SHOWN: usize = 3;

/// A warning for each of these columns.
pub(super) fn placeholder_warnings(plan: &Plan, placeholders: &UnmatchedTexts) -> Vec<String> {
    let warning = |(column, texts): (&ColumnId, &HashMap<String, u64, FixedState>)| {
        let mut texts: Vec<(&String, &u64)> = texts.iter().collect();
        texts.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let rows: u64 = texts.iter().map(|(_, rows)| *rows).sum();
        let shown = texts.iter().take(SHOWN);
        let shown: Vec<String> = shown.map(|(text, _)| literal(text)).collect();
        let column = plan.columns.name(*column);
        let first = texts
            .first()
            .and_then(|(text, _)| map_hints::entry(text, ""));
        let hint = first.map_or_else(String::new, |entry| {
            let heading = map_hints::heading(column);
            format!("; `map = {{ {entry} }}` under {heading} reads it as a blank")
        });
        format!(
            "{} in the column {} ({}), which [[unique]] compares with no other cell{hint}",
            count(rows, "placeholder", "placeholders"),
            literal(column),
            shown.join(", "),
        )
    };
    placeholders.iter().map(warning).collect()
}
