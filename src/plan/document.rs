//! A TOML document as written: its values with their places, and the problems found in
//! them.
//!
//! A reader reports each problem at its place and returns `None`. A value that is wrong
//! reads like one that is absent, so that the rest is still read; in the end, a document
//! with a problem is refused.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use num_traits::ToPrimitive;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::confusables::is_invisible;
use crate::base::decimal::{self, NumberFault};
use crate::base::diagnostics::{
    InvalidPlan, Message, PlanProblem, alternatives, count, literal, nearest, position, quotable,
};
use crate::base::money::{Currency, Money};
use crate::plan::{PlanSource, bad, common_mistakes, hints, messages};

/// A range of bytes of a document.
pub(crate) type Span = Range<usize>;

/// A document while it is read.
#[derive(Debug)]
pub(crate) struct TomlDocument<'p> {
    text: &'p str,
    /// The currency of its amounts.
    pub currency: Currency,
    problems: RefCell<Vec<PlanProblem>>,
    /// By place, each rule and whether it has a source.
    sources: RefCell<BTreeMap<usize, (String, bool)>>,
}

/// A place in a document.
#[derive(Debug, Clone)]
pub(crate) struct Place<'p> {
    pub document: &'p TomlDocument<'p>,
    pub span: Span,
}

/// A problem that is about to be reported.
#[derive(Debug)]
#[must_use]
pub(crate) struct ProblemReport<'p> {
    document: &'p TomlDocument<'p>,
    problem: PlanProblem,
}

impl<'p> TomlDocument<'p> {
    pub(crate) fn new(text: &'p str, currency: Currency) -> Self {
        Self {
            text,
            currency,
            problems: RefCell::default(),
            sources: RefCell::default(),
        }
    }

    pub(crate) fn at(&'p self, span: &Span) -> Place<'p> {
        Place {
            document: self,
            span: span.clone(),
        }
    }

    pub(crate) fn add(&self, problem: PlanProblem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Records that a table is a rule that may have a source.
    pub(crate) fn add_rule(&self, span: &Span, what: &str, has_source: bool) {
        let rule = (what.to_owned(), has_source);
        self.sources.borrow_mut().insert(span.start, rule);
    }

    /// The rules without a source with their lines, if any rule has one.
    pub(crate) fn missing_sources(&self) -> Option<Vec<String>> {
        let sources = self.sources.borrow();
        let missing = sources.iter().filter(|(_, (_, has_source))| !*has_source);
        let missing = missing.map(|(start, (what, _))| {
            let (line, _) = position(self.text, *start);
            format!("{what} (line {line})")
        });
        let missing: Vec<String> = missing.collect();
        (missing.len() < sources.len()).then_some(missing)
    }

    /// True if no problem has been found.
    pub(crate) fn is_sound(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// The problem that was found first.
    pub(crate) fn first_problem(&self) -> Option<PlanProblem> {
        self.problems.borrow().first().cloned()
    }

    /// Refuses the document if it has a problem.
    pub(crate) fn check(&self, source: &PlanSource) -> Result<(), InvalidPlan> {
        if self.is_sound() {
            return Ok(());
        }
        Err(bad(source, self.problems.take()))
    }
}

impl<'p> Place<'p> {
    /// The line, counted from 1.
    pub(crate) fn line(&self) -> usize {
        position(self.document.text, self.span.start).0
    }

    pub(crate) fn problem(&self, message: impl Into<Message>) -> ProblemReport<'p> {
        ProblemReport {
            document: self.document,
            problem: PlanProblem::new(&self.span, message),
        }
    }
}

impl ProblemReport<'_> {
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.perhaps(Some(hint))
    }

    /// Adds a hint, if there is one.
    pub(crate) fn perhaps(mut self, hint: Option<impl Into<String>>) -> Self {
        let hint = hint.map(Into::into);
        self.problem.hint = hint.filter(|hint: &String| !hint.trim().is_empty());
        self
    }

