//! The folder of a run: whole or not at all, and nobody else's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use super::{CLAIMS, compute, job};
use crate::support::{Job, feed, names};

/// Runs a shell line; `payout` in it is the program, wherever that stands.
fn shell(job: &Job, line: &str) -> crate::support::Said {
    let program = env!("CARGO_BIN_EXE_payout");
    let mut command = std::process::Command::new("sh");
    command.current_dir(job.path("."));
    feed(
        command.args(["-c", &line.replace("payout", &format!("'{program}'"))]),
        b"",
    )
}

/// Every file of a run and its bytes.
fn snapshot(job: &Job, folder: &str) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| {
        let content = fs::read(job.path(&format!("{folder}/{name}"))).unwrap();
        (name, content)
    };
    job.names(folder).into_iter().map(read).collect()
}

#[test]
fn the_folder_has_the_name_that_is_asked_for() {
    let job = job();
    assert_eq!(job.payout(&compute(&["--out", "run-1"])).status, 0);
    fs::create_dir(job.path("runs")).unwrap();
    assert_eq!(job.payout(&compute(&["--out", "runs/2"])).status, 0);
    assert_eq!(job.payout(&compute(&["--out", "runs/3/"])).status, 0);
    assert_eq!(job.names("."), ["claims.csv", "plan.toml", "run-1", "runs"]);
    assert_eq!(job.names("runs"), ["2", "3"]);
    assert_eq!(snapshot(&job, "run-1"), snapshot(&job, "runs/2"));
}

#[test]
fn a_run_that_is_there_is_left_alone() {
    let job = job();
    job.payout(&compute(&[]));
    let before = snapshot(&job, "payouts");
    job.write("claims.csv", CLAIMS.replace("A-1", "B-1"));
    let said = job.payout(&compute(&[]));
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert_eq!(
        said.stderr,
        "error: the folder payouts exists\n\
         hint: choose another `--out`, or replace it with `--force`\n"
    );
    assert_eq!(snapshot(&job, "payouts"), before);
}

#[test]
fn force_replaces_a_run_with_all_of_its_files() {
    let job = job();
    job.payout(&compute(&[]));
    job.write("claims.csv", CLAIMS.replace("A-1", "B-1"));
    assert_eq!(job.payout(&compute(&["--force"])).status, 0);
    assert_eq!(job.payout(&compute(&["--out", "fresh"])).status, 0);
    assert_eq!(snapshot(&job, "payouts"), snapshot(&job, "fresh"));
    let names = ["claims.csv", "fresh", "payouts", "plan.toml"];
    assert_eq!(job.names("."), names);
}

#[test]
fn force_spares_a_run_with_a_file_that_is_not_its_own() {
    let job = job();
    job.payout(&compute(&[]));
    job.write("payouts/notes.txt", "checked by me\n");
    let before = snapshot(&job, "payouts");
    let said = job.payout(&compute(&["--force"]));
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert_eq!(snapshot(&job, "payouts"), before);
}

#[test]
fn force_replaces_an_empty_folder_and_needs_none() {
    let job = job();
    fs::create_dir(job.path("payouts")).unwrap();
    assert_eq!(job.payout(&compute(&["--force"])).status, 0);
    assert_eq!(job.payout(&compute(&["--force", "--out", "new"])).status, 0);
    assert_eq!(snapshot(&job, "payouts"), snapshot(&job, "new"));
}

#[test]
fn force_keeps_the_old_run_when_there_is_no_new_one() {
    let job = job();
    job.payout(&compute(&[]));
    let before = snapshot(&job, "payouts");
    job.write("claims.csv", CLAIMS.replace("pending", "pendent"));
    assert_eq!(job.payout(&compute(&["--force"])).status, 2);
    assert_eq!(snapshot(&job, "payouts"), before);
    assert_eq!(job.names("."), ["claims.csv", "payouts", "plan.toml"]);
}

#[test]
fn a_symbolic_link_is_no_place_for_a_run() {
    for force in [&[][..], &["--force"]] {
        let job = job();
        fs::create_dir(job.path("elsewhere")).unwrap();
        symlink("elsewhere", job.path("payouts")).unwrap();
        symlink("nowhere", job.path("dangling")).unwrap();
        let said = job.payout(&compute(force));
        assert_eq!(said.status, 2);
        assert_eq!(
            said.stderr,
            "error: payouts is a symbolic link, not a folder\nhint: choose another `--out`\n"
        );
        let dangling = [&["--out", "dangling"], force].concat();
        assert_eq!(job.payout(&compute(&dangling)).status, 2);
        assert_eq!(job.names("elsewhere"), [""; 0]);
        let left = [
            "claims.csv",
            "dangling",
            "elsewhere",
            "payouts",
            "plan.toml",
        ];
        assert_eq!(job.names("."), left);
    }
}

