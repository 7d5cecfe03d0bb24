//! Explains one claimant's payout step by step.
//!
//! The functions that computed the run also record its steps; the rate comes from the
//! run's summary. The result is compared with the run's own row.

pub(crate) mod text;

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::allocate::trace::lots::LotList;
use crate::allocate::trace::values::ClaimRow;
use crate::allocate::trace::{self, PoolSteps, contradiction, damaged};
use crate::audit::messages;
use crate::audit::saved_run::{self, NamedFiles, SavedRun};
use crate::base::diagnostics::{Mismatch, Problem, alternatives, count, literal};
use crate::base::money::{self, Money};
use crate::claims::aggregate::RowMerger;
use crate::claims::corrections::stream::CellCorrection;
use crate::claims::find_claimant::{self, FoundClaimant, FoundRow, MappedCell};
use crate::claims::input::{self, Input};
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::placed_trades::TradeFault;
use crate::claims::trades::{self, TradeBook, lot_values};
use crate::plan::cell::Cells;
use crate::plan::cell_map::CellChange;
use crate::plan::{Plan, RowsRule, TaxRules};
use crate::run::portions::{self, PortionSteps};
use crate::run::rows::{OutputKind, columns};
use crate::run::tax::{self, TaxFlag};
use crate::run::{Progress, Stage};

#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    pub claimant_id: String,
    /// `paid`, `held` or `unpaid`.
    pub outcome: &'static str,
    /// The amount paid or held, in currency.
    pub payout: Option<String>,
    pub currency: &'static str,
    /// The reason why the plan is a draft.
    pub draft: Option<String>,
    /// The claimant's rows of the claims file.
    pub rows: Vec<RowFacts>,
    /// The names of the claimant's subclasses, each with its condition.
    pub subclasses: Vec<String>,
    /// The lots of the claimant's trades; only if the plan has `[trades]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trades: Option<LotList>,
    pub pools: Vec<PoolSteps>,
    /// The portions of an amount that is paid or held; only if the plan has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub portions: Vec<PortionSteps>,
    /// The tax flag, if the plan flags payouts and an amount is paid or held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<TaxSteps>,
}

/// The explanation of a tax flag, without the taxpayer number.
#[derive(Debug, Clone, Serialize)]
pub struct TaxSteps {
    /// The threshold in currency.
    pub threshold: String,
    /// The earlier payments of the year, if the plan reads them.
    pub earlier: Option<String>,
    /// The portion that is looked at alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portion: Option<String>,
    /// True if the payout with earlier payments is at or over the threshold.
    pub at_or_over: bool,
    /// True if the taxpayer number has a valid form.
    pub valid_number: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct RowFacts {
    /// The row number, counted from 1 below the header, over all files.
    pub row: u64,
    /// The name of its claims file, without folders.
    pub file: String,
    /// Its line in the file, or its row in the sheet of a workbook.
    pub line: u64,
    /// The claim's status under the plan.
    #[serde(rename = "standing")]
    pub claim_status: String,
    /// The reason in unpaid.csv, if the row is there.
    pub unpaid: Option<String>,
    /// The cells that the plan reads as other texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read_as: Vec<ReadAs>,
}

/// A cell that the plan reads as another text.
#[derive(Debug, Clone, Serialize)]
pub struct ReadAs {
    pub column: String,
    /// The cell as it is in the claims file.
    pub cell: String,
    /// The text that it is read as.
    pub text: String,
    /// The key of the plan that says so, `map` or `ignore_case`, or `correction`.
    pub by: &'static str,
}

/// Explains the payout of a claimant of a run. The claims files are those of the
/// manifest, unless others are named.
pub fn explain<'n>(
    folder: &Path,
    named: impl Into<NamedFiles<'n>>,
    id: &str,
    progress: &dyn Progress,
) -> Result<Explanation> {
    let mut run = saved_run::open(folder)?;
    let named = named.into();
    saved_run::follow(&mut run.plan, folder, &run.manifest, named.after)?;
    let inputs = run.inputs(named)?;
    progress.begin(Stage::Looking, inputs.iter().map(Input::size).sum());
    let (of_trades, of_claims) = input::split(&inputs);
    let advance = |bytes| progress.advance(bytes);
    let book = trades::read_of_run(&of_trades, &run.plan, &advance)?;
    let matched = book.as_ref().map(|book| book.matched(id));
    let matched = matched.transpose().map_err(|faults| unreadable(&faults))?;
    let mut found = find_claimant::find(&of_claims, &run.plan, id, matched.as_ref(), &advance)?;
    progress.end("");
    if let Some(book) = &book {
        found.files.extend_from_slice(book.files());
    }
    let mut lots = None;
    if let Some((book, matched)) = book.as_ref().zip(matched.as_ref()) {
        lots = Some(lots_of(&run.plan, book, matched, &mut found)?);
    }
    of_rows(&run, id, &found, lots)
}

