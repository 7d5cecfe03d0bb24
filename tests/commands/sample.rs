//! `payout sample`: made-up claims that a plan can be tried with.

use std::fs;
use std::path::PathBuf;

use crate::support::{Job, names, records};

/// Every plan of the examples.
fn plans() -> Vec<PathBuf> {
    let of_folder = |folder: PathBuf| {
        let paths = names(&folder)
            .into_iter()
            .map(move |name| folder.join(name));
        paths.filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
    };
    crate::examples::folders()
        .into_iter()
        .flat_map(of_folder)
        .collect()
}

#[test]
fn the_same_seed_makes_the_same_file() {
    let job = Job::new();
    let sample = |arguments: &[&str]| {
        let said = job.payout(&[&["sample", "300"], arguments].concat());
        assert_eq!((said.stderr.as_str(), said.status), ("", 0));
        said.stdout
    };
    assert_eq!(sample(&[]), sample(&[]));
    assert_eq!(sample(&["--seed", "7"]), sample(&["--seed", "7"]));
    assert_ne!(sample(&["--seed", "7"]), sample(&["--seed", "8"]));
    assert_eq!(records(&sample(&[])).len(), 301);
}

#[test]
fn a_file_holds_what_would_be_printed_and_is_never_written_over() {
    let job = Job::new();
    let printed = job.payout(&["sample", "20", "--seed", "3"]).stdout;
    let arguments = ["sample", "20", "--seed", "3", "--out", "claims.csv"];
    let said = job.payout(&arguments);
    assert_eq!((said.stdout.as_str(), said.status), ("", 0));
    assert_eq!(said.stderr, "wrote claims.csv\n");
    assert_eq!(job.read("claims.csv"), printed);
    assert_eq!(
        job.payout(&["sample", "5", "--out", "claims.csv"]).status,
        2
    );
    assert_eq!(job.read("claims.csv"), printed);
}

#[test]
fn made_up_claims_can_be_computed_under_the_built_in_plan() {
    let job = Job::new();
    job.payout(&["sample", "1000", "--out", "claims.csv"]);
    let said = job.payout(&["compute", "claims.csv", "--quiet"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
}

#[test]
fn made_up_claims_can_be_computed_under_every_plan_of_the_examples() {
    for plan in plans() {
        let job = Job::new();
        fs::copy(&plan, job.path("plan.toml")).unwrap();
        for seed in ["1", "2"] {
            let out = format!("run-{seed}");
            let claims = format!("claims-{seed}.csv");
            let sample = [
                "sample",
                "200",
                "--plan",
                "plan.toml",
                "--seed",
                seed,
                "--out",
                &claims,
            ];
            let said = job.payout(&sample);
            assert_eq!(said.status, 0, "{}: {}", plan.display(), said.stderr);
            let compute = [
                "compute",
                &claims,
                "--plan",
                "plan.toml",
                "--out",
                &out,
                "--quiet",
            ];
            let said = job.payout(&compute);
            assert_eq!(said.status, 0, "{}: {}", plan.display(), said.stderr);
        }
    }
}
