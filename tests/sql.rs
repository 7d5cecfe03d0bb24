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

/// Runs a query in DuckDB; `Err` is what it said, `None` that it is not here.
fn duckdb(job: &Job, query: &str) -> Option<Result<String, String>> {
    let query = query.trim_end().trim_end_matches(';');
    job.write(
        "q.sql",
        format!("COPY ({query}) TO 'out.csv' (HEADER, NULLSTR 'NULL');"),
    );
    let has = |mut command: Command| command.output().is_ok_and(|output| output.status.success());
    let mut version = Command::new("duckdb");
    version.arg("--version");
    let mut import = Command::new("python3");
    import.args(["-c", "import duckdb"]);
    let mut command = if has(version) {
        let mut command = Command::new("duckdb");
        command.args(["-bail", "-c", ".read q.sql"]);
        command
    } else if has(import) {
        let mut command = Command::new("python3");
        command.args(["-c", "import duckdb; duckdb.sql(open('q.sql').read())"]);
        command
    } else {
        crate::support::skipped("DuckDB");
        return None;
    };
    let said = feed(command.current_dir(job.path(".")), b"");
    Some(match said.status {
        0 => Ok(job.read("out.csv")),
        _ => Err(said.stderr),
    })
}

/// Compares the query with payouts.csv: whether both pay, or both refuse; `None`
/// where DuckDB is not here.
fn agrees(plan: &str, claims: &str) -> Option<bool> {
    let job = Job::with(&[("p.toml", plan), ("claims.csv", claims)]);
    let query = job.payout(&["plan", "p.toml", "--sql", "duckdb"]);
    assert_eq!(query.status, 0, "{}\n{plan}", query.stderr);
    let found = duckdb(&job, &query.stdout)?;
    let run = job.payout(&["compute", "claims.csv", "--plan", "p.toml", "--quiet"]);
    match (run.status, found) {
        (0, Ok(found)) => {
            let wanted = job.read("payouts/payouts.csv");
            assert_eq!(records(&found), records(&wanted), "{plan}\n{claims}");
            Some(true)
        }
        (2, Err(_)) => Some(false),
        (status, found) => panic!("{status} {} {found:?}\n{plan}\n{claims}", run.stderr),
    }
}

#[test]
fn duckdb_pays_the_same_for_the_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiktok");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let agreed = agrees(&read("plan.toml"), &read("claims.csv"));
    assert!(agreed.unwrap_or(true), "both refuse the example");
}

#[test]
fn duckdb_pays_the_same_for_random_plans() {
    let mut paid = 0;
    for seed in 0..40 {
        let (plan, claims) = case(&mut Dice::new(seed));
        match agrees(&plan, &claims) {
            None => return,
            Some(both_pay) => paid += u32::from(both_pay),
        }
    }
    assert!(paid >= 20, "only {paid} of 40 were paid");
}

#[test]
fn duckdb_stops_at_ids_that_occur_twice_and_statuses_that_are_unknown() {
    let plan = format!(
        "{HEAD}[claims]\nstatus = \"s\"\npay = [\"ok\"]\n[[pool]]\nname = \"p\"\nshares = 1\n"
    );
    for rows in ["a,ok\na,ok\n", "a,ok\nb,no\n"] {
        let agreed = agrees(&plan, &format!("claimant_id,s\n{rows}"));
        assert!(!agreed.unwrap_or(false), "{rows}");
    }
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
