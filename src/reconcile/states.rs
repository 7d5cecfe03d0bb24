//! The state of each payment: of everything that is known about it, the latest day
//! counts, in whatever order it became known.

use std::collections::BTreeMap;

use crate::base::compact_column::index;
use crate::base::dates::Date;
use crate::base::diagnostics::OrBug as _;
use crate::base::money::Money;
use crate::reconcile::book::Book;
use crate::reconcile::facts::{OutcomeWord, Unheard};
use crate::reconcile::matching::Fact;

const LOST: &str = "a payment is missing";

/// The facts about payments of which more than one is known, by payment.
pub(crate) type History = BTreeMap<u32, Vec<Fact>>;

/// Two facts that cannot both be true.
#[derive(Debug)]
pub(crate) struct Contradiction {
    pub fact: Fact,
    pub other: Fact,
}

/// Gives every payment its state. `known` are the facts of earlier reconciliations.
/// Returns the facts about payments of which there are several.
pub(crate) fn settle(
    book: &mut Book,
    known: Vec<Fact>,
    found: Vec<Fact>,
) -> (History, Vec<Contradiction>) {
    let mut facts = known;
    facts.extend(found);
    // What is known already comes first, then rows in the order of files.
    facts.sort_by_key(|fact| (fact.payment, fact.date, fact.place));
    let mut history = History::new();
    let mut contradictions = Vec::new();
    for of_one in facts.chunk_by(|one, other| one.payment == other.payment) {
        let distinct = distinct(of_one);
        let Some(first) = distinct.first() else {
            continue;
        };
        contradictions.extend(contradiction(&distinct));
        let (state, date, refund) = state(&distinct);
        let payment = first.payment;
        set(book, payment, state, Some(date), false);
        if let Some(refund) = refund {
            split_refund(book, payment, refund);
        }
        if distinct.len() > 1 {
            history.insert(payment, distinct);
        }
    }
    (history, contradictions)
}

/// Each fact once, in the order of days.
fn distinct(facts: &[Fact]) -> Vec<Fact> {
    let mut distinct: Vec<Fact> = Vec::new();
    for fact in facts {
        let is_same = |other: &&Fact| {
            (other.date, other.word, other.refund) == (fact.date, fact.word, fact.refund)
        };
        if !distinct.iter().any(|other| is_same(&other)) {
            distinct.push(*fact);
        }
    }
    distinct
}

fn is_cashed(word: OutcomeWord) -> bool {
    matches!(word, OutcomeWord::Cashed | OutcomeWord::Refunded)
}

/// Facts of one day, of which one says that the payment is cashed and the other that it
/// is not.
fn contradiction(facts: &[Fact]) -> Option<Contradiction> {
    let mut days = facts.chunk_by(|one, other| one.date == other.date);
    days.find_map(|day| {
        let cashed = day.iter().find(|fact| is_cashed(fact.word))?;
        let not = day.iter().find(|fact| !is_cashed(fact.word))?;
        let (fact, other) = if cashed.place >= not.place {
            (*cashed, *not)
        } else {
            (*not, *cashed)
        };
        Some(Contradiction { fact, other })
    })
}

/// The state that follows from facts in the order of days, since when, and how much came
/// back.
fn state(facts: &[Fact]) -> (OutcomeWord, Date, Option<Money>) {
    let last = facts.last().or_bug(LOST);
    let on_last = facts.iter().filter(|fact| fact.date == last.date);
    if is_cashed(last.word) || on_last.clone().any(|fact| is_cashed(fact.word)) {
        let refunds = on_last.filter_map(|fact| fact.refund);
        let refund = refunds.max();
        let word = refund.map_or(OutcomeWord::Cashed, |_| OutcomeWord::Refunded);
        return (word, last.date, refund);
    }
    let cashed = facts.iter().rposition(|fact| is_cashed(fact.word));
    let since = facts.get(cashed.map_or(0, |place| place + 1)..);
    let since = since.unwrap_or_default();
    // That a payment was stopped says nothing of why it was not cashed.
    let says_why = since.iter().find(|fact| fact.word != OutcomeWord::Void);
    let first = says_why.or(since.first()).or_bug(LOST);
    (first.word, first.date, None)
}

/// Sets the state of a payment and its further parts.
fn set(book: &mut Book, payment: u32, state: OutcomeWord, date: Option<Date>, assumed: bool) {
    for part in book.parts(payment) {
        book.refunds.remove(&part);
        let part = book.payments.get_mut(index(part)).or_bug(LOST);
        part.state = state;
        part.date = date;
        part.assumed = assumed;
    }
}

/// Divides what came back among the parts of a payment, in their order.
fn split_refund(book: &mut Book, payment: u32, refund: Money) {
    let mut rest = refund;
    for part in book.parts(payment) {
        let amount = book.payout(book.payment(part).payout).amount;
        let its = amount.min(rest);
        rest = rest.minus(its).or_bug(LOST);
        if its > Money::ZERO {
            book.refunds.insert(part, its);
        }
    }
}

/// Takes the payments of exports that are still outstanding for cashed or stale.
pub(crate) fn presume(book: &mut Book, unheard: &[(usize, Unheard)]) {
    for (export, word) in unheard {
        let state = match word {
            Unheard::Cashed => OutcomeWord::Cashed,
            Unheard::Stale => OutcomeWord::Stale,
        };
        let range = book
            .exports
            .get(*export)
            .map(|export| export.first..export.end);
        for payment in range.into_iter().flatten() {
            let one = book.payments.get_mut(index(payment)).or_bug(LOST);
            if one.state == OutcomeWord::Outstanding {
                one.state = state;
                one.assumed = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(word: OutcomeWord, day: i8, refund: Option<i128>) -> Fact {
        Fact {
            payment: 0,
            date: jiff::civil::date(2026, 9, day),
            word,
            refund: refund.map(Money),
            place: None,
        }
    }

    #[test]
    fn the_latest_day_counts() {
        use OutcomeWord::{Cashed, Refunded, Returned, Stale, Void};
        let state = |facts: &[Fact]| {
            let (word, date, refund) = state(facts);
            (word, date.day(), refund.map(|refund| refund.0))
        };
        let plain = |word, day| fact(word, day, None);
        assert_eq!(state(&[plain(Cashed, 1)]), (Cashed, 1, None));
        // Why it came back, not that it was stopped afterwards.
        let stopped = [plain(Returned, 18), plain(Void, 21)];
        assert_eq!(state(&stopped), (Returned, 18, None));
        let returned = [plain(Void, 18), plain(Returned, 21)];
        assert_eq!(state(&returned), (Returned, 21, None));
        let twice = [plain(Stale, 3), plain(Cashed, 5), plain(Returned, 9)];
        assert_eq!(state(&twice), (Returned, 9, None));
        let refunded = [plain(Cashed, 5), fact(Refunded, 5, Some(40))];
        assert_eq!(state(&refunded), (Refunded, 5, Some(40)));
        let more = [fact(Refunded, 5, Some(40)), fact(Refunded, 8, Some(70))];
        assert_eq!(state(&more), (Refunded, 8, Some(70)));
    }

    #[test]
    fn cashed_and_not_on_one_day_is_a_contradiction() {
        use OutcomeWord::{Cashed, Returned, Void};
        let day = |words: [OutcomeWord; 2]| {
            contradiction(&words.map(|word| fact(word, 4, None))).is_some()
        };
        assert!(day([Cashed, Returned]) && day([Void, Cashed]));
        assert!(!day([Void, Returned]));
        let apart = [fact(Cashed, 3, None), fact(Returned, 4, None)];
        assert!(contradiction(&apart).is_none());
    }
}
