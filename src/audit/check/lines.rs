//! Compares texts line by line.

use anyhow::Result;

use crate::audit::check::differences::{CheckFinding, CheckFindings};

/// Reports the first line in which a text differs.
pub(super) fn compare_first(
    file: &str,
    expected: &str,
    found: &[u8],
    findings: &CheckFindings,
) -> Result<()> {
    let differences = differences(file, expected.as_bytes(), found);
    findings.add_all(differences.into_iter().take(1))
}

/// The lines in which two texts differ, or only the first of them if lines were moved.
pub(crate) fn differences(file: &str, expected: &[u8], found: &[u8]) -> Vec<CheckFinding> {
    let mut differences = Vec::new();
    if expected == found {
        return differences;
    }
    let [expected, found] = [expected, found].map(String::from_utf8_lossy);
    let moved = expected.lines().count() != found.lines().count();
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for number in 1_u64.. {
        let (expected, found) = (expected.next(), found.next());
        if expected.or(found).is_none() || (moved && !differences.is_empty()) {
            break;
        }
        if expected != found {
            let [expected, found] =
                [expected, found].map(|line| line.unwrap_or("no further lines"));
            let what = format!("line {number}");
            differences.push(CheckFinding::of_file(file, &what, expected, found));
        }
    }
    if differences.is_empty() {
        let found = "different line endings, or none at the end";
        differences.push(CheckFinding::of_file(
            file,
            "",
            "the same line endings",
            found,
        ));
    }
    differences
}
