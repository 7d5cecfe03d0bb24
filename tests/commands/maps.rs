//! Cells that a plan reads as other texts.

use crate::support::{Job, records};

/// `map` swaps two tiers, so that no cell may be mistaken for what it is read as.
const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1_000_000

[claims]
status = "status"
pay    = ["approved"]
deny   = ["denied"]

[column.status]
ignore_case = true
map         = { "Yes" = "approved", "NULL" = "denied" }

[column.tier]
map = { "1" = "2", "2" = "1", "one" = "1" }

[column.loss]
map = { "N/A" = "" }

[[exclude]]
reason = "third tier"
when   = { tier = "3" }

[[pool]]
name   = "class"
shares = [
  { add = { column = "tier", table = { 1 = 5, 2 = 3, 3 = 1 } } },
  { add = { column = "loss", blank = 0.5 } },
]
"#;

/// Cells of each column, and the texts that they are read as.
const CELLS: [&[(&str, &str)]; 3] = [
    &[
        ("approved", "approved"),
        ("Yes", "approved"),
        ("YES", "approved"),
        ("Approved", "approved"),
        ("DENIED", "denied"),
        ("null", "denied"),
        ("denied", "denied"),
    ],
    &[("1", "2"), ("2", "1"), ("one", "1"), ("3", "3")],
    &[("2", "2"), ("N/A", ""), ("", ""), ("7", "7")],
];

/// Claims of all cells, as they are written or as they are read. If `losses` are many, no
/// row is like another.
fn claims(rows: usize, losses: bool, read: bool) -> String {
    let mut claims = "claimant_id,status,tier,loss\n".to_owned();
    for number in 0..rows {
        claims += &format!("C{number}");
        for (place, cells) in CELLS.iter().enumerate() {
            let (cell, text) = cells[(number * (place + 3) / 5 + number / 7) % cells.len()];
            let cell = if read { text } else { cell };
            claims += &match (losses, cell) {
                (true, "7") if place == 2 => format!(",{number}"),
                _ => format!(",{cell}"),
            };
        }
        claims += "\n";
    }
    claims
}

fn computed(job: &Job, claims: &str, plan: &str, out: &str, options: &[&str]) -> String {
    let mut arguments = vec!["compute", claims, "--plan", plan, "--out", out, "-q"];
    arguments.extend(options);
    let said = job.payout(&arguments);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job.read(&format!("{out}/summary.json"))
}

