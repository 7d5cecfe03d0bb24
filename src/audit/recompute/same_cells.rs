//! Claimants with the same cells (plan reference, "Claimants with the same cells").

use std::collections::HashMap;

use crate::plan::Plan;
use crate::plan::cell::Cells;
use crate::plan::column::fold;
use crate::plan::unique::Duplicates;

/// Finds rows with the same cells as those of another claimant.
#[derive(Debug, Default)]
pub(super) struct SameCells {
    first: HashMap<(usize, Vec<String>), String>,
    /// The lines of flags.csv.
    pub lines: Vec<[String; 4]>,
}

impl SameCells {
    /// Looks at a payable or held row, counted from 1.
    pub(super) fn row(&mut self, plan: &Plan, number: u64, row: &impl Cells) {
        let flagging = plan.unique.iter().enumerate();
        let flagging = flagging.filter(|(_, rule)| rule.duplicates == Duplicates::Flag);
        for (place, rule) in flagging {
            let compared = rule.columns.iter().map(|column| {
                let cell = row.cell(*column);
                match plan.unshown_column() {
                    Some(number) if number == *column => {
                        cell.chars().filter(char::is_ascii_digit).collect()
                    }
                    _ => fold(cell),
                }
            });
            let compared: Vec<String> = compared.collect();
            if compared.iter().any(|cell| says_nothing(cell)) {
                continue;
            }
            let id = row.cell(plan.claims.id);
            let first = self.first.entry((place, compared));
            let first = first.or_insert_with(|| id.to_owned());
            if first != id {
                let names = rule.columns.iter().map(|column| plan.columns.name(*column));
                let names = names.collect::<Vec<_>>().join(";");
                let line = [id.to_owned(), number.to_string(), names, first.clone()];
                self.lines.push(line);
            }
        }
    }
}

/// True for a blank and for a placeholder, in lower case and without white space.
fn says_nothing(cell: &str) -> bool {
    let is_word = matches!(
        cell,
        "n/a" | "na" | "n.a." | "none" | "null" | "nil" | "nan" | "unknown" | "tbd"
    );
    let is_phrase = matches!(cell, "notavailable" | "notapplicable" | "notprovided");
    is_word || is_phrase || cell.chars().all(|letter| !letter.is_alphanumeric())
}
