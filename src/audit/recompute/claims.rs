//! Reads claims with an ordinary CSV reader.

mod trades;

use std::cell::RefCell;
use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use num_traits::Zero;

use crate::audit::recompute::cell_maps::CellMaps;
use crate::audit::recompute::claims::trades::{SecondFacts, SecondTrades};
use crate::audit::recompute::formula;
use crate::audit::recompute::ledger::SecondLedger;
use crate::audit::recompute::number::{Fraction, amount, wrong};
use crate::audit::recompute::same_cells::SameCells;
use crate::base::exact::Exact;
use crate::base::money::ratio_text;
use crate::claims::csv::reader::is_blank;
use crate::claims::input::{self, Input};
use crate::plan::cell::{CellFault, Cells, ComputedCell, Facts};
use crate::plan::claim_fact::ClaimFact;
use crate::plan::{
    ColumnId, Condition, Formula, Plan, Pool, Portion, RowsRule, StatusMeaning, StatusRule, ValueId,
};

#[derive(Debug)]
pub(super) struct RecomputedClaim {
    pub id: String,
    pub held: bool,
    /// The cells that the plan reads.
    pub cells: PlanCells,
    /// The sums of the values per row, by index in the plan; `None` for the others.
    row_values: Vec<Option<Fraction>>,
}

/// A claim, or a single row, as the plan sees it. Values are computed when they are
/// read, each only once.
pub(super) struct SeenClaim<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cells: &'a dyn Cells,
    pub(super) values: RefCell<Vec<Option<Fraction>>>,
    /// The payments of earlier pools, in currency.
    pub(super) paid: Vec<Fraction>,
}

/// The cells that the plan reads, in the order of its columns.
#[derive(Debug, Clone)]
pub(super) struct PlanCells(Vec<String>);

impl Cells for PlanCells {
    fn cell(&self, column: ColumnId) -> &str {
        self.0.get(column.0).map_or("", String::as_str)
    }
}

impl Cells for SeenClaim<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        self.cells.cell(column)
    }

    fn computed(&self, column: ColumnId) -> Option<ComputedCell> {
        self.cells.computed(column)
    }
}

impl Facts for SeenClaim<'_> {
    fn member(&self, subclass: usize) -> Result<bool, CellFault> {
        let subclass = self.plan.subclasses.get(subclass);
        let subclass = subclass.ok_or_else(|| wrong("an unknown subclass"))?;
        subclass.when.holds(self)
    }

    fn value(&self, id: ValueId) -> Result<Exact, CellFault> {
        if let Some(Some(known)) = self.values.borrow().get(id.0) {
            return Ok(known.clone().into());
        }
        let value = self.plan.values.get(id.0);
        let value = value.ok_or_else(|| wrong("an unknown value"))?;
        let number = if value.when.holds(self)? {
            formula::value(&value.formula, self, &Fraction::zero())?
        } else {
            Fraction::zero()
        };
        if let Some(known) = self.values.borrow_mut().get_mut(id.0) {
            *known = Some(number.clone());
        }
        Ok(number.into())
    }

    fn paid(&self, pool: usize) -> Exact {
        let paid = self.paid.get(pool).cloned();
        paid.unwrap_or_else(Fraction::zero).into()
    }
}

impl SeenClaim<'_> {
    /// The claim after earlier pools paid these amounts.
    pub(super) fn paid(mut self, paid: Vec<Fraction>) -> Self {
        self.paid = paid;
        self
    }

    /// True if the claim meets a condition.
    pub(super) fn meets(&self, when: &Condition) -> Result<bool> {
        when.holds(self).map_err(found)
    }
}

/// A fault as an error.
pub(super) fn found(fault: CellFault) -> anyhow::Error {
    anyhow::anyhow!(fault.message.text)
}

impl RecomputedClaim {
    /// The claim as the plan sees it.
    pub(super) fn seen<'a>(&'a self, plan: &'a Plan) -> SeenClaim<'a> {
        SeenClaim {
            plan,
            cells: &self.cells,
            values: RefCell::new(self.row_values.clone()),
            paid: Vec::new(),
        }
    }
}

/// Reads payable and held claims, in the order of their first rows, and counts all
/// rows.
pub(super) fn read(
    plan: &Plan,
    inputs: &[Input],
    ledger: &SecondLedger,
    same: &mut SameCells,
) -> Result<(Vec<RecomputedClaim>, u64)> {
    let mut claims: Vec<RecomputedClaim> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut rows = 0;
    let maps = CellMaps::of(plan);
    let (of_trades, of_claims) = input::split(inputs);
    let trades = SecondTrades::read(plan, &of_trades)?;
    rows_of_files(plan, &of_claims, &mut |places, record| {
        rows += 1;
        let cell = |place: &usize| record.get(*place).unwrap_or_default().trim();
        let cells = places.iter().map(cell).enumerate();
        let mut row = PlanCells(
            cells
                .map(|(number, cell)| maps.read(number, cell))
                .collect(),
        );
        let id = row.cell(plan.claims.id).to_owned();
        let mut facts = trades.facts(plan, &id);
        row.set_facts(plan, &id, &facts, ledger)?;
        let Some(held) = accepted(plan, &row)? else {
            return Ok(());
        };
        same.row(plan, rows, &row);
        let mut row_values = row_values(plan, &row)?;
        trades.add_sums(plan, &id, &mut facts)?;
        facts.add_to(&mut row_values);
        if plan.claims.rows == RowsRule::Sum {
            if let Some(claim) = known.get(&id).and_then(|number| claims.get_mut(*number)) {
                add(plan, &mut claim.cells, &row)?;
                let sums = claim.row_values.iter_mut().zip(row_values);
                for (sum, value) in sums.filter_map(|(sum, value)| sum.as_mut().zip(value)) {
                    *sum += value;
                }
                return Ok(());
            }
            known.insert(id.clone(), claims.len());
        }
        claims.push(RecomputedClaim {
            id,
            held,
            cells: row,
            row_values,
        });
        Ok(())
    })?;
    Ok((claims, rows))
}

