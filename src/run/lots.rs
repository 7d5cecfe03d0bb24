//! lots.csv and deficiencies.csv: the lots of payable and held claims, and what is
//! unusual about the trades of all claims.
//!
//! Both are written while claims are read, in the order of the claims: the lots of all
//! claimants do not fit into memory, and are matched and valued once.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::base::csv_text::push_cell;
use crate::base::dates::{self, Date};
use crate::base::decimal;
use crate::base::exact::Exact;
use crate::base::parallel::lock;
use crate::claims::trades::deficiencies::{self, DeficiencyKind};
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::lot_lines::{ClaimLots, LotLines, LotReceiver, LotTally};
use crate::plan::Plan;
use crate::run::file_names::{DEFICIENCIES, LOTS};
use crate::run::hashing_writer::WrittenFile;
use crate::run::rows::{RowSink, deficiency_columns, header, lot_columns};
use crate::run::sink::RunSink;

/// The files of a run with trades, while claims are read.
pub(super) struct LotFiles<S: RowSink>(Mutex<OpenFiles<S>>);

struct OpenFiles<S: RowSink> {
    lots: S,
    deficiencies: S,
    tally: LotTally,
}

/// The files once they are written, and what they hold.
#[derive(Debug, Default)]
pub(super) struct WrittenLots {
    pub files: Vec<WrittenFile>,
    pub tally: LotTally,
}

impl<S: RowSink> LotFiles<S> {
    /// Opens the files; `None` if the plan has no trades.
    pub(super) fn open<'s, K: RunSink<Rows<'s> = S>>(
        sink: &'s K,
        plan: &Plan,
    ) -> Result<Option<Self>> {
        if plan.trades.is_none() {
            return Ok(None);
        }
        let open = |name, columns: &[_]| {
            let mut file = sink.rows(name, columns)?;
            file.rows(header(columns).as_bytes(), 1)?;
            anyhow::Ok(file)
        };
        Ok(Some(Self(Mutex::new(OpenFiles {
            lots: open(LOTS, &lot_columns(plan))?,
            deficiencies: open(DEFICIENCIES, &deficiency_columns())?,
            tally: LotTally::default(),
        }))))
    }

    /// Closes the files, once all claims are read.
    pub(super) fn finish(self) -> Result<WrittenLots> {
        let open = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(WrittenLots {
            files: vec![open.lots.finish()?, open.deficiencies.finish()?],
            tally: open.tally,
        })
    }
}

impl<S: RowSink> std::fmt::Debug for LotFiles<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the files of lots and deficiencies")
    }
}

impl<S: RowSink> LotReceiver for LotFiles<S> {
    fn add(&self, claim: &ClaimLots<'_>, lines: &mut LotLines) {
        push_lots(claim, lines);
        push_deficiencies(claim, lines);
        lines.tally.count_claim(claim.matched.balance);
    }

    fn take(&self, lines: LotLines) -> Result<()> {
        let mut open = lock(&self.0);
        open.lots.rows(lines.lots.as_bytes(), lines.lots_count)?;
        let deficiencies = lines.deficiencies.as_bytes();
        open.deficiencies
            .rows(deficiencies, lines.deficiencies_count)?;
        open.tally.add(lines.tally);
        Ok(())
    }
}

fn push_lots(claim: &ClaimLots<'_>, lines: &mut LotLines) {
    let Some(values) = claim.values else { return };
    let is_matched = claim.book.rules().matching.is_some();
    for (cells, values) in claim.matched.cells(claim.book).zip(values.of_lots()) {
        let text = &mut lines.lots;
        push_cell(text, claim.id);
        text.push(',');
        push_cell(text, cells.security());
        if is_matched {
            push_matched(text, &cells);
        } else {
            push_trade(text, &cells);
        }
        for value in values {
            text.push(',');
            push_number(text, value.as_ref());
        }
        text.push('\n');
        lines.lots_count += 1;
        lines.tally.count_lot(claim.book, &cells);
    }
}

fn push_deficiencies(claim: &ClaimLots<'_>, lines: &mut LotLines) {
    let found = deficiencies::of(claim.book, claim.matched, claim.values.is_some());
    let mut kinds: Vec<DeficiencyKind> = Vec::new();
    for one in found {
        let text = &mut lines.deficiencies;
        push_cell(text, claim.id);
        text.push(',');
        push_cell(text, one.security);
        text.push(',');
        if let Some(row) = one.row {
            *text += &row.to_string();
        }
        text.push(',');
        push_cell(text, &one.text);
        text.push('\n');
        lines.deficiencies_count += 1;
        if !kinds.contains(&one.kind) {
            lines.tally.count_deficiency(one.kind);
            kinds.push(one.kind);
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
    push_row(text, Some(cells.opened.row));
    push_row(text, cells.closed.map(|closed| closed.row));
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
    push_row(text, Some(cells.opened.row));
}

/// A row of the trades file, counted from 1.
fn push_row(text: &mut String, row: Option<u32>) {
    text.push(',');
    if let Some(row) = row {
        *text += itoa::Buffer::new().format(u64::from(row) + 1);
    }
}

fn push_day(text: &mut String, day: Option<Date>) {
    text.push(',');
    if let Some(day) = day {
        dates::push_text(text, day);
    }
}

fn push_number(text: &mut String, number: Option<&Exact>) {
    match number {
        Some(Exact::Decimal(number)) => decimal::push_text(text, *number),
        Some(number) => *text += &deficiencies::number(number),
        None => {}
    }
}
