//! What a terminal shows, and what everything else is spared: colours, lines of
//! its width, progress.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{CLAIMS, COMPUTE, compute, job};
use crate::support::{Job, feed};

/// The height of a terminal.
const ROWS: u16 = 40;

const ESCAPE: char = '\u{1b}';

/// What a program sent to a terminal, which it had as its standard error and,
/// if so wished, as its standard output.
struct Sent {
    bytes: Vec<u8>,
    status: Option<i32>,
    columns: u16,
}

impl Sent {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn terminal(&self) -> vt100::Parser {
        let size = [ROWS, self.columns].map(|size| NonZero::new(size).unwrap());
        vt100::Parser::new(size[0], size[1], 0)
    }

    /// What the terminal shows in the end.
    fn screen(&self) -> String {
        let mut parser = self.terminal();
        parser.process(&self.bytes);
        parser.screen().contents()
    }

    /// Whether the terminal ever had to break a line.
    fn was_wrapped(&self) -> bool {
        let mut parser = self.terminal();
        self.bytes.iter().any(|byte| {
            parser.process(&[*byte]);
            (0..ROWS).any(|row| parser.screen().row_wrapped(row))
        })
    }
}

/// Runs a command in a terminal of so many columns; `meanwhile` sees it at work.
fn in_terminal(
    mut command: Command,
    columns: u16,
    stdout: bool,
    meanwhile: impl FnOnce(&mut Child, &mut File),
) -> Sent {
    let size = Winsize {
        ws_row: ROWS,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(Some(&size), None).unwrap();
    let ours = File::from(terminal.slave);
    if command.get_envs().all(|(name, _)| name != "TERM") {
        command.env("TERM", "xterm-256color");
    }
    command.stderr(ours.try_clone().unwrap());
    if stdout {
        command.stdout(ours);
    } else {
        command.stdout(Stdio::null());
        drop(ours);
    }
    let mut child = command.spawn().unwrap();
    // Only the child may hold it, or reading would never end.
    drop(command);
    let mut master = File::from(terminal.master);
    let mut keyboard = master.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // Reading a terminal that nobody holds any more is an error.
        let _ = master.read_to_end(&mut bytes);
        bytes
    });
    meanwhile(&mut child, &mut keyboard);
    let status = child.wait().unwrap().code();
    Sent {
        bytes: reading.join().unwrap(),
        status,
        columns,
    }
}

/// Runs the program there.
fn payout(job: &Job, arguments: &[&str], columns: u16, variables: &[(&str, &str)]) -> Sent {
    let mut command = job.command();
    command.args(arguments).envs(variables.iter().copied());
    in_terminal(command, columns, true, |_, _| {})
}

/// What the program does with colour: a command, and something that it shows
/// in colour.
const COLOURED: [(&[&str], &str); 5] = [
    (&COMPUTE, "\u{1b}[32mEverything ties out\u{1b}[0m"),
    (
        &["plan"],
        "\u{1b}[1m\u{1b}[33mDRAFT – not for payment: expenses",
    ),
    (
        &["plan", "none.toml"],
        "\u{1b}[1m\u{1b}[31merror[U020]:\u{1b}[0m the plan none.toml does not exist",
    ),
    (
        &["comptue"],
        "\u{1b}[36mhint:\u{1b}[0m did you mean `compute`?",
    ),
    (&["compute", "--help"], "\u{1b}[4mExamples:\u{1b}[0m"),
];

#[test]
fn a_terminal_is_shown_colours_unless_it_or_somebody_wants_none() {
    for (arguments, expected) in COLOURED {
        let sent = payout(&job(), arguments, 80, &[]);
        assert!(sent.text().contains(expected), "{:?}", sent.text());
        for none in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
            let sent = payout(&job(), arguments, 80, &[none]);
            let text = sent.text();
            assert!(!text.contains("\u{1b}[3"), "{none:?}: {text:?}");
            assert!(!text.contains("\u{1b}[1m"), "{none:?}: {text:?}");
        }
    }
}

#[test]
fn a_dumb_terminal_gets_no_escape_at_all() {
    let job = job();
    let sent = payout(&job, &COMPUTE, 80, &[("TERM", "dumb")]);
    assert_eq!(sent.status, Some(0));
    assert!(!sent.text().contains(ESCAPE), "{:?}", sent.text());
}

