//! Claimant ids: which can be used, and which are alike.

pub mod duplicates;
pub mod glance;
pub mod usable;
