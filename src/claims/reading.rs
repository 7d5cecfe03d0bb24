//! Reads claims files: workers process blocks, and their results are recorded in
//! row order.

mod alike_rows;
mod file_start;
mod merged_claims;
mod merged_problem;
mod missing_claimants;
mod placeholders;
pub(super) mod row_places;
mod row_register;
mod shared_rows;

use std::io::{self, Empty};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Result;

use crate::base::diagnostics::{ClaimProblem, Failure, Message, OrBug};
use crate::base::messages::cannot_use;
use crate::base::parallel::{self, lock};
use crate::claims::block_worker::{RowBatch, Worker};
use crate::claims::classifier::ClaimClassifier;
use crate::claims::corrections::Corrections;
use crate::claims::corrections::stream::CorrectionLog;
use crate::claims::csv::blocks::{Block, Blocks};
use crate::claims::csv::last_rows::LastBlocks;
use crate::claims::csv::reader::{CsvRow, RowReader};
use crate::claims::header::Header;
use crate::claims::input::{self, Input};
use crate::claims::problem_list::ProblemList;
use crate::claims::reading::row_register::RowRegister;
use crate::claims::trades::TradesOfClaims;
use crate::claims::{Claims, ClaimsFile, ReadOptions, messages};
use crate::plan::{Plan, RowsRule};

/// Reads claims files, one after the other.
pub(super) struct ClaimsReader<'p, C: ClaimClassifier> {
    plan: &'p Plan,
    header: Option<Header>,
    workers: Vec<Worker<'p, C>>,
    /// Reads row by row if blocks cannot be used.
    by_row: Worker<'p, C>,
    book: RowRegister<'p, C>,
    block: usize,
    /// File by file, what corrections have changed.
    corrected: Vec<Arc<Mutex<CorrectionLog>>>,
}

/// Receives the batches of a file, in order.
struct BatchCollector<'r, 'p, C: ClaimClassifier> {
    book: &'r mut RowRegister<'p, C>,
    by_row: &'r mut Worker<'p, C>,
    header: &'r Header,
    file: &'r str,
    /// The next line, counted from 1.
    line: u64,
    /// The rest of the file after a misplaced quote.
    rest: Option<RowReader<Empty>>,
    /// True if the rest of the file cannot be read.
    over: &'r AtomicBool,
    /// The last blocks received.
    last: LastBlocks,
}

impl<'p, C: ClaimClassifier> ClaimsReader<'p, C> {
    pub(super) fn new(
        plan: &'p Plan,
        options: &ReadOptions<'_>,
        trades: TradesOfClaims<'p>,
        problems: ProblemList,
    ) -> Self {
        let threads = options.threads.max(1);
        let worker = |number| Worker::new(plan, options, trades, number);
        Self {
            plan,
            header: None,
            workers: (0..threads).map(worker).collect(),
            by_row: worker(threads),
            book: RowRegister::new(plan, options, trades, problems),
            block: options.block,
            corrected: Vec::new(),
        }
    }

    /// Reads an entire file.
    pub(super) fn file(&mut self, input: &Input, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
        let is_one_list = self.plan.claims.rows != RowsRule::Each;
        if !self.book.files.is_empty() && is_one_list {
            self.book.problems.several_files();
        }
        let shown = input.shown();
        let stamp = input.stamp();
        let mut stream = input::open(input, self.plan, self.book.claim_list.len())?;
        self.corrected.extend(stream.corrected.take());
        let sheet = stream.sheet.take();
        let rows_of_sheet = sheet.as_ref().map(|sheet| sheet.layout.rows);
        let gaps = sheet.as_ref().map_or(0, |sheet| sheet.layout.empty_rows());
        if let Some(sheet) = sheet {
            self.book.begin_sheet(sheet);
        }
        let seen = Arc::clone(&stream.seen);
        let plain = stream.plain;
        let mut rows = RowReader::with_block(stream.content, self.block);
        let before = self.book.claim_list.len();
        let begun = self.begin(&mut rows, &mut CsvRow::default(), input);
        let begun = begun.map_err(|error| broken(&shown, error))?;
        self.book.blank_rows += rows.blank_rows;
        if begun {
            lock(&seen).note_by_hand(plain);
            self.rows(rows, &shown, rows_of_sheet.is_some(), &|fresh| {
                let mut seen = lock(&seen);
                if plain {
                    seen.note(fresh);
                }
                progress(seen.new_bytes());
            })?;
            self.book.prove_sheet(before, rows_of_sheet)?;
            let is_empty = self.book.claim_list.len() == before;
            if is_empty && !self.plan.rows_need_no_id() && self.book.problems.is_empty() {
                self.note_file(&shown, messages::file_without_rows());
            }
        } else {
            self.book.is_unread = true;
        }
        if stamp != input.stamp() {
            let cause = io::Error::other("it changed while it was being read");
            return Err(Failure::new(cannot_use(shown), cause).into());
        }
        let rows = self.book.claim_list.len() - before;
        let empty_rows = std::mem::take(&mut self.book.blank_rows) + gaps;
        self.book.files.push(ClaimsFile {
            empty_rows,
            ..ClaimsFile::of(input, &lock(&seen), plain, rows)
        });
        Ok(())
    }

