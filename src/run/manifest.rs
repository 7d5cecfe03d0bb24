//! manifest.json: what went into a run and what came out, with digests.

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsFile;
use crate::run::hashing_writer::WrittenFile;

/// What the file holds.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest<'a> {
    program: ManifestProgram<'a>,
    inputs: Vec<ManifestInput<'a>>,
    options: ManifestOptions<'a>,
    outputs: Vec<ManifestOutput<'a>>,
}

#[derive(Debug, Serialize)]
struct ManifestProgram<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Debug, Serialize)]
struct ManifestInput<'a> {
    name: &'a str,
    bytes: u64,
    sha256: &'a str,
    rows: u64,
}

/// The options that bear on the result.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ManifestOptions<'a> {
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: &'a str,
    /// The sheet of a workbook that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ManifestOutput<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<u64>,
    bytes: u64,
    sha256: &'a str,
}

impl<'a> Manifest<'a> {
    /// The manifest of a run with these options whose other files are written.
    pub(crate) fn new(
        options: ManifestOptions<'a>,
        inputs: &'a [ClaimsFile],
        outputs: &'a [WrittenFile],
    ) -> Self {
        let input = |file: &'a ClaimsFile| ManifestInput {
            name: &file.name,
            bytes: file.bytes,
            sha256: &file.sha256,
            rows: file.rows,
        };
        let output = |file: &'a WrittenFile| ManifestOutput {
            name: &file.name,
            files: file.files,
            bytes: file.bytes,
            sha256: &file.sha256,
        };
        Self {
            program: ManifestProgram {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            inputs: inputs.iter().map(input).collect(),
            options,
            outputs: outputs.iter().map(output).collect(),
        }
    }

    /// The file as text.
    pub(crate) fn text(&self) -> serde_json::Result<String> {
        crate::run::json(self)
    }
}

/// What a run says of itself, read back.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedManifest {
    /// The program that made it.
    pub program: RecordedProgram,
    /// The claims files.
    pub inputs: Vec<RecordedInput>,
    /// The options that bear on the result.
    pub options: RecordedOptions,
    /// The files of the run.
    pub outputs: Vec<RecordedOutput>,
}

/// The program that made a run.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedProgram {
    pub name: String,
    pub version: String,
}

/// A claims file of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedInput {
    /// Its name without folders, or `-`.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its data rows.
    pub rows: u64,
}

/// The options of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedOptions {
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The sheet of a workbook that was asked for.
    #[serde(default)]
    pub sheet: Option<String>,
}

/// A file of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct RecordedOutput {
    /// Its name in the folder.
    pub name: String,
    /// For a folder of files, how many there are; the rest is of all of them.
    #[serde(default)]
    pub files: Option<u64>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}
