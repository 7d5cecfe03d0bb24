//! Properties tried on random plans and claims.
//!
//! `PAYOUT_CASES=3000 cargo test` tries ten times as many cases as usual. Of those that
//! fail, the first is reduced to a few lines, and shown with its seed.

use std::any::Any;
use std::fmt::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use payout::internals::exit_status;
use payout::{CheckJob, ComputeJob, Input, NoProgress, Plan, Verdict};
use serde_json::Value;

use crate::generator::{Defect, drawn};
use crate::shrink::shrink;
use crate::support::{Job, records};

/// The files whose every byte follows from plan and claims.
pub(crate) const LISTS: [&str; 3] = ["payouts.csv", "held.csv", "unpaid.csv"];

/// A plan with its claims, and a folder that holds both.
pub(crate) struct Case {
    pub plan: String,
    pub claims: String,
    pub defect: Option<Defect>,
    pub job: Job,
}

/// Why there is no run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u8,
    pub text: String,
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Refusal {
            status: exit_status(&error),
            text: format!("{error:#}"),
        }
    }
}

impl Case {
    pub(crate) fn new(seed: u64) -> Self {
        let drawn = drawn(seed);
        Self::of(drawn.plan, drawn.claims, drawn.defect)
    }

    pub(crate) fn of(plan: String, claims: String, defect: Option<Defect>) -> Self {
        let job = Job::with(&[("plan.toml", &plan), ("claims.csv", &claims)]);
        Self {
            plan,
            claims,
            defect,
            job,
        }
    }

    pub(crate) fn loaded_plan(&self) -> Result<Plan, Refusal> {
        Ok(Plan::from_text("plan.toml", &self.plan).map_err(anyhow::Error::from)?)
    }

    /// Computes the claims into the folder `run`.
    pub(crate) fn compute(&self) -> Result<(), Refusal> {
        self.compute_with("claims.csv", "run", |_| {})
    }

    /// Computes any claims into any folder, with options.
    pub(crate) fn compute_with(
        &self,
        claims: &str,
        out: &str,
        options: impl FnOnce(&mut ComputeJob<'_>),
    ) -> Result<(), Refusal> {
        let plan = self.loaded_plan()?;
        let inputs = [Input::named(&self.job.path(claims), None)];
        let out = self.job.path(out);
        let mut job = ComputeJob::new(&plan, &inputs, &out);
        // Several cases are computed at the same time.
        job.threads = 1;
        options(&mut job);
        let computed = payout::compute(&job, &NoProgress, &|_| Ok(())).map(drop);
        computed.map_err(|error| {
            let mut refusal = Refusal::from(error);
            // Where the folder is means nothing.
            let folder = self.job.path("");
            refusal.text = refusal.text.replace(&*folder.to_string_lossy(), "");
            refusal
        })
    }

    /// Checks the folder `run`.
    pub(crate) fn check(&self) -> Result<(), String> {
        let files = [self.job.path("claims.csv")];
        let run = self.job.path("run");
        let verdict: Verdict = payout::check(&CheckJob::new(&run, &files), &NoProgress)
            .map_err(|error| format!("the run cannot be checked: {error:#}"))?;
        sure(verdict.holds && verdict.second.is_some(), || {
            format!("the run does not hold when it is checked: {verdict:?}")
        })
    }

    pub(crate) fn summary(&self, out: &str) -> Value {
        serde_json::from_str(&self.job.read(&format!("{out}/summary.json"))).unwrap()
    }

    /// The records of a list of a run, without their header.
    pub(crate) fn list(&self, out: &str, name: &str) -> Vec<Vec<String>> {
        records(&self.job.read(&format!("{out}/{name}"))).split_off(1)
    }

    /// Every byte of the lists of two runs is the same.
    pub(crate) fn same_lists(&self, out: &str, other: &str) -> Result<(), String> {
        LISTS.into_iter().try_for_each(|name| {
            let read = |run: &str| self.job.read(&format!("{run}/{name}"));
            sure(read(out) == read(other), || format!("{name} differs"))
        })
    }
}

pub(crate) fn sure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Tries a property on so many cases, more or fewer with `PAYOUT_CASES`; a property
/// returns what does not hold.
pub(crate) fn hold(of_300: u64, property: impl Fn(&Case) -> Result<(), String> + Sync) {
    let wanted = std::env::var("PAYOUT_CASES").ok();
    let wanted = wanted.map_or(300, |number| number.parse::<u64>().unwrap());
    let cases = (wanted * of_300).div_ceil(300);
    let property = |case: &Case| {
        panic::catch_unwind(AssertUnwindSafe(|| property(case)))
            .unwrap_or_else(|panic| Err(words_of(panic.as_ref())))
    };
    let workers = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let work = |worker: u64| {
        let seeds = (worker..cases).step_by(workers as usize);
        let failing = seeds.filter_map(|seed| Some((seed, property(&Case::new(seed)).err()?)));
        failing.collect::<Vec<_>>()
    };
    let mut failures = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        let done = threads.into_iter().flat_map(|one| one.join().unwrap());
        done.collect::<Vec<_>>()
    });
    failures.sort();
    let Some((seed, problem)) = failures.first() else {
        return;
    };
    let mut seeds = String::new();
    for (seed, problem) in &failures {
        let line = problem.lines().next().unwrap_or_default();
        let _ = writeln!(seeds, "seed {seed}: {line}");
    }
    panic!(
        "does not hold for {} of {cases} seeds\n{seeds}\n{}",
        failures.len(),
        reduced(&Case::new(*seed), problem, &property)
    );
}

/// The smallest case found that fails in the same way, as text.
fn reduced(case: &Case, problem: &str, property: &impl Fn(&Case) -> Result<(), String>) -> String {
    let tried = |plan: &str, claims: &str| {
        let case = Case::of(plan.to_owned(), claims.to_owned(), case.defect);
        property(&case).err()
    };
    let (plan, claims) = shrink(&case.plan, &case.claims, &|plan, claims| {
        tried(plan, claims).is_some_and(|other| kind(&other) == kind(problem))
    });
    let problem = tried(&plan, &claims).unwrap_or_else(|| problem.to_owned());
    format!("the first, reduced: {problem}\n--- plan.toml\n{plan}\n--- claims.csv\n{claims}\n")
}

/// What two failures for the same reason have in common: the words of the first line.
fn kind(problem: &str) -> String {
    let line = problem.lines().next().unwrap_or_default();
    let words = line.split('`').step_by(2);
    words
        .collect::<String>()
        .replace(|c: char| c.is_ascii_digit(), "")
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("it panics: {}", words.unwrap_or_default())
}
