//! The books of the fund as journals for hledger and beancount, with every transaction
//! from the settlement payment to the last cent.
//!
//! The fund account receives the fund and its interest, and pays out deductions,
//! payouts, holds and the residual. Its closing balance is zero, which is proved here
//! and asserted in the journals.

use std::collections::HashSet;

use anyhow::Result;

use crate::base::dates::Date;
use crate::base::diagnostics::{Bug, Message, count, literal};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::layout::{FileLimits, Layout, PaymentFormat};
use crate::export::messages;
use crate::plan::DeductionKind;
use crate::plan::fund::FundAccount;

/// The fund account.
const FUND: &str = "Assets:Fund";

/// The setting that the format reads.
const DETAIL: &str = "detail";

#[derive(Debug)]
pub(super) struct Journal;

impl PaymentFormat for Journal {
    fn needs_date(&self) -> bool {
        true
    }

    fn reads_setting(&self, name: &str) -> bool {
        name == DETAIL
    }

    /// Journals cover the whole fund and allow no other keys.
    fn check(&self, layout: &Layout) -> Result<()> {
        let file = &layout.file;
        let other_keys = file.header
            || file.limits != FileLimits::default()
            || file.name.contains(['{', '/', '\\'])
            || !layout.before.is_empty()
            || !layout.after.is_empty()
            || layout.pays.has_payments();
        let name = layout.shown();
        if !layout.when.entries.is_empty() || !layout.fields.is_empty() {
            return Err(messages::journal_of_a_part(&name).into());
        }
        if other_keys {
            return Err(messages::not_journal_keys(&name).into());
        }
        if layout.setting(DETAIL).is_none() {
            return Err(messages::journal_without_detail(&name).into());
        }
        Ok(())
    }

    fn files(&self, batch: &PaymentBatch<'_>, _: &mut ProblemList) -> Result<Vec<ExportFile>> {
        let context = batch.export;
        let settlement = &context.run.plan.settlement;
        let books = Books {
            head: format!("; {}\n; run {}\n\n", settlement.name, context.run.seal),
            currency: settlement.currency,
            date: context.layout.date()?,
            movements: &movements(context)?,
        };
        if books.balance() != Some(Money::ZERO) {
            return Err(Bug::new("the balance of the fund account is not zero").into());
        }
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

    fn of(layout: &Layout) -> Result<Self, Message> {
        let text = layout.setting(DETAIL).map_or("", |setting| &setting.value);
        let known = Self::WORDS.iter().find(|(word, _)| *word == text);
        let detail = known.map(|(_, detail)| *detail);
        detail.ok_or_else(|| messages::not_a_detail(&literal(text)))
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

/// Every transaction, in order.
fn movements<'a>(context: &ExportContext<'a>) -> Result<Vec<JournalEntry<'a>>> {
    const PAYOUTS: &str = "Expenses:Payouts";
    let (account, tally) = (&context.run.distribution.account, context.run.tally);
    let claimants = |number| count(number, "claimant", "claimants");
    let mut movements = Vec::new();
    let mut add = |what: &str, claimant, account, into_fund| {
        movements.push(JournalEntry {
            what: what.to_owned(),
            claimant,
            account,
            into_fund,
        });
    };
    let out = |amount: Money| Money(-amount.0);
    for (what, other, amount) in sources(account) {
        add(what, None, other, amount);
    }
    for deduction in &account.deductions {
        let what = format!("Deduction: {}", deduction.name);
        add(
            &what,
            None,
            account_of(deduction.kind),
            out(deduction.amount),
        );
    }
    if tally.held > 0 {
        let what = format!("Held, {}", claimants(tally.held));
        add(&what, None, "Assets:Held", out(tally.held_total));
    }
    let residual = out(context.run.distribution.residual);
    add("Residual", None, "Assets:Residual", residual);
    match JournalDetail::of(context.layout)? {
        JournalDetail::Totals => {
            let what = format!("Payouts, {}", claimants(tally.paid));
            if tally.portions.is_empty() {
                add(&what, None, PAYOUTS, out(tally.paid_total));
            }
            let portions = &context.run.plan.portions;
            for (portion, tally) in portions.iter().zip(&tally.portions) {
                let (number, total) = tally.paid;
                let what = format!("Payouts: {}, {}", portion.name, claimants(number));
                add(&what, None, PAYOUTS, out(total));
            }
        }
        JournalDetail::Claimants => {
            for payment in context.payments {
                let cells = context.run.claims.claim_list.kept_cells(payment.row)?;
                let id = cells.text(context.run.plan.claims.id);
                if payment.portions.is_empty() {
                    add("Payout", Some(id), PAYOUTS, out(payment.payout));
                }
                let cells = context.run.claims.claim_cells(payment.row)?;
                let portions = &context.run.plan.portions;
                let portions = portions.iter().zip(&payment.portions);
                for (portion, amount) in portions.filter(|(_, amount)| **amount > Money::ZERO) {
                    let to = portion.payee(&cells);
                    let to = to.map_or_else(String::new, |to| format!(", to {to}"));
                    let what = format!("Payout: {}{to}", portion.name);
                    add(&what, Some(id), PAYOUTS, out(*amount));
                }
            }
        }
    }
    Ok(movements)
}

/// The sources of the fund, each with its account.
fn sources(account: &FundAccount) -> Vec<(&'static str, &'static str, Money)> {
    let fund = ("Settlement fund", "Income:Settlement", account.amount);
    let brought_forward = account.brought_forward.map(|left| {
        let what = "Brought forward from earlier distributions";
        (what, "Equity:Brought-Forward", left)
    });
    let interest = ("Interest earned", "Income:Interest", account.interest);
    let has = |source: &(&str, &str, Money)| source.2 != Money::ZERO;
    let paid_in = account.brought_forward.is_none() || has(&fund);
    let parts = [
        brought_forward,
        Some(fund).filter(|_| paid_in),
        Some(interest).filter(has),
    ];
    parts.into_iter().flatten().collect()
}

fn account_of(kind: DeductionKind) -> &'static str {
    match kind {
        DeductionKind::Fees => "Expenses:Fees",
        DeductionKind::Costs => "Expenses:Costs",
        DeductionKind::Service => "Expenses:Service-Awards",
        DeductionKind::Administration => "Expenses:Administration",
        DeductionKind::Tax => "Expenses:Tax",
        DeductionKind::Reserve => "Assets:Reserve",
        DeductionKind::CyPres => "Expenses:Cy-Pres",
        DeductionKind::Escheat => "Expenses:Escheat",
        DeductionKind::Reversion => "Expenses:Reversion",
        DeductionKind::Other => "Expenses:Other",
    }
}