/// Takes the place of each column of the plan, and a row.
type TakeRow<'t> = dyn FnMut(&[usize], &csv::StringRecord) -> Result<()> + 't;

/// Reads all rows of files, one after the other.
pub(super) fn rows_of_files(plan: &Plan, inputs: &[Input], take: &mut TakeRow<'_>) -> Result<()> {
    let mut rows = 0;
    for input in inputs {
        let stream = input::open(input, plan, rows)?.refuse_faults()?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            // Blank rows may have any number of cells.
            .flexible(true)
            .from_reader(stream.content);
        let records = reader.records();
        let is_nothing =
            |record: &csv::StringRecord| record.iter().all(|cell| is_blank(cell.as_bytes()));
        let mut rows_of_cells = records.filter(|record| !record.as_ref().is_ok_and(is_nothing));
        let header = rows_of_cells.next().context("a claims file is empty")??;
        let places = places(plan, &header)?;
        for record in rows_of_cells {
            let record = record?;
            ensure!(
                record.len() == header.len(),
                "a row has {} cells, the header {}",
                record.len(),
                header.len()
            );
            take(&places, &record)?;
            rows += 1;
        }
    }
    Ok(())
}

/// The values per row of a row that is paid or held.
fn row_values(plan: &Plan, row: &PlanCells) -> Result<Vec<Option<Fraction>>> {
    let seen = row.seen(plan);
    let value = |number: usize| {
        let read = plan.row_values.contains(&ValueId(number));
        read.then(|| seen.value(ValueId(number)).map(|value| value.ratio()))
            .transpose()
            .map_err(found)
    };
    (0..plan.values.len()).map(value).collect()
}

impl PlanCells {
    /// Sets what the program knows of the claim: its trades, and earlier distributions.
    fn set_facts(
        &mut self,
        plan: &Plan,
        id: &str,
        facts: &SecondFacts,
        ledger: &SecondLedger,
    ) -> Result<()> {
        for (number, column) in plan.columns.iter() {
            if let (Some(fact), Some(cell)) = (column.fact, self.0.get_mut(number.0)) {
                *cell = match fact {
                    ClaimFact::Trades(fact) => facts.text(fact).to_owned(),
                    ClaimFact::PriorStatus | ClaimFact::Prior(_) => ledger.text(plan, id, fact)?,
                };
            }
        }
        Ok(())
    }

    /// A single row as the plan sees it.
    fn seen<'a>(&'a self, plan: &'a Plan) -> SeenClaim<'a> {
        SeenClaim {
            plan,
            cells: self,
            values: RefCell::new(vec![None; plan.values.len()]),
            paid: Vec::new(),
        }
    }
}

fn places(plan: &Plan, header: &csv::StringRecord) -> Result<Vec<usize>> {
    let names: Vec<&str> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim())
        .collect();
    let place = |name: &str| names.iter().position(|known| *known == name);
    plan.columns
        .iter()
        .map(|(_, column)| match place(&column.name) {
            // A column that may be absent is blank.
            None if column.optional || column.fact.is_some() => Ok(usize::MAX),
            place => place.context("a column is missing"),
        })
        .collect()
}

/// The effect of a row: ignored, paid or held. Exclusions apply before the status (plan
/// reference, "Claims").
fn accepted(plan: &Plan, row: &PlanCells) -> Result<Option<bool>> {
    let seen = row.seen(plan);
    for exclude in &plan.excludes {
        if seen.meets(&exclude.when)? {
            return Ok(None);
        }
    }
    let StatusRule::Column { column, meanings } = &plan.claims.status else {
        return Ok(Some(false));
    };
    let status = row.cell(*column);
    let meaning = meanings.iter().find(|(text, _)| text == status);
    Ok(match meaning.context("an unknown status")?.1 {
        StatusMeaning::Pay => Some(false),
        StatusMeaning::Hold => Some(true),
        StatusMeaning::Deny => None,
    })
}

/// Merges a row into the claim of its claimant: numbers are added, and a blank adds
/// nothing; if all are blank, the result is blank.
fn add(plan: &Plan, claim: &mut PlanCells, row: &PlanCells) -> Result<()> {
    let of_values = plan.values.iter().filter(|value| value.is_of_claim());
    let of_values = of_values.map(|value| &value.formula);
    let mut columns: Vec<ColumnId> = plan
        .pools
        .iter()
        .flat_map(Pool::formulas)
        .chain(of_values)
        .chain(plan.portions.iter().filter_map(Portion::formula))
        .flat_map(Formula::number_columns)
        .filter(|column| !plan.columns.get(*column).is_some_and(|facts| facts.same))
        .collect();
    columns.sort_unstable();
    columns.dedup();
    for column in columns {
        let format = plan.columns.format(column);
        let mut sum: Option<Fraction> = None;
        for cell in [claim.cell(column), row.cell(column)] {
            if !cell.is_empty() {
                sum = Some(sum.unwrap_or_else(Fraction::zero) + amount(&format, cell)?);
            }
        }
        if let (Some(sum), Some(cell)) = (sum, claim.0.get_mut(column.0)) {
            *cell = ratio_text(&sum, 0);
        }
    }
    Ok(())
}
