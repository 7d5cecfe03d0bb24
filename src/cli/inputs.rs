//! Checks of the files that a command reads, and of the lists that it writes besides
//! its main output.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::audit::check::differences;
use crate::audit::saved_run;
use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::{Failure, literal};
use crate::base::list_file::{BEGINNING, is_list};
use crate::base::regular_file::folder_of;
use crate::claims::input::{Input, is_workbook};
use crate::claims::problem_list;
use crate::cli::messages;
use crate::run::file_names::MANIFEST;

/// True if two paths lead to the same file or folder. The second may be `-` for
/// standard input.
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

/// The list of errors must not replace a file that the command reads, and must not be
/// inside the run folder.
/// `option` is the one that names it.
pub(super) fn check_list<'a>(
    option: &str,
    errors: &Path,
    read: impl Iterator<Item = &'a PathBuf>,
    run: &'a Path,
) -> Result<()> {
    let mut taken = read.map(PathBuf::as_path).chain([run]);
    if let Some(taken) = taken.find(|taken| is_same(errors, taken)) {
        return Err(messages::errors_names_input(option, taken.display()).into());
    }
    if errors.parent().is_some_and(|parent| is_same(parent, run)) {
        return Err(messages::errors_in_run_folder(option, run.display()).into());
    }
    saved_run::refuse_inside(errors)?;
    refuse_other_file(option, errors)?;
    if errors.is_dir() {
        let hint = "name a file for the list of errors";
        return Err(messages::folder_instead_of_file(errors.display(), hint).into());
    }
    match errors.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => {
            Err(messages::no_such_folder(parent.display()).into())
        }
        _ => Ok(()),
    }
}

/// Lists why a command failed if nothing is listed yet: a list from an earlier run
/// would mislead. A failure of the machine is not listed.
pub(super) fn listed(errors: Option<&Path>, done: Result<()>) -> Result<()> {
    if let (Some(path), Err(error)) = (errors, &done) {
        problem_list::list(path, error)?;
    }
    done
}

/// A list of errors may replace another list of errors or an empty file, and nothing
/// else.
fn refuse_other_file(option: &str, errors: &Path) -> Result<()> {
    let facts = std::fs::metadata(errors).ok();
    // A system also names open files by links, such as `/dev/stdout`.
    let of_system = errors.starts_with("/dev/fd")
        || errors
            .read_link()
            .is_ok_and(|to| to.starts_with("/proc/self/fd"));
    let to_file = facts.as_ref().is_none_or(std::fs::Metadata::is_file);
    if to_file && errors.is_symlink() && !of_system {
        return Err(messages::errors_is_symbolic_link(option, errors.display()).into());
    }
    let Some(facts) = facts else {
        return Ok(());
    };
    if !facts.is_file() || facts.len() == 0 {
        return Ok(());
    }
    let mut first = Vec::new();
    let read = File::open(errors).and_then(|file| file.take(BEGINNING).read_to_end(&mut first));
    let lists = [problem_list::LIST_COLUMNS, differences::LIST_COLUMNS];
    let is_list = lists.iter().any(|columns| is_list(&first, columns))
        || first.starts_with(problem_list::OLD_HEADER)
        || first.starts_with(differences::OLD_HEADER);
    let of_run = errors.with_file_name(MANIFEST).exists();
    if read.is_ok() && is_list && !of_run {
        return Ok(());
    }
    Err(messages::errors_is_another_file(option, errors.display()).into())
}

/// Makes a file that is not there yet; the hint is for one that is.
pub(super) fn new_file(path: &Path, if_exists: &str) -> Result<File> {
    let shown = path.display();
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => messages::file_exists(shown, if_exists).into(),
        ErrorKind::NotFound => {
            messages::no_such_folder(path.parent().unwrap_or(path).display()).into()
        }
        _ => Failure::writing(shown, error).into(),
    })
}

/// Writes a file that is not there yet, completely or not at all.
pub(super) fn write_new(path: &Path, text: &str) -> Result<()> {
    saved_run::refuse_inside(path)?;
    let mut file = new_file(path, "it is never overwritten; name another file")?;
    let unfinished = CleanupGuard::new(path);
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| Failure::writing(path.display(), error))?;
    unfinished.finish();
    Ok(())
}

/// A sheet needs a workbook.
pub(super) fn check_sheet(sheet: Option<&str>, inputs: &[Input]) -> Result<()> {
    let is_workbook = |input: &Input| input.path().is_some_and(is_workbook);
    let Some(sheet) = sheet.filter(|_| !inputs.iter().any(is_workbook)) else {
        return Ok(());
    };
    Err(messages::sheet_of_no_workbook(literal(sheet)).into())
}

/// Rejects a claims file that is specified twice or lies in the folder that the run would
/// replace.
pub(super) fn check_claims(claims: &[PathBuf], out: &Path) -> Result<()> {
    let inside = |path: &&PathBuf| {
        **path != Path::new("-")
            && out.file_name().is_some()
            && out.is_dir()
            && is_same(folder_of(path), out)
    };
    for (number, path) in claims.iter().enumerate() {
        let before = claims.iter().take(number);
        if let Some(before) = before
            .rev()
            .find(|before| is_same(path, before) || is_same(before, path))
        {
            let message = if before == path {
                format!("{} is specified twice", path.display())
            } else {
                format!(
                    "{} and {} are the same file",
                    before.display(),
                    path.display()
                )
            };
            return Err(messages::claims_repeated(message).into());
        }
    }
    let Some(path) = claims.iter().find(inside) else {
        return Ok(());
    };
    Err(messages::claims_in_run_folder(path.display(), out.display()).into())
}
