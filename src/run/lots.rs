//! lots.csv and deficiencies.csv: the lots of payable and held claims, and what is
//! unusual about the trades of all claims.
//!
//! Several threads match the trades of one claimant each; what they write is in the
//! order of the claims.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;

use crate::allocate::Claims;
use crate::base::csv_text::push_cell;
use crate::base::dates::Date;
use crate::base::diagnostics::Bug;
use crate::base::exact::Exact;
use crate::base::parallel;
use crate::claims::UnmatchedColumn;
use crate::claims::claim_list::ClaimListPart;
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::deficiencies::{self, DeficiencyKind};
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::lot_values;
use crate::claims::trades::matching::{Balance, Side};
use crate::claims::trades::placed_trades::TradeFault;
use crate::plan::Plan;
use crate::plan::cell::Cells as _;
use crate::plan::claim_view::KnownFacts;
use crate::run::hashing_writer::WrittenFile;
use crate::run::rows::{OutputColumn, RowSink, header};

/// Counts of trades and lots.
#[derive(Debug, Default)]
pub(crate) struct LotTally {
    /// Lots that are long, that are short, and that are still open.
    pub long: u64,
    pub short: u64,
    pub open: u64,
    pub balances: BTreeMap<&'static str, u64>,
    /// The number of claims with each deficiency, and of its lines.
    pub deficiencies: BTreeMap<DeficiencyKind, (u64, u64)>,
    /// Texts of lots that match no text of the plan.
    unmatched: BTreeMap<(usize, String), u64>,
}

/// The lines of consecutive claims.
#[derive(Debug, Default)]
struct LotChunk {
    lots: String,
    lot_lines: u64,
    deficiencies: String,
    deficiency_lines: u64,
    tally: LotTally,
}

/// Writes both files.
pub(super) fn write<S: RowSink>(
    plan: &Plan,
    claims: &Claims,
    book: &TradeBook,
    (mut lots, lot_columns): (S, &[OutputColumn]),
    (mut deficiencies, deficiency_columns): (S, &[OutputColumn]),
) -> Result<(Vec<WrittenFile>, LotTally)> {
    lots.rows(header(lot_columns).as_bytes(), 1)?;
    deficiencies.rows(header(deficiency_columns).as_bytes(), 1)?;
    let writer = LotWriter { plan, claims, book };
    let mut tally = LotTally::default();
    let parts: Vec<&ClaimListPart> = claims.claim_list.parts().iter().collect();
    let mut pieces = parts.iter().flat_map(|part| pieces(part));
    parallel::in_order(
        &mut vec![(); claims.threads.max(1)],
        || Ok(pieces.next()),
        |(), (part, piece)| writer.piece(part, piece),
        |chunk: Result<LotChunk>| {
            let chunk = chunk?;
            lots.rows(chunk.lots.as_bytes(), chunk.lot_lines)?;
            deficiencies.rows(chunk.deficiencies.as_bytes(), chunk.deficiency_lines)?;
            tally.add(chunk.tally);
            Ok(())
        },
    )?;
    Ok((vec![lots.finish()?, deficiencies.finish()?], tally))
}

/// The number of claims that a thread takes at a time.
const PIECE: usize = 4096;

fn pieces(part: &ClaimListPart) -> impl Iterator<Item = (&ClaimListPart, std::ops::Range<usize>)> {
    let starts = (0..part.len()).step_by(PIECE);
    starts.map(move |start| (part, start..part.len().min(start + PIECE)))
}

#[derive(Clone, Copy)]
struct LotWriter<'a> {
    plan: &'a Plan,
    claims: &'a Claims,
    book: &'a TradeBook,
}

