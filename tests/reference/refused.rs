//! Why a plan or a claims file cannot be used.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The plan is wrong, or cannot be carried out with these claims.
    Plan,
    /// A row or cell of the claims file is wrong.
    Claims,
    /// A result has 29 digits: whether it can be held exactly is up to the program.
    Borderline,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub kind: Kind,
    /// Data rows concerned, counted from 1.
    pub rows: Vec<usize>,
    pub problem: String,
}

impl Refused {
    pub(crate) fn plan(problem: impl Into<String>) -> Refused {
        Refused {
            kind: Kind::Plan,
            rows: Vec::new(),
            problem: problem.into(),
        }
    }

    pub(crate) fn claims(problem: impl Into<String>) -> Refused {
        Refused {
            kind: Kind::Claims,
            ..Refused::plan(problem)
        }
    }

    pub(crate) fn row(row: usize, problem: impl Into<String>) -> Refused {
        Refused {
            rows: vec![row],
            ..Refused::claims(problem)
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Plan => write!(out, "plan: ")?,
            Kind::Claims => write!(out, "claims: ")?,
            Kind::Borderline => write!(out, "borderline: ")?,
        }
        for row in &self.rows {
            write!(out, "row {row}: ")?;
        }
        write!(out, "{}", self.problem)
    }
}
