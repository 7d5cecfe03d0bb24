//! Records rows in order: their claimants, outcomes and problems.

use std::collections::HashSet;

use anyhow::Result;

use crate::base::compact_column::index;
use crate::base::diagnostics::{Bug, ClaimProblem, OrBug, literal};
use crate::claims::aggregate::RowMerger;
use crate::claims::aggregate::merged_rows::MergedRows;
use crate::claims::block_worker::{FIRST_NEW, RowBatch, RowCounts, UnmatchedTexts};
use crate::claims::claim_list::{ClaimList, ClaimListPart, ClaimListRow, ClassId, NO_CLASS};
use crate::claims::classifier::ClaimClassifier;
use crate::claims::csv::last_rows::NoteRow;
use crate::claims::csv::reader::{self, RowTooLong};
use crate::claims::header::Header;
use crate::claims::ids::duplicates::{self, IdHashes, SimilarIds};
use crate::claims::problem_list::ProblemList;
use crate::claims::reading::merged_problem;
use crate::claims::reading::placeholders::placeholder_warnings;
use crate::claims::reading::row_places::RowPlaces;
use crate::claims::shared_cells::{self, SharedCells};
use crate::claims::trades::TradesOfClaims;
use crate::claims::trades::row_claimants::RowClaimants;
use crate::claims::xlsx::SheetFacts;
use crate::claims::{Claims, ClaimsFile, PLAN_OF_IDS, ReadOptions, UnmatchedColumn, messages};
use crate::plan::unique::Duplicates;
use crate::plan::{ColumnId, Plan, RowsRule};

const UNKNOWN: &str = "a row has an unknown class";

/// The number of rows whose claimants are looked up together.
const LOOKED_UP: usize = 512;

/// The rows recorded so far.
pub(super) struct RowRegister<'p, C: ClaimClassifier> {
    pub(super) plan: &'p Plan,
    pub(super) problems: ProblemList,
    pub(super) files: Vec<ClaimsFile>,
    pub(super) claim_list: ClaimList,
    hashes: Vec<IdHashes>,
    /// By rule of `[[unique]]`, the hashes of the cells.
    unique: Vec<Vec<IdHashes>>,
    pub(super) entitlements: C,
    /// By worker, the classes that it remembers.
    remembered: Vec<Vec<ClassId>>,
    merger: Option<RowMerger<'p>>,
    row_claimants: RowClaimants,
    pub(super) places: RowPlaces,
    /// Warnings about files.
    pub(super) warnings: Vec<String>,
    /// Rows of the file in which all cells are blank.
    pub(super) blank_rows: u64,
    pub(super) trades: TradesOfClaims<'p>,
    /// True if a file has rows that were not read, because its beginning is at fault.
    pub(super) is_unread: bool,
}

impl<'p, C: ClaimClassifier> RowRegister<'p, C> {
    pub(super) fn new(
        plan: &'p Plan,
        options: &ReadOptions<'_>,
        trades: TradesOfClaims<'p>,
        problems: ProblemList,
    ) -> Self {
        Self {
            plan,
            problems,
            files: Vec::new(),
            claim_list: ClaimList::default(),
            hashes: Vec::new(),
            unique: plan.unique.iter().map(|_| Vec::new()).collect(),
            entitlements: C::new(plan),
            // The last worker reads row by row.
            remembered: vec![Vec::new(); options.threads.max(1) + 1],
            merger: (plan.claims.rows == RowsRule::Sum).then(|| RowMerger::new(plan)),
            row_claimants: RowClaimants::default(),
            places: RowPlaces::default(),
            warnings: Vec::new(),
            blank_rows: 0,
            trades,
            is_unread: false,
        }
    }

