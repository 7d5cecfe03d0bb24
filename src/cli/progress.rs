//! Progress on standard error: a bar on a terminal, or one line per stage with `-v`.
//! The bar is removed when the work ends.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, mpsc};
use std::time::Duration;
use std::{fmt, thread};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, WeakProgressBar};

use crate::base::money::group;
use crate::base::parallel::lock;
use crate::cli::stdout::to_stderr;
use crate::cli::term_width::NarrowTerm;
use crate::run::{Progress, Stage};

/// A narrower terminal has no room for a bar.
const NARROW: u16 = 80;

/// Redraws per second, at most.
const HERTZ: u8 = 20;

/// Interval of redraws without progress.
const TICK: Duration = Duration::from_millis(100);

/// The current state of the screen, for the code that ends the program.
static ON_SCREEN: Mutex<OnScreen> = Mutex::new(OnScreen::Nothing);

enum OnScreen {
    Nothing,
    Bar(WeakProgressBar),
    /// The program is ending; nothing more may be drawn.
    Closed,
}

/// Shows the progress of a run.
#[derive(Debug)]
pub(super) struct ProgressDisplay {
    bars: bool,
    lines: bool,
    current: Mutex<Option<(Stage, ProgressBar)>>,
}

impl ProgressDisplay {
    /// Draws a bar if standard error is a terminal that can erase it, prints lines if
    /// `verbose`, and nothing if `quiet`.
    pub(super) fn new(quiet: bool, verbose: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            bars: !quiet && !dumb && io::stderr().is_terminal(),
            lines: !quiet && verbose,
            current: Mutex::new(None),
        }
    }
}

impl Progress for ProgressDisplay {
    fn begin(&self, stage: Stage, steps: Option<u64>) {
        let mut screen = lock(&ON_SCREEN);
        let bar = if self.bars && !matches!(*screen, OnScreen::Closed) {
            let bar = bar(stage, steps);
            *screen = OnScreen::Bar(bar.downgrade());
            bar
        } else {
            ProgressBar::hidden()
        };
        *lock(&self.current) = Some((stage, bar));
    }

    fn advance(&self, steps: u64) {
        if let Some((_, bar)) = &*lock(&self.current) {
            bar.inc(steps);
        }
    }

    fn end(&self, outcome: &str) {
        let Some((stage, bar)) = lock(&self.current).take() else {
            return;
        };
        bar.finish_and_clear();
        if self.lines {
            to_stderr(&format!("{}: {outcome}", name(stage)));
        }
    }
}

impl Drop for ProgressDisplay {
    /// A stage that failed has no end.
    fn drop(&mut self) {
        if let Some((_, bar)) = lock(&self.current).take() {
            bar.finish_and_clear();
        }
    }
}

/// Clears the screen because the program is ending. A terminal that accepts no output
/// must not keep the program from ending.
pub(super) fn close() {
    const LONG_ENOUGH: Duration = Duration::from_millis(250);
    let (cleared, wait) = mpsc::channel();
    let clear = move || {
        let before = std::mem::replace(&mut *lock(&ON_SCREEN), OnScreen::Closed);
        if let OnScreen::Bar(bar) = before
            && let Some(bar) = bar.upgrade()
        {
            bar.finish_and_clear();
        }
        let _ = cleared.send(());
    };
    if thread::Builder::new().spawn(clear).is_ok() {
        let _ = wait.recv_timeout(LONG_ENOUGH);
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading claims",
        Stage::Verifying => "reading the run",
        Stage::Looking => "searching claims",
        Stage::Dividing => "allocating the fund",
        Stage::Writing => "writing payouts",
        Stage::Statements => "writing statements",
        Stage::Workbook => "writing the workbook",
        Stage::Comparing => "comparing rows",
        Stage::ComparingStatements => "comparing statements",
        Stage::ComparingWorkbook => "comparing the workbook",
        Stage::MakingUp => "generating claims",
    }
}

fn bar(stage: Stage, steps: Option<u64>) -> ProgressBar {
    let bytes = matches!(stage, Stage::Reading | Stage::Verifying | Stage::Looking);
    let size = Term::stderr().size_checked();
    let width = size.map_or(0, |(_, width)| width);
    let template = match (bytes, steps) {
        (_, Some(_)) if width < NARROW => "{msg} {percent}%, {eta} left",
        (true, Some(_)) => "{msg} {wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        (false, Some(_)) => "{msg} {wide_bar} {human_pos} of {human_len}, {rate}/s, {eta} left",
        (true, None) => "{msg} {spinner} {bytes}, {bytes_per_sec}",
        (false, None) => "{msg} {spinner} {elapsed}",
    };
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(NarrowTerm::stderr()), HERTZ);
    let bar = ProgressBar::with_draw_target(steps, target);
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.with_key("rate", rate));
    bar.set_message(name(stage));
    bar.enable_steady_tick(TICK);
    bar
}

/// Steps per second, rounded to a whole number.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // Writing to a string cannot fail.
    let _ = out.write_str(&group(&format!("{:.0}", state.per_sec())));
}
