//! Refuses to pay payouts again that are not void in the reconciliation.

use anyhow::Result;

use crate::base::diagnostics::ClaimProblem;
use crate::claims::problem_list::ProblemList;
use crate::export::context::ExportContext;
use crate::export::overlay::PayeeCells;
use crate::export::reissue::ReissueBasis;

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
        let cells = PayeeCells::of(context.run, context.overlays, payment.row)?;
        let id = cells.text(plan.claims.id);
        if let Some(message) = basis.refusal(id, portion) {
            let column = plan.columns.name(plan.claims.id);
            problems.add(problem(context, payment.row, id, column, message));
        }
    }
    Ok(())
}

/// A problem of a claimant in the row of the reissue file.
fn problem(
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
