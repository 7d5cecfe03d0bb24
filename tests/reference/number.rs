//! Exact numbers: how they are read, checked and printed.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Pow, Signed, Zero};

/// Every quantity of the reference is one of these; nothing is ever rounded in passing.
pub(super) type Number = Ratio<BigInt>;

/// The most digits, and the most decimals, that a written number may have.
const LONGEST: usize = 28;

pub(super) fn ten_to(places: usize) -> BigInt {
    BigInt::from(10).pow(places)
}

pub(super) fn whole(value: BigInt) -> Number {
    Number::from_integer(value)
}

/// A plain decimal: digits, or digits, a point and digits. Nothing else, and
/// no more than 28 significant digits or 28 decimals.
pub(super) fn plain(text: &str) -> Option<Number> {
    let (units, decimals) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = format!("{units}{decimals}");
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let significant = digits.trim_start_matches('0').len();
    if units.is_empty() || !all_digits || significant > LONGEST || decimals.len() > LONGEST {
        return None;
    }
    Some(Number::new(digits.parse().ok()?, ten_to(decimals.len())))
}

/// Whether a result of a formula can be held exactly.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exactness {
    /// At most 28 digits and 28 decimals: always.
    Certain,
    /// One digit more, but still within 96 bits: some programs can, some cannot.
    Borderline,
    /// Longer than that.
    Impossible,
}

pub(super) fn exactness(value: &Number) -> Exactness {
    let Some(places) = decimals(value).filter(|&places| places <= LONGEST) else {
        return Exactness::Impossible;
    };
    let digits = (value * whole(ten_to(places))).to_integer();
    if digits.magnitude().to_string().len() <= LONGEST {
        Exactness::Certain
    } else if digits.bits() <= 96 {
        Exactness::Borderline
    } else {
        Exactness::Impossible
    }
}

/// How many decimals it takes to write a number, or none if no number of them does.
fn decimals(value: &Number) -> Option<usize> {
    let (mut rest, mut places) = (value.denom().clone(), [0, 0]);
    for (prime, count) in [2, 5].into_iter().zip(&mut places) {
        while rest.is_multiple_of(&BigInt::from(prime)) {
            rest /= prime;
            *count += 1;
        }
    }
    rest.is_one().then(|| places[0].max(places[1]))
}

pub(super) fn half_up(value: &Number) -> BigInt {
    (value + Number::new(1.into(), 2.into()))
        .floor()
        .to_integer()
}

/// Whole numbers are tried from below; of two that are as near, the even one is taken.
pub(super) fn half_even(value: &Number) -> BigInt {
    let (below, above) = (down(value), up(value));
    let distance = |whole: &BigInt| (value - Number::from(whole.clone())).abs();
    match distance(&below).cmp(&distance(&above)) {
        std::cmp::Ordering::Less => below,
        std::cmp::Ordering::Equal if (&below % 2u8).is_zero() => below,
        _ => above,
    }
}

pub(super) fn down(value: &Number) -> BigInt {
    value.floor().to_integer()
}

pub(super) fn up(value: &Number) -> BigInt {
    value.ceil().to_integer()
}

/// An integer count of units of 10^-places: `2784` with two places is `27.84`.
pub(super) fn fixed(units: &BigInt, places: usize) -> String {
    let digits = format!(
        "{units:0>width$}",
        units = units.to_string(),
        width = places + 1
    );
    let (before, after) = digits.split_at(digits.len() - places);
    if places == 0 {
        before.to_string()
    } else {
        format!("{before}.{after}")
    }
}

/// A decimal without trailing zeros: `6`, `0.5`.
pub(super) fn shortest(value: &Number) -> String {
    with_at_least(value, 0)
}

/// A decimal with as many decimals as it needs, but not fewer than `places`.
pub(super) fn with_at_least(value: &Number, places: usize) -> String {
    let places = decimals(value)
        .expect("only decimals are printed")
        .max(places);
    fixed(&(value * whole(ten_to(places))).to_integer(), places)
}

/// A number cut after so many decimals.
pub(super) fn cut(value: &Number, places: usize) -> String {
    fixed(&down(&(value * whole(ten_to(places)))), places)
}

pub(super) fn sum<'a>(values: impl IntoIterator<Item = &'a Number>) -> Number {
    values
        .into_iter()
        .fold(Number::zero(), |total, value| total + value)
}
