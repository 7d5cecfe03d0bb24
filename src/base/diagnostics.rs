//! Turns errors into text.
//!
//! Elsewhere a fault is data: the problem, the place, and a hint. This module adds
//! the wording around it, the excerpt, the caret and the exit status.

mod listed;
mod message;
mod or_bug;
mod wording;

use std::ops::Range;
use std::{fmt, io};

use serde::Serialize;

pub(crate) use crate::base::diagnostics::listed::{problems_of, report_of};
pub(crate) use crate::base::diagnostics::message::Message;
pub(crate) use crate::base::diagnostics::message::messages;
pub(crate) use crate::base::diagnostics::or_bug::{OrBug, caught};
use crate::base::diagnostics::wording::printable;
pub(crate) use crate::base::diagnostics::wording::{
    alternatives, count, did_you_mean, listing, literal, nearest, quotable, shown_whole, subject,
    whole_literal,
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

/// A problem in a claims file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ClaimProblem {
    /// The file name as the user gave it.
    pub file: String,
    /// The data row, counted from 1 across all files; `None` for the file as a
    /// whole.
    pub row: Option<u64>,
    /// The line of the file on which the row begins, counted from 1.
    pub line: Option<u64>,
    pub column: Option<String>,
    /// The cell as written in the file.
    pub value: Option<String>,
    /// The code of the message; see [`Message`].
    pub code: &'static str,
    /// The problem, as a sentence that starts in lower case.
    #[serde(rename = "message")]
    pub problem: String,
    pub hint: Option<String>,
    /// For a row of a worksheet: the cell or row reference that a spreadsheet uses. For
    /// a plan: its file, line and column.
    pub place: Option<String>,
}

/// Invalid claims: the first problems, and the number of problems.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvalidClaims {
    /// At most [`SHOWN`] problems.
    pub first: Vec<ClaimProblem>,
    /// The total number of problems.
    pub count: u64,
    /// The file that lists all of them.
    pub listed_in: Option<String>,
    /// True if row numbers count across several files.
    pub several_files: bool,
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

impl From<Message> for ClaimProblem {
    fn from(Message { code, text, hint }: Message) -> Self {
        Self {
            code,
            problem: text,
            hint,
            ..Self::default()
        }
    }
}

impl From<PlanProblem> for Message {
    fn from(problem: PlanProblem) -> Self {
        Self {
            code: problem.code,
            text: problem.message,
            hint: problem.hint,
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
        let Message { code, text, hint } = message.into();
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

/// The text after the first word of an error; `None` if it does not begin so.
pub(crate) fn without_error_word(text: &str) -> Option<&str> {
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

impl fmt::Display for ClaimProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
            if let Some(column) = &self.column {
                write!(f, " (column \"{}\")", quotable(column))?;
            }
        } else {
            if let Some(row) = self.row {
                write!(f, ":{row}")?;
            }
            if let Some(column) = &self.column {
                write!(f, ":{}", quotable(column))?;
            }
        }
        write!(f, ": {}", self.problem)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl fmt::Display for InvalidClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.first {
            writeln!(f, "{}: {problem}", error_word(problem.code))?;
        }
        let shown = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        if self.count > shown {
            writeln!(f, "… and {} more", self.count - shown)?;
        }
        let problems = count(self.count, "problem", "problems");
        write!(f, "{problems} in the claims; nothing was written")?;
        let over = if self.several_files {
            ", over all files"
        } else {
            ""
        };
        let placed = self
            .first
            .iter()
            .find_map(|p| Some((&p.file, p.row?, p.line?)));
        if let Some((file, row, line)) = placed {
            let of = if self.several_files {
                format!(" of {file}")
            } else {
                String::new()
            };
            write!(
                f,
                " (rows count from 1 below the header{over}: row {row} is line {line}{of})"
            )?;
        }
        let counted = |p: &ClaimProblem| p.row.is_some() && p.line.is_none() && p.place.is_none();
        if placed.is_none() && self.first.iter().any(counted) {
            write!(f, " (rows count from 1 below the header{over})")?;
        }
        match &self.listed_in {
            Some(file) => write!(f, "\nall of them are listed in {file}"),
            None if self.count > shown => {
                f.write_str("\nhint: `--errors FILE` writes all of them to a file")
            }
            None => Ok(()),
        }
    }
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
impl std::error::Error for InvalidClaims {}
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
