//! The names under which values per lot read trades, and those under which claims read
//! what is known of their trades.

use crate::base::diagnostics::{Message, literal};
use crate::plan::cell::CellKind;
use crate::plan::messages;

/// A column of lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LotColumn {
    /// `long` or `short`.
    Side,
    /// The text of the column of kinds, of the opening trade.
    Kind,
    /// The same of the closing trade.
    ClosedBy,
    Bought,
    Paid,
    Sold,
    Received,
    Quantity,
    Security,
    OpenedQuantity,
    ClosedQuantity,
    /// Without matching: the day and the price of the trade.
    Date,
    Price,
    /// Any other column of the opening or the closing trade.
    Other {
        name: String,
        closing: bool,
    },
}

/// A fact about the trades of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TradeFact {
    Balance,
    Oversold,
    Repeated,
}

impl TradeFact {
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("balance", Self::Balance),
        ("oversold", Self::Oversold),
        ("repeated", Self::Repeated),
    ];

    /// The only texts of its column.
    pub(crate) fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Balance => &["ok", "off", "none"],
            Self::Oversold | Self::Repeated => &["yes", "no"],
        }
    }
}

/// The texts of the column `side`.
pub(crate) const SIDES: [&str; 2] = ["long", "short"];

const OF_LOTS: [(&str, LotColumn); 11] = [
    ("side", LotColumn::Side),
    ("kind", LotColumn::Kind),
    ("closed_by", LotColumn::ClosedBy),
    ("bought", LotColumn::Bought),
    ("paid", LotColumn::Paid),
    ("sold", LotColumn::Sold),
    ("received", LotColumn::Received),
    ("quantity", LotColumn::Quantity),
    ("security", LotColumn::Security),
    ("opened_quantity", LotColumn::OpenedQuantity),
    ("closed_quantity", LotColumn::ClosedQuantity),
];

const OF_TRADES: [(&str, LotColumn); 5] = [
    ("kind", LotColumn::Kind),
    ("date", LotColumn::Date),
    ("quantity", LotColumn::Quantity),
    ("price", LotColumn::Price),
    ("security", LotColumn::Security),
];

/// The names of the columns of lots.
#[derive(Debug, Clone, Default)]
pub(crate) struct LotNames {
    /// True if trades are matched; otherwise each trade is a lot.
    pub matched: bool,
    /// True if there are several securities.
    pub has_security: bool,
    /// The columns of the trades file that `[trades]` names, each with the key that names it.
    pub named: Vec<(String, &'static str)>,
    /// The texts of the column of kinds.
    pub kinds: Vec<String>,
}

/// True if no value may have this name in a plan with trades: lots.csv has a column of
/// this name, or claims do.
pub(crate) fn is_reserved(name: &str) -> bool {
    let of_lots = OF_LOTS.iter().chain(&OF_TRADES).map(|(known, _)| *known);
    let facts = TradeFact::ALL.iter().map(|(known, _)| *known);
    let facts = facts.chain(["claimant_id", "opened_row", "closed_row", "row"]);
    of_lots.chain(facts).any(|known| known == name)
}

impl LotNames {
    /// The column of lots with this name.
    pub(crate) fn column(&self, name: &str) -> Result<LotColumn, Message> {
        let known = self.known();
        if let Some((_, column)) = known.iter().find(|(known, _)| *known == name) {
            if *column == LotColumn::Security && !self.has_security {
                return Err(messages::lots_without_security());
            }
            return Ok(column.clone());
        }
        if self.matched
            && let Some(rest) = name.strip_prefix("close_")
            && self.key_of(rest).is_none()
            && !rest.is_empty()
        {
            return Ok(LotColumn::Other {
                name: rest.to_owned(),
                closing: true,
            });
        }
        if let Some(key) = self.key_of(name) {
            let instead = self.instead(key);
            return Err(messages::lot_reads_named_column(&literal(name), key).hint(instead));
        }
        Ok(LotColumn::Other {
            name: name.to_owned(),
            closing: false,
        })
    }

