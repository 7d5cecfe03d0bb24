//! The trades of a run in its summary.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::money::group;
use crate::claims::ClaimsFile;
use crate::claims::trades::TradeBook;
use crate::claims::trades::deficiencies::DeficiencyKind;
use crate::claims::trades::lot_lines::LotTally;
use crate::claims::trades::matching::Balance;
use crate::plan::Choice as _;
use crate::run::summary::InputFileFacts;

/// The additions to the summary of a run that has trades.
#[derive(Debug)]
pub(crate) struct TradesOfRun<'a> {
    pub book: &'a TradeBook,
    pub files: &'a [ClaimsFile],
    pub tally: &'a LotTally,
}

/// Trades and lots.
#[derive(Debug, Clone, Serialize)]
pub struct TradeFacts {
    /// The trades files, in the order read.
    pub files: Vec<InputFileFacts>,
    pub rows: u64,
    /// Rows of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Claimants with trades.
    pub claimants: u64,
    pub lots: LotFacts,
    /// Claims by whether their trades come to their holdings; null if nothing is matched.
    pub balance: Option<BalanceFacts>,
    /// Claims with each deficiency.
    pub deficiencies: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LotFacts {
    pub long: u64,
    pub short: u64,
    /// Those of both that are still open.
    pub open: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct BalanceFacts {
    pub ok: u64,
    pub off: u64,
    pub none: u64,
}

impl TradesOfRun<'_> {
    pub(super) fn facts(&self) -> TradeFacts {
        let Self { book, files, tally } = self;
        let kinds = book.kinds().into_iter();
        let is_matched = book.rules().matching.is_some();
        let deficiencies = tally.deficiencies.iter();
        TradeFacts {
            files: super::inputs(files),
            rows: files.iter().map(|file| file.rows).sum(),
            kinds: kinds.map(|(kind, rows)| (kind.word(), rows)).collect(),
            claimants: u64::try_from(book.claimants()).unwrap_or(u64::MAX),
            lots: LotFacts {
                long: tally.long,
                short: tally.short,
                open: tally.open,
            },
            balance: is_matched.then(|| BalanceFacts {
                ok: tally.balance(Balance::Ok),
                off: tally.balance(Balance::Off),
                none: tally.balance(Balance::None),
            }),
            deficiencies: deficiencies
                .map(|(kind, claims)| (kind.word(), *claims))
                .collect(),
        }
    }

    /// The deficiencies as warnings.
    pub(super) fn warnings(&self) -> Vec<String> {
        let deficiencies = self.tally.deficiencies.iter();
        deficiencies
            .map(|(kind, claims)| {
                let claims = if *claims == 1 {
                    "1 claim".to_owned()
                } else {
                    format!("{} claims", group(claims))
                };
                format!("deficiencies.csv: {claims} with {}", words(*kind))
            })
            .collect()
    }
}

fn words(kind: DeficiencyKind) -> &'static str {
    match kind {
        DeficiencyKind::Off => "trades that do not come to the closing holdings",
        DeficiencyKind::Oversold => "sales or deliveries of more than was held",
        DeficiencyKind::Repeated => "rows with the same cells",
        DeficiencyKind::PurchasesAtDifferentPrices => {
            "purchases of one day at different prices, which are in the order of the file"
        }
        DeficiencyKind::SalesAtDifferentPrices => {
            "sales of one day at different prices, which are in the order of the file"
        }
        DeficiencyKind::Transfer => "a receipt and a delivery of one quantity on one day",
        DeficiencyKind::AddedUp => "several holdings that were added up",
        DeficiencyKind::NoTrades => "no trades",
    }
}