    /// Returns the claims, if there were no problems, and the problems; `counts` are
    /// those of all workers.
    pub(super) fn finish(
        mut self,
        header: Header,
        mut counts: RowCounts,
        threads: usize,
    ) -> Result<(Option<Claims<C>>, ProblemList)> {
        let alike = self.alike(threads);
        let claimants = match &self.merger {
            Some(merger) => u64::try_from(merger.claimants())?,
            None => self.claim_list.len(),
        };
        let mut warnings = self.alike_warnings(&alike);
        warnings.extend(self.short_ids_warning());
        self.refuse_repeated(alike.repeated);
        warnings.extend(same_file_warning(&self.files));
        warnings.append(&mut self.warnings);
        warnings.extend(placeholder_warnings(self.plan, &counts.placeholders));
        let repeated = self.merger.as_ref().map(|adding| adding.repeated(threads));
        warnings.extend(repeated.and_then(|rows| self.repeated_warning(&rows)));
        let fine = self
            .merger
            .as_mut()
            .map(|merger| std::mem::take(&mut merger.fine));
        let adding = self.merger.take();
        let merged = adding.map(|merger| self.judge_merged(merger, &mut counts));
        let flags = self.shared_cells(merged.as_ref(), threads);
        self.refuse_unknown_claimants();
        self.refuse_missing_claimants();
        if !self.problems.is_empty() {
            return Ok((None, self.problems));
        }
        let claims = Claims {
            files: self.files,
            header,
            claim_list: self.claim_list,
            entitlements: self.entitlements,
            row_claimants: self.row_claimants,
            claimants,
            merged,
            unmatched: list_unmatched(self.plan, counts.unmatched),
            mapped: counts.mapped.by_column(self.plan),
            too_precise: fine.unwrap_or_default(),
            flags,
            warnings,
            controls: counts.controls,
            portion_gaps: counts.gaps,
            places: self.places,
            threads,
            trades: None,
            corrected: None,
        };
        claims.prove()?;
        Ok((Some(claims), self.problems))
    }

    /// Records the results of the next rows, which begin on this line.
    pub(super) fn note(
        &mut self,
        mut batch: RowBatch<C::Batch>,
        file: &str,
        line: u64,
    ) -> Result<()> {
        let before = self.claim_list.len();
        self.blank_rows += batch.blank_rows;
        self.places.lines.append(&batch.lines_of_rows, before, line);
        let new = self.enter(&mut batch);
        let remembered = self.remembered.get(batch.worker).or_bug(UNKNOWN);
        let mut counts = vec![0; remembered.len()];
        for class in &mut batch.part.classes {
            let known = match class.checked_sub(FIRST_NEW) {
                _ if *class == NO_CLASS => continue,
                // The row in which the class was new has already been counted.
                Some(number) => new.get(index(number)),
                None => {
                    *counts.get_mut(index(*class)).or_bug(UNKNOWN) += 1;
                    remembered.get(index(*class))
                }
            };
            *class = *known.or_bug(UNKNOWN);
        }
        for (&class, count) in remembered.iter().zip(counts) {
            self.entitlements.add(class, count);
        }
        let mut problems = std::mem::take(&mut batch.problems);
        self.merge(&batch, &mut problems);
        // Counts within the batch continue those before it.
        problems.sort_by_key(|problem| problem.row);
        let placed = problems.into_iter().map(|problem| ClaimProblem {
            file: file.to_owned(),
            row: problem.row.map(|row| row + before + 1),
            line: problem.line.map(|number| number + line),
            ..problem
        });
        let until = before + batch.part.len() as u64;
        let problems = self.places.complete(placed.collect(), until);
        for problem in with_ids(problems, &batch.part, before) {
            self.problems.add(self.in_its_file(problem));
        }
        for problem in std::mem::take(&mut batch.of_trades) {
            self.problems.add(problem);
        }
        if self.plan.claims.rows == RowsRule::Each {
            self.row_claimants.take(&mut batch.part, &batch.id_hashes);
        }
        self.hashes.push(batch.hashes);
        for (all, hashes) in self.unique.iter_mut().zip(batch.unique) {
            all.push(hashes);
        }
        if self.claim_list.push(batch.part).is_none() {
            self.too_many(file);
        }
        let lines = std::mem::take(&mut batch.lots);
        let lots = self.trades.lots();
        lots.map_or(Ok(()), |receiver| receiver.take(lines))
    }

    /// Adds the classes that are new to a worker, and returns their ids.
    pub(super) fn enter(&mut self, batch: &mut RowBatch<C::Batch>) -> Vec<ClassId> {
        let new = self
            .entitlements
            .enter_all(std::mem::take(&mut batch.new_classes));
        let remembered = self.remembered.get_mut(batch.worker).or_bug(UNKNOWN);
        let classes = batch.remembered.iter().map(|&n| new.get(index(n)));
        remembered.extend(classes.map(|class| class.or_bug(UNKNOWN)));
        new
    }

    /// With `rows = "sum"`, adds the rows of a batch to their claims.
    fn merge(&mut self, batch: &RowBatch<C::Batch>, problems: &mut Vec<ClaimProblem>) {
        let Some(merger) = &mut self.merger else {
            return;
        };
        let ids = batch.part.rows().map(|row| row.id_text());
        let ids: Vec<(&str, u64)> = ids.zip(batch.id_hashes.iter().copied()).collect();
        let (mut accepted, mut number) = (0, 0);
        let statuses = batch.claim_statuses.chunks(LOOKED_UP);
        for (ids, statuses) in ids.chunks(LOOKED_UP).zip(statuses) {
            let claimants = merger.claimants_of(ids);
            for (&claimant, &(claim_status, line)) in claimants.iter().zip(statuses) {
                let cells = batch.cells.row(accepted);
                let written = batch.written.as_ref().map(|rows| rows.row(accepted));
                let written = written.unwrap_or(cells);
                accepted += usize::from(claim_status.is_some());
                let row_name = |row| self.places.row_name(row);
                for fault in merger.row_of(claimant, claim_status, (&cells, &written), &row_name) {
                    let problem = merged_problem::of_cell(self.plan, fault, &written, number);
                    problems.push(ClaimProblem {
                        line: Some(line),
                        ..problem
                    });
                }
                number += 1;
            }
        }
    }