/// The transactions with the facts that journals state.
struct Books<'a> {
    /// The beginning of both journals.
    head: String,
    currency: Currency,
    date: Date,
    movements: &'a [JournalEntry<'a>],
}

impl Books<'_> {
    /// The balance of the fund account.
    fn balance(&self) -> Option<Money> {
        self.movements
            .iter()
            .map(|movement| movement.into_fund)
            .sum()
    }

    fn amount(&self, amount: Money) -> String {
        format!("{} {}", self.currency.text(amount), self.currency.code())
    }

    fn accounts(&self) -> impl Iterator<Item = &'static str> {
        let accounts = self.movements.iter().map(|movement| movement.account);
        let mut seen = HashSet::new();
        std::iter::once(FUND)
            .chain(accounts)
            .filter(move |account| seen.insert(*account))
    }

    /// Both sides of a transaction.
    fn postings(&self, movement: &JournalEntry<'_>) -> String {
        let amount = self.amount(movement.into_fund);
        let other = self.amount(Money(-movement.into_fund.0));
        format!("  {}  {other}\n  {FUND}  {amount}\n\n", movement.account)
    }

    fn hledger(&self) -> String {
        let (date, zero) = (self.date, self.currency.text(Money::ZERO));
        let (code, point) = (
            self.currency.code(),
            if zero.contains('.') { "" } else { "." },
        );
        let mut text = self.head.clone() + &format!("commodity {zero}{point} {code}\n\n");
        text.extend(
            self.accounts()
                .map(|account| format!("account {account}\n")),
        );
        text.push('\n');
        for movement in self.movements {
            let what = movement.what.replace(';', ",");
            let claimant = movement.claimant.map(|id| format!("  ; claimant {id}"));
            text += &format!("{date} * {what}{}\n", claimant.unwrap_or_default());
            text += &self.postings(movement);
        }
        let nothing = "Nothing is left in the fund";
        text + &format!("{date} * {nothing}\n  {FUND}  {zero} {code} = {zero} {code}\n")
    }

    fn beancount(&self) -> Result<String, Message> {
        let (date, code) = (self.date, self.currency.code());
        let mut text = self.head.clone() + &format!("option \"operating_currency\" \"{code}\"\n\n");
        text.extend(
            self.accounts()
                .map(|account| format!("{date} open {account} {code}\n")),
        );
        text.push('\n');
        for movement in self.movements {
            text += &format!("{date} * \"{}\"\n", escaped(&movement.what));
            if let Some(id) = movement.claimant {
                text += &format!("  claimant: \"{}\"\n", escaped(id));
            }
            text += &self.postings(movement);
        }
        // beancount checks a balance at the beginning of the day.
        let next = date.tomorrow().map_err(|_| messages::no_day_after())?;
        let zero = self.currency.text(Money::ZERO);
        // Without an explicit tolerance, beancount would accept a difference of a cent.
        Ok(text + &format!("{next} balance {FUND}  {zero} ~ 0 {code}\n"))
    }
}

