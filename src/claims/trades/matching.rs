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

/// The lots that are open while trades are matched.
struct OpenLots {
    matching: Matching,
    side: Side,
    lots: VecDeque<(usize, Exact)>,
}

/// The lots of one security, by opening and then by closing trade, open ones last. Without
/// matching, each trade is a lot.
pub(crate) fn lots(trades: &[PlacedTrade], matching: Option<Matching>) -> Result<Vec<Lot>, Bug> {
    let Some(matching) = matching else {
        return Ok(trades.iter().enumerate().map(of_trade).collect());
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

/// Without matching, the lot that a trade is.
fn of_trade((opened, trade): (usize, &PlacedTrade)) -> Lot {
    let quantity = trade.quantity.clone();
    let (side, quantity) = if trade.is_short {
        let negative = quantity.map(|quantity| Exact::ZERO.minus(&quantity));
        (Side::Short, negative)
    } else {
        (Side::Long, quantity)
    };
    Lot {
        side,
        opened,
        closed: None,
        quantity,
    }
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

    /// Closes lots of a side, and returns the rest of the quantity.
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

/// The comparison of a claimant's trades with its holdings.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rust_decimal::Decimal;

    use super::*;

    fn trade(kind: TradeKind, units: i64) -> PlacedTrade {
        PlacedTrade {
            row: 0,
            kind,
            date: None,
            quantity: Some(Exact::from(units.abs())),
            is_short: units < 0,
            price: None,
            added: Vec::new(),
        }
    }

    /// `opened-closed quantity side`; the places of trades count from 0.
    fn shown(trades: &[PlacedTrade], matching: Matching) -> Vec<String> {
        let shown = |lot: &Lot| {
            let closed = lot
                .closed
                .map_or_else(String::new, |closed| closed.to_string());
            let quantity = lot.quantity.as_ref().unwrap().text();
            format!("{}-{closed} {quantity} {}", lot.opened, lot.side.word())
        };
        lots(trades, Some(matching))
            .unwrap()
            .iter()
            .map(shown)
            .collect()
    }

    #[test]
    fn the_first_or_the_last_lot_is_closed() {
        use TradeKind::{Opening, Purchase, Sale};
        let trades = [
            trade(Opening, 10),
            trade(Purchase, 5),
            trade(Sale, 12),
            trade(Sale, 6),
            trade(Purchase, 8),
        ];
        assert_eq!(
            shown(&trades, Matching::Fifo),
            [
                "0-2 10 long",
                "1-2 2 long",
                "1-3 3 long",
                "3-4 3 short",
                "4- 5 long"
            ]
        );
        assert_eq!(
            shown(&trades, Matching::Lifo),
            [
                "0-2 7 long",
                "0-3 3 long",
                "1-2 5 long",
                "3-4 3 short",
                "4- 5 long"
            ]
        );
    }

    #[test]
    fn an_opening_below_0_is_a_short_lot() {
        let trades = [trade(TradeKind::Opening, -4), trade(TradeKind::Receipt, 6)];
        assert_eq!(shown(&trades, Matching::Fifo), ["0-1 4 short", "1- 2 long"]);
        let lots = lots(&trades, Some(Matching::Fifo)).unwrap();
        assert!(lots.iter().all(|lot| !is_oversold(&trades, lot)));
    }

    #[test]
    fn lots_that_are_not_the_trades_are_an_error_of_the_program() {
        let trades = [trade(TradeKind::Purchase, 5), trade(TradeKind::Sale, 2)];
        let good = lots(&trades, Some(Matching::Fifo)).unwrap();
        assert!(prove(&trades, &good).is_ok());
        for number in 0..good.len() {
            let mut bad = good.clone();
            bad.remove(number);
            assert!(prove(&trades, &bad).is_err());
            let mut bad = good.clone();
            bad[number].quantity = Some(Exact::from(1));
            assert!(prove(&trades, &bad).is_err());
            let mut bad = good.clone();
            bad[number].closed = Some(1).filter(|_| bad[number].closed.is_none());
            assert!(prove(&trades, &bad).is_err());
        }
    }

    /// Lots are what comes out if each unit is matched by itself.
    #[test]
    fn units_one_by_one_come_to_the_same_lots() {
        use TradeKind::{Delivery, Purchase, Receipt, Sale};
        let mut state: u64 = 7;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..2000 {
            let count = 1 + random(9);
            let mut trades = Vec::new();
            if random(3) == 0 {
                trades.push(trade(
                    TradeKind::Opening,
                    i64::try_from(random(9)).unwrap() - 4,
                ));
            }
            for _ in 0..count {
                let kind = [Purchase, Sale, Receipt, Delivery][usize::try_from(random(4)).unwrap()];
                trades.push(trade(kind, i64::try_from(1 + random(5)).unwrap()));
            }
            for matching in [Matching::Fifo, Matching::Lifo] {
                let lots = lots(&trades, Some(matching)).unwrap();
                let found: BTreeMap<(usize, Option<usize>), Exact> = lots
                    .iter()
                    .map(|lot| ((lot.opened, lot.closed), lot.quantity.clone().unwrap()))
                    .collect();
                assert_eq!(found.len(), lots.len(), "one lot for two trades");
                assert_eq!(found, one_by_one(&trades, matching), "{trades:?}");
            }
        }
    }

    fn one_by_one(
        trades: &[PlacedTrade],
        matching: Matching,
    ) -> BTreeMap<(usize, Option<usize>), Exact> {
        let mut open: Vec<(usize, bool)> = Vec::new();
        let mut lots: BTreeMap<(usize, Option<usize>), i64> = BTreeMap::new();
        for (place, trade) in trades.iter().enumerate() {
            let signed = trade.signed();
            let Exact::Decimal(units) = signed else {
                panic!()
            };
            let comes_in = units > Decimal::ZERO;
            for _ in 0..i64::try_from(units.abs().mantissa()).unwrap() {
                let next = match matching {
                    Matching::Fifo => 0,
                    Matching::Lifo => open.len().saturating_sub(1),
                };
                match open.get(next) {
                    Some((opened, is_long)) if *is_long != comes_in => {
                        *lots.entry((*opened, Some(place))).or_insert(0) += 1;
                        open.remove(next);
                    }
                    _ => open.push((place, comes_in)),
                }
            }
        }
        for (opened, _) in open {
            *lots.entry((opened, None)).or_insert(0) += 1;
        }
        lots.into_iter()
            .map(|(lot, units)| (lot, Exact::from(units)))
            .collect()
    }
}
