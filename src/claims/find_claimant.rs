//! Finds the rows of one claimant, or the most similar ids if there are none.

use std::borrow::Cow;

use anyhow::Result;

use crate::base::diagnostics::Failure;
use crate::claims::corrections::stream::CellCorrection;
use crate::claims::csv::parallel_scan::{self, RowFields};
use crate::claims::csv::reader;
use crate::claims::header::Header;
use crate::claims::input::{self, Input};
use crate::claims::row_cells::RowCells;
use crate::claims::trades::TradeBook;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::{ClaimsFile, messages};
use crate::plan::cell::Cells as _;
use crate::plan::cell_map::CellChange;
use crate::plan::claim_fact::ClaimFact;
use crate::plan::{ColumnId, Plan};

/// Number of suggested ids.
const SUGGESTED: usize = 5;

/// Maximum number of differing bytes in a suggested id.
const FAR: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct FoundClaimant {
    /// The rows of the claimant.
    pub rows: Vec<FoundRow>,
    /// Similar ids, the most similar first.
    pub near: Vec<String>,
    /// The files as read.
    pub files: Vec<ClaimsFile>,
}

/// A row of the claimant.
#[derive(Debug)]
pub(crate) struct FoundRow {
    /// Counted from 1 over all files.
    pub number: u64,
    /// The name of its file, without folders.
    pub file: String,
    /// Its line in the file, or its row in the sheet.
    pub line: u64,
    /// The cells as the plan reads them.
    pub cells: RowCells,
    /// The cells that are read as other texts, as they are in the file.
    pub mapped: Vec<MappedCell>,
    /// The cells that corrections changed.
    pub corrected: Vec<CellCorrection>,
}

/// A cell that is read as another text.
#[derive(Debug)]
pub(crate) struct MappedCell {
    pub column: ColumnId,
    /// The cell as it is in the file.
    pub written: String,
    pub change: CellChange,
}

/// The relation of a row to the wanted id.
enum IdMatch {
    /// A row of the claimant.
    Wanted(RowCells),
    /// A row with a similar id, and the number of differing bytes.
    Near(usize, String),
}

/// Reads the claims files once, searching for an id.
pub(crate) fn find(
    inputs: &[Input],
    plan: &Plan,
    id: &str,
    matched: Option<&MatchedTrades<'_>>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<FoundClaimant> {
    let mut found = FoundClaimant::default();
    let mut near: Vec<(usize, String)> = Vec::new();
    let mut number = 0;
    for input in inputs {
        let shown = input.shown();
        let broken = |error| Failure::reading(&shown, error);
        let mut stream = input::open(input, plan, number)?.refuse_faults()?;
        let layout = stream.sheet.take().map(|sheet| sheet.layout);
        let corrected = stream.corrected.take();
        let (mut reader, rest) = parallel_scan::begin(stream);
        if reader.peek(3).map_err(broken)? == b"\xef\xbb\xbf" {
            reader.skip(3);
        }
        let mut row = reader::CsvRow::default();
        let mut rows = 0;
        if let Some(Ok(line)) = reader.next(&mut row).map_err(broken)? {
            let text = String::from_utf8_lossy(reader.bytes(&line)).into_owned();
            let name = |cell: &reader::CellSpan| {
                let name = text.get(cell.bytes.clone()).unwrap_or_default();
                name.trim().replace("\"\"", "\"")
            };
            let names: Vec<String> = row.cells.iter().map(name).collect();
            let header = bind(names, plan, &shown)?;
            rows = parallel_scan::through(
                &shown,
                reader,
                &rest,
                progress,
                |fields| look_at(fields, &header, plan, id),
                |place, what| match what {
                    IdMatch::Wanted(written) => {
                        let line = layout.as_ref().map(|layout| layout.row(place.row).into());
                        let row = FoundRow {
                            number: number + place.row,
                            file: input.name(),
                            line: line.unwrap_or(place.line),
                            cells: RowCells::default(),
                            mapped: Vec::new(),
                            corrected: Vec::new(),
                        };
                        found.rows.push(row.filled(plan, &written, matched));
                    }
                    IdMatch::Near(changes, other) => {
                        near.push((changes, other));
                        keep_nearest(&mut near, 100);
                    }
                },
            )?;
        }
        if let Some((corrections, log)) = input.corrections().zip(corrected) {
            for row in found.rows.iter_mut().filter(|row| row.number > number) {
                row.corrected = corrections.of_row(&log, row.number);
            }
        }
        number += rows;
        let (bytes, sha256) = rest.facts();
        found.files.push(found_file(input, bytes, sha256, rows));
    }
    keep_nearest(&mut near, 0);
    // An id that differs only in how it is typed is meant, and no other.
    if near.iter().any(|(changes, _)| *changes == 0) {
        near.retain(|(changes, _)| *changes == 0);
    }
    found.near = near.into_iter().map(|(_, id)| id).collect();
    Ok(found)
}

