//! All trades of a run, by claimant.

mod matched;
mod problems;
mod totals;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug as _;
use crate::claims::aggregate::claimants::Claimants;
use crate::claims::claim_list::ClaimList;
use crate::claims::ids::duplicates::hash;
pub(crate) use crate::claims::trades::book::matched::{MatchedSecurity, MatchedTrades};
use crate::claims::trades::trade_list::TradeList;
use crate::claims::{Claims, ClaimsFile};
use crate::plan::Plan;
use crate::plan::trades::TradeRules;

const LOST: &str = "the trades of a claimant are missing";

/// The trades of all claimants.
#[derive(Debug)]
pub(crate) struct TradeBook {
    /// The plan by which the files were read.
    plan: Plan,
    rows: Claims<TradeList>,
    claimants: Claimants,
    /// By claimant, where its rows begin in `order`; then the end of all.
    starts: Vec<u32>,
    /// The rows, grouped by claimant; those of one are in the order of the files.
    order: Vec<u32>,
    /// By claimant, true if the claims have it.
    found: Vec<AtomicBool>,
}

impl TradeBook {
    /// Groups rows by claimant.
    pub(super) fn of(own: Plan, mut rows: Claims<TradeList>) -> Self {
        let (claimants, starts, order) = std::mem::take(&mut rows.row_claimants).grouped();
        rows.claim_list = ClaimList::default();
        rows.entitlements.rank_securities();
        for file in &mut rows.files {
            file.trades = true;
        }
        let hidden = problems::hidden(&own, &rows.header.names);
        rows.warnings.extend(hidden);
        let found = claimants.iter().map(|_| AtomicBool::new(false)).collect();
        Self {
            plan: own,
            rows,
            claimants,
            starts,
            order,
            found,
        }
    }

    pub(crate) fn rules(&self) -> &TradeRules {
        self.plan.trades.as_ref().or_bug("the plan has no trades")
    }

    pub(crate) fn list(&self) -> &TradeList {
        &self.rows.entitlements
    }

    pub(crate) fn files(&self) -> &[ClaimsFile] {
        &self.rows.files
    }

    pub(crate) fn warnings(&self) -> &[String] {
        &self.rows.warnings
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.files().iter().map(|file| file.rows).sum()
    }

    fn all_rows(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.len()).ok().or_bug(LOST)
    }

    /// The number of claimants with trades.
    pub(crate) fn claimants(&self) -> usize {
        self.claimants.len()
    }

    /// The rows of a claimant, whom the claims have.
    pub(crate) fn rows_of(&self, id: &str) -> &[u32] {
        let Some(claimant) = self.claimants.find(id, hash(id)) else {
            return &[];
        };
        self.found
            .get(index(claimant))
            .or_bug(LOST)
            .store(true, Ordering::Relaxed);
        self.rows_of_number(claimant)
    }

    fn rows_of_number(&self, claimant: u32) -> &[u32] {
        let start = self.starts.get(index(claimant)).or_bug(LOST);
        let end = self.starts.get(index(claimant) + 1).or_bug(LOST);
        self.order.get(index(*start)..index(*end)).or_bug(LOST)
    }
}
