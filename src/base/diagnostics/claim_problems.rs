//! The problems of claims files, counted by kind.
//!
//! A delivery may have 21,000 faults of one kind and one of another: what is shown are
//! the counts first, and then examples of every kind.

use std::fmt;

use serde::Serialize;

use crate::base::diagnostics::{
    Message, MessageKind, SHOWN, count, error_word, quotable, write_hint,
};
use crate::base::money::group;

/// The maximum number of kinds that are shown.
const KINDS_SHOWN: usize = 40;

/// After this many kinds, problems are counted by code and column.
const MOST_KINDS: usize = 200;

/// A problem in a claims file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ClaimProblem {
    /// The file name as the user gave it.
    pub file: String,
    /// The data row, counted from 1 across all files; `None` for the file as a
    /// whole.
    pub row: Option<u64>,
    /// The line of the file on which the row begins, counted from 1; for a worksheet,
    /// its row.
    pub line: Option<u64>,
    /// The claimant of the row, if its id can be read.
    pub claimant_id: Option<String>,
    pub column: Option<String>,
    /// The cell as written in the file.
    pub value: Option<String>,
    /// The text to write instead, where the program knows it.
    pub suggestion: Option<String>,
    /// The code of the message; see [`Message`].
    pub code: &'static str,
    /// The problem, as a sentence that starts in lower case.
    #[serde(rename = "message")]
    pub problem: String,
    pub hint: Option<String>,
    /// For a row of a worksheet: the cell or row reference that a spreadsheet uses. For
    /// a plan: its file, line and column.
    pub place: Option<String>,
    /// The problem and the hint without what varies from cell to cell.
    #[serde(skip)]
    pub kind: MessageKind,
}

impl ClaimProblem {
    /// The cell of a worksheet, as `D17`.
    pub(crate) fn cell(&self) -> Option<&str> {
        self.place.as_deref()?.strip_prefix("cell ")
    }
}

impl From<Message> for ClaimProblem {
    fn from(message: Message) -> Self {
        Self {
            code: message.code,
            problem: message.text,
            hint: message.hint,
            suggestion: message.suggestion,
            kind: *message.kind,
            ..Self::default()
        }
    }
}

/// Invalid claims: the problems by kind, and their number.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvalidClaims {
    /// The first problems, at most [`SHOWN`].
    first: Vec<ClaimProblem>,
    kinds: Vec<ProblemKind>,
    /// The total number of problems.
    pub count: u64,
    /// The file that lists all of them.
    pub listed_in: Option<String>,
    /// True if row numbers count across several files.
    pub several_files: bool,
    /// The files that have them; `None` for the claims.
    pub among: Option<String>,
}

/// Problems with the same message in the same column.
#[derive(Debug, Clone)]
struct ProblemKind {
    code: &'static str,
    column: Option<String>,
    /// The problem without what varies from cell to cell.
    text: String,
    /// The first of those with different values, at most [`SHOWN`].
    first: Vec<ClaimProblem>,
    /// The first of those with a value that is in `first`, at most [`SHOWN`].
    again: Vec<ClaimProblem>,
    count: u64,
}

/// The number of problems of a kind, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KindFacts {
    code: &'static str,
    column: Option<String>,
    /// The problem without what varies from cell to cell.
    #[serde(rename = "message")]
    text: String,
    count: u64,
}

impl ProblemKind {
    fn has(&self, problem: &ClaimProblem, any_words: bool) -> bool {
        self.code == problem.code
            && self.column == problem.column
            && (any_words || self.text == problem.kind.text)
    }

    /// Examples: of different values, as far as there are any.
    fn examples(&self) -> impl Iterator<Item = &ClaimProblem> {
        self.first.iter().chain(&self.again)
    }

    /// The column and the problem, for people.
    fn words(&self) -> String {
        match &self.column {
            Some(column) => format!("{}: {}", quotable(column), self.text),
            None => self.text.clone(),
        }
    }
}

