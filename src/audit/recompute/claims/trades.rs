//! Trades read, matched and added up a second time: rows as text, quantities as fractions,
//! and open units in a plain list.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use num_traits::{One, Signed, Zero};

use crate::audit::recompute::cell_maps::CellMaps;
use crate::audit::recompute::claims::{SeenClaim, found, rows_of_files};
use crate::audit::recompute::number::{Fraction, amount};
use crate::base::dates::Date;
use crate::base::exact::Exact;
use crate::claims::input::Input;
use crate::plan::cell::{Cells, ComputedCell, Facts};
use crate::plan::lot_names::{LotColumn, TradeFact};
use crate::plan::trades::{Matching, SecurityRule, TradeKind, TradeRules};
use crate::plan::{ColumnId, Plan, ValueId};

/// The trades of all claimants, by id.
#[derive(Debug, Default)]
pub(super) struct SecondTrades(HashMap<String, Vec<SecondTrade>>);

/// A trade in new units.
#[derive(Debug, Clone)]
struct SecondTrade {
    /// The cells that the plan reads, in the order of the file's columns.
    cells: Vec<String>,
    /// All cells.
    whole: Vec<String>,
    kind: TradeKind,
    date: Option<Date>,
    /// With its sign.
    quantity: Option<Fraction>,
    price: Option<Fraction>,
    security: String,
}

/// A lot, with the trades that opened and closed it.
struct SecondLot<'t> {
    rules: &'t TradeRules,
    is_short: bool,
    opened: &'t SecondTrade,
    closed: Option<&'t SecondTrade>,
    quantity: Option<Fraction>,
}

/// The facts about a claimant's trades by the second computation.
#[derive(Debug, Default)]
pub(super) struct SecondFacts {
    texts: [&'static str; 3],
    /// The sums of the values per lot, by index in the plan; `None` for other values.
    sums: Vec<Option<Fraction>>,
}

impl SecondFacts {
    pub(super) fn text(&self, fact: TradeFact) -> &'static str {
        let [balance, oversold, repeated] = self.texts;
        match fact {
            TradeFact::Balance => balance,
            TradeFact::Oversold => oversold,
            TradeFact::Repeated => repeated,
        }
    }

    /// The sums of values per lot among the values of a claim.
    pub(super) fn add_to(self, values: &mut [Option<Fraction>]) {
        for (value, sum) in values.iter_mut().zip(self.sums) {
            if sum.is_some() {
                *value = sum;
            }
        }
    }
}

impl SecondTrades {
    /// Reads all files of trades.
    pub(super) fn read(plan: &Plan, inputs: &[Input]) -> Result<Self> {
        let Some(own) = plan.of_trades_file() else {
            return Ok(Self::default());
        };
        let rules = own.trades.as_ref().context("the plan has no trades")?;
        let maps = CellMaps::of(&own);
        let mut trades = Self::default();
        rows_of_files(&own, inputs, &mut |places, record| {
            let cell = |place: &usize| record.get(*place).unwrap_or_default().trim();
            let cells = places.iter().map(cell).enumerate();
            let cells: Vec<String> = cells
                .map(|(number, cell)| maps.read(number, cell))
                .collect();
            let id = cells.get(rules.places.id.0).cloned().unwrap_or_default();
            let whole = record.iter().map(|cell| cell.trim().to_owned()).collect();
            if let Some(trade) = SecondTrade::new(rules, cells, whole)? {
                trades.0.entry(id).or_default().push(trade);
            }
            Ok(())
        })?;
        Ok(trades)
    }

    /// The facts about a claimant's trades; sums only of payable and held claims.
    pub(super) fn facts(&self, plan: &Plan, id: &str) -> SecondFacts {
        let Some(rules) = &plan.trades else {
            return SecondFacts::default();
        };
        let none = Vec::new();
        let trades = self.0.get(id).unwrap_or(&none);
        let (balance, is_oversold) = balance(rules, trades);
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        let mut wholes = HashSet::new();
        let is_repeated = trades.iter().any(|trade| !wholes.insert(&trade.whole));
        SecondFacts {
            texts: [balance, yes(is_oversold), yes(is_repeated)],
            sums: Vec::new(),
        }
    }

