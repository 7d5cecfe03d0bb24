//! The parts of a row that differ between the claimants of a class.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::{Money, push_text};
use crate::run::portions::PortionShare;
use crate::run::rows::add;
use crate::run::rows::row_text::read_back;
use crate::run::tax::TaxFlag;

/// The parts of a row that others of its class do not have.
#[derive(Debug, Default)]
pub(super) struct RowAdditions {
    /// The number of rows that were added up.
    pub rows: Option<u32>,
    pub flag: Option<TaxFlag>,
    pub shares: Vec<PortionShare>,
}

/// Writes the portions of a payout, and proves from their text that they are the payout.
pub(super) fn push_portions(
    row: &mut Vec<u8>,
    shares: &[PortionShare],
    payout: Money,
    decimals: u32,
) -> Result<()> {
    let mut text = String::new();
    let mut sum = Money::ZERO;
    for share in shares {
        text.clear();
        push_text(&mut text, share.amount, decimals);
        add(&mut sum, read_back(&text, decimals)?)?;
        row.push(b',');
        row.extend_from_slice(text.as_bytes());
    }
    if sum != payout && !shares.is_empty() {
        return Err(Bug::new("the written portions of a payout are not the payout").into());
    }
    Ok(())
}

/// The tax flag of the last row, read back: the flag precedes the payout and its
/// portions, and none of them has a comma.
pub(super) fn mark_written(rows: &[u8], portions: usize) -> &[u8] {
    let mut cells = rows.rsplit(|byte| *byte == b',');
    cells.nth(1 + portions).unwrap_or_default()
}
