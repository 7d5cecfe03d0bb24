//! `payout check`

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueHint;

use crate::audit::check::{self, CheckJob, text};
use crate::audit::saved_run;
use crate::audit::saved_run::NamedFiles;
use crate::base::diagnostics::AlreadyReported;
use crate::cli::help::{CommandHelp, FAILED, UNUSABLE};
use crate::cli::inputs::check_list;
use crate::cli::progress::ProgressDisplay;
use crate::cli::read_source;
use crate::cli::stdout::print;
use crate::export::verify;
use crate::reconcile;
use crate::reconcile::check::ReconciliationCheck;
use crate::reconcile::reissue::NamedReconciliations;
use crate::reconcile::saved::{SavedReconciliation, is_reconciliation};

const LESSON: CommandHelp = CommandHelp {
    notes: "\
The check trusts only the run's plan and options. It recomputes every payout
from the claims and compares every row and figure. For up to 1,000,000
claimants, an independent algorithm recomputes every payout again.",
    examples: &[
        (
            "Recompute everything and compare",
            &["payout check payouts"],
        ),
        (
            "Check against the approved plan and the seal recorded at approval",
            &["payout check payouts --plan approved.toml --seal \"$(cat seal.txt)\""],
        ),
        (
            "Check all exports: every claimant paid exactly once, the right amount",
            &["payout check payouts checks paypal ach"],
        ),
        (
            "For a reader who may not see the claims",
            &["payout check payouts --without-claims --seal \"$(cat seal.txt)\""],
        ),
        (
            "Name claims kept elsewhere, and list every difference",
            &["payout check payouts --claims archive/claims.csv --errors differences.csv"],
        ),
    ],
    statuses: &[
        (0, "all checks passed"),
        (1, "a check failed: do not pay from this run"),
        UNUSABLE,
        FAILED,
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The run folder, or a reconciliation
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// All exports of the run; with a reconciliation, folders in which what it names is
    /// looked for. Each export is regenerated and compared; together they
    /// must pay every claimant exactly once
    #[arg(value_name = "EXPORT", value_hint = ValueHint::DirPath)]
    exports: Vec<PathBuf>,
    /// A claims file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "CLAIMS.csv")]
    claims: Vec<PathBuf>,
    /// A trades file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "TRADES.csv")]
    trades: Vec<PathBuf>,
    /// The reconciliation that the run follows, and those after which exports pay again
    /// [default: the names in their manifests, here or next to them]
    #[arg(long, value_name = "RECONCILIATION", num_args = 1.., value_hint = ValueHint::DirPath)]
    after: Vec<PathBuf>,
    /// Verify without the claims files: digests, sums and exports, but no recomputation
    #[arg(long, conflicts_with_all = ["claims", "after", "independent"])]
    without_claims: bool,
    /// The approved plan; the run's plan must be identical to it
    #[arg(long, value_name = "APPROVED.toml")]
    plan: Option<PathBuf>,
    /// The seal recorded when the run was approved
    #[arg(long, value_name = "HEX", value_parser = seal)]
    seal: Option<String>,
    /// The account balance, which must cover payouts and holds
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    balance: Option<String>,
    /// Run the independent recomputation for any number of claimants
    #[arg(long)]
    independent: bool,
    /// With a reconciliation: also check what it was made from, back to the first run
    #[arg(long)]
    chain: bool,
    /// List every difference in this CSV file or workbook (`.xlsx`)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Print one line per stage
    #[arg(long, short)]
    verbose: bool,
}

fn seal(text: &str) -> Result<String, String> {
    const DIGITS: usize = 64;
    // Accept the output of `sha256sum`, too.
    let text = text.split_whitespace().next().unwrap_or_default();
    let text = text.to_ascii_lowercase();
    if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(format!(
        "a seal is {DIGITS} hexadecimal digits, the SHA-256 of manifest.json"
    ))
}

pub(super) fn run(args: &Args) -> Result<()> {
    if is_reconciliation(&args.run) {
        return check_reconciliation(args);
    }
    if args.chain {
        // The error says what the folder is.
        SavedReconciliation::open(&args.run)?;
    }
    if let Some(errors) = &args.errors {
        let found = saved_run::claims_of(&args.run);
        let read = args.claims.iter().chain(&args.plan).chain(&found);
        check_list("--errors", errors, read, &args.run)?;
    }
    let approved = args.plan.as_deref().map(|path| read_source(path, "plan"));
    let approved = approved.transpose()?;
    let find = NamedReconciliations(&args.after);
    let exports = verify::ExportFolders::with_reissues(&args.exports, &find);
    let job = CheckJob {
        run: &args.run,
        named: NamedFiles {
            claims: &args.claims,
            trades: &args.trades,
            after: saved_run::followed(&args.run, &args.after),
        },
        exports: (!args.exports.is_empty()).then_some(&exports),
        approved: approved.as_ref(),
        seal: args.seal.as_deref(),
        balance: args.balance.as_deref(),
        independent: args.independent,
        without_claims: args.without_claims,
        errors: args.errors.as_deref(),
    };
    let verdict = check::check(&job, &ProgressDisplay::new(false, args.verbose))?;
    print(args.json, &verdict, || text::text(&verdict))?;
    if verdict.holds {
        Ok(())
    } else {
        Err(AlreadyReported.into())
    }
}

fn check_reconciliation(args: &Args) -> Result<()> {
    let job = ReconciliationCheck {
        folder: &args.run,
        folders: &args.exports,
        chain: args.chain,
        seal: args.seal.as_deref(),
    };
    let verdict = reconcile::check::check(&job)?;
    print(args.json, &verdict, || reconcile::check::text(&verdict))?;
    if verdict.holds {
        Ok(())
    } else {
        Err(AlreadyReported.into())
    }
}
