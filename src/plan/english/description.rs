//! A plan told back, as data and as text.

use serde::Serialize;

use crate::base::aligned::in_lines;
use crate::base::styled_text::{StyledText, TextStyle};

/// A plan, told back.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PlanDescription {
    /// `built-in NAME`, or the name of the file.
    pub source: String,
    pub settlement: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// ISO 4217.
    pub currency: &'static str,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
    /// The amount of the fund, in currency.
    pub amount: String,
    /// Interest on it.
    pub interest: String,
    /// The deductions worked out, in order.
    pub deductions: Vec<DeductionDescription>,
    /// What the class receives.
    pub net: String,
    /// The rules in sentences.
    pub sections: Vec<DescriptionSection>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
}

/// A deduction worked out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DeductionDescription {
    pub name: String,
    /// What kind of expense it is.
    pub kind: &'static str,
    /// How it is worked out.
    pub rule: String,
    /// How much it is, in currency.
    pub amount: String,
}

/// Some sentences under a heading.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DescriptionSection {
    /// What they are about.
    pub title: String,
    /// In plan order.
    pub sentences: Vec<String>,
}

impl PlanDescription {
    /// The plan as text, within 80 columns.
    pub(crate) fn text(&self) -> StyledText {
        let mut text = StyledText::default();
        text.add(TextStyle::Heading, &wrapped("", &self.settlement));
        if let Some(docket) = &self.docket {
            text += &wrapped("", docket);
        }
        if let Some(draft) = &self.draft {
            text += "\n";
            let words = format!("DRAFT, not to be paid on: {draft}");
            text.add(TextStyle::Doubtful, &wrapped("", &words));
        }
        for section in &self.sections {
            text += "\n";
            text.add(TextStyle::Heading, &wrapped("", &section.title));
            for sentence in &section.sentences {
                text += &wrapped("  ", sentence);
            }
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

/// The text in lines of at most 80 characters, the later ones indented more.
pub(crate) fn wrapped(indent: &str, text: &str) -> String {
    const WIDTH: usize = 80;
    in_lines(indent, &format!("{indent}  "), WIDTH, text.split(' '))
}
