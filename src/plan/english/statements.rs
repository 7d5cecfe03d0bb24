//! Statements in plain English.

use crate::plan::cell::NumberSource;
use crate::plan::english::formulas::blank_or;
use crate::plan::english::{DescriptionSection, EnglishWriter};
use crate::plan::statement::{Letters, StatementDetail, StatementForm};

impl EnglishWriter<'_> {
    pub(super) fn statement(&self) -> Option<DescriptionSection> {
        let statement = &self.plan.statement;
        let names = statement.columns.iter();
        let plain = statement.values().is_empty();
        let names: Vec<String> = names
            .map(|source| match source {
                NumberSource::Column(column) if plain => {
                    format!("\"{}\"", self.plan.columns.name(*column))
                }
                source => self.of_source(*source),
            })
            .collect();
        let mut sentences = Vec::new();
        if !names.is_empty() {
            let columns = match (plain, names.len()) {
                (false, _) => "",
                (true, 1) => "column ",
                (true, _) => "columns ",
            };
            sentences.push(format!(
                "Claimant statements show {columns}{}.",
                names.join(", ")
            ));
        }
        if let Some(text) = &statement.text {
            sentences.push(format!("Claimant statements end with: {text}"));
        }
        sentences.extend(self.letters());
        if statement.detail == StatementDetail::Full {
            let words = "Claimant statements show every step of the calculation.";
            sentences.push(words.to_owned());
        }
        if statement.form == StatementForm::Html {
            sentences.push("Each claimant statement is a page in HTML.".to_owned());
        }
        (!sentences.is_empty()).then(|| DescriptionSection {
            title: "Statements".to_owned(),
            sentences,
        })
    }

    /// The letters that statements are.
    fn letters(&self) -> Option<String> {
        Some(match self.plan.statement.letters.as_ref()? {
            Letters::One(template) => format!(
                "Claimant statements are letters, filled in from {}.",
                template.file
            ),
            Letters::ByLanguage { column, templates } => {
                let each = templates.iter().map(|(text, template)| {
                    format!("from {} for {}", template.file, blank_or(text))
                });
                let each: Vec<String> = each.collect();
                let column = self.column(*column);
                format!(
                    "Claimant statements are letters, filled in by {column}: {}.",
                    each.join(", ")
                )
            }
        })
    }
}
