//! Recognizes taxpayer numbers of the United States: an SSN, an ITIN or an EIN. A valid
//! form does not prove that a number belongs to the claimant.

/// The number of digits.
const DIGITS: usize = 9;

/// Numbers printed as examples, which belong to no claimant: digits in order, the card
/// sold with wallets (Social Security Administration, "Social Security Cards Issued by
/// Woolworth"), and the number in a 1940 pamphlet.
const SPECIMENS: [&str; 3] = ["123456789", "078051120", "219099999"];

/// Valid first two digits of an EIN, as ranges (Internal Revenue Service, "How EINs are
/// assigned and valid EIN prefixes").
const EIN_PREFIXES: [(u32, u32); 9] = [
    (1, 6),
    (10, 16),
    (20, 27),
    (30, 48),
    (50, 68),
    (71, 77),
    (80, 88),
    (90, 95),
    (98, 99),
];

/// Valid fourth and fifth digits of an ITIN, as ranges (Internal Revenue Manual
/// 3.21.263).
const ITIN_GROUPS: [(u32, u32); 4] = [(50, 65), (70, 88), (90, 92), (94, 99)];

/// True if a cell has the form of a taxpayer number that may have been issued: nine
/// digits, bare or with the hyphens of an SSN (`123-45-6789`) or an EIN (`12-3456789`).
pub(crate) fn is_valid(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split('-').collect();
    let digits = parts.concat();
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits.len() != DIGITS || !only_digits || is_specimen(&digits) {
        return false;
    }
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match lengths.as_slice() {
        [9] => may_be_personal(&digits) || may_be_ein(&digits),
        [3, 2, 4] => may_be_personal(&digits),
        [2, 7] => may_be_ein(&digits),
        _ => false,
    }
}

fn is_specimen(digits: &str) -> bool {
    let all_same = digits
        .bytes()
        .all(|byte| digits.as_bytes().first() == Some(&byte));
    all_same || SPECIMENS.contains(&digits)
}

/// True if the digits may be an SSN or an ITIN (Social Security Administration, Program
/// Operations Manual, RM 10201.035: invalid SSNs).
fn may_be_personal(digits: &str) -> bool {
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let (area, group, serial) = (part(0..3), part(3..5), part(5..9));
    if area.starts_with('9') {
        return is_among(group, &ITIN_GROUPS);
    }
    area != "000" && area != "666" && group != "00" && serial != "0000"
}

fn may_be_ein(digits: &str) -> bool {
    is_among(digits.get(..2).unwrap_or_default(), &EIN_PREFIXES)
}

fn is_among(digits: &str, ranges: &[(u32, u32)]) -> bool {
    let number = digits.parse::<u32>();
    number.is_ok_and(|number| {
        let mut ranges = ranges.iter();
        ranges.any(|(from, to)| (*from..=*to).contains(&number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(valid: bool, cells: &[&str]) {
        for cell in cells {
            assert_eq!(is_valid(cell), valid, "{cell}");
        }
    }

    #[test]
    fn a_number_of_nine_digits_is_valid_bare_or_with_the_hyphens_of_its_kind() {
        check(true, &["234567891", "234-56-7891", "23-4567891"]);
        check(
            false,
            &[
                "",
                "-",
                "23456789",
                "2345678912",
                "234 56 7891",
                "234-567891",
                "2345-67891",
                "234--567891",
                "-234567891",
                "234567891-",
                "2-3-4-5-6-7-8-9-1",
                "23456789a",
                "２３４５６７８９１",
                "on file",
                "applied for",
            ],
        );
    }

    #[test]
    fn an_ssn_that_was_never_issued_is_not_valid() {
        check(
            true,
            &["001-01-0001", "665-99-9999", "667-01-0001", "899-50-0001"],
        );
        check(
            false,
            &[
                "000-12-3456",
                "666-12-3456",
                "900-12-3456",
                "999-49-3456",
                "234-00-5678",
                "234-56-0000",
            ],
        );
    }

    #[test]
    fn an_itin_begins_with_nine_and_has_one_of_its_groups() {
        let valid = ["900-50-0001", "912-65-3456", "912-70-3456", "912-88-3456"];
        check(true, &valid);
        check(
            true,
            &["912-90-3456", "912-92-3456", "912-94-3456", "912-99-3456"],
        );
        check(
            false,
            &[
                "912-49-3456",
                "912-66-3456",
                "912-69-3456",
                "912-89-3456",
                "912-93-3456",
            ],
        );
    }

    #[test]
    fn an_ein_has_a_prefix_that_is_assigned() {
        let mut valid = Vec::new();
        for prefix in 0..100 {
            if is_valid(&format!("{prefix:02}-1234567")) {
                valid.push(prefix);
            }
        }
        let not: Vec<u32> = (0..100).filter(|prefix| !valid.contains(prefix)).collect();
        let unassigned = [
            0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97,
        ];
        assert_eq!(not, unassigned);
    }

    #[test]
    fn bare_digits_are_valid_if_they_could_be_either() {
        // No SSN has this group, but an EIN may.
        check(true, &["120034567"]);
        check(false, &["120-03-4567".replace("-03-", "-00-").as_str()]);
        // No EIN has this prefix, but an SSN may.
        check(true, &["701234567"]);
        check(false, &["70-1234567"]);
        // Neither form is possible.
        check(false, &["000123456", "070002345"]);
    }

    #[test]
    fn what_is_printed_as_an_example_is_not_valid() {
        check(
            false,
            &[
                "123456789",
                "123-45-6789",
                "12-3456789",
                "078-05-1120",
                "078051120",
                "219-09-9999",
                "111111111",
                "555-55-5555",
                "99-9999999",
            ],
        );
    }
}
