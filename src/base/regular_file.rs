//! Reads regular files only: links lead elsewhere, and pipes may never end.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::Path;

use crate::base::diagnostics::Failure;

/// Opens a regular file.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    let facts = fs::symlink_metadata(path)?;
    match what_instead(&facts) {
        None => File::open(path),
        Some(what) => Err(io::Error::other(format!("it is {what}, not a file"))),
    }
}

/// Reads an entire regular file.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_file(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The names in a folder.
pub(crate) fn names_in(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let name = |entry: io::Result<DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    fs::read_dir(folder)
        .and_then(|entries| entries.map(name).collect())
        .map_err(|error| Failure::reading(folder.display(), error))
}

/// The folder that something is in, as it is named.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let named = path.parent().filter(|folder| *folder != Path::new(""));
    named.unwrap_or(Path::new("."))
}

/// Describes a file that is not a regular file.
pub(crate) fn what_instead(facts: &fs::Metadata) -> Option<&'static str> {
    match facts.file_type() {
        kind if kind.is_file() => None,
        kind if kind.is_symlink() => Some("a symbolic link"),
        kind if kind.is_dir() => Some("a folder"),
        _ => Some("a pipe or device"),
    }
}

/// True if Windows reserves the name for a device, which depends only on the part
/// before the first point and not on case.
pub(crate) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let stem = stem.trim_end_matches(' ').to_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let port = port.map(|number| number.chars().collect::<Vec<_>>());
    matches!(port.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
        || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&&*stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_whatever_follows_the_first_point() {
        for name in ["nul", "Aux.x.y", "com¹.csv", "LPT0", "CON .txt", "conout$"] {
            assert!(is_device(name), "{name}");
        }
        for name in ["", ".nul", "COM", "COM10", "LPT-1", "console.txt", "a.nul"] {
            assert!(!is_device(name), "{name}");
        }
    }
}
