//! The columns of the three files, and what their cells are.

use crate::plan::{Measure, Plan, Rows};
use crate::run::rows::row_text::push_cell;
use crate::run::tax;

/// A column of one of the three files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, even where it looks like a number: ids.
    Text,
    /// A whole number that counts rows.
    Rows,
    /// A number of shares.
    Shares,
    /// An award, in currency; it may be finer than the minor unit.
    Award,
    /// What the pool of this number pays.
    PoolPayout(usize),
    /// What the row is paid.
    Payout,
}

impl Column {
    fn new(name: impl Into<String>, kind: Kind) -> Self {
        let name = name.into();
        Self { name, kind }
    }
}

/// The columns of payouts.csv, held.csv and unpaid.csv.
pub fn columns(plan: &Plan) -> [Vec<Column>; 3] {
    let payouts = of_payouts(plan);
    let mut held = payouts.clone();
    held.push(Column::new("status", Kind::Text));
    let unpaid = vec![
        Column::new("claimant_id", Kind::Text),
        Column::new("row", Kind::Rows),
        Column::new("reason", Kind::Text),
    ];
    [payouts, held, unpaid]
}

fn of_payouts(plan: &Plan) -> Vec<Column> {
    let mut columns = vec![
        Column::new("claimant_id", Kind::Text),
        Column::new("subclass", Kind::Text),
    ];
    if plan.claims.rows == Rows::Sum {
        columns.push(Column::new("rows", Kind::Rows));
    }
    for (number, pool) in plan.pools.iter().enumerate() {
        let (measure, kind) = match pool.measure {
            Measure::Shares => ("shares", Kind::Shares),
            Measure::Award => ("award", Kind::Award),
        };
        if plan.pools.len() == 1 {
            columns.push(Column::new(measure, kind));
        } else {
            columns.push(Column::new(format!("{} {measure}", pool.name), kind));
            let payout = format!("{} payout", pool.name);
            columns.push(Column::new(payout, Kind::PoolPayout(number)));
        }
    }
    if plan.tax.is_some() {
        columns.push(Column::new(tax::COLUMN, Kind::Text));
    }
    columns.push(Column::new("payout", Kind::Payout));
    columns
}

/// The header of a file with these columns, with its line end.
pub(super) fn header(columns: &[Column]) -> String {
    let mut header = String::new();
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            header.push(',');
        }
        push_cell(&mut header, &column.name);
    }
    header.push('\n');
    header
}
