//! What becomes of a row: its kind, worked out and remembered, and whether tax
//! flags can read what it has.

use crate::allocate::entitlement::{self, ClaimStatus, RowFindings};
use crate::claims::worker::{FIRST_NEW, NO_KIND, Worker};
use crate::plan::column::Cells;

impl Worker<'_> {
    /// With `rows = "sum"`: whether the row is part of a claim, and its kind if
    /// it is not.
    pub(super) fn stand(&mut self, line: u64) -> u32 {
        let mut notes = RowFindings::default();
        let standing = entitlement::standing(self.plan, &self.cells, &mut notes);
        if standing.is_some_and(ClaimStatus::takes_part) {
            entitlement::check_claim_texts(self.plan, &self.cells, &mut notes);
        }
        for &column in &notes.unmatched {
            self.counts.unmatched(column, self.cells.cell(column), 1);
        }
        let accepted = standing.filter(|_| notes.faults.is_empty());
        for fault in notes.faults {
            self.cell_fault(fault);
        }
        let accepted = accepted.filter(|standing| standing.takes_part());
        self.batch.standings.push((accepted, line));
        if accepted.is_some() {
            self.batch.cells.push(&self.cells);
        }
        match standing.filter(|standing| !standing.takes_part()) {
            None => NO_KIND,
            Some(standing) => self.outside_kind(standing).0,
        }
    }

    /// The kind of rows with this standing, which take no part, and the number
    /// by which it is remembered.
    fn outside_kind(&mut self, standing: ClaimStatus) -> (u32, u32) {
        let known = self.outside.iter().find(|(known, _)| *known == standing);
        if let Some(&(_, number)) = known.filter(|(_, number)| *number < FIRST_NEW) {
            return (number, number);
        }
        let number = self.next_number;
        self.outside.push((standing, number));
        self.judged.outside(self.plan, standing);
        (self.new_kind(), self.remember_last(true))
    }

    /// A kind that the worker did not know: that which was just judged.
    fn new_kind(&mut self) -> u32 {
        FIRST_NEW.saturating_add(self.batch.new_kinds.push(&self.judged))
    }

    /// Remembers the kind that was just new, if it is to be and there is room.
    /// The number that it has or would have.
    fn remember_last(&mut self, remember: bool) -> u32 {
        let number = self.next_number;
        if remember && number < FIRST_NEW {
            self.batch.remembered.push(self.batch.new_kinds.last());
            self.next_number += 1;
        }
        number
    }

    /// Works out what becomes of a row, and remembers it.
    pub(super) fn judge(&mut self) -> u32 {
        let mut notes = RowFindings::default();
        let standing = entitlement::standing(self.plan, &self.cells, &mut notes);
        let takes_part = standing.is_some_and(ClaimStatus::takes_part);
        if let Some(standing) = standing.filter(|_| takes_part) {
            entitlement::check_claim_texts(self.plan, &self.cells, &mut notes);
            let (plan, cells) = (self.plan, &self.cells);
            self.judged.claim(plan, standing, cells, &mut notes);
        }
        let Some(standing) = standing.filter(|_| notes.faults.is_empty()) else {
            for fault in notes.faults {
                self.cell_fault(fault);
            }
            return NO_KIND;
        };
        let unmatched = notes
            .unmatched
            .iter()
            .map(|&column| (column, self.cells.cell(column).to_owned()))
            .collect::<Vec<_>>();
        for (column, text) in &unmatched {
            self.counts.unmatched(*column, text, 1);
        }
        let (kind, number) = if takes_part {
            (self.new_kind(), self.next_number)
        } else {
            self.outside_kind(standing)
        };
        let remembered = self
            .memory
            .remember(&self.cells, number, unmatched, self.rows);
        if takes_part {
            self.remember_last(remembered);
        }
        kind
    }

    /// Tax flags read earlier payments on payable and held rows.
    pub(super) fn check_earlier_payments(&mut self) {
        let tax = self.plan.tax.as_ref();
        let Some(earlier) = tax.and_then(|tax| tax.earlier.as_ref()) else {
            return;
        };
        let standing = entitlement::standing(self.plan, &self.cells, &mut RowFindings::default());
        if !standing.is_some_and(ClaimStatus::takes_part) {
            return;
        }
        if let Err(fault) = earlier.amount(&self.cells) {
            self.cell_fault(fault);
        }
    }
}