    /// Adds the sums over the lots of a payable or held claim.
    pub(super) fn add_sums(&self, plan: &Plan, id: &str, facts: &mut SecondFacts) -> Result<()> {
        let Some(rules) = &plan.trades else {
            return Ok(());
        };
        let none = Vec::new();
        let trades = self.0.get(id).unwrap_or(&none);
        facts.sums = vec![None; plan.values.len()];
        for ValueId(number) in &rules.values {
            if let Some(sum) = facts.sums.get_mut(*number) {
                *sum = Some(Fraction::zero());
            }
        }
        let mut of_all = Vec::new();
        let trades = &one_opening_each(rules, trades);
        for trades in by_security(trades) {
            match rules.matching {
                Some(matching) => of_all.extend(matched(rules, &in_order(&trades), matching)),
                None => of_all.extend(trades.into_iter().map(|trade| SecondLot {
                    rules,
                    is_short: false,
                    quantity: trade.quantity.clone(),
                    opened: trade,
                    closed: None,
                })),
            }
        }
        for lot in &of_all {
            let seen = SeenClaim::of_lot(plan, lot);
            for id in &rules.values {
                let value = seen.value(*id).map_err(found)?.ratio();
                if let Some(Some(sum)) = facts.sums.get_mut(id.0) {
                    *sum += value;
                }
            }
        }
        Ok(())
    }
}

impl SecondTrade {
    /// A row; `None` if it is no trade.
    fn new(rules: &TradeRules, cells: Vec<String>, whole: Vec<String>) -> Result<Option<Self>> {
        let places = &rules.places;
        let cell = |id: ColumnId| cells.get(id.0).map_or("", String::as_str);
        let mut kinds = rules.kinds.iter();
        let text = places.kind.map_or("", cell);
        let kind = match kinds.find(|(known, _)| known == text) {
            Some((_, TradeKind::Ignored)) => return Ok(None),
            Some((_, kind)) => *kind,
            None => TradeKind::Purchase,
        };
        let number = |id: ColumnId| -> Result<Option<Fraction>> {
            let text = cell(id);
            if text.is_empty() {
                return Ok(None);
            }
            let format = rules.file.format(id);
            Ok(Some(match text.strip_prefix('-') {
                Some(text) => -amount(&format, text)?,
                None => amount(&format, text)?,
            }))
        };
        let date = match cell(places.date) {
            "" => None,
            text => {
                let day = rules.file.format(places.date).day(places.date, text);
                Some(day.map_err(found)?)
            }
        };
        let security = match places.security {
            SecurityRule::Column(id) => cell(id).to_owned(),
            SecurityRule::One | SecurityRule::Unsaid => String::new(),
        };
        let mut factor = Fraction::one();
        for split in &rules.splits {
            let is_its = split.security.as_ref().is_none_or(|its| *its == security);
            let is_old = date.map_or(kind == TradeKind::Opening, |date| date < split.on);
            if is_its && is_old {
                factor *= split.ratio.ratio();
            }
        }
        let quantity = number(places.quantity)?.map(|quantity| quantity * &factor);
        let price = match (number(places.price)?, &quantity, places.is_amount) {
            (Some(amount), Some(quantity), true) if !quantity.is_zero() => {
                Some(amount / quantity.abs())
            }
            (_, _, true) => None,
            (price, _, false) => price.map(|price| price / &factor),
        };
        Ok(Some(Self {
            cells,
            whole,
            kind,
            date,
            quantity,
            price,
            security,
        }))
    }

