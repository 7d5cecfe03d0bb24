//! Decimal numbers, parsed by a strict grammar, and added and multiplied without
//! rounding.
//!
//! `rust_decimal` holds the numbers. Its parser rounds long input and accepts
//! underscores, and its `+`, `*` and `/` round silently, so neither is used. A
//! result that cannot be held exactly is an error.
#![allow(
    clippy::inline_always,
    reason = "a function returns a decimal by four stores to memory, and one load of all four has to wait for them; what is inlined keeps it in registers"
)]

mod sum;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};
use rust_decimal::Decimal;

pub use crate::base::decimal::sum::WeightedSum;

/// Maximum number of significant digits, and of decimals.
pub const MOST_DIGITS: usize = 28;

/// Numbers with up to this many digits fit into 64 bits.
const SHORT: usize = 18;

/// The reason why a text is not a plain decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    Blank,
    /// A sign (`+`, `-`, or a typographic minus) or parentheses around it.
    Sign,
    /// `1e3` and the like.
    Exponent,
    /// A comma, apostrophe, underscore or space between digits.
    Separator,
    /// Separators that are not between groups of three digits.
    BadGroups,
    CurrencySign,
    /// `.5` or `5.`: digits are required on both sides of the decimal point.
    BarePoint,
    /// More than 28 significant digits.
    TooManyDigits,
    /// More than 28 decimals.
    TooManyDecimals,
    /// Digits with two dashes or slashes between them.
    Date,
    NotANumber,
}

/// Parses digits, optionally with a decimal point between digits, and nothing else.
///
/// Leading zeros do not count as digits. Here and in all results, trailing zeros
/// are removed, so that equal numbers are equal values.
#[inline(always)]
pub fn parse(text: &str) -> Result<Decimal, NumberFault> {
    // Most numbers are short, and 64 bits are faster.
    if let Some((number, decimals)) = short(text) {
        return hold_short(number, decimals).ok_or(NumberFault::TooManyDigits);
    }
    parse_long(text)
}

/// For a short number as [`parse`] accepts it: its digits, and the number of
/// decimals.
#[inline(always)]
pub fn short(text: &str) -> Option<(i64, u32)> {
    if text.is_empty() || text.len() > SHORT {
        return None;
    }
    let (mut number, mut digits, mut whole) = (0_i64, 0_u32, None);
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + i64::from(digit);
            digits += 1;
        } else if byte == b'.' && digits > 0 && whole.is_none() {
            whole = Some(digits);
        } else {
            return None;
        }
    }
    let decimals = digits - whole.unwrap_or(digits);
    (whole.is_none() || decimals > 0).then_some((number, decimals))
}

fn parse_long(text: &str) -> Result<Decimal, NumberFault> {
    let (whole, decimals) = match split_at_point(text) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let part_missing = whole.is_empty() || decimals.is_some_and(str::is_empty);
    if part_missing || !all_digits(whole) || !decimals.is_none_or(all_digits) {
        return Err(diagnose(text));
    }
    let decimals = decimals.unwrap_or("");
    if decimals.len() > MOST_DIGITS {
        return Err(NumberFault::TooManyDecimals);
    }
    let digits = whole.bytes().chain(decimals.bytes());
    let digits = digits.map(|byte| byte - b'0');
    let significant = digits.clone().skip_while(|digit| *digit == 0).count();
    if significant > MOST_DIGITS {
        return Err(NumberFault::TooManyDigits);
    }
    let mantissa = digits.fold(0_i128, |number, digit| number * 10 + i128::from(digit));
    let scale = u32::try_from(decimals.len()).unwrap_or(u32::MAX);
    hold_narrow(mantissa, scale).ok_or(NumberFault::TooManyDigits)
}

/// Splits at the first point: like `str::split_once`, but faster for short texts.
pub fn split_at_point(text: &str) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == b'.')?;
    text.get(..place).zip(text.get(place + 1..))
}

/// The number of decimals in the text, as written.
pub fn decimals_written(text: &str) -> usize {
    split_at_point(text).map_or(0, |(_, decimals)| decimals.len())
}

