//! Sample claims for a plan; the same seed gives the same claims.
//!
//! Besides the columns that the plan reads, the file has a name, an email address and
//! a state, with commas, quotes and non-ASCII letters as in real files.
//!
//! Before anything is written, the claims are evaluated and the fund is allocated as in
//! a run: either the plan accepts the claims, or the error explains why it cannot.

mod cell_generator;
mod from_plan;
mod trades;

use std::collections::HashSet;
use std::io::{self, Write};

use anyhow::Result;
use rust_decimal::Decimal;

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::entitlement::RowOutcome;
use crate::allocate::pool::LeftoverUnits;
use crate::allocate::pools::{LeftoverRecipients, divide_pools, in_rounds};
use crate::base::csv_text::push_cell;
use crate::base::diagnostics::{OrBug, Problem, count, literal, plan_problems_with};
use crate::claims::aggregate::RowMerger;
use crate::claims::claim_list::ClassId;
use crate::claims::classifier::{ClaimClassifier, ClaimOutcome};
use crate::claims::header::Header;
use crate::claims::status::{self, RowFindings};
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::{TradeBook, lot_values};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::claim_fact::ClaimFact;
use crate::plan::unique::{Duplicates, UniqueRule};
use crate::plan::{ColumnId, Plan, RowsRule, ValueId};
use crate::run::messages;
use crate::run::sample::cell_generator::Random;
use crate::run::sample::from_plan::{SampleColumn, columns};
use crate::run::sample::trades::SampleTrades;

/// Bytes to collect before a write.
const BLOCK: usize = 1 << 18;

/// The maximum number of attempts to generate one claimant whom the plan accepts.
const TRIES: u16 = 1000;

/// The maximum number of attempts to generate the whole sample; later ones have smaller
/// amounts.
const SAMPLES: u32 = 10;

/// Claims that the plan accepts.
#[derive(Debug)]
pub struct Sample<'p> {
    plan: &'p Plan,
    columns: Vec<SampleColumn>,
    /// The positions of the plan's columns.
    header: Header,
    rows: u64,
    seed: u64,
    /// For each claimant, the number of rejected attempts before it.
    refused: Vec<u16>,
    /// The trades of the claimants, if the plan has trades.
    trades: Option<SampleTrades>,
}

/// Generates claimants one after the other.
struct SampleClaimants<'a> {
    columns: &'a [SampleColumn],
    several: bool,
    seed: u64,
    random: Random,
    left: u64,
    number: u64,
}

/// The cells that no other claimant may have, by rule of `[[unique]]`.
fn refused_keys(plan: &Plan, cells: &impl Cells) -> Vec<(usize, String)> {
    let rules = plan.unique.iter().enumerate();
    let rules = rules.filter(|(_, rule)| rule.duplicates == Duplicates::Refuse);
    let key = |(number, rule): (usize, &UniqueRule)| {
        let mut key = String::new();
        rule.key(cells, &mut key).then_some((number, key))
    };
    rules.filter_map(key).collect()
}

/// A row as the plan reads it.
struct SampleCells<'a> {
    plan: &'a Plan,
    header: &'a Header,
    row: &'a [String],
    matched: Option<&'a MatchedTrades<'a>>,
    sums: &'a [(ValueId, Decimal)],
}

impl Cells for SampleCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        let fact = self.plan.columns.get(column).and_then(|column| column.fact);
        if let (Some(ClaimFact::Trades(fact)), Some(matched)) = (fact, self.matched) {
            return TradeBook::fact(fact, matched);
        }
        let place = self.header.places.get(column.0);
        let cell = place.and_then(|place| self.row.get(*place));
        let cell = cell.or_bug("a column was not generated");
        let mapped = self.plan.columns.map(column).read(cell);
        mapped.map_or(cell, |(text, _)| text)
    }

    fn row_value(&self, value: ValueId) -> Option<Decimal> {
        let known = self.sums.iter().find(|(id, _)| *id == value);
        known.map(|(_, number)| *number)
    }
}

impl<'p> Sample<'p> {
    /// Generates this number of rows.
    pub fn new(plan: &'p Plan, rows: u64, seed: u64) -> Result<Self> {
        plan.refuse_prior("`payout sample`")?;
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
        Self {
            plan,
            columns,
            header,
            rows,
            // A different attempt gives different claims.
            seed: seed ^ (u64::from(number) << 48),
            refused: Vec::new(),
            trades: None,
        }
        .with_trades()
    }

    /// Adds the trades of the claimants, if the plan has trades.
    fn with_trades(mut self) -> Result<Self> {
        if self.plan.trades.is_none() {
            return Ok(self);
        }
        let place = self.header.places.get(self.plan.claims.id.0).copied();
        let place = place.or_bug("the id was not generated");
        let (mut ids, mut claimant) = (Vec::new(), Vec::new());
        let mut claimants = self.claimants();
        while claimants.next(&mut claimant) {
            let id = claimant.first().and_then(|row| row.get(place));
            ids.push(id.or_bug("the id was not generated").clone());
        }
        self.trades = Some(SampleTrades::new(self.plan, &ids, self.seed)?);
        Ok(self)
    }

