//! The books of the fund as journals for hledger and beancount, with every transaction
//! from the settlement payment to the last cent.
//!
//! The fund account receives the fund and its interest, and pays out deductions,
//! payouts, holds and the residual. Its closing balance is zero, which is proved here
//! and asserted in the journals.

use std::fmt::Write as _;

use anyhow::Result;

use crate::base::dates::Date;
use crate::base::diagnostics::{Bug, Problem, count, literal};
use crate::base::money::Money;
use crate::export::context::{ExportContext, ExportFile};
use crate::plan::DeductionKind;

/// The fund account.
const FUND: &str = "Assets:Fund";

/// A transaction between the fund and another account.
struct JournalEntry<'a> {
    what: String,
    /// The claimant, for a payout.
    claimant: Option<&'a str>,
    account: &'static str,
    /// The amount paid into the fund; negative for a payment out of it.
    into_fund: Money,
}

/// Makes both journals.
pub(crate) fn files(context: &ExportContext<'_>) -> Result<Vec<ExportFile>> {
    let layout = context.layout;
    let date = layout.date()?;
    let movements = movements(context)?;
    let amounts = movements.iter().map(|movement| movement.into_fund);
    if amounts.sum::<Option<Money>>() != Some(Money::ZERO) {
        return Err(Bug::new("the balance of the fund account is not zero").into());
    }
    let books = JournalWriter {
        context,
        date,
        movements: &movements,
    };
    let file = |ending: &str, text: String| {
        ExportFile::new(format!("{}.{ending}", layout.file.name), text)
    };
    Ok(vec![
        file("journal", books.hledger()),
        file("beancount", books.beancount()?),
    ])
}

/// Every transaction, in order.
fn movements<'a>(context: &ExportContext<'a>) -> Result<Vec<JournalEntry<'a>>> {
    let account = &context.plan.account;
    let mut movements = Vec::new();
    let mut add = |what: &str, account, amount: Money, comes: bool| -> Result<()> {
        let into_fund = if comes {
            Some(amount)
        } else {
            Money::ZERO.minus(amount)
        };
        movements.push(JournalEntry {
            what: what.to_owned(),
            claimant: None,
            account,
            into_fund: into_fund.ok_or_else(|| Bug::new("an amount is too large"))?,
        });
        Ok(())
    };
    add("Settlement fund", "Income:Settlement", account.amount, true)?;
    if account.interest != Money::ZERO {
        add("Interest earned", "Income:Interest", account.interest, true)?;
    }
    for deduction in &account.deductions {
        add(
            &format!("Deduction: {}", deduction.name),
            account_of(deduction.kind),
            deduction.amount,
            false,
        )?;
    }
    if context.tally.held > 0 {
        let what = format!(
            "Held, {}",
            count(context.tally.held, "claimant", "claimants")
        );
        add(&what, "Assets:Held", context.tally.held_total, false)?;
    }
    add(
        "Residual",
        "Assets:Residual",
        context.distribution.residual,
        false,
    )?;
    let detail = context.layout.setting("detail");
    let detail = detail.ok_or_else(|| Bug::new("a journal lacks a setting"))?;
    match detail.value.as_str() {
        "totals" => {
            let what = format!(
                "Payouts, {}",
                count(context.tally.paid, "claimant", "claimants")
            );
            add(&what, "Expenses:Payouts", context.tally.paid_total, false)?;
        }
        "claimants" => {
            let id = context.plan.claims.id;
            for payment in context.payments {
                let cells = context.claims.claim_list.kept_cells(payment.row)?;
                movements.push(JournalEntry {
                    what: "Payout".to_owned(),
                    claimant: Some(cells.text(id)),
                    account: "Expenses:Payouts",
                    into_fund: Money(-payment.payout.0),
                });
            }
        }
        other => {
            let message = format!("the setting `detail` is {}", literal(other));
            let hint = "write `claimants` for one transaction per payout, or `totals`";
            return Err(Problem::new(message, hint).into());
        }
    }
    Ok(movements)
}

