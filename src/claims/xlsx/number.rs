//! Numbers of a sheet, computed from their digits.
//!
//! A spreadsheet calculates with 15 significant digits, but some write more to the
//! file: Excel writes 1.1 as `1.1000000000000001`, and Gnumeric writes 1234.56 as
//! `1234.56000000000000005`. Such a number is read as the decimal of at most 15
//! digits that has the same double value, or it is rejected. The standard library's
//! parsing and formatting of numbers finds that decimal; nothing is calculated.

use std::borrow::Cow;

/// Number of significant digits that a spreadsheet holds.
pub(crate) const DIGITS: usize = 15;

/// No number in a spreadsheet has an exponent beyond this.
const LARGEST_EXPONENT: i32 = 400;

/// The reason why a number cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumeralFault {
    NoNumber,
    /// It has more digits than a spreadsheet can hold.
    TooManyDigits,
}

/// The number as an exact decimal without exponent and without trailing zeros after
/// the point.
pub(super) fn exact(written: &str) -> Result<Cow<'_, str>, NumeralFault> {
    let plain = without_zeros(expand(written).ok_or(NumeralFault::NoNumber)?);
    if significant(&plain) <= DIGITS {
        return Ok(plain);
    }
    let nearest: f64 = written.parse().map_err(|_| NumeralFault::NoNumber)?;
    if !nearest.is_finite() {
        return Err(NumeralFault::NoNumber);
    }
    // The fewest digits that parse to the same number.
    let shortest = format!("{nearest:e}");
    let shortest = expand(&shortest).ok_or(NumeralFault::NoNumber)?;
    if significant(&shortest) <= DIGITS {
        Ok(Cow::Owned(shortest.into_owned()))
    } else {
        Err(NumeralFault::TooManyDigits)
    }
}

/// Removes trailing zeros after the point: `1.0` becomes `1`.
fn without_zeros(plain: Cow<'_, str>) -> Cow<'_, str> {
    if !plain.contains('.') || !plain.ends_with('0') {
        return plain;
    }
    let shorter = plain.trim_end_matches('0').trim_end_matches('.');
    Cow::Owned(shorter.to_owned())
}

/// The decimal of [`DIGITS`] digits that is nearest to a number with more.
pub(super) fn rounded(written: &str) -> Option<String> {
    let nearest: f64 = written.parse().ok()?;
    let decimals = DIGITS - 1;
    let rounded = format!("{nearest:.decimals$e}");
    Some(without_zeros(expand(&rounded)?).into_owned())
}

/// True for an integer with more digits than a spreadsheet keeps.
pub(super) fn is_too_long(plain: &str) -> bool {
    let digits = plain.strip_prefix('-').unwrap_or(plain);
    digits.len() > DIGITS && !digits.contains('.')
}

/// Removes the exponent: `1.5E+3` becomes `1500`. `None` if the text is not a
/// number.
pub(super) fn expand(written: &str) -> Option<Cow<'_, str>> {
    if is_plain(written) {
        return Some(Cow::Borrowed(written));
    }
    let (sign, unsigned) = match written.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", written),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let sign = if mantissa.contains(|digit| matches!(digit, '1'..='9')) {
        sign
    } else {
        ""
    };
    if exponent == 0 && !whole.is_empty() && !mantissa.ends_with('.') {
        return Some(Cow::Owned(format!("{sign}{mantissa}")));
    }
    let mut digits = format!("{whole}{fraction}");
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    while point <= 0 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).ok()?;
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at_checked(point)?;
    // Leading zeros that result from the exponent are not written.
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    Some(Cow::Owned(match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }))
}

fn exponent_of(text: &str) -> Option<i32> {
    let exponent: i32 = text.parse().ok()?;
    (exponent.abs() <= LARGEST_EXPONENT).then_some(exponent)
}

