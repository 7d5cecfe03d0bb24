//! Statements as files in a folder.
//!
//! The manifest holds one digest for all of them: the SHA-256 of a list with a
//! line for each, as `sha256sum` prints it, in the order of the paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::base::diagnostics::Failure;
use crate::base::regular_file::what_instead;
use crate::claims::input::hex;
use crate::run::hashing_writer::WrittenFile;
use crate::run::rows::RowTally;
use crate::run::statements::{Statement, StatementMaker};

/// The name of the folder.
pub(crate) const FOLDER: &str = "statements";

/// The name of the folder in the manifest.
pub(crate) const LISTED: &str = "statements/";

/// The list of statements, and what it comes to.
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
    /// Adds a statement.
    pub(crate) fn add(&mut self, folder: &str, name: &str, content: &[u8]) {
        let digest = hex(&Sha256::digest(content));
        self.text += &format!("{digest}  {FOLDER}/{folder}/{name}\n");
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

    /// The folder, as the manifest names it.
    pub(crate) fn written(self) -> WrittenFile {
        WrittenFile {
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
pub(crate) fn write_folder(
    maker: StatementMaker<'_>,
    tally: &RowTally,
    progress: &(dyn Fn(u64) + Sync),
    run: &Path,
    shown: &Path,
) -> Result<WrittenFile> {
    let (root, shown) = (run.join(FOLDER), shown.join(FOLDER));
    let broken =
        |path: &Path, error| Failure::new(format!("cannot write {}", path.display()), error);
    let make = |folder: &Path| DirBuilder::new().mode(0o700).create(folder);
    make(&root).map_err(|error| broken(&shown, error))?;
    let mut list = StatementList::default();
    maker.each_folder(
        tally,
        progress,
        |folder, statements| {
            let path = root.join(folder);
            let mut lines = StatementLines::default();
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

/// Whether a folder is one of statements and holds nothing else; then how many
/// files there are.
pub(crate) fn count_statements(run: &Path) -> Option<u64> {
    let look = look(run).ok()?;
    let files = look.folders.values().flatten();
    let are_texts = files
        .clone()
        .all(|file| Path::new(file).extension().is_some_and(|end| end == "txt"));
    let number = u64::try_from(files.count()).ok();
    number.filter(|_| look.strange.is_empty() && are_texts)
}

/// What lies in the folder of statements of a run.
#[derive(Debug, Default)]
pub(crate) struct StatementFolderScan {
    /// Folder by folder, the names of its files, in order.
    pub folders: BTreeMap<String, BTreeSet<String>>,
    /// Paths of what cannot be part of it, and what they are.
    pub strange: Vec<(String, &'static str)>,
}

/// Looks into the folder of statements of a run. Nothing is opened but folders
/// with the names that folders of statements have.
pub(crate) fn look(run: &Path) -> Result<StatementFolderScan> {
    let mut look = StatementFolderScan::default();
    let Some(names) = look.names(run, FOLDER)? else {
        return Ok(look);
    };
    for name in names {
        let path = format!("{FOLDER}/{name}");
        let is_prefix = name.len() == 2
            && name
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_prefix {
            look.strange.push((path, "something else"));
            continue;
        }
        let Some(files) = look.names(run, &path)? else {
            continue;
        };
        let mut plain = BTreeSet::new();
        for file in files {
            let path = format!("{path}/{file}");
            let facts = fs::symlink_metadata(run.join(&path));
            match facts.map(|facts| what_instead(&facts)) {
                Ok(None) => {
                    plain.insert(file);
                }
                Ok(Some(what)) => look.strange.push((path, what)),
                Err(_) => look.strange.push((path, "something that cannot be read")),
            }
        }
        look.folders.insert(name, plain);
    }
    Ok(look)
}

impl StatementFolderScan {
    /// The names in a folder; `None` where there is something else of that
    /// name, or nothing.
    fn names(&mut self, run: &Path, path: &str) -> Result<Option<BTreeSet<String>>> {
        let folder = run.join(path);
        match fs::symlink_metadata(&folder) {
            Err(_) => return Ok(None),
            Ok(facts) if facts.is_dir() => {}
            Ok(facts) => {
                let what = what_instead(&facts).unwrap_or("a file");
                self.strange.push((path.to_owned(), what));
                return Ok(None);
            }
        }
        let broken = |error| Failure::new(format!("cannot look into {}", folder.display()), error);
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&folder).map_err(broken)? {
            let name = entry.map_err(broken)?.file_name();
            if let Some(name) = name.to_str() {
                names.insert(name.to_owned());
            } else {
                let shown = format!("{path}/{}", name.display());
                self.strange.push((shown, "something else"));
            }
        }
        Ok(Some(names))
    }
}
