//! The plan of allocation: from TOML to a value that no later stage has to
//! doubt.
//!
//! `docs/plan-reference.md` describes the language. Here are its types; [`load`] reads
//! them, and reports everything that is wrong with a plan at once, with its place in the
//! file.

mod amount_fault;
pub mod builtin;
pub(crate) mod cell;
mod claim_rules;
pub(crate) mod column;
mod column_format;
mod common_mistakes;
pub(crate) mod condition;
mod deduction;
pub(crate) mod document;
mod duplicate_key;
pub(crate) mod english;
pub(crate) mod format;
pub(crate) mod formula;
pub(crate) mod fund;
mod hints;
pub(crate) mod parse;
mod pool;
pub(crate) mod ranges;
mod side_tables;
pub(crate) mod sql;
mod summed_columns;
pub(crate) mod tax;
mod values;

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::base::diagnostics::{InvalidPlan, PlanProblem};
use crate::base::money::{Currency, Money};
pub(crate) use crate::plan::cell::ColumnId;
pub(crate) use crate::plan::column::{Column, Columns};
pub(crate) use crate::plan::condition::Condition;
use crate::plan::document::Span;
pub(crate) use crate::plan::formula::Formula;
use crate::plan::fund::FundAccount;
pub(crate) use crate::plan::tax::TaxRules;

/// Where a plan came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSource {
    /// `built-in tiktok`, or the name of the file without folders.
    pub name: String,
    /// The file as the user named it, for messages.
    pub shown: String,
    /// Its whole text.
    pub text: String,
}

/// The class, as far as the plan tells; it changes no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ClassFigures {
    /// How many members it has.
    pub members: Option<u64>,
    /// How many of them were sent notice that did not come back.
    pub notices: Option<u64>,
    /// How many opted out.
    pub opt_outs: Option<u64>,
    /// How many objected.
    pub objections: Option<u64>,
}

/// A plan of allocation.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it came from.
    pub source: PlanSource,
    /// What is settled.
    pub settlement: Settlement,
    /// What the plan says of the class.
    pub class: ClassFigures,
    /// The money paid in, and the interest on it.
    pub fund: Fund,
    /// What is taken off the fund, in order.
    pub deductions: Vec<Deduction>,
    /// The fund, the deductions worked out, and the net fund.
    pub account: FundAccount,
    /// How claims are told apart, and which of them are payable.
    pub claims: ClaimRules,
    /// The columns that the plan reads.
    pub columns: Columns,
    /// Which claims are out before anything else is asked, in order.
    pub excludes: Vec<Exclude>,
    /// Named groups of claimants, in order.
    pub subclasses: Vec<Subclass>,
    /// How the net fund is divided, in order.
    pub pools: Vec<Pool>,
    /// Where the residual goes, where the plan says.
    pub residual_to: Option<String>,
    /// The column that says by which method a claimant is paid.
    pub payment_method: Option<ColumnId>,
    /// Which payouts are flagged for tax, where the plan says.
    pub tax: Option<TaxRules>,
    /// What statements show beside the payment.
    pub statement: StatementRules,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
    /// What the ranges of formulas leave between them, where claims may be.
    pub gaps: Vec<ranges::RangeGap>,
    /// The columns whose cells are read as amounts in currency.
    pub amount_columns: Vec<ColumnId>,
}

/// What a claimant's statement shows beside the payment; it changes none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementRules {
    /// Columns of the claims file, in order.
    pub columns: Vec<ColumnId>,
    /// The paragraph at its end.
    pub text: Option<String>,
}

/// The `[settlement]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub name: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// The currency of every amount.
    pub currency: Currency,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
}

/// The `[fund]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fund {
    /// The money paid in; more than nothing.
    pub amount: Money,
    /// Interest earned in escrow.
    pub interest: Money,
}

/// One `[[deduction]]`.
#[derive(Debug, Clone)]
pub struct Deduction {
    pub name: String,
    /// What kind of expense it is.
    pub kind: DeductionKind,
    /// How much it is.
    pub rule: DeductionRule,
    /// Where it stands in the plan.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeductionKind {
    /// Attorneys' fees.
    Fees,
    /// Litigation costs.
    Costs,
    /// Service awards to class representatives.
    Service,
    /// Notice and claims administration.
    Administration,
    /// Taxes on the fund.
    Tax,
    /// Money kept back, not spent.
    Reserve,
    /// Anything else.
    Other,
}