    /// Records a row below the table that is not a claim.
    pub(super) fn refuse_note(&mut self, file: &str, before: u64, note: NoteRow) {
        let column = self.plan.columns.name(self.plan.claims.id);
        self.problems.add(ClaimProblem {
            file: file.to_owned(),
            row: Some(before + note.row),
            line: Some(note.line),
            column: Some(column.to_owned()),
            claimant_id: Some(note.id.clone()),
            value: Some(note.id),
            ..note.message.into()
        });
    }

    fn too_many(&mut self, file: &str) {
        self.problems.add(ClaimProblem {
            file: file.to_owned(),
            ..messages::too_many_rows().into()
        });
    }

    /// Claimants with similar ids.
    fn alike(&mut self, threads: usize) -> SimilarIds {
        let hashes = std::mem::take(&mut self.hashes);
        if self.plan.claims.rows == RowsRule::Each {
            return SimilarIds::default();
        }
        let zeros_matter = self.claim_list.may_have_twins();
        let Some(merger) = &self.merger else {
            let usable = |row: &ClaimListRow<'_>| !row.id.is_empty();
            let ids = || {
                self.claim_list
                    .rows()
                    .filter(usable)
                    .map(|row| (row.number, row.id_text()))
            };
            return duplicates::alike(ids, hashes, zeros_matter, threads);
        };
        // Several rows of one claimant are not similar ids.
        let mut hashes = IdHashes::default();
        merger
            .ids()
            .for_each(|(_, id)| hashes.push(duplicates::hash(id)));
        duplicates::alike(|| merger.ids(), vec![hashes.take()], zeros_matter, threads)
    }

