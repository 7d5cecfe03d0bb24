//! `payout fill`

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueHint;

use crate::audit::fill::{self, FigureSheet};
use crate::base::diagnostics::{did_you_mean, literal, shown_whole};
use crate::cli::help::CommandHelp;
use crate::cli::inputs::write_new;
use crate::cli::progress::ProgressDisplay;
use crate::cli::stdout::{to_stderr, to_stdout};
use crate::cli::{messages, read_source};
use crate::plan::{DRAFT, PlanSource};

const LESSON: CommandHelp = CommandHelp {
    notes: "\
A place is a figure of summary.json in braces: `{payouts.total}`,
`{pools.\"No. 1\".rate}` (`rate_short` has two decimals), or `{seal}`, or
`{fund.reserve}`, the sum of the reserves. `{fund.deductions}`,
`{claims.unpaid_reasons}` and `{payouts.by_method}` are lists, a line for each entry.
`{settlement.docket|none}` is `none` if the run does not state the figure; `{{` and
`}}` are braces. The run must match its manifest.",
    examples: &[
        (
            "List the places of a run with their figures",
            &["payout fill payouts --list"],
        ),
        (
            "Fill in a notice",
            &["payout fill payouts notice.html --out filed.html"],
        ),
        (
            "Write the built-in declaration, to change it; then fill it in",
            &[
                "payout fill --template declaration --out declaration.md",
                "payout fill payouts declaration.md --out filed.md",
            ],
        ),
        (
            "Fill in the built-in declaration as it is",
            &["payout fill payouts --template declaration"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The run folder
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath, required_unless_present = "built_in")]
    run: Option<PathBuf>,
    /// The template: text, Markdown or HTML (`.html`)
    #[arg(value_name = "TEMPLATE", value_hint = ValueHint::FilePath, required_unless_present_any = ["built_in", "list"])]
    template: Option<PathBuf>,
    /// A built-in template: `declaration`, of the administrator after a distribution;
    /// without a run, the template itself is printed
    #[arg(
        long = "template",
        id = "built_in",
        value_name = "NAME",
        conflicts_with = "template"
    )]
    built_in: Option<String>,
    /// List the places of the run with their figures
    #[arg(long, conflicts_with_all = ["template", "built_in"])]
    list: bool,
    /// The file to write; it must not exist [default: standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let template = template(args)?;
    let Some(folder) = &args.run else {
        let text = template.map_or_else(String::new, |template| template.text);
        return deliver(args.out.as_deref(), &text);
    };
    let progress = ProgressDisplay::new(false, false);
    let figures = fill::figures(folder, &progress)?;
    let text = match template {
        Some(template) => fill::fill(&figures, &template)?,
        None => list(&figures),
    };
    deliver(args.out.as_deref(), &text)?;
    if let Some(draft) = &figures.draft {
        to_stderr(&format!("warning: {DRAFT}: {draft}"));
    }
    Ok(())
}

/// The template of the command; `None` if places are listed.
fn template(args: &Args) -> Result<Option<PlanSource>> {
    if let Some(path) = &args.template {
        return read_source(path, "template").map(Some);
    }
    let Some(name) = &args.built_in else {
        return Ok(None);
    };
    let Some(text) = fill::built_in(name) else {
        let names = fill::TEMPLATES.map(|(name, _)| name);
        let hint = did_you_mean(name, &names, "the templates are");
        return Err(messages::no_template(literal(name)).hint(hint).into());
    };
    Ok(Some(PlanSource {
        name: format!("{name}.md"),
        shown: format!("built-in {name}"),
        text: text.to_owned(),
        ..PlanSource::default()
    }))
}

/// A line for each place.
fn list(figures: &FigureSheet) -> String {
    let lines = figures.places.all().map(|(place, figure)| {
        let figure = figure.map(|figure| figure.replace('\n', "; "));
        let figure = figure.map_or_else(|| "(not stated)".to_owned(), |text| shown_whole(&text));
        format!("{}  {figure}\n", shown_whole(&place))
    });
    lines.collect()
}

fn deliver(out: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = out else {
        return to_stdout(text);
    };
    write_new(path, text)?;
    to_stderr(&format!("wrote {}", path.display()));
    Ok(())
}