impl DeductionKind {
    /// The words of the plan for each kind.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("fees", Self::Fees),
        ("costs", Self::Costs),
        ("service", Self::Service),
        ("administration", Self::Administration),
        ("tax", Self::Tax),
        ("reserve", Self::Reserve),
        ("other", Self::Other),
    ];

    /// The word of the plan for this kind.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("other", |(word, _)| word)
    }
}

/// How much a deduction is.
#[derive(Debug, Clone)]
pub enum DeductionRule {
    /// So much.
    Amount(Money),
    /// So much for each of so many.
    Each {
        each: Money,
        /// Of how many.
        count: u64,
    },
    /// A part of a base.
    Part {
        /// The part: 33.33 percent is 3333/10000.
        part: ExactPart,
        of: PercentBase,
        /// How it becomes whole minor units.
        round: DeductionRounding,
    },
    /// Marginal brackets of a base, like income tax.
    Brackets {
        /// Rising; the last has no end.
        brackets: Vec<FeeBracket>,
        of: PercentBase,
        /// How it becomes whole minor units.
        round: DeductionRounding,
    },
}

/// One bracket of a sliding-scale fee.
#[derive(Debug, Clone)]
pub struct FeeBracket {
    /// Where it ends, in currency.
    pub to: Option<Decimal>,
    /// The part taken of what lies in it.
    pub part: ExactPart,
}

/// An exact part of something, and how the plan wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactPart {
    /// The part as a fraction.
    pub ratio: Ratio<BigInt>,
    /// `33.33%`, `1/3`.
    pub written: String,
}

/// What a deduction is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PercentBase {
    /// The amount of the fund, without interest.
    Amount,
    /// Amount and interest.
    Gross,
    /// What the deductions before have left.
    Remaining,
}

/// How a deduction becomes whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeductionRounding {
    /// To nearest, half up.
    Nearest,
    Down,
    Up,
}

/// The `[claims]` table.
#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// The column of the claimant's id.
    pub id: ColumnId,
    /// The column of the claim's status, and what each status means.
    pub status: StatusRule,
    /// Whether an id may occur in several rows.
    pub rows: RowsRule,
}

/// Which claims are payable by their status.
#[derive(Debug, Clone)]
pub enum StatusRule {
    /// The plan does not say: all, but a file that has a status column is
    /// refused.
    Unsaid,
    /// The plan says that all are.
    AllPayable,
    /// As the column says.
    Column {
        column: ColumnId,
        /// Every status that may occur, in plan order.
        meanings: Vec<(String, StatusMeaning)>,
    },
}

/// What a status means for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusMeaning {
    /// It is paid.
    Pay,
    /// Its payment is computed, but held back.
    Hold,
    /// It is not paid.
    Deny,
}

/// Whether an id may occur in several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsRule {
    /// An id twice is an error.
    Unique,
    /// The rows of one claimant are added up.
    Sum,
}

/// One `[[exclude]]`.
#[derive(Debug, Clone)]
pub struct Exclude {
    /// The reason that unpaid.csv gives.
    pub reason: String,
    /// Which rows.
    pub when: Condition,
}

/// One `[subclass.key]`.
#[derive(Debug, Clone)]
pub struct Subclass {
    /// Its key, as payouts.csv has it.
    pub key: String,
    /// Its name, as people read it.
    pub name: String,
    /// Who is in it.
    pub when: Condition,
}

/// One `[[pool]]`.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Its name, unlike that of any other.
    pub name: String,
    /// How much money it gets.
    pub money: PoolMoney,
    /// Who takes part.
    pub when: Condition,
    /// Whether claimants have shares, or awards in currency.
    pub measure: WeightKind,
    /// How many shares, or how much award.
    pub weight: Formula,
    /// The least a participant receives.
    pub at_least: Option<Formula>,
    /// The most a participant receives.
    pub at_most: Option<Formula>,
    /// What a participant has already received.
    pub less: Option<Formula>,
    /// The lowest and the highest rate of an award pool.
    pub range: RateRange,
    /// Which small payments are dropped.
    pub drop: Option<MinimumPayment>,
    /// How exact payments become whole minor units.
    pub round: Rounding,
    /// What is rounded: each payment, or the value of a share.
    pub unit: RoundingUnit,
    /// Where its name stands in the plan.
    pub span: Span,
    /// Where its money stands, or its name where it takes all that is left.
    pub money_span: Span,
}

