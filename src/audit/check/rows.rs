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

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::base::diagnostics::Failure;
use crate::base::money::{self, Money};
use crate::base::parallel::lock;
use crate::base::regular_file::open_file;
use crate::claims::csv::reader::{CsvRow, RowReader, ScanResult, scan};
use crate::plan::Plan;
use crate::run::file_names::{HELD, PAYOUTS, UNPAID};
use crate::run::hashing_writer::WrittenFile;
use crate::run::row_tally::RowTally;
use crate::run::rows::{self, RowSink};

/// The maximum number of rows held back on each side.
const HELD_BACK: usize = 1 << 16;

/// Totals of the compared files.
#[derive(Debug)]
pub(crate) struct ComparedRows {
    /// Rows found in payouts.csv, held.csv and unpaid.csv.
    pub rows: [u64; 3],
    /// Claim rows that they represent.
    pub claim_rows: u64,
    /// The sum of the payouts found in payouts.csv.
    pub paid: Money,
    /// The sum of the payouts found in held.csv.
    pub held: Money,
    /// Counts and sums of the expected rows.
    pub tally: RowTally,
}

/// Computes every row and compares it with the files of the run.
pub(crate) fn compare(
    run: &Path,
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    findings: &mut CheckFindings,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<ComparedRows> {
    let shared = Mutex::new(SharedFindings {
        findings,
        files: Vec::new(),
    });
    let decimals = plan.settlement.currency.decimals();
    let file =
        |name, payout_from_end| RowComparer::new(run, name, payout_from_end, decimals, &shared);
    let sinks = [
        file(PAYOUTS, Some(1)),
        file(HELD, Some(2)),
        file(UNPAID, None),
    ];
    let written = rows::write(plan, claims, distribution, sinks, progress)?;
    let of = |name: &str| {
        let shared = lock(&shared);
        let file = shared.files.iter().find(|file| file.name == name);
        file.map_or((0, 0, Money::ZERO), |file| {
            (file.rows, file.claim_rows, file.sum)
        })
    };
    let (paid, held, unpaid) = (of(PAYOUTS), of(HELD), of(UNPAID));
    Ok(ComparedRows {
        rows: [paid.0, held.0, unpaid.0],
        claim_rows: paid.1 + held.1 + unpaid.1,
        paid: paid.2,
        held: held.2,
        tally: written.tally,
    })
}

struct SharedFindings<'f> {
    findings: &'f mut CheckFindings,
    files: Vec<FileTotals>,
}

/// Totals of a file, as found.
#[derive(Debug, Default)]
struct FileTotals {
    name: &'static str,
    rows: u64,
    claim_rows: u64,
    sum: Money,
}

/// Adds up the rows of a file.
#[derive(Debug)]
struct FileAdder {
    totals: FileTotals,
    payout_from_end: Option<usize>,
    decimals: u32,
    rows_column: bool,
    /// The number of rows read, including the header.
    read: u64,
}

impl FileAdder {
    /// Adds the next row and returns its number; the header is row 0.
    fn add(&mut self, bytes: &[u8], row: &CsvRow) -> u64 {
        let number = self.read;
        self.read += 1;
        let cell = |place: usize| {
            let cell = row.cells.get(place);
            cell.and_then(|cell| bytes.get(cell.bytes.clone()))
                .and_then(|cell| std::str::from_utf8(cell).ok())
                .unwrap_or_default()
        };
        if number == 0 {
            self.rows_column = cell(2) == "rows";
            return number;
        }
        self.totals.rows += 1;
        // A cell that is not a number adds nothing: its row is reported as different
        // from the expected one.
        self.totals.claim_rows += if self.rows_column {
            cell(2).parse().unwrap_or(0)
        } else {
            1
        };
        if let Some(from_end) = self.payout_from_end {
            let payout = cell(row.cells.len().saturating_sub(from_end));
            let sum = money::from_text(payout, self.decimals)
                .and_then(|money| self.totals.sum.plus(money));
            self.totals.sum = sum.unwrap_or(self.totals.sum);
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

struct RowComparer<'s, 'f> {
    name: &'static str,
    reader: Option<RowReader<File>>,
    row: CsvRow,
    /// True if rows are identified by the first two cells.
    by_second: bool,
    shared: &'s Mutex<SharedFindings<'f>>,
    expected: UnmatchedSide,
    found: UnmatchedSide,
    adder: FileAdder,
    lines: u64,
    /// The expected size, and that of the file.
    bytes: [u64; 2],
    differs: bool,
}

impl<'s, 'f> RowComparer<'s, 'f> {
    fn new(
        run: &Path,
        name: &'static str,
        payout_from_end: Option<usize>,
        decimals: u32,
        shared: &'s Mutex<SharedFindings<'f>>,
    ) -> Self {
        let path = run.join(name);
        // The missing file was reported before.
        let reader = open_file(&path).ok().map(RowReader::new);
        Self {
            name,
            reader,
            row: CsvRow::default(),
            by_second: payout_from_end.is_none(),
            shared,
            expected: UnmatchedSide::default(),
            found: UnmatchedSide::default(),
            adder: FileAdder {
                totals: FileTotals {
                    name,
                    ..FileTotals::default()
                },
                payout_from_end,
                decimals,
                rows_column: false,
                read: 0,
            },
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
        lock(self.shared).findings.add(CheckFinding {
            file: self.name.to_owned(),
            row,
            what: what.to_owned(),
            expected,
            found,
        })
    }

    fn broken(&self) -> impl Fn(io::Error) -> Failure + use<> {
        let name = self.name;
        move |error| Failure::new(format!("cannot read {name}"), error)
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
        let key = key(bytes, &self.row, self.by_second);
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

impl RowComparer<'_, '_> {
    /// Compares an expected row with these cells.
    fn compare(&mut self, expected: &[u8], row: &CsvRow) -> Result<()> {
        let in_step = self.expected.rows.is_empty() && self.found.rows.is_empty();
        if in_step && self.is_next(expected, row)? {
            return Ok(());
        }
        let wanted = key(expected, row, self.by_second);
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

impl RowSink for RowComparer<'_, '_> {
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
            lock(self.shared).findings.add(finding)?;
        }
        let totals = std::mem::take(&mut self.adder.totals);
        lock(self.shared).files.push(totals);
        Ok(WrittenFile {
            name: self.name.to_owned(),
            lines: self.lines,
            ..WrittenFile::default()
        })
    }
}

/// The key of a row: the claimant and, in unpaid.csv, the row of the claims.
fn key(bytes: &[u8], row: &CsvRow, with_second: bool) -> Vec<u8> {
    let cells = row.cells.iter().take(1 + usize::from(with_second));
    let mut key = Vec::new();
    for cell in cells {
        key.extend(bytes.get(cell.bytes.clone()).unwrap_or_default());
        key.push(0);
    }
    key
}