/// The number of digits from the first to the last nonzero digit.
pub(crate) fn significant(plain: &str) -> usize {
    let is_some = |byte: &u8| matches!(byte, b'1'..=b'9');
    let bytes = plain.as_bytes();
    let first = bytes.iter().position(is_some).unwrap_or(bytes.len());
    let last = bytes
        .iter()
        .rposition(is_some)
        .map_or(first, |last| last + 1);
    let between = bytes.get(first..last).unwrap_or_default();
    between.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// True if a number consists only of digits with at most one point, as most do.
fn is_plain(written: &str) -> bool {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_their_digits_as_written() {
        for (written, expected) in [
            ("0", "0"),
            ("5", "5"),
            ("-5", "-5"),
            ("-0", "0"),
            ("1234.50", "1234.5"),
            ("1.0", "1"),
            ("-0.0", "0"),
            ("100", "100"),
            ("1.2345678E7", "12345678"),
            ("123456789012345", "123456789012345"),
            ("1E+20", "100000000000000000000"),
            ("1.5E3", "1500"),
            ("1.5e-3", "0.0015"),
            ("-2.5E-1", "-0.25"),
            (".5", "0.5"),
            ("5.", "5"),
        ] {
            assert_eq!(exact(written), Ok(Cow::Borrowed(expected)), "{written}");
        }
        for written in [
            "", "-", "abc", "1e", "1E999", "1,5", "+5", "0x1", "inf", "NaN", "1 ",
        ] {
            assert_eq!(exact(written), Err(NumeralFault::NoNumber), "{written}");
        }
    }

    #[test]
    fn what_has_too_many_digits_is_near_a_decimal_that_has_not() {
        assert_eq!(rounded("3.3000000000000003").as_deref(), Some("3.3"));
        assert_eq!(rounded("0.30000000000000004").as_deref(), Some("0.3"));
        assert_eq!(
            rounded("1234567890123456").as_deref(),
            Some("1234567890123460")
        );
    }

    #[test]
    fn more_digits_are_the_fifteen_that_mean_the_same() {
        for (written, expected) in [
            ("1.1000000000000001", "1.1"),
            ("0.10000000000000001", "0.1"),
            ("33.329999999999998", "33.33"),
            ("1234567.8899999999", "1234567.89"),
            ("2.2999999999999998E-2", "0.023"),
            ("1234.56000000000000005", "1234.56"),
            ("0.100000000000000000001", "0.1"),
            ("99.9899999999999999973", "99.99"),
            ("-33.3300000000000000017", "-33.33"),
            (
                "0.1000000000000000055511151231257827021181583404541015625",
                "0.1",
            ),
        ] {
            assert_eq!(exact(written), Ok(Cow::Borrowed(expected)), "{written}");
        }
        for written in [
            "0.30000000000000004",
            "3.3000000000000003",
            "1234567890123456",
            "1000000000000.0001",
            "1234.5600000000001",
            "1234.56000000000034",
            "0.300000000000000044409",
            "12345678901234567890",
        ] {
            assert_eq!(
                exact(written),
                Err(NumeralFault::TooManyDigits),
                "{written}"
            );
        }
    }

    #[test]
    fn every_amount_of_fifteen_digits_survives_being_written_with_seventeen() {
        let mut seed = 12_345_u64;
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let cents = seed % 1_000_000_000_000_000;
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            let double: f64 = amount.parse().unwrap();
            let written = format!("{double:.16e}");
            let read = exact(&written).unwrap();
            let expected = amount.trim_end_matches('0').trim_end_matches('.');
            assert_eq!(read, expected, "{written}");
        }
    }

    #[test]
    fn digits_are_counted_from_the_first_to_the_last_that_is_not_zero() {
        let counted = [
            ("0.00", 0),
            ("27.84", 4),
            ("100.00", 1),
            ("0.00012", 2),
            ("-9999999999999.99", 15),
            ("10000000000000.01", 16),
            ("123456789012345000", 15),
        ];
        for (number, digits) in counted {
            assert_eq!(significant(number), digits, "{number}");
        }
    }
}