/// The lots of a claimant. Their sums become values of its claim.
fn lots_of(
    plan: &Plan,
    book: &TradeBook,
    matched: &MatchedTrades<'_>,
    found: &mut FoundClaimant,
) -> Result<LotList> {
    let mut takes_part = false;
    for row in &mut found.rows {
        let status = status::claim_status(plan, &row.cells, &mut RowFindings::default());
        if status.is_some_and(ClaimStatus::takes_part) {
            takes_part = true;
            let sums = lot_values::sums(plan, book, matched);
            row.cells.values = sums.map_err(|faults| unreadable(&faults))?;
        }
    }
    let list = LotList::new(plan, book, matched, takes_part);
    list.map_err(|fault| damaged(&fault))
}

/// An error for trades that could be read before but not now.
fn unreadable(faults: &[TradeFault]) -> anyhow::Error {
    let first = faults.first().map(|fault| fault.message.clone());
    damaged(&first.unwrap_or_default().into())
}

fn of_rows(
    run: &SavedRun,
    id: &str,
    found: &FoundClaimant,
    trades: Option<LotList>,
) -> Result<Explanation> {
    check_files(run, found)?;
    if found.rows.is_empty() {
        let hint = if found.near.is_empty() {
            "check the id, and that it is one of this run; no id in the claims is similar"
                .to_owned()
        } else {
            format!("did you mean {}?", alternatives(&found.near))
        };
        return Err(messages::no_claimant(literal(id)).hint(hint).into());
    }
    let paid = run.find_rows("payouts.csv", id)?.into_iter().next();
    let held = run.find_rows("held.csv", id)?.into_iter().next();
    let outcome = match (&paid, &held) {
        (Some(_), _) => "paid",
        (None, Some(_)) => "held",
        (None, None) => "unpaid",
    };
    let written = paid.or(held);
    let plan = &run.plan;
    let mut explanation = Explanation {
        claimant_id: id.to_owned(),
        outcome,
        payout: written.as_ref().and_then(|row| cell_of(row, "payout")),
        currency: plan.settlement.currency.code(),
        draft: plan.settlement.draft.clone(),
        rows: row_facts(run, id, found)?,
        subclasses: Vec::new(),
        trades,
        pools: Vec::new(),
        portions: Vec::new(),
        tax: None,
    };
    if plan.claims.rows == RowsRule::Sum {
        let mut merger = RowMerger::new(plan);
        for FoundRow { cells, .. } in &found.rows {
            let claim_status = status::claim_status(plan, cells, &mut RowFindings::default());
            merger.row(id, claim_status, cells);
        }
        if let Some(cells) = merger.cells(plan.claims.id) {
            add_pools(run, found, &cells, written.as_deref(), &mut explanation)?;
        } else if written.is_some() {
            return Err(not_payable(id).into());
        }
    } else if let Some(FoundRow { cells, .. }) = found.rows.first() {
        let claim_status = status::claim_status(plan, cells, &mut RowFindings::default());
        if claim_status.is_some_and(ClaimStatus::takes_part) {
            add_pools(run, found, cells, written.as_deref(), &mut explanation)?;
        } else if written.is_some() {
            return Err(not_payable(id).into());
        }
    }
    Ok(explanation)
}

