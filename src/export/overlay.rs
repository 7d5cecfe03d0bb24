//! Columns of another file that take the place of those of the claims file, claimant by
//! claimant: the addresses of `--payees`.
//!
//! The file is read like a claims file, by a plan that has no rules. Of its columns, only
//! those that the layout reads are kept.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::allocate::{Claims, read_claims};
use crate::audit::check::exports::RecomputedForExports;
use crate::base::diagnostics::{
    ClaimProblem, Failure, InvalidClaims, count, listing, literal, nearest, quotable,
};
use crate::base::digest::sha256;
use crate::base::messages::cannot_use;
use crate::base::money::group;
use crate::base::regular_file::read_file;
use crate::claims::input::{Input, is_workbook};
use crate::claims::likely_columns::{is_near, near_miss};
use crate::claims::problem_list::ProblemList;
use crate::claims::row_cells::PackedRow;
use crate::claims::{PLAN_OF_IDS, ReadOptions};
use crate::export::layout::Layout;
use crate::export::payments::Payment;
use crate::export::{PAYEES, REISSUE, messages};
use crate::plan::cell::Cells;
use crate::plan::column::ColumnUse;
use crate::plan::{ColumnId, Plan, map_hints};
use crate::run::cut_warning;

/// A plan by which any file with ids can be read.
const PLAN: &str = "[settlement]\nname = \"Payees\"\n[fund]\namount = 1\n\
    [claims]\nstatus = false\n[[pool]]\nname = \"all\"\nshares = 1\n";

/// The number of rows that a warning names.
const NAMED: usize = 5;

/// The file of an overlay.
#[derive(Debug, Clone)]
pub(crate) struct OverlaySource {
    pub path: PathBuf,
    /// The name of the original, without folders.
    pub name: String,
    /// The name under which the export keeps it.
    pub kept: &'static str,
    pub kind: OverlayKind,
}

/// The meaning of the file of an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverlayKind {
    /// Addresses or names that have changed.
    Payees,
    /// Those who are paid again, with what is different.
    Reissue,
}

/// The column of a reissue file for what people note.
const NOTE: &str = "note";

/// A file with its rows, of which some belong to paid claimants.
#[derive(Debug)]
pub(crate) struct OverlayFile {
    source: OverlaySource,
    /// Its rows, with the cells that the layout reads.
    rows: Claims,
    /// By column of the run's plan, the column of its rows.
    columns: HashMap<ColumnId, ColumnId>,
}

/// The cells of a file by claimant.
#[derive(Debug)]
pub(crate) struct Overlay<'f> {
    file: &'f OverlayFile,
    /// By row of the claims, the row that takes its place.
    by_row: HashMap<u32, u32>,
    /// The rows of claimants whom the run does not pay.
    unpaid: Vec<u32>,
}

impl OverlaySource {
    /// The file of `--payees`, or that of `--reissue`.
    pub(crate) fn new(path: &Path, kind: OverlayKind) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let [plain, gzip, zstd, workbook] = kind.names();
        Self {
            kind,
            path: path.to_owned(),
            name: name.into_owned(),
            kept: match extension.to_ascii_lowercase().as_str() {
                _ if is_workbook(path) => workbook,
                "gz" => gzip,
                "zst" => zstd,
                _ => plain,
            },
        }
    }

    /// The file that an export keeps.
    pub(crate) fn kept(folder: &Path, file: &str, name: &str, kind: OverlayKind) -> Option<Self> {
        let kept = kind.names().into_iter().find(|kept| *kept == file)?;
        Some(Self {
            path: folder.join(kept),
            name: name.to_owned(),
            kept,
            kind,
        })
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn input(&self) -> Input {
        if is_workbook(&self.path) {
            Input::Workbook(self.path.clone(), None)
        } else {
            Input::File(self.path.clone())
        }
    }
}

impl OverlayKind {
    /// The names under which an export keeps the file, by its form.
    fn names(self) -> [&'static str; 4] {
        match self {
            Self::Payees => PAYEES,
            Self::Reissue => REISSUE,
        }
    }
}

