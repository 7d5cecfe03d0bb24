//! The fund: whether it ties out, its sources and uses, and the accounting that courts
//! require.

use crate::base::diagnostics::OrBug;
use crate::base::money::{self, Currency, Money, group};
use crate::base::styled_text::TextStyle;
use crate::plan::fund::FundAccount;
use crate::plan::{FundLimit, Plan};
use crate::run::account::deductions;
use crate::run::account::proportions::{bar, percent};
use crate::run::account::view::Detail::{Everywhere, Full, Page};
use crate::run::account::view::{AccountSection, Figure, FigureSource, RowRole};
use crate::run::file_names::{HELD, PAYOUTS};
use crate::run::summary::Summary;

/// A run that does not tie out is not written.
pub(super) fn verdict(plan: &Plan, summary: &Summary) -> AccountSection {
    let (account, claims) = (&summary.account, &summary.claims);
    let currency = plan.settlement.currency;
    let deducted = account.deducted().or_bug("the deductions have no sum");
    let interest = if account.interest == Money::ZERO {
        String::new()
    } else {
        format!(" + interest {}", currency.grouped(account.interest))
    };
    let fund = match account.brought_forward {
        None => format!("Fund {}", currency.grouped(account.amount)),
        Some(left) => format!(
            "Brought forward {} + paid in {}",
            currency.grouped(left),
            currency.grouped(account.amount)
        ),
    };
    let fund = format!(
        "{fund}{interest} = deductions {} + payments {} + held {} + residual {}.",
        currency.grouped(deducted),
        currency.grouped_text(&summary.payouts.total),
        currency.grouped_text(&summary.held.total),
        currency.grouped_text(&summary.residual.amount),
    );
    let count = |count: u64, noun: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {noun}{plural}", group(&count))
    };
    let [paid, held, unpaid] =
        [claims.paid, claims.held, claims.unpaid_rows].map(|count| group(&count));
    let read = count(claims.rows, "claim row");
    let rows = if claims.claimants == claims.rows {
        format!("{read} read = {paid} paid + {held} held + {unpaid} not paid.")
    } else {
        let claimants = count(claims.claimants, "claimant");
        let unpaid = count(claims.unpaid_rows, "row");
        format!("{read} read, of {claimants}: {paid} paid, {held} held; {unpaid} not paid.")
    };
    let unit = currency.minor_unit();
    let accounted = format!("Every {unit} and every claim row is accounted for.");
    let mut section = AccountSection::new(Everywhere, "Everything ties out", &[]);
    section.tone = TextStyle::Good;
    section.sentence(Everywhere, accounted);
    section.sentence(Full, fund);
    section.sentence(Full, rows);
    section
}

pub(super) fn key_figures(summary: &Summary) -> AccountSection {
    let payouts = &summary.payouts;
    let mut section = AccountSection::new(Page, "Key figures", &[(Page, "")]);
    let amount = |digits: &String| Figure::Amount(digits.clone());
    for (label, figure) in [
        ("Net settlement fund", amount(&summary.fund.net)),
        ("Claimants paid", Figure::Count(payouts.count)),
        ("Total payments", amount(&payouts.total)),
        ("Median payment", Figure::optional(payouts.median.as_ref())),
        ("Held", amount(&summary.held.total)),
        ("Residual", amount(&summary.residual.amount)),
    ] {
        section.row(RowRole::Key, label, [figure]);
    }
    section
}

/// An amount that changes from row to row, as figures with their bars.
struct Waterfall {
    currency: Currency,
    whole: Money,
    level: Money,
}

impl Waterfall {
    fn level(&self, class: &'static str) -> [Figure; 2] {
        let amount = Figure::Amount(self.currency.text(self.level));
        [amount, bar(0, self.level.0, self.whole.0, class)]
    }

    fn step(&mut self, amount: Money, class: &'static str) -> [Figure; 2] {
        let before = self.level;
        self.level = before
            .plus(amount)
            .or_bug("the fund has more than 128 bits");
        let start = before.min(self.level);
        let length = amount.0.saturating_abs();
        let amount = Figure::Amount(self.currency.text(amount));
        [amount, bar(start.0, length, self.whole.0, class)]
    }
}

fn less(amount: Money) -> Money {
    let less = Money::ZERO.minus(amount);
    less.or_bug("an amount has no negative")
}

