//! The `payout` program: parse, run, print one error, return a status.

use std::process::ExitCode;

use clap::Parser;
use payout::cli::{self, Cli};
use payout::{diagnostic, unfinished};

fn main() -> ExitCode {
    unfinished::watch_signals();
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::report(&error);
            ExitCode::from(diagnostic::exit_status(&error))
        }
    }
}
