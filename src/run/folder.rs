//! The run folder: complete or absent.
//!
//! Everything is written to a staging folder next to the final one, flushed to disk,
//! and renamed in one step. To replace a run, the two folders are exchanged, so that at
//! every moment either the old or the new run is in place.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::Failure;
use crate::base::messages::{
    cannot_create_folder, cannot_finish_folder, cannot_replace_folder, old_run_left,
};
use crate::base::parallel;
use crate::base::regular_file::{folder_of, names_in};
use crate::claims::control_totals::EXPECT;
use crate::claims::corrections::is_kept_name;
use crate::run::file_names::{
    ARCHIVE, DEFICIENCIES, FLAGS, HELD, LOTS, MANIFEST, PAYOUTS, PLAN_COPY, REPORT, STATEMENT_PAGE,
    STATEMENTS, STATEMENTS_LISTED, SUMMARY, SUMMARY_TEXT, TABLES, UNPAID, WORKBOOK,
};
use crate::run::hashing_writer::{self, HashingWriter, WrittenFile};
use crate::run::json;
use crate::run::manifest::Manifest;
use crate::run::messages;
use crate::run::rows::OutputColumn;
use crate::run::sink::{ArchiveKind, Document, RunSink};
use crate::run::statements::folder::StatementFolder;
use crate::run::statements::scan::count_statements;

/// A staging folder. It is removed unless it is committed.
#[derive(Debug)]
pub(crate) struct StagingFolder {
    /// Locked while the folder is in use, so that no other run mistakes it for a
    /// leftover of a dead process. Dropped first: the folder can be removed even if no
    /// more files can be opened.
    _lock: File,
    folder: CleanupGuard,
    target: PathBuf,
    replace: bool,
    never_replaces: bool,
}

impl StagingFolder {
    /// Checks that a run can be written under this name, and creates the staging folder
    /// next to it.
    pub(crate) fn new(target: &Path, force: bool) -> Result<Self> {
        Self::begin(target, force, holds_only_a_run)
    }

    /// The same for an export or a reconciliation, which never replace anything.
    pub(crate) fn never_replacing(target: &Path) -> Result<Self> {
        refuse_existing(target)?;
        let mut staging = Self::begin(target, false, holds_only_files)?;
        staging.never_replaces = true;
        Ok(staging)
    }

    /// `is_left_over` identifies what a killed process may have left behind.
    fn begin(target: &Path, force: bool, is_left_over: fn(&Path) -> bool) -> Result<Self> {
        let parent = folder_of(target);
        // Removes a `/` or `/.` at the end.
        let named = target.file_name().map(|name| target.with_file_name(name));
        let target = named.as_deref().unwrap_or(target);
        check_target(target, force)?;
        if !parent.is_dir() {
            return Err(if parent.exists() {
                messages::parent_is_a_file(parent.display()).into()
            } else {
                messages::no_parent_folder(parent.display()).into()
            });
        }
        let name = target
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let (folder, lock) = make_folder(parent, &name)?;
        remove_leftovers(parent, &name, &lock, is_left_over);
        Ok(Self {
            _lock: lock,
            folder,
            target: target.to_owned(),
            replace: force,
            never_replaces: false,
        })
    }

    /// Creates a file of the run.
    pub(crate) fn create(&self, name: &str) -> Result<HashingWriter> {
        // Messages name the file by its final path.
        let path = self.target.join(name);
        if name.starts_with(TABLES) {
            DirBuilder::new()
                .mode(0o700)
                .recursive(true)
                .create(self.folder.path().join(TABLES))
                .map_err(|error| hashing_writer::broken(&path, error))?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.folder.path().join(name))
            .map_err(|error| hashing_writer::broken(&path, error))?;
        Ok(HashingWriter::new(name, path, file))
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<WrittenFile> {
        let mut output = self.create(name)?;
        output.write(content, 1)?;
        output.finish()
    }

    /// Checks that the folder can still get its final name: another run may have taken
    /// it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.never_replaces {
            return refuse_existing(&self.target);
        }
        check_target(&self.target, self.replace)
    }

    pub(crate) fn commit(self) -> Result<()> {
        let broken =
            |error: io::Error| Failure::new(cannot_finish_folder(self.target.display()), error);
        sync_folder(self.folder.path()).map_err(broken)?;
        let renamed = self
            .folder
            .finish_by(|folder| rename_new(folder, &self.target));
        match renamed {
            Ok(()) => {}
            Err(Errno::EXIST | Errno::NOTEMPTY) => self.exchange()?,
            Err(error) => return Err(broken(error.into()).into()),
        }
        sync_folder(folder_of(&self.target)).map_err(broken)?;
        Ok(())
    }

    /// Exchanges the old and the new folder, then removes the old one.
    fn exchange(&self) -> Result<()> {
        // Another process may have finished a run here in the meantime.
        self.check()?;
        let exchange =
            |folder: &Path| renameat_with(CWD, folder, CWD, &self.target, RenameFlags::EXCHANGE);
        // After the exchange, the staging name belongs to the old run.
        self.folder.finish_by(exchange).map_err(|error| {
            Failure::new(cannot_replace_folder(self.target.display()), error.into())
        })?;
        let folder = self.folder.path();
        let removed = fs::remove_dir_all(folder);
        removed.map_err(|error| Failure::new(old_run_left(folder.display()), error))?;
        Ok(())
    }
}

