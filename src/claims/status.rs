//! The status of a claim: excluded, denied, held or payable.

use std::cell::RefCell;

use crate::base::diagnostics::{Message, listing, literal, mistyped, nearest};
use crate::claims::messages;
use crate::plan::cell::{CellFault, Cells};
use crate::plan::claim_view::ClaimView;
use crate::plan::column::{ColumnUse, fold};
use crate::plan::{Column, ColumnId, Columns, Plan, StatusMeaning, StatusRule, map_hints};

/// The outcome of a row before money is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimStatus {
    /// Excluded by this `[[exclude]]`, by index in plan order.
    Excluded(usize),
    /// Denied because of this status, by index in plan order.
    Denied(usize),
    Payable,
    /// Held because of this status, by index in plan order.
    Held(usize),
}

impl ClaimStatus {
    /// True if the claim participates in pools.
    pub fn takes_part(self) -> bool {
        matches!(self, Self::Payable | Self::Held(_))
    }
}

/// Faults of a row, and cells that matched no text of the plan.
#[derive(Debug, Default)]
pub struct RowFindings {
    /// The columns whose cell matched no text of the plan.
    pub unmatched: Vec<ColumnId>,
    /// All faults of the row.
    pub faults: Vec<CellFault>,
    /// The status of a row for which an `[[exclude]]` could not be decided, that a
    /// mistyped status seems to mean, or that is excluded whatever its status, so that the
    /// rest of it can be checked, too.
    pub undecided: Option<ClaimStatus>,
}

impl RowFindings {
    /// Records a fault; one fault per cell is enough.
    pub(crate) fn note(&mut self, fault: CellFault) {
        let known = self.faults.iter().any(|other| match fault.column {
            Some(column) => other.column == Some(column),
            None => *other == fault,
        });
        if !known {
            self.faults.push(fault);
        }
    }
}

/// The outcome of a row. Validates the cells that must be valid on every row, then
/// applies exclusions and the status.
///
/// Exclusions come first, in plan order, then the status (plan reference,
/// "Claims"). `None` if a fault was recorded.
pub(crate) fn claim_status(
    plan: &Plan,
    cells: &impl Cells,
    findings: &mut RowFindings,
) -> Option<ClaimStatus> {
    check_texts(plan, cells, findings, |column| {
        column.on_every_row || column.values.is_some()
    });
    let status = status(plan, cells, findings);
    if plan.excludes.is_empty() {
        return status;
    }
    let known = RefCell::default();
    let row = ClaimView::of_row(plan, cells, &known);
    for (number, exclude) in plan.excludes.iter().enumerate() {
        match exclude.when.holds(&row) {
            Ok(false) => {}
            Ok(true) => {
                let excluded = ClaimStatus::Excluded(number);
                findings.undecided = Some(excluded);
                return status.map(|_| excluded);
            }
            Err(fault) => {
                findings.note(fault);
                findings.undecided = status.or(findings.undecided);
                return None;
            }
        }
    }
    status
}

fn status(plan: &Plan, cells: &impl Cells, findings: &mut RowFindings) -> Option<ClaimStatus> {
    let StatusRule::Column { column, meanings } = &plan.claims.status else {
        return Some(ClaimStatus::Payable);
    };
    let cell = cells.cell(*column);
    let status = meaning_of(cell, meanings);
    if status.is_none() {
        let fault = unknown_status(plan, *column, cell, meanings);
        let meant = fault.message.suggestion.as_deref();
        findings.undecided = meant.and_then(|meant| meaning_of(meant, meanings));
        findings.note(fault);
    }
    status
}

/// The meaning of a status; `None` if the plan does not list it.
fn meaning_of(cell: &str, meanings: &[(String, StatusMeaning)]) -> Option<ClaimStatus> {
    let mut known = meanings.iter().enumerate();
    let (number, (_, meaning)) = known.find(|(_, (text, _))| text == cell)?;
    Some(match meaning {
        StatusMeaning::Pay => ClaimStatus::Payable,
        StatusMeaning::Hold => ClaimStatus::Held(number),
        StatusMeaning::Deny => ClaimStatus::Denied(number),
    })
}

fn unknown_status(
    plan: &Plan,
    column: ColumnId,
    cell: &str,
    meanings: &[(String, StatusMeaning)],
) -> CellFault {
    let known: Vec<&str> = meanings.iter().map(|(text, _)| text.as_str()).collect();
    let message = if cell.is_empty() {
        messages::status_blank()
    } else {
        messages::status_unknown(&literal(cell))
    };
    let others = " add the status to `pay`, `hold` or `deny`,";
    unlisted(&plan.columns, (column, cell), &known, message, others)
}

/// The fault of a cell that is none of the texts that the plan lists for its column;
/// `others` says where else the text could be added.
pub(crate) fn unlisted(
    columns: &Columns,
    (column, cell): (ColumnId, &str),
    known: &[&str],
    message: Message,
    others: &str,
) -> CellFault {
    let (name, map) = (columns.name(column), columns.map(column));
    let near = nearest(cell, known.iter().copied());
    let expected = format!("the plan lists {}", listing(known));
    let hint = map_hints::unlisted(name, map, cell, near, &expected, others);
    let is_same = |text: &&str| fold(text) == fold(cell);
    let meant = || mistyped(cell, known.iter().copied());
    let meant = known.iter().copied().find(is_same).or_else(meant);
    let meant = meant.filter(|_| !cell.is_empty()).map(str::to_owned);
    CellFault::at(column, message.hint(hint).suggest(meant))
}

/// Validates the cells that conditions compare with texts, even if no condition
/// reads them.
fn check_texts(
    plan: &Plan,
    cells: &impl Cells,
    findings: &mut RowFindings,
    wanted: impl Fn(&Column) -> bool,
) {
    let status = match &plan.claims.status {
        StatusRule::Column { column, .. } => Some(*column),
        _ => None,
    };
    for (id, column) in plan.columns.iter() {
        let compared = column.values.is_some() || !column.texts.is_empty();
        // The program writes these cells itself.
        if column.fact.is_some() {
            continue;
        }
        if !compared || !wanted(column) || (Some(id) == status && column.values.is_none()) {
            continue;
        }
        match column.check(id, cells.cell(id)) {
            Err(fault) => findings.note(fault),
            Ok(false) if column.compared => findings.unmatched.push(id),
            Ok(_) => {}
        }
    }
}

/// Validates the cells that matter only on payable and held rows.
pub(crate) fn check_claim_texts(plan: &Plan, cells: &impl Cells, findings: &mut RowFindings) {
    check_texts(plan, cells, findings, |column| {
        let on_every_row = column.on_every_row || column.values.is_some();
        !on_every_row && column.reader == ColumnUse::Rules
    });
}

/// Validates the cells that only portions compare with texts, on payable and held rows;
/// others may have named the column before, such as `[payment]`.
pub(crate) fn check_portion_texts(plan: &Plan, cells: &impl Cells, findings: &mut RowFindings) {
    check_texts(plan, cells, findings, |column| {
        column.reader != ColumnUse::Rules
    });
}
