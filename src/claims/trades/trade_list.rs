//! The rows of trades files, each as a class of its own.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rust_decimal::Decimal;

use crate::base::compact_column::index;
use crate::base::dates::Date;
use crate::base::diagnostics::{Bug, OrBug as _, literal};
use crate::claims::claim_list::ClassId;
use crate::claims::classifier::{ClaimClassifier, ClaimOutcome, ClassBatch, marks_of};
use crate::claims::ids::validity;
use crate::claims::messages;
use crate::claims::status::{ClaimStatus, RowFindings, unlisted};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::column::fold;
use crate::plan::trades::{SecurityRule, TradeKind, TradeRules};
use crate::plan::{ColumnId, Plan};

const LOST: &str = "a trade is missing";

/// A trade as it is in its file. There may be very many of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trade {
    /// Negative for a short holding.
    pub quantity: Option<Decimal>,
    /// The price of a unit, or the amount of the trade.
    pub price: Option<Decimal>,
    pub date: Option<Date>,
    /// The position of its kind in the lists of the plan.
    pub kind: u16,
    /// The number of the text of its security; of a plan without securities, 0.
    pub security: u32,
    /// A hash of all cells of its row.
    pub digest: u64,
}

/// The kind of a trade in a plan without lists.
pub(crate) const NO_KIND: u16 = u16::MAX;

impl Default for Trade {
    fn default() -> Self {
        Self {
            quantity: None,
            price: None,
            date: None,
            kind: NO_KIND,
            security: 0,
            digest: 0,
        }
    }
}

impl Trade {
    /// The kind of the trade. Without lists, nothing comes before or after another.
    pub(crate) fn kind(&self, rules: &TradeRules) -> TradeKind {
        let kind = rules.kinds.get(usize::from(self.kind));
        kind.map_or(TradeKind::Purchase, |(_, kind)| *kind)
    }
}

/// One trade while its row is read.
#[derive(Debug, Default)]
pub(crate) struct TradeRow {
    trade: Trade,
    security: String,
    others: Vec<String>,
}

/// Texts, each once, with their numbers.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    list: Vec<Box<str>>,
    known: HashMap<Box<str>, u32, FixedState>,
    /// The number of the last text, which is often that of the next.
    latest: u32,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        let latest = self.list.get(index(self.latest));
        if latest.is_some_and(|latest| **latest == *text) {
            return self.latest;
        }
        self.latest = self.find_or_add(text);
        self.latest
    }

    fn find_or_add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = u32::try_from(self.list.len())
            .ok()
            .or_bug("there are too many texts");
        self.list.push(text.into());
        self.known.insert(text.into(), number);
        number
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        self.list.get(index(number)).or_bug(LOST)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|text| &**text)
    }
}

/// The trades of a batch of rows.
#[derive(Debug, Default)]
pub(crate) struct TradeBatch {
    trades: Vec<Trade>,
    others: Vec<u32>,
    texts: Texts,
}

/// All trades, in the order of their rows.
#[derive(Debug)]
pub(crate) struct TradeList {
    trades: Chunks<Trade>,
    /// The texts of the other columns, row by row.
    others: Chunks<u32>,
    columns: usize,
    has_securities: bool,
    pub texts: Texts,
    /// By the number of a text, its place in the order of bytes, of securities.
    ranks: Vec<u32>,
}

/// A long list whose items never move.
#[derive(Debug)]
struct Chunks<T> {
    chunks: Vec<Vec<T>>,
}

const CHUNK: usize = 1 << 16;

impl<T: Copy> Chunks<T> {
    fn push(&mut self, item: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            _ => {
                let mut next = Vec::with_capacity(CHUNK);
                next.push(item);
                self.chunks.push(next);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1);
        full * CHUNK + self.chunks.last().map_or(0, Vec::len)
    }

    #[inline]
    fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }
}

impl TradeList {
    #[inline]
    pub(crate) fn trade(&self, row: u32) -> &Trade {
        self.trades.get(index(row)).or_bug(LOST)
    }

    /// The text of a row in one of the other columns that the plan reads.
    pub(crate) fn other(&self, row: u32, column: usize) -> &str {
        let number = self.others.get(index(row) * self.columns + column);
        self.texts.text(*number.or_bug(LOST))
    }

    /// Puts the securities in the order of bytes, once all trades are read.
    pub(crate) fn rank_securities(&mut self) {
        if !self.has_securities {
            return;
        }
        let mut is_security = vec![false; self.texts.list.len()];
        for trade in self.trades.iter() {
            *is_security.get_mut(index(trade.security)).or_bug(LOST) = true;
        }
        let numbers = (0..).zip(is_security).filter(|(_, is_it)| *is_it);
        let mut numbers: Vec<u32> = numbers.map(|(number, _)| number).collect();
        numbers.sort_by(|one, other| self.texts.text(*one).cmp(self.texts.text(*other)));
        self.ranks = vec![0; self.texts.list.len()];
        for (rank, number) in (0..).zip(numbers) {
            *self.ranks.get_mut(index(number)).or_bug(LOST) = rank;
        }
    }

