//! What looks at finished runs again: verification, recomputation, comparison and
//! explanation; and projections.

pub mod check;
pub mod compare;
pub mod explain;
pub mod project;
pub mod recompute;
pub mod saved_run;
