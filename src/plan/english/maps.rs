//! The cells that are read as other texts, in plain English.

use crate::plan::cell_map::CellMap;
use crate::plan::english::EnglishWriter;

impl EnglishWriter<'_> {
    /// `"NULL" and "N/A" are read as blank`, and `differences of case and white space are
    /// ignored`.
    pub(super) fn map(&self, map: &CellMap) -> Vec<String> {
        let mut texts: Vec<&str> = Vec::new();
        for (_, text) in &map.entries {
            if !texts.contains(&text.as_str()) {
                texts.push(text);
            }
        }
        let sentence = |text: &&str| {
            let entries = map.entries.iter().filter(|(_, to)| to == text);
            let cells: Vec<String> = entries.map(|(cell, _)| quoted(cell)).collect();
            let (are, cells) = match cells.split_last() {
                Some((last, [])) => ("is", last.clone()),
                Some((last, others)) => ("are", format!("{} and {last}", others.join(", "))),
                None => return String::new(),
            };
            let text = if text.is_empty() {
                "blank".to_owned()
            } else {
                quoted(text)
            };
            format!("{cells} {are} read as {text}")
        };
        let mut forms: Vec<String> = texts.iter().map(sentence).collect();
        if map.ignore_case {
            forms.push(
                "differences of case and white space from the plan's texts are ignored".to_owned(),
            );
        }
        forms
    }
}

fn quoted(text: &str) -> String {
    match text {
        "" => "a blank".to_owned(),
        text => format!("\"{text}\""),
    }
}
