//! Claimant ids: validity and similarity.

pub(crate) mod duplicates;
pub(crate) mod quick_check;
pub(crate) mod validity;
