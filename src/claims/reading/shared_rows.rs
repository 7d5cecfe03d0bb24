//! Rows that share cells with another claimant where `[[unique]]` refuses them.

use crate::base::diagnostics::{ClaimProblem, OrBug, literal};
use crate::claims::classifier::ClaimClassifier;
use crate::claims::messages;
use crate::claims::reading::row_register::{RowRegister, file_of};
use crate::claims::shared_cells::SharedCells;
use crate::plan::unique::UniqueRule;

const NO_ROW: &str = "a row that shares cells is missing";

impl<C: ClaimClassifier> RowRegister<'_, C> {
    /// Records a row with the cells of another claimant.
    ///
    /// `is_new` is true if the first of the rows is not in the list of problems yet.
    pub(super) fn refuse_shared(
        &mut self,
        SharedCells { row, first, .. }: SharedCells,
        rule: &UniqueRule,
        is_new: bool,
    ) {
        let plan = self.plan;
        let columns = rule
            .columns
            .iter()
            .map(|id| literal(plan.columns.name(*id)));
        let columns = columns.collect::<Vec<_>>().join(" and ");
        let cell = |row: u32, column| self.claim_list.cells(row).or_bug(NO_ROW).text(column);
        let (id, first_id) = (cell(row, plan.claims.id), cell(first, plan.claims.id));
        if id == first_id {
            // An id that is repeated is reported as such.
            return;
        }
        let claimant = literal(first_id);
        let mut place = self.place(first, rule.columns.first().copied().or_bug(NO_ROW));
        if self.files.len() > 1 {
            place += &format!(", in {}", file_of(&self.files, first));
        }
        let single = match rule.columns.as_slice() {
            [column] => Some(*column),
            _ => None,
        };
        let shown = single.filter(|column| plan.unshown_column() != Some(*column));
        let message = messages::same_cells(&columns, &claimant, &place);
        let problem = |row, id: &str| ClaimProblem {
            claimant_id: Some(id.to_owned()),
            column: single.map(|column| plan.columns.name(column).to_owned()),
            value: shown.map(|column| cell(row, column).to_owned()),
            ..message.clone().into()
        };
        let (partner, problem) = (problem(first, first_id), problem(row, id));
        if is_new {
            let partner = self.of_row(first, partner);
            self.problems.list_only(&partner);
        }
        let problem = self.of_row(row, problem);
        self.problems.add(problem);
    }
}
