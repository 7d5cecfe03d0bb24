//! The result of a pool: its figures, the payment of each class, and the claimants who
//! receive one more unit.

use std::ops::Range;

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Zero;
use rust_decimal::Decimal;

use crate::allocate::classes::{ClassParticipants, EntitlementClasses};
use crate::allocate::pool::{Ahead, Division};
use crate::base::compact_column::{CompactColumn, index};
use crate::base::decimal::WeightedSum;
use crate::base::diagnostics::OrBug;
use crate::base::money::Money;
use crate::base::parallel;
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::NotEconomical;

const UNKNOWN_CLASS: &str = "a claimant has no class";

/// The figures of a pool, or of one of its parts.
#[derive(Debug, Clone)]
pub struct PoolFigures {
    pub available: Money,
    /// The rate in minor units per share, or per unit of award. A pool that is divided
    /// by parts has none of its own.
    pub rate: Option<Ratio<BigInt>>,
    /// With `unit = "share"`, the rate after rounding.
    pub unit_rate: Option<BigInt>,
    /// The number of claimants who participate and are not dropped.
    pub participants: u64,
    /// The sum of their shares, or of their awards in currency.
    pub weight: Ratio<BigInt>,
    /// The amount paid to payable claims.
    pub paid: Money,
    /// The amount held pending determination.
    pub held: Money,
    /// The number of claimants dropped because of a small payment.
    pub dropped: u64,
    /// The amount neither paid nor held.
    pub left: Money,
    /// The claimants who have had more than the rate gives them, if they are counted.
    pub ahead: Option<Ahead>,
}

/// The result of one pool.
#[derive(Debug)]
pub struct PoolOutcome {
    pub figures: PoolFigures,
    /// The parts of a pool with `by`, in plan order; otherwise empty, as in a pool that is
    /// not divided.
    pub parts: Vec<PoolFigures>,
    /// The reason why the pool is not divided.
    pub not_economical: Option<NotEconomical>,
    /// The shares or award of each class, if they depend on earlier pools.
    pub(super) weights: Option<CompactColumn<Decimal>>,
    /// The payment to each claimant of a class, by class.
    payments: CompactColumn<Money>,
    /// By class, true if it is dropped; empty if none is.
    dropped_classes: Vec<bool>,
    /// The claimants who receive one more unit.
    extra: ExtraUnits,
    /// The number of claimants in each class who receive one more unit.
    pub extra_by_class: Vec<(ClassId, u64)>,
}

/// The claimants who receive one more unit.
#[derive(Debug, Default)]
struct ExtraUnits {
    /// By class, the position in `last` plus 1; 0 if no claimant of the class does.
    /// Empty if no class does.
    classes: Vec<u32>,
    /// The last ids.
    last: Vec<Vec<u8>>,
}

/// Claimants of certain classes, up to an id in byte order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstIds {
    pub classes: Vec<ClassId>,
    /// The last id.
    pub last: Vec<u8>,
}

/// The recipients of units that do not suffice for all claimants with the same
/// remainder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftoverRecipients {
    /// The claimants, if any.
    pub ids: Option<FirstIds>,
    /// The number of claimants in each class.
    pub by_class: Vec<(ClassId, u64)>,
}

/// A pool, or one of its parts, after its division.
#[derive(Debug)]
pub(super) struct DividedPart {
    pub available: Money,
    pub division: Division,
    /// The classes that participate, in ascending order.
    pub classes: Vec<ClassId>,
    pub chosen: LeftoverRecipients,
}

impl PoolOutcome {
    /// The payment to each claimant of a class, without units that only some rows
    /// receive.
    pub fn payment(&self, class: ClassId) -> Money {
        self.payments.at(index(class))
    }

    /// True if the claimant of this class with this id receives one more unit.
    pub fn gives_one_more(&self, class: ClassId, id: &[u8]) -> bool {
        self.last_with_one_more(class)
            .is_some_and(|last| id <= last)
    }

    /// The last id, in byte order, of claimants of this class who receive one more
    /// unit.
    pub fn last_with_one_more(&self, class: ClassId) -> Option<&[u8]> {
        let place = *self.extra.classes.get(index(class))?;
        let last = self.extra.last.get(index(place.checked_sub(1)?));
        Some(last.or_bug("the last claimant with one more unit is missing"))
    }

    /// True if some claimants receive one more unit than others of their class.
    pub fn gives_some_one_more(&self) -> bool {
        !self.extra.last.is_empty()
    }

    pub fn drops(&self, class: ClassId) -> bool {
        self.dropped_classes.get(index(class)) == Some(&true)
    }

    /// The outcome of a pool, from its division. `None` if a sum is too large.
    pub(super) fn of_pool(part: DividedPart, participants: &ClassParticipants<'_>) -> Option<Self> {
        let all = participants.entitlements.len();
        let figures = PoolFigures::of(&part, participants)?;
        let mut outcome = Self::empty(figures);
        outcome.mark(&part, all);
        outcome.payments =
            CompactColumn::Each(by_class(part.division.payments, &part.classes, all));
        outcome.extra_by_class = part.chosen.by_class;
        Some(outcome)
    }

    /// The outcome of a pool with this money, from the divisions of its parts.
    pub(super) fn of_parts(
        available: Money,
        parts: Vec<DividedPart>,
        participants: &ClassParticipants<'_>,
    ) -> Option<Self> {
        let all = participants.entitlements.len();
        let mut outcome = Self::empty(PoolFigures::nothing(available));
        let mut payments = vec![Money::ZERO; all];
        for part in parts {
            let figures = PoolFigures::of(&part, participants)?;
            outcome.figures.add(&figures)?;
            outcome.parts.push(figures);
            outcome.mark(&part, all);
            for (&class, payment) in part.classes.iter().zip(part.division.payments) {
                *payments.get_mut(index(class)).or_bug(UNKNOWN_CLASS) = payment;
            }
            outcome.extra_by_class.extend(part.chosen.by_class);
        }
        outcome.payments = CompactColumn::Each(payments);
        Some(outcome)
    }

