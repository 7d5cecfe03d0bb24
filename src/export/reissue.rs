//! Payments that are made again: `--reissue FILE` pays the claimants of a file whose
//! payouts are void in a reconciliation.
//!
//! Reconciliations belong to a higher layer, so the caller supplies what they know.

use std::fmt;
use std::path::Path;

use crate::base::diagnostics::Message;
use crate::export::paid_before::NamedExport;

/// The state of the payouts of a run in a reconciliation.
pub trait ReissueBasis: fmt::Debug {
    /// The reconciliation.
    fn named(&self) -> NamedExport;

    /// The reason why a payout, or a portion of it, cannot be paid again.
    fn refusal(&self, id: &str, portion: Option<&str>) -> Option<Message>;

    /// True if an export with this seal was reconciled.
    fn has_export(&self, seal: &str) -> bool;

    /// The payment that has the number of a new check: the claimant, and the export.
    fn check_with_number(&self, number: &str) -> Option<(String, String)>;
}

/// Finds reconciliations.
pub(crate) trait FindBasis: fmt::Debug {
    /// The reconciliation with this name and seal, for the payouts of the run with this
    /// seal. `export` is the folder of an export that names it.
    fn find(&self, named: &NamedExport, run: &str, export: &Path) -> Option<Box<dyn ReissueBasis>>;
}

/// The file of `--reissue`, and the reconciliation in which its payouts are void.
#[derive(Debug, Clone, Copy)]
pub struct Reissue<'a> {
    pub file: &'a Path,
    pub basis: &'a dyn ReissueBasis,
}
