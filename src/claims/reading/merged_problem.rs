//! The problems of rows that are added up, and of the claims that they become.

use crate::base::diagnostics::ClaimProblem;
use crate::plan::cell::{CellFault, Cells};
use crate::plan::{ColumnId, Plan, map_hints};

/// A problem of a cell or of a row.
pub(super) fn of_cell(
    plan: &Plan,
    mut fault: CellFault,
    cells: &impl Cells,
    row: u64,
) -> ClaimProblem {
    if let Some(column) = fault.column {
        let name = plan.columns.name(column);
        fault.message.hint = map_hints::named(fault.message.hint, name);
    }
    let is_shown = fault.column != plan.unshown_column();
    let shown = fault.column.filter(|_| is_shown);
    ClaimProblem {
        row: Some(row),
        claimant_id: Some(cells.cell(plan.claims.id).to_owned()),
        column: fault
            .column
            .map(|column| plan.columns.name(column).to_owned()),
        value: shown.map(|column| cells.cell(column).to_owned()),
        suggestion: fault.message.suggestion.clone().filter(|_| is_shown),
        ..fault.into()
    }
}

/// A problem of a claim whose rows were added up. `written` is the text of a column in the
/// file, if the plan reads it as another.
pub(super) fn of_claim<'w>(
    plan: &Plan,
    mut fault: CellFault,
    cells: &impl Cells,
    row: u64,
    written: impl Fn(ColumnId) -> Option<&'w str>,
) -> ClaimProblem {
    let shown = fault
        .column
        .filter(|_| fault.column != plan.unshown_column());
    let read = shown.and_then(|column| Some((column, written(column)?)));
    fault.message = fault
        .message
        .within("after adding up all rows of the claimant, ");
    if let Some((column, written)) = read {
        let name = plan.columns.name(column);
        let hint = fault.message.hint.as_deref();
        let hint = map_hints::read_as(name, written, cells.cell(column), hint);
        fault.message = fault.message.hint(hint);
    }
    let problem = of_cell(plan, fault, cells, row);
    match read {
        Some((_, written)) => ClaimProblem {
            value: Some(written.to_owned()),
            ..problem
        },
        None => problem,
    }
}
