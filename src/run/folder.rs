//! The folder of a run: whole or not at all.
//!
//! Everything is written into a folder beside the final one, flushed to the
//! disk, and gets its name in one step. Replacing a run exchanges the two
//! folders, so that at no instant is there neither the old nor the new.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::{Failure, Problem};
use crate::base::regular_file::folder_of;
use crate::run::file_names::{ARCHIVE, MANIFEST, REPORT, STATEMENTS, STATEMENTS_LISTED, WORKBOOK};
use crate::run::hashing_writer::{self, HashingWriter, WrittenFile};
use crate::run::manifest::RecordedManifest;
use crate::run::statements::scan::count_statements;

/// A folder in the making. It is gone again unless it is committed.
#[derive(Debug)]
pub struct StagingFolder {
    /// Locked for as long as the folder is in the making, so that no other run
    /// takes it for one that a dead process left behind. Let go first: where
    /// files cannot be opened any more, the folder can still be removed.
    _lock: File,
    folder: CleanupGuard,
    target: PathBuf,
    replace: bool,
    of_export: bool,
}

impl StagingFolder {
    /// Checks that a run can be written under this name, and makes the folder
    /// beside it.
    pub fn new(target: &Path, force: bool) -> Result<Self> {
        Self::begin(target, force, holds_only_a_run)
    }

    /// The same for an export, which never takes the place of anything.
    pub fn for_export(target: &Path) -> Result<Self> {
        refuse_existing(target)?;
        let mut staging = Self::begin(target, false, holds_only_files)?;
        staging.of_export = true;
        Ok(staging)
    }

    /// `is_left_over` tells what a killed process may have left behind.
    fn begin(target: &Path, force: bool, is_left_over: fn(&Path) -> bool) -> Result<Self> {
        let parent = folder_of(target);
        // Without `/` or `/.` at the end.
        let named = target.file_name().map(|name| target.with_file_name(name));
        let target = named.as_deref().unwrap_or(target);
        check_target(target, force)?;
        if !parent.is_dir() {
            let (what, hint) = if parent.exists() {
                let hint = "choose another `--out`";
                (
                    format!("{} is a file, not a folder", parent.display()),
                    hint,
                )
            } else {
                let hint = "make it first, or choose another `--out`";
                (format!("there is no folder {}", parent.display()), hint)
            };
            return Err(Problem::new(what, hint).into());
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
            of_export: false,
        })
    }

    /// Begins a file of the run.
    pub fn create(&self, name: &str) -> Result<HashingWriter> {
        // In messages the file has the name that it will have.
        let path = self.target.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.folder.path().join(name))
            .map_err(|error| hashing_writer::broken(&path, error))?;
        Ok(HashingWriter::new(name, path, file))
    }

    /// Writes a whole file of the run.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<WrittenFile> {
        let mut output = self.create(name)?;
        output.write(content, 1)?;
        output.finish()
    }

    /// The folder in the making, and the name that it will have.
    pub fn paths(&self) -> (&Path, &Path) {
        (self.folder.path(), &self.target)
    }

    /// Whether the folder can still get its name: another run may have taken it.
    pub fn check(&self) -> Result<()> {
        if self.of_export {
            return refuse_existing(&self.target);
        }
        check_target(&self.target, self.replace)
    }

    /// Gives the folder its final name.
    pub fn commit(self) -> Result<()> {
        let name = self.target.display().to_string();
        let broken =
            |error: io::Error| Failure::new(format!("cannot finish the folder {name}"), error);
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

    /// Lets the old and the new folder change names, then removes the old.
    fn exchange(&self) -> Result<()> {
        // Somebody else may have finished a run here meanwhile.
        self.check()?;
        let exchange =
            |folder: &Path| renameat_with(CWD, folder, CWD, &self.target, RenameFlags::EXCHANGE);
        // What has the name of the folder afterwards is the old run.
        self.folder.finish_by(exchange).map_err(|error| {
            let mut broken = Failure::new(
                format!(
                    "cannot replace the folder {} in one step",
                    self.target.display()
                ),
                error.into(),
            );
            broken.hint = Some(
                "choose a new `--out`, on this file system `--force` does not work".to_owned(),
            );
            broken
        })?;
        let folder = self.folder.path();
        let old = folder.display().to_string();
        fs::remove_dir_all(folder).map_err(|error| {
            Failure::new(
                format!("the new run is in place, but the old one is left in {old}"),
                error,
            )
        })?;
        Ok(())
    }
}

/// An export takes the place of nothing.
fn refuse_existing(target: &Path) -> Result<()> {
    if fs::symlink_metadata(target).is_err() {
        return Ok(());
    }
    let message = format!("{} exists", target.display());
    let hint = "choose another `--out`: an export never takes the place of another";
    Err(Problem::new(message, hint).into())
}

