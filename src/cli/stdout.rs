//! Standard output and standard error. A closed pipe is not an error: the reader wants
//! no more.

use std::borrow::Cow;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;
use console::Term;
use serde::Serialize;

use crate::base::diagnostics::Failure;
use crate::base::messages::cannot_print;
use crate::base::styled_text::StyledText;
use crate::cli::colors;
use crate::run::json;

/// Writes data to standard output.
pub(super) fn to_stdout(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    closed_is_fine(written)
}

/// Prints what came of a command, as JSON where that is asked for.
pub(super) fn print(
    as_json: bool,
    facts: &impl Serialize,
    text: impl FnOnce() -> StyledText,
) -> Result<()> {
    if as_json {
        to_stdout(&json(facts)?)
    } else {
        show(&text())
    }
}

/// Writes text for people to standard output, in color if the terminal allows it.
pub(super) fn show(text: &StyledText) -> Result<()> {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never {
        to_stdout(text.text())
    } else {
        to_stdout(&colors::painted(text))
    }
}

/// Maps a closed pipe to success.
pub(super) fn closed_is_fine(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(cannot_print(), error).into())
        }
        _ => Ok(()),
    }
}

/// Writes lines for people to standard error, wrapped to the width of a terminal and in
/// color if it allows that. A failure is ignored: there is no other place to report it.
pub(super) fn to_stderr(text: &str) {
    let mut text = Cow::Borrowed(text.trim_end());
    if let Some((_, width)) = Term::stderr().size_checked() {
        text = colors::wrapped(&text, usize::from(width)).into();
    }
    if AutoStream::choice(&io::stderr()) != ColorChoice::Never {
        text = colors::labelled(&text).into();
    }
    let _ = writeln!(io::stderr().lock(), "{text}");
}
