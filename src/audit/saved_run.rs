//! Reads a saved run: its manifest, plan and summary, the latter two checked against
//! the manifest.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use anyhow::Result;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::audit::messages;
use crate::base::diagnostics::{Failure, Mismatch, Problem};
use crate::base::digest::{self, sha256};
use crate::base::regular_file::{folder_of, open_file, read_file};
use crate::claims::corrections::{Corrections, is_kept_name};
use crate::claims::csv::parallel_scan::{self, RowFields};
use crate::claims::csv::reader::{CellSpan, CsvRow};
use crate::claims::input::{self, Input};
use crate::claims::prior_ledger;
use crate::plan::{self, Plan, PlanSource};
use crate::run::file_names::{MANIFEST, PLAN_COPY, SUMMARY, TABLES};
use crate::run::manifest::Manifest;

/// A saved run.
#[derive(Debug)]
pub(crate) struct SavedRun {
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub plan: Plan,
    /// Its summary, as JSON.
    pub summary: Value,
}

/// A key in the manifest of an export that the manifest of a run lacks.
#[derive(Deserialize)]
struct ExportMark {
    #[serde(rename = "run")]
    _run: IgnoredAny,
    #[serde(rename = "layout")]
    _layout: IgnoredAny,
}

/// The keys in the manifest of a reconciliation that other manifests lack.
#[derive(Deserialize)]
struct ReconciliationMark {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "chain")]
    _chain: IgnoredAny,
}

/// Opens a run. Its plan and summary must match its manifest.
pub(crate) fn open(folder: &Path) -> Result<SavedRun> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(if folder.exists() {
            messages::run_is_no_folder(shown).into()
        } else {
            messages::no_such_run(shown).into()
        });
    }
    let path = folder.join(MANIFEST);
    let bytes = manifest_of(folder)?.ok_or_else(|| messages::not_a_run(shown, MANIFEST))?;
    refuse_export(folder, &bytes)?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| messages::file_damaged(path.display(), error))?;
    let text = String::from_utf8_lossy(&file_of_run(folder, &manifest, PLAN_COPY)?).into_owned();
    let source = PlanSource {
        folder: folder.join(TABLES),
        name: manifest.options.plan.clone(),
        shown: folder.join(PLAN_COPY).display().to_string(),
        text,
    };
    let plan = plan::load(&source)?;
    let path = folder.join(SUMMARY);
    let summary = serde_json::from_slice(&file_of_run(folder, &manifest, SUMMARY)?)
        .map_err(|error| messages::file_damaged(path.display(), error))?;
    Ok(SavedRun {
        folder: folder.to_owned(),
        manifest,
        plan,
        summary,
    })
}

/// An export is not a run, although it has a manifest, too.
pub(crate) fn refuse_export(folder: &Path, manifest: &[u8]) -> Result<(), Problem> {
    if serde_json::from_slice::<ExportMark>(manifest).is_err() {
        return Ok(());
    }
    Err(messages::export_not_run(folder.display()).into())
}

/// Runs, exports and reconciliations are complete: nothing is added to them.
pub(crate) fn refuse_inside(path: &Path) -> Result<(), Problem> {
    let folder = folder_of(path).canonicalize();
    if !folder.is_ok_and(|folder| folder.ancestors().any(holds_manifest)) {
        return Ok(());
    }
    Err(messages::inside_run(path.display()).into())
}

/// True if a folder is a run, an export or a reconciliation.
fn holds_manifest(folder: &Path) -> bool {
    let bytes = read_file(&folder.join(MANIFEST)).unwrap_or_default();
    serde_json::from_slice::<Manifest>(&bytes).is_ok()
        || serde_json::from_slice::<ExportMark>(&bytes).is_ok()
        || serde_json::from_slice::<ReconciliationMark>(&bytes).is_ok()
}

/// Reads the manifest of a run or an export; `None` if there is none.
pub(crate) fn manifest_of(folder: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let path = folder.join(MANIFEST);
    match read_file(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Failure::reading(path.display(), error))
        }
        Err(_) => Ok(None),
    }
}

/// Reads a small file of a run, which must match the manifest.
fn file_of_run(folder: &Path, manifest: &Manifest, name: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let bytes = read_file(&path).map_err(|error| unreadable(&path, error))?;
    let digest = sha256(&bytes);
    if manifest.lists(name, &digest) {
        return Ok(bytes);
    }
    Err(messages::file_changed(path.display()).into())
}

/// The error for an unreadable file of a run, which may have been removed.
fn unreadable(path: &Path, error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return messages::file_removed(path.display()).into();
    }
    Failure::reading(path.display(), error).into()
}

