//! The proof that a run ties out, before it gets its name.

use crate::allocate::Claims;
use crate::allocate::pools::{self, Distribution};
use crate::base::diagnostics::Bug;
use crate::base::money::Money;
use crate::plan::Plan;
use crate::run::portions;
use crate::run::row_tally::RowTally;

/// Proves from the rows as written that every cent is in exactly one place,
///
/// brought forward + fund + interest = deductions + payouts + held + residual,
///
/// and every claim row in exactly one file.
pub(super) fn prove(
    plan: &Plan,
    claims: &Claims,
    distribution: &Distribution,
    tally: &RowTally,
) -> Result<(), Bug> {
    let account = &distribution.account;
    let bug = |message: String| Err(Bug::new(message));
    let others = [tally.paid_total, tally.held_total, distribution.residual];
    let out = account.deducted();
    let out = out.and_then(|out| others.into_iter().try_fold(out, Money::plus));
    if out.is_none() || account.gross() != out {
        return bug(format!(
            "the fund is {:?} minor units, but deductions, written payouts, holds and residual are {out:?}",
            account.gross()
        ));
    }
    let of_pools = |amount: fn(&pools::PoolOutcome) -> Money| -> Option<Money> {
        distribution.pools.iter().map(amount).sum()
    };
    if of_pools(|pool| pool.figures.paid) != Some(tally.paid_total)
        || of_pools(|pool| pool.figures.held) != Some(tally.held_total)
    {
        return bug("the written payouts differ from those of the pools".to_owned());
    }
    let payouts = (tally.paid, Some(tally.paid_total));
    let own = if plan.portions.is_empty() {
        payouts
    } else {
        portions::prove(&tally.portions, tally.paid_total, tally.held_total)?;
        (tally.own.0, Some(tally.own.1))
    };
    if plan.payment_method.is_some() && together(tally.methods.values()) != own {
        return bug("the payouts by method do not add up to all payouts".to_owned());
    }
    let taxed = plan.tax.as_ref().map(|tax| match tax.portion {
        Some(portion) => {
            let taxed = tally.portions.get(portion).map(|one| one.paid);
            let (rows, total) = taxed.unwrap_or_default();
            (rows, Some(total))
        }
        None => payouts,
    });
    if taxed.is_some_and(|taxed| together(tally.flags.values()) != taxed) {
        return bug("the payouts by tax flag do not add up to all payouts".to_owned());
    }
    if tally.claim_rows != claims.rows() {
        return bug(format!(
            "{} rows were read, but {} were written",
            claims.rows(),
            tally.claim_rows
        ));
    }
    Ok(())
}

/// The number of payouts in all parts, and their sum.
fn together<'a>(parts: impl Iterator<Item = &'a (u64, Money)>) -> (u64, Option<Money>) {
    parts.fold((0, Some(Money::ZERO)), |(rows, sum), (more, total)| {
        (rows + more, sum.and_then(|sum| sum.plus(*total)))
    })
}
