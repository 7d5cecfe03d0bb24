//! The trades of one claimant in their order, in new units.

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
    /// The rows of further holdings that were added.
    pub added: Vec<u32>,
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
        let factor = rules.factor(kind, trade.date, || list.security(trade));
        let quantity = trade.quantity.map(|quantity| {
            let quantity = Exact::Decimal(quantity.abs());
            factor
                .iter()
                .fold(quantity, |old, factor| old.times(factor))
        });
        let price = trade.price.map(Exact::Decimal);
        let price = match (price, rules.places.is_amount, &factor) {
            // A holding of nothing has no price.
            (Some(amount), true, _) => quantity.as_ref().and_then(|units| amount.over(units)),
            (Some(price), false, Some(factor)) => price.over(factor),
            (price, ..) => price,
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
            added: Vec::new(),
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

    /// True if a holding of the same day, or a second opening, follows.
    fn is_added_to(&self, next: &Self) -> bool {
        self.kind == next.kind && (next.kind == TradeKind::Opening || self.date == next.date)
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
        self.added.push(other.row);
    }
}

/// The trades of a claimant in one security, in their order.
pub(crate) struct PlacedSecurity<'l> {
    pub name: &'l str,
    pub trades: Vec<PlacedTrade>,
}

/// The place of a trade among those of its claimant: its security, whether it is an
/// opening, its day, what it is, and its row.
type TradeKey = (u32, u64, u32);

/// The trades with these rows by security, in the order of bytes; in each, the opening
/// first, then by day, on a day by what they are, then by row (plan reference, "Trades").
/// Rows that are no trades are left out.
pub(crate) fn placed<'l>(
    list: &'l TradeList,
    rules: &TradeRules,
    rows: &[u32],
    faults: &mut Vec<TradeFault>,
) -> Vec<PlacedSecurity<'l>> {
    // The trades of a claimant may be anywhere in memory: a short loop over all of them
    // lets the processor wait for them together.
    let mut keys: Vec<TradeKey> = Vec::with_capacity(rows.len());
    keys.extend(rows.iter().filter_map(|&row| key(list, rules, row)));
    keys.sort_unstable();
    let mut securities: Vec<PlacedSecurity<'l>> = Vec::new();
    let mut latest = None;
    for (security, _, row) in keys {
        let trade = PlacedTrade::new(list, rules, row);
        let known = securities.last_mut().filter(|_| latest == Some(security));
        if let Some(known) = known {
            known.trades.push(trade);
        } else {
            let mut trades = Vec::with_capacity(rows.len());
            trades.push(trade);
            let name = list.security(list.trade(row));
            securities.push(PlacedSecurity { name, trades });
            latest = Some(security);
        }
    }
    if rules.matching.is_some() {
        for security in &mut securities {
            add_holdings(security, rules, faults);
        }
    }
    securities
}

/// The place of a trade; `None` for a row that is no trade.
fn key(list: &TradeList, rules: &TradeRules, row: u32) -> Option<TradeKey> {
    let trade = list.trade(row);
    let kind = trade.kind(rules);
    let phase = match (kind, trade.date) {
        (TradeKind::Ignored, _) => return None,
        (TradeKind::Opening, _) => 0,
        // A closing without a day is one of all.
        (TradeKind::Closing, None) => 2,
        _ => 1,
    };
    // The day before all others is none.
    let day = trade.date.map_or(0, |date| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let number = i32::from(year) * 372 + i32::from(month) * 31 + i32::from(day);
        u64::try_from(number).unwrap_or(0)
    });
    let within = (phase << 40) | (day << 8) | u64::from(kind.place_on_day());
    Some((list.rank(trade), within, row))
}

/// Adds up holdings of several accounts, which must have one day and one price. Their
/// other cells are those of the first.
fn add_holdings(
    security: &mut PlacedSecurity<'_>,
    rules: &TradeRules,
    faults: &mut Vec<TradeFault>,
) {
    let pairs = || security.trades.iter().zip(security.trades.iter().skip(1));
    if pairs().any(|(last, next)| next.kind.is_holding() && last.is_added_to(next)) {
        add_same(security, rules, faults);
    }
    let kept = &security.trades;
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
}

/// Adds holdings to those before them.
fn add_same(security: &mut PlacedSecurity<'_>, rules: &TradeRules, faults: &mut Vec<TradeFault>) {
    let mut kept: Vec<PlacedTrade> = Vec::with_capacity(security.trades.len());
    for trade in security.trades.drain(..) {
        match kept.last_mut() {
            Some(last) if trade.kind.is_holding() && last.is_added_to(&trade) => {
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
    security.trades = kept;
}
