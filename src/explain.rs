//! How one claimant's payout came about, step by step.
//!
//! The steps come from the same functions that computed the run, told to
//! write down what they do; the rate comes from the run's summary. What comes
//! out is compared with the run's own row.

pub mod text;

use anyhow::Result;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::One;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::allocation::equation::Piece;
use crate::allocation::{self, Entrant, Terms, rate_exact_text, rate_text};
use crate::claims::identity::Ids;
use crate::claims::merging::Merger;
use crate::claims::search::Found;
use crate::diagnostic::{Difference, Refusal, alternatives, literal};
use crate::entitlement::{self, Draw, Notes, Standing};
use crate::exact;
use crate::money::Money;
use crate::plan::column::{CellFault, Cells};
use crate::plan::english::{Counts, Teller};
use crate::plan::formula::{Formula, Operand, Step, Trace, Verb};
use crate::plan::{ColumnId, Measure, Plan, Pool, Round, Rows, StatusRule, Unit};
use crate::recorded::Run;

/// How a payout came about.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The claimant.
    pub claimant_id: String,
    /// `paid`, `held` or `unpaid`.
    pub outcome: &'static str,
    /// What is paid or held, in currency.
    pub payout: Option<String>,
    /// The currency.
    pub currency: &'static str,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
    /// The claimant's rows of the claims file.
    pub rows: Vec<RowFacts>,
    /// The names of the claimant's subclasses, and why the claimant is in them.
    pub subclasses: Vec<String>,
    /// Pool by pool.
    pub pools: Vec<PoolSteps>,
}

/// One row of the claims file.
#[derive(Debug, Clone, Serialize)]
pub struct RowFacts {
    /// Its number, from 1 below the header.
    pub row: u64,
    /// What became of it.
    pub standing: String,
    /// The reason in unpaid.csv, if it stands there.
    pub unpaid: Option<String>,
}

/// What a claimant receives from one pool.
#[derive(Debug, Clone, Serialize)]
pub struct PoolSteps {
    /// The pool.
    pub name: String,
    /// `shares` or `award`.
    pub measure: &'static str,
    /// Why the claimant is not in the pool.
    pub why_not: Option<String>,
    /// How the shares or the award come about.
    pub steps: Vec<StepFacts>,
    /// The shares, or the award in currency.
    pub weight: String,
    /// Limits and offset.
    pub limits: Vec<LimitSteps>,
    /// The money of the pool.
    pub available: String,
    /// How many share it.
    pub participants: u64,
    /// The sum of their shares or awards.
    pub total: String,
    /// Currency per share, or per unit of award, cut after 12 decimals.
    pub rate: Option<String>,
    /// The same in lowest terms.
    pub rate_exact: Option<String>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<String>,
    /// Which limit binds: `at_least`, `at_most`, or none.
    pub bound: Option<&'static str>,
    /// The exact amount in currency, cut after 12 decimals.
    pub exact: Option<String>,
    /// The same in lowest terms.
    pub exact_fraction: Option<String>,
    /// How the exact amount becomes the payment.
    pub rounding: Option<String>,
    /// Whether the payment was dropped as too small.
    pub dropped: bool,
    /// What the claimant receives from this pool.
    pub payout: String,
}

/// One step of a formula.
#[derive(Debug, Clone, Serialize)]
pub struct StepFacts {
    /// The line of the plan.
    pub line: usize,
    /// The plan's label.
    pub label: Option<String>,
    /// `add`, `subtract`, `times`, `at_least` or `at_most`.
    pub verb: &'static str,
    /// The operand in words.
    pub operand: String,
    /// What the cell says that the operand reads.
    pub cell: Option<String>,
    /// The condition, where the step has one.
    pub condition: Option<String>,
    /// Whether the step applied.
    pub applied: bool,
    /// The operand's value, where it applied.
    pub value: Option<String>,
    /// The running value after the step.
    pub running: String,
}

