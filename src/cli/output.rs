//! Standard output and standard error. A closed pipe is not an error: whoever
//! closed it has seen enough.

use std::io::{self, Write};

use anyhow::Result;

use crate::diagnostic::Breakdown;

/// Writes data to standard output.
pub fn to_stdout(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    closed_is_fine(written)
}

/// Turns the error of a closed pipe into none.
pub fn closed_is_fine(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Breakdown::new("cannot write to standard output", error).into())
        }
        _ => Ok(()),
    }
}

/// Writes a line for people to standard error. Nothing can be done when even
/// that fails.
pub fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}
