//! The named values that the steps of a claim read, each shown once, with its own steps
//! or rows.

use std::cell::RefCell;
use std::collections::BTreeSet;

use anyhow::Result;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::allocate::trace::{CellCap, StepFacts, damaged};
use crate::base::exact::Exact;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::cell::{CellFault, CellKind, Cells, ComputedCell, Facts, NumberSource};
use crate::plan::claim_view::ClaimView;
use crate::plan::english::{EnglishWriter, Quantity};
use crate::plan::formula::{CellOperand, Formula, FormulaStep, FormulaTrace, Operand};
use crate::plan::{Choice as _, ColumnId, NamedValue, Plan, RowsRule, ValueId};

/// The number of rows of a value that are shown.
const SHOWN_ROWS: usize = 20;

/// A named value that a step reads.
#[derive(Debug, Clone, Serialize)]
pub struct ValueSteps {
    /// The name in the plan.
    pub key: String,
    pub name: String,
    /// The value of the claim; none of a value that only other values per row read.
    pub value: Option<String>,
    /// The condition of the value, if any.
    pub condition: Option<String>,
    /// The steps of a value per claim; none if its condition does not hold.
    pub steps: Vec<StepFacts>,
    /// The first rows of a value that is added up.
    pub rows: Vec<ValueRow>,
    /// The number of rows that are not shown.
    pub more_rows: usize,
    /// Other values that the rows read.
    pub values: Vec<ValueSteps>,
    /// True if it is added up over lots, which are shown by themselves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub per_lot: bool,
}

/// A value in one row.
#[derive(Debug, Clone, Serialize)]
pub struct ValueRow {
    /// The row number, counted from 1 below the header.
    pub row: u64,
    /// The cells and values that the steps read: `days = "30"`.
    pub read: Vec<String>,
    pub value: String,
}

/// A row of the claimant, whatever its status.
#[derive(Clone, Copy)]
pub(crate) struct ClaimRow<'a> {
    /// The row number, counted from 1 below the header.
    pub number: u64,
    pub cells: &'a dyn Cells,
}

/// Explains values, each only once.
pub(crate) struct ValueExplainer<'a> {
    plan: &'a Plan,
    /// The payable or held rows.
    rows: Vec<ClaimRow<'a>>,
    /// True for the values of a lot.
    of_lot: bool,
    shown: RefCell<BTreeSet<ValueId>>,
}