/// Refuses names under which no run can be written.
fn check_target(target: &Path, force: bool) -> Result<()> {
    let shown = target.display();
    if target.file_name().is_none() {
        return Err(Problem::new(
            format!("{shown} cannot be the folder of a run"),
            "name a new folder",
        )
        .into());
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
        Err(error) => return Err(Failure::new(format!("cannot look at {shown}"), error).into()),
        Ok(facts) => facts,
    };
    if !facts.is_dir() {
        let what = if facts.is_symlink() {
            "a symbolic link"
        } else {
            "a file"
        };
        return Err(Problem::new(
            format!("{shown} is {what}, not a folder"),
            "choose another `--out`",
        )
        .into());
    }
    let broken = |error| Failure::new(format!("cannot look into {shown}"), error);
    let empty = fs::read_dir(target).map_err(broken)?.next().is_none();
    let may_be_replaced = empty || is_run(target);
    if !force {
        let hint = if may_be_replaced {
            "choose another `--out`, or replace it with `--force`"
        } else {
            "choose another `--out`; it holds something that is not a run"
        };
        return Err(Problem::new(format!("the folder {shown} exists"), hint).into());
    }
    if !may_be_replaced {
        let hint = "`--force` replaces only a run with nothing beside its own files, or an empty folder; choose another `--out`";
        return Err(Problem::new(
            format!("the folder {shown} holds something that is not a run"),
            hint,
        )
        .into());
    }
    Ok(())
}

/// Whether a folder holds a run and nothing else: a manifest that this program
/// wrote, and the files that it names.
fn is_run(folder: &Path) -> bool {
    let manifest = fs::read(folder.join(MANIFEST)).unwrap_or_default();
    let manifest: Result<RecordedManifest, _> = serde_json::from_slice(&manifest);
    let Ok(manifest) = manifest else {
        return false;
    };
    let is_its_own = |entry: &fs::DirEntry| match entry.file_name().to_str() {
        Some(STATEMENTS) => {
            let listed = manifest.output(STATEMENTS_LISTED);
            listed.is_some_and(|listed| count_statements(folder) == listed.files)
        }
        Some(name) => name == MANIFEST || manifest.output(name).is_some(),
        None => false,
    };
    let only_its_own = fs::read_dir(folder)
        .is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| is_its_own(&entry))));
    manifest.program.name == env!("CARGO_PKG_NAME") && only_its_own
}

/// Makes a folder of a name that nothing else has: a run that was killed may
/// have left one behind.
fn make_folder(parent: &Path, name: &str) -> Result<(CleanupGuard, File)> {
    const TRIES: u32 = 1000;
    let process = std::process::id();
    let mut cause = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..TRIES {
        let folder = parent.join(format!(".{name}.{process}.{attempt}.partial"));
        let make = |folder: &Path| DirBuilder::new().mode(0o700).create(folder);
        match CleanupGuard::make(&folder, make) {
            Ok(unfinished) => {
                // Without a lock, another run took it for one left behind.
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
    Err(Failure::new(
        format!("cannot make the folder {}", parent.join(name).display()),
        cause,
    )
    .into())
}

/// Locks a folder that is not locked by a living process and still has its
/// name.
fn lock(folder: &Path) -> Option<File> {
    let lock = File::open(folder).ok()?;
    // On a file system without locks, nothing is taken for left behind.
    if flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return None;
    }
    let (ours, named) = (lock.metadata().ok()?, fs::symlink_metadata(folder).ok()?);
    (ours.ino() == named.ino() && ours.dev() == named.dev()).then_some(lock)
}

/// Removes what runs into the same folder left behind that were killed: folders
/// of just such a name, of the same owner, with nothing in them but what such a
/// folder holds, and locked by nobody. A dead process holds no lock. What cannot be
/// removed stays; it disturbs nobody.
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

/// What a run may hold, as its manifest names it and in that order.
pub(crate) const FILES: [&str; 12] = [
    "payouts.csv",
    "held.csv",
    "unpaid.csv",
    "summary.txt",
    "summary.json",
    REPORT,
    "plan.toml",
    "expect.toml",
    STATEMENTS_LISTED,
    ARCHIVE,
    WORKBOOK,
    MANIFEST,
];

fn holds_only_a_run(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.all(|entry| {
            entry.is_ok_and(|entry| {
                FILES.iter().any(|known| entry.file_name() == *known)
                    || (entry.file_name() == STATEMENTS && count_statements(folder).is_some())
            })
        })
    })
}

/// Exports have files of any name, and no folders.
fn holds_only_files(folder: &Path) -> bool {
    let is_file = |entry: fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_file)))
}

/// Renames onto a name that nothing has.
fn rename_new(from: &Path, to: &Path) -> Result<(), Errno> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems without the flag: a folder is never renamed onto a
        // file, nor onto a folder that holds anything.
        Err(Errno::INVAL | Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            rustix::fs::rename(from, to)
        }
        result => result,
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
