//! `payout sample`

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::audit::saved_run;
use crate::base::cleanup::CleanupGuard;
use crate::base::diagnostics::Failure;
use crate::claims;
use crate::cli::help::CommandHelp;
use crate::cli::inputs::new_file;
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{closed_is_fine, to_stderr};
use crate::cli::{PlanArg, load_plan, messages, whole_number};
use crate::run::sample::Sample;
use crate::run::{Progress, Stage};

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Generate a thousand claims for the built-in plan",
            &["payout sample 1000 --out claims.csv"],
        ),
        (
            "Generate claims for your own plan, to see how it behaves",
            &["payout sample 50000 --plan plan.toml --seed 7 --out sample.csv"],
        ),
        (
            "Generate twenty claims and pipe them to `compute`",
            &["payout sample 20 | payout compute -"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// Number of rows
    #[arg(value_name = "ROWS", value_parser = whole_number)]
    rows: u64,
    #[command(flatten)]
    plan: PlanArg,
    /// Seed of the generator; the same seed gives the same file
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole_number)]
    seed: u64,
    /// The file to write; it must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The file of trades to write, for a plan with [trades]; it must not exist
    #[arg(long, value_name = "FILE")]
    trades: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let plan = load_plan(args.plan.plan.as_deref())?;
    if plan.trades.is_some() && args.trades.is_none() {
        return Err(messages::no_file_for_sample_trades().into());
    }
    claims::check_trades(&plan, args.trades.is_some())?;
    for path in args.out.iter().chain(&args.trades) {
        saved_run::refuse_inside(path)?;
    }
    let Some(path) = &args.out else {
        let sample = Sample::new(&plan, args.rows, args.seed)?;
        write_trades(args, &sample)?;
        return closed_is_fine(sample.write(&mut io::stdout().lock()));
    };
    let sample = Sample::new(&plan, args.rows, args.seed)?;
    let file = create(path)?;
    let unfinished = CleanupGuard::new(path);
    let progress = ProgressDisplay::new(false, false);
    progress.begin(Stage::MakingUp, Some(args.rows));
    let mut file = CountedFile { file, progress };
    sample
        .write(&mut file)
        .and_then(|()| file.flush())
        .map_err(|error| Failure::writing(path.display(), error))?;
    file.progress.end("");
    write_trades(args, &sample)?;
    unfinished.finish();
    to_stderr(&format!("wrote {}", path.display()));
    Ok(())
}

/// Writes the trades of a sample.
fn write_trades(args: &Args, sample: &Sample<'_>) -> Result<()> {
    let (Some(path), Some(text)) = (&args.trades, sample.trades()) else {
        return Ok(());
    };
    let mut file = create(path)?;
    let unfinished = CleanupGuard::new(path);
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| Failure::writing(path.display(), error))?;
    unfinished.finish();
    to_stderr(&format!("wrote {}", path.display()));
    Ok(())
}

/// A file that counts the lines written to it.
struct CountedFile {
    file: std::fs::File,
    progress: ProgressDisplay,
}

impl Write for CountedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let lines = memchr::memchr_iter(b'\n', bytes.get(..written).unwrap_or_default());
        let lines = u64::try_from(lines.count()).unwrap_or(u64::MAX);
        self.progress.advance(lines);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn create(path: &Path) -> Result<std::fs::File> {
    let shown = path.display();
    if path.is_dir() {
        return Err(messages::folder_instead_of_file(shown, "name a file to write").into());
    }
    new_file(
        path,
        "sample claims never replace a file; name another file",
    )
}
