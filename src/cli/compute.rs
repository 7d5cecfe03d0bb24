//! `payout compute`

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueHint;

use crate::audit::saved_run;
use crate::base::diagnostics::Failure;
use crate::base::parallel;
use crate::claims::control_totals;
use crate::claims::corrections::Corrections;
use crate::claims::input::{Input, open_file};
use crate::claims::prior_ledger;
use crate::cli::help::CommandHelp;
use crate::cli::inputs::{check_claims, check_list, check_sheet, listed};
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{show, to_stderr, to_stdout};
use crate::cli::{PlanArg, load_plan, messages, read_source, whole_number};
use crate::run::statements::StatementStorage;
use crate::run::{self, ComputeJob, RunReport};

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Use the built-in plan; write to `payouts/`",
            &["payout compute claims.csv"],
        ),
        (
            "Use your own plan, verify control totals, and write a workbook",
            &["payout compute claims.csv --plan plan.toml --expect totals.toml --xlsx"],
        ),
        (
            "Read several files, write elsewhere, and list every problem",
            &["payout compute east.csv west.csv.gz --out run-2 --errors errors.csv"],
        ),
        (
            "Divide what a reconciliation left, by a plan of its own",
            &["payout compute claims-2.csv --plan plan-2.toml --after rec-1 --out run-2"],
        ),
        (
            "Read claims from a pipe and print one figure",
            &["zcat claims.csv.gz | payout compute - --json --quiet | jq .payouts.total"],
        ),
    ],
    statuses: &[
        (
            0,
            "the run is complete; every cent and every row is accounted for",
        ),
        (2, "invalid claims, plan or options; nothing was written"),
        (
            3,
            "system error or failed internal check; nothing was written",
        ),
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// Claims files, read as one; `-` is standard input, `.gz` and `.zst` are
    /// decompressed, and the first sheet of a workbook (`.xlsx`) is read
    #[arg(required = true, value_name = "CLAIMS.csv")]
    claims: Vec<PathBuf>,
    #[command(flatten)]
    plan: PlanArg,
    /// The reconciliation of the distribution before, for a plan with `prior` in [fund]
    #[arg(long, value_name = "RECONCILIATION", value_hint = ValueHint::DirPath)]
    after: Option<PathBuf>,
    /// A file of trades, for a plan with [trades]; repeat for each file
    #[arg(long, value_name = "TRADES.csv")]
    trades: Vec<PathBuf>,
    /// A file of corrections, which take the place of cells of the claims: a list of errors
    /// with a column `correction` filled in; repeat for each file
    #[arg(long, value_name = "FILE.csv")]
    corrections: Vec<PathBuf>,
    /// The sheet to read from workbooks [default: the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR", default_value = "payouts", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Replace the folder if it holds a run or is empty
    #[arg(long)]
    force: bool,
    /// Write a statement for every paid claimant: a folder of files with an index, one
    /// archive with `--statements zip`, or one page to print with `--statements html`
    #[arg(
        long,
        value_name = "folder|zip|html",
        num_args = 0..=1,
        default_missing_value = "folder",
        value_parser = form
    )]
    statements: Option<StatementStorage>,
    /// Also write payouts.xlsx: the summary and all rows as a workbook with live
    /// formulas
    #[arg(long)]
    xlsx: bool,
    /// Control totals to verify; a mismatch is an error. `[sum]` adds up a column over all
    /// rows, denied and excluded ones too
    #[arg(long, value_name = "FILE.toml")]
    expect: Option<PathBuf>,
    /// List every problem in the claims in this CSV file or workbook (`.xlsx`)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Check the cells of excluded and denied rows, too
    #[arg(long)]
    check_all: bool,
    /// Print summary.json instead of the summary
    #[arg(long)]
    json: bool,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
    /// Print one line per stage
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
    /// Number of threads; the result is the same for any number
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
}