/// A file as read.
fn found_file(input: &Input, bytes: u64, sha256: String, rows: u64) -> ClaimsFile {
    ClaimsFile {
        name: input.name(),
        shown: input.shown(),
        bytes,
        sha256,
        rows,
        empty_rows: 0,
        may_be_cut: false,
        trades: false,
    }
}

impl FoundRow {
    /// The row with its cells, as the plan reads them.
    fn filled(
        mut self,
        plan: &Plan,
        written: &RowCells,
        matched: Option<&MatchedTrades<'_>>,
    ) -> Self {
        for (id, column) in plan.columns.iter() {
            let cell: Cow<'_, str> = match (column.fact, matched) {
                (Some(ClaimFact::Trades(fact)), Some(matched)) => {
                    TradeBook::fact(fact, matched).into()
                }
                (Some(fact), _) if fact.is_prior() => {
                    plan.prior_cell(written.cell(plan.claims.id), fact)
                }
                _ => written.cell(id).into(),
            };
            match column.map.read(&cell) {
                None => self.cells.push_whole(&cell),
                Some((text, change)) => {
                    self.cells.push_whole(text);
                    self.mapped.push(MappedCell {
                        column: id,
                        written: cell.into_owned(),
                        change,
                    });
                }
            }
        }
        self
    }
}

fn look_at(fields: &RowFields<'_>, header: &Header, plan: &Plan, id: &str) -> Option<IdMatch> {
    let place = header.places.get(plan.claims.id.0).copied().unwrap_or(0);
    let (cell, doubled) = fields.cell(place);
    let this = std::str::from_utf8(cell).unwrap_or_default().trim();
    let is_it = if doubled {
        this.replace("\"\"", "\"") == id
    } else {
        this == id
    };
    if is_it {
        let mut cells = RowCells::default();
        for &place in &header.places {
            let (cell, doubled) = fields.cell(place);
            cells.push(&String::from_utf8_lossy(cell), doubled);
        }
        return Some(IdMatch::Wanted(cells));
    }
    if loose(this).eq(loose(id)) {
        return Some(IdMatch::Near(0, this.to_owned()));
    }
    (differing_bytes(this, id) <= FAR.min(id.len() / 2)).then(|| {
        let changes = strsim::damerau_levenshtein(this, id);
        IdMatch::Near(changes, this.to_owned())
    })
}

/// The letters and digits of an id, without case and without zeros before numbers.
fn loose(id: &str) -> impl Iterator<Item = u8> {
    let mut in_number = false;
    let bytes = id.bytes().filter(u8::is_ascii_alphanumeric);
    bytes.filter_map(move |byte| {
        let is_idle = byte == b'0' && !in_number;
        in_number = byte.is_ascii_digit() && !is_idle;
        (!is_idle).then_some(byte.to_ascii_lowercase())
    })
}

fn bind(names: Vec<String>, plan: &Plan, file: &str) -> Result<Header> {
    let mut problem = None;
    let header = Header::bind(names, plan, file, &mut |found| {
        problem.get_or_insert(found);
    });
    header.ok_or_else(|| {
        let text = problem.map_or_else(String::new, |problem| problem.problem);
        messages::not_the_header_of_the_run(file, &text).into()
    })
}

/// Keeps only the most similar ids once there are more than `most` extra ones.
fn keep_nearest(near: &mut Vec<(usize, String)>, most: usize) {
    if near.len() > SUGGESTED + most || most == 0 {
        near.sort();
        near.dedup();
        near.truncate(SUGGESTED);
    }
}

/// The number of bytes between the common prefix and the common suffix of two ids.
fn differing_bytes(a: &str, b: &str) -> usize {
    let same = |pair: &(u8, u8)| pair.0.eq_ignore_ascii_case(&pair.1);
    let start = a.bytes().zip(b.bytes()).take_while(same).count();
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    let end = a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(same)
        .count()
        .min(shorter - start);
    longer - start - end
}
