//! Counts, percentages and chart lengths in whole numbers.

use num_bigint::BigInt;
use num_integer::Integer;

use crate::base::money::group;

/// The length of a chart.
const WHOLE: i128 = 10_000;

/// `1,234`.
pub(super) fn number(number: u64) -> String {
    group(&number)
}

/// `1,234 rows`.
pub(super) fn count_of(count: u64, one: &str) -> String {
    format!(
        "{} {one}{}",
        number(count),
        if count == 1 { "" } else { "s" }
    )
}

/// An amount of the summary in minor units.
pub(super) fn units(amount: &str) -> Option<i128> {
    amount.replace('.', "").parse().ok()
}

/// A part of a chart, truncated to whole units.
pub(super) fn part(part: i128, whole: i128) -> i128 {
    scaled(part, whole, WHOLE).unwrap_or(0)
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
pub(super) fn percent(part: i128, whole: i128) -> String {
    // Half of a hundredth of a percent is added before truncation.
    let Some(doubled) = scaled(part, whole, 20_000) else {
        return "0.00%".to_owned();
    };
    let hundredths = (doubled + 1) / 2;
    if hundredths == 0 && part > 0 {
        return "less than 0.01%".to_owned();
    }
    format!("{}.{:02}%", group(&(hundredths / 100)), hundredths % 100)
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
}