/// Writes a run. Its errors are those of the disk.
impl RunSink for StagingFolder {
    type Rows<'s> = HashingWriter;
    type Statements<'s> = StatementFolder;

    fn rows(&self, name: &'static str, _: &[OutputColumn]) -> Result<HashingWriter> {
        self.create(name)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn documents(&self, documents: &[Document<'_>]) -> Result<Vec<WrittenFile>> {
        // Each file waits for the disk, so they are written in parallel.
        parallel::each(documents.iter(), |document| {
            self.write(document.name, document.text.as_bytes())
        })
    }

    fn archive(
        &self,
        name: &'static str,
        _: ArchiveKind,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<WrittenFile> {
        let mut file = self.create(name)?;
        write(&mut file).map_err(|error| match error.downcast() {
            Ok(cause) => hashing_writer::broken(&self.target.join(name), cause).into(),
            Err(other) => other,
        })?;
        file.finish()
    }

    fn statements(&self) -> Result<StatementFolder> {
        StatementFolder::create(self.folder.path(), &self.target)
    }

    fn manifest(&self, manifest: Manifest) -> Result<WrittenFile> {
        self.write(MANIFEST, json(&manifest)?.as_bytes())
    }
}

/// Exports and reconciliations never replace anything.
fn refuse_existing(target: &Path) -> Result<()> {
    if fs::symlink_metadata(target).is_err() {
        return Ok(());
    }
    Err(messages::export_exists(target.display()).into())
}

/// Refuses names under which a run cannot be written.
fn check_target(target: &Path, force: bool) -> Result<()> {
    let shown = target.display();
    if target.file_name().is_none() {
        return Err(messages::unusable_folder_name(shown).into());
    }
    let facts = match fs::symlink_metadata(target) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(());
        }
        Err(error) => return Err(Failure::reading(&shown, error).into()),
        Ok(facts) => facts,
    };
    if !facts.is_dir() {
        let what = if facts.is_symlink() {
            "a symbolic link"
        } else {
            "a file"
        };
        return Err(messages::not_a_folder(shown, what).into());
    }
    let broken = |error| Failure::reading(&shown, error);
    let empty = fs::read_dir(target).map_err(broken)?.next().is_none();
    let may_be_replaced = empty || is_run(target);
    if !force {
        return Err(if may_be_replaced {
            messages::run_exists(shown).into()
        } else {
            messages::other_folder_exists(shown).into()
        });
    }
    if !may_be_replaced {
        return Err(messages::folder_not_replaced(shown).into());
    }
    Ok(())
}

/// True if a folder holds a run and nothing else: a manifest that this program wrote,
/// and the files named in it.
fn is_run(folder: &Path) -> bool {
    let manifest = fs::read(folder.join(MANIFEST)).unwrap_or_default();
    let manifest: Result<Manifest, _> = serde_json::from_slice(&manifest);
    let Ok(manifest) = manifest else {
        return false;
    };
    let is_its_own = |name: &String| match name.as_str() {
        STATEMENTS => {
            let listed = manifest.output(STATEMENTS_LISTED);
            listed.is_some_and(|listed| count_statements(folder) == listed.files)
        }
        name => name == MANIFEST || manifest.output(name).is_some(),
    };
    let only_its_own = entries(folder).is_ok_and(|names| names.iter().all(is_its_own));
    manifest.program.name == env!("CARGO_PKG_NAME") && only_its_own
}

/// Creates a folder under an unused name: a killed run may have left one behind.
fn make_folder(parent: &Path, name: &str) -> Result<(CleanupGuard, File)> {
    const TRIES: u32 = 1000;
    let process = std::process::id();
    let mut cause = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..TRIES {
        let folder = parent.join(format!(".{name}.{process}.{attempt}.partial"));
        let make = |folder: &Path| DirBuilder::new().mode(0o700).create(folder);
        match CleanupGuard::make(&folder, make) {
            Ok(unfinished) => {
                // Without a lock, another run has already removed it as a leftover.
                if let Some(lock) = lock(&folder) {
                    return Ok((unfinished, lock));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                cause = error;
                break;
            }
        }
    }
    let folder = parent.join(name);
    Err(Failure::new(cannot_create_folder(folder.display()), cause).into())
}

/// Locks a folder that no live process has locked and that still has its name.
fn lock(folder: &Path) -> Option<File> {
    let lock = File::open(folder).ok()?;
    // On a file system without locks, no folder counts as a leftover.
    if flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return None;
    }
    let (ours, named) = (lock.metadata().ok()?, fs::symlink_metadata(folder).ok()?);
    (ours.ino() == named.ino() && ours.dev() == named.dev()).then_some(lock)
}

/// Removes the leftovers of killed runs into the same folder: folders with a staging
/// name and the same owner that hold only files of a run and are not locked. A dead
/// process holds no lock. A leftover that cannot be removed stays and does no harm.
fn remove_leftovers(parent: &Path, name: &str, ours: &File, is_left_over: fn(&Path) -> bool) {
    let (Ok(entries), Ok(facts)) = (fs::read_dir(parent), ours.metadata()) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|file| is_staging_name(file, name))
            && fs::symlink_metadata(&path)
                .is_ok_and(|other| other.is_dir() && other.uid() == facts.uid());
        if !is_ours || !is_left_over(&path) {
            continue;
        }
        let Ok(folder) = File::open(&path) else {
            continue;
        };
        if flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// `.NAME.PROCESS.ATTEMPT.partial`
fn is_staging_name(file: &str, name: &str) -> bool {
    let numbers = file
        .strip_prefix('.')
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_suffix(".partial"))
        .and_then(|numbers| numbers.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(process, attempt)| digits(process) && digits(attempt))
}

