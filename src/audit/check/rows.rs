//! Compares each row of the run with the recomputed row.
//!
//! Both sides are in the order of the claims file. If they disagree, rows are held back
//! until the other side has the same claimant, so that a missing row is one difference
//! and not one for every row after it.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Result;

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::base::diagnostics::Failure;
use crate::base::money::{self, Money};
use crate::base::parallel::lock;
use crate::base::regular_file::open_file;
use crate::claims::csv::reader::{CsvRow, RowReader, ScanResult, scan};
use crate::run::file_names::{DEFICIENCIES, FLAGS, LOTS};
use crate::run::hashing_writer::WrittenFile;
use crate::run::rows::{OutputColumn, OutputKind, RowSink};

/// The maximum number of rows held back on each side.
const HELD_BACK: usize = 1 << 16;

/// The sums of a CSV file, as found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FoundRows {
    pub name: &'static str,
    /// True if the file can be opened.
    pub is_there: bool,
    pub rows: u64,
    /// The claim rows that they represent.
    pub claim_rows: u64,
    /// The sum of the payouts.
    pub payouts: Money,
}

/// The sums of all CSV files.
#[derive(Debug, Default)]
pub(crate) struct FoundFiles(pub(super) Vec<FoundRows>);

impl FoundFiles {
    /// The sums of the file with this name.
    pub(crate) fn of(&self, name: &str) -> FoundRows {
        let found = self.0.iter().find(|found| found.name == name);
        found.copied().unwrap_or_default()
    }

    /// True if one of them cannot be opened.
    pub(super) fn any_missing(&self) -> bool {
        self.0.iter().any(|found| !found.is_there)
    }

    /// The claim rows in all of them; rows of flags.csv are in other files, too, and
    /// trades are no claims.
    pub(crate) fn claim_rows(&self) -> u64 {
        let others = [FLAGS, LOTS, DEFICIENCIES];
        let files = self.0.iter().filter(|found| !others.contains(&found.name));
        files.map(|found| found.claim_rows).sum()
    }
}

/// Adds up the rows of a file.
#[derive(Debug)]
struct RowAdder {
    found: FoundRows,
    decimals: u32,
    /// The place of the payout, from the end, and of the number of claim rows, if the
    /// file has them.
    payout: Option<usize>,
    claim_rows: Option<usize>,
    /// The number of rows read, including the header.
    read: u64,
}

impl RowAdder {
    /// Adds the next row and returns its number; the header is row 0.
    fn add(&mut self, bytes: &[u8], row: &CsvRow) -> u64 {
        let number = self.read;
        self.read += 1;
        if number == 0 {
            return number;
        }
        let cell = |place: usize| {
            let cell = row.cells.get(place);
            cell.and_then(|cell| bytes.get(cell.bytes.clone()))
                .and_then(|cell| std::str::from_utf8(cell).ok())
                .unwrap_or_default()
        };
        self.found.rows += 1;
        // A cell that is not a number adds nothing: its row is reported as different
        // from the expected one.
        let claim_rows = self.claim_rows.map(cell);
        self.found.claim_rows += claim_rows.map_or(1, |rows| rows.parse().unwrap_or(0));
        if let Some(from_end) = self.payout {
            let payout = cell(row.cells.len().saturating_sub(from_end));
            let sum = money::from_text(payout, self.decimals)
                .and_then(|payout| self.found.payouts.plus(payout));
            self.found.payouts = sum.unwrap_or(self.found.payouts);
        }
        number
    }
}

/// One side of the comparison: rows without a partner so far.
#[derive(Debug, Default)]
struct UnmatchedSide {
    rows: VecDeque<(u64, Vec<u8>, Vec<u8>)>,
    by_key: HashMap<Vec<u8>, u64>,
    taken: u64,
}

impl UnmatchedSide {
    fn push(&mut self, number: u64, key: Vec<u8>, row: &[u8]) {
        let place = self.taken + u64::try_from(self.rows.len()).unwrap_or(0);
        self.by_key.entry(key.clone()).or_insert(place);
        self.rows.push_back((number, key, row.to_vec()));
    }