/// The claims files must be those of the run.
fn check_files(run: &SavedRun, found: &FoundClaimant) -> Result<(), Problem> {
    let recorded = &run.manifest.inputs;
    if recorded.len() != found.files.len() {
        let files = count(recorded.len(), "claims file", "claims files");
        return Err(messages::other_number_of_claims_files(&files).into());
    }
    for (recorded, file) in recorded.iter().zip(&found.files) {
        if recorded.sha256 != file.sha256 {
            let (name, sha256) = (&recorded.name, &recorded.sha256);
            return Err(messages::other_claims_file(&file.shown, name, sha256).into());
        }
    }
    Ok(())
}

type CellPairs = [(String, String)];

fn cell_of(row: &CellPairs, name: &str) -> Option<String> {
    row.iter()
        .find(|(known, _)| known == name)
        .map(|(_, cell)| cell.clone())
}

fn row_facts(run: &SavedRun, id: &str, found: &FoundClaimant) -> Result<Vec<RowFacts>> {
    let unpaid = run.find_rows("unpaid.csv", id)?;
    let facts = found.rows.iter().map(|row| {
        let number = row.number.to_string();
        let reason = unpaid
            .iter()
            .find(|cells| cell_of(cells, "row").as_deref() == Some(&number));
        RowFacts {
            row: row.number,
            file: row.file.clone(),
            line: row.line,
            read_as: {
                let corrected = row.corrected.iter().map(corrected);
                let mapped = row.mapped.iter().map(|cell| read_as(&run.plan, row, cell));
                corrected.chain(mapped).collect()
            },
            claim_status: trace::claim_status_text(&run.plan, &row.cells),
            unpaid: reason.and_then(|cells| cell_of(cells, "reason")),
        }
    });
    Ok(facts.collect())
}

fn corrected(cell: &CellCorrection) -> ReadAs {
    ReadAs {
        column: cell.column.clone(),
        cell: cell.before.clone(),
        text: cell.after.clone(),
        by: "correction",
    }
}

fn read_as(plan: &Plan, row: &FoundRow, cell: &MappedCell) -> ReadAs {
    ReadAs {
        column: plan.columns.name(cell.column).to_owned(),
        cell: cell.written.clone(),
        text: row.cells.cell(cell.column).to_owned(),
        by: match cell.change {
            CellChange::Mapped => "map",
            CellChange::IgnoredCase => "ignore_case",
        },
    }
}

fn add_pools(
    run: &SavedRun,
    found: &FoundClaimant,
    cells: &impl Cells,
    written: Option<&CellPairs>,
    explanation: &mut Explanation,
) -> Result<()> {
    let plan = &run.plan;
    let rows = found.rows.iter().map(|row| ClaimRow {
        number: row.number,
        cells: &row.cells,
    });
    let rows: Vec<ClaimRow<'_>> = rows.collect();
    let paid = |number: usize| {
        let pool = plan.pools.get(number)?;
        let column = if plan.pools.len() == 1 {
            "payout".to_owned()
        } else {
            format!("{} payout", pool.name)
        };
        cell_of(written?, &column)
    };
    let currency = plan.settlement.currency;
    let reason = plan.payment_drop.as_ref();
    let reason = reason.map(|drop| drop.reason_in_all(currency));
    let mut written_rows = explanation.rows.iter();
    let removed = reason.is_some() && written_rows.any(|row| row.unpaid == reason);
    let parts = trace::parts(plan, &run.summary, cells, &rows, &paid, removed)?;
    if let Some(written) = written {
        check_row(plan, written, &parts.pools)?;
    }
    (explanation.subclasses, explanation.pools) = (parts.subclasses, parts.pools);
    if let Some(written) = written.filter(|_| !plan.portions.is_empty()) {
        explanation.portions = portion_steps(plan, (cells, &rows), written, &explanation.pools)?;
    }
    if let (Some(tax), Some(written)) = (&plan.tax, written) {
        explanation.tax = Some(tax_steps(plan, tax, cells, written)?);
    }
    Ok(())
}