/// A limit of a pool for this claimant.
#[derive(Debug, Clone, Serialize)]
pub struct LimitSteps {
    /// `at_least`, `at_most` or `less`.
    pub key: &'static str,
    /// How it comes about.
    pub steps: Vec<StepFacts>,
    /// Its value in currency.
    pub value: String,
}

/// Explains the payout of a claimant whose rows were found.
pub fn explain(run: &Run, id: &str, found: &Found) -> Result<Explanation> {
    check_files(run, found)?;
    if found.rows.is_empty() {
        let hint = if found.near.is_empty() {
            "check the id; upper and lower case matter".to_owned()
        } else {
            format!("did you mean {}?", alternatives(&found.near))
        };
        return Err(Refusal::new(format!("there is no claimant {}", literal(id)), hint).into());
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
        pools: Vec::new(),
    };
    if plan.claims.rows == Rows::Sum {
        let mut ids = Ids::new(false);
        let mut merger = Merger::new(plan);
        for (_, cells) in &found.rows {
            let standing = entitlement::standing(plan, cells, &mut Notes::default());
            let place = ids.push(id);
            merger.row(&ids, place, standing, cells);
        }
        let claim = merger.claims(&ids, plan.claims.id).next();
        if let Some((_, _, _, cells)) = claim {
            add_pools(run, &cells, written.as_deref(), &mut explanation)?;
        }
    } else if let Some((_, cells)) = found.rows.first() {
        let standing = entitlement::standing(plan, cells, &mut Notes::default());
        if standing.is_some_and(Standing::takes_part) {
            add_pools(run, cells, written.as_deref(), &mut explanation)?;
        }
    }
    Ok(explanation)
}

/// The claims files must be those that the run was made from.
fn check_files(run: &Run, found: &Found) -> Result<(), Refusal> {
    let recorded = &run.manifest.inputs;
    if recorded.len() != found.files.len() {
        let files = crate::diagnostic::count(recorded.len(), "claims file", "claims files");
        return Err(Refusal::new(
            format!("the run was made from {files}"),
            "name them all, in the same order",
        ));
    }
    for (recorded, file) in recorded.iter().zip(&found.files) {
        if recorded.sha256 != file.sha256 {
            let message = format!(
                "{} is not the file that the run was made from: its SHA-256 differs",
                file.shown
            );
            return Err(Refusal::new(
                message,
                format!(
                    "the run was made from {} with SHA-256 {}",
                    recorded.name, recorded.sha256
                ),
            ));
        }
    }
    Ok(())
}

type Cellrow = [(String, String)];

fn cell_of(row: &Cellrow, name: &str) -> Option<String> {
    row.iter()
        .find(|(known, _)| known == name)
        .map(|(_, cell)| cell.clone())
}

fn row_facts(run: &Run, id: &str, found: &Found) -> Result<Vec<RowFacts>> {
    let unpaid = run.find_rows("unpaid.csv", id)?;
    let facts = found.rows.iter().map(|(row, cells)| {
        let number = row.to_string();
        let reason = unpaid
            .iter()
            .find(|cells| cell_of(cells, "row").as_deref() == Some(&number));
        RowFacts {
            row: *row,
            standing: standing_text(&run.plan, cells),
            unpaid: reason.and_then(|cells| cell_of(cells, "reason")),
        }
    });
    Ok(facts.collect())
}

fn standing_text(plan: &Plan, cells: &impl Cells) -> String {
    let status = match &plan.claims.status {
        StatusRule::Column { column, .. } => format!(" (status `{}`)", cells.cell(*column)),
        StatusRule::Unsaid | StatusRule::AllPayable => String::new(),
    };
    match entitlement::standing(plan, cells, &mut Notes::default()) {
        Some(Standing::Excluded(number)) => {
            let exclude = plan.excludes.get(number);
            let reason = exclude.map_or("", |exclude| exclude.reason.as_str());
            let why = exclude.map_or_else(String::new, |exclude| {
                Teller::new(plan).condition(&exclude.when)
            });
            format!("excluded: {reason} ({why})")
        }
        Some(Standing::Denied(_)) => format!("not payable{status}"),
        Some(Standing::Payable) => format!("payable{status}"),
        Some(Standing::Held(_)) => format!("held{status}"),
        None => "damaged".to_owned(),
    }
}