/// How much money a pool gets.
#[derive(Debug, Clone)]
pub enum PoolMoney {
    /// So much, which must be there.
    Amount(Money),
    /// A part, rounded down, which must be there.
    Part {
        part: ExactPart,
        /// Whether of what is left, or of the net fund.
        of_remaining: bool,
    },
    /// So much, or what is left.
    UpTo(Money),
    /// Everything left.
    Rest,
}

/// What a claimant's weight in a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightKind {
    /// A unitless number of shares.
    Shares,
    /// An amount in currency.
    Award,
}

/// The rates that an award pool may have; a share pool has any from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRange {
    /// The lowest.
    pub reduce: Decimal,
    /// The highest; `None` is unlimited.
    pub raise: Option<Decimal>,
}

/// Which small payments of a pool are dropped.
#[derive(Debug, Clone)]
pub struct MinimumPayment {
    pub limit: Money,
    /// Whether a payment of just the limit is dropped too.
    pub inclusive: bool,
    /// In which order.
    pub method: DropMethod,
    /// Who can be dropped.
    pub when: Condition,
}

/// In which order small payments are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropMethod {
    /// All that are too small at first, together.
    AllAtOnce,
    /// The smallest first, until none is too small.
    SmallestFirst,
}

/// How exact payments become whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    Down,
    /// Each down, then the units left over to the largest remainders.
    LargestRemainder,
    /// Each to nearest, half up.
    Nearest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingUnit {
    Payment,
    /// The value of a share.
    Share,
}

impl Pool {
    /// All of its formulas: the weight, then the limits that it has.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let limits = [&self.at_least, &self.at_most, &self.less];
        std::iter::once(&self.weight).chain(limits.into_iter().flatten())
    }

    /// Those of its formulas that come to amounts in currency.
    pub fn amounts(&self) -> impl Iterator<Item = &Formula> {
        let skipped = usize::from(self.measure == WeightKind::Shares);
        self.formulas().skip(skipped)
    }

    /// Whether a condition or a formula of it reads the column.
    pub(crate) fn reads(&self, id: ColumnId) -> bool {
        let drop = self.drop.iter().map(|drop| &drop.when);
        let mut conditions = std::iter::once(&self.when).chain(drop);
        conditions.any(|when| when.reads(id))
            || self
                .formulas()
                .any(|formula| formula.columns().any(|column| column == id))
    }
}

/// Reads and checks a plan.
pub fn load(source: &PlanSource) -> Result<Plan, InvalidPlan> {
    parse::plan(source).map_err(|problems| bad(source, problems))
}

impl Plan {
    /// Reads and checks the text of a plan; `name` is what messages call it.
    pub fn from_text(name: &str, text: &str) -> Result<Self, InvalidPlan> {
        load(&PlanSource {
            name: name.to_owned(),
            shown: name.to_owned(),
            text: text.to_owned(),
        })
    }

    /// The column whose cells are never shown: that of the taxpayer number.
    pub fn unshown_column(&self) -> Option<ColumnId> {
        self.tax.as_ref().map(|tax| tax.number)
    }

    /// Whether cells are read of every row for what is told of its payout.
    pub fn reads_beside_rules(&self) -> bool {
        self.payment_method.is_some() || self.tax.is_some()
    }

    /// Leaves tax flags out, and the columns that only they read.
    pub fn leave_out_tax(&mut self) {
        self.tax = None;
        self.columns.leave_out(column::ColumnUse::Tax);
    }

    /// The plan with a fault that only the claims could show.
    pub fn at_fault(&self, problem: PlanProblem) -> InvalidPlan {
        bad(&self.source, vec![problem])
    }
}

/// A plan, or what stands beside it, that cannot be used.
pub(crate) fn bad(source: &PlanSource, mut problems: Vec<PlanProblem>) -> InvalidPlan {
    problems.sort_by_key(|problem| problem.span.start);
    InvalidPlan {
        file: source.shown.clone(),
        text: source.text.clone(),
        problems,
    }
}
