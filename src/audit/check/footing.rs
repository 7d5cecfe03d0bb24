//! Adds up the files of a run without its claims: rows across, columns down, and both
//! against the figures of summary.json.

use std::path::Path;

use anyhow::Result;
use csv::StringRecord;
use serde_json::Value;

use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::check::rows::{FoundFiles, FoundRows};
use crate::base::diagnostics::{Failure, quotable};
use crate::base::money::{self, Money};
use crate::base::regular_file::{open_file, read_file};
use crate::plan::Plan;
use crate::run::file_names::{HELD, PAYOUTS, SUMMARY, UNPAID};
use crate::run::rows::{OutputColumn, OutputKind, columns};

/// The sums of a file.
#[derive(Debug)]
struct FileSums {
    found: FoundRows,
    /// By column, the sum of its amounts.
    sums: Vec<Money>,
}

/// Adds up payouts.csv, held.csv and unpaid.csv and compares them with the summary.
pub(crate) fn of_run(run: &Path, plan: &Plan, findings: &CheckFindings) -> Result<FoundFiles> {
    let summary = read_file(&run.join(SUMMARY)).unwrap_or_default();
    let summary: Value = serde_json::from_slice(&summary).unwrap_or_default();
    let mut files = FoundFiles::default();
    for (name, columns) in [PAYOUTS, HELD, UNPAID].into_iter().zip(columns(plan)) {
        let footing = Footing {
            run,
            plan,
            name,
            columns: &columns,
            findings,
        };
        let sums = footing.add_up()?;
        footing.compare(&sums, &summary)?;
        files.0.push(sums.found);
    }
    Ok(files)
}

/// The claim rows that the summary counts.
pub(crate) fn claim_rows(run: &Path) -> Option<u64> {
    let summary: Value = serde_json::from_slice(&read_file(&run.join(SUMMARY)).ok()?).ok()?;
    summary.pointer("/claims/rows")?.as_u64()
}

/// A file of the run to be added up.
struct Footing<'a> {
    run: &'a Path,
    plan: &'a Plan,
    name: &'static str,
    columns: &'a [OutputColumn],
    findings: &'a CheckFindings,
}

impl Footing<'_> {
    fn add_up(&self) -> Result<FileSums> {
        let mut sums = FileSums {
            found: FoundRows {
                name: self.name,
                ..FoundRows::default()
            },
            sums: vec![Money::ZERO; self.columns.len()],
        };
        // The missing file was reported when the folder was compared with its manifest.
        let Ok(file) = open_file(&self.run.join(self.name)) else {
            return Ok(sums);
        };
        sums.found.is_there = true;
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.flexible(true).from_reader(file);
        let broken = |error: csv::Error| Failure::reading(self.name, error.into());
        let header = reader.headers().map_err(broken)?;
        let expected = self.columns.iter().map(|column| column.name.as_str());
        if !header.iter().eq(expected.clone()) {
            let expected = expected.collect::<Vec<_>>().join(",");
            let found = header.iter().collect::<Vec<_>>().join(",");
            self.note(Some(0), "", &expected, &found)?;
            return Ok(sums);
        }
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(broken)? {
            sums.found.rows += 1;
            self.row(&record, &mut sums)?;
        }
        let payout = self.place(OutputKind::Payout);
        let payout = payout.and_then(|place| sums.sums.get(place));
        sums.found.payouts = payout.copied().unwrap_or(Money::ZERO);
        Ok(sums)
    }

    /// Adds a row to the sums. Its payout must be the sum of what pools pay, and that
    /// of its portions.
    fn row(&self, record: &StringRecord, sums: &mut FileSums) -> Result<()> {
        let row = Some(sums.found.rows);
        let decimals = self.plan.settlement.currency.decimals();
        let (mut payout, mut pools, mut portions) = (Money::ZERO, None, None);
        let mut claim_rows = 1;
        for (place, column) in self.columns.iter().enumerate() {
            let cell = record.get(place).unwrap_or_default();
            let of = match column.kind {
                // In a file without payouts, it is the number of the row in the claims.
                OutputKind::Rows if self.place(OutputKind::Payout).is_some() => {
                    claim_rows = cell.parse().unwrap_or(0);
                    continue;
                }
                OutputKind::Text | OutputKind::Rows | OutputKind::Shares | OutputKind::Award => {
                    continue;
                }
                OutputKind::Payout => &mut payout,
                OutputKind::PoolPayout(_) => pools.get_or_insert(Money::ZERO),
                OutputKind::Portion(_) => portions.get_or_insert(Money::ZERO),
            };
            let amount = money::from_text(cell, decimals);
            let sum = sums.sums.get_mut(place);
            let added = amount.zip(sum).and_then(|(amount, sum)| {
                *sum = sum.plus(amount)?;
                *of = of.plus(amount)?;
                Some(())
            });
            if added.is_none() {
                self.note(row, &column.name, "an amount", cell)?;
            }
        }
        sums.found.claim_rows += claim_rows;
        let text = |amount: Money| self.plan.settlement.currency.text(amount);
        for (what, parts) in [("payouts from pools", pools), ("portions", portions)] {
            if let Some(parts) = parts.filter(|parts| *parts != payout) {
                let what = format!("sum of the {what}");
                self.note(row, &what, &text(payout), &text(parts))?;
            }
        }
        Ok(())
    }

    fn compare(&self, sums: &FileSums, summary: &Value) -> Result<()> {
        let (rows, pool, total) = match self.name {
            PAYOUTS => ("/payouts/count", "paid", "/payouts/total"),
            HELD => ("/held/count", "held", "/held/total"),
            _ => ("/claims/unpaid_rows", "", ""),
        };
        let figure = |pointer: &str| match summary.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "nothing".to_owned(),
        };
        let compare = |what: &str, pointer: &str, found: &str| {
            let expected = figure(pointer);
            if expected == found {
                return Ok(());
            }
            let point = pointer.trim_start_matches('/').replace('/', ".");
            let what = format!("{what}, against {point} of {SUMMARY}");
            self.note(None, &what, &expected, found)
        };
        compare("rows", rows, &sums.found.rows.to_string())?;
        for (column, sum) in self.columns.iter().zip(&sums.sums) {
            let sum = self.plan.settlement.currency.text(*sum);
            let what = format!("sum of column {}", quotable(&column.name));
            match column.kind {
                OutputKind::PoolPayout(number) => {
                    compare(&what, &format!("/pools/{number}/{pool}"), &sum)?;
                }
                OutputKind::Payout => compare(&what, total, &sum)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn place(&self, kind: OutputKind) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == kind)
    }

    fn note(&self, row: Option<u64>, what: &str, expected: &str, found: &str) -> Result<()> {
        self.findings.add(CheckFinding {
            row,
            ..CheckFinding::of_file(self.name, what, expected, found)
        })
    }
}
