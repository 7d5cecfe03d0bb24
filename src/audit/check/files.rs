//! Compares the files with the manifest: names, sizes, digests.

use std::path::Path;
use std::{fs, io};

use anyhow::Result;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::statements;
use crate::audit::messages;
use crate::audit::saved_run::{self, SavedRun};
use crate::base::diagnostics::{Failure, count};
use crate::base::digest::{self};
use crate::base::regular_file::what_instead;
use crate::claims::ClaimsFile;
use crate::claims::corrections::is_kept_name;
use crate::claims::input::{self, Input};
use crate::run::file_names::{
    HELD, MANIFEST, PAYOUTS, STATEMENTS, STATEMENTS_LISTED, SUMMARY, TABLES, UNPAID,
};
use crate::run::folder::entries;
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::{NoProgress, Progress, Stage};

/// Refuses a folder that is not a run.
pub(crate) fn require_run(folder: &Path) -> Result<()> {
    let shown = folder.display();
    if !folder.exists() {
        return Err(messages::no_such_run(shown).into());
    }
    if !folder.is_dir() {
        return Err(messages::run_is_no_folder(shown).into());
    }
    let manifest = saved_run::manifest_of(folder)?;
    let of_run = [MANIFEST, PAYOUTS, HELD, UNPAID, SUMMARY];
    if of_run.iter().all(|name| !folder.join(name).exists()) {
        return Err(messages::not_a_run(shown, MANIFEST).into());
    }
    saved_run::refuse_export(folder, &manifest.unwrap_or_default())?;
    Ok(())
}

/// Opens a run whose files match its manifest.
pub(crate) fn open(folder: &Path, progress: &dyn Progress) -> Result<SavedRun> {
    let run = saved_run::open(folder)?;
    let findings = CheckFindings::new(None)?;
    verify(folder, &run.manifest, &findings, progress)?;
    let (count, first) = findings.finish()?;
    match first.first() {
        Some(finding) if count > 0 => {
            Err(messages::run_changed(folder.display(), &finding.file).into())
        }
        _ => Ok(run),
    }
}

/// Compares the files of the folder with the manifest. Returns the manifest's files as
/// found in the folder.
pub(crate) fn verify(
    folder: &Path,
    manifest: &Manifest,
    findings: &CheckFindings,
    progress: &dyn Progress,
) -> Result<Vec<WrittenFile>> {
    let sizes = manifest.outputs.iter().map(|file| file.bytes);
    let size = sizes.fold(0, u64::saturating_add);
    progress.begin(Stage::Verifying, Some(size));

    for name in entries(folder)? {
        let listed = |name: &str| manifest.output(name).is_some();
        let known = match name.as_str() {
            STATEMENTS => listed(STATEMENTS_LISTED),
            name => name == MANIFEST || listed(name),
        };
        if !known {
            let facts = fs::symlink_metadata(folder.join(&name)).ok();
            let what = facts.and_then(|facts| what_instead(&facts));
            let expected = "no such file: the manifest does not list it";
            findings.note(&name, "", expected, what.unwrap_or("a file"))?;
        }
    }
    let mut present = Vec::new();
    for file in &manifest.outputs {
        if file.name == STATEMENTS_LISTED {
            present.push(verify_statements(folder, file, findings)?);
            continue;
        }
        if !is_plain(&file.name) {
            let expected = "the names of files in the folder";
            findings.note(MANIFEST, "outputs", expected, &file.name)?;
            continue;
        }
        let path = folder.join(&file.name);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                findings.missing(&file.name)?;
                continue;
            }
            Ok(facts) => {
                if let Some(what) = what_instead(&facts) {
                    findings.note(&file.name, "", "a file", what)?;
                    continue;
                }
            }
            Err(_) => {}
        }
        let (bytes, sha256) = digest(&path, progress)?;
        compare_facts(
            &file.name,
            (file.bytes, &file.sha256),
            (bytes, &sha256),
            findings,
        )?;
        present.push(WrittenFile {
            name: file.name.clone(),
            bytes,
            sha256,
            ..WrittenFile::default()
        });
    }
    progress.end(&count(present.len(), "file", "files"));
    Ok(present)
}

/// True if the corrections are those of the manifest. Without them, nothing can be
/// recomputed.
pub(crate) fn has_corrections(manifest: &Manifest, present: &[WrittenFile]) -> bool {
    let kept = manifest.outputs.iter();
    let mut kept = kept.filter(|file| is_kept_name(&file.name));
    kept.all(|file| {
        let mut present = present.iter();
        present.any(|found| found.name == file.name && found.sha256 == file.sha256)
    })
}

