//! Trades: read, matched into lots claimant by claimant, and added up for claims.
//!
//! A trades file is read as claims files are; each of its rows is a class of its own
//! ([`trade_list`]). The rows are then grouped by claimant ([`TradeBook`]), so that the
//! trades of one claimant can be matched ([`matching`]) whenever they are needed: while
//! claims are read, when lots are written, and in explanations.

pub(crate) mod book;
pub(crate) mod deficiencies;
pub(crate) mod lot_cells;
pub(crate) mod lot_values;
pub(crate) mod matching;
pub(crate) mod placed_trades;
pub(crate) mod trade_list;

use anyhow::Result;

pub(crate) use crate::claims::trades::book::TradeBook;

use crate::claims::input::Input;
use crate::claims::{self, Claims, ReadOptions};
use crate::plan::Plan;

use crate::claims::trades::trade_list::TradeList;

/// Reads files of trades as one, in the order given, and groups them by claimant.
pub(crate) fn read(
    inputs: &[Input],
    plan: &Plan,
    options: &ReadOptions<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Option<TradeBook>> {
    let Some(own) = plan.of_trades_file() else {
        return Ok(None);
    };
    let options = ReadOptions {
        expect: None,
        keep_cells: false,
        check_all: false,
        ..*options
    };
    let rows: Claims<TradeList> = claims::read_rows(inputs, &own, &options, None, progress)?;
    TradeBook::of(own, rows).map(Some)
}
