//! Processes a block in one thread: every row is validated, and its id, class and
//! faults are recorded.
//!
//! A worker does not depend on other threads. It numbers classes itself, and counts
//! rows and lines from the beginning of the block; the thread that receives the
//! batch knows the position of the block.

mod map_reader;
mod problems;
mod row_counts;
mod row_length;
mod row_outcome;
mod trades;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::base::diagnostics::{ClaimProblem, OrBug};
use crate::claims::ReadOptions;
use crate::claims::block_worker::map_reader::MapReader;
use crate::claims::block_worker::problems::IdLook;
pub(super) use crate::claims::block_worker::row_counts::{RowCounts, UnmatchedTexts};
use crate::claims::block_worker::trades::digest_of;
use crate::claims::claim_list::{ClaimListPart, NO_CLASS};
use crate::claims::classifier::{ClaimClassifier, ClassBatch};
use crate::claims::control_counts::ControlCounts;
use crate::claims::csv::blocks::Block;
use crate::claims::csv::faults;
use crate::claims::csv::index::{CellEnds, RowFields};
use crate::claims::csv::reader::{CsvRow, LONGEST_ROW, ScanResult, scan};
use crate::claims::header::Header;
use crate::claims::ids::duplicates::{self, IdHashes};
use crate::claims::mapped_cells::MappedCells;
use crate::claims::row_cache::{RowCache, RowMatcher};
use crate::claims::row_cells::{PackedRows, RowCells};
use crate::claims::row_lines::RowLines;
use crate::claims::status::ClaimStatus;
use crate::claims::trades::TradesOfClaims;
use crate::claims::trades::book::MatchedTrades;
use crate::claims::trades::lot_lines::LotLines;
use crate::claims::trades::lot_values::LotValues;
use crate::plan::cell::Cells;
use crate::plan::claim_view::KnownFacts;
use crate::plan::{Plan, RowsRule};

/// Classes below this number are remembered by the worker; others are new in the
/// batch, in order.
pub(super) const FIRST_NEW: u32 = crate::claims::row_cache::REMEMBERED;

const CELL_MISSING: &str = "a cell that was found is missing";

/// The state that a thread keeps from block to block.
pub(super) struct Worker<'p, C: ClaimClassifier> {
    plan: &'p Plan,
    number: usize,
    memory: RowCache,
    /// The claim statuses of rows that do not participate, each with the number by
    /// which its class is remembered.
    outside: Vec<(ClaimStatus, u32)>,
    /// The number by which the next class will be remembered.
    next_number: u32,
    /// The cells as the plan reads them.
    cells: RowCells,
    /// The cells as they are in the file, if the plan may read them as other texts.
    written: RowCells,
    map_reader: Option<MapReader<'p>>,
    outcome: C::Outcome,
    marks: CellEnds,
    /// True if rows may be matched by their cells without the id.
    may_be_known: bool,
    /// True if the cells of rows are kept.
    keep_cells: bool,
    /// True if rows that do not participate are checked, too.
    check_all: bool,
    /// True if rows may have no id, or any text in its place.
    needs_no_id: bool,
    /// True if the outcome depends on the cells of the row alone, so that equal rows
    /// have the same.
    remembers: bool,
    /// The trades of all claimants.
    trades: TradesOfClaims<'p>,
    /// Those of the claimant of the row, and the values of its lots.
    matched: MatchedTrades<'p>,
    lot_values: LotValues,
    batch: RowBatch<C::Batch>,
    /// Cells as `[[unique]]` compares them.
    key: String,
    /// The facts of a row while its values are computed.
    known: RefCell<KnownFacts>,
    /// Counts.
    pub counts: RowCounts,
    rows: u64,
}

