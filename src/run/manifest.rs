//! manifest.json: what went into a run and what came out, with digests.

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsFile;
use crate::run::hashing_writer::WrittenFile;

/// What a run says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl RecordedManifest {
    /// The manifest of a run with these options whose other files are written.
    pub(crate) fn new(
        options: RecordedOptions,
        inputs: &[ClaimsFile],
        outputs: &[WrittenFile],
    ) -> Self {
        let input = |file: &ClaimsFile| RecordedInput {
            name: file.name.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            rows: file.rows,
        };
        let output = |file: &WrittenFile| RecordedOutput {
            name: file.name.clone(),
            files: file.files,
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        };
        Self {
            program: RecordedProgram::this(),
            inputs: inputs.iter().map(input).collect(),
            options,
            outputs: outputs.iter().map(output).collect(),
        }
    }

    /// The file of the run that has this name.
    pub(crate) fn output(&self, name: &str) -> Option<&RecordedOutput> {
        self.outputs.iter().find(|file| file.name == name)
    }

    /// Whether the run has a file of this name with this digest.
    pub(crate) fn lists(&self, name: &str, sha256: &str) -> bool {
        let mut outputs = self.outputs.iter();
        outputs.any(|file| file.name == name && file.sha256 == sha256)
    }
}

/// The program that made a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedProgram {
    pub name: String,
    pub version: String,
}

impl RecordedProgram {
    /// This program.
    pub(crate) fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// A claims file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedOptions {
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The sheet of a workbook that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// A file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedOutput {
    /// Its name in the folder.
    pub name: String,
    /// For a folder of files, how many there are; the rest is of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}
