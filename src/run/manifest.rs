//! manifest.json: the inputs and outputs of a run, with digests.

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsFile;
use crate::run::hashing_writer::WrittenFile;

/// The manifest of a run: its program, inputs, options and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub program: ManifestProgram,
    pub inputs: Vec<ManifestInput>,
    /// The options that affect the result.
    pub options: ManifestOptions,
    pub outputs: Vec<ManifestOutput>,
}

impl Manifest {
    /// The manifest of a run whose other files are already written.
    pub(crate) fn new(
        options: ManifestOptions,
        inputs: &[ClaimsFile],
        outputs: &[WrittenFile],
    ) -> Self {
        let input = |file: &ClaimsFile| ManifestInput {
            name: file.name.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            rows: file.rows,
        };
        let output = |file: &WrittenFile| ManifestOutput {
            name: file.name.clone(),
            files: file.files,
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        };
        Self {
            program: ManifestProgram::this(),
            inputs: inputs.iter().map(input).collect(),
            options,
            outputs: outputs.iter().map(output).collect(),
        }
    }

    /// The file of the run that has this name.
    pub(crate) fn output(&self, name: &str) -> Option<&ManifestOutput> {
        self.outputs.iter().find(|file| file.name == name)
    }

    /// True if the run has a file of this name with this digest.
    pub(crate) fn lists(&self, name: &str, sha256: &str) -> bool {
        let mut outputs = self.outputs.iter();
        outputs.any(|file| file.name == name && file.sha256 == sha256)
    }
}

/// The program that wrote a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestProgram {
    pub name: String,
    pub version: String,
}

impl ManifestProgram {
    /// This program.
    pub(crate) fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestInput {
    /// The name without folders, or `-`.
    pub name: String,
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
    /// The number of data rows.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestOptions {
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The sheet requested from a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestOutput {
    /// The name in the folder.
    pub name: String,
    /// The number of files, for a folder; the other fields then describe all files
    /// together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
}
