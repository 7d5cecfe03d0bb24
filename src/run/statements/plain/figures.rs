//! Percentages and shares as plain explanations have them.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, Zero};

use crate::base::money::{decimal_text, group};

/// A fraction of a run's summary, `250/3`.
pub(super) fn ratio(text: &str) -> Option<Ratio<BigInt>> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let below: BigInt = below.parse().ok()?;
    (!below.is_zero()).then_some(Ratio::new(above.parse().ok()?, below))
}

/// `26.5%`, or `about 26.64%`.
pub(super) fn percent(rate: &Ratio<BigInt>) -> String {
    let hundred = Ratio::from_integer(BigInt::from(100));
    let (about, digits) = rounded(&(rate * &hundred), 2);
    // Nearly all is not all.
    if about.is_empty() {
        return format!("{}%", group(without_zeros(&digits)));
    }
    let is_all = digits == "100.00" && *rate < Ratio::one();
    let digits = if is_all { "99.99" } else { &digits };
    format!("{about}{}%", group(digits))
}

/// A number with these decimals, or with more if it is then exact or would have less than
/// three digits; `about ` before it if it was rounded.
pub(super) fn rounded(number: &Ratio<BigInt>, decimals: u32) -> (&'static str, String) {
    /// No rate has more zeros after the point.
    const MOST_DECIMALS: u32 = 40;
    let ten = BigInt::from(10);
    let scaled = |decimals: u32| number * ten.pow(decimals);
    let hundred = Ratio::from_integer(BigInt::from(100));
    let few = |decimals: &u32| scaled(*decimals) >= hundred;
    let least = decimals;
    let decimals = (least..MOST_DECIMALS).find(few).unwrap_or(MOST_DECIMALS);
    let mut exact = (least..=decimals.max(least + 2)).map(|decimals| (scaled(decimals), decimals));
    if let Some((units, decimals)) = exact.find(|(units, _)| units.is_integer()) {
        return ("", decimal_text(units.numer(), decimals));
    }
    let half = Ratio::new(BigInt::one(), BigInt::from(2));
    let units = (scaled(decimals) + half).floor().to_integer();
    ("about ", decimal_text(&units, decimals))
}

pub(super) fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(text: &str) -> Ratio<BigInt> {
        ratio(text).unwrap()
    }

    #[test]
    fn percentages_say_whether_they_are_exact() {
        for (rate, words) in [
            ("1/4", "25%"),
            ("1", "100%"),
            ("0", "0%"),
            ("5/2", "250%"),
            ("1/8", "12.5%"),
            ("2477/20000", "12.385%"),
            ("1/3", "about 33.33%"),
            ("26639/100001", "about 26.64%"),
            ("999999/1000001", "about 99.99%"),
            ("1000001/999999", "about 100.00%"),
            ("1/300000", "about 0.000333%"),
            ("1/1000000", "0.0001%"),
            ("1000/3", "about 33,333.33%"),
        ] {
            assert_eq!(percent(&fraction(rate)), words, "{rate}");
        }
    }

    #[test]
    fn a_share_has_the_decimals_that_it_needs() {
        let share = |rate, decimals| {
            let (about, digits) = rounded(&fraction(rate), decimals);
            format!("{about}{digits}")
        };
        assert_eq!(share("928/100", 2), "9.28");
        assert_eq!(share("250/3", 2), "about 83.33");
        assert_eq!(share("1/800", 2), "0.00125");
        assert_eq!(share("1/70000", 2), "about 0.0000143");
        assert_eq!(share("20", 0), "20");
        assert_eq!(share("62/3", 0), "about 20.7");
    }
}
