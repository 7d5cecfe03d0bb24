//! Values per row, which are added up over the rows of a claimant.

use std::cell::RefCell;

use rust_decimal::Decimal;

use crate::base::diagnostics::literal;
use crate::plan::cell::{CellFault, Cells, Facts as _, ValueId};
use crate::plan::claim_view::ClaimView;
use crate::plan::{Plan, cell_messages};

/// The values of a row that anything above the rows reads, or all faults.
pub(crate) fn of_row(
    plan: &Plan,
    cells: &impl Cells,
) -> Result<Vec<(ValueId, Decimal)>, Vec<CellFault>> {
    let (mut values, mut faults) = (Vec::with_capacity(plan.row_values.len()), Vec::new());
    let known = RefCell::default();
    let row = ClaimView::of_row(plan, cells, &known);
    for &id in &plan.row_values {
        match decimal(plan, &row, id) {
            Ok(value) => values.push((id, value)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(values)
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