impl LotWriter<'_> {
    fn piece(&self, part: &ClaimListPart, piece: std::ops::Range<usize>) -> Result<LotChunk> {
        let mut chunk = LotChunk::default();
        let rows = part.rows().skip(piece.start).take(piece.len());
        for row in rows {
            let id = row.id_text();
            let group = self.claims.entitlements.group_of(row.class);
            let takes_part = group.claim_status.takes_part();
            let matched = self.book.matched(id).map_err(again)?;
            if takes_part {
                self.lots(id, &matched, &mut chunk)?;
            }
            self.deficiencies(id, &matched, takes_part, &mut chunk);
            if let Some(balance) = matched.balance {
                *chunk.tally.balances.entry(balance.word()).or_insert(0) += 1;
            }
        }
        Ok(chunk)
    }

    fn lots(&self, id: &str, matched: &MatchedTrades<'_>, chunk: &mut LotChunk) -> Result<()> {
        let known = RefCell::new(KnownFacts::default());
        let is_matched = self.book.rules().matching.is_some();
        for cells in matched.cells(self.book) {
            let text = &mut chunk.lots;
            push_cell(text, id);
            text.push(',');
            push_cell(text, cells.security());
            if is_matched {
                push_matched(text, &cells);
            } else {
                push_trade(text, &cells);
            }
            let values = lot_values::of_lot_in_order(self.plan, &cells, &known);
            let values = values
                .map_err(|_| Bug::new("a value of a lot cannot be computed a second time"))?;
            for value in values {
                text.push(',');
                push_number(text, value.as_ref());
            }
            text.push('\n');
            chunk.lot_lines += 1;
            self.count(&cells, &mut chunk.tally);
        }
        Ok(())
    }

    fn count(&self, cells: &LotCells<'_>, tally: &mut LotTally) {
        match cells.lot.side {
            Side::Long => tally.long += 1,
            Side::Short => tally.short += 1,
        }
        let is_open = self.book.rules().matching.is_some() && cells.lot.closed.is_none();
        tally.open += u64::from(is_open);
        for (id, column) in self.book.rules().lots.iter() {
            if column.compared && lot_values::is_of_file(column) {
                let cell = cells.cell(id);
                if !column.texts.iter().any(|text| text == cell) {
                    let key = (id.0, cell.to_owned());
                    *tally.unmatched.entry(key).or_insert(0) += 1;
                }
            }
        }
    }

    fn deficiencies(
        &self,
        id: &str,
        matched: &MatchedTrades<'_>,
        takes_part: bool,
        chunk: &mut LotChunk,
    ) {
        let found = deficiencies::of(self.book, matched, takes_part);
        let mut kinds: Vec<DeficiencyKind> = Vec::new();
        for one in found {
            let text = &mut chunk.deficiencies;
            push_cell(text, id);
            text.push(',');
            push_cell(text, one.security);
            text.push(',');
            if let Some(row) = one.row {
                *text += &row.to_string();
            }
            text.push(',');
            push_cell(text, &one.text);
            text.push('\n');
            chunk.deficiency_lines += 1;
            let count = chunk.tally.deficiencies.entry(one.kind).or_insert((0, 0));
            count.1 += 1;
            if !kinds.contains(&one.kind) {
                count.0 += 1;
                kinds.push(one.kind);
            }
        }
    }
}

/// The cells of a lot after its security.
fn push_matched(text: &mut String, cells: &LotCells<'_>) {
    text.push(',');
    *text += cells.lot.side.word();
    text.push(',');
    push_cell(text, cells.kind_of(cells.opened));
    text.push(',');
    push_cell(
        text,
        cells.closed.map_or("", |closed| cells.kind_of(closed)),
    );
    push_day(text, cells.bought());
    text.push(',');
    push_number(text, cells.paid());
    push_day(text, cells.sold());
    text.push(',');
    push_number(text, cells.received());
    text.push(',');
    push_number(text, cells.lot.quantity.as_ref());
    *text += &format!(",{},", u64::from(cells.opened.row) + 1);
    if let Some(closed) = cells.closed {
        *text += &(u64::from(closed.row) + 1).to_string();
    }
}

/// The cells of a trade after its security.
fn push_trade(text: &mut String, cells: &LotCells<'_>) {
    text.push(',');
    push_cell(text, cells.kind_of(cells.opened));
    push_day(text, cells.opened.date);
    text.push(',');
    push_number(text, cells.opened.price.as_ref());
    text.push(',');
    push_number(text, cells.lot.quantity.as_ref());
    *text += &format!(",{}", u64::from(cells.opened.row) + 1);
}

fn push_day(text: &mut String, day: Option<Date>) {
    text.push(',');
    if let Some(day) = day {
        *text += &day.to_string();
    }
}

fn push_number(text: &mut String, number: Option<&Exact>) {
    if let Some(number) = number {
        *text += &deficiencies::number(number);
    }
}

fn again(_: Vec<TradeFault>) -> Bug {
    Bug::new("trades cannot be matched a second time")
}

impl LotTally {
    fn add(&mut self, other: Self) {
        self.long += other.long;
        self.short += other.short;
        self.open += other.open;
        for (balance, count) in other.balances {
            *self.balances.entry(balance).or_insert(0) += count;
        }
        for (kind, (claims, lines)) in other.deficiencies {
            let sum = self.deficiencies.entry(kind).or_insert((0, 0));
            *sum = (sum.0 + claims, sum.1 + lines);
        }
        for (text, count) in other.unmatched {
            *self.unmatched.entry(text).or_insert(0) += count;
        }
    }

    pub(crate) fn balance(&self, balance: Balance) -> u64 {
        self.balances.get(balance.word()).copied().unwrap_or(0)
    }

    /// The texts of columns of lots that matched no text of the plan.
    pub(crate) fn unmatched(&self, book: &TradeBook) -> Vec<UnmatchedColumn> {
        let mut columns: Vec<UnmatchedColumn> = Vec::new();
        for (id, column) in book.rules().lots.iter() {
            let texts = self.unmatched.iter().filter(|((of, _), _)| *of == id.0);
            let texts = texts.map(|((_, text), count)| (text.clone(), *count));
            let mut values: Vec<(String, u64)> = texts.collect();
            values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            if !values.is_empty() {
                columns.push(UnmatchedColumn {
                    column: column.name.clone(),
                    values,
                });
            }
        }
        columns
    }
}
