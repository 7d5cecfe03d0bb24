//! From rows to whole minor units: what each claim may draw, the pools in order,
//! and the one equation that divides a pool.

pub mod classes;
pub mod entitlement;
pub mod marks;
pub mod pool;
pub mod pools;
pub mod trace;
