//! Turns errors into text.
//!
//! Elsewhere a fault is data: the problem, the place, and a hint. This module adds
//! the wording around it, the excerpt, the caret and the exit status.

mod claim_problems;
mod listed;
mod message;
mod or_bug;
mod wording;

use std::ops::Range;
use std::{fmt, io};

pub(crate) use crate::base::diagnostics::claim_problems::{ClaimProblem, InvalidClaims};
pub(crate) use crate::base::diagnostics::listed::{problems_of, report_of};
pub(crate) use crate::base::diagnostics::message::messages;
pub(crate) use crate::base::diagnostics::message::{Message, MessageKind};
pub(crate) use crate::base::diagnostics::or_bug::{OrBug, caught};
use crate::base::diagnostics::wording::printable;
pub(crate) use crate::base::diagnostics::wording::{
    alternatives, count, did_you_mean, listing, literal, mistyped, nearest, quotable, shown_whole,
    subject, whole_literal,
};

/// Maximum number of problems of one file shown on the screen.
pub(crate) const SHOWN: usize = 20;

/// Maximum length of a plan line that is shown in full.
const LONG_LINE: usize = 160;

/// Exit status 1: the command completed and found a mismatch.
pub(crate) const MISMATCH_STATUS: u8 = 1;
/// Exit status 2: the input, the plan or the command line is invalid; nothing was
/// written.
pub(crate) const PROBLEM_STATUS: u8 = 2;
/// Exit status 3: the system failed; nothing was left behind.
pub(crate) const FAILURE_STATUS: u8 = 3;

/// A problem in a plan, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProblem {
    /// The bytes of the plan that are at fault.
    pub span: Range<usize>,
    /// The code of the message; see [`Message`].
    pub code: &'static str,
    /// States what was found and what was expected.
    pub message: String,
    pub hint: Option<String>,
    /// A second relevant place, with a label that says why.
    pub related: Option<(Range<usize>, String)>,
}

/// An invalid plan, with all of its problems.
#[derive(Debug, Clone)]
pub struct InvalidPlan {
    /// The file name as the user gave it.
    pub file: String,
    pub text: String,
    /// Never empty.
    pub problems: Vec<PlanProblem>,
}

/// Input or a command line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem(pub Message);

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch(pub Message);

/// A check that failed and whose details have already been printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AlreadyReported;

/// A failure of the system: disk, permissions, a damaged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub Message);

/// A contradiction within the program. Its results must not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bug {
    /// The internal check that failed.
    pub message: String,
}

impl From<Message> for Problem {
    fn from(message: Message) -> Self {
        Self(message)
    }
}

impl From<Message> for Mismatch {
    fn from(message: Message) -> Self {
        Self(message)
    }
}

impl From<PlanProblem> for Message {
    fn from(problem: PlanProblem) -> Self {
        Self {
            code: problem.code,
            kind: Box::new(MessageKind {
                text: problem.message.clone(),
                hint: problem.hint.clone(),
            }),
            text: problem.message,
            hint: problem.hint,
            suggestion: None,
        }
    }
}

impl From<Message> for anyhow::Error {
    fn from(message: Message) -> Self {
        Problem::from(message).into()
    }
}

impl PlanProblem {
    pub(crate) fn new(span: &Range<usize>, message: impl Into<Message>) -> Self {
        let Message {
            code, text, hint, ..
        } = message.into();
        Self {
            span: span.clone(),
            code,
            message: text,
            hint,
            related: None,
        }
    }
}

impl Bug {
    /// The code of every contradiction within the program.
    pub(crate) const CODE: &str = "B001";

    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl Failure {
    /// The failure of an operation, which the message states; the system reports the
    /// cause.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "shown, and then no longer needed"
    )]
    pub(crate) fn new(mut operation: Message, cause: io::Error) -> Self {
        operation.text += &format!(": {cause}");
        Self(operation)
    }
}

/// The error, with words before the problems of a plan.
pub(crate) fn plan_problems_with(words: &str, error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<InvalidPlan>() {
        Ok(mut bad) => {
            for problem in &mut bad.problems {
                problem.message = format!("{words}: {}", problem.message);
            }
            bad.into()
        }
        Err(error) => error,
    }
}

