//! The claims of claimants whose rows were added up.

use crate::base::compact_column::index;
use crate::base::diagnostics::{ClaimProblem, OrBug};
use crate::claims::aggregate::RowMerger;
use crate::claims::aggregate::merged_rows::{KeptCells, MergedRows};
use crate::claims::block_worker::RowCounts;
use crate::claims::claim_list::ClassId;
use crate::claims::classifier::{ClaimClassifier, ClaimOutcome, ClassBatch};
use crate::claims::reading::merged_problem;
use crate::claims::reading::row_register::{RowRegister, file_of};
use crate::claims::status::RowFindings;

const UNKNOWN: &str = "a claim has no claimant or no class";

/// The number of claims that are sorted into classes together.
const ENTERED: usize = 4096;

/// Claims that are still to be sorted into classes.
struct NewClaims<B> {
    claimants: Vec<usize>,
    outcomes: B,
    /// The place of each outcome.
    places: Vec<u32>,
}

impl<'p, C: ClaimClassifier> RowRegister<'p, C> {
    /// Computes the entitlements of claims whose rows were added up, and counts them for
    /// control totals.
    pub(super) fn judge_merged(
        &mut self,
        merger: RowMerger<'p>,
        counts: &mut RowCounts,
    ) -> MergedRows {
        let plan = self.plan;
        let mut claim_classes = vec![None; merger.claimants()];
        let mut outcome = C::Outcome::default();
        let mut kept = KeptCells::default();
        let mut new = NewClaims {
            claimants: Vec::new(),
            outcomes: C::Batch::default(),
            places: Vec::new(),
        };
        let mut cells = merger.cells(plan.claims.id);
        for (first_row, claimant, claim_status) in merger.claims() {
            let cells = cells.as_mut().or_bug(UNKNOWN);
            cells.read(claimant);
            let mut notes = RowFindings::default();
            let mut good = outcome.claim(plan, claim_status, &*cells, &mut notes);
            counts.controls.claim(plan, &*cells);
            if good && !plan.portions.is_empty() {
                plan.portion_faults(&*cells)
                    .into_iter()
                    .for_each(|fault| notes.note(fault));
                good = notes.faults.is_empty();
                counts.note_gaps(plan, &*cells);
                kept.keep(claimant, cells.all());
            }
            if good {
                new.claimants.push(claimant);
                new.places.push(new.outcomes.push(&outcome));
            }
            if new.claimants.len() == ENTERED {
                self.enter_claims(&mut new, &mut claim_classes);
            }
            for fault in notes.faults {
                let row = u64::from(first_row) + 1;
                let written = |column| merger.written(claimant, column);
                self.problems.add(self.places.locate(ClaimProblem {
                    file: file_of(&self.files, first_row),
                    ..merged_problem::of_claim(plan, fault, &*cells, row, written)
                }));
            }
        }
        self.enter_claims(&mut new, &mut claim_classes);
        drop(cells);
        merger.finish(&claim_classes, &mut self.claim_list, kept)
    }

    /// Sorts claims into classes.
    fn enter_claims(
        &mut self,
        new: &mut NewClaims<C::Batch>,
        claim_classes: &mut [Option<ClassId>],
    ) {
        let classes = self.entitlements.enter_all(new.outcomes.take());
        for (claimant, place) in new.claimants.drain(..).zip(new.places.drain(..)) {
            let class = *classes.get(index(place)).or_bug(UNKNOWN);
            *claim_classes.get_mut(claimant).or_bug(UNKNOWN) = Some(class);
        }
    }
}