/// The files that a run may hold, in the order of the manifest.
const FILES: [&str; 16] = [
    PAYOUTS,
    HELD,
    UNPAID,
    FLAGS,
    LOTS,
    DEFICIENCIES,
    SUMMARY_TEXT,
    SUMMARY,
    REPORT,
    PLAN_COPY,
    EXPECT,
    STATEMENTS_LISTED,
    ARCHIVE,
    STATEMENT_PAGE,
    WORKBOOK,
    MANIFEST,
];

fn holds_only_a_run(folder: &Path) -> bool {
    let is_of_run = |name: &String| {
        FILES.contains(&name.as_str())
            || is_kept_name(name)
            || (name == STATEMENTS && count_statements(folder).is_some())
            || name
                .split_once('/')
                .is_some_and(|(within, _)| within == TABLES)
    };
    entries(folder).is_ok_and(|names| names.iter().all(is_of_run))
}

/// The names in a folder of a run, in order; those of the plan's tables and templates as
/// in the manifest, `tables/NAME`.
pub(crate) fn entries(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = names_in(folder)?.into_iter().collect();
    let tables = folder.join(TABLES);
    if tables.is_dir() && !tables.is_symlink() {
        names.retain(|name| name != TABLES);
        let within = names_in(&tables)?;
        names.extend(within.iter().map(|name| format!("{TABLES}/{name}")));
        names.sort();
    }
    Ok(names)
}

/// Exports have files of any name, and no folders.
fn holds_only_files(folder: &Path) -> bool {
    let is_file = |entry: fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_file)))
}

/// Renames to an unused name.
fn rename_new(from: &Path, to: &Path) -> Result<(), Errno> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems lack the flag. A folder is never renamed onto a file, nor
        // onto a folder that is not empty.
        Err(Errno::INVAL | Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            rustix::fs::rename(from, to)
        }
        result => result,
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
