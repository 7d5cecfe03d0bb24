//! Selects payments: the payouts to which a layout applies, without those that earlier
//! exports have paid.

mod texts;

use std::collections::HashSet;

use anyhow::Result;

use crate::audit::check::exports::RecomputedForExports;
use crate::base::diagnostics::{ClaimProblem, OrBug as _, literal};
use crate::base::exact::Exact;
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, RestOfPayouts};
use crate::export::layout::Layout;
use crate::export::messages;
use crate::export::overlay::{Overlay, PayeeCells};
use crate::export::paid_before::{LeftOut, PaidBefore};
use crate::export::payments::{MemberPayout, Payment};
use crate::export::selection::texts::WantedTexts;
use crate::plan::cell::{CellFault, Cells, Facts};
use crate::plan::{ColumnId, Plan, ValueId};
use crate::run::portions::own;

/// The source of the payments of an export.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub run: RecomputedForExports<'a>,
    pub layout: &'a Layout,
    pub overlays: &'a [Overlay<'a>],
    /// Those whom earlier exports have paid, if they are left out.
    pub paid_before: Option<&'a PaidBefore>,
}

#[derive(Debug, Default)]
pub(crate) struct Selected {
    pub payments: Vec<Payment>,
    pub left_out: Vec<LeftOut>,
    /// Rows of claimants whom an earlier export has not paid what is due, and the index
    /// of that export.
    pub paid_otherwise: Vec<(u32, usize)>,
}

