//! `payout layouts`

use anyhow::Result;

use crate::base::diagnostics::{did_you_mean, literal};
use crate::cli::help::CommandHelp;
use crate::cli::messages;
use crate::cli::stdout::to_stdout;
use crate::cli::suggested::names_of;
use crate::export::layout::{SHIPPED, shipped};

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        ("List the built-in layouts", &["payout layouts"]),
        (
            "Read the layout reference",
            &["payout layouts --reference | less"],
        ),
        (
            "Copy a layout to change it",
            &["payout layouts positive-pay > bank.toml"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The layout to print [default: list all of them]
    #[arg(value_name = "NAME", value_parser = names_of(&SHIPPED), hide_possible_values = true)]
    name: Option<String>,
    /// Print the layout reference
    #[arg(long, conflicts_with = "name")]
    reference: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    if args.reference {
        return to_stdout(include_str!("../../docs/layouts.md"));
    }
    let Some(name) = &args.name else {
        let list = SHIPPED.map(|(name, text)| format!("{name:<16}{}\n", about(text)));
        return to_stdout(&list.concat());
    };
    let Some(text) = shipped(name) else {
        let names = SHIPPED.map(|(name, _)| name);
        let hint = did_you_mean(name, &names, "the built-in layouts are");
        return Err(messages::no_layout(literal(name)).hint(hint).into());
    };
    to_stdout(text)
}

/// The description in a built-in layout.
fn about(text: &str) -> &str {
    let mut lines = text.lines();
    let about = lines.find_map(|line| {
        line.strip_prefix("about")?
            .trim_start()
            .strip_prefix("= \"")
    });
    about.map_or("", |about| about.trim_end_matches('"'))
}