/// Compares the statements of the folder with the manifest.
fn verify_statements(
    folder: &Path,
    recorded: &WrittenFile,
    findings: &CheckFindings,
) -> Result<WrittenFile> {
    let found = statements::listed(folder, findings)?;
    let known = (recorded.bytes, recorded.sha256.as_str());
    compare_facts(
        STATEMENTS_LISTED,
        known,
        (found.bytes, &found.sha256),
        findings,
    )?;
    if recorded.files != found.files {
        let count = |files: Option<u64>| files.unwrap_or(0).to_string();
        let (expected, found) = (count(recorded.files), count(found.files));
        findings.note(STATEMENTS_LISTED, "files", &expected, &found)?;
    }
    Ok(found)
}

/// Compares the claims files as read with the manifest, and gives them their recorded
/// names.
pub(crate) fn verify_inputs(
    manifest: &Manifest,
    files: &mut [ClaimsFile],
    findings: &CheckFindings,
) -> Result<()> {
    if files.len() != manifest.inputs.len() {
        let expected = count(manifest.inputs.len(), "file", "files");
        let found = count(files.len(), "file", "files");
        findings.note("claims", "", &expected, &found)?;
    }
    for (file, known) in files.iter_mut().zip(&manifest.inputs) {
        let found = (file.bytes, file.sha256.as_str());
        if found.1 == known.sha256 {
            let known = (known.bytes, known.sha256.as_str());
            compare_facts(&file.shown, known, found, findings)?;
        } else {
            let of = if known.trades { "trades" } else { "claims" };
            let what = format!("SHA-256 of the {of} file");
            findings.note(&file.shown, &what, &known.sha256, found.1)?;
        }
        if file.rows != known.rows {
            let (expected, found) = (known.rows.to_string(), file.rows.to_string());
            findings.note(&file.shown, "rows", &expected, &found)?;
        }
        // The recorded name is used for comparison with the run.
        file.name.clone_from(&known.name);
        file.bytes = known.bytes;
        file.sha256.clone_from(&known.sha256);
    }
    Ok(())
}

/// Compares a claims file that could not be read completely with the manifest.
pub(crate) fn verify_input(
    manifest: &Manifest,
    input: &Input,
    findings: &CheckFindings,
) -> Result<()> {
    let Some(path) = input.path() else {
        return Ok(());
    };
    let (bytes, sha256) = digest(path, &NoProgress)?;
    let same = |known: &&ClaimsFile| known.bytes == bytes && known.sha256 == sha256;
    if manifest.inputs.iter().any(|known| same(&known)) {
        return Ok(());
    }
    let expected: Vec<&str> = manifest
        .inputs
        .iter()
        .map(|known| known.sha256.as_str())
        .collect();
    findings.note(&input.shown(), "SHA-256", &expected.join(" or "), &sha256)
}

fn compare_facts(
    name: &str,
    expected: (u64, &str),
    found: (u64, &str),
    findings: &CheckFindings,
) -> Result<()> {
    if expected.0 != found.0 {
        let (expected, found) = (expected.0.to_string(), found.0.to_string());
        findings.note(name, "size in bytes", &expected, &found)?;
    }
    if expected.1 != found.1 {
        findings.note(name, "SHA-256", expected.1, found.1)?;
    }
    Ok(())
}

/// True if a name refers to an entry of the folder itself.
fn is_plain(name: &str) -> bool {
    let of_tables = name
        .strip_prefix(TABLES)
        .and_then(|rest| rest.strip_prefix('/'));
    let name = of_tables.unwrap_or(name);
    !name.is_empty() && !name.contains(['/', '\0']) && name != "." && name != ".."
}

fn digest(path: &Path, progress: &dyn Progress) -> Result<(u64, String)> {
    let broken = |error| Failure::reading(path.display(), error);
    let of_file = digest::of_file(path, |bytes| progress.advance(bytes));
    Ok(of_file.map_err(broken)?)
}

/// A sheet can be requested only from a workbook.
pub(crate) fn verify_sheet(manifest: &Manifest, findings: &CheckFindings) -> Result<()> {
    let is_workbook = |input: &ClaimsFile| input::is_workbook(Path::new(&input.name));
    match &manifest.options.sheet {
        Some(sheet) if !manifest.inputs.iter().any(is_workbook) => findings.note(
            MANIFEST,
            "sheet",
            "none, because no workbook was read",
            sheet,
        ),
        _ => Ok(()),
    }
}

/// The claims are read more than once, so they must be regular files.
pub(crate) fn refuse_streams(inputs: &[Input]) -> Result<()> {
    for input in inputs {
        let facts = match input.path() {
            Some(path) => fs::metadata(path),
            None => Err(io::ErrorKind::InvalidInput.into()),
        };
        match facts {
            Ok(facts) if facts.is_file() => {}
            Ok(facts) if facts.is_dir() => {
                return Err(messages::claims_is_folder(&input.shown()).into());
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(messages::no_such_claims(&input.shown()).into());
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(Failure::reading(input.shown(), error).into());
            }
            _ => {
                return Err(messages::claims_read_once(&input.shown()).into());
            }
        }
    }
    Ok(())
}