    /// The names with a meaning of their own.
    fn known(&self) -> &'static [(&'static str, LotColumn)] {
        if self.matched { &OF_LOTS } else { &OF_TRADES }
    }

    /// True if a column of the trades file has the name of a column of lots, which
    /// hides it.
    pub(crate) fn hides(&self, name: &str) -> bool {
        self.key_of(name).is_none() && self.known().iter().any(|(known, _)| *known == name)
    }

    /// The key of `[trades]` that names a column of the trades file.
    fn key_of(&self, name: &str) -> Option<&'static str> {
        let named = self.named.iter().find(|(known, _)| known == name);
        named.map(|(_, key)| *key)
    }

    /// The names under which lots have what a column of the trades file holds.
    fn instead(&self, key: &str) -> String {
        let names = match (self.matched, key) {
            (_, "id") => "lots are added up over each claimant",
            (true, "kind") => "a lot has `kind` and `closed_by`",
            (true, "date") => "a lot has `bought` and `sold`",
            (true, "price" | "amount") => "a lot has `paid` and `received`, for one unit",
            (true, "quantity") => "a lot has `quantity`, `opened_quantity` and `closed_quantity`",
            (false, "amount") => "a lot has `price`, for one unit",
            (_, key) => return format!("a lot has `{key}`"),
        };
        names.to_owned()
    }

    /// The only texts of a column of lots, if it has no others.
    pub(crate) fn texts(&self, column: &LotColumn) -> Option<Vec<String>> {
        match column {
            LotColumn::Side => Some(SIDES.map(str::to_owned).to_vec()),
            LotColumn::Kind if !self.kinds.is_empty() => Some(self.kinds.clone()),
            LotColumn::ClosedBy => {
                let blank = std::iter::once(String::new());
                Some(self.kinds.iter().cloned().chain(blank).collect())
            }
            _ => None,
        }
    }
}

impl LotColumn {
    /// The kind of the cells, if the program computes them; other cells are read as
    /// formulas and conditions ask.
    pub(crate) fn kind(&self) -> Option<CellKind> {
        match self {
            Self::Side | Self::Kind | Self::ClosedBy | Self::Security => Some(CellKind::Text),
            Self::Bought | Self::Sold | Self::Date => Some(CellKind::Day),
            Self::Paid
            | Self::Received
            | Self::Price
            | Self::Quantity
            | Self::OpenedQuantity
            | Self::ClosedQuantity => Some(CellKind::Number),
            Self::Other { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(matched: bool) -> LotNames {
        LotNames {
            matched,
            has_security: false,
            named: vec![("type".to_owned(), "kind"), ("price".to_owned(), "price")],
            kinds: vec!["buy".to_owned()],
        }
    }

    #[test]
    fn a_lot_has_names_of_its_own_and_those_of_other_columns() {
        let other = |name: &str, closing| {
            Ok(LotColumn::Other {
                name: name.to_owned(),
                closing,
            })
        };
        let of_lots = names(true);
        assert_eq!(of_lots.column("paid"), Ok(LotColumn::Paid));
        assert_eq!(of_lots.column("fee"), other("fee", false));
        assert_eq!(of_lots.column("close_fee"), other("fee", true));
        // `price` itself is what `received` is of the closing trade.
        assert_eq!(of_lots.column("close_price"), other("close_price", false));
        assert!(of_lots.column("type").is_err() && of_lots.column("security").is_err());
        let of_trades = names(false);
        assert_eq!(of_trades.column("price"), Ok(LotColumn::Price));
        assert_eq!(of_trades.column("paid"), other("paid", false));
        assert_eq!(of_trades.column("close_fee"), other("close_fee", false));
    }

    #[test]
    fn a_column_with_the_name_of_another_is_hidden() {
        assert!(names(true).hides("sold") && !names(true).hides("price"));
        assert!(!names(false).hides("sold") && names(false).hides("quantity"));
    }
}
