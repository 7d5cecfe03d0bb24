//! Sample trades for sample claims, which the plan takes.

use std::sync::Arc;

use anyhow::Result;
use jiff::civil::Date;

use crate::base::csv_text::push_cell;
use crate::base::diagnostics::{OrBug as _, literal};
use crate::claims::input::Input;
use crate::claims::trades::{self, TradeBook, lot_values};
use crate::plan::cell_reading::DateFormat;
use crate::plan::lot_names::LotColumn;
use crate::plan::trades::{SecurityRule, TradeKind, TradeRules};
use crate::plan::{ColumnId, Plan};
use crate::run::messages;
use crate::run::sample::cell_generator::{CellGenerator, Random};
use crate::run::sample::from_plan::maker_of_lots;

/// The maximum number of attempts for the trades of one claimant.
const TRIES: u64 = 40;

/// Trades for the claimants of a sample, as a file that was read.
#[derive(Debug)]
pub(super) struct SampleTrades {
    pub text: Arc<str>,
    pub book: TradeBook,
}

/// Generates trades.
struct TradeMaker<'p> {
    rules: &'p TradeRules,
    names: Vec<String>,
    bought: CellGenerator,
    sold: CellGenerator,
    /// The generator for each other column.
    others: Vec<CellGenerator>,
    securities: Vec<String>,
    seed: u64,
}

/// A trade as it is generated.
struct MadeTrade {
    kind: TradeKind,
    day: Option<String>,
    units: u64,
    is_short: bool,
    cents: Option<u64>,
    security: String,
}

impl SampleTrades {
    /// Trades of claimants with these ids, until the plan can compute all their values.
    pub(super) fn new(plan: &Plan, ids: &[String], seed: u64) -> Result<Self> {
        let rules = plan.trades.as_ref().or_bug("the plan has no trades");
        let maker = TradeMaker::new(plan, rules, seed);
        let mut attempts = vec![0; ids.len()];
        loop {
            let text: Arc<str> = maker.file(ids, &attempts).into();
            let input = Input::Memory(Arc::clone(&text));
            let book = trades::read_of_run(&[input], plan, &|_| {})?;
            let book = book.or_bug("the plan has no trades");
            let mut is_done = true;
            for (id, attempt) in ids.iter().zip(&mut attempts) {
                let sums = book
                    .matched(id)
                    .and_then(|matched| lot_values::sums(plan, &book, &matched));
                let Err(faults) = sums else { continue };
                is_done = false;
                *attempt += 1;
                if *attempt == TRIES {
                    let fault = faults.into_iter().next().or_bug("a fault is missing");
                    let column = fault.column.map(|column| rules.file.name(column));
                    let column = column
                        .map_or_else(String::new, |name| format!("column {}: ", literal(name)));
                    let problem = format!("{column}{}", fault.message.text);
                    return Err(messages::no_sample_trades(&problem)
                        .hint(fault.message.hint)
                        .into());
                }
            }
            if is_done {
                return Ok(Self { text, book });
            }
        }
    }
}

impl<'p> TradeMaker<'p> {
    fn new(plan: &Plan, rules: &'p TradeRules, seed: u64) -> Self {
        let of_lots = |is_it: &dyn Fn(&LotColumn) -> bool| {
            let mut columns = rules.lots.iter();
            let column = columns.find(|(_, column)| column.lot.as_ref().is_some_and(is_it));
            column.map(|(id, column)| maker_of_lots(plan, rules, id, column))
        };
        let usual = CellGenerator::Date {
            first: Date::constant(2018, 1, 1),
            days: 1095,
            instant: false,
            form: DateFormat::Iso,
        };
        let is_day = |generator: &CellGenerator| matches!(generator, CellGenerator::Date { .. });
        let bought = of_lots(&|lot| matches!(lot, LotColumn::Bought | LotColumn::Date));
        let bought = bought.filter(is_day);
        let sold = of_lots(&|lot| *lot == LotColumn::Sold).filter(is_day);
        let securities = of_lots(&|lot| *lot == LotColumn::Security);
        let mut texts = match securities {
            Some(CellGenerator::Texts(texts)) => texts,
            _ => Vec::new(),
        };
        texts.extend(
            rules
                .splits
                .iter()
                .filter_map(|split| split.security.clone()),
        );
        texts.retain(|text| !text.is_empty());
        if texts.is_empty() {
            texts.push("Common stock".to_owned());
        }
        texts.sort();
        texts.dedup();
        let of_other = |other: &ColumnId| {
            let name = rules.file.name(*other);
            let is_its =
                |lot: &LotColumn| matches!(lot, LotColumn::Other { name: of, .. } if of == name);
            of_lots(&is_its).unwrap_or(CellGenerator::Texts(vec![String::new()]))
        };
        Self {
            rules,
            names: rules
                .file
                .iter()
                .map(|(_, column)| column.name.clone())
                .collect(),
            sold: sold
                .or_else(|| bought.clone())
                .unwrap_or_else(|| usual.clone()),
            bought: bought.unwrap_or(usual),
            others: rules.places.others.iter().map(of_other).collect(),
            securities: texts,
            seed,
        }
    }

    /// The whole file.
    fn file(&self, ids: &[String], attempts: &[u64]) -> String {
        let mut text = String::new();
        push_row(&mut text, self.names.iter().map(String::as_str));
        for ((number, id), attempt) in (1_u64..).zip(ids).zip(attempts) {
            let mut random = Random(self.seed ^ (number << 8) ^ (attempt << 48) ^ 0x7472_6164);
            let mut trades = self.trades(&mut random);
            if number == 1 {
                self.add_splits(&mut trades, &mut random);
            }
            for trade in trades {
                let row = self.row(id, &trade, number, &mut random);
                push_row(&mut text, row.iter().map(String::as_str));
            }
        }
        text
    }

