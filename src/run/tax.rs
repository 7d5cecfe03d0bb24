//! Tax flags: payouts that, with payments earlier in the year, reach the threshold of
//! the plan, and claimants without a valid taxpayer number. Flags only: a tax adviser
//! decides whether a payment is reportable or subject to withholding.

pub(crate) mod number;

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::money::{Currency, Money};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::tax::{EarlierPayments, TaxRules};
use crate::run::messages;

/// The column of the flags in payouts.csv and held.csv.
pub(crate) const COLUMN: &str = "tax";

/// The tax flag of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaxFlag {
    /// True if the payout, with earlier payments, is at or over the threshold.
    pub at_or_over: bool,
    /// True if the text has the form of a taxpayer number that may have been issued.
    pub valid_number: bool,
}

impl TaxFlag {
    /// The flag of a claimant with these cells and this payout.
    pub fn of(
        tax: &TaxRules,
        currency: Currency,
        payout: Money,
        cells: &impl Cells,
    ) -> Result<Self, CellFault> {
        let earlier = match &tax.earlier {
            Some(earlier) => earlier.amount(cells)?,
            None => Decimal::ZERO,
        };
        Ok(Self {
            at_or_over: reaches(tax.threshold, payout, earlier, currency),
            valid_number: number::is_valid(cells.cell(tax.number)),
        })
    }

    /// The text of the flag in the CSV files.
    pub fn mark(self) -> &'static str {
        match (self.at_or_over, self.valid_number) {
            (false, _) => "",
            (true, true) => "at or over",
            (true, false) => "at or over; no valid number",
        }
    }
}

impl EarlierPayments {
    /// The earlier payments, in currency.
    pub fn amount(&self, cells: &impl Cells) -> Result<Decimal, CellFault> {
        let cell = cells.cell(self.column);
        match self.blank {
            Some(blank) if cell.is_empty() => Ok(blank),
            None if cell.is_empty() => Err(CellFault::at(
                self.column,
                messages::earlier_payments_blank(),
            )),
            _ => self.format.number(self.column, cell),
        }
    }
}

/// True if a payout with earlier payments is at or over the threshold. The payout and
/// the threshold are whole minor units, so only the whole minor units of the earlier
/// payments matter. Earlier payments above 128 bits always reach the threshold.
fn reaches(threshold: Money, payout: Money, earlier: Decimal, currency: Currency) -> bool {
    let lacking = threshold.0.saturating_sub(payout.0);
    let units = decimal::units(earlier, currency.decimals());
    lacking <= 0 || units.is_none_or(|(whole, _)| whole >= lacking)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Decimal {
        decimal::parse(text).unwrap()
    }

    #[test]
    fn a_payout_reaches_the_threshold_at_it_and_not_a_fraction_of_a_cent_below() {
        let reaches = |payout, earlier| {
            reaches(
                Money(200_000),
                Money(payout),
                dollars(earlier),
                Currency::USD,
            )
        };
        assert!(reaches(200_000, "0"));
        assert!(!reaches(199_999, "0"));
        assert!(reaches(199_999, "0.01"));
        assert!(!reaches(199_999, "0.00999999999999999999999999"));
        assert!(reaches(1, "1999.99"));
        assert!(reaches(i128::MAX, "9999999999999999999999999999"));
        assert!(reaches(1, "9999999999999999999999999999"));
    }

    #[test]
    fn a_yen_has_no_decimals() {
        let yen = Currency::from_code("JPY").unwrap();
        assert!(reaches(Money(2000), Money(1500), dollars("500"), yen));
        assert!(!reaches(Money(2000), Money(1500), dollars("499.9"), yen));
    }

    #[test]
    fn only_who_reaches_the_threshold_is_marked() {
        let mark = |at_or_over, valid_number| {
            TaxFlag {
                at_or_over,
                valid_number,
            }
            .mark()
        };
        assert_eq!(mark(false, false), "");
        assert_eq!(mark(false, true), "");
        assert_eq!(mark(true, true), "at or over");
        assert_eq!(mark(true, false), "at or over; no valid number");
    }
}
