//! account.txt: the account as text.

use crate::base::diagnostics::{count, shown_whole};
use crate::base::money::{Money, group};
use crate::plan::{Choice as _, DeductionKind};
use crate::reconcile::account::ChainAccount;
use crate::reconcile::chain::{amount, grouped};
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::saved::UNISSUED;

/// The column at which totals end.
const WIDTH: usize = 78;

/// The column at which the parts of a total end.
const PARTS: usize = 60;

/// The text of an account, built line by line.
struct Text<'a> {
    account: &'a ChainAccount<'a>,
    text: String,
}

/// Builds account.txt.
pub(crate) fn text(account: &ChainAccount<'_>) -> String {
    let mut text = Text {
        account,
        text: String::new(),
    };
    text.heading();
    text.fund();
    text.left();
    text.distributions();
    text.recovery();
    text.states();
    text.findings();
    text.end();
    text.text
}

impl Text<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn money(&self, money: Money) -> String {
        grouped(self.account.currency(), money)
    }

    /// A label with an amount that ends at a column; a long label has a line of its own.
    fn entry(&mut self, label: &str, amount: &str, end: usize) {
        let length = label.chars().count() + 1 + amount.chars().count();
        if length > end {
            self.line(label);
            self.line(&format!("{amount:>end$}"));
            return;
        }
        let room = end - label.chars().count();
        self.line(&format!("{label}{amount:>room$}"));
    }

    fn heading(&mut self) {
        let account = self.account;
        self.line(&shown_whole(&account.settlement.name));
        if let Some(docket) = &account.settlement.docket {
            self.line(&shown_whole(docket));
        }
        let day = account.locale().date(account.on);
        let after = count(account.chain.runs.len(), "distribution", "distributions");
        self.line("");
        self.line(&format!("Account of the fund on {day}, after {after}"));
        self.line("");
    }

    fn fund(&mut self) {
        let account = self.account;
        let currency = account.currency();
        let receipts = account.interest().plus(account.received());
        let negative = |money: Money| Money::ZERO.minus(money).unwrap_or(money);
        let paid_in = self.money(account.paid_in());
        self.entry("Paid in", &paid_in, WIDTH);
        let receipts = self.money(receipts.unwrap_or(Money::ZERO));
        self.entry("Interest and other receipts", &receipts, WIDTH);
        let deducted = self.money(negative(account.deducted()));
        self.entry("  deducted by the plans", &deducted, WIDTH);
        for run in &account.chain.runs {
            for deduction in run.deductions.iter().filter(|one| !one.is_reserve()) {
                let its = self.money(amount(&deduction.amount, currency));
                self.entry(
                    &format!("    {}", shown_whole(&deduction.name)),
                    &its,
                    PARTS,
                );
            }
        }
        let spent = self.money(negative(account.spent()));
        self.entry("  spent besides", &spent, WIDTH);
        for spent in &account.chain.spent {
            let its = self.money(amount(&spent.amount, currency));
            let label = format!("    {}{}", shown_whole(&spent.name), suffix(&spent.kind));
            self.entry(&label, &its, PARTS);
        }
        let cashed = self.money(negative(account.tally.all.cashed));
        self.entry("  cashed by claimants", &cashed, WIDTH);
        self.line(&format!("{:>WIDTH$}", "-".repeat(20)));
    }

    fn left(&mut self) {
        let account = self.account;
        let of_class = self.money(account.of_class());
        self.entry("Of the class, in the account", &of_class, WIDTH);
        let outstanding = self.money(account.tally.all.outstanding);
        let label = "  outstanding: issued, neither cashed nor void";
        self.entry(label, &outstanding, WIDTH);
        let left = self.money(account.left.amount());
        self.entry("  left, for a further distribution", &left, WIDTH);
        let run = shown_whole(&account.chain.last_run().name);
        for (_, label, part) in account.left.parts(&run) {
            if part != Money::ZERO {
                let part = self.money(part);
                self.entry(&format!("    {label}"), &part, PARTS);
            }
        }
        if !account.owed.is_empty() {
            self.line("");
            let owed = self.money(account.owed());
            self.entry("Deducted, and not yet paid out", &owed, WIDTH);
            for owed in account.owed {
                let its = self.money(owed.amount);
                self.entry(
                    &format!("    {}", shown_whole(&owed.deduction)),
                    &its,
                    PARTS,
                );
            }
            let expected = self.money(account.expected_balance());
            self.entry("The bank account should hold", &expected, WIDTH);
        }
        self.line("");
    }

    fn distributions(&mut self) {
        self.line("Distribution              payouts               cashed outstanding       never");
        for (run, sums) in self.account.chain.runs.iter().zip(&self.account.tally.runs) {
            let name = shown_whole(&run.name);
            let (payouts, cashed) = (sums.payouts.count, sums.cashed);
            let figures = format!(
                " {:>13} {:>6} {:>13} {:>11} {:>11}",
                self.money(sums.payouts.total),
                group(&cashed),
                self.money(sums.sums.cashed),
                group(&sums.outstanding),
                group(&sums.never.count),
            );
            let payouts = group(&payouts);
            let room = 19_usize.saturating_sub(payouts.chars().count());
            if name.chars().count() >= room {
                self.line(&name);
                self.line(&format!("{payouts:>19}{figures}"));
            } else {
                let room = 19 - name.chars().count();
                self.line(&format!("{name}{payouts:>room$}{figures}"));
            }
        }
        self.line("");
    }

    fn recovery(&mut self) {
        let received = &self.account.ledger.received;
        if received.count() == 0 {
            return;
        }
        self.line(
            "Recovery               claimants    smallest      median     average     largest",
        );
        let money = |money: Option<Money>| self.money(money.unwrap_or(Money::ZERO));
        let line = format!(
            "in all rounds {:>18} {:>11} {:>11} {:>11} {:>11}",
            group(&received.count()),
            money(received.smallest()),
            money(received.median()),
            money(received.average()),
            money(received.largest()),
        );
        self.line(&line);
        self.line("");
    }

    fn states(&mut self) {
        self.line("Payouts of all rounds");
        let words = OutcomeWord::WORDS.iter().map(|(word, _)| *word);
        for word in words.chain([UNISSUED]) {
            let (mut number, mut total) = (0, Money::ZERO);
            for run in &self.account.tally.runs {
                if let Some(state) = run.states.get(word) {
                    number += state.count;
                    total = total.plus(state.total).unwrap_or(total);
                }
            }
            if number > 0 {
                let line = format!(
                    "  {word:<46}{:>10} {:>19}",
                    group(&number),
                    self.money(total)
                );
                self.line(&line);
            }
        }
        let again = self.account.paid_again();
        if again > 0 {
            self.line(&format!(
                "  {:<46}{:>10}",
                "of these paid again",
                group(&again)
            ));
        }
        self.line("");
    }

    fn findings(&mut self) {
        if self.account.findings.is_empty() {
            return;
        }
        self.line("What must not have happened");
        for finding in &self.account.findings {
            self.line(&format!("  {finding}"));
        }
        self.line("");
    }

    fn end(&mut self) {
        let code = self.account.currency().code();
        let all = if self.account.ties_out() {
            "Every cent that came in is in one place."
        } else {
            "Every cent that came in is in one place; see what must not have happened."
        };
        self.line(&format!("Amounts in {code}. {all}"));
    }
}

/// The kind of an expense in brackets, where it is no kind of a deduction.
fn suffix(kind: &str) -> &'static str {
    let words = [
        (DeductionKind::CyPres, " (cy pres)"),
        (DeductionKind::Escheat, " (escheat)"),
        (DeductionKind::Reversion, " (reversion)"),
    ];
    let known = words.iter().find(|(of, _)| of.word() == kind);
    known.map_or("", |(_, words)| words)
}
