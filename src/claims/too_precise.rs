//! Amounts with more decimals than the currency has.

use std::collections::BTreeMap;

use crate::base::money::Currency;
use crate::plan::ColumnId;

/// By column, the number of rows with a cell finer than the currency, and the first
/// row.
pub(crate) type TooPrecise = BTreeMap<ColumnId, (u64, u32)>;

/// True if an amount has more decimals than the currency, or a number of decimals
/// that suggests a thousands separator: `1.234`, `10.000`.
pub(crate) fn is_too_precise(cell: &str, currency: Currency) -> bool {
    const GROUP: usize = 3;
    let Some((_, decimals)) = cell.rsplit_once('.') else {
        return false;
    };
    let usual = usize::try_from(currency.decimals()).unwrap_or(usize::MAX);
    let beyond = decimals.as_bytes().get(usual..).unwrap_or_default();
    !beyond.is_empty() && (decimals.len() == GROUP || beyond.iter().any(|digit| *digit != b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_too_precise_by_its_currency() {
        let [dollars, yen, dinars] =
            ["USD", "JPY", "KWD"].map(|code| Currency::from_code(code).expect("a currency"));
        for (cell, currency, fine) in [
            ("1.23", dollars, false),
            ("1.230", dollars, true),
            ("1.2300", dollars, false),
            ("1.2301", dollars, true),
            ("1234", dollars, false),
            ("10.000", dollars, true),
            ("10.0", yen, false),
            ("10.5", yen, true),
            ("10.000", yen, true),
            ("1.234", dinars, false),
            ("1.2345", dinars, true),
            ("$1,234.567", dollars, true),
        ] {
            assert_eq!(is_too_precise(cell, currency), fine, "{cell}");
        }
    }
}