impl OverlayFile {
    /// Reads the columns of a file that the layout reads. The claims file need not have
    /// them.
    pub(crate) fn read(
        source: OverlaySource,
        layout: &Layout,
        plan: &mut Plan,
        errors: Option<&Path>,
    ) -> Result<Self> {
        let id = plan.columns.name(plan.claims.id).to_owned();
        let mut own = Plan::from_text(PLAN_OF_IDS, PLAN)?;
        if let Some(column) = own.columns.get_mut(own.claims.id) {
            column.name = id;
        }
        let mut columns = HashMap::new();
        let read = layout.reads.iter();
        for &column in read.filter(|column| **column != plan.claims.id) {
            let name = plan.columns.name(column);
            let ours = own.columns.beside_rules(name, ColumnUse::Layout);
            if let Some(ours) = own.columns.get_mut(ours) {
                ours.optional = true;
            }
            columns.insert(column, ours);
        }
        let options = ReadOptions {
            errors,
            keep_cells: true,
            ..ReadOptions::default()
        };
        let rows = read_claims(&[source.input()], &own, &options, &|_| {});
        let rows = rows.map_err(|error| among(error, &source.shown()))?;
        let (missing, there): (Vec<_>, Vec<_>) = columns
            .into_iter()
            .partition(|(_, ours)| rows.header.lacks(*ours));
        let file = Self {
            source,
            rows,
            columns: there.into_iter().collect(),
        };
        let missing: Vec<ColumnId> = missing.into_iter().map(|(_, ours)| ours).collect();
        file.check_header(layout, plan, &own, &missing)?;
        for column in file.columns.keys() {
            if let Some(column) = plan.columns.get_mut(*column)
                && column.reader == ColumnUse::Layout
            {
                column.optional = true;
            }
        }
        Ok(file)
    }

    /// Refuses a file without a column that the layout reads, or with one whose name is
    /// almost that of such a column.
    fn check_header(
        &self,
        layout: &Layout,
        plan: &Plan,
        own: &Plan,
        missing: &[ColumnId],
    ) -> Result<()> {
        let shown = self.source.shown();
        let names = &self.rows.header.names;
        let tax = plan.tax.as_ref().map(|tax| plan.columns.name(tax.number));
        if let Some(name) = tax.filter(|tax| names.iter().any(|name| name == tax)) {
            return Err(messages::payees_with_taxpayer_numbers(&shown, &literal(name)).into());
        }
        let mut problems = ProblemList::new(None)?;
        let missing = match self.source.kind {
            OverlayKind::Payees => missing,
            // A column that nothing reads is reported as such.
            OverlayKind::Reissue => &[],
        };
        for column in missing.iter().filter_map(|column| own.columns.get(*column)) {
            let near = names.iter().filter(|name| is_near(&column.name, name));
            for name in near.filter(|name| own.columns.iter().all(|(_, ours)| ours.name != **name))
            {
                problems.add(ClaimProblem {
                    file: shown.clone(),
                    column: Some(name.clone()),
                    ..near_miss(column, name).into()
                });
            }
        }
        if self.source.kind == OverlayKind::Reissue {
            self.refuse_unread(plan, &mut problems);
        }
        problems.finish().map_err(|error| among(error, &shown))?;
        if !self.columns.is_empty() || self.source.kind == OverlayKind::Reissue {
            return Ok(());
        }
        let read = layout.reads.iter().filter(|id| **id != plan.claims.id);
        let read: Vec<&str> = read.map(|column| plan.columns.name(*column)).collect();
        let hint = match read.as_slice() {
            [] => format!(
                "the layout {} reads no column; leave out `--payees`",
                layout.shown()
            ),
            read => format!("the layout {} reads {}", layout.shown(), listing(read)),
        };
        Err(messages::payees_without_columns(&shown).hint(hint).into())
    }

    /// Reports columns of a reissue file that nothing reads: what was to be different
    /// would stay as it was.
    fn refuse_unread(&self, plan: &Plan, problems: &mut ProblemList) {
        let id = plan.columns.name(plan.claims.id);
        let read: Vec<&str> = self
            .columns
            .keys()
            .map(|id| plan.columns.name(*id))
            .collect();
        for name in &self.rows.header.names {
            if name == id || name == NOTE || name.is_empty() || read.contains(&name.as_str()) {
                continue;
            }
            let message = if name == "amount" {
                messages::reissue_with_amount()
            } else {
                let known = plan.columns.iter().map(|(_, column)| column.name.as_str());
                let near = nearest(name, known);
                let hint = near.map(|near| format!("did you mean {}?", literal(near)));
                messages::reissue_column_unread(&literal(name)).hint(hint)
            };
            problems.add(ClaimProblem {
                file: self.source.shown(),
                column: Some(name.clone()),
                ..message.into()
            });
        }
    }

