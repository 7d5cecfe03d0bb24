//! A lot as values per lot read it.

use crate::base::dates::Date;
use crate::base::diagnostics::OrBug as _;
use crate::base::exact::Exact;
use crate::claims::trades::TradeBook;
use crate::claims::trades::matching::{Lot, Side};
use crate::claims::trades::placed_trades::PlacedTrade;
use crate::claims::trades::trade_list::TradeList;
use crate::plan::ColumnId;
use crate::plan::cell::{CellKind, Cells, ComputedCell};
use crate::plan::lot_names::LotColumn;
use crate::plan::trades::TradeRules;

const LOST: &str = "a trade of a lot is missing";

/// The text of a computed cell, which nothing reads as text.
const COMPUTED: &str = "computed";

/// The cells of a lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LotCells<'m> {
    list: &'m TradeList,
    rules: &'m TradeRules,
    security: &'m str,
    pub lot: &'m Lot,
    pub opened: &'m PlacedTrade,
    pub closed: Option<&'m PlacedTrade>,
}

impl<'m> LotCells<'m> {
    pub(super) fn new(
        book: &'m TradeBook,
        security: &'m str,
        trades: &'m [PlacedTrade],
        lot: &'m Lot,
    ) -> Self {
        Self {
            list: book.list(),
            rules: book.rules(),
            security,
            lot,
            opened: trades.get(lot.opened).or_bug(LOST),
            closed: lot.closed.map(|closed| trades.get(closed).or_bug(LOST)),
        }
    }

    /// The trades in which units were bought and sold.
    fn bought_and_sold(&self) -> [Option<&'m PlacedTrade>; 2] {
        match self.lot.side {
            Side::Long => [Some(self.opened), self.closed],
            Side::Short => [self.closed, Some(self.opened)],
        }
    }

    /// The trade that a column of lots comes from; `None` if the lot is still open.
    pub(crate) fn trade_of(&self, column: &LotColumn) -> Option<&'m PlacedTrade> {
        let [bought, sold] = self.bought_and_sold();
        match column {
            LotColumn::Bought | LotColumn::Paid => bought,
            LotColumn::Sold | LotColumn::Received => sold,
            LotColumn::ClosedBy
            | LotColumn::ClosedQuantity
            | LotColumn::Other { closing: true, .. } => self.closed,
            _ => Some(self.opened),
        }
    }

    pub(crate) fn security(&self) -> &'m str {
        self.security
    }

    /// The text of the kind of a trade.
    pub(crate) fn kind_of(&self, trade: &PlacedTrade) -> &'m str {
        let places = &self.rules.places;
        let Some(column) = places.kind else { return "" };
        if let Some(other) = places.others.iter().position(|other| *other == column) {
            return self.list.other(trade.row, other);
        }
        let number = usize::from(self.list.trade(trade.row).kind);
        let kind = self.rules.kinds.get(number);
        kind.map_or("", |(text, _)| text)
    }

    pub(crate) fn bought(&self) -> Option<Date> {
        self.bought_and_sold()[0]?.date
    }

    pub(crate) fn sold(&self) -> Option<Date> {
        self.bought_and_sold()[1]?.date
    }

    pub(crate) fn paid(&self) -> Option<&'m Exact> {
        self.bought_and_sold()[0]?.price.as_ref()
    }

    pub(crate) fn received(&self) -> Option<&'m Exact> {
        self.bought_and_sold()[1]?.price.as_ref()
    }

    fn number(&self, column: &LotColumn) -> Option<&'m Exact> {
        match column {
            LotColumn::Paid => self.paid(),
            LotColumn::Received => self.received(),
            LotColumn::Price => self.opened.price.as_ref(),
            LotColumn::Quantity => self.lot.quantity.as_ref(),
            LotColumn::OpenedQuantity => self.opened.quantity.as_ref(),
            LotColumn::ClosedQuantity => self.closed?.quantity.as_ref(),
            _ => None,
        }
    }

    fn day(&self, column: &LotColumn) -> Option<Date> {
        match column {
            LotColumn::Bought => self.bought(),
            LotColumn::Sold => self.sold(),
            LotColumn::Date => self.opened.date,
            _ => None,
        }
    }

    fn text(&self, column: &LotColumn) -> &'m str {
        match column {
            LotColumn::Side => self.lot.side.word(),
            LotColumn::Kind => self.kind_of(self.opened),
            LotColumn::ClosedBy => self.closed.map_or("", |closed| self.kind_of(closed)),
            LotColumn::Security => self.security,
            LotColumn::Other { closing, .. } => {
                let trade = if *closing {
                    self.closed
                } else {
                    Some(self.opened)
                };
                let file = self.rules.file_column(column);
                let mut others = self.rules.places.others.iter();
                let other = others.position(|other| *other == file).or_bug(LOST);
                trade.map_or("", |trade| self.list.other(trade.row, other))
            }
            _ => "",
        }
    }
}

impl Cells for LotCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        let column = self.rules.lot_column(column).or_bug(LOST);
        let is_there = match column.kind() {
            Some(CellKind::Number) => self.number(column).is_some(),
            Some(CellKind::Day | CellKind::Moment) => self.day(column).is_some(),
            Some(CellKind::Text) | None => return self.text(column),
        };
        if is_there { COMPUTED } else { "" }
    }

    #[inline]
    fn computed(&self, column: ColumnId) -> Option<ComputedCell> {
        let column = self.rules.lot_column(column)?;
        if let Some(number) = self.number(column) {
            return Some(ComputedCell::Number(number.clone()));
        }
        self.day(column).map(ComputedCell::Day)
    }
}
