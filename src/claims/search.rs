//! Looking for the rows of one claimant, and for the ids most like one that is
//! not there.

use anyhow::Result;

use super::FileFacts;
use super::cells::RowCells;
use super::header::Header;
use super::rows::{Row, RowReader};
use super::source::{self, Input};
use crate::diagnostic::{Breakdown, Refusal};
use crate::plan::Plan;

/// How many ids are suggested.
const SUGGESTED: usize = 5;

/// How many bytes may differ in an id that is suggested.
const FAR: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The claimant's rows: their numbers from 1, and the cells that the plan
    /// reads.
    pub rows: Vec<(u64, RowCells)>,
    /// Ids like the one looked for, the most alike first.
    pub near: Vec<String>,
    /// The files as they were read.
    pub files: Vec<FileFacts>,
}

/// Reads the claims files once, looking for an id.
pub fn find(inputs: &[Input], plan: &Plan, id: &str) -> Result<Found> {
    let mut found = Found::default();
    let mut near: Vec<(usize, String)> = Vec::new();
    let mut number = 0;
    for input in inputs {
        let before = number;
        let shown = input.shown();
        let broken = |error| Breakdown::new(format!("cannot read {shown}"), error);
        let stream = source::open(input)?;
        let mut reader = RowReader::new(stream.content);
        let mut row = Row::default();
        if reader.peek(3).map_err(broken)? == b"\xef\xbb\xbf" {
            reader.skip(3);
        }
        let mut header: Option<Header> = None;
        while let Some(line) = reader.next(&mut row).map_err(broken)? {
            let Ok(line) = line else { break };
            let text = String::from_utf8_lossy(reader.bytes(&line));
            let cell =
                |cell: &super::rows::Cell| text.get(cell.bytes.clone()).unwrap_or_default().trim();
            let Some(header) = &header else {
                let names = row
                    .cells
                    .iter()
                    .map(|c| cell(c).replace("\"\"", "\""))
                    .collect();
                header = Some(bind(names, plan, &shown)?);
                continue;
            };
            number += 1;
            let place = header.places.get(plan.claims.id.0).copied().unwrap_or(0);
            let Some(id_cell) = row.cells.get(place) else {
                continue;
            };
            let this = cell(id_cell);
            let is_it = if id_cell.doubled {
                this.replace("\"\"", "\"") == id
            } else {
                this == id
            };
            if is_it {
                let mut cells = RowCells::default();
                for &place in &header.places {
                    if let Some(c) = row.cells.get(place) {
                        cells.push(cell(c), c.doubled);
                    }
                }
                found.rows.push((number, cells));
            } else if differing_bytes(this, id) <= FAR.min(id.len() / 2) {
                near.push((strsim::damerau_levenshtein(this, id), this.to_owned()));
                keep_nearest(&mut near, 100);
            }
        }
        let seen = source::lock(&stream.seen);
        found.files.push(FileFacts {
            name: input.name(),
            shown,
            bytes: seen.bytes,
            sha256: seen.digest(),
            rows: number - before,
        });
    }
    keep_nearest(&mut near, 0);
    found.near = near.into_iter().map(|(_, id)| id).collect();
    Ok(found)
}

fn bind(names: Vec<String>, plan: &Plan, file: &str) -> Result<Header> {
    let mut problem = None;
    let header = Header::bind(names, plan, file, &mut |found| {
        problem.get_or_insert(found);
    });
    header.ok_or_else(|| {
        let text = problem.map_or_else(String::new, |problem| problem.problem);
        Refusal::new(format!("{file}: {text}"), "name the claims file of the run").into()
    })
}

/// Keeps the most alike, once there are more than `most` beyond them.
fn keep_nearest(near: &mut Vec<(usize, String)>, most: usize) {
    if near.len() > SUGGESTED + most || most == 0 {
        near.sort();
        near.dedup();
        near.truncate(SUGGESTED);
    }
}

/// How many bytes lie between the beginning and the end that two ids share.
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
