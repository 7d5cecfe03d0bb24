//! Checks reconciliations: each is made again from its run, exports, outcomes, facts and
//! the reconciliation before, and compared byte by byte; with `--chain`, everything back to
//! the first run.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::audit::check::{self as run_check, CheckJob};
use crate::audit::saved_run;
use crate::base::diagnostics::{FAILURE_STATUS, count, exit_status, first_line, quotable};
use crate::base::regular_file::{folder_of, names_in, read_file};
use crate::base::styled_text::{StyledText, TextStyle};
use crate::export::verify::ExportFolders;
use crate::plan::PlanSource;
use crate::reconcile::ReconcileJob;
use crate::reconcile::file_names::FACTS;
use crate::reconcile::find::{Places, any_folder, find_file, find_folder, places};
use crate::reconcile::making;
use crate::reconcile::output::{Comparing, FileDifference, document};
use crate::reconcile::saved::{SavedReconciliation, name_of};
use crate::run::file_names::MANIFEST;
use crate::run::manifest::SealedFolder;
use crate::run::{NoProgress, json};

/// The most differences of a folder that are shown.
const MOST_SHOWN: usize = 20;

/// A reconciliation to check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReconciliationCheck<'a> {
    pub folder: &'a Path,
    /// Folders in which, or as which, names are looked for.
    pub folders: &'a [PathBuf],
    /// True to go back to the first run.
    pub chain: bool,
    /// The recorded seal.
    pub seal: Option<&'a str>,
}

/// What the check of a chain found.
#[derive(Debug, Serialize)]
pub(crate) struct ChainVerdict {
    pub reconciliation: String,
    pub holds: bool,
    pub seal: String,
    /// True if the seal is the one provided; null if none was provided.
    pub seal_as_given: Option<bool>,
    /// The folders that were checked, the last of the chain first.
    pub checked: Vec<CheckedFolder>,
}

#[derive(Debug, Serialize)]
pub(crate) struct CheckedFolder {
    pub name: String,
    /// `reconciliation` or `run`.
    pub kind: &'static str,
    pub holds: bool,
    pub differences: Vec<String>,
}

/// Checks a reconciliation.
pub(crate) fn check(job: &ReconciliationCheck<'_>) -> Result<ChainVerdict> {
    let last = SavedReconciliation::open(job.folder)?;
    let seal_as_given = job.seal.map(|seal| seal == last.seal);
    let mut checked = Vec::new();
    let mut runs: Vec<String> = Vec::new();
    let seal = last.seal.clone();
    let mut next = Some(last);
    while let Some(saved) = next.take() {
        let places = places(job.folders, folder_of(&saved.folder));
        checked.push(reconciliation(&saved, &places)?);
        if !job.chain {
            break;
        }
        let run = &saved.manifest.run;
        if !runs.contains(&run.seal) {
            runs.push(run.seal.clone());
            checked.push(of_run(&saved, &places)?);
        }
        next = match &saved.manifest.after {
            None => None,
            Some(after) => match find_folder(&after.name, &after.seal, &places) {
                Some(folder) => Some(SavedReconciliation::open(&folder)?),
                // It was reported as missing.
                None => None,
            },
        };
    }
    Ok(ChainVerdict {
        reconciliation: job.folder.display().to_string(),
        holds: checked.iter().all(|folder| folder.holds) && seal_as_given != Some(false),
        seal,
        seal_as_given,
        checked,
    })
}

/// The findings about a folder.
#[derive(Debug, Default)]
struct FolderFindings {
    found: Vec<String>,
}

impl FolderFindings {
    fn add(&mut self, finding: impl Into<String>) {
        self.found.push(finding.into());
    }

    /// A failed part is a finding, unless the system failed.
    fn failed(&mut self, error: anyhow::Error) -> Result<()> {
        if exit_status(&error) == FAILURE_STATUS {
            return Err(error);
        }
        self.add(first_line(&error));
        Ok(())
    }

    fn of(self, name: String, kind: &'static str) -> CheckedFolder {
        CheckedFolder {
            name,
            kind,
            holds: self.found.is_empty(),
            differences: self.found,
        }
    }
}

/// Finds the folder that a manifest names by its seal.
fn link(
    named: &SealedFolder,
    whose: &str,
    places: &Places,
    findings: &mut FolderFindings,
) -> Option<PathBuf> {
    if let Some(folder) = find_folder(&named.name, &named.seal, places) {
        return Some(folder);
    }
    let short = |seal: &str| seal.get(..4).unwrap_or(seal).to_owned();
    let name = quotable(&named.name);
    let found = any_folder(&named.name, places).and_then(|folder| saved_run::seal(&folder).ok());
    findings.add(match found {
        Some(seal) => format!(
            "{whose} names {name} by seal {}…, and {name} has {}…",
            short(&named.seal),
            short(&seal)
        ),
        None => format!(
            "{name}, which {whose} names, was not found: name it, or a folder that contains it"
        ),
    });
    None
}

