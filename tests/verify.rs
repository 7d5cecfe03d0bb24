//! The independent verifier, `examples/verify/verify.py`, a program in Python that was
//! written from the plan reference alone.
//!
//! `PAYOUT_CASES=3000 cargo test verify` tries ten times as many random plans.

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::examples::{copy_tables, folders, trades_option};
use crate::generator::Defect;
use crate::prior::{RUNS, compute, harbor_ferry};
use crate::random::{Case, hold, sure};
use crate::support::{Job, Said, feed, names};
use crate::vectors::payable;

fn verifier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/verify/verify.py")
}

/// A process that verifies one run after another, since Python takes longer to start than
/// to verify.
struct Driver {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    fn new() -> Self {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/driver.py");
        let mut command = Command::new("python3");
        command.arg(driver).arg(verifier().parent().unwrap());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers }
    }

    /// The verdict on a folder, and why.
    fn ask(&mut self, folder: &Path) -> (String, String) {
        let questions = self.process.stdin.as_mut().unwrap();
        writeln!(questions, "{}", folder.display()).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The end of its input is the end of the driver.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

thread_local! {
    static DRIVER: RefCell<OnceCell<Driver>> = const { RefCell::new(OnceCell::new()) };
}

fn verdict(case: &Case) -> (String, String) {
    DRIVER.with_borrow_mut(|driver| {
        driver.get_or_init(Driver::new);
        driver.get_mut().unwrap().ask(&case.job.path(""))
    })
}

/// The run of a case, in `run`, is the one that the verifier computes.
fn verified(case: &Case) -> Result<(), String> {
    let (verdict, why) = verdict(case);
    sure(verdict == "passed", || {
        format!("verify.py: {verdict}\n{why}")
    })
}

/// Verifies the run in `payouts`.
fn verify(job: &Job, options: &[&str]) -> Said {
    let mut command = Command::new("python3");
    command.arg(verifier()).arg("payouts").args(options);
    feed(command.current_dir(job.path(".")), b"")
}

/// The run of the data breach example.
fn example() -> Job {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data-breach");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let job = Job::with(&[
        ("plan.toml", &read("plan.toml")),
        ("claims.csv", &read("claims.csv")),
    ]);
    let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

fn last_line(said: &Said) -> &str {
    said.stdout.lines().last().unwrap_or_default()
}