impl<'a> Selection<'a> {
    /// The source of the files that pay what is selected.
    pub(crate) fn context(&self, selected: &'a Selected) -> ExportContext<'a> {
        let left_out = &selected.left_out;
        let rest = self.paid_before.map(|paid_before| RestOfPayouts {
            paid_before,
            left_out,
        });
        ExportContext {
            run: self.run,
            layout: self.layout,
            payments: &selected.payments,
            overlays: self.overlays,
            rest,
            reconciliation: None,
        }
    }

    /// Selects among the payouts, which are all of the run in the order of payouts.csv.
    /// Problems in their cells are reported.
    pub(crate) fn select(
        &self,
        payouts: &[MemberPayout],
        problems: &mut ProblemList,
    ) -> Result<Selected> {
        let RecomputedForExports { plan, claims, .. } = self.run;
        let mut selected = Selected::default();
        let mut texts = WantedTexts::of(self.layout);
        // Claimants paid for several rows that were added up.
        let mut added_up = HashSet::new();
        let mut faulty = Vec::new();
        for (payment, members) in payouts {
            let row = payment.row;
            if claims.rows_of(row) > 1 {
                added_up.insert(row);
            }
            let cells = PayeeCells::of(self.run, self.overlays, row)?;
            let again = self.again(row);
            if again == Some(false) {
                // The texts of the layout are those of all claimants.
                let _ = texts.look_for(&cells);
                continue;
            }
            let earlier = self.paid_before.and_then(|before| before.of(row));
            match is_for(self.layout, &mut texts, &cells, members) {
                Ok(true) => {
                    let Some(payment) = part(payment, plan, self.layout) else {
                        continue;
                    };
                    match earlier {
                        None => selected.payments.push(payment),
                        Some(earlier) if earlier.is_due => {
                            let export = earlier.export;
                            selected.left_out.push(LeftOut { payment, export });
                        }
                        Some(earlier) => selected.paid_otherwise.push((row, earlier.export)),
                    }
                }
                Ok(false) if again.is_some() => {
                    problems.add(self.not_for_layout(&cells));
                }
                // The cells of claimants who are left out need not fit.
                Err(_) if earlier.is_none() => faulty.push((row, members)),
                _ => {}
            }
        }
        let none = selected.payments.is_empty() && selected.left_out.is_empty();
        if let Some(text) = texts.absent(none) {
            return Err(text.message(self.run, self.overlays, payouts)?.into());
        }
        for (row, members) in faulty {
            let cells = PayeeCells::of(self.run, self.overlays, row)?;
            if let Err(fault) = is_for(self.layout, &mut texts, &cells, members) {
                problems.add(match fault.column {
                    Some(column) => cells.problem(self.run, column, fault),
                    None => claims.problem(row, cells.text(plan.claims.id), None, fault),
                });
            }
        }
        self.check_added_up(&added_up, problems)?;
        Ok(selected)
    }

    /// True if the claimant of a row is to be paid again; `None` without `--reissue`.
    fn again(&self, row: u32) -> Option<bool> {
        let mut overlays = self.overlays.iter();
        let reissue = overlays.find(|overlay| overlay.is_reissue())?;
        Some(reissue.place(row).is_some())
    }

    /// The problem of a claimant who is to be paid again and for whom the layout is not.
    fn not_for_layout(&self, cells: &PayeeCells<'_>) -> ClaimProblem {
        let plan = self.run.plan;
        let wanted = self.layout.when.columns();
        let column = wanted.into_iter().find(|column| *column != plan.claims.id);
        let why = column.map(|column| {
            let name = plan.columns.name(column);
            format!(": {name} is {}", literal(cells.text(column)))
        });
        let id = cells.text(plan.claims.id);
        let why = why.unwrap_or_default();
        let message = messages::reissue_not_for_layout(&literal(id), &why);
        cells.problem(self.run, column.unwrap_or(plan.claims.id), message)
    }

    /// Reports rows that were added up and disagree in the columns that the layout reads.
    fn check_added_up(&self, added_up: &HashSet<u32>, problems: &mut ProblemList) -> Result<()> {
        if added_up.is_empty() {
            return Ok(());
        }
        let claims = self.run.claims;
        let rows = claims.claim_list.rows().map(|row| row.number);
        let others = rows.filter(|&row| !claims.leads(row) && added_up.contains(&claims.lead(row)));
        for row in others {
            self.disagreement(row, problems)?;
        }
        Ok(())
    }

    /// Reports cells of a merged row that differ from the first row of the claimant: it
    /// is not clear which of the two applies, unless an overlay has the cell.
    fn disagreement(&self, row: u32, problems: &mut ProblemList) -> Result<()> {
        let RecomputedForExports { plan, claims, .. } = self.run;
        let lead = claims.lead(row);
        let ours = claims.claim_list.kept_cells(row)?;
        let theirs = PayeeCells::of(self.run, self.overlays, lead)?;
        for &column in &self.layout.reads {
            let (ours, first) = (ours.text(column), theirs.text(column));
            if ours == first || column == plan.claims.id || theirs.is_overlaid(column) {
                continue;
            }
            let cell = Some((plan.columns.name(column), ours));
            let lead = claims.row_name(u64::from(lead) + 1);
            let fault = messages::rows_disagree(&lead, &literal(first));
            let id = theirs.text(plan.claims.id);
            problems.add(claims.problem(row, id, cell, fault));
        }
        Ok(())
    }
}

/// The part of a payout that an export pays: one portion, or those that have no payee of their
/// own; `None` if that is nothing.
fn part(payment: &Payment, plan: &Plan, layout: &Layout) -> Option<Payment> {
    let payment = payment.clone();
    if plan.portions.is_empty() || !layout.pays.has_payments() {
        return Some(payment);
    }
    let payout = match layout.portion {
        Some(portion) => payment.portions.get(portion).copied(),
        None => own(plan, &payment.portions),
    };
    let payout = payout.or_bug("a payout has no portions");
    (payout > Money::ZERO).then_some(Payment { payout, ..payment })
}

/// True if the layout applies to a claimant.
fn is_for(
    layout: &Layout,
    texts: &mut WantedTexts<'_>,
    cells: &impl Cells,
    members: &[bool],
) -> Result<bool, CellFault> {
    texts.look_for(cells)?;
    layout.when.holds(&PaidClaim { cells, members })
}

/// A claim of a finished run, of which a layout sees cells and subclasses.
struct PaidClaim<'a, C: Cells> {
    cells: &'a C,
    members: &'a [bool],
}

impl<C: Cells> Cells for PaidClaim<'_, C> {
    fn cell(&self, column: ColumnId) -> &str {
        self.cells.cell(column)
    }
}

impl<C: Cells> Facts for PaidClaim<'_, C> {
    fn member(&self, subclass: usize) -> Result<bool, CellFault> {
        Ok(*self.members.get(subclass).or_bug(NOT_OF_LAYOUTS))
    }

    fn value(&self, _: ValueId) -> Result<Exact, CellFault> {
        None.or_bug(NOT_OF_LAYOUTS)
    }
}

const NOT_OF_LAYOUTS: &str = "a layout reads what is not in the files of a run";
