//! Divides a settlement fund among claimants, exactly.
//!
//! Data flows in one direction:
//!
//! ```text
//! plan.toml ──▶ plan ──▶ fund ───────────────┐
//!                 │                          ▼
//! claims.csv ──▶ claims ──▶ entitlement ──▶ pools ──▶ run ──▶ folder
//!               (rows,      (weights and    (in order,  (payouts, summary,
//!                cells)      limits)         one by one) manifest)
//! ```
//!
//! The code has nine rooms. Each room may use only those before it in this list; a
//! test reads the imports:
//!
//! - `base` is independent of settlements: money, exact numbers, dates, files, threads,
//!   and errors as text.
//! - `plan` reads the plan of allocation and takes the deductions from the fund. It
//!   returns only valid plans.
//! - `claims` reads claims files, CSV and workbooks. It returns only valid cells.
//! - `allocate` converts claims to entitlements and divides the pools in order, with one
//!   equation for every pool, in integers. Its trace records the steps for one claimant.
//! - `run` writes the rows, proves that every cent and every row is in exactly one
//!   place, and then renames the folder to its final name.
//! - `audit` examines finished runs. `check` recomputes a run and compares it, and
//!   recomputes it with a second algorithm; comparison, explanation and projection have
//!   no arithmetic of their own.
//! - `export` writes the payouts of a run as files for banks, mail houses and payment
//!   services.
//! - `reconcile` joins a run, its exports and what banks report to an account of the
//!   fund on a day, from which a later run goes on.
//! - `cli` is the only room that knows the command line.
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
mod reconcile;
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
pub use export::{ExportJob, Exported, export, find_shipped};
pub use plan::{Plan, PlanSource};
pub use reconcile::{ReconcileJob, Reconciled, reconcile};
pub use run::statements::StatementStorage;
pub use run::{ComputeJob, NoProgress, Progress, RunReport, Stage, compute};

/// What the tests and benchmarks of this repository use beyond the interface.
#[doc(hidden)]
pub mod internals {
    pub use crate::audit::explain::text::text as explanation_text;
    pub use crate::base::diagnostics::exit_status;
    pub use crate::cli::Cli;
    pub use crate::cli::topics::CODES;
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

    /// The descriptions of tables, which the documentation repeats.
    pub mod tables {
        pub use crate::claims::control_totals::tables as of_control_totals;
        pub use crate::export::layout::keys::tables as of_layouts;
        pub use crate::plan::schema::tables as of_plans;
        pub use crate::plan::table::{KeyRule, KeyShape, KindShape, Need, TableShape, TomlType};
        pub use crate::reconcile::facts::tables as of_facts;
    }

    pub mod run {
        pub use crate::run::{hashing_writer, rows, sample, summary, workbook};
    }
}
