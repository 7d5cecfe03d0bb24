//! Reading claims files: what is looked at in which order, row by row.

mod start;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::bytes::{self, ByteFault};
use super::cells::RowCells;
use super::controls::Controls;
use super::header::Header;
use super::identity::{Ids, LONGEST_ID};
use super::memory::Memory;
use super::merging::{Merged, Merger};
use super::problems::Problems;
use super::rows::{self, Row, RowReader, TooLong};
use super::source::{self, Input};
use super::{Claims, FileFacts, Unmatched};
use crate::diagnostic::{Breakdown, ClaimProblem, Refusal, literal};
use crate::entitlement::{self, Entitlements, KindId, Notes, Standing};
use crate::expect::Expect;
use crate::plan::column::{CellFault, Cells};
use crate::plan::{ColumnId, Plan, Rows};

/// Reads claims files, one after the other.
pub struct Reader<'p> {
    plan: &'p Plan,
    problems: Problems,
    header: Option<Header>,
    files: Vec<FileFacts>,
    ids: Ids,
    kinds: Vec<KindId>,
    entitlements: Entitlements,
    unmatched: BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
    memory: Memory,
    merger: Option<Merger>,
    cells: RowCells,
    controls: Controls,
}

/// The file that is being read, for messages.
struct Place<'a> {
    file: &'a str,
    row: u64,
    line: u64,
}

impl<'p> Reader<'p> {
    /// Nothing read yet.
    pub fn new(plan: &'p Plan, expect: Option<&Expect>, errors: Option<&Path>) -> Result<Self> {
        Ok(Self {
            plan,
            problems: Problems::new(errors)?,
            header: None,
            files: Vec::new(),
            ids: Ids::new(plan.claims.rows == Rows::Unique),
            kinds: Vec::new(),
            entitlements: Entitlements::new(plan),
            unmatched: BTreeMap::new(),
            memory: Memory::new(plan),
            merger: (plan.claims.rows == Rows::Sum).then(|| Merger::new(plan)),
            cells: RowCells::default(),
            controls: Controls::new(plan, expect),
        })
    }

    /// Reads a file to its end.
    pub fn file(&mut self, input: &Input, progress: &dyn Fn(u64)) -> Result<()> {
        if !self.files.is_empty() {
            self.problems.several_files();
        }
        let shown = input.shown();
        let broken = |error: std::io::Error| -> anyhow::Error {
            if error.kind() == std::io::ErrorKind::FileTooLarge {
                let hint =
                    "unpack it yourself and look at it; a claims file does not shrink so much";
                return Refusal::new(format!("{shown}: {error}"), hint).into();
            }
            Breakdown::new(format!("cannot read {shown}"), error).into()
        };
        let stamp = input.stamp();
        let stream = source::open(input)?;
        let seen = stream.seen;
        let mut rows = RowReader::new(stream.content);
        let mut row = Row::default();
        let before = self.ids.len();
        if self.begin(&mut rows, &mut row, input).map_err(broken)? {
            let mut told = 0;
            while let Some(line) = rows.next(&mut row).map_err(broken)? {
                let bytes = seen.borrow().bytes;
                if bytes > told {
                    progress(bytes - told);
                    told = bytes;
                }
                let number = u64::try_from(self.ids.len()).unwrap_or(u64::MAX) + 1;
                match line {
                    Ok(line) => {
                        let place = Place {
                            file: &shown,
                            row: number,
                            line: line.number,
                        };
                        self.row(&place, rows.bytes(&line), &row);
                    }
                    Err(long) => {
                        self.too_long(&shown, number, long);
                        break;
                    }
                }
            }
            if self.ids.len() == before {
                self.note_file(
                    &shown,
                    "the file has a header and no claims",
                    "check that the export is complete",
                );
            }
        }
        let seen = seen.borrow();
        if stamp != input.stamp() {
            let cause = std::io::Error::other("it changed while it was being read");
            return Err(Breakdown::new(format!("cannot use {shown}"), cause).into());
        }
        self.files.push(FileFacts {
            name: input.name(),
            shown,
            bytes: seen.bytes,
            sha256: seen.digest(),
            rows: u64::try_from(self.ids.len() - before).unwrap_or(u64::MAX),
        });
        Ok(())
    }

