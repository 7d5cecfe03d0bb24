//! Matches the trades of one claimant into lots (plan reference, "Trades").

use std::collections::VecDeque;

use crate::base::diagnostics::{Bug, OrBug as _};
use crate::base::exact::Exact;
use crate::claims::trades::placed_trades::{PlacedSecurity, PlacedTrade};
use crate::plan::trades::{Matching, TradeKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Bought, then sold.
    Long,
    /// Sold, then bought.
    Short,
}

/// Units that one trade opened and one closed, or that are still open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lot {
    pub side: Side,
    /// The place of the opening trade in its security.
    pub opened: usize,
    /// The place of the closing trade; `None` if the lot is open.
    pub closed: Option<usize>,
    /// `None` if the file has no column of quantities.
    pub quantity: Option<Exact>,
}

impl Side {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }
}

const LOST: &str = "a trade of a lot is missing";

/// What is open while trades are matched.
struct OpenLots {
    matching: Matching,
    side: Side,
    lots: VecDeque<(usize, Exact)>,
}

/// The lots of one security, by opening and then by closing trade, open ones last. Without
/// matching, each trade is a lot.
pub(crate) fn lots(trades: &[PlacedTrade], matching: Option<Matching>) -> Result<Vec<Lot>, Bug> {
    let Some(matching) = matching else {
        let lot = |(opened, trade): (usize, &PlacedTrade)| Lot {
            side: if trade.is_short {
                Side::Short
            } else {
                Side::Long
            },
            opened,
            closed: None,
            quantity: trade.quantity.clone(),
        };
        return Ok(trades.iter().enumerate().map(lot).collect());
    };
    let mut open = OpenLots {
        matching,
        side: Side::Long,
        lots: VecDeque::new(),
    };
    let mut lots = Vec::with_capacity(trades.len());
    for (place, trade) in trades.iter().enumerate() {
        let quantity = trade.quantity.clone().or_bug(LOST);
        match trade.kind {
            TradeKind::Opening if trade.is_short => open.open(Side::Short, place, quantity),
            TradeKind::Opening => open.open(Side::Long, place, quantity),
            TradeKind::Purchase | TradeKind::Receipt => {
                let rest = open.close(Side::Short, place, quantity, &mut lots);
                open.open(Side::Long, place, rest);
            }
            TradeKind::Sale | TradeKind::Delivery => {
                let rest = open.close(Side::Long, place, quantity, &mut lots);
                open.open(Side::Short, place, rest);
            }
            TradeKind::Closing | TradeKind::Ignored => {}
        }
    }
    let side = open.side;
    lots.extend(open.lots.into_iter().map(|(opened, quantity)| Lot {
        side,
        opened,
        closed: None,
        quantity: Some(quantity),
    }));
    lots.sort_by_key(|lot| (lot.opened, lot.closed.is_none(), lot.closed));
    prove(trades, &lots)?;
    Ok(lots)
}

impl OpenLots {
    fn open(&mut self, side: Side, opened: usize, quantity: Exact) {
        if quantity.is_zero() {
            return;
        }
        (self.lots.is_empty() || self.side == side)
            .then_some(())
            .or_bug("long and short lots are open together");
        self.side = side;
        self.lots.push_back((opened, quantity));
    }

    /// Closes lots of a side, and returns what is left of the quantity.
    fn close(&mut self, side: Side, closed: usize, quantity: Exact, lots: &mut Vec<Lot>) -> Exact {
        let mut rest = quantity;
        while self.side == side && !rest.is_zero() {
            let next = match self.matching {
                Matching::Fifo => self.lots.front_mut(),
                Matching::Lifo => self.lots.back_mut(),
            };
            let Some((opened, open)) = next else { break };
            let part = rest.clone().min(open.clone());
            rest = rest.minus(&part);
            *open = open.minus(&part);
            let (opened, is_over) = (*opened, open.is_zero());
            lots.push(Lot {
                side,
                opened,
                closed: Some(closed),
                quantity: Some(part),
            });
            if is_over {
                match self.matching {
                    Matching::Fifo => self.lots.pop_front(),
                    Matching::Lifo => self.lots.pop_back(),
                };
            }
        }
        rest
    }
}

/// Proves that lots are the trades: the quantity of each trade is that of the lots which
/// it opened and closed, and what is open is what came in less what went out.
fn prove(trades: &[PlacedTrade], lots: &[Lot]) -> Result<(), Bug> {
    let mut used = vec![Exact::ZERO; trades.len()];
    let mut open = Exact::ZERO;
    for lot in lots {
        let quantity = lot.quantity.as_ref().or_bug(LOST);
        for place in [Some(lot.opened), lot.closed].into_iter().flatten() {
            let sum = used.get_mut(place).or_bug(LOST);
            *sum = sum.plus(quantity);
        }
        if lot.closed.is_none() {
            open = match lot.side {
                Side::Long => open.plus(quantity),
                Side::Short => open.minus(quantity),
            };
        }
    }
    let mut position = Exact::ZERO;
    for (trade, used) in trades.iter().zip(&used) {
        let is_closing = trade.kind == TradeKind::Closing;
        let quantity = if is_closing {
            &Exact::ZERO
        } else {
            trade.quantity.as_ref().or_bug(LOST)
        };
        if used != quantity {
            let (used, quantity) = (used.text(), quantity.text());
            let message = format!("the lots of a trade of {quantity} add up to {used}");
            return Err(Bug::new(message));
        }
        if !is_closing {
            position = position.plus(&trade.signed());
        }
    }
    if position != open {
        let (position, open) = (position.text(), open.text());
        let message = format!("lots of {open} are open, but the position is {position}");
        return Err(Bug::new(message));
    }
    Ok(())
}

/// How the trades of a claimant compare with its holdings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Balance {
    Ok,
    Off,
    /// No closing is listed.
    None,
}

impl Balance {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Off => "off",
            Self::None => "none",
        }
    }
}

/// A closing, or a security without one, that the trades do not come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BalanceFault {
    /// The place of the closing in its security; `None` if there is none.
    pub closing: Option<usize>,
    /// The position by the trades.
    pub position: Exact,
}

/// The balance of a claimant, and by security what is off.
pub(crate) fn balance(securities: &[PlacedSecurity<'_>]) -> (Balance, Vec<Vec<BalanceFault>>) {
    let is_closing = |trade: &PlacedTrade| trade.kind == TradeKind::Closing;
    let has_closing = |security: &PlacedSecurity<'_>| security.trades.iter().any(is_closing);
    if !securities.iter().any(has_closing) {
        return (Balance::None, vec![Vec::new(); securities.len()]);
    }
    let off: Vec<Vec<BalanceFault>> = securities
        .iter()
        .map(|security| {
            let (mut position, mut off) = (Exact::ZERO, Vec::new());
            for (place, trade) in security.trades.iter().enumerate() {
                if !is_closing(trade) {
                    position = position.plus(&trade.signed());
                } else if trade.signed() != position {
                    off.push(BalanceFault {
                        closing: Some(place),
                        position: position.clone(),
                    });
                }
            }
            if !has_closing(security) && !position.is_zero() {
                off.push(BalanceFault {
                    closing: None,
                    position,
                });
            }
            off
        })
        .collect();
    let is_off = off.iter().any(|off| !off.is_empty());
    (if is_off { Balance::Off } else { Balance::Ok }, off)
}

/// True if a lot is what was sold or delivered and not held.
pub(crate) fn is_oversold(trades: &[PlacedTrade], lot: &Lot) -> bool {
    let opened = trades.get(lot.opened).or_bug(LOST);
    lot.side == Side::Short && opened.kind != TradeKind::Opening
}
