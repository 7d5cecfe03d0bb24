//! The `payout` program: read the command line, run, print one error, return a
//! status.

use std::process::ExitCode;

use payout::cli::{self, Cli};
use payout::{diagnostic, unfinished};

fn main() -> ExitCode {
    unfinished::watch_signals(cli::close);
    match diagnostic::caught(|| Cli::read().and_then(Cli::run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::report(&error);
            ExitCode::from(diagnostic::exit_status(&error))
        }
    }
}
