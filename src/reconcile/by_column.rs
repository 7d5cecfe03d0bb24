//! Payouts that were never cashed, counted by columns of the claims file.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::Result;

use crate::allocate::read_claims;
use crate::audit::saved_run::{NamedFiles, SavedRun};
use crate::base::diagnostics::listing;
use crate::claims::{PLAN_OF_IDS, ReadOptions, input};
use crate::plan::column::ColumnUse;
use crate::plan::{ColumnId, Plan, RowsRule};
use crate::reconcile::book::Book;
use crate::reconcile::saved::place;
use crate::reconcile::tally::{CountAndSum, Tally};
use crate::reconcile::{ReconcileJob, messages};

/// By column, and by text of its cells.
pub(crate) type CountsByColumn = Vec<(String, Vec<(String, CountAndSum)>)>;

const PLAN: &str = "[settlement]\nname = \"Claims\"\n[fund]\namount = 1\n\
    [claims]\nstatus = false\n[[pool]]\nname = \"all\"\nshares = 1\n";

/// Counts the payouts of which no payment is live, by the cells of the first row of each
/// claimant.
pub(crate) fn count(
    job: &ReconcileJob<'_>,
    run: &SavedRun,
    columns: &[String],
    book: &Book,
    tally: &Tally,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<CountsByColumn> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let claims: &[PathBuf] = job.claims;
    let named = NamedFiles {
        claims,
        ..NamedFiles::default()
    };
    let inputs = run.inputs(named).map_err(|_| {
        let columns = listing(columns);
        messages::by_without_claims(&columns)
    })?;
    let mut plan = Plan::from_text(PLAN_OF_IDS, PLAN)?;
    plan.claims.rows = RowsRule::Each;
    if let Some(column) = plan.columns.get_mut(plan.claims.id) {
        let name = run.plan.columns.name(run.plan.claims.id);
        name.clone_into(&mut column.name);
    }
    let ids: Vec<ColumnId> = columns
        .iter()
        .map(|name| plan.columns.beside_rules(name, ColumnUse::Facts))
        .collect();
    let options = ReadOptions {
        errors: job.errors,
        keep_cells: true,
        ..ReadOptions::default()
    };
    let inputs = input::split(&inputs).1;
    let read = read_claims(&inputs, &plan, &options, progress)?;
    let mut first_rows: HashMap<u32, u32> = HashMap::new();
    for row in read.claim_list.rows() {
        if let Some(claimant) = book.claimants.find(row.id_text()) {
            first_rows.entry(claimant).or_insert(row.number);
        }
    }
    let mut counts: Vec<BTreeMap<String, CountAndSum>> = vec![BTreeMap::new(); ids.len()];
    for payout in 0..place(book.payouts.len()) {
        if tally.state(payout).is_live() {
            continue;
        }
        let of = book.payout(payout);
        let cells = match first_rows.get(&of.claimant) {
            Some(row) => Some(read.claim_list.kept_cells(*row)?),
            None => None,
        };
        for (column, counts) in ids.iter().zip(&mut counts) {
            let text = cells.map_or("", |cells| cells.text(*column));
            counts.entry(text.to_owned()).or_default().add(of.amount);
        }
    }
    let counts = counts
        .into_iter()
        .map(|counts| counts.into_iter().collect());
    Ok(columns.iter().cloned().zip(counts).collect())
}
