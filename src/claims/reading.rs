//! Reading claims files: blocks go to the workers, and what they made of them
//! is noted in the order of the rows.

pub mod sheets;
mod start;

use std::io::{self, Empty};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::blocks::{Block, Blocks};
use super::header::Header;
use super::identity::{self, Hashes};
use super::merging::{Merged, Merger};
use super::problems::Problems;
use super::roll::Roll;
use super::rows::{self, Row, RowReader, TooLong};
use super::source::{self, Input};
use super::worker::{Batch, FIRST_NEW, NO_KIND, UnmatchedTexts, Worker};
use super::{Claims, FileFacts, Options, Unmatched};
use crate::diagnostic::{Breakdown, Bug, ClaimProblem, Refusal, literal};
use crate::entitlement::{Entitlements, Judged, KindId, Notes, index};
use crate::plan::column::{CellFault, Cells};
use crate::plan::{Plan, Rows};
use crate::threads;
use sheets::Sheets;

/// Reads claims files, one after the other.
pub struct Reader<'p> {
    plan: &'p Plan,
    header: Option<Header>,
    workers: Vec<Worker<'p>>,
    /// Reads row by row what cannot be read block by block.
    by_row: Worker<'p>,
    book: Book<'p>,
    block: usize,
}

/// What is known of the rows so far.
struct Book<'p> {
    plan: &'p Plan,
    problems: Problems,
    files: Vec<FileFacts>,
    roll: Roll,
    hashes: Vec<Hashes>,
    entitlements: Entitlements,
    /// Worker by worker, the kinds that it remembers.
    remembered: Vec<Vec<KindId>>,
    merger: Option<Merger>,
    sheets: Sheets,
    /// What is odd about sheets.
    warnings: Vec<String>,
}

/// Takes the batches of a file, in order.
struct Taker<'r, 'p> {
    book: &'r mut Book<'p>,
    by_row: &'r mut Worker<'p>,
    header: &'r Header,
    file: &'r str,
    /// The line that comes next, counted from 1.
    line: u64,
    /// What is left of the file after a quote that is out of place.
    rest: Option<RowReader<Empty>>,
    /// Nothing more of the file can be read.
    over: &'r AtomicBool,
}

impl<'p> Reader<'p> {
    /// Nothing read yet.
    pub fn new(plan: &'p Plan, options: &Options<'_>) -> Result<Self> {
        let threads = options.threads.max(1);
        let worker = |number| Worker::new(plan, options, number);
        Ok(Self {
            plan,
            header: None,
            workers: (0..threads).map(worker).collect(),
            by_row: worker(threads),
            book: Book {
                plan,
                problems: Problems::new(options.errors)?,
                files: Vec::new(),
                roll: Roll::default(),
                hashes: Vec::new(),
                entitlements: Entitlements::new(plan),
                remembered: vec![Vec::new(); threads + 1],
                merger: (plan.claims.rows == Rows::Sum).then(|| Merger::new(plan)),
                sheets: Sheets::default(),
                warnings: Vec::new(),
            },
            block: options.block,
        })
    }

