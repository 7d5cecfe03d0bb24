//! Exports that were made before: nobody in them is paid again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::layout::{Choices, Pays};
use super::maker::{Batch, Maker};
use super::manifest::{self, Listed};
use crate::diagnostic::{Refusal, count, literal};
use crate::money::Money;
use crate::recorded;

/// How many claimants are named.
const NAMED: usize = 5;

/// The payments of an export that was made before.
#[derive(Debug)]
pub struct Earlier {
    shown: String,
    pays: Pays,
    date: Option<String>,
    /// The run that it is of.
    seal: String,
    payments: HashMap<String, Listed>,
    /// Whose check has a number.
    checks: HashMap<String, String>,
}

/// Reads exports that were made before.
pub fn read(folders: &[PathBuf]) -> Result<Vec<Earlier>> {
    folders.iter().map(|folder| read_one(folder)).collect()
}

fn read_one(folder: &Path) -> Result<Earlier> {
    let (export, _) = manifest::read(folder)?;
    let listed = manifest::payments(folder, &export)?;
    let pays = export.layout.pays;
    let checks = listed.iter().filter(|_| pays.is_check());
    let checks = checks.map(|listed| (listed.number.clone(), listed.id.clone()));
    Ok(Earlier {
        shown: folder.display().to_string(),
        pays,
        date: export.choices.date,
        seal: export.run.seal,
        checks: checks.collect(),
        payments: listed
            .into_iter()
            .map(|listed| (listed.id.clone(), listed))
            .collect(),
    })
}

/// Refuses to pay whoever is paid by an export that was made before. A check of
/// the same number and date that is printed by one export and listed by the
/// other is one payment.
pub fn refuse_overlap(maker: &Maker<'_>, choices: &Choices, earlier: &[Earlier]) -> Result<()> {
    if maker.layout.pays == Pays::Nothing {
        return Ok(());
    }
    let all = Batch {
        number: 1,
        payments: maker.payments,
        before: 0,
        total: Money::ZERO,
    };
    let currency = maker.plan.settlement.currency;
    for export in earlier {
        let is_other_list = is_other_list(export.pays, maker.layout.pays)
            && export.date == choices.date
            && export.seal == maker.seal;
        let mut twice = Vec::new();
        for payee in maker.payees(&all) {
            let payee = payee?;
            let number = maker.number_of(&payee);
            if let Some(listed) = export.payments.get(payee.id) {
                let payout = currency.text(payee.payout);
                if !is_other_list || listed.number != number || listed.payout != payout {
                    twice.push(payee.id);
                }
            } else if maker.layout.pays.is_check()
                && let Some(other) = export.checks.get(&number)
            {
                let message = format!(
                    "check {number} would be for {}, and is for {} in {}",
                    literal(payee.id),
                    literal(other),
                    export.shown
                );
                let hint = "begin with a number after all that were used";
                return Err(Refusal::new(message, hint).into());
            }
        }
        if !twice.is_empty() {
            return Err(again(&twice, &export.shown).into());
        }
    }
    Ok(())
}

/// Whether of two exports one has checks to be printed, and the other lists
/// them as issued.
pub fn is_other_list(one: Pays, other: Pays) -> bool {
    matches!(
        (one, other),
        (Pays::Check, Pays::Issued) | (Pays::Issued, Pays::Check)
    )
}

fn again(twice: &[&str], shown: &str) -> Refusal {
    let named: Vec<String> = twice.iter().take(NAMED).map(|id| literal(id)).collect();
    let more = match twice.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{} would be paid again, in {shown} already: {}{more}",
        count(twice.len(), "claimant", "claimants"),
        named.join(", ")
    );
    let hint = "leave them out with `when`; a check register and positive pay list one payment if run, numbers and dates are the same";
    Refusal::new(message, hint)
}

/// Exports of the same run that stand beside a new one and were not named.
pub fn beside(run: &Path, out: &Path, named: &[PathBuf]) -> Vec<PathBuf> {
    let parent = match out.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let Ok(seal) = recorded::seal(run) else {
        return Vec::new();
    };
    // A new one that pays nobody pays nobody twice.
    if manifest::read(out).is_ok_and(|(export, _)| export.layout.pays == Pays::Nothing) {
        return Vec::new();
    }
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let is_one = |folder: &PathBuf| {
        let of_run = |export: &manifest::Export| {
            export.run.seal == seal && export.layout.pays != Pays::Nothing
        };
        !same(folder, out)
            && !named.iter().any(|named| same(folder, named))
            && manifest::read(folder).is_ok_and(|(export, _)| of_run(&export))
    };
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut beside: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    beside.sort();
    beside
}
