//! The plan as written: TOML values with their places in the file.
//!
//! A reader takes the keys it knows from a [`TomlTable`] and then calls
//! [`TomlTable::finish`], which reports all other keys. Problems are collected, not
//! returned, so that one run reports all of them.

use std::ops::Range;

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::confusables::is_invisible;
use crate::base::decimal::{self, NumberFault};
use crate::base::diagnostics::{self, PlanProblem, alternatives, listing, literal};
use crate::plan::{common_mistakes, hints};

/// A range of bytes of the plan.
pub(crate) type Span = Range<usize>;

/// Collects the problems of a plan in the order found.
#[derive(Debug, Default)]
pub struct ProblemCollector {
    pub list: Vec<PlanProblem>,
}

impl ProblemCollector {
    pub fn add(&mut self, span: &Span, message: impl Into<String>) {
        self.push(span, message, None, None);
    }

    pub fn add_hint(&mut self, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        self.push(span, message, Some(hint.into()), None);
    }

    /// Adds a problem that involves two places.
    pub fn add_pair(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        other: &Span,
        label: impl Into<String>,
    ) {
        self.push(span, message, None, Some((other.clone(), label.into())));
    }

    /// Adds a problem that involves two places, with a hint.
    pub fn add_pair_hint(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        other: &Span,
        label: impl Into<String>,
        hint: &str,
    ) {
        let related = Some((other.clone(), label.into()));
        self.push(span, message, Some(hint.to_owned()), related);
    }

    fn push(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        hint: Option<String>,
        related: Option<(Span, String)>,
    ) {
        self.list.push(PlanProblem {
            span: span.clone(),
            code: "",
            message: message.into(),
            hint,
            related,
        });
    }
}

/// A value of the plan and its key.
#[derive(Debug, Clone)]
pub(crate) struct TomlValue<'p> {
    /// The key, for messages.
    pub key: String,
    pub key_span: Span,
    pub span: Span,
    /// The TOML value.
    pub value: &'p DeValue<'p>,
}

/// A number of the plan, parsed from its digits.
#[derive(Debug, Clone)]
pub(crate) struct TomlNumber {
    /// Never negative.
    pub value: Decimal,
    /// The number of decimals written.
    pub decimals: usize,
    pub span: Span,
}

/// A table of the plan, and the keys that were read from it.
#[derive(Debug)]
pub(crate) struct TomlTable<'p> {
    /// The name of the table in messages: `[[pool]]`.
    pub what: String,
    pub span: Span,
    entries: Vec<TomlValue<'p>>,
    asked: Vec<&'static str>,
}

impl<'p> TomlTable<'p> {
    /// A table with its entries in the order written.
    pub(crate) fn new(what: impl Into<String>, span: Span, table: &'p DeTable<'p>) -> Self {
        let mut entries: Vec<TomlValue<'p>> = table
            .iter()
            .map(|(key, value)| TomlValue::new(key.get_ref(), key.span(), value))
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        Self {
            what: what.into(),
            span,
            entries,
            asked: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, key: &'static str) -> Option<TomlValue<'p>> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key).cloned()
    }

    /// The value of a required key.
    pub(crate) fn require(
        &mut self,
        key: &'static str,
        problems: &mut ProblemCollector,
    ) -> Option<TomlValue<'p>> {
        let value = self.take(key);
        if value.is_none() {
            problems.add(
                &self.span,
                format!("{} is missing the required key `{key}`", self.what),
            );
        }
        value
    }

    /// All entries in the order written, for tables whose keys the user chooses.
    pub(crate) fn entries(&self) -> &[TomlValue<'p>] {
        &self.entries
    }

    /// The present keys among those given, for choices of exactly one.
    pub(crate) fn present(&mut self, keys: &[&'static str]) -> Vec<TomlValue<'p>> {
        let mut present: Vec<TomlValue<'p>> =
            keys.iter().filter_map(|key| self.take(key)).collect();
        present.sort_by_key(|value| value.key_span.start);
        present
    }

    /// Reports every key that was not read, with the most similar known key.
    pub(crate) fn finish(self, problems: &mut ProblemCollector) {
        for entry in &self.entries {
            if self.asked.contains(&entry.key.as_str()) {
                continue;
            }
            let message = format!("unknown key {} in {}", literal(&entry.key), self.what);
            if let Some(hint) = common_mistakes::of_key(&entry.key, &self.what) {
                problems.add_hint(&entry.key_span, message, hint);
                continue;
            }
            let near = hints::synonym(&entry.key, &self.asked)
                .or_else(|| diagnostics::nearest(&entry.key, self.asked.iter().copied()));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{} accepts {}", self.what, listing(&self.asked)),
            };
            problems.add_hint(&entry.key_span, message, hint);
        }
    }
}

