//! Whole or not at all, whenever the program is killed.
//!
//! `PAYOUT_KILLS=200 cargo test kills` kills more often.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{compute, job};
use crate::support::Job;

/// Hidden folders of runs that are not finished.
fn partial(job: &Job) -> Vec<String> {
    let mut names = job.names(".");
    names.retain(|name| name.starts_with('.'));
    names
}

/// A run that waits for its claims.
fn waiting(job: &Job) -> Child {
    let mut command = job.command();
    command.args(["compute", "-", "--plan", "plan.toml"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let begun = Instant::now();
    while partial(job).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "it makes no folder"
        );
        sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn what_a_killed_run_left_behind_is_removed_by_the_next() {
    let job = job();
    let mut child = waiting(&job);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(partial(&job).len(), 1);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    assert!(partial(&job).is_empty(), "{:?}", partial(&job));
}

#[test]
fn an_interrupted_run_removes_what_it_has_begun() {
    for signal in ["HUP", "INT", "TERM"] {
        let job = job();
        let mut child = waiting(&job);
        // While this is open, it waits for claims.
        let stdin = child.stdin.take();
        let kill = format!("kill -{signal} {}", child.id());
        let killed = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(killed.unwrap().success());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > Duration::from_secs(10) {
                child.kill().unwrap();
                panic!("it goes on: was it started to ignore {signal}, as by `nohup`?");
            }
            sleep(Duration::from_millis(2));
        };
        drop(stdin);
        assert!(status.signal().is_some(), "{signal}: {status}");
        assert!(partial(&job).is_empty(), "{signal}: {:?}", partial(&job));
    }
}

#[test]
fn a_run_that_was_told_to_ignore_a_signal_goes_on() {
    let job = job();
    let line = "trap '' HUP; exec payout compute - --plan plan.toml --quiet";
    let mut shell = job.shell(line);
    shell.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = shell.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let begun = Instant::now();
    while partial(&job).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(2));
    }
    let kill = format!("kill -HUP {}", child.id());
    let killed = std::process::Command::new("sh")
        .args(["-c", &kill])
        .status();
    assert!(killed.unwrap().success());
    sleep(Duration::from_millis(50));
    stdin.write_all(super::CLAIMS.as_bytes()).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert!(job.path("payouts").exists());
}

#[test]
fn the_folder_of_a_living_run_is_left_alone() {
    let job = job();
    let mut child = waiting(&job);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    assert_eq!(partial(&job).len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn folders_that_only_look_left_behind_stay() {
    let job = job();
    for name in [
        ".payouts.1.0.partial",
        ".payouts.x.0.partial",
        ".other.1.0.partial",
    ] {
        fs::create_dir(job.path(name)).unwrap();
    }
    job.write(".payouts.1.0.partial/notes.txt", "not of a run");
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    assert_eq!(
        partial(&job),
        [
            ".other.1.0.partial",
            ".payouts.1.0.partial",
            ".payouts.x.0.partial"
        ]
    );
}

#[test]
fn killed_at_any_moment_there_is_a_whole_run_or_none() {
    let kills = std::env::var("PAYOUT_KILLS").map_or(16, |kills| kills.parse().unwrap());
    let job = Job::new();
    let said = job.payout(&["sample", "20000", "--out", "claims.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let arguments = ["compute", "claims.csv", "--quiet", "--force"];
    let begun = Instant::now();
    assert_eq!(job.payout(&arguments).status, 0);
    let whole = begun.elapsed();
    let old = job.read("payouts/manifest.json");
    for kill in 0..kills {
        let with_old = kill % 2 == 0;
        if !with_old {
            let _ = fs::remove_dir_all(job.path("payouts"));
        }
        let mut child = job.command().args(arguments).spawn().unwrap();
        sleep(whole * (kill * 7 % 23) / 20);
        // It may have ended by now.
        let _ = child.kill();
        child.wait().unwrap();
        if job.path("payouts").exists() {
            assert_eq!(job.read("payouts/manifest.json"), old);
            let said = job.payout(&["check", "payouts"]);
            assert_eq!(said.status, 0, "kill {kill}: {}", said.stdout);
        } else {
            assert!(!with_old, "kill {kill}: the old run is gone");
        }
        assert_eq!(job.payout(&arguments).status, 0);
        assert!(partial(&job).is_empty(), "{:?}", partial(&job));
    }
}

#[test]
fn claims_that_change_while_they_are_read_are_not_used() {
    let job = Job::new();
    let said = job.payout(&["sample", "300000", "--out", "claims.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let mut command = job.command();
    command.args(["compute", "claims.csv", "--quiet"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while partial(&job).is_empty() {
        sleep(Duration::from_millis(1));
    }
    sleep(Duration::from_millis(20));
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(job.path("claims.csv"))
        .unwrap();
    file.write_all(b"\n").unwrap();
    let said = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(3), "{stderr}");
    let expected = "error[S006]: cannot use claims.csv: it changed while it was being read\n";
    assert_eq!(stderr, expected);
    assert_eq!(job.names("."), ["claims.csv"]);
}
