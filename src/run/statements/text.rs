//! The text of a statement.

use std::cell::RefCell;
use std::collections::HashSet;

use anyhow::Result;
use serde_json::Value;

use crate::allocate::trace::lots::LotList;
use crate::allocate::trace::step_text::{StepText, lots_text, pool_text, quotable_line, together};
use crate::allocate::trace::values::ClaimRow;
use crate::allocate::trace::{self, Participation};
use crate::base::diagnostics::{Bug, quotable};
use crate::base::money::Money;
use crate::claims::aggregate::{MergedCells, RowMerger};
use crate::claims::row_cells::PackedRow;
use crate::claims::status::{self, ClaimStatus, RowFindings};
use crate::claims::trades::TradeBook;
use crate::plan::cell::{Cells, Facts as _, NumberSource};
use crate::plan::claim_view::ClaimView;
use crate::plan::english::{self, pool_title, wrapped};
use crate::plan::statement::template::{LetterFact, Template, TemplatePart};
use crate::plan::statement::{StatementDetail, StatementForm};
use crate::plan::{ColumnId, DRAFT, Plan, StatusRule, ValueId};
use crate::run::portions::{self, PortionSteps};
use crate::run::statements::page::{self, PageFacts};
use crate::run::statements::plain::{self, Paragraph, PlainFacts};

/// The number of lots that a statement shows.
const SHOWN_LOTS: usize = 50;

/// The text that all statements of a run share.
#[derive(Debug)]
pub(crate) struct StatementTexts<'a> {
    pub plan: &'a Plan,
    /// The trades of all claimants, if the plan has trades.
    trades: Option<&'a TradeBook>,
    summary: Value,
    /// True if the plan reads ids or has portions, so that claims with the same cells for
    /// its other rules may differ.
    pub reads_ids: bool,
    form: StatementForm,
    /// True if each statement is a file.
    single: bool,
    beginning: String,
    fund: String,
}

/// A paid claimant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatementClaimant<'c> {
    pub id: &'c str,
    pub total: Money,
    /// The payment from each pool.
    pub payments: &'c [Money],
    pub rows: &'c [(u32, PackedRow<'c>)],
}

impl<'a> StatementTexts<'a> {
    /// The text for a run with this summary.json. `single` is false if all statements are
    /// one page.
    pub(crate) fn new(
        plan: &'a Plan,
        trades: Option<&'a TradeBook>,
        summary: &str,
        single: bool,
    ) -> Result<Self> {
        let settlement = &plan.settlement;
        let mut beginning = wrapped("", &settlement.name);
        if let Some(docket) = &settlement.docket {
            beginning += &wrapped("", docket);
        }
        beginning += "\nPayment statement\n\n";
        if let Some(draft) = draft(plan) {
            beginning += &wrapped("", &draft);
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
        let form = if single {
            plan.statement.form
        } else {
            StatementForm::Html
        };
        Ok(Self {
            plan,
            trades,
            summary: serde_json::from_str(summary)?,
            reads_ids: crate::claims::reads_ids(plan)
                || !plan.portions.is_empty()
                || plan.trades.is_some(),
            form,
            single,
            beginning,
            fund,
        })
    }

    /// The ending of the names of statements.
    pub(crate) fn ending(&self) -> &'static str {
        match self.form {
            StatementForm::Text => "txt",
            StatementForm::Html => "html",
        }
    }

