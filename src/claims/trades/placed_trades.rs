//! The trades of one claimant in their order, in new units.

use std::cmp::Ordering;

use crate::base::dates::Date;
use crate::base::diagnostics::{Message, OrBug as _};
use crate::base::exact::Exact;
use crate::claims::messages;
use crate::claims::trades::trade_list::TradeList;
use crate::plan::ColumnId;
use crate::plan::trades::{TradeKind, TradeRules};

/// A trade in new units; holdings of several accounts are one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlacedTrade {
    /// By index; of several holdings, the first.
    pub row: u32,
    pub kind: TradeKind,
    pub date: Option<Date>,
    /// Without sign; `None` if the file has no column of quantities.
    pub quantity: Option<Exact>,
    /// True for a holding below 0.
    pub is_short: bool,
    /// For one unit.
    pub price: Option<Exact>,
    /// The number of holdings that were added up.
    pub added: u32,
}

/// A fault of a trade that only the others of its claimant reveal.
#[derive(Debug, Clone)]
pub(crate) struct TradeFault {
    /// By index.
    pub row: u32,
    /// The column of the trades file.
    pub column: Option<ColumnId>,
    pub message: Message,
}

impl PlacedTrade {
    fn new(list: &TradeList, rules: &TradeRules, row: u32) -> Self {
        let trade = list.trade(row);
        let kind = trade.kind(rules);
        let one = Exact::ONE;
        let factor = if rules.splits.is_empty() {
            one
        } else {
            rules.factor(kind, trade.date, list.security(trade))
        };
        let quantity = trade
            .quantity
            .map(|quantity| Exact::Decimal(quantity.abs()));
        let quantity = quantity.map(|quantity| quantity.times(&factor));
        let price = trade.price.map(Exact::Decimal);
        let price = match (price, rules.places.is_amount) {
            // A holding of nothing has no price.
            (Some(amount), true) => quantity.as_ref().and_then(|quantity| amount.over(quantity)),
            (price, _) => price.and_then(|price| price.over(&factor)),
        };
        Self {
            row,
            kind,
            date: trade.date,
            quantity,
            is_short: trade
                .quantity
                .is_some_and(|quantity| quantity.is_sign_negative() && !quantity.is_zero()),
            price,
            added: 1,
        }
    }

    /// The quantity with its sign: what the trade adds to the position.
    pub(crate) fn signed(&self) -> Exact {
        let quantity = self.quantity.clone().unwrap_or(Exact::ZERO);
        let is_negative = match self.kind {
            TradeKind::Sale | TradeKind::Delivery => true,
            TradeKind::Opening | TradeKind::Closing => self.is_short,
            TradeKind::Purchase | TradeKind::Receipt | TradeKind::Ignored => false,
        };
        if is_negative {
            Exact::ZERO.minus(&quantity)
        } else {
            quantity
        }
    }

    /// Takes the holding with its sign from another.
    fn add(&mut self, other: &Self) {
        let sum = self.signed().plus(&other.signed());
        self.is_short = sum.is_negative();
        let quantity = if self.is_short {
            Exact::ZERO.minus(&sum)
        } else {
            sum
        };
        self.quantity = Some(quantity);
        self.added += other.added;
    }
}

/// The trades of a claimant in one security, in their order.
pub(crate) struct PlacedSecurity<'l> {
    pub name: &'l str,
    pub trades: Vec<PlacedTrade>,
}

/// The trades with these rows by security, in the order of bytes; in each, the opening
/// first, then by day, on a day by what they are, then by row (plan reference, "Trades").
/// Rows that are no trades are left out.
pub(crate) fn placed<'l>(
    list: &'l TradeList,
    rules: &TradeRules,
    rows: &[u32],
    faults: &mut Vec<TradeFault>,
) -> Vec<PlacedSecurity<'l>> {
    let mut sorted: Vec<(&str, PlacedTrade)> = rows
        .iter()
        .map(|&row| {
            (
                list.security(list.trade(row)),
                PlacedTrade::new(list, rules, row),
            )
        })
        .filter(|(_, trade)| trade.kind != TradeKind::Ignored)
        .collect();
    sorted.sort_by(|(security, trade), (other_security, other)| {
        let by_name = security.as_bytes().cmp(other_security.as_bytes());
        by_name.then_with(|| place(trade, other))
    });
    let mut securities: Vec<PlacedSecurity<'l>> = Vec::new();
    for (name, trade) in sorted {
        match securities.last_mut() {
            Some(last) if last.name == name => last.trades.push(trade),
            _ => securities.push(PlacedSecurity {
                name,
                trades: vec![trade],
            }),
        }
    }
    if rules.matching.is_some() {
        for security in &mut securities {
            add_holdings(security, rules, faults);
        }
    }
    securities
}

/// The order of two trades in one security.
fn place(one: &PlacedTrade, other: &PlacedTrade) -> Ordering {
    let is_opening = |trade: &PlacedTrade| trade.kind == TradeKind::Opening;
    // A closing without a day is one of all.
    let day = |trade: &PlacedTrade| match (trade.date, trade.kind) {
        (None, TradeKind::Closing) => (1, None),
        (date, _) => (0, date),
    };
    is_opening(other)
        .cmp(&is_opening(one))
        .then_with(|| day(one).cmp(&day(other)))
        .then_with(|| one.kind.place_on_day().cmp(&other.kind.place_on_day()))
        .then_with(|| one.row.cmp(&other.row))
}

/// Adds up holdings of several accounts, which must have one day and one price.
fn add_holdings(
    security: &mut PlacedSecurity<'_>,
    rules: &TradeRules,
    faults: &mut Vec<TradeFault>,
) {
    let mut kept: Vec<PlacedTrade> = Vec::with_capacity(security.trades.len());
    for trade in security.trades.drain(..) {
        let is_same = |last: &PlacedTrade| {
            last.kind == trade.kind && (trade.kind == TradeKind::Opening || last.date == trade.date)
        };
        match kept.last_mut() {
            Some(last) if trade.kind.is_holding() && is_same(last) => {
                if last.date == trade.date && last.price == trade.price {
                    last.add(&trade);
                } else {
                    let message = match trade.kind {
                        TradeKind::Opening => messages::two_openings(),
                        _ => messages::two_closings(),
                    };
                    let column = if last.date == trade.date {
                        rules.places.price
                    } else {
                        rules.places.date
                    };
                    faults.push(TradeFault {
                        row: trade.row,
                        column: Some(column),
                        message,
                    });
                }
            }
            _ => kept.push(trade),
        }
    }
    let earliest = kept.iter().skip(1).filter_map(|trade| trade.date).min();
    if let (Some(first), Some(earliest)) = (kept.first(), earliest)
        && first.kind == TradeKind::Opening
        && first.date.is_some_and(|date| date > earliest)
    {
        let opening = first.date.or_bug("an opening without a day is not later");
        let message = messages::opening_after_trade(&opening.to_string(), &earliest.to_string());
        faults.push(TradeFault {
            row: first.row,
            column: Some(rules.places.date),
            message,
        });
    }
    security.trades = kept;
}
