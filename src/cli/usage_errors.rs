//! Errors in the command line, in the words and the form of all other errors.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};

use crate::base::diagnostics::{Message, alternatives, literal, nearest, subject};
use crate::cli::{Cli, messages};

/// The message and hint for an unusable command line.
pub(super) fn refusal(error: &Error) -> Message {
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let command = text(error, ContextKind::InvalidSubcommand);
            return no_command(&command);
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            messages::unknown_option(literal(&argument))
        }
        ErrorKind::UnknownArgument => messages::unexpected_argument(literal(&argument)),
        ErrorKind::InvalidValue if value.is_empty() => messages::value_required(literal(&argument)),
        ErrorKind::InvalidValue => messages::not_a_value(subject(&value), literal(&argument)),
        ErrorKind::ValueValidation => {
            let why = error.source().map_or_else(String::new, ToString::to_string);
            let argument = format!("{}: {why}", literal(&argument));
            messages::not_a_value(subject(&value), argument)
        }
        ErrorKind::MissingRequiredArgument if argument.contains(", ") => {
            messages::missing_arguments(argument)
        }
        ErrorKind::MissingRequiredArgument => messages::missing_argument(argument),
        ErrorKind::ArgumentConflict => {
            return conflict(&argument, &text(error, ContextKind::PriorArg));
        }
        _ => messages::unusable_command_line(in_clap_words(error)),
    };
    message.hint(hint(error))
}

fn conflict(argument: &str, other: &str) -> Message {
    let argument = literal(argument);
    if literal(other) == argument {
        messages::repeated_argument(argument)
    } else {
        let other = other.replace(", ", "` or `");
        messages::conflicting_arguments(argument, format!("`{other}`"))
    }
}

fn no_command(command: &str) -> Message {
    let program = Cli::command();
    let names = program.get_subcommands().map(clap::Command::get_name);
    let hint = match nearest(command, names) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => "`payout --help` lists the commands".to_owned(),
    };
    messages::unknown_command(literal(command)).hint(hint)
}

/// The nearest valid word, or the place to look it up.
fn hint(error: &Error) -> String {
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = near.map(|kind| text(error, kind));
    if let Some(near) = near.iter().find(|near| !near.is_empty()) {
        return format!("did you mean {}?", literal(near));
    }
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue)
        && !values.is_empty()
    {
        return format!("write {}", alternatives(values));
    }
    if let Some(ContextValue::StyledStrs(ways)) = error.get(ContextKind::Suggested)
        && let mut ways = ways.iter().map(ToString::to_string)
        && let Some(way) = ways.find(|way| is_of_use(way))
    {
        return way.replace('\'', "`");
    }
    let usage = text(error, ContextKind::Usage);
    let usage = usage.trim_start_matches("Usage: ");
    let command = command(usage);
    if error.kind() == ErrorKind::MissingRequiredArgument {
        format!("write `{usage}`; `{command} --help` shows examples")
    } else {
        format!("see `{command} --help`")
    }
}

/// clap suggests that a misspelt option may be a file name, which is never what the
/// user meant.
fn is_of_use(way: &str) -> bool {
    !way.starts_with("to pass ")
}

/// The program and its command, from the usage or else from the arguments.
fn command(usage: &str) -> String {
    let program = Cli::command();
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let words = usage.split(' ').chain(typed.iter().map(String::as_str));
    let mut named = words.filter_map(|word| program.find_subcommand(word));
    named.next().map_or_else(
        || "payout".to_owned(),
        |command| format!("payout {}", command.get_name()),
    )
}

/// Any other error, in clap's words.
fn in_clap_words(error: &Error) -> String {
    let words = error.to_string();
    let message = words.split("\n\n").next().unwrap_or_default();
    message.trim_start_matches("error: ").trim().to_owned()
}

/// A context value of a clap error; empty if missing.
fn text(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}