#[test]
fn a_run_is_that_of_the_texts_and_counts_every_cell() {
    let exact: String = PLAN
        .lines()
        .filter(|line| !line.starts_with("map") && !line.starts_with("ignore_case"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (rows, losses) in [(40, false), (30_000, false), (30_000, true)] {
        let written = claims(rows, losses, false);
        let job = Job::with(&[
            ("plan.toml", PLAN),
            ("exact.toml", &exact),
            ("claims.csv", &written),
            ("read.csv", &claims(rows, losses, true)),
        ]);
        let summary = computed(&job, "claims.csv", "plan.toml", "run", &["--threads", "1"]);
        let other = computed(&job, "claims.csv", "plan.toml", "two", &["--threads", "4"]);
        assert_eq!(summary, other);
        computed(&job, "read.csv", "exact.toml", "read", &[]);
        for name in ["payouts.csv", "unpaid.csv"] {
            let [run, read] = ["run", "read"].map(|run| job.read(&format!("{run}/{name}")));
            assert_eq!(run, read, "{name}");
        }
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        let cells = records(&written);
        let count = |place: usize, cells_of: &[&str]| {
            let rows = cells.iter().skip(1);
            rows.filter(|row| cells_of.contains(&&*row[place])).count()
        };
        let expected = serde_json::json!([
            {
                "column": "status",
                "mapped": count(1, &["Yes", "YES", "null"]),
                "ignored_case": count(1, &["Approved", "DENIED"]),
            },
            { "column": "tier", "mapped": count(2, &["1", "2", "one"]), "ignored_case": 0 },
            { "column": "loss", "mapped": count(3, &["N/A"]), "ignored_case": 0 },
        ]);
        assert_eq!(summary["mapped"], expected, "{rows}");
        let said = job.payout(&["check", "run", "--claims", "claims.csv"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
}

/// A plan that reads cells in many places.
const EVERYWHERE: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]
rows   = "sum"

[column.status]
ignore_case = true

[column.state]
values      = ["New York", "NJ"]
ignore_case = true

[column.loss]
map = { "N/A" = "", "ten" = "10" }

[column.method]
values = ["check", "PayPal"]
map    = { "cheque" = "check" }

[column.name]
map = { "NULL" = "" }

[value.half]
per   = "row"
steps = [ { add = { column = "loss", blank = 4 } }, { divide = 2 } ]

[[pool]]
name  = "class"
award = [ { add = { column = "half" } } ]

[[pool]]
name   = "rest"
by     = "state"
parts  = { "New York" = 1, "NJ" = 3 }
shares = 1

[payment]
method = "method"

[statement]
columns = ["state", "name"]

[[unique]]
columns    = ["name"]
duplicates = "refuse"
"#;

const ROWS: &str = "claimant_id,status,state,loss,method,name,street
a,Approved,NEW  YORK,ten,cheque,Ann,NULL Street
a,approved,New York,N/A,check,Ann,NULL Street
b,APPROVED,nj,20,PayPal,NULL,1 Main St
c,approved,nj,20,PayPal,NULL,2 Main St
";

#[test]
fn every_rule_sees_the_text() {
    let totals = "[sum]\nloss = 50\n[status]\napproved = 4\n";
    let layout = "[layout]\nname = \"l\"\nabout = \"l\"\npays = \"payment\"\n[file]\nname = \"l-{file}.csv\"\n[[column]]\nname = \"Method\"\ncolumn = \"method\"\n\
                  [[column]]\nname = \"State\"\ncolumn = \"state\"\n\
                  [[column]]\nname = \"Street\"\ncolumn = \"street\"\n\
                  [[column]]\nname = \"Amount\"\npayout = \"decimal\"\n";
    let job = Job::with(&[
        ("plan.toml", EVERYWHERE),
        ("claims.csv", ROWS),
        ("totals.toml", totals),
        ("layout.toml", layout),
    ]);
    let options = ["--expect", "totals.toml", "--statements"];
    computed(&job, "claims.csv", "plan.toml", "run", &options);
    let payouts = records(&job.read("run/payouts.csv"));
    assert_eq!(payouts[1].last().unwrap(), "250.25");
    let summary = job.read("run/summary.txt");
    let section = "Entries standardized under the plan                     Replaced     Case only\n\
                   \x20 Column \"status\"                                              0             2\n";
    assert!(summary.contains(section), "{summary}");
    assert!(
        job.read("run/report.html")
            .contains("Entries standardized under the plan")
    );
    let said = job.payout(&["explain", "run", "a"]);
    let rows = "  Row 1 (claims.csv, line 2): payable (status: approved).\n\
                \x20   Column \"status\": \"Approved\" is read as \"approved\" (ignore_case).\n\
                \x20   Column \"state\": \"NEW  YORK\" is read as \"New York\" (ignore_case).\n\
                \x20   Column \"loss\": \"ten\" is read as \"10\" (map).\n\
                \x20   Column \"method\": \"cheque\" is read as \"check\" (map).\n\
                \x20 Row 2 (claims.csv, line 3): payable (status: approved).\n\
                \x20   Column \"loss\": \"N/A\" is read as a blank (map).\n";
    assert!(said.stdout.contains(rows), "{}", said.stdout);
    for (method, out) in [("check", "checks"), ("PayPal", "others")] {
        let when = format!("method={method}");
        let said = job.payout(&[
            "export",
            "run",
            "--layout",
            "layout.toml",
            "--when",
            &when,
            "--out",
            out,
            "-q",
        ]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    let paid = "check,New York,NULL Street,250.25\n";
    assert_eq!(job.read("checks/l-1.csv").replace('\r', ""), paid);
    let said = job.payout(&["check", "run", "checks", "others"]);
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
}

#[test]
fn a_plan_says_what_is_read_as_what() {
    let job = Job::with(&[("plan.toml", PLAN)]);
    let said = job.payout(&["plan", "plan.toml"]);
    let words = "  In column \"status\", \"Yes\" is read as \"approved\", and \"NULL\" as \"denied\".\n\
                 \x20 In column \"status\", capitals and white space that differ from those of the\n\
                 \x20   plan are ignored.\n\
                 \x20 In column \"tier\", \"1\" is read as \"2\", and \"2\" and \"one\" as \"1\".\n\
                 \x20 In column \"loss\", \"N/A\" is read as blank.\n";
    assert!(said.stdout.contains(words), "{}", said.stdout);
    let shares = PLAN.replace("  { add = { column = \"loss\", blank = 0.5 } },\n", "");
    job.write("shares.toml", shares);
    let said = job.payout(&["plan", "shares.toml", "--sql", "duckdb"]);
    assert!(
        said.stderr.contains("has `map` or `ignore_case`"),
        "{}",
        said.stderr
    );
    // What is generated for a plan is accepted by it.
    let said = job.payout(&[
        "sample",
        "300",
        "--plan",
        "plan.toml",
        "--out",
        "sample.csv",
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    computed(&job, "sample.csv", "plan.toml", "run", &[]);
}

#[test]
fn a_projection_reads_groups_in_the_same_way() {
    let header = "claimant_id,count,status,tier,loss\n";
    let typed = format!("{header}a,100,YES,one,N/A\nb,50,approved,1,2\n");
    let read = format!("{header}a,100,approved,2,\nb,50,approved,1,2\n");
    let job = Job::with(&[
        ("plan.toml", PLAN),
        ("typed.csv", &typed),
        ("read.csv", &read),
    ]);
    let projected = |file: &str| {
        let said = job.payout(&["project", file, "--plan", "plan.toml", "--take-up", "50%"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        said.stdout
    };
    assert_eq!(projected("typed.csv"), projected("read.csv"));
}
