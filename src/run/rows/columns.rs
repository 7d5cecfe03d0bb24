//! The columns of the three files.

use crate::base::csv_text::push_cell;
use crate::plan::{Plan, RowsRule, WeightKind};
use crate::run::tax;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// The name in the header.
    pub name: String,
    pub kind: OutputKind,
}

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Text, even where it looks like a number: ids.
    Text,
    /// A whole number of rows.
    Rows,
    /// A number of shares.
    Shares,
    /// An award in currency; it may be finer than the minor unit.
    Award,
    /// The payout from the pool at this index.
    PoolPayout(usize),
    /// The total payout of the row.
    Payout,
    /// The portion of the payout at this index.
    Portion(usize),
}

impl OutputColumn {
    fn new(name: impl Into<String>, kind: OutputKind) -> Self {
        let name = name.into();
        Self { name, kind }
    }
}

pub fn columns(plan: &Plan) -> [Vec<OutputColumn>; 3] {
    let payouts = of_payouts(plan);
    let mut held = payouts.clone();
    held.push(OutputColumn::new("status", OutputKind::Text));
    let unpaid = vec![
        OutputColumn::new("claimant_id", OutputKind::Text),
        OutputColumn::new("row", OutputKind::Rows),
        OutputColumn::new("reason", OutputKind::Text),
    ];
    [payouts, held, unpaid]
}

/// The columns of flags.csv.
pub(in crate::run) fn flag_columns() -> [OutputColumn; 4] {
    [
        OutputColumn::new("claimant_id", OutputKind::Text),
        OutputColumn::new("row", OutputKind::Rows),
        OutputColumn::new("rule", OutputKind::Text),
        OutputColumn::new("same_as", OutputKind::Text),
    ]
}

/// The columns of lots.csv.
pub(in crate::run) fn lot_columns(plan: &Plan) -> Vec<OutputColumn> {
    let trades = plan.trades.as_ref();
    let is_matched = trades.is_some_and(|trades| trades.matching.is_some());
    let names: &[&str] = if is_matched {
        &[
            "claimant_id",
            "security",
            "side",
            "kind",
            "closed_by",
            "bought",
            "paid",
            "sold",
            "received",
            "quantity",
            "opened_row",
            "closed_row",
        ]
    } else {
        &[
            "claimant_id",
            "security",
            "kind",
            "date",
            "price",
            "quantity",
            "row",
        ]
    };
    let values = plan.values.iter().filter(|value| value.is_per_lot());
    let values = values.map(|value| value.key.as_str());
    let names = names.iter().copied().chain(values);
    names
        .map(|name| OutputColumn::new(name, OutputKind::Text))
        .collect()
}

/// The columns of deficiencies.csv.
pub(in crate::run) fn deficiency_columns() -> Vec<OutputColumn> {
    let names = ["claimant_id", "security", "row", "deficiency"];
    let column = |name: &str| OutputColumn::new(name, OutputKind::Text);
    names.map(column).to_vec()
}

fn of_payouts(plan: &Plan) -> Vec<OutputColumn> {
    let mut columns = vec![
        OutputColumn::new("claimant_id", OutputKind::Text),
        OutputColumn::new("subclass", OutputKind::Text),
    ];
    if plan.claims.rows == RowsRule::Sum {
        columns.push(OutputColumn::new("rows", OutputKind::Rows));
    }
    for (number, pool) in plan.pools.iter().enumerate() {
        let (measure, kind) = match pool.measure {
            WeightKind::Shares => ("shares", OutputKind::Shares),
            WeightKind::Award => ("award", OutputKind::Award),
        };
        if plan.pools.len() == 1 {
            columns.push(OutputColumn::new(measure, kind));
        } else {
            columns.push(OutputColumn::new(format!("{} {measure}", pool.name), kind));
            let payout = format!("{} payout", pool.name);
            columns.push(OutputColumn::new(payout, OutputKind::PoolPayout(number)));
        }
    }
    if plan.tax.is_some() {
        columns.push(OutputColumn::new(tax::COLUMN, OutputKind::Text));
    }
    columns.push(OutputColumn::new("payout", OutputKind::Payout));
    let portions = plan.portions.iter().enumerate();
    columns.extend(portions.map(|(number, portion)| {
        OutputColumn::new(portion.name.clone(), OutputKind::Portion(number))
    }));
    columns
}

/// The header line of a file with these columns.
pub(in crate::run) fn header(columns: &[OutputColumn]) -> String {
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