    /// A pool that is not divided, because that would not be economical.
    pub(super) fn not_economical(available: Money, reason: NotEconomical, all: usize) -> Self {
        Self {
            not_economical: Some(reason),
            payments: CompactColumn::Each(vec![Money::ZERO; all]),
            ..Self::empty(PoolFigures::nothing(available))
        }
    }

    fn empty(figures: PoolFigures) -> Self {
        Self {
            figures,
            parts: Vec::new(),
            not_economical: None,
            weights: None,
            payments: CompactColumn::new(Money::ZERO),
            dropped_classes: Vec::new(),
            extra: ExtraUnits::default(),
            extra_by_class: Vec::new(),
        }
    }

    /// Marks the classes that are dropped, and those of which some claimants receive
    /// one more unit.
    fn mark(&mut self, part: &DividedPart, all: usize) {
        let dropped = &part.division.dropped;
        if dropped.contains(&true) {
            self.dropped_classes.resize(all, false);
            for (position, (&class, &dropped)) in part.classes.iter().zip(dropped).enumerate() {
                let dropped = dropped && !part.division.leaves_with_nothing(position);
                *self
                    .dropped_classes
                    .get_mut(index(class))
                    .or_bug(UNKNOWN_CLASS) = dropped;
            }
        }
        if let Some(FirstIds { classes, last }) = &part.chosen.ids {
            self.extra.last.push(last.clone());
            self.extra.classes.resize(all, 0);
            let place = u32::try_from(self.extra.last.len()).ok();
            for &class in classes {
                let of_class = self.extra.classes.get_mut(index(class));
                *of_class.or_bug(UNKNOWN_CLASS) = place.or_bug("a pool has too many parts");
            }
        }
    }
}

impl PoolFigures {
    fn nothing(available: Money) -> Self {
        Self {
            available,
            rate: None,
            unit_rate: None,
            participants: 0,
            weight: Ratio::zero(),
            paid: Money::ZERO,
            held: Money::ZERO,
            dropped: 0,
            left: available,
            ahead: None,
        }
    }

    /// Adds up a division.
    fn of(part: &DividedPart, participants: &ClassParticipants<'_>) -> Option<Self> {
        let mut sums = Some(Self::nothing(part.available));
        parallel::by_range(
            participants.threads,
            part.classes.len(),
            |range| Self::of_some(part, participants, range),
            |some| {
                sums = sums.take().zip(some).and_then(|(mut sums, some)| {
                    sums.add(&some)?;
                    Some(sums)
                });
            },
        );
        let mut sums = sums?;
        for &(class, units) in &part.chosen.by_class {
            sums.pay(participants.entitlements, class, Money(i128::from(units)))?;
        }
        sums.rate.clone_from(&part.division.rate);
        sums.unit_rate.clone_from(&part.division.unit_rate);
        sums.ahead.clone_from(&part.division.ahead);
        Some(sums)
    }

    fn of_some(
        part: &DividedPart,
        participants: &ClassParticipants<'_>,
        range: Range<usize>,
    ) -> Option<Self> {
        let mut sums = Self::nothing(Money::ZERO);
        let mut weight = WeightedSum::default();
        for position in range {
            let class = *part
                .classes
                .get(position)
                .or_bug("a participant has no class");
            let count = participants.entitlements.count(class);
            let dropped = part.division.dropped.get(position);
            if *dropped.or_bug("a participant has no mark for being dropped") {
                if !part.division.leaves_with_nothing(position) {
                    sums.dropped += count;
                }
                continue;
            }
            sums.participants += count;
            weight.add(participants.weight(class), count);
            let payment = part.division.payments.get(position);
            let payment = payment.or_bug("a participant has no payment");
            sums.pay(participants.entitlements, class, payment.times(count)?)?;
        }
        sums.weight = weight.total();
        Some(sums)
    }

    /// Adds payments to claimants of a class.
    fn pay(
        &mut self,
        entitlements: &EntitlementClasses,
        class: ClassId,
        total: Money,
    ) -> Option<()> {
        let sum = match entitlements.group_of(class).claim_status {
            ClaimStatus::Held(_) => &mut self.held,
            ClaimStatus::Payable => &mut self.paid,
            ClaimStatus::Excluded(_) | ClaimStatus::Denied(_) => {
                None.or_bug("a pool pays claimants who do not participate")
            }
        };
        *sum = sum.plus(total)?;
        self.left = self.left.minus(total)?;
        Some(())
    }

    /// Adds the participants and payments of a part.
    fn add(&mut self, part: &Self) -> Option<()> {
        self.participants += part.participants;
        self.dropped += part.dropped;
        self.weight += &part.weight;
        self.paid = self.paid.plus(part.paid)?;
        self.held = self.held.plus(part.held)?;
        self.left = self.left.minus(part.paid.plus(part.held)?)?;
        if let Some(more) = &part.ahead {
            let ahead = self.ahead.get_or_insert_default();
            ahead.claimants += more.claimants;
            ahead.total += &more.total;
        }
        Some(())
    }
}

/// Expands payments of participants, in ascending order of class, to payments of
/// all classes; in place, from last to first.
fn by_class(mut payments: Vec<Money>, classes: &[ClassId], all: usize) -> Vec<Money> {
    payments.resize(all, Money::ZERO);
    for (position, &class) in classes.iter().enumerate().rev() {
        payments.swap(position, index(class));
    }
    payments
}
