//! Explains step by step what a claim receives, for explanations and statements.
//!
//! The same functions that computed the run record their steps; the rate comes from
//! the run's summary.

pub(crate) mod lots;
mod pool;
pub(crate) mod step_text;
pub(crate) mod values;

use std::cell::RefCell;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::allocate::messages;
use crate::allocate::trace::pool::PoolExplainer;
use crate::allocate::trace::values::{ClaimRow, ValueExplainer, ValueSteps};
use crate::base::decimal;
use crate::base::diagnostics::Mismatch;
use crate::base::exact::Exact;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, Cells, Facts as _, PaidFacts};
use crate::plan::claim_view::ClaimView;
use crate::plan::english::EnglishWriter;
use crate::plan::{Plan, StatusRule, sourced};

/// The computation of a claimant's payment from one pool.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PoolSteps {
    pub name: String,
    /// The part of the pool in which the claimant is, if it has parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The sentence of the order that the pool carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `shares` or `award`.
    pub measure: &'static str,
    /// The reason why the claimant receives nothing from the pool.
    pub why_not: Option<String>,
    /// The computation of the shares or the award.
    pub steps: Vec<StepFacts>,
    /// The shares, or the award in currency.
    pub weight: String,
    pub limits: Vec<LimitSteps>,
    pub available: String,
    /// The number of participants.
    pub participants: u64,
    /// The sum of their shares or awards.
    pub total: String,
    /// Currency per share, or per unit of award, truncated to 12 decimals.
    pub rate: Option<String>,
    /// The rate in lowest terms.
    pub rate_exact: Option<String>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<String>,
    /// The limit that applies: `at_least`, `at_most`, or none.
    pub bound: Option<&'static str>,
    /// The exact amount in currency, truncated to 12 decimals.
    pub exact: Option<String>,
    /// The exact amount in lowest terms.
    pub exact_fraction: Option<String>,
    /// The rounding of the exact amount.
    pub rounding: Option<String>,
    /// An explanation of the rate, unless it is the money divided by the weights.
    pub rate_note: Option<String>,
    /// The payments that the pool drops: `below 10.00`, `at or below 10.00`.
    pub drop_limit: Option<String>,
    /// True if the payment was dropped as too small.
    pub dropped: bool,
    /// True if it was dropped because the payments from all pools together are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dropped_in_all: bool,
    /// The payment from this pool.
    pub payout: String,
}

/// One step of a formula.
#[derive(Debug, Clone, Serialize)]
pub struct StepFacts {
    /// The line of the plan.
    pub line: usize,
    /// The label in the plan.
    pub label: Option<String>,
    /// The sentence of the order that it carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The verb in the plan: `add`, `times`, `at_most`.
    pub verb: &'static str,
    /// The operand in words.
    pub operand: String,
    /// The cell that the operand reads.
    pub cell: Option<String>,
    /// True if the operand reads a named value.
    #[serde(skip)]
    pub reads_value: bool,
    /// The limit of the cell that applied.
    #[serde(skip)]
    pub cap: Option<CellCap>,
    /// The condition of the step, if any.
    pub condition: Option<String>,
    pub applied: bool,
    /// The value of the operand, if the step applied.
    pub value: Option<String>,
    /// The running value after the step.
    pub running: String,
    /// The named values that the step is the first to read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueSteps>,
}

/// A cell that counts only up to a limit.
#[derive(Debug, Clone)]
pub struct CellCap {
    /// The number that the operand would be without the limit.
    pub uncapped: String,
    /// The limit; `None` if it is multiplied afterwards, and so no part of the award.
    pub limit: Option<String>,
}

/// A limit of a pool for this claimant.
#[derive(Debug, Clone, Serialize)]
pub struct LimitSteps {
    /// `at_least`, `at_most` or `less`.
    pub key: &'static str,
    /// The computation of the limit.
    pub steps: Vec<StepFacts>,
    /// Its value in currency.
    pub value: String,
}

/// The subclasses and pools of a claim.
#[derive(Debug)]
pub(crate) struct Participation {
    /// The name of each subclass, with the condition that the claim meets.
    pub subclasses: Vec<String>,
    pub pools: Vec<PoolSteps>,
}

/// Computes the subclasses and payments of a claim with these cells, and compares
/// the payments with the run, pool by pool. `rows` are all rows of the claimant;
/// `removed` is true if the run removed the claimant from all pools. Rates come from the
/// run's summary.
pub(crate) fn parts(
    plan: &Plan,
    summary: &Value,
    cells: &impl Cells,
    rows: &[ClaimRow<'_>],
    paid: &dyn Fn(usize) -> Option<String>,
    removed: bool,
) -> Result<Participation> {
    let writer = EnglishWriter::new(plan);
    let mut parts = Participation {
        subclasses: Vec::new(),
        pools: Vec::new(),
    };
    let known = RefCell::default();
    let claim = ClaimView::new(plan, cells, &known);
    for (number, subclass) in plan.subclasses.iter().enumerate() {
        if claim.member(number).map_err(|fault| damaged(&fault))? {
            let why = writer.condition(&subclass.when);
            let name = sourced(&subclass.name, subclass.source.as_deref());
            parts.subclasses.push(format!("{name} ({why})"));
        }
    }
    let values = ValueExplainer::new(plan, rows);
    let pools = summary.get("pools").and_then(Value::as_array);
    let mut received = Vec::new();
    for (number, pool) in plan.pools.iter().enumerate() {
        let claim = PaidFacts {
            facts: &claim,
            paid: &received,
        };
        let explainer = PoolExplainer {
            plan,
            pool,
            facts: pools
                .and_then(|pools| pools.get(number))
                .unwrap_or(&Value::Null),
            claim: &claim,
            removed,
            values: &values,
        };
        let steps = explainer.explain(paid(number).as_deref())?;
        let payout = decimal::parse(&steps.payout).ok();
        received.push(payout.map_or(Exact::ZERO, Exact::Decimal));
        parts.pools.push(steps);
    }
    Ok(parts)
}

/// The status of a row, with the reason.
pub(crate) fn claim_status_text(plan: &Plan, cells: &impl Cells) -> String {
    let status = match &plan.claims.status {
        StatusRule::Column { column, .. } => format!(" (status: {})", cells.cell(*column)),
        StatusRule::Unsaid | StatusRule::AllPayable => String::new(),
    };
    match status::claim_status(plan, cells, &mut RowFindings::default()) {
        Some(ClaimStatus::Excluded(number)) => {
            let exclude = plan.excludes.get(number);
            let reason = exclude.map_or("", |exclude| exclude.reason.as_str());
            let why = exclude.map_or_else(String::new, |exclude| {
                EnglishWriter::new(plan).row_condition(&exclude.when)
            });
            let source = exclude.and_then(|exclude| exclude.source.as_deref());
            format!("excluded: {} ({why})", sourced(reason, source))
        }
        Some(ClaimStatus::Denied(_)) => format!("not payable{status}"),
        Some(ClaimStatus::Payable) => format!("payable{status}"),
        Some(ClaimStatus::Held(_)) => format!("held pending determination{status}"),
        None => "unreadable".to_owned(),
    }
}

/// An error for a run that does not match its plan and claims.
pub(crate) fn contradiction(what: &str) -> Mismatch {
    messages::run_does_not_match(what).into()
}

/// An error for a cell that could be read before but not now.
pub(crate) fn damaged(fault: &CellFault) -> anyhow::Error {
    messages::claim_unreadable_now(&fault.message.text).into()
}