/// True for three groups of digits with the lengths of a date: `2021-09-30`,
/// `9/30/21`.
pub fn is_date_like(text: &str) -> bool {
    let day = text.get(..10).unwrap_or(text);
    let is_part =
        |part: &&str| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|b| b.is_ascii_digit());
    ['-', '/', '.'].iter().any(|separator| {
        let parts: Vec<&str> = day.split(*separator).collect();
        parts.len() == 3 && parts.iter().all(&is_part)
    })
}

/// Finds the most likely reason why [`parse`] rejects a text.
fn diagnose(text: &str) -> NumberFault {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let any = |set: &str| text.chars().any(|c| set.contains(c));
    if text.is_empty() {
        NumberFault::Blank
    } else if !has_digit {
        NumberFault::NotANumber
    } else if is_date_like(text) {
        NumberFault::Date
    } else if any("+-\u{2212}\u{2013}()") && !any("eE") {
        NumberFault::Sign
    } else if any("$€£¥") {
        NumberFault::CurrencySign
    } else if text
        .chars()
        .all(|c| c.is_ascii_digit() || ".eE+-".contains(c))
        && any("eE")
    {
        NumberFault::Exponent
    } else if text.starts_with('.') || text.ends_with('.') {
        NumberFault::BarePoint
    } else if text
        .chars()
        .all(|c| c.is_ascii_digit() || ".,'_\u{2019}".contains(c) || c.is_whitespace())
        && any(",'_\u{2019} \u{a0}\u{202f}\u{2009}")
    {
        NumberFault::Separator
    } else {
        NumberFault::NotANumber
    }
}

/// `a + b`, or `None` when the sum cannot be held exactly.
#[inline(always)]
pub fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() {
        return Some(if b.is_zero() { Decimal::ZERO } else { b });
    }
    sum_of_two(a, b)
}

fn sum_of_two(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    // The last decimal is not 0, so that a sum past 128 bits has too many digits.
    let a = a.mantissa().checked_mul(power_of_ten(scale - a.scale())?)?;
    let b = b.mantissa().checked_mul(power_of_ten(scale - b.scale())?)?;
    hold_narrow(a.checked_add(b)?, scale)
}

/// `a − b`, or `None` when the difference cannot be held exactly.
pub fn difference(a: Decimal, b: Decimal) -> Option<Decimal> {
    sum(a, -b)
}

/// `a · b`, or `None` when the product cannot be held exactly.
pub fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale() + b.scale();
    match a.mantissa().checked_mul(b.mantissa()) {
        Some(mantissa) => hold_narrow(mantissa, scale),
        None => hold(
            BigInt::from(a.mantissa()) * BigInt::from(b.mantissa()),
            scale,
        ),
    }
}

/// `a / b`, or `None` when the quotient cannot be held exactly.
pub fn quotient(a: Decimal, b: Decimal) -> Option<Decimal> {
    let common = a.mantissa().gcd(&b.mantissa());
    if b.is_zero() || common == 0 {
        return (!b.is_zero()).then_some(Decimal::ZERO);
    }
    let (mut above, mut below) = (a.mantissa() / common, b.mantissa() / common);
    if below < 0 {
        (above, below) = (-above, -below);
    }
    let (mut twos, mut fives) = (0_u32, 0_u32);
    for (prime, count) in [(2, &mut twos), (5, &mut fives)] {
        while below % prime == 0 {
            below /= prime;
            *count += 1;
        }
    }
    if below != 1 {
        return None;
    }
    let tens = twos.max(fives);
    let above = above.checked_mul(2_i128.checked_pow(tens - twos)?)?;
    let above = above.checked_mul(5_i128.checked_pow(tens - fives)?)?;
    // A divisor with decimals makes the quotient larger.
    let scale = a.scale() + tens;
    match scale.checked_sub(b.scale()) {
        Some(scale) => hold_narrow(above, scale),
        None => hold_narrow(above.checked_mul(power_of_ten(b.scale() - scale)?)?, 0),
    }
}

/// `a · b`, or `None` past 128 bits.
pub fn times(a: i128, b: i128) -> Option<i128> {
    // Most numbers are small, and the product of two small ones cannot overflow.
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}

/// The number as a count of `10^-scale`; `scale` must be at least the number's own.
pub fn at_scale(number: Decimal, scale: u32) -> BigInt {
    BigInt::from(number.mantissa()) * BigInt::from(10).pow(scale - number.scale())
}

