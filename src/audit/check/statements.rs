//! Compares the statements of a run with the regenerated ones, one folder after the
//! other.

use std::path::Path;

use anyhow::Result;

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::check::lines;
use crate::base::regular_file::read_file;
use crate::run::file_names::{STATEMENTS, STATEMENTS_LISTED};
use crate::run::hashing_writer::WrittenFile;
use crate::run::sink::StatementSink;
use crate::run::statements::Statement;
use crate::run::statements::folder::{StatementLines, StatementList};
use crate::run::statements::scan;

/// The statements found in a run's folder, for comparison with the manifest. Entries
/// that cannot be statements are reported.
pub(crate) fn listed(run: &Path, findings: &CheckFindings) -> Result<WrittenFile> {
    let folders = scan::folders(run)?;
    let mut list = StatementList::default();
    let mut strange = folders.strange;
    for folder in &folders.names {
        let statements = scan::statements(run, folder)?;
        let mut lines = StatementLines::default();
        for name in &statements.names {
            let path = format!("{STATEMENTS}/{folder}/{name}");
            match read_file(&run.join(&path)) {
                Ok(content) => lines.add(folder, name, &content),
                Err(error) => findings.note(&path, "", "a file", &error.to_string())?,
            }
        }
        list.add(&lines);
        strange.extend(statements.strange);
    }
    for (path, what) in &strange {
        findings.add(nobodys(path, what))?;
    }
    Ok(list.written())
}

/// Compares regenerated statements with those in a run's folder.
#[derive(Debug)]
pub(crate) struct StatementComparer<'s> {
    pub(super) run: &'s Path,
    pub(super) findings: &'s CheckFindings,
    /// True if only the names are compared, because another version wrote the texts.
    pub(super) names_alone: bool,
}

impl StatementSink for StatementComparer<'_> {
    type Part = Vec<CheckFinding>;

    fn part(
        &self,
        folder: &str,
        statements: &mut dyn Iterator<Item = Result<Statement>>,
    ) -> Result<Vec<CheckFinding>> {
        let mut others = scan::statements(self.run, folder)?.names;
        let mut found = Vec::new();
        let mut expected = false;
        for statement in statements {
            let Statement { name, text } = statement?;
            let path = format!("{STATEMENTS}/{folder}/{name}");
            expected = true;
            if !others.remove(&name) {
                found.push(CheckFinding::missing(&path));
                continue;
            }
            if self.names_alone {
                continue;
            }
            // The unreadable file was reported before.
            if let Ok(content) = read_file(&self.run.join(&path)) {
                let differences = lines::differences(&path, text.as_bytes(), &content);
                found.extend(differences.into_iter().take(1));
            }
        }
        for name in others {
            found.push(nobodys(&format!("{STATEMENTS}/{folder}/{name}"), "a file"));
        }
        let path = format!("{STATEMENTS}/{folder}");
        if !expected && scan::is_folder(&self.run.join(&path)) {
            found.push(nobodys(&path, "a folder"));
        }
        Ok(found)
    }

    fn add(&self, found: Vec<CheckFinding>) -> Result<()> {
        self.findings.add_all(found)
    }

    fn finish(self) -> Result<WrittenFile> {
        Ok(WrittenFile::named(STATEMENTS_LISTED))
    }
}

fn nobodys(path: &str, what: &str) -> CheckFinding {
    let expected = "no such file: it belongs to no paid claimant";
    CheckFinding::of_file(path, "", expected, what)
}
