//! The problems of a row: those of its id, its cells and its bytes.

use crate::base::diagnostics::ClaimProblem;
use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::csv::faults::ByteFault;
use crate::claims::header::Header;
use crate::claims::ids::{quick_check, validity};
use crate::plan::cell::{CellFault, Cells};

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
        for problem in found {
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

    pub(super) fn cell_fault(&mut self, fault: CellFault) {
        let column = fault
            .column
            .map(|column| self.plan.columns.name(column).to_owned());
        let value = fault
            .column
            .map(|column| self.written().cell(column).to_owned());
        let fault = self.of_mapped(fault);
        let currency = self.plan.settlement.currency;
        let is_foreign = value
            .as_deref()
            .is_some_and(|cell| currency.has_other_sign(cell));
        let fault = if is_foreign {
            // The amount may have to be converted.
            CellFault {
                message: fault.message.suggest(None),
                ..fault
            }
        } else {
            fault
        };
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
