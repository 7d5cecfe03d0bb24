//! Statements as files in a folder.
//!
//! The manifest has one digest for all of them: the SHA-256 of a list with a line for
//! each file in the order of the paths, in the format of `sha256sum`.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::mem;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::base::digest::{hex, sha256};
use crate::base::parallel::lock;
use crate::run::file_names::{STATEMENTS, STATEMENTS_LISTED};
use crate::run::hashing_writer::{WrittenFile, broken};
use crate::run::sink::StatementSink;
use crate::run::statements::Statement;

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
}

impl StatementLines {
    pub(crate) fn add(&mut self, folder: &str, name: &str, content: &[u8]) {
        let digest = sha256(content);
        self.text += &format!("{digest}  {STATEMENTS}/{folder}/{name}\n");
        self.files += 1;
        self.bytes += u64::try_from(content.len()).unwrap_or(0);
    }
}

impl StatementList {
    /// Adds the statements of the next folder.
    pub(crate) fn add(&mut self, lines: &StatementLines) {
        self.hasher.update(lines.text.as_bytes());
        self.files += lines.files;
        self.bytes += lines.bytes;
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
}

impl StatementFolder {
    /// Creates the folder in the staging folder of a run.
    pub(crate) fn create(run: &Path, shown: &Path) -> Result<Self> {
        let (folder, shown) = (run.join(STATEMENTS), shown.join(STATEMENTS));
        make_folder(&folder).map_err(|error| broken(&shown, error))?;
        Ok(Self {
            folder,
            shown,
            list: Mutex::default(),
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
            let Statement { name, text } = statement?;
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
        Ok(())
    }

    fn finish(self) -> Result<WrittenFile> {
        // Flushing each file separately would take far longer than writing it.
        flush(&self.folder).map_err(|error| broken(&self.shown, error))?;
        Ok(mem::take(&mut *lock(&self.list)).written())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file?.write_all(content)
}

/// Flushes the file system of a folder to disk.
fn flush(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    Ok(())
}
