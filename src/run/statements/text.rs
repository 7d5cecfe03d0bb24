//! The text of a statement.

use std::cell::RefCell;

use anyhow::Result;
use serde_json::Value;

use crate::allocate::trace::step_text::{StepText, pool_text, together};
use crate::allocate::trace::values::ClaimRow;
use crate::allocate::trace::{self, Participation};
use crate::base::diagnostics::{Bug, quotable};
use crate::base::money::Money;
use crate::claims::aggregate::{MergedCells, RowMerger};
use crate::claims::row_cells::PackedRow;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::plan::cell::{Cells, Facts as _, NumberSource};
use crate::plan::claim_view::ClaimView;
use crate::plan::english::{self, pool_title, wrapped};
use crate::plan::{DRAFT, Plan, ValueId};
use crate::run::portions::{self, PortionSteps};

/// The text that all statements of a run share.
#[derive(Debug)]
pub(crate) struct StatementTexts<'a> {
    pub plan: &'a Plan,
    summary: Value,
    /// True if the plan reads ids or has portions, so that claims with the same cells for
    /// its other rules may differ.
    pub reads_ids: bool,
    beginning: String,
    fund: String,
    end: String,
}

impl<'a> StatementTexts<'a> {
    /// The text for a run with this summary.json.
    pub(crate) fn new(plan: &'a Plan, summary: &str) -> Result<Self> {
        let settlement = &plan.settlement;
        let mut beginning = wrapped("", &settlement.name);
        if let Some(docket) = &settlement.docket {
            beginning += &wrapped("", docket);
        }
        beginning += "\nPayment statement\n\n";
        if let Some(draft) = &settlement.draft {
            let words = format!("{DRAFT}: {draft}");
            beginning += &wrapped("", &words);
            beginning.push('\n');
        }
        let mut fund = "The fund\n".to_owned();
        let description = english::describe(plan);
        let of_fund = description
            .sections
            .first()
            .map(|section| &section.sentences);
        for sentence in of_fund.into_iter().flatten() {
            fund += &wrapped("  ", sentence);
        }
        let text = plan.statement.text.as_deref();
        let end = text.map_or_else(String::new, |text| format!("\n{}", wrapped("", text)));
        Ok(Self {
            plan,
            summary: serde_json::from_str(summary)?,
            reads_ids: crate::claims::reads_ids(plan) || !plan.portions.is_empty(),
            beginning,
            fund,
            end,
        })
    }