/// The seal of a run: the SHA-256 of its manifest.
pub(crate) fn seal(folder: &Path) -> Result<String> {
    let path = folder.join(MANIFEST);
    let bytes = read_file(&path).map_err(|error| Failure::reading(path.display(), error))?;
    Ok(sha256(&bytes))
}

/// The folder that a run follows, among those that are named.
pub(crate) fn followed<'a>(run: &Path, named: &'a [PathBuf]) -> Option<&'a Path> {
    let manifest = read_file(&run.join(MANIFEST)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&manifest).ok()?;
    let follows = manifest.after?.seal;
    let is_it = |folder: &&PathBuf| seal(folder).is_ok_and(|seal| seal == follows);
    named.iter().find(is_it).map(PathBuf::as_path)
}

/// The claims files of a run that can be found by their names in the manifest.
pub(crate) fn claims_of(folder: &Path) -> Vec<PathBuf> {
    let manifest = read_file(&folder.join(MANIFEST)).unwrap_or_default();
    let manifest: Option<Manifest> = serde_json::from_slice(&manifest).ok();
    let inputs =
        manifest.and_then(|manifest| delivered(folder, &manifest, NamedFiles::default()).ok());
    let path = |input: Input| input.path().map(Path::to_owned);
    inputs.into_iter().flatten().filter_map(path).collect()
}

/// The claims files of a run: those named, or those of its manifest, looked up in the
/// current folder and next to the run; with the corrections that the run keeps.
pub(crate) fn inputs(
    folder: &Path,
    manifest: &Manifest,
    plan: &Plan,
    named: NamedFiles<'_>,
) -> Result<Vec<Input>> {
    let inputs = delivered(folder, manifest, named)?;
    let kept = manifest.outputs.iter().map(|file| file.name.as_str());
    let read = |name: &str| -> Result<(String, Vec<u8>)> {
        let shown = folder.join(name).display().to_string();
        Ok((shown, file_of_run(folder, manifest, name)?))
    };
    let kept: Result<Vec<_>> = kept.filter(|name| is_kept_name(name)).map(read).collect();
    let id = plan.columns.name(plan.claims.id);
    Ok(corrected(inputs, Corrections::read(kept?, id)?))
}

/// The inputs, of which the claims files are corrected.
pub(crate) fn corrected(inputs: Vec<Input>, corrections: Corrections) -> Vec<Input> {
    if corrections.files.is_empty() {
        return inputs;
    }
    let corrections = Arc::new(corrections);
    let correct = |input: Input| match input {
        Input::Trades(_) => input,
        file => Input::Corrected(Box::new(file), Arc::clone(&corrections)),
    };
    inputs.into_iter().map(correct).collect()
}

/// The files of a run as they were delivered.
fn delivered(folder: &Path, manifest: &Manifest, named: NamedFiles<'_>) -> Result<Vec<Input>> {
    let mut inputs = of_kind(folder, manifest, named.claims, false)?;
    let trades = of_kind(folder, manifest, named.trades, true)?;
    inputs.extend(trades.into_iter().map(|file| Input::Trades(Box::new(file))));
    Ok(inputs)
}

/// Has the plan of a run follow the reconciliation of its manifest: the one named, or the
/// one with its name in the current folder or next to the run. It is known by its seal.
pub(crate) fn follow(
    plan: &mut Plan,
    folder: &Path,
    manifest: &Manifest,
    named: Option<&Path>,
) -> Result<()> {
    let Some(after) = &manifest.after else {
        return plan.follow(named.map(prior_ledger::open).transpose()?);
    };
    let beside = folder_of(folder).join(&after.name);
    let places = match named {
        Some(named) => vec![named.to_owned()],
        None => vec![PathBuf::from(&after.name), beside],
    };
    let is_it = |place: &&PathBuf| seal(place).is_ok_and(|seal| seal == after.seal);
    let run = name_of(folder);
    let Some(found) = places.iter().find(is_it) else {
        return Err(match places.iter().find(|place| place.is_dir()) {
            Some(other) => messages::other_reconciliation(
                &run,
                &after.name,
                &after.seal,
                &other.display().to_string(),
            ),
            None => messages::reconciliation_not_found(&after.name, &run),
        }
        .into());
    };
    plan.follow(Some(prior_ledger::open(found)?))
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Files and folders that the user names, instead of those that a manifest lists.
#[derive(Debug, Clone, Copy, Default)]
pub struct NamedFiles<'a> {
    /// The claims files.
    pub claims: &'a [PathBuf],
    /// The trades files.
    pub trades: &'a [PathBuf],
    /// The reconciliation that the run follows.
    pub after: Option<&'a Path>,
}

