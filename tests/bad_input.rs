//! Input that is too large or too deep for its own good: refused with a clear
//! word, in little memory.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Job, Said, feed};

/// Runs with 800 MB of address space.
fn bounded(job: &Job, arguments: &str) -> Said {
    let line = format!("ulimit -v 800000; exec payout {arguments}");
    feed(&mut job.shell(&line), b"")
}

fn refused(job: &Job, arguments: &str, words: &str) {
    let before = job.names(".");
    let said = bounded(job, arguments);
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (2, ""),
        "{}",
        said.stderr
    );
    assert!(said.stderr.starts_with("error"), "{}", said.stderr);
    assert!(
        said.stderr.contains(words),
        "no `{words}` in {}",
        said.stderr
    );
    assert_eq!(job.names("."), before);
}

#[test]
fn a_hundred_megabytes_on_one_line_are_not_kept() {
    let job = Job::new();
    let line = "x".repeat(100 << 20);
    job.write(
        "claims.csv",
        format!("claimant_id,status,subclass\n{line}\n"),
    );
    refused(&job, "compute claims.csv", "longer than 1 MiB");
}

#[test]
fn a_million_columns_are_too_many() {
    let job = Job::new();
    let header: Vec<String> = (0..1_000_000).map(|n| format!("c{n}")).collect();
    job.write("claims.csv", header.join(",") + "\n");
    refused(&job, "compute claims.csv", "longer than 1 MiB");
    job.write("claims.csv", ",".repeat(1_000_000) + "\n");
    refused(&job, "compute claims.csv", "contains only commas");
}

#[test]
fn a_device_without_end_does_not_hang_it() {
    refused(&Job::new(), "compute /dev/zero", "NUL bytes");
}

#[test]
fn a_plan_that_is_nested_without_end_is_refused() {
    let job = Job::new();
    for plan in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{a = ".repeat(100_000)),
        format!("{}a = 1\n", "a.".repeat(100_000)),
        format!("[{}a]\n", "a.".repeat(100_000)),
    ] {
        job.write("plan.toml", &plan);
        refused(&job, "plan plan.toml", "plan.toml");
    }
}

#[test]
fn a_plan_larger_than_any_plan_is_refused() {
    let job = Job::new();
    job.write("plan.toml", "# no plan\n".repeat(200_000));
    refused(
        &job,
        "plan plan.toml",
        "the plan plan.toml is larger than 1048576 bytes",
    );
}

#[test]
fn a_packed_file_that_grows_beyond_measure_is_refused() {
    let job = Job::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(b"claimant_id,status,subclass,note\n")
        .unwrap();
    let row = format!("A,approved,,{}\n", "x".repeat(1 << 19));
    for _ in 0..160 {
        encoder.write_all(row.as_bytes()).unwrap();
    }
    job.write("claims.csv.gz", encoder.finish().unwrap());
    refused(
        &job,
        "compute claims.csv.gz",
        "more than 500 times the size",
    );
}