    fn row(&mut self, place: &Place<'_>, bytes: &[u8], row: &Row) {
        if self.check_row(place, bytes, row).is_none() {
            let id_place = self.ids.push("");
            self.kinds.push(0);
            if let Some(merger) = &mut self.merger {
                merger.row(&self.ids, id_place, None, &self.cells);
            }
            return;
        }
        self.check_id(place);
        if !self.controls.is_empty() {
            for fault in self.controls.row(self.plan, &self.cells) {
                self.cell_fault(place, fault);
            }
        }
        if self.merger.is_some() {
            self.merge(place);
            return;
        }
        let kind = match self.memory.recall(&self.cells) {
            Some(kind) => kind,
            None => self.judge(place),
        };
        self.kinds.push(kind);
        self.ids.push(self.cells.cell(self.plan.claims.id));
    }

    /// Adds the row to the claim of its claimant, if it is accepted.
    fn merge(&mut self, place: &Place<'_>) {
        let mut notes = Notes::default();
        let standing = entitlement::standing(self.plan, &self.cells, &mut notes);
        if standing.is_some_and(Standing::takes_part) {
            entitlement::check_claim_texts(self.plan, &self.cells, &mut notes);
        }
        for &column in &notes.unmatched {
            count_unmatched(&mut self.unmatched, column, self.cells.cell(column), 1);
        }
        let kind = standing
            .filter(|standing| !standing.takes_part())
            .and_then(|standing| {
                let (group, draws) = entitlement::outside(self.plan, standing);
                self.entitlements.enter(group, &draws, 1)
            });
        self.kinds.push(kind.unwrap_or(0));
        let id_place = self.ids.push(self.cells.cell(self.plan.claims.id));
        if let Some(merger) = &mut self.merger {
            let accepted = standing.filter(|_| notes.faults.is_empty());
            notes
                .faults
                .extend(merger.row(&self.ids, id_place, accepted, &self.cells));
        }
        for fault in notes.faults {
            self.cell_fault(place, fault);
        }
    }

    /// Takes the cells that the plan reads, if the row as such is good.
    fn check_row(&mut self, place: &Place<'_>, bytes: &[u8], row: &Row) -> Option<()> {
        if !row.faults.is_empty() {
            for fault in bytes::quote_faults(bytes, row) {
                self.byte_fault(place, fault);
            }
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.byte_fault(place, bytes::utf8_fault(bytes, row));
            return None;
        };
        if let Some(fault) = bytes::looks_odd(bytes)
            .then(|| bytes::control_fault(text, row))
            .flatten()
        {
            self.byte_fault(place, fault);
            return None;
        }
        let header = self.header.as_ref()?;
        if row.cells.len() != header.names.len() {
            let (found, wanted) = (row.cells.len(), header.names.len());
            let problem = format!(
                "the row has {}, the header has {wanted}",
                crate::diagnostic::count(found, "cell", "cells")
            );
            let hint = if found > wanted {
                "a cell with a comma must stand in quotes"
            } else {
                "a cell or a quote is missing, or the file was cut"
            };
            self.note(place, None, None, problem, hint);
            return None;
        }
        self.cells.clear();
        for &place in &header.places {
            let Some(cell) = row.cells.get(place) else {
                continue;
            };
            self.cells.push(
                text.get(cell.bytes.clone()).unwrap_or_default(),
                cell.doubled,
            );
        }
        Some(())
    }

    fn check_id(&mut self, place: &Place<'_>) {
        let id = self.cells.cell(self.plan.claims.id);
        let (problem, hint) = if id.is_empty() {
            (
                "the id is blank".to_owned(),
                "every row needs the id of its claimant",
            )
        } else if id.len() > LONGEST_ID {
            (
                format!("the id has {} bytes; the most is {LONGEST_ID}", id.len()),
                "check that this is the column of ids",
            )
        } else if id.contains(['\n', '\r']) {
            ("the id has a line break".to_owned(), "write it on one line")
        } else if let Some(hidden) = id.chars().find(|c| is_hidden(*c)) {
            (
                format!(
                    "the id {} has a character that cannot be seen, U+{:04X}",
                    literal(id),
                    u32::from(hidden)
                ),
                "two ids could look the same; write it without",
            )
        } else if is_shortened(id) {
            (
                format!("the id {} was shortened by a spreadsheet", literal(id)),
                "its digits are lost here; export again with the column as text",
            )
        } else if id.starts_with(['=', '+', '-', '@']) {
            (
                format!("the id {} begins like a formula", literal(id)),
                "a spreadsheet would run it; write it without `=`, `+`, `-` or `@` in front",
            )
        } else {
            return;
        };
        let value = id.to_owned();
        self.note(place, Some(self.plan.claims.id), Some(value), problem, hint);
    }

