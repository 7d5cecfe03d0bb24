//! The pools, and the payments by size, by method and by tax flag.

use crate::base::money::group;
use crate::plan::english::{DescriptionSection, pool_title};
use crate::plan::{Plan, sourced};
use crate::run::account::proportions::{bar, percent, times_100};
use crate::run::account::view::Detail::{Everywhere, Full, Page};
use crate::run::account::view::{AccountSection, Figure, FigureSource, RowRole};
use crate::run::file_names::{HELD, PAYOUTS};
use crate::run::summary::{PaymentSum, PoolFacts, Summary};

/// Each pool with its rule and its figures.
pub(super) fn pools(
    plan: &Plan,
    summary: &Summary,
    rules: &[DescriptionSection],
) -> Vec<AccountSection> {
    let several = summary.pools.len() > 1;
    let pools = summary.pools.iter().enumerate().flat_map(|(index, pool)| {
        let title = pool_title(&pool.name, pool.source.as_deref());
        let mut section = AccountSection::new(Everywhere, &title, &[(Everywhere, "")]);
        let rule = rules.iter().filter(|rule| rule.title == title);
        for sentence in rule.flat_map(|rule| &rule.sentences) {
            section.sentence(Page, sentence);
        }
        if let Some(reason) = &pool.not_economical {
            section.sentence(Everywhere, format!("The pool is not divided: {reason}."));
        }
        pool_figures(&mut section, pool);
        // The figures of a single pool are those of the fund.
        let detail = if several { Everywhere } else { Full };
        let amount = |digits: &str| [Figure::Amount(digits.to_owned())];
        section
            .entry("Paid", amount(&pool.paid))
            .of(FigureSource::Payouts(PAYOUTS, Some(index)))
            .only(detail);
        section
            .entry("Held", amount(&pool.held))
            .of(FigureSource::Payouts(HELD, Some(index)))
            .only(detail);
        section
            .entry(balance_label(plan, index), amount(&pool.left))
            .only(detail);
        std::iter::once(section).chain(parts(pool))
    });
    pools.collect()
}

/// The label of the money that a pool leaves, which says where it goes.
fn balance_label(plan: &Plan, pool: usize) -> String {
    let later = || plan.pools.iter().skip(pool + 1);
    let source = plan.pools.get(pool).and_then(|pool| pool.rest_of);
    let next = later().find(|later| later.rest_of == Some(pool));
    let sibling = || later().find(|later| source.is_some() && later.rest_of == source);
    match next.or_else(sibling) {
        Some(next) => format!("Balance to pool \"{}\"", next.name),
        None if later().next().is_some() => "Balance to subsequent pools".to_owned(),
        None => "Balance to residual".to_owned(),
    }
}

/// The parts of a pool, if it has any.
fn parts(pool: &PoolFacts) -> Option<AccountSection> {
    let by = pool.by.as_ref()?;
    let title = format!("{} by {}", pool_title(&pool.name, None), by.column);
    let columns = [
        (Everywhere, "Available"),
        (Full, "Participants"),
        (Full, "Rate"),
        (Everywhere, "Paid"),
        (Everywhere, "Held"),
        (Full, "Below minimum"),
        (Everywhere, "Left"),
    ];
    let mut section = AccountSection::new(Everywhere, &title, &columns);
    for part in &by.texts {
        let text = match part.text.as_str() {
            "" => "(blank)",
            text => text,
        };
        let amount = |digits: &String| Figure::Amount(digits.clone());
        let rate = part.rate.as_ref().map(|rate| rate_text(pool, rate));
        let figures = [
            amount(&part.available),
            Figure::Count(part.participants),
            rate.map_or(Figure::Blank, Figure::Text),
            amount(&part.paid),
            amount(&part.held),
            Figure::Count(part.dropped),
            amount(&part.left),
        ];
        section.entry(format!("{text}, {}", part.percent), figures);
    }
    Some(section)
}

