//! The `payout` program: read the command line, run, print one error, return a
//! status.

use std::process::ExitCode;

use payout::base::{cleanup, diagnostics};
use payout::cli::{self, Cli};

fn main() -> ExitCode {
    cleanup::watch_signals(cli::close);
    match diagnostics::caught(|| Cli::read().and_then(Cli::run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::report(&error);
            ExitCode::from(diagnostics::exit_status(&error))
        }
    }
}
