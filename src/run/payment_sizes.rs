//! Statistics of the payouts, over all paid claimants and by subclass.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::Money;
use crate::base::parallel;
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::Plan;
use crate::run::payment_statistics::PaymentStatistics;

const NO_SUBCLASS: &str = "a subclass is missing";

/// The sizes of the payouts, for all paid claimants and by subclass.
pub(crate) struct PaymentSizes {
    pub all: PaymentStatistics,
    pub subclasses: Vec<PaymentStatistics>,
    pub members: Vec<u64>,
    /// The number and the sum of held payouts by status, by index in plan order.
    pub held: BTreeMap<usize, (u64, Money)>,
}

impl PaymentSizes {
    pub(crate) fn of(plan: &Plan, claims: &Claims, distribution: &Distribution) -> Result<Self> {
        let nothing = || Self {
            all: PaymentStatistics::default(),
            subclasses: vec![PaymentStatistics::default(); plan.subclasses.len()],
            members: vec![0; plan.subclasses.len()],
            held: BTreeMap::new(),
        };
        let with_extra = distribution.with_extra_units(claims);
        let mut extra_of: HashMap<ClassId, u64> = HashMap::new();
        let mut sizes = nothing();
        for (&(class, units), &count) in &with_extra {
            *extra_of.entry(class).or_insert(0) += count;
            sizes.add(claims, distribution, class, units, count)?;
        }
        let classes = &claims.entitlements;
        let add_classes = |sizes: &mut Self, classes_of: Range<usize>| {
            for class in classes_of.filter_map(|class| ClassId::try_from(class).ok()) {
                let count = classes.count(class) - extra_of.get(&class).copied().unwrap_or(0);
                sizes.add(claims, distribution, class, 0, count)?;
            }
            Ok(())
        };
        let sums = parallel::sums_by_range(
            claims.threads,
            classes.len(),
            || Ok(nothing()),
            |sum: &mut Result<Self>, range| {
                if let Ok(sizes) = sum
                    && let Err(fault) = add_classes(sizes, range)
                {
                    *sum = Err(fault);
                }
            },
        );
        for sum in sums {
            sizes.join(sum?)?;
        }
        sizes.all.sort();
        sizes
            .subclasses
            .iter_mut()
            .for_each(PaymentStatistics::sort);
        Ok(sizes)
    }

    fn join(&mut self, other: Self) -> Result<()> {
        self.all.join(other.all);
        let subclasses = self.subclasses.iter_mut().zip(other.subclasses);
        subclasses.for_each(|(payments, more)| payments.join(more));
        let members = self.members.iter_mut().zip(other.members);
        members.for_each(|(count, more)| *count += more);
        for (status, (count, total)) in other.held {
            self.hold(status, count, total)?;
        }
        Ok(())
    }

    /// Adds held payouts of a status.
    fn hold(&mut self, status: usize, count: u64, total: Money) -> Result<()> {
        let held = self.held.entry(status).or_insert((0, Money::ZERO));
        let sum = held.1.plus(total);
        let sum = sum.ok_or_else(|| Bug::new("a sum of payouts has more than 128 bits"))?;
        *held = (held.0 + count, sum);
        Ok(())
    }

    pub(crate) fn largest(&self) -> Option<Money> {
        self.all.largest()
    }

    /// The number of payable and held claimants in a subclass.
    pub(crate) fn members(&self, subclass: usize) -> u64 {
        *self.members.get(subclass).or_bug(NO_SUBCLASS)
    }

    /// Adds claimants of a class who receive extra units.
    fn add(
        &mut self,
        claims: &Claims,
        distribution: &Distribution,
        class: ClassId,
        units: usize,
        count: u64,
    ) -> Result<()> {
        let too_large = || Bug::new("a payout has more than 128 bits");
        let payout = distribution
            .payout(class)
            .and_then(|payout| payout.plus(Money(i128::try_from(units).ok()?)));
        let payout = payout.ok_or_else(too_large)?;
        let group = claims.entitlements.group_of(class);
        for &subclass in &group.subclasses {
            *self.members.get_mut(subclass).or_bug(NO_SUBCLASS) += count;
        }
        if payout == Money::ZERO || count == 0 {
            return Ok(());
        }
        if let ClaimStatus::Held(status) = group.claim_status {
            let total = payout.0.checked_mul(i128::from(count)).map(Money);
            return self.hold(status, count, total.ok_or_else(too_large)?);
        }
        if group.claim_status != ClaimStatus::Payable {
            return Ok(());
        }
        self.all.add(payout, count);
        for &subclass in &group.subclasses {
            let payments = self.subclasses.get_mut(subclass);
            payments.or_bug(NO_SUBCLASS).add(payout, count);
        }
        Ok(())
    }
}
