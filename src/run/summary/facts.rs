//! The shape of summary.json. Amounts are texts in currency.

use serde::{Deserialize, Serialize};

use crate::plan::ClassFigures;
use crate::plan::fund::FundAccount;
use crate::run::control_totals_check::ControlFacts;
use crate::run::histogram::HistogramBar;
use crate::run::summary::prior::PriorFacts;
use crate::run::summary::trades::TradeFacts;

#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    pub settlement: SettlementFacts,
    pub plan: PlanFacts,
    /// The claims files, in the order read.
    pub inputs: Vec<InputFileFacts>,
    /// The number of class members, if the plan states it.
    pub class: ClassFigures,
    /// The reconciliation that the run follows; only if the plan divides what one left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<PriorFacts>,
    /// From the fund to the net settlement fund.
    pub fund: FundFacts,
    /// The same as amounts.
    #[serde(skip)]
    pub account: FundAccount,
    /// Counts of rows and claimants.
    pub claims: ClaimFacts,
    /// Trades and lots; only if the plan has `[trades]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trades: Option<TradeFacts>,
    pub pools: Vec<PoolFacts>,
    /// The claimants removed from all pools; only if the plan has a minimum over all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_drop: Option<PaymentDropFacts>,
    pub subclasses: Vec<SubclassFacts>,
    pub payouts: PayoutFacts,
    /// Tax flags; only if the plan has `[tax]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<TaxFacts>,
    pub held: HeldFacts,
    /// The portions of payouts, in plan order; only if the plan has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub portions: Vec<PortionFacts>,
    /// Rows of flags.csv by rule; only if a `[[unique]]` flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<FlagFacts>>,
    pub residual: ResidualFacts,
    /// Every control total compared with the figure found; null if none were provided.
    pub control_totals: Option<Vec<ControlFacts>>,
    /// Corrections of cells; only if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrections: Option<CorrectionFacts>,
    /// Cells read as other texts, by column; only if the plan has `map` or `ignore_case`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mapped: Vec<MappedFacts>,
    /// Values by column that the plan does not reference.
    pub unmatched: Vec<UnmatchedFacts>,
    /// Unusual facts that are not errors.
    pub warnings: Vec<String>,
    /// True if every cent and every row is accounted for; otherwise nothing is written.
    pub ties_out: bool,
    /// The distribution of payouts by amount; for the report only.
    #[serde(skip)]
    pub histogram: Vec<HistogramBar>,
}

/// Corrections of cells of the claims.
#[derive(Debug, Clone, Serialize)]
pub struct CorrectionFacts {
    /// The rows of the claims that have a corrected cell.
    pub rows: u64,
    /// The corrected cells.
    pub cells: u64,
    pub files: Vec<CorrectionFileFacts>,
}