    /// Reads a file to its end.
    pub fn file(&mut self, input: &Input, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
        if !self.book.files.is_empty() {
            self.book.problems.several_files();
        }
        let shown = input.shown();
        let broken = |error: io::Error| broken(&shown, error);
        let stamp = input.stamp();
        let stream = source::open(input, self.plan)?;
        let (seen, plain) = (stream.seen, stream.plain);
        let rows_of_sheet = stream.sheet.as_ref().map(|sheet| sheet.layout.rows);
        if let Some(sheet) = stream.sheet {
            self.book.begin_sheet(sheet);
        }
        let mut rows = RowReader::with_block(stream.content, self.block);
        let mut row = Row::default();
        let before = self.book.roll.len();
        let begun = self.begin(&mut rows, &mut row, input).map_err(broken)?;
        if let Some(header) = self.header.as_ref().filter(|_| begun) {
            let (begun, content, ended, line) = rows.into_parts();
            source::lock(&seen).note_by_hand(plain);
            let mut blocks = Blocks::new(begun, content, ended, self.block);
            let buffers = Mutex::new(Vec::new());
            let buffers = || buffers.lock().unwrap_or_else(PoisonError::into_inner);
            let over = AtomicBool::new(false);
            let mut taker = Taker {
                book: &mut self.book,
                by_row: &mut self.by_row,
                header,
                file: &shown,
                line,
                rest: None,
                over: &over,
            };
            let mut told = 0;
            threads::in_order(
                &mut self.workers,
                || {
                    if over.load(Ordering::Relaxed) {
                        return Ok(None);
                    }
                    let buffer = buffers().pop().unwrap_or_default();
                    blocks.next(buffer).map_err(broken)
                },
                |worker, block| (worker.block(&block, header), block),
                |(batch, block)| {
                    let mut seen = source::lock(&seen);
                    if plain {
                        seen.note(block.fresh());
                    }
                    progress(seen.bytes - told);
                    told = seen.bytes;
                    drop(seen);
                    taker.take(batch, &block);
                    buffers().push(block.bytes);
                    Ok(())
                },
            )?;
            self.book.prove_sheet(before, rows_of_sheet)?;
            if self.book.roll.len() == before && self.book.problems.is_empty() {
                let hint = "check that the export is complete";
                self.note_file(&shown, "the file has a header and no claims", hint);
            }
        }
        if stamp != input.stamp() {
            let cause = io::Error::other("it changed while it was being read");
            return Err(Breakdown::new(format!("cannot use {shown}"), cause).into());
        }
        let facts = FileFacts::of(input, &source::lock(&seen), self.book.roll.len() - before);
        self.book.files.push(facts);
        Ok(())
    }

    /// What was read, if nothing was wrong.
    pub fn finish(self) -> Result<Claims> {
        let threads = self.workers.len();
        let mut counts = self.by_row.into_counts();
        for worker in self.workers {
            counts.add(worker.into_counts());
        }
        let mut book = self.book;
        let by_kind: u64 = book
            .entitlements
            .kinds()
            .map(|kind| book.entitlements.count(kind))
            .sum();
        // Where rows are added up, kinds are given to claims later.
        if book.problems.is_empty() && book.merger.is_none() && by_kind != book.roll.len() {
            let message = format!("{} rows were read, {by_kind} have a kind", book.roll.len());
            return Err(Bug::new(message).into());
        }
        let (claimants, by_case) = match book.merger.as_mut() {
            Some(merger) => (merger.claimants(), std::mem::take(&mut merger.by_case)),
            None => (
                usize::try_from(book.roll.len()).unwrap_or(usize::MAX),
                book.repeated_ids(threads),
            ),
        };
        let mut warnings: Vec<String> = book.by_case_warning(&by_case).into_iter().collect();
        warnings.extend(same_file_warning(&book.files));
        warnings.append(&mut book.warnings);
        let merged = book.merger.take().map(|merger| book.judge_merged(merger));
        book.problems.finish()?;
        Ok(Claims {
            files: book.files,
            roll: book.roll,
            entitlements: book.entitlements,
            claimants: u64::try_from(claimants).unwrap_or(u64::MAX),
            merged,
            unmatched: list_unmatched(self.plan, counts.unmatched),
            warnings,
            controls: counts.controls,
            sheets: book.sheets,
            threads,
        })
    }

    fn note_file(&mut self, file: &str, problem: &str, hint: &str) {
        self.book.problems.add(ClaimProblem {
            file: file.to_owned(),
            problem: problem.to_owned(),
            hint: Some(hint.to_owned()),
            ..ClaimProblem::default()
        });
    }
}

impl Taker<'_, '_> {
    /// Takes what a worker made of a block.
    fn take(&mut self, mut batch: Batch, block: &Block) {
        if let Some(rest) = &mut self.rest {
            rest.feed(block.content(), block.last);
            // The worker counts on its kinds being known from now on.
            self.book.enter(&mut batch);
            return self.read_rest();
        }
        let (lines, stopped) = (batch.lines, batch.stopped);
        self.book.note(batch, self.file, self.line);
        self.line += lines;
        if let Some(at) = stopped {
            let mut rest = RowReader::by_hand(io::empty(), self.line);
            rest.feed(block.content().get(at..).unwrap_or_default(), block.last);
            self.rest = Some(rest);
            self.read_rest();
        }
    }

