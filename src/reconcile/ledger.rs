//! ledger.csv: every claimant who ever had a payout or a hold, with all that was paid.

use std::collections::HashMap;

use anyhow::Result;

use crate::base::csv_text::push_cell;
use crate::base::diagnostics::{Bug, OrBug as _};
use crate::base::money::{Currency, Money};
use crate::reconcile::book::Book;
use crate::reconcile::output::RowWriter;
use crate::reconcile::tally::{PayoutSums, Tally};
use crate::run::payment_statistics::PaymentStatistics;

/// What the rows of the ledger come to.
#[derive(Debug, Default)]
pub(crate) struct LedgerSums {
    pub sums: PayoutSums,
    pub held: Money,
    /// What each claimant received who received something.
    pub received: PaymentStatistics,
}

/// Writes the ledger, by id in the order of bytes.
pub(crate) fn write(
    book: &Book,
    tally: &Tally,
    currency: Currency,
    file: &mut RowWriter<'_>,
) -> Result<LedgerSums> {
    let runs = u16::try_from(tally.runs.len())?;
    let mut order: Vec<u32> = (0..book.claimants.len()).collect();
    order.sort_unstable_by(|one, other| {
        let id = |claimant: &u32| book.claimants.id(*claimant);
        id(one).as_bytes().cmp(id(other).as_bytes())
    });
    let mut held: HashMap<(u32, u16), Money> = HashMap::new();
    for (claimant, portion, amount) in &book.held {
        held.insert((*claimant, *portion), *amount);
    }
    let portion = if book.has_portions() { "portion," } else { "" };
    file.line(&format!(
        "claimant_id,{portion}status,payouts,cashed,refunded,outstanding,void,lapsed,over,held\n"
    ))?;
    let mut sums = LedgerSums::default();
    for claimant in order {
        let rows = rows_of(book, tally, &held, runs, claimant);
        let mut received = Money::ZERO;
        for row in rows {
            received = received.plus(row.sums.cashed).or_bug(LARGE);
            sums.add(&row);
            file.line(&text(book, claimant, &row, currency))?;
        }
        if received > Money::ZERO {
            sums.received.add(received, 1);
        }
    }
    sums.received.sort();
    Ok(sums)
}

const LARGE: &str = "the sums of the ledger are too large";

struct LedgerRow {
    portion: u16,
    status: &'static str,
    sums: PayoutSums,
    held: Money,
}

/// The rows of a claimant: one, or one for each portion.
fn rows_of(
    book: &Book,
    tally: &Tally,
    held: &HashMap<(u32, u16), Money>,
    runs: u16,
    claimant: u32,
) -> Vec<LedgerRow> {
    let payouts: Vec<u32> = (0..runs)
        .flat_map(|run| book.payouts_of(run, claimant))
        .collect();
    let mut rows = Vec::new();
    for portion in (0..).take(book.portions.len()) {
        let is_of = |payout: &u32| book.payout(*payout).portion == portion;
        let its: Vec<u32> = payouts.iter().copied().filter(is_of).collect();
        let held = held.get(&(claimant, portion)).copied();
        if its.is_empty() && held.is_none() {
            continue;
        }
        let status = match (held, its.last()) {
            (Some(_), _) => "held",
            (None, Some(last)) => tally.state(*last).word(),
            (None, None) => NONE,
        };
        rows.push(LedgerRow {
            portion,
            status,
            sums: tally.of_claimant(book, &its),
            held: held.unwrap_or(Money::ZERO),
        });
    }
    if rows.is_empty() {
        rows.push(LedgerRow {
            portion: 0,
            status: NONE,
            sums: PayoutSums::default(),
            held: Money::ZERO,
        });
    }
    rows
}

/// The status of a claimant without a payout or a hold in the last run.
const NONE: &str = "none";

fn text(book: &Book, claimant: u32, row: &LedgerRow, currency: Currency) -> String {
    let mut line = String::new();
    push_cell(&mut line, book.claimants.id(claimant));
    if book.has_portions() {
        line.push(',');
        let name = book.portions.get(usize::from(row.portion));
        push_cell(&mut line, name.map_or("", String::as_str));
    }
    line.push(',');
    line.push_str(row.status);
    let sums = &row.sums;
    let amounts = [
        sums.payouts,
        sums.cashed,
        sums.refunded,
        sums.outstanding,
        sums.void,
        sums.lapsed,
        sums.over,
        row.held,
    ];
    for amount in amounts {
        line.push(',');
        line.push_str(&currency.text(amount));
    }
    line.push('\n');
    line
}

impl LedgerSums {
    fn add(&mut self, row: &LedgerRow) {
        let add = |sum: &mut Money, amount: Money| *sum = sum.plus(amount).or_bug(LARGE);
        add(&mut self.sums.payouts, row.sums.payouts);
        add(&mut self.sums.cashed, row.sums.cashed);
        add(&mut self.sums.refunded, row.sums.refunded);
        add(&mut self.sums.outstanding, row.sums.outstanding);
        add(&mut self.sums.void, row.sums.void);
        add(&mut self.sums.lapsed, row.sums.lapsed);
        add(&mut self.sums.late, row.sums.late);
        add(&mut self.sums.over, row.sums.over);
        add(&mut self.held, row.held);
    }

    /// Proves that the rows come to the sums over payouts, and that each claimant's add
    /// up.
    pub(crate) fn prove(&self, tally: &Tally, held: Money) -> Result<(), Bug> {
        if self.sums == tally.all && self.sums.ties_out() && self.held == held {
            return Ok(());
        }
        Err(Bug::new("the ledger does not add up to the payouts"))
    }
}
