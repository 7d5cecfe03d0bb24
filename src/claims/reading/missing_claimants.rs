//! Claimants whom earlier distributions paid or held, and who must be among the claims.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::base::diagnostics::{ClaimProblem, literal};
use crate::claims::classifier::ClaimClassifier;
use crate::claims::messages;
use crate::claims::reading::row_register::RowRegister;
use crate::plan::RowsRule;

impl<C: ClaimClassifier> RowRegister<'_, C> {
    /// Records claimants of earlier distributions who are not among the claims.
    pub(super) fn refuse_missing_claimants(&mut self) {
        let ledger = self.plan.prior.as_ref();
        let is_claims = self.plan.claims.rows != RowsRule::Each && !self.is_unread;
        let Some(ledger) = ledger.filter(|_| is_claims) else {
            return;
        };
        let found: HashSet<&str, FixedState> = {
            let ids = self.claim_list.rows().map(|row| row.id_text());
            ids.filter(|id| ledger.claimants.contains_key(*id))
                .collect()
        };
        let mut missing: Vec<&str> = ledger.claimants.keys().map(|id| &**id).collect();
        missing.retain(|id| !found.contains(id));
        missing.sort_unstable();
        let file = self.files.first().map(|file| file.shown.clone());
        let file = file.unwrap_or_default();
        let problem = |id: &&str| ClaimProblem {
            file: file.clone(),
            claimant_id: Some((*id).to_owned()),
            ..messages::prior_claimant_missing(&literal(id)).into()
        };
        let problems: Vec<ClaimProblem> = missing.iter().map(problem).collect();
        for problem in problems {
            self.problems.add(problem);
        }
    }
}
