//! Statements as files in a folder.
//!
//! The manifest has one digest for all of them and their index: the SHA-256 of a list with
//! a line for each file in the order of the paths, in the format of `sha256sum`.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::base::digest::{hex, sha256};
use crate::base::parallel::lock;
use crate::run::file_names::{STATEMENT_INDEX, STATEMENTS, STATEMENTS_LISTED};
use crate::run::hashing_writer::{HashingWriter, WrittenFile, broken};
use crate::run::sink::StatementSink;
use crate::run::statements::Statement;
use crate::run::statements::index::{IndexPart, StatementIndex};

/// The list of statements with its digest and totals.
#[derive(Debug, Default)]
pub(crate) struct StatementList {
    hasher: Sha256,
    files: u64,
    bytes: u64,
}

/// A part of the list.
#[derive(Debug, Default)]
pub(crate) struct StatementLines {
    text: String,
    files: u64,
    bytes: u64,
    /// The same part of the index.
    index: IndexPart,
}

impl StatementLines {
    pub(crate) fn add(&mut self, folder: &str, name: &str, content: &[u8]) {
        let bytes = u64::try_from(content.len()).unwrap_or(0);
        self.add_file(&format!("{folder}/{name}"), bytes, &sha256(content));
    }

    /// Adds a file in the folder of statements.
    fn add_file(&mut self, path: &str, bytes: u64, digest: &str) {
        self.text += &format!("{digest}  {STATEMENTS}/{path}\n");
        self.files += 1;
        self.bytes += bytes;
    }
}

impl StatementList {
    /// Adds the statements of the next folder.
    pub(crate) fn add(&mut self, lines: &StatementLines) {
        self.hasher.update(lines.text.as_bytes());
        self.files += lines.files;
        self.bytes += lines.bytes;
    }

    /// Adds the index, whose path comes after all others.
    pub(crate) fn add_index(&mut self, bytes: u64, digest: &str) {
        let mut lines = StatementLines::default();
        lines.add_file(STATEMENT_INDEX, bytes, digest);
        self.add(&lines);
    }

    /// The manifest entry of the folder.
    pub(crate) fn written(self) -> WrittenFile {
        WrittenFile {
            name: STATEMENTS_LISTED.to_owned(),
            bytes: self.bytes,
            lines: 0,
            sha256: hex(&self.hasher.finalize()),
            files: Some(self.files),
        }
    }
}

/// Statements that are being written.
#[derive(Debug)]
pub(crate) struct StatementFolder {
    folder: PathBuf,
    /// The final path, for messages.
    shown: PathBuf,
    list: Mutex<StatementList>,
    index: Mutex<StatementIndex>,
    index_file: Mutex<HashingWriter>,
}

impl StatementFolder {
    /// Creates the folder in the staging folder of a run.
    pub(crate) fn create(run: &Path, shown: &Path) -> Result<Self> {
        let (folder, shown) = (run.join(STATEMENTS), shown.join(STATEMENTS));
        make_folder(&folder).map_err(|error| broken(&shown, error))?;
        let path = shown.join(STATEMENT_INDEX);
        let file = create(&folder.join(STATEMENT_INDEX)).map_err(|error| broken(&path, error))?;
        Ok(Self {
            folder,
            shown,
            list: Mutex::default(),
            index: Mutex::default(),
            index_file: Mutex::new(HashingWriter::new(STATEMENT_INDEX, path, file)),
        })
    }
}

impl StatementSink for StatementFolder {
    type Part = StatementLines;

    fn part(
        &self,
        folder: &str,
        statements: &mut dyn Iterator<Item = Result<Statement>>,
    ) -> Result<StatementLines> {
        let (path, shown) = (self.folder.join(folder), self.shown.join(folder));
        let mut lines = StatementLines::default();
        for statement in statements {
            let statement = statement?;
            lines.index.push(folder, &statement);
            let Statement { name, text, .. } = statement;
            if lines.files == 0 {
                make_folder(&path).map_err(|error| broken(&shown, error))?;
            }
            write(&path.join(&name), text.as_bytes())
                .map_err(|error| broken(&shown.join(&name), error))?;
            lines.add(folder, &name, text.as_bytes());
        }
        Ok(lines)
    }

    fn add(&self, lines: StatementLines) -> Result<()> {
        lock(&self.list).add(&lines);
        lock(&self.index).add(lines.index);
        Ok(())
    }

    fn finish(self, header: &str) -> Result<WrittenFile> {
        let mut list = self
            .list
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let index = self.index.into_inner();
        let index = index.unwrap_or_else(PoisonError::into_inner);
        let file = self.index_file.into_inner();
        let mut file = file.unwrap_or_else(PoisonError::into_inner);
        file.write(header.as_bytes(), 1)?;
        for line in index.lines() {
            file.write(line.as_bytes(), 1)?;
        }
        let index = file.finish()?;
        list.add_index(index.bytes, &index.sha256);
        // Flushing each file separately would take far longer than writing it.
        flush(&self.folder).map_err(|error| broken(&self.shown, error))?;
        Ok(list.written())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    create(path)?.write_all(content)
}

/// Flushes the file system of a folder to disk.
fn flush(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    Ok(())
}
