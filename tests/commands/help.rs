//! `--help`, the man page and the completions: one set of words.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use clap::CommandFactory;
use payout::internals::Cli;

use crate::prior::{ledger, reconcile};
use crate::support::{Job, feed, names};

/// The widest line of help.
const WIDTH: usize = 80;

/// The names of the commands.
pub(super) fn commands() -> Vec<String> {
    let program = Cli::command();
    let commands = program.get_subcommands();
    commands
        .map(|command| command.get_name().to_owned())
        .collect()
}

/// `--help` of the program and of each command.
fn pages() -> Vec<(String, String)> {
    let job = Job::new();
    let mut pages = vec![(String::new(), job.payout(&["--help"]).stdout)];
    for command in commands() {
        let page = job.payout(&[&command, "--help"]).stdout;
        pages.push((command, page));
    }
    pages
}

/// The examples of a page: what is typed for each.
fn examples(page: &str) -> Vec<String> {
    let examples = page.split_once("Examples:\n").unwrap().1;
    let examples = examples.split("\n\n").next().unwrap();
    let mut found: Vec<String> = Vec::new();
    for line in examples.lines() {
        if let Some(typed) = line.strip_prefix("    ") {
            let last = found.last_mut().unwrap();
            *last += typed;
            last.push('\n');
        } else {
            assert!(line.ends_with(':'), "says what for: {line}");
            found.push(String::new());
        }
    }
    found
}

#[test]
fn every_command_teaches_by_a_few_examples_within_the_width() {
    for (command, page) in pages() {
        let count = examples(&page).len();
        assert!((2..=5).contains(&count), "{command}: {count} examples");
        for line in page.lines() {
            assert!(line.chars().count() <= WIDTH, "{command}: {line}");
        }
    }
    for command in ["", "compute", "check", "compare", "plan"] {
        let pages = pages();
        let (_, page) = pages.iter().find(|(name, _)| name == command).unwrap();
        assert!(page.contains("\nExit status:\n  0  "), "{page}");
    }
}

#[test]
fn short_help_stays_short() {
    let job = Job::new();
    for command in commands() {
        let short = job.payout(&[&command, "-h"]);
        assert_eq!((short.status, short.stderr.as_str()), (0, ""));
        assert!(!short.stdout.contains("Examples:"), "{}", short.stdout);
        for line in short.stdout.lines() {
            assert!(line.chars().count() <= WIDTH, "{command}: {line}");
        }
    }
}

