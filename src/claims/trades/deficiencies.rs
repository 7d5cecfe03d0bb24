//! The deficiencies of a claimant's trades, for deficiencies.csv.

use crate::base::dates::Date;
use crate::base::diagnostics::OrBug as _;
use crate::base::exact::Exact;
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::{MatchedSecurity, MatchedTrades};
use crate::claims::trades::matching::is_oversold;
use crate::claims::trades::placed_trades::PlacedTrade;
use crate::plan::kinds::words;
use crate::plan::trades::{TradeKind, TradeRules};

const LOST: &str = "a trade of a deficiency is missing";

/// The kinds of deficiencies, with their names in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DeficiencyKind {
    Off,
    Oversold,
    Repeated,
    PurchasesAtDifferentPrices,
    SalesAtDifferentPrices,
    Transfer,
    AddedUp,
    NoTrades,
}

words! {
    DeficiencyKind {
        "off" Off,
        "oversold" Oversold,
        "repeated" Repeated,
        "purchases_at_different_prices" PurchasesAtDifferentPrices,
        "sales_at_different_prices" SalesAtDifferentPrices,
        "transfer" Transfer,
        "added_up" AddedUp,
        "no_trades" NoTrades
    }
}

/// A line of deficiencies.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deficiency<'m> {
    pub kind: DeficiencyKind,
    pub security: &'m str,
    /// Counted from 1.
    pub row: Option<u64>,
    pub text: String,
}

/// The deficiencies of a claimant, by security and then in the order of its trades;
/// `takes_part` is true for a payable or held claim.
pub(crate) fn of<'m>(
    book: &'m TradeBook,
    matched: &'m MatchedTrades<'_>,
    takes_part: bool,
) -> Vec<Deficiency<'m>> {
    let mut found = Vec::new();
    if matched.securities.is_empty() && takes_part {
        found.push(Deficiency {
            kind: DeficiencyKind::NoTrades,
            security: "",
            row: None,
            text: "no trades".to_owned(),
        });
    }
    for security in &matched.securities {
        let mut collector = Collector {
            rules: book.rules(),
            security,
            found: Vec::new(),
        };
        collector.balance();
        collector.oversold();
        collector.repeated(book, &matched.repeated);
        collector.days();
        let mut of_security = collector.found;
        of_security.sort_by_key(|(place, row, one)| (*place, *row, one.kind));
        found.extend(of_security.into_iter().map(|(_, _, one)| one));
    }
    found
}

struct Collector<'m, 'b> {
    rules: &'m TradeRules,
    security: &'m MatchedSecurity<'b>,
    /// Each with the place of its trade, and its row.
    found: Vec<(usize, u32, Deficiency<'m>)>,
}

impl Collector<'_, '_> {
    fn add(&mut self, kind: DeficiencyKind, place: usize, text: String) {
        let row = self.security.trades.get(place).map(|trade| trade.row);
        self.add_at(kind, (place, row), text);
    }

    fn add_at(&mut self, kind: DeficiencyKind, at: (usize, Option<u32>), text: String) {
        let (place, row) = at;
        let deficiency = Deficiency {
            kind,
            security: self.security.name,
            row: row.map(|row| u64::from(row) + 1),
            text,
        };
        self.found
            .push((place, row.unwrap_or(u32::MAX), deficiency));
    }

    fn balance(&mut self) {
        for off in &self.security.off {
            let position = number(&off.position);
            if let Some(place) = off.closing {
                let closing = self.security.trades.get(place).or_bug(LOST).signed();
                let text = format!("closing of {}, by the trades {position}", number(&closing));
                self.add(DeficiencyKind::Off, place, text);
            } else {
                let text = format!("no closing, by the trades {position}");
                self.add_at(DeficiencyKind::Off, (usize::MAX, None), text);
            }
        }
    }

