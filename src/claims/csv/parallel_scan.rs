//! Scans the rows of a file with several threads, for instance for one claimant.

use std::io::Read;
use std::sync::Mutex;

use anyhow::Result;

use crate::base::diagnostics::Failure;
use crate::base::parallel::{self, lock};
use crate::claims::csv::blocks::{BLOCK, Block, Blocks};
use crate::claims::csv::index::CellEnds;
pub(crate) use crate::claims::csv::index::RowFields;
use crate::claims::csv::reader::RowReader;
use crate::claims::input::{self, ClaimsStream};

/// A stream whose first rows have been read one by one.
pub(crate) type PartlyRead = RowReader<Box<dyn Read + Send>>;

/// Opens a stream for [`through`].
pub(crate) fn begin(stream: ClaimsStream) -> (PartlyRead, StreamFacts) {
    let rest = StreamFacts {
        seen: stream.seen,
        plain: stream.plain,
    };
    (RowReader::with_block(stream.content, BLOCK), rest)
}

/// Facts about a stream, other than its content.
pub(crate) struct StreamFacts {
    seen: std::sync::Arc<Mutex<input::FileDigest>>,
    plain: bool,
}

impl StreamFacts {
    /// The size and the SHA-256 of the bytes read.
    pub(crate) fn facts(&self) -> (u64, String) {
        let seen = lock(&self.seen);
        (seen.bytes, seen.digest())
    }
}

/// The place of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScannedPlace {
    /// Counted from 1 over the rows that are scanned.
    pub row: u64,
    /// The line of the file on which the row begins.
    pub line: u64,
}

/// Calls `look` for every row that was not read yet, and passes its results to
/// `found` in order, with their places. Returns the number of rows.
///
/// `progress` receives the number of additional bytes read.
///
/// Stops at the first block with a misplaced quote; no file of a run contains any.
pub(crate) fn through<F: Send>(
    name: &str,
    begun: PartlyRead,
    rest: &StreamFacts,
    progress: &(dyn Fn(u64) + Sync),
    look: impl Fn(&RowFields<'_>) -> Option<F> + Sync,
    mut found: impl FnMut(ScannedPlace, F) + Send,
) -> Result<u64> {
    let broken = |error| Failure::reading(name, error);
    let (begun, content, ended, mut line) = begun.into_parts();
    lock(&rest.seen).note_by_hand(rest.plain);
    let mut blocks = Blocks::new(begun, content, ended, BLOCK);
    let buffers = Mutex::new(Vec::new());
    let mut rows = 0;
    let mut over = false;
    let mut told = 0;
    let mut workers: Vec<CellEnds> = Vec::new();
    workers.resize_with(parallel::available(), CellEnds::default);
    parallel::in_order(
        &mut workers,
        || {
            Ok(blocks
                .next(lock(&buffers).pop().unwrap_or_default())
                .map_err(broken)?)
        },
        |marks, block: Block| (look_at(marks, &block, &look), block),
        |(of_block, block)| {
            let mut seen = lock(&rest.seen);
            if rest.plain {
                seen.note(block.fresh());
            }
            let bytes = seen.bytes;
            drop(seen);
            progress(bytes - told);
            told = bytes;
            if !over {
                for (place, what) in of_block.found {
                    let place = ScannedPlace {
                        row: rows + place.row,
                        line: line + place.line,
                    };
                    found(place, what);
                }
                rows += of_block.rows;
                line += of_block.lines;
                over = of_block.over;
            }
            lock(&buffers).push(block.bytes);
            Ok(())
        },
    )?;
    Ok(rows)
}

/// The results of a block; rows are counted from 1 in the block, lines from 0.
struct BlockResult<F> {
    rows: u64,
    lines: u64,
    found: Vec<(ScannedPlace, F)>,
    over: bool,
}

fn look_at<F>(
    marks: &mut CellEnds,
    block: &Block,
    look: &impl Fn(&RowFields<'_>) -> Option<F>,
) -> BlockResult<F> {
    let content = block.content();
    marks.find(content);
    let mut of_block = BlockResult {
        rows: 0,
        lines: lines_before(content, content.len()),
        found: Vec::new(),
        over: !block.whole || marks.misquoted,
    };
    if of_block.over {
        return of_block;
    }
    // Line ends are counted from row to row, since all rows may be found.
    let (mut counted, mut line) = (0, 0);
    for fields in marks.rows(content).filter(|row| !row.is_nothing()) {
        of_block.rows += 1;
        let found = look(&fields).map(|what| {
            let since = content.get(counted..).unwrap_or_default();
            line += lines_before(since, fields.start() - counted);
            counted = fields.start();
            let place = ScannedPlace {
                row: of_block.rows,
                line,
            };
            (place, what)
        });
        of_block.found.extend(found);
    }
    of_block
}

/// The number of lines that end before this byte.
fn lines_before(content: &[u8], end: usize) -> u64 {
    let before = content.get(..end).unwrap_or_default();
    memchr::memchr_iter(b'\n', before).map(|_| 1_u64).sum()
}
