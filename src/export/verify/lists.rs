//! Verifies exports without the claims: their files against their manifests, and their
//! lists against payouts.csv.

use std::path::Path;

use anyhow::Result;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::exports::ExportsPaid;
use crate::base::diagnostics::{PROBLEM_STATUS, exit_status, first_line};
use crate::base::digest::sha256;
use crate::base::regular_file::{names_in, read_file};
use crate::export::payments;
use crate::export::verify::{OpenExport, exports_paid};
use crate::plan::Plan;
use crate::run::file_names::{MANIFEST, PAYOUTS};

/// Compares the files of exports with their manifests, and all lists with the payouts.
pub(super) fn compare(
    opened: &[OpenExport],
    run: &Path,
    plan: &Plan,
    findings: &CheckFindings,
) -> Result<Option<ExportsPaid>> {
    if opened.is_empty() {
        return Ok(None);
    }
    for export in opened {
        export.compare_with_manifest(findings)?;
    }
    match payments::due(run, plan) {
        Ok(due) => exports_paid(opened, plan, &due, findings).map(Some),
        Err(error) if exit_status(&error) == PROBLEM_STATUS => {
            findings.note(PAYOUTS, "", "", &first_line(&error))?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl OpenExport {
    fn compare_with_manifest(&self, findings: &CheckFindings) -> Result<()> {
        let mut others = names_in(&self.folder)?;
        for file in &self.export.outputs {
            others.remove(&file.name);
            let path = format!("{}/{}", self.shown, file.name);
            match read_file(&self.folder.join(&file.name)) {
                Ok(bytes) => {
                    let found = sha256(&bytes);
                    if found != file.sha256 {
                        findings.note(&path, "SHA-256", &file.sha256, &found)?;
                    }
                }
                Err(_) => findings.missing(&path)?,
            }
        }
        others.remove(MANIFEST);
        for left in self.layout.file.form.left_by_readers(&self.layout) {
            others.remove(&left);
        }
        self.no_other_files(others, findings)
    }
}
