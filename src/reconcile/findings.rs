//! What happened that must not: money that is gone twice, payments that are out twice.

use std::collections::HashMap;

use anyhow::Result;

use crate::base::diagnostics::{ClaimProblem, Message, OrBug as _};
use crate::base::money::{Currency, Money};
use crate::plan::Choice as _;
use crate::reconcile::account::Left;
use crate::reconcile::book::Book;
use crate::reconcile::chain::{Chain, grouped};
use crate::reconcile::facts::OutcomeWord;
use crate::reconcile::matching::{Fact, name_of};
use crate::reconcile::messages;
use crate::reconcile::outcomes::{OutcomeCell, OutcomeFile};
use crate::reconcile::saved::place;
use crate::reconcile::states::Contradiction;
use crate::reconcile::tally::Tally;

/// The live payments of the payouts that have too many.
pub(crate) fn of(book: &Book, chain: &Chain, tally: &Tally, currency: Currency) -> Vec<Message> {
    let suspects: Vec<u32> = (0..place(book.payouts.len()))
        .filter(|payout| {
            let state = tally.state(*payout);
            let live = state.cashed + state.outstanding;
            live > 1 || (live > 0 && book.payout(*payout).lapsed)
        })
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let mut live: HashMap<u32, Vec<u32>> = HashMap::new();
    for payment in book.in_order() {
        let of = book.payment(payment);
        if of.is_live() && suspects.binary_search(&of.payout).is_ok() {
            live.entry(of.payout).or_default().push(payment);
        }
    }
    let names = chain.export_names();
    let suspects = suspects.into_iter().flat_map(|payout| {
        let payments = live.remove(&payout).unwrap_or_default();
        of_payout(book, chain, &names, currency, payout, &payments)
    });
    suspects.collect()
}

fn of_payout(
    book: &Book,
    chain: &Chain,
    names: &[String],
    currency: Currency,
    payout: u32,
    payments: &[u32],
) -> Vec<Message> {
    let of = book.payout(payout);
    let id = book.claimants.id(of.claimant);
    let amount = grouped(currency, of.amount);
    let mut found = Vec::new();
    let is_cashed = |payment: &&u32| book.payment(**payment).state != OutcomeWord::Outstanding;
    let name = |payment: &u32| name_of(book, names, *payment);
    let cashed: Vec<String> = payments.iter().filter(is_cashed).map(name).collect();
    if of.lapsed {
        let later = chain.runs.get(usize::from(of.run) + 1);
        let later = later.map_or("", |run| run.name.as_str());
        for payment in payments.iter().filter(is_cashed) {
            let date = book.payment(*payment).date;
            let date = date.map(|date| format!(" on {date}")).unwrap_or_default();
            let payment = format!("{} to {id}", name(payment));
            found.push(messages::cashed_late(&payment, &amount, &date, later));
        }
    }
    if cashed.len() > 1 {
        found.push(messages::paid_twice(id, &amount, &cashed.join(" and ")));
    } else if payments.len() > 1 {
        let all: Vec<String> = payments.iter().map(name).collect();
        let all = all.join(" and ");
        let all = match all.strip_prefix("check ") {
            Some(numbers) if !numbers.contains("payment") => {
                format!("checks {}", numbers.replace("check ", ""))
            }
            _ => all,
        };
        found.push(messages::out_twice(id, &all));
    }
    found
}

/// More is gone than there was.
pub(crate) fn of_left(left: &Left, currency: Currency) -> Option<Message> {
    let amount = left.amount();
    let gone = Money::ZERO.minus(amount).or_bug("an amount is too large");
    (gone > Money::ZERO).then(|| messages::more_gone_than_there_was(&grouped(currency, gone)))
}

/// The problem of two facts that contradict each other, at the later row.
pub(crate) fn contradiction(
    found: &Contradiction,
    book: &Book,
    names: &[String],
    files: &[OutcomeFile<'_>],
    after: Option<&str>,
) -> Result<ClaimProblem> {
    let Contradiction { fact, other } = found;
    let place_of = |fact: &Fact| match fact.place {
        None => after.unwrap_or_default().to_owned(),
        Some((file, row)) => {
            let file = files.get(usize::from(file));
            let file = file.map_or("", |file| file.source.file.as_str());
            messages::place(file, row + 1)
        }
    };
    let message = messages::cashed_and_not(
        &name_of(book, names, fact.payment),
        fact.word.word(),
        other.word.word(),
        &place_of(other),
        &fact.date.to_string(),
    );
    let file = fact
        .place
        .and_then(|(file, row)| Some((files.get(usize::from(file))?, row)));
    match file {
        None => Ok(message.into()),
        Some((file, row)) => file.problem_at(row, OutcomeCell::Date, message),
    }
}