pub fn exit_status(error: &anyhow::Error) -> u8 {
    let refused = error.is::<InvalidPlan>() || error.is::<InvalidClaims>() || error.is::<Problem>();
    if refused {
        PROBLEM_STATUS
    } else if error.is::<Mismatch>() || error.is::<AlreadyReported>() {
        MISMATCH_STATUS
    } else {
        FAILURE_STATUS
    }
}

/// The first line of an error.
pub(crate) fn first_line(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    without_error_word(first).unwrap_or(first).to_owned()
}

/// The first word of an error: `error[C111]`.
fn error_word(code: &str) -> String {
    format!("error[{code}]")
}

/// The text after the first word of an error; `None` if it does not begin so. Several
/// kinds of problems at once have no code.
pub(crate) fn without_error_word(text: &str) -> Option<&str> {
    if let Some(text) = text.strip_prefix("error: ") {
        return Some(text);
    }
    let (_, text) = text.strip_prefix("error[")?.split_once("]: ")?;
    Some(text)
}

impl fmt::Display for InvalidPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().take(SHOWN).enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            self.write_problem(f, problem)?;
        }
        let left_out = self.problems.len().saturating_sub(SHOWN);
        if left_out > 0 {
            write!(
                f,
                "\n… and {}",
                count(left_out, "more problem", "more problems")
            )?;
        }
        Ok(())
    }
}

impl InvalidPlan {
    fn write_problem(&self, f: &mut fmt::Formatter<'_>, problem: &PlanProblem) -> fmt::Result {
        let (line, column) = position(&self.text, problem.span.start);
        writeln!(
            f,
            "{}: {}:{line}:{column}: {}",
            error_word(problem.code),
            self.file,
            problem.message
        )?;
        let width = self
            .number_width(problem.related.as_ref().map(|(span, _)| span))
            .max(line.to_string().len());
        writeln!(f, "{:width$} |", "")?;
        self.write_excerpt(f, width, &problem.span, "")?;
        if let Some((span, label)) = &problem.related {
            writeln!(f, "{:width$} |", "")?;
            self.write_excerpt(f, width, span, label)?;
        }
        if let Some(hint) = &problem.hint {
            writeln!(f, "hint: {hint}")?;
        }
        Ok(())
    }

    fn number_width(&self, span: Option<&Range<usize>>) -> usize {
        span.map_or(0, |span| {
            position(&self.text, span.start).0.to_string().len()
        })
    }

    fn write_excerpt(
        &self,
        f: &mut fmt::Formatter<'_>,
        width: usize,
        span: &Range<usize>,
        label: &str,
    ) -> fmt::Result {
        let (line, column) = position(&self.text, span.start);
        let text = self.text.lines().nth(line - 1).unwrap_or("");
        // Of a very long line, only the part around the fault is shown.
        let skipped = if text.chars().count() > LONG_LINE {
            column.saturating_sub(LONG_LINE / 2)
        } else {
            0
        };
        let part = text.chars().skip(skipped).take(LONG_LINE);
        let shown: String = part.map(printable).collect();
        writeln!(f, "{line:width$} | {shown}")?;
        let length = self
            .text
            .get(span.clone())
            .and_then(|marked| marked.lines().next())
            .map_or(1, |first| first.chars().count().clamp(1, LONG_LINE));
        let carets = "^".repeat(length);
        let line = format!(
            "{:width$} | {:indent$}{carets} {label}",
            "",
            "",
            indent = column - 1 - skipped
        );
        writeln!(f, "{}", line.trim_end())
    }
}

/// Line and column, both from 1, of a byte offset.
pub(crate) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or("").chars().count() + 1;
    (line, column)
}

fn write_hint(f: &mut fmt::Formatter<'_>, hint: Option<&str>) -> fmt::Result {
    hint.map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", error_word(self.code), self.text)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AlreadyReported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something differs")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: this is a bug in payout: {}\n\
             nothing was written, because a result that cannot be proved must not be used\n\
             hint: please report it with the plan and the number of rows",
            error_word(Self::CODE),
            self.message
        )
    }
}

impl std::error::Error for InvalidPlan {}
impl std::error::Error for Problem {}
impl std::error::Error for Mismatch {}
impl std::error::Error for AlreadyReported {}
impl std::error::Error for Failure {}
impl std::error::Error for Bug {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        assert_eq!(position("a\néb", 4), (2, 2));
        assert_eq!(position("", 0), (1, 1));
    }
}