    fn units(&self) -> Fraction {
        let quantity = self.quantity.clone().unwrap_or_else(Fraction::zero);
        match self.kind {
            TradeKind::Sale | TradeKind::Delivery => -quantity,
            _ => quantity,
        }
    }
}

/// Trades with the openings of several accounts in one, which is where the first of
/// them is.
fn one_opening_each(rules: &TradeRules, trades: &[SecondTrade]) -> Vec<SecondTrade> {
    let mut kept: Vec<SecondTrade> = Vec::new();
    for trade in trades {
        let is_opening = rules.matching.is_some() && trade.kind == TradeKind::Opening;
        let mut known = kept.iter_mut();
        let known = known.find(|one| {
            is_opening && one.kind == TradeKind::Opening && one.security == trade.security
        });
        match known {
            Some(first) => {
                let sum = first.units() + trade.units();
                first.quantity = Some(sum);
            }
            None => kept.push(trade.clone()),
        }
    }
    kept
}

fn by_security(trades: &[SecondTrade]) -> Vec<Vec<&SecondTrade>> {
    let mut securities: Vec<Vec<&SecondTrade>> = Vec::new();
    for trade in trades {
        let mut known = securities.iter_mut();
        let known = known.find(|one| {
            one.first()
                .is_some_and(|first| first.security == trade.security)
        });
        match known {
            Some(security) => security.push(trade),
            None => securities.push(vec![trade]),
        }
    }
    securities
}

/// Trades in the order of the plan reference; those of one file are in the order of rows.
fn in_order<'t>(trades: &[&'t SecondTrade]) -> Vec<&'t SecondTrade> {
    let mut sorted = trades.to_vec();
    sorted.sort_by_key(|trade| {
        let (phase, place) = match (trade.kind, trade.date) {
            (TradeKind::Opening, _) => (0, 0),
            (TradeKind::Closing, None) => (2, 0),
            (TradeKind::Purchase | TradeKind::Receipt, _) => (1, 0),
            (TradeKind::Sale | TradeKind::Delivery, _) => (1, 1),
            (TradeKind::Closing | TradeKind::Ignored, _) => (1, 2),
        };
        (phase, trade.date.filter(|_| phase == 1), place)
    });
    sorted
}

/// Units in the order in which they were opened: closed are the first or the last.
fn matched<'t>(
    rules: &'t TradeRules,
    trades: &[&'t SecondTrade],
    matching: Matching,
) -> Vec<SecondLot<'t>> {
    let mut lots = Vec::new();
    let mut open: Vec<(&SecondTrade, Fraction)> = Vec::new();
    for trade in trades {
        if trade.kind == TradeKind::Closing {
            continue;
        }
        // Above 0 units come in, below 0 they go out.
        let mut units = trade.units();
        while !units.is_zero() && trade.kind != TradeKind::Opening {
            let place = match matching {
                Matching::Fifo => 0,
                Matching::Lifo => open.len().saturating_sub(1),
            };
            let Some((opened, held)) = open.get_mut(place) else {
                break;
            };
            if held.is_positive() == units.is_positive() {
                break;
            }
            let closed = if units.abs() < held.abs() {
                units.abs()
            } else {
                held.abs()
            };
            lots.push(SecondLot {
                rules,
                is_short: held.is_negative(),
                opened,
                closed: Some(trade),
                quantity: Some(closed.clone()),
            });
            let sign = units.signum();
            units -= &sign * &closed;
            *held += &sign * &closed;
            if held.is_zero() {
                open.remove(place);
            }
        }
        if units.is_zero() {
            continue;
        }
        open.push((trade, units));
    }
    lots.extend(
        open.into_iter()
            .filter(|(_, units)| !units.is_zero())
            .map(|(opened, units)| SecondLot {
                rules,
                is_short: units.is_negative(),
                opened,
                closed: None,
                quantity: Some(units.abs()),
            }),
    );
    lots
}

