//! The problems behind an error, one by one: for lists, and for programs.

use serde::Serialize;

use crate::base::diagnostics::claim_problems::KindFacts;
use crate::base::diagnostics::{
    Bug, ClaimProblem, Failure, InvalidClaims, InvalidPlan, Message, MessageKind, Mismatch,
    PlanProblem, Problem, exit_status, position,
};

/// The report that a command prints as JSON if it fails.
#[derive(Debug, Serialize)]
pub(crate) struct FailureReport {
    /// The exit status.
    status: u8,
    /// The number of problems.
    count: u64,
    /// By kind, for claims; the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<KindFacts>,
    /// The first of them, at least one; of claims with many, examples of every kind.
    problems: Vec<ClaimProblem>,
}

pub(crate) fn report_of(error: &anyhow::Error) -> FailureReport {
    let problems = problems_of(error);
    let listed = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    let claims = error.downcast_ref::<InvalidClaims>();
    FailureReport {
        status: exit_status(error),
        count: claims.map_or(listed, |claims| claims.count),
        kinds: claims.map_or_else(Vec::new, InvalidClaims::kinds),
        problems,
    }
}

/// The problems behind an error; of claims, only the first.
pub(crate) fn problems_of(error: &anyhow::Error) -> Vec<ClaimProblem> {
    if let Some(plan) = error.downcast_ref::<InvalidPlan>() {
        let of_plan = |problem: &PlanProblem| {
            let (line, column) = position(&plan.text, problem.span.start);
            ClaimProblem {
                file: plan.file.clone(),
                line: u64::try_from(line).ok(),
                place: Some(format!("{}:{line}:{column}", plan.file)),
                code: problem.code,
                problem: problem.message.clone(),
                hint: problem.hint.clone(),
                kind: MessageKind {
                    text: problem.message.clone(),
                    hint: problem.hint.clone(),
                },
                ..ClaimProblem::default()
            }
        };
        plan.problems.iter().map(of_plan).collect()
    } else if let Some(claims) = error.downcast_ref::<InvalidClaims>() {
        claims.shown()
    } else {
        vec![message_of(error).into()]
    }
}

/// The message of an error that has only one.
fn message_of(error: &anyhow::Error) -> Message {
    let problem = error.downcast_ref().map(|Problem(message)| message);
    let mismatch = || error.downcast_ref().map(|Mismatch(message)| message);
    let failure = || error.downcast_ref().map(|Failure(message)| message);
    let message = problem.or_else(mismatch).or_else(failure);
    message.cloned().unwrap_or_else(|| {
        let bug = error.downcast_ref().map(|Bug { message }| message.clone());
        let text = bug.unwrap_or_else(|| format!("{error:#}"));
        Message::defined(Bug::CODE, ("", text.clone()), Some(text), ("", None))
    })
}
