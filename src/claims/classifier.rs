//! Claims with equal entitlements form one class. Reading knows only the numbers of
//! classes; a [`ClaimClassifier`] decides what they mean.

use crate::base::diagnostics::Bug;
use crate::claims::claim_list::ClassId;
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::plan::Plan;
use crate::plan::cell::Cells;

/// The outcome computed for one claim. Its memory is reused from row to row.
pub trait ClaimOutcome: Default + Send {
    /// Records a row that does not participate in pools.
    fn outside(&mut self, plan: &Plan, status: ClaimStatus);

    /// Records a payable or held claim. Returns false if faults were recorded.
    fn claim(
        &mut self,
        plan: &Plan,
        status: ClaimStatus,
        cells: &impl Cells,
        findings: &mut RowFindings,
    ) -> bool;
}

/// The classes that one worker found in a batch of rows.
pub trait ClassBatch<O>: Default + Send {
    /// Adds an outcome and returns its index.
    fn push(&mut self, outcome: &O) -> u32;

    /// The index of the outcome added last.
    fn last(&self) -> u32;

    /// Takes the outcomes and leaves an empty batch with the same capacity.
    #[must_use]
    fn take(&mut self) -> Self;
}

/// Sorts claims into classes.
pub trait ClaimClassifier: Send {
    type Outcome: ClaimOutcome;
    type Batch: ClassBatch<Self::Outcome>;

    /// No classes yet, for the pools of a plan.
    fn new(plan: &Plan) -> Self;

    /// The class of an outcome, existing or new. Counts one more claimant.
    fn enter(&mut self, outcome: &Self::Outcome) -> ClassId;

    /// The classes of a batch, existing or new. Counts one more claimant in each.
    fn enter_all(&mut self, batch: Self::Batch) -> Vec<ClassId>;

    /// Counts more claimants of an existing class.
    fn add(&mut self, class: ClassId, count: u64);

    /// Verifies, by the sum of their marks, that the rows counted as claimants match
    /// the number of claimants of each class.
    fn prove_rows(&self, marks: u64) -> Result<(), Bug>;
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
