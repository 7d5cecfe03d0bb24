//! Trades: read, matched into lots claimant by claimant, and added up for claims.
//!
//! A trades file is read as claims files are; each of its rows is a class of its own
//! ([`trade_list`]). The rows are then grouped by claimant ([`TradeBook`]), so that the
//! trades of one claimant can be matched ([`matching`]) when they are needed: while claims
//! are read, and in explanations and statements.

pub(crate) mod book;
pub(crate) mod deficiencies;
pub(crate) mod lot_cells;
pub(crate) mod lot_lines;
pub(crate) mod lot_values;
pub(crate) mod matching;
pub(crate) mod placed_trades;
pub(crate) mod row_claimants;
pub(crate) mod trade_list;

use anyhow::Result;

pub(crate) use crate::claims::trades::book::TradeBook;

use crate::claims::input::Input;
use crate::claims::problem_list::ProblemList;
use crate::claims::trades::lot_lines::LotReceiver;
use crate::claims::trades::trade_list::TradeList;
use crate::claims::{self, ReadOptions};
use crate::plan::Plan;

/// The trades of the claims that are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TradesOfClaims<'b> {
    /// The plan has no trades.
    None,
    /// The files of trades have problems. Claims are checked as far as trades do not
    /// matter, so that all problems are listed together.
    Faulty,
    /// The trades, and what receives their lots.
    Known(&'b TradeBook, Option<&'b dyn LotReceiver>),
}

impl<'b> TradesOfClaims<'b> {
    pub(crate) fn book(self) -> Option<&'b TradeBook> {
        match self {
            Self::Known(book, _) => Some(book),
            Self::None | Self::Faulty => None,
        }
    }

    pub(crate) fn lots(self) -> Option<&'b dyn LotReceiver> {
        match self {
            Self::Known(_, lots) => lots,
            Self::None | Self::Faulty => None,
        }
    }

    pub(crate) fn are_faulty(self) -> bool {
        matches!(self, Self::Faulty)
    }

    pub(crate) fn are_none(self) -> bool {
        matches!(self, Self::None)
    }
}

/// Reads files of trades as one, in the order given, and groups them by claimant. Adds
/// what is wrong with them to the problems; there are no trades if rows are.
pub(crate) fn read(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    problems: ProblemList,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(Option<TradeBook>, ProblemList)> {
    let Some(own) = plan.of_trades_file() else {
        return Ok((None, problems));
    };
    let options = ReadOptions {
        expect: None,
        keep_cells: false,
        check_all: false,
        ..*options
    };
    let of_claims = TradesOfClaims::None;
    let (rows, mut problems) =
        claims::read_rows::<TradeList>(inputs, &own, &options, of_claims, problems, progress)?;
    let Some(rows) = rows else {
        return Ok((None, problems));
    };
    let book = TradeBook::of(own, rows);
    for problem in book.splits_of_no_security() {
        problems.add(problem);
    }
    Ok((Some(book), problems))
}

/// Reads the trades of a run, whose files had no problems when it was computed.
pub(crate) fn read_of_run(
    inputs: &[Input],
    plan: &Plan,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Option<TradeBook>> {
    let options = ReadOptions::default();
    let (book, problems) = read(inputs, plan, &options, ProblemList::new(None)?, progress)?;
    problems.finish()?;
    Ok(book)
}