    fn pop(&mut self) -> Option<(u64, Vec<u8>)> {
        let (number, key, row) = self.rows.pop_front()?;
        if self.by_key.get(&key) == Some(&self.taken) {
            self.by_key.remove(&key);
        }
        self.taken += 1;
        Some((number, row))
    }

    /// The number of rows before the one with this key.
    fn before(&self, key: &[u8]) -> Option<u64> {
        self.by_key.get(key).map(|place| place - self.taken)
    }
}

#[derive(Debug)]
pub(crate) struct RowComparer<'s> {
    name: &'static str,
    reader: Option<RowReader<File>>,
    row: CsvRow,
    /// The number of cells that identify a row: the claimant, and in a file without
    /// payouts also the row of the claims.
    keys: usize,
    findings: &'s CheckFindings,
    files: &'s Mutex<FoundFiles>,
    expected: UnmatchedSide,
    found: UnmatchedSide,
    adder: RowAdder,
    lines: u64,
    /// The expected size, and that of the file.
    bytes: [u64; 2],
    differs: bool,
}

impl<'s> RowComparer<'s> {
    pub(super) fn new(
        (run, name): (&Path, &'static str),
        columns: &[OutputColumn],
        decimals: u32,
        findings: &'s CheckFindings,
        files: &'s Mutex<FoundFiles>,
    ) -> Self {
        let path = run.join(name);
        let place = |kind| columns.iter().position(|column| column.kind == kind);
        let payout = place(OutputKind::Payout);
        let reader = open_file(&path).ok().map(RowReader::new);
        Self {
            name,
            row: CsvRow::default(),
            keys: 1 + usize::from(payout.is_none()),
            findings,
            files,
            expected: UnmatchedSide::default(),
            found: UnmatchedSide::default(),
            adder: RowAdder {
                found: FoundRows {
                    name,
                    is_there: reader.is_some(),
                    ..FoundRows::default()
                },
                decimals,
                payout: payout.map(|place| columns.len() - place),
                // In a file without payouts, it is the number of the row in the claims.
                claim_rows: payout.and(place(OutputKind::Rows)),
                read: 0,
            },
            reader,
            lines: 0,
            bytes: [0, std::fs::metadata(&path).map_or(0, |facts| facts.len())],
            differs: false,
        }
    }

    fn note(&mut self, row: Option<u64>, expected: &[u8], found: &[u8]) -> Result<()> {
        let text = |row: &[u8]| {
            let text = String::from_utf8_lossy(row);
            text.strip_suffix('\n').unwrap_or(&text).to_owned()
        };
        let (expected, mut found) = (text(expected), text(found));
        if expected == found {
            found = format!("{found} with a missing or different line ending");
        }
        let what = if expected.is_empty() {
            "unexpected row"
        } else if found.is_empty() {
            "missing row"
        } else {
            ""
        };
        self.differs = true;
        let of_row = [&expected, &found].into_iter().find(|row| !row.is_empty());
        let id = of_row.filter(|_| row != Some(0));
        self.findings.add(CheckFinding {
            file: self.name.to_owned(),
            row,
            claimant_id: id.and_then(|row| first_cell(row)),
            what: what.to_owned(),
            expected,
            found,
        })
    }

    fn broken(&self) -> impl Fn(io::Error) -> Failure + use<> {
        let name = self.name;
        move |error| Failure::reading(name, error)
    }

    /// True if the next row of the file is this one, which is then added up.
    fn is_next(&mut self, expected: &[u8], row: &CsvRow) -> Result<bool> {
        let broken = self.broken();
        let Some(reader) = &mut self.reader else {
            return Ok(false);
        };
        let is_next = reader.take_if(expected, row).map_err(broken)?;
        if is_next {
            self.adder.add(expected, row);
        }
        Ok(is_next)
    }

    /// Adds up the next row of the file and holds it back; `false` at the end.
    fn read(&mut self) -> Result<bool> {
        let broken = self.broken();
        let Some(reader) = &mut self.reader else {
            return Ok(false);
        };
        let line = reader.next(&mut self.row).map_err(broken)?;
        let Some(Ok(line)) = line else {
            self.reader = None;
            return Ok(false);
        };
        let bytes = reader.bytes(&line);
        let number = self.adder.add(bytes, &self.row);
        let key = key(bytes, &self.row, self.keys);
        self.found.push(number, key, bytes);
        Ok(true)
    }

    /// Pairs the rows of both sides that have this key, if both have one.
    fn pair(&mut self, key: &[u8]) -> Result<bool> {
        let (Some(expected), Some(found)) = (self.expected.before(key), self.found.before(key))
        else {
            return Ok(false);
        };
        for _ in 0..expected {
            if let Some((_, row)) = self.expected.pop() {
                self.note(None, &row, b"")?;
            }
        }
        for _ in 0..found {
            if let Some((number, row)) = self.found.pop() {
                self.note(Some(number), b"", &row)?;
            }
        }
        self.pair_first()?;
        Ok(true)
    }

    fn pair_first(&mut self) -> Result<()> {
        let expected = self.expected.pop().map(|(_, row)| row);
        let found = self.found.pop();
        match (expected, found) {
            (Some(expected), Some((number, found))) if expected != found => {
                self.note(Some(number), &expected, &found)
            }
            (Some(expected), None) => self.note(None, &expected, b""),
            (None, Some((number, found))) => self.note(Some(number), b"", &found),
            _ => Ok(()),
        }
    }
}

impl RowComparer<'_> {
    /// Compares an expected row with these cells.
    fn compare(&mut self, expected: &[u8], row: &CsvRow) -> Result<()> {
        let in_step = self.expected.rows.is_empty() && self.found.rows.is_empty();
        if in_step && self.is_next(expected, row)? {
            return Ok(());
        }
        let wanted = key(expected, row, self.keys);
        self.expected.push(0, wanted.clone(), expected);
        if self.found.rows.len() < self.expected.rows.len() {
            self.read()?;
        }
        if !self.pair(&wanted)?
            && let Some((_, latest, _)) = self.found.rows.back().cloned()
        {
            self.pair(&latest)?;
        }
        if self.expected.rows.len() > HELD_BACK {
            self.pair_first()?;
        }
        Ok(())
    }
}

