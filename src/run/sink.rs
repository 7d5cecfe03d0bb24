//! The interface between a run and its destination: a folder that is written, or a
//! folder that is there and compared.
//!
//! A run hands over each artefact by its kind and in the order of the manifest. A sink
//! knows the kinds and not the artefacts, so a further artefact is checked as soon as
//! it is written.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::base::diagnostics::Problem;
use crate::claims::ClaimsFile;
use crate::run::Stage;
use crate::run::hashing_writer::WrittenFile;
use crate::run::manifest::Manifest;
use crate::run::rows::{OutputColumn, RowSink};
use crate::run::statements::Statement;

/// Receives the artefacts of a run.
pub(crate) trait RunSink: Sync {
    type Rows<'s>: RowSink
    where
        Self: 's;
    type Statements<'s>: StatementSink
    where
        Self: 's;

    /// The name of a stage; a sink need not write.
    fn stage(&self, writing: Stage) -> Stage {
        writing
    }

    /// The claims files as read. A run that is there may have other names for them.
    fn inputs(&self, _files: &mut [ClaimsFile]) -> Result<()> {
        Ok(())
    }

    /// The run does not match its control totals.
    fn control_totals_missed(&self, problem: Problem) -> Result<()> {
        Err(problem.into())
    }

    /// A CSV file with these columns.
    fn rows(&self, name: &'static str, columns: &[OutputColumn]) -> Result<Self::Rows<'_>>;

    /// The folder of the CSV files, once they are finished.
    fn folder(&self) -> &Path;

    /// Files that fit into memory.
    fn documents(&self, documents: &[Document<'_>]) -> Result<Vec<WrittenFile>>;

    /// An archive, written as a stream.
    fn archive(
        &self,
        name: &'static str,
        kind: ArchiveKind,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<WrittenFile>;

    /// The folder with a text for every paid claimant.
    fn statements(&self) -> Result<Self::Statements<'_>>;

    /// The list of everything before. Its SHA-256 is the seal of the run.
    fn manifest(&self, manifest: Manifest) -> Result<WrittenFile>;
}

/// A file that fits into memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    pub name: &'a str,
    pub kind: DocumentKind,
    pub text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    /// Words and figures for people; another version may use other words.
    Page,
    /// An input, kept as it was given.
    Copy,
    /// Read by programs, figure by figure.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArchiveKind {
    /// Made from the claims.
    Zip,
    /// A page with all statements, made from the claims.
    Page,
    /// Made from the CSV files in the folder.
    Workbook,
}

/// Receives the statements of the paid claimants, in folders by the digest of the id.
pub(crate) trait StatementSink: Sync {
    /// The result of one folder.
    type Part: Send;

    /// Takes the statements of a folder in the order of their names. Several threads
    /// take one folder each.
    fn part(
        &self,
        folder: &str,
        statements: &mut dyn Iterator<Item = Result<Statement>>,
    ) -> Result<Self::Part>;

    /// Adds the folders up, in their order.
    fn add(&self, part: Self::Part) -> Result<()>;

    /// Everything was handed over; the index has this header.
    fn finish(self, header: &str) -> Result<WrittenFile>;
}
