//! Made-up claims for a plan, to try it with: the same for the same seed.
//!
//! Beside the columns that the plan reads there are a name, an e-mail address
//! and a state, with commas, quotes and letters beyond ASCII, as real files
//! have them.
//!
//! They are outcome and the fund divided among them, as a run would, before any of
//! them is written: whatever a plan asks for, its claims have it, or the sample says
//! why there can be none.

mod cell_generator;
mod from_plan;

use std::io::{self, Write};

use anyhow::Result;

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::entitlement::RowOutcome;
use crate::allocate::pool::LeftoverUnits;
use crate::allocate::pools::{LeftoverRecipients, divide_pools};
use crate::base::csv_text::push_cell;
use crate::base::diagnostics::{OrBug, Problem, count, literal, plan_problems_with};
use crate::claims::aggregate::RowMerger;
use crate::claims::claim_list::ClassId;
use crate::claims::header::Header;
use crate::claims::status::{self, RowFindings};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::{ColumnId, Plan, RowsRule};
use crate::run::sample::cell_generator::Random;
use crate::run::sample::from_plan::{SampleColumn, columns};

/// How many bytes are gathered before they are written.
const BLOCK: usize = 1 << 18;

/// How many times a claimant is made up who may be one that the plan takes.
const TRIES: u16 = 1000;

/// How many times all of them are made up, the later ones with smaller amounts.
const SAMPLES: u32 = 10;

/// Claims that the plan takes.
#[derive(Debug)]
pub struct Sample<'p> {
    plan: &'p Plan,
    columns: Vec<SampleColumn>,
    /// Where the columns of the plan are among them.
    header: Header,
    rows: u64,
    seed: u64,
    /// Claimant by claimant, how many were made up before that the plan does not
    /// take.
    refused: Vec<u16>,
}

/// Claimants, one after the other.
struct SampleClaimants<'a> {
    columns: &'a [SampleColumn],
    several: bool,
    seed: u64,
    random: Random,
    left: u64,
    number: u64,
}

/// A row as the plan reads it.
struct SampleCells<'a> {
    header: &'a Header,
    row: &'a [String],
}

impl Cells for SampleCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        let place = self.header.places.get(column.0);
        let cell = place.and_then(|place| self.row.get(*place));
        cell.or_bug("a column was not made up")
    }
}

impl<'p> Sample<'p> {
    /// Makes up so many rows.
    pub fn new(plan: &'p Plan, rows: u64, seed: u64) -> Result<Self> {
        let mut sample = Self::trial(plan, rows, seed, 0)?;
        let mut proved = sample.prove();
        for number in 1..SAMPLES {
            if proved.is_err() {
                sample = Self::trial(plan, rows, seed, number)?;
                proved = sample.prove();
            }
        }
        proved.map(|()| sample)
    }

    fn trial(plan: &'p Plan, rows: u64, seed: u64, number: u32) -> Result<Self> {
        let columns = columns(plan, 10_u64.pow(number / 2));
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let mut problem = None;
        let mut note = |found| problem = Some(found);
        let header = Header::bind(names, plan, "", &mut note);
        let header = header.ok_or_else(|| {
            let problem = problem.unwrap_or_default();
            no_claims(&problem.problem, problem.hint)
        })?;
        Ok(Self {
            plan,
            columns,
            header,
            rows,
            // Another number, other claims.
            seed: seed ^ (u64::from(number) << 48),
            refused: Vec::new(),
        })
    }

