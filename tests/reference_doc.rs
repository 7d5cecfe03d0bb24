//! Every example of the plan reference, `docs/plan-reference.md`, is run.
//!
//! An example is a block of kind `toml` and the blocks up to the next one. One
//! that begins with the comment `# whole plan` is a plan. Any other becomes one
//! as the reference tells its readers:
//!
//! - lines that begin with a key, not with `[`, stand in a `[[pool]]` named
//!   `class`, with one share for everybody if they give no `shares` or `award`;
//! - what is missing of `[settlement]`, `[fund]`, `[claims]` and `[[pool]]` is
//!   put after it, so that its own lines keep their numbers: see [`LEFT_OUT`].
//!
//! The blocks that go with it:
//!
//! | block | meaning |
//! |---|---|
//! | `csv claims` | the claims file; without one, that of the example before |
//! | `csv trades` | the trades file |
//! | `csv ledger AMOUNT` | the ledger of the reconciliation that the run follows; AMOUNT is left besides void payouts and holds |
//! | `csv payouts`, `csv held`, `csv unpaid`, `csv lots`, `csv deficiencies` | the file of the run, byte for byte |
//! | `csv outcome` | the claims file, and in a last column `=>` what becomes of each row |
//! | `text summary` | facts of summary.json, one a line: `pools.0.rate_exact: 25/3` |
//! | `text` | after `toml error`: what the program says, without places and excerpts of the plan and without the closing count of problems |
//! | `text stderr` | the same, whole |
//! | `text NAME.txt` | a file in the folder of the plan |
//! | `text statement ID` | the statement of a claimant |

use std::collections::BTreeMap;

use crate::docs::page;
use crate::markdown::{Block, Part, parts};
use crate::prior::reconcile;
use crate::support::{Job, records, sha256};

/// What an example may leave out.
const LEFT_OUT: [(&str, &str); 4] = [
    ("[settlement]", "name = \"Example\""),
    ("[fund]", "amount = 100"),
    ("[claims]", "status = false"),
    ("[[pool]]", "name = \"class\"\nshares = 1"),
];

/// Each page has at least this number of examples; fewer means that they were not found.
const AT_LEAST: usize = 15;

const TRADES: &str = "trades.csv";

/// A plan and what is said of it.
struct Example {
    line: usize,
    plan: String,
    refused: bool,
    /// Its own claims file, or that of the example before.
    claims: Option<String>,
    own_claims: bool,
    /// The ledger of a reconciliation, and what is left besides it.
    ledger: Option<(String, String)>,
    /// Files in the folder of the plan.
    files: Vec<(String, String)>,
    expected: Vec<Block>,
}

#[test]
fn every_example_of_the_plan_reference_holds() {
    hold("docs/plan-reference.md");
}

#[test]
fn every_example_of_the_page_with_ways_to_write_rules_holds() {
    hold("docs/how-to-write.md");
}

fn hold(name: &str) {
    let examples = examples(&blocks(&page(name)));
    assert!(examples.len() >= AT_LEAST, "{} examples", examples.len());
    let wrong: Vec<String> = examples.iter().flat_map(wrong_with).collect();
    assert!(wrong.is_empty(), "{name}\n{}", wrong.join("\n"));
}

fn blocks(text: &str) -> Vec<Block> {
    let block = |part| match part {
        Part::Block(block) => Some(block),
        Part::Line(_) => None,
    };
    parts(text).into_iter().filter_map(block).collect()
}