    /// Goes on row by row, as far as bytes are at hand.
    fn read_rest(&mut self) {
        let Some(rest) = self
            .rest
            .as_mut()
            .filter(|_| !self.over.load(Ordering::Relaxed))
        else {
            return;
        };
        let mut row = Row::default();
        let mut too_long = None;
        while let Some(line) = rest.next_at_hand(&mut row) {
            match line {
                Ok(line) => self.by_row.row(
                    self.header,
                    rest.bytes(&line),
                    &row,
                    line.number - self.line,
                ),
                Err(long) => {
                    too_long = Some(long);
                    break;
                }
            }
        }
        let batch = self.by_row.take_batch();
        self.book.note(batch, self.file, self.line);
        if let Some(long) = too_long {
            self.book
                .too_long(self.file, self.book.roll.len() + 1, long);
            self.over.store(true, Ordering::Relaxed);
        }
    }
}

impl Book<'_> {
    /// Notes what was made of the next rows, which begin on this line.
    fn note(&mut self, mut batch: Batch, file: &str, line: u64) {
        let before = self.roll.len();
        let new = self.enter(&mut batch);
        let remembered = self.remembered.get(batch.worker);
        let remembered = remembered.map_or(&[][..], Vec::as_slice);
        let mut counts = vec![0; remembered.len()];
        for kind in &mut batch.part.kinds {
            let known = match kind.checked_sub(FIRST_NEW) {
                _ if *kind == NO_KIND => None,
                // The row with which it was new was counted then.
                Some(number) => new.get(index(number)),
                None => {
                    if let Some(count) = counts.get_mut(index(*kind)) {
                        *count += 1;
                    }
                    remembered.get(index(*kind))
                }
            };
            *kind = known.copied().unwrap_or(0);
        }
        for (&kind, count) in remembered.iter().zip(counts) {
            self.entitlements.add(kind, count);
        }
        let mut problems = std::mem::take(&mut batch.problems);
        self.merge(&batch, &mut problems);
        // The counts of rows within the batch go on from those before it.
        problems.sort_by_key(|problem| problem.row);
        let placed = problems.into_iter().map(|problem| ClaimProblem {
            file: file.to_owned(),
            row: problem.row.map(|row| row + before + 1),
            line: problem.line.map(|number| number + line),
            ..problem
        });
        let until = before + batch.part.len() as u64;
        for problem in self.sheets.complete(placed.collect(), until) {
            self.problems.add(problem);
        }
        self.hashes.push(batch.hashes);
        if self.roll.push(batch.part).is_none() {
            self.too_many(file);
        }
    }

    /// Enters the kinds that are new to a worker. The number of each.
    fn enter(&mut self, batch: &mut Batch) -> Vec<KindId> {
        let new = self
            .entitlements
            .enter_all(std::mem::take(&mut batch.new_kinds));
        if let Some(remembered) = self.remembered.get_mut(batch.worker) {
            let kinds = batch.remembered.iter().filter_map(|&n| new.get(index(n)));
            remembered.extend(kinds);
        }
        new
    }

    /// With `rows = "sum"`, adds the rows of a batch to their claims.
    fn merge(&mut self, batch: &Batch, problems: &mut Vec<ClaimProblem>) {
        let Some(merger) = &mut self.merger else {
            return;
        };
        let ids = batch.part.rows().map(|row| row.id_text());
        let claimants = merger.claimants_of(ids.zip(batch.id_hashes.iter().copied()));
        let mut accepted = 0;
        let rows = (0..).zip(claimants.iter().zip(&batch.standings));
        for (number, (&claimant, &(standing, line))) in rows {
            let cells = batch.cells.row(accepted);
            accepted += usize::from(standing.is_some());
            let row_name = |row| self.sheets.row_name(row);
            for fault in merger.row_of(claimant, standing, &cells, &row_name) {
                problems.push(of_cell(self.plan, fault, &cells, number, Some(line)));
            }
        }
    }

    fn too_many(&mut self, file: &str) {
        self.problems.add(ClaimProblem {
            file: file.to_owned(),
            problem: "there are more rows than can be counted, four billion".to_owned(),
            hint: Some("split the claims into several runs".to_owned()),
            ..ClaimProblem::default()
        });
    }

    /// Notes ids that occur twice; the result is pairs of rows whose ids
    /// differ only by case.
    fn repeated_ids(&mut self, threads: usize) -> Vec<(u32, u32)> {
        let alike = identity::alike(&self.roll, &std::mem::take(&mut self.hashes), threads);
        for (first, second, id) in alike.repeated {
            let column = self.plan.columns.name(self.plan.claims.id);
            let first_place = self.place(first);
            let mut problem = format!("the id {} is also in {first_place}", literal(&id));
            if self.files.len() > 1 {
                problem += &format!(", in {}", file_of(&self.files, first));
            }
            let hint = "each claimant has one row; remove one, or write `rows = \"sum\"` in [claims] to add rows up";
            self.problems.add(self.sheets.locate(ClaimProblem {
                file: file_of(&self.files, second),
                row: Some(u64::from(second) + 1),
                column: Some(column.to_owned()),
                value: Some(id),
                problem,
                hint: Some(hint.to_owned()),
                ..ClaimProblem::default()
            }));
        }
        alike.by_case
    }

    /// Works out what each claim may draw whose rows were added up.
    fn judge_merged(&mut self, merger: Merger) -> Merged {
        let mut claim_kinds = vec![None; merger.claimants()];
        let mut judged = Judged::default();
        for (first_row, claimant, standing, cells) in merger.claims(self.plan.claims.id) {
            let mut notes = Notes::default();
            let good = judged.claim(self.plan, standing, &cells, &mut notes);
            let kind = good.then(|| self.entitlements.enter(&judged));
            if let Some(place) = claim_kinds.get_mut(claimant) {
                *place = kind;
            }
            for mut fault in notes.faults {
                fault.problem =
                    format!("with all rows of the claimant added up, {}", fault.problem);
                let row = u64::from(first_row) + 1;
                self.problems.add(self.sheets.locate(ClaimProblem {
                    file: file_of(&self.files, first_row),
                    ..of_cell(self.plan, fault, &cells, row, None)
                }));
            }
        }
        merger.finish(&claim_kinds, &mut self.roll)
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
        self.problems.add(self.sheets.locate(ClaimProblem {
            file: file.to_owned(),
            row: (row > 0).then_some(row),
            line: (row > 0).then_some(long.line),
            problem,
            hint: Some(hint.to_owned()),
            ..ClaimProblem::default()
        }));
    }
}

