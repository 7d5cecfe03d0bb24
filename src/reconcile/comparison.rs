//! Two reconciliations of a chain: which payments went from which state to which, and the
//! parts of what is left, then and now.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::base::csv_text::push_cell;
use crate::base::diagnostics::Problem;
use crate::base::diagnostics::quotable;
use crate::base::list_file::private_file;
use crate::base::money::{Currency, Money};
use crate::plan::Choice as _;
use crate::reconcile::account::Left;
use crate::reconcile::book::Book;
use crate::reconcile::chain::{Chain, amount, grouped};
use crate::reconcile::messages;
use crate::reconcile::saved::SavedReconciliation;
use crate::reconcile::tally::{CountAndSum, Tally};
use crate::run::summary::PaymentSum;

/// What changed from one reconciliation to another.
#[derive(Debug, Serialize)]
pub(crate) struct ReconciliationComparison {
    pub old: String,
    pub new: String,
    pub changed: Vec<StateChange>,
    /// By part of what is left, the amount then and now.
    pub left: BTreeMap<&'static str, [String; 2]>,
    #[serde(skip)]
    lines: Vec<String>,
    #[serde(skip)]
    currency: Currency,
}

/// Payments that went from one state to another; `new` for those that were made since.
#[derive(Debug, Serialize)]
pub(crate) struct StateChange {
    pub from: &'static str,
    pub to: &'static str,
    pub payments: PaymentSum,
}

/// The state of a payment that was made since.
const NEW: &str = "new";

/// Compares two reconciliations.
pub(crate) fn compare(old: &Path, new: &Path) -> Result<ReconciliationComparison> {
    let (old, new) = (
        SavedReconciliation::open(old)?,
        SavedReconciliation::open(new)?,
    );
    let first = |saved: &SavedReconciliation| {
        let run = saved.manifest.chain.runs.first();
        run.map(|run| run.seal.clone())
    };
    if first(&old) != first(&new) {
        let (old, new) = (quotable(&old.name), quotable(&new.name));
        return Err(Problem::from(messages::reconciliation_of_other_run(&old, &new)).into());
    }
    let currency = new.currency()?;
    let (old_book, _) = old.book()?;
    let (new_book, _) = new.book()?;
    let before: BTreeMap<PaymentKey, &'static str> = keyed(&old_book, &old.manifest.chain);
    let mut changed: BTreeMap<(&'static str, &'static str), CountAndSum> = BTreeMap::new();
    let mut lines = Vec::new();
    let names = new.manifest.chain.export_names();
    for payment in new_book.in_order() {
        let of = new_book.payment(payment);
        let key = key(&new_book, &names, payment);
        let (from, to) = (before.get(&key).copied().unwrap_or(NEW), of.state.word());
        if from == to {
            continue;
        }
        let money = new_book.payout(of.payout).amount;
        changed.entry((from, to)).or_default().add(money);
        lines.push(line(&key, &new_book, payment, currency, from, to));
    }
    let changed = changed.into_iter().map(|((from, to), sum)| StateChange {
        from,
        to,
        payments: PaymentSum {
            count: sum.count,
            total: currency.text(sum.total),
        },
    });
    Ok(ReconciliationComparison {
        changed: changed.collect(),
        left: left(&old, &old_book, &new, &new_book, currency),
        old: old.name,
        new: new.name,
        lines,
        currency,
    })
}

/// A payment by its export, claimant, portion and number.
type PaymentKey = (String, String, String, String);

fn key(book: &Book, names: &[String], payment: u32) -> PaymentKey {
    let of = book.payment(payment);
    let payout = book.payout(of.payout);
    let export = names.get(usize::from(of.export));
    let portion = book.portions.get(usize::from(payout.portion));
    (
        export.cloned().unwrap_or_default(),
        book.claimants.id(payout.claimant).to_owned(),
        portion.cloned().unwrap_or_default(),
        book.numbers.get(payment).to_owned(),
    )
}

fn keyed(book: &Book, chain: &Chain) -> BTreeMap<PaymentKey, &'static str> {
    let names = chain.export_names();
    let payments = book.in_order();
    payments
        .map(|payment| {
            (
                key(book, &names, payment),
                book.payment(payment).state.word(),
            )
        })
        .collect()
}

fn line(
    key: &PaymentKey,
    book: &Book,
    payment: u32,
    currency: Currency,
    from: &str,
    to: &str,
) -> String {
    let (export, id, portion, number) = key;
    let money = book.payout(book.payment(payment).payout).amount;
    let date = book.payment(payment).date;
    let date = date.map_or_else(String::new, |date| date.to_string());
    let amount = currency.text(money);
    let mut line = String::new();
    push_cell(&mut line, id);
    for cell in [portion, export, number, &amount, from, to, &date] {
        line.push(',');
        push_cell(&mut line, cell);
    }
    line.push('\n');
    line
}

/// The parts of what is left, then and now.
fn left(
    old: &SavedReconciliation,
    old_book: &Book,
    new: &SavedReconciliation,
    new_book: &Book,
    currency: Currency,
) -> BTreeMap<&'static str, [String; 2]> {
    let of = |saved: &SavedReconciliation, book: &Book| {
        let chain = &saved.manifest.chain;
        let tally = Tally::new(book, chain.runs.len());
        let held = amount(&chain.last_run().held, currency);
        let left = Left::new(chain, &tally, held, currency);
        let parts = left.parts("").map(|(key, _, part)| (key, part));
        let all = ("amount", left.amount());
        parts.into_iter().chain([all]).collect::<Vec<_>>()
    };
    let parts = of(old, old_book).into_iter().zip(of(new, new_book));
    parts
        .filter(|((_, then), (_, now))| *then != Money::ZERO || *now != Money::ZERO)
        .map(|((key, then), (_, now))| (key, [then, now].map(|money| currency.text(money))))
        .collect()
}

impl ReconciliationComparison {
    pub(crate) fn is_same(&self) -> bool {
        let mut left = self.left.values();
        self.changed.is_empty() && left.all(|[then, now]| then == now)
    }

    /// The comparison as text.
    pub(crate) fn text(&self) -> String {
        let money = |text: &str| grouped(self.currency, amount(text, self.currency));
        let mut text = format!("{} and {}\n\n", self.old, self.new);
        if self.changed.is_empty() {
            text += "No payment changed its state.\n";
        }
        for StateChange { from, to, payments } in &self.changed {
            text += &format!(
                "{:<28}{:>10}{:>20}\n",
                format!("{from} to {to}"),
                crate::base::money::group(&payments.count),
                money(&payments.total)
            );
        }
        text += &format!("\n{:<28}{:>15}{:>15}\n", "Left", self.old, self.new);
        for (key, [then, now]) in &self.left {
            let key = if *key == "amount" { "in all" } else { key };
            text += &format!("  {key:<26}{:>15}{:>15}\n", money(then), money(now));
        }
        text
    }

    /// Writes every payment that changed.
    pub(crate) fn write_csv(&self, path: &Path) -> Result<()> {
        use std::io::Write as _;
        let failed = |error| crate::base::diagnostics::Failure::writing(path.display(), error);
        let (mut file, unfinished) = private_file(path)?;
        let header = "claimant_id,portion,export,number,amount,from,to,date\n";
        file.write_all(header.as_bytes()).map_err(failed)?;
        for line in &self.lines {
            file.write_all(line.as_bytes()).map_err(failed)?;
        }
        unfinished.finish();
        Ok(())
    }
}
