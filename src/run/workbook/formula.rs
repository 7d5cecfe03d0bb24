//! Formulas that come to the cent.
//!
//! Amounts are binary numbers in a spreadsheet, and a sum of a million of them
//! may be a cent off. So sums are taken in whole minor units, which are exact
//! up to 15 digits, and divided in the end.

/// The sum of the numbers of all these ranges, to so many decimals.
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

/// How many texts the ranges hold.
pub(super) fn count(ranges: &[String]) -> String {
    format!("COUNTA({})", ranges.join(","))
}

/// One cell less another, to so many decimals.
pub(super) fn difference(one: &str, other: &str, decimals: u32) -> String {
    if decimals == 0 {
        return format!("{one}-{other}");
    }
    let scale = scale(decimals);
    format!("(ROUND({one}*{scale},0)-ROUND({other}*{scale},0))/{scale}")
}

/// How many minor units there are in one of the currency: `100`.
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
