//! `payout sample`: made-up claims that a plan can be tried with.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use payout::internals::allocate::pools;
use payout::internals::claims;
use payout::internals::claims::input::Input;
use payout::internals::plan::{self, Plan, PlanSource, builtin};
use payout::internals::run::sample::Sample;

use crate::catalogue::pages;
use crate::random::Case;
use crate::support::{Job, names, records};

/// The files of these folders that end in `.toml`.
fn files(folders: Vec<PathBuf>) -> impl Iterator<Item = (String, String)> {
    let paths = folders.into_iter().flat_map(|folder| {
        let names = names(&folder).into_iter();
        names.map(move |name| folder.join(name))
    });
    let plans = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    plans.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path.display().to_string(), text)
    })
}

/// The plans of the catalogue of messages.
fn of_messages() -> impl Iterator<Item = (String, String)> {
    let sections = pages().into_iter().flat_map(|page| page.sections);
    let cases = sections.flat_map(|section| section.cases);
    cases.filter_map(|case| {
        let mut files = case.files.into_iter();
        let (_, plan) = files.find(|(name, _)| name == "plan.toml")?;
        Some((case.name, String::from_utf8_lossy(&plan).into_owned()))
    })
}

/// Made-up claims can be divided, or it is said why there are none. Whether there
/// were some.
fn holds(plan: &Plan, rows: u64, seed: u64, job: &Job) -> Result<bool, String> {
    let sample = match Sample::new(plan, rows, seed) {
        Ok(sample) => sample,
        Err(error) => {
            let said = error.to_string();
            let why = said.contains("cannot generate claims that this plan accepts: ")
                || said.contains("the plan accepts no sample trades: ")
                || said.contains(&format!("with {rows} sample claim"));
            return if why { Ok(false) } else { Err(said) };
        }
    };
    let path = job.path("claims.csv");
    sample.write(&mut fs::File::create(&path).unwrap()).unwrap();
    let options = claims::ReadOptions {
        threads: 1,
        ..claims::ReadOptions::default()
    };
    let trades = sample.trades().map(|text| Input::Memory(text.into()));
    let trades = trades.map(|text| Input::Trades(Box::new(text)));
    let inputs: Vec<Input> = [Input::File(path)].into_iter().chain(trades).collect();
    let claims = claims::read(&inputs, plan, &options, &|_| {});
    let mut claims = claims.map_err(|error| error.to_string())?;
    assert_eq!(claims.rows(), rows);
    let divided = pools::distribute(plan, &mut claims);
    divided.map(|_| true).map_err(|error| error.to_string())
}

/// The same for samples of several sizes. Those sizes for which there were none.
fn refused(place: &str, text: &str) -> Vec<u64> {
    let job = Job::new();
    let source = PlanSource {
        folder: Path::new(place)
            .parent()
            .unwrap_or(Path::new(""))
            .to_path_buf(),
        name: "plan.toml".to_owned(),
        shown: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    let Ok(plan) = plan::load(&source) else {
        return Vec::new();
    };
    // A later distribution has claims only with a ledger.
    if plan.fund.prior {
        return Vec::new();
    }
    let sizes = [(1, 1), (2, 5), (7, 3), (100, 2), (100, 9)];
    let refused = sizes.into_iter().filter(|&(rows, seed)| {
        let held = holds(&plan, rows, seed, &job);
        !held.unwrap_or_else(|said| panic!("{place}, {rows} rows, seed {seed}: {said}\n{text}"))
    });
    refused.map(|(rows, _)| rows).collect()
}

#[test]
fn every_plan_has_made_up_claims_or_says_why_it_has_none() {
    let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    let mut plans: Vec<(String, String)> = files(vec![sql]).collect();
    plans.extend(of_messages());
    plans.extend(crate::reference_doc::plans());
    // Many cases of the catalogue have the same plan.
    let mut seen = HashSet::new();
    plans.retain(|(_, text)| seen.insert(text.clone()));
    let plans = plans.iter();
    let refused = plans.map(|(place, text)| (place, refused(place, text)));
    let without: Vec<_> = refused.filter(|(_, sizes)| !sizes.is_empty()).collect();
    assert!(without.len() < seen.len() / 10, "{without:#?}");
}

#[test]
fn every_plan_that_is_shipped_has_made_up_claims() {
    let templates = builtin::TEMPLATES.map(|(name, text)| (name.to_owned(), text.to_owned()));
    for (place, text) in files(crate::examples::folders()).chain(templates) {
        assert_eq!(refused(&place, &text), Vec::<u64>::new(), "{place}");
    }
}

#[test]
fn random_plans_have_made_up_claims_where_they_have_others() {
    let (mut with, mut without) = (0, Vec::new());
    for seed in 0..100 {
        let case = Case::new(seed);
        if case.compute().is_ok() {
            let sizes = refused(&format!("plan {seed}"), &case.plan);
            with += u32::from(sizes.is_empty());
            without.extend((!sizes.is_empty()).then_some((seed, sizes)));
        }
    }
    assert!(without.len() < 10, "{with} have them, not {without:?}");
}

#[test]
fn a_plan_that_can_have_no_claims_says_so() {
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n\
                [[pool]]\nname = \"class\"\nshares = 1\nat_least = 25\n";
    let job = Job::with(&[("plan.toml", plan)]);
    let sample = |rows| job.payout(&["sample", rows, "--plan", "plan.toml", "--out", "claims.csv"]);
    let said = sample("7");
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains(
            "with 7 sample claims: pool `class` is insufficient: \
             the minimum payments require $175.00, but it has $100.00"
        ),
        "{}",
        said.stderr
    );
    assert_eq!(job.names("."), ["plan.toml"]);
    assert_eq!(sample("4").status, 0);
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
fn a_number_that_is_the_same_in_all_rows_is_made_so() {
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\nstatus = false\nrows = \"sum\"\n[column.people]\nrows = \"same\"\n[[pool]]\nname = \"class\"\naward = [ { add = { column = \"loss\" } }, { times = { column = \"people\" } } ]\n";
    let job = Job::with(&[("plan.toml", plan)]);
    let arguments = [
        "sample",
        "300",
        "--plan",
        "plan.toml",
        "--out",
        "claims.csv",
    ];
    assert_eq!(job.payout(&arguments).status, 0);
    let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
}

#[test]
fn ids_that_the_plan_reads_as_numbers_are_numbers() {
    for pool in [
        "shares = [ { add = { column = \"n\" } } ]",
        "shares = 1\nwhen = { n = { to = 30 } }",
    ] {
        let plan = format!(
            "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\nid = \"n\"\nstatus = false\n[[pool]]\nname = \"class\"\n{pool}\n"
        );
        let job = Job::with(&[("plan.toml", &plan)]);
        let arguments = ["sample", "40", "--plan", "plan.toml", "--out", "claims.csv"];
        let said = job.payout(&arguments);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
        assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    }
}

#[test]
fn made_up_claims_can_be_computed_under_the_built_in_plan() {
    let job = Job::new();
    job.payout(&["sample", "1000", "--out", "claims.csv"]);
    let said = job.payout(&["compute", "claims.csv", "--quiet"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
}
