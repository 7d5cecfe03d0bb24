//! The trades of one claimant, matched into lots.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::base::diagnostics::{OrBug as _, literal};
use crate::claims::messages;
use crate::claims::trades::book::{LOST, TradeBook};
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::matching::{self, Balance, BalanceFault, Lot};
use crate::claims::trades::placed_trades::{PlacedSecurity, PlacedTrade, TradeFault, placed};
use crate::plan::column::fold;
use crate::plan::lot_names::TradeFact;
use crate::plan::trades::{SecurityRule, TradeKind};

/// The trades of one claimant, matched.
#[derive(Default)]
pub(crate) struct MatchedTrades<'b> {
    id: Option<String>,
    pub securities: Vec<MatchedSecurity<'b>>,
    pub balance: Option<Balance>,
    pub is_oversold: bool,
    /// Later rows that look like earlier ones, by index, each with the first of them.
    pub repeated: Vec<(u32, u32)>,
}

/// The trades of one claimant in one security, and their lots.
pub(crate) struct MatchedSecurity<'b> {
    pub name: &'b str,
    pub trades: Vec<PlacedTrade>,
    pub lots: Vec<Lot>,
    /// The holdings that the trades do not come to.
    pub off: Vec<BalanceFault>,
}

impl TradeBook {
    /// The trades of a claimant, matched.
    pub(crate) fn matched(&self, id: &str) -> Result<MatchedTrades<'_>, Vec<TradeFault>> {
        let (rules, rows) = (self.rules(), self.rows_of(id));
        let mut faults = Vec::new();
        let securities = placed(self.list(), rules, rows, &mut faults);
        self.check_securities(&securities, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (balance, off) = match rules.matching {
            Some(_) => {
                let (balance, off) = matching::balance(&securities);
                (Some(balance), off)
            }
            None => (None, vec![Vec::new(); securities.len()]),
        };
        let mut matched = MatchedTrades {
            id: Some(id.to_owned()),
            securities: Vec::with_capacity(securities.len()),
            balance,
            is_oversold: false,
            repeated: self.repeated(rows),
        };
        for (PlacedSecurity { name, trades }, off) in securities.into_iter().zip(off) {
            let lots = matching::lots(&trades, rules.matching);
            let lots = lots
                .map_err(|_| ())
                .ok()
                .or_bug("lots are not the trades that they were matched from");
            if rules.matching.is_some() {
                let mut lots = lots.iter();
                matched.is_oversold |= lots.any(|lot| matching::is_oversold(&trades, lot));
            }
            matched.securities.push(MatchedSecurity {
                name,
                trades,
                lots,
                off,
            });
        }
        Ok(matched)
    }

    /// Two securities of a claimant that are probably one.
    fn check_securities(&self, securities: &[PlacedSecurity<'_>], faults: &mut Vec<TradeFault>) {
        let SecurityRule::Column(column) = self.rules().places.security else {
            return;
        };
        let known: Vec<String> = if securities.len() > 1 {
            securities
                .iter()
                .map(|security| fold(security.name))
                .collect()
        } else {
            Vec::new()
        };
        let mut first: HashMap<&str, &str, FixedState> = HashMap::default();
        for (folded, security) in known.iter().zip(securities) {
            match first.get(folded.as_str()) {
                None => {
                    first.insert(folded, security.name);
                }
                Some(other) => {
                    let rows = security.trades.iter().map(|trade| trade.row);
                    let message =
                        messages::securities_alike(&literal(security.name), &literal(other));
                    faults.push(TradeFault {
                        row: rows.min().or_bug(LOST),
                        column: Some(column),
                        message,
                    });
                }
            }
        }
    }

    /// Later rows with the same cells as earlier ones, each with the first of them.
    fn repeated(&self, rows: &[u32]) -> Vec<(u32, u32)> {
        if rows.len() < 2 {
            return Vec::new();
        }
        let (list, rules) = (self.list(), self.rules());
        let digest = |&row: &u32| {
            let trade = list.trade(row);
            (trade.kind(rules) != TradeKind::Ignored).then_some((trade.digest, row))
        };
        let mut by_digest: Vec<(u64, u32)> = rows.iter().filter_map(digest).collect();
        by_digest.sort_unstable();
        let mut repeated: Vec<(u32, u32)> = Vec::new();
        let mut first: Option<u32> = None;
        let mut latest = None;
        for (digest, row) in by_digest {
            if latest != Some(digest) {
                (latest, first) = (Some(digest), Some(row));
                continue;
            }
            match first {
                Some(before) if list.trade(before) == list.trade(row) => {
                    repeated.push((row, before));
                }
                _ => first = Some(row),
            }
        }
        repeated.sort_unstable();
        repeated
    }

    /// A fact about trades, as the claim reads it.
    pub(crate) fn fact(fact: TradeFact, matched: &MatchedTrades<'_>) -> &'static str {
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        match fact {
            TradeFact::Balance => matched.balance.unwrap_or(Balance::None).word(),
            TradeFact::Oversold => yes(matched.is_oversold),
            TradeFact::Repeated => yes(!matched.repeated.is_empty()),
        }
    }
}

impl MatchedTrades<'_> {
    /// No trades of a claimant.
    pub(crate) fn nothing(id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            ..Self::default()
        }
    }

    /// True if these are the trades of the claimant.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
    }

    /// The lots, as values per lot read them.
    pub(crate) fn cells<'m>(&'m self, book: &'m TradeBook) -> impl Iterator<Item = LotCells<'m>> {
        self.securities.iter().flat_map(move |security| {
            security
                .lots
                .iter()
                .map(move |lot| LotCells::new(book, security.name, &security.trades, lot))
        })
    }
}

impl std::fmt::Debug for MatchedTrades<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the trades of a claimant in {} securities",
            self.securities.len()
        )
    }
}