/// What is wrong with a cell, or with a row.
fn of_cell(
    plan: &Plan,
    fault: CellFault,
    cells: &impl Cells,
    row: u64,
    line: Option<u64>,
) -> ClaimProblem {
    ClaimProblem {
        row: Some(row),
        line,
        column: fault
            .column
            .map(|column| plan.columns.name(column).to_owned()),
        value: fault
            .column
            .filter(|column| plan.unshown_column() != Some(*column))
            .map(|column| cells.cell(column).to_owned()),
        problem: fault.problem,
        hint: fault.hint,
        ..ClaimProblem::default()
    }
}

fn broken(shown: &str, error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::FileTooLarge {
        let hint = "unpack it yourself and look at it; a claims file does not shrink so much";
        return Refusal::new(format!("{shown}: {error}"), hint).into();
    }
    if error.raw_os_error().is_none() {
        let message = format!("{shown} is damaged or was cut, and cannot be unpacked: {error}");
        return Refusal::new(message, "fetch it again").into();
    }
    Breakdown::new(format!("cannot read {shown}"), error).into()
}

/// The file that holds a row, numbered from 0 over all files.
fn file_of(files: &[FileFacts], row: u32) -> String {
    let mut end = 0;
    for file in files {
        end += file.rows;
        if u64::from(row) < end {
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

fn list_unmatched(plan: &Plan, unmatched: UnmatchedTexts) -> Vec<Unmatched> {
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