    /// Matters of the file that are not errors.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let cut = self.rows.files.iter().filter_map(cut_warning);
        self.rows.warnings.iter().cloned().chain(cut).collect()
    }

    /// Finds the claimants of its rows among those of the run. Others are problems.
    pub(crate) fn bind(
        &self,
        run: RecomputedForExports<'_>,
        payouts: &[(Payment, Vec<bool>)],
        problems: &mut ProblemList,
    ) -> Result<Overlay<'_>> {
        let rows = self.rows.claim_list.rows();
        let mut by_id: HashMap<&[u8], u32> = rows.map(|row| (row.id, row.number)).collect();
        let mut by_row = HashMap::new();
        for (payment, _) in payouts {
            let cells = run.claims.claim_list.kept_cells(payment.row)?;
            if let Some(row) = by_id.remove(cells.text(run.plan.claims.id).as_bytes()) {
                by_row.insert(payment.row, row);
            }
        }
        let mut unpaid = Vec::new();
        if !by_id.is_empty() {
            let claimed = run.claims.claim_list.rows();
            unpaid.extend(claimed.filter_map(|row| by_id.remove(row.id)));
            unpaid.sort_unstable();
            if self.source.kind == OverlayKind::Reissue {
                for row in std::mem::take(&mut unpaid) {
                    self.report_unpaid(run, row, problems);
                }
            }
            self.report_unknown(run, by_id, problems);
        }
        Ok(Overlay {
            file: self,
            by_row,
            unpaid,
        })
    }

    /// Reports a row of a claimant who is to be paid again and whom the run does not pay.
    fn report_unpaid(&self, run: RecomputedForExports<'_>, row: u32, problems: &mut ProblemList) {
        let column = run.plan.columns.name(run.plan.claims.id);
        let rows = &self.rows.claim_list;
        let id = rows.rows().find(|listed| listed.number == row);
        let id = id.map_or("", |listed| listed.id_text());
        let message = messages::reissue_of_unpaid(&run_name(run), &literal(id));
        problems.add(self.rows.problem(row, id, Some((column, id)), message));
    }

    /// Reports rows of ids that the run does not have.
    fn report_unknown(
        &self,
        run: RecomputedForExports<'_>,
        by_id: HashMap<&[u8], u32>,
        problems: &mut ProblemList,
    ) {
        let column = run.plan.columns.name(run.plan.claims.id);
        let mut unknown: Vec<(u32, &[u8])> = by_id.into_iter().map(|(id, row)| (row, id)).collect();
        unknown.sort_unstable();
        for (row, id) in unknown {
            let id = String::from_utf8_lossy(id);
            let message = match self.source.kind {
                OverlayKind::Payees => messages::payee_unknown(&literal(&id)),
                OverlayKind::Reissue => messages::reissue_of_unpaid(&run_name(run), &literal(&id)),
            };
            problems.add(self.rows.problem(row, &id, Some((column, &id)), message));
        }
    }
}

impl Overlay<'_> {
    /// The row that takes the place of a row of the claims.
    fn row(&self, row: u32) -> Option<u32> {
        self.by_row.get(&row).copied()
    }

    /// The number of payments whose claimants are in the file.
    pub(crate) fn paid(&self, payments: &[Payment]) -> usize {
        let rows = payments.iter().filter_map(|payment| self.row(payment.row));
        rows.count()
    }

    /// A warning about rows of claimants whom the run does not pay: they are held, denied
    /// or due nothing.
    pub(crate) fn warning(&self) -> Option<String> {
        let row = |row: &u32| group(&(u64::from(*row) + 1));
        let rows: Vec<String> = self.unpaid.iter().take(NAMED).map(row).collect();
        let (first, are) = match rows.as_slice() {
            [] => return None,
            [one] => (format!("row {one}"), "is of a claimant"),
            more => (format!("rows {}", more.join(", ")), "are of claimants"),
        };
        Some(format!(
            "{} of {} {are} whom the run does not pay (first: {first}); `payout explain RUN ID` shows why",
            count(self.unpaid.len(), "row", "rows"),
            self.source().shown(),
        ))
    }

    pub(crate) fn source(&self) -> &OverlaySource {
        &self.file.source
    }

    /// True if it lists those who are paid again.
    pub(crate) fn is_reissue(&self) -> bool {
        self.file.source.kind == OverlayKind::Reissue
    }

    /// The row of a claimant in the file.
    pub(crate) fn place(&self, row: u32) -> Option<(&Claims, u32)> {
        Some((&self.file.rows, self.row(row)?))
    }

    pub(crate) fn has(&self, column: ColumnId) -> bool {
        self.file.columns.contains_key(&column)
    }

    pub(crate) fn rows(&self) -> u64 {
        self.file.rows.rows()
    }

    /// The columns that the layout reads, and those that it does not, in the order of
    /// the file.
    pub(crate) fn columns(&self, plan: &Plan) -> (Vec<String>, Vec<String>) {
        let OverlayFile { rows, columns, .. } = self.file;
        let read: Vec<&str> = columns.keys().map(|id| plan.columns.name(*id)).collect();
        let id = plan.columns.name(plan.claims.id);
        let names = rows.header.names.iter();
        let names = names
            .filter(|name| *name != id && !name.is_empty())
            .cloned();
        names.partition(|name| read.contains(&name.as_str()))
    }

    /// The file as the export keeps it.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        let OverlayFile { source, rows, .. } = self.file;
        let shown = source.shown();
        let bytes = read_file(&source.path);
        let bytes = bytes.map_err(|error| Failure::reading(&shown, error))?;
        let read = rows.files.first().map(|file| file.sha256.as_str());
        if read != Some(&sha256(&bytes)) {
            let cause = std::io::Error::other("it changed while it was being read");
            return Err(Failure::new(cannot_use(shown), cause).into());
        }
        Ok(bytes)
    }
}