    /// The place of the security of a trade among all.
    #[inline]
    pub(crate) fn rank(&self, trade: &Trade) -> u32 {
        if self.has_securities {
            *self.ranks.get(index(trade.security)).or_bug(LOST)
        } else {
            0
        }
    }

    pub(crate) fn security(&self, trade: &Trade) -> &str {
        if self.has_securities {
            self.texts.text(trade.security)
        } else {
            ""
        }
    }
}

impl ClaimOutcome for TradeRow {
    fn outside(&mut self, _: &Plan, _: ClaimStatus) {
        None::<()>.or_bug("a trade is outside of all claims");
    }

    fn claim(
        &mut self,
        plan: &Plan,
        _: ClaimStatus,
        cells: &impl Cells,
        findings: &mut RowFindings,
    ) -> bool {
        let rules = plan.trades.as_ref().or_bug("the plan has no trades");
        let before = findings.faults.len();
        let mut note = |result: Result<(), CellFault>| {
            if let Err(fault) = result {
                findings.note(fault);
            }
        };
        self.trade = Trade {
            digest: cells.digest(),
            ..Trade::default()
        };
        self.security.clear();
        for text in &mut self.others {
            text.clear();
        }
        self.others.resize(rules.places.others.len(), String::new());
        note(self.read_kind(rules, cells));
        if self.trade.kind(rules) == TradeKind::Ignored {
            return findings.faults.len() == before;
        }
        note(self.read_date(rules, cells));
        note(self.read_quantity(rules, cells));
        note(self.read_price(rules, cells));
        note(self.read_security(rules, cells));
        for (text, column) in self.others.iter_mut().zip(&rules.places.others) {
            let cell = cells.cell(*column);
            text.push_str(cell);
            let facts = rules.file.get(*column);
            if facts.is_some_and(|column| column.is_read_as_number) && !cell.is_empty() {
                let number = rules.file.format(*column).number(*column, cell);
                number.map_or_else(|fault| findings.note(fault), |_| ());
            }
        }
        findings.faults.len() == before
    }
}

impl TradeRow {
    fn read_kind(&mut self, rules: &TradeRules, cells: &impl Cells) -> Result<(), CellFault> {
        let Some(column) = rules.places.kind else {
            return Ok(());
        };
        let cell = cells.cell(column);
        if rules.kinds.is_empty() {
            let is_shown = rules.places.others.contains(&column);
            let checked = is_shown.then(|| check_formula(column, cell, "kind"));
            return checked.unwrap_or(Ok(()));
        }
        let place = rules.kinds.iter().position(|(text, _)| text == cell);
        match place.and_then(|place| u16::try_from(place).ok()) {
            Some(kind) => {
                self.trade.kind = kind;
                Ok(())
            }
            None => Err(unknown_kind(rules, column, cell)),
        }
    }

    fn read_date(&mut self, rules: &TradeRules, cells: &impl Cells) -> Result<(), CellFault> {
        let column = rules.places.date;
        let cell = cells.cell(column);
        if cell.is_empty() {
            if self.trade.kind(rules).is_holding() || is_absent(rules, column, cells) {
                return Ok(());
            }
            return Err(CellFault::at(column, messages::trade_without_day()));
        }
        let day = rules.file.format(column).day(column, cell)?;
        self.trade.date = Some(day);
        Ok(())
    }

    fn read_quantity(&mut self, rules: &TradeRules, cells: &impl Cells) -> Result<(), CellFault> {
        let column = rules.places.quantity;
        let cell = cells.cell(column);
        if cell.is_empty() && is_absent(rules, column, cells) {
            return Ok(());
        }
        let is_holding = self.trade.kind(rules).is_holding();
        let (digits, is_short) = match cell.strip_prefix('-') {
            Some(digits) if is_holding => (digits, true),
            _ => (cell, false),
        };
        if digits.is_empty() {
            return Err(CellFault::at(column, messages::trade_without_quantity()));
        }
        let quantity = match rules.file.format(column).number(column, digits) {
            Err(_) if !is_holding && is_signed(digits) => {
                let message = messages::trade_with_sign(&literal(cell));
                return Err(CellFault::at(column, message));
            }
            quantity => quantity?,
        };
        if quantity.is_zero() && !is_holding {
            return Err(CellFault::at(column, messages::trade_of_nothing()));
        }
        self.trade.quantity = Some(if is_short { -quantity } else { quantity });
        Ok(())
    }

    fn read_price(&mut self, rules: &TradeRules, cells: &impl Cells) -> Result<(), CellFault> {
        let column = rules.places.price;
        let cell = cells.cell(column);
        if !cell.is_empty() {
            self.trade.price = Some(rules.file.format(column).number(column, cell)?);
        }
        Ok(())
    }

