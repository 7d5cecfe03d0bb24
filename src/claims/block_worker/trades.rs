//! The facts that the program knows of a row of claims, its trades above all, and the rows
//! of trades themselves.

use std::hash::Hasher as _;

use foldhash::fast::FixedState;
use rust_decimal::Decimal;

use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::header::{ABSENT, fact_of};
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::lot_lines::ClaimLots;
use crate::claims::trades::lot_values;
use crate::claims::trades::placed_trades::TradeFault;
use crate::plan::ValueId;
use crate::plan::cell::Cells as _;
use crate::plan::claim_fact::ClaimFact;

impl<C: ClaimClassifier> Worker<'_, C> {
    /// Takes the cell of a column that is not in the file. Returns false if it is.
    #[inline]
    pub(super) fn take_own(&mut self, place: usize) -> bool {
        if place == ABSENT {
            self.cells.push_absent();
            return true;
        }
        let Some(fact) = fact_of(place) else {
            return false;
        };
        match fact {
            ClaimFact::Trades(_) if self.trades.are_faulty() => self.cells.push_whole(""),
            ClaimFact::Trades(fact) => {
                self.match_trades();
                let text = TradeBook::fact(fact, &self.matched);
                self.cells.push_whole(text);
            }
            ClaimFact::PriorStatus | ClaimFact::Prior(_) => {
                let id = self.cells.cell(self.plan.claims.id);
                let text = self.plan.prior_cell(id, fact);
                self.cells.push_whole(&text);
            }
        }
        true
    }

    /// Matches the trades of the row's claimant, once for each row.
    fn match_trades(&mut self) {
        let Some(book) = self.trades.book() else {
            return;
        };
        let id = self.cells.cell(self.plan.claims.id);
        if self.matched.is_of(id) {
            return;
        }
        let id = id.to_owned();
        match book.matched(&id) {
            Ok(matched) => self.matched = matched,
            Err(faults) => {
                self.matched = MatchedTrades::nothing(&id);
                self.note_trades(book, &id, faults);
            }
        }
    }

    fn note_trades(&mut self, book: &TradeBook, id: &str, faults: Vec<TradeFault>) {
        let problems = faults.into_iter().map(|fault| book.problem(id, fault));
        self.batch.of_trades.extend(problems);
    }

    /// Sums of no lots.
    pub(super) fn no_lots(&self) -> Vec<(ValueId, Decimal)> {
        let trades = self
            .plan
            .trades
            .as_ref()
            .filter(|_| !self.trades.are_none());
        let ids = trades.into_iter().flat_map(|trades| trades.values.iter());
        ids.map(|id| (*id, Decimal::ZERO)).collect()
    }

    /// True if what is not known of the trades may exclude the row.
    pub(super) fn may_be_excluded(&self) -> bool {
        let mut columns = self.plan.columns.iter();
        self.trades.are_faulty() && columns.any(|(_, column)| column.fact.is_some())
    }

    /// Checks the cells of a row whose trades are not known, if it participates or its
    /// status is not known.
    pub(super) fn check_without_trades(
        &mut self,
        status: Option<ClaimStatus>,
        mut findings: RowFindings,
    ) {
        let is_checked = self.check_all || status.is_none_or(ClaimStatus::takes_part);
        if is_checked && !self.may_be_excluded() {
            self.cells.values = self.no_lots();
            self.check_outside(&mut findings);
        }
        for fault in findings.faults {
            self.cell_fault(fault);
        }
    }

    /// Adds up the values of the claimant's lots, if the claim is payable or held.
    /// Returns false if they have problems.
    pub(super) fn add_lots(&mut self, takes_part: bool) -> bool {
        let Some(book) = self.trades.book() else {
            return true;
        };
        self.match_trades();
        self.cells.values = self.no_lots();
        if !takes_part {
            return true;
        }
        let values = &mut self.lot_values;
        match lot_values::sums_and_values(self.plan, book, &self.matched, values) {
            Ok(sums) => {
                self.cells.values = sums;
                true
            }
            Err(faults) => {
                let id = self.cells.cell(self.plan.claims.id).to_owned();
                self.note_trades(book, &id, faults);
                false
            }
        }
    }

    /// Hands on the lots of a row without problems.
    pub(super) fn hand_on_lots(&mut self, takes_part: bool) {
        let (Some(book), Some(receiver)) = (self.trades.book(), self.trades.lots()) else {
            return;
        };
        let claim = ClaimLots {
            id: self.cells.cell(self.plan.claims.id),
            book,
            matched: &self.matched,
            values: takes_part.then_some(&self.lot_values),
        };
        receiver.add(&claim, &mut self.batch.lots);
    }
}

/// A hash of cells without the white space around them.
pub(super) fn digest_of<'c>(cells: impl Iterator<Item = (&'c str, bool)>) -> u64 {
    use std::hash::BuildHasher as _;
    let mut hasher = FixedState::with_seed(0).build_hasher();
    for (cell, doubled) in cells {
        let cell = cell.trim();
        if doubled {
            hasher.write(cell.replace("\"\"", "\"").as_bytes());
        } else {
            hasher.write(cell.as_bytes());
        }
        // No cell has this byte.
        hasher.write_u8(0);
    }
    hasher.finish()
}
