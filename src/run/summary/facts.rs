//! The shape of summary.json. Amounts are texts in currency.

use serde::Serialize;

use crate::plan::ClassFigures;
use crate::run::control_totals::ControlFacts;
use crate::run::histogram::HistogramBar;

/// The whole account.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// What is settled.
    pub settlement: SettlementFacts,
    /// The plan used.
    pub plan: PlanFacts,
    /// The claims files, in the order read.
    pub inputs: Vec<InputFileFacts>,
    /// How many people the class has, where the plan says.
    pub class: ClassFigures,
    /// From the fund to the net fund.
    pub fund: FundFacts,
    /// How many rows and claimants there are.
    pub claims: ClaimFacts,
    pub pools: Vec<PoolFacts>,
    pub subclasses: Vec<SubclassFacts>,
    /// What is paid.
    pub payouts: PayoutFacts,
    /// Which payouts are flagged for tax; only where the plan has `[tax]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<TaxFacts>,
    pub held: HeldFacts,
    /// What is left.
    pub residual: ResidualFacts,
    /// The control totals that were given, each beside what was found; null
    /// when there were none.
    pub control_totals: Option<Vec<ControlFacts>>,
    /// Column by column, texts that no text of the plan matched.
    pub unmatched: Vec<UnmatchedFacts>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
    /// Whether every cent and every row is accounted for; otherwise nothing is
    /// written.
    pub ties_out: bool,
    /// How many payouts there are of which size; for the report only.
    #[serde(skip)]
    pub histogram: Vec<HistogramBar>,
}

/// What is settled.
#[derive(Debug, Clone, Serialize)]
pub struct SettlementFacts {
    pub name: String,
    /// The court's docket number.
    pub docket: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// Why the plan must not be paid on.
    pub draft: Option<String>,
}

/// The plan used.
#[derive(Debug, Clone, Serialize)]
pub struct PlanFacts {
    /// `built-in NAME`, or the name of the file without folders.
    pub source: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// From the fund to the net fund.
#[derive(Debug, Clone, Serialize)]
pub struct FundFacts {
    /// The money paid in.
    pub amount: String,
    /// Interest on it.
    pub interest: String,
    /// In plan order.
    pub deductions: Vec<DeductionFacts>,
    /// What the class receives.
    pub net: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeductionFacts {
    pub name: String,
    /// What kind of expense it is.
    pub kind: &'static str,
    /// How much.
    pub amount: String,
}

impl DeductionFacts {
    /// How it stands below the fund that it is taken from.
    pub(crate) fn label(&self) -> String {
        let reserve = if self.kind == "reserve" {
            "reserve: "
        } else {
            ""
        };
        format!("  less {reserve}{}", self.name)
    }
}

/// How many rows and claimants there are.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimFacts {
    /// Data rows.
    pub rows: u64,
    /// Different ids.
    pub claimants: u64,
    /// Claimants paid.
    pub paid: u64,
    /// Claimants held.
    pub held: u64,
    /// Rows of unpaid.csv.
    pub unpaid_rows: u64,
    /// Most rows first.
    pub unpaid_reasons: Vec<ReasonFacts>,
}

/// One claims file.
#[derive(Debug, Clone, Serialize)]
pub struct InputFileFacts {
    /// Its name without folders, or `-` for standard input.
    pub name: String,
    /// Its data rows.
    pub rows: u64,
}

/// Why rows are not paid.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonFacts {
    pub reason: String,
    /// How many rows have it.
    pub rows: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct PoolFacts {
    pub name: String,
    /// The money it had.
    pub available: String,
    /// How many take part and are not dropped.
    pub participants: u64,
    /// The sum of their shares, in a share pool.
    pub shares: Option<String>,
    /// The sum of their awards in currency, in an award pool.
    pub awards: Option<String>,
    /// Currency per share, or per unit of award, cut after 12 decimals.
    pub rate: Option<String>,
    /// The same in lowest terms.
    pub rate_exact: Option<String>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<String>,
    /// What payable claims receive.
    pub paid: String,
    pub held: String,
    /// How many are dropped.
    pub dropped: u64,
    /// What it does not pay out or hold.
    pub left: String,
}

impl PoolFacts {
    /// What the rate is per.
    pub(crate) fn unit(&self) -> &'static str {
        if self.shares.is_some() {
            "share"
        } else {
            "unit of award"
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct SubclassFacts {
    pub key: String,
    pub name: String,
    /// How many of its claimants are paid.
    pub paid: u64,
    /// What they receive together.
    pub total: String,
    /// The smallest payout.
    pub smallest: Option<String>,
    /// The middle one, half up.
    pub median: Option<String>,
    pub largest: Option<String>,
}

/// What is paid.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutFacts {
    /// How many payouts.
    pub count: u64,
    /// Their sum.
    pub total: String,
    /// Their mean, half up.
    pub average: Option<String>,
    /// The middle one, half up.
    pub median: Option<String>,
    pub smallest: Option<String>,
    pub largest: Option<String>,
    /// By method of payment, in alphabetical order; only where the plan names
    /// the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_method: Option<Vec<MethodFacts>>,
}

/// What is paid by one method.
#[derive(Debug, Clone, Serialize)]
pub struct MethodFacts {
    /// The method, as the claims file has it; may be blank.
    pub method: String,
    /// How many payouts.
    pub count: u64,
    /// Their sum.
    pub total: String,
}

/// Which payouts are flagged for tax. Their sums are of the payouts, without
/// what was paid before.
#[derive(Debug, Clone, Serialize)]
pub struct TaxFacts {
    /// From which sum on, earlier payments included.
    pub threshold: String,
    /// Payouts at or over it.
    pub at_or_over: FlaggedFacts,
    /// Those of them without a valid taxpayer number.
    pub at_or_over_without_number: FlaggedFacts,
    /// All payouts without a valid taxpayer number.
    pub without_number: FlaggedFacts,
}

/// Some of the payouts.
#[derive(Debug, Clone, Serialize)]
pub struct FlaggedFacts {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub total: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct HeldFacts {
    /// How many claims.
    pub count: u64,
    /// Their sum.
    pub total: String,
}

/// What is left.
#[derive(Debug, Clone, Serialize)]
pub struct ResidualFacts {
    /// How much.
    pub amount: String,
    /// Where it goes, where the plan says.
    pub to: Option<String>,
}

impl ResidualFacts {
    /// How it stands at the end of the account.
    pub(crate) fn label(&self) -> String {
        let to = self.to.as_ref();
        to.map_or_else(|| "Residual".to_owned(), |to| format!("Residual, {to}"))
    }
}

/// The texts of a column that no text of the plan matched.
#[derive(Debug, Clone, Serialize)]
pub struct UnmatchedFacts {
    pub column: String,
    /// How many different texts.
    pub different: usize,
    /// The most frequent of them.
    pub values: Vec<UnmatchedValue>,
}

/// A text that no text of the plan matched.
#[derive(Debug, Clone, Serialize)]
pub struct UnmatchedValue {
    /// The text.
    pub value: String,
    /// In how many rows.
    pub rows: u64,
}
