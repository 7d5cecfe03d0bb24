//! Trades in plain English: how they are read, ordered and matched.

use crate::plan::english::formulas::either;
use crate::plan::english::{DescriptionSection, EnglishWriter};
use crate::plan::lot_names::LotColumn;
use crate::plan::trades::{Matching, SecurityRule, Split, TradeKind, TradeRules};
use crate::plan::{ColumnId, sourced};

impl EnglishWriter<'_> {
    pub(super) fn trades(&self) -> Option<DescriptionSection> {
        let trades = self.plan.trades.as_ref()?;
        let mut sentences = vec![reading(trades)];
        sentences.extend(kinds(trades));
        sentences.push(prices(trades));
        for (id, column) in trades.file.iter() {
            let writer = self.of_trades_file();
            sentences.extend(writer.map(id, &column.map));
            sentences.extend(writer.column_rule(id, column));
        }
        sentences.extend(trades.splits.iter().map(|split| self.split(split)));
        sentences.extend(matching(trades));
        sentences.extend(whole_trades(trades));
        Some(DescriptionSection {
            title: "Trades".to_owned(),
            sentences,
        })
    }

    fn split(&self, split: &Split) -> String {
        let security = split.security.as_ref();
        let of = security.map_or_else(
            || "every security".to_owned(),
            |security| format!("\"{security}\""),
        );
        let on = self.plan.settlement.locale.date(split.on);
        let ratio = split.ratio.written();
        let rule = format!(
            "Split of {of}: trades and holdings before {on} have their quantity multiplied by {ratio} and their price divided by it; a holding without a day is counted before it if it is an opening one, and after it if it is a closing one"
        );
        sourced(&rule, split.source.as_deref()) + "."
    }
}

fn reading(trades: &TradeRules) -> String {
    let name = |id: ColumnId| format!("column \"{}\"", trades.file.name(id));
    let places = &trades.places;
    let securities = match places.security {
        SecurityRule::Column(id) => format!("; the security is in {}", name(id)),
        SecurityRule::One => "; everything is the same security".to_owned(),
        SecurityRule::Unsaid => "; a file with a column of securities is refused".to_owned(),
    };
    let rule = format!(
        "Each row of the trades file is one trade or holding of the claimant whose id is in {}; the day is in {} and the quantity in {}{securities}",
        name(places.id),
        name(places.date),
        name(places.quantity),
    );
    sourced(&rule, trades.source.as_deref()) + "."
}

/// The meaning of the texts of the column of kinds.
fn kinds(trades: &TradeRules) -> Option<String> {
    let column = trades.file.name(trades.places.kind?);
    let lists = [
        (TradeKind::Opening, "are holdings at the beginning"),
        (TradeKind::Purchase, "are purchases"),
        (TradeKind::Sale, "are sales"),
        (
            TradeKind::Receipt,
            "are units that came in other than by purchase",
        ),
        (
            TradeKind::Delivery,
            "are units that went out other than by sale",
        ),
        (TradeKind::Closing, "are holdings at the end"),
        (TradeKind::Ignored, "are no trades"),
    ];
    let words = lists.into_iter().filter_map(|(kind, words)| {
        let texts = trades.kinds.iter().filter(|(_, of)| *of == kind);
        let texts: Vec<&str> = texts.map(|(text, _)| text.as_str()).collect();
        (!texts.is_empty()).then(|| format!("rows with {} {words}", either(&texts)))
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| {
        let words = words.join("; ");
        format!("According to column \"{column}\", {words}. Any other text is an error.")
    })
}

fn prices(trades: &TradeRules) -> String {
    let column = trades.file.name(trades.places.price);
    if trades.places.is_amount {
        return format!(
            "Column \"{column}\" has the amount of the whole trade; the price of a unit is that amount divided by the quantity."
        );
    }
    format!("Column \"{column}\" has the price of a unit.")
}

/// The order of trades, and which lot is closed first.
fn matching(trades: &TradeRules) -> Vec<String> {
    let Some(matching) = trades.matching else {
        return vec!["Nothing is matched: each trade and each holding is a lot.".to_owned()];
    };
    let several = matches!(trades.places.security, SecurityRule::Column(_));
    let of = if several { " in each security" } else { "" };
    let first = match matching {
        Matching::Fifo => "first (first in, first out)",
        Matching::Lifo => "last (last in, first out)",
    };
    let lists = |kind: TradeKind| trades.kinds.iter().any(|(_, listed)| *listed == kind);
    let mut sentences = vec![
        format!(
            "The trades of a claimant{of} are taken in this order: the opening holding; then day by day; on one day what comes in, then what goes out, then a closing holding; then in the order of the file."
        ),
        format!(
            "They are matched into lots: what goes out closes long lots, of these the one that was opened {first}; what is left of it opens a short lot. What comes in closes short lots in the same way, and what is left of it opens a long lot. The rest of a lot that is closed in part stays open in its place."
        ),
    ];
    if lists(TradeKind::Opening) || lists(TradeKind::Closing) {
        sentences.push(
            "Holdings of several accounts with one day and price are added up; their other cells are those of the first row. A closing holding is compared with the trades up to the end of its day, and one without a day with all of them: the column `balance` is \"ok\", \"off\", or \"none\" if no closing holding is listed.".to_owned(),
        );
    }
    sentences
}

/// Numbers of whole trades that values read, which count once for each lot.
fn whole_trades(trades: &TradeRules) -> Option<String> {
    let matched = trades.matching.is_some();
    let others = trades.lots.iter().filter(|(_, column)| {
        matches!(column.lot, Some(LotColumn::Other { .. })) && column.is_read_as_number
    });
    let names: Vec<String> = others
        .map(|(_, column)| format!("\"{}\"", column.name))
        .collect();
    (matched && !names.is_empty()).then(|| {
        let (column, are, it) = match names.len() {
            1 => ("Column", "is", "it counts"),
            _ => ("Columns", "are", "they count"),
        };
        format!(
            "{column} {} {are} of the whole trade, so that {it} once for each of its lots.",
            names.join(" and ")
        )
    })
}