    fn oversold(&mut self) {
        if self.rules.matching.is_none() {
            return;
        }
        let security = self.security;
        let lots = security.lots.iter();
        let mut by_trade: Vec<(usize, Exact)> = Vec::new();
        for lot in lots.filter(|lot| is_oversold(&security.trades, lot)) {
            let quantity = lot.quantity.as_ref().or_bug(LOST);
            match by_trade.last_mut() {
                Some((place, sum)) if *place == lot.opened => *sum = sum.plus(quantity),
                _ => by_trade.push((lot.opened, quantity.clone())),
            }
        }
        for (place, quantity) in by_trade {
            let text = format!("{} sold or delivered that was not held", number(&quantity));
            self.add(DeficiencyKind::Oversold, place, text);
        }
    }

    fn repeated(&mut self, book: &TradeBook, repeated: &[(u32, u32)]) {
        for &(row, first) in repeated {
            let list = book.list();
            if list.security(list.trade(row)) != self.security.name {
                continue;
            }
            // A holding that was added up is where the first of them is.
            let mut trades = self.security.trades.iter();
            let place = trades.position(|trade| trade.row == row || trade.added.contains(&row));
            let text = format!("same cells as row {}", u64::from(first) + 1);
            let at = (place.unwrap_or(usize::MAX), Some(row));
            self.add_at(DeficiencyKind::Repeated, at, text);
        }
    }

    /// Deficiencies within a day.
    fn days(&mut self) {
        if self.rules.matching.is_none() {
            return;
        }
        let trades = &self.security.trades;
        let mut start = 0;
        while start < trades.len() {
            let day = day_of(trades, start);
            let length = trades
                .iter()
                .skip(start)
                .take_while(|trade| trade.date == day)
                .count();
            if length > 1 {
                self.day(start..start + length);
            }
            start += length.max(1);
        }
        for (place, trade) in trades.iter().enumerate() {
            if !trade.added.is_empty() {
                let what = match trade.kind {
                    TradeKind::Opening => "openings",
                    _ => "closings",
                };
                let text = format!("{} {what} added up", trade.added.len() + 1);
                self.add(DeficiencyKind::AddedUp, place, text);
            }
        }
    }

    fn day(&mut self, places: std::ops::Range<usize>) {
        let trades = &self.security.trades;
        let of_kind = |kind: TradeKind| {
            let places = places.clone();
            places.filter(move |place| trades.get(*place).is_some_and(|trade| trade.kind == kind))
        };
        let prices = |kind: TradeKind| {
            let prices = of_kind(kind).filter_map(|place| trades.get(place)?.price.as_ref());
            let prices: Vec<&Exact> = prices.collect();
            prices.windows(2).any(|pair| pair.first() != pair.last())
        };
        let of_prices = [
            (
                TradeKind::Purchase,
                DeficiencyKind::PurchasesAtDifferentPrices,
                "purchases",
            ),
            (
                TradeKind::Sale,
                DeficiencyKind::SalesAtDifferentPrices,
                "sales",
            ),
        ];
        let mut found = Vec::new();
        for (kind, deficiency, what) in of_prices {
            if !self.rules.places.is_amount && prices(kind) {
                let text =
                    format!("{what} of one day at different prices: the order of the file decides");
                found.extend(of_kind(kind).next().map(|place| (deficiency, place, text)));
            }
        }
        let quantity = |place: usize| trades.get(place).and_then(|trade| trade.quantity.clone());
        let mut received: Vec<Exact> = of_kind(TradeKind::Receipt).filter_map(quantity).collect();
        for place in of_kind(TradeKind::Delivery) {
            let delivered = quantity(place).or_bug(LOST);
            if let Some(same) = received.iter().position(|received| *received == delivered) {
                received.swap_remove(same);
                let units = number(&delivered);
                let text =
                    format!("{units} received and {units} delivered on one day: a transfer?");
                found.push((DeficiencyKind::Transfer, place, text));
            }
        }
        for (kind, place, text) in found {
            self.add(kind, place, text);
        }
    }
}

fn day_of(trades: &[PlacedTrade], place: usize) -> Option<Date> {
    trades.get(place).and_then(|trade| trade.date)
}

/// A number as lots.csv and deficiencies.csv show it: `10.5`, `10/3`.
pub(crate) fn number(number: &Exact) -> String {
    number.written()
}