    /// Works out what becomes of a row, and remembers it.
    fn judge(&mut self, place: &Place<'_>) -> KindId {
        let mut notes = Notes::default();
        let standing = entitlement::standing(self.plan, &self.cells, &mut notes);
        let judged = standing.and_then(|standing| {
            if !standing.takes_part() {
                return Some(entitlement::outside(self.plan, standing));
            }
            entitlement::check_claim_texts(self.plan, &self.cells, &mut notes);
            entitlement::draws(self.plan, standing, &self.cells, &mut notes)
        });
        if !notes.faults.is_empty() {
            for fault in notes.faults {
                self.cell_fault(place, fault);
            }
            return 0;
        }
        let unmatched = notes
            .unmatched
            .iter()
            .map(|&column| (column, self.cells.cell(column).to_owned()))
            .collect::<Vec<_>>();
        let kind = judged.and_then(|(group, draws)| self.entitlements.enter(group, &draws, 1));
        let Some(kind) = kind else {
            let hint = "split the file";
            self.note(
                place,
                None,
                None,
                "there are more different claims than can be counted".to_owned(),
                hint,
            );
            return 0;
        };
        for (column, text) in &unmatched {
            count_unmatched(&mut self.unmatched, *column, text, 1);
        }
        let rows = u64::try_from(self.kinds.len()).unwrap_or(u64::MAX);
        self.memory.remember(&self.cells, kind, unmatched, rows);
        kind
    }

    /// What was read, if nothing was wrong.
    pub fn finish(mut self) -> Result<Claims> {
        let (claimants, by_case) = match self.merger.as_mut() {
            Some(merger) => (merger.claimants(), std::mem::take(&mut merger.by_case)),
            None => (self.ids.len(), self.repeated_ids()),
        };
        let mut warnings: Vec<String> = by_case_warning(&by_case).into_iter().collect();
        warnings.extend(same_file_warning(&self.files));
        let merged = self.merger.take().map(|merger| self.judge_merged(merger));
        self.problems.finish()?;
        for repeated in self.memory.into_repeated() {
            self.entitlements.add(repeated.kind, repeated.rows);
            for (column, text) in &repeated.unmatched {
                count_unmatched(&mut self.unmatched, *column, text, repeated.rows);
            }
        }
        Ok(Claims {
            files: self.files,
            ids: self.ids,
            kinds: self.kinds,
            entitlements: self.entitlements,
            claimants: u64::try_from(claimants).unwrap_or(u64::MAX),
            merged,
            unmatched: list_unmatched(self.plan, self.unmatched),
            warnings,
            controls: self.controls,
        })
    }

    /// Notes ids that occur twice; the result is pairs of rows whose ids
    /// differ only by case.
    fn repeated_ids(&mut self) -> Vec<(usize, usize)> {
        let alike = self.ids.alike();
        for (first, second, id) in alike.repeated {
            let problem = format!("the id {} is also in row {}", literal(&id), first + 1);
            let hint = "each claimant has one row; remove one, or write `rows = \"sum\"` in [claims] to add rows up";
            self.problems.add(ClaimProblem {
                file: file_of(&self.files, second),
                row: u64::try_from(second + 1).ok(),
                column: Some(self.plan.columns.name(self.plan.claims.id).to_owned()),
                value: Some(id),
                problem,
                hint: Some(hint.to_owned()),
                ..ClaimProblem::default()
            });
        }
        alike.by_case
    }

    /// Works out what each claim may draw whose rows were added up.
    fn judge_merged(&mut self, merger: Merger) -> Merged {
        let mut claim_kinds = HashMap::with_hasher(FixedState::with_seed(0));
        for (first_row, claimant, standing, cells) in merger.claims(&self.ids, self.plan.claims.id)
        {
            let mut notes = Notes::default();
            let judged = entitlement::draws(self.plan, standing, &cells, &mut notes);
            let kind = judged.and_then(|(group, draws)| self.entitlements.enter(group, &draws, 1));
            claim_kinds.insert(claimant, kind.unwrap_or(0));
            for fault in notes.faults {
                let row = usize::try_from(first_row).unwrap_or(usize::MAX);
                self.problems.add(ClaimProblem {
                    file: file_of(&self.files, row),
                    row: Some(u64::from(first_row) + 1),
                    column: fault
                        .column
                        .map(|column| self.plan.columns.name(column).to_owned()),
                    value: fault.column.map(|column| cells.cell(column).to_owned()),
                    problem: format!("with all rows of the claimant added up, {}", fault.problem),
                    hint: fault.hint,
                    ..ClaimProblem::default()
                });
            }
        }
        merger.finish(&claim_kinds, &mut self.kinds)
    }

