//! The plan of allocation, from TOML to validated types.
//!
//! `docs/plan-reference.md` describes the language. [`load`] reads a plan and
//! reports all of its problems at once, each with its place in the file.

mod amount_fault;
pub mod builtin;
pub(crate) mod cell;
pub(crate) mod cell_map;
pub(crate) mod cell_messages;
pub(crate) mod cell_reading;
pub(crate) mod claim_fact;
mod claim_rules;
pub(crate) mod claim_view;
pub(crate) mod column;
mod column_format;
mod column_maps;
pub(crate) mod columns;
mod common_mistakes;
pub(crate) mod condition;
mod deduction;
mod deduction_rule;
pub(crate) mod document;
mod doubtful;
mod duplicate_key;
pub(crate) mod english;
pub(crate) mod formula;
pub(crate) mod fund;
mod fund_keys;
mod groups;
pub(crate) mod hints;
pub(crate) mod kinds;
mod known_rules;
pub(crate) mod lookup_table;
pub(crate) mod lot_names;
pub(crate) mod map_hints;
pub(crate) mod messages;
mod minimum_payment;
pub(crate) mod named_value;
pub(crate) mod parse;
mod plan_file;
mod pool;
mod pool_parts;
mod pool_rule;
pub(crate) mod portion;
pub(crate) mod prior;
pub(crate) mod ranges;
pub(crate) mod rounding;
pub(crate) mod schema;
mod settlement;
mod side_tables;
mod sources;
pub(crate) mod sql;
pub(crate) mod statement;
mod summed_columns;
pub(crate) mod table;
mod table_names;
pub(crate) mod tax;
pub(crate) mod time_span;
pub(crate) mod trades;
pub(crate) mod unique;
pub(crate) mod value_range;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::base::dates::Date;
use crate::base::diagnostics::{InvalidPlan, PlanProblem};
use crate::base::locale::Locale;
use crate::base::money::{Currency, Money};
pub(crate) use crate::plan::cell::{ColumnId, ValueId, ValueScope};
pub(crate) use crate::plan::column::Column;
pub(crate) use crate::plan::columns::Columns;
pub(crate) use crate::plan::condition::Condition;
pub(crate) use crate::plan::deduction_rule::{
    Deduction, DeductionKind, DeductionRounding, DeductionRule, ExactPart, FeeBracket, PercentBase,
};
use crate::plan::document::Span;
pub(crate) use crate::plan::formula::Formula;
use crate::plan::fund::FundAccount;
pub(crate) use crate::plan::kinds::Choice;
use crate::plan::kinds::words;
pub(crate) use crate::plan::lookup_table::LookupTable;
pub use crate::plan::minimum_payment::DropMethod;
pub(crate) use crate::plan::minimum_payment::MinimumPayment;
pub(crate) use crate::plan::named_value::NamedValue;
pub use crate::plan::parse::load;
pub(crate) use crate::plan::plan_file::PlanFile;
pub(crate) use crate::plan::pool_parts::{PoolPart, PoolParts};
pub(crate) use crate::plan::pool_rule::{MoneyRounding, NotEconomical, OnlyIf, Pool, PoolMoney};
pub use crate::plan::pool_rule::{RateRange, RoundingUnit, WeightKind};
pub(crate) use crate::plan::portion::Portion;
use crate::plan::prior::PriorLedger;
pub use crate::plan::rounding::Rounding;
pub(crate) use crate::plan::sources::{RuleSources, sourced};
pub(crate) use crate::plan::statement::StatementRules;
pub(crate) use crate::plan::tax::TaxRules;
use crate::plan::trades::TradeRules;
use crate::plan::unique::{Duplicates, UniqueRule};

/// The source of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanSource {
    /// `built-in tiktok`, or the file name without folders.
    pub name: String,
    /// The folder in which the plan's tables are; empty for the current one.
    pub folder: PathBuf,
    /// The file as the user named it, for messages.
    pub shown: String,
    pub text: String,
}

