//! A plan in plain English, as data and as text.

use serde::Serialize;

use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::in_lines;
use crate::plan::DRAFT;

/// A plan in plain English.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PlanDescription {
    /// `built-in NAME`, or the file name.
    pub source: String,
    pub settlement: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// `As of October 1, 2026`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The ISO 4217 code.
    pub currency: &'static str,
    /// The reason why the plan is a draft and not for payment.
    pub draft: Option<String>,
    /// The amount paid in, in currency; null if it is what is claimed, or if the fund begins
    /// with what a reconciliation left.
    pub amount: Option<String>,
    pub interest: String,
    /// Computed deductions, in order.
    pub deductions: Vec<DeductionDescription>,
    /// The net settlement fund; null if the fund is not known before the claims.
    pub net: Option<String>,
    /// The rules in sentences.
    pub sections: Vec<DescriptionSection>,
    /// The number of rules without a source, if any rule has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_source: Option<usize>,
    /// These rules, with their lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules_without_source: Vec<String>,
    /// Matters that deserve a warning but are not errors.
    pub warnings: Vec<String>,
}

/// A computed deduction.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DeductionDescription {
    pub name: String,
    /// The sentence of the order that it carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub kind: &'static str,
    /// The computation in words.
    pub rule: String,
    /// The amount, in currency; null if it depends on what a reconciliation left.
    pub amount: Option<String>,
}

/// Sentences under a heading.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DescriptionSection {
    pub title: String,
    /// In plan order.
    pub sentences: Vec<String>,
}

impl PlanDescription {
    /// The text of the plan, wrapped at 80 columns.
    pub(crate) fn text(&self) -> StyledText {
        let mut text = StyledText::default();
        text.add(TextStyle::Heading, &wrapped("", &self.settlement));
        if let Some(docket) = &self.docket {
            text += &wrapped("", docket);
        }
        if let Some(as_of) = &self.as_of {
            text += &wrapped("", as_of);
        }
        if let Some(draft) = &self.draft {
            text += "\n";
            let words = format!("{DRAFT}: {draft}");
            text.add(TextStyle::Doubtful, &wrapped("", &words));
        }
        for section in &self.sections {
            text += "\n";
            text.add(TextStyle::Heading, &wrapped("", &section.title));
            for sentence in &section.sentences {
                text += &wrapped("  ", sentence);
            }
        }
        let rules = self.rules_without_source.join(", ");
        let sources = match self.without_source {
            Some(0) => "All rules have a source.".to_owned(),
            Some(1) => format!("1 rule has no source: {rules}."),
            Some(missing) => format!("{missing} rules have no source: {rules}."),
            None => String::new(),
        };
        if !sources.is_empty() {
            text += "\n";
            text += &wrapped("", &sources);
        }
        for warning in &self.warnings {
            text += "\n";
            let start = text.end();
            text += &wrapped("", &format!("Warning: {warning}"));
            text.mark(start..start + "Warning:".len(), TextStyle::Doubtful);
        }
        text
    }
}

/// Wraps the text at 80 characters; continuation lines are indented more.
pub(crate) fn wrapped(indent: &str, text: &str) -> String {
    const WIDTH: usize = 80;
    in_lines(indent, &format!("{indent}  "), WIDTH, text.split(' '))
}