impl<'a, const N: usize> From<&'a [PathBuf; N]> for NamedFiles<'a> {
    /// These claims files, and the trades files of the manifest.
    fn from(claims: &'a [PathBuf; N]) -> Self {
        Self {
            claims,
            ..Self::default()
        }
    }
}

/// The claims files of a run, or those of trades.
fn of_kind(
    folder: &Path,
    manifest: &Manifest,
    named: &[PathBuf],
    trades: bool,
) -> Result<Vec<Input>> {
    let sheet = manifest.options.sheet.as_deref();
    if !named.is_empty() {
        let input = |path: &PathBuf| Input::named(path, sheet);
        return Ok(named.iter().map(input).collect());
    }
    let parent = folder.parent().unwrap_or(Path::new(".")).to_owned();
    let mut inputs = Vec::new();
    for file in manifest.inputs.iter().filter(|file| file.trades == trades) {
        let mut places = called(Path::new(""), &file.name);
        places.extend(called(&parent, &file.name));
        // A file with the same name but another size is a different file. If names
        // differ only in bytes that the manifest could not represent, the content
        // decides.
        let is_it = |path: &PathBuf| {
            fs::metadata(path).is_ok_and(|facts| facts.len() == file.bytes)
                && (!was_altered(&file.name)
                    || digest::of_file(path, |_| {}).is_ok_and(|(_, it)| it == file.sha256))
        };
        let found = places
            .iter()
            .find(|path| path.is_file() && is_it(path))
            .or_else(|| places.iter().find(|path| path.is_file()))
            .filter(|_| file.name != "-")
            .cloned();
        let found = found.ok_or_else(|| {
            let name = if file.name == "-" {
                "standard input"
            } else {
                file.name.as_str()
            };
            if trades {
                messages::trades_not_found(name)
            } else {
                messages::claims_not_found(name)
            }
        })?;
        inputs.push(Input::named(&found, sheet));
    }
    Ok(inputs)
}

/// True if a name in a manifest represents bytes that are not UTF-8.
fn was_altered(name: &str) -> bool {
    name.contains(char::REPLACEMENT_CHARACTER)
}

/// The files of a folder that a name in a manifest may refer to.
fn called(folder: &Path, name: &str) -> Vec<PathBuf> {
    if !was_altered(name) {
        return vec![folder.join(name)];
    }
    let here = if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    };
    let entries = fs::read_dir(here).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let mut alike: Vec<_> = names
        .filter(|other| other.to_string_lossy() == name)
        .collect();
    alike.sort();
    alike.iter().map(|name| folder.join(name)).collect()
}

impl SavedRun {
    /// The claims files of the run: those named, or those of its manifest, looked up in
    /// the current folder and next to the run.
    pub(crate) fn inputs(&self, named: NamedFiles<'_>) -> Result<Vec<Input>> {
        inputs(&self.folder, &self.manifest, &self.plan, named)
    }

    /// The rows in one of the run's CSV files with this id, as cells with their column
    /// names.
    pub(crate) fn find_rows(&self, file: &str, id: &str) -> Result<Vec<Vec<(String, String)>>> {
        let path = self.folder.join(file);
        let broken = |error| unreadable(&path, error);
        open_file(&path).map_err(broken)?;
        let (mut reader, rest) = parallel_scan::begin(input::open_plain(Some(&path))?);
        let mut row = CsvRow::default();
        let Some(Ok(line)) = reader.next(&mut row).map_err(broken)? else {
            return Ok(Vec::new());
        };
        let header = reader.bytes(&line).to_vec();
        let name = |cell: &CellSpan| text_of(header.get(cell.bytes.clone()).unwrap_or_default());
        let names: Vec<String> = row.cells.iter().map(name).collect();
        let is_it = |fields: &RowFields<'_>| {
            let (cell, doubled) = fields.cell(0);
            let is_it = if doubled {
                text_of(cell) == id
            } else {
                cell == id.as_bytes()
            };
            let cells = || (0..fields.count()).map(|number| text_of(fields.cell(number).0));
            is_it.then(|| names.iter().cloned().zip(cells()).collect())
        };
        let mut found = Vec::new();
        let shown = path.display().to_string();
        parallel_scan::through(&shown, reader, &rest, &|_| {}, is_it, |_, row| {
            found.push(row);
        })?;
        let (_, digest) = rest.facts();
        if !self.manifest.lists(file, &digest) {
            return Err(Mismatch::from(messages::file_changed(path.display())).into());
        }
        Ok(found)
    }
}

/// A cell of a run as text, with doubled quotes made single.
fn text_of(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).replace("\"\"", "\"")
}
