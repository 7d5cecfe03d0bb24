//! The history of a claimant in a chain: `explain RECONCILIATION ID`.

use anyhow::Result;
use serde::Serialize;

use crate::base::diagnostics::{Problem, literal, nearest};
use crate::base::money::Money;
use crate::plan::Choice as _;
use crate::reconcile::book::Book;
use crate::reconcile::chain::grouped;
use crate::reconcile::messages;
use crate::reconcile::saved::{SavedReconciliation, UNISSUED};
use crate::reconcile::tally::Tally;

/// What a claimant was paid, and what became of it.
#[derive(Debug, Serialize)]
pub(crate) struct ClaimantHistory {
    pub claimant_id: String,
    pub on: String,
    pub payouts: Vec<PayoutHistory>,
    pub held: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct PayoutHistory {
    pub run: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub portion: String,
    pub amount: String,
    pub status: &'static str,
    /// True if its money was brought forward into a later run.
    pub lapsed: bool,
    pub payments: Vec<PaymentHistory>,
}

#[derive(Debug, Serialize)]
pub(crate) struct PaymentHistory {
    pub export: String,
    pub number: String,
    pub issued: Option<String>,
    pub status: &'static str,
    pub date: Option<String>,
    pub refunded: String,
}

/// The history of a claimant in a reconciliation.
pub(crate) fn of(saved: &SavedReconciliation, id: &str) -> Result<ClaimantHistory> {
    let (book, _) = saved.book()?;
    let currency = saved.currency()?;
    let chain = saved.chain();
    let names = chain.export_names();
    let tally = Tally::new(&book, chain.runs.len());
    let Some(claimant) = book.claimants.find(id) else {
        return Err(unknown(&book, saved, id).into());
    };
    let text = |money: Money| currency.text(money);
    let mut payouts = Vec::new();
    for (run, number) in chain.runs.iter().zip(0_u16..) {
        for place in book.payouts_of(number, claimant) {
            let payout = book.payout(place);
            let of_payout = book
                .in_order()
                .filter(|payment| book.payment(*payment).payout == place);
            let payments = of_payout.map(|payment| {
                let of = book.payment(payment);
                let export = names.get(usize::from(of.export));
                PaymentHistory {
                    export: export.cloned().unwrap_or_default(),
                    number: book.numbers.get(payment).to_owned(),
                    issued: book.export(payment).issued.map(|day| day.to_string()),
                    status: of.state.word(),
                    date: of.date.map(|day| day.to_string()),
                    refunded: text(book.refund(payment)),
                }
            });
            let portion = book.portions.get(usize::from(payout.portion));
            payouts.push(PayoutHistory {
                run: run.name.clone(),
                portion: portion.cloned().unwrap_or_default(),
                amount: text(payout.amount),
                status: tally.state(place).word(),
                lapsed: payout.lapsed,
                payments: payments.collect(),
            });
        }
    }
    let held = book.held.iter().filter(|(of, ..)| *of == claimant);
    let held: Option<Money> = held.map(|(.., amount)| *amount).sum();
    let held = held.filter(|held| *held > Money::ZERO).map(text);
    Ok(ClaimantHistory {
        claimant_id: id.to_owned(),
        on: saved.manifest.on.clone(),
        payouts,
        held,
    })
}

fn unknown(book: &Book, saved: &SavedReconciliation, id: &str) -> Problem {
    let ids = (0..book.claimants.len()).map(|claimant| book.claimants.id(claimant));
    let near = nearest(id, ids.take(100_000));
    let hint = near.map(|near| format!("did you mean {}?", literal(near)));
    messages::claimant_unknown(&saved.name, &literal(id))
        .hint(hint)
        .into()
}

/// The history as text.
pub(crate) fn text(saved: &SavedReconciliation, history: &ClaimantHistory) -> Result<String> {
    let currency = saved.currency()?;
    let money = |text: &str| {
        let amount = crate::reconcile::chain::amount(text, currency);
        grouped(currency, amount)
    };
    let mut text = format!("{} on {}\n", history.claimant_id, history.on);
    for payout in &history.payouts {
        let portion = match payout.portion.as_str() {
            "" => String::new(),
            portion => format!(", {portion}"),
        };
        text += &format!(
            "\n{}{portion}: payout {}, {}{}\n",
            payout.run,
            money(&payout.amount),
            payout.status,
            if payout.lapsed {
                "; brought forward into the next run"
            } else {
                ""
            },
        );
        if payout.status == UNISSUED {
            text += "  in no export\n";
        }
        for payment in &payout.payments {
            let number = match payment.number.as_str() {
                "" => String::new(),
                number => format!(" {number}"),
            };
            let day = |day: &Option<String>| match day {
                Some(day) => format!(" on {day}"),
                None => String::new(),
            };
            let refunded = match crate::reconcile::chain::amount(&payment.refunded, currency) {
                Money::ZERO => String::new(),
                refunded => format!(", {} of it came back", grouped(currency, refunded)),
            };
            text += &format!(
                "  {}{number}, issued{}: {}{}{refunded}\n",
                payment.export,
                day(&payment.issued),
                payment.status,
                day(&payment.date),
            );
        }
    }
    if let Some(held) = &history.held {
        text += &format!("\nheld by the last run: {}\n", money(held));
    }
    Ok(text)
}
