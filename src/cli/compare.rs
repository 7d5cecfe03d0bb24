//! `payout compare`

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueHint;

use crate::audit::compare::{self, text};
use crate::audit::saved_run;
use crate::base::diagnostics::AlreadyReported;
use crate::cli::help::{CommandHelp, FAILED, UNUSABLE};
use crate::cli::messages;
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{print, to_stdout};
use crate::reconcile::comparison;
use crate::reconcile::saved::is_reconciliation;
use crate::run::json;

const LESSON: CommandHelp = CommandHelp {
    notes: "\
A claimant is paid, held or unpaid; a claimant with several rows counts once:
paid before held before unpaid. Claimants are new, gone, moved (`held, now
paid`), or have the same status with a larger, smaller or equal amount. If the
amount is equal, the tax flag may differ (`flag`).",
    examples: &[
        ("Compare two runs", &["payout compare run-march run-april"]),
        (
            "List every claimant who changed, with both amounts",
            &["payout compare run-march run-april --csv changes.csv"],
        ),
        (
            "Print only how many claimants changed and how, as JSON",
            &["payout compare run-march run-april --json | jq .claimants"],
        ),
    ],
    statuses: &[
        (0, "the runs are identical"),
        (1, "the runs differ"),
        UNUSABLE,
        FAILED,
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The old run folder, or reconciliation
    #[arg(value_name = "OLD_RUN", value_hint = ValueHint::DirPath)]
    old: PathBuf,
    /// The new run folder, or reconciliation
    #[arg(value_name = "NEW_RUN", value_hint = ValueHint::DirPath)]
    new: PathBuf,
    /// List every claimant who changed in this CSV file; it must not exist
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

fn check_list(list: &Path) -> Result<()> {
    if std::fs::symlink_metadata(list).is_ok() {
        let hint = "name a new file for the list of changes";
        return Err(messages::file_exists(list.display(), hint).into());
    }
    saved_run::refuse_inside(list)?;
    Ok(())
}

/// Compares two reconciliations of a chain.
fn reconciliations(args: &Args) -> Result<()> {
    let comparison = comparison::compare(&args.old, &args.new)?;
    if let Some(list) = &args.csv {
        comparison.write_csv(list)?;
    }
    if args.json {
        to_stdout(&json(&comparison)?)?;
    } else {
        to_stdout(&comparison.text())?;
    }
    if comparison.is_same() {
        Ok(())
    } else {
        Err(AlreadyReported.into())
    }
}

pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(list) = &args.csv {
        check_list(list)?;
    }
    if is_reconciliation(&args.old) && is_reconciliation(&args.new) {
        return reconciliations(args);
    }
    let (comparison, list) = compare::compare(
        &args.old,
        &args.new,
        args.csv.as_deref(),
        &ProgressDisplay::new(false, false),
    )?;
    print(args.json, &comparison, || text::text(&comparison))?;
    if let Some(list) = list {
        list.finish();
    }
    if comparison.differs {
        Err(AlreadyReported.into())
    } else {
        Ok(())
    }
}