    fn note_file(&mut self, file: &str, problem: &str, hint: &str) {
        self.problems.add(ClaimProblem {
            file: file.to_owned(),
            problem: problem.to_owned(),
            hint: Some(hint.to_owned()),
            ..ClaimProblem::default()
        });
    }

    fn note(
        &mut self,
        place: &Place<'_>,
        column: Option<ColumnId>,
        value: Option<String>,
        problem: String,
        hint: &str,
    ) {
        let column = column.map(|column| self.plan.columns.name(column).to_owned());
        self.note_named(place, column, value, problem, Some(hint.to_owned()));
    }

    fn note_named(
        &mut self,
        place: &Place<'_>,
        column: Option<String>,
        value: Option<String>,
        problem: String,
        hint: Option<String>,
    ) {
        self.problems.add(ClaimProblem {
            file: place.file.to_owned(),
            row: Some(place.row),
            line: Some(place.line),
            column,
            value,
            problem,
            hint,
        });
    }

    fn cell_fault(&mut self, place: &Place<'_>, fault: CellFault) {
        let column = fault
            .column
            .map(|column| self.plan.columns.name(column).to_owned());
        let value = fault
            .column
            .map(|column| self.cells.cell(column).to_owned());
        self.note_named(place, column, value, fault.problem, fault.hint);
    }

    fn too_long(&mut self, file: &str, row: u64, long: TooLong) {
        let problem = if long.in_quotes {
            format!(
                "a quote opened in the row that begins on line {} is not closed",
                long.line
            )
        } else {
            format!(
                "the row that begins on line {} is longer than {} MiB",
                long.line,
                rows::LONGEST_ROW >> 20
            )
        };
        let hint = "close the quote, or check that this is a CSV file; the rest of it was not read";
        let place = Place {
            file,
            row,
            line: long.line,
        };
        self.note(&place, None, None, problem, hint);
    }

    fn byte_fault(&mut self, place: &Place<'_>, fault: ByteFault) {
        let column = fault
            .cell
            .and_then(|cell| Some(self.header.as_ref()?.name(cell)));
        self.note_named(place, column, fault.value, fault.problem, Some(fault.hint));
    }
}

/// Whether a character of an id cannot be told from nothing, or from a space.
fn is_hidden(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || (character.is_whitespace() && character != ' ')
}

/// `1.23E+05`: how a spreadsheet writes a long number that it has no room for.
fn is_shortened(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| match text.split_once('.') {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(text),
    };
    id.split_once("E+")
        .is_some_and(|(before, after)| number(before) && digits(after))
}

/// The file that holds a row, numbered from 0 over all files.
fn file_of(files: &[FileFacts], row: usize) -> String {
    let mut end = 0;
    for file in files {
        end += file.rows;
        if u64::try_from(row).is_ok_and(|row| row < end) {
            return file.shown.clone();
        }
    }
    String::new()
}

fn same_file_warning(files: &[FileFacts]) -> Option<String> {
    let twice = files.iter().enumerate().find(|(position, file)| {
        files
            .iter()
            .take(*position)
            .any(|before| before.sha256 == file.sha256)
    });
    twice.map(|(_, file)| {
        format!(
            "the file {} was read twice, or another with the same content",
            file.name
        )
    })
}

fn by_case_warning(pairs: &[(usize, usize)]) -> Option<String> {
    let (first, second) = pairs.first()?;
    Some(format!(
        "{} of ids differ only by case and count as different claimants; the first are rows {} and {}",
        crate::diagnostic::count(pairs.len(), "pair", "pairs"),
        first + 1,
        second + 1
    ))
}

fn count_unmatched(
    unmatched: &mut BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
    column: ColumnId,
    text: &str,
    rows: u64,
) {
    let texts = unmatched
        .entry(column)
        .or_insert_with(|| HashMap::with_hasher(FixedState::with_seed(0)));
    match texts.get_mut(text) {
        Some(count) => *count += rows,
        None => {
            texts.insert(text.to_owned(), rows);
        }
    }
}

fn list_unmatched(
    plan: &Plan,
    unmatched: BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
) -> Vec<Unmatched> {
    unmatched
        .into_iter()
        // The summary holds no personal data.
        .filter(|(column, _)| *column != plan.claims.id)
        .map(|(column, texts)| {
            let mut values: Vec<(String, u64)> = texts.into_iter().collect();
            values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            Unmatched {
                column: plan.columns.name(column).to_owned(),
                values,
            }
        })
        .collect()
}
