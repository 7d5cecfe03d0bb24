//! Compares control totals with the figures of the run.

use num_bigint::BigInt;
use num_rational::Ratio;
use serde::Serialize;

use crate::allocate::Claims;
use crate::base::diagnostics::{OrBug as _, quotable};
use crate::base::exact::Exact;
use crate::base::money::{Currency, Money, ratio_text};
use crate::claims::control_totals::{ControlFigure, ControlTotals};
use crate::claims::trades::TradeBook;
use crate::plan::Plan;
use crate::run::payment_sizes::PaymentSizes;
use crate::run::row_tally::RowTally;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlFacts {
    /// The name in the file: `rows`, `sum.loss`.
    pub name: String,
    pub expected: String,
    pub found: String,
    /// True if the total was met.
    pub met: bool,
    /// The rows of a sum, or the claimants counted; for the error.
    #[serde(skip)]
    pub over: Option<&'static str>,
}

/// Compares every control total with the figure found.
pub(crate) fn compare(
    expect: &ControlTotals,
    plan: &Plan,
    claims: &Claims,
    tally: &RowTally,
    sizes: &PaymentSizes,
) -> Vec<ControlFacts> {
    let currency = plan.settlement.currency;
    let count = |count: u64| (Ratio::from_integer(BigInt::from(count)), count.to_string());
    let facts = expect.totals.iter().map(|total| {
        let (value, found) = match &total.figure {
            ControlFigure::Rows => count(claims.rows()),
            ControlFigure::Claimants => count(claims.claimants),
            ControlFigure::Paid => count(tally.paid),
            ControlFigure::Total => in_currency(tally.paid_total, currency),
            ControlFigure::Largest => in_currency(sizes.largest().unwrap_or_default(), currency),
            ControlFigure::Sum(column) => {
                let sum = claims.controls.sum(*column);
                let text = ratio_text(&sum, 0);
                (sum, text)
            }
            ControlFigure::SumOfValue(value) => {
                let sum = claims.controls.sum_of_value(*value);
                let text = Exact::from(sum.clone()).text();
                (sum, text)
            }
            ControlFigure::Status(status) => count(claims.controls.status(status)),
            ControlFigure::Subclass(number) => count(sizes.members(*number)),
            ControlFigure::TradeRows => count(of_book(claims, TradeBook::rows)),
            ControlFigure::TradeKind(text) => {
                count(of_book(claims, |book| book.rows_of_kind(text)))
            }
            ControlFigure::TradeSum(column) => {
                let sum = of_book(claims, |book| book.sum(*column));
                let text = Exact::from(sum.clone()).text();
                (sum, text)
            }
        };
        ControlFacts {
            name: total.name.clone(),
            expected: total.range.text(),
            met: total.range.holds(&value),
            found,
            over: match total.figure {
                ControlFigure::Sum(_) => Some("over all rows, denied and excluded ones too"),
                ControlFigure::SumOfValue(_) => Some("over payable and held claims"),
                ControlFigure::Subclass(_) => Some("payable and held claimants"),
                _ => None,
            },
        }
    });
    facts.collect()
}

fn of_book<T>(claims: &Claims, figure: impl Fn(&TradeBook) -> T) -> T {
    let book = claims.trades.as_deref();
    book.map(figure)
        .or_bug("a run without trades has control totals of trades")
}

fn in_currency(money: Money, currency: Currency) -> (Ratio<BigInt>, String) {
    let unit = BigInt::from(10).pow(currency.decimals());
    (
        Ratio::new(BigInt::from(money.0), unit),
        currency.text(money),
    )
}

/// The error message for missed control totals; `None` if all are met.
pub(crate) fn missed(totals: &[ControlFacts], file: &str) -> Option<String> {
    let missed: Vec<&ControlFacts> = totals.iter().filter(|total| !total.met).collect();
    if missed.is_empty() {
        return None;
    }
    let mut message = format!(
        "{} of {} control totals in {} {} not match; nothing was written",
        missed.len(),
        totals.len(),
        quotable(file),
        if missed.len() == 1 { "does" } else { "do" },
    );
    for total in missed {
        let over = total.over.map(|over| format!(" ({over})"));
        message += &format!(
            "\n  {}: expected {}, found {}{}",
            quotable(&total.name),
            total.expected,
            total.found,
            over.unwrap_or_default()
        );
    }
    Some(message)
}
