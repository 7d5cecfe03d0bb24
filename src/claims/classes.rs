//! Claims with equal entitlements are of one class. Reading knows classes by their
//! numbers alone; what they are is decided by the [`ClaimClasses`] that it is handed.

use crate::base::diagnostics::Bug;
use crate::claims::claim_list::{ClaimList, ClassId};
use crate::claims::status::{ClaimStatus, RowFindings};
use crate::claims::too_precise::TooPrecise;
use crate::plan::cell::Cells;
use crate::plan::{ColumnId, Plan};

/// Sorts claims into classes.
pub trait ClaimClasses: Sized + Send {
    /// What was worked out for one claim. Its memory is used again from row to row.
    type Outcome: Default + Send;
    /// The classes that one worker found in a batch of rows.
    type Batch: Default + Send;

    /// No class yet.
    fn new(plan: &Plan) -> Self;

    /// A row that takes no part in the pools.
    fn outside(outcome: &mut Self::Outcome, plan: &Plan, status: ClaimStatus);

    /// A payable or held claim. False if faults were noted.
    fn claim(
        outcome: &mut Self::Outcome,
        plan: &Plan,
        status: ClaimStatus,
        cells: &impl Cells,
        findings: &mut RowFindings,
    ) -> bool;

    /// Adds an outcome to a batch. Its number there, from 0.
    fn push(batch: &mut Self::Batch, outcome: &Self::Outcome) -> u32;

    /// The number of the outcome that was pushed last.
    fn last(batch: &Self::Batch) -> u32;

    /// Takes the outcomes out of a batch. As many are expected next.
    fn take(batch: &mut Self::Batch) -> Self::Batch;

    /// The class of an outcome, known or new, with one claimant more.
    fn enter(&mut self, outcome: &Self::Outcome) -> ClassId;

    /// The classes of a batch, known or new, with one claimant more each.
    fn enter_all(&mut self, batch: Self::Batch) -> Vec<ClassId>;

    /// Adds claimants to a class.
    fn add(&mut self, class: ClassId, count: u64);

    /// Proves that the rows with this sum of marks are the claimants that were
    /// counted.
    fn prove_rows(&self, marks: u64) -> Result<(), Bug>;

    /// Warnings about the claims. `too_precise` has the columns that were added up,
    /// and were counted then; `place` names a cell.
    fn warnings(
        &self,
        plan: &Plan,
        claim_list: &ClaimList,
        too_precise: TooPrecise,
        place: &dyn Fn(u32, ColumnId) -> String,
    ) -> Result<Vec<String>, Bug>;
}

/// The sum of the marks of some rows, by their classes.
pub(crate) fn marks_of(classes: impl Iterator<Item = ClassId>) -> u64 {
    classes.map(mark).fold(0, u64::wrapping_add)
}

/// A number for a class: the sums of two lists are hardly ever the same if the lists
/// are not.
pub(crate) fn mark(class: ClassId) -> u64 {
    let number = (u64::from(class) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (number ^ (number >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}