fn account_of(kind: DeductionKind) -> &'static str {
    match kind {
        DeductionKind::Fees => "Expenses:Fees",
        DeductionKind::Costs => "Expenses:Costs",
        DeductionKind::Service => "Expenses:Service-Awards",
        DeductionKind::Administration => "Expenses:Administration",
        DeductionKind::Tax => "Expenses:Tax",
        DeductionKind::Reserve => "Assets:Reserve",
        DeductionKind::Other => "Expenses:Other",
    }
}

struct JournalWriter<'a> {
    context: &'a ExportContext<'a>,
    date: Date,
    movements: &'a [JournalEntry<'a>],
}

impl JournalWriter<'_> {
    fn amount(&self, amount: Money) -> String {
        let currency = self.context.plan.settlement.currency;
        format!("{} {}", currency.text(amount), currency.code())
    }

    fn accounts(&self) -> Vec<&'static str> {
        let mut accounts = vec![FUND];
        for movement in self.movements {
            if !accounts.contains(&movement.account) {
                accounts.push(movement.account);
            }
        }
        accounts
    }

    /// The beginning of both journals.
    fn head(&self) -> String {
        let name = &self.context.plan.settlement.name;
        format!("; {name}\n; run {}\n\n", self.context.seal)
    }

    /// Both sides of a transaction.
    fn postings(&self, movement: &JournalEntry<'_>) -> String {
        let amount = self.amount(movement.into_fund);
        let other = self.amount(Money(-movement.into_fund.0));
        format!("  {}  {other}\n  {FUND}  {amount}\n\n", movement.account)
    }

    fn hledger(&self) -> String {
        let currency = self.context.plan.settlement.currency;
        let mut text = self.head();
        let point = if currency.decimals() == 0 { "." } else { "" };
        let one = currency.text(Money::ZERO);
        // Writing to a string cannot fail.
        let _ = write!(text, "commodity {one}{point} {}\n\n", currency.code());
        for account in self.accounts() {
            let _ = writeln!(text, "account {account}");
        }
        text.push('\n');
        for movement in self.movements {
            let what = movement.what.replace(';', ",");
            let claimant = movement
                .claimant
                .map_or_else(String::new, |id| format!("  ; claimant {id}"));
            let _ = writeln!(text, "{} * {what}{claimant}", self.date);
            text += &self.postings(movement);
        }
        let zero = self.amount(Money::ZERO);
        let _ = writeln!(
            text,
            "{} * Nothing is left in the fund\n  {FUND}  {zero} = {zero}",
            self.date
        );
        text
    }

    fn beancount(&self) -> Result<String> {
        let currency = self.context.plan.settlement.currency.code();
        let mut text = self.head();
        let _ = write!(text, "option \"operating_currency\" \"{currency}\"\n\n");
        for account in self.accounts() {
            let _ = writeln!(text, "{} open {account} {currency}", self.date);
        }
        text.push('\n');
        for movement in self.movements {
            let _ = writeln!(text, "{} * \"{}\"", self.date, escaped(&movement.what));
            if let Some(id) = movement.claimant {
                let _ = writeln!(text, "  claimant: \"{}\"", escaped(id));
            }
            text += &self.postings(movement);
        }
        // beancount checks a balance at the beginning of the day.
        let next = self.date.tomorrow();
        let next = next.map_err(|_| {
            Problem::new(
                "no later date exists for the closing balance",
                "choose an earlier date",
            )
        })?;
        let zero = self.context.plan.settlement.currency.text(Money::ZERO);
        // Without an explicit tolerance, beancount would accept a difference of a cent.
        let _ = writeln!(text, "{next} balance {FUND}  {zero} ~ 0 {currency}");
        Ok(text)
    }
}

/// Escapes a text between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
