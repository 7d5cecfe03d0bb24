//! Reads what earlier distributions paid and left a second time, with an ordinary CSV
//! reader (plan reference, "What earlier distributions paid").

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use num_bigint::BigInt;
use num_traits::Zero;
use serde_json::Value;

use crate::audit::recompute::number::{Fraction, amount};
use crate::base::money::ratio_text;
use crate::base::regular_file::{open_file, read_file};
use crate::plan::Plan;
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::claim_fact::{ClaimFact, PriorAmount};

/// The ledger of a reconciliation.
#[derive(Debug, Default)]
pub(super) struct SecondLedger {
    /// By id, the state and the amounts by name.
    claimants: HashMap<String, (String, HashMap<String, Fraction>)>,
    /// The amount that is left, in minor units.
    pub left: BigInt,
}

impl SecondLedger {
    pub(super) fn read(plan: &Plan) -> Result<Self> {
        let Some(prior) = &plan.prior else {
            return Ok(Self::default());
        };
        let mut ledger = Self::default();
        let file = open_file(&prior.folder.join("ledger.csv"))?;
        let mut reader = csv::Reader::from_reader(file);
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        for record in reader.records() {
            let record = record?;
            let mut cells: HashMap<&str, &str> = HashMap::new();
            cells.extend(names.iter().map(String::as_str).zip(&record));
            let text = |name: &str| cells.get(name).context("the ledger lacks a column");
            let id = text("claimant_id")?;
            let (status, amounts) = ledger.claimants.entry((*id).to_owned()).or_default();
            (*text("status")?).clone_into(status);
            for name in ["cashed", "outstanding", "void", "held"] {
                let more = amount(&ColumnFormat::default(), text(name)?)?;
                *amounts
                    .entry(name.to_owned())
                    .or_insert_with(Fraction::zero) += more;
            }
        }
        let account = read_file(&prior.folder.join("account.json"))?;
        let account: Value = serde_json::from_slice(&account)?;
        let left = account.pointer("/left/amount").and_then(Value::as_str);
        let left = left.context("the account does not say what is left")?;
        let currency = plan.settlement.currency;
        let (whole, decimals) = left.split_once('.').unwrap_or((left, ""));
        ensure!(
            u32::try_from(decimals.len()) == Ok(currency.decimals()),
            "what is left is no amount"
        );
        ledger.left = format!("{whole}{decimals}").parse()?;
        Ok(ledger)
    }

    /// The cell of a claimant in a column of the ledger.
    pub(super) fn text(&self, plan: &Plan, id: &str, fact: ClaimFact) -> Result<String> {
        let known = self.claimants.get(id);
        let amount = |name: &str| {
            let amount = known.and_then(|(_, amounts)| amounts.get(name).cloned());
            amount.unwrap_or_else(Fraction::zero)
        };
        let amount = match fact {
            ClaimFact::Trades(_) => bail!("the ledger knows no trades"),
            ClaimFact::PriorStatus => {
                let status = known.map(|(status, _)| status.clone());
                return Ok(status.unwrap_or_else(|| "none".to_owned()));
            }
            ClaimFact::Prior(PriorAmount::Cashed) => amount("cashed"),
            ClaimFact::Prior(PriorAmount::Paid) => amount("cashed") + amount("outstanding"),
            ClaimFact::Prior(PriorAmount::Void) => amount("void"),
            ClaimFact::Prior(PriorAmount::Held) => amount("held"),
        };
        Ok(ratio_text(&amount, plan.settlement.currency.decimals()))
    }
}
