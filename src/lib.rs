//! payout
pub mod allocation;
pub mod calendar;
pub mod claims;
pub mod cli;
pub mod diagnostic;
pub mod distribution;
pub mod entitlement;
pub mod exact;
pub mod explain;
pub mod fund;
pub mod money;
pub mod plan;
pub mod project;
pub mod recorded;
pub mod run;
pub mod sample;
