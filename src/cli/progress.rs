//! Progress for people: bars on a terminal, otherwise nothing, or with `-v`
//! one line a stage.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::to_stderr;
use crate::run::{Progress, Stage};

/// Shows how a run goes on.
#[derive(Debug)]
pub struct Shown {
    bars: bool,
    lines: bool,
    current: Mutex<Option<(Stage, ProgressBar)>>,
}

impl Shown {
    /// Bars where standard error is a terminal, lines where they are wanted,
    /// nothing at all when it is to be quiet.
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self {
            bars: !quiet && std::io::stderr().is_terminal(),
            lines: !quiet && verbose,
            current: Mutex::new(None),
        }
    }
}

impl Shown {
    fn current(&self) -> MutexGuard<'_, Option<(Stage, ProgressBar)>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Shown {
    fn begin(&self, stage: Stage, steps: Option<u64>) {
        let bar = if self.bars {
            bar(stage, steps)
        } else {
            ProgressBar::hidden()
        };
        *self.current() = Some((stage, bar));
    }

    fn advance(&self, steps: u64) {
        if let Some((_, bar)) = &*self.current() {
            bar.inc(steps);
        }
    }

    fn end(&self, outcome: &str) {
        let Some((stage, bar)) = self.current().take() else {
            return;
        };
        bar.finish_and_clear();
        if self.lines {
            to_stderr(&format!("{}: {outcome}", name(stage)));
        }
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading claims",
        Stage::Dividing => "dividing the fund",
        Stage::Writing => "writing payouts",
        Stage::Statements => "writing statements",
        Stage::Comparing => "comparing rows",
    }
}

fn bar(stage: Stage, steps: Option<u64>) -> ProgressBar {
    let bytes = stage == Stage::Reading;
    let template = match (bytes, steps) {
        (true, Some(_)) => {
            "{msg:15} {bar:12} {bytes:>10} of {total_bytes}, {bytes_per_sec}, {eta} left"
        }
        (true, None) => "{msg:15} {spinner} {bytes:>10}, {bytes_per_sec}",
        (false, Some(_)) => "{msg:15} {bar:12} {human_pos:>10} of {human_len} rows, {eta} left",
        (false, None) => "{msg:15} {spinner}",
    };
    let bar = steps.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_message(name(stage));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
