//! From rows to whole minor units: what each claim may draw, the pools in order,
//! and the one equation that divides a pool.

pub(crate) mod classes;
pub(crate) mod entitlement;
pub mod pool;
pub mod pools;
pub(crate) mod row_marks;
pub(crate) mod trace;
