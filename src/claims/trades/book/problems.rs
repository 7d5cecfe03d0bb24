//! Problems of trades that only all of them reveal, and warnings.

use std::sync::atomic::Ordering;

use crate::base::compact_column::index;
use crate::base::diagnostics::{ClaimProblem, literal, nearest, whole_literal};
use crate::claims::messages;
use crate::claims::trades::book::TradeBook;
use crate::claims::trades::placed_trades::TradeFault;
use crate::plan::trades::{SecurityRule, TradeKind};
use crate::plan::{ColumnId, Plan};

/// Warnings about columns of the file that values cannot read, because columns of lots or
/// other values have their names.
pub(super) fn hidden(plan: &Plan, names: &[String]) -> Vec<String> {
    let trades = plan.trades.as_ref();
    let lots = trades.and_then(|trades| trades.lots.lots.as_ref());
    let Some(lots) = lots else {
        return Vec::new();
    };
    let warning = |name: &String| {
        let shown = whole_literal(name);
        if lots.hides(name) {
            return Some(format!(
                "the trades file has a column {shown}, which values cannot read: {shown} is a column of lots"
            ));
        }
        let of_closing = format!("close_{name}");
        let mut values = plan.values.iter().filter(|value| value.is_per_lot());
        let is_value = values.any(|value| value.key == of_closing);
        let value = whole_literal(&of_closing);
        (lots.matched && is_value).then(|| {
            format!(
                "the trades file has a column {shown}, which values cannot read of closing trades: {value} is a value of the plan"
            )
        })
    };
    names.iter().filter_map(warning).collect()
}

impl TradeBook {
    /// The problems of splits in a security that no trade has.
    pub(crate) fn splits_of_no_security(&self) -> Vec<ClaimProblem> {
        let (rules, mut problems) = (self.rules(), Vec::new());
        let SecurityRule::Column(column) = rules.places.security else {
            return problems;
        };
        let (list, rows) = (self.list(), self.all_rows());
        for split in &rules.splits {
            let Some(security) = &split.security else {
                continue;
            };
            let is_its = |row: u32| {
                let trade = list.trade(row);
                trade.kind(rules) != TradeKind::Ignored && list.security(trade) == security
            };
            if rows.clone().any(is_its) {
                continue;
            }
            let mut texts: Vec<&str> = rows
                .clone()
                .map(|row| list.security(list.trade(row)))
                .collect();
            texts.sort_unstable();
            texts.dedup();
            let near = nearest(security, texts.into_iter().filter(|text| !text.is_empty()));
            let hint = match near {
                Some(near) => format!("did you mean {}?", literal(near)),
                None => "correct the `security` of the split in the plan".to_owned(),
            };
            let message = messages::split_of_no_security(&literal(security)).hint(hint);
            let file = self.files().first();
            problems.push(ClaimProblem {
                file: file.map_or_else(String::new, |file| file.shown.clone()),
                column: Some(rules.file.name(column).to_owned()),
                ..message.into()
            });
        }
        problems
    }

    /// A problem of a trade.
    pub(crate) fn problem(&self, id: &str, fault: TradeFault) -> ClaimProblem {
        let columns = &self.rules().file;
        let cell = fault.column.map(|column| {
            let text = self.text(fault.row, column);
            (columns.name(column), text)
        });
        let cell = cell.as_ref().map(|(name, text)| (*name, text.as_str()));
        self.rows.problem(fault.row, id, cell, fault.message)
    }

    /// A cell as text: numbers and days in the program's own form.
    fn text(&self, row: u32, column: ColumnId) -> String {
        let (trade, rules) = (self.list().trade(row), self.rules());
        let places = &rules.places;
        let number = |number: Option<rust_decimal::Decimal>| {
            number.map_or_else(String::new, crate::base::decimal::text)
        };
        if let Some(other) = places.others.iter().position(|other| *other == column) {
            return self.list().other(row, other).to_owned();
        }
        if Some(column) == places.kind {
            let kind = rules.kinds.get(usize::from(trade.kind));
            return kind.map_or_else(String::new, |(text, _)| text.clone());
        }
        if column == places.date {
            return trade.date.map_or_else(String::new, |date| date.to_string());
        }
        if column == places.quantity {
            return number(trade.quantity);
        }
        if column == places.price {
            return number(trade.price);
        }
        self.list().security(trade).to_owned()
    }

    /// Trades of claimants that the claims do not have.
    pub(crate) fn unknown_claimants<'i>(
        &self,
        ids: impl Fn() -> Box<dyn Iterator<Item = &'i str> + 'i>,
    ) -> Vec<ClaimProblem> {
        /// The number of claimants for whom the most similar id is looked for.
        const MOST_LOOKED_FOR: usize = 20;
        let mut unknown: Vec<(u32, &str)> = Vec::new();
        for (claimant, found) in (0..).zip(&self.found) {
            if !found.load(Ordering::Relaxed) {
                unknown.push((claimant, self.claimants.id(index(claimant))));
            }
        }
        let problem = |(place, (claimant, id)): (usize, (u32, &str))| {
            let zeros = |id: &str| id.trim_start_matches('0').to_owned();
            let near = if place < MOST_LOOKED_FOR {
                let alike = ids().find(|other| zeros(other).eq_ignore_ascii_case(&zeros(id)));
                alike.or_else(|| nearest(id, ids()))
            } else {
                None
            };
            let hint = match near {
                Some(near) => format!("did you mean {}?", literal(near)),
                None => "add the claim to the claims file, or remove the trade".to_owned(),
            };
            let message = messages::trade_of_no_claim(&literal(id)).hint(hint);
            let message = message.suggest(near.map(str::to_owned));
            let column = self.rules().places.id;
            let name = self.rules().file.name(column);
            let problem = |row: &u32| {
                self.rows
                    .problem(*row, id, Some((name, id)), message.clone())
            };
            let rows = self.rows_of_number(claimant).iter();
            rows.map(problem).collect::<Vec<_>>()
        };
        unknown.into_iter().enumerate().flat_map(problem).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_that_values_cannot_read_are_warned_of() {
        let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 1\n[claims]\nstatus = false\n\
                    [trades]\nsecurity = false\nmatch = \"fifo\"\npurchase = [\"buy\"]\n\
                    [value.close_fee]\nper = \"lot\"\nsteps = [ { add = { column = \"paid\" } } ]\n\
                    [[pool]]\nname = \"p\"\naward = [ { add = { column = \"close_fee\" } } ]\n";
        let plan = Plan::from_text("plan.toml", plan).unwrap();
        let names = ["claimant_id", "price", "fee", "sold", "tax"].map(str::to_owned);
        assert_eq!(
            hidden(&plan, &names),
            [
                "the trades file has a column `fee`, which values cannot read of closing trades: `close_fee` is a value of the plan",
                "the trades file has a column `sold`, which values cannot read: `sold` is a column of lots",
            ]
        );
    }
}
