//! `payout compute`

use std::path::PathBuf;

use anyhow::Result;

use super::output::{to_stderr, to_stdout};
use super::progress::Shown;
use super::{PlanArg, load_plan};
use crate::claims::source::Input;
use crate::diagnostic::Refusal;
use crate::run::{self, Job};

/// What `payout compute` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  payout compute claims.csv
  payout compute claims.csv --plan plan.toml --out run-2026-03-01
  payout compute east.csv west.csv.gz --plan plan.toml --errors errors.csv
  zcat claims.csv.gz | payout compute - --json --quiet | jq .payouts.total")]
pub struct Args {
    /// Claims files, read as one; `-` is standard input, `.gz` and `.zst` are
    /// unpacked
    #[arg(required = true, value_name = "CLAIMS.csv")]
    claims: Vec<PathBuf>,
    #[command(flatten)]
    plan: PlanArg,
    /// The folder to write
    #[arg(long, value_name = "DIR", default_value = "payouts")]
    out: PathBuf,
    /// Replace the folder if it is a run or is empty
    #[arg(long)]
    force: bool,
    /// List everything that is wrong with the claims in this CSV file
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print summary.json instead of the summary
    #[arg(long)]
    json: bool,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
    /// Say a line about each stage
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
    /// How many threads to use; the result is the same with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Makes a run.
pub fn run(args: &Args) -> Result<()> {
    let plan = load_plan(args.plan.plan.as_deref())?;
    let inputs: Vec<Input> = args.claims.iter().map(|path| Input::named(path)).collect();
    if inputs
        .iter()
        .filter(|input| **input == Input::Stdin)
        .count()
        > 1
    {
        return Err(
            Refusal::new("`-` is given twice", "standard input can be read only once").into(),
        );
    }
    let job = Job {
        plan: &plan,
        inputs: &inputs,
        out: &args.out,
        force: args.force,
        errors: args.errors.as_deref(),
    };
    let report = run::compute(&job, &Shown::new(args.quiet, args.verbose))?;
    if args.json {
        if !args.quiet {
            for warning in &report.warnings {
                to_stderr(&format!("warning: {warning}"));
            }
        }
        return to_stdout(&report.json);
    }
    if args.quiet {
        return Ok(());
    }
    to_stdout(&report.text)?;
    to_stderr(&format!("wrote {}", args.out.display()));
    Ok(())
}
