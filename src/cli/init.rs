//! `payout init`

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::base::diagnostics::{did_you_mean, literal};
use crate::cli::help::CommandHelp;
use crate::cli::inputs::write_new;
use crate::cli::messages;
use crate::cli::stdout::{to_stderr, to_stdout};
use crate::cli::suggested::names_of;
use crate::plan::builtin;
use crate::reconcile::facts;

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Write plan.toml, a commented plan to start from",
            &["payout init"],
        ),
        ("Write it under another name", &["payout init case.toml"]),
        (
            "Start from the plan of a real settlement",
            &["payout init case.toml --template zoom"],
        ),
        (
            "Start the plan of a later distribution",
            &["payout init plan-2.toml --template second-distribution"],
        ),
        (
            "Print the built-in plan",
            &["payout init --template tiktok"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The file to write; it must not exist [default: plan.toml, or standard
    /// output with --template]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The plan to write: `start`, `second-distribution`, or the plan of a settlement; or
    /// `facts`, for `payout reconcile`
    #[arg(long, value_name = "NAME", value_parser = names_of(&all()))]
    template: Option<String>,
}

/// The templates with their texts: plans, and facts.
fn all() -> Vec<(&'static str, &'static str)> {
    let facts = ("facts", facts::START);
    builtin::TEMPLATES.into_iter().chain([facts]).collect()
}

pub(super) fn run(args: &Args) -> Result<()> {
    let name = args.template.as_deref().unwrap_or(builtin::START);
    let all = all();
    let Some((_, text)) = all.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let hint = did_you_mean(name, &names, "the templates are");
        return Err(messages::no_template(literal(name)).hint(hint).into());
    };
    match (&args.file, &args.template) {
        (None, Some(_)) => to_stdout(text),
        (None, None) => write(Path::new("plan.toml"), text),
        (Some(file), _) => write(file, text),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_new(path, text)?;
    let shown = path.display();
    let next = if text == facts::START {
        format!("payout reconcile RUN EXPORT… --facts {shown} --out DIR")
    } else {
        format!("payout plan {shown}")
    };
    to_stderr(&format!(
        "wrote {shown}\nnext: fill it in, then run `{next}`"
    ));
    Ok(())
}
