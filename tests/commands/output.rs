//! The folder of a run: whole or not at all, and nobody else's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use super::{CLAIMS, compute, job};
use crate::support::{Job, feed, names};

/// Runs a shell line.
fn shell(job: &Job, line: &str) -> crate::support::Said {
    feed(&mut job.shell(line), b"")
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
        "error[R006]: the folder payouts already exists\n\
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
            "error[R005]: payouts is a symbolic link, not a folder\nhint: choose another `--out`\n"
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
            said.stderr.starts_with("error[S002]: cannot write "),
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
            .starts_with("error[S010]: cannot create the folder /proc/payouts: "),
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
        "error[S003]: cannot write to standard output: File too large (os error 27)\n"
    );
}

#[test]
fn a_list_of_errors_goes_to_a_pipe_but_through_no_link() {
    let job = job();
    job.write("bad.csv", CLAIMS.replace("approved", "aproved"));
    symlink("list.csv", job.path("link.csv")).unwrap();
    let said = job.payout(&compute(&["--errors", "link.csv"]));
    let stderr = "error[U032]: `--errors` names link.csv, a symbolic link\n\
                  hint: name the file itself\n";
    assert_eq!((said.stderr.as_str(), said.status), (stderr, 2));

    let line = "mkfifo pipe; ln -s pipe link; cat pipe > copy.csv & \
        until [ -h link ]; do sleep 0.01; done; \
        payout compute bad.csv --plan plan.toml --errors link; status=$?; wait; exit $status";
    assert_eq!(shell(&job, line).status, 2);
    assert!(job.read("copy.csv").contains("aproved"));
    // What cannot be written takes nothing with it that was there before: nobody
    // reads more than a byte of a list that no pipe has room for.
    let mut bad = CLAIMS.to_owned();
    for row in 7..10_000 {
        bad += &format!("A-{row},Lee,CA,aproved,2022-01-01\n");
    }
    job.write("bad.csv", bad);
    for name in ["link", "pipe"] {
        let line = format!(
            "head -c 1 pipe > /dev/null & \
             payout compute bad.csv --plan plan.toml --errors {name}; status=$?; wait; exit $status"
        );
        let said = shell(&job, &line);
        let stderr = format!("error[S002]: cannot write {name}: Broken pipe (os error 32)\n");
        assert_eq!((said.stderr, said.status), (stderr, 3));
        assert!(job.path("link").is_symlink() && job.path("pipe").exists());
    }
    assert!(!job.path("list.csv").exists());
}

#[test]
fn the_list_of_errors_is_never_that_of_another_time() {
    let job = job();
    job.write("bad.csv", CLAIMS.replace("approved", "aproved"));
    job.write("bad.toml", "[settlement]\nname = 1\n");
    job.write("totals.toml", "rows = 1\n");
    let listed = |arguments: &[&str]| {
        let bad = "compute bad.csv --errors errors.csv --plan plan.toml --out other";
        let bad: Vec<&str> = bad.split(' ').collect();
        assert_eq!(job.payout(&bad).status, 2);
        assert!(job.read("errors.csv").contains("aproved"));
        let said = job.payout(&[arguments, &["--errors", "errors.csv"]].concat());
        assert_eq!(said.status, 2);
        let list = job.read("errors.csv");
        assert!(!list.contains("aproved"), "{list}");
        list
    };
    let plan = listed(&["compute", "claims.csv", "--plan", "bad.toml"]);
    assert!(plan.contains("\nbad.toml,2,,,,P040,,,,"), "{plan}");
    let claims = listed(&["compute", "nowhere.csv", "--plan", "plan.toml"]);
    assert!(claims.contains("\n,,,,,C001,,,,"), "{claims}");
    let totals = listed(&compute(&["--expect", "totals.toml"]));
    assert!(totals.contains("control total"), "{totals}");
    assert_eq!(job.payout(&compute(&[])).status, 0);
    let run = listed(&compute(&[]));
    assert!(run.contains("the folder payouts already exists"), "{run}");
    let done = compute(&["--out", "again", "--errors", "errors.csv"]);
    assert_eq!(job.payout(&done).status, 0);
    assert_eq!(
        job.read("errors.csv"),
        "file,line,cell,row,claimant_id,code,column,value,suggestion,problem\n"
    );
}

#[test]
fn a_claims_file_counts_once_whatever_it_is_called() {
    let job = job();
    for files in ["claims.csv -", "- claims.csv", "claims.csv ./claims.csv"] {
        let line = format!("payout compute {files} --plan plan.toml < claims.csv");
        let said = shell(&job, &line);
        assert_eq!(said.status, 2, "{files}");
        assert!(
            said.stderr.contains(" are the same file\n"),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn a_list_of_changes_goes_with_what_is_said_of_it() {
    let job = job();
    for run in ["1", "2"] {
        assert_eq!(job.payout(&compute(&["--out", run])).status, 0);
    }
    // The file has as many bytes as it may have.
    let line = "ulimit -f 8; head -c 4096 /dev/zero > said.txt; \
        payout compare 1 2 --csv list.csv >> said.txt";
    let said = shell(&job, line);
    assert_eq!(said.status, 3, "{}", said.stderr);
    assert!(!job.path("list.csv").exists());
}

#[test]
fn nothing_is_added_to_a_run_that_is_there() {
    let job = job();
    assert_eq!(job.payout(&compute(&[])).status, 0);
    let before = snapshot(&job, "payouts");
    let commands: [&[&str]; 6] = [
        &compute(&["--out", "payouts/next"]),
        &compute(&["--out", "next", "--errors", "payouts/errors.csv"]),
        &["sample", "5", "--out", "payouts/claims.csv"],
        &["init", "payouts/plan-2.toml"],
        &["check", "payouts", "--errors", "payouts/errors.csv"],
        &["compare", "payouts", "payouts", "--csv", "payouts/list.csv"],
    ];
    for command in commands {
        let said = job.payout(command);
        assert_eq!(said.status, 2, "{command:?}");
        let inside = ["the run folder", "is inside a run"];
        let said = said.stderr;
        assert!(inside.iter().any(|words| said.contains(words)), "{said}");
    }
    assert_eq!(snapshot(&job, "payouts"), before);
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

#[test]
fn a_folder_that_is_no_run_is_not_advised_to_be_replaced() {
    let job = job();
    fs::create_dir(job.path("payouts")).unwrap();
    job.write("payouts/notes.txt", "mine");
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2);
    let words = "hint: choose another `--out`; the folder holds something other than a run\n";
    assert!(said.stderr.ends_with(words), "{}", said.stderr);
}

#[test]
fn a_dash_in_place_of_hyphens_is_told() {
    let said = job().payout(&["compute", "–plan", "plan.toml"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("write two hyphens"), "{}", said.stderr);
}
