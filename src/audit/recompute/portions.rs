//! The portions of a payout (plan reference, "Portions").

use anyhow::Result;
use num_bigint::BigInt;
use num_traits::Zero;

use crate::audit::recompute::claims::{SeenClaim, found};
use crate::audit::recompute::formula;
use crate::audit::recompute::number::{Fraction, amount, down, half_up, of, ten_to, up, whole};
use crate::plan::cell::Cells as _;
use crate::plan::portion::{PortionBase, PortionRule};
use crate::plan::{DeductionRounding, Plan};

/// The portions of the payouts of a claimant, in minor units.
pub(super) fn portions(
    plan: &Plan,
    claim: &SeenClaim<'_>,
    payouts: &[BigInt],
) -> Result<Vec<BigInt>> {
    let minor = whole(ten_to(plan.settlement.currency.decimals()));
    let payout: BigInt = payouts.iter().sum();
    let mut left = payout.clone();
    let mut portions = Vec::new();
    for portion in &plan.portions {
        let base = |base: PortionBase| -> Fraction {
            whole(match base {
                PortionBase::Payout => payout.clone(),
                PortionBase::Remaining => left.clone(),
                PortionBase::Pool(pool) => payouts.get(pool).cloned().unwrap_or_default(),
            })
        };
        let hundred = whole(BigInt::from(100));
        let exact = match &portion.rule {
            PortionRule::Rest => base(PortionBase::Remaining),
            PortionRule::Part { part, of, .. } => &part.ratio * base(*of),
            PortionRule::Cell { cell, of: base_of } => {
                let percent = match (claim.cell(cell.column), cell.blank) {
                    ("", Some(blank)) => of(blank),
                    (text, _) => amount(&cell.format, text)?,
                };
                percent * base(*base_of) / hundred
            }
            PortionRule::Brackets {
                brackets,
                of: base_of,
            } => {
                let brackets = brackets.iter().map(|bracket| {
                    let end = bracket.to.map(|to| of(to) * &minor);
                    (end, bracket.part.ratio.clone())
                });
                formula::marginal(brackets, &base(*base_of))
            }
            PortionRule::Amount(amount) => {
                formula::value(amount, claim, &Fraction::zero()).map_err(found)? * &minor
            }
        };
        let rounded = match portion.round {
            DeductionRounding::Nearest => half_up(&exact),
            DeductionRounding::Down => down(&exact),
            DeductionRounding::Up => up(&exact),
        };
        let taken = rounded.min(left.clone());
        left -= &taken;
        portions.push(taken);
    }
    Ok(portions)
}