/// Makes a reconciliation again and compares it.
fn reconciliation(saved: &SavedReconciliation, places: &Places) -> Result<CheckedFolder> {
    let mut findings = FolderFindings::default();
    let whose = quotable(&saved.name);
    let manifest = &saved.manifest;
    let run = link(&manifest.run, &whose, places, &mut findings);
    let mut exports = Vec::new();
    for export in &manifest.exports {
        exports.extend(link(export, &whose, places, &mut findings));
    }
    let after = manifest.after.as_ref();
    let after = after.map(|after| link(after, &whose, places, &mut findings));
    let mut outcomes = Vec::new();
    for file in &manifest.outcomes {
        match find_file(&file.name, &file.sha256, places) {
            Ok(path) => outcomes.push((file.name.clone(), path)),
            Err(None) => findings.add(format!(
                "{}, which {whose} names, was not found",
                quotable(&file.name)
            )),
            Err(Some(found)) => findings.add(format!(
                "{}: SHA-256 {} expected, found {found}",
                quotable(&file.name),
                file.sha256
            )),
        }
    }
    if let (Some(run), true) = (&run, findings.found.is_empty()) {
        let facts = facts(saved);
        let job = ReconcileJob {
            run,
            exports: &exports,
            facts: &facts,
            after: after.as_ref().and_then(|after| after.as_deref()),
            claims: &[],
            errors: None,
            outcomes: &outcomes,
        };
        if let Err(error) = compare(saved, &job, &mut findings) {
            findings.failed(error)?;
        }
    }
    other_files(saved, &mut findings)?;
    Ok(findings.of(saved.name.clone(), "reconciliation"))
}

/// The facts as the reconciliation keeps them.
fn facts(saved: &SavedReconciliation) -> PlanSource {
    let bytes = read_file(&saved.folder.join(FACTS)).unwrap_or_default();
    let path = saved.folder.join(FACTS);
    PlanSource {
        folder: saved.folder.clone(),
        name: FACTS.to_owned(),
        shown: path.display().to_string(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn compare(
    saved: &SavedReconciliation,
    job: &ReconcileJob<'_>,
    findings: &mut FolderFindings,
) -> Result<()> {
    let mut output = Comparing::new(&saved.folder);
    let made = making::make(job, &mut output, &|_| {})?;
    let mut manifest = made.manifest;
    manifest.program.clone_from(&saved.manifest.program);
    document(&mut output, MANIFEST, &json(&manifest)?)?;
    for difference in &output.differences {
        findings.add(in_words(difference));
    }
    Ok(())
}

/// A difference in a sentence.
fn in_words(difference: &FileDifference) -> String {
    let FileDifference {
        file,
        line,
        expected,
        found,
    } = difference;
    match (*line, expected.as_str(), found.as_str()) {
        (0, ..) => format!("{file}: there is no such file"),
        (line, "", "") => format!("{file}:{line}: more than expected"),
        (line, expected, "") => format!("{file}:{line}: `{expected}` expected, nothing found"),
        (line, expected, found) => {
            format!("{file}:{line}: `{expected}` expected, `{found}` found")
        }
    }
}

/// A folder has no other files.
fn other_files(saved: &SavedReconciliation, findings: &mut FolderFindings) -> Result<()> {
    for name in names_in(&saved.folder)? {
        if name != MANIFEST && !saved.manifest.files.contains_key(&name) {
            findings.add(format!("{}: no such file expected", quotable(&name)));
        }
    }
    Ok(())
}

/// Checks the run of a reconciliation with its exports: both are made again.
fn of_run(saved: &SavedReconciliation, places: &Places) -> Result<CheckedFolder> {
    let mut findings = FolderFindings::default();
    let whose = quotable(&saved.name);
    let named = &saved.manifest.run;
    let Some(run) = link(named, &whose, places, &mut findings) else {
        return Ok(findings.of(named.name.clone(), "run"));
    };
    let mut exports = Vec::new();
    let its = saved.manifest.chain.exports.iter();
    for export in its.filter(|export| export.run == named.name) {
        let export = SealedFolder {
            name: export.name.clone(),
            seal: export.seal.clone(),
        };
        exports.extend(link(&export, &whose, places, &mut findings));
    }
    let folders = ExportFolders::some(&exports);
    let job = CheckJob {
        exports: (!exports.is_empty()).then_some(&folders),
        ..CheckJob::new(&run, &[])
    };
    match run_check::check(&job, &NoProgress) {
        Ok(verdict) => {
            let first = verdict.first.iter().map(run_check::text::finding_text);
            for finding in first {
                findings.add(finding.trim_end().to_owned());
            }
            if !verdict.holds && findings.found.is_empty() {
                findings.add("it does not follow from its plan and claims");
            }
        }
        Err(error) => findings.failed(error)?,
    }
    Ok(findings.of(name_of(&run), "run"))
}

/// The verdict as text.
pub(crate) fn text(verdict: &ChainVerdict) -> StyledText {
    let mut text = StyledText::default();
    for folder in &verdict.checked {
        let state = match folder.differences.len() {
            0 if folder.kind == "run" => "computed again, and the same".to_owned(),
            0 => "made again, and the same".to_owned(),
            differences => count(differences, "difference", "differences"),
        };
        text += &format!("{} {}: {state}\n", folder.kind, quotable(&folder.name));
        for difference in folder.differences.iter().take(MOST_SHOWN) {
            text += &format!("  {difference}\n");
        }
        let more = folder.differences.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            text += &format!("  … and {more} more\n");
        }
    }
    text += &format!("seal {}\n", verdict.seal);
    if verdict.seal_as_given == Some(false) {
        text += "the seal is not the one given\n";
    }
    text += "\n";
    if verdict.holds {
        text.add(TextStyle::Good, "All checks passed.\n");
    } else {
        text.add(TextStyle::Bad, "FAILED.\n");
    }
    text
}