/// Recomputes the portions of a payout and compares them with the run's own.
fn portion_steps(
    plan: &Plan,
    (cells, rows): (&impl Cells, &[ClaimRow<'_>]),
    written: &CellPairs,
    pools: &[PoolSteps],
) -> Result<Vec<PortionSteps>> {
    let changed = || contradiction("its plan in the portions of a payout");
    let decimals = plan.settlement.currency.decimals();
    let money = |text: &str| money::from_text(text, decimals);
    let payments = pools.iter().map(|pool| money(&pool.payout));
    let payments: Option<Vec<Money>> = payments.collect();
    let payout = cell_of(written, "payout").and_then(|payout| money(&payout));
    let (payments, payout) = payments.zip(payout).ok_or_else(changed)?;
    let steps = portions::explained(plan, &payments, payout, cells, rows);
    let steps = steps.map_err(|fault| damaged(&fault))?;
    let is_written =
        |step: &PortionSteps| cell_of(written, &step.name).as_ref() == Some(&step.amount);
    if !steps.iter().all(is_written) {
        return Err(changed().into());
    }
    Ok(steps)
}

/// Checks the parts of the row that the pools do not check: shares, awards, and that
/// the payout is the sum over the pools.
fn check_row(plan: &Plan, written: &CellPairs, pools: &[PoolSteps]) -> Result<(), Mismatch> {
    let [columns, ..] = columns(plan);
    let of_row = |name: &str| cell_of(written, name);
    let money = |name: &str| money::from_text(&of_row(name)?, plan.settlement.currency.decimals());
    let mut weights = pools.iter().map(|pool| &pool.weight);
    let (mut sum, mut several) = (Money::ZERO, false);
    for column in &columns {
        let name = &column.name;
        let holds = match column.kind {
            OutputKind::Shares | OutputKind::Award => of_row(name).as_ref() == weights.next(),
            OutputKind::PoolPayout(_) => {
                several = true;
                let total = money(name).and_then(|payout| sum.plus(payout));
                sum = total.unwrap_or(sum);
                total.is_some()
            }
            OutputKind::Payout => !several || money(name) == Some(sum),
            OutputKind::Text | OutputKind::Rows | OutputKind::Portion(_) => true,
        };
        if !holds {
            let cell = of_row(name).unwrap_or_default();
            let found = format!("column `{name}` has {}", literal(&cell));
            return Err(contradiction(&format!("its plan: {found}")));
        }
    }
    Ok(())
}

fn not_payable(id: &str) -> Mismatch {
    let id = literal(id);
    contradiction(&format!("its plan: {id} has a payout but is not payable"))
}

/// Recomputes the tax flag of a payout and compares it with the run's own.
fn tax_steps(
    plan: &Plan,
    tax: &TaxRules,
    cells: &impl Cells,
    written: &CellPairs,
) -> Result<TaxSteps> {
    let currency = plan.settlement.currency;
    let changed = || contradiction("its plan in a tax flag");
    let payout = cell_of(written, "payout");
    let payout = payout.and_then(|payout| money::from_text(&payout, currency.decimals()));
    let payout = payout.ok_or_else(changed)?;
    let payout = match tax.portion.and_then(|portion| plan.portions.get(portion)) {
        None => payout,
        Some(portion) => {
            let amount = cell_of(written, &portion.name);
            let amount = amount.and_then(|amount| money::from_text(&amount, currency.decimals()));
            amount.ok_or_else(changed)?
        }
    };
    let flag = TaxFlag::of(tax, currency, payout, cells).map_err(|fault| damaged(&fault))?;
    if cell_of(written, tax::COLUMN).as_deref() != Some(flag.mark()) {
        return Err(changed().into());
    }
    let earlier = tax.earlier.as_ref().map(|earlier| earlier.amount(cells));
    let earlier = earlier.transpose().map_err(|fault| damaged(&fault))?;
    Ok(TaxSteps {
        threshold: currency.text(tax.threshold),
        earlier: earlier.map(|earlier| currency.award_text(earlier)),
        portion: tax
            .portion
            .and_then(|portion| plan.portions.get(portion))
            .map(|portion| portion.name.clone()),
        at_or_over: flag.at_or_over,
        valid_number: flag.valid_number,
    })
}