/// From the fund to the last cent.
pub(super) fn sources_and_uses(plan: &Plan, summary: &Summary) -> AccountSection {
    let (account, currency) = (&summary.account, plan.settlement.currency);
    let columns = [(Everywhere, currency.code()), (Page, "")];
    let title = "Sources and uses of the fund";
    let mut section = AccountSection::new(Everywhere, title, &columns);
    let mut fund = Waterfall {
        currency,
        whole: gross(account),
        level: account.brought_forward.unwrap_or(account.amount),
    };
    let label = match account.as_claimed {
        None => "Settlement fund",
        Some(FundLimit::Between) => "Settlement fund, as claimed",
        Some(FundLimit::AtLeast) => "Settlement fund, at its lower limit",
        Some(FundLimit::AtMost) => "Settlement fund, at its upper limit",
    };
    if account.brought_forward.is_some() {
        section.row(RowRole::Total, "Brought forward", fund.level("in"));
        if account.amount != Money::ZERO {
            section.entry("Paid in since", fund.step(account.amount, "in"));
        }
    } else {
        section.row(RowRole::Total, label, fund.level("in"));
    }
    if account.interest != Money::ZERO {
        section.entry("Interest", fund.step(account.interest, "in"));
    }
    for deduction in &account.deductions {
        let label = deductions::label(deduction);
        section.entry(label, fund.step(less(deduction.amount), "out"));
    }
    section
        .row(RowRole::Total, "Net settlement fund", fund.level("in"))
        .of(FigureSource::Above);
    let total = |sum: &str| {
        let total = money::from_text(sum, currency.decimals());
        less(total.or_bug("a sum of the summary is no amount"))
    };
    let payments = fund.step(total(&summary.payouts.total), "paid");
    section
        .entry("Payments", payments)
        .of(FigureSource::Payouts(PAYOUTS, None));
    let held = fund.step(total(&summary.held.total), "held");
    section
        .entry("Held: claims pending determination", held)
        .of(FigureSource::Payouts(HELD, None));
    let residual = match &summary.residual.to {
        Some(to) => format!("Residual: {to}"),
        None => "Residual".to_owned(),
    };
    section
        .row(RowRole::Total, residual, fund.level("left"))
        .of(FigureSource::Above);
    section.note(Page, "Bars are drawn to scale.");
    section
}

fn gross(account: &FundAccount) -> Money {
    account.gross().or_bug("fund and interest have no sum")
}

/// The items that courts require after a distribution, as far as they are known at
/// this stage (Northern District of California, Procedural Guidance for Class Action
/// Settlements, post-distribution accounting).
pub(super) fn post_distribution(plan: &Plan, summary: &Summary) -> AccountSection {
    let (class, claims, payouts) = (&summary.class, &summary.claims, &summary.payouts);
    let account = &summary.account;
    let (gross, currency) = (gross(account), plan.settlement.currency);
    let unknown = || Figure::Text("not stated in the plan".to_owned());
    let columns = [(Full, "Figure"), (Full, "Share")];
    let title = "Class, claims, payments and deductions";
    let mut section = AccountSection::new(Full, title, &columns);
    let fund = Figure::Amount(currency.text(gross));
    let label = match account.brought_forward {
        None => "Settlement fund with interest",
        Some(_) => "Fund of this distribution, with what was brought forward",
    };
    section.entry(label, [fund]);
    let members = class.members.map_or_else(unknown, Figure::Count);
    section.entry("Class members", [members]);
    for (label, count) in [
        (
            "Notices sent and not returned as undeliverable",
            class.notices,
        ),
        ("Claimants", Some(claims.claimants)),
        ("Claimants paid", Some(claims.paid)),
        ("Class members who opted out", class.opt_outs),
        ("Objections", class.objections),
    ] {
        let share = count
            .zip(class.members)
            .map(|(part, members)| Figure::Text(percent(part, members) + " of the class"));
        let share = share.unwrap_or(Figure::Blank);
        section.entry(label, [count.map_or_else(unknown, Figure::Count), share]);
    }
    for (label, amount) in [
        ("Average payment", &payouts.average),
        ("Median payment", &payouts.median),
        ("Largest payment", &payouts.largest),
        ("Smallest payment", &payouts.smallest),
    ] {
        section.entry(label, [Figure::optional(amount.as_ref())]);
    }
    if payouts.by_method.is_none() {
        section.entry("Methods of payment", [unknown()]);
    }
    deductions::add(&mut section, plan, account);
    let residual = Figure::Amount(summary.residual.amount.clone());
    let recipient = summary.residual.to.clone();
    let recipient = recipient.map_or_else(unknown, Figure::Text);
    section.entry("Residual", [residual, recipient]);
    section.note(
        Full,
        "A post-distribution accounting also states uncashed payments and cy pres distributions.",
    );
    section
}
