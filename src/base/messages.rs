//! The messages about failures of the machine: disk, permissions, damaged files.

use std::fmt::Display;
use std::io;

use crate::base::diagnostics::{Failure, messages};

messages! {
    S001 cannot_read(what: impl Display) "cannot read {what}";
    S002 cannot_write(what: impl Display) "cannot write {what}";
    S003 cannot_print() "cannot write to standard output";
    S004 cannot_open(file: impl Display) "cannot open {file}";
    S005 cannot_decompress(file: impl Display) "cannot decompress {file}";
    S006 cannot_use(file: impl Display) "cannot use {file}";
    S010 cannot_create_folder(folder: impl Display) "cannot create the folder {folder}";
    S011 cannot_finish_folder(folder: impl Display) "cannot finish the folder {folder}";
    S012 cannot_replace_folder(folder: impl Display)
        "cannot replace the folder {folder} in one step"
        / "choose a new `--out`; this file system does not support `--force`";
    S013 old_run_left(folder: impl Display)
        "the new run is in place, but the old one could not be removed from {folder}";
}

impl Failure {
    pub(crate) fn reading(what: impl Display, cause: io::Error) -> Self {
        Self::new(cannot_read(what), cause)
    }

    pub(crate) fn writing(what: impl Display, cause: io::Error) -> Self {
        Self::new(cannot_write(what), cause)
    }
}