/// Figures about the class, as far as the plan states them. They change no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ClassFigures {
    /// Number of class members.
    pub members: Option<u64>,
    /// Number of class members whose notice was sent and not returned.
    pub notices: Option<u64>,
    pub opt_outs: Option<u64>,
    pub objections: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub source: PlanSource,
    pub settlement: Settlement,
    pub class: ClassFigures,
    /// The amount paid in and the interest on it.
    pub fund: Fund,
    /// Deductions, in the order in which they are taken.
    pub deductions: Vec<Deduction>,
    /// The fund, the computed deductions, and the net settlement fund; `None` if the
    /// claims, or a reconciliation, decide how large the fund is.
    pub account: Option<FundAccount>,
    /// The rules for ids and statuses of claims.
    pub claims: ClaimRules,
    /// The columns that the plan reads.
    pub columns: Columns,
    /// Exclusions, which apply before any other rule, in order.
    pub excludes: Vec<Exclude>,
    /// Subclasses, in plan order.
    pub subclasses: Vec<Subclass>,
    /// Named values, in plan order.
    pub values: Vec<NamedValue>,
    /// Tables in files, each file once.
    pub table_files: Vec<PlanFile>,
    /// The named tables, in plan order.
    pub tables: Vec<Arc<LookupTable>>,
    /// The values per row that are computed on every accepted row.
    pub row_values: Vec<ValueId>,
    /// The values per claim that statements or control totals read, so that they are
    /// computed for every claim.
    pub shown_values: Vec<ValueId>,
    /// Pools, in the order in which the net settlement fund is divided.
    pub pools: Vec<Pool>,
    /// True if a formula of some pool reads the payments of earlier ones.
    pub open_pools: bool,
    /// The recipient of the residual, if the plan names one.
    pub residual_to: Option<String>,
    /// The minimum over all pools, if the plan has one.
    pub payment_drop: Option<MinimumPayment>,
    /// Sources of tables that are no list.
    pub sources: RuleSources,
    /// The column with the claimant's payment method.
    pub payment_method: Option<ColumnId>,
    /// Rules for tax flags, if the plan has any.
    pub tax: Option<TaxRules>,
    /// The portions of each payout, in order; the last is what the others leave.
    pub portions: Vec<Portion>,
    /// Cells that no two claimants may share.
    pub unique: Vec<UniqueRule>,
    /// The rules about trades, if claims have any.
    pub(crate) trades: Option<TradeRules>,
    /// The ledger of earlier distributions, once a plan with `prior` follows a
    /// reconciliation.
    pub(crate) prior: Option<Arc<PriorLedger>>,
    /// Content of statements other than the payment.
    pub statement: StatementRules,
    /// Matters that deserve a warning but are not errors.
    pub warnings: Vec<String>,
    /// Gaps between the ranges of formulas, into which claims may fall.
    pub gaps: Vec<ranges::RangeGap>,
    /// The columns whose cells are read as amounts in currency.
    pub amount_columns: Vec<ColumnId>,
}

/// The words on every output of a draft, which its reason follows.
pub(crate) const DRAFT: &str = "DRAFT – not for payment";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub name: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The form of dates for people, and the paper of the report.
    pub locale: Locale,
    /// The date as of which the claims and the fund are stated.
    pub as_of: Option<Date>,
    /// The reason why the plan is a draft and not for payment.
    pub draft: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fund {
    pub amount: FundAmount,
    pub interest: Money,
    /// True if the fund begins with what a reconciliation left.
    pub prior: bool,
}

/// The amount paid in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FundAmount {
    /// Greater than 0, unless the fund begins with what a reconciliation left.
    Fixed(Money),
    /// The deductions and all payments at rate 1, within these limits.
    AsClaimed {
        at_least: Option<Money>,
        at_most: Option<Money>,
    },
}

/// The limit that applies to a fund that is what is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FundLimit {
    /// None: the fund is just what is claimed.
    Between,
    AtLeast,
    AtMost,
}

words! {
    FundLimit { "between" Between, "at_least" AtLeast, "at_most" AtMost }
}

#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// The column of the claimant's id.
    pub id: ColumnId,
    /// The column of the claim's status, and the meaning of each status.
    pub status: StatusRule,
    pub rows: RowsRule,
}

/// Which claims are payable by their status.
#[derive(Debug, Clone)]
pub enum StatusRule {
    /// The plan does not say: all claims are payable, but a file that has a status
    /// column is rejected.
    Unsaid,
    /// The plan says that all claims are payable.
    AllPayable,
    /// The column determines it.
    Column {
        column: ColumnId,
        /// Every permitted status, in plan order.
        meanings: Vec<(String, StatusMeaning)>,
    },
}

/// The meaning of a status for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusMeaning {
    Pay,
    /// The payment is computed but held.
    Hold,
    Deny,
}

/// The treatment of an id that occurs in several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsRule {
    /// A duplicate id is an error.
    Unique,
    /// The rows of one claimant are added up.
    Sum,
    /// Each row is by itself, as in a trades file; no word of the language.
    Each,
}

#[derive(Debug, Clone)]
pub struct Exclude {
    /// The reason in unpaid.csv.
    pub reason: String,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    pub when: Condition,
}

#[derive(Debug, Clone)]
pub struct Subclass {
    /// The key in payouts.csv.
    pub key: String,
    /// The name shown to people.
    pub name: String,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    pub when: Condition,
    /// The place of the key in the plan.
    pub span: Span,
}