pub(crate) fn the_verifier_corrects_claims() {
    let job = example();
    let fixes = "row,claimant_id,column,value,correction\n\
                 ,C-0003,loss,\"$10,000.00\",(blank)\n1,C-0001,status,,\n\
                 2,C-0002,claimant_id,C-0002,C-0002b\n";
    job.write("fixes.csv", fixes);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--force",
        "--quiet",
    ];
    let said = job.payout(&[&compute[..], &["--corrections", "fixes.csv"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = verify(&job, &["--claims", "claims.csv"]);
    assert_eq!(last_line(&said), "All checks passed.", "{}", said.stdout);
    assert!(job.read("payouts/payouts.csv").contains("C-0002b"));
}

pub(crate) fn the_verifier_passes_every_example() {
    // It does not match trades.
    let without_trades = |folder: &PathBuf| trades_option(folder).is_empty();
    for folder in folders().into_iter().filter(without_trades) {
        let plans = names(&folder)
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
        for plan in plans {
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
            let case = Case::of(read(&plan), String::new(), None);
            copy_tables(&folder, &case.job);
            let arguments = [
                "compute",
                "claims.csv",
                "--plan",
                "plan.toml",
                "--out",
                "run",
            ];
            let said = case.job.payout(&arguments);
            assert_eq!(said.status, 0, "{}", said.stderr);
            verified(&case).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        }
    }
}

pub(crate) fn the_verifier_passes_later_distributions() {
    let job = harbor_ferry();
    for (plan, after, out) in RUNS {
        compute(&job, "claims-2.csv", plan, after, out);
        let options = ["--claims", "claims-2.csv", "--plan", plan, "--after", after];
        let mut command = Command::new("python3");
        command.arg(verifier()).arg(out).args(options);
        let said = feed(command.current_dir(job.path(".")), b"");
        assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    }
}

pub(crate) fn the_verifier_agrees_on_random_plans_and_claims() {
    let (runs, refusals) = (AtomicU64::new(0), AtomicU64::new(0));
    hold(2000, |case| {
        let Err(refusal) = case.compute() else {
            runs.fetch_add(1, Ordering::Relaxed);
            sure(case.defect != Some(Defect::Refused), || {
                "its defect is not refused".to_owned()
            })?;
            return verified(case);
        };
        refusals.fetch_add(1, Ordering::Relaxed);
        // The verifier has numbers of any length.
        let too_long = refusal.text.contains("digits");
        let contested = case.defect.is_none() && !too_long && verdict(case).0 == "computed";
        sure(!contested, || {
            format!("refused, but verify.py computes it: {}", refusal.text)
        })
    });
    let (runs, refusals) = (runs.into_inner(), refusals.into_inner());
    let percent = 100 * refusals / (runs + refusals);
    assert!((5..20).contains(&percent), "{percent} % are refused");
}

pub(crate) fn the_verifier_counts_many_payees() {
    for payees in [100, 101] {
        let mut claims = "claimant_id,firm\n".to_owned();
        for number in 0..payees {
            claims += &format!("c{number},Firm {number}\n");
        }
        let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 1_000\n[claims]\n\
                    status = false\n[[pool]]\nname = \"class\"\nshares = 1\n[[portion]]\n\
                    name = \"Fee\"\npercent = 10\nto = { column = \"firm\" }\n[[portion]]\n\
                    name = \"Claimant\"\n";
        let case = Case::of(plan.to_owned(), claims, None);
        case.compute().unwrap();
        let fee = &case.summary("run")["portions"][0];
        let listed = fee["payees"].as_array().unwrap().len();
        let expected = if payees > 100 {
            (0, Some(101))
        } else {
            (100, None)
        };
        assert_eq!((listed, fee["payee_count"].as_u64()), expected);
        verified(&case).unwrap();
    }
}

pub(crate) fn the_verifier_reads_what_a_pool_paid_claimants_who_are_paid_nothing() {
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 1_000\n[claims]\n\
                status = false\n[[pool]]\nname = \"class\"\nwhen = { state = \"IL\" }\n\
                shares = 1\n[[portion]]\nname = \"Fee\"\namount = [ { add = { pool = \"class\" } }, \
                { subtract = 10 } ]\n[[portion]]\nname = \"Claimant\"\n";
    let case = Case::of(
        plan.to_owned(),
        "claimant_id,state\na,IL\nb,CA\n".to_owned(),
        None,
    );
    case.compute().unwrap();
    verified(&case).unwrap();
}

pub(crate) fn the_verifier_reports_differences() {
    let job = example();
    let said = verify(&job, &["--claims", "claims.csv", "--plan", "plan.toml"]);
    assert_eq!((said.status, last_line(&said)), (0, "All checks passed."));
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

pub(crate) fn the_verifier_names_what_it_does_not_read() {
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

/// Random portfolios whose lots, sums and deficiencies a second program computes, unit by
/// unit (`verify/trades`).
pub(crate) fn the_reference_of_lots_agrees_on_random_portfolios() {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/trades/driver.py");
    let mut command = Command::new("python3");
    command.arg(driver).arg(env!("CARGO_BIN_EXE_payout"));
    let said = feed(command.args(["--cases", "100"]), b"");
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
}

/// Random lives of settlements whose bank balance a second program follows (`verify/lives`).
pub(crate) fn a_bank_that_only_sees_money_agrees_on_random_lives() {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/lives/driver.py");
    let mut command = Command::new("python3");
    command.arg(driver).arg(env!("CARGO_BIN_EXE_payout"));
    let said = feed(command.args(["--cases", "60"]), b"");
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
}

pub(crate) fn the_verifier_agrees_with_what_is_published() {
    for vector in payable() {
        verified(&vector.run()).unwrap_or_else(|why| panic!("{}: {why}", vector.id));
    }
}
