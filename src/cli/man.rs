//! `payout man`: the text of `--help` as a man page.

use std::io;

use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::base::diagnostics::{did_you_mean, literal};
use crate::cli::help::CommandHelp;
use crate::cli::stdout::to_stdout;
use crate::cli::{Cli, messages};

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        ("View the page", &["payout man | man -l -"]),
        (
            "View the page of one command",
            &["payout man check | man -l -"],
        ),
        (
            "Install the page so that `man payout` finds it",
            &["payout man > ~/.local/share/man/man1/payout.1"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The command [default: the whole program with all commands]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => whole(&program)?,
        Some(name) => alone(&program, name)?,
    };
    // Each part has the same definitions; one copy is enough.
    let definitions = Roff::new().render();
    let page = definitions.clone() + &page.replace(&definitions, "");
    // groff prints a bare backtick as a quotation mark.
    to_stdout(&page.replace('`', "\\(ga"))
}

/// The commands that have a page.
fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    let commands = program.get_subcommands();
    commands.filter(|command| !command.is_hide_set())
}

/// The page of the program, with a section for each command.
fn whole(program: &Command) -> Result<String> {
    let mut page = titled(program)?;
    let mut list = Roff::new();
    list.control("SH", ["COMMANDS"]);
    for command in commands(program) {
        list.control("TP", []);
        list.text([bold(command.get_name())]);
        list.text([roman(about(command))]);
    }
    page += &list.render();
    page += &lesson(program);
    for command in commands(program) {
        let mut section = Roff::new();
        let name = format!("payout {}", command.get_name());
        section.control("SH", [name.to_uppercase().as_str()]);
        section.text([roman(about(command) + ".")]);
        page += &section.render();
        let man = Man::new(command.clone());
        let mut body = section_of(|out| man.render_synopsis_section(out))?;
        body += &section_of(|out| man.render_options_section(out))?;
        body += &lesson(command);
        page += &body.replace(".SH ", ".SS ");
    }
    Ok(page)
}

fn alone(program: &Command, name: &str) -> Result<String> {
    let names: Vec<&str> = commands(program).map(Command::get_name).collect();
    let Some(command) = commands(program).find(|command| command.get_name() == name) else {
        let hint = did_you_mean(name, &names, "the commands are");
        return Err(messages::unknown_command(literal(name)).hint(hint).into());
    };
    Ok(titled(command)? + &lesson(command))
}

/// The page up to and including its options.
fn titled(command: &Command) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone()).source(format!("payout {version}"));
    let mut page = section_of(|out| man.render_title(out))?;
    page += &section_of(|out| man.render_name_section(out))?;
    page += &section_of(|out| man.render_synopsis_section(out))?;
    Ok(page + &section_of(|out| man.render_options_section(out))?)
}

fn section_of(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<String> {
    let mut bytes = Vec::new();
    render(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map_or_else(String::new, ToString::to_string)
}

/// Converts the text of [`CommandHelp::text`]: headings end with a colon, statuses
/// begin with a digit, and commands to type have the deepest indent.
fn lesson(command: &Command) -> String {
    let Some(text) = command.get_after_long_help() else {
        return String::new();
    };
    let mut roff = Roff::new();
    let mut typed = false;
    for line in text.to_string().lines() {
        let is_typed = line.starts_with("    ");
        if is_typed != typed {
            roff.control(if is_typed { "RS" } else { "fi" }, []);
            roff.control(if is_typed { "nf" } else { "RE" }, []);
            typed = is_typed;
        }
        let words = line.trim();
        let numbered = words
            .split_once("  ")
            .filter(|(number, _)| number.len() == 1);
        if is_typed {
            roff.text([bold(words)]);
        } else if let Some((number, meaning)) = numbered {
            roff.control("TP", []);
            roff.text([bold(number)]);
            roff.text([roman(meaning)]);
        } else if words.is_empty() {
            roff.control("PP", []);
        } else if line.starts_with("  ") {
            roff.control("PP", []);
            roff.text([roman(words)]);
        } else if let Some(heading) = words.strip_suffix(':') {
            roff.control("SH", [heading.to_uppercase().as_str()]);
        } else {
            roff.text([roman(words)]);
        }
    }
    if typed {
        roff.control("fi", []);
        roff.control("RE", []);
    }
    roff.render()
}
