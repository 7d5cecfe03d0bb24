//! From claims files to rows whose every cell is good.
//!
//! Each file is read once, row by row. Of a row stay its id and the number of
//! its kind (see [`crate::entitlement`]); nothing is read again to write the
//! results, so standard input needs no copy.

pub mod header;
pub mod identity;
pub mod merging;
pub mod problems;
pub mod rows;
pub mod search;
pub mod source;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::diagnostic::{Breakdown, ClaimProblem, literal, quotable};
use crate::entitlement::{self, Entitlements, KindId, Notes, Standing};
use crate::plan::column::{CellFault, Cells};
use crate::plan::condition::Entry;
use crate::plan::{ColumnId, Plan, Rows};
use header::Header;
use identity::{Ids, LONGEST_ID};
use merging::{Merged, Merger};
use problems::Problems;
use rows::{QuoteFault, Row, RowReader, TooLong};
use source::Input;

/// The claims, read and checked.
#[derive(Debug)]
pub struct Claims {
    /// What was read.
    pub files: Vec<FileFacts>,
    /// The id of every row, in order.
    pub ids: Ids,
    /// The kind of every row, in order.
    pub kinds: Vec<KindId>,
    /// What each kind may draw.
    pub entitlements: Entitlements,
    /// How many different ids there are.
    pub claimants: u64,
    /// With `rows = "sum"`, which rows were added up to which claim.
    merged: Option<Merged>,
    /// Column by column, the texts that no text of the plan matched, and in
    /// how many rows.
    pub unmatched: Vec<Unmatched>,
    /// What is odd but not wrong.
    pub warnings: Vec<String>,
}

impl Claims {
    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        u64::try_from(self.ids.len()).unwrap_or(u64::MAX)
    }

    /// Whether a row stands for its claimant: the only one, or the first of
    /// several that were added up.
    pub fn leads(&self, row: u32) -> bool {
        self.lead(row) == row
    }

    /// The row that stands for the claimant of a row.
    pub fn lead(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(row, |merged| merged.lead(row))
    }

    /// How many rows were added up to the claim of a row.
    pub fn rows_of(&self, row: u32) -> u32 {
        self.merged.as_ref().map_or(1, |merged| merged.rows(row))
    }
}

/// One claims file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name without folders, or `-` for standard input.
    pub name: String,
    /// Its name as the user gave it, for messages.
    pub shown: String,
    /// Its size in bytes, as it is (packed, if it is packed).
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its data rows.
    pub rows: u64,
}

/// The texts of a column that no text of the plan matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The column.
    pub column: String,
    /// Each text and its rows: most rows first, then by text.
    pub values: Vec<(String, u64)>,
}

/// Reads claims files as one, in the order given.
///
/// `errors` names a file for the list of everything that is wrong; `progress`
/// hears how many bytes were read of a file since it was last called.
pub fn read(
    inputs: &[Input],
    plan: &Plan,
    errors: Option<&Path>,
    progress: &dyn Fn(u64),
) -> Result<Claims> {
    let mut reader = Reader::new(plan, errors)?;
    for input in inputs {
        reader.file(input, progress)?;
    }
    reader.finish()
}

/// The cells that the plan reads of one row, end to end in one text. No cell
/// has a NUL, so that one between cells keeps them apart.
#[derive(Debug, Default)]
pub struct RowCells {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Cells for RowCells {
    fn cell(&self, column: ColumnId) -> &str {
        let (start, end) = self.ends.get(column.0).copied().unwrap_or((0, 0));
        self.text.get(start..end).unwrap_or_default()
    }
}

impl RowCells {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn push(&mut self, cell: &str, doubled: bool) {
        let start = self.text.len();
        let cell = cell.trim();
        if doubled {
            self.text.push_str(&cell.replace("\"\"", "\""));
        } else {
            self.text.push_str(cell);
        }
        self.ends.push((start, self.text.len()));
        self.text.push('\0');
    }

    /// All cells but the first, which is the id.
    fn after_id(&self) -> &str {
        let (_, end) = self.ends.first().copied().unwrap_or((0, 0));
        self.text.get(end..).unwrap_or_default()
    }
}

/// What became of rows with the same cells: rows are many, and the ways they
/// differ for a plan are often few.
#[derive(Debug)]
struct Remembered {
    kind: KindId,
    rows: u64,
    unmatched: Vec<(ColumnId, String)>,
}

/// How many different rows are remembered.
const REMEMBERED: usize = 4096;

/// After so many rows that were not remembered, a plan is taken for one whose
/// rows all differ, if most rows so far were new.
const GIVE_UP: u64 = 4 * 4096;

struct Reader<'p> {
    plan: &'p Plan,
    problems: Problems,
    header: Option<Header>,
    files: Vec<FileFacts>,
    ids: Ids,
    kinds: Vec<KindId>,
    entitlements: Entitlements,
    unmatched: BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
    memory: Option<HashMap<String, Remembered, FixedState>>,
    new_rows: u64,
    id_matters: bool,
    merger: Option<Merger>,
    cells: RowCells,
}