impl Plan {
    /// Reads and validates the text of a plan; `name` appears in messages.
    pub fn from_text(name: &str, text: &str) -> Result<Self, InvalidPlan> {
        load(&PlanSource {
            folder: PathBuf::new(),
            name: name.to_owned(),
            shown: name.to_owned(),
            text: text.to_owned(),
        })
    }

    /// All formulas about claims and their rows: of the pools, of the named values and of
    /// portions; not those of values per lot, whose columns are others.
    pub(crate) fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let of_pools = self.pools.iter().flat_map(Pool::formulas);
        let of_values = self.values.iter().filter(|value| !value.is_per_lot());
        let of_values = of_values.map(|value| &value.formula);
        let of_portions = self.portions.iter().filter_map(Portion::formula);
        of_pools.chain(of_values).chain(of_portions)
    }

    /// Has the values that statements show computed for every claim.
    fn with_shown_values(mut self) -> Self {
        for id in self.statement.values() {
            self.show_value(id);
        }
        self
    }

    /// Has a value computed for every claim, because statements or control totals read
    /// it.
    pub(crate) fn show_value(&mut self, id: ValueId) {
        let per = self.values.get(id.0).and_then(|value| value.per);
        let values = match (per, &mut self.trades) {
            (Some(ValueScope::Row), _) => &mut self.row_values,
            (Some(ValueScope::Lot), Some(trades)) => &mut trades.values,
            _ => &mut self.shown_values,
        };
        if !values.contains(&id) {
            values.push(id);
        }
    }

    /// The column of the taxpayer number, whose cells are never shown.
    pub fn unshown_column(&self) -> Option<ColumnId> {
        self.tax.as_ref().map(|tax| tax.number)
    }

    /// True if rows are read for information that no rule needs, such as tax flags.
    pub fn reads_beside_rules(&self) -> bool {
        self.payment_method.is_some()
            || self.tax.is_some()
            || !self.unique.is_empty()
            || !self.portions.is_empty()
            || self.statement.language().is_some()
    }

    /// True if a rule about claims, after their rows are added up, reads the column.
    pub(crate) fn rules_of_claims_read(&self, id: ColumnId) -> bool {
        let drop = self.payment_drop.iter().map(|drop| &drop.when);
        let subclasses = self.subclasses.iter().map(|subclass| &subclass.when);
        subclasses.chain(drop).any(|when| when.reads(id))
            || self.values.iter().any(|value| value.reads_of_claim(id))
            || self.pools.iter().any(|pool| pool.reads(id))
            || self.portions.iter().any(|portion| portion.reads(id))
    }

    /// The files that belong to the plan: those of its tables, then those of its
    /// templates, each once.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PlanFile> {
        let templates = self.statement.files.iter();
        let templates = templates.filter(|file| !self.table_files.contains(file));
        self.table_files.iter().chain(templates)
    }

    /// The plan by which trades files are read; `None` if there are no trades.
    pub(crate) fn of_trades_file(&self) -> Option<Self> {
        let trades = self.trades.as_ref()?;
        Some(Self {
            claims: ClaimRules {
                id: trades.places.id,
                status: StatusRule::AllPayable,
                rows: RowsRule::Each,
            },
            columns: trades.file.clone(),
            excludes: Vec::new(),
            subclasses: Vec::new(),
            row_values: Vec::new(),
            shown_values: Vec::new(),
            pools: Vec::new(),
            open_pools: false,
            payment_drop: None,
            payment_method: None,
            tax: None,
            portions: Vec::new(),
            unique: Vec::new(),
            statement: StatementRules::default(),
            gaps: Vec::new(),
            amount_columns: Vec::new(),
            ..self.clone()
        })
    }

    /// True if rows of the file need no id, because several columns can name the subject
    /// of a row.
    pub(crate) fn rows_need_no_id(&self) -> bool {
        self.columns
            .get(self.claims.id)
            .is_some_and(|column| column.optional)
    }

    /// True if claimants with the same cells are listed in `flags.csv`.
    pub(crate) fn has_flags(&self) -> bool {
        let mut rules = self.unique.iter();
        rules.any(|rule| rule.duplicates == Duplicates::Flag)
    }

    /// Reports a fault of the plan that only the claims reveal.
    pub fn at_fault(&self, problem: PlanProblem) -> InvalidPlan {
        bad(&self.source, vec![problem])
    }
}

/// Reports problems of a plan or of a file that belongs to it.
pub(crate) fn bad(source: &PlanSource, mut problems: Vec<PlanProblem>) -> InvalidPlan {
    problems.sort_by_key(|problem| problem.span.start);
    InvalidPlan {
        file: source.shown.clone(),
        text: source.text.clone(),
        problems,
    }
}
