//! Money is an integer count of a currency's minor unit (cents, for dollars).
//!
//! Amounts in a plan have at most 28 digits, so one amount is below 10^32 minor
//! units in any currency, and 128 bits hold the sum of a million such amounts.

use std::iter::Sum;

use iso_currency::Currency as Iso;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive};
use rust_decimal::Decimal;

use crate::base::decimal;

/// A count of minor units of the plan's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub i128);

impl Money {
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` past 128 bits.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` past 128 bits.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount times `count`, or `None` past 128 bits.
    pub fn times(self, count: u64) -> Option<Self> {
        decimal::times(self.0, i128::from(count)).map(Self)
    }

    /// Converts a big integer to money, or `None` past 128 bits.
    pub fn from_big(units: &BigInt) -> Option<Self> {
        units.to_i128().map(Self)
    }
}

/// The sum, or `None` past 128 bits.
impl Sum<Money> for Option<Money> {
    fn sum<I: Iterator<Item = Money>>(mut amounts: I) -> Self {
        amounts.try_fold(Money::ZERO, Money::plus)
    }
}

/// A currency of ISO 4217: its code and the decimals of its minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    iso: Iso,
    decimals: u32,
}

impl Currency {
    /// True if a text has the sign of another currency.
    pub(crate) fn has_other_sign(self, text: &str) -> bool {
        const SIGNS: [char; 7] = ['$', '€', '£', '¥', '₹', '₽', '₩'];
        let own = match self.code() {
            "USD" | "CAD" | "AUD" | "NZD" | "HKD" | "SGD" | "MXN" => '$',
            "EUR" => '€',
            "GBP" => '£',
            "JPY" | "CNY" => '¥',
            "INR" => '₹',
            "RUB" => '₽',
            "KRW" => '₩',
            _ => '\0',
        };
        text.chars().any(|c| SIGNS.contains(&c) && c != own)
    }

    /// US dollars, the default of a plan.
    pub const USD: Self = Self {
        iso: Iso::USD,
        decimals: 2,
    };

    /// The currency with this code, such as `USD`; `None` if ISO 4217 does not list
    /// it or gives it no minor unit (gold, test codes).
    pub fn from_code(code: &str) -> Option<Self> {
        let iso = Iso::from_code(code)?;
        let decimals = u32::from(iso.exponent()?);
        Some(Self { iso, decimals })
    }

    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// Decimals of the minor unit: USD 2, JPY 0, KWD 3.
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// The name of the minor unit in a sentence.
    pub fn minor_unit(self) -> &'static str {
        match (self.iso, self.decimals) {
            (Iso::USD | Iso::EUR | Iso::CAD | Iso::AUD | Iso::NZD, _) => "cent",
            (Iso::GBP, _) => "penny",
            (_, 0) => "whole unit",
            _ => "minor unit",
        }
    }

    /// Converts an amount to money, or `None` if it is finer than the minor unit or
    /// too large.
    pub fn exact(self, amount: Decimal) -> Option<Money> {
        let (down, up) = decimal::units(amount, self.decimals)?;
        (down == up).then_some(Money(down))
    }

    /// Formats an amount for CSV and JSON: `27.84`, `-0.05`, `31` (JPY).
    pub fn text(self, money: Money) -> String {
        decimal_text(&BigInt::from(money.0), self.decimals)
    }

    /// Formats an amount for people: `$92,000,000.00`, or `KWD 1,000.000`.
    pub fn grouped(self, money: Money) -> String {
        self.grouped_text(&self.text(money))
    }

    /// Like [`Self::grouped`], for an amount in digits with any number of decimals.
    pub fn grouped_text(self, plain: &str) -> String {
        let symbol = match self.iso {
            Iso::USD => "$",
            Iso::GBP => "£",
            Iso::EUR => "€",
            _ => return format!("{} {}", self.code(), group(plain)),
        };
        match plain.strip_prefix('-') {
            Some(digits) => format!("-{symbol}{}", group(digits)),
            None => format!("{symbol}{}", group(plain)),
        }
    }

    /// Formats an award with the currency's decimals, or all of its own if it has
    /// more.
    pub fn award_text(self, award: Decimal) -> String {
        let mut text = String::new();
        self.push_award(&mut text, award);
        text
    }

    /// Appends an award, formatted like [`Self::award_text`]. Awards have no
    /// trailing zeros, like all results of [`decimal`].
    pub fn push_award(self, row: &mut String, award: Decimal) {
        debug_assert_eq!(award.scale(), award.normalize().scale(), "trailing zeros");
        let scale = award.scale().max(self.decimals);
        match decimal::units(award, scale) {
            Some((units, _)) => push_text(row, Money(units), scale),
            None => row.push_str(&decimal_text(&decimal::at_scale(award, scale), scale)),
        }
    }
}

/// `units · 10^-decimals`, with exactly that many decimals.
pub fn decimal_text(units: &BigInt, decimals: u32) -> String {
    let sign = if units.is_negative() { "-" } else { "" };
    if decimals == 0 {
        return units.to_string();
    }
    let (whole, rest) = units.abs().div_rem(&BigInt::from(10).pow(decimals));
    let width = usize::try_from(decimals).unwrap_or(0);
    format!("{sign}{whole}.{rest:0>width$}", rest = rest.to_string())
}