/// The results of a worker for some rows.
#[derive(Debug, Default)]
pub(super) struct RowBatch<B> {
    /// The index of the worker.
    pub worker: usize,
    /// The ids, with classes as the worker numbers them.
    pub part: ClaimListPart,
    pub hashes: IdHashes,
    /// Classes that the worker did not know.
    pub new_classes: B,
    /// The new classes that it remembers from now on, in the order of the numbers
    /// by which it remembers them.
    pub remembered: Vec<u32>,
    /// By rule of `[[unique]]`, the hashes of the cells.
    pub unique: Vec<IdHashes>,
    /// With `rows = "sum"`, by row, the claim status if the row is part of a claim,
    /// and its line.
    pub claim_statuses: Vec<(Option<ClaimStatus>, u64)>,
    /// By row, the hash of its id, if a claimant may have several rows.
    pub id_hashes: Vec<u64>,
    /// The cells of rows that are part of a claim.
    pub cells: PackedRows,
    /// The same as they are in the file, if the plan may read them as other texts.
    pub written: Option<PackedRows>,
    /// Problems; rows and lines are counted from 0 within the batch.
    pub problems: Vec<ClaimProblem>,
    /// The lines of the claims in the files of lots.
    pub lots: LotLines,
    /// Problems of trades, which have their places.
    pub of_trades: Vec<ClaimProblem>,
    /// The number of problems of rows that were recorded.
    first_problem: usize,
    /// The number of lines.
    pub lines: u64,
    /// The lines of rows that do not directly follow each other; rows and lines are
    /// counted from 0 within the batch.
    pub lines_of_rows: RowLines,
    /// The number of rows with only blank cells, which are skipped.
    pub blank_rows: u64,
    /// The position where the worker stopped because of a misplaced quote or a row
    /// that is too long.
    pub stopped: Option<usize>,
}

impl<'p, C: ClaimClassifier> Worker<'p, C> {
    pub(super) fn new(
        plan: &'p Plan,
        options: &ReadOptions<'_>,
        trades: TradesOfClaims<'p>,
        number: usize,
    ) -> Self {
        let memory = RowCache::new(plan);
        let controls = ControlCounts::new(plan, options.expect);
        let keep_cells = options.keep_cells || plan.reads_beside_rules();
        Self {
            plan,
            number,
            may_be_known: !memory.needs_id()
                && controls.is_empty()
                && !keep_cells
                && trades.are_none()
                && plan.prior.is_none()
                && plan.claims.rows == RowsRule::Unique,
            remembers: trades.are_none() && plan.claims.rows != RowsRule::Each,
            trades,
            matched: MatchedTrades::default(),
            lot_values: LotValues::default(),
            keep_cells,
            check_all: options.check_all,
            needs_no_id: plan.rows_need_no_id(),
            marks: CellEnds::default(),
            memory,
            outside: Vec::new(),
            next_number: 0,
            cells: RowCells::default(),
            written: RowCells::default(),
            map_reader: MapReader::new(plan),
            outcome: C::Outcome::default(),
            batch: RowBatch {
                unique: plan.unique.iter().map(|_| IdHashes::default()).collect(),
                ..RowBatch::default()
            },
            key: String::new(),
            known: RefCell::default(),
            counts: RowCounts {
                unmatched: BTreeMap::new(),
                placeholders: BTreeMap::new(),
                controls,
                mapped: MappedCells::default(),
                gaps: BTreeMap::new(),
            },
            rows: 0,
        }
    }

    /// Processes all rows of a block.
    pub(super) fn block(&mut self, block: &Block, header: &Header) -> RowBatch<C::Batch> {
        let content = block.content();
        if !block.whole {
            self.batch.stopped = Some(0);
            return self.take_batch();
        }
        let mut marks = std::mem::take(&mut self.marks);
        marks.find(content);
        let text = simdutf8::basic::from_utf8(content);
        match text.ok().filter(|_| !marks.misquoted && !marks.odd) {
            Some(text) => self.look_at(header, text, &marks),
            None => self.look_closer(header, content),
        }
        self.marks = marks;
        self.take_batch()
    }

    /// Processes the rows of a block whose bytes are valid.
    fn look_at(&mut self, header: &Header, block: &str, marks: &CellEnds) {
        let known = self.known_rows(header);
        for fields in marks.rows(block.as_bytes()) {
            let line = self.batch.lines;
            if fields.is_longer_than(LONGEST_ROW) {
                self.batch.stopped = Some(fields.start());
                return;
            }
            let is_known = known.is_some_and(|known| self.known_row(known, &fields));
            if is_known {
                // Recorded.
            } else if fields.is_nothing() {
                self.batch.blank_rows += u64::from(fields.has_commas());
                self.next_row_on(line + 1);
            } else {
                let good = self.take_fields(header, block, &fields).is_some();
                self.note_row(good, line);
            }
            let line_breaks = fields.line_breaks();
            self.batch.lines += 1 + line_breaks;
            if line_breaks > 0 {
                self.next_row_on(self.batch.lines);
            }
        }
    }

