//! Statements in one file: a ZIP archive for a mail house, or a page for a printer.
//!
//! Threads make one folder of statements each. The file is written in the order of the
//! names and contains no times, so that the same statements give the same bytes. The
//! index comes last.

use std::io::{self, Write};

use anyhow::Result;
use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, Crc, FlushCompress};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

use crate::base::diagnostics::{Bug, OrBug};
use crate::base::workbook::EARLIEST;
use crate::run::file_names::STATEMENTS;
use crate::run::row_tally::RowTally;
use crate::run::statements::index::{self, IndexPart, StatementIndex};
use crate::run::statements::{Statement, StatementMaker, page};

/// Compressed statements.
#[derive(Default)]
struct PackedStatements {
    entries: Vec<ZipEntry>,
    bytes: Vec<u8>,
    /// The part of the index, not compressed.
    index: IndexPart,
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
    let mut index = StatementIndex::default();
    maker.each_folder(
        tally,
        progress,
        |folder, statements| {
            let mut packer = Compress::new(Compression::fast(), false);
            let mut made = PackedStatements::default();
            for statement in statements {
                let statement = statement?;
                made.index.push(folder, &statement);
                made.add(&mut packer, folder, &statement)?;
            }
            Ok(made)
        },
        |packed| {
            index.add(packed.index);
            let mut rest = packed.bytes.as_slice();
            for entry in packed.entries {
                let parts = rest.split_at_checked(entry.packed);
                let (bytes, after) = parts.or_bug("a part of a statement is missing");
                add_file(&mut archive, &entry, bytes)?;
                rest = after;
            }
            Ok(())
        },
    )?;
    let mut packed = PackedIndex::new();
    packed.add(&index::header(maker.words.plan))?;
    for line in index.lines() {
        packed.add(line)?;
    }
    let (entry, bytes) = packed.finish()?;
    add_file(&mut archive, &entry, &bytes)?;
    archive.finish().map_err(io::Error::other)?;
    Ok(())
}

/// Writes all statements as one page, in the order of payouts.csv.
pub(crate) fn write_page<W: Write + Send>(
    maker: StatementMaker<'_>,
    tally: &RowTally,
    progress: &(dyn Fn(u64) + Sync),
    mut out: W,
) -> Result<()> {
    out.write_all(maker.words.page_start().as_bytes())?;
    maker.in_order_of_claims(
        tally,
        progress,
        |statements| {
            let mut articles = String::new();
            for statement in statements {
                articles += &statement?.text;
            }
            Ok(articles)
        },
        |articles| Ok(out.write_all(articles.as_bytes())?),
    )?;
    Ok(out.write_all(page::END.as_bytes())?)
}

/// Adds a compressed file to the archive.
fn add_file<W: Write>(
    archive: &mut ZipArchiveWriter<W>,
    entry: &ZipEntry,
    bytes: &[u8],
) -> io::Result<()> {
    let file = archive.new_file(&entry.path);
    let file = file.compression_method(CompressionMethod::DEFLATE);
    let file = file.last_modified(UtcDateTime::from_unix(EARLIEST));
    let (mut file, _) = file.start().map_err(io::Error::other)?;
    file.write_all(bytes)?;
    let facts = DataDescriptorOutput::new(entry.checksum, entry.length);
    file.finish(facts).map_err(io::Error::other)?;
    Ok(())
}

/// The index, compressed while it grows.
struct PackedIndex {
    packer: DeflateEncoder<Vec<u8>>,
    checksum: Crc,
    length: u64,
}

impl PackedIndex {
    fn new() -> Self {
        Self {
            packer: DeflateEncoder::new(Vec::new(), Compression::fast()),
            checksum: Crc::new(),
            length: 0,
        }
    }

    fn add(&mut self, lines: &str) -> io::Result<()> {
        self.checksum.update(lines.as_bytes());
        self.length += u64::try_from(lines.len()).unwrap_or(0);
        self.packer.write_all(lines.as_bytes())
    }

    fn finish(self) -> io::Result<(ZipEntry, Vec<u8>)> {
        let bytes = self.packer.finish()?;
        let entry = ZipEntry {
            path: index::path(),
            checksum: self.checksum.sum(),
            length: self.length,
            packed: bytes.len(),
        };
        Ok((entry, bytes))
    }
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
