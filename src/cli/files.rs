//! Files that a command is told to write beside its main work.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::diagnostic::Refusal;

/// Whether two paths, the second perhaps `-` for standard input, are one file
/// or folder, whatever they are called.
fn is_same(path: &Path, other: &Path) -> bool {
    let identity = |path: &Path| {
        std::fs::metadata(path)
            .ok()
            .map(|facts| (facts.dev(), facts.ino()))
    };
    let stdin = || {
        rustix::fs::fstat(std::io::stdin())
            .ok()
            .map(|facts| (facts.st_dev, facts.st_ino))
    };
    let theirs = if other == Path::new("-") {
        stdin()
    } else {
        identity(other)
    };
    match (identity(path), theirs) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => std::path::absolute(path).ok() == std::path::absolute(other).ok(),
    }
}

/// The list of errors must not take the place of anything that is read, nor
/// stand in the folder of the run.
pub fn check_list<'a>(
    errors: &Path,
    read: impl Iterator<Item = &'a PathBuf>,
    run: &'a Path,
) -> Result<()> {
    let mut taken = read.map(PathBuf::as_path).chain([run]);
    if let Some(taken) = taken.find(|taken| is_same(errors, taken)) {
        let message = format!(
            "`--errors` names {}, which this command reads or writes",
            taken.display()
        );
        return Err(Refusal::new(message, "name another file for the list of errors").into());
    }
    if errors.parent().is_some_and(|parent| is_same(parent, run)) {
        let message = format!(
            "`--errors` names a file in {}, the folder of the run",
            run.display()
        );
        return Err(Refusal::new(message, "name a file elsewhere for the list of errors").into());
    }
    if errors.is_dir() {
        return Err(Refusal::new(
            format!("{} is a folder", errors.display()),
            "name a file for the list of errors",
        )
        .into());
    }
    match errors.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => Err(Refusal::new(
            format!("there is no folder {}", parent.display()),
            "make it first",
        )
        .into()),
        _ => Ok(()),
    }
}
