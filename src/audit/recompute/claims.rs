//! Reads claims with an ordinary CSV reader.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use num_traits::Zero;

use crate::audit::recompute::number::{Fraction, amount};
use crate::base::money::ratio_text;
use crate::claims::csv::reader::is_blank;
use crate::claims::input::{self, Input};
use crate::plan::cell::Cells;
use crate::plan::{ColumnId, Condition, Formula, Plan, Pool, RowsRule, StatusMeaning, StatusRule};

#[derive(Debug)]
pub(super) struct RecomputedClaim {
    pub id: String,
    pub held: bool,
    /// The cells that the plan reads.
    pub cells: PlanCells,
    members: Vec<bool>,
}

/// The cells that the plan reads, in the order of its columns.
#[derive(Debug, Clone)]
pub(super) struct PlanCells(Vec<String>);

impl Cells for PlanCells {
    fn cell(&self, column: ColumnId) -> &str {
        self.0.get(column.0).map_or("", String::as_str)
    }
}

impl PlanCells {
    fn meets(&self, when: &Condition, members: &[bool]) -> Result<bool> {
        let fault = |fault: crate::plan::cell::CellFault| anyhow::anyhow!(fault.problem);
        when.holds(self, members).map_err(fault)
    }
}

impl RecomputedClaim {
    /// True if the claim meets a condition.
    pub(super) fn meets(&self, when: &Condition) -> Result<bool> {
        self.cells.meets(when, &self.members)
    }
}

/// Reads payable and held claims, in the order of their first rows, and counts all
/// rows.
pub(super) fn read(plan: &Plan, inputs: &[Input]) -> Result<(Vec<RecomputedClaim>, u64)> {
    let mut claims: Vec<RecomputedClaim> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut rows = 0;
    for input in inputs {
        let stream = input::open(input, plan)?.refuse_faults()?;
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
            rows += 1;
            let cell = |place: &usize| record.get(*place).unwrap_or_default().trim().to_owned();
            let row = PlanCells(places.iter().map(cell).collect());
            let Some(held) = accepted(plan, &row)? else {
                continue;
            };
            let id = row.cell(plan.claims.id).to_owned();
            if plan.claims.rows == RowsRule::Sum {
                if let Some(claim) = known.get(&id).and_then(|number| claims.get_mut(*number)) {
                    add(plan, &mut claim.cells, &row)?;
                    continue;
                }
                known.insert(id.clone(), claims.len());
            }
            claims.push(RecomputedClaim {
                id,
                held,
                cells: row,
                members: Vec::new(),
            });
        }
    }
    for claim in &mut claims {
        let members = plan.subclasses.iter();
        let members = members.map(|subclass| claim.cells.meets(&subclass.when, &[]));
        claim.members = members.collect::<Result<_>>()?;
    }
    Ok((claims, rows))
}

fn places(plan: &Plan, header: &csv::StringRecord) -> Result<Vec<usize>> {
    let names: Vec<&str> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim())
        .collect();
    let place = |name: &str| names.iter().position(|known| *known == name);
    plan.columns
        .iter()
        .map(|(_, column)| place(&column.name).context("a column is missing"))
        .collect()
}

/// The effect of a row: ignored, paid or held. Exclusions apply before the status (plan
/// reference, "Claims").
fn accepted(plan: &Plan, row: &PlanCells) -> Result<Option<bool>> {
    for exclude in &plan.excludes {
        if row.meets(&exclude.when, &[])? {
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
    let mut columns: Vec<ColumnId> = plan
        .pools
        .iter()
        .flat_map(Pool::formulas)
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