/// Escapes a text between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(
        what: &str,
        claimant: Option<&'a str>,
        account: &'static str,
        minor: i128,
    ) -> JournalEntry<'a> {
        JournalEntry {
            what: what.to_owned(),
            claimant,
            account,
            into_fund: Money(minor),
        }
    }

    fn books<'a>(code: &str, movements: &'a [JournalEntry<'a>]) -> Books<'a> {
        Books {
            head: "; Doe v. Acme\n\n".to_owned(),
            currency: Currency::from_code(code).unwrap(),
            date: Date::new(2026, 12, 31).unwrap(),
            movements,
        }
    }

    fn movements() -> [JournalEntry<'static>; 4] {
        [
            entry("Settlement fund", None, "Income:Settlement", 10_000),
            entry(
                "Deduction: For \"late\"; others",
                None,
                "Assets:Reserve",
                -500,
            ),
            entry("Payout", Some("A\\1"), "Expenses:Payouts", -2784),
            entry("Payout", Some("B"), "Expenses:Payouts", -6716),
        ]
    }

    #[test]
    fn the_fund_ends_at_zero() {
        let mut movements = movements();
        assert_eq!(books("USD", &movements).balance(), Some(Money::ZERO));
        movements[3].into_fund = Money(-6715);
        assert_eq!(books("USD", &movements).balance(), Some(Money(1)));
        movements[3].into_fund = Money(i128::MAX);
        assert_eq!(books("USD", &movements).balance(), None);
    }

    #[test]
    fn hledger_journals_declare_and_balance_every_account() {
        let expected = "\
; Doe v. Acme

commodity 0.00 USD

account Assets:Fund
account Income:Settlement
account Assets:Reserve
account Expenses:Payouts

2026-12-31 * Settlement fund
  Income:Settlement  -100.00 USD
  Assets:Fund  100.00 USD

2026-12-31 * Deduction: For \"late\", others
  Assets:Reserve  5.00 USD
  Assets:Fund  -5.00 USD

2026-12-31 * Payout  ; claimant A\\1
  Expenses:Payouts  27.84 USD
  Assets:Fund  -27.84 USD

2026-12-31 * Payout  ; claimant B
  Expenses:Payouts  67.16 USD
  Assets:Fund  -67.16 USD

2026-12-31 * Nothing is left in the fund
  Assets:Fund  0.00 USD = 0.00 USD
";
        assert_eq!(books("USD", &movements()).hledger(), expected);
        // Without decimals, hledger needs a decimal point to know the commodity.
        let yen = books("JPY", &movements()).hledger();
        assert!(yen.contains("\ncommodity 0. JPY\n"), "{yen}");
        assert!(yen.ends_with("  Assets:Fund  0 JPY = 0 JPY\n"), "{yen}");
    }

    #[test]
    fn beancount_journals_escape_texts_and_assert_the_balance_on_the_next_day() {
        let expected = "\
; Doe v. Acme

option \"operating_currency\" \"USD\"

2026-12-31 open Assets:Fund USD
2026-12-31 open Income:Settlement USD
2026-12-31 open Assets:Reserve USD

2026-12-31 * \"Settlement fund\"
  Income:Settlement  -100.00 USD
  Assets:Fund  100.00 USD

2026-12-31 * \"Deduction: For \\\"late\\\"; others\"
  Assets:Reserve  5.00 USD
  Assets:Fund  -5.00 USD

2027-01-01 balance Assets:Fund  0.00 ~ 0 USD
";
        let movements = movements();
        let text = books("USD", &movements[..2]).beancount().unwrap();
        assert_eq!(text, expected);
        let text = books("USD", &movements).beancount().unwrap();
        assert!(
            text.contains("* \"Payout\"\n  claimant: \"A\\\\1\"\n"),
            "{text}"
        );
        let last = Books {
            date: Date::MAX,
            ..books("USD", &movements)
        };
        assert!(last.beancount().is_err());
    }
}
