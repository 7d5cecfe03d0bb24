//! `payout completions`

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::help::CommandHelp;
use crate::cli::stdout::to_stdout;

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "For bash (takes effect in the next shell)",
            &["payout completions bash > ~/.local/share/bash-completion/completions/payout"],
        ),
        (
            "For zsh (the folder must be in `fpath`)",
            &["payout completions zsh > ~/.zfunc/_payout"],
        ),
        (
            "For fish",
            &["payout completions fish > ~/.config/fish/completions/payout.fish"],
        ),
    ],
    statuses: &[],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "payout", &mut script);
    to_stdout(&String::from_utf8_lossy(&script))
}
