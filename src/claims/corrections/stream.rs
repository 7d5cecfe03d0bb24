//! Writes corrections into the content of a claims file while it is read. Every other
//! byte stays as it is.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use crate::base::csv_text::push_bytes;
use crate::base::parallel::lock;
use crate::claims::corrections::{Corrections, text_of};
use crate::claims::csv::reader::{CsvRow, LONGEST_ROW, ScanResult, scan};

const BLOCK: u64 = 1 << 18;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The changes that a stream has made so far.
#[derive(Debug, Default)]
pub struct CorrectionLog {
    /// The names of the columns.
    pub(super) header: Vec<String>,
    pub(super) cells: Vec<CorrectedCell>,
    /// True if a row cannot be read. The reader of the claims reports it.
    pub(super) is_partial: bool,
}

/// A cell that was corrected.
#[derive(Debug, Clone)]
pub(crate) struct CorrectedCell {
    /// The index of the correction.
    pub(super) correction: usize,
    /// The row of the claims, counted from 1 over all files.
    pub row: u64,
    /// The text of the cell before.
    pub before: String,
}

/// The change of a cell.
#[derive(Debug, Clone)]
pub(crate) struct CellCorrection {
    pub column: String,
    pub before: String,
    pub after: String,
}

impl Corrections {
    /// The corrections of a row of the claims, counted from 1 over all files.
    pub(crate) fn of_row(&self, log: &Mutex<CorrectionLog>, row: u64) -> Vec<CellCorrection> {
        let log = lock(log);
        let cells = log.cells.iter().filter(|cell| cell.row == row);
        let changed = cells.filter_map(|cell| {
            let correction = self.list.get(cell.correction)?;
            Some(CellCorrection {
                column: correction.column.clone(),
                before: cell.before.clone(),
                after: correction.text.clone(),
            })
        });
        changed.collect()
    }
}

/// The content of a claims file, corrected.
pub(crate) struct CorrectedStream<R> {
    content: R,
    corrections: Arc<Corrections>,
    /// The name of the claims file, without folders.
    file: String,
    log: Arc<Mutex<CorrectionLog>>,
    /// The rows so far, over all files.
    rows: u64,
    /// The place of the id, once the header is read.
    id: Option<usize>,
    header: Vec<String>,
    /// The bytes that were read and not corrected yet.
    buffer: Vec<u8>,
    ended: bool,
    is_begun: bool,
    /// True if the rest cannot be read as rows, and passes as it is.
    passes: bool,
    /// The corrected bytes, and the number of them that were taken.
    corrected: Vec<u8>,
    taken: usize,
}

impl<R: Read> CorrectedStream<R> {
    /// `before` is the number of rows in the files before this one.
    pub(crate) fn new(
        content: R,
        corrections: Arc<Corrections>,
        file: String,
        before: u64,
    ) -> Self {
        Self {
            content,
            corrections,
            file,
            log: Arc::default(),
            rows: before,
            id: None,
            header: Vec::new(),
            buffer: Vec::new(),
            ended: false,
            is_begun: false,
            passes: false,
            corrected: Vec::new(),
            taken: 0,
        }
    }

    pub(crate) fn log(&self) -> Arc<Mutex<CorrectionLog>> {
        Arc::clone(&self.log)
    }

    /// Reads a block and corrects its rows.
    fn advance(&mut self) -> io::Result<()> {
        let (corrected, buffer) = (&mut self.corrected, &mut self.buffer);
        corrected.clear();
        self.taken = 0;
        let read = self.content.by_ref().take(BLOCK).read_to_end(buffer)?;
        self.ended = u64::try_from(read).is_ok_and(|read| read < BLOCK);
        let bytes = std::mem::take(buffer);
        let mut at = 0;
        if !std::mem::replace(&mut self.is_begun, true) && bytes.starts_with(BYTE_ORDER_MARK) {
            self.corrected.extend_from_slice(BYTE_ORDER_MARK);
            at = BYTE_ORDER_MARK.len();
        }
        let mut row = CsvRow::default();
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.passes {
                self.corrected.extend_from_slice(rest);
                return Ok(());
            }
            match scan(rest, self.ended, &mut row) {
                ScanResult::Nothing(length) => {
                    self.corrected.extend(rest.iter().take(length));
                    at += length;
                }
                ScanResult::Row(length) if length <= LONGEST_ROW => {
                    self.row(rest.get(..length).unwrap_or_default(), &row);
                    at += length;
                }
                ScanResult::More if !self.ended && rest.len() <= LONGEST_ROW => break,
                ScanResult::More | ScanResult::Row(_) => self.pass(),
            }
        }
        bytes
            .get(at..)
            .unwrap_or_default()
            .clone_into(&mut self.buffer);
        Ok(())
    }

    /// Lets the rest pass as it is, which the reader of the claims refuses.
    fn pass(&mut self) {
        self.passes = true;
        lock(&self.log).is_partial = true;
    }

    fn row(&mut self, bytes: &[u8], row: &CsvRow) {
        if !row.faults.is_empty() {
            self.pass();
        } else if let Some(id) = self.id {
            self.rows += 1;
            return self.data_row(id, bytes, row);
        } else {
            let names = row.cells.iter();
            let names = names.map(|cell| text_of(bytes, cell).trim().to_owned());
            self.header = names.collect();
            lock(&self.log).header.clone_from(&self.header);
            let id = &self.corrections.id_column;
            self.id = self.header.iter().position(|name| name == id);
            if self.id.is_none() {
                self.pass();
            }
        }
        self.corrected.extend_from_slice(bytes);
    }

    fn data_row(&mut self, id: usize, bytes: &[u8], row: &CsvRow) {
        let id = row.cells.get(id).map(|cell| text_of(bytes, cell));
        let of_id = id.and_then(|id| self.corrections.of_id(id.trim()));
        let mut changes: Vec<(usize, &str)> = Vec::new();
        for &number in of_id.into_iter().flatten() {
            let Some(correction) = self.corrections.list.get(number) else {
                continue;
            };
            let file = correction.claims_file.as_ref();
            let is_here = file.is_none_or(|file| *file == self.file)
                && correction.claims_row.is_none_or(|row| row == self.rows);
            let place = self
                .header
                .iter()
                .position(|name| *name == correction.column);
            let Some(place) = place.filter(|_| is_here) else {
                continue;
            };
            let mut log = lock(&self.log);
            let Some(cell) = row.cells.get(place) else {
                log.is_partial = true;
                continue;
            };
            log.cells.push(CorrectedCell {
                correction: number,
                row: self.rows,
                before: text_of(bytes, cell),
            });
            changes.push((place, &correction.text));
        }
        changes.sort_by_key(|(place, _)| *place);
        // Two corrections of a cell are refused once all are known.
        changes.dedup_by_key(|(place, _)| *place);
        let mut at = 0;
        for (place, text) in changes {
            let Some(cell) = row.cells.get(place) else {
                continue;
            };
            let range = &cell.bytes;
            let is_quoted = bytes.get(range.start.wrapping_sub(1)) == Some(&b'"');
            let quote = usize::from(is_quoted);
            let before = bytes.get(at..range.start - quote).unwrap_or_default();
            self.corrected.extend_from_slice(before);
            push_bytes(&mut self.corrected, text.as_bytes());
            at = range.end + quote;
        }
        self.corrected
            .extend_from_slice(bytes.get(at..).unwrap_or_default());
    }
}

impl<R: Read> Read for CorrectedStream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.corrected.len() {
            if self.ended {
                return Ok(0);
            }
            self.advance()?;
        }
        let rest = self.corrected.get(self.taken..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.taken += length;
        Ok(length)
    }
}
