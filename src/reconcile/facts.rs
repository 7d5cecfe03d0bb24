//! The facts: a file that states what happened to payments and to the fund until a day.

mod columns;
mod reader;

pub use crate::reconcile::facts::reader::tables;
pub(crate) use crate::reconcile::facts::reader::{FactsPlaces, load};

use crate::base::dates::Date;
use crate::base::money::Money;
use crate::plan::cell_reading::{ColumnFormat, DateFormat};
use crate::plan::kinds::words;
use crate::plan::{DeductionKind, PlanSource};

/// A commented start.
pub(crate) const START: &str = include_str!("facts/start.toml");

/// What happened from the reconciliation before until a day.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The file as read.
    pub source: PlanSource,
    /// The last day of which they tell.
    pub on: Date,
    /// The amount in the bank account, by the bank's statement.
    pub balance: Option<Money>,
    /// The payouts that are in no export on purpose.
    pub unissued: u64,
    /// The columns of the claims file by which payouts that were never cashed are counted.
    pub by: Vec<String>,
    pub outcomes: Vec<OutcomeSource>,
    pub unheard: Vec<(String, Unheard)>,
    pub received: Vec<Movement<ReceiptKind>>,
    pub spent: Vec<Movement<DeductionKind>>,
    pub owed: Vec<Owed>,
    pub report: CourtFacts,
}

/// A file of outcomes, and how it is read.
#[derive(Debug, Clone)]
pub(crate) struct OutcomeSource {
    pub file: String,
    /// The name of the export whose payments alone it is about.
    pub export: Option<String>,
    pub id: ColumnName,
    pub number: ColumnName,
    pub amount: String,
    pub amount_format: ColumnFormat,
    pub date: String,
    pub date_format: OutcomeDate,
    pub status: OutcomeStatus,
    /// Numbers that pay no claimant.
    pub others: Vec<String>,
    pub rows: Option<u64>,
    pub total: Option<Money>,
}

/// The name of a column, which the file may lack if the facts do not name it.
#[derive(Debug, Clone)]
pub(crate) struct ColumnName {
    pub name: String,
    pub is_stated: bool,
}

/// The form of the dates in a file of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutcomeDate {
    InPlans(DateFormat),
    /// `YYYYMMDD`.
    Digits,
}

/// The column that says what became of a payment, or the word for every row.
#[derive(Debug, Clone)]
pub(crate) enum OutcomeStatus {
    Every(OutcomeWord),
    Column {
        name: String,
        /// The texts with their words; a text without a word is about something else.
        texts: Vec<(String, Option<OutcomeWord>)>,
    },
}

/// The words for what a row of outcomes reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OutcomeWord {
    Outstanding,
    Cashed,
    Refunded,
    Stale,
    Returned,
    Void,
}

/// The words for what it means that no file speaks of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unheard {
    Cashed,
    Stale,
}

/// The kinds of money that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiptKind {
    Fund,
    Interest,
    Other,
}

words! {
    OutcomeWord { "outstanding" Outstanding, "cashed" Cashed, "refunded" Refunded, "stale" Stale, "returned" Returned, "void" Void }
    Unheard { "cashed" Cashed, "stale" Stale }
    ReceiptKind { "fund" Fund, "interest" Interest, "other" Other }
}

/// Money that came in or went out, other than by the plans.
#[derive(Debug, Clone)]
pub(crate) struct Movement<K> {
    pub name: String,
    pub kind: K,
    pub amount: Money,
    /// The number of the check that paid it.
    pub number: Option<String>,
}

/// A deduction that is not paid out yet.
#[derive(Debug, Clone)]
pub(crate) struct Owed {
    pub deduction: String,
    pub amount: Money,
}

/// What courts ask and nobody can compute.
#[derive(Debug, Clone, Default)]
pub(crate) struct CourtFacts {
    pub notice: Option<String>,
    pub relief: Option<String>,
    pub fraud: Option<String>,
    pub lodestar: Option<Money>,
    pub relief_value: Option<Money>,
    pub relief_users: Option<u64>,
    pub claims: Option<u64>,
}
