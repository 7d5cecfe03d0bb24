//! Routing numbers of the American Bankers Association: nine digits, the last of which
//! is a check digit. The first two are 00 to 12, 21 to 32, 61 to 72 or 80 (American
//! Bankers Association, routing number policy).

/// Validates a routing number; the error completes a sentence about it.
pub(crate) fn check(number: &str) -> Result<(), String> {
    const DIGITS: usize = 9;
    const WEIGHTS: [u32; DIGITS] = [3, 7, 1, 3, 7, 1, 3, 7, 1];
    let digits: Option<Vec<u32>> = number.chars().map(|digit| digit.to_digit(10)).collect();
    let digits = match digits {
        Some(digits) if digits.len() == DIGITS => digits,
        Some(digits) if digits.len() + 1 == DIGITS => {
            let fault = "has eight digits, not nine; a spreadsheet may have removed a leading zero";
            return Err(fault.to_owned());
        }
        _ => return Err("is not a routing number: it must have nine digits".to_owned()),
    };
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let district = number.get(..2).and_then(|first| first.parse().ok());
    if !district.is_some_and(|district: u32| matches!(district, 0..=12 | 21..=32 | 61..=72 | 80))
        || sum == 0
    {
        return Err("is not a routing number: none begins with these digits".to_owned());
    }
    if !sum.is_multiple_of(10) {
        return Err("has an incorrect check digit; a digit may be mistyped".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_checks_the_others() {
        // Federal Reserve Banks, from their own lists.
        for number in ["011000015", "021001208", "091000080", "121000374"] {
            assert_eq!(check(number), Ok(()), "{number}");
        }
        for number in [
            "011000016",
            "101000015",
            "000000000",
            "990000000",
            "11000015",
            "01100001O",
            "",
        ] {
            assert!(check(number).is_err(), "{number}");
        }
    }
}
