//! Compares the independent recomputation with the files of the run.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use num_bigint::BigInt;
use num_traits::Zero;
use serde_json::Value;

use crate::allocate::pool::rate_exact_text;
use crate::audit::check::differences::{CheckFinding, CheckFindings};
use crate::audit::recompute::number::{Fraction, ten_to, whole};
use crate::audit::recompute::{Recomputed, RecomputedPool, recompute};
use crate::base::money::decimal_text;
use crate::base::regular_file::{open_file, read_file};
use crate::claims::input::Input;
use crate::plan::{Plan, WeightKind};
use crate::run::file_names::{FLAGS, HELD, PAYOUTS, SUMMARY};

/// Says which of the two computations found a difference.
const BY_SECOND: &str = "by the independent check";

/// Recomputes everything with another algorithm and compares it with the files. Returns
/// the number of claimants compared.
pub(crate) fn compare(
    run: &Path,
    plan: &Plan,
    inputs: &[Input],
    findings: &CheckFindings,
) -> Result<Option<u64>> {
    let second = match recompute(plan, inputs) {
        Ok(second) => second,
        Err(error) => {
            findings.note("the independent check", "", "", &error.to_string())?;
            return Ok(None);
        }
    };
    for (name, held) in [(PAYOUTS, false), (HELD, true)] {
        compare_list(run, plan, &second, (name, held), findings)?;
    }
    compare_flags(run, plan, &second, findings)?;
    compare_figures(run, plan, &second, findings)?;
    Ok(u64::try_from(second.claimants.len()).ok())
}

fn compare_list(
    run: &Path,
    plan: &Plan,
    second: &Recomputed,
    (name, held): (&str, bool),
    findings: &CheckFindings,
) -> Result<()> {
    // The missing file was reported before.
    let Ok(file) = open_file(&run.join(name)) else {
        return Ok(());
    };
    let decimals = plan.settlement.currency.decimals();
    let mut found = HashMap::new();
    for (row, record) in (1..).zip(csv::Reader::from_reader(file).into_records()) {
        // The malformed row was reported before; later rows are missing.
        let Ok(record) = record else { return Ok(()) };
        let (id, amounts) = amounts(&record, plan, held);
        found.insert(id, (row, amounts));
    }
    let note = |row: Option<u64>, id: &str, expected: String, found: String| {
        findings.add(CheckFinding {
            file: name.to_owned(),
            row,
            claimant_id: Some(id.to_owned()),
            what: BY_SECOND.to_owned(),
            expected,
            found,
        })
    };
    for claimant in second.claimants.iter().filter(|one| one.held == held) {
        let total: BigInt = claimant.payouts.iter().sum();
        if total.is_zero() {
            continue;
        }
        let mut expected = String::new();
        if claimant.payouts.len() > 1 {
            for part in &claimant.payouts {
                expected += &decimal_text(part, decimals);
                expected.push(',');
            }
        }
        expected += &decimal_text(&total, decimals);
        for portion in &claimant.portions {
            expected.push(',');
            expected += &decimal_text(portion, decimals);
        }
        match found.remove(&claimant.id) {
            Some((_, found)) if found == expected => {}
            Some((row, found)) => note(Some(row), &claimant.id, expected, found)?,
            None => note(None, &claimant.id, expected, "no such row".to_owned())?,
        }
    }
    let mut others: Vec<_> = found.into_iter().collect();
    others.sort_by_key(|(_, (row, _))| *row);
    for (id, (row, amounts)) in others {
        note(Some(row), &id, "no such row".to_owned(), amounts)?;
    }
    Ok(())
}

