//! Exports that were made before: nobody in them is paid again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::layout::Pays;
use super::maker::{Batch, Maker};
use super::manifest::{self, Listed};
use crate::diagnostic::{Refusal, literal};
use crate::money::Money;
use crate::recorded;

/// How many claimants are named.
const NAMED: usize = 5;

/// The payments of an export that was made before.
#[derive(Debug)]
pub struct Earlier {
    shown: String,
    pays: Pays,
    payments: HashMap<String, Listed>,
}

/// Reads exports that were made before.
pub fn read(folders: &[PathBuf]) -> Result<Vec<Earlier>> {
    folders.iter().map(|folder| read_one(folder)).collect()
}

fn read_one(folder: &Path) -> Result<Earlier> {
    let (export, _) = manifest::read(folder)?;
    let listed = manifest::payments(folder, &export)?;
    let payments = listed.into_iter().map(|listed| (listed.id.clone(), listed));
    Ok(Earlier {
        shown: folder.display().to_string(),
        pays: export.layout.pays,
        payments: payments.collect(),
    })
}

/// Refuses to pay whoever is paid by an export that was made before. A check
/// that stands there with the same number is the same payment.
pub fn refuse_overlap(maker: &Maker<'_>, earlier: &[Earlier]) -> Result<()> {
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
        let both_checks = export.pays == Pays::Check && maker.layout.pays == Pays::Check;
        let mut twice = Vec::new();
        let mut count = 0_usize;
        for payee in maker.payees(&all) {
            let payee = payee?;
            let Some(listed) = export.payments.get(payee.id) else {
                continue;
            };
            let same = both_checks
                && listed.number == maker.number_of(&payee)
                && listed.payout == currency.text(payee.payout);
            if !same {
                count += 1;
                if twice.len() < NAMED {
                    twice.push(literal(payee.id));
                }
            }
        }
        if count > 0 {
            let more = if count > NAMED {
                format!(" and {} more", count - NAMED)
            } else {
                String::new()
            };
            let whom = if count == 1 {
                "1 claimant".to_owned()
            } else {
                format!("{count} claimants")
            };
            let message = format!(
                "{whom} would be paid again, in {} already: {}{more}",
                export.shown,
                twice.join(", ")
            );
            let hint = "leave them out with `when`; checks are the same payment if they have the same number";
            return Err(Refusal::new(message, hint).into());
        }
    }
    Ok(())
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