fn pool_figures(section: &mut AccountSection, pool: &PoolFacts) {
    section.entry("Available", [Figure::Amount(pool.available.clone())]);
    let participants = Figure::Count(pool.participants);
    section.entry("Participants, paid or held", [participants]);
    if let Some(shares) = &pool.shares {
        section.entry("Shares", [Figure::Number(shares.clone())]);
    }
    if let Some(awards) = &pool.awards {
        section.entry("Awards", [Figure::Amount(awards.clone())]);
    }
    if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
        let label = match pool.shares {
            Some(_) => "Rate per share, truncated to 12 decimals",
            None => "Pro rata percentage, truncated to 10 decimals",
        };
        section.entry(label, [Figure::Text(rate_text(pool, rate))]);
        if exact.contains('/') {
            section.entry("Exact fraction", [Figure::Text(exact.clone())]);
        }
    }
    if let Some(rate) = &pool.unit_rate {
        section.entry("Paid per share", [Figure::Amount(rate.clone())]);
    }
    if pool.dropped > 0 {
        section.entry(
            "Not paid: below the minimum payment",
            [Figure::Count(pool.dropped)],
        );
    }
    if let Some(ahead) = &pool.ahead {
        let label = "Claimants who have had more than the rate gives";
        section.entry(label, [Figure::Count(ahead.participants)]);
        let total = Figure::Amount(ahead.total.clone());
        section.row(RowRole::Part, "more, together", [total]);
    }
}

/// The rate of a pool: an amount per share, or for awards a pro rata percentage.
pub(crate) fn rate_text(pool: &PoolFacts, rate: &str) -> String {
    if pool.shares.is_some() {
        group(rate)
    } else {
        group(&times_100(rate)) + "%"
    }
}

/// The claimants below the minimum over all pools, if the plan has one.
pub(super) fn minimum_in_all(summary: &Summary) -> Vec<AccountSection> {
    let section = summary.payment_drop.iter().map(|drop| {
        let title = "Minimum payment, all pools combined";
        let mut section = AccountSection::new(Everywhere, title, &[(Everywhere, "")]);
        let limits = [
            ("Not paid: payments below", &drop.below),
            ("Not paid: payments at or below", &drop.at_or_below),
        ];
        for (label, limit) in limits {
            if let Some(limit) = limit {
                section.entry(label, [Figure::Amount(limit.clone())]);
            }
        }
        section.entry(
            "Claimants not paid for that reason",
            [Figure::Count(drop.dropped)],
        );
        let total = Figure::Amount(drop.total.clone());
        section.entry("Total of the payments not made", [total]);
        section
    });
    section.collect()
}

pub(super) fn sizes(summary: &Summary) -> AccountSection {
    let payouts = &summary.payouts;
    let columns = [
        (Everywhere, "Number"),
        (Full, "Total"),
        (Everywhere, "Smallest"),
        (Everywhere, "Median"),
        (Everywhere, "Largest"),
    ];
    let mut section = AccountSection::new(Everywhere, "Payments", &columns);
    let mut row = |label: &str, paid: u64, total: &str, sizes: [&Option<String>; 3]| {
        let [smallest, median, largest] = sizes.map(|size| Figure::optional(size.as_ref()));
        let (paid, total) = (Figure::Count(paid), Figure::Amount(total.to_owned()));
        section.entry(label, [paid, total, smallest, median, largest]);
    };
    row(
        "All claimants",
        payouts.count,
        &payouts.total,
        [&payouts.smallest, &payouts.median, &payouts.largest],
    );
    for subclass in &summary.subclasses {
        row(
            &subclass.name,
            subclass.paid,
            &subclass.total,
            [&subclass.smallest, &subclass.median, &subclass.largest],
        );
    }
    if !summary.subclasses.is_empty() {
        section.note(Full, "A claimant may be in several subclasses.");
    }
    section
}

pub(super) fn methods(summary: &Summary) -> Vec<AccountSection> {
    let columns = ["Number", "Share", "Total"].map(|heading| (Full, heading));
    let methods = summary.payouts.by_method.iter().map(|methods| {
        let mut section = AccountSection::new(Full, "Methods of payment", &columns);
        for facts in methods {
            let method = match facts.method.as_str() {
                "" => "not stated",
                method => method,
            };
            let figures = [
                Figure::Count(facts.count),
                Figure::Text(percent(facts.count, summary.payouts.count)),
                Figure::Amount(facts.total.clone()),
            ];
            section.entry(method, figures);
        }
        section
    });
    methods.collect()
}