/// The balance, and whether more was sold than was held.
fn balance(rules: &TradeRules, trades: &[SecondTrade]) -> (&'static str, bool) {
    if rules.matching.is_none() {
        return ("none", false);
    }
    let (mut has_closing, mut is_off, mut is_oversold) = (false, false, false);
    let mut without = Vec::new();
    for trades in by_security(trades) {
        let trades = in_order(&trades);
        let (mut position, mut ends) = (Fraction::zero(), Vec::new());
        for trade in &trades {
            if trade.kind == TradeKind::Closing {
                ends.push((trade.date, trade.units(), position.clone()));
                continue;
            }
            let before = position.clone();
            position += trade.units();
            let goes_out = matches!(trade.kind, TradeKind::Sale | TradeKind::Delivery);
            is_oversold |= goes_out && position.is_negative() && position < before;
        }
        has_closing |= !ends.is_empty();
        if ends.is_empty() {
            without.push(position);
            continue;
        }
        // Closings of one day of several accounts are one.
        while let Some((day, _, at_end)) = ends.first().cloned() {
            let of_day = ends.iter().filter(|(other, ..)| *other == day);
            let sum: Fraction = of_day.map(|(_, units, _)| units).sum();
            is_off |= sum != at_end;
            ends.retain(|(other, ..)| *other != day);
        }
    }
    let is_off = is_off || without.iter().any(|position| !position.is_zero());
    let balance = match (has_closing, is_off) {
        (false, _) => "none",
        (true, false) => "ok",
        (true, true) => "off",
    };
    (balance, is_oversold)
}

impl SecondLot<'_> {
    fn trade(&self, column: &LotColumn) -> Option<&SecondTrade> {
        let (bought, sold) = if self.is_short {
            (self.closed, Some(self.opened))
        } else {
            (Some(self.opened), self.closed)
        };
        match column {
            LotColumn::Bought | LotColumn::Paid => bought,
            LotColumn::Sold | LotColumn::Received => sold,
            LotColumn::ClosedBy
            | LotColumn::ClosedQuantity
            | LotColumn::Other { closing: true, .. } => self.closed,
            _ => Some(self.opened),
        }
    }
}

impl Cells for SecondLot<'_> {
    fn cell(&self, id: ColumnId) -> &str {
        if self.computed(id).is_some() {
            return "computed";
        }
        let Some(column) = self.rules.lot_column(id) else {
            return "";
        };
        match column {
            LotColumn::Side if self.is_short => "short",
            LotColumn::Side => "long",
            LotColumn::Kind
            | LotColumn::ClosedBy
            | LotColumn::Security
            | LotColumn::Other { .. } => {
                let place = self.rules.file_column(column);
                let trade = self.trade(column);
                trade
                    .and_then(|trade| trade.cells.get(place.0))
                    .map_or("", String::as_str)
            }
            _ => "",
        }
    }

    fn computed(&self, id: ColumnId) -> Option<ComputedCell> {
        let column = self.rules.lot_column(id)?;
        let number = |number: &Option<Fraction>| {
            number
                .clone()
                .map(|number| ComputedCell::Number(Exact::from(number)))
        };
        match column {
            LotColumn::Bought | LotColumn::Sold | LotColumn::Date => {
                self.trade(column)?.date.map(ComputedCell::Day)
            }
            LotColumn::Paid | LotColumn::Received | LotColumn::Price => {
                number(&self.trade(column)?.price)
            }
            LotColumn::Quantity => number(&self.quantity),
            LotColumn::OpenedQuantity | LotColumn::ClosedQuantity => {
                number(&self.trade(column)?.quantity.as_ref().map(Fraction::abs))
            }
            _ => None,
        }
    }
}

impl<'a> SeenClaim<'a> {
    /// A lot as the plan sees it.
    fn of_lot(plan: &'a Plan, lot: &'a SecondLot<'_>) -> Self {
        Self {
            plan,
            cells: lot,
            values: RefCell::new(vec![None; plan.values.len()]),
            paid: Vec::new(),
        }
    }
}
