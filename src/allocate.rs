//! From rows to whole minor units: entitlements of claims, pools in order, and the
//! one equation that divides a pool.

mod as_claimed;
mod claim_warnings;
pub(crate) mod classes;
pub(crate) mod entitlement;
mod full_payment;
pub(crate) mod messages;
mod open_entitlement;
pub mod pool;
pub mod pools;
mod read_claims_by_class;
pub(crate) mod trace;
pub(crate) use crate::allocate::read_claims_by_class::read_claims_and_lots;
pub use crate::allocate::read_claims_by_class::{Claims, read_claims};