    fn claimants(&self) -> SampleClaimants<'_> {
        SampleClaimants {
            columns: &self.columns,
            several: self.plan.claims.rows == RowsRule::Sum,
            seed: self.seed,
            random: Random(self.seed),
            left: self.rows,
            number: 0,
        }
    }

    /// Makes up claimants whom the plan takes, and divides the fund among them.
    fn prove(&mut self) -> Result<()> {
        let mut entitlements = EntitlementClasses::new(self.plan);
        let mut refused = Vec::new();
        let mut outcome = RowOutcome::default();
        let mut claimant = Vec::new();
        let mut claimants = self.claimants();
        while claimants.next(&mut claimant) {
            let mut before = 0;
            while let Err(fault) = self.judge(&claimant, &mut outcome, &mut entitlements) {
                if before == TRIES {
                    return Err(self.refusal(fault).into());
                }
                before += 1;
                claimants.again(&mut claimant, before);
            }
            refused.push(before);
        }
        self.refused = refused;
        let divided = divide_pools(self.plan, &entitlements, 1, &|extra, kinds| {
            choose(extra, kinds, &entitlements)
        });
        divided.map(|_| ()).map_err(|error| self.of_rows(error))
    }

    /// Whether the plan takes a claimant, who is then one of those entitled.
    fn judge(
        &self,
        rows: &[Vec<String>],
        outcome: &mut RowOutcome,
        entitlements: &mut EntitlementClasses,
    ) -> Result<(), CellFault> {
        let (plan, header) = (self.plan, &self.header);
        let mut notes = RowFindings::default();
        let mut merger = (plan.claims.rows == RowsRule::Sum).then(|| RowMerger::new(plan));
        let mut takes_part = false;
        for row in rows {
            let cells = SampleCells { header, row };
            let claim_status = status::claim_status(plan, &cells, &mut notes);
            if let Some(merger) = &mut merger {
                let id = cells.cell(plan.claims.id);
                notes.faults.extend(merger.row(id, claim_status, &cells));
            }
            let Some(claim_status) = claim_status.filter(|claim_status| claim_status.takes_part())
            else {
                continue;
            };
            status::check_claim_texts(plan, &cells, &mut notes);
            let earlier = plan.tax.as_ref().and_then(|tax| tax.earlier.as_ref());
            let earlier = earlier.map(|earlier| earlier.amount(&cells));
            notes.faults.extend(earlier.and_then(Result::err));
            if merger.is_none() {
                takes_part = true;
                outcome.claim(plan, claim_status, &cells, &mut notes);
            }
        }
        let added_up = merger.as_ref().map(|merger| merger.claims(plan.claims.id));
        for (_, _, claim_status, cells) in added_up.into_iter().flatten() {
            takes_part = true;
            outcome.claim(plan, claim_status, &cells, &mut notes);
        }
        if let Some(fault) = notes.faults.pop() {
            return Err(fault);
        }
        // Whoever takes no part has no say in how the fund is divided.
        if takes_part {
            entitlements.enter(outcome);
        }
        Ok(())
    }

    /// That no claims can be made up, because all had something like this.
    fn refusal(&self, fault: CellFault) -> Problem {
        let column = fault.column.map(|column| self.plan.columns.name(column));
        let column = column.map_or_else(String::new, |name| format!("column {}: ", literal(name)));
        no_claims(&format!("{column}{}", fault.problem), fault.hint)
    }

    /// How many claims there were when the plan could not be carried out.
    fn of_rows(&self, error: anyhow::Error) -> anyhow::Error {
        let rows = count(self.rows, "made-up claim", "made-up claims");
        plan_problems_with(&format!("with {rows}"), error)
    }

    /// Writes a header and the rows.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut block = String::with_capacity(BLOCK + 4096);
        let names = self.columns.iter().map(|column| column.name.as_str());
        push_row(&mut block, names);
        let mut claimant = Vec::new();
        let mut claimants = self.claimants();
        for &refused in &self.refused {
            claimants.next(&mut claimant);
            for number in 1..=refused {
                claimants.again(&mut claimant, number);
            }
            for row in &claimant {
                push_row(&mut block, row.iter().map(String::as_str));
            }
            if block.len() >= BLOCK {
                out.write_all(block.as_bytes())?;
                block.clear();
            }
        }
        out.write_all(block.as_bytes())?;
        out.flush()
    }
}

impl SampleClaimants<'_> {
    /// Makes up the rows of the next claimant. Whether there is one.
    fn next(&mut self, claimant: &mut Vec<Vec<String>>) -> bool {
        claimant.clear();
        self.number += 1;
        while self.left > 0 {
            self.left -= 1;
            let row = self.row(0);
            claimant.push(row);
            // Where rows are added up, a claimant has three on average.
            if !self.several || self.left > 0 && self.random.below(3) == 0 {
                break;
            }
        }
        !claimant.is_empty()
    }

    /// Makes the rows of a claimant up anew, the first time, the second, and so on.
    fn again(&mut self, claimant: &mut [Vec<String>], time: u16) {
        for row in claimant {
            *row = self.row(time);
        }
    }

    fn row(&mut self, time: u16) -> Vec<String> {
        let person = Random(self.seed ^ self.number ^ (u64::from(time) << 32)).next();
        let mut row = Vec::with_capacity(self.columns.len());
        for (place, column) in (0..).zip(self.columns) {
            let mut cell = String::new();
            let mut own = Random(person ^ place);
            let random = if column.agrees {
                &mut own
            } else {
                &mut self.random
            };
            column.maker.push(&mut cell, self.number, person, random);
            row.push(cell);
        }
        row
    }
}

/// Gives units that go by id to any of those who may have one.
fn choose(
    extra: &LeftoverUnits,
    kinds: &[ClassId],
    entitlements: &EntitlementClasses,
) -> LeftoverRecipients {
    let mut left = extra.units;
    let takers = extra
        .participants
        .iter()
        .map(|&participant| kinds.get(participant));
    let by_class = takers.map(|kind| {
        let kind = *kind.or_bug("an entrant has no kind");
        let units = entitlements.count(kind).min(left);
        left -= units;
        (kind, units)
    });
    LeftoverRecipients {
        by_class: by_class.collect(),
        ids: None,
    }
}

fn push_row<'a>(block: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            block.push(',');
        }
        push_cell(block, cell);
    }
    block.push('\n');
}

fn no_claims(problem: &str, hint: Option<String>) -> Problem {
    Problem {
        message: format!("no claims can be made up that this plan accepts: {problem}"),
        hint,
    }
}
