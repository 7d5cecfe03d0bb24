//! `[trades]`: how a file of trades is read, and how its trades are matched into lots.

pub(crate) mod reader;

use crate::base::dates::Date;
use crate::base::exact::Exact;
use crate::plan::cell::{ColumnId, ValueId};
use crate::plan::columns::Columns;
use crate::plan::kinds::words;
use crate::plan::lot_names::LotColumn;

/// The rules about trades.
#[derive(Debug, Clone)]
pub(crate) struct TradeRules {
    /// The columns of the trades file; the id is the first.
    pub file: Columns,
    pub places: TradeColumns,
    /// The kind of trades with each text in the column of kinds.
    pub kinds: Vec<(String, TradeKind)>,
    /// The order in which lots are closed; `None` if each trade is a lot.
    pub matching: Option<Matching>,
    pub splits: Vec<Split>,
    /// The columns of lots.
    pub lots: Columns,
    /// The values per lot that claims read.
    pub values: Vec<ValueId>,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
}

/// The columns of the trades file that have a meaning of their own; those of the others
/// that the plan reads.
#[derive(Debug, Clone)]
pub(crate) struct TradeColumns {
    pub id: ColumnId,
    pub kind: Option<ColumnId>,
    pub date: ColumnId,
    pub quantity: ColumnId,
    pub price: ColumnId,
    /// True if the column of prices has the amount of the whole trade.
    pub is_amount: bool,
    pub security: SecurityRule,
    pub others: Vec<ColumnId>,
}

/// The column of securities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityRule {
    Column(ColumnId),
    /// The plan says that everything is the same security.
    One,
    /// The plan does not say: a file with a column of that name is refused.
    Unsaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    Fifo,
    Lifo,
}

words! {
    Matching { "fifo" Fifo, "lifo" Lifo }
    TradeKind { "opening" Opening, "purchase" Purchase, "sale" Sale, "receipt" Receipt, "delivery" Delivery, "closing" Closing, "ignore" Ignored }
}

/// The kind of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TradeKind {
    /// A holding at the beginning.
    Opening,
    Purchase,
    Sale,
    /// Units that came in other than by purchase.
    Receipt,
    /// Units that went out other than by sale.
    Delivery,
    /// A holding at the end of a day, or of all.
    Closing,
    /// No trade.
    Ignored,
}

impl TradeKind {
    pub(crate) fn is_holding(self) -> bool {
        matches!(self, Self::Opening | Self::Closing)
    }

    /// The place among the trades of one day: what comes in, then what goes out, then
    /// the holding at its end.
    pub(crate) fn place_on_day(self) -> u8 {
        match self {
            Self::Opening => 0,
            Self::Purchase | Self::Receipt => 1,
            Self::Sale | Self::Delivery => 2,
            Self::Closing | Self::Ignored => 3,
        }
    }
}

/// New units for old ones.
#[derive(Debug, Clone)]
pub(crate) struct Split {
    /// The first day of trading in new units.
    pub on: Date,
    /// The number of new units for an old one.
    pub ratio: Exact,
    /// The security; `None` for all.
    pub security: Option<String>,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
}

impl Split {
    /// True if units of a trade are old ones.
    pub(crate) fn applies(&self, kind: TradeKind, date: Option<Date>, security: &str) -> bool {
        let is_its = self.security.as_ref().is_none_or(|its| its == security);
        let is_before = match date {
            Some(date) => date < self.on,
            None => kind == TradeKind::Opening,
        };
        is_its && is_before
    }
}

impl TradeRules {
    /// The meaning of a column of lots.
    pub(crate) fn lot_column(&self, id: ColumnId) -> Option<&LotColumn> {
        self.lots.get(id)?.lot.as_ref()
    }

    /// The column of the trades file that a column of lots comes from.
    pub(crate) fn file_column(&self, column: &LotColumn) -> ColumnId {
        let places = &self.places;
        match column {
            LotColumn::Kind | LotColumn::ClosedBy => places.kind.unwrap_or(places.id),
            LotColumn::Side
            | LotColumn::Quantity
            | LotColumn::OpenedQuantity
            | LotColumn::ClosedQuantity => places.quantity,
            LotColumn::Bought | LotColumn::Sold | LotColumn::Date => places.date,
            LotColumn::Paid | LotColumn::Received | LotColumn::Price => places.price,
            LotColumn::Security => match places.security {
                SecurityRule::Column(id) => id,
                SecurityRule::One | SecurityRule::Unsaid => places.id,
            },
            LotColumn::Other { name, .. } => {
                let mut columns = self.file.iter();
                let known = columns.find(|(_, column)| column.name == *name);
                known.map_or(places.id, |(id, _)| id)
            }
        }
    }

    /// The column of the trades file with this name, which control totals add up, so that
    /// its cells must be numbers.
    pub(crate) fn add_up(&mut self, name: &str) -> ColumnId {
        let id = self.file.id(name);
        let places = &mut self.places;
        if id != places.quantity && id != places.price && !places.others.contains(&id) {
            places.others.push(id);
        }
        if let Some(column) = self.file.get_mut(id) {
            column.is_read_as_number = true;
            column.optional = false;
        }
        id
    }

    /// True if a value of lots reads a column of this kind.
    pub(crate) fn read(&self, is_it: impl Fn(&LotColumn) -> bool) -> bool {
        let mut columns = self.lots.iter();
        columns.any(|(_, column)| column.lot.as_ref().is_some_and(&is_it))
    }

    /// The new units for an old one at this point in time; `None` if units have not
    /// changed.
    pub(crate) fn factor<'s>(
        &self,
        kind: TradeKind,
        date: Option<Date>,
        security: impl Fn() -> &'s str,
    ) -> Option<Exact> {
        let splits = self.splits.iter();
        let splits = splits.filter(|split| split.applies(kind, date, security()));
        let ratios = splits.map(|split| split.ratio.clone());
        ratios.reduce(|factor, ratio| factor.times(&ratio))
    }
}
