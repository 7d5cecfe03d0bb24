//! Work with saved runs: verification, recomputation, comparison and explanation; also
//! projections.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod fill;
pub(crate) mod messages;
pub(crate) mod project;
pub(crate) mod recompute;
pub(crate) mod saved_run;
