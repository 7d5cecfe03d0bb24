//! What looks at finished runs again: verification, recomputation, comparison and
//! explanation; and projections.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod project;
pub(crate) mod recompute;
pub(crate) mod saved_run;
