//! Exact numbers: ratios of integers of any size.

use anyhow::{Result, bail};
use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;

use crate::base::diagnostics::Message;
use crate::base::money::Money;
use crate::plan::cell::CellFault;
use crate::plan::cell_reading::{ColumnFormat, plain_separators};

/// An exact quantity; intermediate results are never rounded.
pub(crate) type Fraction = Ratio<BigInt>;

pub(crate) fn ten_to(places: u32) -> BigInt {
    BigInt::from(10).pow(places)
}

/// An integer as a fraction.
pub(crate) fn whole(value: BigInt) -> Fraction {
    Fraction::from_integer(value)
}

/// A decimal of the plan.
pub(crate) fn of(decimal: Decimal) -> Fraction {
    Fraction::new(BigInt::from(decimal.mantissa()), ten_to(decimal.scale()))
}

/// An amount of the plan, in minor units.
pub(crate) fn of_money(money: Money) -> BigInt {
    BigInt::from(money.0)
}

/// Parses a plain decimal: digits, optionally with a decimal point.
pub(crate) fn plain(text: &str) -> Option<Fraction> {
    let (units, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{units}{decimals}");
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let places = u32::try_from(decimals.len()).ok()?;
    plain.then(|| {
        digits
            .parse()
            .ok()
            .map(|digits| Fraction::new(digits, ten_to(places)))
    })?
}

/// Rounds to the nearest integer, half up.
pub(crate) fn half_up(value: &Fraction) -> BigInt {
    (value + Fraction::new(1.into(), 2.into()))
        .floor()
        .to_integer()
}

/// Rounds down.
pub(crate) fn down(value: &Fraction) -> BigInt {
    value.floor().to_integer()
}

/// Rounds up.
pub(crate) fn up(value: &Fraction) -> BigInt {
    value.ceil().to_integer()
}

/// The amount in a cell.
pub(super) fn amount(format: &ColumnFormat, cell: &str) -> Result<Fraction> {
    let bare = match &format.prefix {
        Some(prefix) => cell
            .strip_prefix(prefix.as_str())
            .map_or(cell, str::trim_start),
        None => cell,
    };
    let digits = match format.thousands {
        Some(separator) => plain_separators(bare, separator).replace(separator, ""),
        None => bare.to_owned(),
    };
    match plain(&digits) {
        Some(number) => Ok(number),
        None => bail!("a cell is not an amount"),
    }
}

/// A fault that the computation of the run must have found, too.
pub(super) fn wrong(problem: &str) -> CellFault {
    CellFault {
        column: None,
        message: Message {
            text: problem.to_owned(),
            ..Message::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_are_numbers() {
        let half = Fraction::new(5.into(), 10.into());
        assert_eq!(
            ["0.5", "000.50"].map(plain),
            [Some(half.clone()), Some(half)]
        );
        assert_eq!(plain("12"), Some(whole(12.into())));
        for other in ["", ".", "-5", "1_000", "1e3", "1.2.3", "1,5"] {
            assert_eq!(plain(other), None, "{other}");
        }
    }
}