fn examples(blocks: &[Block]) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut claims = None;
    for block in blocks {
        let (line, text) = (block.line, block.text.clone());
        match block.kind.as_str() {
            "toml" | "toml error" => examples.push(Example {
                line,
                plan: whole(&text),
                refused: block.kind == "toml error",
                claims: claims.clone(),
                own_claims: false,
                ledger: None,
                files: Vec::new(),
                expected: Vec::new(),
            }),
            "csv claims" | "csv outcome" => {
                let file = match block.kind.as_str() {
                    "csv claims" => text.clone(),
                    _ => without_outcomes(&text),
                };
                let example = examples.last_mut().unwrap();
                assert!(!example.own_claims, "line {line}: claims twice");
                claims = Some(file.clone());
                example.claims = Some(file);
                example.own_claims = true;
                if block.kind == "csv outcome" {
                    example.expected.push(Block {
                        line,
                        kind: block.kind.clone(),
                        text,
                    });
                }
            }
            "csv trades" => {
                let files = &mut examples.last_mut().unwrap().files;
                files.push((TRADES.to_owned(), text));
            }
            "csv payouts" | "csv held" | "csv unpaid" | "csv lots" | "csv deficiencies"
            | "text summary" | "text" | "text stderr" => {
                examples.last_mut().unwrap().expected.push(Block {
                    line,
                    kind: block.kind.clone(),
                    text,
                });
            }
            kind if kind.starts_with("csv ledger ") => {
                let residual = kind.trim_start_matches("csv ledger ").to_owned();
                examples.last_mut().unwrap().ledger = Some((text, residual));
            }
            kind if kind.starts_with("text statement ") => {
                let (kind, example) = (kind.to_owned(), examples.last_mut().unwrap());
                example.expected.push(Block { line, kind, text });
            }
            kind if kind.starts_with("text ") && kind.contains('.') => {
                let name = kind.trim_start_matches("text ").to_owned();
                examples.last_mut().unwrap().files.push((name, text));
            }
            kind => panic!("line {line}: no such kind of block: {kind:?}"),
        }
    }
    examples
}

/// The plan of which the example is a part.
fn whole(example: &str) -> String {
    if example.starts_with("# whole plan") {
        return example.to_owned();
    }
    let mut plan = example.to_owned();
    let mut lines = example.lines().filter(|line| !line.starts_with('#'));
    if !lines.next().is_some_and(|line| line.starts_with('[')) {
        plan = format!("[[pool]]\nname = \"class\"\n{example}");
        let gives = |key: &str| example.lines().any(|line| line.starts_with(key));
        if !gives("shares") && !gives("award") {
            plan += "shares = 1\n";
        }
    }
    for (part, content) in LEFT_OUT {
        if !plan.lines().any(|line| line == part) {
            plan += &format!("{part}\n{content}\n");
        }
    }
    plan
}

/// Every plan of the reference, and of the page with ways to write rules, with its place.
pub(crate) fn plans() -> Vec<(String, String)> {
    let of_page = |name: &'static str| {
        let blocks = blocks(&page(&format!("docs/{name}"))).into_iter();
        let plans = blocks.filter(|block| matches!(&*block.kind, "toml" | "toml error"));
        plans.map(move |block| (format!("{name}:{}", block.line), whole(&block.text)))
    };
    let pages = ["plan-reference.md", "how-to-write.md"];
    pages.into_iter().flat_map(of_page).collect()
}

/// What of an example does not hold.
fn wrong_with(example: &Example) -> Vec<String> {
    let job = Job::with(&[("plan.toml", &example.plan)]);
    let complain = |line: usize, found: &str| {
        format!(
            "line {line}, example of line {}, found:\n{found}",
            example.line
        )
    };
    if example.expected.is_empty() {
        return vec![complain(example.line, "nothing that says what it does")];
    }
    if let Some(claims) = &example.claims {
        job.write("claims.csv", claims);
    }
    for (name, text) in &example.files {
        job.write(name, text);
    }
    if let Some((ledger, residual)) = &example.ledger {
        reconcile(&job, "rec-1", "Example", ledger, residual);
    }
    let after: &[&str] = match example.ledger {
        Some(_) => &["--after", "rec-1"],
        None => &[],
    };
    let has_trades = example.files.iter().any(|(name, _)| name == TRADES);
    let said = if example.refused && !example.own_claims && !has_trades {
        job.payout(&["plan", "plan.toml"])
    } else {
        let command = ["compute", "claims.csv", "--plan", "plan.toml", "--quiet"];
        let trades = ["--trades", TRADES];
        let trades = if has_trades { &trades[..] } else { &[] };
        job.payout(&[&command[..], &["--statements"], trades, after].concat())
    };
    let status = if example.refused { 2 } else { 0 };
    let written = job.path("payouts").exists();
    if said.status != status || !said.stdout.is_empty() || written == example.refused {
        let found = format!("status {}\n{}{}", said.status, said.stdout, said.stderr);
        return vec![complain(example.line, &found)];
    }
    let mut wrong = Vec::new();
    for block in &example.expected {
        let found = match block.kind.as_str() {
            "csv payouts" => job.read("payouts/payouts.csv"),
            "csv held" => job.read("payouts/held.csv"),
            "csv unpaid" => job.read("payouts/unpaid.csv"),
            "csv lots" => job.read("payouts/lots.csv"),
            "csv deficiencies" => job.read("payouts/deficiencies.csv"),
            "csv outcome" => outcome(&job, example.claims.as_deref().unwrap()),
            "text summary" => facts(&job, &block.text),
            "text" => in_short(&said.stderr),
            "text stderr" => said.stderr.clone(),
            kind if kind.starts_with("text statement ") => {
                let id = kind.trim_start_matches("text statement ");
                let folder = &sha256(id)[..2];
                job.read(&format!("payouts/statements/{folder}/{id}.txt"))
            }
            kind => panic!("{kind}"),
        };
        if found != block.text {
            wrong.push(complain(block.line, &found));
        }
    }
    wrong
}