/// A folder with everything that the examples name, made by the program.
fn stage() -> Job {
    let job = Job::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiktok");
    for (from, to) in [("claims.csv", "claims.csv"), ("kinds.csv", "kinds.csv")] {
        fs::copy(examples.join(from), job.path(to)).unwrap();
    }
    // Another id, so that the payout of one claimant can be explained.
    let claims = job.read("claims.csv").replacen("C-0003", "C000000017", 1);
    let claims = with_payments(&claims);
    let (header, rows) = claims.split_once('\n').unwrap();
    let (east, west) = rows.split_at(rows.match_indices('\n').nth(9).unwrap().0 + 1);
    job.write("east.csv", format!("{header}\n{east}"));
    job.write("west.csv", format!("{header}\n{west}"));
    job.write("totals.toml", "paid = { from = 1 }\n");
    prepare_later_rounds(&job);
    job.write("claims.csv", &claims);
    for folder in ["home", "stubs", "archive"] {
        fs::create_dir(job.path(folder)).unwrap();
    }
    for folder in [
        ".local/share/bash-completion/completions",
        ".local/share/man/man1",
        ".zfunc",
        ".config/fish/completions",
    ] {
        fs::create_dir_all(job.path("home").join(folder)).unwrap();
    }
    // Programs that not every machine has are not what is tested here.
    for stub in ["jq", "less", "man"] {
        let path = job.path("stubs").join(stub);
        fs::write(&path, "#!/bin/sh\nexec cat\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    job.write("archive/claims.csv", &claims);
    type_in(&job, "gzip -k claims.csv && gzip west.csv");
    type_in(
        &job,
        "payout init --template tiktok | grep -v ^draft > plan.toml",
    );
    type_in(&job, "payout compute -q claims.csv --plan plan.toml");
    for run in ["run-march", "run-april"] {
        type_in(&job, &format!("cp -r payouts {run}"));
    }
    type_in(&job, "cp plan.toml approved.toml");
    type_in(&job, "sha256sum payouts/manifest.json > seal.txt");
    type_in(
        &job,
        "payout export payouts --layout check-register --when method=check --date 2026-12-01 \
         --set first_check=1001 --out checks -q; \
         payout export payouts --layout paypal --when method=paypal --set note=Hello \
         --out paypal -q; \
         payout export payouts --layout nacha-ppd --when method=ach --date 2026-12-01 \
         --set destination=091000019 --set destination_name=BANK --set origin=1234567890 \
         --set company_name=FUND --out ach -q",
    );
    type_in(
        &job,
        "payout reconcile payouts checks paypal ach --facts facts-dec.toml --out rec-nov -q",
    );
    job.write("notice.html", "<p>{payouts.total}</p>\n");
    type_in(
        &job,
        "(echo claimant_id,address_1; sed -n '2s/,.*/,2 New St/p' payouts/payouts.csv) > moved.csv",
    );
    job.write(
        "bank.toml",
        "base = \"positive-pay\"\n[set]\naccount = 123\nfirst_check = 5001\n",
    );
    job
}

/// A reconciliation with the plan of the next distribution, and facts.
fn prepare_later_rounds(job: &Job) {
    let plan = "[settlement]\nname = \"x\"\n[fund]\nprior = \"left\"\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"second\"\nwhen = { prior = \"cashed\" }\nshares = 1\n";
    job.write("plan-2.toml", plan);
    job.write("claims-2.csv", "claimant_id\nA\nB\n");
    let cashed = [("A", "cashed", "10.00"), ("B", "stale", "10.00")];
    reconcile(job, "rec-1", "x", &ledger(&cashed), "0.00");
    job.write("facts-dec.toml", "on = 2026-12-31\n");
    job.write("facts-jan.toml", "on = 2027-01-31\n");
}

/// Claims with what payment files ask for.
fn with_payments(claims: &str) -> String {
    let mut lines = claims.lines();
    let header = lines.next().unwrap().replace("email", "old_email");
    let mut text = format!(
        "{header},email,method,payee,address_1,address_2,city,zip,country,routing_number,account_number,account_type\n"
    );
    for (line, method) in lines.zip(["check", "paypal", "ach"].iter().cycle()) {
        let rest = "1 Main Street,,Springfield,62701,,091000019,1234567,checking";
        text += &format!("{line},a@example.com,{method},Claimant,{rest}\n");
    }
    text
}

/// Types a line into a shell; it has to succeed.
fn type_in(job: &Job, line: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_payout")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let stubs = job.path("stubs");
    let mut shell = std::process::Command::new("bash");
    shell
        .current_dir(job.path("."))
        .env("HOME", job.path("home"))
        .env(
            "PATH",
            format!("{}:{}:{path}", stubs.display(), program.display()),
        );
    let line = format!("set -e -o pipefail; {line}");
    let said = feed(shell.args(["-c", &line]), b"");
    assert_eq!(said.status, 0, "{line}\n{}{}", said.stdout, said.stderr);
}

#[test]
fn every_example_of_the_help_runs() {
    let prepared = stage();
    for (command, page) in pages() {
        for example in examples(&page) {
            let job = Job::new();
            type_in(&prepared, &format!("cp -r . {}", job.path("").display()));
            // What an example makes must not be there.
            let made: &[&str] = match command.as_str() {
                "" if example.contains("init") => &["plan.toml"],
                "" if example.contains("sample") => &["claims.csv", "payouts"],
                "compute" => &["payouts"],
                "sample" => &["claims.csv", "payouts"],
                "init" => &["plan.toml", "plan-2.toml"],
                "export" if example.contains("--out checks") => &["checks"],
                "export" if example.contains("--out paypal") => &["paypal"],
                _ => &[],
            };
            for name in made {
                type_in(&job, &format!("rm -r {name}"));
            }
            type_in(&job, &example);
        }
    }
}

#[test]
fn the_completions_of_each_shell_know_every_command_and_its_options() {
    let job = Job::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = job.payout(&["completions", shell]);
        assert_eq!((said.status, said.stderr.as_str()), (0, ""), "{shell}");
        for word in commands()
            .iter()
            .map(String::as_str)
            .chain(["expect", "take-up"])
        {
            assert!(said.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(names(&job.path(".")), [""; 0]);
}

#[test]
fn the_man_page_has_every_command_and_the_words_of_the_help() {
    let job = Job::new();
    let page = job.payout(&["man"]);
    assert_eq!((page.status, page.stderr.as_str()), (0, ""));
    // As it is shown, roughly: without what troff takes for itself.
    let plain = |page: &str| {
        let page = page.replace("\\fB", "").replace("\\fR", "");
        page.replace("\\-", "-")
            .replace("\\*(Aq", "'")
            .replace("\\(ga", "`")
    };
    let whole = plain(&page.stdout);
    assert!(whole.contains(".TH payout 1 "), "{whole}");
    for (command, help) in pages() {
        let alone = if command.is_empty() {
            whole.clone()
        } else {
            let heading = format!(".SH \"PAYOUT {}\"\n", command.to_uppercase());
            assert!(whole.contains(&heading), "{heading}");
            plain(&job.payout(&["man", &command]).stdout)
        };
        let taught = help.split_once("Examples:\n").unwrap().1;
        for line in taught.lines().map(str::trim) {
            let line = line.split_once("  ").map_or(line, |(_, meaning)| meaning);
            for page in [&alone, &whole] {
                let found = line == "Exit status:" || page.contains(line);
                assert!(found, "{command}: {line}");
            }
        }
    }
}

#[test]
fn a_page_of_no_command_is_refused_with_the_nearest() {
    let said = Job::new().payout(&["man", "comptue"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    let expected = "error[U001]: unknown command `comptue`\nhint: did you mean `compute`?\n";
    assert_eq!(said.stderr, expected);
}

#[test]
fn what_was_asked_for_and_cannot_be_written_is_a_failure() {
    let job = Job::new();
    for arguments in [
        "--version",
        "--help",
        "-h",
        "help",
        "help compute",
        "plan --help",
    ] {
        let said = feed(
            &mut job.shell(&format!("payout {arguments} > /dev/full")),
            b"",
        );
        assert_eq!(said.status, 3, "{arguments}");
        let words = "error[S003]: cannot write to standard output: ";
        assert!(
            said.stderr.starts_with(words),
            "{arguments}: {}",
            said.stderr
        );
        let closed = feed(&mut job.shell(&format!("payout {arguments} | true")), b"");
        assert_eq!((closed.stderr.as_str(), closed.status), ("", 0));
    }
}
