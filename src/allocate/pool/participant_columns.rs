//! Entitlements in a pool, column by column. Most columns hold one value for nearly
//! all participants and are read only once.

use rust_decimal::Decimal;

use crate::allocate::pool::PaymentLimits;
use crate::base::compact_column::CompactColumn;
use crate::base::money::Money;

/// Weights and limits; weights and offsets are counted in `W`, limits in `M`.
#[derive(Debug, Clone)]
pub struct ParticipantColumns<W, M> {
    /// Shares or award; 0 for claimants who do not participate.
    pub weights: CompactColumn<W>,
    pub less: CompactColumn<W>,
    pub at_least: CompactColumn<M>,
    /// Upper limits. A negative value means no limit, which halves the memory.
    pub at_most: CompactColumn<M>,
    /// True if a small payment may be dropped.
    pub droppable: CompactColumn<bool>,
}

/// Represents the absence of an upper limit.
const NO_LIMIT: Money = Money(-1);

impl<W: Clone + PartialEq, M: Clone + PartialEq> ParticipantColumns<W, M> {
    /// True if every column has `count` values.
    pub fn have_all(&self, count: usize) -> bool {
        let Self {
            weights,
            less,
            at_least,
            at_most,
            droppable,
        } = self;
        [
            weights.count(),
            less.count(),
            at_least.count(),
            at_most.count(),
        ] == [count; 4]
            && droppable.count() == count
    }

    /// Empty columns that expect values like these.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            weights: self.weights.another(),
            less: self.less.another(),
            at_least: self.at_least.another(),
            at_most: self.at_most.another(),
            droppable: self.droppable.another(),
        }
    }

    pub fn append(&mut self, other: Self) {
        self.weights.append(other.weights);
        self.less.append(other.less);
        self.at_least.append(other.at_least);
        self.at_most.append(other.at_most);
        self.droppable.append(other.droppable);
    }

    /// The entitlements at these indexes, which must be in ascending order.
    #[must_use]
    pub fn select(&self, places: &[u32]) -> Self {
        Self {
            weights: self.weights.select(places),
            less: self.less.select(places),
            at_least: self.at_least.select(places),
            at_most: self.at_most.select(places),
            droppable: self.droppable.select(places),
        }
    }
}

impl ParticipantColumns<Decimal, Money> {
    pub fn push(&mut self, weight: Decimal, limits: &PaymentLimits) {
        self.weights.push(weight);
        self.less.push(limits.less);
        self.at_least.push(limits.at_least);
        self.at_most.push(limits.at_most.unwrap_or(NO_LIMIT));
        self.droppable.push(limits.droppable);
    }

    pub fn limits(&self, place: usize) -> PaymentLimits {
        PaymentLimits {
            less: self.less.at(place),
            at_least: self.at_least.at(place),
            at_most: Some(self.at_most.at(place)).filter(|most| *most != NO_LIMIT),
            droppable: self.droppable.at(place),
        }
    }
}

impl Default for ParticipantColumns<Decimal, Money> {
    fn default() -> Self {
        let none = PaymentLimits::NONE;
        Self {
            weights: CompactColumn::new(Decimal::ZERO),
            less: CompactColumn::new(none.less),
            at_least: CompactColumn::new(none.at_least),
            at_most: CompactColumn::new(NO_LIMIT),
            droppable: CompactColumn::new(none.droppable),
        }
    }
}
