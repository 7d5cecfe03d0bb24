//! Percentages and chart lengths in whole numbers.

use num_bigint::BigInt;
use num_integer::Integer;

use crate::base::money::group;
use crate::run::account::view::{ChartBar, Figure};

/// The length of a chart, and the minimum length of a bar.
const WHOLE: i128 = 10_000;
const LEAST: i128 = 30;

/// A bar from `start`, `length` long, in a chart for `whole`.
pub(super) fn bar(start: i128, length: i128, whole: i128, class: &'static str) -> Figure {
    let part = |part| scaled(part, whole, WHOLE).unwrap_or(0);
    let least = if length > 0 { LEAST } else { 0 };
    let length = part(length).max(least);
    Figure::Bar(ChartBar {
        start: part(start).min(WHOLE - length).max(0),
        length,
        class,
    })
}

/// `times * part / whole`, rounded down.
fn scaled(part: i128, whole: i128, times: i128) -> Option<i128> {
    if whole == 0 {
        return None;
    }
    let scaled = (BigInt::from(part) * times).div_floor(&BigInt::from(whole));
    i128::try_from(scaled).ok()
}

/// `33.33%`, rounded half up; a smaller share than 0.01% is stated as such.
pub(crate) fn percent(part: impl Into<i128>, whole: impl Into<i128>) -> String {
    let part = part.into();
    // Half of a hundredth of a percent is added before truncation.
    let Some(doubled) = scaled(part, whole.into(), 20_000) else {
        return "0.00%".to_owned();
    };
    let hundredths = (doubled + 1) / 2;
    if hundredths == 0 && part > 0 {
        return "less than 0.01%".to_owned();
    }
    format!("{}.{:02}%", group(&(hundredths / 100)), hundredths % 100)
}

/// A decimal with its point moved two places to the right.
pub(crate) fn times_100(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let (tens, rest) = fraction.split_at_checked(2).unwrap_or((fraction, ""));
    let whole = format!("{whole}{tens:0<2}");
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    if rest.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_half_up() {
        assert_eq!(percent(1, 3), "33.33%");
        assert_eq!(percent(2, 3), "66.67%");
        assert_eq!(percent(1, 1), "100.00%");
        assert_eq!(percent(5, 100_000), "0.01%");
        assert_eq!(percent(4, 100_000), "less than 0.01%");
        assert_eq!(percent(0, 0), "0.00%");
    }

    #[test]
    fn a_percentage_has_the_digits_of_its_rate() {
        let rates = ["0.926633403175", "1", "0.5", "12.5", "0.00012"];
        assert_eq!(
            rates.map(times_100),
            ["92.6633403175", "100", "50", "1250", "0.012"]
        );
    }
}