    /// The claimant and the payment.
    pub(crate) fn head(
        &self,
        id: &str,
        total: Money,
        rows: &[(u32, PackedRow<'_>)],
    ) -> Result<String> {
        let mut head = self.beginning.clone();
        let mut line = |name: &str, value: &str| {
            head += &wrapped("  ", &format!("{name}: {value}"));
        };
        line("Claimant", &quotable(id));
        for &source in &self.plan.statement.columns {
            let column = match source {
                NumberSource::Column(column) => column,
                NumberSource::Value(value) => {
                    let (name, number) = self.value(id, rows, value)?;
                    line(&name, &number);
                    continue;
                }
            };
            let mut values: Vec<&str> = Vec::new();
            for (_, cells) in rows {
                let value = cells.cell(column);
                let claim_status =
                    status::claim_status(self.plan, cells, &mut RowFindings::default());
                if !claim_status.is_some_and(ClaimStatus::takes_part) {
                    continue;
                }
                if !value.is_empty() && !values.contains(&value) {
                    values.push(value);
                }
            }
            let values: Vec<String> = values.into_iter().map(quotable).collect();
            let shown = match values.as_slice() {
                [] => "not provided".to_owned(),
                values => values.join("; "),
            };
            line(self.plan.columns.name(column), &shown);
        }
        let currency = self.plan.settlement.currency;
        line("Payment", &currency.grouped(total));
        head.push('\n');
        Ok(head)
    }

    /// The name of a value, and what it is for a claim.
    fn value(
        &self,
        id: &str,
        rows: &[(u32, PackedRow<'_>)],
        value: ValueId,
    ) -> Result<(String, String)> {
        let name = self.plan.values.get(value.0);
        let name = name.map_or_else(String::new, |value| value.name.clone());
        let known = RefCell::default();
        let number = if let [(_, cells)] = rows {
            ClaimView::new(self.plan, cells, &known).value(value)
        } else {
            let merger = self.merged(id, rows);
            let cells = Self::claim_of(self.plan, &merger)?;
            ClaimView::new(self.plan, &cells, &known).value(value)
        };
        let number = number.map_err(|fault| trace::damaged(&fault))?;
        Ok((name, number.text()))
    }

    /// Adds up the rows of a claimant.
    fn merged(&self, id: &str, rows: &[(u32, PackedRow<'_>)]) -> RowMerger<'a> {
        let mut merger = RowMerger::new(self.plan);
        for (_, cells) in rows {
            let claim_status = status::claim_status(self.plan, cells, &mut RowFindings::default());
            merger.row(id, claim_status.filter(|one| one.takes_part()), cells);
        }
        merger
    }

    fn claim_of<'m>(plan: &Plan, merger: &'m RowMerger<'_>) -> Result<MergedCells<'m>> {
        let claim = merger.claims(plan.claims.id).next();
        let claim = claim.ok_or_else(|| Bug::new("a claimant who is paid has no claim"))?;
        let (_, _, _, cells) = claim;
        Ok(cells)
    }

    /// The explanation of the payment.
    pub(crate) fn body(
        &self,
        id: &str,
        total: Money,
        payments: &[Money],
        rows: &[(u32, PackedRow<'_>)],
    ) -> Result<String> {
        let currency = self.plan.settlement.currency;
        let paid = |pool: usize| payments.get(pool).map(|payment| currency.text(*payment));
        let (parts, portions) = self.parts(id, rows, &paid, (payments, total))?;
        let mut body = self.fund.clone();
        body += "\nThe claim\n";
        for (row, cells) in rows {
            let claim_status = trace::claim_status_text(self.plan, cells);
            let sentence = match rows {
                [_] => format!("The claim is {claim_status}."),
                _ => format!("Row {} of the claims file: {claim_status}.", row + 1),
            };
            body += &wrapped("  ", &sentence);
        }
        for subclass in &parts.subclasses {
            body += &wrapped("  ", &format!("Subclass: {subclass}."));
        }
        let step_text = StepText {
            currency: currency.code(),
            plan_lines: false,
        };
        for pool in &parts.pools {
            body.push('\n');
            body += &wrapped("", &pool_title(&pool.name, pool.source.as_deref()));
            body += &pool_text(pool, step_text);
        }
        body += &together(&parts.pools, &currency.text(total), currency.code());
        if !portions.is_empty() {
            body += "\nPortions of the payment\n";
            body += &portions::text(&portions, step_text);
        }
        Ok(body + &self.end)
    }

    fn parts(
        &self,
        id: &str,
        rows: &[(u32, PackedRow<'_>)],
        paid: &dyn Fn(usize) -> Option<String>,
        amounts: (&[Money], Money),
    ) -> Result<(Participation, Vec<PortionSteps>)> {
        let all = rows.iter().map(|(row, cells)| ClaimRow {
            number: u64::from(*row) + 1,
            cells,
        });
        let all: Vec<ClaimRow<'_>> = all.collect();
        if let [(_, cells)] = rows {
            let parts = trace::parts(self.plan, &self.summary, cells, &all, paid, false)?;
            return Ok((parts, self.portions(cells, &all, amounts)?));
        }
        let merger = self.merged(id, rows);
        let cells = Self::claim_of(self.plan, &merger)?;
        let parts = trace::parts(self.plan, &self.summary, &cells, &all, paid, false)?;
        Ok((parts, self.portions(&cells, &all, amounts)?))
    }

    fn portions(
        &self,
        cells: &impl Cells,
        rows: &[ClaimRow<'_>],
        (payments, total): (&[Money], Money),
    ) -> Result<Vec<PortionSteps>> {
        if self.plan.portions.is_empty() {
            return Ok(Vec::new());
        }
        let portions = portions::explained(self.plan, payments, total, cells, rows);
        portions.map_err(|fault| trace::damaged(&fault))
    }
}