/// The claims file within a `csv outcome` block.
fn without_outcomes(text: &str) -> String {
    let rows = records(text);
    assert_eq!(rows[0].last().unwrap(), "=>");
    let cut = |row: &Vec<String>| row[..row.len() - 1].to_vec();
    csv_text(&rows.iter().map(cut).collect::<Vec<_>>())
}

/// The `csv outcome` block that belongs to a run.
fn outcome(job: &Job, claims: &str) -> String {
    let of = |name: &str| records(&job.read(&format!("payouts/{name}.csv")))[1..].to_vec();
    let mut by_id: BTreeMap<String, String> = BTreeMap::new();
    for row in of("payouts") {
        by_id.insert(row[0].clone(), row[row.len() - 1].clone());
    }
    for row in of("held") {
        by_id.insert(row[0].clone(), format!("held {}", row[row.len() - 2]));
    }
    let unpaid: BTreeMap<usize, String> = of("unpaid")
        .into_iter()
        .map(|row| (row[1].parse().unwrap(), row[2].clone()))
        .collect();
    let mut rows = records(claims);
    assert_eq!(by_id.len() + unpaid.len(), rows.len() - 1);
    for (number, row) in rows.iter_mut().enumerate() {
        let outcome = match (number, by_id.get(&row[0])) {
            (0, _) => "=>",
            (_, Some(paid)) => paid,
            (_, None) => unpaid.get(&number).map_or("nowhere", String::as_str),
        };
        row.push(outcome.to_owned());
    }
    csv_text(&rows)
}

fn csv_text(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The same facts, as summary.json has them.
fn facts(job: &Job, expected: &str) -> String {
    let summary: serde_json::Value =
        serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    let fact = |line: &str| {
        let path = line.split(": ").next().unwrap();
        let pointer = format!("/{}", path.replace('.', "/"));
        match summary.pointer(&pointer) {
            Some(serde_json::Value::String(text)) => format!("{path}: {text}\n"),
            Some(other) => format!("{path}: {other}\n"),
            None => format!("{path} is not there\n"),
        }
    };
    expected.lines().map(fact).collect()
}

/// Errors without places and excerpts of the plan, and without the closing
/// count of problems.
fn in_short(stderr: &str) -> String {
    let mut short = String::new();
    for line in stderr.lines() {
        let after_number = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        let excerpt = line.is_empty() || after_number.starts_with('|');
        if excerpt || line.contains(" in the claims; nothing was written") {
            continue;
        }
        let placed = line
            .split_once(": plan.toml:")
            .filter(|(error, _)| error.starts_with("error"));
        let message = placed.and_then(|(error, placed)| Some((error, placed.split_once(": ")?.1)));
        match message {
            Some((error, message)) => short += &format!("{error}: {message}\n"),
            None => short += &format!("{line}\n"),
        }
    }
    short
}
