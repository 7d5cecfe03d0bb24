//! The sink that writes nothing: it compares a computed run with the folder that is
//! there, artefact by artefact, in bounded memory.
//!
//! Files that are missing from the folder were reported when it was compared with its
//! manifest, so they are not reported again.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::rows::{FoundFiles, RowComparer};
use crate::audit::check::statements::StatementComparer;
use crate::audit::check::{files, json, lines};
use crate::base::diagnostics::{Bug, Failure, Problem, first_line};
use crate::base::digest::hex;
use crate::base::money::Currency;
use crate::base::parallel::lock;
use crate::base::regular_file::read_file;
use crate::claims::ClaimsFile;
use crate::claims::control_totals::EXPECT;
use crate::run;
use crate::run::Stage;
use crate::run::file_names::{MANIFEST, STATEMENTS_LISTED};
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::rows::OutputColumn;
use crate::run::sink::{ArchiveKind, Document, DocumentKind, RunSink};

/// Compares a run with the one in a folder.
#[derive(Debug)]
pub(crate) struct ComparingSink<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
    /// The files of the manifest as found in the folder.
    present: &'a [WrittenFile],
    currency: Currency,
    findings: &'a CheckFindings,
    /// True if the seal of the run is the one recorded at approval.
    sealed: bool,
    /// The sums of the CSV files as found.
    files: Mutex<FoundFiles>,
    /// Files that are not compared, because another version made the run.
    by_digest_alone: Mutex<Vec<String>>,
}

impl<'a> ComparingSink<'a> {
    /// Compares with a folder, its manifest, and the files of the manifest as found.
    pub(crate) fn new(
        (folder, manifest, present): (&'a Path, &'a Manifest, &'a [WrittenFile]),
        sealed: bool,
        currency: Currency,
        findings: &'a CheckFindings,
    ) -> Self {
        Self {
            folder,
            manifest,
            present,
            currency,
            findings,
            sealed,
            files: Mutex::default(),
            by_digest_alone: Mutex::default(),
        }
    }

    /// The sums of the CSV files as found, and the files that were not compared.
    pub(super) fn into_found(self) -> (FoundFiles, Vec<String>) {
        let files = self.files.into_inner();
        let others = self.by_digest_alone.into_inner();
        (
            files.unwrap_or_else(PoisonError::into_inner),
            others.unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// True if another version of the program made the run. Its words may be others, so
    /// files for readers are not compared; rows and figures are.
    fn by_other_version(&self) -> bool {
        self.manifest.program.version != env!("CARGO_PKG_VERSION")
    }

    fn leave(&self, name: &str) {
        lock(&self.by_digest_alone).push(name.to_owned());
    }
}

impl RunSink for ComparingSink<'_> {
    type Rows<'s>
        = RowComparer<'s>
    where
        Self: 's;
    type Statements<'s>
        = StatementComparer<'s>
    where
        Self: 's;

    fn stage(&self, writing: Stage) -> Stage {
        match writing {
            Stage::Writing => Stage::Comparing,
            Stage::Statements => Stage::ComparingStatements,
            Stage::Workbook => Stage::ComparingWorkbook,
            other => other,
        }
    }

    fn inputs(&self, claims: &mut [ClaimsFile]) -> Result<()> {
        files::verify_inputs(self.manifest, claims, self.findings)
    }

    fn control_totals_missed(&self, _: Problem) -> Result<()> {
        let (expected, found) = (
            "control totals that match",
            "control totals that do not match",
        );
        self.findings.note(EXPECT, "", expected, found)
    }

    fn rows(&self, name: &'static str, columns: &[OutputColumn]) -> Result<RowComparer<'_>> {
        let decimals = self.currency.decimals();
        let (findings, files) = (self.findings, &self.files);
        Ok(RowComparer::new(
            (self.folder, name),
            columns,
            decimals,
            findings,
            files,
        ))
    }

    fn folder(&self) -> &Path {
        self.folder
    }

    fn documents(&self, documents: &[Document<'_>]) -> Result<Vec<WrittenFile>> {
        for Document { name, kind, text } in documents {
            let Ok(found) = read_file(&self.folder.join(name)) else {
                continue;
            };
            match (kind, self.by_other_version()) {
                (DocumentKind::Copy, _) | (DocumentKind::Page, false) => {
                    lines::compare_first(name, text, &found, self.findings)?;
                }
                (DocumentKind::Json, false) => json::compare(name, text, &found, self.findings)?,
                (DocumentKind::Page, true) => self.leave(name),
                (DocumentKind::Json, true) => {
                    json::compare_shared(name, text, &found, self.findings)?;
                }
            }
        }
        let names = documents
            .iter()
            .map(|document| WrittenFile::named(document.name));
        Ok(names.collect())
    }

    fn archive(
        &self,
        name: &'static str,
        kind: ArchiveKind,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<WrittenFile> {
        let found = self.present.iter().find(|file| file.name == name);
        let of_rows = kind == ArchiveKind::Workbook;
        if self.by_other_version() {
            self.leave(name);
            return Ok(WrittenFile::named(name));
        }
        let Some(found) = found.filter(|_| !of_rows || !lock(&self.files).any_missing()) else {
            return Ok(WrittenFile::named(name));
        };
        let mut digest = DigestSink::default();
        match write(&mut digest) {
            Ok(()) => {
                let expected = hex(&digest.0.finalize());
                if expected != found.sha256 {
                    let noun = match kind {
                        ArchiveKind::Zip => "archive",
                        ArchiveKind::Page => "page",
                        ArchiveKind::Workbook => "workbook",
                    };
                    let what = format!("SHA-256 of the regenerated {noun}");
                    self.findings.note(name, &what, &expected, &found.sha256)?;
                }
            }
            Err(error) if !of_rows || error.is::<Failure>() => return Err(error),
            Err(error) => {
                // The rows in the folder do not match the summary.
                let text = match error.downcast_ref::<Bug>() {
                    Some(bug) => first_line(&bug.message),
                    None => first_line(&error),
                };
                self.findings
                    .note(name, "", "the rows that summary.json counts", &text)?;
            }
        }
        Ok(WrittenFile::named(name))
    }

    fn statements(&self) -> Result<StatementComparer<'_>> {
        if self.by_other_version() {
            self.leave(STATEMENTS_LISTED);
        }
        StatementComparer::new(self.folder, self.findings, self.by_other_version())
    }

    fn manifest(&self, mut expected: Manifest) -> Result<WrittenFile> {
        if self.by_other_version() {
            let known = env!("CARGO_PKG_VERSION");
            if !self.sealed {
                let expected = format!(
                    "{known}, or `--seal` with the seal recorded at approval: files that print the version or its words are not regenerated"
                );
                let version = &self.manifest.program.version;
                self.findings
                    .note(MANIFEST, "program.version", &expected, version)?;
            }
            return Ok(WrittenFile::named(MANIFEST));
        }
        expected.options.clone_from(&self.manifest.options);
        // Differences in sizes and digests were reported with the files.
        let mut outputs = Vec::new();
        for file in &expected.outputs {
            match self.manifest.output(&file.name) {
                Some(recorded) => outputs.push(recorded.clone()),
                None => self.findings.missing(&file.name)?,
            }
        }
        expected.outputs = outputs;
        let expected = run::json(&expected)?;
        let found = read_file(&self.folder.join(MANIFEST)).unwrap_or_default();
        json::compare(MANIFEST, &expected, &found, self.findings)?;
        Ok(WrittenFile::named(MANIFEST))
    }
}

/// Hashes bytes and discards them.
#[derive(Debug, Default)]
struct DigestSink(Sha256);

impl Write for DigestSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
