//! Divide a settlement fund among claimants, exactly.
//!
//! A run is one line, left to right:
//!
//! ```text
//! plan.toml ──▶ plan ──▶ fund ───────────────┐
//!                 │                          ▼
//! claims.csv ──▶ claims ──▶ entitlement ──▶ distribution ──▶ run ──▶ folder
//!               (rows,      (weights and    (pools in order,  (payouts, summary,
//!                cells)      limits)         by allocation)    manifest)
//! ```
//!
//! - [`plan`] reads the plan of allocation; [`fund`] takes the deductions off.
//!   A plan that was loaded is good: no later stage meets a bad one.
//! - [`claims`] reads the claims files; [`entitlement`] turns a row into what
//!   its claimant may draw. After them no later stage meets a bad cell.
//! - [`distribution`] lets the pools take their money in order, and
//!   [`allocation`] divides it: one equation for every pool, in integers.
//! - [`run`] writes the rows, proves that every cent and every row is in
//!   exactly one place, and gives the folder its name.
//! - [`check`] goes the whole way again and compares.
//! - [`export`] writes the payouts of a run as files that banks, mail houses and
//!   payment services take.
//! - [`compare`] says what changed between two runs.
//! - [`explain`] and [`project`] go the same way and have no arithmetic of
//!   their own; [`steps`] writes down what the others do for one claimant.
//! - [`tax`] marks payouts that reach a threshold; it changes none.
//! - [`threads`] lets several threads look at blocks of claims, with results in
//!   the order of the file: nothing depends on how many there are.
//! - [`diagnostic`] is where errors become text; [`cli`] alone knows flags.
//!
//! Money is an integer count of minor units ([`money`]); shares and amounts are
//! decimals that are never rounded ([`exact`]). There is no binary floating
//! point.

mod aligned;
pub mod allocation;
pub mod calendar;
pub mod check;
pub mod claims;
pub mod cli;
pub mod column;
pub mod compare;
pub mod diagnostic;
pub mod distribution;
pub mod entitlement;
pub mod exact;
pub mod expect;
pub mod explain;
pub mod export;
pub mod fund;
pub mod independent;
pub mod lookalike;
pub mod marked;
pub mod money;
pub mod ordinary;
pub mod plan;
pub mod project;
pub mod recorded;
pub mod run;
pub mod sample;
mod short;
pub mod steps;
pub mod tax;
pub mod threads;
pub mod unfinished;