/// Formats a number that is a decimal, with at least `least` decimals and no
/// further trailing zeros.
pub fn ratio_text(number: &Ratio<BigInt>, least: u32) -> String {
    let mut decimals = least;
    let mut scaled = number * BigInt::from(10).pow(decimals);
    while !scaled.denom().is_one() {
        scaled *= BigInt::from(10);
        decimals += 1;
    }
    decimal_text(scaled.numer(), decimals)
}

/// Appends `units · 10^-decimals`. A fast version of [`Currency::text`] for amounts
/// that are not negative, which nearly always fit into 64 bits.
pub fn push_text(row: &mut String, money: Money, decimals: u32) {
    let Ok(units) = u64::try_from(money.0) else {
        row.push_str(&decimal_text(&BigInt::from(money.0), decimals));
        return;
    };
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(units);
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let whole = digits.len().saturating_sub(decimals);
    let (whole, fraction) = match whole {
        0 => ("0", digits),
        _ => digits.split_at(whole),
    };
    row.push_str(whole);
    if decimals > 0 {
        row.push('.');
        for _ in fraction.len()..decimals {
            row.push('0');
        }
        row.push_str(fraction);
    }
}

/// Parses the output of [`push_text`]: an amount with exactly `decimals` decimals.
pub fn from_text(text: &str, decimals: u32) -> Option<Money> {
    if let Some((units, written)) = decimal::short(text) {
        return (written == decimals).then_some(Money(i128::from(units)));
    }
    let (whole, fraction) = decimal::split_at_point(text).unwrap_or((text, ""));
    let as_many = u32::try_from(fraction.len()) == Ok(decimals);
    if whole.is_empty() || !as_many || (decimals == 0 && text.contains('.')) {
        return None;
    }
    let mut digits = whole.bytes().chain(fraction.bytes());
    let units = digits.try_fold(0_i128, |units, byte| {
        let digit = char::from(byte).to_digit(10)?;
        units.checked_mul(10)?.checked_add(i128::from(digit))
    })?;
    Some(Money(units))
}

/// Adds thousands separators: `1234567.89` becomes `1,234,567.89`.
pub fn group<T: ToString + ?Sized>(plain: &T) -> String {
    let plain = plain.to_string();
    let (whole, decimals) = match plain.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (plain.as_str(), None),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut grouped = String::from(sign);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(decimals) = decimals {
        grouped.push('.');
        grouped.push_str(decimals);
    }
    grouped
}

/// Adds thousands separators to the numbers in a text: `from 1,000 to 2,000`.
pub(crate) fn group_words(text: &str) -> String {
    let word = |word: &str| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let is_number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if is_number {
            group(word)
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_prints_with_the_decimals_of_its_currency() {
        let currency = |code| Currency::from_code(code).expect(code);
        assert_eq!(currency("USD").text(Money(2784)), "27.84");
        assert_eq!(currency("USD").text(Money(-5)), "-0.05");
        assert_eq!(currency("JPY").text(Money(31)), "31");
        assert_eq!(currency("KWD").text(Money(1)), "0.001");
        assert_eq!(
            currency("USD").grouped(Money(9_200_000_000)),
            "$92,000,000.00"
        );
        assert_eq!(currency("KWD").grouped(Money(1_000_000)), "KWD 1,000.000");
        assert_eq!(currency("GBP").grouped(Money(-123_456)), "-£1,234.56");
        let unit = |code| currency(code).minor_unit();
        let units = ["USD", "GBP", "JPY", "KWD"].map(unit);
        assert_eq!(units, ["cent", "penny", "whole unit", "minor unit"]);
    }

    #[test]
    fn numbers_in_a_text_have_separators() {
        let text = "from 1000.5 to 2000000, or a1000";
        assert_eq!(group_words(text), "from 1,000.5 to 2000000, or a1000");
        assert_eq!(group_words("at least 1000"), "at least 1,000");
    }

    #[test]
    fn the_quick_way_of_printing_is_the_same() {
        let amounts = [0, 1, 9, 10, 99, 100, 12_345, i128::from(u64::MAX)];
        let large = [i128::from(u64::MAX) + 1, i128::MAX];
        for units in amounts.into_iter().chain(large) {
            for decimals in 0..29 {
                let mut quick = String::new();
                push_text(&mut quick, Money(units), decimals);
                assert_eq!(quick, decimal_text(&BigInt::from(units), decimals));
            }
        }
    }

    #[test]
    fn awards_show_all_of_their_decimals() {
        let award = |text| decimal::parse(text).expect(text);
        assert_eq!(Currency::USD.award_text(award("1")), "1.00");
        assert_eq!(Currency::USD.award_text(award("1.2345")), "1.2345");
    }

    #[test]
    fn amounts_finer_than_the_minor_unit_are_not_money() {
        let amount = |text| Currency::USD.exact(decimal::parse(text).expect(text));
        assert_eq!(amount("1.50"), Some(Money(150)));
        assert_eq!(amount("1.505"), None);
    }

    #[test]
    fn what_was_printed_is_read_again_and_nothing_else() {
        for units in [0, 1, 99, 12_345, i128::from(u64::MAX), i128::MAX] {
            for decimals in 0..5 {
                let mut text = String::new();
                push_text(&mut text, Money(units), decimals);
                assert_eq!(from_text(&text, decimals), Some(Money(units)), "{text}");
                assert_eq!(from_text(&text, decimals + 1), None, "{text}");
            }
        }
        for other in [
            "", "5", "5.", ".50", "5.5", "5.500", "-5.50", "5.5x", "1,000.00",
        ] {
            assert_eq!(from_text(other, 2), None, "{other}");
        }
        assert_eq!(from_text("5.", 0), None);
    }
}