    /// The usable ids of claimants, each with a row.
    pub(super) fn usable_ids(&self) -> Box<dyn Iterator<Item = (u32, &str)> + '_> {
        if let Some(merger) = &self.merger {
            return Box::new(merger.ids());
        }
        let rows = self.claim_list.rows().filter(|row| !row.id.is_empty());
        Box::new(rows.map(|row| (row.number, row.id_text())))
    }

    /// A problem of a trade with its row in its own file.
    fn in_its_file(&self, problem: ClaimProblem) -> ClaimProblem {
        if self.plan.claims.rows != RowsRule::Each {
            return problem;
        }
        let before: u64 = self.files.iter().map(|file| file.rows).sum();
        ClaimProblem {
            row: problem.row.and_then(|row| row.checked_sub(before)),
            ..problem
        }
    }

    /// Records trades of claimants who have no claim. While the claims of a file are not
    /// known, any claimant may have one.
    fn refuse_unknown_claimants(&mut self) {
        let Some(book) = self.trades.book().filter(|_| !self.is_unread) else {
            return;
        };
        let ids = || -> Box<dyn Iterator<Item = &str> + '_> {
            Box::new(self.claim_list.rows().map(|row| row.id_text()))
        };
        for problem in book.unknown_claimants(ids) {
            self.problems.add(problem);
        }
    }

    /// Records duplicate ids.
    fn refuse_repeated(&mut self, repeated: Vec<(u32, u32, String)>) {
        let mut firsts = HashSet::new();
        for (first, second, id) in repeated {
            let column = self.plan.columns.name(self.plan.claims.id);
            let mut first_place = self.place(first, self.plan.claims.id);
            if self.files.len() > 1 {
                first_place += &format!(", in {}", file_of(&self.files, first));
            }
            let mut message = messages::id_repeated(&literal(&id), &first_place);
            if self.plan.source.name == PLAN_OF_IDS {
                message = message.hint("remove one of the rows".to_owned());
            }
            let problem = ClaimProblem {
                claimant_id: Some(id.clone()),
                column: Some(column.to_owned()),
                value: Some(id),
                ..message.into()
            };
            if firsts.insert(first) {
                let partner = self.of_row(first, problem.clone());
                self.problems.list_only(&partner);
            }
            let problem = self.of_row(second, problem);
            self.problems.add(problem);
        }
    }

    /// The problem of a row, by index.
    pub(super) fn of_row(&self, row: u32, problem: ClaimProblem) -> ClaimProblem {
        self.places.locate(ClaimProblem {
            file: file_of(&self.files, row),
            row: Some(u64::from(row) + 1),
            ..problem
        })
    }

    /// Finds claimants with the same cells where `[[unique]]` forbids it. Records those
    /// that it refuses, and returns those that it flags.
    fn shared_cells(&mut self, merged: Option<&MergedRows>, threads: usize) -> Vec<SharedCells> {
        let hashes = std::mem::take(&mut self.unique);
        let lead = |row| merged.map_or(row, |merged| merged.lead(row));
        let found = shared_cells::find(self.plan, &self.claim_list, hashes, &lead, threads);
        let mut flags = Vec::new();
        let mut firsts = HashSet::new();
        for shared in found {
            let rule = self.plan.unique.get(shared.rule).or_bug(UNKNOWN);
            match rule.duplicates {
                Duplicates::Flag => flags.push(shared),
                Duplicates::Refuse => {
                    let is_new = firsts.insert((shared.rule, shared.first));
                    self.refuse_shared(shared, rule, is_new);
                }
            }
        }
        flags
    }

    pub(super) fn too_long(&mut self, file: &str, row: u64, long: RowTooLong) {
        let message = if long.in_quotes {
            messages::quote_open_too_long(long.line)
        } else {
            messages::row_too_long(long.line, reader::LONGEST_ROW >> 20)
        };
        self.problems.add(self.places.locate(ClaimProblem {
            file: file.to_owned(),
            row: (row > 0).then_some(row),
            line: (row > 0).then_some(long.line),
            ..message.into()
        }));
    }

    /// Starts a sheet, and records its faults.
    pub(super) fn begin_sheet(&mut self, mut facts: SheetFacts) {
        self.warnings.append(&mut facts.warnings);
        for problem in self.places.begin(self.claim_list.len(), facts) {
            self.problems.add(problem);
        }
    }

    /// Verifies that every row of a sheet was read, starting after `before` rows.
    pub(super) fn prove_sheet(&self, before: u64, rows: Option<u64>) -> Result<(), Bug> {
        let read = self.claim_list.len() - before;
        if self.problems.is_empty() && rows.is_some_and(|rows| rows != read) {
            let message = format!(
                "a sheet has {} rows, but {read} were read",
                rows.unwrap_or(0)
            );
            return Err(Bug::new(message));
        }
        Ok(())
    }

    /// The place of a row, by index: its cell in a worksheet, or the row number.
    pub(super) fn place(&self, row: u32, column: ColumnId) -> String {
        let name = self.plan.columns.name(column);
        self.places.place_or_row(row, name)
    }
}

/// Adds the ids of claimants to the problems of a part, whose rows follow `before` rows.
fn with_ids(
    mut problems: Vec<ClaimProblem>,
    part: &ClaimListPart,
    before: u64,
) -> Vec<ClaimProblem> {
    if problems.iter().all(|problem| problem.claimant_id.is_some()) {
        return problems;
    }
    let ids: Vec<&str> = part.rows().map(|row| row.id_text()).collect();
    for problem in &mut problems {
        let place = problem.row.and_then(|row| row.checked_sub(before + 1));
        let id = place.and_then(|place| ids.get(usize::try_from(place).ok()?));
        let id = id.filter(|id| !id.is_empty()).map(|id| (*id).to_owned());
        problem.claimant_id = problem.claimant_id.take().or(id);
    }
    problems
}

/// The file that holds a row, by index over all files.
pub(super) fn file_of(files: &[ClaimsFile], row: u32) -> String {
    let mut end = 0;
    for file in files {
        end += file.rows;
        if u64::from(row) < end {
            return file.shown.clone();
        }
    }
    String::new()
}

fn same_file_warning(files: &[ClaimsFile]) -> Option<String> {
    let twice = files.iter().enumerate().find(|(position, file)| {
        files
            .iter()
            .take(*position)
            .any(|before| before.sha256 == file.sha256)
    });
    twice.map(|(_, file)| {
        format!(
            "the file {} was read twice, or two files have the same content",
            file.name
        )
    })
}

fn list_unmatched(plan: &Plan, unmatched: UnmatchedTexts) -> Vec<UnmatchedColumn> {
    unmatched
        .into_iter()
        // The summary contains no personal data.
        .filter(|(column, _)| *column != plan.claims.id)
        .map(|(column, texts)| {
            let mut values: Vec<(String, u64)> = texts.into_iter().collect();
            values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            UnmatchedColumn {
                column: plan.columns.name(column).to_owned(),
                values,
            }
        })
        .collect()
}