impl InvalidClaims {
    pub(crate) fn add(&mut self, problem: ClaimProblem) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(problem.clone());
        }
        let any_words = self.kinds.len() >= MOST_KINDS;
        let mut kinds = self.kinds.iter_mut();
        let Some(kind) = kinds.find(|kind| kind.has(&problem, any_words)) else {
            self.kinds.push(ProblemKind {
                code: problem.code,
                column: problem.column.clone(),
                text: problem.kind.text.clone(),
                first: vec![problem],
                again: Vec::new(),
                count: 1,
            });
            return;
        };
        kind.count += 1;
        let mut first = kind.first.iter();
        let is_again = problem.value.is_some() && first.any(|one| one.value == problem.value);
        let list = if is_again {
            &mut kind.again
        } else {
            &mut kind.first
        };
        if list.len() < SHOWN {
            list.push(problem);
        }
    }

    /// The kinds, the most frequent first.
    fn by_count(&self) -> Vec<&ProblemKind> {
        let mut kinds: Vec<&ProblemKind> = self.kinds.iter().collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        kinds
    }

    /// The number of problems by kind, the most frequent first.
    pub(crate) fn kinds(&self) -> Vec<KindFacts> {
        let kinds = self.by_count().into_iter().map(|kind| KindFacts {
            code: kind.code,
            column: kind.column.clone(),
            text: kind.text.clone(),
            count: kind.count,
        });
        kinds.collect()
    }

    /// True if only some of the problems are shown.
    fn is_cut(&self) -> bool {
        self.count > u64::try_from(self.first.len()).unwrap_or(u64::MAX)
    }

    /// The problems that are shown: all in their order, or, if there are too many,
    /// examples of every kind.
    pub(crate) fn shown(&self) -> Vec<ClaimProblem> {
        if !self.is_cut() {
            return self.first.clone();
        }
        let kinds = self.by_count();
        let kinds = || kinds.iter().take(KINDS_SHOWN);
        // One of each, then another of each, and so on.
        let mut examples = vec![0; kinds().len()];
        let mut chosen = 0;
        for round in 0..SHOWN {
            for (kind, examples) in kinds().zip(&mut examples) {
                if (round == 0 || chosen < SHOWN) && kind.examples().count() > round {
                    *examples += 1;
                    chosen += 1;
                }
            }
        }
        let examples = kinds().zip(examples);
        let mut shown = Vec::new();
        for (kind, number) in examples {
            let mut of_kind: Vec<ClaimProblem> = kind.examples().take(number).cloned().collect();
            of_kind.sort_by_key(|problem| problem.row);
            shown.extend(of_kind);
        }
        shown
    }

    /// The kinds with their counts, if only some of the problems are shown.
    fn write_kinds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.by_count();
        let problems = group(&self.count);
        match kinds.len() {
            1 => writeln!(f, "error: {problems} problems of one kind in the claims:")?,
            many => writeln!(
                f,
                "error: {problems} problems of {many} kinds in the claims:"
            )?,
        }
        for kind in kinds.iter().take(KINDS_SHOWN) {
            let number = group(&kind.count);
            writeln!(f, "  {number:>9}  {}  {}", kind.code, kind.words())?;
        }
        if let Some(more) = kinds.get(KINDS_SHOWN..).filter(|more| !more.is_empty()) {
            let problems = more.iter().map(|kind| kind.count).sum::<u64>();
            let kinds = count(more.len(), "other kind", "other kinds");
            writeln!(f, "  {:>9}  of {kinds}", group(&problems))?;
        }
        writeln!(f, "\nexamples of each kind:")
    }

    /// The number of problems, and how rows are counted.
    fn write_count(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = if self.count == 1 {
            "problem"
        } else {
            "problems"
        };
        let count = group(&self.count);
        let among = self.among.as_deref().unwrap_or("the claims");
        write!(f, "{count} {problems} in {among}; nothing was written")?;
        let over = if self.several_files {
            ", over all files"
        } else {
            ""
        };
        let shown = self.shown();
        let mut counted = shown.iter().filter(|problem| problem.place.is_none());
        let mut of_lines = counted.clone();
        let placed =
            of_lines.find_map(|problem| Some((&problem.file, problem.row?, problem.line?)));
        if let Some((file, row, line)) = placed {
            let of = if self.several_files {
                format!(" of {file}")
            } else {
                String::new()
            };
            write!(
                f,
                " (rows count from 1 below the header{over}: row {row} is line {line}{of})"
            )
        } else if counted.any(|problem| problem.row.is_some()) {
            write!(f, " (rows count from 1 below the header{over})")
        } else {
            Ok(())
        }
    }
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
        if self.is_cut() {
            self.write_kinds(f)?;
        }
        let mut last_hint = None;
        for mut problem in self.shown() {
            // Among many examples, the same hint is enough once.
            let hint = problem.hint.clone();
            if self.is_cut() && last_hint == hint {
                problem.hint = None;
            }
            last_hint = hint;
            writeln!(f, "{}: {problem}", error_word(problem.code))?;
        }
        self.write_count(f)?;
        match &self.listed_in {
            Some(file) => write!(f, "\nall of them are listed in {file}"),
            None if self.is_cut() => {
                f.write_str("\nhint: `--errors FILE` writes all of them to a file")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for InvalidClaims {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &'static str, row: u64) -> ClaimProblem {
        ClaimProblem {
            file: "claims.csv".to_owned(),
            row: Some(row),
            line: Some(row + 1),
            column: Some("loss".to_owned()),
            code,
            problem: format!("`{row}` is wrong"),
            kind: MessageKind {
                text: "the cell is wrong".to_owned(),
                hint: None,
            },
            ..ClaimProblem::default()
        }
    }

    #[test]
    fn a_rare_kind_is_not_buried() {
        let mut claims = InvalidClaims::default();
        for row in 1..=21_000 {
            claims.add(problem("C105", row));
        }
        claims.add(problem("C110", 21_001));
        let text = claims.to_string();
        let (counts, examples) = text.split_once("\nexamples of each kind:\n").unwrap();
        assert_eq!(
            counts,
            "error: 21,001 problems of 2 kinds in the claims:\n\
             \x20    21,000  C105  loss: the cell is wrong\n\
             \x20         1  C110  loss: the cell is wrong\n"
        );
        assert_eq!(examples.matches("error[C105]").count(), SHOWN - 1);
        assert_eq!(examples.matches("error[C110]").count(), 1);
    }

    #[test]
    fn examples_have_different_values() {
        let mut claims = InvalidClaims::default();
        for row in 1..=100 {
            let value = Some(if row < 50 {
                "same".to_owned()
            } else {
                row.to_string()
            });
            claims.add(ClaimProblem {
                value,
                ..problem("C105", row)
            });
        }
        let rows: Vec<_> = claims.shown().iter().filter_map(|one| one.row).collect();
        assert_eq!(rows.len(), SHOWN);
        assert_eq!(rows[..3], [1, 50, 51]);
    }

    #[test]
    fn few_problems_are_shown_in_their_order_without_counts() {
        let mut claims = InvalidClaims::default();
        for row in 1..=20 {
            claims.add(problem(if row % 2 == 0 { "C105" } else { "C110" }, row));
        }
        let text = claims.to_string();
        assert!(
            text.starts_with("error[C110]: claims.csv:1:loss: "),
            "{text}"
        );
        assert!(!text.contains("kinds"), "{text}");
    }
}
