//! Values per row, which are added up over the rows of a claimant.

use std::cell::RefCell;

use rust_decimal::Decimal;

use crate::base::diagnostics::literal;
use crate::plan::cell::{CellFault, Cells, Facts as _, ValueId};
use crate::plan::claim_view::{ClaimView, KnownFacts};
use crate::plan::{Plan, cell_messages};

/// Adds the values of a row that anything above the rows reads, or returns all faults.
/// The memory of `known` is reused from row to row.
pub(crate) fn of_row(
    plan: &Plan,
    cells: &impl Cells,
    known: &RefCell<KnownFacts>,
    values: &mut Vec<(ValueId, Decimal)>,
) -> Result<(), Vec<CellFault>> {
    let mut faults = Vec::new();
    let row = ClaimView::of_row(plan, cells, known);
    for &id in &plan.row_values {
        match decimal(plan, &row, id) {
            Ok(value) => values.push((id, value)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

fn decimal<C: Cells>(
    plan: &Plan,
    row: &ClaimView<'_, C>,
    id: ValueId,
) -> Result<Decimal, CellFault> {
    let value = row.value(id)?;
    value.decimal().ok_or_else(|| {
        let name = plan.values.get(id.0).map_or("", |value| &value.key);
        cell_messages::value_too_precise(&literal(name), &value.text()).into()
    })
}
