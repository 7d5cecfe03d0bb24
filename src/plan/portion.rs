//! `[[portion]]`: the parts of which each payout consists, and to whom they are paid.

pub(crate) mod reader;

use std::cell::RefCell;

use rust_decimal::Decimal;

use crate::base::diagnostics::literal;
use crate::base::exact::Exact;
use crate::plan::cell::{CellFault, Cells, ColumnId, Facts, ValueId};
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::claim_view::ClaimView;
use crate::plan::document::Span;
use crate::plan::formula::{Formula, FormulaTrace};
use crate::plan::ranges::RangedFormula;
use crate::plan::{DeductionRounding, ExactPart, FeeBracket, Plan, cell_messages, fund};

/// A part of each payout.
#[derive(Debug, Clone)]
pub struct Portion {
    /// The name, which is its column in the results.
    pub name: String,
    /// The payee instead of the claimant.
    pub to: Option<Payee>,
    pub rule: PortionRule,
    /// Rounding to whole minor units.
    pub round: DeductionRounding,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    /// The place of the name in the plan.
    pub span: Span,
}

/// The payee instead of the claimant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payee {
    Named(String),
    /// The name is in this column.
    Cell(ColumnId),
}

/// The computation of a portion.
#[derive(Debug, Clone)]
pub enum PortionRule {
    Part {
        part: ExactPart,
        /// The part, as formulas compute.
        factor: Exact,
        of: PortionBase,
    },
    /// The percentage is in a column.
    Cell {
        cell: PercentCell,
        of: PortionBase,
    },
    /// Marginal brackets.
    Brackets {
        brackets: Vec<FeeBracket>,
        of: PortionBase,
    },
    Amount(Formula),
    /// The balance after all other portions; the last portion.
    Rest,
}

/// A column of percentages.
#[derive(Debug, Clone)]
pub struct PercentCell {
    pub column: ColumnId,
    pub format: ColumnFormat,
    /// The percentage for a blank cell; without it, a blank cell is a fault.
    pub blank: Option<Decimal>,
}

/// The base of a portion that is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortionBase {
    Payout,
    /// The balance after the preceding portions.
    Remaining,
    /// The payment from this pool, by index.
    Pool(usize),
}

/// The computation of a portion for one claimant, before its payout is known.
#[derive(Debug)]
pub(crate) enum PortionTerm<'a> {
    Part(Exact, PortionBase),
    Brackets(&'a [FeeBracket], PortionBase),
    /// An amount in currency.
    Amount(Decimal),
    Rest,
}

impl PercentCell {
    fn percentage(&self, cells: &impl Cells) -> Result<Decimal, CellFault> {
        let cell = cells.cell(self.column);
        let number = match self.blank {
            Some(blank) if cell.is_empty() => return Ok(blank),
            None if cell.is_empty() => {
                let message = cell_messages::blank_as_number();
                return Err(CellFault::at(self.column, message));
            }
            _ => self.format.number(self.column, cell)?,
        };
        if number > Decimal::ONE_HUNDRED {
            let message = cell_messages::percentage_above_whole(&literal(cell));
            return Err(CellFault::at(self.column, message));
        }
        Ok(number)
    }
}

/// A percentage as a factor.
fn percent(number: Decimal) -> Exact {
    let mut factor = number;
    match factor.set_scale(number.scale() + 2) {
        Ok(()) => factor.into(),
        // Finer than a decimal can be.
        Err(_) => fund::percent(number).into(),
    }
}

impl Portion {
    /// The formula of its amount.
    pub(crate) fn formula(&self) -> Option<&Formula> {
        match &self.rule {
            PortionRule::Amount(formula) => Some(formula),
            _ => None,
        }
    }

    /// True if the portion reads the column.
    pub(crate) fn reads(&self, id: ColumnId) -> bool {
        let of_rule = match &self.rule {
            PortionRule::Cell { cell, .. } => cell.column == id,
            PortionRule::Amount(formula) => formula.columns().any(|column| column == id),
            _ => false,
        };
        of_rule || self.to == Some(Payee::Cell(id))
    }

    /// The column of percentages.
    pub(crate) fn percent_column(&self) -> Option<ColumnId> {
        match &self.rule {
            PortionRule::Cell { cell, .. } => Some(cell.column),
            _ => None,
        }
    }

    /// The column of payees.
    pub(crate) fn payee_column(&self) -> Option<ColumnId> {
        match self.to {
            Some(Payee::Cell(column)) => Some(column),
            _ => None,
        }
    }

    /// Reads the cells of a claimant.
    pub(crate) fn term(
        &self,
        claim: &impl Facts,
        trace: &mut impl FormulaTrace,
    ) -> Result<PortionTerm<'_>, CellFault> {
        Ok(match &self.rule {
            PortionRule::Part { factor, of, .. } => PortionTerm::Part(factor.clone(), *of),
            PortionRule::Cell { cell, of } => {
                PortionTerm::Part(percent(cell.percentage(claim)?), *of)
            }
            PortionRule::Brackets { brackets, of } => PortionTerm::Brackets(brackets, *of),
            PortionRule::Amount(formula) => {
                trace.formula("amount", formula);
                PortionTerm::Amount(formula.decimal(claim, Decimal::ZERO, trace)?)
            }
            PortionRule::Rest => PortionTerm::Rest,
        })
    }

    /// The named values that the portion may read.
    pub(crate) fn values(&self) -> impl Iterator<Item = ValueId> {
        self.formula().into_iter().flat_map(Formula::values)
    }

    /// The fault of the cells that it reads, before payments are known.
    fn fault(&self, claim: &impl Facts) -> Option<CellFault> {
        match self.formula().filter(|formula| formula.reads_pools()) {
            // The result depends on the payments.
            Some(formula) => formula.value(claim, Decimal::ZERO, &mut ()).err(),
            None => self.term(claim, &mut ()).err(),
        }
    }

    /// The payee instead of the claimant.
    pub(crate) fn payee<'a>(&'a self, cells: &'a impl Cells) -> Option<&'a str> {
        match self.to.as_ref()? {
            Payee::Named(name) => Some(name),
            Payee::Cell(column) => Some(cells.cell(*column)),
        }
    }
}

impl Plan {
    /// Faults of the cells that portions read on a payable or held claim.
    pub(crate) fn portion_faults(&self, cells: &impl Cells) -> Vec<CellFault> {
        let known = RefCell::default();
        let claim = ClaimView::new(self, cells, &known);
        let portions = self.portions.iter();
        portions
            .filter_map(|portion| portion.fault(&claim))
            .collect()
    }

    /// The gaps between ranges of portions in which a payable or held claim is.
    pub(crate) fn portion_gaps(&self, cells: &impl Cells) -> Vec<usize> {
        let known = RefCell::default();
        let claim = ClaimView::new(self, cells, &known);
        let gaps = self.gaps.iter().enumerate();
        gaps.filter(|(_, gap)| gap.formula == RangedFormula::Portion && gap.has(&claim))
            .map(|(number, _)| number)
            .collect()
    }
}
