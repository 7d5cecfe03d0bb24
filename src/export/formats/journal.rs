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
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{FileLimits, Layout, PaymentFormat};
use crate::plan::DeductionKind;

/// The fund account.
const FUND: &str = "Assets:Fund";

/// The setting that the format reads.
const DETAIL: &str = "detail";

#[derive(Debug)]
pub(super) struct Journal;

impl PaymentFormat for Journal {
    fn word(&self) -> &'static str {
        "journal"
    }

    fn needs_date(&self) -> bool {
        true
    }

    fn reads_setting(&self, name: &str) -> bool {
        name == DETAIL
    }

    /// Journals cover the whole fund and allow no other keys.
    fn check(&self, layout: &Layout) -> Result<()> {
        if !layout.when.entries.is_empty() || !layout.fields.is_empty() {
            return Err(layout
                .wrong(
                    "is a journal, which always covers the whole fund",
                    "leave out `when` and [[column]]",
                )
                .into());
        }
        let file = &layout.file;
        let other_keys = file.header
            || file.limits != FileLimits::default()
            || file.name.contains(['{', '/', '\\'])
            || !layout.before.is_empty()
            || !layout.after.is_empty()
            || layout.pays.has_payments();
        if other_keys {
            return Err(layout
                .wrong(
                    "has keys that a journal cannot have",
                    "under [file], keep only `name` (without `{file}`) and `form`, and set `pays = \"nothing\"`",
                )
                .into());
        }
        if layout.setting(DETAIL).is_none() {
            let hint = "add `base = \"ledger\"`";
            return Err(layout.wrong("has no [setting.detail]", hint).into());
        }
        Ok(())
    }

    fn files(
        &self,
        context: &ExportContext<'_>,
        batch: &PaymentBatch<'_>,
        _: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        let settlement = &context.plan.settlement;
        let books = Books {
            title: &settlement.name,
            seal: context.seal,
            currency: settlement.currency,
            date: context.layout.date()?,
            movements: &movements(context)?,
        };
        books.check_balance()?;
        let file =
            |ending: &str, text: String| ExportFile::new(format!("{}.{ending}", batch.name), text);
        Ok(vec![
            file("journal", books.hledger()),
            file("beancount", books.beancount()?),
        ])
    }

    /// beancount keeps a cache next to a journal.
    fn left_by_readers(&self, layout: &Layout) -> Vec<String> {
        vec![format!(".{}.beancount.picklecache", layout.file.name)]
    }
}

/// The transactions for payouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JournalDetail {
    /// One for each claimant.
    Claimants,
    /// One for all claimants.
    Totals,
}

impl JournalDetail {
    const WORDS: [(&'static str, Self); 2] =
        [("claimants", Self::Claimants), ("totals", Self::Totals)];

    fn of(layout: &Layout) -> Result<Self> {
        let setting = layout.setting(DETAIL);
        let setting = setting.ok_or_else(|| Bug::new("a journal lacks a setting"))?;
        let mut words = Self::WORDS.iter();
        let known = words.find(|(word, _)| *word == setting.value);
        let known = known.map(|(_, detail)| *detail);
        let refuse = || {
            let message = format!("the setting `detail` is {}", literal(&setting.value));
            let hint = "write `claimants` for one transaction per payout, or `totals`";
            Problem::new(message, hint)
        };
        Ok(known.ok_or_else(refuse)?)
    }
}

/// A transaction between the fund and another account.
struct JournalEntry<'a> {
    what: String,
    /// The claimant, for a payout.
    claimant: Option<&'a str>,
    account: &'static str,
    /// The amount paid into the fund; negative for a payment out of it.
    into_fund: Money,
}

impl JournalEntry<'_> {
    fn new(what: impl Into<String>, account: &'static str, into_fund: Money) -> Self {
        Self {
            what: what.into(),
            claimant: None,
            account,
            into_fund,
        }
    }
}

/// Every transaction, in order.
fn movements<'a>(context: &ExportContext<'a>) -> Result<Vec<JournalEntry<'a>>> {
    let (account, tally) = (&context.plan.account, context.tally);
    let mut movements = vec![JournalEntry::new(
        "Settlement fund",
        "Income:Settlement",
        account.amount,
    )];
    let mut add = |what: &str, account, into_fund| {
        movements.push(JournalEntry::new(what, account, into_fund));
    };
    if account.interest != Money::ZERO {
        add("Interest earned", "Income:Interest", account.interest);
    }
    for deduction in &account.deductions {
        let what = format!("Deduction: {}", deduction.name);
        add(
            &what,
            account_of(deduction.kind),
            Money(-deduction.amount.0),
        );
    }
    let claimants = |number| count(number, "claimant", "claimants");
    if tally.held > 0 {
        let what = format!("Held, {}", claimants(tally.held));
        add(&what, "Assets:Held", Money(-tally.held_total.0));
    }
    let residual = context.distribution.residual;
    add("Residual", "Assets:Residual", Money(-residual.0));
    match JournalDetail::of(context.layout)? {
        JournalDetail::Totals => {
            let what = format!("Payouts, {}", claimants(tally.paid));
            add(&what, "Expenses:Payouts", Money(-tally.paid_total.0));
        }
        JournalDetail::Claimants => {
            let id = context.plan.claims.id;
            for payment in context.payments {
                let cells = context.claims.claim_list.kept_cells(payment.row)?;
                let payout = Money(-payment.payout.0);
                movements.push(JournalEntry {
                    claimant: Some(cells.text(id)),
                    ..JournalEntry::new("Payout", "Expenses:Payouts", payout)
                });
            }
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

/// The transactions with the facts about the run that journals state.
struct Books<'a> {
    title: &'a str,
    seal: &'a str,
    currency: Currency,
    date: Date,
    movements: &'a [JournalEntry<'a>],
}

impl Books<'_> {
    /// Proves that nothing is left in the fund.
    fn check_balance(&self) -> Result<(), Bug> {
        let amounts = self.movements.iter().map(|movement| movement.into_fund);
        if amounts.sum::<Option<Money>>() == Some(Money::ZERO) {
            return Ok(());
        }
        Err(Bug::new("the balance of the fund account is not zero"))
    }

    fn amount(&self, amount: Money) -> String {
        format!("{} {}", self.currency.text(amount), self.currency.code())
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
        format!("; {}\n; run {}\n\n", self.title, self.seal)
    }

    /// Both sides of a transaction.
    fn postings(&self, movement: &JournalEntry<'_>) -> String {
        let amount = self.amount(movement.into_fund);
        let other = self.amount(Money(-movement.into_fund.0));
        format!("  {}  {other}\n  {FUND}  {amount}\n\n", movement.account)
    }

    fn hledger(&self) -> String {
        let currency = self.currency;
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
        let currency = self.currency.code();
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
        let zero = self.currency.text(Money::ZERO);
        // Without an explicit tolerance, beancount would accept a difference of a cent.
        let _ = writeln!(text, "{next} balance {FUND}  {zero} ~ 0 {currency}");
        Ok(text)
    }
}

/// Escapes a text between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
