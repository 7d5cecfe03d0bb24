//! `payout plan`

use std::path::PathBuf;

use anyhow::Result;

use super::load_plan;
use super::output::to_stdout;
use crate::plan::english;
use crate::run::json;

/// What `payout plan` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  payout plan plan.toml              check a plan, and read it beside the order
  payout plan plan.toml --json       the same as data
  payout plan                        the plan that is built in
  payout plan --reference | less     every key of the plan language")]
pub struct Args {
    /// The plan [default: the built-in TikTok plan]
    #[arg(value_name = "PLAN.toml")]
    plan: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// Print the reference of the plan language instead
    #[arg(long, conflicts_with_all = ["plan", "json"])]
    reference: bool,
}

/// Tells a plan back.
pub fn run(args: &Args) -> Result<()> {
    if args.reference {
        return to_stdout(include_str!("../plan/REFERENCE.md"));
    }
    let plan = load_plan(args.plan.as_deref())?;
    let told = english::tell(&plan);
    if args.json {
        to_stdout(&json(&told)?)
    } else {
        to_stdout(&told.text())
    }
}
