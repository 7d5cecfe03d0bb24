//! The ledger of a reconciliation: what earlier distributions paid and left, which a plan
//! with `prior` divides and reads.

pub(crate) mod reader;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::base::dates::Date;
use crate::base::diagnostics::OrBug as _;
use crate::base::money::{Currency, Money};
use crate::plan::claim_fact::{ClaimFact, NO_PAYOUT, PriorAmount};
use crate::plan::{Plan, fund, messages};

/// A sealed reconciliation, as far as a later plan reads it.
#[derive(Debug, Clone)]
pub(crate) struct PriorLedger {
    /// The folder, and its name without path.
    pub folder: PathBuf,
    pub name: String,
    /// The SHA-256 of its manifest.
    pub seal: String,
    pub settlement: String,
    pub currency: Currency,
    /// The day until which its facts hold.
    pub on: Date,
    /// The number of distributions that it accounts for.
    pub round: u64,
    /// The parts of what is left, in the order of the account; they add up to `left`.
    pub parts: Vec<(String, Money)>,
    pub left: Money,
    /// The claimants with a payout or a hold in any round.
    pub claimants: HashMap<Box<str>, PriorClaimant, FixedState>,
}

/// A claimant in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PriorClaimant {
    /// One of [`crate::plan::claim_fact::STATES`].
    pub status: &'static str,
    pub cashed: Money,
    pub outstanding: Money,
    /// `cashed` and `outstanding` together.
    pub paid: Money,
    pub void: Money,
    pub held: Money,
}

impl PriorClaimant {
    /// A claimant whom the ledger does not know.
    pub(crate) const UNKNOWN: Self = Self {
        status: NO_PAYOUT,
        cashed: Money::ZERO,
        outstanding: Money::ZERO,
        paid: Money::ZERO,
        void: Money::ZERO,
        held: Money::ZERO,
    };

    pub(crate) fn amount(&self, amount: PriorAmount) -> Money {
        match amount {
            PriorAmount::Cashed => self.cashed,
            PriorAmount::Paid => self.paid,
            PriorAmount::Void => self.void,
            PriorAmount::Held => self.held,
        }
    }
}

impl PriorLedger {
    pub(crate) fn claimant(&self, id: &str) -> &PriorClaimant {
        self.claimants.get(id).unwrap_or(&PriorClaimant::UNKNOWN)
    }

    /// The cell of a claimant in a column that the ledger fills in; `None` for facts from
    /// elsewhere.
    pub(crate) fn cell(&self, id: &str, fact: ClaimFact) -> Option<Cow<'static, str>> {
        let claimant = self.claimant(id);
        match fact {
            ClaimFact::Trades(_) => None,
            ClaimFact::PriorStatus => Some(claimant.status.into()),
            ClaimFact::Prior(amount) => Some(self.currency.text(claimant.amount(amount)).into()),
        }
    }
}

impl Plan {
    /// The cell of a claimant in a column that the ledger fills in.
    pub(crate) fn prior_cell(&self, id: &str, fact: ClaimFact) -> Cow<'static, str> {
        let ledger = self.prior.as_ref();
        let cell = ledger.and_then(|ledger| ledger.cell(id, fact));
        cell.or_bug("a plan with `prior` follows no reconciliation")
    }

    /// Refuses a plan that divides what a reconciliation left, for a command that looks
    /// at claims alone.
    pub(crate) fn refuse_prior(&self, command: &str) -> Result<()> {
        if self.fund.prior {
            return Err(messages::prior_out_of_place(command).into());
        }
        Ok(())
    }

    /// Takes what a reconciliation left as the beginning of the fund, and its ledger as
    /// columns of the claims.
    pub(crate) fn follow(&mut self, ledger: Option<PriorLedger>) -> Result<()> {
        let ledger = match (self.fund.prior, ledger) {
            (false, None) => return Ok(()),
            (true, None) => return Err(messages::prior_without_reconciliation().into()),
            (false, Some(ledger)) => {
                return Err(messages::reconciliation_without_prior(&ledger.name).into());
            }
            (true, Some(ledger)) => ledger,
        };
        let currency = self.settlement.currency;
        if ledger.settlement != self.settlement.name || ledger.currency != currency {
            let other = (&ledger.settlement, ledger.currency.code());
            return Err(messages::reconciliation_of_other(&ledger.name, other.0, other.1).into());
        }
        if ledger.left < Money::ZERO {
            let gone = currency.grouped(Money(-ledger.left.0));
            return Err(messages::nothing_left(&gone).into());
        }
        let account = fund::account_after(self.fund, ledger.left, &self.deductions, currency);
        let account = account.map_err(|problem| self.at_fault(problem))?;
        if account.gross() == Some(Money::ZERO) {
            let left = currency.grouped(ledger.left);
            return Err(messages::nothing_to_divide(&left).into());
        }
        self.account = Some(account);
        self.prior = Some(Arc::new(ledger));
        Ok(())
    }
}