impl<'p> TomlValue<'p> {
    fn new(key: &str, key_span: Span, value: &'p Spanned<DeValue<'p>>) -> Self {
        Self {
            key: key.to_owned(),
            key_span,
            span: value.span(),
            value: value.get_ref(),
        }
    }

    pub(crate) fn wrong_kind(&self, expected: &str, problems: &mut ProblemCollector) {
        problems.add(&self.span, self.is_of_wrong_kind(expected));
    }

    /// Reports a value of the wrong kind, with a hint.
    pub(crate) fn wrong_kind_hint(
        &self,
        expected: &str,
        hint: impl Into<String>,
        problems: &mut ProblemCollector,
    ) {
        problems.add_hint(&self.span, self.is_of_wrong_kind(expected), hint);
    }

    fn is_of_wrong_kind(&self, expected: &str) -> String {
        let found = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        format!("{} must be {expected}; found {found}", literal(&self.key))
    }

    pub(crate) fn text(&self, problems: &mut ProblemCollector) -> Option<String> {
        if let DeValue::String(text) = self.value {
            return Some(text.to_string());
        }
        self.wrong_kind("text in quotes", problems);
        None
    }

    /// A quoted text that is not blank.
    pub(crate) fn words(&self, problems: &mut ProblemCollector) -> Option<String> {
        let text = self.name(problems)?;
        // Text copied from a court order may contain non-breaking spaces.
        let odd = |c| is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
        if text.chars().any(odd) {
            let message = format!(
                "{} has an invisible or bidirectional control character",
                literal(&self.key)
            );
            problems.add_hint(&self.span, message, "remove the character");
            return None;
        }
        Some(text)
    }

    /// The name of something in the claims file: a quoted text that is not blank.
    pub(crate) fn name(&self, problems: &mut ProblemCollector) -> Option<String> {
        let text = self.text(problems)?;
        if text.trim().is_empty() {
            problems.add(&self.span, format!("{} is blank", literal(&self.key)));
            return None;
        }
        if text.chars().any(char::is_control) {
            let message = format!(
                "{} has a line break or control character",
                literal(&self.key)
            );
            problems.add(&self.span, message);
            return None;
        }
        Some(text)
    }

    pub(crate) fn one_of<T: Copy>(
        &self,
        words: &[(&str, T)],
        problems: &mut ProblemCollector,
    ) -> Option<T> {
        let text = self.text(problems)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!(
            "{} cannot be {}; expected {}",
            literal(&self.key),
            literal(&text),
            alternatives(&known)
        );
        match diagnostics::nearest(&text, known) {
            Some(near) => problems.add_hint(&self.span, message, format!("did you mean `{near}`?")),
            None => problems.add(&self.span, message),
        }
        None
    }