    /// Reads the rows after the header of a file. `note` receives the bytes of each
    /// block that no earlier block had.
    fn rows<R: io::Read + Send>(
        &mut self,
        rows: RowReader<R>,
        shown: &str,
        is_sheet: bool,
        note: &(dyn Fn(&[u8]) + Sync),
    ) -> Result<()> {
        let Some(header) = &self.header else {
            return Ok(());
        };
        let before = self.book.claim_list.len();
        let (begun, content, ended, line) = rows.into_parts();
        let mut blocks = Blocks::new(begun, content, ended, self.block);
        let buffers = Mutex::new(Vec::new());
        let over = AtomicBool::new(false);
        let mut taker = BatchCollector {
            book: &mut self.book,
            by_row: &mut self.by_row,
            header,
            file: shown,
            line,
            rest: None,
            over: &over,
            last: LastBlocks::default(),
        };
        parallel::in_order(
            &mut self.workers,
            || {
                if over.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let buffer = lock(&buffers).pop().unwrap_or_default();
                blocks.next(buffer).map_err(|error| broken(shown, error))
            },
            |worker, block| (worker.block(&block, header), block),
            |(batch, block)| {
                note(block.fresh());
                lock(&buffers).extend(taker.take(batch, block)?.map(|block| block.bytes));
                Ok(())
            },
        )?;
        let BatchCollector { rest, last, .. } = taker;
        // Notes in a worksheet were found when it was read.
        if rest.is_none() && !is_sheet {
            let rows = self.book.claim_list.len() - before;
            for found in last.no_claims(header, rows) {
                self.book.refuse_note(shown, before, found);
            }
        }
        Ok(())
    }

    /// Returns the claims, if there were no problems, and the problems.
    pub(super) fn finish(
        mut self,
        corrections: Option<&Corrections>,
    ) -> Result<(Option<Claims<C>>, ProblemList)> {
        let made = corrections.map(|all| all.verify(&self.corrected, &mut self.book.problems));
        let threads = self.workers.len();
        let mut counts = self.by_row.into_counts();
        for worker in self.workers {
            counts.add(worker.into_counts());
        }
        let header = self.header.unwrap_or_default();
        let (mut claims, problems) = self.book.finish(header, counts, threads)?;
        if let (Some(mut made), Some(claims)) = (made, &mut claims) {
            claims.warnings.append(&mut made.warnings);
            claims.corrected = Some(made);
        }
        Ok((claims, problems))
    }

    fn note_file(&mut self, file: &str, message: Message) {
        self.book.problems.add(ClaimProblem {
            file: file.to_owned(),
            ..message.into()
        });
    }
}

impl<C: ClaimClassifier> BatchCollector<'_, '_, C> {
    /// Takes the results of a worker for a block. Returns a block that is no longer
    /// needed.
    fn take(&mut self, mut batch: RowBatch<C::Batch>, block: Block) -> Result<Option<Block>> {
        if let Some(rest) = &mut self.rest {
            rest.feed(block.content(), block.last);
            // The worker relies on its classes being known from now on.
            self.book.enter(&mut batch);
            self.read_rest()?;
            return Ok(Some(block));
        }
        let (lines, stopped, rows) = (batch.lines, batch.stopped, batch.part.len());
        self.book.note(batch, self.file, self.line)?;
        self.line += lines;
        if let Some(at) = stopped {
            let mut rest = RowReader::by_hand(io::empty(), self.line);
            rest.feed(
                block
                    .content()
                    .get(at..)
                    .or_bug("a block stops after its end"),
                block.last,
            );
            self.rest = Some(rest);
            self.read_rest()?;
        }
        Ok(self.last.push(block, rows, self.line - lines))
    }

    /// Continues row by row, as far as bytes are available.
    fn read_rest(&mut self) -> Result<()> {
        let Some(rest) = self
            .rest
            .as_mut()
            .filter(|_| !self.over.load(Ordering::Relaxed))
        else {
            return Ok(());
        };
        let mut row = CsvRow::default();
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
        self.book.blank_rows += std::mem::take(&mut rest.blank_rows);
        let batch = self.by_row.take_batch();
        self.book.note(batch, self.file, self.line)?;
        if let Some(long) = too_long {
            self.book
                .too_long(self.file, self.book.claim_list.len() + 1, long);
            self.over.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn broken(shown: &str, error: io::Error) -> anyhow::Error {
    let fault = &error.to_string();
    if error.kind() == io::ErrorKind::FileTooLarge {
        messages::expands_too_far(shown, fault).into()
    } else if fault.contains("memory") {
        // The message of zstd for a window that does not fit into memory.
        messages::decompression_needs_memory(shown, fault).into()
    } else if error.raw_os_error().is_none() {
        messages::cannot_decompress(shown, fault).into()
    } else {
        Failure::reading(shown, error).into()
    }
}