impl<'a> ValueExplainer<'a> {
    pub(crate) fn new(plan: &'a Plan, rows: &[ClaimRow<'a>]) -> Self {
        let is_accepted = |row: &&ClaimRow<'_>| {
            let claim_status = status::claim_status(plan, &row.cells, &mut RowFindings::default());
            claim_status.is_some_and(ClaimStatus::takes_part)
        };
        let rows = if plan.values.is_empty() {
            Vec::new()
        } else {
            rows.iter().filter(is_accepted).copied().collect()
        };
        Self {
            plan,
            rows,
            of_lot: false,
            shown: RefCell::default(),
        }
    }

    /// An explainer of the values of a lot.
    pub(super) fn of_lot(plan: &'a Plan) -> Self {
        Self {
            plan,
            rows: Vec::new(),
            of_lot: true,
            shown: RefCell::default(),
        }
    }

    /// The name of a column that values read.
    fn column_name(&self, column: ColumnId) -> &'a str {
        match &self.plan.trades {
            Some(trades) if self.of_lot => trades.lots.name(column),
            _ => self.plan.columns.name(column),
        }
    }

    /// A cell as explanations show it: one that is not in a file without quotes.
    fn cell_text(&self, claim: &impl Cells, column: ColumnId) -> String {
        let name = self.column_name(column);
        match claim.computed(column) {
            Some(ComputedCell::Number(number)) => return format!("{name} = {}", number.text()),
            Some(ComputedCell::Day(day)) => return format!("{name} = {day}"),
            None => {}
        }
        let of_claim = self.plan.columns.get(column).filter(|_| !self.of_lot);
        let is_amount = of_claim.is_some_and(|column| column.computed == Some(CellKind::Number));
        match claim.cell(column) {
            "" => format!("{name} (blank)"),
            cell if is_amount => format!("{name} = {cell}"),
            cell => format!("{name} = \"{cell}\""),
        }
    }

    /// The values that a step reads, if none of them was explained before.
    pub(super) fn of_step(
        &self,
        step: &FormulaStep,
        claim: &impl Facts,
    ) -> Result<Vec<ValueSteps>, CellFault> {
        let mut ids = step.when.values();
        ids.extend(step.operand.named_value());
        self.explained(ids, claim)
    }

    pub(super) fn explained(
        &self,
        ids: Vec<ValueId>,
        claim: &impl Facts,
    ) -> Result<Vec<ValueSteps>, CellFault> {
        let mut explained = Vec::new();
        for id in ids {
            if !self.shown.borrow_mut().insert(id) {
                continue;
            }
            if let Some(value) = self.plan.values.get(id.0) {
                explained.push(self.value(id, value, claim)?);
            }
        }
        Ok(explained)
    }

    fn value(
        &self,
        id: ValueId,
        value: &NamedValue,
        claim: &impl Facts,
    ) -> Result<ValueSteps, CellFault> {
        let is_added = value.is_per_row() && self.plan.claims.rows == RowsRule::Sum;
        let number = if !is_added {
            Some(claim.value(id)?)
        } else if self.rows.len() == 1 || self.plan.row_values.contains(&id) {
            Some(self.sum(id)?)
        } else {
            None
        };
        let has_condition = !value.when.entries.is_empty();
        let mut explained = ValueSteps {
            key: value.key.clone(),
            name: value.name.clone(),
            value: number.map(|number| number.text()),
            condition: has_condition.then(|| {
                let writer = EnglishWriter::new(self.plan);
                writer.of_value(value).condition(&value.when)
            }),
            per_lot: value.is_per_lot() && !self.of_lot,
            steps: Vec::new(),
            rows: Vec::new(),
            more_rows: 0,
            values: Vec::new(),
        };
        if explained.per_lot {
            // Its lots are shown by themselves.
            explained.condition = None;
        } else if is_added && self.rows.len() > 1 {
            self.add_rows(id, value, claim, &mut explained)?;
        } else {
            // A single row is the whole claim, but has cells that claims do not read.
            let known = RefCell::default();
            match self.rows.first().filter(|_| is_added) {
                Some(row) => {
                    let row = ClaimView::of_row(self.plan, &row.cells, &known);
                    self.add_steps(value, &row, &mut explained)?;
                }
                None => self.add_steps(value, claim, &mut explained)?,
            }
        }
        Ok(explained)
    }

    /// The sum of a value over the rows.
    fn sum(&self, id: ValueId) -> Result<Exact, CellFault> {
        let mut sum = Exact::ZERO;
        for row in &self.rows {
            let known = RefCell::default();
            let row = ClaimView::of_row(self.plan, &row.cells, &known);
            sum = sum.plus(&row.value(id)?);
        }
        Ok(sum)
    }

    /// The steps, if the condition of the value holds.
    fn add_steps(
        &self,
        value: &NamedValue,
        claim: &impl Facts,
        explained: &mut ValueSteps,
    ) -> Result<(), CellFault> {
        explained.values = self.explained(value.when.values(), claim)?;
        if !value.when.holds(claim)? {
            return Ok(());
        }
        let mut recorder = StepRecorder::new(self, Quantity::Plain, claim);
        recorder.writer = recorder.writer.of_value(value);
        recorder.formula("value", &value.formula);
        value.formula.value(claim, Decimal::ZERO, &mut recorder)?;
        explained.steps = recorder.take("value");
        recorder.fault.map_or(Ok(()), Err)
    }

    /// A line for each of the first rows.
    fn add_rows(
        &self,
        id: ValueId,
        value: &NamedValue,
        claim: &impl Facts,
        explained: &mut ValueSteps,
    ) -> Result<(), CellFault> {
        for row in self.rows.iter().take(SHOWN_ROWS) {
            let known = RefCell::default();
            let view = ClaimView::of_row(self.plan, &row.cells, &known);
            let mut read = SourcesRead::default();
            if value.when.holds(&view)? {
                value.formula.value(&view, Decimal::ZERO, &mut read)?;
            }
            let texts = read.sources.iter().map(|source| match *source {
                NumberSource::Column(column) => Ok(self.cell_text(&view, column)),
                NumberSource::Value(other) => {
                    let name = self
                        .plan
                        .values
                        .get(other.0)
                        .map_or("", |value| &value.name);
                    Ok(format!("\"{name}\" = {}", view.value(other)?.text()))
                }
            });
            explained.rows.push(ValueRow {
                row: row.number,
                read: texts.collect::<Result<_, CellFault>>()?,
                value: view.value(id)?.text(),
            });
        }
        explained.more_rows = self.rows.len().saturating_sub(SHOWN_ROWS);
        explained.values = self.explained(value.values().collect(), claim)?;
        Ok(())
    }
}

/// Collects what the applied steps of a formula read.
#[derive(Default)]
struct SourcesRead {
    sources: Vec<NumberSource>,
}

