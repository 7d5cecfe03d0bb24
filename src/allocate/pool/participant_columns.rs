//! What many have in a pool, column by column: most columns hold one value for
//! nearly everybody, and have to be looked at only once.

use rust_decimal::Decimal;

use crate::allocate::pool::PaymentLimits;
use crate::base::compact_column::CompactColumn;
use crate::base::money::Money;

/// Weights and limits; weights and offsets are counted in `W`, limits in `M`.
#[derive(Debug, Clone)]
pub struct ParticipantColumns<W, M> {
    /// Shares or award; 0 for those who are not in the pool.
    pub weights: CompactColumn<W>,
    /// Offsets.
    pub less: CompactColumn<W>,
    /// Lower limits.
    pub at_least: CompactColumn<M>,
    /// Upper limits; less than 0 where there is none, which takes half the
    /// memory.
    pub at_most: CompactColumn<M>,
    /// Whether a small payment can be dropped.
    pub droppable: CompactColumn<bool>,
}

/// Stands for an upper limit that there is not.
const NO_LIMIT: Money = Money(-1);

impl<W: Clone + PartialEq, M: Clone + PartialEq> ParticipantColumns<W, M> {
    /// Whether there is a value for each of so many in every column.
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

    /// Nobody yet; as many who have the like are expected.
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

    /// Adds what others have.
    pub fn append(&mut self, other: Self) {
        self.weights.append(other.weights);
        self.less.append(other.less);
        self.at_least.append(other.at_least);
        self.at_most.append(other.at_most);
        self.droppable.append(other.droppable);
    }

    /// What those at these places have, which are in ascending order.
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
    /// Adds somebody with this weight and these limits.
    pub fn push(&mut self, weight: Decimal, limits: &PaymentLimits) {
        self.weights.push(weight);
        self.less.push(limits.less);
        self.at_least.push(limits.at_least);
        self.at_most.push(limits.at_most.unwrap_or(NO_LIMIT));
        self.droppable.push(limits.droppable);
    }

    /// The limits at a place.
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
    /// Nobody yet.
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
