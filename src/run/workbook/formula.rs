//! Formulas that are exact to the cent.
//!
//! Amounts are binary numbers in a spreadsheet, and a sum of a million of them may be a
//! cent off. Therefore the formulas add whole minor units, which are exact up to 15
//! digits, and divide at the end.

/// The sum of the numbers in these ranges, with this number of decimals.
pub(super) fn sum(ranges: &[String], decimals: u32) -> String {
    if decimals == 0 {
        return format!("SUM({})", ranges.join(","));
    }
    let scale = scale(decimals);
    let in_units = |range: &String| format!("SUMPRODUCT(ROUND({range}*{scale},0))");
    let sums: Vec<String> = ranges.iter().map(in_units).collect();
    match sums.as_slice() {
        [one] => format!("{one}/{scale}"),
        _ => format!("({})/{scale}", sums.join("+")),
    }
}

/// The number of texts in the ranges.
pub(super) fn count(ranges: &[String]) -> String {
    format!("COUNTA({})", ranges.join(","))
}

/// One cell minus another, with this number of decimals.
pub(super) fn difference(one: &str, other: &str, decimals: u32) -> String {
    if decimals == 0 {
        return format!("{one}-{other}");
    }
    let scale = scale(decimals);
    format!("(ROUND({one}*{scale},0)-ROUND({other}*{scale},0))/{scale}")
}

/// The number of minor units in one unit of the currency: `100`.
fn scale(decimals: u32) -> String {
    let zeros = usize::try_from(decimals).unwrap_or(0);
    format!("1{}", "0".repeat(zeros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_taken_in_minor_units() {
        let [one, two] = ["A!C2:C9", "'A 2'!C2:C5"].map(str::to_owned);
        assert_eq!(
            sum(std::slice::from_ref(&one), 2),
            "SUMPRODUCT(ROUND(A!C2:C9*100,0))/100"
        );
        assert_eq!(
            sum(&[one.clone(), two.clone()], 3),
            "(SUMPRODUCT(ROUND(A!C2:C9*1000,0))+SUMPRODUCT(ROUND('A 2'!C2:C5*1000,0)))/1000"
        );
        assert_eq!(sum(&[one, two], 0), "SUM(A!C2:C9,'A 2'!C2:C5)");
    }
}
