//! What a claim receives and why, step by step: for explanations and statements.
//!
//! The steps come from the same functions that computed the run, told to
//! write down what they do; the rate comes from the run's summary.

mod pool;
pub(crate) mod text;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::allocate::trace::pool::PoolExplainer;
use crate::base::diagnostics::{Mismatch, Problem};
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::english::EnglishWriter;
use crate::plan::{Plan, StatusRule};

/// What a claimant receives from one pool.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PoolSteps {
    /// The pool.
    pub name: String,
    /// `shares` or `award`.
    pub measure: &'static str,
    /// Why the claimant is not in the pool.
    pub why_not: Option<String>,
    /// How the shares or the award come about.
    pub steps: Vec<StepFacts>,
    /// The shares, or the award in currency.
    pub weight: String,
    /// Limits and offset.
    pub limits: Vec<LimitSteps>,
    /// The money of the pool.
    pub available: String,
    /// How many share it.
    pub participants: u64,
    /// The sum of their shares or awards.
    pub total: String,
    /// Currency per share, or per unit of award, cut after 12 decimals.
    pub rate: Option<String>,
    /// The same in lowest terms.
    pub rate_exact: Option<String>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<String>,
    /// Which limit binds: `at_least`, `at_most`, or none.
    pub bound: Option<&'static str>,
    /// The exact amount in currency, cut after 12 decimals.
    pub exact: Option<String>,
    /// The same in lowest terms.
    pub exact_fraction: Option<String>,
    /// How the exact amount becomes the payment.
    pub rounding: Option<String>,
    /// Why the rate is what it is, where it is not simply the money by the
    /// weights.
    pub rate_note: Option<String>,
    /// Which payments the pool drops: `below 10.00`, `at or below 10.00`.
    pub drop_limit: Option<String>,
    /// Whether the payment was dropped as too small.
    pub dropped: bool,
    /// What the claimant receives from this pool.
    pub payout: String,
}

/// One step of a formula.
#[derive(Debug, Clone, Serialize)]
pub struct StepFacts {
    /// The line of the plan.
    pub line: usize,
    /// The plan's label.
    pub label: Option<String>,
    /// `add`, `subtract`, `times`, `at_least` or `at_most`.
    pub verb: &'static str,
    /// The operand in words.
    pub operand: String,
    /// What the cell says that the operand reads.
    pub cell: Option<String>,
    /// The condition, where the step has one.
    pub condition: Option<String>,
    /// Whether the step applied.
    pub applied: bool,
    /// The operand's value, where it applied.
    pub value: Option<String>,
    /// The running value after the step.
    pub running: String,
}

/// A limit of a pool for this claimant.
#[derive(Debug, Clone, Serialize)]
pub struct LimitSteps {
    /// `at_least`, `at_most` or `less`.
    pub key: &'static str,
    /// How it comes about.
    pub steps: Vec<StepFacts>,
    /// Its value in currency.
    pub value: String,
}

/// What a claim takes part in.
#[derive(Debug)]
pub(crate) struct Participation {
    /// The names of the subclasses, and why the claim is in them.
    pub subclasses: Vec<String>,
    pub pools: Vec<PoolSteps>,
}

/// Works out what a claim with these cells takes part in, and compares it with
/// what was paid, pool by pool. Rates come from the summary of the run.
pub(crate) fn parts(
    plan: &Plan,
    summary: &Value,
    cells: &impl Cells,
    paid: &dyn Fn(usize) -> Option<String>,
) -> Result<Participation> {
    let teller = EnglishWriter::new(plan);
    let mut parts = Participation {
        subclasses: Vec::new(),
        pools: Vec::new(),
    };
    let mut members = Vec::new();
    for subclass in &plan.subclasses {
        let member = subclass
            .when
            .holds(cells, &[])
            .map_err(|fault| damaged(&fault))?;
        if member {
            let why = teller.condition(&subclass.when);
            parts.subclasses.push(format!("{} ({why})", subclass.name));
        }
        members.push(member);
    }
    let pools = summary.get("pools").and_then(Value::as_array);
    for (number, pool) in plan.pools.iter().enumerate() {
        let explainer = PoolExplainer {
            plan,
            pool,
            facts: pools
                .and_then(|pools| pools.get(number))
                .unwrap_or(&Value::Null),
            cells,
            members: &members,
        };
        parts
            .pools
            .push(explainer.explain(paid(number).as_deref())?);
    }
    Ok(parts)
}

/// Whether a row is payable, held, or out, and why.
pub(crate) fn claim_status_text(plan: &Plan, cells: &impl Cells) -> String {
    let status = match &plan.claims.status {
        StatusRule::Column { column, .. } => format!(" (status `{}`)", cells.cell(*column)),
        StatusRule::Unsaid | StatusRule::AllPayable => String::new(),
    };
    match status::claim_status(plan, cells, &mut RowFindings::default()) {
        Some(ClaimStatus::Excluded(number)) => {
            let exclude = plan.excludes.get(number);
            let reason = exclude.map_or("", |exclude| exclude.reason.as_str());
            let why = exclude.map_or_else(String::new, |exclude| {
                EnglishWriter::new(plan).row_condition(&exclude.when)
            });
            format!("excluded: {reason} ({why})")
        }
        Some(ClaimStatus::Denied(_)) => format!("not payable{status}"),
        Some(ClaimStatus::Payable) => format!("payable{status}"),
        Some(ClaimStatus::Held(_)) => format!("held{status}"),
        None => "damaged".to_owned(),
    }
}

/// A run is not what its plan and claims make of it.
pub(crate) fn contradiction(what: &str) -> Mismatch {
    Mismatch {
        message: format!("the run contradicts {what}"),
        hint: Some("the run may have been changed; make it again from the claims file".to_owned()),
    }
}

/// A cell that was read once cannot be read now.
pub(crate) fn damaged(fault: &CellFault) -> anyhow::Error {
    Problem::new(
        format!("the claim cannot be read again: {}", fault.problem),
        "run `payout compute` again",
    )
    .into()
}