    /// A number, bare or in quotes, parsed from its digits.
    pub(crate) fn number(&self, problems: &mut ProblemCollector) -> Option<TomlNumber> {
        let written = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            DeValue::String(text) => text,
            _ => {
                let expected = "a number in decimal digits";
                match common_mistakes::of_value(&self.key, self.value) {
                    Some(hint) => self.wrong_kind_hint(expected, hint, problems),
                    None => self.wrong_kind(expected, problems),
                }
                return None;
            }
        };
        match decimal::parse(written) {
            Ok(value) => Some(TomlNumber {
                value,
                decimals: decimal::decimals_written(written),
                span: self.span.clone(),
            }),
            Err(problem) => {
                let key = literal(&self.key);
                let message = match problem {
                    NumberFault::Blank => format!("{key} {}", problem.what()),
                    _ => format!("{key}: {} {}", literal(written), problem.what()),
                };
                let hint = match problem {
                    NumberFault::Date => common_mistakes::of_date(&self.key).to_owned(),
                    _ => hints::of_number(&self.key, written)
                        .unwrap_or_else(|| hints::NUMBER.to_owned()),
                };
                problems.add_hint(&self.span, message, hint);
                None
            }
        }
    }

    pub(crate) fn whole(&self, problems: &mut ProblemCollector) -> Option<u64> {
        use num_traits::ToPrimitive;
        let number = self.number(problems)?;
        let whole = (number.decimals == 0)
            .then(|| number.value.to_u64())
            .flatten();
        if whole.is_none() {
            let what = if number.decimals == 0 {
                "is too large"
            } else {
                "must be a whole number"
            };
            problems.add(&self.span, format!("{} {what}", literal(&self.key)));
        }
        whole
    }

    pub(crate) fn truth(&self, problems: &mut ProblemCollector) -> Option<bool> {
        if let DeValue::Boolean(boolean) = self.value {
            return Some(*boolean);
        }
        self.wrong_kind("true or false", problems);
        None
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub(crate) fn table(
        &self,
        what: impl Into<String>,
        problems: &mut ProblemCollector,
    ) -> Option<TomlTable<'p>> {
        if let DeValue::Table(table) = self.value {
            return Some(TomlTable::new(what, self.span.clone(), table));
        }
        self.wrong_kind("a table", problems);
        None
    }

    /// The elements of a list, each under the key of the list.
    pub(crate) fn list(&self, problems: &mut ProblemCollector) -> Option<Vec<TomlValue<'p>>> {
        let elements = self.elements();
        if elements.is_none() {
            self.wrong_kind("a list", problems);
        }
        elements
    }

    /// The elements, if this is a list.
    pub(crate) fn elements(&self) -> Option<Vec<TomlValue<'p>>> {
        let DeValue::Array(array) = self.value else {
            return None;
        };
        let element = |value: &'p Spanned<DeValue<'p>>| {
            TomlValue::new(&self.key, self.key_span.clone(), value)
        };
        Some(array.iter().map(element).collect())
    }

    /// The elements of a list of texts, each under the key of the list.
    pub(crate) fn list_of_texts(
        &self,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<TomlValue<'p>>> {
        if let DeValue::String(text) = self.value {
            let hint = format!(
                "write a list, even for a single value: `{} = [\"{}\"]`",
                diagnostics::quotable(&self.key),
                diagnostics::quotable(text)
            );
            self.wrong_kind_hint("a list", hint, problems);
            return None;
        }
        self.list(problems)
    }

    pub(crate) fn texts(&self, problems: &mut ProblemCollector) -> Option<Vec<(String, Span)>> {
        let elements = self.list_of_texts(problems)?;
        elements
            .iter()
            .map(|element| Some((element.text(problems)?, element.span.clone())))
            .collect()
    }

    pub(crate) fn text_or_texts(
        &self,
        problems: &mut ProblemCollector,
    ) -> Option<Vec<(String, Span)>> {
        match self.value {
            DeValue::Array(_) => self.texts(problems),
            _ => Some(vec![(self.text(problems)?, self.span.clone())]),
        }
    }
}

/// The value of an optional key: `Some(None)` if it is omitted, `None` if it is
/// invalid.
pub(crate) fn given<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}

/// All values, unless any is invalid. Each is read, so that every problem is
/// reported.
pub(crate) fn all<T>(read: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = read.collect();
    read.into_iter().collect()
}
