//! `payout explain`

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueHint;

use crate::audit::explain;
use crate::audit::saved_run::NamedFiles;
use crate::cli::help::CommandHelp;
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{print, to_stdout};
use crate::reconcile::history;
use crate::reconcile::saved::{SavedReconciliation, is_reconciliation};
use crate::run::json;

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Explain one claimant's payment",
            &["payout explain payouts C000000017"],
        ),
        (
            "Name claims kept elsewhere",
            &["payout explain payouts C000000017 --claims archive/claims.csv"],
        ),
        (
            "Print only the pools, as JSON",
            &["payout explain payouts C000000017 --json | jq .pools"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The run folder, or a reconciliation, for what became of the payments
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// The claimant's id
    #[arg(value_name = "CLAIMANT_ID", allow_hyphen_values = true)]
    id: String,
    /// A claims file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "CLAIMS.csv")]
    claims: Vec<PathBuf>,
    /// A trades file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "TRADES.csv")]
    trades: Vec<PathBuf>,
    /// The reconciliation that the run follows [default: the name in the manifest, here or
    /// next to the run]
    #[arg(long, value_name = "RECONCILIATION", value_hint = ValueHint::DirPath)]
    after: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    if is_reconciliation(&args.run) {
        let saved = SavedReconciliation::open(&args.run)?;
        let history = history::of(&saved, &args.id)?;
        return if args.json {
            to_stdout(&json(&history)?)
        } else {
            to_stdout(&history::text(&saved, &history)?)
        };
    }
    let progress = ProgressDisplay::new(false, false);
    let named = NamedFiles {
        claims: &args.claims,
        trades: &args.trades,
        after: args.after.as_deref(),
    };
    let explanation = explain::explain(&args.run, named, &args.id, &progress)?;
    print(args.json, &explanation, || {
        explain::text::text(&explanation)
    })
}
