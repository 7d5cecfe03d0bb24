//! Compares the workbook of a run with the regenerated one.

use anyhow::Result;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::statements::DigestSink;
use crate::base::diagnostics::{Bug, Failure, first_line};
use crate::run::file_names::{HELD, PAYOUTS, UNPAID, WORKBOOK};
use crate::run::hashing_writer::WrittenFile;
use crate::run::workbook::{WorkbookInput, write_workbook};

/// Compares the workbook of a run, if there is one, with the one generated from its
/// rows and its summary. The rows are compared separately.
pub(crate) fn compare(
    maker: WorkbookInput<'_>,
    present: &[WrittenFile],
    findings: &mut CheckFindings,
) -> Result<()> {
    let there = |name: &str| present.iter().find(|file| file.name == name);
    let Some(found) = there(WORKBOOK) else {
        return Ok(());
    };
    // The missing file was reported before.
    if [PAYOUTS, HELD, UNPAID]
        .into_iter()
        .any(|name| there(name).is_none())
    {
        return Ok(());
    }
    let mut digest = DigestSink::default();
    match write_workbook(maker, &|_| {}, &mut digest) {
        Ok(()) => {}
        Err(error) if error.is::<Failure>() => return Err(error),
        Err(error) => {
            // The rows in the folder do not match the summary.
            let text = match error.downcast_ref::<Bug>() {
                Some(bug) => first_line(&bug.message),
                None => first_line(&error),
            };
            let expected = "the rows that summary.json counts";
            return findings.note(WORKBOOK, "", expected, &text);
        }
    }
    let expected = digest.hex();
    if expected != found.sha256 {
        let what = "SHA-256 of the regenerated workbook";
        findings.note(WORKBOOK, what, &expected, &found.sha256)?;
    }
    Ok(())
}