    /// The template of the claimant's letter, if the plan has templates.
    pub(crate) fn template(&self, rows: &[(u32, PackedRow<'_>)]) -> Result<Option<&Template>> {
        let Some(letters) = &self.plan.statement.letters else {
            return Ok(None);
        };
        let accepted = rows.iter().find(|(_, cells)| self.is_accepted(cells));
        let template = accepted.and_then(|(_, cells)| letters.template(cells));
        let missing = || Bug::new("a claimant who is paid has no template");
        Ok(Some(template.ok_or_else(missing)?))
    }

    /// The statement with this explanation.
    pub(crate) fn statement(
        &self,
        claimant: StatementClaimant<'_>,
        template: Option<&Template>,
        explanation: &str,
    ) -> Result<String> {
        let article = match (template, self.form) {
            (None, StatementForm::Text) => {
                let mut text = self.beginning.clone();
                for (name, value) in self.facts(claimant)? {
                    text += &wrapped("  ", &format!("{name}: {value}"));
                }
                text = text + "\n" + explanation;
                if let Some(last) = &self.plan.statement.text {
                    text = text + "\n" + &wrapped("", last);
                }
                return Ok(text);
            }
            (Some(template), StatementForm::Text) => {
                return self.letter(claimant, template, explanation);
            }
            (None, StatementForm::Html) => {
                let facts = self.facts(claimant)?;
                let draft = draft(self.plan);
                page::statement(&PageFacts::new(self.plan, draft, facts, explanation))
            }
            (Some(template), StatementForm::Html) => {
                page::letter(&self.letter(claimant, template, explanation)?)
            }
        };
        Ok(if self.single {
            self.page_start() + &article + page::END
        } else {
            article
        })
    }

    /// The page up to its first statement.
    pub(crate) fn page_start(&self) -> String {
        page::start(self.plan)
    }

    /// The claimant, the columns of the plan, and the payment.
    fn facts(&self, claimant: StatementClaimant<'_>) -> Result<Vec<(String, String)>> {
        let mut facts = vec![("Claimant".to_owned(), quotable(claimant.id))];
        for &source in &self.plan.statement.columns {
            let column = match source {
                NumberSource::Column(column) => column,
                NumberSource::Value(value) => {
                    facts.push(self.value(claimant, value)?);
                    continue;
                }
            };
            let texts = self.texts(claimant, column)?;
            let texts: Vec<String> = texts.iter().map(|text| quotable(text)).collect();
            let shown = match texts.as_slice() {
                [] => "not provided".to_owned(),
                texts => texts.join("; "),
            };
            facts.push((self.plan.columns.name(column).to_owned(), shown));
        }
        let currency = self.plan.settlement.currency;
        facts.push(("Payment".to_owned(), currency.grouped(claimant.total)));
        Ok(facts)
    }

    /// The columns of the plan, as the index has them.
    pub(crate) fn merged_cells(&self, claimant: StatementClaimant<'_>) -> Result<Vec<String>> {
        let sources = self.plan.statement.merged(self.plan.claims.id);
        let cell = |source| match source {
            NumberSource::Column(column) => Ok(self.texts(claimant, column)?.join("; ")),
            NumberSource::Value(value) => Ok(self.value(claimant, value)?.1),
        };
        sources.map(cell).collect()
    }

    /// The sum of a column that the plan adds up; otherwise its different texts, in
    /// payable rows. Claimants with one amount see it as it was written.
    fn texts(&self, claimant: StatementClaimant<'_>, column: ColumnId) -> Result<Vec<String>> {
        let accepted = claimant.rows.iter().map(|(_, cells)| cells);
        let accepted = accepted.filter(|cells| self.is_accepted(cells));
        let cells = accepted.map(|cells| cells.text(column));
        let mut texts: Vec<&str> = cells.filter(|text| !text.is_empty()).collect();
        if self.plan.columns.is_added(column) && texts.len() > 1 {
            let merger = self.merged(claimant);
            let cells = Self::claim_of(self.plan, &merger)?;
            return Ok(vec![cells.cell(column).to_owned()]);
        }
        let mut seen = HashSet::new();
        texts.retain(|text| seen.insert(*text));
        Ok(texts.into_iter().map(str::to_owned).collect())
    }

    fn is_accepted(&self, cells: &PackedRow<'_>) -> bool {
        let claim_status = status::claim_status(self.plan, cells, &mut RowFindings::default());
        claim_status.is_some_and(ClaimStatus::takes_part)
    }

    /// The name of a value, and what it is for a claim.
    fn value(&self, claimant: StatementClaimant<'_>, value: ValueId) -> Result<(String, String)> {
        let name = self.plan.values.get(value.0);
        let name = name.map_or_else(String::new, |value| value.name.clone());
        let known = RefCell::default();
        let number = if let [(_, cells)] = claimant.rows {
            ClaimView::new(self.plan, cells, &known).value(value)
        } else {
            let merger = self.merged(claimant);
            let cells = Self::claim_of(self.plan, &merger)?;
            ClaimView::new(self.plan, &cells, &known).value(value)
        };
        let number = number.map_err(|fault| trace::damaged(&fault))?;
        Ok((name, number.text()))
    }

    /// Adds up the rows of a claimant.
    fn merged(&self, claimant: StatementClaimant<'_>) -> RowMerger<'a> {
        let mut merger = RowMerger::new(self.plan);
        for (_, cells) in claimant.rows {
            let claim_status = status::claim_status(self.plan, cells, &mut RowFindings::default());
            let claim_status = claim_status.filter(|one| one.takes_part());
            merger.row(claimant.id, claim_status, cells);
        }
        merger
    }

    fn claim_of<'m>(plan: &Plan, merger: &'m RowMerger<'_>) -> Result<MergedCells<'m>> {
        let cells = merger.cells(plan.claims.id);
        Ok(cells.ok_or_else(|| Bug::new("a claimant who is paid has no claim"))?)
    }

    /// Fills in a template.
    fn letter(
        &self,
        claimant: StatementClaimant<'_>,
        template: &Template,
        explanation: &str,
    ) -> Result<String> {
        let currency = self.plan.settlement.currency;
        let amounts = if template.has_portions() {
            self.amounts(claimant)?
        } else {
            Vec::new()
        };
        let mut letter = draft(self.plan).map_or_else(String::new, |draft| draft + "\n\n");
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => letter += text,
                TemplatePart::Fact(LetterFact::Payout) => {
                    letter += &currency.grouped(claimant.total);
                }
                TemplatePart::Fact(LetterFact::ClaimantId) => letter += &quotable_line(claimant.id),
                TemplatePart::Fact(LetterFact::Explanation) => letter += explanation.trim_end(),
                TemplatePart::Fact(LetterFact::Settlement) => {
                    letter += &self.plan.settlement.name;
                }
                TemplatePart::Column(NumberSource::Value(value)) => {
                    letter += &self.value(claimant, *value)?.1;
                }
                TemplatePart::Column(NumberSource::Column(column)) => {
                    let texts = self.texts(claimant, *column)?;
                    letter += &quotable_line(&texts.join("; "));
                }
                TemplatePart::Portion(number) => {
                    let amount = amounts.get(*number).copied();
                    let missing = || Bug::new("a portion of a letter is missing");
                    letter += &currency.grouped(amount.ok_or_else(missing)?);
                }
            }
        }
        Ok(letter)
    }

    /// The amounts of the portions.
    fn amounts(&self, claimant: StatementClaimant<'_>) -> Result<Vec<Money>> {
        let StatementClaimant {
            total, payments, ..
        } = claimant;
        let shares = if let [(_, cells)] = claimant.rows {
            portions::divide(self.plan, payments, total, cells, &mut ())
        } else {
            let merger = self.merged(claimant);
            let cells = Self::claim_of(self.plan, &merger)?;
            portions::divide(self.plan, payments, total, &cells, &mut ())
        };
        let shares = shares.map_err(|fault| trace::damaged(&fault))?;
        Ok(shares.iter().map(|share| share.amount).collect())
    }

    /// The explanation of the payment.
    pub(crate) fn explanation(&self, claimant: StatementClaimant<'_>) -> Result<String> {
        let (parts, portions) = self.parts(claimant)?;
        let lots = self.lots(claimant)?;
        let in_letter = self.plan.statement.letters.is_some();
        let is_page = self.form == StatementForm::Html;
        if self.plan.statement.detail == StatementDetail::Full {
            let text = self.full(claimant, &parts, lots.as_ref(), &portions);
            return Ok(if is_page && !in_letter {
                page::verbatim(&text)
            } else {
                text
            });
        }
        let facts = PlainFacts {
            plan: self.plan,
            total: claimant.total,
            pools: &parts.pools,
            portions: &portions,
            rows: claimant.rows.len(),
            refused: self.refused(claimant.rows),
        };
        let mut paragraphs = facts.paragraphs();
        if let Some(lots) = &lots {
            plain::add_lots(&mut paragraphs, lots, SHOWN_LOTS);
        }
        if !in_letter && !matches!(paragraphs.first(), Some(Paragraph::Heading(_))) {
            paragraphs.insert(0, Paragraph::Heading("Your payment".to_owned()));
        }
        Ok(if is_page && !in_letter {
            page::explanation(&paragraphs)
        } else {
            plain::text(&paragraphs, !is_page)
        })
    }

    /// The lots of the claimant.
    fn lots(&self, claimant: StatementClaimant<'_>) -> Result<Option<LotList>> {
        let Some(book) = self.trades else {
            return Ok(None);
        };
        let matched = book.matched(claimant.id);
        let matched = matched.map_err(|_| Bug::new("trades cannot be matched again"))?;
        let list = LotList::new(self.plan, book, &matched, true);
        Ok(Some(list.map_err(|fault| trace::damaged(&fault))?))
    }

    /// The reasons why rows are not eligible, each with the number of rows.
    fn refused(&self, rows: &[(u32, PackedRow<'_>)]) -> Vec<(String, usize)> {
        let mut refused: Vec<(String, usize)> = Vec::new();
        for (_, cells) in rows {
            let claim_status = status::claim_status(self.plan, cells, &mut RowFindings::default());
            let reason = match (claim_status, &self.plan.claims.status) {
                (Some(ClaimStatus::Excluded(number)), _) => {
                    let exclude = self.plan.excludes.get(number);
                    exclude.map_or("excluded", |exclude| &exclude.reason)
                }
                (Some(ClaimStatus::Denied(_)), StatusRule::Column { column, .. }) => {
                    cells.text(*column)
                }
                _ => continue,
            };
            match refused.iter_mut().find(|(known, _)| known == reason) {
                Some((_, number)) => *number += 1,
                None => refused.push((reason.to_owned(), 1)),
            }
        }
        refused
    }

    /// The whole calculation.
    fn full(
        &self,
        claimant: StatementClaimant<'_>,
        parts: &Participation,
        lots: Option<&LotList>,
        portions: &[PortionSteps],
    ) -> String {
        let currency = self.plan.settlement.currency;
        let mut body = self.fund.clone();
        body += "\nThe claim\n";
        for (row, cells) in claimant.rows {
            let claim_status = trace::claim_status_text(self.plan, cells);
            let sentence = match claimant.rows {
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
        if let Some(lots) = lots {
            body += "\nTrades\n";
            body += &lots_text(lots, SHOWN_LOTS, step_text);
        }
        for pool in &parts.pools {
            body.push('\n');
            body += &wrapped("", &pool_title(&pool.name, pool.source.as_deref()));
            body += &pool_text(pool, step_text);
        }
        let total = currency.text(claimant.total);
        body += &together(&parts.pools, &total, currency.code());
        if !portions.is_empty() {
            body += "\nPortions of the payment\n";
            body += &portions::text(portions, step_text);
        }
        body
    }

    fn parts(&self, claimant: StatementClaimant<'_>) -> Result<(Participation, Vec<PortionSteps>)> {
        let all = claimant.rows.iter().map(|(row, cells)| ClaimRow {
            number: u64::from(*row) + 1,
            cells,
        });
        let all: Vec<ClaimRow<'_>> = all.collect();
        if let [(_, cells)] = claimant.rows {
            return self.parts_of(cells, &all, claimant);
        }
        let merger = self.merged(claimant);
        let cells = Self::claim_of(self.plan, &merger)?;
        self.parts_of(&cells, &all, claimant)
    }

    fn parts_of(
        &self,
        cells: &impl Cells,
        rows: &[ClaimRow<'_>],
        claimant: StatementClaimant<'_>,
    ) -> Result<(Participation, Vec<PortionSteps>)> {
        let StatementClaimant {
            total, payments, ..
        } = claimant;
        let currency = self.plan.settlement.currency;
        let paid = |pool: usize| payments.get(pool).map(|payment| currency.text(*payment));
        let parts = trace::parts(self.plan, &self.summary, cells, rows, &paid, false)?;
        if self.plan.portions.is_empty() {
            return Ok((parts, Vec::new()));
        }
        let portions = portions::explained(self.plan, payments, total, cells, rows);
        Ok((parts, portions.map_err(|fault| trace::damaged(&fault))?))
    }
}

/// The words on every statement of a draft.
fn draft(plan: &Plan) -> Option<String> {
    let draft = plan.settlement.draft.as_ref()?;
    Some(format!("{DRAFT}: {draft}"))
}
