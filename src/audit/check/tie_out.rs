//! The tie-out of a run, added up from its files.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::rows::FoundFiles;
use crate::audit::messages;
use crate::base::decimal;
use crate::base::diagnostics::{Problem, literal};
use crate::base::money::{self, Currency, Money};
use crate::base::regular_file::read_file;
use crate::plan::Plan;
use crate::run::file_names::{HELD, PAYOUTS, SUMMARY};

/// brought forward + fund + interest = deductions + payouts + held + residual; amounts in currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieOut {
    /// The fund with its interest and what was brought forward, from summary.json.
    pub fund: String,
    /// The deductions, from summary.json.
    pub deductions: String,
    /// The sum of payouts.csv.
    pub payouts: String,
    /// The sum of held.csv.
    pub held: String,
    /// The residual, from summary.json.
    pub residual: String,
    /// True if the fund equals the sum of the others.
    pub ties_out: bool,
}

/// The account balance compared with payouts and holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BankBalance {
    /// The account balance.
    pub balance: String,
    /// The sum of payouts and holds.
    pub needed: String,
    /// The balance after payouts and holds; negative for a shortfall.
    pub left: String,
    /// True if the balance is sufficient.
    pub covers: bool,
}

/// Adds up the files of the run.
pub(crate) fn found(
    run: &Path,
    plan: &Plan,
    files: &FoundFiles,
    rows: u64,
    findings: &CheckFindings,
) -> Result<Option<TieOut>> {
    if files.claim_rows() != rows {
        findings.note(
            "payouts.csv, held.csv and unpaid.csv",
            "claim rows",
            &rows.to_string(),
            &files.claim_rows().to_string(),
        )?;
    }
    let summary = read_file(&run.join(SUMMARY)).unwrap_or_default();
    let summary: Value = serde_json::from_slice(&summary).unwrap_or_default();
    let currency = plan.settlement.currency;
    let Some((fund, deductions, residual)) = of_summary(&summary, currency.decimals()) else {
        findings.note(SUMMARY, "fund", "amounts", "no valid amounts")?;
        return Ok(None);
    };
    let [paid, held] = [PAYOUTS, HELD].map(|name| files.of(name).payouts);
    let out = [deductions, paid, held, residual];
    let sum: Option<Money> = out.into_iter().sum();
    let account = TieOut {
        fund: currency.text(fund),
        deductions: currency.text(deductions),
        payouts: currency.text(paid),
        held: currency.text(held),
        residual: currency.text(residual),
        ties_out: sum == Some(fund),
    };
    if !account.ties_out {
        let sum = sum.map_or_else(
            || "an amount out of range".to_owned(),
            |sum| currency.text(sum),
        );
        let what = "sum of deductions, payouts, held and residual";
        findings.note("the account", what, &account.fund, &sum)?;
    }
    Ok(Some(account))
}

/// The whole fund, the deductions and the residual of the summary.
fn of_summary(summary: &Value, decimals: u32) -> Option<(Money, Money, Money)> {
    let amount = |value: &Value| money::from_text(value.as_str()?, decimals);
    let fund = summary.get("fund")?;
    let brought_forward = match fund.get("brought_forward") {
        Some(left) => amount(left)?,
        None => Money::ZERO,
    };
    let paid_in = amount(fund.get("amount")?)?.plus(amount(fund.get("interest")?)?)?;
    let gross = brought_forward.plus(paid_in)?;
    let deductions = fund.get("deductions")?.as_array()?;
    let deducted = deductions.iter().try_fold(Money::ZERO, |sum, deduction| {
        sum.plus(amount(deduction.get("amount")?)?)
    })?;
    Some((
        gross,
        deducted,
        amount(summary.get("residual")?.get("amount")?)?,
    ))
}

/// Compares payouts and holds with the account balance.
pub(crate) fn balance(
    given: &str,
    plan: &Plan,
    files: &FoundFiles,
    findings: &CheckFindings,
) -> Result<BankBalance> {
    let currency = plan.settlement.currency;
    let balance = read_balance(given, currency)?;
    let [paid, held] = [PAYOUTS, HELD].map(|name| files.of(name).payouts);
    let needed = paid.plus(held).unwrap_or(Money(i128::MAX));
    let left = Money(balance.0.saturating_sub(needed.0));
    let result = BankBalance {
        balance: currency.text(balance),
        needed: currency.text(needed),
        left: currency.text(left),
        covers: left >= Money::ZERO,
    };
    if !result.covers {
        let expected = format!("at least {}, for payouts and holds", result.needed);
        findings.note("the account", "balance", &expected, &result.balance)?;
    }
    Ok(result)
}

fn read_balance(given: &str, currency: Currency) -> Result<Money, Problem> {
    let amount = decimal::parse(given)
        .ok()
        .and_then(|amount| currency.exact(amount));
    let decimals = match currency.decimals() {
        0 => "without decimals".to_owned(),
        decimals => format!("with at most {decimals} decimals"),
    };
    amount.ok_or_else(|| {
        let example = currency.text(Money(123_456));
        messages::invalid_balance(literal(given), &decimals, &example).into()
    })
}
