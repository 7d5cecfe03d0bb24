//! Where errors become text.
//!
//! Everywhere else a fault is data: what is wrong, where, and what to do. The
//! words that frame it, the excerpt, the caret, the exit status: here.

mod or_bug;
mod wording;

use std::ops::Range;
use std::{fmt, io};

pub(crate) use crate::base::diagnostics::or_bug::{OrBug, caught};
use crate::base::diagnostics::wording::printable;
pub(crate) use crate::base::diagnostics::wording::{
    alternatives, count, did_you_mean, is_unprintable, listing, literal, nearest, quotable,
    shown_whole,
};

/// How many problems of one file are shown on the screen.
pub(crate) const SHOWN: usize = 20;

/// The longest line of a plan that is shown whole.
const LONG_LINE: usize = 160;

/// Exit status 1: the command did its work and found that something does not
/// hold.
pub(crate) const MISMATCH_STATUS: u8 = 1;
/// Exit status 2: the input, the plan or the command line cannot be used;
/// nothing was written.
pub(crate) const PROBLEM_STATUS: u8 = 2;
/// Exit status 3: the machine failed; nothing was left behind.
pub(crate) const FAILURE_STATUS: u8 = 3;

/// One fault of a plan, with the bytes of the file that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProblem {
    /// The bytes at fault.
    pub span: Range<usize>,
    /// What was found, and what was expected.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Another place that matters, with a word on why.
    pub related: Option<(Range<usize>, String)>,
}

/// A plan that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct InvalidPlan {
    /// The name of the file, as the user gave it.
    pub file: String,
    /// The whole text of the plan.
    pub text: String,
    /// Never empty.
    pub problems: Vec<PlanProblem>,
}

/// One fault of a claims file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimProblem {
    /// The name of the file, as the user gave it.
    pub file: String,
    /// The data row, counted from 1 over all files; `None` for the file as a
    /// whole.
    pub row: Option<u64>,
    /// The line of that file on which the row begins, counted from 1.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
    /// The cell as it stands in the file.
    pub value: Option<String>,
    /// What is wrong, as a sentence that begins in lower case.
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
    /// Of a row of a sheet, what a spreadsheet calls the cell or the row.
    pub place: Option<String>,
}

/// Claims that cannot be used: the first problems, and how many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvalidClaims {
    /// At most [`SHOWN`] of them.
    pub first: Vec<ClaimProblem>,
    /// How many there are in all.
    pub count: u64,
    /// Where all of them were written.
    pub listed_in: Option<String>,
    /// Whether there are several files, whose rows are counted as one.
    pub several_files: bool,
}

/// Input or a command line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What was found, and what was expected.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Something that was checked does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// What was found, and what was expected.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Something that was checked does not hold, and all of it has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AlreadyReported;

/// The machine failed: a disk, a permission, a broken file.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What was being done.
    pub doing: String,
    /// What the machine said.
    pub cause: io::Error,
    /// What to do.
    pub hint: Option<String>,
}

/// The program contradicts itself. Nothing it computed may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bug {
    /// Which of its proofs failed.
    pub message: String,
}

impl Problem {
    /// A refusal that says what is wrong and what to do.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }
}

impl Bug {
    /// Says which proof failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl Failure {
    /// What was being done when the machine failed.
    pub(crate) fn new(doing: impl Into<String>, cause: io::Error) -> Self {
        Self {
            doing: doing.into(),
            cause,
            hint: None,
        }
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

/// The exit status that belongs to an error.
pub(crate) fn exit_status(error: &anyhow::Error) -> u8 {
    let refused = error.is::<InvalidPlan>() || error.is::<InvalidClaims>() || error.is::<Problem>();
    if refused {
        PROBLEM_STATUS
    } else if error.is::<Mismatch>() || error.is::<AlreadyReported>() {
        MISMATCH_STATUS
    } else {
        FAILURE_STATUS
    }
}

/// What an error says in its first line.
pub(crate) fn first_line(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
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
                count(left_out, "problem more", "problems more")
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
            "error: {}:{line}:{column}: {}",
            self.file, problem.message
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
        // Of a very long line only the part around the fault is shown.
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

/// The line and the column, both from 1, of a byte of the text.
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
            writeln!(f, "error: {problem}")?;
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl fmt::Display for AlreadyReported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something differs")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}: {}", self.doing, self.cause)?;
        write_hint(f, self.hint.as_deref())
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error: this is a bug in payout: {}\n\
             nothing was written, because a result that cannot be proved must not be used\n\
             hint: please report it with the plan and the number of rows",
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