#[test]
fn only_the_owner_may_read_a_run_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let job = job();
        let line = format!("umask {umask}; payout {}", compute(&["--quiet"]).join(" "));
        assert_eq!(shell(&job, &line).status, 0);
        let mode = |name: &str| {
            let facts = fs::metadata(job.path(name)).unwrap();
            facts.permissions().mode() & 0o777
        };
        assert_eq!(mode("payouts"), 0o700, "umask {umask}");
        for name in job.names("payouts") {
            assert_eq!(
                mode(&format!("payouts/{name}")),
                0o600,
                "{name}, umask {umask}"
            );
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let job = job();
    for (number, options) in [&["--json"][..], &[]].iter().enumerate() {
        let out = format!("run-{number}");
        let mut command = job.command();
        command.args(compute(&["--out", &out])).args(*options);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success());
        assert!(job.path(&out).join("manifest.json").is_file());
    }
    for arguments in [
        &["plan"][..],
        &["init", "--template", "start"],
        &["sample", "20000"],
        &["completions", "bash"],
        &["man"],
        &["compute", "--help"],
    ] {
        let mut command = job.command();
        command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        assert_eq!(output.stderr, b"", "{arguments:?}");
    }
}

#[test]
fn a_disk_that_is_full_leaves_nothing_behind() {
    // No file may grow past so many blocks: it is full at the end, or long before,
    // while a thread of its own writes a large file.
    for (rows, blocks) in [(2000, 4), (400_000, 5000)] {
        let job = job();
        let mut claims = CLAIMS.to_owned();
        for row in 7..rows {
            claims += &format!("A-{row},Lee,CA,approved,2022-01-01\n");
        }
        job.write("claims.csv", claims);
        let line = format!("ulimit -f {blocks}; payout {}", compute(&[]).join(" "));
        let said = shell(&job, &line);
        assert_eq!((said.status, said.stdout.as_str()), (3, ""));
        assert!(
            said.stderr.starts_with("error: cannot write "),
            "{}",
            said.stderr
        );
        assert_eq!(job.names("."), ["claims.csv", "plan.toml"]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_a_failure_of_the_machine() {
    // Nobody, not even the superuser, can make a folder there.
    let job = job();
    let said = job.payout(&compute(&["--out", "/proc/payouts"]));
    assert_eq!((said.status, said.stdout.as_str()), (3, ""));
    assert!(
        said.stderr
            .starts_with("error: cannot make the folder /proc/payouts: "),
        "{}",
        said.stderr
    );
    assert_eq!(job.names("."), ["claims.csv", "plan.toml"]);
}

#[test]
fn standard_output_that_cannot_be_written_to_is_a_failure_of_the_machine() {
    let job = job();
    let said = shell(&job, "ulimit -f 0; payout plan plan.toml > said.txt");
    assert_eq!(said.status, 3);
    assert_eq!(
        said.stderr,
        "error: cannot write to standard output: File too large (os error 27)\n"
    );
}

#[test]
fn a_list_that_cannot_be_written_leaves_a_link_and_a_pipe_alone() {
    let job = job();
    job.write("bad.csv", CLAIMS.replace("approved", "aproved"));
    job.write("list.csv", "");
    symlink("list.csv", job.path("link.csv")).unwrap();
    let line = "ulimit -f 0; payout compute bad.csv --plan plan.toml --errors link.csv";
    let said = shell(&job, line);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (
            3,
            "error: cannot write link.csv: File too large (os error 27)\n"
        )
    );
    let kept = fs::symlink_metadata(job.path("link.csv")).unwrap();
    assert!(kept.is_symlink());

    let line = "mkfifo pipe; cat pipe > copy.csv & \
        until [ -p pipe ]; do sleep 0.01; done; \
        payout compute bad.csv --plan plan.toml --errors pipe; status=$?; wait; exit $status";
    assert_eq!(shell(&job, line).status, 2);
    assert!(job.read("copy.csv").contains("aproved"));
    assert_eq!(
        job.names("."),
        [
            "bad.csv",
            "claims.csv",
            "copy.csv",
            "link.csv",
            "list.csv",
            "pipe",
            "plan.toml"
        ]
    );
}

#[test]
fn the_folder_is_not_there_before_it_is_whole() {
    let job = job();
    let mut claims = CLAIMS.to_owned();
    for row in 7..30_000 {
        claims += &format!("A-{row},Lee,CA,approved,2022-01-01\n");
    }
    job.write("claims.csv", claims);
    let mut child = job.command().args(compute(&["--quiet"])).spawn().unwrap();
    let mut looks = 0;
    while child.try_wait().unwrap().is_none() {
        if job.path("payouts").exists() {
            let whole = names(&job.path("payouts")).contains(&"manifest.json".to_owned());
            assert!(whole, "the folder is there without its manifest");
        }
        looks += 1;
    }
    assert!(looks > 0 && job.path("payouts/manifest.json").is_file());
}
