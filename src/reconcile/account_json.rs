//! account.json: the account figure by figure, for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::money::Money;
use crate::reconcile::account::ChainAccount;
use crate::reconcile::chain::amount;
use crate::reconcile::court::{self, CourtRow};
use crate::run::summary::PaymentSum;

#[derive(Serialize)]
pub(crate) struct AccountFacts {
    run: String,
    after: Option<String>,
    on: String,
    rounds: Vec<RoundFacts>,
    account: FundFacts,
    left: BTreeMap<&'static str, String>,
    balance: BalanceFacts,
    /// The points of the Northern District of California's accounting: point, figure,
    /// share and source.
    post_distribution: Vec<CourtRow>,
    /// The points of section 384 of the California Code of Civil Procedure.
    ccp_384: Vec<CourtRow>,
    /// The points of a standardized fund accounting report.
    sfar: Vec<CourtRow>,
    /// What happened that must not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
    ties_out: bool,
}

#[derive(Serialize)]
struct RoundFacts {
    run: String,
    brought_forward: String,
    paid_in: String,
    interest: String,
    deducted: String,
    reserve: String,
    payouts: String,
    held: String,
    residual: String,
    states: BTreeMap<&'static str, PaymentSum>,
}

#[derive(Serialize)]
struct FundFacts {
    paid_in: String,
    received: String,
    deducted: String,
    spent: String,
    cashed: String,
    outstanding: String,
    left: String,
}

#[derive(Serialize)]
struct BalanceFacts {
    expected: String,
    owed: String,
    /// The balance that the facts state; without one, it was not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    stated: Option<String>,
}

/// The content of account.json.
pub(crate) fn facts(account: &ChainAccount<'_>) -> AccountFacts {
    let currency = account.currency();
    let text = |money: Money| currency.text(money);
    let rounds = account.chain.runs.iter().zip(&account.tally.runs);
    let rounds = rounds.map(|(run, sums)| RoundFacts {
        run: run.name.clone(),
        brought_forward: text(amount(&run.brought_forward, currency)),
        paid_in: text(amount(&run.paid_in, currency)),
        interest: text(amount(&run.interest, currency)),
        deducted: text(run.deducted(currency)),
        reserve: text(run.reserve(currency)),
        payouts: text(sums.payouts.total),
        held: text(amount(&run.held, currency)),
        residual: text(amount(&run.residual, currency)),
        states: sums
            .states
            .iter()
            .map(|(word, state)| {
                let sum = PaymentSum {
                    count: state.count,
                    total: text(state.total),
                };
                (*word, sum)
            })
            .collect(),
    });
    let paid_in = account.paid_in().plus(account.interest());
    let mut left: BTreeMap<&'static str, String> = BTreeMap::new();
    for (key, _, part) in account.left.parts("") {
        left.insert(key, text(part));
    }
    left.insert("amount", text(account.left.amount()));
    AccountFacts {
        run: account.chain.last_run().name.clone(),
        after: account.after.map(str::to_owned),
        on: account.on.to_string(),
        rounds: rounds.collect(),
        account: FundFacts {
            paid_in: text(paid_in.unwrap_or(Money::ZERO)),
            received: text(account.received()),
            deducted: text(account.deducted()),
            spent: text(account.spent()),
            cashed: text(account.tally.all.cashed),
            outstanding: text(account.tally.all.outstanding),
            left: text(account.left.amount()),
        },
        left,
        balance: BalanceFacts {
            expected: text(account.expected_balance()),
            owed: text(account.owed()),
            stated: account.balance.map(text),
        },
        post_distribution: court::post_distribution(account),
        ccp_384: court::ccp_384(account),
        sfar: court::sfar(account),
        findings: account.findings.clone(),
        ties_out: account.ties_out(),
    }
}