    /// The trades file of the sample.
    pub fn trades(&self) -> Option<&str> {
        self.trades.as_ref().map(|trades| &*trades.text)
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

    /// Generates claimants whom the plan accepts, and allocates the fund among them.
    fn prove(&mut self) -> Result<()> {
        let mut entitlements = EntitlementClasses::new(self.plan);
        let mut refused = Vec::new();
        let mut outcome = RowOutcome::default();
        let mut claimant = Vec::new();
        let mut claimants = self.claimants();
        let mut seen = HashSet::new();
        while claimants.next(&mut claimant) {
            let mut before = 0;
            while let Err(fault) =
                self.judge(&claimant, &mut outcome, (&mut entitlements, &mut seen))
            {
                if before == TRIES {
                    return Err(self.refusal(fault).into());
                }
                before += 1;
                claimants.again(&mut claimant, before);
            }
            refused.push(before);
        }
        self.refused = refused;
        let divided = in_rounds(
            self.plan,
            &mut entitlements,
            |entitlements, removed| {
                divide_pools(self.plan, entitlements, removed, 1, &|extra, kinds| {
                    choose(extra, kinds, entitlements)
                })
            },
            |entitlements| entitlements,
            |_, _| {},
        );
        divided.map(|_| ()).map_err(|error| self.of_rows(error))
    }

    /// True if the plan accepts a claimant, who is then added to the entitlements.
    fn judge(
        &self,
        rows: &[Vec<String>],
        outcome: &mut RowOutcome,
        (entitlements, seen): (&mut EntitlementClasses, &mut HashSet<(usize, String)>),
    ) -> Result<(), CellFault> {
        let mut keys = HashSet::new();
        let (plan, header) = (self.plan, &self.header);
        let mut notes = RowFindings::default();
        let mut merger = (plan.claims.rows == RowsRule::Sum).then(|| RowMerger::new(plan));
        let mut takes_part = false;
        let (matched, sums) = self.lots(rows);
        for row in rows {
            let cells = SampleCells {
                plan,
                header,
                row,
                matched: matched.as_ref(),
                sums: &sums,
            };
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
            status::check_portion_texts(plan, &cells, &mut notes);
            keys.extend(refused_keys(plan, &cells));
            let earlier = plan.tax.as_ref().and_then(|tax| tax.earlier.as_ref());
            let earlier = earlier.map(|earlier| earlier.amount(&cells));
            notes.faults.extend(earlier.and_then(Result::err));
            if merger.is_none() {
                takes_part = true;
                outcome.claim(plan, claim_status, &cells, &mut notes);
                notes.faults.extend(plan.portion_faults(&cells));
            }
        }
        let claim = merger.as_ref().and_then(|merger| {
            let (_, _, claim_status) = merger.claims().next()?;
            Some((claim_status, merger.cells(plan.claims.id)?))
        });
        if let Some((claim_status, cells)) = claim {
            takes_part = true;
            outcome.claim(plan, claim_status, &cells, &mut notes);
            notes.faults.extend(plan.portion_faults(&cells));
        }
        if let Some(fault) = notes.faults.pop() {
            return Err(fault);
        }
        if keys.iter().any(|key| seen.contains(key)) {
            return Err(messages::sample_shares_cells().into());
        }
        seen.extend(keys);
        // A claimant who does not participate has no effect on the allocation.
        if takes_part {
            entitlements.enter(outcome);
        }
        Ok(())
    }

    /// The trades of a claimant, and the sums over its lots.
    fn lots(&self, rows: &[Vec<String>]) -> (Option<MatchedTrades<'_>>, Vec<(ValueId, Decimal)>) {
        let Some(SampleTrades { book, .. }) = &self.trades else {
            return (None, Vec::new());
        };
        let place = self.header.places.get(self.plan.claims.id.0);
        let id = place.and_then(|place| rows.first()?.get(*place));
        let matched = book.matched(id.or_bug("the id was not generated")).ok();
        let matched = matched.or_bug("sample trades cannot be matched");
        let sums = lot_values::sums(self.plan, book, &matched).ok();
        (Some(matched), sums.or_bug("sample trades have no sums"))
    }

    /// The error if every attempt was rejected for a fault like this one.
    fn refusal(&self, fault: CellFault) -> Problem {
        let column = fault.column.map(|column| self.plan.columns.name(column));
        let column = column.map_or_else(String::new, |name| format!("column {}: ", literal(name)));
        no_claims(
            &format!("{column}{}", fault.message.text),
            fault.message.hint,
        )
    }

    /// Adds the number of claims to the error if the plan cannot be executed.
    fn of_rows(&self, error: anyhow::Error) -> anyhow::Error {
        let rows = count(self.rows, "sample claim", "sample claims");
        plan_problems_with(&format!("with {rows}"), error)
    }

    /// Writes the header and the rows.
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
    /// Generates the rows of the next claimant. Returns false at the end.
    fn next(&mut self, claimant: &mut Vec<Vec<String>>) -> bool {
        claimant.clear();
        self.number += 1;
        while self.left > 0 {
            self.left -= 1;
            let row = self.row(0);
            claimant.push(row);
            // If rows are added up, a claimant has three rows on average.
            if !self.several || self.left > 0 && self.random.below(3) == 0 {
                break;
            }
        }
        !claimant.is_empty()
    }

    /// Generates the rows of a claimant again; `time` is the number of the attempt.
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

/// Gives units that are assigned by id to random claimants among those eligible.
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
        let kind = *kind.or_bug("an entrant has no class");
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
    messages::no_sample_claims(problem).hint(hint).into()
}
