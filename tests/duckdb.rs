//! A plan as a query, run in DuckDB.

use std::path::Path;
use std::process::Command;

use crate::generator::dice::Dice;
use crate::sql::HEAD;
use crate::support::{Job, feed, records};

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

/// Carries out queries in DuckDB, in one process; `Err` is what it said.
fn duckdb(queries: &[Query]) -> Vec<Result<String, String>> {
    let mut python = Command::new("python3");
    python.args(["-c", DUCKDB]);
    python.args(queries.iter().map(|query| query.job.path(".")));
    let said = feed(&mut python, b"");
    assert_eq!(said.status, 0, "{}", said.stderr);
    let result = |query: &Query| match query.job.path("refused").exists() {
        true => Err(query.job.read("refused")),
        false => Ok(query.job.read("out.csv")),
    };
    queries.iter().map(result).collect()
}

/// Compares queries with payouts.csv: for how many both pay, where the others are refused
/// by both.
fn agreed(queries: &[Query]) -> usize {
    let mut paid = 0;
    for (query, found) in queries.iter().zip(duckdb(queries)) {
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
    paid
}

pub(crate) fn duckdb_pays_the_same_for_the_example_and_for_random_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiktok");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let example = Query::new(read("plan.toml"), read("claims.csv"));
    assert_eq!(agreed(&[example]), 1, "both refuse the example");
    let random = (0..40).map(|seed| {
        let (plan, claims) = case(&mut Dice::new(seed));
        Query::new(plan, claims)
    });
    let paid = agreed(&random.collect::<Vec<_>>());
    assert!(paid >= 20, "only {paid} of 40 were paid");
}

pub(crate) fn duckdb_stops_at_ids_that_occur_twice_and_statuses_that_are_unknown() {
    let plan = format!(
        "{HEAD}[claims]\nstatus = \"s\"\npay = [\"ok\"]\n[[pool]]\nname = \"p\"\nshares = 1\n"
    );
    let queries = ["a,ok\na,ok\n", "a,ok\nb,no\n"]
        .map(|rows| Query::new(plan.clone(), format!("claimant_id,s\n{rows}")));
    assert_eq!(agreed(&queries), 0);
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