#[test]
fn a_pipe_gets_no_escape_unless_it_is_asked_for() {
    for (arguments, expected) in COLOURED {
        let said = job().payout(arguments);
        let both = said.stdout + &said.stderr;
        assert!(!both.contains(ESCAPE), "{both:?}");
        let job = job();
        let mut command = job.command();
        command.args(arguments).env("CLICOLOR_FORCE", "1");
        let forced = feed(&mut command, b"");
        let both = forced.stdout + &forced.stderr;
        assert!(both.contains(expected), "{both:?}");
    }
}

#[test]
fn colours_are_put_on_and_change_no_letter() {
    let job = job();
    job.payout(&compute(&["--out", "old"]));
    job.write("claims.csv", CLAIMS.replace("A-2", "B-2"));
    job.payout(&compute(&["--out", "new"]));
    job.write("bad.toml", "[fund]\namount = -1\n");
    for arguments in [
        &["plan", "plan.toml"][..],
        &["plan", "bad.toml"],
        &["explain", "new", "B-2"],
        &["compare", "old", "new"],
        &["check", "new"],
        &["check", "new", "--balance", "1"],
        &[
            "compute",
            "claims.csv",
            "--plan",
            "plan.toml",
            "--out",
            "other",
        ],
    ] {
        let plain = job.payout(arguments);
        let _ = std::fs::remove_dir_all(job.path("other"));
        let mut command = job.command();
        command.args(arguments).env("CLICOLOR_FORCE", "1");
        let forced = feed(&mut command, b"");
        let _ = std::fs::remove_dir_all(job.path("other"));
        let strip = |text: &str| anstream::adapter::strip_str(text).to_string();
        let coloured = forced.stdout.clone() + &forced.stderr;
        assert!(coloured.contains(ESCAPE), "{arguments:?}");
        assert_eq!(strip(&forced.stdout), plain.stdout, "{arguments:?}");
        assert_eq!(strip(&forced.stderr), plain.stderr, "{arguments:?}");
    }
}

#[test]
fn data_and_files_are_never_coloured() {
    let job = job();
    let forced = |arguments: &[&str]| {
        let mut command = job.command();
        command.args(arguments).env("CLICOLOR_FORCE", "1");
        let said = feed(&mut command, b"");
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(!said.stdout.contains(ESCAPE), "{arguments:?}");
    };
    forced(&compute(&["--json"]));
    for name in job.names("payouts") {
        assert!(!job.read(&format!("payouts/{name}")).contains(ESCAPE));
    }
    forced(&["check", "payouts", "--json"]);
    forced(&["explain", "payouts", "A-1", "--json"]);
    forced(&["compare", "payouts", "payouts", "--json"]);
    forced(&["plan", "--json"]);
    forced(&["plan", "--sql", "duckdb"]);
    forced(&["plan", "--reference"]);
    forced(&["init", "--template", "start"]);
    forced(&["sample", "5"]);
    forced(&["completions", "bash"]);
    forced(&["man"]);
}

#[test]
fn standard_output_and_standard_error_are_looked_at_apart() {
    let job = job();
    let mut command = job.command();
    command.args(COMPUTE);
    // Only standard error is the terminal: the summary goes elsewhere.
    let sent = in_terminal(command, 80, false, |_, _| {});
    assert_eq!(sent.status, Some(0));
    let shell = job.shell("payout plan plan.toml > told.txt; payout plan none.toml");
    let sent = in_terminal(shell, 80, true, |_, _| {});
    assert!(!job.read("told.txt").contains(ESCAPE));
    assert!(
        sent.text().contains("\u{1b}[31merror[U020]:"),
        "{}",
        sent.text()
    );
}

#[test]
fn errors_fit_the_terminal_and_excerpts_stay_whole() {
    let job = job();
    let line = "amount = -1 # a remark that is a good deal longer than the terminal is wide";
    job.write("bad.toml", format!("[fund]\n{line}\n"));
    let sent = payout(&job, &["plan", "bad.toml"], 40, &[("NO_COLOR", "1")]);
    let text = sent.text().replace("\r\n", "\n");
    assert!(text.contains(&format!("2 | {line}\n")), "{text}");
    for shown in text.lines().filter(|shown| !shown.contains(line)) {
        assert!(shown.chars().count() <= 40, "{shown}");
    }
    assert!(text.starts_with("error[P010]: bad.toml:"), "{text}");
    assert!(text.contains("\n       "), "a hanging indent\n{text}");
}

