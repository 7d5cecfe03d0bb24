//! Compares every figure of the summary and the manifest with the recomputed one.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::audit::check::differences::CheckFindings;
use crate::base::regular_file::read_file;
use crate::claims::ClaimsFile;
use crate::claims::control_totals::EXPECT;
use crate::run::file_names::{ARCHIVE, MANIFEST, REPORT, STATEMENTS_LISTED, WORKBOOK};
use crate::run::folder::FILES;
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::summary::Summary;

/// The expected reports for people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpectedTexts<'a> {
    /// The content of summary.txt.
    pub text: &'a str,
    /// The content of report.html.
    pub html: &'a str,
}

/// Compares summary.json, summary.txt and report.html. Returns the number of figures
/// compared in summary.json.
pub(crate) fn compare_summary(
    run: &Path,
    expected: &Summary,
    words: ExpectedTexts<'_>,
    findings: &mut CheckFindings,
) -> Result<usize> {
    let value = serde_json::to_value(expected)?;
    let expected_text = crate::run::json(expected)?;
    if let Ok(found) = read_file(&run.join("summary.json")) {
        let before = findings.count();
        let same = found == expected_text.as_bytes();
        match serde_json::from_slice::<Value>(&found) {
            Ok(found) if !same => compare("summary.json", "", &value, &found, findings)?,
            Ok(_) => {}
            Err(error) => {
                findings.note("summary.json", "", "JSON", &error.to_string())?;
            }
        }
        // The order of the keys may differ if summary.json was not printed by this
        // program.
        if !same && findings.count() == before {
            let found = String::from_utf8_lossy(&found).into_owned();
            compare_lines("summary.json", &expected_text, &found, findings)?;
        }
    }
    for (name, expected) in [("summary.txt", words.text), (REPORT, words.html)] {
        if let Ok(found) = read_file(&run.join(name)) {
            let found = String::from_utf8_lossy(&found).into_owned();
            compare_lines(name, expected, &found, findings)?;
        }
    }
    Ok(leaves(&value))
}

/// Compares the manifest with the expected one.
pub(crate) fn compare_manifest(
    run: &Path,
    manifest: &Manifest,
    inputs: &[ClaimsFile],
    present: &[WrittenFile],
    findings: &mut CheckFindings,
) -> Result<()> {
    let (version, known) = (&manifest.program.version, env!("CARGO_PKG_VERSION"));
    if version != known {
        let known = format!("{known}: check a run with the version that made it");
        findings.note(MANIFEST, "program.version", &known, version)?;
        return Ok(());
    }
    // A run has every file; missing files were reported before.
    for name in FILES
        .iter()
        .filter(|name| ![MANIFEST, EXPECT, STATEMENTS_LISTED, ARCHIVE, WORKBOOK].contains(name))
    {
        if manifest.output(name).is_none() {
            findings.missing(name)?;
        }
    }
    // Differences in sizes and digests were reported with the files.
    let mut present = present.to_vec();
    present.extend(missing(manifest, &present));
    for file in &mut present {
        if let Some(recorded) = manifest.output(&file.name) {
            file.files = recorded.files;
            file.bytes = recorded.bytes;
            file.sha256.clone_from(&recorded.sha256);
        }
    }
    let place = |file: &WrittenFile| FILES.iter().position(|name| *name == file.name);
    present.sort_by_key(place);
    present.dedup_by(|a, b| a.name == b.name);
    let expected = Manifest::new(manifest.options.clone(), inputs, &present);
    let expected = crate::run::json(&expected)?;
    let found = fs::read_to_string(run.join(MANIFEST)).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    let before = findings.count();
    let (expected_value, found_value) = (
        serde_json::from_str(&expected)?,
        serde_json::from_str(&found)?,
    );
    compare(MANIFEST, "", &expected_value, &found_value, findings)?;
    if findings.count() == before {
        compare_lines(MANIFEST, &expected, &found, findings)?;
    }
    Ok(())
}

/// The files that a run has and the manifest lists, but that are missing.
fn missing(manifest: &Manifest, present: &[WrittenFile]) -> Vec<WrittenFile> {
    let is_there = |name: &str| present.iter().any(|file| file.name == name);
    let listed = manifest.outputs.iter();
    let missing =
        listed.filter(|file| FILES.contains(&file.name.as_str()) && !is_there(&file.name));
    let written = missing.map(|file| WrittenFile {
        name: file.name.clone(),
        bytes: file.bytes,
        lines: 0,
        sha256: file.sha256.clone(),
        files: file.files,
    });
    written.collect()
}

fn compare(
    file: &str,
    path: &str,
    expected: &Value,
    found: &Value,
    findings: &mut CheckFindings,
) -> Result<()> {
    let within = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                let other = found.get(key);
                compare_or_missing(file, &within(key), Some(value), other, findings)?;
            }
            for (key, value) in found.iter().filter(|(key, _)| !expected.contains_key(*key)) {
                compare_or_missing(file, &within(key), None, Some(value), findings)?;
            }
            Ok(())
        }
        (Value::Array(expected), Value::Array(found)) => {
            for number in 0..expected.len().max(found.len()) {
                let path = format!("{path}[{number}]");
                compare_or_missing(
                    file,
                    &path,
                    expected.get(number),
                    found.get(number),
                    findings,
                )?;
            }
            Ok(())
        }
        _ if expected == found => Ok(()),
        // Quotes distinguish a text from a number that looks the same.
        _ if shown(expected) == shown(found) => {
            findings.note(file, path, &expected.to_string(), &found.to_string())
        }
        _ => findings.note(file, path, &shown(expected), &shown(found)),
    }
}

fn compare_or_missing(
    file: &str,
    path: &str,
    expected: Option<&Value>,
    found: Option<&Value>,
    findings: &mut CheckFindings,
) -> Result<()> {
    match (expected, found) {
        (Some(expected), Some(found)) => compare(file, path, expected, found, findings),
        (Some(expected), None) => findings.note(file, path, &shown(expected), "nothing"),
        (None, Some(found)) => findings.note(file, path, "nothing", &shown(found)),
        (None, None) => Ok(()),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Reports the first line that differs.
fn compare_lines(
    file: &str,
    expected: &str,
    found: &str,
    findings: &mut CheckFindings,
) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let (mut ours, mut theirs) = (expected.split('\n'), found.split('\n'));
    let mut number = 1;
    loop {
        let (ours, theirs) = (ours.next(), theirs.next());
        if ours != theirs || ours.is_none() {
            let (ours, theirs) = (
                ours.unwrap_or("no such line"),
                theirs.unwrap_or("no such line"),
            );
            let what = format!("line {number}");
            return findings.note(file, &what, ours, theirs);
        }
        number += 1;
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(table) => table.values().map(leaves).sum(),
        Value::Array(list) => list.iter().map(leaves).sum(),
        _ => 1,
    }
}
