//! report.html of a reconciliation: the account as a page for the court.

use crate::base::money::Money;
use crate::base::styled_text::TextStyle;
use crate::reconcile::account::ChainAccount;
use crate::reconcile::chain::amount;
use crate::reconcile::court::{self, CourtRow};
use crate::run::account::{Account, AccountSection, Detail, Figure, RowRole};
use crate::run::report;

/// Builds the page.
pub(crate) fn html(account: &ChainAccount<'_>) -> String {
    let sections = [
        fund(account),
        left(account),
        distributions(account),
        findings(account),
        points(
            "Post-distribution accounting",
            court::post_distribution(account),
        ),
        points(
            "Code of Civil Procedure, section 384",
            court::ccp_384(account),
        ),
        points("Fund accounting", court::sfar(account)),
    ];
    let has_content =
        |section: &AccountSection| !section.rows.is_empty() || !section.sentences.is_empty();
    let view = Account {
        name: account.settlement.name.clone(),
        docket: account.settlement.docket.clone(),
        as_of: None,
        currency: account.currency(),
        locale: account.locale(),
        sections: sections.into_iter().filter(has_content).collect(),
    };
    let day = account.locale().date(account.on);
    report::page(&format!("Account of the fund on {day}"), view)
}

const ALL: Detail = Detail::Everywhere;

fn section(title: &str, headings: &[&'static str]) -> AccountSection {
    let headings: Vec<_> = headings.iter().map(|heading| (ALL, *heading)).collect();
    AccountSection::new(ALL, title, &headings)
}

/// Sections of single amounts.
struct Amounts<'a> {
    account: &'a ChainAccount<'a>,
    section: AccountSection,
}

impl<'a> Amounts<'a> {
    fn new(account: &'a ChainAccount<'a>, title: &str) -> Self {
        Self {
            account,
            section: section(title, &["Amount"]),
        }
    }

    fn row(&mut self, role: RowRole, label: &str, money: Money) {
        let figure = Figure::Amount(self.account.currency().text(money));
        self.section.row(role, label, [figure]);
    }
}

fn negative(money: Money) -> Money {
    Money::ZERO.minus(money).unwrap_or(money)
}

fn fund(account: &ChainAccount<'_>) -> AccountSection {
    let currency = account.currency();
    let mut rows = Amounts::new(account, "The fund");
    rows.row(RowRole::Entry, "Paid in", account.paid_in());
    let receipts = account.interest().plus(account.received());
    let receipts = receipts.unwrap_or(Money::ZERO);
    rows.row(RowRole::Entry, "Interest and other receipts", receipts);
    let deducted = negative(account.deducted());
    rows.row(RowRole::Entry, "Deducted by the plans", deducted);
    for run in &account.chain.runs {
        for deduction in run.deductions.iter().filter(|one| !one.is_reserve()) {
            let its = amount(&deduction.amount, currency);
            rows.row(RowRole::Part, &deduction.name, its);
        }
    }
    rows.row(RowRole::Entry, "Spent besides", negative(account.spent()));
    for spent in &account.chain.spent {
        rows.row(RowRole::Part, &spent.name, amount(&spent.amount, currency));
    }
    let cashed = negative(account.tally.all.cashed);
    rows.row(RowRole::Entry, "Cashed by claimants", cashed);
    let of_class = account.of_class();
    rows.row(RowRole::Total, "Of the class, in the account", of_class);
    rows.section
}

fn left(account: &ChainAccount<'_>) -> AccountSection {
    let mut rows = Amounts::new(account, "In the account");
    let outstanding = account.tally.all.outstanding;
    let label = "Outstanding: issued, neither cashed nor void";
    rows.row(RowRole::Entry, label, outstanding);
    let label = "Left, for a further distribution";
    rows.row(RowRole::Entry, label, account.left.amount());
    let run = &account.chain.last_run().name;
    for (_, label, part) in account.left.parts(run) {
        if part != Money::ZERO {
            rows.row(RowRole::Part, &label, part);
        }
    }
    for owed in account.owed {
        let label = format!("Deducted, and not yet paid out: {}", owed.deduction);
        rows.row(RowRole::Entry, &label, owed.amount);
    }
    let expected = account.expected_balance();
    rows.row(RowRole::Total, "The bank account should hold", expected);
    if let Some(balance) = account.balance {
        rows.row(RowRole::Total, "The bank's statement says", balance);
    }
    rows.section
}

fn distributions(account: &ChainAccount<'_>) -> AccountSection {
    let headings = [
        "Payouts",
        "Amount",
        "Cashed",
        "Amount cashed",
        "Outstanding",
        "Never cashed",
    ];
    let mut section = section("Distributions", &headings);
    let currency = account.currency();
    for (run, sums) in account.chain.runs.iter().zip(&account.tally.runs) {
        let amount = |money: Money| Figure::Amount(currency.text(money));
        let figures = [
            Figure::Count(sums.payouts.count),
            amount(sums.payouts.total),
            Figure::Count(sums.cashed),
            amount(sums.sums.cashed),
            Figure::Count(sums.outstanding),
            Figure::Count(sums.never.count),
        ];
        section.entry(&run.name, figures);
    }
    section
}

fn findings(account: &ChainAccount<'_>) -> AccountSection {
    let mut section = section("What must not have happened", &[]);
    section.tone = TextStyle::Bad;
    for finding in &account.findings {
        section.sentence(ALL, finding);
    }
    section
}

fn points(title: &str, rows: Vec<CourtRow>) -> AccountSection {
    let mut section = section(title, &["Figure", "Share"]);
    for CourtRow(point, figure, share, source, is_amount) in rows {
        let text = |text: String| match text.as_str() {
            "" => Figure::Blank,
            _ => Figure::Text(text),
        };
        let figure = match figure.parse() {
            _ if is_amount => Figure::Amount(figure),
            Ok(count) => Figure::Count(count),
            Err(_) => text(figure),
        };
        let point = match source {
            court::PLAN => format!("{point} (stated by the plan)"),
            court::FACTS => format!("{point} (stated by the administrator)"),
            _ => point,
        };
        section.entry(point, [figure, text(share)]);
    }
    section
}