    /// A second place that the problem involves, with a label.
    pub(crate) fn other(mut self, span: &Span, label: impl Into<String>) -> Self {
        self.problem.related = Some((span.clone(), label.into()));
        self
    }

    pub(crate) fn other_key(self, other: &TomlValue<'_>) -> Self {
        self.other(&other.key_place.span, "the other key")
    }

    pub(crate) fn add(self) {
        self.document.add(self.problem);
    }

    /// Adds the problem; there is no value.
    pub(crate) fn none<T>(self) -> Option<T> {
        self.add();
        None
    }
}

/// A value of a document and its key.
#[derive(Debug, Clone)]
pub(crate) struct TomlValue<'p> {
    pub key: &'p str,
    pub key_place: Place<'p>,
    pub place: Place<'p>,
    pub value: &'p DeValue<'p>,
}

impl<'p> TomlValue<'p> {
    fn new(key: &'p str, key_place: Place<'p>, value: &'p Spanned<DeValue<'p>>) -> Self {
        let document = key_place.document;
        Self {
            key,
            key_place,
            place: document.at(&value.span()),
            value: value.get_ref(),
        }
    }

    /// The entries of a table in the order written.
    pub(crate) fn all_of(document: &'p TomlDocument<'p>, table: &'p DeTable<'p>) -> Vec<Self> {
        let mut entries: Vec<Self> = table
            .iter()
            .map(|(key, value)| Self::new(key.get_ref(), document.at(&key.span()), value))
            .collect();
        entries.sort_by_key(|entry| entry.key_place.span.start);
        entries
    }

