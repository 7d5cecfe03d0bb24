//! Divide a settlement fund among claimants, exactly.
//!
//! A run is one line, left to right:
//!
//! ```text
//! plan.toml ──▶ plan ──▶ fund ───────────────┐
//!                 │                          ▼
//! claims.csv ──▶ claims ──▶ entitlement ──▶ pools ──▶ run ──▶ folder
//!               (rows,      (weights and    (in order,  (payouts, summary,
//!                cells)      limits)         one by one) manifest)
//! ```
//!
//! The code has eight rooms. Each may use those that stand above it in this list,
//! and none below:
//!
//! - [`base`] knows no settlement: money, exact numbers, dates, files, threads, and
//!   where errors become text.
//! - [`plan`] reads the plan of allocation and takes the deductions off the fund. A
//!   plan that was loaded is good: no later stage meets a bad one.
//! - [`claims`] reads claims files, CSV and workbooks. After it no later stage meets a
//!   bad cell.
//! - [`allocate`] turns rows into what they may draw, and divides the pools in order:
//!   one equation for every pool, in integers. Its trace writes down what was done for
//!   one claimant.
//! - [`run`] writes the rows, proves that every cent and every row is in exactly one
//!   place, and gives the folder its name.
//! - [`audit`] looks at finished runs: `check` goes the whole way again and compares,
//!   and recomputes by a second algorithm; comparison, explanation and projection have
//!   no arithmetic of their own.
//! - [`export`] writes the payouts of a run as files that banks, mail houses and payment
//!   services take.
//! - [`cli`] alone knows the command line.
//!
//! Money is an integer count of minor units ([`base::money`]); shares and amounts are
//! decimals that are never rounded ([`base::decimal`]). There is no binary floating
//! point.

pub mod allocate;
pub mod audit;
pub mod base;
pub mod claims;
pub mod cli;
pub mod export;
pub mod plan;
pub mod run;
