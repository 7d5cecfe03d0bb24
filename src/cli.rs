//! The command line: flags as typed become one checked value, and each command has a
//! file of its own. The rest of the program does not know about flags.

mod check;
mod colors;
mod compare;
mod completions;
mod compute;
mod explain;
mod export;
mod fill;
mod help;
mod init;
mod inputs;
mod layouts;
mod man;
mod messages;
mod plan;
mod progress;
mod project;
mod reconcile;
mod sample;
mod stdout;
mod suggested;
mod term_width;
pub(crate) mod topics;
mod usage_errors;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::base::cleanup;
use crate::base::diagnostics::{self, AlreadyReported, Failure};
use crate::base::regular_file::folder_of;
use crate::claims::input::not_found_hint;
use crate::cli::help::CommandHelp;
use crate::cli::progress::close;
use crate::plan::{Plan, PlanSource, builtin};
use crate::run::json;

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Try it: generate sample claims and run the built-in plan",
            &[
                "payout sample 1000 --out claims.csv",
                "payout compute claims.csv",
            ],
        ),
        (
            "Write your own plan, and print it in plain English",
            &["payout init", "payout plan plan.toml"],
        ),
        ("Check a run before money moves", &["payout check payouts"]),
    ],
    statuses: &[
        (0, "success: everything ties out"),
        (1, "a check failed, or two runs differ"),
        (
            2,
            "invalid input, plan or command line; nothing was written",
        ),
        (
            3,
            "system error or failed internal check; nothing was written",
        ),
    ],
};

/// Divide a settlement fund among claimants, exactly, with every cent and
/// every row accounted for.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 80,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    after_help = "Begin with `payout compute CLAIMS.csv`; `payout COMMAND --help` shows examples.",
    after_long_help = LESSON.text()
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compute every payout and write a run folder, all or nothing
    Compute(compute::Args),
    /// Verify a run by recomputing every row and figure
    Check(check::Args),
    /// Compare two runs: what changed, for whom, and by how much
    Compare(compare::Args),
    /// Explain one claimant's payout step by step
    Explain(explain::Args),
    /// Write payment files for a bank, mail house or payment service
    Export(export::Args),
    /// Account for the fund: what became of payments, and what is left
    Reconcile(reconcile::Args),
    /// Fill in a declaration or notice with the figures of a run
    Fill(fill::Args),
    /// List or print the layouts of payment files
    Layouts(layouts::Args),
    /// Estimate payments by claims rate, before claims are filed
    Project(project::Args),
    /// Validate a plan and print it in plain English
    Plan(plan::Args),
    /// Write or print a starter plan
    Init(init::Args),
    /// Generate a sample claims file for a plan
    Sample(sample::Args),
    /// Generate shell completions
    Completions(completions::Args),
    /// Print the man page
    Man(man::Args),
    /// Print the help of a command, or the meaning of an error code
    Help(topics::Args),
}

/// Reads the command line, carries out the command, prints an error, and returns
/// the exit status.
pub fn main() -> ExitCode {
    cleanup::watch_signals(close);
    match diagnostics::caught(|| Cli::read().and_then(Cli::run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is::<AlreadyReported>() {
                report(&error);
            }
            ExitCode::from(diagnostics::exit_status(&error))
        }
    }
}

impl Cli {
    /// Reads the command line. Help and the version are printed here, and end
    /// the program.
    fn read() -> Result<Self> {
        Self::try_parse().map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let printed = error.print().and_then(|()| std::io::stdout().flush());
                match stdout::closed_is_fine(printed) {
                    Ok(()) => std::process::exit(error.exit_code()),
                    Err(broken) => broken,
                }
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
            _ => usage_errors::refusal(&error).into(),
        })
    }

    fn run(self) -> Result<()> {
        match self.command {
            Command::Compute(args) => compute::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Compare(args) => compare::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Export(args) => export::run(&args),
            Command::Reconcile(args) => reconcile::run(&args),
            Command::Fill(args) => fill::run(&args),
            Command::Layouts(args) => layouts::run(&args),
            Command::Project(args) => project::run(&args),
            Command::Plan(args) => plan::run(&args),
            Command::Init(args) => init::run(&args),
            Command::Sample(args) => sample::run(&args),
            Command::Completions(args) => completions::run(&args),
            Command::Man(args) => man::run(&args),
            Command::Help(args) => topics::run(&args),
        }
    }
}

/// Prints an error on stderr, for people, and on request as JSON on stdout.
fn report(error: &anyhow::Error) {
    stdout::to_stderr(&error.to_string());
    // The command line may be what is at fault.
    if std::env::args_os().any(|argument| argument == "--json")
        && let Ok(problems) = json(&diagnostics::report_of(error))
    {
        let _ = stdout::to_stdout(&problems);
    }
}

/// Loads the plan of a command: the file named, or the built-in one.
fn load_plan(path: Option<&Path>) -> Result<Plan> {
    let source = match path {
        None => builtin::default_source(),
        Some(path) => read_source(path, "plan")?,
    };
    Ok(crate::plan::load(&source)?)
}

const LARGEST_PLAN: usize = 1 << 20;

/// Reads a TOML file named on the command line.
fn read_source(path: &Path, what: &str) -> Result<PlanSource> {
    let shown = &path.display().to_string();
    let bytes = read_bounded(path).map_err(|error| -> anyhow::Error {
        match error.kind() {
            std::io::ErrorKind::NotFound => messages::no_such_file(what, shown)
                .hint(not_found_hint(path))
                .into(),
            std::io::ErrorKind::IsADirectory => {
                let hint = format!("name the TOML file of the {what}");
                messages::folder_instead_of_file(shown, hint).into()
            }
            _ => Failure::reading(shown, error).into(),
        }
    })?;
    if bytes.len() > LARGEST_PLAN {
        return Err(messages::file_too_large(what, shown, LARGEST_PLAN).into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to() + 1;
        anyhow::Error::from(messages::file_not_utf8(what, shown, byte))
    })?;
    Ok(PlanSource {
        folder: folder_of(path).to_owned(),
        name: path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        shown: shown.clone(),
        text,
    })
}

/// Reads a file, but no more of it than is needed to see that it is too large.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST_PLAN + 1).unwrap_or(u64::MAX);
    std::fs::File::open(path)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Parses a whole number.
fn whole_number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "expected a whole number, like 1000".to_owned())
}

/// The plan argument that most commands share.
#[derive(Debug, clap::Args)]
struct PlanArg {
    /// The plan of allocation, a TOML file [default: the built-in TikTok plan]
    #[arg(long, value_name = "PLAN.toml")]
    plan: Option<PathBuf>,
}
