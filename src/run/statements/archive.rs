//! Statements in one ZIP archive, for a mail house.
//!
//! Threads compress one folder of statements each. The archive is written in the order
//! of the names and contains no times, so that the same statements give the same bytes.

use std::io::{self, Write};

use anyhow::Result;
use flate2::{Compress, Compression, Crc, FlushCompress};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

use crate::base::diagnostics::{Bug, OrBug};
use crate::base::workbook::EARLIEST;
use crate::run::file_names::STATEMENTS;
use crate::run::row_tally::RowTally;
use crate::run::statements::{Statement, StatementMaker};

/// Compressed statements.
#[derive(Default)]
struct PackedStatements {
    entries: Vec<ZipEntry>,
    bytes: Vec<u8>,
}

/// A compressed statement. Its bytes follow those of the previous one.
struct ZipEntry {
    path: String,
    checksum: u32,
    length: u64,
    packed: usize,
}

/// Writes the archive and returns the number of statements.
pub(crate) fn write_archive<W: Write + Send>(
    maker: StatementMaker<'_>,
    tally: &RowTally,
    progress: &(dyn Fn(u64) + Sync),
    out: W,
) -> Result<()> {
    let mut archive = ZipArchiveWriter::new(out);
    maker.each_folder(
        tally,
        progress,
        |folder, statements| {
            let mut packer = Compress::new(Compression::fast(), false);
            let mut made = PackedStatements::default();
            for statement in statements {
                made.add(&mut packer, folder, &statement?)?;
            }
            Ok(made)
        },
        |packed| {
            let mut rest = packed.bytes.as_slice();
            for entry in packed.entries {
                let parts = rest.split_at_checked(entry.packed);
                let (bytes, after) = parts.or_bug("a part of a statement is missing");
                let file = archive.new_file(&entry.path);
                let file = file.compression_method(CompressionMethod::DEFLATE);
                let file = file.last_modified(UtcDateTime::from_unix(EARLIEST));
                let (mut file, _) = file.start().map_err(io::Error::other)?;
                file.write_all(bytes)?;
                let facts = DataDescriptorOutput::new(entry.checksum, entry.length);
                file.finish(facts).map_err(io::Error::other)?;
                rest = after;
            }
            Ok(())
        },
    )?;
    archive.finish().map_err(io::Error::other)?;
    Ok(())
}

impl PackedStatements {
    fn add(&mut self, packer: &mut Compress, folder: &str, statement: &Statement) -> Result<()> {
        let text = statement.text.as_bytes();
        let before = self.bytes.len();
        packer.reset();
        // Compression adds at most a few bytes per block.
        self.bytes.reserve(text.len() + text.len() / 8 + 64);
        let status = packer.compress_vec(text, &mut self.bytes, FlushCompress::Finish)?;
        if status != flate2::Status::StreamEnd {
            return Err(Bug::new("a statement was not compressed completely").into());
        }
        let mut checksum = Crc::new();
        checksum.update(text);
        self.entries.push(ZipEntry {
            path: format!("{STATEMENTS}/{folder}/{}", statement.name),
            checksum: checksum.sum(),
            length: u64::try_from(text.len())?,
            packed: self.bytes.len() - before,
        });
        Ok(())
    }
}
