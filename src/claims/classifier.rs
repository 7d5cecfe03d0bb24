//! Claims with equal entitlements form one class. Reading knows only the numbers of
//! classes; a [`ClaimClasses`] decides what they mean.

use crate::base::diagnostics::Bug;
use crate::claims::claim_list::{ClaimList, ClassId};
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::claims::too_precise::TooPrecise;
use crate::plan::cell::Cells;
use crate::plan::{ColumnId, Plan};

/// Sorts claims into classes.
pub trait ClaimClassifier: Sized + Send {
    /// The outcome computed for one claim. Its memory is reused from row to row.
    type Outcome: Default + Send;
    /// The classes that one worker found in a batch of rows.
    type Batch: Default + Send;

    fn new(plan: &Plan) -> Self;

    /// Records a row that does not participate in pools.
    fn outside(outcome: &mut Self::Outcome, plan: &Plan, status: ClaimStatus);

    /// Records a payable or held claim. Returns false if faults were recorded.
    fn claim(
        outcome: &mut Self::Outcome,
        plan: &Plan,
        status: ClaimStatus,
        cells: &impl Cells,
        findings: &mut RowFindings,
    ) -> bool;

    /// Adds an outcome to a batch and returns its index there.
    fn push(batch: &mut Self::Batch, outcome: &Self::Outcome) -> u32;

    /// The index of the outcome added last.
    fn last(batch: &Self::Batch) -> u32;

    /// Takes the outcomes of a batch and leaves an empty batch with the same
    /// capacity.
    fn take(batch: &mut Self::Batch) -> Self::Batch;

    /// The class of an outcome, existing or new. Counts one more claimant.
    fn enter(&mut self, outcome: &Self::Outcome) -> ClassId;

    /// The classes of a batch, existing or new. Counts one more claimant in each.
    fn enter_all(&mut self, batch: Self::Batch) -> Vec<ClassId>;

    fn add(&mut self, class: ClassId, count: u64);

    /// Verifies that the rows with this sum of marks are the counted claimants.
    fn prove_rows(&self, marks: u64) -> Result<(), Bug>;

    /// Warnings about the claims. `too_precise` has the columns that were added up
    /// and counted then; `place` returns the name of a cell.
    fn warnings(
        &self,
        plan: &Plan,
        claim_list: &ClaimList,
        too_precise: TooPrecise,
        place: &dyn Fn(u32, ColumnId) -> String,
    ) -> Result<Vec<String>, Bug>;
}

/// The sum of the marks of some rows, by class.
pub(crate) fn marks_of(classes: impl Iterator<Item = ClassId>) -> u64 {
    classes.map(mark).fold(0, u64::wrapping_add)
}

/// A hash of a class. Sums over different lists are almost never equal.
pub(crate) fn mark(class: ClassId) -> u64 {
    let number = (u64::from(class) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (number ^ (number >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}