    fn read_security(&mut self, rules: &TradeRules, cells: &impl Cells) -> Result<(), CellFault> {
        let SecurityRule::Column(column) = rules.places.security else {
            return Ok(());
        };
        let cell = cells.cell(column);
        if cell.is_empty() && !is_absent(rules, column, cells) {
            return Err(CellFault::at(column, messages::trade_without_security()));
        }
        check_formula(column, cell, "security")?;
        let splits = rules.splits.iter();
        let splits: Vec<&str> = splits
            .filter_map(|split| split.security.as_deref())
            .collect();
        let near = splits
            .iter()
            .find(|split| **split != cell && fold(split) == fold(cell));
        if let (Some(near), false) = (near, splits.contains(&cell)) {
            let message = messages::security_near_split(&literal(cell), &literal(near));
            return Err(CellFault::at(column, message.suggest((*near).to_owned())));
        }
        self.security.push_str(cell);
        Ok(())
    }
}

/// A text that lots.csv shows must not be a formula.
fn check_formula(column: ColumnId, cell: &str, what: &str) -> Result<(), CellFault> {
    let fault = validity::formula_fault(cell, what);
    fault.map_or(Ok(()), |message| Err(CellFault::at(column, message)))
}

/// True for `-40` and `(40)`, as exports write what went out.
fn is_signed(cell: &str) -> bool {
    cell.starts_with(['-', '+', '\u{2212}']) || (cell.starts_with('(') && cell.ends_with(')'))
}

/// True if the file does not have the column.
fn is_absent(rules: &TradeRules, column: ColumnId, cells: &impl Cells) -> bool {
    let optional = rules.file.get(column).is_some_and(|column| column.optional);
    optional && cells.lacks(column)
}

fn unknown_kind(rules: &TradeRules, column: ColumnId, cell: &str) -> CellFault {
    let known: Vec<&str> = rules.kinds.iter().map(|(text, _)| text.as_str()).collect();
    let message = if cell.is_empty() {
        messages::kind_blank()
    } else {
        messages::kind_unknown(&literal(cell))
    };
    let others = " add the text to a list under [trades],";
    unlisted(&rules.file, (column, cell), &known, message, others)
}

impl ClassBatch<TradeRow> for TradeBatch {
    fn push(&mut self, row: &TradeRow) -> u32 {
        let mut trade = row.trade;
        trade.security = self.texts.number(&row.security);
        for text in &row.others {
            let number = self.texts.number(text);
            self.others.push(number);
        }
        self.trades.push(trade);
        self.last()
    }

    fn last(&self) -> u32 {
        u32::try_from(self.trades.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

impl ClaimClassifier for TradeList {
    type Outcome = TradeRow;
    type Batch = TradeBatch;

    fn new(plan: &Plan) -> Self {
        let rules = plan.trades.as_ref().or_bug("the plan has no trades");
        Self {
            trades: Chunks { chunks: Vec::new() },
            others: Chunks { chunks: Vec::new() },
            columns: rules.places.others.len(),
            has_securities: matches!(rules.places.security, SecurityRule::Column(_)),
            texts: Texts::default(),
            ranks: Vec::new(),
        }
    }

    fn enter(&mut self, _: &Self::Outcome) -> ClassId {
        None.or_bug("rows of trades are not added up")
    }

    fn enter_all(&mut self, batch: Self::Batch) -> Vec<ClassId> {
        let numbers: Vec<u32> = batch
            .texts
            .iter()
            .map(|text| self.texts.number(text))
            .collect();
        let global = |local: u32| *numbers.get(index(local)).or_bug(LOST);
        let first = self.trades.len();
        for mut trade in batch.trades {
            trade.security = global(trade.security);
            self.trades.push(trade);
        }
        for local in batch.others {
            self.others.push(global(local));
        }
        let classes = first..self.trades.len();
        let class = |place| {
            u32::try_from(place)
                .ok()
                .or_bug("there are too many trades")
        };
        classes.map(class).collect()
    }

    fn add(&mut self, _: ClassId, count: u64) {
        (count == 0)
            .then_some(())
            .or_bug("a row of trades is remembered");
    }

    fn prove_rows(&self, marks: u64) -> Result<(), Bug> {
        let count = u32::try_from(self.trades.len()).ok().or_bug(LOST);
        if marks == marks_of(0..count) {
            return Ok(());
        }
        Err(Bug::new("the rows of trades are not those that were read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_takes_64_bytes() {
        assert!(size_of::<Trade>() <= 64, "{}", size_of::<Trade>());
    }

    #[test]
    fn a_long_list_keeps_its_places() {
        let mut list = Chunks { chunks: Vec::new() };
        (0..CHUNK + 3).for_each(|item| list.push(item));
        assert_eq!(list.len(), CHUNK + 3);
        assert_eq!(list.get(CHUNK + 1), Some(&(CHUNK + 1)));
        assert_eq!(list.get(CHUNK + 3), None);
    }
}