fn add_pools(
    run: &Run,
    cells: &impl Cells,
    written: Option<&Cellrow>,
    explanation: &mut Explanation,
) -> Result<()> {
    let plan = &run.plan;
    let teller = Teller::new(plan);
    let mut members = Vec::new();
    for subclass in &plan.subclasses {
        let member = subclass
            .when
            .holds(cells, &[])
            .map_err(|fault| damaged(&fault))?;
        if member {
            explanation.subclasses.push(format!(
                "{} ({})",
                subclass.name,
                teller.condition(&subclass.when)
            ));
        }
        members.push(member);
    }
    for (number, pool) in plan.pools.iter().enumerate() {
        let facts = run
            .summary
            .pointer(&format!("/pools/{number}"))
            .unwrap_or(&Value::Null);
        let explainer = PoolExplainer {
            plan,
            pool,
            facts,
            cells,
            members: &members,
        };
        let column = if plan.pools.len() == 1 {
            "payout".to_owned()
        } else {
            format!("{} payout", pool.name)
        };
        let paid = written.and_then(|row| cell_of(row, &column));
        explanation.pools.push(explainer.explain(paid.as_deref())?);
    }
    Ok(())
}

fn damaged(fault: &CellFault) -> anyhow::Error {
    Refusal::new(
        format!("the claim cannot be read again: {}", fault.problem),
        "run `payout compute` again",
    )
    .into()
}

struct PoolExplainer<'a, C: Cells> {
    plan: &'a Plan,
    pool: &'a Pool,
    facts: &'a Value,
    cells: &'a C,
    members: &'a [bool],
}

