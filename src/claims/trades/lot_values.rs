//! Values per lot, which are added up over the lots of a claimant.

use std::cell::RefCell;

use rust_decimal::Decimal;

use crate::base::diagnostics::{OrBug as _, literal};
use crate::base::exact::Exact;
use crate::claims::messages;
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::matching::Side;
use crate::claims::trades::placed_trades::TradeFault;
use crate::plan::cell::{CellFault, CellKind, Cells as _, Facts as _, ValueId};
use crate::plan::claim_view::ClaimView;
use crate::plan::column::Column;
use crate::plan::lot_names::LotColumn;
use crate::plan::trades::TradeRules;
use crate::plan::{ColumnId, NamedValue, Plan, cell_messages};

/// The values of the lots of a claimant: those that claims read, and those that they read
/// themselves.
#[derive(Debug, Default)]
pub(crate) struct LotValues {
    /// Lot after lot, the values per lot in the order of the plan; `None` for one that was
    /// not computed.
    values: Vec<Option<Exact>>,
    per_lot: Vec<ValueId>,
    lots: usize,
}

impl LotValues {
    fn clear(&mut self, plan: &Plan) {
        self.values.clear();
        self.lots = 0;
        let ids = (0..plan.values.len()).map(ValueId);
        let per_lot = ids.filter(|id| plan.values.get(id.0).is_some_and(NamedValue::is_per_lot));
        self.per_lot.clear();
        self.per_lot.extend(per_lot);
    }

    fn push(&mut self, lot: &ClaimView<'_, LotCells<'_>>) {
        let values = self.per_lot.iter().map(|id| lot.worked_out(*id));
        self.values.extend(values);
        self.lots += 1;
    }

    /// The values of each lot.
    pub(crate) fn of_lots(&self) -> impl Iterator<Item = &[Option<Exact>]> {
        let columns = self.per_lot.len();
        let of_lot = move |lot| self.values.get(lot * columns..(lot + 1) * columns);
        (0..self.lots).map(move |lot| of_lot(lot).or_bug("the values of a lot are missing"))
    }
}

/// The sums over lots of the values that claims read, or all faults.
pub(crate) fn sums(
    plan: &Plan,
    book: &TradeBook,
    matched: &MatchedTrades<'_>,
) -> Result<Vec<(ValueId, Decimal)>, Vec<TradeFault>> {
    sums_and_values(plan, book, matched, &mut LotValues::default())
}

/// The same, with the values of each lot.
pub(crate) fn sums_and_values(
    plan: &Plan,
    book: &TradeBook,
    matched: &MatchedTrades<'_>,
    values: &mut LotValues,
) -> Result<Vec<(ValueId, Decimal)>, Vec<TradeFault>> {
    let rules = book.rules();
    let wanted = plan
        .trades
        .as_ref()
        .map_or(&[][..], |trades| &trades.values);
    let mut sums = vec![Exact::ZERO; wanted.len()];
    let (mut faults, known) = (Vec::new(), RefCell::default());
    values.clear(plan);
    for cells in matched.cells(book) {
        check_texts(rules, &cells, &mut faults);
        let lot = ClaimView::of_row(plan, &cells, &known);
        for (sum, id) in sums.iter_mut().zip(wanted) {
            match decimal(plan, &lot, *id) {
                Ok(number) => *sum = sum.plus(&Exact::Decimal(number)),
                Err(fault) => note(&mut faults, of_lot(rules, &cells, fault)),
            }
        }
        values.push(&lot);
    }
    let mut decimals = Vec::with_capacity(wanted.len());
    for (sum, id) in sums.iter().zip(wanted) {
        if let Some(number) = sum.decimal() {
            decimals.push((*id, number));
        } else {
            let first = matched.cells(book).next();
            let first = first.or_bug("a sum of no lots is not 0");
            let message = cell_messages::value_too_precise(&name(plan, *id), &sum.text());
            note(&mut faults, of_lot(rules, &first, message.into()));
        }
    }
    if faults.is_empty() {
        Ok(decimals)
    } else {
        Err(faults)
    }
}

fn decimal(
    plan: &Plan,
    lot: &ClaimView<'_, LotCells<'_>>,
    id: ValueId,
) -> Result<Decimal, CellFault> {
    let value = lot.value(id)?;
    value
        .decimal()
        .ok_or_else(|| cell_messages::value_too_precise(&name(plan, id), &value.text()).into())
}

fn name(plan: &Plan, id: ValueId) -> String {
    literal(plan.values.get(id.0).map_or("", |value| &value.key))
}

/// Near misses of texts of the plan.
fn check_texts(rules: &TradeRules, cells: &LotCells<'_>, faults: &mut Vec<TradeFault>) {
    for (id, column) in rules.lots.iter() {
        if column.texts.is_empty() || !is_of_file(column) {
            continue;
        }
        if let Err(fault) = column.check(id, cells.cell(id)) {
            note(faults, of_lot(rules, cells, fault));
        }
    }
}

/// True for a column of lots with cells as they are in the file.
pub(crate) fn is_of_file(column: &Column) -> bool {
    let lot = column.lot.as_ref();
    let of_kind = lot == Some(&LotColumn::Kind) && !column.has_only_texts();
    of_kind || matches!(lot, Some(LotColumn::Other { .. } | LotColumn::Security))
}

/// A fault of a lot as one of the trade whose cell was read; of a value, of the opening
/// trade.
pub(crate) fn of_lot(rules: &TradeRules, cells: &LotCells<'_>, fault: CellFault) -> TradeFault {
    let id = fault.column;
    let column = id.and_then(|column: ColumnId| rules.lot_column(column));
    let trade = column.map_or(Some(cells.opened), |column| cells.trade_of(column));
    let name = id.map_or("", |id| rules.lots.name(id));
    let message = match (column, trade) {
        (Some(_), None) => {
            let side = cells.lot.side;
            let condition = match side {
                Side::Long => "closed_by = { not = \"\" }",
                Side::Short => "side = \"long\"",
            };
            messages::lot_still_open(&literal(name), side.word(), condition)
        }
        (Some(column), Some(trade)) if column.kind() == Some(CellKind::Number) => {
            match trade.price {
                None if fault.message.code == cell_messages::blank_as_number().code => {
                    messages::trade_without_price(&literal(cells.kind_of(trade)), &literal(name))
                }
                _ => fault.message,
            }
        }
        _ => fault.message,
    };
    TradeFault {
        row: trade.unwrap_or(cells.opened).row,
        column: column
            .filter(|_| trade.is_some())
            .map(|column| rules.file_column(column)),
        message,
    }
}

/// Records a fault; one for each cell is enough.
fn note(faults: &mut Vec<TradeFault>, fault: TradeFault) {
    let is_same = |other: &TradeFault| match fault.column {
        Some(_) => other.row == fault.row && other.column == fault.column,
        None => other.row == fault.row && other.message == fault.message,
    };
    if !faults.iter().any(is_same) {
        faults.push(fault);
    }
}