/// The number as a count of `10^-decimals`, rounded down and rounded up; the two
/// are equal unless the number is finer. `None` past 128 bits.
pub fn units(number: Decimal, decimals: u32) -> Option<(i128, i128)> {
    if number.scale() <= decimals {
        let units = times(number.mantissa(), power_of_ten(decimals - number.scale())?)?;
        return Some((units, units));
    }
    let divisor = power_of_ten(number.scale() - decimals)?;
    let (down, rest) = number.mantissa().div_mod_floor(&divisor);
    Some((down, down + i128::from(rest > 0)))
}

/// `10^exponent`, or `None` past 128 bits.
pub fn power_of_ten(exponent: u32) -> Option<i128> {
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated and checked at compile time"
)]
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// The number without trailing zeros: `6`, `0.5`.
pub fn text(number: Decimal) -> String {
    number.normalize().to_string()
}

/// Appends what [`text`] returns.
pub fn push_text(to: &mut String, number: Decimal) {
    let (Ok(mut digits), Ok(mut decimals)) = (
        u64::try_from(number.mantissa().unsigned_abs()),
        usize::try_from(number.scale()),
    ) else {
        return to.push_str(&text(number));
    };
    while decimals > 0 && digits % 10 == 0 {
        digits /= 10;
        decimals -= 1;
    }
    if number.is_sign_negative() && digits > 0 {
        to.push('-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(digits);
    let (whole, part) = digits.split_at(digits.len().saturating_sub(decimals));
    to.push_str(if whole.is_empty() { "0" } else { whole });
    if decimals > 0 {
        to.push('.');
        (part.len()..decimals).for_each(|_| to.push('0'));
        to.push_str(part);
    }
}

fn hold_narrow(mantissa: i128, scale: u32) -> Option<Decimal> {
    if let Ok(short) = i64::try_from(mantissa) {
        return hold_short(short, scale);
    }
    let (mantissa, scale) = without_zeros(mantissa, scale);
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

#[inline(always)]
fn hold_short(mantissa: i64, scale: u32) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    let (mantissa, scale) = without_zeros(mantissa, scale);
    let digits = mantissa.unsigned_abs();
    let low = u32::try_from(digits & u64::from(u32::MAX)).unwrap_or(0);
    let high = u32::try_from(digits >> 32).unwrap_or(0);
    let fits = usize::try_from(scale).is_ok_and(|scale| scale <= MOST_DIGITS);
    fits.then(|| Decimal::from_parts(low, high, 0, mantissa < 0, scale))
}

/// Removes trailing zeros of the decimals.
#[inline(always)]
fn without_zeros<T: Integer + From<u8> + Copy>(mut mantissa: T, mut scale: u32) -> (T, u32) {
    let ten = T::from(10);
    while scale > 0 && mantissa % ten == T::zero() {
        mantissa = mantissa / ten;
        scale -= 1;
    }
    (mantissa, scale)
}

fn hold(mut mantissa: BigInt, mut scale: u32) -> Option<Decimal> {
    let ten = BigInt::from(10);
    while scale > 0 {
        let (quotient, remainder) = mantissa.div_rem(&ten);
        if !remainder.is_zero() {
            break;
        }
        mantissa = quotient;
        scale -= 1;
    }
    hold_narrow(mantissa.to_i128()?, scale)
}

/// Parses `1,234,567.89`: a first group of one to three digits, then groups of
/// three. The first group never begins with zero, because in `0,500` the comma is a
/// decimal separator.
pub(crate) fn parse_grouped(text: &str, separator: char) -> Result<Decimal, NumberFault> {
    let (whole, decimals) = text
        .split_once('.')
        .map_or((text, None), |(w, d)| (w, Some(d)));
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or_default();
    let zero_first = first.len() < whole.len() && first.starts_with('0');
    let good =
        (1..=3).contains(&first.len()) && !zero_first && groups.all(|group| group.len() == 3);
    if !good || decimals.is_some_and(|decimals| decimals.contains(separator)) {
        return Err(NumberFault::BadGroups);
    }
    parse(&text.replace(separator, ""))
}

#[cfg(test)]
mod tests;
