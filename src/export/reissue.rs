//! Payments that are made again: `--reissue FILE` pays the claimants of a file whose
//! payouts are void in a reconciliation.
//!
//! Reconciliations belong to a higher layer, so the caller supplies what they know.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::base::diagnostics::{ClaimProblem, Message};
use crate::claims::problem_list::ProblemList;
use crate::export::context::ExportContext;
use crate::export::manifest::ExportedOverlay;
use crate::export::paid_before::NamedExport;

/// What a reconciliation knows of the payouts of a run.
pub trait ReissueBasis: fmt::Debug {
    /// The reconciliation.
    fn named(&self) -> NamedExport;

    /// The reason why a payout, or a portion of it, cannot be paid again.
    fn refusal(&self, id: &str, portion: Option<&str>) -> Option<Message>;

    /// True if an export with this seal was reconciled.
    fn has_export(&self, seal: &str) -> bool;

    /// The payment that has the number of a new check: the claimant, and the export.
    fn check_with_number(&self, number: &str) -> Option<(String, String)>;
}

/// Finds reconciliations.
pub(crate) trait FindBasis: fmt::Debug {
    /// The reconciliation with this name and seal, for the payouts of the run with this
    /// seal. `export` is the folder of an export that names it.
    fn find(&self, named: &NamedExport, run: &str, export: &Path) -> Option<Box<dyn ReissueBasis>>;
}

/// The file of `--reissue`, and the reconciliation in which its payouts are void.
#[derive(Debug, Clone, Copy)]
pub struct Reissue<'a> {
    pub file: &'a Path,
    pub basis: &'a dyn ReissueBasis,
}

/// A reissue in the manifest of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedReissue {
    pub reconciliation: NamedExport,
    #[serde(flatten)]
    pub file: ExportedOverlay,
}

/// Reports the payments of an export whose payouts cannot be paid again.
pub(crate) fn check(
    basis: &dyn ReissueBasis,
    context: &ExportContext<'_>,
    problems: &mut ProblemList,
) -> Result<()> {
    let plan = context.run.plan;
    let portion = context.layout.portion;
    let portion = portion.and_then(|number| plan.portions.get(number));
    let portion = portion.map(|portion| portion.name.as_str());
    for payment in context.payments {
        let cells =
            crate::export::overlay::PayeeCells::of(context.run, context.overlays, payment.row)?;
        let id = cells.text(plan.claims.id);
        if let Some(message) = basis.refusal(id, portion) {
            let column = plan.columns.name(plan.claims.id);
            problems.add(problem(context, payment.row, id, column, message));
        }
    }
    Ok(())
}

/// A problem of a claimant in the row of the reissue file.
pub(crate) fn problem(
    context: &ExportContext<'_>,
    row: u32,
    id: &str,
    column: &str,
    message: impl Into<ClaimProblem>,
) -> ClaimProblem {
    let overlays = context.overlays.iter().rev();
    let mut of_reissue = overlays.filter(|overlay| overlay.is_reissue());
    match of_reissue.next().and_then(|overlay| overlay.place(row)) {
        Some((rows, at)) => rows.problem(at, id, Some((column, id)), message),
        None => context
            .run
            .claims
            .problem(row, id, Some((column, id)), message),
    }
}
