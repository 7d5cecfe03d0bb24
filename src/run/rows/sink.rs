//! Destinations of rows.

use anyhow::Result;

use crate::run::hashing_writer::{HashingWriter, WrittenFile};

/// A destination of the rows of a file: a file to write, or a run to compare with.
pub trait RowSink: Send {
    /// Accepts the header or further rows, each with its line end.
    fn rows(&mut self, rows: &[u8], lines: u64) -> Result<()>;
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