#[test]
fn what_is_printed_fits_eighty_columns() {
    let job = job();
    job.payout(&compute(&["--out", "old"]));
    job.write("claims.csv", CLAIMS.replace("A-2", "B-2"));
    job.payout(&compute(&["--out", "new"]));
    for arguments in [
        &["plan", "plan.toml"][..],
        &["plan"],
        &["explain", "new", "B-2"],
        &["compare", "old", "new"],
        &["check", "new"],
        &["check", "new", "--balance", "1"],
        &["compute", "claims.csv", "--plan", "plan.toml"],
    ] {
        let said = job.payout(arguments);
        for line in said.stdout.lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
}

/// Claims that take a moment.
fn many(job: &Job) {
    let mut claims = CLAIMS.to_owned();
    for row in 7..150_000 {
        claims += &format!("A-{row},Lee,CA,approved,2022-01-01\n");
    }
    job.write("claims.csv", claims);
}

#[test]
fn progress_is_shown_in_one_line_and_gone_afterwards() {
    let job = job();
    many(&job);
    for (number, columns) in [80, 200, 40].into_iter().enumerate() {
        let out = format!("run-{number}");
        let mut command = job.command();
        command.args(compute(&["--out", &out]));
        let sent = in_terminal(command, columns, false, |_, _| {});
        assert_eq!(sent.status, Some(0));
        assert!(sent.text().contains("reading claims"), "{:?}", sent.text());
        let screen = sent.screen();
        assert!(
            screen.starts_with(&format!("wrote {out}\nseal")),
            "{screen}"
        );
        assert!(!sent.was_wrapped() || columns < 80, "{:?}", sent.text());
    }
}

#[test]
fn every_command_with_long_work_shows_it_and_takes_it_away() {
    let job = job();
    many(&job);
    job.payout(&compute(&[]));
    for (arguments, during, after) in [
        (&["check", "payouts"][..], "reading the run", ""),
        (&["check", "payouts"], "comparing rows", ""),
        (&["compare", "payouts", "payouts"], "reading the run", ""),
        (&["explain", "payouts", "A-1"], "searching claims", ""),
        (
            &["sample", "50000", "--out", "made-up.csv"],
            "generating claims",
            "wrote made-up.csv",
        ),
    ] {
        let mut command = job.command();
        command.args(arguments);
        let sent = in_terminal(command, 80, false, |_, _| {});
        assert_eq!(sent.status, Some(0), "{arguments:?}");
        assert!(sent.text().contains(during), "{:?}", sent.text());
        assert_eq!(sent.screen(), after, "{arguments:?}");
        assert!(!sent.was_wrapped(), "{:?}", sent.text());
    }
}

#[test]
fn progress_is_gone_before_an_error_is_told() {
    let job = job();
    many(&job);
    let claims = job.read("claims.csv") + "A-1,Lee,CA,approved,2022-01-01\n";
    job.write("claims.csv", claims);
    let mut command = job.command();
    command.args(COMPUTE);
    let sent = in_terminal(command, 80, false, |_, _| {});
    assert_eq!(sent.status, Some(2));
    assert!(sent.text().contains("reading claims"), "{:?}", sent.text());
    let screen = sent.screen();
    assert!(
        screen.starts_with("error[C071]: claims.csv:150000:"),
        "{screen}"
    );
}

#[test]
fn progress_does_not_outlive_an_interruption() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let job = job();
        let mut command = job.command();
        command.args(["compute", "-", "--plan", "plan.toml"]);
        command.stdin(Stdio::piped());
        let sent = in_terminal(command, 80, false, |child, keyboard| {
            // It waits for more claims as long as this is open.
            let mut claims = child.stdin.take().unwrap();
            claims.write_all(CLAIMS.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(500));
            let process = Pid::from_raw(child.id().cast_signed());
            // The terminal shows this where the cursor is.
            keyboard.write_all(b"\x03").unwrap();
            std::thread::sleep(Duration::from_millis(20));
            kill(process, signal).unwrap();
            child.wait().unwrap();
        });
        assert!(sent.text().contains("reading claims"), "{:?}", sent.text());
        assert!(sent.text().contains("^C"), "{:?}", sent.text());
        assert_eq!(sent.screen(), "", "{:?}", sent.text());
    }
}