/// The file that is being read, for messages.
struct Place<'a> {
    file: &'a str,
    row: u64,
    line: u64,
}

impl<'p> Reader<'p> {
    fn new(plan: &'p Plan, errors: Option<&Path>) -> Result<Self> {
        Ok(Self {
            plan,
            problems: Problems::new(errors)?,
            header: None,
            files: Vec::new(),
            ids: Ids::new(plan.claims.rows == Rows::Unique),
            kinds: Vec::new(),
            entitlements: Entitlements::new(plan),
            unmatched: BTreeMap::new(),
            memory: Some(HashMap::with_hasher(FixedState::with_seed(0))),
            new_rows: 0,
            id_matters: plan_reads_ids(plan),
            merger: (plan.claims.rows == Rows::Sum).then(|| Merger::new(plan)),
            cells: RowCells::default(),
        })
    }

    fn file(&mut self, input: &Input, progress: &dyn Fn(u64)) -> Result<()> {
        let shown = input.shown();
        let broken = |error| Breakdown::new(format!("cannot read {shown}"), error);
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
            if self.ids.len() == before && self.problems.is_empty() {
                self.note_file(
                    &shown,
                    "the file has a header and no claims",
                    "check that the export is complete",
                );
            }
        }
        let seen = seen.borrow();
        self.files.push(FileFacts {
            name: input.name(),
            shown,
            bytes: seen.bytes,
            sha256: seen.digest(),
            rows: u64::try_from(self.ids.len() - before).unwrap_or(u64::MAX),
        });
        Ok(())
    }

    /// Looks at the first bytes and the header. Whether rows can be read.
    fn begin<R: std::io::Read>(
        &mut self,
        rows: &mut RowReader<R>,
        row: &mut Row,
        input: &Input,
    ) -> std::io::Result<bool> {
        let shown = input.shown();
        let first = rows.peek(4)?;
        let kind = match first {
            [] => Some(("the file is empty", "check that the export is complete")),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => {
                Some(("the file is UTF-16", "save it as CSV UTF-8"))
            }
            [b'P', b'K', 3, 4] => Some((
                "the file is a workbook or zip archive, not CSV",
                "save the sheet as CSV UTF-8",
            )),
            [0x1f, 0x8b, ..] => Some(("the file is packed with gzip", "let its name end in `.gz`")),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                Some(("the file is packed with zstd", "let its name end in `.zst`"))
            }
            _ => None,
        };
        if let Some((problem, hint)) = kind {
            self.note_file(&shown, problem, hint);
            return Ok(false);
        }
        if first.starts_with(b"\xef\xbb\xbf") {
            rows.skip(3);
        }
        let names = match rows.next(row)? {
            None => {
                self.note_file(
                    &shown,
                    "the file is empty",
                    "check that the export is complete",
                );
                return Ok(false);
            }
            Some(Err(long)) => {
                self.too_long(&shown, 0, long);
                return Ok(false);
            }
            Some(Ok(line)) => self.names(&shown, rows.bytes(&line), row),
        };
        let Some(names) = names else {
            return Ok(false);
        };
        if let Some(header) = &self.header {
            if header.names != names {
                let problem = "the header differs from that of the first file";
                let hint = format!(
                    "files read as one need the same columns in the same order; the first has {}",
                    quotable(&header.names.join(","))
                );
                self.note_file(&shown, problem, &hint);
                return Ok(false);
            }
            return Ok(true);
        }
        let problems = &mut self.problems;
        self.header = Header::bind(names, self.plan, &shown, &mut |problem| {
            problems.add(problem);
        });
        Ok(self.header.is_some())
    }

    /// The names of a header row, or `None` after noting what is wrong.
    fn names(&mut self, file: &str, bytes: &[u8], row: &Row) -> Option<Vec<String>> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let (problem, hint) = not_utf8(bytes);
            self.note_file(file, &format!("in the header, {problem}"), &hint);
            return None;
        };
        let trimmed = text.trim_end_matches(['\n', '\r']);
        if trimmed.contains('\r') && row.faults.is_empty() {
            let hint = "save the file with the line ends of Windows or Unix";
            self.note_file(file, "the lines end in a carriage return alone", hint);
            return None;
        }
        if trimmed.contains('\t') && row.cells.len() == 1 {
            let hint = "save the file as CSV with commas";
            self.note_file(file, "the header seems to be separated by tabs", hint);
            return None;
        }
        if !row.faults.is_empty() || trimmed.chars().any(char::is_control) {
            let hint =
                "names of columns are plain texts between commas, quoted as a whole or not at all";
            self.note_file(
                file,
                "the header has a misplaced quote or a control character",
                hint,
            );
            return None;
        }
        let name = |cell: &rows::Cell| {
            let name = text.get(cell.bytes.clone()).unwrap_or_default();
            name.replace("\"\"", "\"").trim().to_owned()
        };
        Some(row.cells.iter().map(name).collect())
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
        if self.merger.is_some() {
            self.merge(place);
            return;
        }
        let kind = match self.recall() {
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
            self.quote_faults(place, bytes, row);
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.bad_bytes(place, bytes, row);
            return None;
        };
        if looks_odd(bytes) {
            self.control_characters(place, text, row)?;
        }
        let header = self.header.as_ref()?;
        if row.cells.len() != header.names.len() {
            let (found, wanted) = (row.cells.len(), header.names.len());
            let problem = format!("the row has {found} cells, the header has {wanted}");
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

    /// The kind of a row like one before.
    fn recall(&mut self) -> Option<KindId> {
        let key = if self.id_matters {
            self.cells.text.as_str()
        } else {
            self.cells.after_id()
        };
        let known = self.memory.as_mut()?.get_mut(key)?;
        known.rows += 1;
        Some(known.kind)
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
        self.remember(kind, unmatched);
        kind
    }

    fn remember(&mut self, kind: KindId, unmatched: Vec<(ColumnId, String)>) {
        for (column, text) in &unmatched {
            count_unmatched(&mut self.unmatched, *column, text, 1);
        }
        self.new_rows += 1;
        let rows = u64::try_from(self.kinds.len()).unwrap_or(u64::MAX);
        let all_differ = self.new_rows > GIVE_UP && self.new_rows > rows / 2;
        if all_differ && let Some(memory) = self.memory.take() {
            settle(&mut self.entitlements, &mut self.unmatched, memory);
        }
        let key = if self.id_matters {
            self.cells.text.as_str()
        } else {
            self.cells.after_id()
        };
        if let Some(memory) = &mut self.memory
            && memory.len() < REMEMBERED
        {
            memory.insert(
                key.to_owned(),
                Remembered {
                    kind,
                    rows: 0,
                    unmatched,
                },
            );
        }
    }

    fn finish(mut self) -> Result<Claims> {
        let (claimants, by_case) = match self.merger.as_mut() {
            Some(merger) => (merger.claimants(), std::mem::take(&mut merger.by_case)),
            None => (self.ids.len(), self.repeated_ids()),
        };
        let warnings = by_case_warning(&by_case);
        let merged = self.merger.take().map(|merger| self.judge_merged(merger));
        self.problems.finish()?;
        if let Some(memory) = self.memory.take() {
            settle(&mut self.entitlements, &mut self.unmatched, memory);
        }
        Ok(Claims {
            files: self.files,
            ids: self.ids,
            kinds: self.kinds,
            entitlements: self.entitlements,
            claimants: u64::try_from(claimants).unwrap_or(u64::MAX),
            merged,
            unmatched: list_unmatched(self.plan, self.unmatched),
            warnings: warnings.into_iter().collect(),
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

    fn quote_faults(&mut self, place: &Place<'_>, bytes: &[u8], row: &Row) {
        for fault in row.faults.clone() {
            let (cell, problem, hint) = match fault {
                QuoteFault::Inside(cell) => (
                    cell,
                    "a quote stands inside a cell that is not quoted",
                    "put the whole cell in quotes and double the quotes inside: `\"5\"\" pipe\"`",
                ),
                QuoteFault::TextAfter(cell) => (
                    cell,
                    "text follows the closing quote of a cell",
                    "double the quotes inside a quoted cell: `\"the \"\"old\"\" name\"`",
                ),
                QuoteFault::Unclosed(cell) => (
                    cell,
                    "the quote that opens this cell is never closed, so the rest of the file belongs to it",
                    "close the quote",
                ),
            };
            let column = self.header.as_ref().map(|header| header.name(cell));
            let value = row.cells.get(cell).map(|cell| lossy(bytes, cell));
            self.note_named(
                place,
                column,
                value,
                problem.to_owned(),
                Some(hint.to_owned()),
            );
        }
    }

    fn bad_bytes(&mut self, place: &Place<'_>, bytes: &[u8], row: &Row) {
        let is_bad = |cell: &&rows::Cell| {
            std::str::from_utf8(bytes.get(cell.bytes.clone()).unwrap_or_default()).is_err()
        };
        let cell = row.cells.iter().find(is_bad);
        let number = row.cells.iter().position(|cell| is_bad(&cell));
        let column = number.and_then(|n| self.header.as_ref().map(|header| header.name(n)));
        let part = cell
            .and_then(|cell| bytes.get(cell.bytes.clone()))
            .unwrap_or(bytes);
        let (problem, hint) = not_utf8(part);
        let value = cell.map(|cell| lossy(bytes, cell));
        self.note_named(place, column, value, problem, Some(hint));
    }

    /// Notes control characters; a line break may stand in a quoted cell.
    fn control_characters(&mut self, place: &Place<'_>, text: &str, row: &Row) -> Option<()> {
        for (number, cell) in row.cells.iter().enumerate() {
            let content = text.get(cell.bytes.clone()).unwrap_or_default();
            let quoted =
                cell.bytes.start > 0 && text.as_bytes().get(cell.bytes.start - 1) == Some(&b'"');
            let allowed = |c: char| quoted && (c == '\n' || c == '\r');
            let Some(character) = content.chars().find(|&c| c.is_control() && !allowed(c)) else {
                continue;
            };
            let name = match character {
                '\0' => "a NUL byte".to_owned(),
                '\t' => "a tab".to_owned(),
                '\r' => "a carriage return outside quotes".to_owned(),
                other => format!("the control character U+{:04X}", u32::from(other)),
            };
            let column = self.header.as_ref().map(|header| header.name(number));
            let hint = "remove it; if there are many, export the file again".to_owned();
            self.note_named(
                place,
                column,
                Some(content.to_owned()),
                format!("the cell has {name}"),
                Some(hint),
            );
            return None;
        }
        Some(())
    }
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

fn by_case_warning(pairs: &[(usize, usize)]) -> Option<String> {
    let (first, second) = pairs.first()?;
    Some(format!(
        "{} of ids differ only by case and count as different claimants; the first are rows {} and {}",
        crate::diagnostic::count(pairs.len(), "pair", "pairs"),
        first + 1,
        second + 1
    ))
}

fn lossy(bytes: &[u8], cell: &rows::Cell) -> String {
    String::from_utf8_lossy(bytes.get(cell.bytes.clone()).unwrap_or_default()).into_owned()
}

/// Whether a row has bytes that ask for a closer look: control characters, or
/// the first byte of those above ASCII.
fn looks_odd(bytes: &[u8]) -> bool {
    let row = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    row.iter()
        .any(|&byte| byte < b' ' || byte == 0x7f || byte == 0xc2)
}

/// What is wrong with bytes that are no text, and what they may be.
fn not_utf8(bytes: &[u8]) -> (String, String) {
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = bytes.get(at).copied().unwrap_or(0);
    let problem = format!("byte 0x{byte:02X} is not UTF-8");
    let hint = match windows_1252(byte) {
        Some(character) => format!(
            "the file may be Windows-1252, where this byte is `{character}`; save it as CSV UTF-8"
        ),
        None => "save the file as CSV UTF-8".to_owned(),
    };
    (problem, hint)
}

/// The letters and signs that are met most in Windows-1252.
fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80 => Some('€'),
        0x85 => Some('…'),
        0x91 => Some('‘'),
        0x92 => Some('’'),
        0x93 => Some('“'),
        0x94 => Some('”'),
        0x96 => Some('–'),
        0x97 => Some('—'),
        0xa1..=0xff => Some(char::from(byte)),
        _ => None,
    }
}

/// Whether any rule of the plan reads the column of ids as a cell.
fn plan_reads_ids(plan: &Plan) -> bool {
    let id = plan.claims.id;
    let named = plan
        .columns
        .iter()
        .any(|(column, facts)| column == id && (!facts.texts.is_empty() || facts.values.is_some()));
    let tested = |when: &crate::plan::Condition| {
        when.entries
            .iter()
            .any(|entry| matches!(entry, Entry::Cell(column, _) if *column == id))
    };
    let formulas = plan.pools.iter().flat_map(crate::plan::Pool::formulas);
    named
        || plan.excludes.iter().any(|exclude| tested(&exclude.when))
        || plan
            .subclasses
            .iter()
            .any(|subclass| tested(&subclass.when))
        || plan.pools.iter().any(|pool| tested(&pool.when))
        || plan
            .pools
            .iter()
            .filter_map(|pool| pool.drop.as_ref())
            .any(|drop| tested(&drop.when))
        || formulas
            .into_iter()
            .any(|formula| formula.columns().any(|column| column == id))
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

/// Counts the rows that were recognised.
fn settle(
    entitlements: &mut Entitlements,
    unmatched: &mut BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
    memory: HashMap<String, Remembered, FixedState>,
) {
    for remembered in memory
        .into_values()
        .filter(|remembered| remembered.rows > 0)
    {
        entitlements.add(remembered.kind, remembered.rows);
        for (column, text) in &remembered.unmatched {
            count_unmatched(unmatched, *column, text, remembered.rows);
        }
    }
}

fn list_unmatched(
    plan: &Plan,
    unmatched: BTreeMap<ColumnId, HashMap<String, u64, FixedState>>,
) -> Vec<Unmatched> {
    unmatched
        .into_iter()
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
