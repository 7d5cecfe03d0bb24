//! Deductions: what is taken from the fund before it is divided.

use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::base::money::Money;
use crate::plan::document::Span;
use crate::plan::kinds::words;

#[derive(Debug, Clone)]
pub struct Deduction {
    pub name: String,
    /// The sentence of the order that it carries out.
    pub source: Option<String>,
    pub kind: DeductionKind,
    pub rule: DeductionRule,
    /// The place in the plan.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeductionKind {
    Fees,
    /// Litigation expenses.
    Costs,
    Service,
    /// Notice and claims administration.
    Administration,
    Tax,
    /// Money held in reserve, not spent.
    Reserve,
    /// A gift to a third party, by order of the court.
    CyPres,
    /// Unclaimed money handed to a state.
    Escheat,
    /// Money handed back to the defendant.
    Reversion,
    Other,
}

words! {
    DeductionKind { "fees" Fees, "costs" Costs, "service" Service, "administration" Administration, "tax" Tax, "reserve" Reserve, "cy-pres" CyPres, "escheat" Escheat, "reversion" Reversion, "other" Other }
}

/// The computation of a deduction.
#[derive(Debug, Clone)]
pub enum DeductionRule {
    /// A fixed amount.
    Amount(Money),
    /// A fixed amount for each of several recipients.
    Each { each: Money, count: u64 },
    /// A part of a base.
    Part {
        /// The part: 33.33 percent is 3333/10000.
        part: ExactPart,
        of: PercentBase,
        /// Rounding to whole minor units.
        round: DeductionRounding,
    },
    /// Marginal brackets of a base, like income tax.
    Brackets {
        /// In ascending order; the last has no upper end.
        brackets: Vec<FeeBracket>,
        of: PercentBase,
        /// Rounding to whole minor units.
        round: DeductionRounding,
    },
}

/// One bracket of a sliding-scale fee.
#[derive(Debug, Clone)]
pub struct FeeBracket {
    /// The upper end, in currency.
    pub to: Option<Decimal>,
    /// The part taken of the amount in the bracket.
    pub part: ExactPart,
}

/// An exact part, and its notation in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactPart {
    pub ratio: Ratio<BigInt>,
    /// `33.33%`, `1/3`.
    pub written: String,
}

/// The base of a deduction that is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PercentBase {
    /// The amount of the fund, without interest.
    Amount,
    Gross,
    /// The balance after the preceding deductions.
    Remaining,
}

/// Rounding of a deduction to whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeductionRounding {
    /// To nearest, half up.
    Nearest,
    Down,
    Up,
}