fn threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    match usize::try_from(whole_number(text)?) {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(threads) if threads <= MOST => Ok(threads),
        _ => Err(format!("must be at most {MOST}")),
    }
}

fn form(text: &str) -> Result<StatementStorage, String> {
    match text {
        "folder" => Ok(StatementStorage::Folder),
        "zip" => Ok(StatementStorage::Archive),
        "html" => Ok(StatementStorage::Page),
        _ => Err(
            "use `folder`, `zip` or `html`; put the claims file before `--statements`, or write `--statements=folder`"
                .to_owned(),
        ),
    }
}

pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(errors) = &args.errors {
        let files = args.claims.iter().chain(&args.trades);
        let files = files.chain(&args.corrections);
        let read = files.chain(&args.plan.plan);
        check_list("--errors", errors, read.chain(&args.expect), &args.out)?;
    }
    listed(args.errors.as_deref(), compute(args))
}

fn compute(args: &Args) -> Result<()> {
    let mut plan = load_plan(args.plan.plan.as_deref())?;
    let expect = match &args.expect {
        Some(path) => Some(control_totals::load(
            &read_source(path, "control totals file")?,
            &mut plan,
        )?),
        None => None,
    };
    let ledger = args.after.as_deref().map(prior_ledger::open);
    plan.follow(ledger.transpose()?)?;
    let sheet = args.sheet.as_deref();
    let input = |path: &PathBuf| Input::named(path, sheet);
    let mut inputs: Vec<Input> = args.claims.iter().map(input).collect();
    let trades = args.trades.iter().map(input);
    inputs.extend(trades.map(|file| Input::Trades(Box::new(file))));
    check_sheet(sheet, &inputs)?;
    let id = plan.columns.name(plan.claims.id);
    let inputs = saved_run::corrected(inputs, read_corrections(&args.corrections, id)?);
    let is_stdin = |input: &&Input| input.path().is_none();
    if inputs.iter().filter(is_stdin).count() > 1 {
        return Err(messages::standard_input_repeated().into());
    }
    let files = args.claims.iter().chain(&args.trades);
    let files: Vec<PathBuf> = files.chain(&args.corrections).cloned().collect();
    check_claims(&files, &args.out)?;
    saved_run::refuse_inside(&args.out)?;
    let job = ComputeJob {
        plan: &plan,
        expect: expect.as_ref(),
        inputs: &inputs,
        out: &args.out,
        force: args.force,
        errors: args.errors.as_deref(),
        statements: args.statements,
        workbook: args.xlsx,
        keep_cells: false,
        check_all: args.check_all,
        threads: args.threads.unwrap_or_else(parallel::available),
    };
    let seal = run::compute(
        &job,
        &ProgressDisplay::new(args.quiet, args.verbose),
        &|report| deliver(report, args),
    )?;
    if !args.quiet {
        to_stderr(&format!("wrote {}\nseal {seal}", args.out.display()));
    }
    Ok(())
}

/// Reads files of corrections.
fn read_corrections(paths: &[PathBuf], id: &str) -> Result<Corrections> {
    let read = |path: &PathBuf| -> Result<(String, Vec<u8>)> {
        let mut bytes = Vec::new();
        let shown = path.display().to_string();
        let mut file = open_file(path)?;
        let read = file.read_to_end(&mut bytes);
        read.map_err(|error| Failure::reading(&shown, error))?;
        Ok((shown, bytes))
    };
    let sources: Result<Vec<_>> = paths.iter().map(read).collect();
    Corrections::read(sources?, id)
}

fn deliver(report: &RunReport, args: &Args) -> Result<()> {
    // The summary already shows the warnings.
    let warnings = report.warnings.iter().filter(|_| args.json);
    for warning in warnings.chain(&report.of_files).filter(|_| !args.quiet) {
        to_stderr(&format!("warning: {warning}"));
    }
    if args.json {
        return to_stdout(&report.json);
    }
    if args.quiet {
        Ok(())
    } else {
        show(&report.text)
    }
}
