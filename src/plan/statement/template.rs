//! The template of a letter: text with places, which each statement fills in.
//!
//! A place is a name in braces, `{payout}`; `{{` and `}}` are braces of the text.

use crate::base::diagnostics::{Message, alternatives, literal, nearest, position, quotable};
use crate::plan::cell::NumberSource;
use crate::plan::columns::Columns;
use crate::plan::kinds::{Choice as _, words};
use crate::plan::messages;

/// A template, valid for the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name of its file.
    pub file: String,
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text that all letters share.
    Text(String),
    Fact(LetterFact),
    /// The cell of a column, or a named value.
    Column(NumberSource),
    /// The amount of a portion, by index.
    Portion(usize),
}

/// A place that every plan has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFact {
    Payout,
    ClaimantId,
    /// The text of the statement that the plan would have without a template.
    Explanation,
    Settlement,
}

words! {
    LetterFact { "payout" Payout, "claimant_id" ClaimantId, "explanation" Explanation, "settlement" Settlement }
}

const OF_COLUMN: &str = "column.";
const OF_PORTION: &str = "portion.";

impl Template {
    /// The columns and the named values that it shows.
    pub(crate) fn sources(&self) -> impl Iterator<Item = NumberSource> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Column(source) => Some(*source),
            _ => None,
        })
    }

    /// True if it has this place.
    pub(crate) fn has(&self, fact: LetterFact) -> bool {
        self.parts.contains(&TemplatePart::Fact(fact))
    }

    /// True if it shows a portion.
    pub(crate) fn has_portions(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| matches!(part, TemplatePart::Portion(_)))
    }
}

/// A fault of a template, and its place: file, line and column; blank for the whole file.
pub(super) struct TemplateFault {
    pub place: String,
    pub message: Message,
}

/// Reads the text of a template.
pub(super) struct TemplateReader<'r> {
    pub file: &'r str,
    /// The names of the portions of the plan.
    pub portions: &'r [&'r str],
    pub columns: &'r mut Columns,
}

