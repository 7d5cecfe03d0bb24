//! The `payout` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    payout::main()
}
