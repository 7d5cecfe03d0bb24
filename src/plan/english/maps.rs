//! The cells that are read as other texts, in plain English.

use crate::plan::ColumnId;
use crate::plan::cell_map::CellMap;
use crate::plan::english::EnglishWriter;
use crate::plan::english::formulas::blank_or;

impl EnglishWriter<'_> {
    /// `In column "loss", "NULL" and "N/A" are read as blank, and "none" as "0".`
    pub(super) fn map(&self, id: ColumnId, map: &CellMap) -> Vec<String> {
        let mut texts: Vec<&str> = Vec::new();
        for (_, text) in &map.entries {
            if !texts.contains(&text.as_str()) {
                texts.push(text);
            }
        }
        let part = |(place, text): (usize, &&str)| {
            let entries = map.entries.iter().filter(|(_, to)| to == text);
            let cells: Vec<String> = entries.map(|(cell, _)| blank_or(cell)).collect();
            let verb = match (place, cells.len()) {
                (0, 1) => " is read",
                (0, _) => " are read",
                _ => "",
            };
            format!("{}{verb} as {}", joined(&cells, " and "), blank_or(text))
        };
        let parts: Vec<String> = texts.iter().enumerate().map(part).collect();
        let column = self.column(id);
        let mut sentences = Vec::new();
        if !parts.is_empty() {
            sentences.push(format!("In {column}, {}.", joined(&parts, ", and ")));
        }
        if map.ignore_case {
            sentences.push(format!(
                "In {column}, capitals and white space that differ from those of the plan are ignored."
            ));
        }
        sentences
    }
}

/// `a, b and c`.
fn joined(parts: &[String], last_by: &str) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{}{last_by}{last}", others.join(", ")),
    }
}
