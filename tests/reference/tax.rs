//! Tax flags: which payouts, with earlier payments, reach a threshold, and
//! whose taxpayer number cannot be one.

use num_bigint::BigInt;
use num_traits::Zero;
use serde_json::{Value, json};

use super::claim::Claim;
use super::column::Columns;
use super::document::Node;
use super::fund::Currency;
use super::number::{Number, whole};
use super::refused::Refused;

type Result<T> = std::result::Result<T, Refused>;

pub(super) struct Tax {
    /// In minor units.
    threshold: BigInt,
    /// The column of the taxpayer number.
    pub number: String,
    earlier: Option<Earlier>,
}

struct Earlier {
    column: String,
    blank: Option<Number>,
}

/// What is said of one payout.
#[derive(Clone, Copy)]
pub(super) struct Flag {
    at_or_over: bool,
    has_number: bool,
}

impl Tax {
    pub(super) fn read(node: &Node, currency: &Currency) -> Result<Tax> {
        let mut table = node.table()?;
        let threshold = table.need("threshold")?;
        let tax = Tax {
            threshold: currency.money(&threshold)?,
            number: table.need("number")?.cell_text()?,
            earlier: table.maybe("earlier", Earlier::read)?,
        };
        table.done()?;
        if tax.threshold.is_zero() {
            return Err(threshold.refuse("must be more than nothing"));
        }
        if tax.earlier_column() == Some(&tax.number) {
            return Err(node.refuse("reads one column in two ways"));
        }
        Ok(tax)
    }

    pub(super) fn earlier_column(&self) -> Option<&String> {
        self.earlier.as_ref().map(|earlier| &earlier.column)
    }

    /// What was paid to a claimant before, in currency.
    pub(super) fn earlier_payments(&self, claim: &Claim, columns: &Columns) -> Result<Number> {
        let Some(earlier) = &self.earlier else {
            return Ok(Number::zero());
        };
        let cell = claim.cell(&earlier.column);
        let amount = match (&earlier.blank, cell) {
            (Some(blank), "") => Some(blank.clone()),
            _ => columns.named(&earlier.column).amount(cell),
        };
        amount.ok_or_else(|| {
            let problem = format!("column `{}`: `{cell}` is no amount", earlier.column);
            Refused::row(claim.row, problem)
        })
    }

    pub(super) fn flag(
        &self,
        claim: &Claim,
        payout: &BigInt,
        columns: &Columns,
        currency: &Currency,
    ) -> Flag {
        let earlier = self.earlier_payments(claim, columns);
        let earlier = earlier.expect("every accepted row was looked at");
        let all = currency.minor(&earlier) + whole(payout.clone());
        Flag {
            at_or_over: all >= whole(self.threshold.clone()),
            has_number: could_be_a_number(claim.cell(&self.number)),
        }
    }

    /// The figures of the summary.
    pub(super) fn figures(
        &self,
        payouts: &[(Flag, BigInt)],
        money: &dyn Fn(&BigInt) -> String,
    ) -> Value {
        let those = |is_in: fn(Flag) -> bool| {
            let amounts: Vec<&BigInt> = payouts
                .iter()
                .filter(|(flag, _)| is_in(*flag))
                .map(|(_, amount)| amount)
                .collect();
            json!({ "count": amounts.len(), "total": money(&amounts.into_iter().sum()) })
        };
        json!({
            "threshold": money(&self.threshold),
            "at_or_over": those(|flag| flag.at_or_over),
            "at_or_over_without_number": those(|flag| flag.at_or_over && !flag.has_number),
            "without_number": those(|flag| !flag.has_number),
        })
    }
}

impl Earlier {
    fn read(node: &Node) -> Result<Earlier> {
        if node.value().is_str() {
            return Ok(Earlier {
                column: node.cell_text()?,
                blank: None,
            });
        }
        let mut table = node.table()?;
        let earlier = Earlier {
            column: table.need("column")?.cell_text()?,
            blank: table.maybe("blank", Node::number)?,
        };
        table.done()?;
        Ok(earlier)
    }
}

impl Flag {
    pub(super) fn cell(self) -> String {
        let words = match (self.at_or_over, self.has_number) {
            (false, _) => "",
            (true, true) => "at or over",
            (true, false) => "at or over; no valid number",
        };
        words.to_string()
    }
}

/// Prefixes of EINs, office by office, as the IRS lists them.
const PREFIXES: [&str; 12] = [
    "10 12",
    "60 67",
    "50 53",
    "01 02 03 04 05 06 11 13 14 16 21 22 23 25 34 51 52 54 55 56 57 58 59 65",
    "30 32 35 36 37 38 61",
    "15 24",
    "40 44",
    "94 95",
    "80 90",
    "33 39 41 42 43 46 48 62 63 64 66 68 71 72 73 74 75 76 77 82 83 84 85 86 87 88 91 92 93 98 99",
    "20 26 27 45 46 47 81 82 83 84 85 86 87 88",
    "31",
];

/// The shape of the cell, with `9` for every digit, says what it may be.
fn could_be_a_number(cell: &str) -> bool {
    let shape: String = cell
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    let digits = cell.replace('-', "");
    let examples = ["123456789", "078051120", "219099999"];
    let repeated = (0..10).any(|digit| digits == digit.to_string().repeat(9));
    if examples.contains(&digits.as_str()) || repeated {
        return false;
    }
    match shape.as_str() {
        "999-99-9999" => could_be_ssn(&digits) || could_be_itin(&digits),
        "99-9999999" => could_be_ein(&digits),
        "999999999" => could_be_ssn(&digits) || could_be_itin(&digits) || could_be_ein(&digits),
        _ => false,
    }
}

fn could_be_ssn(digits: &str) -> bool {
    let area: u32 = digits[..3].parse().unwrap();
    let bad_area = area == 0 || area == 666 || area >= 900;
    !bad_area && &digits[3..5] != "00" && &digits[5..] != "0000"
}

fn could_be_itin(digits: &str) -> bool {
    let middle: u32 = digits[3..5].parse().unwrap();
    let missing = (66..70).contains(&middle) || middle == 89 || middle == 93;
    digits.starts_with('9') && middle >= 50 && !missing
}

fn could_be_ein(digits: &str) -> bool {
    PREFIXES
        .iter()
        .any(|office| office.split(' ').any(|prefix| prefix == &digits[..2]))
}