/// A file of corrections that the run keeps.
#[derive(Debug, Clone, Serialize)]
pub struct CorrectionFileFacts {
    pub name: String,
    pub cells: u64,
    pub sha256: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct SettlementFacts {
    pub name: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// The date as of which the claims and the fund are stated, if the plan states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// The reason why the plan is a draft.
    pub draft: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct PlanFacts {
    /// `built-in NAME`, or the name of the file without folders.
    pub source: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// The plan's tables in files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<PlanFileFacts>,
    /// The templates of letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<PlanFileFacts>,
}

/// A file that belongs to the plan.
#[derive(Debug, Clone, Serialize)]
pub struct PlanFileFacts {
    /// The name of the file.
    pub name: String,
    pub sha256: String,
}

/// From the fund to the net settlement fund.
#[derive(Debug, Clone, Serialize)]
pub struct FundFacts {
    /// The amount that a reconciliation left; only if the plan divides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brought_forward: Option<String>,
    /// The money paid in.
    pub amount: String,
    /// If it is what is claimed, the limit that applies: `between`, `at_least`,
    /// `at_most`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_claimed: Option<&'static str>,
    /// Interest on the fund.
    pub interest: String,
    /// In plan order.
    pub deductions: Vec<DeductionFacts>,
    /// The net settlement fund.
    pub net: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeductionFacts {
    pub name: String,
    /// The kind of expense.
    pub kind: &'static str,
    pub amount: String,
}

/// Counts of rows and claimants.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimFacts {
    /// The number of data rows.
    pub rows: u64,
    /// The number of rows without any text, which were skipped.
    pub empty_rows: u64,
    /// The number of different ids.
    pub claimants: u64,
    pub paid: u64,
    pub held: u64,
    /// The number of rows of unpaid.csv.
    pub unpaid_rows: u64,
    /// In descending order of rows.
    pub unpaid_reasons: Vec<ReasonFacts>,
}

#[derive(Debug, Clone, Serialize)]
pub struct InputFileFacts {
    /// The name without folders, or `-` for standard input.
    pub name: String,
    /// The number of data rows.
    pub rows: u64,
    /// For the report and the workbook; the manifest has it, too.
    #[serde(skip)]
    pub sha256: String,
}

/// A reason why rows are not paid.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonFacts {
    pub reason: String,
    pub rows: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct PoolFacts {
    pub name: String,
    /// The sentence of the order that the pool carries out; for the report.
    #[serde(skip)]
    pub source: Option<String>,
    /// The money available to the pool.
    pub available: String,
    /// Claimants who participate and are not below the minimum payment.
    pub participants: u64,
    /// The sum of shares, in a share pool.
    pub shares: Option<String>,
    /// The sum of awards in currency, in an award pool.
    pub awards: Option<String>,
    /// Currency per share or per unit of award, truncated to 12 decimals.
    pub rate: Option<String>,
    /// The same as a fraction in lowest terms.
    pub rate_exact: Option<String>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<String>,
    /// The payouts of payable claims.
    pub paid: String,
    pub held: String,
    /// The number of claimants below the minimum payment.
    pub dropped: u64,
    /// The amount neither paid nor held.
    pub left: String,
    /// The reason why the pool is not divided; only if its `only_if` does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_economical: Option<String>,
    /// Claimants who have had more than the rate gives them; only in pools with `less` of a
    /// plan that divides what a reconciliation left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<AheadFacts>,
    /// The parts, if the plan divides the pool by a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PoolPartsFacts>,
}

/// Claimants who have had more than the rate of a pool gives them.
#[derive(Debug, Clone, Serialize)]
pub struct AheadFacts {
    pub participants: u64,
    /// The amount that they have had too much together, cut to the minor unit.
    pub total: String,
}

/// The claimants whose payments from all pools together were too small.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentDropFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_or_below: Option<String>,
    /// The number of claimants.
    pub dropped: u64,
    /// The sum of their payments in the first division.
    pub total: String,
}

/// The parts of a pool.
#[derive(Debug, Clone, Serialize)]
pub struct PoolPartsFacts {
    pub column: String,
    /// In plan order.
    pub texts: Vec<PoolPartFacts>,
}

/// One part of a pool: the claimants with a text in the column.
#[derive(Debug, Clone, Serialize)]
pub struct PoolPartFacts {
    pub text: String,
    /// The percentage of the pool's money, for people.
    #[serde(skip)]
    pub percent: String,
    /// The money available to the part.
    pub available: String,
    pub participants: u64,
    /// Currency per share or per unit of award, truncated to 12 decimals.
    pub rate: Option<String>,
    /// The same as a fraction in lowest terms.
    pub rate_exact: Option<String>,
    pub paid: String,
    pub held: String,
    pub dropped: u64,
    pub left: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct SubclassFacts {
    pub key: String,
    pub name: String,
    pub paid: u64,
    /// The sum of their payouts.
    pub total: String,
    pub smallest: Option<String>,
    /// The median payout, rounded half up.
    pub median: Option<String>,
    pub largest: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct PayoutFacts {
    /// The number of payouts.
    pub count: u64,
    pub total: String,
    /// The mean, rounded half up.
    pub average: Option<String>,
    /// The median, rounded half up.
    pub median: Option<String>,
    pub smallest: Option<String>,
    pub largest: Option<String>,
    /// By method of payment, in alphabetical order; only if the plan names the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_method: Option<Vec<MethodFacts>>,
}

/// Payouts by one method.
#[derive(Debug, Clone, Serialize)]
pub struct MethodFacts {
    /// The method as in the claims file; may be blank.
    pub method: String,
    pub count: u64,
    pub total: String,
}

/// The payouts flagged for tax. The sums exclude earlier payments.
#[derive(Debug, Clone, Serialize)]
pub struct TaxFacts {
    /// The threshold, which earlier payments count toward.
    pub threshold: String,
    /// The portion of the payouts that is flagged and summed; without it, the payouts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portion: Option<String>,
    /// Payouts at or over the threshold.
    pub at_or_over: PaymentSum,
    /// Those at or over the threshold without a valid taxpayer number.
    pub at_or_over_without_number: PaymentSum,
    /// All payouts without a valid taxpayer number.
    pub without_number: PaymentSum,
}

/// The payouts that are held.
#[derive(Debug, Clone, Serialize)]
pub struct HeldFacts {
    pub count: u64,
    /// In currency.
    pub total: String,
    /// By status, in plan order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_status: Vec<HeldStatusFacts>,
}

/// The payouts that are held because of a status.
#[derive(Debug, Clone, Serialize)]
pub struct HeldStatusFacts {
    pub status: String,
    pub count: u64,
    pub total: String,
}

/// Rows of flags.csv of one rule.
#[derive(Debug, Clone, Serialize)]
pub struct FlagFacts {
    /// The columns, joined by `;`.
    pub rule: String,
    pub rows: u64,
}

/// A portion of the payouts.
#[derive(Debug, Clone, Serialize)]
pub struct PortionFacts {
    pub name: String,
    /// The sentence of the order that it carries out; for the report.
    #[serde(skip)]
    pub source: Option<String>,
    /// Payouts of which the portion is more than 0.
    pub paid: PaymentSum,
    pub held: PaymentSum,
    /// Payouts and holds that did not suffice for it, and what was missing.
    pub cut: PaymentSum,
    /// By payee, in alphabetical order; none if there are more than 100.
    pub payees: Vec<PayeeFacts>,
    /// The number of payees that are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_count: Option<usize>,
}

/// The payments of a portion to one payee.
#[derive(Debug, Clone, Serialize)]
pub struct PayeeFacts {
    pub to: String,
    pub count: u64,
    pub total: String,
}

/// A number of payments and their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSum {
    pub count: u64,
    /// In currency.
    pub total: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ResidualFacts {
    pub amount: String,
    /// The recipient, if the plan names one.
    pub to: Option<String>,
}

/// The cells of a column that are read as other texts, in all rows.
#[derive(Debug, Clone, Serialize)]
pub struct MappedFacts {
    pub column: String,
    /// Cells that `map` names.
    pub mapped: u64,
    /// Cells that differ from a text of the plan by case or white space.
    pub ignored_case: u64,
}

/// Values of a column that the plan does not reference.
#[derive(Debug, Clone, Serialize)]
pub struct UnmatchedFacts {
    pub column: String,
    /// The number of different values.
    pub different: usize,
    /// A blank first, and then the most frequent values.
    pub values: Vec<UnmatchedValue>,
}

/// A value that the plan does not reference.
#[derive(Debug, Clone, Serialize)]
pub struct UnmatchedValue {
    pub value: String,
    /// The number of rows with it.
    pub rows: u64,
}
