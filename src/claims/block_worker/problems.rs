//! The problems of a row: those of its id, its cells and its bytes.

use crate::base::diagnostics::{ClaimProblem, Message, literal};
use crate::base::money::Currency;
use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::csv::faults::ByteFault;
use crate::claims::header::Header;
use crate::claims::ids::{quick_check, validity};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::{cell_messages, map_hints};

/// The code of an id that looks like that of a totals row.
const TOTALS_ROW: &str = "C065";

/// The use that can be made of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdLook {
    /// It can be copied as it is.
    Plain,
    Usable,
    Faulty,
}

impl<C: ClaimClassifier> Worker<'_, C> {
    /// Records the fault of an id.
    pub(super) fn check_id(&mut self) -> IdLook {
        if self.needs_no_id {
            return IdLook::Usable;
        }
        let (text, length) = self.cells.from(self.plan.claims.id.0);
        let column = self.plan.columns.name(self.plan.claims.id);
        let look = quick_check::look(text, length, column);
        self.batch.part.twins = self.batch.part.twins.max(look.twins);
        if look.is_plain {
            return IdLook::Plain;
        }
        let id = self.cells.cell(self.plan.claims.id);
        let Some(message) = validity::fault(id, column) else {
            return IdLook::Usable;
        };
        let (column, value) = (column.to_owned(), id.to_owned());
        self.note(Some(column), Some(value), message);
        IdLook::Faulty
    }

    /// Adds the place of the last row to its problems. Of a cell, one is enough.
    pub(super) fn place_problems(&mut self, good: bool, line: u64) {
        let found = self.batch.problems.split_off(self.batch.first_problem);
        let id = good.then(|| self.cells.cell(self.plan.claims.id));
        let id = id.filter(|id| !id.is_empty());
        let mut columns = Vec::new();
        // The cells of a totals row are no claim, whatever they are.
        let is_total = found.iter().any(|problem| problem.code == TOTALS_ROW);
        for problem in found {
            if is_total && problem.code != TOTALS_ROW {
                continue;
            }
            if problem.column.is_some() && columns.contains(&problem.column) {
                continue;
            }
            columns.push(problem.column.clone());
            self.batch.problems.push(ClaimProblem {
                row: u64::try_from(self.batch.part.len() - 1).ok(),
                line: Some(line),
                claimant_id: id.map(str::to_owned),
                ..problem
            });
        }
        self.batch.first_problem = self.batch.problems.len();
    }

    pub(super) fn note(
        &mut self,
        column: Option<String>,
        value: Option<String>,
        problem: impl Into<ClaimProblem>,
    ) {
        self.batch.problems.push(ClaimProblem {
            column,
            value,
            ..problem.into()
        });
    }

    pub(super) fn cell_fault(&mut self, mut fault: CellFault) {
        let column = fault
            .column
            .map(|column| self.plan.columns.name(column).to_owned());
        let value = fault
            .column
            .map(|column| self.written().cell(column).to_owned());
        if let Some(name) = &column {
            fault.message.hint = map_hints::named(fault.message.hint, name);
        }
        let mut fault = self.of_mapped(fault);
        let currency = self.plan.settlement.currency;
        let cell = value.as_deref().unwrap_or_default();
        if currency.has_other_sign(cell) {
            fault.message = in_other_currency(fault.message, cell, currency);
        }
        self.note(column, value, fault);
    }

    pub(super) fn byte_fault(&mut self, header: &Header, fault: ByteFault) {
        let unshown = self.plan.unshown_column();
        let unshown = unshown.and_then(|column| header.places.get(column.0));
        let shown = fault.cell.is_none() || fault.cell.as_ref() != unshown;
        let value = fault.value.filter(|_| shown);
        let column = fault.cell.map(|cell| header.name(cell));
        self.note(column, value, fault.message);
    }
}

/// The message about a cell with the sign of another currency, whose amount may have to be
/// converted.
fn in_other_currency(message: Message, cell: &str, currency: Currency) -> Message {
    let code = currency.code();
    match message.code {
        "C103" | "C104" | "C105" | "C280" => {
            let hint = format!(
                "amounts of the plan are in {code}: write the amount in {code}, without the sign"
            );
            cell_messages::amount_with_currency_sign(&literal(cell)).hint(hint)
        }
        _ => message.suggest(None),
    }
}
