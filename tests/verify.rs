//! The independent verifier, `examples/verify/verify.py`, a program in Python that was
//! written from the plan reference alone.
//!
//! `PAYOUT_CASES=2000 cargo test verify` tries more random plans.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::docs::page;
use crate::examples::folders;
use crate::generator::{Features, case};
use crate::support::{Job, Said, feed, names, note};

/// So many of a hundred random cases are carried out, at least.
const CARRIED_OUT: u64 = 60;

fn verifier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/verify/verify.py")
}

/// Whether Python can run the verifier here. A machine for continuous integration must
/// have it.
fn python() -> bool {
    let mut python = Command::new("python3");
    let output = python.args(["-c", "import tomllib"]).output();
    let here = output.is_ok_and(|output| output.status.success());
    assert!(
        here || std::env::var_os("CI").is_none(),
        "Python 3.11 is missing"
    );
    if !here {
        note("skipped: no Python 3.11 here, which runs examples/verify/verify.py");
    }
    here
}

/// Verifies the run in `payouts`.
fn verify(job: &Job, options: &[&str]) -> Said {
    let mut command = Command::new("python3");
    command.arg(verifier()).arg("payouts").args(options);
    feed(command.current_dir(job.path(".")), b"")
}

/// Computes `claims.csv` into `payouts`.
fn compute(plan: &str, claims: &str) -> (Job, Said) {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
    (job, said)
}

/// The run of the data breach example.
fn example() -> Job {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data-breach");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (job, said) = compute(&read("plan.toml"), &read("claims.csv"));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

fn last_line(said: &Said) -> &str {
    said.stdout.lines().last().unwrap_or_default()
}

#[test]
fn the_verifier_passes_every_example() {
    if !python() {
        return;
    }
    for folder in folders() {
        let plans = names(&folder)
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
        for plan in plans {
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
            let (job, said) = compute(&read(&plan), &read("claims.csv"));
            assert_eq!(said.status, 0, "{}", said.stderr);
            let said = verify(&job, &["--claims", "claims.csv", "--plan", "plan.toml"]);
            assert_eq!(said.status, 0, "{}: {said:?}", folder.display());
            assert_eq!(last_line(&said), "All checks passed.");
        }
    }
}

#[test]
fn the_verifier_passes_random_runs() {
    if !python() {
        return;
    }
    let wanted = std::env::var("PAYOUT_CASES").ok();
    let cases = wanted.map_or(60, |number| number.parse::<u64>().unwrap());
    let mut carried_out = 0;
    for seed in 0..cases {
        let (plan, claims) = case(seed, Features::all());
        let (job, said) = compute(&plan, &claims);
        if said.status != 0 {
            continue;
        }
        carried_out += 1;
        let said = verify(&job, &["--claims", "claims.csv"]);
        assert_eq!(said.status, 0, "seed {seed}: {said:?}\n{plan}\n{claims}");
    }
    assert!(
        carried_out >= cases * CARRIED_OUT / 100,
        "only {carried_out} cases of {cases} were carried out"
    );
}

#[test]
fn the_verifier_reports_differences() {
    if !python() {
        return;
    }
    let job = example();
    let payouts = job.read("payouts/payouts.csv");
    let paid: Vec<&str> = payouts.lines().collect();
    let swapped = [&paid[..1], &[paid[2], paid[1]], &paid[3..]].concat();
    let changes = [
        (
            "payouts.csv, C-0003, payout",
            payouts.replace("13393.94", "13393.95"),
        ),
        (
            "payouts.csv, C-0002, the row",
            payouts.replace(&format!("{}\n", paid[2]), ""),
        ),
        (
            "payouts.csv, the order of the rows",
            swapped.join("\n") + "\n",
        ),
    ];
    for (place, changed) in changes {
        job.write("payouts/payouts.csv", changed);
        let said = verify(&job, &["--claims", "claims.csv"]);
        assert_eq!(said.status, 1, "{said:?}");
        assert!(said.stdout.contains(place), "{place}: {}", said.stdout);
        // The size or the digest in the manifest is another difference.
        let verdict = last_line(&said);
        assert!(verdict.starts_with("FAILED: "), "{verdict}");
        assert!(verdict.ends_with(" differences. Do not pay from this run."));
    }
    job.write("payouts/payouts.csv", payouts);
    job.write("other.toml", "# another plan");
    let said = verify(&job, &["--claims", "claims.csv", "--plan", "other.toml"]);
    assert_eq!(
        (said.status, last_line(&said)),
        (1, "FAILED: 1 difference. Do not pay from this run.")
    );
}

#[test]
fn the_verifier_names_what_it_does_not_read() {
    if !python() {
        return;
    }
    let job = example();
    job.write("claims.xlsx", "PK\u{3}\u{4}");
    let said = verify(&job, &["--claims", "claims.xlsx"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("claims.xlsx is a workbook"));

    let plan = job.read("plan.toml") + "bonus = 1\n";
    job.write("payouts/plan.toml", plan);
    let said = verify(&job, &["--claims", "claims.csv"]);
    assert_eq!(said.status, 2);
    let words = "the plan has `bonus` in [residual], which this verifier does not read";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}

#[test]
fn the_verifier_cites_headings_of_the_reference() {
    let program = fs::read_to_string(verifier()).unwrap();
    let reference = page("docs/plan-reference.md");
    let headings: Vec<&str> = reference
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    let mut cited = 0;
    for comment in program.split("# plan reference, ").skip(1) {
        let lines = comment.lines().enumerate();
        let comment: Vec<&str> = lines
            .map(|(place, line)| (place, line.trim_start()))
            .take_while(|(place, line)| *place == 0 || line.starts_with('#'))
            .map(|(_, line)| line.trim_start_matches(['#', ' ']))
            .collect();
        for heading in comment.join(" ").split('"').skip(1).step_by(2) {
            assert!(headings.contains(&heading), "no heading \"{heading}\"");
            cited += 1;
        }
    }
    assert!(cited >= 20, "only {cited} headings were found");
    assert!(
        program.lines().count() <= 900,
        "too long to read in an hour"
    );
}
