//! `payout export`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueHint;

use crate::audit::saved_run;
use crate::audit::saved_run::NamedFiles;
use crate::base::diagnostics::{listing, literal, nearest, quotable};
use crate::cli::help::{CommandHelp, FAILED};
use crate::cli::inputs::{check_list, listed};
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{show, to_stderr, to_stdout};
use crate::cli::suggested::names_of;
use crate::cli::{messages, read_source};
use crate::export::layout::{LayoutChoices, SHIPPED};
use crate::export::reissue::{Reissue, ReissueBasis};
use crate::export::{self, ExportJob, find_shipped, messages as export_messages, report_text};
use crate::plan::PlanSource;
use crate::reconcile;
use crate::reconcile::reissue::VoidPayouts;
use crate::reconcile::saved::is_reconciliation;

const LESSON: CommandHelp = CommandHelp {
    notes: "\
Built-in layouts: check-register, positive-pay, paypal, nacha-ppd and ledger.
`payout layouts` describes them, and `payout layouts NAME` prints one to copy
and change. Pass the settings a layout requires with --set. For the full
reference, run `payout layouts --reference`.",
    examples: &[
        (
            "Write a check register for claimants paid by check",
            &[
                "payout export payouts --layout check-register --date 2026-12-01 \\",
                "  --when method=check --set first_check=1001 --out checks",
            ],
        ),
        (
            "Pay everyone not already in `checks` by PayPal",
            &[
                "payout export payouts --layout paypal --when method=paypal \\",
                "  --set note=\"Your payment\" --after checks --out paypal",
            ],
        ),
        (
            "Pay by check everyone not paid yet, at new addresses",
            &[
                "payout export payouts --layout check-register --date 2026-12-15 \\",
                "  --set first_check=2001 --after checks paypal --rest \\",
                "  --payees moved.csv --out remaining",
            ],
        ),
        (
            "Use your own layout",
            &[
                "payout export payouts --layout bank.toml --date 2026-12-01 \\",
                "  --out bank",
            ],
        ),
        (
            "Then verify that together they pay everyone exactly once",
            &["payout check payouts checks paypal ach"],
        ),
    ],
    statuses: &[
        (0, "the export is complete and ties out with the run"),
        (2, "invalid run, layout or claims; nothing was written"),
        FAILED,
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The run folder
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: PathBuf,
    /// A built-in layout, or your own file
    #[arg(
        long,
        value_name = "NAME|LAYOUT.toml",
        value_parser = names_of(&SHIPPED),
        hide_possible_values = true
    )]
    layout: String,
    /// The folder to write; it must not exist
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// A claims file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "CLAIMS.csv")]
    claims: Vec<PathBuf>,
    /// A trades file of the run; repeat for each file, in the original order [default:
    /// the name in the manifest, here or next to the run]
    #[arg(long, value_name = "TRADES.csv")]
    trades: Vec<PathBuf>,
    /// Pay only claimants with this text in this column
    #[arg(long, value_name = "COLUMN=TEXT", value_parser = pair)]
    when: Vec<(String, String)>,
    /// Pay only this portion of each payout, to its payee if it has one [default: the
    /// portions that the claimants themselves are paid, in one sum]
    #[arg(long, value_name = "NAME")]
    portion: Option<String>,
    /// Date to put on the payment files
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Set a layout setting
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Map a layout column to a claims-file column
    #[arg(long, value_name = "COLUMN=NAME", value_parser = pair)]
    rename: Vec<(String, String)>,
    /// Earlier exports: claimants in them are not paid again, and ACH files continue
    /// their numbering; with `--reissue`, the reconciliation, and exports made since
    #[arg(long, value_name = "EXPORT", num_args = 1.., value_hint = ValueHint::DirPath)]
    after: Vec<PathBuf>,
    /// Leave out whom the exports of `--after` have paid, instead of refusing to pay them
    #[arg(long, requires = "after")]
    rest: bool,
    /// Take the columns that the layout reads from this file where it has them, by
    /// claimant id: addresses or names that have changed
    #[arg(long, value_name = "FILE.csv", value_hint = ValueHint::FilePath)]
    payees: Option<PathBuf>,
    /// Pay the claimants of this file again, whose payouts are void in the reconciliation of
    /// `--after`; its other columns take the place of those of the claims file
    #[arg(long, value_name = "FILE.csv", value_hint = ValueHint::FilePath)]
    reissue: Option<PathBuf>,
    /// List every problem in the claims in this CSV file or workbook (`.xlsx`)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// List every payee whom a warning concerns in this CSV file or workbook (`.xlsx`)
    #[arg(long, value_name = "FILE")]
    warnings: Option<PathBuf>,
    /// Print the export's manifest.json instead of its files and totals
    #[arg(long)]
    json: bool,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
    /// Print one line per stage
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| "expected a name and a value, like `account=123456`".to_owned())
}

