//! Claimant ids: which can be used, and which are alike.

pub(crate) mod duplicates;
pub(crate) mod quick_check;
pub(crate) mod validity;