    /// Reports a problem at the value.
    pub(crate) fn problem(&self, message: impl Into<Message>) -> ProblemReport<'p> {
        self.place.problem(message)
    }

    /// Reports a problem at the value; the key is the subject of the sentence.
    pub(crate) fn fault(&self, message: impl FnOnce(&str) -> Message) -> ProblemReport<'p> {
        self.problem(message(&literal(self.key)))
    }

    pub(crate) fn wrong_kind(&self, expected: &str) -> ProblemReport<'p> {
        let found = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fault(|key| messages::wrong_kind(key, expected, found))
    }

    pub(crate) fn text(&self) -> Option<String> {
        match self.value {
            DeValue::String(text) => Some(text.to_string()),
            _ => self.wrong_kind("text in quotes").none(),
        }
    }

    /// A quoted text that is not blank.
    pub(crate) fn words(&self) -> Option<String> {
        let text = self.name()?;
        // Text copied from a court order may contain non-breaking spaces.
        let odd = |c| is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}');
        if text.chars().any(odd) {
            return self.fault(messages::text_with_invisible_character).none();
        }
        Some(text)
    }

    /// The name of something in the claims file: a quoted text that is not blank.
    pub(crate) fn name(&self) -> Option<String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return self.fault(messages::text_blank).none();
        }
        if text.chars().any(char::is_control) {
            return self.fault(messages::text_with_control_character).none();
        }
        Some(text)
    }

    pub(crate) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let (found, expected) = (literal(&text), alternatives(&known));
        let report = self.fault(|key| messages::word_unknown(key, &found, &expected));
        let near = nearest(&text, known).map(|near| format!("did you mean `{near}`?"));
        report.perhaps(near).none()
    }

    /// A number, bare or in quotes, parsed from its digits: never negative.
    pub(crate) fn number(&self) -> Option<Decimal> {
        self.digits().map(|(number, _)| number)
    }

    /// A number, and the number of decimals written.
    fn digits(&self) -> Option<(Decimal, usize)> {
        let written = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            DeValue::String(text) => text,
            _ => {
                let hint = common_mistakes::of_value(self.key, self.value);
                let report = self.wrong_kind("a number in decimal digits");
                return report.perhaps(hint).none();
            }
        };
        let problem = match decimal::parse(written) {
            Ok(value) => return Some((value, decimal::decimals_written(written))),
            Err(problem) => problem,
        };
        let key = literal(self.key);
        let number = match problem {
            NumberFault::Blank => key,
            _ => format!("{key}: {}", literal(written)),
        };
        let hint = match problem {
            NumberFault::Date => common_mistakes::of_date(self.key).to_owned(),
            _ => hints::of_number(self.key, written).unwrap_or_else(|| hints::NUMBER.to_owned()),
        };
        self.problem(number_fault(&number, problem))
            .hint(hint)
            .none()
    }

    /// An amount with at most as many decimals as the currency has.
    pub(crate) fn money(&self) -> Option<Money> {
        let (number, decimals) = self.digits()?;
        let currency = self.place.document.currency;
        let allowed = usize::try_from(currency.decimals()).unwrap_or(usize::MAX);
        let exact = currency.exact(number).filter(|_| decimals <= allowed);
        if exact.is_none() {
            let decimals = match allowed {
                0 => "no decimals".to_owned(),
                _ => format!("at most {}", count(allowed, "decimal", "decimals")),
            };
            let code = currency.code();
            let report = self.fault(|key| messages::amount_too_fine(key, code, &decimals));
            return report.none();
        }
        exact
    }

    pub(crate) fn whole(&self) -> Option<u64> {
        let (number, decimals) = self.digits()?;
        if decimals > 0 {
            return self.fault(messages::count_not_whole).none();
        }
        number
            .to_u64()
            .or_else(|| self.fault(messages::count_too_large).none())
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(boolean) => Some(*boolean),
            _ => self.wrong_kind("true or false").none(),
        }
    }

    pub(crate) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// The entries of a table whose keys the user chooses.
    pub(crate) fn entries(&self) -> Option<Vec<Self>> {
        match self.value {
            DeValue::Table(table) => Some(Self::all_of(self.place.document, table)),
            _ => self.wrong_kind("a table").none(),
        }
    }

    /// The elements of a list, each under the key of the list.
    pub(crate) fn list(&self) -> Option<Vec<Self>> {
        let DeValue::Array(array) = self.value else {
            return self.wrong_kind("a list").none();
        };
        let element = |value| Self::new(self.key, self.key_place.clone(), value);
        Some(array.iter().map(element).collect())
    }

    /// The elements of a list of texts, each under the key of the list.
    pub(crate) fn list_of_texts(&self) -> Option<Vec<Self>> {
        if let DeValue::String(text) = self.value {
            let hint = format!(
                "write a list, even for a single value: `{} = [\"{}\"]`",
                quotable(self.key),
                quotable(text)
            );
            return self.wrong_kind("a list").hint(hint).none();
        }
        self.list()
    }

    pub(crate) fn texts(&self) -> Option<Vec<(String, Place<'p>)>> {
        let elements = self.list_of_texts()?;
        all(elements
            .iter()
            .map(|element| Some((element.text()?, element.place.clone()))))
    }

    pub(crate) fn text_or_texts(&self) -> Option<Vec<(String, Place<'p>)>> {
        match self.value {
            DeValue::Array(_) => self.texts(),
            _ => Some(vec![(self.text()?, self.place.clone())]),
        }
    }
}

/// The message for a text that is not a plain number.
pub(crate) fn number_fault(number: &str, fault: NumberFault) -> Message {
    match fault {
        NumberFault::Blank => messages::number_blank(number),
        NumberFault::Sign => messages::number_signed(number),
        NumberFault::Exponent => messages::number_with_exponent(number),
        NumberFault::Separator | NumberFault::BadGroups => messages::number_with_separator(number),
        NumberFault::CurrencySign => messages::number_with_currency_sign(number),
        NumberFault::BarePoint => messages::number_with_bare_point(number),
        NumberFault::TooManyDigits => messages::number_with_too_many_digits(number),
        NumberFault::TooManyDecimals => messages::number_with_too_many_decimals(number),
        NumberFault::Date => messages::number_is_date(number),
        NumberFault::NotANumber => messages::number_in_words(number),
    }
}

/// All values, unless any is invalid. Each is read, so that every problem is
/// reported.
pub(crate) fn all<T>(read: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = read.collect();
    read.into_iter().collect()
}
