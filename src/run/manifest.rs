//! manifest.json: the inputs and outputs of a run, with digests.

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsFile;
use crate::run::hashing_writer::WrittenFile;

/// The manifest of a run: its program, inputs, options and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "the facts of a run")]
pub struct Manifest {
    pub program: ManifestProgram,
    pub inputs: Vec<ClaimsFile>,
    /// The reconciliation that the run follows, if its plan divides what one left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<SealedFolder>,
    /// The options that affect the result.
    pub options: ManifestOptions,
    pub outputs: Vec<WrittenFile>,
}

impl Manifest {
    /// The file of the run that has this name.
    pub(crate) fn output(&self, name: &str) -> Option<&WrittenFile> {
        self.outputs.iter().find(|file| file.name == name)
    }

    /// True if the run has a file of this name with this digest.
    pub(crate) fn lists(&self, name: &str, sha256: &str) -> bool {
        let mut outputs = self.outputs.iter();
        outputs.any(|file| file.name == name && file.sha256 == sha256)
    }
}

/// A sealed folder from which a run was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFolder {
    /// The name without path.
    pub name: String,
    /// The SHA-256 of its manifest.
    pub seal: String,
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
pub struct ManifestOptions {
    /// `built-in NAME`, or the name of the plan's file.
    pub plan: String,
    /// The sheet requested from a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}
