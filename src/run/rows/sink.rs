//! Where rows go.

use anyhow::Result;

use crate::run::hashing_writer::{HashingWriter, WrittenFile};

/// Where the rows of a file go: to be written, or to be compared with those
/// of a run that is there.
pub trait RowSink: Send {
    /// Takes the header or some rows, each with its line end.
    fn rows(&mut self, rows: &[u8], lines: u64) -> Result<()>;
    /// Ends the file.
    fn finish(self) -> Result<WrittenFile>;
}

impl RowSink for HashingWriter {
    fn rows(&mut self, rows: &[u8], lines: u64) -> Result<()> {
        self.write(rows, lines)
    }

    fn finish(self) -> Result<WrittenFile> {
        Self::finish(self)
    }
}
