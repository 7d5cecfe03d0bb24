//! `payout help`

use anyhow::Result;
use clap::CommandFactory;

use crate::base;
use crate::base::diagnostics::{Bug, literal, nearest};
use crate::cli::help::CommandHelp;
use crate::cli::stdout::{closed_is_fine, to_stdout};
use crate::cli::{Cli, messages};
use crate::{allocate, audit, claims, export, plan, reconcile, run};

/// The codes of all messages, by file of messages.
pub const CODES: [&[&str]; 13] = [
    &[Bug::CODE],
    base::messages::CODES,
    plan::messages::CODES,
    plan::cell_messages::CODES,
    claims::messages::CODES,
    claims::xlsx::messages::CODES,
    allocate::messages::CODES,
    run::messages::CODES,
    audit::messages::CODES,
    export::messages::CODES,
    export::layout::messages::CODES,
    reconcile::messages::CODES,
    messages::CODES,
];

/// The page about errors, with a section for each code.
const ERRORS: &str = include_str!("../../docs/errors.md");

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        ("Read about a command", &["payout help compute"]),
        (
            "Read what an error means, by its code",
            &["payout help C111"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// A command, or the code of an error [default: list the commands]
    #[arg(value_name = "COMMAND|CODE")]
    topic: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let mut program = Cli::command();
    program.build();
    let Some(topic) = &args.topic else {
        return closed_is_fine(program.print_long_help());
    };
    if let Some(command) = program.find_subcommand_mut(topic) {
        return closed_is_fine(command.print_long_help());
    }
    if let Some(entry) = entry(&topic.to_uppercase()) {
        return to_stdout(&for_terminal(entry));
    }
    let program = Cli::command();
    let near = nearest(
        topic,
        program.get_subcommands().map(clap::Command::get_name),
    )
    .or_else(|| nearest(topic, codes()));
    let hint = match near {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => {
            "`payout --help` lists the commands; errors show their codes in brackets".to_owned()
        }
    };
    Err(messages::no_help_topic(literal(topic)).hint(hint).into())
}

/// The codes in the order of the page.
fn codes() -> impl Iterator<Item = &'static str> {
    let headings = ERRORS.lines().filter_map(|line| line.strip_prefix("## "));
    headings.filter_map(|heading| heading.split_once(' ').map(|(code, _)| code))
}

/// An entry with its example indented, without the marks of Markdown.
fn for_terminal(entry: &str) -> String {
    let mut text = String::new();
    let mut indent = "";
    for line in entry.lines() {
        if line.starts_with("```") {
            indent = if indent.is_empty() { "    " } else { "" };
        } else {
            text += format!("{indent}{line}").trim_end();
            text.push('\n');
        }
    }
    text
}

/// The section of a code, without the marks of its heading.
fn entry(code: &str) -> Option<&'static str> {
    let is_it = |section: &&str| section.split(' ').next() == Some(code);
    ERRORS.split("\n## ").skip(1).find(is_it).map(str::trim_end)
}