impl TemplateReader<'_> {
    pub(super) fn read(mut self, text: &str) -> Result<Template, Vec<TemplateFault>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = &*text.replace("\r\n", "\n");
        let (mut parts, mut said, mut faults) = (Vec::new(), String::new(), Vec::new());
        let (mut rest, mut start) = (text, 0);
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(brace);
            said += before;
            let length = if let Some(one) = doubled(from) {
                said += one;
                2
            } else {
                let (name, length) = name_of_place(from);
                let part = name.and_then(|name| self.place(name));
                let part = part.map_err(|message| {
                    faults.push(self.fault(text, start + brace, message));
                });
                if !said.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut said)));
                }
                parts.extend(part.ok());
                length
            };
            start += brace + length;
            rest = from.get(length..).unwrap_or_default();
        }
        said += rest;
        if !said.is_empty() {
            parts.push(TemplatePart::Text(said));
        }
        if text.trim().is_empty() {
            faults.push(TemplateFault {
                place: String::new(),
                message: messages::template_empty(self.file),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let file = self.file.to_owned();
        Ok(Template { file, parts })
    }

    /// A fault with its place in the file.
    fn fault(&self, text: &str, byte: usize, message: Message) -> TemplateFault {
        let (line, column) = position(text, byte);
        let place = format!("{}:{line}:{column}", self.file);
        TemplateFault { place, message }
    }

    fn place(&mut self, name: &str) -> Result<TemplatePart, Message> {
        let mut facts = LetterFact::WORDS.iter();
        if let Some((_, fact)) = facts.find(|(word, _)| *word == name) {
            return Ok(TemplatePart::Fact(*fact));
        }
        if let Some(column) = name.strip_prefix(OF_COLUMN) {
            if column != column.trim() || column.is_empty() {
                return Err(messages::template_column_with_space(&literal(column)));
            }
            let source = self.columns.shown(column);
            return Ok(TemplatePart::Column(source));
        }
        if let Some(portion) = name.strip_prefix(OF_PORTION) {
            let mut portions = self.portions.iter();
            let known = portions.position(|known| *known == portion);
            return known
                .map(TemplatePart::Portion)
                .ok_or_else(|| self.unknown_portion(portion));
        }
        Err(self.unknown_place(name))
    }

    fn unknown_portion(&self, name: &str) -> Message {
        let mut begins = self.portions.iter().copied();
        let near = nearest(name, self.portions.iter().copied())
            .or_else(|| begins.find(|portion| !name.is_empty() && portion.starts_with(name)));
        let hint = match near {
            Some(near) => format!("did you mean `{{{OF_PORTION}{near}}}`?"),
            None if self.portions.is_empty() => "the plan has no [[portion]]".to_owned(),
            None => format!("the plan has {}", alternatives(self.portions)),
        };
        messages::template_portion_unknown(&literal(name)).hint(hint)
    }

    /// Columns and portions are often written without the word before their name.
    fn unknown_place(&self, name: &str) -> Message {
        let mut known: Vec<String> = LetterFact::WORDS
            .iter()
            .map(|(word, _)| (*word).to_owned())
            .collect();
        let columns = self.columns.iter().map(|(_, column)| &column.name);
        known.extend(columns.map(|column| format!("{OF_COLUMN}{column}")));
        let portions = self.portions.iter();
        known.extend(portions.map(|portion| format!("{OF_PORTION}{portion}")));
        let bare = |place: &&String| {
            let bare = place.strip_prefix(OF_COLUMN);
            let bare = bare.or(place.strip_prefix(OF_PORTION));
            bare.is_some_and(|bare| nearest(name.trim(), [bare]).is_some())
        };
        let word = name.trim().to_lowercase();
        let is_column = |place: &&String| {
            let column = place.strip_prefix(OF_COLUMN);
            column.is_some_and(|column| column.to_lowercase() == word)
        };
        let column = known.iter().find(is_column).map(String::as_str);
        // Names that other programs have for a place.
        let near = match word.as_str() {
            _ if column.is_some() => column,
            "amount" | "payment" | "total" | "sum" => Some("payout"),
            "date" | "today" | "day" => None,
            _ => {
                let near = known.iter().find(bare).map(String::as_str);
                near.or_else(|| nearest(name.trim(), known.iter().map(String::as_str)))
            }
        };
        let hint = if let Some(near) = near {
            format!("did you mean `{{{near}}}`?")
        } else {
            let name = if name.is_empty() { "NAME" } else { name };
            format!(
                "write `{{column.{}}}` for a column of the claims file, or `{{{{` for a brace; the other places are `{{payout}}`, `{{claimant_id}}`, `{{explanation}}`, `{{settlement}}` and `{{portion.NAME}}`",
                quotable(name.trim())
            )
        };
        messages::template_place_unknown(&literal(&format!("{{{name}}}"))).hint(hint)
    }
}

/// The brace that a doubled one at the beginning of the text means.
fn doubled(text: &str) -> Option<&'static str> {
    let pairs = [("{{", "{"), ("}}", "}")];
    let pair = pairs.into_iter().find(|(pair, _)| text.starts_with(pair));
    pair.map(|(_, one)| one)
}

/// The name in the braces at the beginning of the text, and the number of bytes to the
/// end of the place.
fn name_of_place(text: &str) -> (Result<&str, Message>, usize) {
    let inner = text.strip_prefix('{').unwrap_or_default();
    let end = inner.find(['{', '}', '\n']);
    let closed = end.filter(|end| inner.get(*end..).is_some_and(|rest| rest.starts_with('}')));
    match closed.and_then(|end| Some((inner.get(..end)?, end + 2))) {
        Some((name, length)) => (Ok(name), length),
        None => (Err(messages::template_brace_alone()), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_ends_on_its_line() {
        let name = |text| name_of_place(text).0.ok();
        assert_eq!(name("{payout}, in full"), Some("payout"));
        assert_eq!(name("{portion.Wages (W-2)}"), Some("portion.Wages (W-2)"));
        assert_eq!(name("{}"), Some(""));
        for alone in ["}", "{", "{pay", "{pay\nout}", "{pay{out}"] {
            assert_eq!(name(alone), None, "{alone}");
        }
    }

    #[test]
    fn doubled_braces_are_text() {
        assert_eq!(doubled("{{payout}}"), Some("{"));
        assert_eq!(doubled("}}"), Some("}"));
        assert_eq!(doubled("{payout}"), None);
    }
}
