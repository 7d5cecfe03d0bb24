//! The facts that the program itself knows of a claim: columns that conditions and formulas
//! read, but no claims file has.

use crate::base::diagnostics::OrBug as _;
use crate::plan::cell::CellKind;
use crate::plan::lot_names::TradeFact;

/// A column that the program fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimFact {
    /// A fact about the trades of the claim.
    Trades(TradeFact),
    /// The state of the claimant's latest payout, by the ledger of a reconciliation.
    PriorStatus,
    /// An amount in that ledger.
    Prior(PriorAmount),
}

/// An amount in the ledger of a reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PriorAmount {
    /// The sum that the claimant received in all rounds, less what was sent back.
    Cashed,
    /// The same, and payments that are still outstanding.
    Paid,
    /// Payouts of which no payment is live, and whose money is in the fund.
    Void,
    /// The amount that the last run held.
    Held,
}

impl PriorAmount {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("cashed", Self::Cashed),
        ("paid", Self::Paid),
        ("void", Self::Void),
        ("held", Self::Held),
    ];
}

/// The state of a claimant whom the ledger does not know.
pub(crate) const NO_PAYOUT: &str = "none";

/// The states of the claimant's latest payout or hold.
pub(crate) const STATES: [&str; 9] = [
    "cashed",
    "refunded",
    "outstanding",
    "stale",
    "returned",
    "void",
    "unissued",
    "held",
    NO_PAYOUT,
];

/// The names of the columns of the ledger begin with this.
const PRIOR: &str = "prior.";

/// The column of the states in the ledger.
pub(crate) const PRIOR_STATUS: &str = "prior.status";

/// The column of an amount in the ledger.
pub(crate) fn prior_column(amount: PriorAmount) -> String {
    let mut words = PriorAmount::ALL.iter();
    let word = words.find(|(_, known)| *known == amount);
    let (word, _) = word.or_bug("an amount of the ledger has no name");
    format!("{PRIOR}{word}")
}

/// The parts of a plan whose columns the program fills in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FactSources {
    /// True if claims know whether their trades balance.
    pub trades: bool,
    /// True if claims know what earlier distributions paid.
    pub prior: bool,
}

impl FactSources {
    /// The fact in the column with this name.
    pub(crate) fn named(self, name: &str) -> Option<ClaimFact> {
        if self.prior
            && let Some(rest) = name.strip_prefix(PRIOR)
        {
            if name == PRIOR_STATUS {
                return Some(ClaimFact::PriorStatus);
            }
            let mut words = PriorAmount::ALL.iter();
            let known = words.find(|(word, _)| *word == rest);
            return known.map(|(_, amount)| ClaimFact::Prior(*amount));
        }
        let mut facts = TradeFact::ALL.iter().filter(|_| self.trades);
        let known = facts.find(|(known, _)| *known == name);
        known.map(|(_, fact)| ClaimFact::Trades(*fact))
    }
}

impl ClaimFact {
    /// True if it comes from the ledger.
    pub(crate) fn is_prior(self) -> bool {
        !matches!(self, Self::Trades(_))
    }

    pub(crate) fn kind(self) -> CellKind {
        match self {
            Self::Trades(_) | Self::PriorStatus => CellKind::Text,
            Self::Prior(_) => CellKind::Number,
        }
    }

    /// The only texts of its column; `None` if it has numbers.
    pub(crate) fn texts(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Trades(fact) => Some(fact.texts()),
            Self::PriorStatus => Some(&STATES),
            Self::Prior(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plan_that_has_the_source_has_the_column() {
        let none = FactSources::default();
        assert_eq!(none.named("prior.paid"), None);
        assert_eq!(none.named("balance"), None);
        let prior = FactSources {
            prior: true,
            trades: false,
        };
        let paid = Some(ClaimFact::Prior(PriorAmount::Paid));
        assert_eq!(prior.named(&prior_column(PriorAmount::Paid)), paid);
        assert_eq!(prior.named("prior.status"), Some(ClaimFact::PriorStatus));
        assert_eq!(prior.named("prior.lapsed"), None);
        assert_eq!(prior.named("balance"), None);
        let trades = FactSources {
            prior: false,
            trades: true,
        };
        assert!(trades.named("balance").is_some() && trades.named("prior.paid").is_none());
    }
}
