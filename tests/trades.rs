//! Matching of trades, by examples that others have published and by some computed by
//! hand: each folder of `trades` has a plan, claims, trades, and in `expect` what comes
//! out, a fact on each line: `published` or `hand`, then
//!
//! | fact | is |
//! |---|---|
//! | `sum`, claimant, column, filter, number | the column of lots.csv, added up; a filter is `column=text` |
//! | `sums`, claimant, columns, filter, numbers | the columns, lot by lot |
//! | `cells`, claimant, columns, filter, texts | the same as texts; `-` is a blank, and `/` ends a lot |
//! | `payout`, claimant, amount | `-` for none |
//! | `balance`, claimant, text | `off` if a deficiency says so |
//! | `deficiency`, claimant, row or `-`, text | a line of deficiencies.csv |
//! | `deficiencies`, number | the number of its lines |

use std::fs;
use std::path::{Path, PathBuf};

use num_bigint::BigInt;
use num_rational::Ratio;

use crate::support::{Job, names, records};

type Row = Vec<(String, String)>;

/// The run of a folder.
struct Run {
    lots: Vec<Row>,
    deficiencies: Vec<Row>,
    payouts: Vec<Row>,
}

impl Run {
    fn of(folder: &Path) -> Self {
        let job = Job::new();
        let path = |name: &str| folder.join(name).display().to_string();
        let (claims, plan, trades) = (path("claims.csv"), path("plan.toml"), path("trades.csv"));
        let files = [claims.as_str(), "--plan", &plan, "--trades", &trades];
        let said = job.payout(&[&["compute", "--quiet"], &files[..]].concat());
        assert_eq!(said.status, 0, "{}: {}", folder.display(), said.stderr);
        let checked = ["check", "payouts", "--claims", &claims, "--trades", &trades];
        let said = job.payout(&checked);
        assert_eq!(said.status, 0, "{}: {}", folder.display(), said.stdout);
        let rows = |name: &str| rows(&job.read(&format!("payouts/{name}.csv")));
        Self {
            lots: rows("lots"),
            deficiencies: rows("deficiencies"),
            payouts: rows("payouts"),
        }
    }

    /// The cells of a claimant's lots in some columns.
    fn cells(&self, claimant: &str, columns: &str, filter: &str) -> Vec<Vec<String>> {
        let its = self.lots.iter().filter(|lot| {
            let is_kept = filter
                .split_once('=')
                .is_none_or(|(column, text)| cell(lot, column) == text);
            cell(lot, "claimant_id") == claimant && is_kept
        });
        let cells = |lot: &Row| {
            columns
                .split(' ')
                .map(|name| cell(lot, name).to_owned())
                .collect()
        };
        its.map(cells).collect()
    }

    /// The fact as it is in the run, in the words in which it is expected.
    fn found(&self, fact: &[&str]) -> String {
        match *fact {
            ["sum", claimant, column, filter, expected] => {
                let cells = self.cells(claimant, column, filter).concat();
                let sum: Ratio<BigInt> = cells.iter().map(|cell| number(cell)).sum();
                same(&sum, expected)
            }
            ["sums", claimant, columns, filter, expected] => {
                let cells = self.cells(claimant, columns, filter).concat();
                let expected: Vec<&str> = expected.split(' ').collect();
                if cells.len() != expected.len() {
                    return cells.join(" ");
                }
                let pairs = cells.iter().zip(expected);
                let found: Vec<String> = pairs.map(|(cell, of)| same(&number(cell), of)).collect();
                found.join(" ")
            }
            ["cells", claimant, columns, filter, _] => {
                let blank = |cell: String| {
                    if cell.is_empty() {
                        "-".to_owned()
                    } else {
                        cell
                    }
                };
                let lots = self.cells(claimant, columns, filter).into_iter();
                let lots = lots.map(|lot| lot.into_iter().map(blank).collect::<Vec<_>>().join(" "));
                lots.collect::<Vec<_>>().join(" / ")
            }
            ["payout", claimant, _] => {
                let mut payouts = self.payouts.iter();
                let payout = payouts.find(|row| cell(row, "claimant_id") == claimant);
                payout.map_or("-", |row| cell(row, "payout")).to_owned()
            }
            ["balance", claimant, expected] => {
                let mut lines = self.deficiencies.iter();
                let is_off = lines.any(|line| {
                    let text = cell(line, "deficiency");
                    cell(line, "claimant_id") == claimant
                        && text.contains("closing")
                        && text.contains("by the trades")
                });
                let is_expected = is_off == (expected == "off");
                if is_expected {
                    expected
                } else {
                    "another balance"
                }
                .to_owned()
            }
            ["deficiency", claimant, row, expected] => {
                let row = if row == "-" { "" } else { row };
                let mut lines = self.deficiencies.iter();
                let is_there = lines.any(|line| {
                    cell(line, "claimant_id") == claimant
                        && cell(line, "row") == row
                        && cell(line, "deficiency") == expected
                });
                if is_there { expected } else { "no such line" }.to_owned()
            }
            ["deficiencies", _] => self.deficiencies.len().to_string(),
            _ => panic!("{fact:?}"),
        }
    }
}

fn rows(text: &str) -> Vec<Row> {
    let records = records(text);
    let (header, rows) = records.split_first().unwrap();
    let named = |row: &Vec<String>| header.iter().cloned().zip(row.iter().cloned()).collect();
    rows.iter().map(named).collect()
}

fn cell<'r>(row: &'r Row, name: &str) -> &'r str {
    let found = row.iter().find(|(column, _)| column == name);
    &found.unwrap_or_else(|| panic!("no column {name}")).1
}

/// A decimal or a fraction; a blank is 0.
fn number(text: &str) -> Ratio<BigInt> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let (whole, decimals) = above.split_once('.').unwrap_or((above, ""));
    let digits = format!("{whole}{decimals}");
    let digits: BigInt = if digits.is_empty() {
        BigInt::ZERO
    } else {
        digits.parse().unwrap()
    };
    let below = below.parse::<BigInt>().unwrap() * BigInt::from(10).pow(decimals.len() as u32);
    Ratio::new(digits, below)
}

/// What is expected, if the number is that.
fn same(found: &Ratio<BigInt>, expected: &str) -> String {
    match *found == number(expected) {
        true => expected.to_owned(),
        false => found.to_string(),
    }
}

fn folders() -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trades");
    names(&folder)
        .into_iter()
        .map(move |name| folder.join(name))
}

#[test]
fn published_examples_of_matching_come_out() {
    let (mut wrong, mut facts) = (Vec::new(), 0);
    for folder in folders() {
        let run = Run::of(&folder);
        let expected = fs::read_to_string(folder.join("expect")).unwrap();
        for line in expected.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split('|').map(str::trim).collect();
            let fact = &words[1..];
            let found = run.found(fact);
            if found != *fact.last().unwrap() {
                wrong.push(format!("{}: {line}: {found}", folder.display()));
            }
            facts += 1;
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(facts >= 18, "{facts} facts");
}