    /// Records the line, counted from 0 within the batch, of the next row.
    fn next_row_on(&mut self, line: u64) {
        let row = self.batch.part.len() as u64;
        self.batch.lines_of_rows.note(row, line);
    }

    /// Processes the rows of a block that has, or may have, faults.
    fn look_closer(&mut self, header: &Header, block: &[u8]) {
        let (mut at, mut row) = (0, CsvRow::default());
        loop {
            let rest = block.get(at..).or_bug(CELL_MISSING);
            match scan(rest, true, &mut row) {
                ScanResult::Row(length) if length <= LONGEST_ROW && row.faults.is_empty() => {
                    let bytes = rest.get(..length).or_bug(CELL_MISSING);
                    self.row(header, bytes, &row, self.batch.lines);
                    self.batch.lines += 1 + row.inner_lines;
                    at += length;
                }
                ScanResult::Row(_) => {
                    self.batch.stopped = Some(at);
                    return;
                }
                ScanResult::Nothing(length) => {
                    self.batch.blank_rows += u64::from(!row.cells.is_empty());
                    self.batch.lines += 1;
                    at += length;
                }
                ScanResult::More => return,
            }
        }
    }

    /// Returns a matcher for known rows, if rows can be matched by their cells.
    fn known_rows<'a>(&self, header: &'a Header) -> Option<RowMatcher<'a>>
    where
        'p: 'a,
    {
        // The id is the first column of the plan.
        let places = header.places.get(..self.plan.columns.read_by_rules())?;
        let (&id, others) = places.split_first()?;
        let known = self.may_be_known && !self.memory.has_given_up();
        known.then(|| RowMatcher {
            cells: header.names.len(),
            id,
            id_column: self.plan.columns.name(self.plan.claims.id),
            others,
        })
    }

    /// Records a row with a plain id and otherwise known cells. Returns false, and
    /// records nothing, for any other row.
    #[inline]
    fn known_row(&mut self, known: RowMatcher<'_>, fields: &RowFields<'_>) -> bool {
        let Some(row) = known.look(fields, &mut self.memory) else {
            return false;
        };
        let id = row.text.get(..row.length).or_bug(CELL_MISSING);
        self.batch.hashes.push(duplicates::hash_ascii(id));
        self.batch.part.twins = self.batch.part.twins.max(row.twins);
        self.batch.part.push_plain(row.text, row.length, row.number);
        self.rows += 1;
        true
    }

    /// The results since the last call.
    pub(super) fn take_batch(&mut self) -> RowBatch<C::Batch> {
        let part = self.batch.part.take();
        let hashes = self.batch.hashes.take();
        let new_classes = self.batch.new_classes.take();
        let unique = self.batch.unique.iter_mut().map(IdHashes::take).collect();
        // Memory for the next batch.
        let scratch = RowBatch {
            part: std::mem::take(&mut self.batch.part),
            hashes: std::mem::take(&mut self.batch.hashes),
            unique: std::mem::take(&mut self.batch.unique),
            new_classes: std::mem::take(&mut self.batch.new_classes),
            ..RowBatch::default()
        };
        RowBatch {
            worker: self.number,
            part,
            hashes,
            unique,
            new_classes,
            ..std::mem::replace(&mut self.batch, scratch)
        }
    }

    /// Processes a row that may have any fault.
    pub(super) fn row(&mut self, header: &Header, bytes: &[u8], row: &CsvRow, line: u64) {
        self.next_row_on(line);
        let good = self.take_cells(header, bytes, row).is_some();
        self.note_row(good, line);
    }

    /// Records a row; its cells are available if it is well formed.
    fn note_row(&mut self, good: bool, line: u64) {
        if good {
            self.read_as_mapped();
        }
        let sum = self.plan.claims.rows == RowsRule::Sum;
        let id_fault = good.then(|| self.check_id());
        let plain = id_fault == Some(IdLook::Plain);
        let usable = good && id_fault != Some(IdLook::Faulty);
        // An id that cannot be used is reported once, and not as a repeated one.
        let id = if usable {
            self.cells.cell(self.plan.claims.id)
        } else {
            ""
        };
        match self.plan.claims.rows {
            RowsRule::Sum | RowsRule::Each => self.batch.id_hashes.push(duplicates::hash(id)),
            RowsRule::Unique if id.is_empty() => {}
            RowsRule::Unique => self.batch.hashes.push(duplicates::hash(id)),
        }
        let class = match (good, sum) {
            (false, _) => {
                if sum {
                    self.batch.claim_statuses.push((None, line));
                }
                NO_CLASS
            }
            (true, true) => self.stand(line, usable),
            (true, false) => match self.known_class() {
                Some(class) => class,
                None => self.judge(),
            },
        };
        if good {
            self.check_beside_rules();
        }
        // After the rules, which say more about a cell that both read.
        if good && !self.counts.controls.is_empty() {
            for fault in self.counts.controls.row(self.plan, &self.cells) {
                self.cell_fault(fault);
            }
        }
        let (id, length) = if usable {
            self.cells.from(self.plan.claims.id.0)
        } else {
            (&[][..], 0)
        };
        if plain {
            self.batch.part.push_plain(id, length, class);
        } else {
            let id = id.get(..length).or_bug(CELL_MISSING);
            self.batch.part.push(id, class);
        }
        if self.keep_cells {
            // Rows that are not part of a claim have no values, but sums over lots of 0.
            if self.trades.are_none() {
                self.cells.values.clear();
            }
            // A row that is not well formed may have any number of cells.
            if !good {
                self.cells.blank(self.plan.columns.len());
                self.cells.values = self.no_lots();
            }
            self.batch.part.cells.push(&self.cells);
        }
        self.rows += 1;
        if self.batch.problems.len() > self.batch.first_problem {
            self.place_problems(good, line);
        }
    }

    /// Takes the cells that the plan reads, if the row is well formed.
    fn take_cells(&mut self, header: &Header, bytes: &[u8], row: &CsvRow) -> Option<()> {
        if !row.faults.is_empty() {
            // After a misplaced quote, cells are split in the wrong places.
            for fault in faults::quote_faults(bytes, row).into_iter().take(1) {
                self.byte_fault(header, fault);
            }
            return None;
        }
        let text = self.check_bytes(header, bytes, row)?;
        let cell = |number: usize| {
            row.cells
                .get(number)
                .and_then(|cell| text.get(cell.bytes.clone()))
        };
        self.check_length(header, row.cells.len(), cell)?;
        self.cells.clear();
        for &place in &header.places {
            if self.take_own(place) {
                continue;
            }
            let cell = row.cells.get(place).or_bug(CELL_MISSING);
            let bytes = text.get(cell.bytes.clone()).or_bug(CELL_MISSING);
            self.cells.push(bytes, cell.doubled);
        }
        if self.plan.claims.rows == RowsRule::Each {
            let cells = row.cells.iter();
            self.cells.digest = digest_of(cells.map(|cell| {
                let bytes = text.get(cell.bytes.clone()).or_bug(CELL_MISSING);
                (bytes, cell.doubled)
            }));
        }
        Some(())
    }

    /// Takes the cells that the plan reads from a row whose bytes are valid.
    fn take_fields(&mut self, header: &Header, block: &str, fields: &RowFields<'_>) -> Option<()> {
        let cell = |number| Some(fields.cell_in(block, number).0);
        self.check_length(header, fields.count(), cell)?;
        self.cells.clear();
        for &place in &header.places {
            if self.take_own(place) {
                continue;
            }
            let (cell, doubled) = fields.cell_in(block, place);
            self.cells.push(cell, doubled);
        }
        if self.plan.claims.rows == RowsRule::Each {
            let cells = (0..fields.count()).map(|number| fields.cell_in(block, number));
            self.cells.digest = digest_of(cells);
        }
        Some(())
    }

    /// The row as text, if it is valid UTF-8 without control characters.
    fn check_bytes<'b>(
        &mut self,
        header: &Header,
        bytes: &'b [u8],
        row: &CsvRow,
    ) -> Option<&'b str> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.byte_fault(header, faults::utf8_fault(bytes, row));
            return None;
        };
        let fault = faults::looks_odd(bytes)
            .then(|| faults::control_fault(text, row))
            .flatten();
        if let Some(fault) = fault {
            self.byte_fault(header, fault);
            return None;
        }
        Some(text)
    }

    pub(super) fn into_counts(self) -> RowCounts {
        let mut counts = self.counts;
        for repeated in self.memory.into_repeated() {
            for (column, text) in &repeated.notes.unmatched {
                counts.unmatched(*column, text, repeated.rows);
            }
            counts.mapped.add(&repeated.notes.mapped, repeated.rows);
        }
        counts
    }
}
