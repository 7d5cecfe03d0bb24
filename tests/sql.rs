//! A plan as a query for DuckDB: as text, and run where DuckDB is.

use std::path::Path;
use std::process::Command;

use crate::generator::dice::Dice;
use crate::golden::differs_from_golden;
use crate::support::{Job, feed, records};

#[test]
fn the_built_in_plan_is_written_as_a_query() {
    let said = Job::new().payout(&["plan", "--sql", "duckdb"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let problem = differs_from_golden(&root.join("tests/sql/tiktok.sql"), &said.stdout);
    assert_eq!(problem, None);
}

const HEAD: &str = "[settlement]\nname = \"S\"\n[fund]\namount = 1000.01\n";

#[test]
fn plans_outside_are_refused_with_their_line() {
    for (pool, words) in [
        ("award = 5", "has an `award` (line 7 of the plan)"),
        (
            "shares = 1\nat_most = 5",
            "has `at_most` (line 8 of the plan)",
        ),
        (
            "shares = 1\nat_least = 5",
            "has `at_least` (line 8 of the plan)",
        ),
        ("shares = 1\nless = 5", "has `less` (line 8 of the plan)"),
        (
            "shares = 1\ndrop = { below = 5, method = \"all-at-once\" }",
            "has `drop`",
        ),
        (
            "shares = [{ add = { column = \"c\" } }]",
            "computes shares from column `c` (line 7 of the plan)",
        ),
        (
            "shares = 1\nwhen = { c = { from = 5 } }",
            "compares column `c` with a range of numbers",
        ),
        (
            "shares = 1\nwhen = { c = \"a\\u001bb\" }",
            "has a control character in `a\\u{1b}b`",
        ),
        (
            "shares = 1\n[[pool]]\nname = \"q\"\nshares = 1",
            "has several pools (line 9 of the plan)",
        ),
        ("shares = 1\n[claims]\nrows = \"sum\"", "adds up rows"),
    ] {
        let job = Job::with(&[("p.toml", &format!("{HEAD}[[pool]]\nname = \"p\"\n{pool}\n"))]);
        let said = job.payout(&["plan", "p.toml", "--sql", "duckdb"]);
        assert_eq!((said.stdout.as_str(), said.status), ("", 2), "{pool}");
        assert!(said.stderr.contains(words), "{pool}: {}", said.stderr);
    }
}

/// A plan and claims with the query for them.
struct Query {
    plan: String,
    claims: String,
    job: Job,
}

impl Query {
    fn new(plan: String, claims: String) -> Self {
        let job = Job::with(&[("p.toml", &plan), ("claims.csv", &claims)]);
        let said = job.payout(&["plan", "p.toml", "--sql", "duckdb"]);
        assert_eq!(said.status, 0, "{}\n{plan}", said.stderr);
        let query = said.stdout.trim_end().trim_end_matches(';');
        job.write(
            "q.sql",
            format!("COPY ({query}) TO 'out.csv' (HEADER, NULLSTR 'NULL');"),
        );
        Self { plan, claims, job }
    }
}

const DUCKDB: &str = "
import duckdb, os, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    try:
        duckdb.sql(open('q.sql').read())
    except duckdb.Error as error:
        open('refused', 'w').write(str(error))
";

/// Carries out queries in DuckDB, in one process; `Err` is what it said, `None` that it
/// is not here.
fn duckdb(queries: &[Query]) -> Option<Vec<Result<String, String>>> {
    let mut import = Command::new("python3");
    let output = import.args(["-c", "import duckdb"]).output();
    if !output.is_ok_and(|output| output.status.success()) {
        crate::support::skipped("DuckDB for Python");
        return None;
    }
    let mut python = Command::new("python3");
    python.args(["-c", DUCKDB]);
    python.args(queries.iter().map(|query| query.job.path(".")));
    let said = feed(&mut python, b"");
    assert_eq!(said.status, 0, "{}", said.stderr);
    let result = |query: &Query| match query.job.path("refused").exists() {
        true => Err(query.job.read("refused")),
        false => Ok(query.job.read("out.csv")),
    };
    Some(queries.iter().map(result).collect())
}

/// Compares queries with payouts.csv: for how many both pay, where the others are refused
/// by both; `None` where DuckDB is not here.
fn agreed(queries: &[Query]) -> Option<usize> {
    let mut paid = 0;
    for (query, found) in queries.iter().zip(duckdb(queries)?) {
        let Query { plan, claims, job } = query;
        let run = job.payout(&["compute", "claims.csv", "--plan", "p.toml", "--quiet"]);
        match (run.status, found) {
            (0, Ok(found)) => {
                let wanted = job.read("payouts/payouts.csv");
                assert_eq!(records(&found), records(&wanted), "{plan}\n{claims}");
                paid += 1;
            }
            (2, Err(_)) => {}
            (status, found) => panic!("{status} {} {found:?}\n{plan}\n{claims}", run.stderr),
        }
    }
    Some(paid)
}

#[test]
fn duckdb_pays_the_same_for_the_example_and_for_random_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiktok");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let example = Query::new(read("plan.toml"), read("claims.csv"));
    assert_eq!(
        agreed(&[example]).unwrap_or(1),
        1,
        "both refuse the example"
    );
    let random = (0..40).map(|seed| {
        let (plan, claims) = case(&mut Dice::new(seed));
        Query::new(plan, claims)
    });
    let Some(paid) = agreed(&random.collect::<Vec<_>>()) else {
        return;
    };
    assert!(paid >= 20, "only {paid} of 40 were paid");
}

#[test]
fn duckdb_stops_at_ids_that_occur_twice_and_statuses_that_are_unknown() {
    let plan = format!(
        "{HEAD}[claims]\nstatus = \"s\"\npay = [\"ok\"]\n[[pool]]\nname = \"p\"\nshares = 1\n"
    );
    let queries = ["a,ok\na,ok\n", "a,ok\nb,no\n"]
        .map(|rows| Query::new(plan.clone(), format!("claimant_id,s\n{rows}")));
    assert_eq!(agreed(&queries).unwrap_or(0), 0);
}

/// A plan that the query can carry out, and claims for it.
fn case(dice: &mut Dice) -> (String, String) {
    let rounds = [
        "round = \"down\"",
        "round = \"largest-remainder\"",
        "round = \"nearest\"",
        "round = \"half-even\"",
        "unit = \"share\"",
    ];
    let cents = dice.between(100, 9_999_999);
    let plan = format!(
        "[settlement]\nname = \"S\"\n[fund]\namount = {}.{:02}\n\
         [claims]\nstatus = \"st\"\npay = [\"it's'; --\"]\nhold = [\"h\"]\ndeny = [\"d\"]\n\
         [[exclude]]\nreason = \"late\"\nwhen = {{ on = {{ from = 2022-03-02, blank = {} }} }}\n\
         [subclass.\"a,b\"]\nname = \"A\"\nwhen = {{ \"co\\\"l'\" = [\"x\", \"o'x\"] }}\n\
         [subclass.c]\nname = \"C\"\nwhen = {{ \"co\\\"l'\" = {{ not = \"x\" }} }}\n\
         [[pool]]\nname = \"p\"\n{}\n{}\nshares = [\n\
         {{ add = {}.{} }},\n\
         {{ add = {}, when = {{ in = \"a,b\" }} }},\n\
         {{ times = 1.{}, when = {{ in = [\"a,b\", \"c\"] }} }},\n\
         {{ subtract = 0.25, when = {{ \"co\\\"l'\" = {{ blank = true }} }} }},\n]\n",
        cents / 100,
        cents % 100,
        dice.chance(50),
        dice.pick(&["", "percent = 33.3", "up_to = 500", "fraction = \"1/3\""]),
        dice.pick(&rounds),
        dice.between(1, 9),
        dice.below(100),
        dice.between(1, 50),
        dice.below(10),
    );
    let mut claims = "claimant_id,\"co\"\"l'\",on,st\n".to_owned();
    for row in 0..dice.between(1, 40) {
        claims += &format!(
            "{}{},{},{},{}\n",
            dice.pick(&["a", "B", "é", " b", "#"]),
            row,
            dice.pick(&["x", "o'x", "", "y", " x ", "\"q\"\"\""]),
            dice.pick(&["", "2022-03-01", "2022-03-02", "2022-03-01T23:59:59"]),
            dice.pick(&["it's'; --", "it's'; --", "it's'; --", "h", "d"]),
        );
    }
    (plan, claims)
}
