//! `payout compute`

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::output::{to_stderr, to_stdout};
use super::progress::Shown;
use super::{PlanArg, load_plan, whole_number};
use crate::claims::source::Input;
use crate::diagnostic::Refusal;
use crate::run::{self, Job, Report};

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
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<u64>,
}

fn threads(text: &str) -> Result<u64, String> {
    const MOST: u64 = 1024;
    match whole_number(text)? {
        0 => Err("there must be one at least".to_owned()),
        threads if threads > MOST => Err(format!("the most is {MOST}")),
        threads => Ok(threads),
    }
}

/// Whether two paths, the second perhaps `-` for standard input, are one file
/// or folder, whatever they are called.
fn is_same(path: &Path, other: &Path) -> bool {
    let identity = |path: &Path| {
        std::fs::metadata(path)
            .ok()
            .map(|facts| (facts.dev(), facts.ino()))
    };
    let stdin = || {
        rustix::fs::fstat(std::io::stdin())
            .ok()
            .map(|facts| (facts.st_dev, facts.st_ino))
    };
    let theirs = if other == Path::new("-") {
        stdin()
    } else {
        identity(other)
    };
    match (identity(path), theirs) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => std::path::absolute(path).ok() == std::path::absolute(other).ok(),
    }
}

/// The list of errors must not take the place of anything that is read or
/// written.
fn check_errors_file(errors: &Path, args: &Args) -> Result<()> {
    let taken = args.claims.iter().chain(&args.plan.plan).chain([&args.out]);
    if let Some(taken) = taken.into_iter().find(|taken| is_same(errors, taken)) {
        let message = format!(
            "`--errors` names {}, which this command reads or writes",
            taken.display()
        );
        return Err(Refusal::new(message, "name another file for the list of errors").into());
    }
    if errors
        .parent()
        .is_some_and(|parent| is_same(parent, &args.out))
    {
        let message = format!(
            "`--errors` names a file in {}, the folder of the run",
            args.out.display()
        );
        return Err(Refusal::new(message, "name a file elsewhere for the list of errors").into());
    }
    if errors.is_dir() {
        return Err(Refusal::new(
            format!("{} is a folder", errors.display()),
            "name a file for the list of errors",
        )
        .into());
    }
    match errors.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => Err(Refusal::new(
            format!("there is no folder {}", parent.display()),
            "make it first",
        )
        .into()),
        _ => Ok(()),
    }
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
    if let Some(errors) = &args.errors {
        check_errors_file(errors, args)?;
    }
    let job = Job {
        plan: &plan,
        inputs: &inputs,
        out: &args.out,
        force: args.force,
        errors: args.errors.as_deref(),
    };
    run::compute(&job, &Shown::new(args.quiet, args.verbose), &|report| {
        deliver(report, args)
    })?;
    if !args.quiet && !args.json {
        to_stderr(&format!("wrote {}", args.out.display()));
    }
    Ok(())
}

fn deliver(report: &Report, args: &Args) -> Result<()> {
    if args.json {
        if !args.quiet {
            for warning in &report.warnings {
                to_stderr(&format!("warning: {warning}"));
            }
        }
        return to_stdout(&report.json);
    }
    if args.quiet {
        Ok(())
    } else {
        to_stdout(&report.text)
    }
}
