//! Leaves out the rules of a plan that do not apply to groups of claimants.

use crate::plan::column::ColumnUse;
use crate::plan::{ColumnId, Plan, StatementRules, StatusRule};

impl Plan {
    /// Removes what is known of single claimants only: tax flags, comparisons of
    /// claimants, portions of payouts and statements, and the columns that only they
    /// read. Returns the names of those that people may miss.
    pub(crate) fn leave_out_claimants(&mut self) -> Vec<&'static str> {
        let there = [
            ("portions", !self.portions.is_empty()),
            ("[[unique]]", !self.unique.is_empty()),
            ("tax flags", self.tax.is_some()),
        ];
        self.tax = None;
        self.unique.clear();
        self.portions.clear();
        self.payment_method = None;
        self.statement = StatementRules::default();
        self.columns.leave_out(&[
            ColumnUse::Portions,
            ColumnUse::Tax,
            ColumnUse::Unique,
            ColumnUse::Statements,
            ColumnUse::Payments,
        ]);
        let there = there.into_iter().filter(|(_, is_there)| *is_there);
        there.map(|(name, _)| name).collect()
    }

    /// Removes the status and the exclusions whose columns a file does not have, and
    /// lets columns be absent that no pool reads. Returns what was removed.
    pub(crate) fn leave_out_absent(&mut self, names: &[String]) -> Vec<&'static str> {
        let columns = &self.columns;
        let is_there = |id: ColumnId| names.iter().any(|name| name == columns.name(id));
        let mut left_out = Vec::new();
        if let StatusRule::Column { column, .. } = &self.claims.status
            && !is_there(*column)
        {
            left_out.push("the status of claims");
        }
        let before = self.excludes.len();
        let is_kept = |columns: Vec<ColumnId>| columns.into_iter().all(is_there);
        let excludes = std::mem::take(&mut self.excludes);
        let kept = excludes
            .into_iter()
            .filter(|rule| is_kept(rule.when.columns()));
        self.excludes = kept.collect();
        if self.excludes.len() < before {
            left_out.push("exclusions");
        }
        let unread = columns.iter().map(|(id, _)| id).filter(|id| {
            *id != self.claims.id && !self.rules_of_claims_read(*id) && !is_there(*id)
        });
        let unread: Vec<ColumnId> = unread.collect();
        if left_out.contains(&"the status of claims") {
            self.claims.status = StatusRule::AllPayable;
        }
        for id in unread {
            if let Some(column) = self.columns.get_mut(id) {
                column.optional = true;
                column.values = None;
            }
        }
        left_out
    }
}
