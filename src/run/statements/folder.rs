//! Statements as files in a folder.
//!
//! The manifest holds one digest for all of them: the SHA-256 of a list with a
//! line for each, as `sha256sum` prints it, in the order of the paths.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::{Maker, Statement};
use crate::claims::source::hex;
use crate::diagnostic::Breakdown;
use crate::run::folder::Written;
use crate::run::rows::Tally;

/// The name of the folder.
pub const FOLDER: &str = "statements";

/// The name of the folder in the manifest.
pub const LISTED: &str = "statements/";

/// The list of statements, and what it comes to.
#[derive(Debug, Default)]
pub struct List {
    hasher: Sha256,
    files: u64,
    bytes: u64,
}

/// A part of the list.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    files: u64,
    bytes: u64,
}

impl Lines {
    /// Adds a statement.
    pub fn add(&mut self, folder: &str, name: &str, content: &[u8]) {
        let digest = hex(&Sha256::digest(content));
        self.text += &format!("{digest}  {FOLDER}/{folder}/{name}\n");
        self.files += 1;
        self.bytes += u64::try_from(content.len()).unwrap_or(0);
    }
}

impl List {
    /// Adds the statements of the next folder.
    pub fn add(&mut self, lines: &Lines) {
        self.hasher.update(lines.text.as_bytes());
        self.files += lines.files;
        self.bytes += lines.bytes;
    }

    /// The folder, as the manifest names it.
    pub fn written(self) -> Written {
        Written {
            name: LISTED.to_owned(),
            bytes: self.bytes,
            lines: 0,
            sha256: hex(&self.hasher.finalize()),
            files: Some(self.files),
        }
    }
}

/// Writes the folder into the folder of a run in the making. In messages the
/// run has the name that it will have.
pub fn write_folder(
    maker: Maker<'_>,
    tally: &Tally,
    progress: &(dyn Fn(u64) + Sync),
    run: &Path,
    shown: &Path,
) -> Result<Written> {
    let (root, shown) = (run.join(FOLDER), shown.join(FOLDER));
    let broken =
        |path: &Path, error| Breakdown::new(format!("cannot write {}", path.display()), error);
    let make = |folder: &Path| DirBuilder::new().mode(0o700).create(folder);
    make(&root).map_err(|error| broken(&shown, error))?;
    let mut list = List::default();
    maker.each_folder(
        tally,
        progress,
        |folder, statements| {
            let path = root.join(folder);
            let mut lines = Lines::default();
            for statement in statements {
                let Statement { name, text } = statement?;
                if lines.files == 0 {
                    make(&path).map_err(|error| broken(&shown.join(folder), error))?;
                }
                write(&path.join(&name), text.as_bytes())
                    .map_err(|error| broken(&shown.join(folder).join(&name), error))?;
                lines.add(folder, &name, text.as_bytes());
            }
            Ok(lines)
        },
        |lines| {
            list.add(&lines);
            Ok(())
        },
    )?;
    // One by one, flushing them would take far longer than writing them.
    flush(&root).map_err(|error| broken(&shown, error))?;
    Ok(list.written())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file?.write_all(content)
}

/// Flushes the file system of a folder to the disk.
fn flush(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    Ok(())
}

/// Whether a folder holds nothing but what could be statements.
pub fn is_folder_of_statements(root: &Path) -> bool {
    let is_prefix = |name: &str| name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit());
    names(root).is_ok_and(|folders| {
        folders.iter().all(|folder| {
            is_prefix(folder)
                && names(&root.join(folder)).is_ok_and(|files| {
                    files
                        .iter()
                        .all(|file| Path::new(file).extension().is_some_and(|end| end == "txt"))
                })
        })
    })
}

/// The names in a folder, in order; none where it is not there.
pub fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let broken = |error| Breakdown::new(format!("cannot look into {}", folder.display()), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(broken)?,
    };
    let name = |entry: io::Result<fs::DirEntry>| {
        let name = entry.map_err(broken)?.file_name();
        Ok(name.to_string_lossy().into_owned())
    };
    entries.map(name).collect()
}
