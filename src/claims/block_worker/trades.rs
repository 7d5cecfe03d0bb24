//! The facts that the program knows of a row of claims, its trades above all, and the rows
//! of trades themselves.

use std::hash::Hasher as _;

use foldhash::fast::FixedState;
use rust_decimal::Decimal;

use crate::claims::block_worker::Worker;
use crate::claims::classifier::ClaimClassifier;
use crate::claims::header::{ABSENT, fact_of};
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
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
        let Some(book) = self.trades else { return };
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
        let trades = self.plan.trades.as_ref().filter(|_| self.trades.is_some());
        let ids = trades.into_iter().flat_map(|trades| trades.values.iter());
        ids.map(|id| (*id, Decimal::ZERO)).collect()
    }

    /// Adds up the values of the claimant's lots, if the claim is payable or held.
    /// Returns false if they have problems.
    pub(super) fn add_lots(&mut self, takes_part: bool) -> bool {
        let Some(book) = self.trades else { return true };
        self.match_trades();
        self.cells.values = self.no_lots();
        if !takes_part {
            return true;
        }
        match lot_values::sums(self.plan, book, &self.matched) {
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