impl<C: Cells> PoolExplainer<'_, C> {
    fn explain(&self, paid: Option<&str>) -> Result<PoolSteps> {
        let currency = self.plan.settlement.currency;
        let mut notebook = Notebook::new(self.plan, self.pool.measure, self.cells);
        let draw = entitlement::draw(self.pool, currency, self.cells, self.members, &mut notebook)
            .map_err(|fault| damaged(&fault))?;
        let mut steps = self.outline(&draw, notebook)?;
        if draw.weight.is_zero() {
            return Ok(steps);
        }
        let entrant = Entrant {
            count: 1,
            weight: draw.weight,
            limits: draw.limits,
        };
        let rate = self.rate()?;
        let single = allocation::single(&self.terms()?, &entrant, rate.as_ref())
            .map_err(|_| self.contradiction("its rate cannot be used"))?;
        let paid_units = match paid {
            Some(text) => self.money(text)?,
            None => Money::ZERO,
        };
        let one_more = single.payment.plus(Money(1)) == Some(paid_units);
        let rounds_up = self.pool.round == Round::LargestRemainder && one_more;
        steps.dropped =
            self.pool.drop.is_some() && draw.limits.droppable && paid_units == Money::ZERO;
        if !steps.dropped && paid_units != single.payment && !rounds_up {
            let told = format!(
                "the plan gives {}, the run has {}",
                currency.text(single.payment),
                currency.text(paid_units)
            );
            return Err(self.contradiction(&told).into());
        }
        steps.bound = match single.piece {
            Piece::Low if draw.limits.at_least > Money::ZERO => Some("at_least"),
            Piece::High => Some("at_most"),
            Piece::Low | Piece::Slope => None,
        };
        let exact = &single.exact / BigInt::from(10).pow(currency.decimals());
        steps.exact = Some(rate_text(&exact));
        steps.exact_fraction = Some(rate_exact_text(&exact));
        steps.rounding = Some(self.rounding(&single.exact, rounds_up));
        steps.payout = currency.text(paid_units);
        Ok(steps)
    }

    /// Everything that is known without the rate.
    fn outline(&self, draw: &Draw, mut notebook: Notebook<'_, C>) -> Result<PoolSteps> {
        let currency = self.plan.settlement.currency;
        let takes_part = self
            .pool
            .when
            .holds(self.cells, self.members)
            .map_err(|fault| damaged(&fault))?;
        let why_not = if takes_part {
            let what = if self.pool.measure == Measure::Shares {
                "shares"
            } else {
                "award"
            };
            draw.weight
                .is_zero()
                .then(|| format!("its {what} in this pool come to 0"))
        } else {
            let condition = Teller::new(self.plan).condition(&self.pool.when);
            Some(format!("the pool is for claims where {condition}"))
        };
        let (measure, weight) = match self.pool.measure {
            Measure::Shares => ("shares", exact::text(draw.weight)),
            Measure::Award => ("award", currency.award_text(draw.weight)),
        };
        let text = |key: &str| {
            self.facts
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Ok(PoolSteps {
            name: self.pool.name.clone(),
            measure,
            why_not,
            steps: notebook.take("weight"),
            weight,
            limits: self.limits(draw, &mut notebook),
            available: text("available").unwrap_or_default(),
            participants: self
                .facts
                .get("participants")
                .and_then(Value::as_u64)
                .unwrap_or(0),
            total: text("shares")
                .or_else(|| text("awards"))
                .unwrap_or_default(),
            rate: text("rate"),
            rate_exact: text("rate_exact"),
            unit_rate: text("unit_rate"),
            bound: None,
            exact: None,
            exact_fraction: None,
            rounding: None,
            dropped: false,
            payout: currency.text(Money::ZERO),
        })
    }

    fn limits(&self, draw: &Draw, notebook: &mut Notebook<'_, C>) -> Vec<LimitSteps> {
        let currency = self.plan.settlement.currency;
        let limits = &draw.limits;
        let mut told = Vec::new();
        if self.pool.less.is_some() {
            told.push(("less", currency.award_text(limits.less)));
        }
        if self.pool.at_least.is_some() {
            told.push(("at_least", currency.text(limits.at_least)));
        }
        if let Some(most) = limits.at_most {
            told.push(("at_most", currency.text(most)));
        }
        told.into_iter()
            .filter(|_| !draw.weight.is_zero())
            .map(|(key, value)| LimitSteps {
                key,
                steps: notebook.take(key),
                value,
            })
            .collect()
    }

    fn terms(&self) -> Result<Terms<'_>> {
        let available = self
            .facts
            .get("available")
            .and_then(Value::as_str)
            .unwrap_or("0");
        Ok(Terms {
            money: self.money(available)?,
            measure: self.pool.measure,
            range: &self.pool.range,
            round: self.pool.round,
            unit: self.pool.unit,
            drop: None,
            decimals: self.plan.settlement.currency.decimals(),
        })
    }

    /// The exact rate of the summary: minor units per share, or per unit of
    /// award.
    fn rate(&self) -> Result<Option<Ratio<BigInt>>> {
        let Some(text) = self.facts.get("rate_exact").and_then(Value::as_str) else {
            return Ok(None);
        };
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let part = |digits: &str| {
            digits
                .parse::<BigInt>()
                .ok()
                .filter(|number| !below.is_empty() && *number >= BigInt::ZERO)
        };
        let (above, below) = part(above)
            .zip(part(below).filter(|number| *number != BigInt::ZERO))
            .ok_or_else(|| self.contradiction("its rate cannot be read"))?;
        let rate = Ratio::new(above, below);
        Ok(Some(match self.pool.measure {
            Measure::Shares => {
                rate * BigInt::from(10).pow(self.plan.settlement.currency.decimals())
            }
            Measure::Award => rate,
        }))
    }

    fn money(&self, text: &str) -> Result<Money> {
        let amount = exact::parse(text).ok();
        let money = amount.and_then(|amount: Decimal| self.plan.settlement.currency.exact(amount));
        money.ok_or_else(|| self.contradiction("an amount cannot be read").into())
    }

    fn contradiction(&self, what: &str) -> Difference {
        Difference {
            message: format!(
                "the run contradicts its plan in pool `{}`: {what}",
                self.pool.name
            ),
            hint: Some(
                "the run may have been changed; make it again from the claims file".to_owned(),
            ),
        }
    }

    fn rounding(&self, exact: &Ratio<BigInt>, rounds_up: bool) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        if exact.denom().is_one() && self.pool.unit == Unit::Payment {
            return format!("a whole number of {unit}s already");
        }
        match (self.pool.unit, self.pool.round) {
            (Unit::Share, _) => format!(
                "the value of a share is rounded down to the {unit}, then multiplied, then rounded down"
            ),
            (_, Round::Down) => format!("rounded down to the {unit}"),
            (_, Round::Nearest) => format!("rounded to the nearest {unit}, but not past a limit"),
            (_, Round::LargestRemainder) if rounds_up => {
                format!(
                    "rounded down to the {unit}, and one {unit} more, because the fraction is among the largest"
                )
            }
            (_, Round::LargestRemainder) => {
                format!(
                    "rounded down to the {unit}; the fraction is not among the largest that get one {unit} more"
                )
            }
        }
    }
}