pub(super) fn run(args: &Args) -> Result<()> {
    let found = saved_run::claims_of(&args.run);
    let read = || {
        let read = args.claims.iter().chain(&found).chain(&args.payees);
        read.chain([&args.out])
    };
    if let Some(errors) = &args.errors {
        check_list("--errors", errors, read(), &args.run)?;
    }
    if let Some(warnings) = &args.warnings {
        check_list(
            "--warnings",
            warnings,
            read().chain(&args.errors),
            &args.run,
        )?;
    }
    listed(args.errors.as_deref(), make(args))
}

fn make(args: &Args) -> Result<()> {
    let layout = layout(&args.layout)?;
    let choices = LayoutChoices {
        date: args.date.clone(),
        portion: args.portion.clone(),
        settings: unique("--set", &args.set)?,
        rename: unique("--rename", &args.rename)?,
        when: unique("--when", &args.when)?,
    };
    let (basis, after) = split_after(args)?;
    let basis = basis.as_ref().map(|basis| basis as &dyn ReissueBasis);
    let reissue = args.reissue.as_deref().zip(basis);
    let reissue = reissue.map(|(file, basis)| Reissue { file, basis });
    let job = ExportJob {
        run: &args.run,
        named: NamedFiles {
            claims: &args.claims,
            trades: &args.trades,
            after: None,
        },
        layout: &layout,
        choices: &choices,
        payees: args.payees.as_deref(),
        reissue,
        after: &after,
        rest: args.rest,
        out: &args.out,
        errors: args.errors.as_deref(),
        warnings: args.warnings.as_deref(),
    };
    let shown = ProgressDisplay::new(args.quiet, args.verbose);
    let exported = export::export(&job, &shown, &|export| {
        if args.json {
            to_stdout(&export.text()?)
        } else if args.quiet {
            Ok(())
        } else {
            show(&report_text::text(export))
        }
    })?;
    if !args.quiet {
        let unnamed = export::prior_exports::unnamed(&args.out, &after, basis);
        let beside = reissue.and_then(|reissue| reconcile::lapsed_beside(&args.run, reissue.basis));
        for said in exported.warnings.into_iter().chain(unnamed).chain(beside) {
            to_stderr(&format!("warning: {said}"));
        }
        let out = quotable(&args.out.display().to_string());
        to_stderr(&format!("wrote {out}\nseal {}", exported.seal));
    }
    Ok(())
}

/// The reconciliation of `--after`, if payouts are paid again, and the exports.
fn split_after(args: &Args) -> Result<(Option<VoidPayouts>, Vec<PathBuf>)> {
    let (reconciliations, exports): (Vec<PathBuf>, Vec<PathBuf>) = args
        .after
        .iter()
        .cloned()
        .partition(|folder| is_reconciliation(folder));
    let shown = |folder: &PathBuf| quotable(&folder.display().to_string());
    let one = match (reconciliations.as_slice(), &args.reissue) {
        ([], None) => return Ok((None, exports)),
        ([], Some(_)) => return Err(export_messages::reissue_without_reconciliation().into()),
        ([one], None) => {
            return Err(export_messages::reconciliation_without_reissue(&shown(one)).into());
        }
        ([one], Some(_)) => one,
        ([one, other, ..], _) => {
            let message = export_messages::several_reconciliations(&shown(one), &shown(other));
            return Err(message.into());
        }
    };
    let seal = saved_run::seal(&args.run)?;
    let run = args.run.display().to_string();
    Ok((Some(VoidPayouts::open(one, &seal, &run)?), exports))
}

/// Pairs by name. A repeated name is an error.
fn unique(flag: &str, pairs: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.insert(name.clone(), value.clone()).is_some() {
            return Err(messages::set_twice(flag, literal(name)).into());
        }
    }
    Ok(map)
}

/// The named layout: a built-in one, or a file.
fn layout(name: &str) -> Result<PlanSource> {
    if let Some(shipped) = find_shipped(name) {
        return Ok(shipped);
    }
    let path = Path::new(name);
    let is_file = path.extension().is_some() || path.components().count() > 1;
    if is_file || path.exists() {
        return read_source(path, "layout");
    }
    let shipped = SHIPPED.map(|(name, _)| name);
    let hint = match nearest(name, shipped) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => format!(
            "built-in layouts are {}; or name a TOML file",
            listing(&shipped)
        ),
    };
    Err(messages::no_layout(literal(name)).hint(hint).into())
}