impl RowSink for RowComparer<'_> {
    fn rows(&mut self, rows: &[u8], lines: u64) -> Result<()> {
        self.lines += lines;
        self.bytes[0] += u64::try_from(rows.len()).unwrap_or(0);
        let (mut at, mut row) = (0, CsvRow::default());
        while let ScanResult::Row(length) = scan(rows.get(at..).unwrap_or_default(), true, &mut row)
        {
            self.compare(rows.get(at..at + length).unwrap_or_default(), &row)?;
            at += length;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<WrittenFile> {
        while self.read()? {
            if let Some((_, latest, _)) = self.found.rows.back().cloned() {
                self.pair(&latest)?;
            }
            if self.found.rows.len() > HELD_BACK {
                self.pair_first()?;
            }
        }
        while let Some((_, row)) = self.expected.pop() {
            self.note(None, &row, b"")?;
        }
        while let Some((number, row)) = self.found.pop() {
            self.note(Some(number), b"", &row)?;
        }
        if !self.differs && self.bytes[0] != self.bytes[1] {
            let [expected, found] = self.bytes.map(|bytes| format!("{bytes} bytes"));
            let what = "blank lines among the rows";
            let finding = CheckFinding::of_file(self.name, what, &expected, &found);
            self.findings.add(finding)?;
        }
        lock(self.files).0.push(self.adder.found);
        Ok(WrittenFile {
            lines: self.lines,
            ..WrittenFile::named(self.name)
        })
    }
}

/// The first cells of a row.
fn key(bytes: &[u8], row: &CsvRow, cells: usize) -> Vec<u8> {
    let mut key = Vec::new();
    for cell in row.cells.iter().take(cells) {
        key.extend(bytes.get(cell.bytes.clone()).unwrap_or_default());
        key.push(0);
    }
    key
}

/// The first cell of a row, which is the id in every file of a run.
fn first_cell(row: &str) -> Option<String> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(row.as_bytes());
    let record = reader.into_records().next()?.ok()?;
    record.get(0).map(str::to_owned)
}
