//! The lots of claims, handed on while claims are read, so that each claimant's trades
//! are matched and valued once.

use std::collections::BTreeMap;
use std::fmt::Debug;

use anyhow::Result;

use crate::claims::UnmatchedColumn;
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::deficiencies::DeficiencyKind;
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::lot_values::{self, LotValues};
use crate::claims::trades::matching::{Balance, Side};
use crate::plan::cell::Cells as _;

/// Receives the trades of claims whose rows have no problems.
pub(crate) trait LotReceiver: Debug + Sync {
    /// Adds a claim to the lines of its block. Several threads do so, for a block each.
    fn add(&self, claim: &ClaimLots<'_>, lines: &mut LotLines);

    /// Takes the lines of the next block, in the order of the claims.
    fn take(&self, lines: LotLines) -> Result<()>;
}

/// The trades of a claim, matched.
#[derive(Debug)]
pub(crate) struct ClaimLots<'m> {
    pub id: &'m str,
    pub book: &'m TradeBook,
    pub matched: &'m MatchedTrades<'m>,
    /// The values of the lots of a payable or held claim; `None` for another one.
    pub values: Option<&'m LotValues>,
}

/// The lines of consecutive claims in the files of a run.
#[derive(Debug, Default)]
pub(crate) struct LotLines {
    pub lots: String,
    pub lots_count: u64,
    pub deficiencies: String,
    pub deficiencies_count: u64,
    pub tally: LotTally,
}

/// Counts of trades and lots.
#[derive(Debug, Default)]
pub(crate) struct LotTally {
    /// Lots that are long, that are short, and that are still open.
    pub long: u64,
    pub short: u64,
    pub open: u64,
    balances: BTreeMap<&'static str, u64>,
    /// The number of claims with each deficiency.
    pub deficiencies: BTreeMap<DeficiencyKind, u64>,
    /// Texts of lots that match no text of the plan.
    unmatched: BTreeMap<(usize, String), u64>,
}

impl LotTally {
    pub(crate) fn add(&mut self, other: Self) {
        self.long += other.long;
        self.short += other.short;
        self.open += other.open;
        for (balance, count) in other.balances {
            *self.balances.entry(balance).or_insert(0) += count;
        }
        for (kind, claims) in other.deficiencies {
            *self.deficiencies.entry(kind).or_insert(0) += claims;
        }
        for (text, count) in other.unmatched {
            *self.unmatched.entry(text).or_insert(0) += count;
        }
    }

    pub(crate) fn count_claim(&mut self, balance: Option<Balance>) {
        if let Some(balance) = balance {
            *self.balances.entry(balance.word()).or_insert(0) += 1;
        }
    }

    pub(crate) fn count_deficiency(&mut self, kind: DeficiencyKind) {
        *self.deficiencies.entry(kind).or_insert(0) += 1;
    }

    pub(crate) fn count_lot(&mut self, book: &TradeBook, cells: &LotCells<'_>) {
        match cells.lot.side {
            Side::Long => self.long += 1,
            Side::Short => self.short += 1,
        }
        let is_open = book.rules().matching.is_some() && cells.lot.closed.is_none();
        self.open += u64::from(is_open);
        for (id, column) in book.rules().lots.iter() {
            if column.compared && lot_values::is_of_file(column) {
                let cell = cells.cell(id);
                if !column.texts.iter().any(|text| text == cell) {
                    let key = (id.0, cell.to_owned());
                    *self.unmatched.entry(key).or_insert(0) += 1;
                }
            }
        }
    }

    pub(crate) fn balance(&self, balance: Balance) -> u64 {
        self.balances.get(balance.word()).copied().unwrap_or(0)
    }

    /// The texts of columns of lots that matched no text of the plan.
    pub(crate) fn unmatched(&self, book: &TradeBook) -> Vec<UnmatchedColumn> {
        let mut columns: Vec<UnmatchedColumn> = Vec::new();
        for (id, column) in book.rules().lots.iter() {
            let texts = self.unmatched.iter().filter(|((of, _), _)| *of == id.0);
            let texts = texts.map(|((_, text), count)| (text.clone(), *count));
            let mut values: Vec<(String, u64)> = texts.collect();
            values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            if !values.is_empty() {
                columns.push(UnmatchedColumn {
                    column: column.name.clone(),
                    values,
                });
            }
        }
        columns
    }
}
