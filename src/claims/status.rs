//! The status of a claim: excluded, denied, held or payable.

use crate::base::diagnostics::{listing, literal, nearest};
use crate::plan::cell::{CellFault, Cells};
use crate::plan::{Column, ColumnId, Plan, StatusMeaning, StatusRule};

/// What becomes of a row before any money is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimStatus {
    /// Out by this `[[exclude]]`, numbered in plan order.
    Excluded(usize),
    /// Not paid because of this status, numbered in plan order.
    Denied(usize),
    Payable,
    /// Held because of this status, numbered in plan order.
    Held(usize),
}

impl ClaimStatus {
    /// Whether the claim takes part in the pools.
    pub fn takes_part(self) -> bool {
        matches!(self, Self::Payable | Self::Held(_))
    }
}

/// What becomes of the row, and whether a text of the plan met each cell that
/// is compared with texts.
#[derive(Debug, Default)]
pub struct RowFindings {
    /// The columns whose cell no text of the plan matched.
    pub unmatched: Vec<ColumnId>,
    /// Everything that is wrong with the row.
    pub faults: Vec<CellFault>,
    /// The status of a row of which an `[[exclude]]` could not be decided, so that
    /// the rest of it can be checked too.
    pub undecided: Option<ClaimStatus>,
}

impl RowFindings {
    /// Notes a fault; one of each cell is enough to find it.
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

/// What becomes of a row: checks the cells that must be right on every row,
/// then status and exclusions.
///
/// Exclusions come first, in plan order, then the status (plan reference,
/// "Claims"). `None` when a fault was noted.
pub(crate) fn claim_status(
    plan: &Plan,
    cells: &impl Cells,
    findings: &mut RowFindings,
) -> Option<ClaimStatus> {
    check_texts(plan, cells, findings, |column| {
        column.on_every_row || column.values.is_some()
    });
    let status = status(plan, cells, findings);
    for (number, exclude) in plan.excludes.iter().enumerate() {
        match exclude.when.holds(cells, &[]) {
            Ok(false) => {}
            Ok(true) => return status.map(|_| ClaimStatus::Excluded(number)),
            Err(fault) => {
                findings.note(fault);
                findings.undecided = status;
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
    let known = meanings
        .iter()
        .enumerate()
        .find(|(_, (text, _))| text == cell);
    let Some((number, (_, meaning))) = known else {
        findings.note(unknown_status(*column, cell, meanings));
        return None;
    };
    Some(match meaning {
        StatusMeaning::Pay => ClaimStatus::Payable,
        StatusMeaning::Hold => ClaimStatus::Held(number),
        StatusMeaning::Deny => ClaimStatus::Denied(number),
    })
}

fn unknown_status(column: ColumnId, cell: &str, meanings: &[(String, StatusMeaning)]) -> CellFault {
    let known: Vec<&str> = meanings.iter().map(|(text, _)| text.as_str()).collect();
    let problem = if cell.is_empty() {
        "the status is blank, and the plan does not say what that means".to_owned()
    } else {
        format!(
            "unknown status {}: the plan does not name it",
            literal(cell)
        )
    };
    let hint = match nearest(cell, known.iter().copied()) {
        Some(near) if !cell.is_empty() && !near.is_empty() => {
            format!("did you mean {}?", literal(near))
        }
        _ => format!(
            "the plan names {}; add it to `pay`, `hold` or `deny`",
            listing(&known)
        ),
    };
    CellFault::new(column, problem, hint)
}

/// Checks the cells that are compared with texts, whether or not a condition
/// will read them.
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

/// Checks the texts that only matter on payable and held rows.
pub(crate) fn check_claim_texts(plan: &Plan, cells: &impl Cells, findings: &mut RowFindings) {
    check_texts(plan, cells, findings, |column| {
        !(column.on_every_row || column.values.is_some())
    });
}