/// Writes down the steps of formulas as they are worked out.
struct Notebook<'a, C: Cells> {
    teller: Teller<'a>,
    plan: &'a Plan,
    counts: Counts,
    cells: &'a C,
    formulas: Vec<(&'static str, Vec<StepFacts>)>,
}

impl<'a, C: Cells> Notebook<'a, C> {
    fn new(plan: &'a Plan, measure: Measure, cells: &'a C) -> Self {
        let counts = match measure {
            Measure::Shares => Counts::Shares,
            Measure::Award => Counts::Money,
        };
        Self {
            teller: Teller::new(plan),
            plan,
            counts,
            cells,
            formulas: Vec::new(),
        }
    }

    fn take(&mut self, key: &str) -> Vec<StepFacts> {
        let formula = self.formulas.iter_mut().find(|(known, _)| *known == key);
        formula.map_or_else(Vec::new, |(_, steps)| std::mem::take(steps))
    }

    fn cell(&self, operand: &Operand) -> Option<String> {
        let Operand::Cell(operand) = operand else {
            return None;
        };
        let column: ColumnId = operand.column;
        Some(format!(
            "{} = `{}`",
            self.plan.columns.name(column),
            self.cells.cell(column)
        ))
    }
}

impl<C: Cells> Trace for Notebook<'_, C> {
    fn formula(&mut self, key: &'static str, _: &Formula) {
        self.formulas.push((key, Vec::new()));
    }

    fn step(&mut self, step: &Step, operand: Option<Decimal>, running: Decimal) {
        let limit = self
            .formulas
            .last()
            .is_some_and(|(key, _)| *key != "weight");
        let counts = if limit { Counts::Money } else { self.counts };
        let counts = if step.verb == Verb::Times {
            Counts::Shares
        } else {
            counts
        };
        let facts = StepFacts {
            line: step.line,
            label: step.label.clone(),
            verb: step.verb.word(),
            operand: self.teller.operand(&step.operand, counts),
            cell: self.cell(&step.operand),
            condition: (!step.when.entries.is_empty()).then(|| self.teller.condition(&step.when)),
            applied: operand.is_some(),
            value: operand.map(exact::text),
            running: exact::text(running),
        };
        if let Some((_, steps)) = self.formulas.last_mut() {
            steps.push(facts);
        }
    }
}