impl FormulaTrace for SourcesRead {
    fn formula(&mut self, _: &'static str, _: &Formula) {}

    fn step(&mut self, step: &FormulaStep, operand: Option<&Exact>, _: &Exact) {
        let columns = step.operand.columns().into_iter().map(NumberSource::Column);
        let value = step.operand.named_value().map(NumberSource::Value);
        for source in columns.chain(value).filter(|_| operand.is_some()) {
            if !self.sources.contains(&source) {
                self.sources.push(source);
            }
        }
    }
}

/// Records the steps of formulas while they are evaluated.
pub(crate) struct StepRecorder<'a, F: Facts> {
    values: &'a ValueExplainer<'a>,
    writer: EnglishWriter<'a>,
    counts: Quantity,
    claim: &'a F,
    formulas: Vec<(&'static str, Vec<StepFacts>)>,
    /// A fault of a value, which was computed before without one.
    fault: Option<CellFault>,
}

impl<'a, F: Facts> StepRecorder<'a, F> {
    pub(crate) fn new(values: &'a ValueExplainer<'a>, counts: Quantity, claim: &'a F) -> Self {
        Self {
            values,
            writer: EnglishWriter::new(values.plan),
            counts,
            claim,
            formulas: Vec::new(),
            fault: None,
        }
    }

    /// The steps of the formula under this key.
    pub(super) fn take(&mut self, key: &str) -> Vec<StepFacts> {
        let formula = self.formulas.iter_mut().find(|(known, _)| *known == key);
        formula.map_or_else(Vec::new, |(_, steps)| std::mem::take(steps))
    }

    /// The steps of all formulas, in the order of their evaluation.
    pub(crate) fn into_steps(self) -> Result<Vec<Vec<StepFacts>>, CellFault> {
        let steps = self.formulas.into_iter().map(|(_, steps)| steps);
        self.fault.map_or_else(|| Ok(steps.collect()), Err)
    }

    /// Fails if a value could not be explained.
    pub(super) fn check(&self) -> Result<()> {
        let fault = self.fault.as_ref();
        fault.map_or(Ok(()), |fault| Err(damaged(fault)))
    }

    /// The cells that the operand reads, and the line of its table.
    fn read(&self, operand: &Operand) -> Option<String> {
        if let Operand::Pool { pool, .. } = operand {
            let name = &self.values.plan.pools.get(*pool)?.name;
            let paid = self.claim.paid(*pool).text();
            return Some(format!("pool \"{name}\" = {paid}"));
        }
        let mut texts: Vec<String> = Vec::new();
        for column in operand.columns() {
            // A table may look up its key and its band in one column.
            let text = self.values.cell_text(self.claim, column);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let mut cells = texts.join(" and ");
        if let Operand::Table(operand) = operand {
            let found = operand.find(self.claim).ok()?;
            let line = self.writer.found_line(&found);
            cells += &format!(" ({line})");
        }
        let cells = cells.trim_start();
        (!cells.is_empty()).then(|| cells.to_owned())
    }

    /// The limit of the cell, if it applies.
    fn cap(&self, operand: &Operand) -> Option<CellCap> {
        let Operand::Cell(cell) = operand else {
            return None;
        };
        let free = CellOperand {
            up_to: None,
            ..cell.clone()
        };
        let (capped, uncapped) = (cell.value(self.claim).ok()?, free.value(self.claim).ok()?);
        let is_alone = cell.brackets.is_empty() && cell.times.is_none();
        (capped < uncapped).then(|| CellCap {
            uncapped: uncapped.text(),
            limit: cell.up_to.as_ref().filter(|_| is_alone).map(Exact::text),
        })
    }

    fn values_of(&mut self, step: &FormulaStep) -> Vec<ValueSteps> {
        let values = self.values.of_step(step, self.claim);
        values.unwrap_or_else(|fault| {
            self.fault.get_or_insert(fault);
            Vec::new()
        })
    }
}

impl<F: Facts> FormulaTrace for StepRecorder<'_, F> {
    fn formula(&mut self, key: &'static str, _: &Formula) {
        self.formulas.push((key, Vec::new()));
    }

    fn step(&mut self, step: &FormulaStep, operand: Option<&Exact>, running: &Exact) {
        let key = self.formulas.last().map(|(key, _)| *key);
        let limit = key.is_some_and(|key| !matches!(key, "weight" | "value"));
        let counts = if limit { Quantity::Money } else { self.counts };
        let counts = if step.verb.is_factor() {
            Quantity::Shares
        } else {
            counts
        };
        let values = if operand.is_some() {
            self.values_of(step)
        } else {
            Vec::new()
        };
        let facts = StepFacts {
            line: step.line,
            label: step.label.clone(),
            source: step.source.clone(),
            verb: step.verb.word(),
            operand: self.writer.operand(&step.operand, counts),
            cell: self.read(&step.operand),
            reads_value: step.operand.named_value().is_some(),
            cap: operand.and_then(|_| self.cap(&step.operand)),
            condition: (!step.when.entries.is_empty()).then(|| self.writer.condition(&step.when)),
            applied: operand.is_some(),
            value: operand.map(Exact::text),
            running: running.text(),
            values,
        };
        if let Some((_, steps)) = self.formulas.last_mut() {
            steps.push(facts);
        }
    }
}
