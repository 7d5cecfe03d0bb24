//! `payout reconcile`

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueHint;

use crate::audit::saved_run;
use crate::base::diagnostics::{AlreadyReported, quotable};
use crate::cli::help::CommandHelp;
use crate::cli::inputs::{check_list, listed};
use crate::cli::read_source;
use crate::cli::stdout::{to_stderr, to_stdout};
use crate::reconcile::{ReconcileJob, Reconciled, reconcile};

const LESSON: CommandHelp = CommandHelp {
    notes: "\
The facts file states a day, the bank's balance, the files of outcomes, and
money that came in or went out; `payout init --template facts` writes a
commented one.",
    examples: &[
        (
            "Account for the first distribution",
            &[
                "payout reconcile payouts checks paypal ach --facts facts-dec.toml \\",
                "  --out rec-dec",
            ],
        ),
        (
            "Go on from the reconciliation before",
            &[
                "payout reconcile payouts --facts facts-jan.toml --after rec-nov \\",
                "  --out rec-jan",
            ],
        ),
    ],
    statuses: &[
        (0, "success: everything ties out"),
        (1, "written, but something happened that must not"),
        (
            2,
            "facts that cannot be used, or a total that is missed; nothing was written",
        ),
        (
            3,
            "system error or failed internal check; nothing was written",
        ),
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The last run of the chain
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// The exports made since the reconciliation before
    #[arg(value_name = "EXPORT", value_hint = ValueHint::DirPath)]
    exports: Vec<PathBuf>,
    /// The facts: outcomes of payments, and money in and out, until a day
    #[arg(long, value_name = "FACTS", value_hint = ValueHint::FilePath)]
    facts: PathBuf,
    /// The reconciliation before
    #[arg(long, value_name = "RECONCILIATION", value_hint = ValueHint::DirPath)]
    after: Option<PathBuf>,
    /// The claims files of the run, for facts that count `by` their columns [default: those
    /// found by name]
    #[arg(long, value_name = "CLAIMS", num_args = 1.., value_hint = ValueHint::FilePath)]
    claims: Vec<PathBuf>,
    /// The folder to write
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// List every problem of the outcomes in this CSV file or workbook (`.xlsx`)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print account.json instead of the account
    #[arg(long)]
    json: bool,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(errors) = &args.errors {
        let found = saved_run::claims_of(&args.run);
        let read = args.claims.iter().chain(&found);
        check_list(
            "--errors",
            errors,
            read.chain([&args.facts, &args.out]),
            &args.run,
        )?;
    }
    listed(args.errors.as_deref(), make(args))
}

fn make(args: &Args) -> Result<()> {
    let facts = read_source(&args.facts, "facts")?;
    let job = ReconcileJob {
        run: &args.run,
        exports: &args.exports,
        facts: &facts,
        after: args.after.as_deref(),
        claims: &args.claims,
        errors: args.errors.as_deref(),
        outcomes: &[],
    };
    let made = reconcile(&job, &args.out, &|_| {}, &|made| deliver(made, args))?;
    if !args.quiet {
        for warning in &made.warnings {
            to_stderr(&format!("warning: {warning}"));
        }
    }
    for finding in &made.findings {
        to_stderr(&finding.to_string());
    }
    if !args.quiet {
        let out = quotable(&args.out.display().to_string());
        to_stderr(&format!("wrote {out}\nseal {}", made.seal));
    }
    if made.findings.is_empty() {
        return Ok(());
    }
    Err(AlreadyReported.into())
}

fn deliver(made: &Reconciled, args: &Args) -> Result<()> {
    if args.json {
        to_stdout(&made.json)
    } else if args.quiet {
        Ok(())
    } else {
        to_stdout(&made.text)
    }
}
