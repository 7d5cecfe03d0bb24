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
//! - `base` knows no settlement: money, exact numbers, dates, files, threads, and
//!   where errors become text.
//! - `plan` reads the plan of allocation and takes the deductions off the fund. A
//!   plan that was loaded is good: no later stage meets a bad one.
//! - `claims` reads claims files, CSV and workbooks. After it no later stage meets a
//!   bad cell.
//! - `allocate` turns rows into what they may draw, and divides the pools in order:
//!   one equation for every pool, in integers. Its trace writes down what was done for
//!   one claimant.
//! - `run` writes the rows, proves that every cent and every row is in exactly one
//!   place, and gives the folder its name.
//! - `audit` looks at finished runs: `check` goes the whole way again and compares,
//!   and recomputes by a second algorithm; comparison, explanation and projection have
//!   no arithmetic of their own.
//! - `export` writes the payouts of a run as files that banks, mail houses and payment
//!   services take.
//! - `cli` alone knows the command line.
//!
//! # Example
//!
//! ```
//! use std::path::Path;
//!
//! use payout::{CheckJob, ComputeJob, Input, NoProgress, Plan};
//!
//! # fn main() -> anyhow::Result<()> {
//! let plan = Plan::from_text(
//!     "plan.toml",
//!     r#"
//!         [settlement]
//!         name = "Doe v. Example"
//!         [fund]
//!         amount = 100
//!         [[pool]]
//!         name = "cash"
//!         shares = [ { add = { column = "units" } } ]
//!     "#,
//! )?;
//! let folder = std::env::temp_dir().join(format!("payout-example-{}", std::process::id()));
//! std::fs::create_dir(&folder)?;
//! let claims = folder.join("claims.csv");
//! std::fs::write(&claims, "claimant_id,units\nA,1\nB,2\n")?;
//!
//! let inputs = [Input::named(&claims, None)];
//! let run = folder.join("run");
//! payout::compute(&ComputeJob::new(&plan, &inputs, &run), &NoProgress, &|_| Ok(()))?;
//! let payouts = std::fs::read_to_string(run.join("payouts.csv"))?;
//! assert!(payouts.contains("66.66"));
//!
//! let files = [claims];
//! let verdict = payout::check(&CheckJob::new(&run, &files), &NoProgress)?;
//! assert!(verdict.holds);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! Money is an integer count of minor units (`base::money`); shares and amounts are
//! decimals that are never rounded (`base::decimal`). There is no binary floating
//! point.

mod allocate;
mod audit;
mod base;
mod claims;
mod cli;
mod export;
mod plan;
mod run;

pub use audit::check::{CheckJob, Verdict, check};
pub use audit::compare::{Comparison, compare};
pub use audit::explain::{Explanation, explain};
pub use audit::project::{ClaimsRate, Projection, project};
pub use claims::input::Input;
#[doc(hidden)]
pub use cli::main;
pub use export::layout::LayoutChoices;
pub use export::manifest::ExportManifest;
pub use export::verify::ExportFolders;
pub use export::{ExportJob, export, find_shipped};
pub use plan::{Plan, PlanSource};
pub use run::statements::StatementStorage;
pub use run::{ComputeJob, NoProgress, Progress, RunReport, Stage, compute};

/// What the tests and benchmarks of this repository use beyond the interface.
#[doc(hidden)]
pub mod internals {
    pub use crate::cli::Cli;
    pub use crate::export::layout::SHIPPED;

    pub mod base {
        pub use crate::base::{dates, decimal, digest, money};
    }

    pub mod plan {
        pub use crate::plan::{
            DropMethod, Plan, PlanSource, RateRange, Rounding, RoundingUnit, WeightKind, builtin,
            load,
        };
    }

    pub mod claims {
        pub use crate::allocate::{Claims, read_claims as read};
        pub use crate::claims::{ReadOptions, input};
    }

    pub mod allocate {
        pub use crate::allocate::{pool, pools};
    }

    pub mod run {
        pub use crate::run::{hashing_writer, rows, sample, summary, workbook};
    }
}
