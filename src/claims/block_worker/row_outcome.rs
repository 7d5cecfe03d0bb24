//! The outcome of a row: its class, computed and remembered, and whether tax flags
//! can read its cells.

use crate::claims::block_worker::{FIRST_NEW, Worker};
use crate::claims::claim_list::NO_CLASS;
use crate::claims::classifier::{ClaimClassifier, ClaimOutcome, ClassBatch};
use crate::claims::ids::duplicates;
use crate::claims::row_cache::RowNotes;
use crate::claims::row_values;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::RowsRule;
use crate::plan::cell::Cells;

impl<C: ClaimClassifier> Worker<'_, C> {
    /// With `rows = "sum"`, records the claim status if the row is part of a claim,
    /// and returns its class if it is not. A row without a usable id is part of none.
    pub(super) fn stand(&mut self, line: u64, usable: bool) -> u32 {
        self.count_mapped();
        let mut notes = RowFindings::default();
        let claim_status = status::claim_status(self.plan, &self.cells, &mut notes);
        let checked = claim_status.or(notes.undecided);
        let undecided = notes.undecided.filter(|status| status.takes_part());
        if claim_status.is_some_and(ClaimStatus::takes_part) || undecided.is_some() {
            status::check_claim_texts(self.plan, &self.cells, &mut notes);
            status::check_portion_texts(self.plan, &self.cells, &mut notes);
        }
        if let Some(undecided) = undecided {
            self.outcome
                .claim(self.plan, undecided, &self.cells, &mut notes);
        }
        let is_outside = checked.is_some_and(|status| !status.takes_part());
        if checked.is_none() || self.check_all && is_outside {
            self.check_outside(&mut notes);
        }
        for &column in &notes.unmatched {
            self.counts.unmatched(column, self.cells.cell(column), 1);
        }
        if claim_status.is_some_and(ClaimStatus::takes_part) {
            let mut values = std::mem::take(&mut self.cells.values);
            let found = row_values::of_row(self.plan, &self.cells, &self.known, &mut values);
            self.cells.values = values;
            if let Err(faults) = found {
                for fault in faults {
                    notes.note(fault);
                }
            }
        }
        let accepted = claim_status.filter(|_| notes.faults.is_empty());
        for fault in notes.faults {
            self.cell_fault(fault);
        }
        let accepted = accepted.filter(|claim_status| usable && claim_status.takes_part());
        self.batch.claim_statuses.push((accepted, line));
        if accepted.is_some() {
            self.batch.cells.push(&self.cells);
            if self.map_reader.is_some() {
                let rows = self.batch.written.get_or_insert_default();
                rows.push(&self.written);
            }
        }
        match claim_status.filter(|claim_status| !claim_status.takes_part()) {
            None => NO_CLASS,
            Some(claim_status) => self.outside_class(claim_status).0,
        }
    }

    /// The class of rows with this claim status, which do not participate, and the
    /// number by which it is remembered.
    fn outside_class(&mut self, claim_status: ClaimStatus) -> (u32, u32) {
        let known = self
            .outside
            .iter()
            .find(|(known, _)| *known == claim_status);
        if let Some(&(_, number)) = known.filter(|(_, number)| *number < FIRST_NEW) {
            return (number, number);
        }
        let number = self.next_number;
        self.outside.push((claim_status, number));
        self.outcome.outside(self.plan, claim_status);
        (self.new_class(), self.remember_last(true))
    }

    /// A class for the last outcome, which the worker did not know.
    fn new_class(&mut self) -> u32 {
        FIRST_NEW.saturating_add(self.batch.new_classes.push(&self.outcome))
    }

    /// Remembers the newest class if requested and if there is room. Returns the
    /// number that it has or would have.
    fn remember_last(&mut self, remember: bool) -> u32 {
        let number = self.next_number;
        if remember && number < FIRST_NEW {
            self.batch.remembered.push(self.batch.new_classes.last());
            self.next_number += 1;
        }
        number
    }

    /// Computes the outcome of a row and remembers it.
    pub(super) fn judge(&mut self) -> u32 {
        self.count_mapped();
        let mut notes = RowFindings::default();
        let claim_status = status::claim_status(self.plan, &self.cells, &mut notes);
        let takes_part = claim_status.is_some_and(ClaimStatus::takes_part);
        let checked = claim_status.or(notes.undecided);
        if self.trades.are_faulty() {
            self.check_without_trades(checked, notes);
            return NO_CLASS;
        }
        let before = self.batch.of_trades.len();
        let has_sums = self.add_lots(takes_part);
        if let Some(checked) = checked.filter(|status| status.takes_part()) {
            status::check_claim_texts(self.plan, &self.cells, &mut notes);
            if has_sums {
                self.outcome
                    .claim(self.plan, checked, &self.cells, &mut notes);
            }
        } else if self.check_all || checked.is_none() {
            self.check_outside(&mut notes);
        }
        let is_good = notes.faults.is_empty() && self.batch.of_trades.len() == before;
        let Some(claim_status) = claim_status.filter(|_| is_good) else {
            for fault in notes.faults {
                self.cell_fault(fault);
            }
            return NO_CLASS;
        };
        self.hand_on_lots(takes_part);
        let unmatched = notes
            .unmatched
            .iter()
            .map(|&column| (column, self.cells.cell(column).to_owned()))
            .collect::<Vec<_>>();
        for (column, text) in &unmatched {
            self.counts.unmatched(*column, text, 1);
        }
        let (class, number) = if takes_part {
            (self.new_class(), self.next_number)
        } else {
            self.outside_class(claim_status)
        };
        if !self.remembers {
            return class;
        }
        let notes = RowNotes {
            unmatched,
            mapped: self.changed().to_vec(),
        };
        let written = match self.map_reader {
            Some(_) => &self.written,
            None => &self.cells,
        };
        let remembered = self.memory.remember(written, number, notes, self.rows);
        if takes_part {
            self.remember_last(remembered);
        }
        class
    }

    /// Records the faults of cells of a row that does not participate, or of unknown
    /// status, as if it did.
    pub(super) fn check_outside(&mut self, findings: &mut RowFindings) {
        let (plan, mut as_claim) = (self.plan, RowFindings::default());
        status::check_claim_texts(plan, &self.cells, &mut as_claim);
        if plan.claims.rows == RowsRule::Unique {
            self.outcome
                .claim(plan, ClaimStatus::Payable, &self.cells, &mut as_claim);
        } else {
            let added = plan.columns.iter().filter(|(_, column)| column.added);
            for (id, column) in added {
                let cell = self.cells.cell(id);
                if !cell.is_empty()
                    && let Err(fault) = column.format.number(id, cell)
                {
                    as_claim.note(fault);
                }
            }
        }
        // Only the cells matter, not the results of formulas.
        let of_cells = as_claim.faults.into_iter();
        for fault in of_cells.filter(|fault| fault.column.is_some()) {
            findings.note(fault);
        }
    }

    /// Reads what rules do not read on payable and held rows: earlier payments, which
    /// tax flags read, the cells of portions, those that `[[unique]]` compares, and the
    /// language of letters.
    pub(super) fn check_beside_rules(&mut self) {
        let plan = self.plan;
        let earlier = plan.tax.as_ref().and_then(|tax| tax.earlier.as_ref());
        // With `rows = "sum"`, portions read the claim.
        let portions = plan.claims.rows == RowsRule::Unique
            && !plan.portions.is_empty()
            && !self.trades.are_faulty();
        let language = plan.statement.language();
        if self.may_be_excluded() {
            return;
        }
        if earlier.is_none() && plan.unique.is_empty() && !portions && language.is_none() {
            return;
        }
        let mut findings = RowFindings::default();
        let claim_status = status::claim_status(plan, &self.cells, &mut findings);
        let takes_part = claim_status.is_some_and(ClaimStatus::takes_part);
        let checked = claim_status.or(findings.undecided);
        if !(self.check_all || checked.is_none_or(ClaimStatus::takes_part)) {
            return;
        }
        if let Some(Err(fault)) = earlier.map(|earlier| earlier.amount(&self.cells)) {
            self.cell_fault(fault);
        }
        let mut notes = RowFindings::default();
        if portions {
            status::check_portion_texts(plan, &self.cells, &mut notes);
            for &column in notes.unmatched.iter().filter(|_| takes_part) {
                self.counts.unmatched(column, self.cells.cell(column), 1);
            }
            for fault in plan.portion_faults(&self.cells) {
                notes.note(fault);
            }
            if takes_part {
                self.counts.note_gaps(plan, &self.cells);
            }
        }
        if let Some(fault) = plan.language_fault(&self.cells) {
            notes.note(fault);
        }
        let faults = notes.faults.into_iter();
        for fault in faults.filter(|fault| takes_part || fault.column.is_some()) {
            self.cell_fault(fault);
        }
        if !takes_part {
            return;
        }
        let mut is_compared = true;
        for (rule, hashes) in plan.unique.iter().zip(&mut self.batch.unique) {
            if rule.key(&self.cells, &mut self.key) {
                hashes.push(duplicates::hash(&self.key));
            } else {
                is_compared = false;
            }
        }
        if !is_compared {
            self.counts.note_placeholders(plan, &self.cells);
        }
    }
}
