//! The lots of a claimant, for explanations and statements.

use std::cell::RefCell;

use serde::Serialize;

use crate::allocate::trace::values::{ValueExplainer, ValueSteps};
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::deficiencies::{self, number};
use crate::claims::trades::lot_cells::LotCells;
use crate::claims::trades::matching::Balance;
use crate::plan::Plan;
use crate::plan::cell::{CellFault, Facts as _};
use crate::plan::claim_view::ClaimView;

/// The lots of a claimant, and what is unusual about its trades.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LotList {
    /// `ok`, `off` or `none`; null if nothing is matched.
    pub balance: Option<&'static str>,
    pub lots: Vec<LotSteps>,
    pub deficiencies: Vec<DeficiencyLine>,
}

/// A lot with its values, as the row of lots.csv has it.
#[derive(Debug, Clone, Serialize)]
pub struct LotSteps {
    pub security: String,
    /// `long` or `short`; null if nothing is matched.
    pub side: Option<&'static str>,
    pub kind: String,
    pub closed_by: Option<String>,
    pub bought: Option<String>,
    pub paid: Option<String>,
    pub sold: Option<String>,
    pub received: Option<String>,
    pub quantity: Option<String>,
    /// Rows of the trades file, counted from 1.
    pub opened_row: u64,
    pub closed_row: Option<u64>,
    /// The values that are added up.
    pub values: Vec<ValueSteps>,
}

/// A line of deficiencies.csv.
#[derive(Debug, Clone, Serialize)]
pub struct DeficiencyLine {
    pub security: String,
    pub row: Option<u64>,
    pub deficiency: String,
}

impl LotList {
    /// All lots of a payable or held claim; of another, only what is unusual.
    pub(crate) fn new(
        plan: &Plan,
        book: &TradeBook,
        matched: &MatchedTrades<'_>,
        takes_part: bool,
    ) -> Result<Self, CellFault> {
        let cells = matched.cells(book).filter(|_| takes_part);
        let lots = cells.map(|cells| LotSteps::new(plan, book, &cells));
        let found = deficiencies::of(book, matched, takes_part);
        Ok(Self {
            balance: matched.balance.map(Balance::word),
            lots: lots.collect::<Result<_, CellFault>>()?,
            deficiencies: found
                .into_iter()
                .map(|one| DeficiencyLine {
                    security: one.security.to_owned(),
                    row: one.row,
                    deficiency: one.text,
                })
                .collect(),
        })
    }
}

impl LotSteps {
    fn new(plan: &Plan, book: &TradeBook, cells: &LotCells<'_>) -> Result<Self, CellFault> {
        let known = RefCell::default();
        let lot = ClaimView::of_row(plan, cells, &known);
        let wanted = plan
            .trades
            .as_ref()
            .map_or(&[][..], |trades| &trades.values);
        for id in wanted {
            lot.value(*id)?;
        }
        let explainer = ValueExplainer::of_lot(plan);
        let values = explainer.explained(wanted.to_vec(), &lot)?;
        let is_matched = book.rules().matching.is_some();
        let day = |day: Option<crate::base::dates::Date>| day.map(|day| day.to_string());
        Ok(Self {
            security: cells.security().to_owned(),
            side: is_matched.then(|| cells.lot.side.word()),
            kind: cells.kind_of(cells.opened).to_owned(),
            closed_by: cells.closed.map(|closed| cells.kind_of(closed).to_owned()),
            bought: day(cells.bought()),
            paid: cells.paid().map(number),
            sold: day(cells.sold()),
            received: cells.received().map(number),
            quantity: cells.lot.quantity.as_ref().map(number),
            opened_row: u64::from(cells.opened.row) + 1,
            closed_row: cells.closed.map(|closed| u64::from(closed.row) + 1),
            values,
        })
    }
}
