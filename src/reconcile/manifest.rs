//! manifest.json of a reconciliation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claims::ClaimsFile;
use crate::reconcile::chain::Chain;
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::{ManifestProgram, SealedFolder};

/// The word that tells a reconciliation from other folders.
pub(crate) const KIND: &str = "reconciliation";

/// The facts of a reconciliation: its inputs by name and digest, the chain, its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReconciliationManifest {
    pub program: ManifestProgram,
    pub kind: String,
    pub settlement: String,
    pub currency: String,
    pub run: SealedFolder,
    /// The reconciliation before.
    pub after: Option<SealedFolder>,
    /// The exports that were reconciled here first.
    pub exports: Vec<SealedFolder>,
    /// The last day of the facts.
    pub on: String,
    /// The files of outcomes.
    pub outcomes: Vec<ClaimsFile>,
    /// The number of distributions so far.
    pub round: u64,
    pub files: BTreeMap<String, FileFacts>,
    pub chain: Chain,
}

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub bytes: u64,
    /// The SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Files as the manifest lists them.
pub(crate) fn listed(files: Vec<WrittenFile>) -> BTreeMap<String, FileFacts> {
    let facts = |file: WrittenFile| {
        let facts = FileFacts {
            bytes: file.bytes,
            sha256: file.sha256,
        };
        (file.name, facts)
    };
    files.into_iter().map(facts).collect()
}