pub(super) fn by_amount(plan: &Plan, summary: &Summary) -> AccountSection {
    let bars = &summary.histogram;
    let currency = plan.settlement.currency;
    let columns = [(Full, "Number"), (Full, "Share"), (Page, "")];
    let mut section = AccountSection::new(Full, "Payments by amount", &columns);
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
    for amounts in bars {
        let from = currency.grouped(amounts.from);
        let label = if amounts.from == amounts.to {
            from
        } else {
            format!("{from} to {}", currency.grouped(amounts.to))
        };
        let figures = [
            Figure::Count(amounts.count),
            Figure::Text(percent(amounts.count, summary.payouts.count)),
            bar(0, amounts.count.into(), most.into(), "paid"),
        ];
        section.entry(label, figures);
    }
    if bars.is_empty() {
        section.note(Full, "No claimant receives a payment.");
    } else {
        let note = "The longest bar is the most frequent amount or range.";
        section.note(Page, note);
    }
    section
}

/// The tax flags, if the plan has a threshold.
pub(super) fn tax(plan: &Plan, summary: &Summary) -> Vec<AccountSection> {
    let columns = ["Number", "Total"].map(|heading| (Everywhere, heading));
    let tax = summary.tax.iter().map(|tax| {
        let title = "Tax flags (not tax advice)";
        let mut section = AccountSection::new(Everywhere, title, &columns);
        let mut row = |role, label: &str, facts: &PaymentSum| {
            let total = Figure::Amount(facts.total.clone());
            section.row(role, label, [Figure::Count(facts.count), total]);
        };
        let portion = tax.portion.as_ref();
        let of = portion.map(|portion| format!(" of portion \"{portion}\""));
        let of = of.unwrap_or_default();
        let threshold = plan.settlement.currency.grouped_text(&tax.threshold);
        let threshold = format!("Payments{of} at or over {threshold}");
        row(RowRole::Entry, &threshold, &tax.at_or_over);
        let label = "Of these, no valid taxpayer number";
        row(RowRole::Part, label, &tax.at_or_over_without_number);
        let label = format!("All payments{of} without a valid taxpayer number");
        row(RowRole::Entry, &label, &tax.without_number);
        let note = "A flag is not a finding that a payment is reportable or subject to \
                    withholding: that depends on what it is paid for.";
        section.note(Full, note);
        section
    });
    tax.collect()
}

/// Rows with the same cells as those of another claimant, if the plan flags them.
pub(super) fn flags(summary: &Summary) -> Vec<AccountSection> {
    let columns = [(Everywhere, "Rows")];
    let flags = summary.flags.iter().map(|flags| {
        let title = "Claimants with the same cells as another (flags.csv)";
        let mut section = AccountSection::new(Everywhere, title, &columns);
        for flag in flags {
            let count = Figure::Count(flag.rows);
            let rule = flag.rule.replace(';', " and ");
            section.entry(format!("Same {rule}"), [count]);
        }
        section
    });
    flags.collect()
}

/// The portions of the payouts, and whom they are paid to.
pub(super) fn portions(summary: &Summary) -> Vec<AccountSection> {
    if summary.portions.is_empty() {
        return Vec::new();
    }
    let columns = ["Number", "Paid", "Held"].map(|heading| (Everywhere, heading));
    let mut section = AccountSection::new(Everywhere, "Portions of payments", &columns);
    for portion in &summary.portions {
        let name = sourced(&portion.name, portion.source.as_deref());
        let (paid, held) = (&portion.paid, &portion.held);
        let amount = |digits: &String| Figure::Amount(digits.clone());
        let figures = [
            Figure::Count(paid.count),
            amount(&paid.total),
            amount(&held.total),
        ];
        section.entry(name, figures);
        for payee in &portion.payees {
            let figures = [Figure::Count(payee.count), amount(&payee.total)];
            section.row(RowRole::Part, format!("to {}", payee.to), figures);
        }
        if let Some(payees) = &portion.payee_count {
            let label = format!("to {} payees", group(payees));
            let figures = [Figure::Count(paid.count), amount(&paid.total)];
            section.row(RowRole::Part, label, figures);
        }
    }
    vec![section]
}