/// The name of a run in messages.
fn run_name(run: RecomputedForExports<'_>) -> String {
    let name = run.run.file_name().unwrap_or(run.run.as_os_str());
    quotable(&name.to_string_lossy())
}

/// The error, if it is about the rows of a file, with the name of that file.
fn among(error: anyhow::Error, shown: &str) -> anyhow::Error {
    match error.downcast::<InvalidClaims>() {
        Ok(mut invalid) => {
            invalid.among = Some(shown.to_owned());
            invalid.into()
        }
        Err(error) => error,
    }
}

/// The cells of a claimant, with those of overlays in place of those of the claims. Of
/// several overlays, the last one counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PayeeCells<'a> {
    row: u32,
    claim: PackedRow<'a>,
    overlays: &'a [Overlay<'a>],
}

impl<'a> PayeeCells<'a> {
    pub(crate) fn of(
        run: RecomputedForExports<'a>,
        overlays: &'a [Overlay<'a>],
        row: u32,
    ) -> Result<Self> {
        Ok(Self {
            row,
            claim: run.claims.claim_list.kept_cells(row)?,
            overlays,
        })
    }

    /// The overlay that has the cell, with its row and column.
    fn place(&self, column: ColumnId) -> Option<(&'a OverlayFile, u32, ColumnId)> {
        self.overlays.iter().rev().find_map(|overlay| {
            let row = overlay.row(self.row)?;
            Some((overlay.file, row, *overlay.file.columns.get(&column)?))
        })
    }

    /// True if an overlay has the cell.
    pub(crate) fn is_overlaid(&self, column: ColumnId) -> bool {
        self.place(column).is_some()
    }

    pub(crate) fn text(&self, column: ColumnId) -> &'a str {
        let cell = self.place(column).and_then(|(file, row, column)| {
            let cells = file.rows.claim_list.cells(row)?;
            Some(cells.text(column))
        });
        cell.unwrap_or_else(|| self.claim.text(column))
    }

    /// A problem in a cell, in the file that has it.
    pub(crate) fn problem(
        &self,
        run: RecomputedForExports<'_>,
        column: ColumnId,
        fault: impl Into<ClaimProblem>,
    ) -> ClaimProblem {
        let name = run.plan.columns.name(column);
        let cell = Some((name, self.text(column)));
        let id = self.claim.text(run.plan.claims.id);
        let mut fault: ClaimProblem = fault.into();
        fault.hint = map_hints::named(fault.hint, name);
        if let Some((file, row, _)) = self.place(column) {
            return file.rows.problem(row, id, cell, fault);
        }
        let lacking = self.overlays.last();
        if let Some(overlay) = lacking.filter(|_| fault.code == "X042") {
            let file = literal(&overlay.source().name);
            fault.hint = Some(if overlay.has(column) {
                format!("fill it in, or add a row for the claimant to {file}")
            } else {
                format!(
                    "fill it in, or add the column {} to {file}, which does not have it",
                    literal(name)
                )
            });
        }
        run.claims.problem(self.row, id, cell, fault)
    }
}

impl Cells for PayeeCells<'_> {
    fn cell(&self, column: ColumnId) -> &str {
        self.text(column)
    }
}
