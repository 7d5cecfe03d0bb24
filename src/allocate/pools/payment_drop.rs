//! Removes claimants whose payments from all pools together are too small (plan
//! reference, "A minimum over all pools").
//!
//! Claimants of one class may receive different payments if only some of them receive one
//! more unit from a pool. If some of these stay and some do not, the class is split.

use crate::allocate::classes::EntitlementClasses;
use crate::allocate::pools::Distribution;
use crate::base::compact_column::index;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::claims::claim_list::{ClaimList, ClassId};
use crate::plan::MinimumPayment;

/// The claimants who are out of all pools.
#[derive(Debug, Default)]
pub struct RemovedClaimants {
    /// Their number.
    pub count: u64,
    /// The sum of their payments before they were removed.
    pub total: Money,
    /// By class, true if it is removed.
    classes: Vec<bool>,
}

impl RemovedClaimants {
    pub fn has(&self, class: ClassId) -> bool {
        self.classes.get(index(class)) == Some(&true)
    }
}

/// A class of which only some claimants stay.
#[derive(Debug)]
pub struct ClassSplit {
    class: ClassId,
    /// The last id of those who stay, if ids are known.
    last: Option<Vec<u8>>,
    /// The class of the others.
    removed: ClassId,
}

/// The number of claimants of a class who receive one more unit from a pool, and the
/// last of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct MoreUnits<'a> {
    count: u64,
    last: Option<&'a [u8]>,
}

/// Finds the claimants whose payments are too small. `None` if a sum is too large.
pub(super) fn remove(
    rule: &MinimumPayment,
    entitlements: &mut EntitlementClasses,
    distribution: &Distribution,
) -> Option<(RemovedClaimants, Vec<ClassSplit>)> {
    let mut removed = RemovedClaimants {
        classes: vec![false; entitlements.len()],
        ..RemovedClaimants::default()
    };
    let mut splits = Vec::new();
    let classes = entitlements.classes();
    let classes: Vec<ClassId> = classes
        .filter(|class| may_be_removed(*class, entitlements, distribution))
        .collect();
    for class in classes {
        let payout = distribution.payout(class)?;
        if !rule.is_small(payout) {
            continue;
        }
        let count = entitlements.count(class);
        let more = more_units(distribution, class);
        // The number of further units with which a payment is large enough.
        let enough = (0..more.len()).find(|units| {
            let units = i128::try_from(units + 1).ok();
            let sum = units.and_then(|units| payout.plus(Money(units)));
            sum.is_some_and(|sum| !rule.is_small(sum))
        });
        // A claimant who receives several units is among the first of each pool.
        let staying = enough.and_then(|place| more.get(place));
        let stay = staying.map_or(0, |more| more.count);
        let gone = count.checked_sub(stay).or_bug("a class has lost claimants");
        if gone == 0 {
            continue;
        }
        let units = more.iter().map(|more| more.count.saturating_sub(stay));
        let units = Money(units.map(i128::from).sum());
        removed.count += gone;
        removed.total = removed.total.plus(payout.times(gone)?)?.plus(units)?;
        let of_removed = match staying {
            None => class,
            Some(staying) => {
                let other = entitlements.split(class, gone);
                removed.classes.push(false);
                splits.push(ClassSplit {
                    class,
                    last: staying.last.map(<[u8]>::to_vec),
                    removed: other,
                });
                other
            }
        };
        let mark = removed.classes.get_mut(index(of_removed));
        *mark.or_bug("a class has no mark for being removed") = true;
    }
    Some((removed, splits))
}

/// True if claimants of a class participate in some pool and can be removed.
fn may_be_removed(
    class: ClassId,
    entitlements: &EntitlementClasses,
    distribution: &Distribution,
) -> bool {
    let mut pools = 0..distribution.pools.len();
    entitlements.count(class) > 0
        && entitlements.group_of(class).removable
        && pools.any(|pool| !distribution.weight(entitlements, class, pool).is_zero())
}

/// The claimants of a class who receive one more unit from some pool: most claimants
/// first.
fn more_units(distribution: &Distribution, class: ClassId) -> Vec<MoreUnits<'_>> {
    let mut more = Vec::new();
    for pool in &distribution.pools {
        let of_class = pool
            .extra_by_class
            .iter()
            .filter(|(known, _)| *known == class);
        let count = of_class.map(|(_, count)| count).sum();
        if count > 0 {
            let last = pool.last_with_one_more(class);
            more.push(MoreUnits { count, last });
        }
    }
    more.sort_unstable_by(|one, other| other.cmp(one));
    more
}

/// Moves the rows of split classes.
pub(super) fn move_rows(claims: &mut ClaimList, splits: &[ClassSplit]) {
    if splits.is_empty() {
        return;
    }
    for part in claims.parts_mut() {
        let moved: Vec<(usize, ClassId)> = part
            .rows()
            .enumerate()
            .filter_map(|(place, row)| {
                let split = splits.iter().find(|split| split.class == row.class)?;
                let stays = split.last.as_deref().is_some_and(|last| row.id <= last);
                (!stays).then_some((place, split.removed))
            })
            .collect();
        for (place, class) in moved {
            *part.classes.get_mut(place).or_bug("a row is in no part") = class;
        }
    }
}
