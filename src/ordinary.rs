//! Ordinary files: nothing else of a folder is opened, since links lead
//! elsewhere and pipes may never end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens an ordinary file for reading.
pub fn open_file(path: &Path) -> io::Result<File> {
    let facts = fs::symlink_metadata(path)?;
    match what_instead(&facts) {
        None => File::open(path),
        Some(what) => Err(io::Error::other(format!("it is {what}, not a file"))),
    }
}

/// Reads a whole ordinary file.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_file(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What something is that is not an ordinary file.
pub fn what_instead(facts: &fs::Metadata) -> Option<&'static str> {
    match facts.file_type() {
        kind if kind.is_file() => None,
        kind if kind.is_symlink() => Some("a symbolic link"),
        kind if kind.is_dir() => Some("a folder"),
        _ => Some("a pipe or device"),
    }
}