    fn has(&self, kind: TradeKind) -> bool {
        self.rules.kinds.iter().any(|(_, known)| *known == kind)
    }

    fn trades(&self, random: &mut Random) -> Vec<MadeTrade> {
        let mut trades = Vec::new();
        let most = if self.rules.matching.is_some() { 2 } else { 1 };
        for number in 0..=random.below(most) {
            let place = usize::try_from(random.below(self.securities.len() as u64 + number));
            let place = place.unwrap_or(0) % self.securities.len().max(1);
            let security = self.securities.get(place).cloned().unwrap_or_default();
            let known = |trade: &MadeTrade| trade.security == security;
            if trades.iter().any(known) {
                continue;
            }
            trades.extend(self.of_security(&security, random));
        }
        trades
    }

    /// Adds trades in each security with a split, since a split without trades is refused.
    fn add_splits(&self, trades: &mut Vec<MadeTrade>, random: &mut Random) {
        let splits = self.rules.splits.iter();
        for security in splits.filter_map(|split| split.security.as_ref()) {
            if trades.iter().all(|trade| trade.security != *security) {
                trades.extend(self.of_security(security, random));
            }
        }
    }

    fn of_security(&self, security: &str, random: &mut Random) -> Vec<MadeTrade> {
        let mut trades = Vec::new();
        let made = |kind, day, units, cents| MadeTrade {
            kind,
            day,
            units,
            is_short: false,
            cents,
            security: security.to_owned(),
        };
        let mut position = 0;
        if self.has(TradeKind::Opening) && random.below(5) == 0 {
            let units = 10 + 10 * random.below(30);
            position += units;
            trades.push(made(TradeKind::Opening, None, units, None));
        }
        for _ in 0..=random.below(3) {
            let came_in = if self.has(TradeKind::Receipt) && random.below(20) == 0 {
                TradeKind::Receipt
            } else {
                TradeKind::Purchase
            };
            let bought = day(&self.bought, random);
            let units = 10 + 10 * random.below(50);
            let cents = (came_in == TradeKind::Purchase || self.rules.kinds.is_empty())
                .then(|| 500 + random.below(9500));
            trades.push(made(came_in, Some(bought.clone()), units, cents));
            position += units;
            if !self.has(TradeKind::Sale) || random.below(3) == 0 {
                continue;
            }
            let mut sold = day(&self.sold, random);
            for _ in 0..20 {
                if sold < bought {
                    sold = day(&self.sold, random);
                }
            }
            let part = if random.below(2) == 0 {
                units
            } else {
                10 * (1 + random.below(units / 10))
            };
            trades.push(made(
                TradeKind::Sale,
                Some(sold),
                part,
                Some(500 + random.below(9500)),
            ));
            position -= part;
        }
        if self.has(TradeKind::Closing) {
            let off = if random.below(25) == 0 { 10 } else { 0 };
            trades.push(made(TradeKind::Closing, None, position + off, None));
        }
        // A split would change what is held.
        if !self.rules.splits.is_empty() {
            trades.retain(|trade| trade.kind != TradeKind::Closing);
        }
        trades
    }

    /// The cells of a row, in the order of the file's columns.
    fn row(&self, id: &str, trade: &MadeTrade, number: u64, random: &mut Random) -> Vec<String> {
        let places = &self.rules.places;
        let kinds: Vec<&str> = self
            .rules
            .kinds
            .iter()
            .filter(|(_, kind)| *kind == trade.kind)
            .map(|(text, _)| text.as_str())
            .collect();
        let person = random.next();
        self.rules
            .file
            .iter()
            .map(|(column, facts)| {
                if let Some(place) = places.others.iter().position(|other| *other == column) {
                    let mut cell = String::new();
                    let maker = self.others.get(place).or_bug("a column was not generated");
                    maker.push(&mut cell, number, person, random);
                    return cell;
                }
                if column == places.id {
                    id.to_owned()
                } else if column == places.date {
                    let day = trade.day.as_deref().unwrap_or_default();
                    in_form(day, facts.format.dates)
                } else if column == places.quantity {
                    let sign = if trade.is_short { "-" } else { "" };
                    format!("{sign}{}", trade.units)
                } else if column == places.price {
                    let cents = trade
                        .cents
                        .map(|cents| cents * if places.is_amount { trade.units } else { 1 });
                    cents.map_or_else(String::new, |cents| {
                        format!("{}.{:02}", cents / 100, cents % 100)
                    })
                } else if places.security == SecurityRule::Column(column) {
                    trade.security.clone()
                } else {
                    let kind = usize::try_from(person % (kinds.len() as u64).max(1)).unwrap_or(0);
                    kinds.get(kind).copied().unwrap_or("trade").to_owned()
                }
            })
            .collect()
    }
}

/// A day as the column writes it.
fn in_form(day: &str, form: DateFormat) -> String {
    let mut parts = day.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next(), form) {
        (Some(year), Some(month), Some(date), DateFormat::MonthFirst) => {
            format!("{month}/{date}/{year}")
        }
        (Some(year), Some(month), Some(date), DateFormat::DayFirst) => {
            format!("{date}/{month}/{year}")
        }
        _ => day.to_owned(),
    }
}

fn push_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push('\n');
}

/// A day as trades files have it.
fn day(maker: &CellGenerator, random: &mut Random) -> String {
    let mut day = String::new();
    let maker = match maker {
        CellGenerator::Date { first, days, .. } => &CellGenerator::Date {
            first: *first,
            days: *days,
            instant: false,
            form: DateFormat::Iso,
        },
        other => other,
    };
    maker.push(&mut day, 0, 0, random);
    day
}