/// Compares flags.csv line by line; the first difference is enough.
fn compare_flags(
    run: &Path,
    plan: &Plan,
    second: &Recomputed,
    findings: &CheckFindings,
) -> Result<()> {
    // The missing file was reported before.
    let Some(file) = open_file(&run.join(FLAGS))
        .ok()
        .filter(|_| plan.has_flags())
    else {
        return Ok(());
    };
    let mut expected = second.flags.iter();
    for (row, record) in (1..).zip(csv::Reader::from_reader(file).into_records()) {
        let record = record.unwrap_or_default();
        let expected = expected.next();
        if expected.is_none_or(|line| record != line.to_vec()) {
            let text = |line: &[String; 4]| line.join(",");
            let expected = expected.map_or_else(|| "no such row".to_owned(), text);
            let found: Vec<&str> = record.iter().collect();
            return findings.add(CheckFinding {
                file: FLAGS.to_owned(),
                row: Some(row),
                claimant_id: record.get(0).map(str::to_owned),
                what: BY_SECOND.to_owned(),
                expected,
                found: found.join(","),
            });
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(line) => {
            let line_text = line.join(",");
            let finding = CheckFinding::of_file(FLAGS, BY_SECOND, &line_text, "no such row");
            findings.add(finding.of_claimant(&line[0]))
        }
    }
}

/// The id and the amounts of a row: of each pool, if there are several, and the payout.
fn amounts(record: &csv::StringRecord, plan: &Plan, held: bool) -> (String, String) {
    let pools = plan.pools.len();
    let after = usize::from(held) + plan.portions.len();
    let last = record.len().saturating_sub(1 + after);
    let mut places = Vec::new();
    if pools > 1 {
        // Shares or award and payout of each pool precede the tax flag, if there is
        // one, and the payout.
        let before = last.saturating_sub(usize::from(plan.tax.is_some()));
        let first = before.saturating_sub(2 * pools);
        places.extend((0..pools).map(|pool| first + 2 * pool + 1));
    }
    // The portions follow the payout.
    places.extend(last..=last + plan.portions.len());
    let cell = |place: usize| record.get(place).unwrap_or_default();
    let amounts: Vec<&str> = places.into_iter().map(cell).collect();
    (cell(0).to_owned(), amounts.join(","))
}

fn compare_figures(
    run: &Path,
    plan: &Plan,
    second: &Recomputed,
    findings: &CheckFindings,
) -> Result<()> {
    let summary = read_file(&run.join(SUMMARY)).unwrap_or_default();
    let summary: Value = serde_json::from_slice(&summary).unwrap_or_default();
    let decimals = plan.settlement.currency.decimals();
    let money = |amount: &BigInt| Some(decimal_text(amount, decimals));
    let mut figures = vec![
        ("/fund/amount".to_owned(), money(&second.fund)),
        ("/fund/net".to_owned(), money(&second.net)),
        ("/residual/amount".to_owned(), money(&second.residual)),
        ("/claims/rows".to_owned(), Some(second.rows.to_string())),
    ];
    let brought_forward = second.brought_forward.as_ref().and_then(money);
    figures.push(("/fund/brought_forward".to_owned(), brought_forward));
    if let Some((count, total)) = &second.removed {
        figures.push(("/payment_drop/dropped".to_owned(), Some(count.to_string())));
        figures.push(("/payment_drop/total".to_owned(), money(total)));
    }
    for (number, amount) in second.deductions.iter().enumerate() {
        figures.push((format!("/fund/deductions/{number}/amount"), money(amount)));
    }
    for (number, (pool, filled)) in plan.pools.iter().zip(&second.pools).enumerate() {
        let unit = match pool.measure {
            WeightKind::Shares => whole(ten_to(decimals)),
            WeightKind::Award => whole(BigInt::from(1)),
        };
        let of_pool = |filled: &RecomputedPool, place: String| {
            let rate = filled.rate.as_ref().map(|rate: &Fraction| rate / &unit);
            [
                ("available", money(&filled.available)),
                ("rate_exact", rate.as_ref().map(rate_exact_text)),
                ("dropped", Some(filled.dropped.to_string())),
            ]
            .map(|(name, figure)| (format!("{place}/{name}"), figure))
        };
        let place = format!("/pools/{number}");
        let unit_rate = filled.unit_rate.as_ref().and_then(money);
        let ahead = filled.ahead.as_ref();
        let count = ahead.map(|(count, _)| count.to_string());
        figures.push((format!("{place}/ahead/participants"), count));
        let total = ahead.and_then(|(_, total)| money(&total.to_integer()));
        figures.push((format!("{place}/ahead/total"), total));
        let reason = filled.not_economical;
        let reason = reason.map(|reason| reason.reason(&pool.name, plan.settlement.currency));
        figures.push((format!("{place}/not_economical"), reason));
        figures.push((format!("{place}/unit_rate"), unit_rate));
        for (part, filled) in filled.parts.iter().enumerate() {
            figures.extend(of_pool(filled, format!("{place}/by/texts/{part}")));
        }
        figures.extend(of_pool(filled, place));
    }
    for (path, expected) in figures {
        let found = match summary.pointer(&path) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        if found != expected {
            let none = || "none".to_owned();
            findings.note(
                SUMMARY,
                &format!("{path}, by the independent check"),
                &expected.unwrap_or_else(none),
                &found.unwrap_or_else(none),
            )?;
        }
    }
    Ok(())
}
